"""One connection: its requests one behind the other, each answered before the next is looked at."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from http import HTTPStatus
from typing import Any, Protocol, cast

from flaskr.front.bodies import Bodies
from flaskr.front.pace import LEAST_BYTES, Pace
from flaskr.front.reply import Reply
from flaskr.front.request import Phase, RefusedRequest, Request, RequestReader
from flaskr.front.stream import Stream

HEAD_SECONDS = 10.0  # for the request line and the headers, from the first byte on
BODY_SECONDS = 10.0  # for the body, or for each LEAST_BYTES of it
IDLE_SECONDS = 60.0  # a kept connection, between two requests
FAREWELL_SECONDS = 2.0  # for what is still on its way when a connection is given up
STOP_SECONDS = 1.0  # the same, for connections without a whole request, when the server stops
WRITE_SECONDS = 10.0  # for an answer to be taken, or for each LEAST_BYTES of it
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_READING_SECONDS = {
    Phase.NOTHING: IDLE_SECONDS, Phase.HEAD: HEAD_SECONDS, Phase.BODY: BODY_SECONDS
}
_FOREVER = float("inf")
_RESET = struct.pack("ii", 1, 0)  # linger for no time: who reads is told of an end in the middle


class State(Enum):
    """What a connection is doing."""

    READING = "reading"
    WORKING = "a request is being answered"
    HELD = "the answer is held back"
    STREAMING = "the answer is being made, and sent as it comes"
    WRITING = "the answer waits for its reader"
    LEAVING = "it is closed as soon as the other side has noticed"


class Host(Protocol):
    """What a connection needs of its server."""

    bodies: Bodies
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

    def done_with(self, request: Request) -> None:
        """Take note of a request that is answered, or never will be."""

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
        self._reader = RequestReader(host.bodies)
        self._requests: deque[Request] = deque()
        self._ahead = b""  # what came while a request was being answered: no more is read then
        self._state = State.READING
        self._phase: Phase | None = None
        self._sender_is_done = False
        self._keep_alive = True
        self._stream: Stream | None = None
        self._ends_with_connection = False  # what is being sent: nothing else says that it is over
        self._written = 0  # bytes of answers, in all
        self._unsent = 0  # those of them that their reader has not taken yet
        self._pace = Pace(0, 0)  # of who sends a body, or takes an answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(0)  # `resume_writing` tells that all is sent
        self.caller = str((transport.get_extra_info("peername") or ("?",))[0])
        here = transport.get_extra_info("sockname") or ("127.0.0.1", 0)
        self.address = cast("tuple[str, int]", here[:2])
        self._wait_for_request(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        for request in self._requests:
            self._host.done_with(request)
        self._requests.clear()
        self._reader.close()
        if self._stream:
            self._stream.give_up()
        self._host.closed(self)

    @property
    def kept_bytes(self) -> int:
        """How much it keeps of the memory: what is not sent, not here whole, or came ahead."""
        return self._unsent + self._reader.kept_bytes + len(self._ahead)

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
            self._pace = Pace(0, LEAST_BYTES)
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
        self._hold(seconds, self.answer, reply, request)

    def _hold(self, seconds: float, function: Callable[..., object], *args: Any) -> None:
        if self._transport.is_closing():
            return
        self._state = State.HELD
        self._host.waits(self)
        self._host.later(seconds, function, *args)

    def answer(self, reply: Reply, request: Request) -> None:
        """Send the answer to the request that is being answered."""
        self._stream = None
        if self._transport.is_closing():
            return
        self._keep_alive = request.keep_alive and not self._host.stopping
        self._state = State.WRITING
        self._write(reply.to_bytes(self._keep_alive, request.method == "HEAD"))
        if not self._unsent:
            self._sent()

    def _write(self, data: bytes) -> None:
        """Write what belongs to an answer; from now on, its reader has to take it at a pace."""
        waited = self._unsent
        self._transport.write(data)
        self._written += len(data)
        self._unsent = self._transport.get_write_buffer_size()
        if self._unsent and not waited:
            self._pace = Pace(self._written - self._unsent, self._unsent)
            self._wait(WRITE_SECONDS)

    def resume_writing(self) -> None:
        self._unsent = 0
        if self._state is State.WRITING:
            self._sent()
        elif self._state is State.STREAMING:
            self._wait_for_more()

    # A streamed answer.

    def stream(self, stream: Stream, delay: float) -> None:
        """Have a streamed answer sent, from so many seconds on, whenever there is more of it."""
        self._stream = stream
        if self._transport.is_closing():
            stream.give_up()
        elif delay:
            self._hold(delay, self._begin_stream, stream)
        else:
            self._begin_stream(stream)

    def _begin_stream(self, stream: Stream) -> None:
        if self._transport.is_closing() or self._stream is not stream:
            return
        self._state = State.STREAMING
        self._ends_with_connection = not stream.chunked
        self.send_stream()

    def send_stream(self) -> None:
        """Send what there is of a streamed answer."""
        if self._state is not State.STREAMING or not self._stream:
            return
        data, over = self._stream.take()
        self._write(data)
        if self._transport.is_closing():
            self._stream.give_up()
        elif over:
            self._end_stream(self._stream)
        elif self._unsent:
            self._stream.note_unsent(self._unsent)
        else:
            self._wait_for_more()

    def _wait_for_more(self) -> None:
        """Wait as long as it takes until the application has made more."""
        self.deadline = _FOREVER
        self._host.works(self)
        if self._stream:
            self._stream.note_unsent(0)

    def _end_stream(self, stream: Stream) -> None:
        """Send the rest. What is not complete is cut, in a way that its reader notices."""
        self._stream = None
        self._state = State.WRITING
        self._keep_alive = stream.keep_alive and stream.complete
        if self._ends_with_connection and not stream.complete:
            self.abort()
        elif not self._unsent:
            self._sent()

    # What comes after it.

    def _sent(self) -> None:
        self._ends_with_connection = False
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
        self._reader.close()
        if self._sender_is_done or self._transport.is_closing():
            self._transport.close()
            return
        self._wait(FAREWELL_SECONDS)
        self._transport.resume_reading()
        self._transport.write_eof()

    # Time.

    def check(self, now: float) -> None:
        """Give up what takes longer than it may, and what nobody reads any more."""
        if self._transport.is_closing():
            return
        if self._state is State.STREAMING and self._is_reset():
            self.abort()
        elif now >= self.deadline:
            self._late()

    def _is_reset(self) -> bool:
        """Return whether the caller is gone, also where it is not being read from."""
        return bool(self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))

    @property
    def _socket(self) -> socket.socket:
        return cast(socket.socket, self._transport.get_extra_info("socket"))

    def _late(self) -> None:
        if self._state in (State.WRITING, State.STREAMING):
            self._check_readers_pace()
        elif self._state is State.LEAVING or self._reader.phase is Phase.NOTHING:
            self.abort()
        elif self._reader.unwanted:
            self._refuse(self._reader.unwanted)
        elif self._pace.is_kept(self._reader.body_bytes, LEAST_BYTES) and not self._host.stopping:
            self._wait_for_request(BODY_SECONDS)
        else:
            here = self._reader.phase.value
            message = f"The request did not arrive completely in time: only {here} came."
            self._refuse(RefusedRequest(HTTPStatus.REQUEST_TIMEOUT, message))

    def _check_readers_pace(self) -> None:
        self._unsent = self._transport.get_write_buffer_size()
        if self._pace.is_kept(self._written - self._unsent, self._unsent):
            self._wait(WRITE_SECONDS)
        else:
            self.abort()

    def stop(self) -> None:
        """Have a last short time for a request that is on its way, where none is being answered."""
        if self._state is State.READING:
            self.deadline = min(self.deadline, self._host.now() + STOP_SECONDS)

    def abort(self) -> None:
        """End at once. A reader who could take that for the end of the answer gets a reset."""
        if self._ends_with_connection:
            with suppress(OSError):  # it ended just now
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._transport.abort()
