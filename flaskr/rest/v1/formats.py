"""The formats of answers, and their documents as predictable dictionaries."""

from collections.abc import Mapping
from typing import Any, NoReturn, Protocol
from xml.parsers.expat import ExpatError, ParserCreate

MAX_DEPTH = 32  # elements inside each other; the APIs' own documents stay below 10

Document = dict[str, Any]


class Unreadable(ValueError):
    """The bytes are not a document of this format; says why, in words."""


class Format(Protocol):
    """How the answers of a server are written."""

    def read(self, body: bytes) -> Document:
        """Return a body as a dictionary. Raises Unreadable."""


class XML:
    """XML: a root element, attributes and elements become `{root: {"@name": …, child: …}}`.

    An empty element is `""`, and the text of one that has more than text is its `#text`. Several
    children of one name are a list. Those of a list, such as `coSpace` in `coSpaces`, always are,
    with none and with one too; it is a list where it has the attribute `list_count`.
    """

    def __init__(self, list_count: str) -> None:
        self._list_count = f"@{list_count}"

    def read(self, body: bytes) -> Document:
        """Return an XML document as a dictionary.

        Entities are never expanded, and the encoding is the one that the document itself declares.
        Raises Unreadable.
        """
        try:
            document = _parsed(body)
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


def find(document: Any, *path: str) -> Any:
    """Return what stands at the path of keys, or None where there is no such thing."""
    for key in path:
        if not isinstance(document, dict):
            return None
        document = document.get(key)
    return document


class _Element:
    """An element that has begun: its attributes and children so far, and the pieces of its text."""

    __slots__ = ("members", "name", "text")

    def __init__(self, name: str, attributes: Mapping[str, str]) -> None:
        self.name = name
        self.members: Document = {f"@{name}": value for name, value in attributes.items()}
        self.text: list[str] = []

    def add(self, name: str, value: Any) -> None:
        """Add a child; one of a name that there is already makes a list."""
        if name not in self.members:
            self.members[name] = [value] if self.name == f"{name}s" else value
        elif isinstance(self.members[name], list):
            self.members[name].append(value)
        else:
            self.members[name] = [self.members[name], value]

    def value(self) -> Document | str:
        """Return what it comes to at its end."""
        text = "".join(self.text).strip()
        if not self.members:
            return text
        return {**self.members, "#text": text} if text else self.members


def _parsed(body: bytes) -> Document:
    """Return an XML document as a dictionary.

    Raises ExpatError, LookupError or ValueError for one that is not well-formed, and Unreadable.
    """
    document = _Element("", {})
    open_elements = [document]

    def begin(name: str, attributes: Mapping[str, str]) -> None:
        if len(open_elements) > MAX_DEPTH:
            raise Unreadable(f"its elements stand more than {MAX_DEPTH} deep in each other")
        open_elements.append(_Element(name, attributes))

    def end(name: str) -> None:
        value = open_elements.pop().value()
        open_elements[-1].add(name, value)

    def text(piece: str) -> None:
        open_elements[-1].text.append(piece)

    parser = ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = text
    parser.EntityDeclHandler = _refuse_entity
    parser.Parse(body, True)
    return document.members


def _refuse_entity(*_declaration: Any) -> NoReturn:
    raise ValueError("entities are disabled")
