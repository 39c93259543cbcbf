"""SMTP, as a simulated mail server speaks it (RFC 5321): lines, the steps of a log-in, messages.

What the commands mean is not said here: each is asked of the site, as a request whose method is the
command and whose path is the address that it names. Two are no client's: CONNECT, which the
greeting answers, and MESSAGE, for a message that has come whole.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, field, replace

from flaskr.pod.wire.body import MAX_BODY
from flaskr.pod.wire.connection import SiteConnection
from flaskr.pod.wire.exchange import OutgoingAnswer, ReceivedRequest

# The longest line of a log-in (RFC 4954, section 4); others are shorter.
MAX_LINE = 12_288
LOG_IN_GOES_ON, SEND_MESSAGE, CLOSING, UNAVAILABLE = 334, 354, 221, 421
CONNECT, MESSAGE = "CONNECT", "MESSAGE"
_COMMAND = re.compile(r"([A-Za-z]{1,20})(?: +(.*?))? *")
_ADDRESS = re.compile(r"(?:from|to): ?<([^<>]*)>(?: +(.*))?", re.IGNORECASE)
END = b".\r\n"


@dataclass
class SmtpSession:
    """What a client has said on its connection so far.

    client: the name by which it introduced itself. user: as whom it logged in. sender: None until
    it begins a message.
    """

    secure: bool = False
    client: str = ""
    user: str = ""
    sender: str | None = None
    recipients: tuple[str, ...] = ()

    def forget_message(self) -> None:
        """Be as before the message was begun."""
        self.sender, self.recipients = None, ()


@dataclass(frozen=True)
class SmtpCommand(ReceivedRequest):
    """One command, and the session that it is a part of, which carrying it out changes.

    path: its argument, without what is around an address; query: what stands behind the address.
    body: the message, or the lines of a log-in that came so far.
    """

    session: SmtpSession = field(default_factory=SmtpSession, compare=False)


class SmtpConnection(SiteConnection):
    """Speaks SMTP on one connection of a site."""

    def handle(self) -> None:
        """Greet the client, and do what it says until it says no more."""
        self.session = SmtpSession(secure=isinstance(self.connection, ssl.SSLSocket))
        self._ask(CONNECT)
        while not self.close_connection:
            self._obey(self._read_line())

    def written(self, answer: OutgoingAnswer) -> bytes:
        """Return the lines of a reply, each with its code."""
        lines = answer.body.split(b"\n") if answer.body else [b"as the simulated pod was told"]
        code = b"%d" % answer.status
        first = b"".join(code + b"-" + line + b"\r\n" for line in lines[:-1])
        return first + code + b" " + lines[-1] + b"\r\n"

    def _read_line(self) -> str:
        """Return what the client says next. Raises ConnectionAbortedError where it is gone."""
        line = self.rfile.readline(MAX_LINE)
        if not line.endswith(b"\n"):
            raise ConnectionAbortedError("the client has gone, or does not end its line")
        return line.rstrip(b"\r\n").decode("utf-8", "replace")

    def _obey(self, line: str) -> None:
        found = _COMMAND.fullmatch(line)
        if found is None or found[1].upper() in (CONNECT, MESSAGE):
            self._refuse(500, "5.5.2 This is no command")
            return
        command, argument = found[1].upper(), found[2] or ""
        if command == "AUTH":
            self._log_in(*argument.partition(" ")[::2])
        elif command in ("MAIL", "RCPT"):
            self._name_address(command, argument)
        else:
            self._go_on_after(command, self._ask(command, argument))

    def _go_on_after(self, command: str, answer: OutgoingAnswer) -> None:
        """Do what the client is waiting for after an answer."""
        if self.close_connection:
            return
        if answer.status == SEND_MESSAGE:
            self._take_message()
        elif command == "STARTTLS" and answer.status < 400:
            self.start_tls()
            self.session = SmtpSession(secure=True)

    def _name_address(self, command: str, argument: str) -> None:
        found = _ADDRESS.fullmatch(argument)
        if found is None:
            self._refuse(501, "5.5.4 There is no address in angle brackets")
        else:
            self._ask(command, found[1], found[2] or "")

    def _log_in(self, mechanism: str, first: str) -> None:
        said = [first] if first else []
        answer = self._ask("AUTH", mechanism, body="\n".join(said).encode())
        while answer.status == LOG_IN_GOES_ON and not self.close_connection:
            said.append(self._read_line())
            answer = self._ask("AUTH", mechanism, body="\n".join(said).encode())

    def _take_message(self) -> None:
        """Read a message up to its end, and hand it over unless it is too large."""
        found, size = [], 0
        while (line := self.rfile.readline(MAX_LINE)) != END:
            if not line:
                raise ConnectionAbortedError("the message ended early")
            size += len(line)
            if size <= MAX_BODY:
                found.append(line.removeprefix(b"."))
        if size > MAX_BODY:
            self._refuse(552, "5.3.4 The message is too large")
        else:
            recipients = ",".join(self.session.recipients)
            self._ask(MESSAGE, recipients, body=b"".join(found))
        self.session.forget_message()

    def _ask(
        self, command: str, argument: str = "", parameters: str = "", body: bytes = b""
    ) -> OutgoingAnswer:
        """Answer a command. One that is refused has no effect on the session."""
        before = replace(self.session)
        answer = self.exchange(SmtpCommand(
            self.site.name, command, argument, parameters, {}, body, self.abandoned, self.session
        ))
        if answer.status >= 400:
            self.session = before
        self.close_connection |= answer.status in (CLOSING, UNAVAILABLE)
        return answer

    def _refuse(self, code: int, sentence: str) -> None:
        """Say what is wrong with a line that makes no sense."""
        self.deliver(OutgoingAnswer(code, body=sentence.encode()))
        self.log("-", code, 0)
