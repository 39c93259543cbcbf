"""Operations that take their time: a sync waits, runs and ends by the clock, without a thread.

What it does is done when the next request comes in after its end. Syncs of one kind run one at a
time, in the order in which they were asked for.
"""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from flaskr.pod.cms.collection import Rules, Values
from flaskr.pod.database import Record

PENDING = "pending"
# Values of a sync that no GET shows: when it was asked for, and when it began (time.monotonic).
MADE, BEGUN = "made", "begun"


class OverTimeRules(Rules):
    """A sync. status: the value that tells how far it is. running: what it says meanwhile."""

    status: ClassVar[str]
    running: ClassVar[str]

    def complete(self, values: Values, asked: Mapping[str, str], before: Record | None) -> Values:
        """Return the values of a sync that waits; none of them can be changed later."""
        return {**values, self.status: PENDING, MADE: repr(time.monotonic())}

    def advance(self) -> None:
        """Begin the syncs whose time has come, and do what those do that are at their end."""
        now, free = time.monotonic(), 0.0
        for record in self.unfinished():
            made, begun = float(record.values[MADE]), record.values.get(BEGUN)
            begin = float(begun) if begun else max(made + self.state.switches.sync_wait, free)
            free = begin + self.state.switches.sync_seconds
            if now >= free:
                self.finish(record)
            elif now >= begin and not begun:
                self._set(record, {self.status: self.running, BEGUN: repr(begin)})

    def unfinished(self) -> list[Record]:
        """Return the syncs that run or wait, in the order of their turns."""
        table = self.state.table(self.node)
        return [*table.having(self.status, self.running), *table.having(self.status, PENDING)]

    def finish(self, record: Record) -> None:
        """Do what the sync is for, and keep how it went."""
        self._set(record, self.outcome(record))

    @abstractmethod
    def outcome(self, record: Record) -> Mapping[str, str]:
        """Do what the sync is for, and return the values that say how it went."""

    def _set(self, record: Record, values: Mapping[str, str]) -> None:
        self.state.table(self.node).put(Record(record.id, {**record.values, **values}))
