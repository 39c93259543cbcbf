"""The namespace cms over mocked servers: what is sent to CMS and CUCM, and what comes of it."""

from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

import pytest
import requests
import responses
from flask import Flask
from flask.testing import FlaskClient
from responses import matchers
from support.facts import CMS_URL, SETTINGS_OF_TESTS, UDS_URL

from flaskr import create_app
from flaskr.api.v1 import cms as cms_api
from flaskr.cms.v1.spaces import LAYOUTS

GUID = "b449de90-9dc5-4bed-9c65-a09a321d2bd9"
OTHER = "581caae0-420a-43df-9a9e-f690c70e12d3"
SPACE = "/api/v1/cms/spaces/pod6user1"


def space_list(*spaces: dict[str, str], total: int | None = None) -> str:
    entries = "".join(
        f'<coSpace id="{space.get("id", OTHER)}"><name>n</name>'
        + "".join(f"<{key}>{escape(value)}</{key}>" for key, value in space.items() if key != "id")
        + "</coSpace>"
        for space in spaces
    )
    return f'<coSpaces total="{len(spaces) if total is None else total}">{entries}</coSpaces>'


def user_list(**fields: str) -> str:
    inner = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in fields.items())
    return f'<users totalCount="1"><user>{inner}</user></users>'


def failure_details(code: str) -> str:
    return f'<?xml version="1.0"?><failureDetails><{code} /></failureDetails>'


@pytest.fixture
def known_space(wire: responses.RequestsMock) -> responses.RequestsMock:
    """Have CMS list the Space of pod6user1 when it is asked for."""
    wire.get(
        f"{CMS_URL}/coSpaces",
        body=space_list({"uri": "pod6user10"}, {"id": GUID, "uri": "pod6user1"}),
        match=[matchers.query_param_matcher({"filter": "pod6user1", "offset": "0"})],
    )
    return wire


@pytest.fixture
def known_user(wire: responses.RequestsMock) -> responses.RequestsMock:
    wire.get(
        f"{UDS_URL}/users",
        body=user_list(userName="pod6user1", displayName="Pod6 User1", phoneNumber="6001"),
        match=[matchers.query_param_matcher({"username": "pod6user1"})],
    )
    return wire


@pytest.fixture
def own_space(
    known_space: responses.RequestsMock, known_user: responses.RequestsMock
) -> responses.RequestsMock:
    """Have CMS answer the Space of pod6user1 whole, and CUCM the user."""
    answer_space(known_space, uri="pod6user1")
    return known_space


def answer_space(wire: responses.RequestsMock, **fields: str) -> None:
    """Have CMS answer one Space whole."""
    inner = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in fields.items())
    wire.get(f"{CMS_URL}/coSpaces/{GUID}", body=f'<coSpace id="{GUID}">{inner}</coSpace>')


def sent_to_cms(wire: responses.RequestsMock) -> dict[str, str]:
    """Return the form of the last request to CMS."""
    body = wire.calls[-1].request.body or ""
    return dict(parse_qsl(str(body), keep_blank_values=True))


def test_the_version_is_a_bare_json_string(
    client: FlaskClient, wire: responses.RequestsMock
) -> None:
    body = "<status><softwareVersion>3.9.2</softwareVersion></status>"
    wire.get(f"{CMS_URL}/system/status", body=body)
    answer = client.get("/api/v1/cms/version")
    assert (answer.status_code, answer.get_json()) == (200, "3.9.2")


def test_a_space_is_retrieved_by_user_id(
    client: FlaskClient, known_space: responses.RequestsMock
) -> None:
    known_space.get(
        f"{CMS_URL}/coSpaces/{GUID}",
        body=f'<coSpace id="{GUID}"><name>Söns &amp; Co</name><uri>pod6user1</uri></coSpace>',
    )
    answer = client.get(SPACE)
    assert answer.status_code == 200
    assert answer.get_json() == {
        "success": True,
        "message": f"CMS at 127.0.0.1:4443, GET coSpaces/{GUID}: retrieved.",
        "response": {"coSpace": {"@id": GUID, "name": "Söns & Co", "uri": "pod6user1"}},
    }


