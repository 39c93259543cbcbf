"""A change of a mailbox: what the record has of it, and why Unity Connection would refuse it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any

from flaskr.cuc.v1.cupi import CUPI
from flaskr.cuc.v1.lists import matching
from flaskr.cuc.v1.told import SECRET
from flaskr.fields import Values
from flaskr.provisioning.change import ChangeRequest
from flaskr.provisioning.mailbox_lookup import mailbox_in_words, mailbox_path
from flaskr.rest.v1.paging import Entry
from flaskr.rest.v1.rest import Payload
from flaskr.result import Failure, Reason
from flaskr.spelling import comparison_key

TEMPLATE, PKID = "templateAlias", "pkid"
# The extension: as an import has it, and as a mailbox does.
NEW_EXTENSION, EXTENSION = "dtmfAccessId", "DtmfAccessId"
MOST_SHOWN = 10


class MailboxChange(ChangeRequest):
    """A change of a mailbox or of its PIN, or the import of a user who gets one."""

    secrets = (SECRET,)

    @property
    def kept(self) -> Values:
        """What is sent of values that Unity Connection shows afterwards, by their names then."""
        if self.http_method == "POST":
            names = {PKID: "LdapCcmPkid", NEW_EXTENSION: EXTENSION}
            return {names[name]: text for name, text in self.values.items() if name in names}
        return {name: text for name, text in self.values.items() if name != SECRET}

    @property
    def recorded(self) -> Values:
        """The values that are to be there, as they are sent."""
        return self.values

    @property
    def extension(self) -> str:
        """The extension that is asked for, `""` where none is."""
        return self.values.get(NEW_EXTENSION) or self.values.get(EXTENSION, "")

    def call(self, new_id: str = "") -> str:
        """Return the request in words."""
        return f"{self.http_method} {self.path}"

    def place(self, new_id: str) -> str:
        """Return the path of the mailbox, or of its PIN."""
        return mailbox_path(new_id) if new_id else self.path

    def named(self, new_id: str) -> Mapping[str, str]:
        """Return the ID of the mailbox."""
        path = self.place(new_id)
        return {"mailbox": path.split("/")[1] if path.startswith("users/") else ""}

    def shows(self, found: Mapping[str, Any]) -> bool:
        """Return whether what was read since has the values; a PIN shows when it was changed."""
        has_all = all(_has(found, name, text) for name, text in self.kept.items())
        is_later = found.get("TimeChanged") != self.before.get("TimeChanged")
        return has_all and (is_later or SECRET not in self.values)

    def may_have_made(self, path: str) -> bool:
        """Return whether a path is that of a mailbox."""
        return path.startswith("users/") and path.count("/") == 1


def _has(found: Mapping[str, Any], name: str, text: str) -> bool:
    """Return whether a value is there; what LDAP said, or a time, need not be shown."""
    return str(found.get(name, text)) == text


def change_of(
    http_method: str,
    path: str,
    parameters: Mapping[str, Any] | None,
    payload: Payload | None,
    before: Entry,
) -> MailboxChange:
    """Return the change that a request makes. The values are those of address and body."""
    sent = payload if isinstance(payload, Mapping) else {}
    return MailboxChange(http_method, path, {**(parameters or {}), **sent}, before)


@contextmanager
def refusals_explained(cupi: CUPI, change: MailboxChange) -> Iterator[None]:
    """Say of a change that Unity Connection refused why that is, where the portal can see it.

    The codes of CUPI are not documented. Raises Failure.
    """
    try:
        yield
    except Failure as failure:
        if failure.reason is not Reason.REFUSED:
            raise
        raise _explained(cupi, change, failure) from None


def _explained(cupi: CUPI, change: MailboxChange, failure: Failure) -> Failure:
    try:
        seen = refusal(cupi, change)
    except Failure as of_look:
        seen = Failure(failure.reason, f"The portal has looked why, without success. {of_look}")
    if seen is None:
        return failure
    server = failure.server if seen.reason is failure.reason else ""
    return Failure(
        seen.reason, f"{failure.message} {seen.message}", failure.failure_codes, server
    )


def refusal(cupi: CUPI, change: MailboxChange) -> Failure | None:
    """Return why Unity Connection would refuse a change, or None where nothing is seen of it.

    Raises Failure where it can't be looked up.
    """
    found = (look(cupi, change) for look in _LOOKS.get(change.http_method, ()))
    return next(filter(None, found), None)


def _no_template(cupi: CUPI, change: MailboxChange) -> Failure | None:
    wanted = comparison_key(change.values[TEMPLATE])
    aliases = [str(row.get("Alias")) for row in cupi.rows("usertemplates", {})]
    if wanted in map(comparison_key, aliases):
        return None
    shown = ", ".join(islice(aliases, MOST_SHOWN))
    there_are = f"There are these: {shown}." if shown else "There are none."
    message = f'There is no user template "{change.values[TEMPLATE]}". {there_are}'
    return Failure(Reason.NO_SUCH_TEMPLATE, message)


def _taken_extension(cupi: CUPI, change: MailboxChange) -> Failure | None:
    holder = _holder(cupi, change) if change.extension else None
    if holder is None:
        return None
    message = (
        f'The extension "{change.extension}" is taken: {mailbox_in_words(holder)} has it already. '
        f"Send another {EXTENSION}."
    )
    return Failure(Reason.EXTENSION_TAKEN, message)


def _holder(cupi: CUPI, change: MailboxChange) -> Entry | None:
    """Return another mailbox with the extension."""
    for row in cupi.rows("users", matching(EXTENSION, change.extension)):
        is_own = mailbox_path(row["ObjectId"]) == change.path
        if row.get(EXTENSION) == change.extension and not is_own:
            return row
    return None


_Look = Callable[[CUPI, MailboxChange], Failure | None]
_LOOKS: Mapping[str, tuple[_Look, ...]] = {
    "POST": (_no_template, _taken_extension),
    "PUT": (_taken_extension,),
}
