"""A made-up company of any size: the same in the directory, among CMS's users, and as Spaces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from flaskr.pod import Pod
from flaskr.pod.cms.rules.members import MEMBERS
from flaskr.pod.cms.start import initial_records
from flaskr.pod.cms.values import user_part
from flaskr.pod.company import USERS, Company, Employee, PersonalSpace
from flaskr.pod.rehearsal import WRITTEN_BETWEEN, company_of

Read = Callable[[requests.Response], dict[str, Any]]
SIZE = 2000


@pytest.fixture(scope="module")
def company() -> Company:
    return company_of(SIZE, seed=7, with_spaces=0.95)


@pytest.fixture
def made_up(company: Company) -> list[Employee]:
    """The employees that are not always there."""
    return list(company.employees[len(USERS):])


@pytest.fixture
def hosts(company: Company) -> dict[str, Employee]:
    """The employees by their IDs in lower case."""
    return {user["userName"].lower(): user for user in company.employees}


def usual(host: Employee) -> PersonalSpace:
    """The Space that the guide's rules make of an employee."""
    whole = host["displayName"] or f"{host['firstName']} {host['lastName']}"
    return {
        "name": f"{whole}'s Space",
        "uri": host["userName"].lower(),
        "secondaryUri": host.get("phoneNumber", "").translate(WRITTEN_BETWEEN),
        "cdrTag": host["userName"],
    }


def test_the_users_that_examples_name_are_always_there(company: Company) -> None:
    assert tuple(company.employees[:len(USERS)]) == USERS
    assert len(company.employees) == len(USERS) + SIZE


def test_a_seed_is_a_company(company: Company) -> None:
    assert company_of(SIZE, seed=7, with_spaces=0.95) == company
    assert company_of(SIZE, seed=8, with_spaces=0.95).employees != company.employees


def test_a_share_has_spaces_and_leavers_come_on_top(company: Company) -> None:
    assert len(company.spaces) == 0.95 * SIZE + round(0.95 * SIZE * 0.02)
    assert company_of(10, seed=1, with_spaces=0).spaces == ()
    assert len(company_of(10, seed=1, with_spaces=1).spaces) == 10


@pytest.mark.parametrize("seed", range(5))
def test_ids_and_uris_are_one_persons_each(seed: int) -> None:
    company = company_of(SIZE, seed)
    ids = Counter(user["userName"].lower() for user in company.employees)
    assert ids.most_common(1)[0][1] == 1
    spaces = initial_records(company)["coSpaces"]
    uris = [
        space.values[name]
        for space in spaces
        for name in ("uri", "secondaryUri")
        if name in space.values
    ]
    assert [uri for uri, times in Counter(uris).items() if times > 1] == []
    assert [user_part(uri).lower() for uri in uris] == uris


@pytest.mark.parametrize(("begin", "end"), [
    ("\u00c0", "\u024f"), ("\u0370", "\u03ff"), ("\u0400", "\u04ff"), ("\u0590", "\u05ff"),
    ("\u0600", "\u06ff"), ("\u0900", "\u097f"), ("\u3040", "\u30ff"), ("\u4e00", "\u9fff"),
    ("\uac00", "\ud7af"),
], ids="Latin Greek Cyrillic Hebrew Arabic Devanagari Kana Han Hangul".split())
def test_names_are_of_many_scripts(made_up: list[Employee], begin: str, end: str) -> None:
    names = [user["firstName"] + user["lastName"] for user in made_up]
    assert sum(any(begin <= letter <= end for letter in name) for name in names) >= SIZE / 200


def test_ids_are_ascii_as_a_rule_with_dots_digits_and_capitals(made_up: list[Employee]) -> None:
    ids = [user["userName"] for user in made_up]
    assert 0.95 * SIZE < sum(map(str.isascii, ids)) < SIZE
    for kind in (lambda userid: "." in userid, lambda userid: userid[-1].isdigit(),
                 lambda userid: userid != userid.lower()):
        assert sum(map(kind, ids)) > SIZE / 20


def test_surnames_are_shared_by_the_dozen(made_up: list[Employee]) -> None:
    [(_, times)] = Counter(user["lastName"] for user in made_up).most_common(1)
    assert times >= 24


