"""The people of the company as LDAP entries, with the attributes of AD and of OpenLDAP."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flaskr.pod.company import Company, Employee, directory_id

DOMAIN = "pod6.example"
ROOT = "dc=pod6,dc=example"
PEOPLE = f"ou=People,{ROOT}"
# The attributes that are a field of the company's, as they are there.
FIELDS = {
    "givenName": "firstName",
    "sn": "lastName",
    "displayName": "displayName",
    "mail": "email",
    "telephoneNumber": "phoneNumber",
    "mobile": "mobileNumber",
    "homePhone": "homeNumber",
    "pager": "pager",
    "department": "department",
    "title": "title",
    "manager": "manager",
}
OBJECT_CLASSES = ("top", "person", "organizationalPerson", "inetOrgPerson", "user")


class LdapError(Exception):
    """What the LDAP server doesn't answer: nobody is imported."""


@dataclass(frozen=True)
class LdapEntry:
    """An entry: its DN, and its attributes by their names in lower case."""

    dn: str
    attributes: Mapping[str, Sequence[str]]

    def values(self, name: str) -> Sequence[str]:
        """Return the values of an attribute, none where the entry hasn't it."""
        return self.attributes.get(name.lower(), ())

    def first(self, name: str) -> str:
        """Return the first value of an attribute, or nothing."""
        return next(iter(self.values(name)), "")


def search(company: Company, base: str) -> list[LdapEntry]:
    """Return the entries at a DN and below it. Raises LdapError where there is no such DN."""
    everyone = list(_entries(company.employees))
    wanted = _in_one_spelling(base)
    if wanted in map(_in_one_spelling, (ROOT, PEOPLE)):
        return everyone
    found = [entry for entry in everyone if _in_one_spelling(entry.dn) == wanted]
    if not found:
        raise LdapError
    return found


def _entries(employees: Iterable[Employee]) -> Iterator[LdapEntry]:
    for employee in employees:
        attributes = {
            name.lower(): (value,) for name, value in _single_values(employee).items() if value
        }
        dn = f"uid={_escaped(employee['userName'])},{PEOPLE}"
        yield LdapEntry(dn, {**attributes, "objectclass": OBJECT_CLASSES})


def _single_values(employee: Employee) -> dict[str, str]:
    userid = employee["userName"]
    guid = directory_id(userid)
    return {
        "uid": userid,
        "sAMAccountName": userid,
        "userPrincipalName": userid if "@" in userid else f"{userid}@{DOMAIN}",
        "cn": employee["displayName"] or userid,
        "objectCategory": "person",
        "userAccountControl": "512",
        "objectGUID": guid,
        "entryUUID": guid,
        **{name: employee.get(field, "") for name, field in FIELDS.items()},
    }


def _escaped(text: str) -> str:
    return re.sub(r'([,+"\\<>;=])', r"\\\1", text)


def _in_one_spelling(dn: str) -> str:
    return re.sub(r"\s*([,=])\s*", r"\1", dn.strip()).lower()