@pytest.mark.parametrize(
    ("space", "matches"),
    [
        ({"uri": "pod6user1"}, True),
        ({"secondaryUri": "pod6user1"}, True),
        ({"uri": "POD6USER1"}, True),
        ({"uri": "else", "secondaryUri": "Pod6User1"}, True),
        ({"uri": "pod6user10", "secondaryUri": "6001"}, False),
        ({"name": "pod6user1"}, False),
        ({}, False),
        ({"uri": "", "secondaryUri": ""}, False),
    ],
)
def test_a_space_matches_by_uri_or_secondary_uri_whatever_the_case(
    space: dict[str, str], matches: bool
) -> None:
    spaces = [{"@id": OTHER}, {"@id": GUID, **space}]
    assert cms_api.match_space_uri(spaces, "pod6USER1") == (GUID if matches else None)


@pytest.mark.parametrize(
    ("userid", "uri"),
    [
        ("\u212aate", "kate"), ("kate", "\u212aate"), ("\u017foens", "soens"),
        ("\u0130an", "i\u0307an"), ("\ufb01n", "fin"), ("\uff4bate", "kate"), ("a\u037e", "a;"),
    ],
)
def test_no_letter_outside_ascii_is_taken_for_one_in_ascii(userid: str, uri: str) -> None:
    for name in ("uri", "secondaryUri"):
        assert cms_api.match_space_uri([{"@id": GUID, name: uri}], userid) is None


@pytest.mark.parametrize("userid", ["zo\u00eb", "zoe\u0308", "ZO\u00cb", "ZOE\u0308"])
def test_case_and_form_of_letters_with_accents_do_not_count(userid: str) -> None:
    for uri in ("zo\u00eb", "zoe\u0308"):
        assert cms_api.match_space_uri([{"@id": GUID, "uri": uri}], userid) == GUID


def test_a_uri_goes_before_a_secondary_uri_whatever_the_order() -> None:
    spaces = [{"@id": OTHER, "secondaryUri": "lee"}, {"@id": GUID, "uri": "lee"}]
    assert cms_api.match_space_uri(spaces, "lee") == GUID
    assert cms_api.match_space_uri(spaces[::-1], "lee") == GUID


def list_in_pages(wire: responses.RequestsMock, *spaces: dict[str, str]) -> None:
    """Have CMS list these Spaces, one a page."""
    for offset, space in enumerate(spaces):
        wire.get(
            f"{CMS_URL}/coSpaces",
            body=space_list(space, total=len(spaces)),
            match=[matchers.query_param_matcher({"filter": "pod6user1", "offset": str(offset)})],
        )


def test_a_uri_goes_before_a_secondary_uri_on_an_earlier_page(
    client: FlaskClient, wire: responses.RequestsMock, known_user: responses.RequestsMock
) -> None:
    list_in_pages(
        wire,
        {"id": OTHER, "uri": "desk", "secondaryUri": "pod6user1"},
        {"id": GUID, "uri": "pod6user1"},
    )
    answer_space(wire, uri="pod6user1")
    wire.delete(f"{CMS_URL}/coSpaces/{GUID}")
    assert client.delete(SPACE).status_code == 200


def test_a_secondary_uri_is_the_users_where_the_whole_list_has_no_such_uri(
    client: FlaskClient, wire: responses.RequestsMock, known_user: responses.RequestsMock
) -> None:
    list_in_pages(
        wire,
        {"id": GUID, "uri": "desk", "secondaryUri": "pod6user1"},
        {"id": OTHER, "uri": "pod6user10"},
    )
    answer_space(wire, uri="desk", secondaryUri="pod6user1")
    wire.delete(f"{CMS_URL}/coSpaces/{GUID}")
    assert client.delete(SPACE).status_code == 200


def test_a_space_that_is_found_by_uri_ends_the_search(
    app: Flask, wire: responses.RequestsMock
) -> None:
    wire.get(f"{CMS_URL}/coSpaces", body=space_list({"id": GUID, "uri": "pod6user1"}, total=90))
    with app.app_context():
        assert cms_api.get_coSpace_id("pod6user1")["response"] == GUID
    assert len(wire.calls) == 1


