"""What goes wrong at Unity Connection and on the way there: a row a fault, as for CMS.

Each row says what the pod does, at which of the portal's calls, and which status and sentence come
of it. Every one is answered within the time allowed and leaves the mailboxes as the answer says.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask.testing import FlaskClient
from support.companies import add_fault, portal_of
from support.timing import timed
from werkzeug.test import TestResponse

from flaskr import create_app
from flaskr.pod import Pod

pytestmark = timed

TIMEOUT_S = 0.5
SLACK_S = 0.6  # for a machine that has other things to do
USERS = "/api/v1/cuc/users"
LEE, HAS_ONE = f"{USERS}/lee", f"{USERS}/pod6user11"
SETTING, PIN = {"ListInDirectory": "false"}, {"PIN": "048215"}
NO_TELLING = ("can't be read", "broke", "within", "of its own")  # whether a change was made


class Call(NamedTuple):
    """A call of the portal's: what a caller does, and which request to a server it is about."""

    http_method: str
    path: str
    fault_limits: str
    sent: dict[str, str] = {}
    switches: dict[str, Any] = {}

    def ask(self, portal: FlaskClient) -> tuple[TestResponse, float]:
        """Do what a caller does; return the answer and how many seconds it took."""
        start = time.monotonic()
        answer = portal.open(self.path, method=self.http_method, data=self.sent or None)
        return answer, time.monotonic() - start


READS = {
    "version": Call("GET", "/api/v1/cuc/version", "server=cuc"),
    "users of LDAP": Call("GET", "/api/v1/cuc/ldap_users", "server=cuc"),
    "the alias": Call("GET", HAS_ONE, "server=cuc path=/users"),
    "the mailbox": Call("GET", HAS_ONE, "server=cuc path=/users/*"),
    "the PIN": Call("GET", HAS_ONE, "server=cuc path=/users/*/credential/pin"),
    "the mailbox to modify": Call("PUT", HAS_ONE, "server=cuc path=/users/* method=GET", SETTING),
    "the PIN to modify": Call(
        "PUT", HAS_ONE, "server=cuc path=/users/*/credential/pin method=GET", PIN
    ),
    "the mailbox to delete": Call("DELETE", HAS_ONE, "server=cuc path=/users/* method=GET"),
    "whom to import": Call("POST", LEE, "server=cuc path=/import/users/ldap method=GET"),
    "the rules for PINs": Call("POST", LEE, "server=cuc path=/authenticationrules", PIN),
    "the number": Call("POST", LEE, "server=uds", switches={"cuc_import_phone": False}),
}
CHANGES = {
    "import": Call("POST", LEE, "path=/import/users/ldap method=POST"),
    "settings": Call("PUT", HAS_ONE, "path=/users/* method=PUT", SETTING),
    "PIN": Call("PUT", HAS_ONE, "path=/users/*/credential/pin method=PUT", PIN),
    "delete": Call("DELETE", HAS_ONE, "path=/users/* method=DELETE"),
}
# fault, status, what the message says
ANYWHERE = [
    ("busy", 503, "it is busy, also after retries"),
    ("status=401", 502, "it refuses the credentials"),
    ("status=403", 502, "it forbids this to the account"),
    ("status=429", 503, "too many requests"),
    ("status=500", 502, "answered with an error of its own (status 500)"),
    ("html=500", 502, "answered with an error of its own (status 500)"),
    ("redirect", 502, "it redirects elsewhere"),
    ("html", 502, "can't be read"),
    ("text", 502, "can't be read"),
    ("other_root", 502, "can't be read"),
    ("cut=0", 502, "the connection broke"),
    ("late=30", 504, f"no whole answer within {TIMEOUT_S} s"),
]
IN_A_BODY = [
    ("cut=0.5", 502, "the connection broke"),
    ("length=-3", 502, "can't be read"),
    ("huge=5", 502, "it is larger than 4 MiB"),
    ("truncated", 502, "can't be read"),
    ("truncated=0", 502, "can't be read"),
]
LOOKED_FOR = "The portal has looked: the user has no mailbox now."


@pytest.fixture
def portal(pod: Pod, tmp_path: Path, portals: list[FlaskClient]) -> FlaskClient:
    """One portal for all tests of this module."""
    if not portals:
        portals.append(portal_of(pod, tmp_path, PORTAL_TIMEOUT=str(TIMEOUT_S)))
    return portals[0]


def mailboxes(pod: Pod) -> list[dict[str, Any]]:
    return pod.services["cuc"].tables()["mailboxes"]()


