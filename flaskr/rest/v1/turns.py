"""Whose turn it is, where a server has several places: the first, unless it rests."""

import time
from collections.abc import Sequence
from contextvars import ContextVar

from flaskr.places import Place

REST_SECONDS = 30.0  # of a place that failed
NEAR_SECONDS = 10.0  # how long after a change the client keeps to where it was sent


class _Change:
    """That a change was sent to a place, which may show it before the others do."""

    def __init__(self, turns: "Turns", place: Place) -> None:
        self.turns = turns
        self.place = place
        self.until = time.monotonic() + NEAR_SECONDS
        self.failed_since = False


# The last change of the request that is being answered, also for the threads that read for it.
_own_change: ContextVar[_Change | None] = ContextVar("own_change", default=None)


def is_looking_elsewhere() -> bool:
    """Return whether the place where this request sent its last change has failed since.

    What other places show may be from before the change.
    """
    own = _own_change.get()
    return own is not None and own.failed_since


class Turns:
    """In which order the places of a server are asked, as far as is known of them.

    A place that failed rests for REST_SECONDS, or until it succeeds. All of it is a hint: who gets
    no answer at one place goes on to the next.
    """

    def __init__(self, places: Sequence[Place]) -> None:
        self._places = places
        self._rests: dict[Place, float] = {}  # until when
        self._last_change: _Change | None = None

    def order(self, near: Place | None = None) -> list[Place]:
        """Return all places: those that don't rest, then the others by the end of their rests.

        First of all is `near`, then where a change was sent a short while ago: by the same request,
        though that place may rest since, or by any.
        """
        now = time.monotonic()
        left = {place: max(self._rests.get(place, now) - now, 0.0) for place in self._places}
        first = self._first(now, near, left)
        return sorted(self._places, key=lambda place: (place != first, left[place]))

    def _first(self, now: float, near: Place | None, left: dict[Place, float]) -> Place | None:
        if near is not None and not left[near]:
            return near
        own, last = _own_change.get(), self._last_change
        if own and own.turns is self and own.until > now and not own.failed_since:
            return own.place
        return last.place if last and last.until > now and not left[last.place] else None

    def failed(self, place: Place) -> bool:
        """Have a place rest; return whether it did not rest before."""
        now = time.monotonic()
        before = self._rests.get(place, now)
        self._rests[place] = now + REST_SECONDS
        own = _own_change.get()
        if own and own.turns is self and own.place == place:
            own.failed_since = True
        return before <= now

    def succeeded(self, place: Place) -> None:
        """End a place's rest."""
        self._rests.pop(place, None)

    def changed(self, place: Place) -> None:
        """Note that a change was sent to a place, whatever came of it."""
        self._last_change = _Change(self, place)
        _own_change.set(self._last_change)
