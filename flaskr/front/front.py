"""The front: the connections, the threads that answer their requests, and the orderly stop."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flaskr.front.bodies import Admits, Bodies, everyone
from flaskr.front.connection import Connection
from flaskr.front.descriptors import allow_connections
from flaskr.front.reply import Reply, WsgiAnswer, reply_of
from flaskr.front.request import Headers, RefusedRequest, Request
from flaskr.front.stream import Stream, StreamPlaces
from flaskr.front.threads import Job, Threads

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

logger = logging.getLogger(__name__)

CHECK_SECONDS = 0.5  # how often the connections' time limits are looked at
FINISH_CHECK_SECONDS = 0.02  # how often, when stopping, whether all is finished
PATIENCE_SECONDS = 0.5  # how long a request waits for a thread before it is told to try again
ACCEPTED_AT_ONCE = 64  # before others have their turn; the operating system keeps more waiting
CLOSE_SECONDS = 1.0  # for streamed answers to be closed, where the stop can't wait for their end
# For all connections that wait for their callers together: 64 MiB beside a few large bodies.
MAX_KEPT_BYTES = 160 * 1024 * 1024
RETRY_SECONDS = 1  # when to try again where no thread was free

# The headers and body of the answer to what the front itself refuses: made of why, the request
# as far as it could be read, and the caller's IP address.
Wording = Callable[[RefusedRequest, Request | None, str], tuple[Headers, bytes]]


class Front:
    """Serves a WSGI application to any number of callers, with so many threads.

    An answer without Content-Length that is made piece by piece is sent as it comes, and made no
    faster than it is read; at most a quarter of the threads work on such answers. All others are
    sent when they are whole.

    `wording` makes the answer to what the front itself refuses. `max_body` is in bytes, or a
    function that says so for a path, percent-encoded and without a query. A large one of whom
    `admits` does not admit, by the headers, is left out, and the application told so
    (BODY_LEFT_OUT): it is to say why. Each of `separate_paths` has a thread of its own, and waits
    for it as long as it takes: health checks have to be answered also when all others hang.
    `writers` of the threads at the most are lent to requests that change something. `connections`
    are open at the most.
    """

    def __init__(
        self,
        app: WSGIApplication,
        wording: Wording,
        *,
        max_body: int | Callable[[str], int],
        threads: int,
        writers: int,
        connections: int,
        separate_paths: tuple[str, ...] = (),
        admits: Admits = everyone,
    ) -> None:
        self.bodies = Bodies(max_body, admits)
        self.stopping = False
        self._app = app
        self._wording = wording
        self._threads, self._writers = threads, writers
        self._stream_places = StreamPlaces(max(1, threads // 4))
        self._separate_paths = separate_paths
        self._most_connections = allow_connections(connections)
        if self._most_connections < connections:
            logger.warning(
                "only %d connections at once, as the system allows no more", self._most_connections
            )
        self._connections: set[Connection] = set()
        self._waiting: dict[Connection, None] = {}  # for their callers, the longest first
        self._aborted = False

    async def serve(self, listener: socket.socket, stop: asyncio.Event, seconds: float) -> bool:
        """Serve on a socket that listens, until told to stop; then finish what has been begun.

        Return whether all of it could be finished within so many seconds.
        """
        self._loop = asyncio.get_running_loop()
        self._common = Threads(self._loop, self._threads, self._writers, PATIENCE_SECONDS)
        self._separate: Mapping[str, Threads] = {
            path: Threads(self._loop, 1, 1, None) for path in self._separate_paths
        }
        checks = asyncio.create_task(self._check_connections())
        server = await self._loop.create_server(
            lambda: Connection(self), sock=listener, backlog=ACCEPTED_AT_ONCE
        )
        listener.listen(self._most_connections)
        await stop.wait()
        self.stopping = True
        await self._accept_last(listener)
        server.close()
        finished = await self._finish(seconds)
        checks.cancel()
        return finished

    async def _accept_last(self, listener: socket.socket) -> None:
        """Accept the connections that the operating system has, but this process has not yet.

        The event loop accepts none meanwhile: where callers never cease to come, that has no end.
        """
        self._loop.remove_reader(listener)
        for _ in range(self._most_connections):
            try:
                accepted = listener.accept()[0]
            except OSError:
                return
            accepted.setblocking(False)
            await self._loop.connect_accepted_socket(lambda: Connection(self), accepted)

    async def _finish(self, seconds: float) -> bool:
        for connection in list(self._connections):
            connection.stop()
        try:
            await asyncio.wait_for(self._all_finished(), seconds)
        except asyncio.TimeoutError:
            self.abort()
        if self._aborted:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._all_streams_closed(), CLOSE_SECONDS)
        return not self._aborted

    def abort(self) -> None:
        """End all connections at once, whatever their state."""
        self._aborted = True
        for connection in list(self._connections):
            connection.abort()

    async def _all_finished(self) -> None:
        """Wait for what has been begun, also where the caller is gone meanwhile."""
        while (self._connections or self._common.working) and not self._aborted:
            await asyncio.sleep(FINISH_CHECK_SECONDS)

    async def _all_streams_closed(self) -> None:
        while self._stream_places.taken:
            await asyncio.sleep(FINISH_CHECK_SECONDS)

    async def _check_connections(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            for connection in list(self._connections):
                try:
                    connection.check(self.now())
                except OSError:  # it ended just now
                    connection.abort()
            self._bound_memory()

    def _bound_memory(self) -> None:
        """End those that have waited longest, where all of them keep too much of the memory."""
        kept = sum(connection.kept_bytes for connection in self._connections)
        for connection in list(self._waiting):
            if kept <= MAX_KEPT_BYTES:
                return
            if connection.kept_bytes:
                kept -= connection.kept_bytes
                connection.abort()

    # What connections call.

    def now(self) -> float:
        """Return the time of the event loop's clock."""
        return self._loop.time()

    def later(self, seconds: float, function: Callable[..., object], *args: Any) -> None:
        """Call a function after so many seconds."""
        self._loop.call_later(seconds, function, *args)

    def waits(self, connection: Connection) -> None:
        """Take note of who waits for a caller; of too many, end the one that has waited longest."""
        self._waiting.pop(connection, None)
        self._waiting[connection] = None
        self._connections.add(connection)
        if len(self._connections) > self._most_connections:
            longest = next(iter(self._waiting))
            self.closed(longest)
            longest.abort()

    def works(self, connection: Connection) -> None:
        """Take note of a connection on which something has been begun that should be finished."""
        self._waiting.pop(connection, None)

    def closed(self, connection: Connection) -> None:
        """Take note of the end of a connection."""
        self._connections.discard(connection)
        self._waiting.pop(connection, None)

    def answer(self, connection: Connection, request: Request) -> None:
        """Have the application answer a request, as soon as a thread is free for it."""

        def done(send: Callable[[], object]) -> None:
            self.done_with(request)
            send()

        def no_thread() -> None:
            done(self._refusal(HTTPStatus.SERVICE_UNAVAILABLE, connection, request))

        work = partial(self._work, connection, request)
        threads = self._separate.get(request.path, self._common)
        threads.submit(Job(work, done, no_thread, request.reads))

    def done_with(self, request: Request) -> None:
        """Take note of a request that is answered, or never will be."""
        request.drop_body()
        if request.has_large_body:
            self.bodies.end_large()

    # What is done in threads; it returns what the event loop is to call then.

    def _work(self, connection: Connection, request: Request) -> Callable[[], object]:
        """Have the application answer."""
        try:
            answer = WsgiAnswer(
                self._app, request, connection.caller, connection.address, lambda: self.stopping
            )
            if answer.is_stream:
                return self._work_on_stream(answer, connection, request)
            with closing(answer):
                reply, delay = answer.whole(), answer.delay
        except BaseException:
            logger.exception("the application failed")
            return self._refusal(HTTPStatus.INTERNAL_SERVER_ERROR, connection, request)
        if delay:
            return partial(connection.hold, delay, reply, request)
        return partial(connection.answer, reply, request)

    def _work_on_stream(
        self, answer: WsgiAnswer, connection: Connection, request: Request
    ) -> Callable[[], object]:
        """Have an answer made while it is being sent, where there is a place for one more."""
        if not self._stream_places.take():
            answer.close()
            return self._refusal(HTTPStatus.SERVICE_UNAVAILABLE, connection, request)
        try:
            self._stream(answer, connection, request)
        finally:
            self._stream_places.give_back()
        return lambda: None

    def _stream(self, answer: WsgiAnswer, connection: Connection, request: Request) -> None:
        """Have an answer made and sent. Raises what goes wrong before anything was made."""
        stream: Stream | None = None
        try:
            with closing(answer):
                stream = self._begin_stream(answer, connection, request)
                stream.send(answer.pieces())
        except BaseException:
            if not stream or not stream.begun:
                raise
            logger.exception("the application failed in the middle of its answer")
            stream.end(complete=False)
        else:
            stream.end(complete=True)

    def _begin_stream(
        self, answer: WsgiAnswer, connection: Connection, request: Request
    ) -> Stream:
        keep_alive = request.keep_alive and answer.chunked and not self.stopping
        head = answer.head().to_bytes(keep_alive)
        wake = partial(self._call_soon, connection.send_stream)
        stream = Stream(head, answer.chunked, keep_alive, wake)
        self._call_soon(connection.stream, stream, answer.delay)
        return stream

    def _call_soon(self, function: Callable[..., object], *args: Any) -> None:
        with suppress(RuntimeError):  # the event loop has ended meanwhile
            self._loop.call_soon_threadsafe(function, *args)

    def _refusal(
        self, status: HTTPStatus, connection: Connection, request: Request
    ) -> Callable[[], object]:
        reply = self.refuse(connection, RefusedRequest(status), request)
        return partial(connection.answer, reply, request)

    def refuse(
        self, connection: Connection, refusal: RefusedRequest, request: Request | None = None
    ) -> Reply:
        """Return the answer to what the front itself refuses."""
        status = refusal.status
        headers, body = self._wording(refusal, request, connection.caller)
        if status is HTTPStatus.SERVICE_UNAVAILABLE:
            headers = [*headers, ("Retry-After", str(RETRY_SECONDS))]
        return reply_of(f"{status.value} {status.phrase}", headers, body)
