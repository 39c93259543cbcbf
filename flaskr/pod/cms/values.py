"""What the values of CMS's parameters may be: one check a type.

A check returns the value as CMS keeps it, and raises ValueError where it refuses it. Source: the
types in the tables of the API description; what a URI may hold is said of LDAP mappings.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from unicodedata import category
from urllib.parse import urlsplit

ValueType = Callable[[str], str]

MAX_NUMBER = 2**31 - 1
_URI_GENERATOR = re.compile(r"[A-Za-z0-9._-]*\$[A-Za-z0-9._-]*")
_PLAIN = r"(?:[^$\\]|\\[$\\])*"
_INDEX_MAPPING = re.compile(rf"{_PLAIN}(?:\$index\$)?{_PLAIN}", re.DOTALL)
_ESCAPED_OR_INDEX = re.compile(r"\\([$\\])|\$index\$")


def require(ok: bool) -> None:
    """Raise ValueError unless `ok`."""
    if not ok:
        raise ValueError


def is_guid(text: str) -> bool:
    """Return whether it is a GUID as CMS writes them: 32 hexadecimal digits and four hyphens."""
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def any_text(value: str) -> str:
    """Take any text."""
    return value


def text_up_to(most: int) -> ValueType:
    """Return a check for text of at most so many characters."""

    def check(value: str) -> str:
        require(len(value) <= most)
        return value

    return check


def user_part(value: str) -> str:
    """Take what can stand before the @ of a URI."""
    require(value.isprintable() and not any(map(_never_in_a_uri, value)))
    return value


def _never_in_a_uri(character: str) -> bool:
    """Return whether it is an @, a blank or a bracket.

    The URIs that LDAP sync makes have less still: letters, digits, full stop, hyphen, underscore.
    """
    return character in "@<>" or character.isspace() or category(character) in ("Ps", "Pe")


def digits(value: str) -> str:
    """Take ASCII digits."""
    require(value.isascii() and value.isdecimal())
    return value


def number_between(least: int, most: int) -> ValueType:
    """Return a check for a whole number between two bounds, both included."""

    def check(value: str) -> str:
        sign, figures = ("-", value[1:]) if value.startswith("-") else ("", value)
        require(len(digits(figures)) <= 20 and least <= int(sign + figures) <= most)
        return str(int(sign + figures))

    return check


def one_of(*choices: str) -> ValueType:
    """Return a check for one of these words."""

    def check(value: str) -> str:
        require(value in choices)
        return value

    return check


def guid(value: str) -> str:
    """Take a GUID, kept in lower case."""
    require(is_guid(value))
    return value.lower()


def index_mapping(value: str) -> str:
    """Take text with at most one `$index$`, and with a backslash before other `$` and `\\`."""
    require(_INDEX_MAPPING.fullmatch(value) is not None)
    return value


def uri_index_mapping(value: str) -> str:
    """Take such text without an @."""
    require("@" not in value)
    return index_mapping(value)


def expand_index_mapping(mapping: str, index: int) -> str:
    """Return what such a mapping makes of an index."""
    return _ESCAPED_OR_INDEX.sub(lambda found: found[1] or str(index), mapping)


def uri_generator(value: str) -> str:
    """Take what URIs are made from: some of the characters of ASCII, with one `$` among them."""
    require(_URI_GENERATOR.fullmatch(value) is not None)
    return value


def url(value: str) -> str:
    """Take an absolute URL."""
    parts = urlsplit(value)
    require(bool(parts.scheme and parts.netloc) and value.isprintable() and " " not in value)
    return value
