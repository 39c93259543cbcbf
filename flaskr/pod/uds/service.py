"""The simulated CUCM User Data Services, as the pod runs them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from flaskr.pod.company import Company
from flaskr.pod.faults.documents import with_attribute
from flaskr.pod.service import Credential, ServerState, WebService, settings_named
from flaskr.pod.uds.api import BASE, CHALLENGE, UdsApi
from flaskr.pod.uds.switches import UdsSwitches

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class UdsService(WebService):
    """The UDS of a company; nothing in it changes."""

    name = "uds"
    title = "UDS"
    base = BASE
    usual_port = 8443
    credential_options = (
        Credential("uds_username", "pod6reader", "user name for the UDS, where it wants one"),
        Credential("uds_password", "Pod6-lab-uds", "password for the UDS, where it wants one"),
    )
    switch_group = UdsSwitches
    offset_parameters = ("start",)

    def __init__(self, company: Company, credentials: Sequence[str]) -> None:
        super().__init__(company, credentials)
        self.username, self.password = credentials
        self.switches: UdsSwitches = UdsSwitches()
        self.state = ServerState()

    def app(self, url: str) -> WSGIApplication:
        """Return the WSGI app; `url` stands in the attribute `uri` of what it shows."""
        return UdsApi(self.company, self.switches, self.username, self.password, url).app()

    def challenge(self) -> Mapping[str, str]:
        """Return the headers with which a UDS says 401."""
        return CHALLENGE

    def with_total(self, body: bytes, wording: str | None) -> bytes:
        """Return a list with another total in its root element, or without one."""
        return with_attribute(body, "totalCount", wording)

    def settings(self, host: str, ports: Sequence[int], ca_file: str) -> dict[str, str]:
        """Return the settings CUCM_..., the credentials only where the UDS wants them."""
        login = self.credentials if self.switches.uds_authentication else ()
        return settings_named("CUCM", host, ports[0], ca_file, login)

    def introduction(self, url: str, curl: str) -> str:
        """Return a paragraph for people."""
        login, command = "open to all", curl
        if self.switches.uds_authentication:
            login = f"user name {self.username}, password {self.password}"
            command += f" -u {shlex.quote(f'{self.username}:{self.password}')}"
        return f"""\
The UDS is {url} ({login}):

  {command} '{url}/users?username=pod6user1'
  {command} '{url}/users?last=user&max=5'"""