def test_numbers_are_for_fiction_or_short_shared_or_missing(made_up: list[Employee]) -> None:
    numbers = [user.get("phoneNumber", "") for user in made_up]
    digits = ["".join(filter(str.isdigit, number)) for number in numbers]
    assert [each for each in digits if len(each) > 6 and each[-7:-2] != "55501"] == []
    assert SIZE / 50 < numbers.count("") < SIZE / 10
    assert sum(times > 1 for number, times in Counter(digits).items() if number) > SIZE / 50
    for mark in ("+1 ", "(", ".", "-"):
        assert any(mark in number for number in numbers)
    assert any(len(number) == 4 for number in numbers)


def test_employees_have_departments_titles_managers_and_addresses(
    made_up: list[Employee], hosts: dict[str, Employee]
) -> None:
    assert len({user.get("department") for user in made_up}) > 10
    assert len({user.get("title") for user in made_up}) > 5
    assert len({user["email"] for user in made_up}) == SIZE
    managers = {user["manager"].lower() for user in made_up if "manager" in user}
    assert managers <= set(hosts)


def test_most_spaces_are_as_the_guide_makes_them(
    company: Company, hosts: dict[str, Employee]
) -> None:
    known = [space for space in company.spaces if space["uri"] in hosts]
    kept = ("name", "uri", "cdrTag")
    same = [
        space for space in known
        if all(space.get(name) == usual(hosts[space["uri"]])[name] for name in kept)
        and space.get("secondaryUri") in (None, usual(hosts[space["uri"]])["secondaryUri"])
    ]
    assert 0.9 * len(known) < len(same) < len(known)
    numbered = [space for space in same if "secondaryUri" in space]
    assert len(numbered) > 0.8 * len(same)


def test_some_spaces_are_leavers_and_of_people_with_new_names(
    company: Company, hosts: dict[str, Employee]
) -> None:
    strangers = [space for space in company.spaces if space["uri"] not in hosts]
    numbers = {usual(host)["secondaryUri"] for host in hosts.values()}
    renamed = [space for space in strangers if space.get("secondaryUri") in numbers]
    assert len(strangers) > SIZE / 50
    assert len(strangers) > len(renamed) > SIZE / 200


@pytest.fixture(scope="module")
def small() -> Iterator[Pod]:
    with Pod(company=company_of(60, seed=7)) as pod:
        yield pod


@pytest.fixture
def pod(small: Pod) -> Pod:
    """A pod with a company of 60 more."""
    small.reset()
    return small


def test_directory_users_and_spaces_are_of_one_company(
    pod: Pod, cms: Callable[..., requests.Response], uds: Callable[..., requests.Response],
    read: Read,
) -> None:
    company = company_of(60, seed=7)
    [last] = read(uds("GET", f"/users?username={company.employees[-1]['userName']}"))["users"][
        "user"
    ]
    assert last["lastName"] == company.employees[-1]["lastName"]
    jid = f"{company.employees[-1]['userName'].lower()}@pod6.example"
    [user] = [read(cms("GET", "/users", params={"filter": jid}))["users"]["user"]][0]
    assert user["userJid"] == jid
    space = company.spaces[0]
    pages = read(cms("GET", "/coSpaces", params={"filter": space["uri"]}))["coSpaces"]
    assert space["name"] in [each["name"] for each in pages["coSpace"]]


def test_a_reset_brings_the_same_spaces_back(
    pod: Pod, cms: Callable[..., requests.Response], read: Read
) -> None:
    before = [(space.id, dict(space.values)) for space in pod.spaces.listed()]
    cms("DELETE", f"/coSpaces/{before[0][0]}")
    pod.reset()
    assert [(space.id, dict(space.values)) for space in pod.spaces.listed()] == before


def test_some_of_the_spaces_have_an_owner_who_is_a_member() -> None:
    records = initial_records(company_of(60, seed=1))
    owned = [space for space in records["coSpaces"] if "ownerJid" in space.values]
    members = {each.values["coSpace"]: each.values for each in records[MEMBERS]}
    assert 10 < len(owned) < 40
    for space in owned:
        assert members[space.id]["userJid"] == space.values["ownerJid"]
        assert members[space.id]["userId"] == space.values["ownerId"]
