"""What the simulated CMS starts with: its Spaces, and the IDs of what Spaces can refer to."""

from __future__ import annotations

from typing import NamedTuple

from flaskr.pod.cms.store import StoredSpace
from flaskr.pod.company import USERS, guid_for

TENANTS = (guid_for("tenant Red"), guid_for("tenant Blue"))
CALL_LEG_PROFILE = guid_for("call leg profile")

# The objects that a Space can refer to, by parameter: what the pod knows of them is their IDs.
REFERENCES: dict[str, tuple[str, ...]] = {
    "tenant": TENANTS,
    "callLegProfile": (CALL_LEG_PROFILE,),
    "callProfile": (guid_for("call profile"),),
    "callBrandingProfile": (guid_for("call branding profile"),),
    "dialInSecurityProfile": (guid_for("dial-in security profile"),),
}

# The Spaces at the start, as name, uri, secondaryUri and callId. None is pod6user1's or lee's,
# though many are found by a filter for them, more than one answer holds.
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


def _space(entry: tuple[str, str, str, str]) -> StoredSpace:
    named = dict(zip(("name", "uri", "secondaryUri", "callId"), entry))
    secret = guid_for(f"secret {entry}")[:22] if entry[3] else ""
    values = {**named, "secret": secret, "tenant": _TENANT_SPACES.get(entry[0], "")}
    if entry[0] == "Sales":
        values["callLegProfile"] = CALL_LEG_PROFILE
    kept = {name: text for name, text in values.items() if text}
    return StoredSpace(guid_for(f"Space {entry}"), kept)


def initial_spaces() -> list[StoredSpace]:
    """Return the Spaces that are there at every start, with the same IDs each time."""
    by_ldap = StoredSpace(
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
    """Return which users have a Space at the start, as its uri or secondaryUri."""
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
