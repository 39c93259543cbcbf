"""The throttle of a Unity Connection: so many requests at a time, the others wait in a line."""

from __future__ import annotations

import time
from threading import Lock


class LineTooLong(Exception):
    """A request whose turn doesn't come; it is told so after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no turn within {seconds:g} s")
        self.seconds = seconds


class WaitingLine:
    """When the requests that are worked on, or wait for it, will be done.

    Nobody really waits in it: whoever asks is told how long the wait is.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._done: list[float] = []

    def clear(self) -> None:
        """Have nobody in it."""
        with self._lock:
            self._done = []

    def enter(self, takes: float, at_a_time: int, most: int, patience: float) -> float:
        """Return after how many seconds it is the turn of a request that `takes` so long.

        most: how many may wait. patience: for how many seconds. Raises LineTooLong.
        """
        now = time.monotonic()
        with self._lock:
            self._done = sorted(done for done in self._done if done > now)
            turn = self._done[-at_a_time] if len(self._done) >= at_a_time else now
            if turn > now and len(self._done) - at_a_time >= most:
                raise LineTooLong(0)
            if turn - now > patience:
                raise LineTooLong(patience)
            self._done.append(turn + takes)
        return turn - now
