"""A connection: its TLS handshake, its requests one after the other, and their answers' bytes."""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import struct
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

from flaskr.pod.wire.body import BodyRefused, discard, read_body
from flaskr.pod.wire.exchange import OutgoingAnswer, ReceivedRequest
from flaskr.pod.wire.journal import JournalEntry
from flaskr.pod.wire.site import Site

LOG = logging.getLogger("flaskr.pod")
MAX_LINE = 65_536
# With a rate, bytes go out this often a second, or one at a time where the rate is lower.
PIECES_A_SECOND = 10
INTERIM = (HTTPStatus.CONTINUE, HTTPStatus.PROCESSING, HTTPStatus.EARLY_HINTS)


class ConnectionHandler(BaseHTTPRequestHandler):
    """Speaks HTTP/1.1 on one connection of a site until the client or the site closes it.

    Whatever breaks the connection is raised as OSError, which ends it in silence.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, site: Site, *arguments: Any) -> None:
        self.site = site
        super().__init__(*arguments)

    def setup(self) -> None:
        """Make the handshake, in the way that the server's switch says."""
        self.cut_off = True
        self.requests = 0
        self.abandoned = self.site.abandoned
        self.request.settimeout(self.site.switches.idle_timeout)
        if isinstance(self.request, ssl.SSLSocket):
            self._shake_hands(self.request)
        self.cut_off = False
        super().setup()

    def _shake_hands(self, connection: ssl.SSLSocket) -> None:
        handshake = self.site.handshake()
        if handshake == "silent":
            self._wait(self.site.switches.idle_timeout)
        if handshake in ("silent", "cut"):
            raise ConnectionAbortedError("no handshake, as switched")
        connection.do_handshake()
        self.site.journal.handshake(self.site.name)

    def finish(self) -> None:
        """Close the TLS layer properly, unless the connection is to look cut."""
        if isinstance(self.connection, ssl.SSLSocket) and not self.cut_off:
            with contextlib.suppress(OSError, ValueError):
                # Without waiting for the client to close its own side.
                self.connection.settimeout(0)
                self.connection.unwrap()
        super().finish()

    def handle_one_request(self) -> None:
        """Read one request whole, and answer it."""
        self.command, self.path = "-", "-"
        self.close_connection = True
        self.raw_requestline = self.rfile.readline(MAX_LINE + 1)
        if len(self.raw_requestline) > MAX_LINE:
            self.send_error(HTTPStatus.REQUEST_URI_TOO_LONG)
        elif self.raw_requestline:
            self.abandoned = self.site.abandoned
            self._count()
            if self.parse_request():
                self._answer()

    def _count(self) -> None:
        """Count a request, or end the connection that has had as many as it may."""
        if 0 < self.site.switches.connection_requests <= self.requests:
            self.cut_off = True
            raise ConnectionAbortedError("no more requests on this connection, as switched")
        self.requests += 1

    def _answer(self) -> None:
        try:
            body = read_body(self.headers, self.rfile)
        except BodyRefused as refused:
            self.send_error(refused.status)
            discard(self.connection)
            return
        path, _, query = self.path.partition("?")
        headers = dict(self.headers.items())
        request = ReceivedRequest(
            self.site.name, self.command, path, query, headers, body, self.abandoned
        )
        with self.site.journal.request(request.server, request.method, path, query) as entry:
            self._exchange(request, entry)

    def _exchange(self, request: ReceivedRequest, entry: JournalEntry) -> None:
        """Answer a request, and note what became of it even where the client is gone."""
        started = time.monotonic()
        try:
            answer = self.site.respond(request)
            entry.faults = answer.faults
            if answer.log_in:
                self.site.journal.log_in(entry)
            self._deliver(answer, lambda: self.site.journal.landing(entry))
            entry.status = None if self.cut_off else answer.status
        finally:
            entry.milliseconds = round((time.monotonic() - started) * 1000)
            self._log(entry.status or "cut", entry.milliseconds)

    def send_error(
        self, code: int, message: str | None = None, explain: str | None = None
    ) -> None:
        """Refuse what is malformed HTTP, with no body, and close."""
        self.close_connection = True
        self._deliver(OutgoingAnswer(int(code)))
        self._log(int(code), 0)

    def _log(self, status: int | str, milliseconds: int) -> None:
        asked = f"{self.command} {self.path.partition('?')[0]}"
        # It comes from outside: nothing in it may end the line or colour a terminal.
        safe = asked.encode("unicode_escape").decode()
        LOG.info("%s %s %s %s ms", self.site.name, safe, status, milliseconds)

    def _deliver(self, answer: OutgoingAnswer, landing: Callable[[], None] = lambda: None) -> None:
        """Send an answer as it is to be sent, and call `landing` before its last piece."""
        self._wait(answer.delay)
        block = self._head(answer) + (b"" if self.command == "HEAD" else answer.body)
        sent = _interim(answer.interim) + block + (block if answer.again == 0 else b"")
        self._send(_pieces(sent[:int(len(sent) * answer.share)], answer.rate), answer.rate, landing)
        if answer.again:
            self._wait(answer.again)
            self.wfile.write(block)
        self._end(answer)

    def _send(
        self, pieces: list[bytes], rate: float | None, landing: Callable[[], None]
    ) -> None:
        for number, piece in enumerate(pieces, 1):
            if number == len(pieces):
                landing()
            self.wfile.write(piece)
            if rate:
                self._wait(len(piece) / rate)

    def _end(self, answer: OutgoingAnswer) -> None:
        """Note how the connection ends, if it does."""
        self.cut_off = answer.share < 1 or answer.length_error > 0
        self.close_connection |= self.cut_off or answer.hang_up
        if answer.reset:
            # To linger for no time at all makes closing a reset.
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    def _head(self, answer: OutgoingAnswer) -> bytes:
        phrase = HTTPStatus(answer.status).phrase if answer.status in list(HTTPStatus) else ""
        lines = [
            f"HTTP/1.1 {answer.status} {phrase}",
            f"Date: {self.date_time_string()}",
            *(f"{name}: {value}" for name, value in answer.headers.items()),
            *(f"Set-Cookie: {cookie}" for cookie in answer.cookies),
            *self._framing(answer),
        ]
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")

    def _framing(self, answer: OutgoingAnswer) -> list[str]:
        """Return the headers that say how long the body is, and how long the connection stays."""
        switches = self.site.switches
        if switches.keep_alive and self.requests == switches.connection_requests:
            self.close_connection = True
        lines = [f"Connection: {'close' if self.close_connection else 'keep-alive'}"]
        if "Transfer-Encoding" not in answer.headers:
            lines.append(f"Content-Length: {max(0, len(answer.body) + answer.length_error)}")
        if switches.keep_alive and not self.close_connection:
            lines.append(f"Keep-Alive: {self._keep_alive()}")
        return lines

    def _keep_alive(self) -> str:
        """Return when the connection will end (RFC 2068, section 19.7.1.1)."""
        timeout = f"timeout={int(self.site.switches.idle_timeout)}"
        most = self.site.switches.connection_requests
        return f"{timeout}, max={max(0, most - self.requests + 1)}" if most else timeout

    def _wait(self, seconds: float) -> None:
        """Wait. Raises ConnectionAbortedError as soon as the pod is reset or stopped."""
        if self.abandoned.wait(seconds):
            raise ConnectionAbortedError("the pod was reset or stopped")


def _interim(count: int) -> bytes:
    """Return so many interim answers, of all kinds in turn."""
    statuses = (INTERIM[number % len(INTERIM)] for number in range(count))
    return b"".join(b"HTTP/1.1 %d %s\r\n\r\n" % (code, code.phrase.encode()) for code in statuses)


def _pieces(block: bytes, rate: float | None) -> list[bytes]:
    """Return the block as it is sent: in one, or in pieces for so many bytes a second."""
    size = max(1, int(rate / PIECES_A_SECOND)) if rate else max(1, len(block))
    return [block[begin:begin + size] for begin in range(0, len(block), size)]
