"""The pod: the simulated servers together, with their control port."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType

from flaskr.pod.checks import BadInput
from flaskr.pod.cms.collection import Collection
from flaskr.pod.cms.state import CmsState
from flaskr.pod.company import Company
from flaskr.pod.control.port import ControlPort
from flaskr.pod.faults.fault import Fault
from flaskr.pod.faults.waiting import Faults
from flaskr.pod.servers import CATALOGUE, SERVERS
from flaskr.pod.service import Service
from flaskr.pod.switches import Switches, as_dict
from flaskr.pod.wire.certificates import Certificates
from flaskr.pod.wire.connection import SiteConnection
from flaskr.pod.wire.exchange import OutgoingAnswer, ReceivedRequest, run
from flaskr.pod.wire.http import HttpConnection
from flaskr.pod.wire.journal import Journal
from flaskr.pod.wire.server import PodServer
from flaskr.pod.wire.site import Site
from flaskr.pod.wire.switches import ConnectionSwitches

LOOPBACK = "127.0.0.1"
CONTROL = "control"


class Pod:
    """The simulated servers, from `start` to `stop`, or as long as the `with` block lasts.

    `spaces`, `switches`, `faults` and `journal` are what the control port shows and changes too.
    `options` are the servers' ports (`cms_port`, `uds_port`, `control_port` and so on; 0, as
    without one, is any free port) and credentials (`username` and `password` of the CMS,
    `uds_username`, `webex_token` and so on of the others).
    `call_bridges` CMS servers share one database; the first is `cms`, the others are `cms2` and so
    on, at ports from `call_bridge_port` on. `company` is who works there.
    State is fresh at every start, and again after `reset`; `seed` makes repeatable what happens by
    chance; `faults` are worded as on the command line.
    Raises BadInput for a host that is not loopback (the credentials are known to all) and for a
    switch or fault that is refused, TypeError for an option that no server has.
    """

    def __init__(
        self,
        host: str = LOOPBACK,
        *,
        switches: Mapping[str, object] | None = None,
        faults: Sequence[str] = (),
        seed: int | None = None,
        company: Company | None = None,
        call_bridges: int = 1,
        call_bridge_port: int = 0,
        **options: int | str,
    ) -> None:
        if not _is_loopback(host):
            raise BadInput(f"The pod listens on loopback addresses only, such as {LOOPBACK}.")
        self.host = host
        self._ports = _take_ports(options)
        self._credentials = _take_credentials(options)
        self.services = self._make_services(company or Company(), call_bridges)
        further = [name for name in self.services if name not in self._ports]
        for number, name in enumerate(further):
            self._ports[name] = call_bridge_port and call_bridge_port + number
        if options:
            raise TypeError(f"A pod has no option {', '.join(options)}.")
        self._connections = ConnectionSwitches()
        groups = (self.services[server.name].switches for server in SERVERS)
        self.switches = Switches([self._connections, *groups])
        self.switches.update(switches or {})
        self.switches_at_start: Mapping[str, object] = as_dict(self.switches)
        self.faults = Faults(CATALOGUE, faults, seed)
        self.journal = Journal()
        self._control_app = ControlPort(self).app()
        self._listening: dict[str, PodServer] = {}
        self._ending = ExitStack()
        # The path of the certificate of the CA that signed the servers' certificates.
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
        """Start the servers. Raises PortUnavailable, and start none, where one has no port."""
        self.reset()
        certificates = Certificates()
        self._ending.callback(certificates.remove)
        self.ca_file = str(certificates.ca_file)
        try:
            for service in self.services.values():
                self._listen(self._site(service), service.connection, certificates)
            control = Site(CONTROL, self._control, Journal(), self._connections)
            self._listen(control, HttpConnection)
        except BaseException:
            self.stop()
            raise
        for name, service in self.services.items():
            service.open(self.url(name))
        for server in self._listening.values():
            server.start()

    def stop(self) -> None:
        """Stop the servers at once, whatever they are at, and remove the CA's file."""
        self._ending.close()
        self._listening.clear()

    def reset(self) -> None:
        """Go back to the Spaces, switches and faults of the start, with an empty journal.

        Requests that are being answered or held are cut off, and have no effect after it.
        """
        for server in self._listening.values():
            if server.site.name != CONTROL:
                server.site.abandon()
        for service in self.services.values():
            service.state.reset()
        self.switches.update(self.switches_at_start)
        self.faults.reset()
        self.journal.clear()

    def port(self, server: str) -> int:
        """Return the port of a server; before the start, the one that was asked for."""
        listening = self._listening.get(server)
        return listening.port if listening else self._ports[server]

    def url(self, server: str) -> str:
        """Return where clients find a server."""
        return self.services[server].url(self._at(server))

    @property
    def spaces(self) -> Collection:
        """Return the Spaces of the CMS."""
        state = self.services["cms"].state
        assert isinstance(state, CmsState)
        return state.spaces

    @property
    def username(self) -> str:
        """Return the user name that the CMS knows."""
        return self._credentials["username"]

    @property
    def password(self) -> str:
        """Return that user's password."""
        return self._credentials["password"]

    @property
    def uds_username(self) -> str:
        """Return the user name that the UDS knows."""
        return self._credentials["uds_username"]

    @property
    def uds_password(self) -> str:
        """Return that user's password."""
        return self._credentials["uds_password"]

    @property
    def cms_port(self) -> int:
        """Return the port of the CMS."""
        return self.port("cms")

    @property
    def uds_port(self) -> int:
        """Return the port of the UDS."""
        return self.port("uds")

    @property
    def control_port(self) -> int:
        """Return the control port."""
        return self.port(CONTROL)

    @property
    def cms_url(self) -> str:
        """Return where the API of the CMS begins."""
        return self.url("cms")

    @property
    def uds_url(self) -> str:
        """Return where the UDS begins."""
        return self.url("uds")

    @property
    def control_url(self) -> str:
        """Return where the control port is, without a slash at the end."""
        return f"http://{self._at(CONTROL)}"

    @property
    def settings(self) -> dict[str, str]:
        """Return the environment settings with which a portal finds and trusts the pod."""
        found: dict[str, str] = {}
        for server in SERVERS:
            ports = [self.port(name) for name in server.names() if name in self.services]
            found |= self.services[server.name].settings(self.host, ports, self.ca_file)
        return found

    def _make_services(self, company: Company, call_bridges: int) -> Mapping[str, Service]:
        made: list[Service] = []
        for server in SERVERS:
            known = [self._credentials[each.option] for each in server.credential_options]
            first = server(company, known)
            made += [first, *first.companions(call_bridges - 1)]
        return {service.name: service for service in made}

    def _site(self, service: Service) -> Site:
        return Site(
            service.name, self._respond, self.journal, self._connections,
            service.handshake, service.tls_at_once,
        )

    def _listen(
        self, site: Site, speak: type[SiteConnection], certificates: Certificates | None = None
    ) -> None:
        address = (self.host, self._ports[site.name])
        server = PodServer(site, speak, address, certificates)
        self._ending.callback(server.stop)
        self._listening[site.name] = server

    def _respond(self, request: ReceivedRequest) -> OutgoingAnswer:
        """Answer a request to one of the simulated servers, with the faults that are due."""
        service = self.services[request.server]
        if service.is_down():
            raise ConnectionAbortedError(f"{service.name} is switched off")
        faults = self.faults.take(request)
        answer = self._carry_out(request, service, faults)
        for fault in faults:
            fault.damage(answer, service)
        if not faults:
            service.encode(request, answer)
        answer.faults = [fault.fault for fault in faults]
        return answer

    def _carry_out(
        self, request: ReceivedRequest, service: Service, faults: Sequence[Fault]
    ) -> OutgoingAnswer:
        """Return a server's own answer. What it did is undone where a fault says so."""
        kept = all(fault.takes_effect for fault in faults)
        with service.state.attempt(keep=True):
            request.go_on()
            for fault in faults:
                request = fault.prepare(request, service)
            with service.state.attempt(keep=kept):
                answer = service.answer(request)
        answer.log_in = answer.log_in and kept
        return answer

    def _control(self, request: ReceivedRequest) -> OutgoingAnswer:
        return run(self._control_app, request)

    def _at(self, server: str) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port(server)}"


def _take_ports(options: dict[str, int | str]) -> dict[str, int]:
    """Return the port of each server, taken out of the options; 0 where none is given."""
    names = [*(server.name for server in SERVERS), CONTROL]
    return {name: int(options.pop(f"{name}_port", 0)) for name in names}


def _take_credentials(options: dict[str, int | str]) -> dict[str, str]:
    """Return what clients of the servers have to know, by option, taken out of the options."""
    return {
        each.option: str(options.pop(each.option, each.default))
        for server in SERVERS
        for each in server.credential_options
    }


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
