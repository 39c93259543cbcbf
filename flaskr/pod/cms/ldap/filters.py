"""LDAP filters in their written form (RFC 4515): which entries one finds."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

from flaskr.pod.cms.ldap.entries import LdapEntry, LdapError

EntryTest = Callable[[LdapEntry], bool]

MOST_LEVELS = 50
_COMPARISON = re.compile(r"([\w;.-]+)(?::([\d.]+):)?(=|>=|<=|~=)(.*)", re.DOTALL)
_ESCAPES = re.compile(r"(?:\\[0-9A-Fa-f]{2})+")
# Active Directory's rules for numbers whose bits count: all of them, or any.
_ALL_BITS, _ANY_BIT = "1.2.840.113556.1.4.803", "1.2.840.113556.1.4.804"


def parse_filter(text: str) -> EntryTest:
    """Return the test that a filter is; its outermost brackets may be missing.

    Raises LdapError where it is none.
    """
    bracketed = text.strip() if text.strip().startswith("(") else f"({text.strip()})"
    test, end = _parse(bracketed, 0, MOST_LEVELS)
    _require(end == len(bracketed))
    return test


def _parse(text: str, begin: int, levels: int) -> tuple[EntryTest, int]:
    """Return the test whose opening bracket is at `begin`, and where the text goes on."""
    _require(levels > 0 and text[begin:begin + 1] == "(")
    kind = text[begin + 1:begin + 2]
    if kind not in ("&", "|", "!"):
        end = text.find(")", begin)
        _require(end >= 0)
        return _comparison(text[begin + 1:end]), end + 1
    tests, at = [], begin + 2
    while text[at:at + 1] == "(":
        test, at = _parse(text, at, levels - 1)
        tests.append(test)
    _require(text[at:at + 1] == ")" and (kind != "!" or len(tests) == 1))
    return _joined(kind, tests), at + 1


def _joined(kind: str, tests: list[EntryTest]) -> EntryTest:
    if kind == "!":
        return lambda entry: not tests[0](entry)
    join = all if kind == "&" else any
    return lambda entry: join(test(entry) for test in tests)


def _comparison(text: str) -> EntryTest:
    parts = _COMPARISON.fullmatch(text)
    if parts is None or "(" in text:
        raise LdapError
    name, rule, operator, value = parts.groups()
    if rule:
        return _bits(name, rule, value)
    if operator in ("=", "~="):
        return _like(name, value)
    bound = _sortable(_unescaped(value))
    if operator == ">=":
        return lambda entry: any(_sortable(each) >= bound for each in entry.values(name))
    return lambda entry: any(_sortable(each) <= bound for each in entry.values(name))


def _like(name: str, value: str) -> EntryTest:
    """Return the test for a value in any letter case, with `*` for any characters."""
    plain = [re.escape(_unescaped(part).casefold()) for part in value.split("*")]
    pattern = re.compile(".*".join(plain), re.DOTALL)
    return lambda entry: any(pattern.fullmatch(each.casefold()) for each in entry.values(name))


def _bits(name: str, rule: str, value: str) -> EntryTest:
    _require(rule in (_ALL_BITS, _ANY_BIT) and value.isascii() and value.isdecimal())
    wanted = int(value)

    def test(entry: LdapEntry) -> bool:
        numbers = [int(each) & wanted for each in entry.values(name) if each.isdecimal()]
        return any(bits == wanted if rule == _ALL_BITS else bits for bits in numbers)

    return test


def _sortable(value: str) -> tuple[int, str]:
    """Return what values are ordered by: numbers by their size, other text after them."""
    if value.isascii() and value.isdecimal():
        return len(value.lstrip("0")), value.lstrip("0")
    return sys.maxsize, value.casefold()


def _unescaped(value: str) -> str:
    _require("\\" not in _ESCAPES.sub("", value))
    try:
        return _ESCAPES.sub(lambda found: _text(found[0]), value)
    except UnicodeDecodeError:
        raise LdapError from None


def _text(escapes: str) -> str:
    return bytes.fromhex(escapes.replace("\\", "")).decode("utf-8")


def _require(ok: bool) -> None:
    if not ok:
        raise LdapError
