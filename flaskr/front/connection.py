"""One connection: its requests one behind the other, each answered before the next is looked at."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from enum import Enum
from http import HTTPStatus
from typing import Any, Protocol, cast

from flaskr.front.reply import Reply
from flaskr.front.request import Phase, RefusedRequest, Request, RequestReader, too_large

HEAD_SECONDS = 10.0  # for the request line and the headers, from the first byte on
BODY_SECONDS = 10.0
IDLE_SECONDS = 60.0  # a kept connection, between two requests
FAREWELL_SECONDS = 2.0  # for what is still on its way when a connection is given up
STOP_SECONDS = 1.0  # the same, for connections without a whole request, when the server stops
# An answer is taken at this pace or faster, looked at so often.
WRITE_SECONDS = 10.0
LEAST_BYTES = 64 * 1024
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_READING_SECONDS = {
    Phase.NOTHING: IDLE_SECONDS, Phase.HEAD: HEAD_SECONDS, Phase.BODY: BODY_SECONDS
}
_FOREVER = float("inf")


class State(Enum):
    """What a connection is doing."""

    READING = "reading"
    WORKING = "a request is being answered"
    HELD = "the answer is held back"
    WRITING = "the answer waits for its reader"
    LEAVING = "it is closed as soon as the other side has noticed"


class Host(Protocol):
    """What a connection needs of its server."""

    max_body: int
    stopping: bool

    def now(self) -> float:
        """Return the time of the event loop's clock."""

    def later(self, seconds: float, function: Callable[..., object], *args: Any) -> None:
        """Call a function after so many seconds."""

    def waits(self, connection: Connection) -> None:
        """Take note of a connection that waits for its caller from now on."""

    def works(self, connection: Connection) -> None:
        """Take note of a connection on which something has been begun that should be finished."""

    def closed(self, connection: Connection) -> None:
        """Take note of the end of a connection."""

    def answer(self, connection: Connection, request: Request) -> None:
        """See to it that the connection's `answer` is called with the answer to a request."""

    def refuse(
        self, connection: Connection, refusal: RefusedRequest, request: Request | None = None
    ) -> Reply:
        """Return the answer to a request that is refused; None is one whose head was not read."""


class Connection(asyncio.Protocol):
    """A connection, from its beginning to its end. At its `deadline` it has to have moved on."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._reader = RequestReader(host.max_body)
        self._requests: deque[Request] = deque()
        self._ahead = b""  # what came while a request was being answered: no more is read then
        self._state = State.READING
        self._phase: Phase | None = None
        self._sender_is_done = False
        self._keep_alive = True
        self._unsent = 0  # bytes of an answer that its reader has not taken yet

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(0)  # `resume_writing` tells that all is sent
        self.caller = str((transport.get_extra_info("peername") or ("?",))[0])
        here = transport.get_extra_info("sockname") or ("127.0.0.1", 0)
        self.address = cast("tuple[str, int]", here[:2])
        self._wait_for_request(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._requests.clear()
        self._reader.close()
        self._host.closed(self)

    @property
    def kept_bytes(self) -> int:
        """How much it keeps of the memory: what is not sent yet, and what came ahead."""
        return self._unsent + len(self._ahead)

    # What comes in.

    def data_received(self, data: bytes) -> None:
        if self._state is State.READING:
            self._requests.extend(self._reader.feed(data))
            self._go_on()
        elif self._state is not State.LEAVING:
            self._ahead += data
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        """Answer what came whole; the other side may have closed its half only."""
        self._sender_is_done = True
        if self._state is State.LEAVING:
            return False
        self._go_on()
        return not self._transport.is_closing()

    def _go_on(self) -> None:
        """Begin with the next request, where the one before is answered."""
        if self._state is not State.READING or self._transport.is_closing():
            return
        if self._requests:
            self._begin(self._requests.popleft())
        elif self._reader.refusal:
            self._refuse(self._reader.refusal)
        elif self._ahead:
            self._read_on()
        elif self._sender_is_done:
            self._end_of_requests()
        else:
            self._wait_for_rest()

    def _read_on(self) -> None:
        data, self._ahead = self._ahead, b""
        self._transport.resume_reading()
        self._requests.extend(self._reader.feed(data))
        self._go_on()

    def _end_of_requests(self) -> None:
        self._reader.end()
        if self._reader.refusal:
            self._refuse(self._reader.refusal)
        else:
            self._transport.close()

    def _wait_for_rest(self) -> None:
        if self._reader.wants_continue:
            self._reader.wants_continue = False
            self._transport.write(_CONTINUE)
        if self._reader.phase is not self._phase:
            self._phase = self._reader.phase
            self._wait_for_request(_READING_SECONDS[self._phase])

    def _wait_for_request(self, seconds: float) -> None:
        self._wait(min(seconds, STOP_SECONDS) if self._host.stopping else seconds)

    def _wait(self, seconds: float) -> None:
        self.deadline = self._host.now() + seconds
        self._host.waits(self)

    # What goes out.

    def _begin(self, request: Request) -> None:
        self._state = State.WORKING
        self._phase = None
        self.deadline = _FOREVER
        self._host.works(self)
        self._host.answer(self, request)

    def hold(self, seconds: float, reply: Reply, request: Request) -> None:
        """Send an answer after so many seconds; if the caller is gone by then, nothing is lost."""
        if self._transport.is_closing():
            return
        self._state = State.HELD
        self._host.waits(self)
        self._host.later(seconds, self.answer, reply, request)

    def answer(self, reply: Reply, request: Request) -> None:
        """Send the answer to the request that is being answered."""
        if self._transport.is_closing():
            return
        self._keep_alive = request.keep_alive and not self._host.stopping
        self._state = State.WRITING
        self._transport.write(reply.to_bytes(self._keep_alive, request.method == "HEAD"))
        self._unsent = self._transport.get_write_buffer_size()
        if self._unsent:
            self._wait(WRITE_SECONDS)
        else:
            self._sent()

    def resume_writing(self) -> None:
        if self._state is State.WRITING:
            self._sent()

    def _sent(self) -> None:
        self._unsent = 0
        if not self._keep_alive:
            self._leave()
            return
        self._state = State.READING
        self._go_on()

    def _refuse(self, refusal: RefusedRequest) -> None:
        """Say why, and leave: what the other side is still sending is not read as a request."""
        reply = self._host.refuse(self, refusal, self._reader.unfinished())
        self._transport.write(reply.to_bytes(keep_alive=False))
        self._leave()

    def _leave(self) -> None:
        """Send the rest and no more, and close when the other side has noticed.

        A connection that is closed with bytes unread is reset, and the answer may be lost by that.
        """
        self._state = State.LEAVING
        if self._sender_is_done or self._transport.is_closing():
            self._transport.close()
            return
        self._wait(FAREWELL_SECONDS)
        self._transport.resume_reading()
        self._transport.write_eof()

    # Time.

    def check(self, now: float) -> None:
        """Give up what takes longer than it may."""
        if now >= self.deadline and not self._transport.is_closing():
            self._late()

    def _late(self) -> None:
        if self._state is State.WRITING:
            self._check_pace()
        elif self._state is State.LEAVING or self._reader.phase is Phase.NOTHING:
            self._transport.abort()
        elif self._reader.too_large:
            self._refuse(too_large())
        else:
            here = self._reader.phase.value
            message = f"The request did not arrive completely in time: only {here} came."
            self._refuse(RefusedRequest(HTTPStatus.REQUEST_TIMEOUT, message))

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
