"""The front: who is connected, what they asked for, and the end of it all."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flaskr.front.answer import Answer, call
from flaskr.front.connection import Connection
from flaskr.front.descriptors import allow_connections
from flaskr.front.request import Headers, Refused, Request
from flaskr.front.threads import Job, Threads

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

logger = logging.getLogger(__name__)

CHECK_SECONDS = 0.5  # how often the connections' time limits are looked at
PATIENCE_SECONDS = 0.5  # how long a request waits for a thread before it is told to come again
RETRY_AFTER = ("Retry-After", "1")
_NO_THREAD = "The portal is busy: all its threads are at work. Nothing was done; try again."
_FAILED = "The portal failed here; its log says more."

#: How a refusal is worded: from its status and message to headers and body.
Wording = Callable[[HTTPStatus, str], tuple[Headers, bytes]]


class Front:
    """Serves a WSGI application to any number of callers, with so many threads.

    `wording` makes the answer to what the front itself refuses. `max_body` is in bytes. The `apart`
    paths have a thread each of their own, and wait for it as long as it takes: health checks,
    which have to be answered also when all others hang. `writers` of the threads at the most are
    lent to requests that change something. `connections` are open at the most.
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
        apart: tuple[str, ...] = (),
    ) -> None:
        self.max_body = max_body
        self.stopping = False
        self._app = app
        self._wording = wording
        self._threads, self._writers, self._apart = threads, writers, apart
        self._most_connections = allow_connections(connections)
        self._connections: set[Connection] = set()
        self._aborted = False
        self._empty = asyncio.Event()

    async def serve(self, listener: socket.socket, stop: asyncio.Event, seconds: float) -> bool:
        """Serve on a socket that listens, until told to stop; then finish what has been begun.

        Return whether all of it could be finished within so many seconds.
        """
        self._loop = asyncio.get_running_loop()
        self._common = Threads(self._loop, self._threads, self._writers, PATIENCE_SECONDS)
        self._lanes: Mapping[str, Threads] = {
            path: Threads(self._loop, 1, 1, None) for path in self._apart
        }
        checks = asyncio.create_task(self._check_connections())
        server = await self._loop.create_server(
            lambda: Connection(self), sock=listener, backlog=self._most_connections
        )
        await stop.wait()
        self.stopping = True
        await self._accept_last(listener)
        server.close()
        finished = await self._finish(seconds)
        checks.cancel()
        return finished

    async def _accept_last(self, listener: socket.socket) -> None:
        """Take who is connected already as far as the operating system goes, but not yet here."""
        while True:
            try:
                accepted, _ = listener.accept()
            except OSError:
                return
            accepted.setblocking(False)
            await self._loop.connect_accepted_socket(lambda: Connection(self), accepted)

    async def _finish(self, seconds: float) -> bool:
        for connection in list(self._connections):
            connection.stop()
        try:
            await asyncio.wait_for(self._all_closed(), seconds)
        except asyncio.TimeoutError:
            self.abort()
        return not self._aborted

    def abort(self) -> None:
        """End all connections at once, whatever they are at."""
        self._aborted = True
        for connection in list(self._connections):
            connection.abort()

    async def _all_closed(self) -> None:
        while self._connections:
            self._empty.clear()
            await self._empty.wait()

    async def _check_connections(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            for connection in list(self._connections):
                connection.check(self.now())

    # What connections call.

    def now(self) -> float:
        """Return the time of the event loop's clock."""
        return self._loop.time()

    def opened(self, connection: Connection) -> None:
        """Take note of a new connection; where there are too many, end the one that waits most."""
        self._connections.add(connection)
        if self.stopping:
            connection.stop()
        if len(self._connections) > self._most_connections:
            waiting = (other for other in self._connections if other.waits_for_caller)
            longest = min(waiting, key=lambda other: other.since)
            self._connections.discard(longest)
            longest.abort()

    def closed(self, connection: Connection) -> None:
        """Take note of the end of a connection."""
        self._connections.discard(connection)
        if not self._connections:
            self._empty.set()

    def later(self, seconds: float, function: Callable[..., object], *args: Any) -> None:
        """Call a function after so many seconds."""
        self._loop.call_later(seconds, function, *args)

    def answer(self, connection: Connection, request: Request) -> None:
        """Have the application answer a request, as soon as a thread is free for it."""

        def done(answer: Answer) -> None:
            connection.answer(answer, request)

        def no_thread() -> None:
            refusal = Refused(HTTPStatus.SERVICE_UNAVAILABLE, _NO_THREAD)
            connection.answer(self.refuse(connection, refusal), request)

        work = partial(self._work, connection, request)
        lane = self._lanes.get(request.path, self._common)
        lane.submit(Job(work, done, no_thread, request.reads))

    def _work(self, connection: Connection, request: Request) -> Answer:
        """Return the application's answer, in a thread."""
        try:
            return call(self._app, request, connection.caller, connection.address)
        except Exception:
            logger.exception("the application failed")
            return self.refuse(connection, Refused(HTTPStatus.INTERNAL_SERVER_ERROR, _FAILED))

    def refuse(self, connection: Connection, refusal: Refused) -> Answer:
        """Return the answer to what the front itself refuses, and log that: nobody else does."""
        status = refusal.status
        logger.info("refused caller=%s status=%d", connection.caller, status)
        headers, body = self._wording(status, refusal.message)
        more = [RETRY_AFTER] if status is HTTPStatus.SERVICE_UNAVAILABLE else []
        return Answer(f"{status.value} {status.phrase}", [*headers, *more], body)
