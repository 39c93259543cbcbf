"""The CMS client: its requests, its answers as dictionaries, and its failure codes in words."""

import string
import time
from typing import Any

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st
from responses import matchers
from support.facts import CMS_URL
from support.failures import failure_of

from flaskr.cms.v1.cms import CMS
from flaskr.rest.v1.calls import Answer, Call
from flaskr.rest.v1.paging import Entry
from flaskr.result import Failure, Outcome, Reason

GUID = "b449de90-9dc5-4bed-9c65-a09a321d2bd9"


def nothing(entry: Entry) -> bool:
    return False


@pytest.fixture
def cms() -> CMS:
    return CMS("127.0.0.1", "apiuser", "0123", 4443)


def test_a_list_is_requested_with_its_parameters_and_returned_as_a_dictionary(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    wire.get(
        f"{CMS_URL}/coSpaces",
        body=f'<?xml version="1.0"?><coSpaces total="1"><coSpace id="{GUID}">'
        "<name>Sales</name></coSpace></coSpaces>",
        match=[matchers.query_param_matcher({"offset": "10"})],
    )
    assert cms._cms_request("coSpaces", {"offset": 10}) == {
        "success": True,
        "message": "CMS at 127.0.0.1:4443, GET coSpaces: retrieved.",
        "response": {"coSpaces": {"@total": "1", "coSpace": [{"@id": GUID, "name": "Sales"}]}},
    }


def test_a_creation_returns_the_id_of_its_location_header(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    wire.post(f"{CMS_URL}/coSpaces", headers={"Location": f"/api/v1/coSpaces/{GUID}"})
    result = cms._cms_request("coSpaces", payload={"name": "Sales"}, http_method="POST")
    assert result == {
        "success": True,
        "message": f"CMS at 127.0.0.1:4443, POST coSpaces: created {GUID}.",
        "response": GUID,
    }


def test_the_location_of_a_creation_counts_whatever_stands_in_the_body(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    place = {"Location": f"/api/v1/coSpaces/{GUID}"}
    wire.post(f"{CMS_URL}/coSpaces", headers=place, body="<coSpace/>")
    assert cms.request("coSpaces", http_method="POST").response == GUID


def test_a_form_goes_out_in_utf_8_with_its_header(cms: CMS, wire: responses.RequestsMock) -> None:
    wire.put(
        f"{CMS_URL}/coSpaces/{GUID}",
        match=[
            matchers.urlencoded_params_matcher({"name": "Zoë & Söns <x>", "uri": "zoë.o'brien"}),
            matchers.header_matcher({"Content-Type": "application/x-www-form-urlencoded"}),
        ],
    )
    payload = {"name": "Zoë & Söns <x>", "uri": "zoë.o'brien"}
    assert cms._cms_request(f"coSpaces/{GUID}", payload=payload, http_method="PUT")["success"]


@pytest.mark.parametrize("http_method", ["PUT", "DELETE"])
@pytest.mark.parametrize("body", ["", " \r\n"])
def test_a_change_is_confirmed_by_an_empty_body(
    cms: CMS, wire: responses.RequestsMock, body: str, http_method: str
) -> None:
    wire.add(http_method, f"{CMS_URL}/coSpaces/{GUID}", body=body)
    result = cms._cms_request(f"coSpaces/{GUID}", http_method=http_method)
    assert (result["success"], result["response"]) == (True, "")


def test_a_query_that_is_posted_returns_its_answer(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    wire.post(f"{CMS_URL}/accessQuery", body="<accessQuery><uri>a@example.com</uri></accessQuery>")
    result = cms._cms_request("accessQuery", payload={"uri": "a"}, http_method="POST")
    assert result["response"] == {"accessQuery": {"uri": "a@example.com"}}


@pytest.mark.parametrize("status", [400, 404, 200])
def test_a_failure_code_is_explained_whatever_the_status(
    cms: CMS, wire: responses.RequestsMock, status: int
) -> None:
    body = '<?xml version="1.0"?><failureDetails><coSpaceDoesNotExist /></failureDetails>'
    wire.get(f"{CMS_URL}/coSpaces/{GUID}", body=body, status=status)
    failure = failure_of(cms.request, f"coSpaces/{GUID}")
    assert (failure.reason, failure.code) == (Reason.NO_SPACE, "no_space")
    assert failure.failure_codes == ("coSpaceDoesNotExist",)
    explained = f"coSpaceDoesNotExist: {cms.error_codes['coSpaceDoesNotExist'].explanation}"
    assert failure.message == f"CMS at 127.0.0.1:4443, GET coSpaces/{GUID}: {explained}"


def test_several_failure_codes_are_all_reported_with_their_parameters(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    body = (
        '<failureDetails><parameterError parameter="streamUrl" error="invalidValue" />'
        '<parameterError parameter="callId" error="tooLong" /><duplicateCoSpaceUri />'
        "</failureDetails>"
    )
    wire.post(f"{CMS_URL}/coSpaces", body=body, status=400)
    failure = failure_of(cms.request, "coSpaces", payload={"uri": "x"}, http_method="POST")
    assert failure.failure_codes == ("parameterError", "parameterError", "duplicateCoSpaceUri")
    assert failure.reason is Reason.BAD_PARAMETER
    for said in (
        "parameterError (parameter: streamUrl, error: invalidValue): ",
        "parameterError (parameter: callId, error: tooLong): ",
        "duplicateCoSpaceUri: ",
    ):
        assert said in failure.message


def test_the_first_code_with_a_reason_of_its_own_says_why(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    codes = "<invalidOperation/><duplicateCoSpaceId/><duplicateCoSpaceUri/>"
    wire.put(f"{CMS_URL}/x", body=f"<failureDetails>{codes}</failureDetails>", status=400)
    assert failure_of(cms.request, "x", http_method="PUT").reason is Reason.CALL_ID_TAKEN


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, Reason.REFUSED_CREDENTIALS), (403, Reason.REFUSED_CREDENTIALS),
        (429, Reason.BUSY), (503, Reason.BUSY), (500, Reason.URI_TAKEN),
    ],
)
def test_that_credentials_are_refused_or_cms_is_busy_holds_whatever_codes_come_with_it(
    cms: CMS, status: int, reason: Reason
) -> None:
    body = b"<failureDetails><duplicateCoSpaceUri/></failureDetails>"
    failure = failure_of(cms._cms_parse_response, Answer(Call("GET", "x"), status, {}, body))
    assert (failure.reason, failure.failure_codes) == (reason, ("duplicateCoSpaceUri",))


def test_an_unknown_failure_code_is_passed_on_by_name(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    wire.get(f"{CMS_URL}/x", body="<failureDetails><coSpaceOnFire/></failureDetails>", status=400)
    failure = failure_of(cms.request, "x")
    assert "coSpaceOnFire: The portal does not know this failure code." in failure.message
    assert (failure.reason, failure.failure_codes) == (Reason.REFUSED, ("coSpaceOnFire",))


def test_failure_details_without_a_code_are_a_failure_too(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    wire.get(f"{CMS_URL}/x", body="<failureDetails/>", status=400)
    assert failure_of(cms.request, "x").reason is Reason.REFUSED


@pytest.mark.parametrize(
    ("status", "reason", "said"),
    [
        (401, Reason.REFUSED_CREDENTIALS, "Check CMS_USERNAME and CMS_PASSWORD"),
        (403, Reason.REFUSED_CREDENTIALS, "what that account is allowed to do"),
        (404, Reason.UNEXPECTED_STATUS, "(status 404)"),
        (302, Reason.UNEXPECTED_STATUS, "redirects elsewhere"),
        (429, Reason.BUSY, "too many requests"),
        (500, Reason.SERVER_ERROR, "(status 500)"),
    ],
)
@pytest.mark.parametrize("body", ["", "<html><body>No", "failureDetails"])
def test_a_status_alone_is_a_failure_in_words(
    cms: CMS, wire: responses.RequestsMock, status: int, reason: Reason, said: str, body: str
) -> None:
    wire.get(f"{CMS_URL}/system/status", body=body, status=status)
    failure = failure_of(cms.request, "system/status")
    assert failure.reason is reason
    assert said in failure.message


@pytest.mark.parametrize(
    ("api_method", "word"),
    [(f"coSpaces/{GUID}", "no_space"), (f"users/{GUID}", "no_such_object"),
     (f"coSpaces/{GUID}/accessMethods/{GUID}", "no_such_object")],
)
def test_a_404_for_an_id_says_what_is_not_there(
    cms: CMS, wire: responses.RequestsMock, api_method: str, word: str
) -> None:
    wire.get(f"{CMS_URL}/{api_method}", status=404)
    assert failure_of(cms.request, api_method).code == word


@pytest.mark.parametrize(
    "body", ["", "OK", '{"a": 1}', "<html/>", "<coSpaces/>", "<status>", "<coSpace id='1'/>"]
)
@pytest.mark.parametrize("api_method", ["system/status", "users", f"callLegs/{GUID}"])
def test_an_answer_of_another_kind_is_unreadable(
    cms: CMS, wire: responses.RequestsMock, api_method: str, body: str
) -> None:
    wire.get(f"{CMS_URL}/{api_method}", body=body)
    failure = failure_of(cms.request, api_method)
    assert failure.reason is Reason.UNREADABLE
    assert "can't be read" in failure.message


def test_an_object_that_was_not_asked_for_is_unreadable(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    other = GUID.replace("b", "c")
    wire.get(f"{CMS_URL}/coSpaces/{GUID}", body=f'<coSpace id="{other}"/>')
    failure = failure_of(cms.request, f"coSpaces/{GUID}")
    assert failure.reason is Reason.UNREADABLE
    assert "it is about another object" in failure.message


@pytest.mark.parametrize("written", [f'<coSpace id="{GUID.upper()}"/>', "<coSpace/>"])
def test_an_object_need_not_repeat_its_id(
    cms: CMS, wire: responses.RequestsMock, written: str
) -> None:
    wire.get(f"{CMS_URL}/coSpaces/{GUID}", body=written)
    assert cms._cms_request(f"coSpaces/{GUID}")["success"]


@pytest.mark.parametrize("http_method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("body", ["<html>Sign in</html>", "OK", "{}"])
def test_a_change_that_is_not_confirmed_as_cms_does_it_may_or_may_not_have_happened(
    cms: CMS, wire: responses.RequestsMock, http_method: str, body: str
) -> None:
    wire.add(http_method, f"{CMS_URL}/coSpaces", body=body)
    failure = failure_of(cms.request, "coSpaces", http_method=http_method)
    assert failure.reason is Reason.UNREADABLE
    assert "look before you try again" in failure.message


@pytest.mark.parametrize("location", ["", "/api/v1/coSpaces/", "/api/v1/coSpaces/../users"])
def test_a_creation_without_an_id_is_unreadable(
    cms: CMS, wire: responses.RequestsMock, location: str
) -> None:
    wire.post(f"{CMS_URL}/coSpaces", headers={"Location": location} if location else {})
    failure = failure_of(cms.request, "coSpaces", http_method="POST")
    assert failure.reason is Reason.UNREADABLE


ODD_LOCATIONS = [
    "/api/v1/coSpaces/{}, /api/v1/coSpaces/{}", "/api/v1/coSpaces/\x01/{}", "\xff/{}",
    "https://[::1/{}", "/api/v1/coSpaces?x=/{}", "/api/v1/coSpaces#/{}", "/api/v1/co Spaces/{}",
    "javascript:/{}", "/api/v1/users/{}", "/{}", "{}",
]


@pytest.mark.parametrize("location", ODD_LOCATIONS)
def test_a_location_that_is_no_place_of_a_new_object_is_unreadable(
    cms: CMS, location: str
) -> None:
    call = Call("POST", "coSpaces")
    headers = {"Location": location.format(GUID, GUID)}
    failure = failure_of(cms._cms_parse_response, Answer(call, 200, headers, b""))
    assert failure.reason is Reason.UNREADABLE


@pytest.mark.parametrize(
    "location",
    ["/api/v1/coSpaces/{}/", "https://cms.example.com:445/api/v1/coSpaces/{}", "coSpaces/{}",
     "/cms/api/v1/COSPACES/{}"],
)
def test_a_location_may_be_worded_in_several_ways(cms: CMS, location: str) -> None:
    call = Call("POST", "cospaces/")
    answer = Answer(call, 200, {"Location": location.format(GUID)}, b"")
    assert cms._cms_parse_response(answer).response == GUID


BODIES = st.binary(max_size=60) | st.sampled_from(
    [b"", b"<coSpace/>", b"<coSpaces/>", b"<coSpace id=''/>", b"<coSpace><id/></coSpace>",
     b"<failureDetails/>", b"<failureDetails>x</failureDetails>", b"<failureDetails",
     b"<failureDetails><a b=''/><a>1</a><a><c/></a></failureDetails>"]
)


@given(
    http_method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]),
    api_method=st.sampled_from(["coSpaces", f"coSpaces/{GUID}", "/", ""]),
    status=st.integers(200, 999),
    location=st.none() | st.text(st.characters(max_codepoint=255)) | st.text(string.punctuation),
    body=BODIES,
)
def test_whatever_cms_answers_comes_out_as_a_success_or_an_explained_failure(
    http_method: str, api_method: str, status: int, location: str | None, body: bytes
) -> None:
    headers = {} if location is None else {"Location": location}
    answer = Answer(Call(http_method, api_method), status, headers, body)
    came_out: Outcome | Failure
    try:
        came_out = CMS("127.0.0.1", "apiuser", "0123")._cms_parse_response(answer)
    except Failure as failure:
        came_out = failure
        assert isinstance(failure.reason, Reason)
    assert came_out.message.startswith("CMS at 127.0.0.1:443, ")


def test_the_version_is_the_software_version_of_the_system_status(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    body = "<status><hostId>1</hostId><softwareVersion>3.9.2</softwareVersion></status>"
    wire.get(f"{CMS_URL}/system/status", body=body)
    assert cms.get_version() == "3.9.2"


@pytest.mark.parametrize(
    "body",
    ["<status/>", "<status><softwareVersion/></status>",
     "<status><softwareVersion a='1'>3.9</softwareVersion></status>"],
)
def test_a_status_without_a_version_is_unreadable(
    cms: CMS, wire: responses.RequestsMock, body: str
) -> None:
    wire.get(f"{CMS_URL}/system/status", body=body)
    assert failure_of(cms.get_version).reason is Reason.UNREADABLE


@pytest.mark.parametrize(
    ("status", "word"),
    [(400, "cms_server_error"), (401, "cms_refused_credentials"), (503, "cms_busy")],
)
def test_a_failure_code_for_the_version_is_the_servers_fault_unless_the_status_says_more(
    cms: CMS, wire: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch, status: int,
    word: str,
) -> None:
    monkeypatch.setattr("flaskr.rest.v1.attempts.PAUSES", ())
    body = "<failureDetails><parameterError/></failureDetails>"
    wire.get(f"{CMS_URL}/system/status", status=status, body=body)
    failure = failure_of(cms.get_version)
    assert (failure.code, failure.failure_codes) == (word, ("parameterError",))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<coSpaces/>", "gives no total"),
        ('<coSpaces total=""/>', "gives no total"),
        ('<coSpaces total="many"/>', "gives no total"),
        ('<coSpaces total="-1"/>', "gives no total"),
        ('<coSpaces total="0"><coSpace id="1"/></coSpaces>', "more entries than its total of 0"),
        ('<coSpaces total="1"><coSpace/></coSpaces>', "an entry without an ID"),
        ('<coSpaces total="7"/>', "promises 7 entries and ends after 0"),
    ],
)
def test_a_list_that_contradicts_itself_is_unreadable(
    cms: CMS, wire: responses.RequestsMock, body: str, said: str
) -> None:
    wire.get(f"{CMS_URL}/coSpaces", body=body)
    failure = failure_of(cms.search, "coSpaces", {}, nothing)
    assert failure.reason is Reason.UNREADABLE
    assert said in failure.message


def test_a_later_page_that_holds_more_than_the_total_is_unreadable(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    for offset, entries in ((0, '<coSpace id="1"/>'), (1, '<coSpace id="2"/><coSpace id="3"/>')):
        query = matchers.query_param_matcher({"offset": str(offset)})
        body = f'<coSpaces total="2">{entries}</coSpaces>'
        wire.get(f"{CMS_URL}/coSpaces", body=body, match=[query])
    failure = failure_of(cms.search, "coSpaces", {}, nothing)
    assert failure.reason is Reason.UNREADABLE
    assert "more entries than its total of 2" in failure.message


def test_a_page_that_fails_is_the_failure_of_the_search(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    wire.get(f"{CMS_URL}/coSpaces", status=401)
    failure = failure_of(cms.search, "coSpaces", {}, nothing)
    assert failure.reason is Reason.REFUSED_CREDENTIALS


def test_a_list_that_never_holds_still_is_unsteady(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    for number in range(40):
        entries = f'<coSpace id="{number}"/>'
        wire.get(f"{CMS_URL}/coSpaces", body=f'<coSpaces total="2">{entries}</coSpaces>')
    wire.assert_all_requests_are_fired = False
    failure = failure_of(cms.search, "coSpaces", {}, nothing)
    assert failure.reason is Reason.LIST_UNSTEADY
    assert "kept changing" in failure.message


def test_a_list_that_takes_too_long_has_timed_out(wire: responses.RequestsMock) -> None:
    cms = CMS("127.0.0.1", "apiuser", "0123", 4443, timeout=0.01)

    def answer(request: object) -> tuple[int, dict[str, str], str]:
        time.sleep(0.05)
        return 200, {}, f'<coSpaces total="2"><coSpace id="{GUID}"/></coSpaces>'

    wire.add_callback("GET", f"{CMS_URL}/coSpaces", answer)
    failure = failure_of(cms.search, "coSpaces", {}, nothing)
    assert failure.code == "cms_timed_out"
    assert "not at its end after 1 pages, in 3 times the 0.01 s" in failure.message


def two_pages(wire: responses.RequestsMock) -> None:
    for number in range(2):
        wire.get(
            f"{CMS_URL}/coSpaces",
            body=f'<coSpaces total="2"><coSpace id="{number}"/></coSpaces>',
            match=[matchers.query_param_matcher({"filter": "a", "offset": str(number)})],
        )


def test_the_entries_of_a_list_are_those_of_all_its_pages(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    two_pages(wire)
    assert list(cms.entries("coSpaces", {"filter": "a"})) == [{"@id": "0"}, {"@id": "1"}]


def test_a_search_ends_with_the_page_that_has_what_is_wanted(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    two_pages(wire)
    found = cms.search("coSpaces", {"filter": "a"}, lambda entry: bool(entry["@id"] == "1"))
    assert found == {"@id": "1"}
    assert len(wire.calls) == 2


SECOND_URL = "https://localhost:4443/api/v1"


def page_of(number: int) -> str:
    return f'<coSpaces total="2"><coSpace id="{number}"/></coSpaces>'


@pytest.fixture
def cluster() -> CMS:
    return CMS("127.0.0.1,localhost", "apiuser", "0123", 4443, parallel=1)


def test_a_list_is_read_at_one_place_though_the_rest_of_another_ends_meanwhile(
    cluster: CMS, wire: responses.RequestsMock
) -> None:
    first, second = cluster.places
    cluster._turns.failed(first)

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        cluster._turns.succeeded(first)
        return 200, {}, page_of(int(request.params["offset"]))

    wire.add_callback("GET", f"{SECOND_URL}/coSpaces", answer)
    assert len(list(cluster.entries("coSpaces"))) == 2
    assert cluster._turns.order() == [first, second]
    assert len(wire.calls) == 4


def test_a_list_is_read_on_at_the_next_place_where_one_fails_in_the_middle(
    cluster: CMS, wire: responses.RequestsMock
) -> None:
    wire.get(f"{CMS_URL}/coSpaces", body=page_of(0))
    wire.get(f"{CMS_URL}/coSpaces", status=500)
    for number in (1, 0, 1):
        wire.get(f"{SECOND_URL}/coSpaces", body=page_of(number))
    assert [entry["@id"] for entry in cluster.entries("coSpaces")] == ["0", "1"]


def test_a_failure_code_is_told_though_the_other_places_failed_too(
    cluster: CMS, wire: responses.RequestsMock
) -> None:
    details = "<failureDetails><databaseNotReady/></failureDetails>"
    wire.get(f"{CMS_URL}/coSpaces", status=500)
    wire.get(f"{SECOND_URL}/coSpaces", status=503, body=details, headers={"Retry-After": "99"})
    failure = failure_of(cluster.request, "coSpaces")
    assert (failure.code, failure.failure_codes) == ("cms_busy", ("databaseNotReady",))
    assert failure.message.startswith("CMS at localhost:4443, GET coSpaces: databaseNotReady: ")
    assert failure.message.endswith("Also failed: 127.0.0.1:4443 (server error).")


def test_who_needs_no_further_entry_closes_the_list(wire: responses.RequestsMock) -> None:
    wire.get(f"{CMS_URL}/coSpaces", body='<coSpaces total="2"><coSpace id="0"/></coSpaces>')
    entries = CMS("127.0.0.1", "apiuser", "0123", 4443, parallel=1).entries("coSpaces")
    assert next(entries) == {"@id": "0"}
    entries.close()
    assert list(entries) == []
    assert len(wire.calls) == 1


def test_a_list_that_fails_after_some_entries_is_a_failure(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    wire.get(f"{CMS_URL}/coSpaces", body='<coSpaces total="2"><coSpace id="0"/></coSpaces>')
    wire.get(f"{CMS_URL}/coSpaces", body="<coSpaces/>")
    entries = cms.entries("coSpaces")
    assert next(entries) == {"@id": "0"}
    assert failure_of(next, entries).reason is Reason.UNREADABLE


@pytest.mark.parametrize(
    ("path", "word"),
    [
        (f"coSpaces/{GUID}", "no_space"),
        (f"/coSpaces/{GUID}/", "no_space"),
        (f"coSpaces/{GUID}/coSpaceUsers/{GUID}", "no_such_object"),
        (f"users/{GUID}", "no_such_object"),
        (f"coSpaces/{GUID}/coSpaceUsers", "cms_unexpected_status"),
        ("coSpaces", "cms_unexpected_status"),
    ],
)
def test_a_404_for_an_id_means_that_there_is_no_such_object(
    cms: CMS, path: str, word: str
) -> None:
    answer = Answer(Call("GET", path), 404, {}, b"")
    assert failure_of(cms._cms_parse_response, answer).code == word


@pytest.mark.parametrize(
    ("codes", "word"),
    [
        ("<duplicateCoSpaceUri/>", "uri_taken"),
        ("<duplicateCoSpaceId/>", "call_id_taken"),
        ("<coSpaceDoesNotExist/>", "no_space"),
        ("<passcodeTooShort/>", "passcode_too_short"),
        ("<parameterError/>", "bad_parameter"),
        ("<databaseNotReady/>", "cms_busy"),
        ("<unrecognisedObject/>", "cms_not_supported"),
        ("<invalidOperation/>", "cms_refused"),
        ("<new/>", "cms_refused"),
        ("", "cms_refused"),
        ("<invalidOperation/><new/><duplicateCoSpaceId/><parameterError/>", "call_id_taken"),
    ],
)
def test_the_first_failure_code_with_a_reason_of_its_own_says_what_happened(
    cms: CMS, codes: str, word: str
) -> None:
    body = f"<failureDetails>{codes}</failureDetails>".encode()
    answer = Answer(Call("POST", "coSpaces"), 400, {}, body)
    assert failure_of(cms._cms_parse_response, answer).code == word


@pytest.mark.parametrize(
    ("status", "word"),
    [(401, "cms_refused_credentials"), (403, "cms_refused_credentials"), (503, "cms_busy"),
     (429, "cms_busy"), (500, "uri_taken"), (404, "uri_taken")],
)
def test_what_a_status_says_of_us_or_of_load_holds_whatever_the_failure_codes(
    cms: CMS, status: int, word: str
) -> None:
    body = b"<failureDetails><duplicateCoSpaceUri/></failureDetails>"
    answer = Answer(Call("POST", "coSpaces"), status, {}, body)
    failure = failure_of(cms._cms_parse_response, answer)
    assert (failure.code, failure.failure_codes) == (word, ("duplicateCoSpaceUri",))


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ({"body": "<failureDetails><parameterError/></failureDetails>"}, "cms_server_error"),
        ({"body": "<failureDetails><invalidOperation/></failureDetails>"}, "cms_server_error"),
        ({"body": "<failureDetails><databaseNotReady/></failureDetails>"}, "cms_busy"),
        ({"body": "<failureDetails><new/></failureDetails>", "status": 401},
         "cms_refused_credentials"),
        ({"status": 404}, "cms_unexpected_status"),
    ],
)
def test_what_goes_wrong_with_the_version_is_no_fault_of_the_caller(
    cms: CMS, wire: responses.RequestsMock, answer: dict[str, Any], word: str
) -> None:
    wire.get(f"{CMS_URL}/system/status", **answer)
    assert failure_of(cms.get_version).code == word


def test_a_later_page_that_goes_beyond_the_total_is_unreadable(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    for number, total in enumerate((2, 1)):
        body = f'<coSpaces total="{total}"><coSpace id="{number}"/></coSpaces>'
        wire.get(f"{CMS_URL}/coSpaces", body=body)
    failure = failure_of(cms.search, "coSpaces", {}, nothing)
    assert "the list coSpaces holds more entries than its total of 1" in failure.message
