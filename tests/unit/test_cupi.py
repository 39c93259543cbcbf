"""The client of Unity Connection: its requests, its answers as dictionaries, its errors."""

import logging
from typing import Any

import pytest
import responses
from responses import matchers
from support.failures import failure_of

from flaskr.cuc.v1.cupi import CUPI
from flaskr.cuc.v1.lists import matching
from flaskr.rest.v1.calls import Answer, Call
from flaskr.result import Reason

URL = "https://127.0.0.1:4444/vmrest"
ID = "b449de90-9dc5-4bed-9c65-a09a321d2bd9"
OTHER_ID = "c449de90-9dc5-4bed-9c65-a09a321d2bd9"
LEE = {"ObjectId": ID, "Alias": "lee"}
KIM = {"ObjectId": OTHER_ID, "Alias": "kim"}
PIN = f"users/{ID}/credential/pin"


@pytest.fixture
def cupi() -> CUPI:
    return CUPI("127.0.0.1", "admin", "secret", 4444, timeout=2)


def first_page(**search: str) -> Any:
    return matchers.query_param_matcher({**search, "rowsPerPage": "100", "pageNumber": "1"})


def aliases(cupi: CUPI, api_method: str = "users") -> list[str]:
    return [row.get("Alias") or row["alias"] for row in cupi.rows(api_method, {})]


# Requests.


def test_a_search_is_requested_with_its_parameters_and_returned_as_a_dictionary(
    cupi: CUPI, wire: responses.RequestsMock
) -> None:
    wire.get(
        f"{URL}/users", json={"@total": "2", "User": [LEE, KIM]},
        match=[
            first_page(query="(alias startswith l)"),
            matchers.header_matcher(
                {"Accept": "application/json", "Authorization": "Basic YWRtaW46c2VjcmV0"}
            ),
        ],
    )
    parameters = {**matching("alias", "l", "startswith"), "rowsPerPage": 100, "pageNumber": 1}
    assert cupi._cupi_request("users", parameters) == {
        "success": True,
        "message": "Unity Connection at 127.0.0.1:4444, GET users: retrieved.",
        "response": {"@total": "2", "User": [LEE, KIM]},
    }
    assert "query=%28alias%20startswith%20l%29" in str(wire.calls[0].request.url)


def test_a_payload_goes_out_as_json_with_its_header(
    cupi: CUPI, wire: responses.RequestsMock
) -> None:
    wire.put(
        f"{URL}/users/{ID}", status=204,
        match=[
            matchers.json_params_matcher({"ListInDirectory": "false"}),
            matchers.header_matcher({"Content-Type": "application/json"}),
        ],
    )
    payload = {"ListInDirectory": "false"}
    assert cupi._cupi_request(f"users/{ID}", payload=payload, http_method="PUT") == {
        "success": True,
        "message": f"Unity Connection at 127.0.0.1:4444, PUT users/{ID}: modified.",
        "response": "",
    }


def test_a_payload_that_is_text_goes_out_as_it_is(
    cupi: CUPI, wire: responses.RequestsMock
) -> None:
    wire.put(f"{URL}/users/{ID}", status=204)
    cupi.request(f"users/{ID}", payload='{"Alias":"lee"}', http_method="PUT")
    assert wire.calls[0].request.body == b'{"Alias":"lee"}'


def test_the_cookies_of_the_session_are_sent_back_and_the_credentials_too(
    cupi: CUPI, wire: responses.RequestsMock
) -> None:
    cookies = [
        ("Set-Cookie", "JSESSIONIDSSO=1; Path=/; Secure; HttpOnly"),
        ("Set-Cookie", "JSESSIONID=2; Path=/vmrest/; Secure; HttpOnly"),
        ("Set-Cookie", "REQUEST_TOKEN_KEY=3; Path=/; Secure; HttpOnly"),
        ("Set-Cookie", "AD=4; Path=/"),
    ]
    wire.get(f"{URL}/version/product/", json={"name": "x", "version": "14.0.1"}, headers=cookies)
    assert [cupi.get_version() for _ in range(2)] == ["14.0.1"] * 2
    first, second = (call.request.headers for call in wire.calls)
    assert "Cookie" not in first
    sent = set(str(second["Cookie"]).split("; "))
    assert sent == {"JSESSIONIDSSO=1", "JSESSIONID=2", "REQUEST_TOKEN_KEY=3"}
    assert second["Authorization"] == first["Authorization"]


