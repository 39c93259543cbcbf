"""What an entry of a directory says of a user, by the names that UDS has for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from flaskr.ldap.v1.session import Entry

USERID = "userName"
DISABLED = "disabled"
ACCOUNT_DISABLED = 2  # the bit of userAccountControl
MOST_NAMES = ("firstName", "middleName", "lastName", "nickName", "displayName")
_RDN = re.compile(r"[^=]+=((?:[^\\,+]|\\.)*)")
_ESCAPED = re.compile(r"((?:\\[0-9A-Fa-f]{2})+)|\\(.)")

# From a field to the attributes that it may stand in, of which the first that has a value counts.
Attributes = Mapping[str, tuple[str, ...]]


class Preset(NamedTuple):
    """What one kind of directory has: the filter of its users, and where their fields stand."""

    filter: str
    attributes: Attributes


_BOTH: Attributes = {
    "firstName": ("givenName",),
    "lastName": ("sn",),
    "displayName": ("displayName", "cn"),
    "phoneNumber": ("telephoneNumber",),
    "homeNumber": ("homePhone",),
    "mobileNumber": ("mobile",),
    "pager": ("pager",),
    "email": ("mail",),
    "title": ("title",),
    "manager": ("manager",),
}
PRESETS = {
    # What CUCM's own LDAP sync takes from Active Directory, unless told otherwise.
    "ad": Preset(
        "(&(objectCategory=person)(objectClass=user))",
        {
            USERID: ("sAMAccountName",),
            **_BOTH,
            "middleName": ("middleName", "initials"),
            "department": ("department",),
            "directoryUri": ("msRTCSIP-PrimaryUserAddress",),
            "msUri": ("msRTCSIP-PrimaryUserAddress",),
            DISABLED: ("userAccountControl",),
        },
    ),
    "openldap": Preset(
        "(objectClass=inetOrgPerson)",
        {USERID: ("uid",), **_BOTH, "middleName": ("initials",),
         "department": ("departmentNumber", "ou")},
    ),
}


def user_of(attributes: Attributes, entry: Entry) -> dict[str, str]:
    """Return a user's fields; `""` where the entry says nothing, the first of several values."""
    return {
        field: _READ.get(field, str)(next(_texts(entry, names), ""))
        for field, names in attributes.items()
    }


def equals(names: Sequence[str], value: str) -> str:
    """Return the filter for entries that have a value in one of the attributes."""
    return any_of([f"({name}={_escaped(value)})" for name in names])


def begins(names: Sequence[str], value: str) -> str:
    """Return the filter for entries that have a value that begins so."""
    return any_of([f"({name}={_escaped(value)}*)" for name in names])


def any_of(filters: Sequence[str]) -> str:
    """Return the filter that fits where one of these does."""
    return filters[0] if len(filters) == 1 else f"(|{''.join(filters)})"


def all_of(filters: Sequence[str]) -> str:
    """Return the filter that fits where all of these do."""
    return f"(&{''.join(filters)})"


def _texts(entry: Entry, names: Sequence[str]) -> Iterator[str]:
    """Yield the values of some attributes that are not empty."""
    for name in names:
        for value in entry.get(name) or ():
            if value:
                yield value.decode(errors="replace")


def _escaped(value: str) -> str:
    """Return a value in which no character means anything in a filter (RFC 4515, section 3)."""
    return "".join(f"\\{byte:02x}" for byte in value.encode(errors="replace"))


def _without_scheme(value: str) -> str:
    return value[4:] if value.lower().startswith("sip:") else value


def _first_name_of(value: str) -> str:
    """Return what a distinguished name begins with, such as Lee of `cn=Lee,dc=example`."""
    found = _RDN.match(value)
    return _ESCAPED.sub(_unescaped, found[1]).strip() if found else value


def _unescaped(escaped: re.Match[str]) -> str:
    """Return what a backslash stands before: a character, or the bytes of some in digits."""
    if escaped[2]:
        return escaped[2]
    return bytes.fromhex(escaped[1].replace("\\", "")).decode(errors="replace")


def _is_disabled(value: str) -> str:
    """Return whether an account is switched off: a set bit, or the word TRUE."""
    if re.fullmatch(r"-?[0-9]{1,10}", value):
        return str(bool(int(value) & ACCOUNT_DISABLED)).lower()
    return str(value.lower() == "true").lower()


_READ: Mapping[str, Callable[[str], str]] = {
    "directoryUri": _without_scheme,
    "msUri": _without_scheme,
    "manager": _first_name_of,
    DISABLED: _is_disabled,
}
