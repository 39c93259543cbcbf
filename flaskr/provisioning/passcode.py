"""The passcodes of a Space: its own, which is the guests', and the hosts'."""

from enum import Enum
from typing import NamedTuple

from flaskr.cms.v1.cms import CMS
from flaskr.fields import SettableField
from flaskr.provisioning.confirmed import confirmed
from flaskr.provisioning.directory import Directory
from flaskr.provisioning.parts import LEAST_HOST_DIGITS, host_of, longer_passcodes
from flaskr.provisioning.spaces import space_to_change
from flaskr.provisioning.template import Template
from flaskr.rest.v1.formats import find
from flaskr.rest.v1.paging import Entry
from flaskr.result import Failure, Outcome, Reason


def _refuse_passcode(value: str) -> str | None:
    return None if value.isascii() and value.isdecimal() else "takes digits only"


class Role(str, Enum):
    """Whom a passcode or an invitation is for."""

    GUEST = "guest"
    HOST = "host"


ROLE_FIELD = SettableField(
    "role", "Whom it is for.", "guest",
    help="Whom it is for, such as `guest`; `host` where the Space has hosts.",
    choices=tuple(role.value for role in Role), default="guest",
)
PASSCODE_FIELDS = {
    "role": ROLE_FIELD,
    "passcode": SettableField(
        "passcode", "The passcode to set.", "135790",
        help="The passcode to set, such as `135790`. Left out, a new one is made up.",
        refuse=_refuse_passcode, json_types=(int,),
    ),
}


class WayIn(NamedTuple):
    """What a role enters by: where CMS keeps it, the element of its answer, and what it is like."""

    path: str
    element: str
    values: Entry

    def read(self, cms: CMS) -> Entry:
        """Return what it is like now."""
        found = find(cms.request(self.path).response, self.element)
        return found if isinstance(found, dict) else {}


def set_passcode(
    cms: CMS,
    directory: Directory,
    template: Template,
    userid: str,
    role: Role,
    passcode: str = "",
    force: bool = False,
) -> Outcome:
    """Set the passcode of a role, a new one unless it is given, and end the links of before.

    The answer is the only place where the passcode stands.
    """
    space = space_to_change(cms, directory, template, userid, force)
    entrance = way_in(cms, template, space, role)

    def send(text: str) -> None:
        payload = {"passcode": text, "regenerateSecret": "true"}
        confirmed(
            lambda: cms.request(entrance.path, payload=payload, http_method="PUT"),
            lambda: _is_set(entrance.read(cms), text, entrance.values),
        )

    if passcode:
        send(passcode)
    else:
        digits = max(template.passcode_digits, LEAST_HOST_DIGITS)
        passcode = longer_passcodes(digits, send)
    message = f"The {role.value}s' passcode was changed, and links of before have ended."
    return Outcome(message, {"role": role.value, "passcode": passcode})


def way_in(cms: CMS, template: Template, space: Entry, role: Role) -> WayIn:
    """Return what a role enters a Space by: the Space itself, or the hosts' access method."""
    space_id = str(space["@id"])
    if role is Role.GUEST:
        return WayIn(f"coSpaces/{space_id}", "coSpace", space)
    profile = template.host_call_leg_profile
    method = host_of(cms, space_id, profile) if profile else None
    if method is None:
        raise Failure(
            Reason.NO_HOST,
            "The Space has no access method for hosts. With SPACE_HOST_CALL_LEG_PROFILE set, "
            "POST to its address with /repair adds one.",
        )
    path = f"coSpaces/{space_id}/accessMethods/{method['@id']}"
    return WayIn(path, "accessMethod", method)


def _is_set(now: Entry, passcode: str, before: Entry) -> bool:
    """Return whether the passcode is there, and the secret of before is not."""
    old = before.get("secret")
    return now.get("passcode") == passcode and (not old or now.get("secret") != old)
