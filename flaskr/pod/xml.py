"""XML as the simulated servers write it: as a tree, or as text where there is much of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

CMS_DECLARATION = '<?xml version="1.0"?>'
UDS_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'

# Characters that XML 1.0 has no way to write, not even escaped.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A bare carriage return would reach the reader as a line feed.
_CARRIAGE_RETURN = {"\r": "&#13;"}


def can_be_written(text: str) -> bool:
    """Return whether XML 1.0 can hold all the characters of the text."""
    return FORBIDDEN.search(text) is None


def writable(text: str) -> str:
    """Return the text with a question mark for each character that XML 1.0 can't hold."""
    return FORBIDDEN.sub("?", text)


def element(name: str, attributes: Mapping[str, str], content: str = "") -> str:
    """Return an element as text; `content` is XML already."""
    written = "".join(f" {key}={quoteattr(text)}" for key, text in attributes.items())
    return f"<{name}{written}>{content}</{name}>"


def escaped(text: str) -> str:
    """Return text as the content of an element."""
    return escape(text, _CARRIAGE_RETURN)


def add_text(parent: ElementTree.Element, name: str, text: str) -> None:
    """Append `<name>text</name>` to the parent."""
    ElementTree.SubElement(parent, name).text = text


def document(root: ElementTree.Element, declaration: str, *, short_empty: bool = False) -> bytes:
    """Return the whole document in UTF-8.

    An element without content is written `<a></a>`, or `<a />` where `short_empty`: CMS does the
    first in lists and the second in failure details (captures of real servers).
    """
    text = ElementTree.tostring(root, encoding="unicode", short_empty_elements=short_empty)
    return (declaration + text.replace("\r", _CARRIAGE_RETURN["\r"])).encode("utf-8")
