"""One connection: its requests one behind the other, each answered before the next is looked at."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from enum import Enum
from http import HTTPStatus
from typing import Any, Protocol, cast

from flaskr.front.answer import Answer
from flaskr.front.request import Phase, Refused, Request, RequestReader, too_large

HEAD_SECONDS = 10.0  # for the request line and the headers, from the first byte on
BODY_SECONDS = 10.0
IDLE_SECONDS = 60.0  # a kept connection, between two requests
FAREWELL_SECONDS = 2.0  # for what is still on its way when a connection is given up
STOP_SECONDS = 1.0  # the same, for connections without a whole request, when the server stops
# An answer is taken at this pace or faster, looked at so often.
WRITE_SECONDS = 10.0
LEAST_BYTES = 64 * 1024
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_FOREVER = float("inf")


class State(Enum):
    """What a connection is at."""

    READING = "reading"
    WORKING = "a request is being answered"
    WRITING = "the answer waits for its reader"
    LEAVING = "it is closed as soon as the other side has noticed"


class Host(Protocol):
    """What a connection needs of the server that it is a connection of."""

    max_body: int
    stopping: bool

    def now(self) -> float:
        """Return the time of the event loop's clock."""

    def later(self, seconds: float, function: Callable[..., object], *args: Any) -> None:
        """Call a function after so many seconds."""

    def opened(self, connection: Connection) -> None:
        """Take note of a new connection."""

    def closed(self, connection: Connection) -> None:
        """Take note of the end of a connection."""

    def answer(self, connection: Connection, request: Request) -> None:
        """See to it that the connection's `answer` is called with the answer to a request."""

    def refuse(self, connection: Connection, refusal: Refused) -> Answer:
        """Return the answer to a request that could not be read."""


class Connection(asyncio.Protocol):
    """A connection, from its beginning to its end.

    Since `since` it is at the same, and at its `deadline` it has to have moved on.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._reader = RequestReader(host.max_body)
        self._requests: deque[Request] = deque()
        self._state = State.READING
        self._phase: Phase | None = None
        self._sender_is_done = False
        self._keep_alive = True
        self._unsent = 0
        self._wait(HEAD_SECONDS)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(0)  # `resume_writing` tells that all is sent
        self.caller = str((transport.get_extra_info("peername") or ("?",))[0])
        self.address = cast("tuple[str, int]", transport.get_extra_info("sockname")[:2])
        self._host.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._host.closed(self)

    @property
    def waits_for_caller(self) -> bool:
        """Whether nothing has been begun here that would be lost."""
        return self._state is not State.WORKING

    # What comes in.

    def data_received(self, data: bytes) -> None:
        if self._state is State.LEAVING:
            return
        self._requests.extend(self._reader.feed(data))
        if self._reader.wants_continue:
            self._reader.wants_continue = False
            self._transport.write(_CONTINUE)
        self._go_on()

    def eof_received(self) -> bool:
        """Answer what came whole; the other side may have closed its half only."""
        self._sender_is_done = True
        if self._state is State.LEAVING:
            return False
        self._reader.end()
        self._go_on()
        return not self._transport.is_closing()

    def _go_on(self) -> None:
        """Begin with the next request, where the one before is answered."""
        if self._state is not State.READING:
            return
        if self._requests:
            self._begin(self._requests.popleft())
        elif self._reader.refusal:
            self._refuse(self._reader.refusal)
        elif self._sender_is_done:
            self._transport.close()
        elif self._reader.phase is not self._phase:
            self._phase = self._reader.phase
            seconds = {Phase.HEAD: HEAD_SECONDS, Phase.BODY: BODY_SECONDS}
            self._wait(seconds.get(self._phase, IDLE_SECONDS))

    def _wait(self, seconds: float) -> None:
        self.since = self._host.now()
        self.deadline = self.since + seconds

    # What goes out.

    def _begin(self, request: Request) -> None:
        self._state = State.WORKING
        self._phase = None
        self.deadline = _FOREVER
        if not self._sender_is_done:
            self._transport.pause_reading()
        self._host.answer(self, request)

    def answer(self, answer: Answer, request: Request) -> None:
        """Send the answer to the request that is being answered."""
        if answer.delay:
            undelayed = Answer(answer.status, answer.headers, answer.body)
            self._host.later(answer.delay, self.answer, undelayed, request)
            return
        if self._transport.is_closing():
            return
        self._keep_alive = request.keep_alive and not self._host.stopping
        self._state = State.WRITING
        self._transport.write(answer.to_bytes(request, self._keep_alive))
        self._unsent = self._transport.get_write_buffer_size()
        if self._unsent:
            self._wait(WRITE_SECONDS)
        else:
            self._sent()

    def resume_writing(self) -> None:
        if self._state is State.WRITING:
            self._sent()

    def _sent(self) -> None:
        if not self._keep_alive:
            self._transport.close()
            return
        self._state = State.READING
        if not self._sender_is_done:
            self._transport.resume_reading()
        self._go_on()

    def _refuse(self, refusal: Refused) -> None:
        """Say why, and leave: what the other side is still sending is not read as a request."""
        answer = self._host.refuse(self, refusal)
        self._state = State.LEAVING
        self._wait(FAREWELL_SECONDS)
        self._transport.write(answer.to_bytes(None, keep_alive=False))
        if self._transport.can_write_eof() and not self._sender_is_done:
            self._transport.write_eof()
        else:
            self._transport.close()

    # Time.

    def check(self, now: float) -> None:
        """Give up what takes longer than it may."""
        if now >= self.deadline:
            self._late()

    def _late(self) -> None:
        if self._state is State.WRITING:
            self._check_pace()
        elif self._state is State.LEAVING or self._reader.phase is Phase.NOTHING:
            self._transport.abort()
        elif self._reader.too_large:
            self._refuse(too_large())
        else:
            seconds = HEAD_SECONDS if self._reader.phase is Phase.HEAD else BODY_SECONDS
            self._refuse(
                Refused(
                    HTTPStatus.REQUEST_TIMEOUT,
                    f"The request was not here whole within {seconds:g} s: only "
                    f"{self._reader.phase.value} came.",
                )
            )

    def _check_pace(self) -> None:
        unsent = self._transport.get_write_buffer_size()
        if self._unsent - unsent < min(LEAST_BYTES, self._unsent):
            self._transport.abort()
            return
        self._unsent = unsent
        self._wait(WRITE_SECONDS)

    def stop(self) -> None:
        """Have a last short time for a request that is on its way, where none is being answered."""
        if self._state is State.READING:
            self.deadline = min(self.deadline, self._host.now() + STOP_SECONDS)

    def abort(self) -> None:
        """End at once."""
        self._transport.abort()
