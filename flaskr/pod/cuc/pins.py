"""The PINs of mailboxes: what they may be, how they are kept, and what is shown of them.

That a trivial PIN is a run, a repeated digit, the extension or a name on the keypad is general
knowledge, not the maker's word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flaskr.pod.checks import boolean
from flaskr.pod.company import guid_for
from flaskr.pod.cuc.failures import BAD_PIN, INVALID, CucFailure
from flaskr.pod.cuc.switches import MOST_PREVIOUS, CucSwitches
from flaskr.pod.cuc.times import change_time
from flaskr.pod.database import Record

RULE = guid_for("authentication rule for PINs")
# The PIN itself and those of before, which no GET shows, as they are kept.
PIN, BEFORE = "pin", "pins of before"
LETTERS = {"2": "abc", "3": "def", "4": "ghi", "5": "jkl", "6": "mno", "7": "pqrs", "8": "tuv",
           "9": "wxyz"}
_KEYPAD = {letter: key for key, letters in LETTERS.items() for letter in letters}
_FLAGS = ("CantChange", "DoesntExpire", "CredMustChange", "Locked")
_KEPT = (*_FLAGS, "HackCount", "TimeHacked", "CredentialPolicyObjectId")
_SHOWN = (
    "URI", "UserObjectId", "CredentialType", "Credentials", "CantChange", "DoesntExpire",
    "TimeChanged", "HackCount", "Locked", "TimeLastHack", "TimeLockout", "Alias", "CredMustChange",
    "CredentialPolicyObjectId", "Hacked", "ObjectId", "EncryptionType",
)
_AT_FIRST = {
    "CantChange": "false", "DoesntExpire": "false", "CredMustChange": "true", "Locked": "false",
    "HackCount": "0", "CredentialPolicyObjectId": RULE,
}


def first_pin(mailbox_id: str, time: str, more: Mapping[str, str]) -> Record:
    """Return what is kept of the PIN of a new mailbox: `more` than all have at first."""
    return Record(mailbox_id, {**_AT_FIRST, "TimeChanged": time, **more})


def shown(pin: Record, mailbox: Record) -> dict[str, str]:
    """Return what a GET shows: all but the PIN."""
    locked_out = pin.values.get("TimeHacked", "")
    fields = {
        **pin.values,
        "URI": f"/vmrest/users/{mailbox.id}/credential/pin",
        "UserObjectId": mailbox.id,
        "CredentialType": "4",
        "TimeLastHack": locked_out,
        "TimeLockout": locked_out,
        "Alias": mailbox.values["Alias"],
        "Hacked": "true" if locked_out else "false",
        "ObjectId": guid_for(f"PIN of {mailbox.id}"),
        "EncryptionType": "4",
        "Credentials": "",
    }
    return {name: fields[name] for name in _SHOWN if fields[name] or name == "Credentials"}


def changed(
    pin: Record, mailbox: Record, given: Mapping[str, str], switches: CucSwitches
) -> Record:
    """Return what is kept after a PUT. Raises CucFailure."""
    settings = {name: _checked(name, given[name]) for name in _KEPT if name in given}
    values = {**pin.values, **settings}
    if "Credentials" in given:
        if not _is_good(given["Credentials"], pin, mailbox, switches):
            raise CucFailure(BAD_PIN, switches.cuc_pin_error)
        values[PIN], values[BEFORE] = given["Credentials"], " ".join(_used(pin)[:MOST_PREVIOUS])
        values["TimeChanged"] = change_time()
    return Record(pin.id, values)


def _checked(name: str, value: str) -> str:
    try:
        if name in _FLAGS:
            return str(boolean()(value)).lower()
        if name == "HackCount" and not (value.isascii() and value.isdecimal()):
            raise ValueError("must be a whole number")
    except ValueError as error:
        raise CucFailure(INVALID, f"{name} {error}.") from None
    return value


def _is_good(wanted: str, pin: Record, mailbox: Record, switches: CucSwitches) -> bool:
    return (
        wanted.isascii()
        and wanted.isdecimal()
        and switches.cuc_pin_length <= len(wanted) <= 64
        and wanted not in _used(pin)[:switches.cuc_pin_previous]
        and not (switches.cuc_pin_trivial_refused and is_trivial(wanted, mailbox.values))
    )


def _used(pin: Record) -> list[str]:
    """Return the PIN and those of before, the newest first."""
    return [pin.values.get(PIN, ""), *pin.values.get(BEFORE, "").split()]


def is_trivial(pin: str, mailbox: Mapping[str, str]) -> bool:
    """Return whether a PIN is one that others would try first."""
    steps = {int(after) - int(before) for before, after in zip(pin, pin[1:])}
    extension = mailbox.get("DtmfAccessId", "")
    return (
        (len(steps) <= 1 and steps <= {-1, 0, 1})
        or pin in (extension, extension[::-1])
        or pin in _on_the_keypad(mailbox)
    )


def _on_the_keypad(mailbox: Mapping[str, str]) -> Iterator[str]:
    first, last = mailbox.get("FirstName", ""), mailbox.get("LastName", "")
    for name in (first, last, first + last, last + first, mailbox["Alias"]):
        yield "".join(_KEYPAD.get(letter, letter) for letter in name.lower())
