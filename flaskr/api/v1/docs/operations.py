"""The operations, documented for the Swagger page.

The bodies in `examples.json` are what the lab really answers: the tests have recorded them, and
compare (`pytest tests/portal/test_swagger.py --record-examples` records them again).
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from flask_restx import Model, fields

from flaskr.access.roles import ROLE, KeyRole
from flaskr.api.v1.docs import models
from flaskr.api.v1.docs.schema import EXAMPLES
from flaskr.api.v1.errors import RETRY_AFTER
from flaskr.provisioning.template import MAX_USERID_CHARACTERS

EXAMPLES_FILE = Path(__file__).with_name("examples.json")
_BODIES: Mapping[str, Mapping[str, Any]] = json.loads(EXAMPLES_FILE.read_text(encoding="utf-8"))

USERID_HELP = (
    f"The user ID in the directory, such as `pod6user1`: 1 to {MAX_USERID_CHARACTERS} characters, "
    "no @. The "
    "user's Space is the one that has it as its uri, or else the one that has it as its "
    "secondaryUri; the comparison is case-insensitive."
)
_MEANINGS: Mapping[int, str] = {
    400: "The user ID, an argument or the body is not as it must be.",
    401: "The API key is missing or wrong. (Only where one is set.)",
    403: "The API key's role may not do this; a page of another site asks through a browser; or, "
    "where no API key is set, the portal is called by a host name that it does not know.",
    404: "CMS has no Space for the user.",
    409: "CMS won't do it. The failure code in the message says why.",
    413: "The body is larger than 64 KiB.",
    415: "The body is of another kind than form and JSON.",
    502: "{servers} can't be reached, refuses the portal's credentials, shows a certificate that "
    "does not verify, or answers what can't be read.",
    503: "{servers} is busy, and still was after retries; or the portal itself is.",
    504: "{servers} gave no whole answer within `PORTAL_TIMEOUT`.",
}
_HEADERS = {
    503: {RETRY_AFTER: {"type": "integer", "description": "Try again after so many seconds."}}
}
_READING = (400, 401, 403, 404, 409, 502, 503, 504)
_WRITING = (400, 401, 403, 404, 409, 413, 415, 502, 503, 504)


def operation(
    operation_id: str,
    description: str,
    success: tuple[str, Model | fields.Raw],
    failures: Sequence[int],
    meanings: Mapping[int, str] = MappingProxyType({}),
    servers: str = "CMS",
    role: KeyRole = KeyRole.ADMIN,
) -> dict[str, Any]:
    """Return an operation's documentation, for `api.doc`.

    `operation_id` is part of links to it: no underscores, as Swagger UI reads spaces there.
    `failures` are the statuses beside 200; `meanings` go over the general ones; `servers` are those
    that are asked. `role` is what a key needs at least; a dry run takes a reader's, and what is
    forced an admin's.
    """
    texts = {**_MEANINGS, **meanings}
    responses = {
        200: (*success, {"headers": None}),
        **{
            status: (
                texts[status].format(servers=servers),
                models.failure,
                {"headers": _HEADERS.get(status)},
            )
            for status in failures
        },
    }
    bodies = _BODIES.get(operation_id, {})
    return {
        "id": operation_id,
        "description": description,
        "responses": responses,
        "vendor": {
            ROLE: role.value,
            EXAMPLES: {str(status): bodies.get(str(status)) for status in responses},
        },
    }


_LOOKED_UP = (
    "CMS can't look a Space up by user ID. So the portal asks for the list of all Spaces with the "
    "user ID anywhere in them (`GET coSpaces?filter=…`), page by page, and takes the one whose "
    "`uri` is the user ID (compared case-insensitively); where the whole list has none, the one "
    "whose `secondaryUri` it is. Where there are several pages, it asks CMS meanwhile what the "
    "user ID is used by (`POST uriUsageQuery`), which may name the Space sooner."
)
_FOUND = "Finds the user's Space as *GET* does"
_OTHER_FORMS = """\
Scripts may send the arguments as a JSON object just as well, with `Content-Type: application/json`:

```json
{"name": "New Pod6 User1 Space", "defaultLayout": "allEqual", "nonMemberAccess": false}
```

