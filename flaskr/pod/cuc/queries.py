"""Which rows of a table a list is to show, and in which order: `query`, `sort` and pages.

Source: the maker's guide. That case doesn't matter is what clients in the field count on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from flaskr.pod.cuc.failures import INVALID, CucFailure
from flaskr.pod.database import Record, Table
from flaskr.pod.lower_case import in_lower_case

# Nothing says how a bracket in the value is to be written: it ends it.
_QUERY = re.compile(r"\(\s*(\w+)\s+(is|startswith)\s+([^)]*[^)\s])\s*\)", re.IGNORECASE)
_SORT = re.compile(r"\(\s*(\w+)\s+(asc|desc)\s*\)", re.IGNORECASE)
_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "is": str.__eq__, "startswith": str.startswith,
}


class ListQuery(NamedTuple):
    """A criterion: the column, how its value is compared, and with what; in lower case."""

    column: str
    operator: str
    value: str

    def finds(self, record: Record) -> bool:
        """Return whether the record is one of those that are asked for."""
        value = in_lower_case(record.values.get(self.column, ""))
        return _OPERATORS[self.operator](value, self.value)


class ListOrder(NamedTuple):
    """The column by which a list is sorted, and whether backwards."""

    column: str
    backwards: bool


@dataclass(frozen=True)
class ListQuestion:
    """Which rows a list is to show, and in which order; all as they stand where it isn't said."""

    query: ListQuery | None = None
    order: ListOrder | None = None

    @classmethod
    def of(cls, parameters: Mapping[str, str], columns: Sequence[str]) -> ListQuestion:
        """Return the question of a request. Raises CucFailure where it can't be understood."""
        query = _query(parameters["query"], columns) if parameters.get("query") else None
        order = _order(parameters["sort"], columns) if parameters.get("sort") else None
        if query and order and query.column != order.column:
            raise CucFailure(INVALID, "A list is sorted by the column of its query.")
        return cls(query, order)

    def page(self, table: Table, begin: int, end: int | None) -> tuple[Sequence[Record], int]:
        """Return a page of what the table has for it, and how much that is in all."""
        if not (self.query or self.order):
            return table.page(begin, end), len(table)
        found = _found(table, self.query) if self.query else table.page()
        if self.order:
            found.sort(key=_key(self.order), reverse=self.order.backwards)
        return found[begin:end], len(found)


def _query(wording: str, columns: Sequence[str]) -> ListQuery:
    found = _QUERY.fullmatch(wording)
    if not found:
        raise CucFailure(INVALID, "The query is no (COLUMN is VALUE) or (COLUMN startswith VALUE).")
    return ListQuery(_column(found[1], columns), found[2].lower(), in_lower_case(found[3]))


def _order(wording: str, columns: Sequence[str]) -> ListOrder:
    found = _SORT.fullmatch(wording)
    if not found:
        raise CucFailure(INVALID, "The sort is not (COLUMN asc) or (COLUMN desc).")
    return ListOrder(_column(found[1], columns), found[2].lower() == "desc")


def _column(name: str, columns: Sequence[str]) -> str:
    for column in columns:
        if column.lower() == name.lower():
            return column
    raise CucFailure(INVALID, f"The column {name} is not indexed.")


def _found(table: Table, wanted: ListQuery) -> list[Record]:
    possible = map(table.get, table.containing(wanted.value, (wanted.column,), False))
    return [record for record in possible if record and wanted.finds(record)]


def _key(order: ListOrder) -> Callable[[Record], str]:
    return lambda record: in_lower_case(record.values.get(order.column, ""))


def count(text: str | None, unless_given: int, least: int = 0) -> int:
    """Return the number that a parameter says. Raises CucFailure."""
    if text is None:
        return unless_given
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text) >= least):
        raise CucFailure(INVALID, "A page is not told by whole numbers.")
    return int(text)
