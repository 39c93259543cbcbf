"""Who works in the simulated company: made-up users, and the Spaces that are there at the start.

Phone numbers are short extensions or of the range that is kept for fiction (+1 408 555 01xx).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import NamedTuple

from flaskr.pod.state import Space

_NAMESPACE = uuid.UUID("6b0f4f0a-52cd-4c43-9d0c-0f5d3a3c6e11")


def guid_for(name: str) -> str:
    """A GUID that is the same at every start, so that examples can name it."""
    return str(uuid.uuid5(_NAMESPACE, name))


TENANTS = (guid_for("tenant Red"), guid_for("tenant Blue"))
CALL_LEG_PROFILE = guid_for("call leg profile")

#: The objects that a Space can refer to, by parameter: what the pod knows of them is their IDs.
REFERENCES: dict[str, tuple[str, ...]] = {
    "tenant": TENANTS,
    "callLegProfile": (CALL_LEG_PROFILE,),
    "callProfile": (guid_for("call profile"),),
    "callBrandingProfile": (guid_for("call branding profile"),),
    "dialInSecurityProfile": (guid_for("dial-in security profile"),),
}


#: A user as UDS shows it: the values by element name; what isn't there is an empty element.
User = Mapping[str, str]

#: The elements of a user, in order. An `id` of the server's own comes first.
USER_FIELDS = (
    "userName", "firstName", "lastName", "middleName", "nickName", "displayName", "phoneNumber",
    "homeNumber", "mobileNumber", "email", "directoryUri", "msUri", "department", "manager",
    "title", "pager",
)  # fmt: skip


def _user(userid: str, first: str, last: str, phone: str, display: str | None = None) -> User:
    return {
        "userName": userid,
        "firstName": first,
        "lastName": last,
        "displayName": f"{first} {last}" if display is None else display,
        "phoneNumber": phone,
    }


def _pod_user(number: int) -> User:
    userid = f"pod6user{number}"
    return {
        **_user(userid, "Pod6", f"User{number}", f"+140855501{number:02}"),
        "email": f"{userid}@pod6.example",
        "directoryUri": f"{userid}@pod6.example",
        "department": "Lab",
        "manager": "" if number == 1 else "pod6user1",
    }


#: Users that a client may trip over: what is special about each is in its ID or beside it.
AWKWARD = (
    _user("nophone", "Nora", "Nophone", ""),
    _user("nodisplay", "Noel", "Nodisplay", "6101", display=""),
    _user("nameless", "", "", "6102", display=""),
    _user("firstonly", "Fay", "", "6103", display=""),
    _user("eleni", "Ελένη", "Παππά", "6104"),
    _user("yuki", "雪", "山田", "6105", display="山田 雪"),
    _user("zoë.o'brien", "Zoë", "O'Brien", "6106"),
    _user("soens", "Sven", "Söns", "6107", display="Söns & Co <x>"),
    _user("lee", "Lee", "Alder", "6110"),
    _user("lee1", "Lee", "Birch", "6111"),
    _user("lee.a", "Lee", "Ash", "6112"),
    _user("lee-ann", "Lee-Ann", "Cedar", "6113"),
    _user("leeann", "Leeann", "Elm", "6114"),
    _user("MixedCase", "Mixed", "Case", "6115"),
    _user("ann@pod6.example", "Ann", "Address", "6116"),
    _user("spaced", "Spencer", "Spaced", "+1 408 555 0150"),
    _user("brackets", "Bridget", "Brackets", "+1 (408) 555-0151"),
    _user("dotted", "Dora", "Dotted", "+1.408.555.0152"),
    _user("twin1", "Tom", "Twin", "6120"),
    _user("twin2", "Tim", "Twin", "6120"),  # shares a phone with twin1
    _user("reception", "Rita", "Reception", "6000"),  # 6000 is a Space's URI already
    _user("maria", "Maria", "Marble", "6121"),  # has a Space that is found by secondaryUri
    _user("ldap.user", "Lara", "Directory", "6122"),  # has a Space that LDAP sync made
    _user("a%b c", "Percy", "Percent", "6123"),
    _user("a-user-id-that-is-quite-long-" + "0123456789" * 9, "Lou", "Long", "6124"),
)

USERS = tuple(_pod_user(number) for number in range(1, 21)) + AWKWARD

#: The Spaces at the start, as name, uri, secondaryUri and callId. None is pod6user1's or lee's,
#: though many are found by a filter for them, more than one answer holds.
_SPACES: tuple[tuple[str, str, str, str], ...] = (
    ("Accounts", "accounts", "6201", "620100001"),
    ("All hands", "all.hands", "6202", "620100002"),
    ("Board room", "board", "6203", "620100003"),
    ("Café & Küche", "cafe", "", ""),
    ("Design review", "design.review", "6204", "620100004"),
    ("Front desk", "6000", "", "620100005"),
    ("Help desk", "helpdesk", "6205", "620100006"),
    ("Interviews", "", "", "620100007"),
    ("Sales", "sales", "6206", "620100008"),
    ("Training <beginners>", "training", "6207", ""),
    ("Welcome", "welcome.desk", "maria", "620100009"),
    ("一般会議", "general", "", ""),
    ("", "unnamed", "", ""),
    ("", "", "", ""),
    ("pod6user1 and pod6user2, weekly", "", "", ""),
    ("Notes for pod6user1", "notes.pod6", "", ""),
    ("Archive of pod6user1", "", "", "620100010"),
    ("Old Space", "old.pod6user1", "", ""),
    ("Backup Space", "pod6user1.backup", "6208", ""),
    ("Lab rack", "rack", "rack.pod6user1", "620100011"),
    ("Pod6 User10's Space", "pod6user10", "+14085550110", "620100012"),
    ("Pod6 User11's Space", "pod6user11", "+14085550111", "620100013"),
    ("Pod6 User12's Space", "pod6user12", "+14085550112", "620100014"),
    ("Pod6 User13's Space", "pod6user13", "+14085550113", ""),
    ("Pod6 User14's Space", "pod6user14", "+14085550114", ""),
    ("Lee Birch's Space", "lee1", "6111", "620100015"),
    ("Leeann Elm's Space", "leeann", "6114", ""),
    ("For lee, from Leeann", "", "", ""),
    ("Fleet", "fleet", "6209", "620100016"),
    ("Sleepers", "sleepers", "", ""),
    ("Lee-Ann Cedar's Space", "lee-ann", "6113", ""),
)

_TENANT_SPACES = {"Sales": TENANTS[0], "Accounts": TENANTS[1]}


def _space(entry: tuple[str, str, str, str]) -> Space:
    named = dict(zip(("name", "uri", "secondaryUri", "callId"), entry))
    secret = guid_for(f"secret {entry}")[:22] if entry[3] else ""
    values = {**named, "secret": secret, "tenant": _TENANT_SPACES.get(entry[0], "")}
    if entry[0] == "Sales":
        values["callLegProfile"] = CALL_LEG_PROFILE
    return Space(guid_for(f"Space {entry}"), {name: text for name, text in values.items() if text})


def initial_spaces() -> list[Space]:
    """The Spaces that are there at every start, with the same IDs each time."""
    by_ldap = Space(
        guid_for("Space of LDAP"),
        {
            "name": "Lara Directory's Space",
            "uri": "ldap.user",
            "ownerJid": "ldap.user@pod6.example",
        },
        auto_generated=True,
    )
    return [*(_space(entry) for entry in _SPACES), by_ldap]


class SpaceOwners(NamedTuple):
    """The user IDs that have no Space at the start, that have one, and whose is LDAP's work."""

    without: tuple[str, ...]
    with_one: tuple[str, ...]
    by_ldap: tuple[str, ...]


def space_owners() -> SpaceOwners:
    """Say which users have a Space at the start, as its uri or secondaryUri."""
    made_by_ldap = {
        space.values[name]: space.auto_generated
        for space in initial_spaces()
        for name in ("uri", "secondaryUri")
        if name in space.values
    }
    sorted_out: dict[bool | None, list[str]] = {None: [], False: [], True: []}
    for userid in (user["userName"] for user in USERS):
        sorted_out[made_by_ldap.get(userid.lower())].append(userid)
    return SpaceOwners(*(tuple(userids) for userids in sorted_out.values()))
