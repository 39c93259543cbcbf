"""A TLS server that sends the bytes that a test wants: for what no server should send."""

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import NamedTuple

from flaskr.pod.wire.certificates import Certificates

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class Heard(NamedTuple):
    """A request: which connection it came on, as which of its requests, both from 0, and what came.
    """

    connection: int
    request: int
    head: bytes
    body: bytes = b""


class Pause(NamedTuple):
    """So many seconds between two pieces of an answer."""

    seconds: float


Piece = bytes | Pause
#: What is sent for a request; None closes the connection without a word.
Script = Callable[[Heard], list[Piece] | None]


def ok(body: bytes = b"", *headers: str) -> bytes:
    """Return a sound answer."""
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


class ScriptedServer:
    """Answers by `script`; `heard` has the requests, `sent` counts the bytes that went out.

    With `closes` each answer ends its connection, without a word about it.
    """

    def __init__(self, certificates: Certificates) -> None:
        self._context = certificates.context("normal")
        self.ca_file = str(certificates.ca_file)
        self._connections: list[socket.socket] = []
        self.heard: list[Heard] = []
        self.sent = 0
        self.closes = False
        self._stopped = threading.Event()
        self.script: Script = lambda heard: [ok()]
        self.port = 0
        self.listen()

    def listen(self) -> None:
        """Take connections, from the second time on at the same port."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def stop_listening(self) -> None:
        _close(self._listener)

    def stop(self) -> None:
        self._stopped.set()
        for listening in (self._listener, *self._connections):
            _close(listening)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                arguments = (connection, len(self._connections))
                self._connections.append(connection)
                threading.Thread(target=self._serve, args=arguments, daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError, ValueError):
            with self._context.wrap_socket(connection, server_side=True) as secure:
                for count, (head, body) in enumerate(_requests(secure)):
                    heard = Heard(number, count, head, body)
                    self.heard.append(heard)
                    pieces = self.script(heard)
                    if pieces is None or not self._send(secure, pieces):
                        return

    def _send(self, secure: ssl.SSLSocket, pieces: list[Piece]) -> bool:
        """Send an answer; return whether the connection stays."""
        for piece in pieces:
            if isinstance(piece, Pause):
                self._stopped.wait(piece.seconds)
            else:
                secure.sendall(piece)
                self.sent += len(piece)
        return not self.closes


def _close(listening: socket.socket) -> None:
    with contextlib.suppress(OSError):
        listening.shutdown(socket.SHUT_RDWR)
    listening.close()


def _requests(secure: ssl.SSLSocket) -> Iterator[tuple[bytes, bytes]]:
    """Yield the head and the body of each request, once all of it is here."""
    found = b""
    while piece := secure.recv(65_536):
        found += piece
        head, separator, body = found.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if separator and len(body) >= (int(length[1]) if length else 0):
            found = b""
            yield head, body


@contextlib.contextmanager
def running_scripted_servers(count: int) -> Iterator[list[ScriptedServer]]:
    """Run so many, with certificates of one CA."""
    certificates = Certificates()
    servers = [ScriptedServer(certificates) for _ in range(count)]
    try:
        yield servers
    finally:
        for server in servers:
            server.stop()
        certificates.remove()


@contextlib.contextmanager
def running_scripted_server() -> Iterator[ScriptedServer]:
    with running_scripted_servers(1) as [server]:
        yield server
