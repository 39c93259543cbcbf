"""What a Unity Connection answers, for tests that mock the wire."""

from typing import Any

import responses
from responses import matchers

from flaskr.cuc.v1.cupi import CUPI

URL = "https://127.0.0.1:4444/vmrest"
ID = "b449de90-9dc5-4bed-9c65-a09a321d2bd9"
OTHER_ID = "c449de90-9dc5-4bed-9c65-a09a321d2bd9"
PKID = "7a1b64dc-7b0c-4a7b-b8f0-0c9e7c1f3c55"
LEE = {
    "ObjectId": ID, "Alias": "lee", "LdapType": "3", "LdapCcmPkid": PKID, "DtmfAccessId": "6110",
    "ListInDirectory": "true",
}
KIM = {"ObjectId": OTHER_ID, "Alias": "kim", "LdapType": "3", "DtmfAccessId": "6111"}
MAILBOX, PIN = f"users/{ID}", f"users/{ID}/credential/pin"
PIN_STATE = {
    "UserObjectId": ID, "Credentials": "", "HackCount": "3", "TimeChanged": "2026-03-05 11:24:33.3"
}
LATER = {**PIN_STATE, "HackCount": "0", "TimeChanged": "2026-03-06 11:24:33.3"}
IMPORT = "import/users/ldap"
REFUSED = {"errors": {"code": "NOT_HAPPY", "message": "I would rather not."}}


def client(timeout: float = 2.0) -> CUPI:
    return CUPI("127.0.0.1", "admin", "secret", 4444, timeout=timeout)


def rows(row: str, *found: dict[str, str]) -> dict[str, Any]:
    """Return a page as Unity Connection writes it."""
    listed: dict[str, Any] = {"@total": str(len(found))}
    return {**listed, **({row: found[0] if len(found) == 1 else found} if found else {})}


def lists(
    wire: responses.RequestsMock, path: str, query: str, row: str, *found: dict[str, str]
) -> None:
    """Answer a search once."""
    place = {"rowsPerPage": "100", "pageNumber": "1"}
    if path == IMPORT:
        place = {"offset": "0", "limit": "100"}
    asked = {**place, **({"query": query} if query else {})}
    wire.get(
        f"{URL}/{path}", json=rows(row, *found), match=[matchers.query_param_matcher(asked)]
    )


def finds(wire: responses.RequestsMock, *found: dict[str, str], alias: str = "lee") -> None:
    """Answer the look-up of a mailbox once, and the mailbox where it is found."""
    lists(wire, "users", f"(alias is {alias})", "User", *found)
    for each in found:
        if each["Alias"].lower() == alias.lower():
            reads(wire, f"users/{each['ObjectId']}", each)


def reads(wire: responses.RequestsMock, path: str, document: dict[str, str]) -> None:
    wire.get(f"{URL}/{path}", json=document)


def sent(wire: responses.RequestsMock) -> list[str]:
    """Return the requests that were sent, but for those that only read."""
    calls = [(str(call.request.method), str(call.request.url)) for call in wire.calls]
    return [
        f"{method} {url.removeprefix(URL)}".partition("?")[0]
        for method, url in calls if method != "GET"
    ]