def changes(pod: Pod) -> list[str]:
    requests = pod.journal.report()["requests"]
    of_unity = [each["method"] for each in requests if each["server"] == "cuc"]
    return [method for method in of_unity if method != "GET"]


def check(answer: TestResponse, seconds: float, status: int, said: str, tries: int = 1) -> None:
    body = answer.get_json()
    assert (answer.status_code, body["success"], body["response"]) == (status, False, "")
    assert said in body["message"]
    for secret in ("Pod6-lab", "048215", "Traceback", "Authorization", "object at 0x", "urllib3"):
        assert secret not in body["message"]
    assert seconds < tries * 2 * TIMEOUT_S + SLACK_S


@pytest.mark.parametrize(
    ("name", "fault", "status", "said"),
    [
        *((name, *row) for name in READS for row in ANYWHERE),
        *((name, *row) for name in ("the alias", "the mailbox") for row in IN_A_BODY),
    ],
)
def test_reading(
    pod: Pod, portal: FlaskClient, name: str, fault: str, status: int, said: str
) -> None:
    call = READS[name]
    pod.switches.update(call.switches)
    before = mailboxes(pod)
    add_fault(pod, f"{fault} {call.fault_limits}")
    answer, seconds = call.ask(portal)
    if (name, fault) == ("the rules for PINs", "redirect"):  # they are not told, which is no harm
        assert answer.status_code == 200
        return
    check(answer, seconds, status, "" if "uds" in call.fault_limits else said)
    assert mailboxes(pod) == before
    assert changes(pod) == []


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("version", 502, "cuc_server_error"), ("users of LDAP", 409, "cuc_refused"),
        ("the alias", 409, "cuc_refused"), ("the mailbox", 409, "cuc_refused"),
        ("the PIN", 409, "cuc_refused"), ("whom to import", 409, "cuc_refused"),
        ("the rules for PINs", 200, ""),  # which are left to Unity Connection then
    ],
)
def test_reading_what_is_refused(
    pod: Pod, portal: FlaskClient, name: str, status: int, code: str
) -> None:
    call = READS[name]
    add_fault(pod, f"details=NOT_HAPPY {call.fault_limits}")
    answer, _ = call.ask(portal)
    assert answer.status_code == status
    if code:
        error = answer.get_json()["error"]
        assert (error["code"], error["failureCodes"]) == (code, ["NOT_HAPPY"])


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("version", 502, "cuc_unexpected_status"), ("the alias", 502, "cuc_unexpected_status"),
        ("the mailbox", 404, "no_mailbox"), ("the PIN", 404, "no_mailbox"),
        ("the mailbox to modify", 404, "no_mailbox"), ("the rules for PINs", 200, ""),
    ],
)
def test_a_page_for_people_instead_of_what_is_asked_for(
    pod: Pod, portal: FlaskClient, name: str, status: int, code: str
) -> None:
    add_fault(pod, f"exception=404 {READS[name].fault_limits}")
    answer, _ = READS[name].ask(portal)
    assert (answer.status_code, (answer.get_json().get("error") or {"code": ""})["code"]) == (
        status, code
    )


@pytest.mark.parametrize("fault", ["no_total", "total=many", "total=-1"])
@pytest.mark.parametrize("name", ["the alias", "the rules for PINs"])
def test_reading_a_list(pod: Pod, portal: FlaskClient, name: str, fault: str) -> None:
    call = READS[name]
    add_fault(pod, f"{fault} {call.fault_limits}")
    check(*call.ask(portal), 502, "gives")


@pytest.mark.parametrize("takes_effect", [False, True])
@pytest.mark.parametrize(("fault", "status", "said"), ANYWHERE)
@pytest.mark.parametrize("name", CHANGES)
def test_changing(
    pod: Pod, portal: FlaskClient, name: str, fault: str, status: int, said: str,
    takes_effect: bool,
) -> None:
    call = CHANGES[name]
    before = mailboxes(pod)
    effect = str(takes_effect).lower()
    add_fault(pod, f"{fault} server=cuc {call.fault_limits} takes_effect={effect}")
    answer, seconds = call.ask(portal)
    assert (mailboxes(pod) != before) == takes_effect
    is_lost = any(words in said for words in NO_TELLING)
    if takes_effect and (is_lost or (name, status) == ("import", 503)):
        assert answer.status_code == 200, answer.get_json()
        assert name in ("settings", "PIN") or "did not confirm it" in answer.get_json()["message"]
        return
    check(answer, seconds, status, said, tries=2)
    message = answer.get_json()["message"]
    assert ("may have been made all the same" in message) == is_lost
    assert (LOOKED_FOR in message) == (is_lost and name == "import")


