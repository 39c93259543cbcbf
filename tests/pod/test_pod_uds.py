"""The simulated CUCM User Data Services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from support.cms_answers import Send

from flaskr.pod import Pod
from flaskr.pod.company import USER_FIELDS, USERS

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
    in_order = sorted(USERS, key=lambda user: user["lastName"].lower())
    assert [user["lastName"] or "" for user in users["user"]] == [
        user["lastName"] for user in in_order[2:7]
    ]


@pytest.mark.parametrize(("asked", "counted"), [("", "64"), ("max=500", "500"), ("max=501", "500")])
def test_64_users_unless_asked_and_500_at_the_most(
    uds: Send, read: Read, asked: str, counted: str
) -> None:
    assert read(uds("GET", f"/users?{asked}"))["users"]["@requestedCount"] == counted


@pytest.mark.parametrize(("query", "found"), [
    ({"last": "ash"}, ["lee.a"]),
    ({"first": "Lee", "last": "B"}, ["lee1"]),
    ({"number": "612"}, ["ldap.user", USERS[-1]["userName"], "maria", "a%b c", "twin2", "twin1"]),
    ({"number": "+1 (408) 555.015"}, ["brackets", "dotted", "spaced"]),
    ({"number": "408"}, []),
    ({"numberlast": "0-151"}, ["brackets"]),
    ({"numberlast": "6120"}, ["twin2", "twin1"]),
    ({"name": "ELM"}, ["leeann"]),
    ({"name": "leea"}, ["leeann"]),
    ({"name": "söns &"}, ["soens"]),
    ({"name": "lm"}, []),
    ({"displayname": "lee a"}, ["lee", "lee.a"]),
    ({"displayName": "lee as"}, ["lee.a"]),
    ({"uri": "sip:spaced@pod6.example"}, ["spaced"]),
    ({"uri": "sip:spaced"}, []),
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
    ("GET", "/user/nobody", 401), ("GET", "/colours", 404), ("GET", "", 404),
])
def test_what_is_not_there_is_404_401_or_405(
    uds: Send, method: str, path: str, status: int
) -> None:
    assert uds(method, path).status_code == status


def test_a_users_uri_leads_to_the_user(
    pod: Pod, uds: Send, session: requests.Session, read: Read
) -> None:
    reader = (pod.uds_username, pod.uds_password)
    for user in read(uds("GET", "/users?max=500"))["users"]["user"]:
        [found] = read(session.get(user["@uri"], auth=reader, timeout=10))["user"]
        assert found["userName"] == user["userName"]


def test_a_user_is_shown_to_that_user_and_the_reader(pod: Pod, uds: Send) -> None:
    def status(userid: str, name: str, password: str = pod.uds_password) -> int:
        return uds("GET", f"/user/{userid}", auth=(name, password)).status_code

    assert status("pod6user1", "pod6user1") == status("pod6user1", "POD6USER1") == 200
    assert status("pod6user1", "pod6user2") == status("pod6user1", "pod6user1", "wrong") == 401
    assert status("nobody", "nobody") == 401
    assert status("nobody", pod.uds_username) == 404
    refused = uds("GET", "/user/pod6user1")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == 'Basic realm="Cisco Web Services Realm"'
    pod.switches.uds_user_authentication = False
    assert uds("GET", "/user/pod6user1").status_code == 200
    assert uds("GET", "/user/nobody").status_code == 404


def test_unknown_parameters_can_be_overlooked(pod: Pod, uds: Send, read: Read) -> None:
    pod.switches.uds_ignore_unknown_parameters = True
    assert ids(uds("GET", "/users?colour=red&last=ash"), read) == ["lee.a"]
    assert uds("GET", "/users?last=ash&last=elm").status_code == 415


def test_more_than_500_can_be_refused(pod: Pod, uds: Send) -> None:
    pod.switches.uds_max_refused = True
    assert uds("GET", "/users?max=500").status_code == 200
    assert uds("GET", "/users?max=501").status_code == 415


@pytest.mark.parametrize("query", ["username=Lee.A", "useridentifier=lee.a"])
def test_a_cluster_says_that_a_user_lives_here(
    pod: Pod, uds: Send, read: Read, query: str
) -> None:
    found = read(uds("GET", f"/clusterUser?{query}"))["clusterUser"]
    assert found["@uri"] == f"{pod.uds_url}/clusterUser"
    assert found["result"]["@found"] == "true"
    assert found["result"]["@uri"] == f"{pod.uds_url}/user/lee.a"
    assert found["homeCluster"] == {"@serversUri": f"{pod.uds_url}/servers", "#text": pod.host}


@pytest.mark.parametrize("query", [
    "username=remote1", "email=remote1@pod7.example", "useridentifier=remote1@pod7.example",
])
def test_a_cluster_says_where_else_a_user_lives(uds: Send, read: Read, query: str) -> None:
    found = read(uds("GET", f"/clusterUser?{query}"))["clusterUser"]
    there = "https://cucm.pod7.example:8443/cucm-uds"
    assert found["result"]["@uri"] == f"{there}/user/remote1"
    assert found["homeCluster"]["@serversUri"] == f"{there}/servers"
    assert found["homeCluster"]["#text"] == "cucm.pod7.example"
    assert ids(uds("GET", "/users?username=remote1"), read) == []


def test_a_cluster_knows_nobody_by_another_id(uds: Send, read: Read) -> None:
    for query in ("username=nobody", "username=lee&email=pod6user1@pod6.example"):
        response = uds("GET", f"/clusterUser?{query}")
        assert response.status_code == 200
        assert read(response)["clusterUser"]["result"] == {"@found": "false"}
    assert uds("GET", "/clusterUser").status_code == 415


def test_the_servers_of_the_cluster_are_listed(pod: Pod, uds: Send, read: Read) -> None:
    servers = read(uds("GET", "/servers"))["servers"]
    assert servers["server"] == {"@uri": pod.uds_url, "#text": pod.host}


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