def test_two_requests_are_under_way_at_a_time_unless_it_is_told_otherwise() -> None:
    assert CUPI("cuc", "a", "b")._slots.most == 2
    assert CUPI("cuc", "a", "b", parallel=1)._slots.most == 1


# Lists.


@pytest.mark.parametrize(
    ("api_method", "row", "key"),
    [
        ("users", "User", "ObjectId"), ("import/users/ldap", "ImportUser", "pkid"),
        ("usertemplates", "UserTemplate", "ObjectId"),
        ("authenticationrules", "AuthenticationRule", "ObjectId"),
    ],
)
def test_the_rows_of_a_list_are_always_a_list(
    cupi: CUPI, wire: responses.RequestsMock, api_method: str, row: str, key: str
) -> None:
    one = {key: ID, "alias": "lee"}
    answers: list[tuple[dict[str, Any], list[Any]]] = [
        ({"@total": "0"}, []),
        ({"@total": "1", row: one}, [one]),
        ({"@total": "101", row: one}, [one]),
        ({"@total": "2", row: [one, one]}, [one, one]),
    ]
    for body, rows in answers:
        wire.get(f"{URL}/{api_method}", json=body)
        found = cupi._cupi_request(api_method)["response"]
        assert found == {"@total": body["@total"], row: rows}


def test_the_one_row_of_another_list_is_a_list_too(
    cupi: CUPI, wire: responses.RequestsMock
) -> None:
    wire.get(f"{URL}/coses", json={"@total": "1", "Cos": {"ObjectId": ID}})
    found = cupi._cupi_request("coses")["response"]
    assert found == {"@total": "1", "Cos": [{"ObjectId": ID}]}


@pytest.mark.parametrize("total", [{"@total": "1"}, {}])
def test_a_list_of_the_directory_may_lack_its_total(
    cupi: CUPI, wire: responses.RequestsMock, total: dict[str, str]
) -> None:
    wire.get(
        f"{URL}/import/users/ldap", json={**total, "ImportUser": {"pkid": ID, "alias": "lee"}},
        match=[matchers.query_param_matcher({"offset": "0", "limit": "100"})],
    )
    assert aliases(cupi, "import/users/ldap") == ["lee"]


def test_an_empty_answer_is_an_empty_list_of_the_directory_alone(
    cupi: CUPI, wire: responses.RequestsMock
) -> None:
    wire.get(f"{URL}/import/users/ldap", json={})
    wire.get(f"{URL}/users", json={})
    assert aliases(cupi, "import/users/ldap") == []
    assert failure_of(aliases, cupi).reason is Reason.UNREADABLE


def test_a_list_is_read_page_by_page(cupi: CUPI, wire: responses.RequestsMock) -> None:
    rows = [{"ObjectId": str(number), "Alias": str(number)} for number in range(230)]
    for number in (1, 2, 3):
        page = rows[(number - 1) * 100: number * 100]
        place = {"rowsPerPage": "100", "pageNumber": str(number)}
        wire.get(
            f"{URL}/users", json={"@total": "230", "User": page},
            match=[matchers.query_param_matcher(place)],
        )
    assert aliases(cupi) == [row["Alias"] for row in rows]


def test_where_a_page_has_fewer_rows_than_asked_for_all_pages_have_as_many(
    cupi: CUPI, wire: responses.RequestsMock
) -> None:
    rows = [{"ObjectId": str(number), "Alias": str(number)} for number in range(5)]
    for number, size, page in ((1, 100, rows[:2]), (2, 2, rows[2:4]), (3, 2, rows[4:])):
        place = {"rowsPerPage": str(size), "pageNumber": str(number)}
        wire.get(
            f"{URL}/users", json={"@total": "5", "User": page if page[1:] else page[0]},
            match=[matchers.query_param_matcher(place)],
        )
    assert aliases(cupi) == list("01234")


def test_a_list_without_a_total_is_counted_to_its_end(
    cupi: CUPI, wire: responses.RequestsMock
) -> None:
    def people(*numbers: int) -> dict[str, Any]:
        return {"ImportUser": [{"pkid": str(each), "alias": str(each)} for each in numbers]}

    for offset, body in ((10, people(10, 11)), (12, people(12, 13)), (14, people(14))):
        place = {"offset": str(offset), "limit": "2"}
        wire.get(
            f"{URL}/import/users/ldap", json=body, match=[matchers.query_param_matcher(place)]
        )
    page = cupi.page("import/users/ldap", {}, 10, 2)
    assert (page.offset, page.total) == (10, 15)
    assert [row["pkid"] for row in page.entries] == ["10", "11"]