@pytest.mark.parametrize(
    ("userid", "kept", "filters"),
    [
        ("zoe\u0308.o'brien", "zo\u00eb.o'brien", ["zo\u00eb.o'brien"]),
        ("zo\u00eb.o'brien", "zoe\u0308.o'brien", ["zo\u00eb.o'brien", ".o'brien"]),
        ("ZO\u00cb", "zo\u00cb", ["zo\u00eb", "zo"]),
        ("\u00eb", "e\u0308", ["\u00eb", None]),
    ],
)
def test_a_space_is_found_in_whichever_form_cms_keeps_and_compares_letters_outside_ascii(
    app: Flask,
    wire: responses.RequestsMock,
    userid: str,
    kept: str,
    filters: list[str | None],
) -> None:
    asked: list[str | None] = []

    def answer(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        wanted = dict(parse_qsl(urlsplit(str(request.url)).query)).get("filter")
        asked.append(wanted)
        found = wanted is None or wanted in kept
        return 200, {}, space_list(*[{"id": GUID, "uri": kept}] * found)

    wire.add_callback("GET", f"{CMS_URL}/coSpaces", answer)
    with app.app_context():
        assert cms_api.get_coSpace_id(userid)["response"] == GUID
    assert asked == filters


@pytest.mark.parametrize(
    "userid", ["Pod6User1", "zoë.o'brien", "Söns & Co <x>", "+1 408", "a%b?c#d"]
)
def test_any_user_id_is_looked_up_as_it_is_in_lower_case(
    app: Flask, wire: responses.RequestsMock, userid: str
) -> None:
    wire.get(
        f"{CMS_URL}/coSpaces",
        body=space_list({"id": GUID, "uri": userid.lower()}),
        match=[matchers.query_param_matcher({"filter": userid.lower(), "offset": "0"})],
    )
    with app.app_context():
        assert cms_api.get_coSpace_id(userid)["response"] == GUID


def test_no_space_is_404_with_the_user_id_in_the_sentence(
    client: FlaskClient, wire: responses.RequestsMock
) -> None:
    wire.get(f"{CMS_URL}/coSpaces", body=space_list({"uri": "pod6user10"}))
    answer = client.delete(SPACE)
    assert answer.status_code == 404
    assert answer.get_json() == {
        "success": False,
        "message": 'There is no Space for the user ID "pod6user1": no Space has it as its uri or '
        "secondaryUri. To create one, send POST.",
        "response": "",
        "error": {
            "code": "no_space",
            "failureCodes": [],
            "retry": False,
            "request": answer.headers["X-Request-ID"],
        },
    }


def test_an_id_that_is_no_guid_never_becomes_part_of_a_path(
    client: FlaskClient, wire: responses.RequestsMock
) -> None:
    wire.get(f"{CMS_URL}/coSpaces", body=space_list({"id": "../users", "uri": "pod6user1"}))
    assert client.delete(SPACE).status_code == 502
    assert len(wire.calls) == 1


def test_a_space_that_is_gone_meanwhile_is_404(
    client: FlaskClient, own_space: responses.RequestsMock
) -> None:
    body = failure_details("coSpaceDoesNotExist")
    own_space.put(f"{CMS_URL}/coSpaces/{GUID}", body=body, status=400)
    answer = client.put(SPACE, data={"name": "New"})
    assert answer.status_code == 404
    assert "coSpaceDoesNotExist: " in answer.get_json()["message"]


def test_a_space_is_created_from_what_cucm_says_about_the_user(
    client: FlaskClient, known_user: responses.RequestsMock
) -> None:
    known_user.post(f"{CMS_URL}/coSpaces", headers={"Location": f"/api/v1/coSpaces/{GUID}"})
    answer = client.post(SPACE)
    assert answer.status_code == 200
    assert answer.get_json()["response"] == GUID
    assert GUID in answer.get_json()["message"]
    assert sent_to_cms(known_user) == {
        "name": "Pod6 User1's Space",
        "uri": "pod6user1",
        "secondaryUri": "6001",
        "cdrTag": "pod6user1",
    }


@pytest.mark.parametrize(
    ("user", "space"),
    [
        (
            {"displayName": "", "firstName": "Zoë", "lastName": "O'Brien", "phoneNumber": ""},
            {"name": "Zoë O'Brien's Space", "uri": "pod6user1"},
        ),
        ({"lastName": "Lee"}, {"name": "Lee's Space", "uri": "pod6user1"}),
        ({}, {"name": "pod6user1's Space", "uri": "pod6user1"}),
        (
            {"displayName": "Söns & Co <x>", "phoneNumber": "+1 408"},
            {"name": "Söns & Co <x>'s Space", "uri": "pod6user1", "secondaryUri": "+1408"},
        ),
        ({"phoneNumber": "pod6.user1"}, {"name": "pod6user1's Space", "uri": "pod6user1"}),
        ({"phoneNumber": "\u2212 (-)"}, {"name": "pod6user1's Space", "uri": "pod6user1"}),
        ({"phoneNumber": "POD6user1"}, {"name": "pod6user1's Space", "uri": "pod6user1"}),
    ],
)
def test_what_cucm_lacks_is_made_up_for_or_left_out(
    client: FlaskClient,
    wire: responses.RequestsMock,
    user: dict[str, str],
    space: dict[str, str],
) -> None:
    wire.get(f"{UDS_URL}/users", body=user_list(userName="pod6user1", **user))
    wire.post(f"{CMS_URL}/coSpaces", headers={"Location": f"/api/v1/coSpaces/{GUID}"})
    assert client.post(SPACE).status_code == 200
    assert sent_to_cms(wire) == {**space, "cdrTag": "pod6user1"}


@pytest.mark.parametrize(
    "written",
    [
        "+1 408 555 0101",
        "+1 (408) 555-0101",
        "+1.408.555.0101",
        "[+1] {408} 5550101",
        "+1\u00a0408\u2009555\u202f0101",
        "+1\u2010408\u2011555\u20130101",
        "+1\u2212408\u2014555\u30000101",
        "\u202a+1 408 555\u00ad0101\u202c",
        "+1\uff08408\uff09555\uff0d0101",
        "+1\t408\u200b555\u00b70101",
    ],
)
def test_a_telephone_number_loses_what_people_write_between_its_digits(
    client: FlaskClient, wire: responses.RequestsMock, written: str
) -> None:
    wire.get(f"{UDS_URL}/users", body=user_list(userName="pod6user1", phoneNumber=written))
    wire.post(f"{CMS_URL}/coSpaces", headers={"Location": f"/api/v1/coSpaces/{GUID}"})
    assert client.post(SPACE).status_code == 200
    assert sent_to_cms(wire)["secondaryUri"] == "+14085550101"


def test_arguments_override_what_cucm_says_and_empty_ones_leave_it_out(
    client: FlaskClient, known_user: responses.RequestsMock
) -> None:
    known_user.post(f"{CMS_URL}/coSpaces", headers={"Location": f"/api/v1/coSpaces/{GUID}"})
    arguments = {"name": "Mine", "secondaryUri": "", "callId": "123", "defaultLayout": "allEqual"}
    assert client.post(SPACE, data=arguments).status_code == 200
    assert sent_to_cms(known_user) == {
        "name": "Mine", "uri": "pod6user1", "callId": "123", "defaultLayout": "allEqual",
        "cdrTag": "pod6user1",
    }


def test_the_uri_is_the_user_id_as_cucm_writes_it(
    client: FlaskClient, wire: responses.RequestsMock
) -> None:
    wire.get(f"{UDS_URL}/users", body=user_list(userName="Pod6User1"))
    wire.post(f"{CMS_URL}/coSpaces", headers={"Location": f"/api/v1/coSpaces/{GUID}"})
    client.post(SPACE)
    assert sent_to_cms(wire)["uri"] == "Pod6User1"


def test_a_user_whom_cucm_does_not_have_gets_no_space(
    client: FlaskClient, wire: responses.RequestsMock
) -> None:
    wire.get(f"{UDS_URL}/users", body='<users totalCount="0"/>')
    answer = client.post(SPACE)
    assert answer.status_code == 404
    assert answer.get_json()["message"] == 'CUCM has no user with the ID "pod6user1".'


@pytest.mark.parametrize(
    ("code", "status", "word"),
    [
        ("duplicateCoSpaceUri", 409, "uri_taken"),
        ("duplicateCoSpaceId", 409, "call_id_taken"),
        ("invalidOperation", 409, "cms_refused"),
        ("somethingNew", 409, "cms_refused"),
        ("parameterError", 400, "bad_parameter"),
        ("passcodeTooShort", 400, "passcode_too_short"),
        ("unrecognizedObject", 502, "cms_not_supported"),
        ("unrecognisedObject", 502, "cms_not_supported"),
        ("databaseNotReady", 503, "cms_busy"),
    ],
)
def test_failure_codes_have_true_statuses_and_words(
    client: FlaskClient, known_user: responses.RequestsMock, code: str, status: int, word: str
) -> None:
    known_user.post(f"{CMS_URL}/coSpaces", body=failure_details(code), status=400)
    if word == "uri_taken":
        known_user.get(f"{CMS_URL}/coSpaces", body=space_list())
    answer = client.post(SPACE)
    assert answer.status_code == status
    assert f"{code}: " in answer.get_json()["message"]
    assert answer.get_json()["error"] == {
        "code": word,
        "failureCodes": [code],
        "retry": False,
        "request": answer.headers["X-Request-ID"],
    }


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (requests.ConnectionError(ConnectionResetError()), 502),
        (requests.ReadTimeout(), 504),
    ],
)
def test_a_server_that_fails_is_told_with_a_true_status(
    client: FlaskClient, wire: responses.RequestsMock, error: Exception, status: int
) -> None:
    wire.get(f"{CMS_URL}/coSpaces", body=error)
    wire.get(f"{UDS_URL}/users", body=error)
    assert client.get(SPACE).status_code == status
    assert client.post(SPACE).status_code == status


