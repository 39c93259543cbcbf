"""The lists of Unity Connection that the portal reads: their rows, their pages, their searches."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from flaskr.rest.v1.formats import Document
from flaskr.rest.v1.paging import COUNT, Entry, ListUnreadable
from flaskr.result import Failure, Reason

TOTAL = "@total"


def _by_number(offset: int, size: int) -> dict[str, str]:
    return {"rowsPerPage": str(size), "pageNumber": str(offset // size + 1)}


def _by_offset(offset: int, size: int) -> dict[str, str]:
    return {"offset": str(offset), "limit": str(size)}


class RowList(NamedTuple):
    """A list: what a row is called, the column that tells it from others, how a page is asked for.

    `has_total`: whether it always says how many rows there are. `makes`: the list that an object is
    in that was made by a POST to this one.
    """

    row: str
    key: str
    makes: str
    place: Callable[[int, int], dict[str, str]] = _by_number
    has_total: bool = True


LISTS: Mapping[str, RowList] = {
    "users": RowList("User", "ObjectId", "users"),
    "import/users/ldap": RowList("ImportUser", "pkid", "users", _by_offset, has_total=False),
    "usertemplates": RowList("UserTemplate", "ObjectId", "usertemplates"),
    "authenticationrules": RowList("AuthenticationRule", "ObjectId", "authenticationrules"),
}


def matching(column: str, value: str, how: str = "is") -> dict[str, str]:
    """Return the parameters of a search: for rows whose column `is` or `startswith` the value.

    Raises Failure for a value with a bracket: the search would end there, and nobody documents how
    to write one.
    """
    if "(" in value or ")" in value:
        message = f'"{value}" has a bracket, and Unity Connection can\'t search for one.'
        raise Failure(Reason.BAD_PARAMETER, message)
    return {"query": f"({column} {how} {value})"}


def with_rows(document: Document, rows: RowList) -> Document:
    """Return a page with its rows as a list, with none and with one too.

    Unity Connection writes one row without its list, and no member at all where there is none.
    Raises ListUnreadable where it is no page of this list.
    """
    found = document.get(rows.row, [])
    listed = [found] if isinstance(found, dict) else found
    if not isinstance(listed, list) or not all(_has(row, rows.key) for row in listed):
        raise ListUnreadable(f"the list of {rows.row} has a row without {rows.key}")
    if total_of(document, rows) is None and (rows.has_total or (document and not listed)):
        raise ListUnreadable(f"the list of {rows.row} gives no total")
    return {**document, rows.row: listed}


def with_lists(document: Document) -> Document:
    """Return a document; where it is a page of any list, what it lists is a list."""
    if TOTAL not in document:
        return document
    return {
        name: [value] if isinstance(value, dict) else value for name, value in document.items()
    }


def total_of(document: Document, rows: RowList) -> int | None:
    """Return how many rows a list says that it has, None where it does not say it.

    Raises ListUnreadable where it says what is no number.
    """
    total = document.get(TOTAL)
    if total is None:
        return None
    if not COUNT.fullmatch(str(total)):
        raise ListUnreadable(f"the list of {rows.row} gives a total that is not a number")
    return int(total)


def _has(row: Any, key: str) -> bool:
    return isinstance(row, dict) and isinstance(row.get(key), str) and bool(row[key])


def key_of(row: Entry, rows: RowList) -> str:
    """Return what tells a row from others."""
    return str(row[rows.key])
