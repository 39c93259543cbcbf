"""The simulated mail server, as the pod runs it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flaskr.pod.company import Company
from flaskr.pod.mail.dialogue import MailDialogue, reply
from flaskr.pod.mail.state import MailState
from flaskr.pod.mail.switches import MailSwitches
from flaskr.pod.received import Inbox, Received
from flaskr.pod.service import Credential, Service, settings_named
from flaskr.pod.wire.exchange import OutgoingAnswer, ReceivedRequest
from flaskr.pod.wire.smtp import SmtpCommand, SmtpConnection

SENDER = "spaces@pod6.example"
EXAMPLE_RECIPIENT = "pod6user1@pod6.example"


class MailService(Service):
    """A mail server that takes mail for anyone, and sends it nowhere.

    It is written here rather than taken from aiosmtpd (1.4.6, of 2024), which has an event loop of
    its own, one certificate for all connections, and a STARTTLS out of private parts of asyncio:
    certificates, faults, journal and end are to be those of the other servers.
    """

    name = "mail"
    title = "mail server"
    connection = SmtpConnection
    usual_port = 8587
    credential_options = (
        Credential("mail_username", "pod6portal", "user name for the mail server"),
        Credential("mail_password", "Pod6-lab-mail", "password for the mail server"),
    )
    switch_group = MailSwitches

    def __init__(self, company: Company, credentials: Sequence[str]) -> None:
        super().__init__(company, credentials)
        self.username, self.password = credentials
        self.switches: MailSwitches = MailSwitches()
        self.state: MailState = MailState()
        self._dialogue = MailDialogue(self.state, self.switches, self.username, self.password)

    def tls_at_once(self) -> bool:
        """Return whether TLS begins as a client connects (the switch for it)."""
        return self.switches.mail_tls == "tls"

    def url(self, place: str) -> str:
        """Return where clients find it, as curl has it."""
        return f"{'smtps' if self.tls_at_once() else 'smtp'}://{place}"

    def answer(self, request: ReceivedRequest) -> OutgoingAnswer:
        """Return the reply to a command."""
        assert isinstance(request, SmtpCommand)
        answer = self._dialogue.answer(request)
        answer.delay += self.latency()
        return answer

    def busy(self) -> OutgoingAnswer:
        """Return the reply that says to try again."""
        return reply(451, "4.3.2 Try again later")

    def settings(self, host: str, ports: Sequence[int], ca_file: str) -> dict[str, str]:
        """Return the settings SMTP_..., the credentials only where the server wants them."""
        login = self.credentials if self.switches.mail_authentication else ()
        found = settings_named("SMTP", host, ports[0], ca_file, login)
        tls = "tls" if self.tls_at_once() else "starttls"
        return {**found, "SMTP_TLS": tls, "SMTP_FROM": SENDER}

    def introduction(self, url: str, curl: str) -> str:
        """Return a paragraph for people."""
        login = shlex.quote(f"{self.username}:{self.password}")
        secure = "" if self.switches.mail_tls == "none" else " --ssl-reqd"
        return f"""\
The mail server is {url} (user name {self.username}, password {self.password}). It takes mail for
anyone, and sends it nowhere:

  {curl}{secure} -u {login} --mail-from {SENDER} --mail-rcpt {EXAMPLE_RECIPIENT} \
-H 'Subject: Hello' -F '=Good morning' {url}"""

    def inboxes(self) -> list[Inbox]:
        """Return all mail."""
        return [Inbox("Mail", list(map(_received, self.state.shown())))]

    def tables(self) -> Mapping[str, Callable[[], list[dict[str, Any]]]]:
        """Return what the control port shows: the mail, the newest first."""
        return {"mail": self.state.shown}


def _received(mail: Mapping[str, Any]) -> Received:
    way = f"from {mail['from']} to {', '.join(mail['to'])}"
    return Received(mail["received"], way, mail["subject"], mail["text"].strip("\n"))
