"""The PIN of a mailbox: what the rules ask of it, its change, and the end of a lock."""

from collections.abc import Iterator

from flaskr.cuc.v1.cupi import CUPI, PIN
from flaskr.cuc.v1.told import SECRET
from flaskr.fields import Values
from flaskr.provisioning.confirmed import confirmed
from flaskr.provisioning.mailbox_change import MailboxChange
from flaskr.provisioning.mailbox_lookup import mailbox_path
from flaskr.rest.v1.paging import Entry
from flaskr.result import Failure, Reason

UNLOCKED: Values = {"HackCount": "0", "TimeHacked": ""}
_RULES = "authenticationrules"
_NOT_TOLD = (Reason.REFUSED, Reason.UNEXPECTED_STATUS, Reason.NO_SUCH_OBJECT)


def pin_path(mailbox_id: str) -> str:
    """Return where the PIN of a mailbox is in the API."""
    return f"{mailbox_path(mailbox_id)}/{PIN}"


def read_pin(cupi: CUPI, mailbox_id: str) -> Entry:
    """Return what Unity Connection says of a PIN, which is not the PIN itself."""
    found: Entry = cupi.request(pin_path(mailbox_id)).response
    return found


def check_pin(cupi: CUPI, pin: str) -> None:
    """Raise Failure for a PIN that is shorter than every rule of Unity Connection asks for.

    Which rule is the mailbox's, and what else it asks for, is left to Unity Connection. Where it
    does not tell its rules, all is.
    """
    least = min(_lengths(cupi), default=0) if pin else 0
    if len(pin) < least:
        wrong = f"The PIN is too short: Unity Connection asks for at least {least} digits."
        raise Failure(Reason.PIN_REFUSED, f"{wrong} Nothing was changed.")


def set_credential(cupi: CUPI, mailbox_id: str, values: Values) -> Entry:
    """Set a PIN, or end a lock; return what was told of the PIN before. Raises Failure.

    Where Unity Connection does not confirm it, the portal looks whether it is so now, and sends it
    once more where it isn't.
    """
    path = pin_path(mailbox_id)
    change = MailboxChange("PUT", path, values, read_pin(cupi, mailbox_id))
    confirmed(
        lambda: cupi.request(path, payload=values, http_method="PUT"),
        lambda: change.shows(read_pin(cupi, mailbox_id)),
    )
    return change.before


def credential(pin: str, is_unlocked: bool) -> dict[str, str]:
    """Return what is sent for a new PIN, if it is not empty, and for the end of a lock."""
    return {**({SECRET: pin} if pin else {}), **(UNLOCKED if is_unlocked else {})}


def lock_in_words(before: Entry) -> str:
    """Return which lock is ended of a PIN: that of wrong PINs, not one that people have set."""
    return "lock (that of an administrator stays)" if before.get("Locked") == "true" else "lock"


def _lengths(cupi: CUPI) -> Iterator[int]:
    """Yield the least length of a PIN by each rule that has one."""
    try:
        for rule in cupi.rows(_RULES, {}):
            length = str(rule.get("MinLength", ""))
            if length.isdecimal():
                yield int(length)
    except Failure as failure:
        if failure.reason not in _NOT_TOLD:
            raise
