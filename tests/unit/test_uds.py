"""The UDS client: the one user with a user ID, and what goes wrong on the way."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses
from responses import matchers
from support.facts import UDS_URL
from support.failures import failure_of

from flaskr.result import Reason
from flaskr.uds.v1.uds import UDS

HEAD = '<?xml version="1.0"?><users uri="x" version="15" start="0" requestedCount="64"'


@pytest.fixture
def uds() -> UDS:
    return UDS("localhost")


def users(*user_names: str) -> str:
    count = f'returnedCount="{len(user_names)}" totalCount="{len(user_names)}"'
    entries = "".join(
        f"<user uri='x'><id>1</id><userName>{name}</userName><displayName>D {name}</displayName>"
        "<phoneNumber/></user>"
        for name in user_names
    )
    return f"{HEAD} {count}>{entries}</users>"


def test_a_user_is_returned_with_the_fields_that_uds_has(
    uds: UDS, wire: responses.RequestsMock
) -> None:
    wire.get(
        f"{UDS_URL}/users",
        body=users("pod6user1"),
        match=[
            matchers.query_param_matcher({"username": "pod6user1"}),
            matchers.header_matcher({"Accept": "application/xml"}),
        ],
    )
    user = uds.get_user("pod6user1")
    assert user["success"]
    assert user["num_found"] == 1
    assert user["response"]["userName"] == "pod6user1"
    assert user["response"]["displayName"] == "D pod6user1"
    assert user["response"]["phoneNumber"] == ""
    assert "Authorization" not in wire.calls[0].request.headers


def test_credentials_are_sent_where_they_are_configured(wire: responses.RequestsMock) -> None:
    wire.get("https://localhost:9443/cucm-uds/users", body=users("a"))
    UDS("localhost", "user", "pass", 9443).get_user("a")
    assert "Authorization" in wire.calls[0].request.headers


def test_no_such_user_is_no_failure(uds: UDS, wire: responses.RequestsMock) -> None:
    wire.get(f"{UDS_URL}/users", body=users())
    assert uds.get_user("nobody") == {
        "success": True,
        "message": 'CUCM has no user with the ID "nobody".',
        "response": "",
        "num_found": 0,
    }


def test_users_with_another_id_do_not_count(uds: UDS, wire: responses.RequestsMock) -> None:
    wire.get(f"{UDS_URL}/users", body=users("lee1", "leeann", "lee.a"))
    assert uds.get_user("lee")["num_found"] == 0


@pytest.mark.parametrize(("asked", "got"), [("LEE", "lee"), ("Lee", "Lee"), ("lEe", "lee")])
def test_letters_case_does_not_count_but_the_very_same_comes_first(
    uds: UDS, wire: responses.RequestsMock, asked: str, got: str
) -> None:
    wire.get(f"{UDS_URL}/users", body=users("lee1", "lee", "Lee"))
    user = uds.get_user(asked)
    assert (user["num_found"], user["response"]["userName"]) == (1, got)


COMPOSED, DECOMPOSED = "zo\u00eb", "zoe\u0308"


@pytest.mark.parametrize(
    ("asked", "there"),
    [("\u212aate", "kate"), ("kate", "\u212aate"), ("\u017foens", "soens"), ("\u0130an", "ian")],
)
def test_no_letter_outside_ascii_counts_as_one_in_ascii(
    uds: UDS, wire: responses.RequestsMock, asked: str, there: str
) -> None:
    wire.get(f"{UDS_URL}/users", body=users(there))
    assert uds.get_user(asked)["num_found"] == 0


@pytest.mark.parametrize("asked", [COMPOSED, DECOMPOSED, "ZO\u00cb", "ZOE\u0308"])
@pytest.mark.parametrize("there", [COMPOSED, DECOMPOSED])
def test_a_user_is_found_in_whichever_form_accents_are_written(
    uds: UDS, wire: responses.RequestsMock, asked: str, there: str
) -> None:
    def answer(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        wanted = parse_qs(urlsplit(str(request.url)).query)["username"][0]
        return 200, {}, users(there) if wanted.lower() == there else users()

    wire.add_callback("GET", f"{UDS_URL}/users", answer)
    assert uds.get_user(asked)["num_found"] == 1


@pytest.mark.parametrize("status", [401, 404, 405, 415, 500])
def test_an_error_status_is_a_failure(
    uds: UDS, wire: responses.RequestsMock, status: int
) -> None:
    wire.get(f"{UDS_URL}/users", status=status, body="<html>no</html>")
    user = uds.get_user("lee")
    assert (user["success"], user["num_found"], user["response"]) == (False, 0, "")
    assert "CUCM UDS at localhost:8443, GET users: it" in user["message"]


@pytest.mark.parametrize(
    "body", ["", "{}", "<html/>", "<users/>", "<user/>", "<users><group/></users>"]
)
def test_an_answer_that_is_no_list_of_users_is_unreadable(
    uds: UDS, wire: responses.RequestsMock, body: str
) -> None:
    wire.get(f"{UDS_URL}/users", body=body)
    failure = failure_of(uds.find_user, "lee")
    assert (failure.reason, failure.code) == (Reason.UNREADABLE, "cucm_unreadable_answer")
    assert uds.get_user("lee") == {
        "success": False, "message": failure.message, "response": "", "num_found": 0
    }


def test_a_user_is_found_as_the_directory_has_it(uds: UDS, wire: responses.RequestsMock) -> None:
    wire.get(f"{UDS_URL}/users", body=users("lee"))
    assert uds.find_user("lee")["displayName"] == "D lee"
    failure = failure_of(uds.find_user, "kim")
    assert (failure.code, failure.message) == (
        "no_such_user", 'CUCM has no user with the ID "kim".'
    )


def test_the_version_is_the_release_of_the_cucm(uds: UDS, wire: responses.RequestsMock) -> None:
    body = "<versionInformation><version>15.0.1</version></versionInformation>"
    wire.get(f"{UDS_URL}/version", body=body)
    assert uds.get_version() == "15.0.1"


@pytest.mark.parametrize(
    ("status", "body", "word"),
    [(401, "", "cucm_refused_credentials"), (200, "no", "cucm_unreadable_answer"),
     (500, "<versionInformation/>", "cucm_server_error")],
)
def test_a_version_that_does_not_come_is_a_failure_of_the_cucm(
    uds: UDS, wire: responses.RequestsMock, status: int, body: str, word: str
) -> None:
    wire.get(f"{UDS_URL}/version", status=status, body=body)
    assert failure_of(uds.get_version).code == word
