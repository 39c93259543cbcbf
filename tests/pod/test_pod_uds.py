"""The simulated CUCM User Data Services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from flaskr.pod import Pod
from flaskr.pod.company import USER_FIELDS, USERS

Send = Callable[..., requests.Response]
Read = Callable[[requests.Response], dict[str, Any]]


def ids(response: requests.Response, read: Read) -> list[str]:
    return [user["userName"] for user in read(response)["users"].get("user", [])]


@pytest.mark.parametrize("userid", [str(user["userName"]) for user in USERS])
def test_every_user_is_found_by_the_exact_id(uds: Send, read: Read, userid: str) -> None:
    response = uds("GET", "/users", params={"username": userid})
    assert ids(response, read) == [userid]
    assert read(response)["users"]["@totalCount"] == "1"


@pytest.mark.parametrize("userid", ["pod6user", "lee.", "nobody", "*", "pod6user1 ", "yu\u212ai"])
def test_part_of_an_id_finds_nobody(uds: Send, read: Read, userid: str) -> None:
    response = uds("GET", "/users", params={"username": userid})
    assert response.status_code == 200
    assert ids(response, read) == []


def test_a_user_has_all_elements_and_empty_ones_where_nothing_is_known(
    uds: Send, read: Read
) -> None:
    [user] = read(uds("GET", "/users?username=nodisplay"))["users"]["user"]
    assert list(user) == ["@uri", "id", *USER_FIELDS]
    assert user["displayName"] is None
    assert (user["firstName"], user["lastName"]) == ("Noel", "Nodisplay")


def test_the_answer_counts(pod: Pod, uds: Send, read: Read) -> None:
    users = read(uds("GET", "/users?start=2&max=5"))["users"]
    assert users["@uri"] == f"{pod.uds_url}/users"
    assert (users["@start"], users["@requestedCount"], users["@returnedCount"]) == ("2", "5", "5")
    assert users["@totalCount"] == str(len(USERS))
    assert [user["userName"] for user in users["user"]][0] == "pod6user3"


@pytest.mark.parametrize(("asked", "counted"), [("", "64"), ("max=500", "500"), ("max=501", "500")])
def test_64_users_unless_asked_and_500_at_the_most(
    uds: Send, read: Read, asked: str, counted: str
) -> None:
    assert read(uds("GET", f"/users?{asked}"))["users"]["@requestedCount"] == counted


@pytest.mark.parametrize(("query", "found"), [
    ({"last": "ash"}, ["lee.a"]),
    ({"first": "Lee", "last": "B"}, ["lee1"]),
    ({"number": "612"}, ["twin1", "twin2", "maria", "ldap.user", "a%b c", USERS[-1]["userName"]]),
    ({"email": "POD6USER2@pod6.example"}, ["pod6user2"]),
    ({"email": "pod6user2@"}, []),
    ({"uri": "pod6user2@pod6.example"}, ["pod6user2"]),
    ({"first": "Ελ"}, ["eleni"]),
    ({"username": "lee", "last": "Birch"}, []),
])
def test_names_and_numbers_match_from_the_start_addresses_exactly(
    uds: Send, read: Read, query: dict[str, str], found: list[str]
) -> None:
    assert ids(uds("GET", "/users", params=query), read) == found


def test_the_case_of_an_id_matters_or_not(pod: Pod, uds: Send, read: Read) -> None:
    assert ids(uds("GET", "/users?username=POD6USER1"), read) == ["pod6user1"]
    pod.switches.uds_case_sensitive = True
    assert ids(uds("GET", "/users?username=POD6USER1"), read) == []
    assert ids(uds("GET", "/users?username=pod6user1"), read) == ["pod6user1"]


def test_the_id_can_be_ignored(pod: Pod, uds: Send, read: Read) -> None:
    pod.switches.uds_ignores_username = True
    assert len(ids(uds("GET", "/users?username=pod6user1"), read)) == len(USERS)


def test_the_total_can_stop_counting(pod: Pod, uds: Send, read: Read) -> None:
    pod.switches.uds_total_cap = 4
    users = read(uds("GET", "/users"))["users"]
    assert (users["@totalCount"], len(users["user"])) == ("4", len(USERS))


@pytest.mark.parametrize("query", ["max=x", "start=-1", "max=9999999999", "colour=red",
                                   "username=a&username=b"])
def test_bad_parameters_are_415(uds: Send, query: str) -> None:
    response = uds("GET", f"/users?{query}")
    assert response.status_code == 415
    assert response.headers["Content-Type"].startswith("text/html")
    assert b"415" in response.content


def test_an_error_can_have_no_body(pod: Pod, uds: Send) -> None:
    pod.switches.uds_error_body = "none"
    assert uds("GET", "/users?max=x").content == b""


@pytest.mark.parametrize(("method", "path", "status"), [
    ("POST", "/users", 405), ("DELETE", "/version", 405), ("OPTIONS", "/users", 405),
    ("GET", "/user/nobody", 404), ("GET", "/colours", 404), ("GET", "", 404),
])
def test_what_is_not_there_is_404_or_405(uds: Send, method: str, path: str, status: int) -> None:
    assert uds(method, path).status_code == status


def test_a_users_uri_leads_to_the_user(
    pod: Pod, uds: Send, session: requests.Session, read: Read
) -> None:
    for user in read(uds("GET", "/users?max=500"))["users"]["user"]:
        [found] = read(session.get(user["@uri"], timeout=10))["user"]
        assert found["userName"] == user["userName"]


def test_the_version_says_whether_credentials_are_wanted(pod: Pod, uds: Send, read: Read) -> None:
    version = read(uds("GET", "/version"))["versionInformation"]
    assert version["version"] == "12.5.1"
    assert version["capabilities"]["usersResourceAuthEnabled"] == "false"
    pod.switches.uds_authentication = True
    version = read(uds("GET", "/version"))["versionInformation"]
    assert version["capabilities"]["usersResourceAuthEnabled"] == "true"


def test_credentials_are_wanted_where_switched_on(pod: Pod, uds: Send) -> None:
    assert "CUCM_USERNAME" not in pod.settings
    pod.switches.uds_authentication = True
    settings = pod.settings
    refused = uds("GET", "/users", auth=("a", "b"))
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Basic realm=")
    assert uds("GET", "/users").status_code == 401
    assert uds("GET", "/user/pod6user1").status_code == 401
    known = (settings["CUCM_USERNAME"], settings["CUCM_PASSWORD"])
    assert uds("GET", "/users", auth=known).status_code == 200


def test_answers_are_application_xml(uds: Send) -> None:
    assert uds("GET", "/users").headers["Content-Type"] == "application/xml"