MARKED = {"uri": "pod6user1", "cdrTag": "pod6user1"}


@pytest.mark.parametrize(
    ("there", "created"),
    [
        ({**MARKED, "name": "Pod6 User1's Space", "secondaryUri": "6001"}, True),
        ({**MARKED, "name": "Pod6 User1's Space"}, False),
        ({**MARKED, "name": "Older", "secondaryUri": "6001"}, False),
    ],
)
def test_a_creation_whose_answer_is_lost_is_claimed_only_if_all_is_as_asked_for(
    client: FlaskClient,
    known_user: responses.RequestsMock,
    known_space: responses.RequestsMock,
    there: dict[str, str],
    created: bool,
) -> None:
    known_user.post(f"{CMS_URL}/coSpaces", body=requests.ReadTimeout())
    fields = "".join(f"<{key}>{value}</{key}>" for key, value in there.items())
    known_space.get(
        f"{CMS_URL}/coSpaces/{GUID}", body=f'<coSpace id="{GUID}">{fields}</coSpace>'
    )
    answer = client.post(SPACE)
    assert answer.status_code == (200 if created else 504)
    assert GUID in answer.get_json()["message"]


@pytest.mark.parametrize(
    "body", ["<coSpace/>", "<coSpace>odd</coSpace>", "<coSpace><name/></coSpace>"]
)
def test_a_creation_whose_answer_is_lost_and_whose_space_is_odd_is_not_claimed(
    client: FlaskClient,
    known_user: responses.RequestsMock,
    known_space: responses.RequestsMock,
    body: str,
) -> None:
    known_user.post(f"{CMS_URL}/coSpaces", status=500)
    known_space.get(f"{CMS_URL}/coSpaces/{GUID}", body=body)
    answer = client.post(SPACE)
    assert answer.status_code == 502
    assert "is not as asked for" in answer.get_json()["message"]


