"""A mail server that says what a test wants, over TLS or before it."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import NamedTuple

from support.scripted import Pause

from flaskr.pod.wire.certificates import Certificates

GREETING, END = "greeting", "end of data"
USUAL: dict[str, bytes] = {
    GREETING: b"220 mail.pod6.example ready",
    "EHLO": b"250-mail.pod6.example\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS",
    "STARTTLS": b"220 go on",
    "AUTH": b"235 welcome",
    "MAIL": b"250 ok",
    "RCPT": b"250 ok",
    "DATA": b"354 go on",
    END: b"250 queued",
    "RSET": b"250 ok",
    "QUIT": b"221 bye",
}
#: What is said; None ends the connection without a word, a pause keeps silent.
Reply = bytes | Pause | None


class HeardCommand(NamedTuple):
    """A command, and whether it came over TLS."""

    text: str
    is_encrypted: bool


class ScriptedMailServer:
    """Says `replies` over what is usual; `heard` has the commands, `mails` what was taken.

    With `tls_at_once`, TLS comes before the greeting.
    """

    def __init__(self, certificates: Certificates) -> None:
        self._certificates = certificates
        self.ca_file = str(certificates.ca_file)
        self.handshake = "normal"
        self.tls_at_once = False
        self.replies: dict[str, Reply] = {}
        self.drips = ""  # the command that is answered byte by byte, without an end
        self.heard: list[HeardCommand] = []
        self.mails: list[EmailMessage] = []
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def verbs(self) -> list[str]:
        return [command.text.split()[0].upper() for command in self.heard]

    def stop(self) -> None:
        self._stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as ending:
            sock = ending.enter_context(connection)
            if self.tls_at_once:
                sock = ending.enter_context(self._secured(sock))
            self._converse(sock, ending)

    def _secured(self, sock: socket.socket) -> ssl.SSLSocket:
        return self._certificates.context(self.handshake).wrap_socket(sock, server_side=True)

    def _converse(self, sock: socket.socket, ending: contextlib.ExitStack) -> None:
        is_open = self._say(sock, GREETING)
        while is_open and (line := _line(sock)):
            text = line.decode("latin-1").strip()
            verb = text.split()[0].upper()
            self.heard.append(HeardCommand(text, isinstance(sock, ssl.SSLSocket)))
            is_open = self._say(sock, verb) and verb != "QUIT"
            if is_open and verb == "STARTTLS" and self._reply(verb)[:1] == b"2":
                sock = ending.enter_context(self._secured(sock))
            elif is_open and verb == "DATA" and self._reply(verb)[:1] == b"3":
                self._take(sock)
                is_open = self._say(sock, END)

    def _take(self, sock: socket.socket) -> None:
        lines: list[bytes] = []
        while (line := _line(sock)) != b".\r\n":
            assert line, "the data has no end"
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        found = message_from_bytes(b"".join(lines), policy=policy.SMTP)
        assert isinstance(found, EmailMessage)
        self.mails.append(found)

    def _say(self, sock: socket.socket, verb: str) -> bool:
        """Reply; return whether the connection stays."""
        reply = self.replies.get(verb, USUAL.get(verb, b"502 what?"))
        if verb == self.drips:
            return self._drip(sock)
        if isinstance(reply, Pause):
            self._stopped.wait(reply.seconds)
        if not isinstance(reply, bytes):
            return False
        sock.sendall(reply + b"\r\n")
        return True

    def _drip(self, sock: socket.socket) -> bool:
        while not self._stopped.wait(0.02):
            sock.sendall(b"2")
        return False

    def _reply(self, verb: str) -> bytes:
        reply = self.replies.get(verb, USUAL[verb])
        return reply if isinstance(reply, bytes) else b""


def _line(sock: socket.socket) -> bytes:
    """Return what comes up to the end of a line, and nothing beyond: TLS may begin there."""
    found = b""
    while not found.endswith(b"\n") and (piece := sock.recv(1)):
        found += piece
    return found


@contextlib.contextmanager
def running_mail_server(certificates: Certificates) -> Iterator[ScriptedMailServer]:
    server = ScriptedMailServer(certificates)
    try:
        yield server
    finally:
        server.stop()
