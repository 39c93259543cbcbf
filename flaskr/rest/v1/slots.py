"""How many requests to a server are under way at a time."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class NoSlot(Exception):
    """As many requests as may be under way at a time were, for all the time that there was."""


class Slots:
    """So many requests at a time, or any number where `most` is None. Safe to use from threads."""

    def __init__(self, most: int | None) -> None:
        self.most = most
        self._free = threading.BoundedSemaphore(most) if most else None

    @contextmanager
    def one(self, until: float) -> Iterator[None]:
        """Have a slot within this context. Raises NoSlot where none is free until then."""
        if self._free is None:
            yield
            return
        if not self._free.acquire(timeout=max(until - time.monotonic(), 0)):
            raise NoSlot
        try:
            yield
        finally:
            self._free.release()
