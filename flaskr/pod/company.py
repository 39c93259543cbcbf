"""Who works in the simulated company: made-up users, the same for all servers.

Phone numbers are short extensions or of the range that is kept for fiction (+1 408 555 01xx).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

_NAMESPACE = uuid.UUID("6b0f4f0a-52cd-4c43-9d0c-0f5d3a3c6e11")


def guid_for(name: str) -> str:
    """Return a GUID that is the same at every start, so that examples can name it."""
    return str(uuid.uuid5(_NAMESPACE, name))


@lru_cache(maxsize=2**17)
def directory_id(userid: str) -> str:
    """Return the ID of an employee in the directory, by which other servers know one too."""
    return guid_for(f"user {userid}")


# A user's attributes by the names that UDS gives them; what is not there is empty.
Employee = Mapping[str, str]
# What is set of a Space that was made for an employee, by the names that CMS has for it.
PersonalSpace = Mapping[str, str]

# The elements of a user, in order. An `id` of the server's own comes first.
USER_FIELDS = (
    "userName", "firstName", "lastName", "middleName", "nickName", "displayName", "phoneNumber",
    "homeNumber", "mobileNumber", "email", "directoryUri", "msUri", "department", "manager",
    "title", "pager",
)


def _user(userid: str, first: str, last: str, phone: str, display: str | None = None) -> Employee:
    return {
        "userName": userid,
        "firstName": first,
        "lastName": last,
        "displayName": f"{first} {last}" if display is None else display,
        "phoneNumber": phone,
    }


def _pod_user(number: int) -> Employee:
    userid = f"pod6user{number}"
    return {
        **_user(userid, "Pod6", f"User{number}", f"+140855501{number:02}"),
        "email": f"{userid}@pod6.example",
        "directoryUri": f"{userid}@pod6.example",
        "department": "Lab",
        "manager": "" if number == 1 else "pod6user1",
    }


# Users that a client may trip over: what is special about each is in its ID or beside it.
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
    {**_user("spaced", "Spencer", "Spaced", "+1 408 555 0150"),
     "msUri": "sip:spaced@pod6.example"},
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


# Users of the same company whose home is another cluster.
ELSEWHERE = (
    {**_user("remote1", "Rhea", "Remote", "7101"), "email": "remote1@pod7.example"},
    {**_user("remote2", "Rolf", "Remote", "7102"), "email": "remote2@pod7.example"},
)


@dataclass(frozen=True)
class Company:
    """The people of a company.

    spaces: the personal Spaces that there are at the start, beside those that always are.
    elsewhere: the employees that only another cluster's directory has.
    """

    employees: Sequence[Employee] = USERS
    spaces: Sequence[PersonalSpace] = ()
    elsewhere: Sequence[Employee] = ELSEWHERE


# User IDs to try, for the help.
EXAMPLE_IDS = (
    "pod6user1 ... pod6user20, nophone, nodisplay, nameless, yuki, zoë.o'brien, lee, leeann, "
    "MixedCase"
)
