"""What the mail server answers to the commands of SMTP (RFC 5321, 3207, 4954)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping

from flaskr.pod.mail.state import MailState
from flaskr.pod.mail.switches import MailSwitches
from flaskr.pod.wire.body import MAX_BODY
from flaskr.pod.wire.exchange import OutgoingAnswer
from flaskr.pod.wire.smtp import SmtpCommand, SmtpSession

HOST = "mail.pod6.example"
MOST_RECIPIENTS = 100
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_SIZE = re.compile(r"\bsize=(\d{1,20})\b", re.IGNORECASE)
# What the client is asked for in turn, by how it wants to log in.
_CHALLENGES: Mapping[str, tuple[str, ...]] = {"PLAIN": ("",), "LOGIN": ("Username:", "Password:")}


class SmtpRefusal(Exception):
    """A command that the mail server refuses, with a reply."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


class MailDialogue:
    """The answers to commands. Clients log in with these credentials, where the switch says so."""

    def __init__(
        self, state: MailState, switches: MailSwitches, username: str, password: str
    ) -> None:
        self._state, self._switches = state, switches
        self._login = [username, password]
        self._commands: Mapping[str, Callable[[SmtpCommand], OutgoingAnswer]] = {
            "CONNECT": lambda command: reply(220, f"{HOST} ESMTP"),
            "HELO": self._greet,
            "EHLO": self._greet,
            "STARTTLS": self._start_tls,
            "AUTH": self._log_in,
            "MAIL": self._begin,
            "RCPT": self._add_recipient,
            "DATA": self._ask_for_message,
            "MESSAGE": self._take_message,
            "RSET": self._forget,
            "NOOP": lambda command: reply(250, "2.0.0 Ok"),
            "VRFY": lambda command: reply(252, "2.1.5 Send some mail, and it will be taken"),
            "QUIT": lambda command: reply(221, "2.0.0 Bye"),
        }

    def answer(self, command: SmtpCommand) -> OutgoingAnswer:
        """Return the reply to a command, which changes its session."""
        obey = self._commands.get(command.method)
        if obey is None:
            return reply(502, "5.5.1 There is no such command here")
        try:
            return obey(command)
        except SmtpRefusal as refusal:
            return reply(refusal.code, refusal.text)

    def _greet(self, command: SmtpCommand) -> OutgoingAnswer:
        _refuse_unless(command.path, 501, "5.5.4 The name of the client is missing")
        command.session.client = command.path
        command.session.forget_message()
        offers = self._offers(command.session) if command.method == "EHLO" else []
        return reply(250, "\n".join([HOST, *offers]))

    def _offers(self, session: SmtpSession) -> list[str]:
        offers = [f"SIZE {MAX_BODY}", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]
        if self._may_start_tls(session):
            offers.append("STARTTLS")
        elif self._switches.mail_authentication:
            offers.append(f"AUTH {' '.join(_CHALLENGES)}")
        return offers

    def _may_start_tls(self, session: SmtpSession) -> bool:
        return self._switches.mail_tls == "starttls" and not session.secure

    def _start_tls(self, command: SmtpCommand) -> OutgoingAnswer:
        _refuse_unless(
            self._may_start_tls(command.session), 502, "5.5.1 STARTTLS is not offered here"
        )
        return reply(220, "2.0.0 Ready to start TLS")

    def _log_in(self, command: SmtpCommand) -> OutgoingAnswer:
        session, mechanism = command.session, command.path.upper()
        _refuse_unless(not self._may_start_tls(session), 538, "5.7.11 Not without TLS")
        _refuse_unless(self._switches.mail_authentication, 502, "5.5.1 There is no log-in here")
        _refuse_unless(not session.user, 503, "5.5.1 This is a second log-in")
        _refuse_unless(mechanism in _CHALLENGES, 504, "5.5.4 No such way to log in")
        said = command.body.decode().split("\n") if command.body else []
        if len(said) < len(_CHALLENGES[mechanism]):
            challenge = _CHALLENGES[mechanism][len(said)]
            return reply(334, base64.b64encode(challenge.encode()).decode())
        _refuse_unless(_credentials(said) == self._login, 535, "5.7.8 Wrong user name or password")
        session.user = self._login[0]
        return reply(235, "2.7.0 Logged in")

    def _begin(self, command: SmtpCommand) -> OutgoingAnswer:
        session = command.session
        _refuse_unless(session.client, 503, "5.5.1 Say EHLO first")
        _refuse_unless(not self._may_start_tls(session), 530, "5.7.0 Say STARTTLS first")
        wants_login = self._switches.mail_authentication and not session.user
        _refuse_unless(not wants_login, 530, "5.7.0 Log in first")
        _refuse_unless(session.sender is None, 503, "5.5.1 There is a sender already")
        size = _SIZE.search(command.query)
        too_large = size is not None and int(size[1]) > MAX_BODY
        _refuse_unless(not too_large, 552, "5.3.4 The message is too large")
        session.sender = command.path
        return reply(250, "2.1.0 Ok")

    def _add_recipient(self, command: SmtpCommand) -> OutgoingAnswer:
        session = command.session
        _refuse_unless(session.sender is not None, 503, "5.5.1 There is no sender")
        _refuse_unless(_ADDRESS.fullmatch(command.path), 553, "5.1.3 This is no address")
        _refuse_unless(len(session.recipients) < MOST_RECIPIENTS, 452, "4.5.3 Too many recipients")
        session.recipients += (command.path,)
        return reply(250, "2.1.5 Ok")

    def _ask_for_message(self, command: SmtpCommand) -> OutgoingAnswer:
        _refuse_unless(command.session.recipients, 503, "5.5.1 There is no recipient")
        return reply(354, "End with a line that is a dot")

    def _take_message(self, command: SmtpCommand) -> OutgoingAnswer:
        mail_id = self._state.add(command.session, command.body)
        return reply(250, f"2.0.0 Taken as {mail_id}")

    def _forget(self, command: SmtpCommand) -> OutgoingAnswer:
        command.session.forget_message()
        return reply(250, "2.0.0 Ok")


def reply(code: int, text: str) -> OutgoingAnswer:
    """Return a reply of one line, or of several with line feeds between."""
    return OutgoingAnswer(code, body=text.encode())


def _refuse_unless(condition: object, code: int, text: str) -> None:
    if not condition:
        raise SmtpRefusal(code, text)


def _credentials(said: list[str]) -> list[str]:
    """Return user name and password, of PLAIN in one line, of LOGIN in two."""
    try:
        lines = [base64.b64decode(line, validate=True).decode() for line in said]
    except (binascii.Error, UnicodeDecodeError):
        raise SmtpRefusal(501, "5.5.2 This is not in Base64") from None
    return lines if len(lines) > 1 else lines[0].split("\0")[1:]
