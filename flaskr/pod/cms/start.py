"""What the simulated CMS starts with: the objects of its nodes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from flaskr.pod.cms.ldap.entries import DOMAIN, PEOPLE
from flaskr.pod.cms.ldap.imports import SOURCE
from flaskr.pod.cms.rules.members import BY_LDAP, MEMBERS
from flaskr.pod.cms.rules.spaces import PERSONAL_OF, is_auto_generated
from flaskr.pod.company import Company, Employee, directory_id, guid_for
from flaskr.pod.database import Record
from flaskr.pod.lower_case import in_lower_case

# Every so many-th personal Space of a company has an owner, who is a member.
OWNED = 3
TENANTS = (guid_for("tenant Red"), guid_for("tenant Blue"))
CALL_LEG_PROFILE = guid_for("call leg profile")
_NOT_IN_A_JID = re.compile(r"[@\s%]")

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
_LDAP_USER = "ldap.user"
# The LDAP sources: of all people but one, and of the one for whom LDAP sync made a Space.
_SOURCES = {
    "LDAP source": f"(&(objectClass=person)(!(sAMAccountName={_LDAP_USER})))",
    "LDAP source with Spaces": f"(sAMAccountName={_LDAP_USER})",
}
_SOURCE_IDS = {name: guid_for(name) for name in _SOURCES}
_USER_MAPPING = {"jidMapping": f"$sAMAccountName$@{DOMAIN}", "nameMapping": "$cn$"}
_SPACE_MAPPING = {"coSpaceUriMapping": "$sAMAccountName$", "coSpaceNameMapping": "$cn$'s Space"}


def initial_records(company: Company) -> dict[str, list[Record]]:
    """Return the objects that are there at every start, by the path of their node.

    Their IDs are the same each time. Call Bridges are apart, in `bridge_records`.
    """
    users = {user.values["userJid"]: user for user in _users(company.employees)}
    owner = users[jid_for(_LDAP_USER)]
    spaces, members = _of_company(company, users)
    return {
        "tenants": [Record(TENANTS[0], {"name": "Red"}), Record(TENANTS[1], {"name": "Blue"})],
        "callLegProfiles": [Record(CALL_LEG_PROFILE, {})],
        "callProfiles": [Record(guid_for("call profile"), {})],
        "callBrandingProfiles": [Record(guid_for("call branding profile"), {})],
        "dialInSecurityProfiles": [
            Record(guid_for("dial-in security profile"), {"name": "Any passcode"})
        ],
        "users": list(users.values()),
        "coSpaces": [
            *map(_space, _SPACES),
            _space_by_ldap(owner),
            *spaces,
        ],
        MEMBERS: [_member_by_ldap(owner), *members],
        **_ldap(),
    }


def _of_company(
    company: Company, users: Mapping[str, Record]
) -> tuple[list[Record], list[Record]]:
    """Return the personal Spaces of a company, and the memberships of those who own theirs.

    The others were made by a template without an owner.
    """
    spaces, members = [], []
    for number, values in enumerate(company.spaces):
        space_id = guid_for(f"Space of {values['uri']}")
        owner = users.get(jid_for(values.get("cdrTag", ""))) if number % OWNED == 0 else None
        if owner is not None:
            of_user = {"userId": owner.id, "userJid": owner.values["userJid"]}
            member_id = guid_for(f"member of the Space of {values['uri']}")
            members.append(Record(member_id, {"coSpace": space_id, **of_user}))
            values = {**values, "ownerId": owner.id, "ownerJid": owner.values["userJid"]}
        spaces.append(Record(space_id, values))
    return spaces, members


def bridge_records(names: Sequence[str]) -> list[Record]:
    """Return the Call Bridges of these names; one alone is in no list."""
    return [
        Record(guid_for(f"Call Bridge {name}"), {"name": name})
        for name in names
        if len(names) > 1
    ]


def jid_for(userid: str) -> str:
    """Return the JID that LDAP sync gives to a user ID."""
    return f"{in_lower_case(userid)}@{DOMAIN}"


def _ldap() -> dict[str, list[Record]]:
    """Return what LDAP sync made the users and the one Space from."""
    server, users, spaces = map(guid_for, ("LDAP server", "LDAP mapping", "LDAP Space mapping"))
    reached_at = {"address": f"ldap.{DOMAIN}", "portNumber": "636", "secure": "true"}
    return {
        "ldapServers": [Record(server, {"name": "Directory", **reached_at})],
        "ldapMappings": [
            Record(users, _USER_MAPPING), Record(spaces, {**_USER_MAPPING, **_SPACE_MAPPING})
        ],
        "ldapSources": [
            Record(_SOURCE_IDS[name], {
                "server": server, "mapping": mapping, "baseDn": PEOPLE, "filter": wanted,
            })
            for (name, wanted), mapping in zip(_SOURCES.items(), (users, spaces))
        ],
    }


def _users(employees: Iterable[Employee]) -> list[Record]:
    """Return a user for each employee whose ID can be the first part of a JID."""
    return [
        _user(employee)
        for employee in employees
        if _NOT_IN_A_JID.search(employee["userName"]) is None
    ]


def _user(employee: Employee) -> Record:
    userid = employee["userName"]
    source = "LDAP source with Spaces" if userid == _LDAP_USER else "LDAP source"
    values = {
        SOURCE: _SOURCE_IDS[source],
        "userJid": jid_for(userid),
        "name": employee["displayName"] or userid,
        "email": employee.get("email", ""),
        "adGuid": directory_id(userid),
    }
    kept = {name: text for name, text in values.items() if text}
    return Record(guid_for(f"CMS user {userid}"), kept)


def _space(entry: tuple[str, str, str, str]) -> Record:
    named = dict(zip(("name", "uri", "secondaryUri", "callId"), entry))
    secret = guid_for(f"secret {entry}").replace("-", "")[:22] if entry[3] else ""
    values = {**named, "secret": secret, "tenant": _TENANT_SPACES.get(entry[0], "")}
    if entry[0] == "Sales":
        values["callLegProfile"] = CALL_LEG_PROFILE
    kept = {name: text for name, text in values.items() if text}
    return Record(guid_for(f"Space {entry}"), kept)


def _space_by_ldap(owner: Record) -> Record:
    return Record(
        guid_for("Space of LDAP"),
        {
            "name": "Lara Directory's Space",
            "autoGenerated": "true",
            "uri": _LDAP_USER,
            PERSONAL_OF: owner.id,
            "ownerId": owner.id,
            "ownerJid": owner.values["userJid"],
        },
    )


def _member_by_ldap(owner: Record) -> Record:
    return Record(
        guid_for("member of the Space of LDAP"),
        {
            "coSpace": guid_for("Space of LDAP"),
            "userId": owner.id,
            "userJid": owner.values["userJid"],
            "autoGenerated": "true",
            **BY_LDAP,
        },
    )


class SpaceOwners(NamedTuple):
    """The user IDs that have no Space at the start, that have one, and whose is LDAP's work."""

    without: tuple[str, ...]
    with_one: tuple[str, ...]
    by_ldap: tuple[str, ...]


def space_owners() -> SpaceOwners:
    """Return which users have a Space at the start, as its uri or secondaryUri."""
    company = Company()
    made_by_ldap = {
        space.values[name]: is_auto_generated(space)
        for space in initial_records(company)["coSpaces"]
        for name in ("uri", "secondaryUri")
        if name in space.values
    }
    sorted_out: dict[bool | None, list[str]] = {None: [], False: [], True: []}
    for userid in (user["userName"] for user in company.employees):
        sorted_out[made_by_ldap.get(userid.lower())].append(userid)
    return SpaceOwners(*(tuple(userids) for userids in sorted_out.values()))