def test_a_list_that_shows_the_same_page_again_is_unreadable(
    cupi: CUPI, wire: responses.RequestsMock
) -> None:
    wire.get(f"{URL}/users", json={"@total": "3", "User": [LEE]})
    failure = failure_of(aliases, cupi)
    assert failure.code == "cuc_unreadable_answer"
    assert "the list promises 3 entries and ends after" in failure.message


@pytest.mark.parametrize(
    "body",
    [
        {"@total": "1", "User": {"Alias": "lee"}},
        {"@total": "1", "User": "lee"},
        {"@total": "1", "User": ["lee"]},
        {"@total": "many", "User": [LEE]},
        {"@total": "9" * 20, "User": [LEE]},
        {"User": [LEE]},
        {"name": "x"},
    ],
)
def test_a_list_that_is_none_is_unreadable(
    cupi: CUPI, wire: responses.RequestsMock, body: dict[str, Any]
) -> None:
    wire.get(f"{URL}/users", json=body)
    assert failure_of(cupi.request, "users").reason is Reason.UNREADABLE


@pytest.mark.parametrize("value", ["a)", "(a", "lee) or (alias is kim"])
def test_a_value_with_a_bracket_is_not_searched_for(value: str) -> None:
    failure = failure_of(matching, "alias", value)
    assert (failure.code, "bracket" in failure.message) == ("bad_parameter", True)


# Objects.


@pytest.mark.parametrize(
    ("path", "body", "is_asked_for"),
    [
        (f"users/{ID}", LEE, True),
        (f"users/{ID}", {"ObjectId": ID.upper()}, True),
        (f"users/{ID}", KIM, False),
        (f"users/{ID}", {}, False),
        (PIN, {"ObjectId": OTHER_ID, "UserObjectId": ID}, True),
        (PIN, {"ObjectId": ID, "UserObjectId": OTHER_ID}, False),
        (f"users/{ID}/mailboxattributes", {"ObjectId": OTHER_ID}, True),
        ("version", {"name": "vmrest"}, True),
    ],
)
def test_an_object_is_the_one_that_was_asked_for(
    cupi: CUPI, wire: responses.RequestsMock, path: str, body: dict[str, str], is_asked_for: bool
) -> None:
    wire.get(f"{URL}/{path}", json=body)
    if is_asked_for:
        assert cupi.request(path).response == body
        return
    failure = failure_of(cupi.request, path)
    assert failure.reason is Reason.UNREADABLE
    assert "it is not about the object that was asked for" in failure.message


@pytest.mark.parametrize(
    ("location", "body"),
    [
        (f"https://127.0.0.1:4444/vmrest/users/{ID}", f"/vmrest/users/{ID}"),
        ("", f"/vmrest/users/{ID}"),
        ("", f' "/vmrest/users/{ID}"\r\n'),
        (f"/vmrest/users/{ID}", ""),
        (f"/vmrest/users/{ID}", "<html>"),
    ],
)
@pytest.mark.parametrize("path", ["users", "import/users/ldap"])
def test_a_creation_returns_the_id_of_its_location_or_else_of_its_body(
    cupi: CUPI, wire: responses.RequestsMock, path: str, location: str, body: str
) -> None:
    headers = {"Location": location} if location else {}
    wire.post(
        f"{URL}/{path}", status=201, headers=headers, body=body,
        match=[matchers.query_param_matcher({"templateAlias": "t"})],
    )
    created = cupi._cupi_request(path, {"templateAlias": "t"}, {"pkid": ID}, "POST")
    assert (created["success"], created["response"]) == (True, ID)
    assert created["message"].endswith(f", POST {path}: created {ID}.")


@pytest.mark.parametrize("body", ["", "OK", f"/vmrest/handlers/{ID}", "/vmrest/users/7", b"\xff"])
def test_a_creation_without_the_id_of_a_user_is_unreadable(
    cupi: CUPI, wire: responses.RequestsMock, body: str | bytes
) -> None:
    wire.post(f"{URL}/users", status=201, body=body)
    failure = failure_of(cupi.request, "users", http_method="POST")
    assert failure.reason is Reason.UNREADABLE
    assert "may have been made all the same" in failure.message


