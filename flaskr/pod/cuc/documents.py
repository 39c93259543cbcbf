"""What a Unity Connection answers, in XML or JSON: the same elements, and all values text."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flaskr.pod.xml import element, escaped

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
# The fields of an object by name, in their order.
Fields = Mapping[str, str]


@dataclass(frozen=True)
class Listing:
    """A list, or a page of it: its element, that of a row, the rows, and the number of all.

    total: None where the list doesn't say it.
    """

    name: str
    row: str
    rows: Sequence[Fields]
    total: int | None


class DocumentWriter(ABC):
    """Writes answers in one of the two formats."""

    content_type: ClassVar[str]

    @abstractmethod
    def single(self, name: str, fields: Fields) -> str:
        """Return the document of one object."""

    @abstractmethod
    def listing(self, listing: Listing) -> str:
        """Return the document of a list."""

    @abstractmethod
    def details(self, code: str, message: str) -> str:
        """Return the document that says why a request failed."""


class XmlWriter(DocumentWriter):
    """Writes XML."""

    content_type = "application/xml"

    def single(self, name: str, fields: Fields) -> str:
        """Return the object."""
        return DECLARATION + _element_of(name, fields)

    def listing(self, listing: Listing) -> str:
        """Return the list."""
        attributes = {} if listing.total is None else {"total": str(listing.total)}
        rows = "".join([_element_of(listing.row, fields) for fields in listing.rows])
        return DECLARATION + element(listing.name, attributes, rows)

    def details(self, code: str, message: str) -> str:
        """Return the reason."""
        errors = _element_of("errors", {"code": code, "message": message})
        return DECLARATION + element("ErrorDetails", {}, errors)


@dataclass(frozen=True)
class JsonWriter(DocumentWriter):
    """Writes JSON, in which a list of one row is just that row, unless `one_is_listed`."""

    content_type = "application/json"
    one_is_listed: bool = False

    def single(self, name: str, fields: Fields) -> str:
        """Return the object."""
        return _json(dict(fields))

    def listing(self, listing: Listing) -> str:
        """Return the list."""
        found: dict[str, Any] = {} if listing.total is None else {"@total": str(listing.total)}
        rows = list(map(dict, listing.rows))
        if rows:
            found[listing.row] = rows if len(rows) > 1 or self.one_is_listed else rows[0]
        return _json(found)

    def details(self, code: str, message: str) -> str:
        """Return the reason."""
        return _json({"errors": {"code": code, "message": message}})


def _element_of(name: str, fields: Fields) -> str:
    content = "".join([f"<{key}>{escaped(text)}</{key}>" for key, text in fields.items()])
    return element(name, {}, content)


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
