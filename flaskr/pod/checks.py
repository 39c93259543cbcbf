"""Checks of values that people give: each takes text or JSON and returns the value proper.

A check raises ValueError with the end of a sentence ("must be ...") where the value won't do.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

Check = Callable[[Any], Any]


class BadInput(ValueError):
    """A switch or fault that can't be as it was given; its text is one sentence for the giver."""


BOOLEANS = {"true": True, "false": False}


def whole(least: int, most: int) -> Check:
    """A whole number between two bounds, both included."""
    expected = f"must be a whole number from {least} to {most}"

    def check(value: Any) -> int:
        found = _to_int(value)
        if found is None or not least <= found <= most:
            raise ValueError(expected)
        return found

    return _documented(check, f"{least} to {most}")


def signed() -> Check:
    """A whole number other than 0, up to a million either way."""

    def check(value: Any) -> int:
        found = _to_int(value)
        if not found or abs(found) > 1_000_000:
            raise ValueError("must be a whole number other than 0")
        return found

    return _documented(check, "a whole number other than 0")


def number(least: float, most: float) -> Check:
    """A number between two bounds, both included."""
    expected = f"must be a number from {least:g} to {most:g}"

    def check(value: Any) -> float:
        try:
            found = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError, OverflowError):
            raise ValueError(expected) from None
        if not least <= found <= most:
            raise ValueError(expected)
        return found

    return _documented(check, f"{least:g} to {most:g}")


def boolean() -> Check:
    """True or false, as JSON or as a word."""

    def check(value: Any) -> bool:
        found = BOOLEANS.get(value.lower()) if isinstance(value, str) else value
        if not isinstance(found, bool):
            raise ValueError("must be true or false")
        return found

    return _documented(check, "true or false")


def choice(*values: str) -> Check:
    """One of some words, or of some numbers written as words."""
    known = ", ".join(values)

    def check(value: Any) -> str:
        if str(value) not in values:
            raise ValueError(f"must be one of {known}")
        return str(value)

    return _documented(check, known)


def text(most: int = 1000) -> Check:
    """Some text, neither empty nor with characters that a header or XML can't hold."""

    def check(value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise ValueError("must be text")
        if not 0 < len(str(value)) <= most or not str(value).isprintable():
            raise ValueError(f"must be text of 1 to {most} printable characters")
        return str(value)

    return _documented(check, "text")


def pattern(expression: re.Pattern[str], expected: str) -> Check:
    """Text of a certain form."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or not expression.fullmatch(value):
            raise ValueError(f"must be {expected}")
        return value

    return _documented(check, expected)


def _to_int(value: Any) -> int | None:
    if isinstance(value, str) and value.removeprefix("-").isdecimal() and len(value) < 20:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _documented(check: Check, expected: str) -> Check:
    """Give the check a docstring for the help texts that are made of the tables."""
    check.__doc__ = expected
    return check
