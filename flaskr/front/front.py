"""The front: the connections, the threads that answer their requests, and the orderly stop."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flaskr.front.connection import Connection
from flaskr.front.descriptors import allow_connections
from flaskr.front.reply import Reply, call, reply_of
from flaskr.front.request import Headers, RefusedRequest, Request
from flaskr.front.threads import Job, Threads

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

logger = logging.getLogger(__name__)

CHECK_SECONDS = 0.5  # how often the connections' time limits are looked at
FINISH_CHECK_SECONDS = 0.02  # how often, when stopping, whether all is finished
PATIENCE_SECONDS = 0.5  # how long a request waits for a thread before it is told to try again
ACCEPTED_AT_ONCE = 64  # before others have their turn; the operating system keeps more waiting
MAX_KEPT_BYTES = 64 * 1024 * 1024  # for all connections that wait for their callers together
RETRY_SECONDS = 1  # when to try again where no thread was free

# The headers and body of the answer to what the front itself refuses: made of why, the request
# as far as it could be read, and the caller's IP address.
Wording = Callable[[RefusedRequest, Request | None, str], tuple[Headers, bytes]]


class Front:
    """Serves a WSGI application to any number of callers, with so many threads.

    `wording` makes the answer to what the front itself refuses. `max_body` is in bytes. Each of
    `separate_paths` has a thread of its own, and waits for it as long as it takes: health checks
    have to be answered also when all others hang. `writers` of the threads at the most are lent to
    requests that change something. `connections` are open at the most.
    """

    def __init__(
        self,
        app: WSGIApplication,
        wording: Wording,
        *,
        max_body: int,
        threads: int,
        writers: int,
        connections: int,
        separate_paths: tuple[str, ...] = (),
    ) -> None:
        self.max_body = max_body
        self.stopping = False
        self._app = app
        self._wording = wording
        self._threads, self._writers = threads, writers
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
        """Accept the connections that the operating system has, but this process has not yet."""
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

        def done(outcome: tuple[Reply, float]) -> None:
            reply, delay = outcome
            if delay:
                connection.hold(delay, reply, request)
            else:
                connection.answer(reply, request)

        def no_thread() -> None:
            refusal = RefusedRequest(HTTPStatus.SERVICE_UNAVAILABLE)
            connection.answer(self.refuse(connection, refusal, request), request)

        work = partial(self._work, connection, request)
        threads = self._separate.get(request.path, self._common)
        threads.submit(Job(work, done, no_thread, request.reads))

    def _work(self, connection: Connection, request: Request) -> tuple[Reply, float]:
        """Return the application's answer, in a thread."""
        try:
            return call(self._app, request, connection.caller, connection.address)
        except BaseException:
            logger.exception("the application failed")
            refusal = RefusedRequest(HTTPStatus.INTERNAL_SERVER_ERROR)
            return self.refuse(connection, refusal, request), 0.0

    def refuse(
        self, connection: Connection, refusal: RefusedRequest, request: Request | None = None
    ) -> Reply:
        """Return the answer to what the front itself refuses."""
        status = refusal.status
        headers, body = self._wording(refusal, request, connection.caller)
        if status is HTTPStatus.SERVICE_UNAVAILABLE:
            headers = [*headers, ("Retry-After", str(RETRY_SECONDS))]
        return reply_of(f"{status.value} {status.phrase}", headers, body)
