"""A user imported from LDAP into Unity Connection: with all that was asked for, or not at all.

All of it raises Failure.
"""

import time

from flaskr.cuc.v1.cupi import CUPI
from flaskr.cuc.v1.users import PIN, TEMPLATE
from flaskr.fields import Values
from flaskr.provisioning.confirmed import unconfirmed_since
from flaskr.provisioning.directory import Directory
from flaskr.provisioning.mailbox_change import (
    EXTENSION,
    NEW_EXTENSION,
    PKID,
    MailboxChange,
    refusals_explained,
)
from flaskr.provisioning.mailbox_lookup import (
    IMPORT,
    find_ldap_user,
    find_mailbox,
    mailbox_in_words,
    mailbox_path,
    read_mailbox,
)
from flaskr.provisioning.mailbox_pin import check_pin
from flaskr.provisioning.mailboxes import Parts
from flaskr.provisioning.template import dialled
from flaskr.provisioning.undo import Undoing
from flaskr.rest.v1.attempts import PAUSES
from flaskr.rest.v1.paging import Entry
from flaskr.result import MAYBE_DONE, Failure, Outcome, Reason

# After these, Unity Connection has the mailbox only if somebody else made it.
_REFUSALS = (Reason.REFUSED, Reason.EXTENSION_TAKEN, Reason.NO_SUCH_TEMPLATE)


def import_mailbox(cupi: CUPI, directory: Directory, userid: str, arguments: Values) -> Outcome:
    """Import a user from LDAP, and return the new mailbox's ID.

    The extension is the telephone number that is known of the user, unless another is asked for.
    Where a step after the import fails, the mailbox is deleted again.
    """
    person = _importable(cupi, userid)
    check_pin(cupi, arguments.get(PIN.name, ""))
    extension = arguments.get(EXTENSION) or _extension_of(directory, userid, person)
    values = {PKID: str(person[PKID]), **({NEW_EXTENSION: extension} if extension else {})}
    template = arguments.get(TEMPLATE.name) or TEMPLATE.default
    created = _import(cupi, userid, {TEMPLATE.name: template}, values)
    parts = Parts.of({name: text for name, text in arguments.items() if name != EXTENSION})
    done: list[str] = []
    try:
        parts.set(cupi, created.response, done)
    except Failure as failure:
        step = "setting what was asked for"
        raise _undoing(cupi, created.response).after(failure, step) from None
    with_it = f" With it: {', '.join(done)}." if done else ""
    return Outcome(f"{created.message}{with_it}", created.response)


def _importable(cupi: CUPI, userid: str) -> Entry:
    """Return the user as LDAP has it; only those are there who have no mailbox yet."""
    person = find_ldap_user(cupi, userid)
    if person:
        return person
    mailbox = find_mailbox(cupi, userid)
    if mailbox:
        raise _exists(mailbox)
    raise Failure(
        Reason.NO_LDAP_USER,
        f'Unity Connection has no user with the ID "{userid}" to import from LDAP. Check the user '
        "ID; where the user is new, have its LDAP directory synchronised.",
    )


def _exists(mailbox: Entry) -> Failure:
    message = f"The user has {mailbox_in_words(mailbox)} already. To change it, send PUT."
    return Failure(Reason.MAILBOX_EXISTS, message)


def _extension_of(directory: Directory, userid: str, person: Entry) -> str:
    """Return the telephone number of a user: that of LDAP, or else that of the directory.

    It has no + in front: an extension is what can be dialled on a telephone's keys.
    """
    number = str(person.get("phoneNumber") or "") or _number_of(directory, userid)
    return dialled(number).removeprefix("+")


def _number_of(directory: Directory, userid: str) -> str:
    try:
        return directory.find_user(userid).get("phoneNumber") or ""
    except Failure as failure:
        if failure.reason is Reason.NO_SUCH_USER:
            return ""
        message = (
            f"{failure.message} So nothing was made: the user's telephone number is not known. To "
            f"do without, send {EXTENSION}."
        )
        raise Failure(failure.reason, message, failure.failure_codes, failure.server) from None


def _import(cupi: CUPI, userid: str, parameters: Values, values: Values) -> Outcome:
    """Import a user.

    An import is not the same when it is sent twice, and nobody documents that one which is answered
    with "busy" was not begun. So the portal looks before it sends it again or tells of a failure.
    """
    change = MailboxChange("POST", IMPORT, {**parameters, **values}, {})
    pauses = iter(PAUSES)
    was_busy = False
    while True:
        try:
            with refusals_explained(cupi, change):
                return cupi.request(IMPORT, parameters, values, "POST")
        except Failure as failure:
            pause = next(pauses, None) if failure.reason is Reason.BUSY else None
            found = _look_for_imported(cupi, userid, change, failure, was_busy)
            if found:
                return found
            if pause is None:
                raise
        was_busy = True
        time.sleep(pause)


def _look_for_imported(
    cupi: CUPI, userid: str, change: MailboxChange, failure: Failure, was_busy: bool
) -> Outcome | None:
    """Return what became of an import that failed, where it was made; None where nothing was.

    `was_busy`: it was sent before, and answered with "busy". Raises Failure where that can't be
    told, and where somebody else has made the mailbox meanwhile.
    """
    is_unsure = failure.reason in (*MAYBE_DONE, Reason.BUSY)
    if not is_unsure and failure.reason not in _REFUSALS:
        return None
    mailbox = _look(cupi, userid, failure)
    if mailbox is None:
        if failure.reason in MAYBE_DONE:
            raise unconfirmed_since(failure, "the user has no mailbox now.")
        return None
    if not is_unsure and not was_busy:
        raise _with(_exists(mailbox), failure)
    if not change.shows(mailbox):
        seen = f"there is {mailbox_in_words(mailbox)}, but it is not as asked for."
        raise unconfirmed_since(failure, seen)
    mailbox_id = mailbox["ObjectId"]
    message = f"{cupi.title} did not confirm it, but the mailbox is there, as asked for: "
    return Outcome(f"{message}{mailbox_id}.", mailbox_id)


def _look(cupi: CUPI, userid: str, failure: Failure) -> Entry | None:
    try:
        found = find_mailbox(cupi, userid)
        return read_mailbox(cupi, found["ObjectId"]) if found else None
    except Failure as of_look:
        raise unconfirmed_since(failure, f"without success. {of_look.message}") from None


def _with(seen: Failure, refused: Failure) -> Failure:
    return Failure(seen.reason, f"{refused.message} {seen.message}", refused.failure_codes)


def _undoing(cupi: CUPI, mailbox_id: str) -> Undoing:
    return Undoing(
        "mailbox",
        mailbox_id,
        lambda: cupi.request(mailbox_path(mailbox_id), http_method="DELETE"),
        Reason.NO_MAILBOX,
        "Send PUT to its address to complete it, or DELETE.",
    )
