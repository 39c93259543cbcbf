"""What waits to be told: bounded, in this process, and told by one thread that is in no one's way.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

from flaskr.result import NOT_SENT, Failure, Reason

logger = logging.getLogger(__name__)

SENT, FAILED, DROPPED = OUTCOMES = ("sent", "failed", "dropped")
MOST_WAITING = 500
GIVE_UP_SECONDS = 600.0
IDLE_SECONDS = 5.0  # after which the thread ends; the next line has another
FIRST_PAUSE_SECONDS = 1.0  # doubled each time
LONGEST_PAUSE_SECONDS = 60.0  # also where the server wants more
_AGAIN = NOT_SENT | {Reason.BUSY}  # after these, nothing has been told

Send = Callable[[str], object]
Count = Callable[[str, int], object]


class Line(NamedTuple):
    """A line that waits, and since when, on the monotonic clock."""

    text: str
    since: float


class Outbox:
    """Lines that are told in their order; those that wait together, in one message.

    `send` takes a message, of at most `most_bytes`, and raises Failure; a message that may have
    been told is not sent again. `count` is told what came of how many lines: one of OUTCOMES.
    """

    def __init__(self, send: Send, most_bytes: int, count: Count) -> None:
        self._send = send
        self._most_bytes = most_bytes
        self._count = count
        self._lines: deque[Line] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_closing = False

    @property
    def waiting(self) -> int:
        """How many lines are not told yet, and not given up."""
        return len(self._lines)

    def put(self, text: str) -> None:
        """Have a line told at some time. It waits for nothing, and is dropped where too many do."""
        with self._changed:
            is_taken = not self._is_closing and len(self._lines) < MOST_WAITING
            if is_taken:
                self._lines.append(Line(text, time.monotonic()))
                self._start()
                self._changed.notify()
        if not is_taken:
            self._note(DROPPED, 1)

    def close(self, seconds: float) -> None:
        """Take no more lines, and tell those that wait, once, for so many seconds at the most."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
            thread = self._thread
        if thread:
            thread.join(seconds)
        if self._lines:
            self._note(DROPPED, len(self._lines))

    def _start(self) -> None:
        """Have the thread run."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="notifications", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while lines := self._next():
            outcome = self._tell(lines)
            with self._changed:
                for _ in lines:
                    self._lines.popleft()
            self._note(outcome, len(lines))

    def _next(self) -> list[Line]:
        """Return the lines of the next message, once there are some; none for the thread's end."""
        with self._changed:
            self._changed.wait_for(lambda: self._lines or self._is_closing, IDLE_SECONDS)
            if not self._lines:
                self._thread = None
            return list(_fitting(self._lines, self._most_bytes))

    def _tell(self, lines: list[Line]) -> str:
        """Send lines in one message, again for as long as that makes sense; return the outcome."""
        text = "\n".join(line.text for line in lines)
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                self._send(text)
            except Failure as failure:
                seconds = min(max(pause, failure.retry_after), LONGEST_PAUSE_SECONDS)
                if not self._goes_on(failure, lines[0], seconds):
                    return FAILED
                pause *= 2
            except Exception as error:  # its text might have an address that is a secret
                logger.error("notification error=%s", type(error).__name__)
                return FAILED
            else:
                return SENT

    def _goes_on(self, failure: Failure, first: Line, seconds: float) -> bool:
        """Wait before a message is sent again; return whether it is."""
        is_late = time.monotonic() + seconds > first.since + GIVE_UP_SECONDS
        if failure.reason not in _AGAIN or is_late or self._is_closing:
            logger.warning("notification code=%s message=%s", failure.code, failure.message)
            return False
        logger.warning("notifications put_off=%s seconds=%.0f", failure.code, seconds)
        self._rest(seconds)
        return True

    def _rest(self, seconds: float) -> None:
        """Wait so many seconds, or until it is to end."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closing, seconds)

    def _note(self, outcome: str, number: int) -> None:
        level = logging.INFO if outcome == SENT else logging.WARNING
        logger.log(
            level, "notifications outcome=%s lines=%d waiting=%d", outcome, number, self.waiting
        )
        self._count(outcome, number)


def _fitting(lines: deque[Line], most_bytes: int) -> Iterator[Line]:
    """Yield the first lines, as many as a message can have; one even where it is too long."""
    size = 0
    for line in lines:
        size += len(line.text.encode("utf-8", "replace")) + 1
        if size > most_bytes + 1 and line is not lines[0]:
            return
        yield line
