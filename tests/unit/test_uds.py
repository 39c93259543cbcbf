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


def user_list(names: list[str], total: int, department: str = "") -> str:
    entries = "".join(
        f"<user><userName>{name}</userName><department>{department}</department></user>"
        for name in names
    )
    return f'{HEAD} returnedCount="{len(names)}" totalCount="{total}">{entries}</users>'


def test_all_users_are_read_in_pages_of_500(uds: UDS, wire: responses.RequestsMock) -> None:
    wire.get(f"{UDS_URL}/users", body=user_list(["a", "b"], 2))
    assert [user["userName"] for user in uds.users()] == ["a", "b"]
    assert asked(wire) == {"start": ["0"], "max": ["500"]}


def test_a_text_is_looked_for_as_user_id_name_and_number(
    uds: UDS, wire: responses.RequestsMock
) -> None:
    for _ in range(3):
        wire.get(f"{UDS_URL}/users", body=user_list(["a", "b"], 2))
    assert [user["userName"] for user in uds.users("408")] == ["a", "b"]
    searches = [parse_qs(urlsplit(call.request.url or "").query) for call in wire.calls]
    assert [sorted(set(search) - {"start", "max"}) for search in searches] == [
        ["username"], ["name"], ["number"],
    ]


def test_a_department_is_looked_for_here(uds: UDS, wire: responses.RequestsMock) -> None:
    wire.get(f"{UDS_URL}/users", body=user_list(["a"], 1, "Lab & Co".replace("&", "&amp;")))
    assert [user["userName"] for user in uds.users(department=" lab & co")] == ["a"]
    wire.get(f"{UDS_URL}/users", body=user_list(["a"], 1, "Lab"))
    assert list(uds.users(department="La")) == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (user_list(["a"], 9), Reason.UNREADABLE),
        (user_list(["a"], 9).replace('"9"', '"many"'), Reason.UNREADABLE),
        (user_list([""], 1), Reason.UNREADABLE),
        ("<users/>", Reason.UNREADABLE),
    ],
)
def test_a_list_of_users_that_says_nothing_sure_is_a_failure(
    uds: UDS, wire: responses.RequestsMock, body: str, reason: Reason
) -> None:
    wire.get(f"{UDS_URL}/users", body=body)
    assert failure_of(lambda: list(uds.users())).reason is reason


def asked(wire: responses.RequestsMock) -> dict[str, list[str]]:
    return parse_qs(urlsplit(wire.calls[0].request.url or "").query)
