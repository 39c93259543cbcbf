"""XML answers as predictable dictionaries."""

from collections.abc import Sequence
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict

MAX_DEPTH = 32  # elements inside each other; the APIs' own documents stay below 10
LIST_COUNTS = ("@total", "@totalCount")  # how CMS and UDS mark an element as a list

Document = dict[str, Any]


class UnreadableXML(ValueError):
    """The bytes are no XML document, or one that no API of ours sends; says which, in words."""


def parse_xml(body: bytes) -> Document:
    """Return an XML document as a dictionary: `{root: {child: text or dictionary}}`.

    Attributes become `@name`, an empty element `""`. The children of a list, such as `coSpace` in
    `coSpaces`, are always a list, with none and with one too. Entities are never expanded, and the
    encoding is the one that the document itself declares.

    Raises UnreadableXML.
    """
    try:
        document: Document = xmltodict.parse(
            body,
            force_list=_is_listed,  # type: ignore[arg-type]  # the stub's path is not the real one
            postprocessor=_normalise,
            disable_entities=True,
        )
    except UnreadableXML:
        raise
    except (ExpatError, LookupError, ValueError) as error:
        raise UnreadableXML(f"it is not well-formed XML ({error})") from None
    _complete_empty_list(document)
    return document


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
        raise UnreadableXML(f"its elements stand more than {MAX_DEPTH} deep in each other")
    return key, "" if value is None else value


def _complete_empty_list(document: Document) -> None:
    for name, element in document.items():
        if isinstance(element, dict) and any(count in element for count in LIST_COUNTS):
            element.setdefault(name.removesuffix("s"), [])
