"""What a simulated server keeps: tables of records, in memory, behind one lock."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

from flaskr.pod.lower_case import in_lower_case
from flaskr.pod.texts import BETWEEN, SearchTexts

# The longest that a Call Bridge can lag behind the others, in seconds.
MAX_LAG = 60.0
# The searches whose results are kept, so that the next page costs no second one.
KEPT_SEARCHES = 16
# Of fewer records than one in so many, it is quicker to sort them than to look at all in order.
FEW = 16


@dataclass(frozen=True, slots=True)
class Record:
    """An object: its ID, and the values that are set, by name. It never changes."""

    id: str
    values: Mapping[str, str]


# The place of a record in the order of its table: by text, then as they were made.
Place = tuple[str, int, str]
# Told of each change: the table, the record before it and after it; None where there is none.
Listener = Callable[["Table", Record | None, Record | None], None]


class Table:
    """Records of one kind, in the order of one of their values or as they were made."""

    def __init__(self, sorted_by: str, changed: Listener) -> None:
        self._sorted_by, self._changed = sorted_by, changed
        self._numbers = count()
        self.fill(())

    def fill(self, records: Iterable[Record]) -> None:
        """Have these records and no others."""
        self._records = {record.id: record for record in records}
        self._made = {record_id: next(self._numbers) for record_id in self._records}
        self._order = sorted(map(self._place, self._records.values()))
        self._indexes: dict[str, dict[str, list[str]]] = {}
        self._texts: dict[tuple[tuple[str, ...], bool], SearchTexts] = {}
        self._searches: dict[object, list[str]] = {}

    def __len__(self) -> int:
        return len(self._records)

    def get(self, record_id: str) -> Record | None:
        """Return the record with that ID, or None."""
        return self._records.get(record_id)

    def page(self, begin: int = 0, end: int | None = None) -> list[Record]:
        """Return the records from one place in the order to another."""
        return [self._records[record_id] for _, _, record_id in self._order[begin:end]]

    def having(self, name: str, value: str) -> list[Record]:
        """Return the records with that value, in their order."""
        if name not in self._indexes:
            self._indexes[name] = {}
            for record in self._records.values():
                self._add_to_index(name, record)
        found = set(self._indexes[name].get(value, ()))
        return [self._records[record_id] for record_id in self._in_order(found)]

    def containing(self, text: str, names: tuple[str, ...], case_sensitive: bool) -> Sequence[str]:
        """Return the IDs of the records with that text in one of those values, in their order."""
        search = (text, names, case_sensitive)
        if search not in self._searches:
            wanted = text if case_sensitive else in_lower_case(text)
            found = self._texts_of(names, case_sensitive).containing(wanted)
            if len(self._searches) >= KEPT_SEARCHES:
                self._searches.clear()
            self._searches[search] = self._in_order(found)
        return self._searches[search]

    def _in_order(self, found: set[str]) -> list[str]:
        if len(found) * FEW < len(self._order):
            places = sorted(self._place(self._records[record_id]) for record_id in found)
        else:
            places = [place for place in self._order if place[2] in found]
        return [record_id for _, _, record_id in places]

    def put(self, record: Record) -> None:
        """Add the record, or have it in place of the one with its ID."""
        before = self._take(record.id)
        self._records[record.id] = record
        self._made.setdefault(record.id, next(self._numbers))
        insort(self._order, self._place(record))
        for name in self._indexes:
            self._add_to_index(name, record)
        for (names, case_sensitive), texts in self._texts.items():
            texts.put(record.id, _text(record, names, case_sensitive))
        self._changed(self, before, record)

    def remove(self, record_id: str) -> None:
        """Remove the record with that ID."""
        self._changed(self, self._take(record_id), None)

    def _take(self, record_id: str) -> Record | None:
        record = self._records.pop(record_id, None)
        self._searches.clear()
        if record is not None:
            del self._order[bisect_left(self._order, self._place(record))]
            for name in self._indexes:
                self._drop_from_index(name, record)
            for texts in self._texts.values():
                texts.drop(record_id)
        return record

    def _place(self, record: Record) -> Place:
        text = record.values.get(self._sorted_by, "").casefold()
        return text, self._made[record.id], record.id

    def _add_to_index(self, name: str, record: Record) -> None:
        index, value = self._indexes[name], record.values.get(name, "")
        if value:
            index.setdefault(value, []).append(record.id)

    def _drop_from_index(self, name: str, record: Record) -> None:
        index, value = self._indexes[name], record.values.get(name, "")
        if value:
            index[value].remove(record.id)
            if not index[value]:
                del index[value]

    def _texts_of(self, names: tuple[str, ...], case_sensitive: bool) -> SearchTexts:
        key = (names, case_sensitive)
        if key not in self._texts:
            self._texts[key] = SearchTexts(
                {record.id: _text(record, *key) for record in self._records.values()}
            )
        return self._texts[key]


def _text(record: Record, names: tuple[str, ...], case_sensitive: bool) -> str:
    joined = BETWEEN.join(record.values.get(name, "") for name in names)
    return joined if case_sensitive else in_lower_case(joined)


class Change(NamedTuple):
    """A record before and after a change; None where there was or is none."""

    table: Table
    before: Record | None
    after: Record | None

    @property
    def key(self) -> tuple[Table, str]:
        """Return which record of which table it is."""
        record = self.before or self.after
        assert record is not None
        return self.table, record.id

    def undo(self) -> None:
        """Have the record as it was before."""
        if self.before is not None:
            self.table.put(self.before)
        elif self.after is not None:
            self.table.remove(self.after.id)


class Commit(NamedTuple):
    """What a request changed, when (time.monotonic) and through which Call Bridge."""

    time: float
    by: str
    changes: list[Change]


class Database:
    """Tables by name, behind one lock, with a way back to how they were."""

    def __init__(self) -> None:
        self._tables: dict[str, Table] = {}
        self._changes: list[Change] = []
        self._commits: deque[Commit] = deque()
        self._attempts = 0
        self._lock = threading.RLock()

    def table(self, name: str, sorted_by: str = "") -> Table:
        """Return the table of that name, which is made when it is first asked for."""
        if name not in self._tables:
            self._tables[name] = Table(sorted_by, self._note)
        return self._tables[name]

    def clear(self) -> None:
        """Empty all tables."""
        with self._lock:
            self._commits.clear()
            for table in self._tables.values():
                table.fill(())

    @contextmanager
    def attempt(self, *, keep: bool = True, by: str = "") -> Iterator[None]:
        """Keep the database to this thread meanwhile.

        What was done to it is undone unless `keep`, and where an exception ends the context.
        `by` is the Call Bridge that does it.
        """
        with self._lock:
            begin = len(self._changes)
            self._attempts += 1
            kept = False
            try:
                yield
                kept = keep
            finally:
                if not kept:
                    self._undo_from(begin)
                self._attempts -= 1
                if not self._attempts:
                    self._commit(by)

    def lag(self, seconds: float, by: str) -> None:
        """Go back to so many seconds ago, except for what the Call Bridge `by` did itself.

        It is for the rest of an attempt that is not kept.
        """
        ahead: set[tuple[Table, str]] = set()
        now = time.monotonic()
        for commit in reversed(list(self._commits)):
            if commit.time <= now - seconds:
                break
            for change in reversed(commit.changes):
                if commit.by == by:
                    ahead.add(change.key)
                elif change.key not in ahead:
                    change.undo()

    def _note(self, table: Table, before: Record | None, after: Record | None) -> None:
        if self._attempts:
            self._changes.append(Change(table, before, after))

    def _undo_from(self, begin: int) -> None:
        for change in reversed(self._changes[begin:]):
            change.undo()
        del self._changes[begin:]

    def _commit(self, by: str) -> None:
        now = time.monotonic()
        if self._changes:
            self._commits.append(Commit(now, by, self._changes))
            self._changes = []
        while self._commits and self._commits[0].time < now - MAX_LAG:
            self._commits.popleft()