They may stand in the query, too. A name that is not below is refused."""
_TAKEN = (
    "CMS won't do it: a uri or the callId is taken, for the most part. The message says which, and "
    "whose Space has it."
)
_PERSONAL = (
    "It must be the user's own, though: the directory has the user, or the Space's `cdrTag` is the "
    "user ID. Otherwise nothing is done (409, `not_personal`), unless `force=true` is sent."
)

_DRY_RUN = (
    "With `dry_run=true`, nothing is changed: the portal only asks CMS, and answers what would "
    "come of the request, as far as that can be told. The message says what would be sent to CMS."
)

VERSION = operation(
    "retrieveVersion",
    "Asks CMS for its status (`GET system/status`) and answers the version of its software alone, "
    "as a JSON string.",
    ("The version.", fields.String(example="3.9.2")),
    (401, 403, 502, 503, 504),
    role=KeyRole.READER,
)

RETRIEVE = operation(
    "retrieveSpace",
    f"{_LOOKED_UP} Then it asks for all that CMS knows of this Space (`GET coSpaces/ID`).\n\n"
    "It remembers the ID of a Space that it has found, and asks for that at once the next time. "
    "Where this Space does not have the user ID any more, it is looked up again.",
    ("The Space.", models.retrieved),
    _READING,
    {
        400: "The user ID is not as it must be.",
        503: "CMS is busy, and still was after retries, or its list kept changing meanwhile; or "
        "the portal itself is busy.",
    },
    role=KeyRole.READER,
)

CREATE = operation(
    "createSpace",
    "Asks the directory about the user (in CUCM's User Data Services, `GET users?username=…`), and "
    "creates a Space in CMS (`POST coSpaces`): its `uri` is the user ID, its `secondaryUri` the "
    "telephone number (without blanks, hyphens, dots and brackets: CMS refuses them), its name the "
    "display name and `'s Space`. (Unless the settings `SPACE_…` say otherwise; *GET "
    "/cms/template* shows what they make.) What is filled in below goes over that; nothing has to "
    "be.\n\n"
    f"{_OTHER_FORMS}\n\n"
    "A Space as *DELETE* answers it (`{\"coSpace\": …}`, with its `@id`) is made again with the "
    "values that it had, and nothing else is filled in; what can't be set is passed over.\n\n"
    f"{_DRY_RUN}",
    ("Created. The new Space's ID is in `response`, and in `message` too.", models.created),
    _WRITING,
    {404: "The directory has no such user.", 409: f"{_TAKEN} Or the template makes what can't be."},
    servers="CMS or the directory",
    role=KeyRole.HELPDESK,
)

MODIFY = operation(
    "modifySpace",
    f"{_FOUND}, reads it (`GET coSpaces/ID`), then sets in CMS what is sent (`PUT coSpaces/ID`). "
    f"{_PERSONAL}\n\n"
    "What is not sent stays as it is, and a field that is left blank here is not sent. What is "
    "sent empty is unset: to do that here, tick *Send empty value*. A value of nothing but blanks "
    "is refused, and so is what would leave the Space without the user ID as its `uri` or "
    "`secondaryUri`.\n\n"
    f"{_OTHER_FORMS}\n\n"
    "A Space as *GET* answers it (`{\"coSpace\": …}`, with its `@id`) is taken as well: only what "
    "differs is set. What can't be set must be as it is in CMS.\n\n"
    f"{_DRY_RUN}",
    ("Modified.", models.done),
    _WRITING,
    {
        400: "The user ID, an argument or the body is not as it must be, or there is nothing to "
        "change.",
        409: f"{_TAKEN} Or the Space is no user's own, or would be lost to its user.",
    },
    servers="CMS or the directory",
    role=KeyRole.HELPDESK,
)

DELETE = operation(
    "deleteSpace",
    f"{_FOUND}, reads it (`GET coSpaces/ID`), deletes it in CMS (`DELETE coSpaces/ID`) and answers "
    f"what it was, so that *POST* can make it again. {_PERSONAL}\n\n"
    "A Space that an LDAP sync made can't be deleted. Executed once more, it answers 404: there is "
    "no such Space any more. Where CMS does not confirm it, the portal looks whether the Space is "
    "gone.\n\n"
    f"{_DRY_RUN}",
    ("Deleted. The Space as it was is in `response`.", models.deleted),
    _WRITING,
    {
        400: "The user ID or an argument is not as it must be.",
        409: "The Space is no user's own, or CMS won't do it: an LDAP sync made it, for the most "
        "part.",
    },
    servers="CMS or the directory",
)

_OF_SPACE = "Finds the user's Space as *GET* does"
_USERID_WRONG = {400: "The user ID is not as it must be."}

LIST_MEMBERS = operation(
    "listMembers",
    f"{_OF_SPACE}, lists its members (`GET coSpaces/ID/coSpaceUsers`), and reads each one's "
    "rights. A Space is in the app of its members only: its owner has to be one too.",
    ("The members.", models.members),
    _READING,
    _USERID_WRONG,
    role=KeyRole.READER,
)
PUT_MEMBER = operation(
    "putMember",
    f"{_OF_SPACE}, and has the user with this JID as its member (`POST "
    "coSpaces/ID/coSpaceUsers`, or PUT). Rights that are not sent stay "
    "as they are; those of a new member are CMS's own, nearly all `false`. Sent twice, "
    "it does nothing the "
    "second time. A member that an LDAP sync made is not changed: the next sync would undo it.\n\n"
    f"{_DRY_RUN}",
    ("The member, as it is now.", models.member_answer),
    _WRITING,
    {409: "CMS knows no user with this JID, or an LDAP sync made the member."},
    role=KeyRole.HELPDESK,
)
REMOVE_MEMBER = operation(
    "removeMember",
    f"{_OF_SPACE}, and takes the member with this JID out of it (`DELETE "
    "coSpaces/ID/coSpaceUsers/ID`).\n\n"
    f"{_DRY_RUN}",
    ("The member, as it was.", models.member_answer),
    _READING,
    {
        **_USERID_WRONG,
        404: "CMS has no Space for the user, or the Space has no such member.",
        409: "An LDAP sync made the member.",
    },
    role=KeyRole.HELPDESK,
)
SET_PASSCODE = operation(
    "setPasscode",
    f"{_OF_SPACE}, and sets the passcode of its guests (`PUT coSpaces/ID`), or of its "
    "hosts: the one that is sent, "
    "else a new one by the rules of `SPACE_PASSCODE_DIGITS`, longer where CMS wants "
    "that. Links of before "
    "end. The passcode is in this answer, and nowhere else.\n\n"
    f"{_DRY_RUN}",
    ("Changed. The passcode is in `response`.", models.passcode_answer),
    _WRITING,
    {409: "The Space has no hosts, or CMS won't do it."},
    role=KeyRole.HELPDESK,
)
INVITE = operation(
    "invite",
    f"{_OF_SPACE}, and asks CMS how it is reached (`POST accessQuery`). For hosts, the text is "
    "CMS's own where it has one (`emailInvitation`, from release 3.2 on). Guests are "
    "never told the hosts' "
    "passcode.",
    ("How to join.", models.invitation_answer),
    _READING,
    {400: "The user ID, the role or the language is not as it must be.",
     409: "The Space has no hosts, or CMS won't do it."},
    role=KeyRole.READER,
)
SEND_INVITATION = operation(
    "sendInvitation",
    f"{_OF_SPACE}, asks CMS how it is reached (`POST accessQuery`), as *GET* here does, and the "
    "directory for the user's e-mail address (`GET users?username=…`). By Webex it goes to the "
    "person who has that address there, by mail to that address. It is sent once: where nobody "
    f"can say whether it was, the message says so. {_PERSONAL}\n\n"
    "With `dry_run=true`, nothing is sent, and the answer says to whom it would go.",
    ("Sent. To whom is in `response`.", models.sent_answer),
    _WRITING,
    {
        400: "The user ID, the role, the language or the way is not as it must be.",
        404: "CMS has no Space for the user, or the directory has no such user.",
        409: "The directory has no e-mail address of the user; what it is sent by refuses it, or "
        "is not set up; the Space has no hosts, or is no user's own.",
    },
    servers="CMS, the directory, Webex or the mail server",
    role=KeyRole.HELPDESK,
)
REPAIR = operation(
    "repairSpace",
    f"{_OF_SPACE}, and adds (`PUT coSpaces/ID` and more) what it lacks of the template "
    "(the settings `SPACE_...`): its owner, "
    "the owner's membership and rights, the mark, profiles, the hosts' access method. "
    "What people chose stays: "
    "name, numbers, passcodes, further members. Sent twice, it does nothing the second time.\n\n"
    f"{_DRY_RUN}",
    ("What was changed, if anything.", models.repaired),
    _WRITING,
    {
        400: "The user ID or the option is not as it must be, or there is an argument; it takes "
        "none.",
        404: "CMS has no Space for the user, or the directory has no such user.",
        409: "CMS has no user for the owner, or several, or won't do it.",
    },
    servers="CMS or the directory",
    role=KeyRole.HELPDESK,
)

TEMPLATE = operation(
    "showTemplate",
    "Asks the directory about the user (in UDS, `GET users?username=…`) and answers what `POST "
    "coSpaces` would be sent if nothing but the user ID was given: what the settings `SPACE_…` "
    "make of the user. Nothing is made, and CMS is not asked.",
    ("What the template makes of the user.", models.template_shown),
    (400, 401, 403, 404, 409, 502, 503, 504),
    {
        400: "The user ID is not as it must be.",
        404: "The directory has no such user.",
        409: "What a setting makes of this user can't be; the message says which, and why.",
    },
    servers="The directory",
    role=KeyRole.READER,
)

WHO_AM_I = operation(
    "whoAmI",
    "Says whose API key it is that is sent, and which role it has. Where none is set, all may do "
    "what an admin may. No server is asked.",
    ("Whose key it is.", models.own_key_answer),
    (401, 403),
    role=KeyRole.READER,
)
