"""A simulated pod: a Cisco Meeting Server and CUCM User Data Services on this machine.

    with Pod() as pod:
        print(pod.cms_url, pod.settings)

Everything is in memory and made up; importing the package starts nothing.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from types import TracebackType
from typing import TYPE_CHECKING

from flaskr.pod import cms, uds
from flaskr.pod.certificates import Certificates
from flaskr.pod.checks import BadInput
from flaskr.pod.control import Control
from flaskr.pod.exchange import Answer, Request, run
from flaskr.pod.faults import Faults
from flaskr.pod.journal import Journal
from flaskr.pod.people import USERS, initial_spaces
from flaskr.pod.server import PortUnavailable, Server
from flaskr.pod.state import Spaces
from flaskr.pod.switches import Switches

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

__all__ = ["BadInput", "Pod", "PortUnavailable"]

LOOPBACK = "127.0.0.1"


class Pod:
    """The simulated servers, from `start` to `stop`, or as long as the `with` block lasts.

    `spaces`, `switches`, `faults` and `journal` are what the control port shows and changes too.
    A port 0 is any free port. State is fresh at every start, and again after `reset`; `seed`
    makes repeatable what happens by chance; `faults` are worded as on the command line.
    Raises BadInput for a host that isn't loopback (the credentials are known to all) and for a
    switch or fault that won't do.
    """

    def __init__(
        self,
        host: str = LOOPBACK,
        cms_port: int = 0,
        uds_port: int = 0,
        control_port: int = 0,
        *,
        username: str = "admin",
        password: str = "Pod6-lab-cms",
        uds_username: str = "pod6reader",
        uds_password: str = "Pod6-lab-uds",
        switches: Mapping[str, object] | None = None,
        faults: Sequence[str] = (),
        seed: int | None = None,
    ) -> None:
        if not _is_loopback(host):
            raise BadInput(f"The pod listens on loopback addresses only, such as {LOOPBACK}.")
        self.host = host
        self.username, self.password = username, password
        self.uds_username, self.uds_password = uds_username, uds_password
        self.spaces = Spaces(initial_spaces())
        self.switches = Switches()
        self.switches.update(switches or {})
        self.switches_at_start = asdict(self.switches)
        self.faults = Faults(faults, seed)
        self.journal = Journal()
        self._ports = {"cms": cms_port, "uds": uds_port, "control": control_port}
        self._servers: dict[str, Server] = {}
        self._ending = ExitStack()
        #: The path of the certificate of the CA that signed the servers' certificates.
        self.ca_file = ""

    def __enter__(self) -> Pod:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the servers; where one can't have its port, start none: PortUnavailable."""
        self.reset()
        certificates = Certificates()
        self._ending.callback(certificates.remove)
        self.ca_file = str(certificates.ca_file)
        try:
            self._listen("cms", self._respond, self.journal, certificates)
            self._listen("uds", self._respond, self.journal, certificates)
            self._listen("control", self._control, Journal())
        except BaseException:
            self.stop()
            raise
        self._apps = self._make_apps()
        for server in self._servers.values():
            server.start()

    def stop(self) -> None:
        """Stop the servers at once, whatever they are at, and remove the CA's file."""
        self._ending.close()
        self._servers.clear()

    def reset(self) -> None:
        """Go back to the Spaces, switches and faults of the start, with an empty journal."""
        self.spaces.reset()
        self.switches.update(self.switches_at_start)
        self.faults.reset()
        self.journal.clear()

    @property
    def cms_port(self) -> int:
        """The port of the CMS."""
        return self._servers["cms"].port

    @property
    def uds_port(self) -> int:
        """The port of the UDS."""
        return self._servers["uds"].port

    @property
    def control_port(self) -> int:
        """The control port."""
        return self._servers["control"].port

    @property
    def cms_url(self) -> str:
        """Where the API of the CMS begins."""
        return f"https://{self._at(self.cms_port)}{cms.BASE}"

    @property
    def uds_url(self) -> str:
        """Where the UDS begins."""
        return f"https://{self._at(self.uds_port)}{uds.BASE}"

    @property
    def control_url(self) -> str:
        """Where the control port is, without a slash at the end."""
        return f"http://{self._at(self.control_port)}"

    @property
    def settings(self) -> dict[str, str]:
        """The environment settings with which a client finds and trusts the pod."""
        found = {
            "CMS_HOSTNAME": self.host,
            "CMS_PORT": str(self.cms_port),
            "CMS_USERNAME": self.username,
            "CMS_PASSWORD": self.password,
            "CMS_TLS_VERIFY": self.ca_file,
            "CUCM_HOSTNAME": self.host,
            "CUCM_PORT": str(self.uds_port),
            "CUCM_TLS_VERIFY": self.ca_file,
        }
        if self.switches.uds_authentication:
            found |= {"CUCM_USERNAME": self.uds_username, "CUCM_PASSWORD": self.uds_password}
        return found

    def _listen(
        self,
        name: str,
        respond: Callable[[Request], Answer],
        journal: Journal,
        certificates: Certificates | None = None,
    ) -> None:
        address = (self.host, self._ports[name])
        server = Server(name, address, respond, journal, self.switches, certificates)
        self._ending.callback(server.stop)
        self._servers[name] = server

    def _make_apps(self) -> dict[str, WSGIApplication]:
        spaces, switches = self.spaces, self.switches
        users = uds.Uds(USERS, switches, self.uds_username, self.uds_password, self.uds_url)
        meetings = cms.Cms(spaces, switches, self.username, self.password, time.monotonic())
        return {"cms": meetings.app(), "uds": users.app(), "control": Control(self).app()}

    def _respond(self, request: Request) -> Answer:
        """Answer a request to one of the simulated servers, with the faults that are due."""
        faults = self.faults.take(request)
        for fault in faults:
            request = fault.prepare(request, self.spaces, self.switches)
        with self.spaces.attempt(keep=all(fault.takes_effect for fault in faults)):
            answer = run(self._apps[request.server], request)
        for fault in faults:
            fault.damage(answer)
        answer.delay += self.switches.latency(request.server)
        answer.faults = [fault.fault for fault in faults]
        return answer

    def _control(self, request: Request) -> Answer:
        return run(self._apps["control"], request)

    def _at(self, port: int) -> str:
        return f"[{self.host}]:{port}" if ":" in self.host else f"{self.host}:{port}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
