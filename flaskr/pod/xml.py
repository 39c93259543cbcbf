"""XML as the simulated servers write it: built as a tree, so that the library does all escaping."""

from __future__ import annotations

import re
from xml.etree import ElementTree

CMS_DECLARATION = '<?xml version="1.0"?>'
UDS_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'

# Characters that XML 1.0 has no way to write, not even escaped.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def can_be_written(text: str) -> bool:
    """Return whether XML 1.0 can hold all the characters of the text."""
    return FORBIDDEN.search(text) is None


def writable(text: str) -> str:
    """Return the text with a question mark for each character that XML 1.0 can't hold."""
    return FORBIDDEN.sub("?", text)


def add_text(parent: ElementTree.Element, name: str, text: str) -> None:
    """Append `<name>text</name>` to the parent."""
    ElementTree.SubElement(parent, name).text = text


def document(root: ElementTree.Element, declaration: str, *, short_empty: bool = False) -> bytes:
    """Return the whole document in UTF-8.

    An element without content is written `<a></a>`, or `<a />` where `short_empty`: CMS does the
    first in lists and the second in failure details (captures of real servers).
    """
    text = ElementTree.tostring(root, encoding="unicode", short_empty_elements=short_empty)
    # A bare carriage return would reach the reader as a line feed.
    return (declaration + text.replace("\r", "&#13;")).encode("utf-8")
