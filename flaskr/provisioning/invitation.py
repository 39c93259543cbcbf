"""How to join a Space, for guests or hosts: addresses, call ID, passcode, and words to send."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flaskr.cms.v1.cms import CMS
from flaskr.fields import SettableField
from flaskr.provisioning.passcode import ROLE_FIELD, Role, way_in
from flaskr.provisioning.spaces import own_space
from flaskr.provisioning.template import Template
from flaskr.rest.v1.formats import find
from flaskr.rest.v1.paging import Entry
from flaskr.result import Failure, Outcome, Reason

_SECRET = re.compile(r"(?<=[?&]secret=)[^&#]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")


def _refuse_language(value: str) -> str | None:
    return None if _LANGUAGE.fullmatch(value) else "takes a language such as en_US"


INVITATION = "emailInvitation"
DEFAULT_LANGUAGE = "en_US"
INVITATION_FIELDS = {
    "role": ROLE_FIELD,
    "language": SettableField(
        "language", "The language of CMS's own words.", "en_US",
        help="The language of CMS's own words, such as `de_DE`; another than CMS has is English.",
        refuse=_refuse_language, default=DEFAULT_LANGUAGE,
    ),
}


def invite(
    cms: CMS, template: Template, userid: str, role: Role, language: str = DEFAULT_LANGUAGE
) -> Outcome:
    """Return how a role joins the user's Space, as `invitation_to` does."""
    space = own_space(cms, template, userid)
    return invitation_to(cms, template, userid, space, role, language)


def invitation_to(
    cms: CMS, template: Template, userid: str, space: Entry, role: Role, language: str
) -> Outcome:
    """Return how a role joins the user's Space, which has just been read.

    `response`: `uri`, `webAddress`, `callId`, `passcode`, `ivr`, each empty where there is none,
    and `subject` and `text`: CMS's own words where it has them for this role, else the portal's.
    """
    entrance = way_in(cms, template, space, role)
    ways = _ways(cms, space, entrance.values)
    subject, text = _of_cms(cms, entrance.path, language) if role is Role.HOST else ("", "")
    name = str(space.get("name") or userid)
    response = {
        "role": role.value,
        **ways,
        "subject": subject or f"Join {name}",
        "text": text or _words(name, ways),
    }
    return Outcome(f"How {role.value}s join {name}.", response)


def _ways(cms: CMS, space: Entry, entrance: Entry) -> dict[str, str]:
    """Return the ways in, of what CMS says of the uri and the call ID."""
    by_uri = _access(cms, "uri", entrance, space)
    by_call_id = _access(cms, "callId", entrance, space)
    link = str(by_call_id.get("webAddress") or by_uri.get("webAddress") or "")
    return {
        "uri": str(by_uri.get("uri") or ""),
        "webAddress": _with_secret(link, entrance),
        "callId": str(entrance.get("callId") or ""),
        "passcode": str(entrance.get("passcode") or ""),
        "ivr": str(by_call_id.get("ivr") or by_uri.get("ivr") or ""),
    }


def _access(cms: CMS, name: str, entrance: Entry, space: Entry) -> Mapping[str, Any]:
    """Return what CMS says of how that uri or call ID is reached, as far as it does."""
    if not entrance.get(name):
        return {}
    asked = {name: str(entrance[name])}
    if space.get("tenant"):
        asked["tenant"] = str(space["tenant"])
    answer = cms.request("accessQuery", payload=asked, http_method="POST").response
    found = find(answer, "accessQuery")
    return found if isinstance(found, dict) else {}


def _with_secret(link: str, entrance: Entry) -> str:
    """Return the link with the role's own secret: CMS may have answered for the other role."""
    own = quote(str(entrance.get("secret") or ""), safe="")
    return _SECRET.sub(lambda _: own, link)


def _of_cms(cms: CMS, path: str, language: str) -> tuple[str, str]:
    """Return the subject and text that CMS has, as from release 3.2 on; else nothing.

    A CMS that doesn't know invitations is asked once.
    """
    if INVITATION in cms.unknown_nodes:
        return "", ""
    try:
        answer = cms.request(f"{path}/{INVITATION}", {"language": language}).response
    except Failure as failure:
        if failure.reason is not Reason.NOT_SUPPORTED:
            raise
        cms.unknown_nodes.add(INVITATION)
        return "", ""
    subject, text = (find(answer, INVITATION, name) for name in ("subject", "invitation"))
    return str(subject or ""), str(text or "")


def _words(name: str, ways: Mapping[str, str]) -> str:
    lines = [
        (ways["webAddress"], "In a web browser: {}"),
        (ways["uri"], "With a video device or app: {}"),
        (ways["ivr"], "By phone: {}"),
        (ways["callId"], "Meeting ID: {}"),
        (ways["passcode"], "Passcode: {}"),
    ]
    said = [wording.format(value) for value, wording in lines if value]
    return "\n".join([f"You are invited to {name}.", "", *said, ""])