def test_a_creation_is_sent_once_where_its_answer_is_lost(pod: Pod, portal: FlaskClient) -> None:
    add_fault(pod, "cut path=/import/users/ldap method=POST takes_effect=false")
    assert portal.post(LEE).status_code == 502
    assert changes(pod) == ["POST"]


@pytest.mark.parametrize("takes_effect", ["true", "false"])
def test_a_busy_moment_is_waited_for_and_no_mailbox_is_made_twice(
    pod: Pod, portal: FlaskClient, takes_effect: str
) -> None:
    add_fault(pod, f"busy times=1 method=POST server=cuc takes_effect={takes_effect}")
    answer = portal.post(LEE)
    assert answer.status_code == 200
    assert len([each for each in mailboxes(pod) if each["Alias"] == "lee"]) == 1
    assert changes(pod) == ["POST"] * (1 if takes_effect == "true" else 2)


def test_a_step_after_the_import_that_fails_undoes_it(pod: Pod, portal: FlaskClient) -> None:
    before = mailboxes(pod)
    add_fault(pod, "details=NOT_HAPPY server=cuc path=/users/* method=PUT")
    answer = portal.post(LEE, data={**PIN, **SETTING})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "pin_refused")
    assert "the mailbox was deleted again, and nothing is left" in answer.get_json()["message"]
    assert mailboxes(pod) == before


def test_a_mailbox_that_disappears_between_look_up_and_use(
    pod: Pod, portal: FlaskClient
) -> None:
    for call in (CHANGES["settings"], CHANGES["PIN"], CHANGES["delete"]):
        add_fault(pod, f"mailbox_vanishes server=cuc method={call.http_method} times=1")
        answer, _ = call.ask(portal)
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "no_mailbox")
        pod.reset()


def test_of_two_imports_at_once_one_is_done_and_the_other_refused(
    pod: Pod, tmp_path: Path
) -> None:
    app = create_app(pod.settings, project=tmp_path)
    pod.switches.cuc_latency = 30
    with ThreadPoolExecutor(2) as callers:
        answers = [callers.submit(FlaskClient(app).post, LEE) for _ in range(2)]
    told = sorted(answer.result().status_code for answer in answers)
    assert told in ([200, 409], [200, 200])
    assert len([each for each in mailboxes(pod) if each["Alias"] == "lee"]) == 1


def test_no_more_requests_are_under_way_than_the_setting_says(pod: Pod, tmp_path: Path) -> None:
    app = create_app({**pod.settings, "PORTAL_CUC_PARALLEL": "2"}, project=tmp_path)
    pod.switches.cuc_latency = 20
    with ThreadPoolExecutor(8) as callers:
        asked = [callers.submit(FlaskClient(app).get, HAS_ONE) for _ in range(16)]
    assert {answer.result().status_code for answer in asked} == {200}
    assert pod.journal.report()["servers"]["cuc"]["most_in_flight"] == 2


@pytest.mark.parametrize(
    ("handshake", "status", "said"),
    [
        ("expired", 502, "certificate verify failed: certificate has expired"),
        ("cut", 502, "could not connect"),
        ("silent", 504, f"no connection within {TIMEOUT_S} s"),
    ],
)
@pytest.mark.parametrize("name", ["version", "import"])
def test_connecting(
    pod: Pod, tmp_path: Path, name: str, handshake: str, status: int, said: str
) -> None:
    portal = portal_of(pod, tmp_path, PORTAL_TIMEOUT=str(TIMEOUT_S))
    pod.switches.update({"cuc_handshake": handshake})
    answer, seconds = {**READS, **CHANGES}[name].ask(portal)
    check(answer, seconds, status, said)
    assert "may have been made" not in answer.get_json()["message"]  # nothing was sent


@pytest.mark.parametrize(
    ("refusal", "status", "code"), [(503, 503, "cuc_busy"), (401, 502, "cuc_refused_credentials")]
)
def test_who_has_a_session_works_on_where_others_get_none(
    pod: Pod, tmp_path: Path, refusal: int, status: int, code: str
) -> None:
    pod.switches.update({"cuc_session_limit": 1, "cuc_session_refusal": refusal})
    first, second = (
        portal_of(pod, tmp_path, PORTAL_TIMEOUT=str(TIMEOUT_S)) for _ in range(2)
    )
    assert first.get(HAS_ONE).status_code == 200
    refused = second.get(HAS_ONE)
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (status, code)
    assert first.get(HAS_ONE).status_code == 200


def test_a_session_that_has_ended_is_begun_anew(pod: Pod, portal: FlaskClient) -> None:
    pod.switches.cuc_session_seconds = 0
    for _ in range(3):
        assert portal.get(HAS_ONE).status_code == 200
