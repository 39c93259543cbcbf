"""The expressions of CMS's LDAP mappings, over the attributes of a user.

`$attribute$` stands for the attribute's value, and `$attribute|'/regex/text/'$` for the value with
the text in place of what the regular expression finds first; with a `g` after the last slash, of
all that it finds. In the text, `\\1` to `\\9` are what its round brackets found, and `\\0` is all
of it. Any character but a digit, the quote and the backslash can stand for the slash; a backslash
before it makes it plain. A quote and a backslash have a backslash before them, too; where it is
missing before a backslash, what is meant is clear all the same. Source: Cisco Meeting Server's
deployment guides, 'More information on LDAP field mappings'.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# By the names that UDS has for them.
ATTRIBUTES = (
    "userName", "firstName", "lastName", "middleName", "nickName", "displayName", "phoneNumber",
    "homeNumber", "mobileNumber", "email", "directoryUri", "msUri", "department", "manager",
    "title", "pager",
)
_NOT_CLOSED = "this $ begins neither $attribute$ nor $attribute|'/regex/text/'$"
_PIECE = re.compile(r"[^$]+|\$([^$|]*)(?:\|'((?:[^'\\]|\\.)*)')?\$", re.DOTALL)
_QUOTED = re.compile(r"\\(['\\])")
_WITH_BACKSLASH = re.compile(r"\\(.)", re.DOTALL)


class BadExpression(ValueError):
    """A text is no expression: says in one line what is wrong, and where."""

    def __init__(self, place: int, wrong: str) -> None:
        super().__init__(f"At character {place + 1}: {wrong}.")


@dataclass(frozen=True)
class Substitution:
    """A text in place of what a regular expression finds: first, or everywhere."""

    regex: re.Pattern[str]
    text: str
    everywhere: bool

    def of(self, value: str) -> str:
        """Return a value with the text in it."""
        return self.regex.sub(self._text_for, value, count=0 if self.everywhere else 1)

    def _text_for(self, found: re.Match[str]) -> str:
        return _WITH_BACKSLASH.sub(lambda escaped: _meant(found, escaped[1]), self.text)


@dataclass(frozen=True)
class AttributeValue:
    """An attribute in an expression, perhaps with a substitution."""

    name: str
    substitution: Substitution | None = None

    def of(self, user: Mapping[str, str]) -> str:
        """Return what it stands for: nothing where the user lacks the attribute."""
        value = user.get(self.name) or ""
        return self.substitution.of(value) if self.substitution else value


@dataclass(frozen=True)
class Expression:
    """Text that stays as it is, and attributes of a user, in their order."""

    pieces: tuple[str | AttributeValue, ...]

    @classmethod
    def parse(cls, text: str, attributes: Iterable[str] = ATTRIBUTES) -> Expression:
        """Return the expression of a text, which may have these attributes.

        Raises BadExpression.
        """
        pieces: list[str | AttributeValue] = []
        place = 0
        while place < len(text):
            found = _PIECE.match(text, place)
            if found is None:
                raise BadExpression(place, _NOT_CLOSED)
            pieces.append(found[0] if found[1] is None else _attribute(found, tuple(attributes)))
            place = found.end()
        return cls(tuple(pieces))

    def of(self, user: Mapping[str, str]) -> str:
        """Return what it makes of a user."""
        return "".join(piece if isinstance(piece, str) else piece.of(user) for piece in self.pieces)

    @property
    def attributes(self) -> tuple[str, ...]:
        """The names of its attributes, in their order."""
        return tuple(piece.name for piece in self._values())

    @property
    def texts(self) -> tuple[str, ...]:
        """What stays as it is, in its order."""
        return tuple(piece for piece in self.pieces if isinstance(piece, str))

    @property
    def has_substitution(self) -> bool:
        """Whether it changes what an attribute says."""
        return any(piece.substitution for piece in self._values())

    def lacking(self, user: Mapping[str, str]) -> tuple[str, ...]:
        """Return those of its attributes that the user lacks, or has empty."""
        return tuple(name for name in self.attributes if not user.get(name))

    def _values(self) -> list[AttributeValue]:
        return [piece for piece in self.pieces if isinstance(piece, AttributeValue)]


def _attribute(found: re.Match[str], attributes: tuple[str, ...]) -> AttributeValue:
    name, quoted = found[1], found[2]
    if name not in attributes:
        known = " ".join(f"${attribute}$" for attribute in attributes)
        raise BadExpression(found.start(), f"{name!r} is no attribute here; those are {known}")
    if quoted is None:
        return AttributeValue(name)
    return AttributeValue(name, _substitution(_QUOTED.sub(r"\1", quoted), found.start(2)))


def _substitution(text: str, place: int) -> Substitution:
    """Return the substitution of a text such as `/regex/text/g`."""
    separator = text[:1]
    if not separator or separator in "\\'0123456789":
        raise BadExpression(place, "a substitution is /regex/text/, or /regex/text/g")
    quoted = re.escape(separator)
    part = rf"((?:\\.|[^\\{quoted}])*)"
    parts = re.fullmatch(rf"{quoted}{part}{quoted}{part}{quoted}(g?)", text, re.DOTALL)
    if parts is None:
        form = f"{separator}regex{separator}text{separator}"
        raise BadExpression(place, f"a substitution is {form}, or {form}g")
    regex = _compiled(_with_plain(separator, parts[1]), place)
    _check_references(parts[2], regex, place)
    return Substitution(regex, parts[2], everywhere=bool(parts[3]))


def _with_plain(separator: str, regex: str) -> str:
    """Return a regular expression in which the separator after a backslash stands for itself."""
    return _WITH_BACKSLASH.sub(
        lambda escaped: re.escape(separator) if escaped[1] == separator else escaped[0], regex
    )


def _compiled(regex: str, place: int) -> re.Pattern[str]:
    """Return a regular expression, compiled. One that is only thought to be one is refused."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return re.compile(regex)
    except (re.error, Warning, OverflowError, RecursionError) as error:
        wrong = str(error).splitlines()[0]
        raise BadExpression(place, f"{regex!r} is no regular expression ({wrong})") from None


def _check_references(text: str, regex: re.Pattern[str], place: int) -> None:
    for escaped in _WITH_BACKSLASH.findall(text):
        if _is_reference(escaped) and int(escaped) > regex.groups:
            wrong = f"\\{escaped} stands for brackets that the regular expression does not have"
            raise BadExpression(place, wrong)


def _meant(found: re.Match[str], escaped: str) -> str:
    """Return what a character after a backslash stands for in the text: itself, or what is found"""
    return found[int(escaped)] or "" if _is_reference(escaped) else escaped


def _is_reference(escaped: str) -> bool:
    return escaped.isascii() and escaped.isdecimal()