def test_a_creation_whose_answer_is_lost_and_whose_space_is_not_there_says_so(
    client: FlaskClient, known_user: responses.RequestsMock
) -> None:
    known_user.post(f"{CMS_URL}/coSpaces", body=requests.ConnectionError(BrokenPipeError()))
    known_user.get(f"{CMS_URL}/coSpaces", body=space_list())
    answer = client.post(SPACE)
    assert answer.status_code == 502
    assert "The portal has looked: no Space has this uri now." in answer.get_json()["message"]


@pytest.mark.parametrize("http_method", ["POST", "PUT"])
@pytest.mark.parametrize("name", ["name", "uri", "secondaryUri", "passcode"])
@pytest.mark.parametrize(
    "blanks",
    [" ", "  ", "\u00a0", "\u2003\u202f", "\u3000", "\u2028", "\u200b", "\ufeff", "\u2060 "],
)
def test_a_value_of_blanks_only_is_neither_a_value_nor_an_empty_one(
    client: FlaskClient, wire: responses.RequestsMock, http_method: str, name: str, blanks: str
) -> None:
    answer = client.open(SPACE, method=http_method, json={name: blanks})
    assert answer.status_code == 400
    assert answer.get_json()["message"].startswith(f"{name} has nothing but blanks")
    assert len(wire.calls) == 0


@pytest.mark.parametrize("name", ["name", "secondaryUri", "passcode"])
def test_an_empty_value_is_sent_on_to_be_unset(
    client: FlaskClient, own_space: responses.RequestsMock, name: str
) -> None:
    own_space.put(f"{CMS_URL}/coSpaces/{GUID}")
    assert client.put(SPACE, data={name: ""}).status_code == 200
    assert sent_to_cms(own_space) == {name: ""}


NOBODY_KNOWS = [
    {"body": requests.ReadTimeout()},
    {"body": requests.ConnectionError(BrokenPipeError())},
    {"status": 500},
    {"body": "<html>"},
]


