"""The formats of answers, and their documents as predictable dictionaries."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, Protocol
from xml.parsers.expat import ExpatError

import xmltodict

MAX_DEPTH = 32  # elements or members inside each other; the APIs' own documents stay below 10

Document = dict[str, Any]


class Unreadable(ValueError):
    """The bytes are not a document of this format; says why, in words."""


class Format(Protocol):
    """How the answers of a server are written."""

    def read(self, body: bytes) -> Document:
        """Return a body as a dictionary. Raises Unreadable."""


class XML:
    """XML: a root element, attributes and elements become `{root: {"@name": …, child: …}}`.

    An empty element is `""`. The children of a list, such as `coSpace` in `coSpaces`, are always a
    list, with none and with one too; it is a list where it has the attribute `list_count`.
    """

    def __init__(self, list_count: str) -> None:
        self._list_count = f"@{list_count}"

    def read(self, body: bytes) -> Document:
        """Return an XML document as a dictionary.

        Entities are never expanded, and the encoding is the one that the document itself declares.
        Raises Unreadable.
        """
        try:
            document: Document = xmltodict.parse(
                body,
                force_list=_is_listed,  # type: ignore[arg-type]  # the stub's path is not the real
                postprocessor=_normalise,
                disable_entities=True,
            )
        except Unreadable:
            raise
        except (ExpatError, LookupError, ValueError) as error:
            raise Unreadable(f"it is not well-formed XML ({error})") from None
        self._complete_empty_list(document)
        return document

    def _complete_empty_list(self, document: Document) -> None:
        for name, element in document.items():
            if isinstance(element, dict) and self._list_count in element:
                element.setdefault(name.removesuffix("s"), [])


class JSON:
    """JSON in UTF-8: an object, which becomes a dictionary as it is."""

    media_type = "application/json"

    def read(self, body: bytes) -> Document:
        """Return a JSON object as a dictionary. Raises Unreadable."""
        try:
            document = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise Unreadable(f"it is not well-formed JSON ({_first_line(error)})") from None
        if not isinstance(document, dict):
            raise Unreadable("it is JSON, but not an object")
        if _is_deeper(document, MAX_DEPTH):
            raise Unreadable(f"its members stand more than {MAX_DEPTH} deep in each other")
        return document

    def write(self, document: Mapping[str, Any]) -> bytes:
        """Return an object as what is sent."""
        return json.dumps(document, ensure_ascii=False).encode()


def find(document: Any, *path: str) -> Any:
    """Return what stands at the path of keys, or None where there is no such thing."""
    for key in path:
        if not isinstance(document, dict):
            return None
        document = document.get(key)
    return document


def _is_listed(path: Sequence[tuple[str, Any]], key: str, _value: Any) -> bool:
    return bool(path) and path[-1][0] == f"{key}s"


def _normalise(path: list[tuple[str, Any]], key: str, value: Any) -> tuple[str, Any]:
    if len(path) > MAX_DEPTH:
        raise Unreadable(f"its elements stand more than {MAX_DEPTH} deep in each other")
    return key, "" if value is None else value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _is_deeper(value: Any, levels: int) -> bool:
    """Return whether objects and lists stand more than so many levels deep in each other."""
    if not isinstance(value, (dict, list)):
        return False
    inside = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in inside)
