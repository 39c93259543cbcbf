"""Streamed answers: pieces on their way from the thread that makes them to the event loop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator

MOST_UNSENT = 256 * 1024  # bytes of one stream that its reader has not taken yet
MOST_AT_ONCE = 64 * 1024  # a longer piece is cut up
_LAST_CHUNK = b"0\r\n\r\n"


class Stream:
    """A streamed answer, made in one thread, and sent by a connection in the event loop's.

    `head` goes before the first piece. `chunked` is whether the reader is told where the answer
    ends; if not, it ends with the connection. `keep_alive` is what the head says about that.
    `wake` has the connection look at what there is.
    """

    def __init__(
        self, head: bytes, chunked: bool, keep_alive: bool, wake: Callable[[], object]
    ) -> None:
        self.chunked = chunked
        self.keep_alive = keep_alive
        self.begun = False  # whether anything was handed on
        self.complete = False
        self._head = head
        self._wake = wake
        self._changed = threading.Condition()
        self._here = bytearray()
        self._unsent = 0  # bytes that the connection has and the reader has not taken
        self._over = False
        self._given_up = False

    # What the thread calls.

    def send(self, pieces: Iterable[bytes]) -> None:
        """Hand the pieces on as they come, while there is a reader; wait for one who is slow."""
        for piece in pieces:
            if not all(map(self._put, _cut(piece))):
                return

    def end(self, complete: bool) -> None:
        """Take note that no more pieces come, and whether these were all."""
        with self._changed:
            self.begun = self._over = True
            self.complete = complete
        self._wake()

    def _put(self, piece: bytes) -> bool:
        """Hand a piece on when there is room for it. Return whether there is a reader."""
        with self._changed:
            self._changed.wait_for(lambda: self._given_up or self._has_room_for(piece))
            if self._given_up:
                return False
            wakes = bool(piece) and not self._here
            self._here += piece
            self.begun = self.begun or wakes
        if wakes:
            self._wake()
        return True

    def _has_room_for(self, piece: bytes) -> bool:
        return len(self._here) + self._unsent + len(piece) <= MOST_UNSENT

    # What the event loop calls.

    def take(self) -> tuple[bytes, bool]:
        """Return what there is, as it goes over the wire, and whether it is the last."""
        with self._changed:
            here, self._here = self._here, bytearray()
            self._unsent += len(here)
            over = self._over
        parts = [bytes(here)]
        if here and self.chunked:
            parts = [b"%x\r\n" % len(here), *parts, b"\r\n"]
        if over and self.complete and self.chunked:
            parts.append(_LAST_CHUNK)
        if here or over:
            parts.insert(0, self._head)
            self._head = b""
        return b"".join(parts), over

    def note_unsent(self, unsent: int) -> None:
        """Take note of how many bytes the connection has that the reader has not taken."""
        with self._changed:
            self._unsent = unsent
            self._changed.notify()

    def give_up(self) -> None:
        """Take note that there is no reader any more."""
        with self._changed:
            self._given_up = True
            self._here.clear()
            self._changed.notify()


def _cut(piece: bytes) -> Iterator[bytes]:
    """Yield a piece in parts that are not too long; an empty one as it is."""
    for start in range(0, max(len(piece), 1), MOST_AT_ONCE):
        yield piece[start:start + MOST_AT_ONCE]


class StreamPlaces:
    """Places for streams that are being made, only so many: each of them holds a thread."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self.taken = 0

    def take(self) -> bool:
        """Take a place. Return whether there was one."""
        with self._lock:
            if self.taken >= self._most:
                return False
            self.taken += 1
            return True

    def give_back(self) -> None:
        """Leave a place to another."""
        with self._lock:
            self.taken -= 1
