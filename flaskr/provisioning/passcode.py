"""The passcodes of a Space: its own, which is the guests', and the hosts'."""

from enum import Enum

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
    path, element = place_of(cms, template, space, role)
    before = space if role is Role.GUEST else _entrance(cms, path, element)

    def send(text: str) -> None:
        payload = {"passcode": text, "regenerateSecret": "true"}
        confirmed(
            lambda: cms.request(path, payload=payload, http_method="PUT"),
            lambda: _is_set(_entrance(cms, path, element), text, before),
        )

    if passcode:
        send(passcode)
    else:
        digits = max(template.passcode_digits, LEAST_HOST_DIGITS)
        passcode = longer_passcodes(digits, send)
    message = f"The {role.value}s' passcode was changed, and links of before have ended."
    return Outcome(message, {"role": role.value, "passcode": passcode})


def place_of(cms: CMS, template: Template, space: Entry, role: Role) -> tuple[str, str]:
    """Return where CMS keeps what a role enters by, and the element of its answer."""
    space_id = str(space["@id"])
    if role is Role.GUEST:
        return f"coSpaces/{space_id}", "coSpace"
    profile = template.host_call_leg_profile
    method = host_of(cms, space_id, profile) if profile else None
    if method is None:
        raise Failure(
            Reason.NO_HOST,
            "The Space has no access method for hosts. With SPACE_HOST_CALL_LEG_PROFILE set, "
            "POST to its address with /repair adds one.",
        )
    return f"coSpaces/{space_id}/accessMethods/{method['@id']}", "accessMethod"


def _entrance(cms: CMS, path: str, element: str) -> Entry:
    entrance = find(cms.request(path).response, element)
    return entrance if isinstance(entrance, dict) else {}


def _is_set(now: Entry, passcode: str, before: Entry) -> bool:
    """Return whether the passcode is there, and the secret of before is not."""
    old = before.get("secret")
    return now.get("passcode") == passcode and (not old or now.get("secret") != old)
