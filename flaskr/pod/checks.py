"""Checks of values that people give, as text or JSON: switches, and the values of faults."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

BOOLEANS = {"true": True, "false": False}


class BadInput(ValueError):
    """A switch or fault that is refused as it was given; its text is one sentence for the giver."""


@dataclass(frozen=True)
class ValueCheck:
    """A check of one value; `expected` says in the help texts what the value may be.

    `convert` returns the value in its own type. It raises ValueError with the end of a sentence
    ("must be ...") where the value is refused.
    """

    expected: str
    convert: Callable[[Any], Any]

    def __call__(self, value: object) -> Any:
        """Return the value in its own type. Raises ValueError where it is refused."""
        return self.convert(value)


def whole(least: int, most: int) -> ValueCheck:
    """Return a check for a whole number between two bounds, both included."""

    def convert(value: Any) -> int:
        found = _to_int(value)
        if found is None or not least <= found <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return found

    return ValueCheck(f"{least} to {most}", convert)


def signed() -> ValueCheck:
    """Return a check for a whole number other than 0, of at most a million, plus or minus."""

    def convert(value: Any) -> int:
        found = _to_int(value)
        if not found or abs(found) > 1_000_000:
            raise ValueError("must be a whole number other than 0")
        return found

    return ValueCheck("a whole number other than 0", convert)


def number(least: float, most: float) -> ValueCheck:
    """Return a check for a number between two bounds, both included."""

    def convert(value: Any) -> float:
        found = _to_float(value)
        if not least <= found <= most:
            raise ValueError(f"must be a number from {least:g} to {most:g}")
        return found

    return ValueCheck(f"{least:g} to {most:g}", convert)


def boolean() -> ValueCheck:
    """Return a check for true or false, as JSON or as a word."""

    def convert(value: Any) -> bool:
        found = BOOLEANS.get(value.lower()) if isinstance(value, str) else value
        if not isinstance(found, bool):
            raise ValueError("must be true or false")
        return found

    return ValueCheck("true or false", convert)


def choice(*values: str) -> ValueCheck:
    """Return a check for one of some words, or of some numbers written as words."""
    known = ", ".join(values)

    def convert(value: Any) -> str:
        if str(value) not in values:
            raise ValueError(f"must be one of {known}")
        return str(value)

    return ValueCheck(known, convert)


def text(most: int = 1000) -> ValueCheck:
    """Return a check for text that is not empty, all of whose characters can be printed."""

    def convert(value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise ValueError("must be text")
        if not 0 < len(str(value)) <= most or not str(value).isprintable():
            raise ValueError(f"must be text of 1 to {most} printable characters")
        return str(value)

    return ValueCheck("text", convert)


def pattern(expression: re.Pattern[str], expected: str) -> ValueCheck:
    """Return a check for text of a certain form."""

    def convert(value: Any) -> str:
        if not isinstance(value, str) or not expression.fullmatch(value):
            raise ValueError(f"must be {expected}")
        return value

    return ValueCheck(expected, convert)


def _to_int(value: Any) -> int | None:
    if isinstance(value, str) and value.removeprefix("-").isdecimal() and len(value) < 20:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _to_float(value: Any) -> float:
    """Return the number; NaN, which no bounds include, where it is none."""
    try:
        return math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan
