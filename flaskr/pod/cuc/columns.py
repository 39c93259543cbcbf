"""The fields of a mailbox, of a user to import and of a template: one table each.

Source: the tables of the maker's guide; what a value may be is checked as far as it says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flaskr.pod.checks import ValueCheck, boolean, pattern, text, whole
from flaskr.pod.cuc.failures import INVALID, CucFailure


@dataclass(frozen=True)
class MailboxColumn:
    """A field of a mailbox.

    check: what it may be, None where nobody can change it. needed: whether it can't be unset.
    from_ldap: whether it can't be changed in the mailbox of someone who comes from LDAP. listed:
    whether a list shows it, and not only the mailbox by itself. searched: whether a list can be
    asked for it.
    """

    name: str
    check: ValueCheck | None = None
    needed: bool = False
    from_ldap: bool = False
    listed: bool = True
    searched: bool = False


def _name(name: str, **more: bool) -> MailboxColumn:
    return MailboxColumn(name, text(64), from_ldap=True, **more)


def _flag(name: str) -> MailboxColumn:
    return MailboxColumn(name, boolean(), needed=True, searched=True)


def _fixed(*names: str, listed: bool = True) -> tuple[MailboxColumn, ...]:
    return tuple(MailboxColumn(name, listed=listed) for name in names)


EXTENSION = pattern(re.compile("[0-9]{1,40}"), "1 to 40 digits")
COLUMNS: tuple[MailboxColumn, ...] = (
    MailboxColumn("URI"),
    MailboxColumn("ObjectId", searched=True),
    _name("Alias", needed=True, searched=True),
    _name("DisplayName", searched=True),
    _name("FirstName", searched=True),
    _name("LastName", searched=True),
    MailboxColumn("DtmfAccessId", EXTENSION, needed=True, searched=True),
    MailboxColumn("EmailAddress", text(320), from_ldap=True, searched=True),
    MailboxColumn("SmtpAddress", text(320), searched=True),
    MailboxColumn("TimeZone", whole(0, 1000), needed=True),
    *_fixed("CreationTime"),
    _flag("ListInDirectory"),
    _flag("IsVmEnrolled"),
    _flag("Inactive"),
    *_fixed("LdapType"),
    MailboxColumn("LdapCcmUserId", searched=True),
    MailboxColumn("LdapCcmPkid", searched=True),
    *_fixed("LocationObjectId", "LocationURI"),
    MailboxColumn("Department", text(64), from_ldap=True, listed=False),
    MailboxColumn("Title", text(64), from_ldap=True, listed=False),
    MailboxColumn("Language", whole(0, 100_000), needed=True, listed=False),
    MailboxColumn("SkipPasswordForKnownDevice", boolean(), needed=True, listed=False),
    MailboxColumn("UseDefaultLanguage", boolean(), needed=True, listed=False),
    *_fixed(
        "IsTemplate", "PartitionObjectId", "CallHandlerObjectId", "CallhandlerURI", "MailboxURI",
        "UserWebPasswordURI", "UserVoicePinURI", "AlternateExtensionsURI", listed=False,
    ),
)
BY_NAME: Mapping[str, MailboxColumn] = {column.name: column for column in COLUMNS}
SEARCHED = tuple(column.name for column in COLUMNS if column.searched)
# What a list of users to import, or of templates, can be asked for.
IMPORTED = ("alias", "firstName", "lastName", "phoneNumber", "pkid")
SEARCHED_TEMPLATE = ("Alias", "DisplayName", "ObjectId")


def checked(given: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that can be changed, as they are kept; empty ones are to be unset.

    What isn't known, or never changes, is passed over. Raises CucFailure.
    """
    return {
        name: _checked(BY_NAME[name], value)
        for name, value in given.items()
        if name in BY_NAME and BY_NAME[name].check
    }


def _checked(column: MailboxColumn, value: str) -> str:
    assert column.check is not None
    if not value and not column.needed:
        return ""
    try:
        kept = column.check(value)
    except ValueError as error:
        raise CucFailure(INVALID, f"{column.name} {error}.") from None
    return str(kept).lower() if isinstance(kept, bool) else str(kept)


def require(given: Mapping[str, str], names: Iterable[str]) -> None:
    """Raise CucFailure unless all of these fields are given."""
    missing = [name for name in names if not given.get(name)]
    if missing:
        raise CucFailure(INVALID, f"{' and '.join(missing)} must be given.")
