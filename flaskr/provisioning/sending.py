"""An invitation, sent to the user whose Space it leads to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from flaskr.cms.v1.cms import CMS
from flaskr.fields import SettableField, Values
from flaskr.provisioning.change import ChangeRequest
from flaskr.provisioning.directory import Directory, User
from flaskr.provisioning.invitation import DEFAULT_LANGUAGE, INVITATION_FIELDS, invitation_to
from flaskr.provisioning.passcode import Role
from flaskr.provisioning.personal import find_user
from flaskr.provisioning.record import ChangeRecord, Note
from flaskr.provisioning.spaces import space_to_change
from flaskr.provisioning.template import Template
from flaskr.provisioning.withheld import NOTHING_CHANGED
from flaskr.result import Failure, Outcome, Reason
from flaskr.spelling import is_address

# What sends a text with a subject to an e-mail address. It raises Failure.
Send = Callable[[str, str, str], Outcome]


class Way(NamedTuple):
    """A way for invitations to go out.

    `title` is what people call it, `setting` what it takes first of all, and `method` and `path`
    are the request by which a message goes out, for the record.
    """

    title: str
    setting: str
    method: str
    path: str


WAYS: Mapping[str, Way] = {
    "webex": Way("Webex", "WEBEX_TOKEN", "POST", "messages"),
    "mail": Way("mail", "SMTP_HOSTNAME", "SEND", "mail"),
}
WAY = SettableField(
    "by", "By what it is sent.", "webex", help="By what it is sent, such as `webex`.",
    choices=tuple(WAYS), may_be_empty=False,
)
SENDING_FIELDS = {WAY.name: WAY, **INVITATION_FIELDS}


@dataclass(frozen=True)
class Sending(ChangeRequest):
    """An invitation on its way, for the record."""

    space_id: str

    def named(self, new_id: str) -> Mapping[str, str]:
        """Return the ID of the Space that it leads to."""
        return {"coSpace": self.space_id}


class Sender:
    """Sends users the invitations to their Spaces.

    `ways` are those that there are, by their names in WAYS. `note` takes the lines of the record;
    where it is None, nothing is sent: what is returned is what would come of it.
    """

    def __init__(
        self, cms: CMS, directory: Directory, template: Template, ways: Mapping[str, Send],
        note: Note | None,
    ) -> None:
        self._cms = cms
        self._directory = directory
        self._template = template
        self._ways = ways
        self._note = note

    def send(self, userid: str, asked: Values, force: bool = False) -> Outcome:
        """Send a user the invitation to the own Space, once; `asked` are SENDING_FIELDS.

        `response`: `by`, `to`, which is the e-mail address in the directory, and `role`. Raises
        Failure.
        """
        by, role = asked.get(WAY.name, ""), Role(asked.get("role") or Role.GUEST)
        send = self._way(by)
        space = space_to_change(self._cms, self._directory, self._template, userid, force)
        address = _address_of(find_user(self._directory, userid, force))
        language = asked.get("language") or DEFAULT_LANGUAGE
        words = invitation_to(self._cms, self._template, userid, space, role, language).response
        sent = {"by": by, "to": address, "role": role.value}
        what = f"the invitation for {role.value}s to {address} by {WAYS[by].title}"
        if self._note is None:
            return Outcome(f"{NOTHING_CHANGED} This would be sent: {what}.", sent)
        sending = Sending(WAYS[by].method, WAYS[by].path, sent, {}, str(space["@id"]))
        ChangeRecord(userid, self._note).send(
            sending, lambda: send(address, words["subject"], words["text"])
        )
        return Outcome(f"Sent: {what}.", sent)

    def _way(self, by: str) -> Send:
        if not by:
            named = " or ".join(f"{WAY.name}={name}" for name in self._ways or WAYS)
            raise Failure(Reason.BAD_PARAMETER, f"Say by what it is to be sent: {named}.")
        if by not in self._ways:
            message = (
                f"This portal sends nothing by {WAYS[by].title}. Whoever runs it can change that "
                f"with {WAYS[by].setting}."
            )
            raise Failure(Reason.NOT_SET_UP, message)
        return self._ways[by]


def _address_of(user: User) -> str:
    """Return the e-mail address that the directory has of a user. Raises Failure."""
    address = (user.get("email") or "").strip()
    if not is_address(address):
        has = "an e-mail address that is none" if address else "no e-mail address"
        message = (
            f'The directory has {has} of the user "{user["userName"]}". Have it corrected there, '
            "or send the invitation yourself: GET has its words."
        )
        raise Failure(Reason.NO_ADDRESS, message)
    return address
