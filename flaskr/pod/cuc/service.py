"""The simulated Cisco Unity Connection, as the pod runs it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flaskr.pod.company import Company
from flaskr.pod.cuc.api import BASE, CHALLENGE, CucApi
from flaskr.pod.cuc.faults import CUC_KINDS
from flaskr.pod.cuc.pages import HTML, status_page
from flaskr.pod.cuc.pins import PIN
from flaskr.pod.cuc.state import CucState
from flaskr.pod.cuc.switches import CucSwitches
from flaskr.pod.cuc.waiting_line import LineTooLong
from flaskr.pod.faults.documents import with_attribute
from flaskr.pod.service import Credential, WebService, settings_named
from flaskr.pod.wire.exchange import OutgoingAnswer, ReceivedRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class CucService(WebService):
    """A Unity Connection with mailboxes for some of a company."""

    name = "cuc"
    title = "Unity Connection"
    base = BASE
    usual_port = 8444
    credential_options = (
        Credential("cuc_username", "cucadmin", "user name for the Unity Connection"),
        Credential("cuc_password", "Pod6-lab-cuc", "password for the Unity Connection"),
    )
    switch_group = CucSwitches
    kinds = CUC_KINDS
    offset_parameters = ("pageNumber", "offset")

    def __init__(self, company: Company, credentials: Sequence[str]) -> None:
        super().__init__(company, credentials)
        self.username, self.password = credentials
        self.switches: CucSwitches = CucSwitches()
        self.state: CucState = CucState(self.switches, company)

    def app(self, url: str) -> WSGIApplication:
        """Return the WSGI app."""
        return CucApi(self.state, self.username, self.password, url).app()

    def respond(self, app: WSGIApplication, request: ReceivedRequest) -> OutgoingAnswer:
        """Return the answer, sent when it was the request's turn; 503 where that is too late."""
        switches = self.switches
        limits = (switches.cuc_at_a_time, switches.cuc_queue, switches.cuc_queue_seconds)
        try:
            wait = self.state.line.enter(self.latency(), *limits)
        except LineTooLong as error:
            return replace(self.busy(), delay=error.seconds)
        answer = super().respond(app, request)
        answer.delay += wait
        return answer

    def busy(self) -> OutgoingAnswer:
        """Return the page that says that there are too many requests."""
        seconds = self.switches.cuc_retry_after
        more = {"Retry-After": str(seconds)} if seconds else {}
        page = status_page(503, "Server Busy").encode()
        return OutgoingAnswer(503, {"Content-Type": HTML, **more}, page)

    def with_total(self, body: bytes, wording: str | None) -> bytes:
        """Return a list that says another total, or none."""
        return with_attribute(body, "total", wording)

    def challenge(self) -> Mapping[str, str]:
        """Return the headers with which a Unity Connection says 401."""
        return CHALLENGE

    def settings(self, host: str, ports: Sequence[int], ca_file: str) -> dict[str, str]:
        """Return the settings CUC_..."""
        return settings_named("CUC", host, ports[0], ca_file, self.credentials)

    def introduction(self, url: str, curl: str) -> str:
        """Return a paragraph for people."""
        command = f"{curl} -u {shlex.quote(f'{self.username}:{self.password}')}"
        json = "-H 'Accept: application/json'"
        return f"""\
The Unity Connection is {url} (user name {self.username}, password {self.password}):

  {command} {url}/version/product/
  {command} {json} '{url}/users?query=(alias%20is%20pod6user11)'
  {command} {json} '{url}/import/users/ldap?query=(alias%20is%20pod6user1)'"""

    def tables(self) -> Mapping[str, Callable[[], list[dict[str, Any]]]]:
        """Return what the control port shows: the mailboxes, with their PINs."""
        return {"mailboxes": self._mailboxes}

    def _mailboxes(self) -> list[dict[str, Any]]:
        with self.state.attempt(keep=True):
            return [
                {**mailbox.values, "PIN": pin.values.get(PIN, "")}
                for mailbox in self.state.mailboxes.page()
                if (pin := self.state.pins.get(mailbox.id))
            ]
