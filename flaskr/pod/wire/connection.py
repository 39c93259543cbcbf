"""A connection, whatever is spoken on it: its TLS, its requests, and the bytes of their answers."""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import struct
import time
from abc import abstractmethod
from collections.abc import Callable
from socketserver import StreamRequestHandler
from typing import Any

from flaskr.pod.wire.exchange import OutgoingAnswer, ReceivedRequest
from flaskr.pod.wire.journal import JournalEntry
from flaskr.pod.wire.server import PodServer
from flaskr.pod.wire.site import Site

LOG = logging.getLogger("flaskr.pod")
# With a rate, bytes go out this often a second, or one at a time where the rate is lower.
PIECES_A_SECOND = 10


class SiteConnection(StreamRequestHandler):
    """Serves one connection of a site, until the client or the site closes it.

    Whatever breaks the connection is raised as OSError, which ends it in silence.
    """

    disable_nagle_algorithm = True
    close_connection = False
    server: PodServer

    def __init__(self, site: Site, *arguments: Any) -> None:
        self.site = site
        super().__init__(*arguments)

    @abstractmethod
    def written(self, answer: OutgoingAnswer) -> bytes:
        """Return the bytes of an answer."""

    def preface(self, answer: OutgoingAnswer) -> bytes:
        """Return the bytes that come before it."""
        return b""

    def setup(self) -> None:
        """Make the handshake, in the way that the server's switch says."""
        self.cut_off = True
        self.abandoned = self.site.abandoned
        self.request.settimeout(self.site.switches.idle_timeout)
        if isinstance(self.request, ssl.SSLSocket):
            self._shake_hands(self.request)
        self.cut_off = False
        super().setup()

    def start_tls(self) -> None:
        """Go on over TLS. What the client sent before its handshake is thrown away."""
        self.request = self.server.start_tls(self.connection)
        self.setup()

    def _shake_hands(self, connection: ssl.SSLSocket) -> None:
        handshake = self.site.handshake()
        if handshake == "silent":
            self.wait(self.site.switches.idle_timeout)
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

    def exchange(self, request: ReceivedRequest) -> OutgoingAnswer:
        """Answer a request, and note what became of it even where the client is gone."""
        asked = (request.server, request.method, request.path, request.query)
        with self.site.journal.request(*asked) as entry:
            started = time.monotonic()
            try:
                return self._answer_noted(request, entry)
            finally:
                entry.milliseconds = round((time.monotonic() - started) * 1000)
                line = f"{request.method} {request.path}"
                self.log(line, entry.status or "cut", entry.milliseconds)

    def _answer_noted(self, request: ReceivedRequest, entry: JournalEntry) -> OutgoingAnswer:
        answer = self.site.respond(request)
        entry.faults = answer.faults
        if answer.log_in:
            self.site.journal.log_in(entry)
        self.deliver(answer, lambda: self.site.journal.landing(entry))
        entry.status = None if self.cut_off else answer.status
        return answer

    def log(self, asked: str, outcome: int | str, milliseconds: int) -> None:
        """Log a request in one line."""
        # It comes from outside: nothing in it may end the line or colour a terminal.
        safe = asked.encode("unicode_escape").decode()
        LOG.info("%s %s %s %s ms", self.site.name, safe, outcome, milliseconds)

    def deliver(self, answer: OutgoingAnswer, landing: Callable[[], None] = lambda: None) -> None:
        """Send an answer as it is to be sent, and call `landing` before its last piece."""
        self.wait(answer.delay)
        block = self.written(answer)
        sent = self.preface(answer) + block + (block if answer.again == 0 else b"")
        self._send(_pieces(sent[:int(len(sent) * answer.share)], answer.rate), answer.rate, landing)
        if answer.again:
            self.wait(answer.again)
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
                self.wait(len(piece) / rate)

    def _end(self, answer: OutgoingAnswer) -> None:
        """Note how the connection ends, if it does."""
        self.cut_off = answer.share < 1 or answer.length_error > 0
        self.close_connection |= self.cut_off or answer.hang_up
        if answer.reset:
            # To linger for no time at all makes closing a reset.
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    def wait(self, seconds: float) -> None:
        """Wait. Raises ConnectionAbortedError as soon as the pod is reset or stopped."""
        if self.abandoned.wait(seconds):
            raise ConnectionAbortedError("the pod was reset or stopped")


def _pieces(block: bytes, rate: float | None) -> list[bytes]:
    """Return the block as it is sent: in one, or in pieces for so many bytes a second."""
    size = max(1, int(rate / PIECES_A_SECOND)) if rate else max(1, len(block))
    return [block[begin:begin + size] for begin in range(0, len(block), size)]
