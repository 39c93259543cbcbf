"""The lab guide's verification (step 7), end to end: portal and simulated pod over HTTPS."""

import re

import pytest
from flask.testing import FlaskClient

from flaskr.lab import notice
from flaskr.pod import Pod
from flaskr.pod.cms.start import space_owners
from flaskr.pod.company import USERS

SPACE = "/api/v1/cms/spaces/pod6user1"
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def test_the_guides_verification_step_by_step(portal: FlaskClient) -> None:
    version = portal.get("/api/v1/cms/version")
    assert (version.status_code, version.get_json()) == (200, "3.9.2")

    created = portal.post(SPACE)
    assert created.status_code == 200
    new_id = created.get_json()["response"]
    assert GUID.fullmatch(new_id)
    assert new_id in created.get_json()["message"]

    changes = {"name": "New Pod6 User1 Space", "defaultLayout": "allEqual"}
    modified = portal.put(SPACE, data=changes)
    assert (modified.status_code, modified.get_json()["success"]) == (200, True)

    space = portal.get(SPACE).get_json()["response"]["coSpace"]
    assert space["@id"] == new_id
    assert (space["name"], space["defaultLayout"]) == ("New Pod6 User1 Space", "allEqual")

    assert portal.delete(SPACE).status_code == 200
    again = portal.delete(SPACE)
    assert again.status_code == 404
    assert "pod6user1" in again.get_json()["message"]


def test_modifying_one_field_resets_no_other(portal: FlaskClient) -> None:
    portal.post(SPACE, data={"passcode": "1234", "callId": "777001"})
    before = portal.get(SPACE).get_json()["response"]["coSpace"]
    assert portal.put(SPACE, data={"defaultLayout": "stacked"}).status_code == 200
    after = portal.get(SPACE).get_json()["response"]["coSpace"]
    assert after == {**before, "defaultLayout": "stacked"}


def test_what_is_sent_empty_is_unset(portal: FlaskClient) -> None:
    portal.post(SPACE, data={"passcode": "1234"})
    assert portal.put(SPACE, data={"passcode": "", "secondaryUri": ""}).status_code == 200
    space = portal.get(SPACE).get_json()["response"]["coSpace"]
    assert not space.get("passcode")
    assert not space.get("secondaryUri")


def test_a_space_is_found_in_whatever_case_the_user_id_is_written(portal: FlaskClient) -> None:
    portal.post("/api/v1/cms/spaces/POD6USER1")
    assert portal.get("/api/v1/cms/spaces/Pod6User1").status_code == 200


@pytest.mark.parametrize("page_cap", [1, 3, 7, 10, 20, 100])
def test_a_space_is_found_whatever_the_page_size(
    pod: Pod, portal: FlaskClient, page_cap: int
) -> None:
    pod.switches.page_cap = page_cap
    names = [space.values for space in pod.spaces.listed()]
    uris = [values["uri"] for values in names if "uri" in values and "@" not in values["uri"]]
    for uri in uris:
        answer = portal.get(f"/api/v1/cms/spaces/{uri}")
        assert answer.get_json()["response"]["coSpace"]["uri"] == uri


@pytest.mark.parametrize(
    "values",
    [
        {"name": "Söns & Co <x>", "uri": "zoë.o'brien-2", "secondaryUri": "pod6user1"},
        {"name": "Ζωή 山田", "secondaryUri": "+1408"},
    ],
)
def test_any_character_survives_the_way_there_and_back(
    portal: FlaskClient, values: dict[str, str]
) -> None:
    portal.post(SPACE)
    assert portal.put(SPACE, data=values).status_code == 200
    userid = values.get("uri", "pod6user1")
    space = portal.get(f"/api/v1/cms/spaces/{userid}").get_json()["response"]["coSpace"]
    assert {name: space[name] for name in values} == values


def test_a_uri_that_is_taken_is_409_with_the_failure_code(portal: FlaskClient) -> None:
    portal.post(SPACE)
    answer = portal.post(SPACE)
    assert answer.status_code == 409
    assert "duplicateCoSpaceUri" in answer.get_json()["message"]


