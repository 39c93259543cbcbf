"""What the simulated Unity Connection starts with: mailboxes, their PINs, users to import."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from flaskr.pod.company import USERS, Company, Employee, directory_id, guid_for
from flaskr.pod.cuc.pins import PIN, first_pin
from flaskr.pod.cuc.times import CHANGED, CREATED
from flaskr.pod.database import Record
from flaskr.pod.lower_case import in_lower_case

MAIL_DOMAIN = "cuc.pod6.example"
LOCATION, PARTITION = guid_for("location of the mailboxes"), guid_for("partition of the mailboxes")
# Extensions that are no mailbox's: those of call handlers. The second is reception's, too.
HANDLERS = ("0", "6000", "99001")
# Of the users that there always are, those who have a mailbox; the others wait to be imported.
WITH_MAILBOX = re.compile(r"pod6user(1[1-9]|20)|eleni|yuki|lee1|leeann|MixedCase|twin1|maria")
LOCKED_OUT = "pod6user12"
PIN_AT_FIRST = "80246"
# Of a made-up company, every so many-th employee has a mailbox.
EVERY = 2
_DIGITS = re.compile("[0-9]+")
_IN_AN_ADDRESS = re.compile("[a-z0-9._-]+")
_USUAL = frozenset(user["userName"] for user in USERS)
# What all mailboxes have that are not told otherwise.
_COMMON = {
    "TimeZone": "190", "CreationTime": CREATED, "ListInDirectory": "true", "IsVmEnrolled": "false",
    "Inactive": "false", "LdapType": "0", "LocationObjectId": LOCATION, "Language": "1033",
    "LocationURI": f"/vmrest/locations/connectionlocations/{LOCATION}", "IsTemplate": "false",
    "SkipPasswordForKnownDevice": "false", "UseDefaultLanguage": "true",
    "PartitionObjectId": PARTITION,
}
# Mailboxes of the system's own, as alias, name and extension.
_OF_THE_SYSTEM = (
    ("operator", "Operator", "99990"),
    ("undeliverablemessagesmailbox", "Undeliverable Messages", "99999"),
)


class CucStart(NamedTuple):
    """The records of the start, and all employees by their alias in lower case."""

    mailboxes: list[Record]
    pins: list[Record]
    importable: list[Record]
    people: Mapping[str, Employee]


def initial_records(company: Company) -> CucStart:
    """Return what is there at every start; the IDs are the same each time."""
    mailboxes = [_of_the_system(*entry) for entry in _OF_THE_SYSTEM]
    taken = {*HANDLERS, *(mailbox.values["DtmfAccessId"] for mailbox in mailboxes)}
    importable: list[Record] = []
    for employee, has_one in _sorted_out(company.employees):
        extension = extension_of(employee)
        if has_one and extension and extension not in taken:
            taken.add(extension)
            alias = employee["userName"]
            mailboxes.append(mailbox_of(employee, extension, guid_for(f"mailbox of {alias}")))
        else:
            importable.append(importable_of(employee))
    people = {in_lower_case(employee["userName"]): employee for employee in company.employees}
    return CucStart(mailboxes, list(map(_pin_of, mailboxes)), importable, people)


def extension_of(employee: Employee) -> str:
    """Return the extension that a telephone number makes: its digits."""
    return "".join(_DIGITS.findall(employee.get("phoneNumber", "")))


def importable_of(employee: Employee) -> Record:
    """Return an employee as one who can be imported."""
    pkid = directory_id(employee["userName"])
    values = {
        "alias": employee["userName"],
        "firstName": employee["firstName"],
        "lastName": employee["lastName"],
        "phoneNumber": employee.get("phoneNumber", ""),
        "pkid": pkid,
    }
    return Record(pkid, {name: text for name, text in values.items() if text})


def mailbox_of(employee: Employee, extension: str, mailbox_id: str, **more: str) -> Record:
    """Return the mailbox of an employee; `more` is what a template has."""
    alias = employee["userName"]
    values = {
        "DisplayName": employee["displayName"],
        "FirstName": employee["firstName"],
        "LastName": employee["lastName"],
        "EmailAddress": employee.get("email", ""),
        "Department": employee.get("department", ""),
        "Title": employee.get("title", ""),
        "LdapType": "3",
        "LdapCcmUserId": alias,
        "LdapCcmPkid": directory_id(alias),
        **more,
    }
    return new_mailbox(mailbox_id, alias, extension, **values)


def new_mailbox(mailbox_id: str, alias: str, extension: str, **more: str) -> Record:
    """Return a mailbox with these values, beside those that all have; without the empty ones."""
    values = {
        **_COMMON,
        "ObjectId": mailbox_id,
        "Alias": alias,
        "DtmfAccessId": extension,
        "SmtpAddress": _address(alias, extension),
        **more,
    }
    return Record(mailbox_id, {name: text for name, text in values.items() if text})


def _address(alias: str, extension: str) -> str:
    """Return the address of a mailbox: of its extension, where the alias can't stand in one."""
    name = in_lower_case(alias)
    return f"{name if _IN_AN_ADDRESS.fullmatch(name) else extension}@{MAIL_DOMAIN}"


def _sorted_out(employees: Iterable[Employee]) -> Iterator[tuple[Employee, bool]]:
    """Yield each employee, and whether it is one who has a mailbox."""
    for place, employee in enumerate(employees):
        if employee["userName"] in _USUAL:
            yield employee, WITH_MAILBOX.fullmatch(employee["userName"]) is not None
        else:
            yield employee, place % EVERY == 0


def _of_the_system(alias: str, name: str, extension: str) -> Record:
    mailbox_id = guid_for(f"mailbox of the system {alias}")
    return new_mailbox(mailbox_id, alias, extension, DisplayName=name, ListInDirectory="false")


def _pin_of(mailbox: Record) -> Record:
    more = {PIN: PIN_AT_FIRST}
    if mailbox.values["Alias"] == LOCKED_OUT:
        more |= {"HackCount": "3", "TimeHacked": CHANGED}
    return first_pin(mailbox.id, CHANGED, more)
