"""One user's mailbox: retrieved, modified, deleted; and whom LDAP has who has none.

All of it raises Failure. A PIN is in no message and in no answer.
"""

from functools import partial
from typing import NamedTuple

from flaskr.cuc.v1.cupi import CUPI
from flaskr.cuc.v1.lists import matching
from flaskr.cuc.v1.users import MAILBOX_SETTINGS, PIN, PIN_FIELDS, RESET
from flaskr.fields import Values
from flaskr.provisioning.confirmed import confirmed
from flaskr.provisioning.directory import Directory
from flaskr.provisioning.lists import filled
from flaskr.provisioning.mailbox_change import MailboxChange, refusals_explained
from flaskr.provisioning.mailbox_lookup import (
    IMPORT,
    mailbox_in_words,
    mailbox_path,
    mailbox_to_change,
    own_mailbox,
    read_mailbox,
)
from flaskr.provisioning.mailbox_pin import (
    check_pin,
    credential,
    lock_in_words,
    read_pin,
    set_credential,
)
from flaskr.rest.v1.paging import Entry
from flaskr.result import Failure, Outcome, Reason


class Parts(NamedTuple):
    """What is to be set: settings of the mailbox itself, a PIN (`""`: none), the end of a lock."""

    settings: Values
    pin: str
    is_unlocked: bool

    @classmethod
    def of(cls, arguments: Values) -> "Parts":
        """Return what arguments ask for."""
        settings = {name: arguments[name] for name in MAILBOX_SETTINGS if name in arguments}
        return cls(settings, arguments.get(PIN.name, ""), arguments.get(RESET.name) == "true")

    @property
    def are_none(self) -> bool:
        """Whether nothing is asked for."""
        return not (self.settings or self.pin or self.is_unlocked)

    def set(self, cupi: CUPI, mailbox_id: str, done: list[str]) -> None:
        """Set all of it, the PIN first, which may be refused; note in `done` what is done."""
        if self.pin or self.is_unlocked:
            values = credential(self.pin, self.is_unlocked)
            lock = lock_in_words(set_credential(cupi, mailbox_id, values))
            done += [PIN.name] * bool(self.pin) + [lock] * self.is_unlocked
        if self.settings:
            _set_settings(cupi, mailbox_id, self.settings)
            done += self.settings


def retrieve_mailbox(cupi: CUPI, userid: str) -> Outcome:
    """Return the mailbox of a user, and what is told of its PIN."""
    mailbox = own_mailbox(cupi, userid)
    pin = read_pin(cupi, mailbox["ObjectId"])
    told = {name: value for name, value in pin.items() if name in PIN_FIELDS}
    message = f"{cupi.title_and_address}: retrieved {mailbox_in_words(mailbox)}."
    return Outcome(message, {"User": mailbox, "PIN": told})


def modify_mailbox(
    cupi: CUPI, directory: Directory, userid: str, arguments: Values, force: bool = False
) -> Outcome:
    """Set what is asked for of the mailbox of a user; the rest stays."""
    parts = Parts.of(arguments)
    if parts.are_none:
        message = "There is nothing to change: send an argument."
        raise Failure(Reason.NOTHING_TO_CHANGE, message)
    mailbox = mailbox_to_change(cupi, directory, userid, force)
    check_pin(cupi, parts.pin)
    done: list[str] = []
    try:
        parts.set(cupi, mailbox["ObjectId"], done)
    except Failure as failure:
        raise _half_done(failure, done) from None
    changed = f"changed {mailbox_in_words(mailbox)}: {', '.join(done)}."
    return Outcome(f"{cupi.title_and_address}: {changed}")


def delete_mailbox(
    cupi: CUPI, directory: Directory, userid: str, force: bool = False
) -> Outcome:
    """Delete the mailbox of a user, with all that is in it, and return it as it was.

    Where Unity Connection does not confirm it, the portal looks whether the mailbox is gone.
    """
    mailbox = mailbox_to_change(cupi, directory, userid, force)
    path = mailbox_path(mailbox["ObjectId"])
    deleted = confirmed(
        lambda: cupi.request(path, http_method="DELETE"),
        lambda: _is_gone(cupi, mailbox),
    )
    unconfirmed = f"{cupi.title} did not confirm it, but {mailbox_in_words(mailbox)} is gone."
    return Outcome(deleted.message if deleted else unconfirmed, {"User": mailbox})


def page_of_ldap_users(cupi: CUPI, text: str, offset: int, limit: int) -> Outcome:
    """Return so many users from a place on whom LDAP has and who have no mailbox yet.

    `text` leaves those whose user ID begins with it.
    """
    search = matching("alias", text, "startswith") if text else {}
    page = filled(partial(cupi.page, IMPORT, search), offset, limit)
    response = {"total": page.total, "ldapUsers": page.entries}
    found = f"{len(page.entries)} of {page.total} users without a mailbox."
    return Outcome(f"{cupi.title_and_address}: {found}", response)


def _set_settings(cupi: CUPI, mailbox_id: str, settings: Values) -> None:
    """Set settings of a mailbox, once more where Unity Connection does not confirm it."""
    path = mailbox_path(mailbox_id)
    change = MailboxChange("PUT", path, settings, {})
    with refusals_explained(cupi, change):
        confirmed(
            lambda: cupi.request(path, payload=settings, http_method="PUT"),
            lambda: change.shows(read_mailbox(cupi, mailbox_id)),
        )


def _half_done(failure: Failure, done: list[str]) -> Failure:
    """Return the failure of a change of several parts, with those that were done before."""
    if not done:
        return failure
    message = f"{failure.message} Changed before that: {', '.join(done)}."
    return Failure(failure.reason, message, failure.failure_codes, failure.server)


def _is_gone(cupi: CUPI, mailbox: Entry) -> bool:
    try:
        read_mailbox(cupi, mailbox["ObjectId"])
    except Failure as failure:
        if failure.reason is not Reason.NO_MAILBOX:
            raise
        return True
    return False