def test_a_kelvin_sign_is_no_k(pod: Pod, portal: FlaskClient) -> None:
    portal.post("/api/v1/cms/spaces/yuki")
    before = pod.spaces.listed()
    for http_method in ("GET", "POST", "PUT", "DELETE"):
        data = {"name": "Changed"} if http_method == "PUT" else None
        answer = portal.open("/api/v1/cms/spaces/yu\u212ai", method=http_method, data=data)
        assert answer.status_code == 404
    assert pod.spaces.listed() == before


@pytest.mark.parametrize("kept", ["zo\u00eb.o'brien", "zoe\u0308.o'brien"])
@pytest.mark.parametrize("asked", ["ZO\u00cb.O'Brien", "zoe\u0308.o'brien"])
def test_composed_and_decomposed_letters_are_one(
    pod: Pod, portal: FlaskClient, kept: str, asked: str
) -> None:
    pod.spaces.create({"uri": kept})
    assert portal.get(f"/api/v1/cms/spaces/{asked}").status_code == 200


def test_a_user_id_in_decomposed_letters_is_a_user_of_cucm(portal: FlaskClient) -> None:
    path = "/api/v1/cms/spaces/zoe\u0308.o'brien"
    assert portal.post(path).status_code == 200
    assert portal.get(path).get_json()["response"]["coSpace"]["uri"] == "zo\u00eb.o'brien"


@pytest.mark.parametrize("page_cap", [1, 10])
def test_a_uri_is_the_users_before_a_secondary_uri(
    pod: Pod, portal: FlaskClient, page_cap: int
) -> None:
    pod.switches.page_cap = page_cap
    pod.spaces.create({"name": "A first one", "secondaryUri": "zo\u00eb.o'brien"})
    pod.spaces.create({"name": "Z last one", "uri": "zoe\u0308.o'brien"})
    space = portal.get("/api/v1/cms/spaces/zo\u00eb.o'brien").get_json()["response"]["coSpace"]
    assert space["name"] == "Z last one"


@pytest.mark.parametrize(("userid", "phone"), [
    ("spaced", "+14085550150"), ("brackets", "+14085550151"), ("dotted", "+14085550152"),
])
def test_telephone_numbers_as_people_write_them_become_uris(
    portal: FlaskClient, userid: str, phone: str
) -> None:
    path = f"/api/v1/cms/spaces/{userid}"
    assert portal.post(path).status_code == 200
    assert portal.get(path).get_json()["response"]["coSpace"]["secondaryUri"] == phone


def found(portal: FlaskClient, userid: str) -> str | None:
    """Return how CMS says that the user's Space came about, or None where there is no Space."""
    answer = portal.get(f"/api/v1/cms/spaces/{userid.replace('%', '%25')}").get_json()
    return answer["response"]["coSpace"]["autoGenerated"] if answer["success"] else None


def test_the_lab_knows_who_has_a_space_at_the_start(portal: FlaskClient) -> None:
    owners = space_owners()
    assert sorted(sum(owners, ())) == sorted(user["userName"] for user in USERS)
    assert {found(portal, userid) for userid in owners.without} == {None}
    assert {found(portal, userid) for userid in owners.with_one} == {"false"}
    assert {found(portal, userid) for userid in owners.by_ldap} == {"true"}


def named(sentence: str) -> set[str]:
    """Return the user IDs in a sentence, where "`a1` to `a3`" stands for all three."""
    found = set(re.findall("`(.+?)`", sentence))
    for stem, first, last in re.findall(r"`(\D+\d\D+)(\d+)` to `\1(\d+)`", sentence):
        found |= {f"{stem}{number}" for number in range(int(first), int(last))}
    return found


def test_the_page_of_the_lab_says_who_has_a_space_and_who_has_none() -> None:
    owners = space_owners()
    to_try, with_one, by_ldap = re.split(r"(?<=\.) ", notice().partition("User IDs to try: ")[2])
    assert {"pod6user1", "pod6user2", "lee", "zoë.o'brien"} < named(to_try) < set(owners.without)
    assert "have no Space yet" in to_try
    assert named(with_one) == set(owners.with_one)
    assert "have one" in with_one
    assert named(by_ldap) == set(owners.by_ldap)
    assert "LDAP sync" in by_ldap
