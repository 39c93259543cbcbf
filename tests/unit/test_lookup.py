"""Where a user's Space is: what is remembered, what CMS is asked, and what is believed."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import responses
from responses import matchers
from support.directories import People
from support.facts import CMS_URL
from support.failures import failure_of
from support.templates import template

from flaskr.cms.v1.cms import CMS
from flaskr.cms.v1.memory import Memory
from flaskr.provisioning.creation import create_space
from flaskr.provisioning.invitation import invite
from flaskr.provisioning.lookup import MOST_NAMED, find_by_uri
from flaskr.provisioning.passcode import Role, set_passcode
from flaskr.provisioning.repair import repair_space
from flaskr.provisioning.spaces import (
    delete_space,
    find_space,
    modify_space,
    retrieve_space,
)
from flaskr.result import Reason

ID = "b449de90-9dc5-4bed-9c65-a09a321d2bd9"
OTHER_ID = "c449de90-9dc5-4bed-9c65-a09a321d2bd9"
USER_ID = "d449de90-9dc5-4bed-9c65-a09a321d2bd9"
SPACE = f"{CMS_URL}/coSpaces/{ID}"
LEE = {"userName": "lee", "displayName": "Lee Ann"}


@pytest.fixture
def cms() -> CMS:
    return CMS("127.0.0.1", "apiuser", "0123", 4443, parallel=1)


def space(space_id: str = ID, **fields: str) -> str:
    elements = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return f'<coSpace id="{space_id}">{elements}</coSpace>'


def listed(wire: responses.RequestsMock, *entries: str, text: str = "lee") -> None:
    """Let CMS list these once: the first alone, and the others one by one where they are read."""
    for offset, entry in enumerate(entries):
        query = matchers.query_param_matcher({"filter": text, "offset": str(offset)})
        body = f'<coSpaces total="{len(entries)}">{entry}</coSpaces>'
        wire.get(f"{CMS_URL}/coSpaces", body=body, match=[query])


def kept(wire: responses.RequestsMock, **fields: str) -> None:
    """Let CMS have the Space of lee."""
    wire.get(SPACE, body=space(**(fields or {"uri": "lee", "cdrTag": "lee"})))


def usage(wire: responses.RequestsMock, body: str = "", **answer: Any) -> None:
    """Let CMS answer what the URI of lee is used by."""
    form = matchers.urlencoded_params_matcher({"uri": "lee"})
    answer = answer or {"body": f"<uriUsageQuery>{body}</uriUsageQuery>"}
    wire.post(f"{CMS_URL}/uriUsageQuery", match=[form], **answer)


def asked(wire: responses.RequestsMock) -> list[str]:
    """Return what CMS was asked since the last time: the method and the path below the API."""
    base = len("/api/v1/")
    calls = [f"{call.request.method} {str(call.request.path_url)[base:]}" for call in wire.calls]
    wire.calls.reset()
    return calls


@pytest.fixture
def found(cms: CMS, wire: responses.RequestsMock) -> CMS:
    """A client that has found the Space of lee before."""
    listed(wire, space(uri="lee"))
    assert find_space(cms, template(), "lee").response == ID
    assert asked(wire) == ["GET coSpaces?filter=lee&offset=0"]
    return cms


@pytest.mark.parametrize("userid", ["lee", "LEE"])
@pytest.mark.parametrize("own", [{"uri": "Lee"}, {"uri": "sales", "secondaryUri": "lee"}])
def test_a_space_that_was_found_before_takes_one_call(
    found: CMS, wire: responses.RequestsMock, userid: str, own: dict[str, str]
) -> None:
    kept(wire, **own)
    retrieved = retrieve_space(found, template(), userid)
    assert retrieved.message == f"CMS at 127.0.0.1:4443, GET coSpaces/{ID}: retrieved."
    assert retrieved.response == {"coSpace": {"@id": ID, **own}}
    assert find_space(found, template(), userid).response == ID
    assert asked(wire) == [f"GET coSpaces/{ID}"] * 2


CHANGES: list[tuple[Callable[[CMS], object], list[str]]] = [
    (lambda cms: modify_space(cms, People(LEE), template(), "lee", {"name": "x"}), ["PUT"]),
    (lambda cms: delete_space(cms, People(LEE), template(), "lee"), ["DELETE"]),
    (lambda cms: set_passcode(cms, People(LEE), template(), "lee", Role.GUEST, "1"), ["PUT"]),
    (lambda cms: repair_space(cms, People(LEE), template(), "lee"), []),
    (lambda cms: invite(cms, template(), "lee", Role.GUEST), []),
]


@pytest.mark.parametrize(("change", "further"), CHANGES)
def test_a_change_of_a_space_that_was_found_before_needs_no_list(
    found: CMS, wire: responses.RequestsMock, change: Callable[[CMS], object], further: list[str]
) -> None:
    kept(wire, cdrTag="lee", secondaryUri="lee")
    for method in further:
        wire.add(method, SPACE)
    change(found)
    assert asked(wire) == [f"{method} coSpaces/{ID}" for method in ["GET", *further]]


NOT_THE_ONE: list[dict[str, Any]] = [
    {"status": 404},
    {"status": 400, "body": "<failureDetails><coSpaceDoesNotExist/></failureDetails>"},
    {"body": space(uri="kim", secondaryUri="lee2")},
    {"body": space()},
    {"body": "<coSpace>odd</coSpace>"},
]


@pytest.mark.parametrize("answer", NOT_THE_ONE, ids=["404", "code", "renamed", "without", "odd"])
def test_a_space_that_is_not_the_users_any_more_is_looked_up_and_forgotten(
    found: CMS, wire: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    wire.get(SPACE, **answer)
    wire.remove("GET", f"{CMS_URL}/coSpaces")
    listed(wire, space(OTHER_ID, uri="lee"))
    wire.get(f"{CMS_URL}/coSpaces/{OTHER_ID}", body=space(OTHER_ID, uri="lee"))
    assert retrieve_space(found, template(), "lee")
    look_up = ["GET coSpaces?filter=lee&offset=0", f"GET coSpaces/{OTHER_ID}"]
    assert asked(wire) == [f"GET coSpaces/{ID}", *look_up]
    assert retrieve_space(found, template(), "lee")
    assert asked(wire) == [f"GET coSpaces/{OTHER_ID}"]


def test_a_user_who_has_no_space_any_more_is_looked_up_alone(
    found: CMS, wire: responses.RequestsMock
) -> None:
    wire.get(SPACE, status=404)
    wire.remove("GET", f"{CMS_URL}/coSpaces")
    listed(wire, space(OTHER_ID, uri="lee2"))
    for further in ([f"GET coSpaces/{ID}"], []):
        assert failure_of(find_space, found, template(), "lee").reason is Reason.NO_SPACE
        assert asked(wire) == [*further, "GET coSpaces?filter=lee&offset=0"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"status": 401}, "cms_refused_credentials"),
        ({"status": 429}, "cms_busy"),
        ({"status": 500}, "cms_server_error"),
        ({"body": space(OTHER_ID, uri="lee")}, "cms_unreadable_answer"),
    ],
)
def test_another_failure_is_not_followed_by_a_look_up(
    found: CMS, wire: responses.RequestsMock, answer: dict[str, Any], code: str
) -> None:
    wire.get(SPACE, **answer)
    assert failure_of(retrieve_space, found, template(), "lee").code == code
    assert asked(wire) == [f"GET coSpaces/{ID}"]
    wire.replace("GET", SPACE, body=space(uri="lee"))
    assert retrieve_space(found, template(), "lee")
    assert asked(wire) == [f"GET coSpaces/{ID}"]


@pytest.mark.parametrize("arguments", [{}, {"uri": "lee.ann", "secondaryUri": "lee"}])
@pytest.mark.parametrize("whole", [False, True])
def test_a_new_space_is_remembered_and_a_deleted_one_forgotten(
    cms: CMS, wire: responses.RequestsMock, arguments: dict[str, str], whole: bool
) -> None:
    sent = {"uri": "lee", "cdrTag": "lee", **arguments}
    wire.post(f"{CMS_URL}/coSpaces", headers={"Location": f"/api/v1/coSpaces/{ID}"})
    kept(wire, **sent)
    wire.delete(SPACE)
    create_space(cms, People(LEE), template(), "lee", sent, whole)
    delete_space(cms, People(LEE), template(), "lee")
    assert asked(wire) == ["POST coSpaces", f"GET coSpaces/{ID}", f"DELETE coSpaces/{ID}"]
    listed(wire, space(OTHER_ID, uri="lee2"))
    assert failure_of(find_space, cms, template(), "lee").reason is Reason.NO_SPACE
    assert asked(wire) == ["GET coSpaces?filter=lee&offset=0"]


def test_a_new_space_that_has_another_uri_is_not_taken_for_the_users(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    wire.post(f"{CMS_URL}/coSpaces", headers={"Location": f"/api/v1/coSpaces/{ID}"})
    create_space(cms, People(LEE), template(), "lee", {"uri": "sales"})
    listed(wire, space(OTHER_ID, uri="lee2"))
    assert failure_of(find_space, cms, template(), "lee").reason is Reason.NO_SPACE
    assert asked(wire) == ["POST coSpaces", "GET coSpaces?filter=lee&offset=0"]


def test_the_first_page_needs_no_further_question(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    wire.assert_all_requests_are_fired = False
    listed(wire, space(uri="lee"), space(OTHER_ID, uri="lee2"))
    assert find_space(cms, template(), "lee").response == ID
    assert asked(wire) == ["GET coSpaces?filter=lee&offset=0"]


NAMING = [
    f"<coSpaceId>{ID}</coSpaceId>",
    f"<coSpace>{ID}</coSpace>",
    f'<coSpace id="{ID}"/>',
    f"<coSpaces><coSpace>{ID}</coSpace></coSpaces>",
    f"<userId>{USER_ID}</userId><x>{ID}</x><ivrId>{USER_ID}</ivrId>",
    f"<x>{ID.upper()}</x><x>{ID}</x><name>lee</name>",
]


@pytest.mark.parametrize("body", NAMING)
def test_of_a_longer_list_cms_is_asked_what_the_uri_is_used_by(
    cms: CMS, wire: responses.RequestsMock, body: str
) -> None:
    wire.assert_all_requests_are_fired = False
    listed(wire, space(OTHER_ID, uri="lee2"), space(uri="lee"))
    usage(wire, body)
    wire.get(SPACE, body=space(uri="lee", name="Lee's"))
    wire.get(f"{CMS_URL}/coSpaces/{ID.upper()}", body=space(uri="lee", name="Lee's"))
    retrieved = retrieve_space(cms, template(), "Lee")
    assert retrieved.response == {"coSpace": {"@id": ID, "uri": "lee", "name": "Lee's"}}
    first, query, *read = asked(wire)
    assert (first, query) == ("GET coSpaces?filter=lee&offset=0", "POST uriUsageQuery")
    assert [path.lower() for path in read] == [f"get cospaces/{ID}"]


def test_it_is_asked_in_the_tenant_of_the_template(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    wire.assert_all_requests_are_fired = False
    listed(wire, space(OTHER_ID, uri="lee2"), space(uri="lee"))
    form = matchers.urlencoded_params_matcher({"uri": "lee", "tenant": USER_ID})
    body = f"<uriUsageQuery><coSpaceId>{ID}</coSpaceId></uriUsageQuery>"
    wire.post(f"{CMS_URL}/uriUsageQuery", match=[form], body=body)
    kept(wire)
    assert find_space(cms, template(SPACE_TENANT=USER_ID), "lee").response == ID
    assert len(asked(wire)) == 3


@pytest.mark.parametrize(
    "answer",
    [
        {"body": "<uriUsageQuery/>"},
        {"body": "<uriUsageQuery>odd</uriUsageQuery>"},
        {"body": f"<uriUsageQuery><userId>{ID}</userId></uriUsageQuery>"},
        {"headers": {"Location": "/api/v1/uriUsageQuery/1"}},
        {"body": "<html>"},
        {"status": 401},
        {"status": 500},
        {"body": ConnectionResetError()},
    ],
)
def test_an_answer_that_names_no_space_is_no_failure(
    cms: CMS, wire: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    listed(wire, space(OTHER_ID, uri="lee2"), space(uri="lee"))
    usage(wire, **answer)
    for _ in range(2):
        assert find_space(cms, template(), "lee").response == ID
        assert "POST uriUsageQuery" in asked(wire)
        cms.known_spaces.forget("lee", ID)


@pytest.mark.parametrize(
    "named",
    [
        {"status": 404},
        {"status": 500},
        {"body": space(OTHER_ID, uri="lee2")},
        {"body": space(OTHER_ID, uri="x", secondaryUri="lee")},  # the list may have the uri
    ],
)
def test_a_space_that_does_not_have_the_uri_is_not_believed_to_be_the_users(
    cms: CMS, wire: responses.RequestsMock, named: dict[str, Any]
) -> None:
    listed(wire, space(OTHER_ID, uri="lee2"), space(uri="lee"))
    usage(wire, f"<coSpaceId>{OTHER_ID}</coSpaceId>")
    wire.get(f"{CMS_URL}/coSpaces/{OTHER_ID}", **named)
    assert find_space(cms, template(), "lee").response == ID


def test_a_secondary_uri_counts_once_the_whole_list_has_no_uri(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    listed(wire, space(OTHER_ID, uri="lee2"), space(uri="sales", secondaryUri="lee"))
    usage(wire, f"<coSpaceId>{ID}</coSpaceId>")
    kept(wire, uri="sales", secondaryUri="lee")
    assert find_space(cms, template(), "lee").response == ID
    reading = ["GET coSpaces?filter=lee&offset=0", "GET coSpaces?filter=lee&offset=1"]
    beside = ["POST uriUsageQuery", f"GET coSpaces/{ID}"]
    assert asked(wire) == [reading[0], *beside, reading[1], *reading]


def test_of_many_ids_few_are_tried(cms: CMS, wire: responses.RequestsMock) -> None:
    listed(wire, space(OTHER_ID, uri="lee2"), space(uri="lee"))
    ids = [f"{number:08}{ID[8:]}" for number in range(MOST_NAMED + 1)]
    usage(wire, "".join(f"<x>{each}</x>" for each in ids))
    for each in ids[:MOST_NAMED]:
        wire.get(f"{CMS_URL}/coSpaces/{each}", body=space(each, uri="kim"))
    assert find_space(cms, template(), "lee").response == ID


UNKNOWN: list[dict[str, Any]] = [
    {"status": 404},
    {"status": 405},
    {"status": 400, "body": "<failureDetails><unrecognizedObject/></failureDetails>"},
    {"status": 400, "body": "<failureDetails><unrecognisedObject/></failureDetails>"},
]


@pytest.mark.parametrize("answer", UNKNOWN)
def test_a_cms_that_does_not_know_the_question_is_asked_once(
    cms: CMS, wire: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    listed(wire, space(OTHER_ID, uri="lee2"), space(uri="lee"))
    usage(wire, **answer)
    for times in (1, 0, 0):
        assert find_space(cms, template(), "lee").response == ID
        assert asked(wire).count("POST uriUsageQuery") == times
        cms.known_spaces.forget("lee", ID)


def test_letters_outside_ascii_are_asked_for_as_they_are_looked_for(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    wire.assert_all_requests_are_fired = False
    others = [space(OTHER_ID, uri=f"zo\u00eb{number}") for number in range(2)]
    listed(wire, *others, text="zo\u00eb")
    form = matchers.urlencoded_params_matcher({"uri": "zo\u00eb"})
    body = f"<uriUsageQuery><coSpaceId>{ID}</coSpaceId></uriUsageQuery>"
    wire.post(f"{CMS_URL}/uriUsageQuery", match=[form], body=body)
    kept(wire, uri="zoe\u0308")
    found = find_by_uri(cms, "ZO\u00cb")
    assert found and found.id == ID
    assert cms.known_spaces.get("zo\u00eb") == ID


def test_what_was_remembered_first_is_forgotten_where_it_is_too_much() -> None:
    memory = Memory(2)
    for key in ("a", "b", "a", "c"):
        memory.remember(key, f"ID of {key}")
    assert [memory.get(key) for key in "abc"] == ["ID of a", None, "ID of c"]


def test_what_was_remembered_since_is_not_forgotten() -> None:
    memory = Memory(2)
    memory.remember("a", "new")
    memory.forget("a", "old")
    assert memory.get("a") == "new"
    memory.forget("a", "new")
    memory.forget("a", "new")
    assert memory.get("a") is None


def test_many_threads_may_remember_at_once() -> None:
    memory = Memory(10)

    def remember(thread: int) -> None:
        for number in range(2000):
            memory.remember(f"{number % 20}", f"{thread}")
            memory.forget(f"{(number + 7) % 20}", f"{thread}")

    threads = [threading.Thread(target=remember, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(memory.get(f"{number}") is not None for number in range(20)) <= 10
