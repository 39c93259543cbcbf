"""HTTP/1.1, as the simulated servers speak it."""

from __future__ import annotations

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler

from flaskr.pod.wire.body import BodyRefused, discard, read_body
from flaskr.pod.wire.connection import SiteConnection
from flaskr.pod.wire.exchange import OutgoingAnswer, ReceivedRequest

MAX_LINE = 65_536
INTERIM = (HTTPStatus.CONTINUE, HTTPStatus.PROCESSING, HTTPStatus.EARLY_HINTS)


class HttpConnection(SiteConnection, BaseHTTPRequestHandler):
    """Speaks HTTP/1.1 on one connection of a site."""

    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        """Make the handshake, and count from 0."""
        self.requests = 0
        super().setup()

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
        self.exchange(ReceivedRequest(
            self.site.name, self.command, path, query, headers, body, self.abandoned
        ))

    def send_error(
        self, code: int, message: str | None = None, explain: str | None = None
    ) -> None:
        """Refuse what is malformed HTTP, with no body, and close."""
        self.close_connection = True
        self.deliver(OutgoingAnswer(int(code)))
        self.log(f"{self.command} {self.path.partition('?')[0]}", int(code), 0)

    def preface(self, answer: OutgoingAnswer) -> bytes:
        """Return the interim answers, of all kinds in turn."""
        statuses = (INTERIM[number % len(INTERIM)] for number in range(answer.interim))
        lines = (b"HTTP/1.1 %d %s\r\n\r\n" % (code, code.phrase.encode()) for code in statuses)
        return b"".join(lines)

    def written(self, answer: OutgoingAnswer) -> bytes:
        """Return the head of an answer and its body, which HEAD has none of."""
        return self._head(answer) + (b"" if self.command == "HEAD" else answer.body)

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