@pytest.mark.parametrize("answer_of_cms", NOBODY_KNOWS)
@pytest.mark.parametrize(
    "gone", [{"status": 404}, {"status": 400, "body": failure_details("coSpaceDoesNotExist")}]
)
def test_a_deletion_whose_answer_is_lost_is_done_if_the_space_is_gone(
    client: FlaskClient,
    own_space: responses.RequestsMock,
    answer_of_cms: dict[str, Any],
    gone: dict[str, Any],
) -> None:
    own_space.delete(f"{CMS_URL}/coSpaces/{GUID}", **answer_of_cms)
    own_space.get(f"{CMS_URL}/coSpaces/{GUID}", **gone)
    answer = client.delete(SPACE)
    assert answer.status_code == 200
    assert answer.get_json() == {
        "success": True,
        "message": f"CMS did not confirm it, but the Space is gone: {GUID}.",
        "response": {"coSpace": {"@id": GUID, "uri": "pod6user1"}},
    }


@pytest.mark.parametrize("answer_of_cms", NOBODY_KNOWS)
def test_a_deletion_whose_answer_is_lost_and_whose_space_is_there_has_failed(
    client: FlaskClient, own_space: responses.RequestsMock, answer_of_cms: dict[str, Any]
) -> None:
    own_space.delete(f"{CMS_URL}/coSpaces/{GUID}", **answer_of_cms)
    own_space.get(f"{CMS_URL}/coSpaces/{GUID}", body="<coSpace/>")
    answer = client.delete(SPACE)
    assert answer.status_code in (502, 504)
    message = answer.get_json()["message"]
    assert "may have been made all the same" in message
    assert message.endswith(f"The portal has looked: the Space {GUID} is still there.")


def test_a_deletion_that_cannot_be_looked_for_says_so(
    client: FlaskClient, own_space: responses.RequestsMock
) -> None:
    own_space.delete(f"{CMS_URL}/coSpaces/{GUID}", body=requests.ReadTimeout())
    own_space.get(f"{CMS_URL}/coSpaces/{GUID}", status=500)
    answer = client.delete(SPACE)
    assert answer.status_code == 504
    assert "The portal has looked: without success. CMS at" in answer.get_json()["message"]


def test_put_sends_what_was_sent_and_nothing_else(
    client: FlaskClient, own_space: responses.RequestsMock
) -> None:
    own_space.put(f"{CMS_URL}/coSpaces/{GUID}")
    assert client.put(SPACE, data={"name": "New", "passcode": ""}).status_code == 200
    assert sent_to_cms(own_space) == {"name": "New", "passcode": ""}


@pytest.mark.parametrize(
    "sent",
    [
        {"data": {"name": "Zoë & <x>", "callId": "12", "nonMemberAccess": "false"}},
        {"json": {"name": "Zoë & <x>", "callId": 12, "nonMemberAccess": False}},
        {"query_string": {"name": "Zoë & <x>", "callId": "12", "nonMemberAccess": "false"}},
        {
            "data": {"name": "Zoë & <x>", "callId": "12", "nonMemberAccess": "false"},
            "content_type": "multipart/form-data",
        },
        {"json": {"name": "Zoë & <x>", "callId": 12}, "query_string": {"nonMemberAccess": "false"}},
    ],
)
def test_arguments_may_come_as_form_as_json_and_in_the_query(
    client: FlaskClient, own_space: responses.RequestsMock, sent: dict[str, Any]
) -> None:
    own_space.put(f"{CMS_URL}/coSpaces/{GUID}")
    assert client.put(SPACE, **sent).status_code == 200
    assert sent_to_cms(own_space) == {
        "name": "Zoë & <x>", "callId": "12", "nonMemberAccess": "false",
    }


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_of_the_api_is_taken(
    client: FlaskClient, own_space: responses.RequestsMock, layout: str
) -> None:
    own_space.put(f"{CMS_URL}/coSpaces/{GUID}")
    assert client.put(SPACE, data={"defaultLayout": layout}).status_code == 200


FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [
        ({"data": {"nmae": "x"}}, 400, 'There is no parameter "nmae"'),
        ({"query_string": "nmae=x"}, 400, 'There is no parameter "nmae"'),
        ({"json": {"nmae": "x"}}, 400, 'There is no parameter "nmae"'),
        ({"data": {"defaultLayout": "round"}}, 400, "defaultLayout takes one of: allEqual"),
        ({"data": {"nonMemberAccess": "maybe"}}, 400, "nonMemberAccess takes one of: true, false"),
        ({"data": {"uri": "a@example.com"}}, 400, "uri takes the part before the @ only"),
        ({"data": {"callId": "12a"}}, 400, "callId takes digits only"),
        ({"data": {"name": "a\x00b"}}, 400, "name has a control character"),
        ({"data": {"name": "a\nb"}}, 400, "name has a control character"),
        ({"json": {"name": "\ud800"}}, 400, "name has a control character, or is not UTF-8"),
        ({"json": {"name": None}}, 400, "name takes text"),
        ({"json": {"name": ["x"]}}, 400, "name takes text"),
        ({"json": {"name": {"x": "y"}}}, 400, "name takes text"),
        ({"json": {"name": 1}}, 400, "name takes text"),
        ({"json": {"callId": True}}, 400, "callId takes text"),
        ({"json": {"callId": 1.5}}, 400, "callId takes text"),
        ({"json": {"callId": -1}}, 400, "callId takes digits only"),
        ({"json": {"@id": GUID, "n m": "x"}}, 400, 'There is no parameter "n m"'),
        ({"json": {"coSpace": "x"}}, 400, 'There is no parameter "coSpace"'),
        ({"json": {"coSpace": {"nmae": "x"}}}, 400, 'There is no parameter "nmae"'),
        ({"json": {"coSpace": {"name": "x"}, "name": "y"}}, 400, "name was sent more than once"),
        ({"json": {"coSpace": {"name": {}}}}, 400, "name takes text"),
        ({"data": {"force": "yes"}}, 400, "force takes one of: true, false"),
        ({"json": {"force": 1}}, 400, "force takes text"),
        ({"data": {"ownerJid": "kim"}}, 400, "ownerJid takes a JID such as"),
        ({"data": {"tenant": "Red"}}, 400, "tenant takes an ID of CMS, a GUID such as"),
        ({"json": ["name"]}, 400, "not an object"),
        ({"json": 7}, 400, "not an object"),
        ({"data": "{", "content_type": JSON}, 400, "not well-formed JSON"),
        ({"data": b"\xff", "content_type": JSON}, 400, "not well-formed JSON"),
        ({"data": "[" * 60_000, "content_type": JSON}, 400, "not well-formed JSON"),
        ({"data": '{"name":"a","name":"b"}', "content_type": JSON}, 400, "more than once"),
        ({"data": "name=a&name=b", "content_type": FORM}, 400, "more than once"),
        ({"data": {"name": "a"}, "query_string": "name=b"}, 400, "more than once"),
        ({"data": b"name=\xff", "content_type": FORM}, 400, "not a form in UTF-8"),
        ({"data": "name=%ff", "content_type": FORM}, 400, "not a form in UTF-8"),
        ({"data": "name=" + "&a=" * 200, "content_type": FORM}, 400, "far too many"),
        ({"query_string": "name=%ff"}, 400, "not a form in UTF-8"),
        ({"data": "x", "content_type": "multipart/form-data"}, 400, "not a multipart form"),
        ({"data": "name=x", "content_type": "text/plain"}, 415, "Send the arguments as one of"),
        ({"data": "name=x"}, 415, "Send the arguments as one of"),
        ({"data": "x" * 70_000, "content_type": FORM}, 413, "larger than the portal takes"),
    ],
)
@pytest.mark.parametrize("http_method", ["POST", "PUT"])
def test_what_is_not_as_it_must_be_is_refused_by_name_and_nothing_is_sent(
    client: FlaskClient,
    wire: responses.RequestsMock,
    http_method: str,
    sent: dict[str, Any],
    status: int,
    said: str,
) -> None:
    answer = client.open(SPACE, method=http_method, **sent)
    assert answer.status_code == status
    assert answer.get_json()["success"] is False
    assert said in answer.get_json()["message"]
    assert len(wire.calls) == 0


def test_a_modification_without_arguments_is_refused(
    client: FlaskClient, wire: responses.RequestsMock
) -> None:
    answer = client.put(SPACE)
    assert answer.status_code == 400
    assert "nothing to change" in answer.get_json()["message"]


def test_a_file_is_no_argument(client: FlaskClient, wire: responses.RequestsMock) -> None:
    answer = client.put(SPACE, data={"name": (BytesIO(b"x"), "x.txt")})
    assert answer.status_code == 400
    assert answer.get_json()["message"] == '"name" is a file; send text.'


