"""The expressions of LDAP mappings, which make a user's values of an entry's attributes.

`$attribute$` stands for the attribute's value, `$attribute|'/regex/text/'$` for the value with
text in place of what the regular expression finds first (`g` after it: wherever it finds
something). `\\1` in the text is what the first round brackets found, `\\0` all of it. Instead of
the slash there can be another character; a backslash makes it, and the quote, plain. Source:
Cisco Meeting Server's deployment guides, 'More information on LDAP field mappings'.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from flaskr.pod.cms.ldap.entries import LdapEntry, LdapError

Made = Callable[[LdapEntry], str]

_EXPRESSION = re.compile(r"\$([\w;.-]+)(?:\|'((?:[^'\\]|\\.)*)')?\$", re.DOTALL)
_QUOTED = re.compile(r"\\(['\\])")
_IN_TEXT = re.compile(r"\\(.)", re.DOTALL)


def compile_mapping(mapping: str) -> Made:
    """Return what makes a value of an entry; an attribute that is missing counts as empty.

    What is no expression stays as it is. Raises LdapError for a substitution that is none.
    """
    pieces: list[Made] = []
    at = 0
    for found in _EXPRESSION.finditer(mapping):
        pieces += [_literal(mapping[at:found.start()]), _value(found[1], found[2])]
        at = found.end()
    pieces.append(_literal(mapping[at:]))
    return lambda entry: "".join(piece(entry) for piece in pieces)


def _literal(text: str) -> Made:
    return lambda entry: text


def _value(name: str, substitution: str | None) -> Made:
    if substitution is None:
        return lambda entry: entry.first(name)
    substitute = _compile_substitution(_QUOTED.sub(r"\1", substitution))
    return lambda entry: substitute(entry.first(name))


def _compile_substitution(text: str) -> Callable[[str], str]:
    separator = re.escape(text[:1] or "/")
    parts = re.split(rf"(?<!\\){separator}", text)
    if len(parts) != 4 or parts[0] or parts[3] not in ("", "g"):
        raise LdapError
    try:
        expression = re.compile(parts[1])
    except re.error:
        raise LdapError from None
    count = 0 if parts[3] else 1

    def replacement(found: re.Match[str]) -> str:
        return _IN_TEXT.sub(lambda escaped: _group(found, escaped[1]), parts[2])

    return lambda value: expression.sub(replacement, value, count=count)


def _group(found: re.Match[str], name: str) -> str:
    """Return what the brackets of that number found; any other character stands for itself."""
    if not name.isdecimal():
        return name
    return (found[int(name)] or "") if int(name) <= found.re.groups else ""
