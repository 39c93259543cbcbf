"""A dry run: the answer that a change would have, with nothing changed at the CMS."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.documented import DocumentedClient
from werkzeug.test import TestResponse

from flaskr import create_app
from flaskr.pod import Pod
from flaskr.pod.cms.collection import Collection
from flaskr.pod.cms.nodes.table import BY_PATH
from flaskr.pod.cms.start import CALL_LEG_PROFILE, TENANTS
from flaskr.pod.cms.state import CmsState

SPACES = "/api/v1/cms/spaces"
DRY = {"dry_run": "true"}
NOTHING_CHANGED = "Dry run: nothing was changed. "
QUERIES = ("/api/v1/accessQuery", "/api/v1/uriUsageQuery")
MEMBERS, METHODS = "coSpaces/*/coSpaceUsers", "coSpaces/*/accessMethods"
NEW_ID = "00000000-0000-0000-0000-"  # what the IDs of objects that would be new begin with
NO_ID = "00000000-0000-4000-8000-000000000000"
LEE, KIM = "lee@pod6.example", "pod6user2@pod6.example"
HOSTED = {
    "SPACE_OWNER_JID": "$userName$@pod6.example",
    "SPACE_PASSCODE_DIGITS": "6",
    "SPACE_CALL_ID": "auto",
    "SPACE_HOST_CALL_LEG_PROFILE": CALL_LEG_PROFILE,
}


class Attempt(NamedTuple):
    """A change, by its address below the Spaces, and the settings of the portal."""

    method: str
    path: str
    sent: dict[str, Any] = {}
    settings: dict[str, str] = {}


def objects(pod: Pod, path: str) -> Collection:
    state = pod.services["cms"].state
    assert isinstance(state, CmsState)
    return state.collection(path)


def all_objects(pod: Pod) -> dict[str, Any]:
    """Return all that the CMS has."""
    return {path: objects(pod, path).listed() for path in BY_PATH}


def portal_of(pod: Pod, project: Path, settings: dict[str, str]) -> FlaskClient:
    app = create_app({**pod.settings, **settings}, project=project)
    app.test_client_class = DocumentedClient
    return app.test_client()


def with_spaces(pod: Pod) -> None:
    """Have Spaces of all kinds, beside those that there are at the start."""
    group = objects(pod, "tenantGroups").create({})
    grouped = objects(pod, "tenants").create({"name": "Grouped", "tenantGroup": group.id})
    pod.spaces.create({"uri": "grouped", "callId": "777", "tenant": grouped.id})
    owned = pod.spaces.create({
        "uri": "pod6user1", "secondaryUri": "+14085550101", "cdrTag": "pod6user1",
        "callId": "4711", "passcode": "246813", "name": "Mine",
    })
    objects(pod, MEMBERS).create({"userJid": KIM, "canDestroy": "true"}, owned.id)
    objects(pod, METHODS).create({
        "uri": "pod6user1", "callId": "4711", "passcode": "975310",
        "callLegProfile": CALL_LEG_PROFILE, "name": "Host",
    }, owned.id)
    objects(pod, METHODS).create({"uri": "side.door", "passcode": "8642"}, owned.id)


def send(portal: FlaskClient, attempt: Attempt, **more: Any) -> TestResponse:
    return portal.open(f"{SPACES}/{attempt.path}", method=attempt.method, **attempt.sent, **more)


def told(answer: TestResponse) -> tuple[int, str, list[str]]:
    """Return the status of an answer, and the codes of its failure."""
    error = answer.get_json().get("error") or {"code": "", "failureCodes": []}
    return answer.status_code, error["code"], error["failureCodes"]


def dry(pod: Pod, portal: FlaskClient, attempt: Attempt) -> TestResponse:
    """Return the answer to a dry run, which has changed nothing and sent only questions."""
    before = all_objects(pod)
    pod.journal.clear()
    answer = send(portal, attempt, query_string=DRY)
    assert all_objects(pod) == before
    for each in pod.journal.report()["requests"]:
        assert each["method"] == "GET" or each["path"] in QUERIES, each
        assert NEW_ID not in each["path"]
    assert NEW_ID not in answer.text
    return answer


ATTEMPTS = [
    Attempt("POST", "lee"),
    Attempt("POST", "lee", {"data": {"name": "Lee's", "passcode": "135790"}}),
    Attempt("POST", "lee", {"json": {"callId": 4712, "ownerJid": LEE, "tenant": TENANTS[0]}}),
    Attempt("POST", "lee", settings=HOSTED),
    Attempt("POST", "lee", settings={"SPACE_PASSCODE_DIGITS": "6"}),
    Attempt("POST", "lee", settings={**HOSTED, "SPACE_CALL_LEG_PROFILE": NO_ID}),
    Attempt("POST", "lee", settings={**HOSTED, "SPACE_HOST_CALL_LEG_PROFILE": NO_ID}),
    Attempt("POST", "lee", settings={"SPACE_OWNER_JID": "nobody@pod6.example"}),
    Attempt("POST", "lee", settings={"SPACE_HOST_CALL_LEG_PROFILE": NO_ID}),
    Attempt("POST", "lee", {"data": {"tenant": NO_ID, "callProfile": NO_ID}}),
    Attempt("POST", "lee", {"data": {"ownerJid": "nobody@pod6.example"}}),
    Attempt("POST", "lee", {"data": {"secondaryUri": "Welcome.Desk"}}),
    Attempt("POST", "lee", {"data": {"secondaryUri": "side.door"}}),
    Attempt("POST", "lee", {"data": {"secondaryUri": "side.door", "tenant": TENANTS[0]}}),
    Attempt("POST", "lee", {"data": {"secondaryUri": "sales"}}),
    Attempt("POST", "lee", {"data": {"secondaryUri": "sales", "tenant": TENANTS[0]}}),
    Attempt("POST", "lee", {"data": {"callId": "620100001"}}),
    Attempt("POST", "lee", {"data": {"callId": "777"}}),
    Attempt("POST", "lee", {"data": {"callId": "4713", "secondaryUri": ""}}),
    Attempt("POST", "pod6user1"),
    Attempt("POST", "pod6user2", {"data": {"secondaryUri": "+14085550101"}}),
    Attempt("POST", "pod6user10"),
    Attempt("POST", "nobody"),
    Attempt("POST", "nobody", {"data": {"force": "true"}}),
    Attempt("POST", "lee@pod6.example"),
    Attempt("POST", "lee", {"json": {"coSpace": {"@id": NO_ID, "uri": "lee", "cdrTag": "lee"}}}),
    Attempt("POST", "lee", {"json": {"coSpace": {"@id": NO_ID, "uri": "board", "cdrTag": "lee"}}}),
    Attempt("POST", "lee", {"data": {"defaultLayout": "round"}}),
    Attempt("PUT", "pod6user1", {"data": {"name": "New", "passcode": ""}}),
    Attempt("PUT", "pod6user1", {"json": {"coSpace": {"@id": NO_ID, "name": "Mine"}}}),
    Attempt("PUT", "pod6user1", {"data": {"uri": "free", "secondaryUri": "pod6user1"}}),
    Attempt("PUT", "pod6user1", {"data": {"secondaryUri": "maria"}}),
    Attempt("PUT", "pod6user1", {"data": {"secondaryUri": "side.door"}}),
    Attempt("PUT", "pod6user1", {"data": {"uri": "gone"}}),
    Attempt("PUT", "pod6user1", {"data": {"callId": "620100003"}}),
    Attempt("PUT", "pod6user1", {"data": {"tenant": TENANTS[1]}}),
    Attempt("PUT", "pod6user1", {"data": {"dialInSecurityProfile": NO_ID}}),
    Attempt("PUT", "pod6user1", {"data": {"ownerJid": KIM}}),
    Attempt("PUT", "pod6user1", {"data": {"ownerJid": "nobody@pod6.example"}}),
    Attempt("PUT", "pod6user1", {"data": {"passcode": "975310"}}),
    Attempt("PUT", "pod6user1", {"data": {"passcode": "975310", "callId": ""}}),
    Attempt("PUT", "pod6user1"),
    Attempt("PUT", "lee", {"data": {"name": "New"}}),
    Attempt("PUT", "helpdesk", {"data": {"name": "New"}}),
    Attempt("PUT", "helpdesk", {"data": {"name": "New", "force": "true"}}),
    Attempt("PUT", "ldap.user", {"data": {"name": "New"}}),
    Attempt("PUT", "ldap.user", {"data": {"cdrTag": "ldap.user"}}),
    Attempt("PUT", "ldap.user", {"data": {"cdrTag": ""}}),
    Attempt("DELETE", "pod6user1"),
    Attempt("DELETE", "lee"),
    Attempt("DELETE", "helpdesk"),
    Attempt("DELETE", "helpdesk", {"data": {"force": "true"}}),
    Attempt("DELETE", "ldap.user"),
    Attempt("PUT", f"pod6user1/members/{LEE}"),
    Attempt("PUT", f"pod6user1/members/{LEE}", {"data": {"canChangeName": "true"}}),
    Attempt("PUT", f"pod6user1/members/{KIM}", {"json": {"canDestroy": False}}),
    Attempt("PUT", f"pod6user1/members/{KIM}", {"data": {"canDestroy": "true"}}),
    Attempt("PUT", "pod6user1/members/nobody@pod6.example"),
    Attempt("PUT", "ldap.user/members/ldap.user@pod6.example", {"data": {"canDestroy": "true"}}),
    Attempt("PUT", f"helpdesk/members/{KIM}"),
    Attempt("PUT", f"helpdesk/members/{KIM}", {"data": {"force": "true"}}),
    Attempt("PUT", f"lee/members/{KIM}"),
    Attempt("DELETE", f"pod6user1/members/{KIM}"),
    Attempt("DELETE", f"pod6user1/members/{LEE}"),
    Attempt("DELETE", "ldap.user/members/ldap.user@pod6.example"),
    Attempt("POST", "pod6user1/passcode"),
    Attempt("POST", "pod6user1/passcode", {"data": {"passcode": "864209"}}),
    Attempt("POST", "pod6user1/passcode", {"data": {"passcode": "975310"}}),
    Attempt("POST", "pod6user1/passcode", {"data": {"role": "host"}}),
    Attempt("POST", "pod6user1/passcode", {"data": {"role": "host"}}, HOSTED),
    Attempt("POST", "pod6user1/passcode", {"data": {"role": "host", "passcode": "246813"}}, HOSTED),
    Attempt("POST", "helpdesk/passcode"),
    Attempt("POST", "helpdesk/passcode", {"data": {"force": "true"}}),
    Attempt("POST", "ldap.user/passcode"),
    Attempt("POST", "pod6user1/repair"),
    Attempt("POST", "pod6user1/repair", settings=HOSTED),
    Attempt("POST", "pod6user10/repair", settings=HOSTED),
    Attempt("POST", "pod6user10/repair", settings={**HOSTED, "SPACE_HOST_CALL_LEG_PROFILE": NO_ID}),
    Attempt("POST", "pod6user10/repair", settings={"SPACE_CALL_PROFILE": NO_ID}),
    Attempt("POST", "ldap.user/repair", settings=HOSTED),
    Attempt("POST", "lee/repair"),
    Attempt("POST", "helpdesk/repair"),
    Attempt("POST", "pod6user1/repair", {"data": {"force": "true"}}),
]


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=str)
def test_a_dry_run_answers_what_the_change_would_and_changes_nothing(
    pod: Pod, tmp_path: Path, attempt: Attempt
) -> None:
    with_spaces(pod)
    portal = portal_of(pod, tmp_path, attempt.settings)
    rehearsed = dry(pod, portal, attempt)
    real = send(portal, attempt)
    assert told(rehearsed) == told(real)
    if told(real)[1] != "bad_parameter":
        assert rehearsed.get_json()["message"].startswith(NOTHING_CHANGED)
    if isinstance(real.get_json()["response"], dict):
        assert without_passcode(rehearsed) == without_passcode(real)
    else:
        assert rehearsed.get_json()["response"] == ""


def without_passcode(answer: TestResponse) -> Any:
    response = answer.get_json()["response"]
    return {**response, "passcode": ""} if "passcode" in response else response


@pytest.mark.parametrize("sent", [{"query_string": DRY}, {"data": DRY}, {"json": DRY},
                                  {"json": {"dry_run": True}}])
@pytest.mark.parametrize(("method", "path"), [
    ("POST", "lee"), ("PUT", "pod6user1"), ("DELETE", "pod6user1"),
    ("PUT", f"pod6user1/members/{LEE}"), ("DELETE", f"pod6user1/members/{KIM}"),
    ("POST", "pod6user1/passcode"), ("POST", "pod6user10/repair"),
])
def test_a_dry_run_is_asked_for_in_whatever_form_arguments_come(
    pod: Pod, portal: FlaskClient, method: str, path: str, sent: dict[str, Any]
) -> None:
    with_spaces(pod)
    before = all_objects(pod)
    form = next(iter(sent))
    if (method, path) == ("PUT", "pod6user1"):
        sent = {form: {**sent[form], "name": "New"}}
    answer = portal.open(f"{SPACES}/{path}", method=method, **sent)
    assert answer.status_code == 200
    assert answer.get_json()["message"].startswith(NOTHING_CHANGED)
    assert all_objects(pod) == before


@pytest.mark.parametrize("sent", [
    {"query_string": {"dry_run": "yes"}}, {"query_string": {"dry_run": ""}},
    {"query_string": {"dry_run": "True"}}, {"data": {"dry_run": ""}}, {"json": {"dry_run": 1}},
    {"json": {"dry_run": None}}, {"query_string": {"dryrun": "true"}},
    {"query_string": "dry_run=true&dry_run=true"},
])
@pytest.mark.parametrize("path", ["lee", "pod6user1/passcode", "pod6user10/repair"])
def test_what_may_have_been_meant_as_a_dry_run_is_not_carried_out(
    pod: Pod, portal: FlaskClient, path: str, sent: dict[str, Any]
) -> None:
    with_spaces(pod)
    before = all_objects(pod)
    answer = portal.post(f"{SPACES}/{path}", **sent)
    assert told(answer)[:2] == (400, "bad_parameter")
    assert all_objects(pod) == before


def test_what_is_said_to_be_no_dry_run_is_none(pod: Pod, portal: FlaskClient) -> None:
    answer = portal.post(f"{SPACES}/lee", data={"dry_run": "false"})
    assert objects(pod, "coSpaces").get(answer.get_json()["response"]).values["uri"] == "lee"


def test_a_dry_run_says_what_would_be_sent_but_for_secrets(pod: Pod, tmp_path: Path) -> None:
    portal = portal_of(pod, tmp_path, HOSTED)
    data = {"passcode": "135790", "secret": "V8h2-x0QmT4uKcR7dYw1Lg", "meetingScheduler": "x" * 70}
    answer = dry(pod, portal, Attempt("POST", "lee", {"data": data}))
    requests = answer.get_json()["message"].removeprefix(NOTHING_CHANGED)
    assert requests.startswith("This would be sent to CMS: POST coSpaces (")
    assert "name=Lee Alder's Space, uri=lee, secondaryUri=6110, cdrTag=lee, " in requests
    assert f"meetingScheduler={'x' * 60}…" in requests
    assert "passcode=…" in requests and "secret=…" in requests
    assert f"; POST coSpaces/ID/coSpaceUsers (userJid={LEE}, " in requests
    assert "; POST coSpaces/ID/accessMethods (name=Host, " in requests
    assert "callId=(made up by CMS), passcode=…)." in requests


@pytest.mark.parametrize("attempt", [
    Attempt("POST", "lee"), Attempt("POST", "lee", settings=HOSTED),
    Attempt("POST", "lee", settings={**HOSTED, "SPACE_CALL_LEG_PROFILE": NO_ID}),
    Attempt("PUT", "pod6user1", {"data": {"name": "New"}}), Attempt("DELETE", "pod6user1"),
    Attempt("POST", "pod6user1/passcode", {"data": {"passcode": "864209"}}),
    Attempt("PUT", f"pod6user1/members/{LEE}"), Attempt("POST", "pod6user10/repair"),
], ids=str)
def test_no_message_and_no_line_of_the_log_claims_that_something_was_done(
    pod: Pod, tmp_path: Path, caplog: pytest.LogCaptureFixture, attempt: Attempt
) -> None:
    with_spaces(pod)
    portal = portal_of(pod, tmp_path, attempt.settings)
    caplog.clear()
    message = dry(pod, portal, attempt).get_json()["message"]
    assert not re.search("created|modified|deleted[^,]|Repaired|is a member now", message)
    lines = [each.getMessage() for each in caplog.records if each.name.startswith("flaskr.prov")]
    assert all(re.match(r"withheld server=CMS method=(POST|PUT|DELETE) path=coSpaces", line)
               for line in lines)
    assert not any("864209" in record.getMessage() for record in caplog.records)
    assert bool(lines) == ("SPACE_CALL_LEG_PROFILE" not in attempt.settings)


def test_a_dry_run_repeats_no_passcode(pod: Pod, portal: FlaskClient) -> None:
    with_spaces(pod)
    given = Attempt("POST", "pod6user1/passcode", {"data": {"passcode": "864209"}})
    answer = dry(pod, portal, given)
    assert answer.get_json()["response"] == {"role": "guest", "passcode": ""}
    assert "864209" not in answer.text


def test_later_requests_know_nothing_of_a_dry_run(pod: Pod, portal: FlaskClient) -> None:
    with_spaces(pod)
    for attempt, status in ((Attempt("POST", "lee"), 404), (Attempt("DELETE", "pod6user1"), 200)):
        assert told(dry(pod, portal, attempt))[0] == 200
        assert portal.get(f"{SPACES}/{attempt.path}").status_code == status
    assert not any(NEW_ID in each["path"] for each in pod.journal.report()["requests"])


@pytest.mark.parametrize("element", ["coSpaceId", "coSpace", "none"])
def test_a_uri_that_only_an_access_method_has_is_foreseen_where_cms_says_whose_it_is(
    pod: Pod, portal: FlaskClient, element: str
) -> None:
    with_spaces(pod)
    pod.switches.update({"uri_usage_element": element})
    attempt = Attempt("POST", "lee", {"data": {"secondaryUri": "side.door"}})
    assert told(dry(pod, portal, attempt))[0] == (200 if element == "none" else 409)


@pytest.mark.parametrize("status", ["404", "400"])
@pytest.mark.parametrize("fault", ["failure=unrecognizedObject", "status=404", "html"])
def test_a_cms_that_does_not_know_the_query_is_asked_for_its_list_alone(
    pod: Pod, portal: FlaskClient, fault: str, status: str
) -> None:
    with_spaces(pod)
    pod.switches.update({"unknown_id_status": status})
    for path, code in (("lee", ""), ("pod6user1", "uri_taken")):
        pod.faults.append(pod.faults.catalogue.parse(f"{fault} path=/uriUsageQuery"))
        assert told(dry(pod, portal, Attempt("POST", path)))[1] == code


def test_a_profile_of_a_kind_that_cms_does_not_list_is_taken_for_there(
    pod: Pod, portal: FlaskClient
) -> None:
    fault = "failure=unrecognizedObject path=/dialInSecurityProfiles/*"
    pod.faults.append(pod.faults.catalogue.parse(fault))
    attempt = Attempt("POST", "lee", {"data": {"dialInSecurityProfile": NO_ID}})
    assert told(dry(pod, portal, attempt))[0] == 200


@pytest.mark.parametrize(("fault", "code"), [
    ("busy path=/uriUsageQuery", "cms_busy"), ("busy path=/callProfiles/*", "cms_busy"),
    ("status=500 path=/callProfiles/*", "cms_server_error"),
])
def test_what_can_not_be_told_fails(
    pod: Pod, tmp_path: Path, fault: str, code: str
) -> None:
    portal = portal_of(pod, tmp_path, {"PORTAL_TIMEOUT": "1"})
    pod.faults.append(pod.faults.catalogue.parse(fault))
    profile = objects(pod, "callProfiles").listed()[0].id
    attempt = Attempt("POST", "lee", {"data": {"callProfile": profile}})
    assert told(dry(pod, portal, attempt))[1] == code


# No passcode that an access method has: which of several clashes CMS tells, nobody documents.
USERIDS = ("lee", "pod6user1", "pod6user2", "pod6user10", "ldap.user", "helpdesk", "nobody")
JIDS = (LEE, KIM, "ldap.user@pod6.example", "nobody@pod6.example")
VALUES = {
    "uri": st.sampled_from([*USERIDS, "side.door", "Welcome.Desk", "free"]),
    "secondaryUri": st.sampled_from(["", *USERIDS, "side.door", "6201", "sales", "free.too"]),
    "callId": st.sampled_from(["", "620100001", "620100003", "777", "5000"]),
    "tenant": st.sampled_from(["", *TENANTS, NO_ID]),
    "passcode": st.sampled_from(["", "135790"]),
    "callLegProfile": st.sampled_from(["", CALL_LEG_PROFILE, NO_ID]),
    "ownerJid": st.sampled_from(["", *JIDS]),
    "cdrTag": st.sampled_from(["", *USERIDS]),
    "force": st.sampled_from(["true", "false"]),
}
ON_SPACES = st.builds(
    Attempt,
    st.sampled_from(["POST", "PUT", "PUT", "DELETE"]),
    st.sampled_from(USERIDS),
    st.fixed_dictionaries({}, optional=VALUES).map(lambda values: {"data": values}),
)
BENEATH = st.builds(
    lambda method, userid, path: Attempt(method, f"{userid}/{path}"),
    st.sampled_from(["POST", "PUT", "DELETE"]),
    st.sampled_from(USERIDS),
    st.sampled_from(["passcode", "repair", *(f"members/{jid}" for jid in JIDS)]),
)


@settings(
    deadline=None, max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(attempts=st.lists(ON_SPACES | BENEATH, min_size=1, max_size=4))
@pytest.mark.parametrize("of_template", [{}, HOSTED])
def test_a_dry_run_foresees_what_becomes_of_any_change(
    pod: Pod, tmp_path: Path, of_template: dict[str, str], attempts: list[Attempt]
) -> None:
    pod.reset()
    with_spaces(pod)
    portal = portal_of(pod, tmp_path, of_template)
    for attempt in attempts:
        rehearsed = dry(pod, portal, attempt)
        assert told(rehearsed) == told(send(portal, attempt))