@pytest.mark.parametrize("http_method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    ("userid", "said"),
    [
        ("a@example.com", "the part before the @ only"),
        ("%20", "1 to 128 characters"),
        ("%C2%A0%E2%80%8B", "1 to 128 characters"),
        ("x" * 129, "1 to 128 characters"),
        ("a%00b", "control character"),
        ("a%0Ab", "control character"),
        ("a%ffb", "not UTF-8"),
    ],
)
def test_a_user_id_that_can_be_no_uri_is_refused(
    client: FlaskClient, wire: responses.RequestsMock, http_method: str, userid: str, said: str
) -> None:
    data = {"name": "x"} if http_method in ("POST", "PUT") else None
    answer = client.open(f"/api/v1/cms/spaces/{userid}", method=http_method, data=data)
    assert answer.status_code == 400
    assert said in answer.get_json()["message"]
    assert len(wire.calls) == 0


@pytest.mark.parametrize(
    ("http_method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/cms/spaces/", 404),
        ("GET", "/api/v1/cms/spaces/a%2Fb", 404),
        ("PATCH", SPACE, 405),
        ("POST", "/api/v1/cms/version", 405),
    ],
)
def test_addresses_and_methods_that_do_not_exist_have_the_error_body_too(
    client: FlaskClient, http_method: str, path: str, status: int
) -> None:
    answer = client.open(path, method=http_method)
    assert answer.status_code == status
    assert set(answer.get_json()) == {"success", "message", "response", "error"}
    assert "did you mean" not in answer.get_json()["message"]
    assert (status == 405) == ("Allow" in answer.headers)


def test_an_error_of_our_own_is_500_in_the_same_form(app: Flask) -> None:
    app.testing = False
    del app.extensions["cms"]
    answer = FlaskClient(app).get(SPACE)
    assert answer.status_code == 500
    assert answer.get_json()["message"] == "The portal failed here; its log says more."


def test_the_apis_address_leads_to_the_swagger_page(client: FlaskClient) -> None:
    answer = client.get("/api/v1")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/api/v1/")
    assert b"LTRCOL-2574 Portal" in client.get("/api/v1/").data


def test_with_an_api_key_set_only_callers_who_have_it_get_in(
    wire: responses.RequestsMock, tmp_path: Any
) -> None:
    app = create_app({**SETTINGS_OF_TESTS, "PORTAL_API_KEY": "s3cret"}, project=tmp_path)
    client = app.test_client()
    for headers in ({}, {"X-API-Key": "wrong"}, {"X-API-Key": "schlüssel"}):
        answer = client.get("/api/v1/cms/version", headers=headers)
        assert answer.status_code == 401
        assert "X-API-Key" in answer.get_json()["message"]
    assert len(wire.calls) == 0
    body = "<status><softwareVersion>3.9.2</softwareVersion></status>"
    wire.get(f"{CMS_URL}/system/status", body=body)
    answer = client.get("/api/v1/cms/version", headers={"X-API-Key": "s3cret"})
    assert answer.status_code == 200


# What may be asked again.


@pytest.mark.parametrize(
    ("http_method", "status", "word", "retry"),
    [
        ("GET", 503, "cms_busy", True),
        ("PUT", 503, "cms_busy", False),
        ("GET", 401, "cms_refused_credentials", False),
        ("GET", 500, "cms_server_error", False),
        ("GET", 302, "cms_unexpected_status", False),
    ],
)
def test_only_a_get_that_found_cms_busy_may_be_sent_again(
    monkeypatch: pytest.MonkeyPatch, client: FlaskClient, wire: responses.RequestsMock,
    http_method: str, status: int, word: str, retry: bool,
) -> None:
    monkeypatch.setattr("flaskr.rest.v1.attempts.PAUSES", ())
    wire.get(f"{CMS_URL}/coSpaces", status=status)
    answer = client.open(SPACE, method=http_method, data={"name": "x"})
    assert answer.get_json()["error"]["code"] == word
    assert answer.get_json()["error"]["retry"] is retry
    assert ("Retry-After" in answer.headers) == (status == 503)


@pytest.mark.parametrize(
    ("asked", "told"), [("", "5"), ("77", "77"), ("0", "5"), ("9" * 400, "3600")]
)
def test_callers_are_told_when_cms_wants_to_be_asked_again(
    client: FlaskClient, wire: responses.RequestsMock, asked: str, told: str
) -> None:
    wire.get(f"{CMS_URL}/coSpaces", status=429, headers={"Retry-After": asked})
    assert client.get(SPACE).headers["Retry-After"] == told


def test_a_get_that_took_too_long_may_be_sent_again(
    client: FlaskClient, wire: responses.RequestsMock
) -> None:
    wire.get(f"{CMS_URL}/coSpaces", body=requests.ReadTimeout())
    error = client.get(SPACE).get_json()["error"]
    assert (error["code"], error["retry"]) == ("cms_timed_out", True)