@pytest.mark.parametrize("http_method", ["PUT", "DELETE"])
@pytest.mark.parametrize(("status", "body"), [(204, ""), (200, ""), (200, "<html>Sign in</html>")])
def test_a_change_is_confirmed_by_an_empty_body(
    cupi: CUPI, wire: responses.RequestsMock, http_method: str, status: int, body: str
) -> None:
    wire.add(http_method, f"{URL}/users/{ID}", status=status, body=body)
    result = cupi._cupi_request(f"users/{ID}", http_method=http_method)
    assert result["success"] is not bool(body)


@pytest.mark.parametrize("body", [b"", b"<html>Sign in</html>", b"[]", b'{"version": 7}', b"{}"])
def test_a_version_that_is_none_is_unreadable(
    cupi: CUPI, wire: responses.RequestsMock, body: bytes
) -> None:
    wire.get(f"{URL}/version/product/", body=body)
    assert failure_of(cupi.get_version).reason is Reason.UNREADABLE


# Errors.

TOMCAT = "<html><body><h1>HTTP Status 500</h1><b>Exception:</b><pre>at x</pre></body></html>"
IN_JSON = '{"errors": {"code": "NOT_HAPPY", "message": "I would  rather\\nnot."}}'
IN_XML = (
    "<ErrorDetails><errors><code>NOT_HAPPY</code><message>I would  rather\nnot.</message></errors>"
    "</ErrorDetails>"
)


@pytest.mark.parametrize(
    "body",
    [
        IN_JSON, IN_XML,
        '{"errors": [{"code": "NOT_HAPPY", "message": "I would rather not."}, {"code": "X"}]}',
    ],
)
@pytest.mark.parametrize("status", [400, 404, 405, 409, 415])
def test_an_error_is_told_with_its_code_and_message_whichever_way_it_is_written(
    cupi: CUPI, wire: responses.RequestsMock, status: int, body: str
) -> None:
    wire.post(f"{URL}/import/users/ldap", status=status, body=body)
    failure = failure_of(cupi.request, "import/users/ldap", payload={}, http_method="POST")
    assert (failure.code, failure.failure_codes) == ("cuc_refused", ("NOT_HAPPY",))
    assert failure.message == (
        "Unity Connection at 127.0.0.1:4444, POST import/users/ldap: NOT_HAPPY (status "
        f'{status}). It says: "I would rather not."'
    )


@pytest.mark.parametrize(
    ("status", "reason", "said"),
    [
        (302, Reason.UNEXPECTED_STATUS, "redirects elsewhere"),
        (400, Reason.UNEXPECTED_STATUS, "(status 400). Check that CUC_HOSTNAME and CUC_PORT"),
        (401, Reason.REFUSED_CREDENTIALS, "Check CUC_USERNAME and CUC_PASSWORD"),
        (403, Reason.REFUSED_CREDENTIALS, "what that account is allowed to do"),
        (404, Reason.UNEXPECTED_STATUS, "(status 404)"),
        (429, Reason.BUSY, "too many requests"),
        (500, Reason.SERVER_ERROR, "(status 500)"),
    ],
)
@pytest.mark.parametrize(
    ("body", "kind"),
    [("", "text/plain"), (TOMCAT, "text/html;charset=utf-8"), (TOMCAT, "application/json"),
     ("<html><code>x</code></html>", "text/html"), ("<html><code>x</code></html>", "text/xml"),
     ("{", "application/json")],
)
def test_a_status_alone_is_a_failure_in_words(
    cupi: CUPI, wire: responses.RequestsMock,
    status: int, reason: Reason, said: str, body: str, kind: str,
) -> None:
    wire.get(f"{URL}/users", body=body, status=status, content_type=kind)
    failure = failure_of(cupi.request, "users")
    assert (failure.reason, failure.failure_codes) == (reason, ())
    assert said in failure.message
    assert "It says" not in failure.message


@pytest.mark.parametrize("status", [400, 404])
def test_a_change_that_is_refused_without_a_word_is_refused(
    cupi: CUPI, wire: responses.RequestsMock, status: int
) -> None:
    wire.post(f"{URL}/import/users/ldap", status=status, body=TOMCAT, content_type="text/html")
    failure = failure_of(cupi.request, "import/users/ldap", http_method="POST")
    assert failure.reason is Reason.REFUSED
    assert failure.message.endswith(f": it refuses this (status {status}).")


@pytest.mark.parametrize(("status", "reason"), [(401, Reason.REFUSED_CREDENTIALS),
                                                (403, Reason.REFUSED_CREDENTIALS)])
def test_that_credentials_are_refused_holds_whatever_comes_with_it(
    cupi: CUPI, status: int, reason: Reason
) -> None:
    answer = Answer(Call("PUT", f"users/{ID}"), status, {}, IN_JSON.encode())
    assert failure_of(cupi._cupi_parse_response, answer).reason is reason


