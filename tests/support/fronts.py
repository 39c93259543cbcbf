"""Fronts that serve small applications in this process, and callers that speak to them in bytes."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, NamedTuple, cast

from flaskr.front import Front, RefusedRequest, Request, listen

HOST = "127.0.0.1"
PATIENCE_SECONDS = 20
Environ = dict[str, Any]
StartResponse = Callable[..., Any]
App = Callable[[Environ, StartResponse], Iterable[bytes]]


class Pieces:
    """An answer that is made piece by piece, and what has become of it."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self.asked = 0
        self.closed = threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        self.asked += 1
        return next(self._pieces)

    def close(self) -> None:
        self.closed.set()


def answering(
    pieces: Iterable[bytes], *headers: tuple[str, str], status: str = "200 OK"
) -> App:
    """Return an application that answers once, with these pieces."""

    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response(status, list(headers))
        return pieces

    return app


class Fronted(NamedTuple):
    """A front that serves, and how to end it."""

    front: Front
    port: int
    stop: Callable[[], None]
    finished: "Future[bool]"

    def connect(self) -> socket.socket:
        return socket.create_connection((HOST, self.port), PATIENCE_SECONDS)


def in_words(
    refusal: RefusedRequest, request: Request | None, caller: str
) -> tuple[list[tuple[str, str]], bytes]:
    return [], (refusal.message or refusal.status.phrase).encode()


@contextmanager
def fronting(app: App, *, seconds: float = 5, **options: Any) -> Iterator[Fronted]:
    """Serve an application until the block ends, with `seconds` for what was begun by then."""
    given = {"max_body": 1000, "threads": 4, "writers": 4, "connections": 64, **options}
    front = Front(cast(Any, app), in_words, **given)
    listener = listen(HOST, 0, 16)
    finished: Future[bool] = Future()
    started: Future[Callable[[], None]] = Future()

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        started.set_result(lambda: cast(None, loop.call_soon_threadsafe(stop.set)))
        finished.set_result(await front.serve(listener, stop, seconds))

    thread = threading.Thread(target=asyncio.run, args=(main(),))
    thread.start()
    stop = started.result(PATIENCE_SECONDS)
    try:
        yield Fronted(front, listener.getsockname()[1], stop, finished)
    finally:
        if not finished.done():
            stop()
        thread.join()
        listener.close()


def get(path: str = "/", *headers: str, method: str = "GET", version: str = "1.1") -> bytes:
    """Return the bytes of a request without a body."""
    lines = [f"{method} {path} HTTP/{version}", f"Host: {HOST}", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


class Reader:
    """Reads answers off a connection, one behind the other."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._here = b""

    def until(self, mark: bytes) -> bytes:
        """Return what comes up to a mark, and the mark. Raises EOFError where it ends before."""
        while mark not in self._here:
            self._read()
        found, _, self._here = self._here.partition(mark)
        return found + mark

    def exactly(self, count: int) -> bytes:
        while len(self._here) < count:
            self._read()
        found, self._here = self._here[:count], self._here[count:]
        return found

    def chunk(self) -> bytes:
        """Return a chunk of a chunked body, empty where it is the last."""
        size = int(self.until(b"\r\n"), 16)
        return self.exactly(size + 2)[:-2]

    def chunks(self) -> bytes:
        """Return a whole chunked body. Raises EOFError where it has no end."""
        return b"".join(iter(self.chunk, b""))

    def rest(self) -> bytes:
        """Return what comes until the other side ends. Raises ConnectionResetError."""
        while piece := self._connection.recv(65536):
            self._here += piece
        return self._here

    def _read(self) -> None:
        piece = self._connection.recv(65536)
        if not piece:
            raise EOFError(self._here[:200])
        self._here += piece


def wait_until(condition: Callable[[], Any]) -> None:
    """Wait until something has come about. Raises AssertionError where it never does."""
    pause = threading.Event()
    for _ in range(PATIENCE_SECONDS * 200):
        if condition():
            return
        pause.wait(0.005)
    raise AssertionError("it never came about")
