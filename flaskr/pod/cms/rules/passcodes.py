"""How long a passcode has to be (API description, 'Failure reasons': dial-in security profiles)."""

from __future__ import annotations

from flaskr.pod.cms.collection import CmsObjects
from flaskr.pod.cms.failures import CmsFailure, FailureElement
from flaskr.pod.database import Record

PROFILE = "dialInSecurityProfile"


def refuse_short_passcode(
    state: CmsObjects, record: Record, before: Record | None, space: Record
) -> None:
    """Refuse a passcode shorter than the profile in effect wants: `passcodeTooShort`.

    record: the Space, or an access method of `space`. A passcode that was there before may stay
    where the profile has `allowOutOfPolicy`.
    """
    profile = _in_effect(state, record, space)
    if profile is None or not record.values.get("passcode"):
        return
    unchanged = before and before.values.get("passcode") == record.values["passcode"]
    if unchanged and profile.values.get("allowOutOfPolicy") == "true":
        return
    if len(record.values["passcode"]) < int(profile.values.get("minPasscodeLength") or 0):
        raise CmsFailure(FailureElement("passcodeTooShort"))


def _in_effect(state: CmsObjects, record: Record, space: Record) -> Record | None:
    """Return the profile of the record, else its Space's, its tenant's or the system's."""
    holders = [record, space]
    if space.values.get("tenant"):
        holders.append(state.collection("tenants").get(space.values["tenant"]))
    holders.append(state.collection("system/profiles").the_one())
    for holder in holders:
        if PROFILE in holder.values:
            return state.collection(f"{PROFILE}s").get(holder.values[PROFILE])
    return None