def test_an_error_of_its_own_is_told_with_what_it_says(
    cupi: CUPI, wire: responses.RequestsMock
) -> None:
    wire.put(f"{URL}/users/{ID}", status=500, body=IN_JSON)
    failure = failure_of(cupi.request, f"users/{ID}", http_method="PUT")
    assert (failure.code, failure.failure_codes) == ("cuc_server_error", ("NOT_HAPPY",))
    assert failure.message.endswith('before you try again. It says: "I would rather not."')


@pytest.mark.parametrize("body", ["", TOMCAT, IN_JSON])
@pytest.mark.parametrize(
    ("path", "word"),
    [(f"users/{ID}", "no_mailbox"), (PIN, "no_mailbox"),
     (f"usertemplates/{ID}", "no_such_object")],
)
def test_a_404_for_an_id_says_what_is_not_there(
    cupi: CUPI, wire: responses.RequestsMock, path: str, word: str, body: str
) -> None:
    wire.get(f"{URL}/{path}", status=404, body=body)
    assert failure_of(cupi.request, path).code == word


@pytest.mark.parametrize("status", [400, 500])
def test_a_server_without_ldap_is_told_by_its_word(
    cupi: CUPI, wire: responses.RequestsMock, status: int
) -> None:
    body = '{"errors": {"code": "X", "message": "LDAP_DIRECTORY_SYNCH_NOT_ACTIVATED"}}'
    wire.get(f"{URL}/import/users/ldap", status=status, body=body)
    failure = failure_of(cupi.request, "import/users/ldap")
    assert failure.code == "no_ldap_directory"
    assert "has no LDAP directory" in failure.message


def test_a_refusal_of_the_version_is_no_fault_of_the_caller(
    cupi: CUPI, wire: responses.RequestsMock
) -> None:
    wire.get(f"{URL}/version/product/", status=400, body=IN_JSON)
    failure = failure_of(cupi.get_version)
    assert (failure.code, failure.failure_codes) == ("cuc_server_error", ("NOT_HAPPY",))


def test_a_creation_that_is_answered_with_busy_is_not_sent_again(
    cupi: CUPI, wire: responses.RequestsMock
) -> None:
    wire.post(f"{URL}/import/users/ldap", status=503, body="Server Busy")
    failure = failure_of(cupi.request, "import/users/ldap", http_method="POST")
    assert failure.code == "cuc_busy"
    assert len(wire.calls) == 1


# PINs.


@pytest.mark.parametrize(
    "body",
    [
        '{"errors": {"code": "IMS_ERROR", "message": "Invalid credential 002468 given."}}',
        "<ErrorDetails><errors><code>IMS_ERROR</code><message>Invalid credential 002468 given."
        "</message></errors></ErrorDetails>",
    ],
)
def test_a_pin_that_is_refused_is_told_without_the_pin(
    cupi: CUPI, wire: responses.RequestsMock, caplog: pytest.LogCaptureFixture, body: str
) -> None:
    caplog.set_level(logging.DEBUG)
    payload = {"Credentials": "002468"}
    wire.put(
        f"{URL}/{PIN}", status=400, body=body, match=[matchers.json_params_matcher(payload)]
    )
    failure = failure_of(cupi.request, PIN, payload=payload, http_method="PUT")
    assert (failure.code, failure.failure_codes) == ("pin_refused", ("IMS_ERROR",))
    assert 'It says: "Invalid credential … given."' in failure.message
    assert "2468" not in failure.message + caplog.text


def test_an_unlocking_that_is_refused_is_no_matter_of_the_pin(
    cupi: CUPI, wire: responses.RequestsMock
) -> None:
    wire.put(f"{URL}/{PIN}", status=400, body=IN_JSON)
    payload = {"HackCount": "0", "TimeHacked": ""}
    assert failure_of(cupi.request, PIN, payload=payload, http_method="PUT").code == "cuc_refused"


def test_what_is_told_is_cut_and_printable(cupi: CUPI, wire: responses.RequestsMock) -> None:
    said = {"errors": {"code": "C\u0007", "message": "x" * 1000}}
    wire.put(f"{URL}/users/{ID}", status=400, json=said)
    failure = failure_of(cupi.request, f"users/{ID}", http_method="PUT")
    assert failure.failure_codes == ("C",)
    assert failure.message.endswith(f'"{"x" * 300}…"')
