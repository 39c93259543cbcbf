"""Servers that are away and back, as the calls to them find."""

import threading
import time
from collections import defaultdict
from dataclasses import dataclass

from flaskr.notifications.words import away_in_words, back_in_words
from flaskr.rest.v1.calls import DOWN, NotedCall
from flaskr.rest.v1.rest import REST

SETTLED_SECONDS = 15.0  # how long all calls have to find the same, before it is told


@dataclass
class _Sight:
    """What was told of a place, and since when calls find something else."""

    is_away: bool = False
    away_since: float = 0.0
    other_since: float | None = None


class Watch:
    """Knows when a place of a server is away, and when it is back: neither for a moment."""

    def __init__(self, client: REST) -> None:
        self._title = client.title
        self._places = tuple(client.places)
        self._lock = threading.Lock()
        self._sights: defaultdict[int, _Sight] = defaultdict(_Sight)

    def said_of(self, call: NotedCall) -> str | None:
        """Return what is to be told after a call, mostly nothing. A server that is busy is there.
        """
        if call.is_retry:
            return None
        with self._lock:
            return self._said(self._sights[call.place], call, time.monotonic())

    def _said(self, sight: _Sight, call: NotedCall, now: float) -> str | None:
        if (call.state == DOWN) == sight.is_away:
            sight.other_since = None
            return None
        if sight.other_since is None:
            sight.other_since = now
        is_settled = now - sight.other_since >= SETTLED_SECONDS
        return self._turn(sight, call, sight.other_since, now) if is_settled else None

    def _turn(self, sight: _Sight, call: NotedCall, since: float, now: float) -> str:
        """Return what is told now, and take it for what is so."""
        where = f"{self._title} at {self._places[call.place - 1]}"
        sight.is_away, sight.other_since = not sight.is_away, None
        if not sight.is_away:
            return back_in_words(where, since - sight.away_since)
        sight.away_since = since
        return away_in_words(where, _in_words(call.outcome), now - since)


def _in_words(outcome: str) -> str:
    return f"status {outcome}" if outcome.isdecimal() else outcome.replace("_", " ")
