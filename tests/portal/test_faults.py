"""What goes wrong at the servers and on the way there: a row a fault, against the pod over HTTPS.

Each row says what the pod does, at which of the portal's calls, and which status and sentence come
of it. Every one is answered within the time allowed and leaves the Spaces as the answer says.
"""

import logging
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
from flask.testing import FlaskClient
from support.documented import DocumentedClient
from support.facts import uris_of
from support.timing import timed
from urllib3.response import GzipDecoder
from werkzeug.test import TestResponse

from flaskr import create_app
from flaskr.pod import Pod
from flaskr.pod.faults.fault import Fault
from flaskr.pod.wire.exchange import ReceivedRequest as Request

pytestmark = timed

TIMEOUT_S = 0.8
NO_TELLING = ("can't be read", "broke", "within", "of its own")  # whether a change was made
SLACK_S = 0.6  # for a machine that has other things to do
SPACE = "/api/v1/cms/spaces/pod6user1"


class Call(NamedTuple):
    """A call of the portal's: what a caller does, and which request to a server it is about."""

    http_method: str
    fault_limits: str
    has_space: bool = True


READS = {
    "version": Call("GET", "server=cms path=/system/status"),
    "first page": Call("GET", "server=cms path=/coSpaces method=GET"),
    "later page": Call("GET", "server=cms path=/coSpaces method=GET skip=1"),
    "the Space": Call("GET", "server=cms path=/coSpaces/* method=GET"),
    "the user": Call("POST", "server=uds", has_space=False),
    "the Space to modify": Call("PUT", "server=cms path=/coSpaces/* method=GET"),
    "the Space to delete": Call("DELETE", "server=cms path=/coSpaces/* method=GET"),
    "whose it is to modify": Call("PUT", "server=uds"),
    "whose it is to delete": Call("DELETE", "server=uds"),
}
CHANGES = {
    "create": Call("POST", "server=cms path=/coSpaces method=POST", has_space=False),
    "modify": Call("PUT", "server=cms path=/coSpaces/* method=PUT"),
    "delete": Call("DELETE", "server=cms path=/coSpaces/* method=DELETE"),
}

# fault, status, what the message says
ANYWHERE = [
    ("busy", 503, "it is busy, also after retries"),
    ("status=401", 502, "it refuses the credentials"),
    ("status=403", 502, "it forbids this to the account"),
    ("status=429", 503, "too many requests"),
    ("status=500", 502, "answered with an error of its own (status 500)"),
    ("html=500", 502, "answered with an error of its own (status 500)"),
    ("status=502", 502, "answered with an error of its own (status 502)"),
    ("redirect=https://127.0.0.1:1/api/v1", 502, "it redirects elsewhere"),
    ("html", 502, "can't be read"),
    ("json", 502, "can't be read"),
    ("text", 502, "can't be read"),
    ("other_root", 502, "can't be read"),
    ("chunk_size=-5", 502, "can't be read: the size of a chunk is not a number"),
    ("interim=1000", 502, "can't be read: more than 20 interim answers"),
    ("cut=0", 502, "the connection broke"),
    ("reset=0", 502, "the connection broke"),
    ("cut=0.5", 502, "the connection broke"),
    ("late=30", 504, "no whole answer within 0.8 s"),
    ("slow=1", 504, "no whole answer within 0.8 s"),
]
IN_A_BODY = [
    ("truncated", 502, "not well-formed XML"),
    ("truncated=0", 502, "not well-formed XML"),
    ("entity_bomb", 502, "entities are disabled"),
    ("external_entity", 502, "entities are disabled"),
    ("huge=30", 502, "it is larger than 4 MiB"),
    ("nested=20000", 502, "stand more than 32 deep"),
    ("length=-10", 502, "can't be read"),
    ("reset=0.5", 502, "the connection broke"),
]
LOOKED_FOR = {  # after a lost answer: whether it was done, or not
    "create": ("the Space is there, as asked for", "no Space has this uri now."),
    "delete": ("the Space is gone", "is still there."),
}
IN_A_LIST = [
    ("no_total", 502, "gives no total"),
    ("total=many", 502, "gives no total"),
    ("total=-1", 502, "gives no total"),
    ("total=0", 502, "more entries than its total"),
]
HANDSHAKES = [
    ("expired", 502, "certificate verify failed: certificate has expired"),
    ("other_name", 502, "certificate verify failed: IP address mismatch"),
    ("other_ca", 502, "certificate verify failed: "),
    ("cut", 502, "could not connect"),
    ("silent", 504, "no connection within 0.8 s"),
]


@pytest.fixture
def portal(pod: Pod, tmp_path: Path) -> FlaskClient:
    app = create_app({**pod.settings, "PORTAL_TIMEOUT": str(TIMEOUT_S)}, project=tmp_path)
    app.test_client_class = DocumentedClient
    return app.test_client()


def prepare(pod: Pod, call: Call) -> None:
    """Have two pages of Spaces to look through, the one of pod6user1 alone on the second."""
    for number in range(4):
        pod.spaces.create({"name": f"A look-alike {number}", "uri": f"pod6user1.{number}"})
    if call.has_space:
        pod.spaces.create({"name": "Zoë's Space", "uri": "pod6user1"})
    matching = [space for space in pod.spaces.listed() if "pod6user1" in str(space.values).lower()]
    assert not call.has_space or matching[-1].values["uri"] == "pod6user1"
    pod.switches.page_cap = len(matching) - 1
    pod.switches.uri_usage_element = "none"  # the list alone tells where a Space is


def request(portal: FlaskClient, name: str, call: Call) -> tuple[TestResponse, float]:
    """Do what a caller does; return the answer and how many seconds it took."""
    path = "/api/v1/cms/version" if name == "version" else SPACE
    data = {"name": "Changed"} if call.http_method == "PUT" else None
    start = time.monotonic()
    answer = portal.open(path, method=call.http_method, data=data)
    return answer, time.monotonic() - start


def _name_and_value(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    return name, value


def add_fault(pod: Pod, wording: str) -> None:
    """Add a fault in the words of the pod's command line, such as `busy=2 times=3 server=cms`."""
    fault, *limits = (_name_and_value(word) for word in wording.split())
    pod.faults.add(fault[0], fault[1] or None, **dict(limits))


def own_spaces(pod: Pod) -> list[dict[str, str]]:
    return [
        dict(space.values) for space in pod.spaces.listed()
        if space.values.get("uri") == "pod6user1"
    ]


def check(answer: TestResponse, seconds: float, status: int, said: str) -> None:
    body = answer.get_json()
    assert (answer.status_code, body["success"], body["response"]) == (status, False, "")
    assert said in body["message"]
    for secret in ("Pod6-lab", "Traceback", "Authorization", "object at 0x", "urllib3"):
        assert secret not in body["message"]
    assert seconds < 2 * TIMEOUT_S + SLACK_S  # a creation without an answer takes a look besides


@pytest.mark.parametrize(("fault", "status", "said"), ANYWHERE + IN_A_BODY)
@pytest.mark.parametrize("name", READS)
def test_reading(
    pod: Pod, portal: FlaskClient, name: str, fault: str, status: int, said: str
) -> None:
    call = READS[name]
    prepare(pod, call)
    before = own_spaces(pod)
    add_fault(pod, f"{fault} {call.fault_limits}")
    answer, seconds = request(portal, name, call)
    check(answer, seconds, status, said)
    assert own_spaces(pod) == before


@pytest.mark.parametrize("fault", [row[0] for row in ANYWHERE + IN_A_LIST])
def test_a_later_page_that_fails_is_not_missed_where_cms_names_the_space(
    pod: Pod, portal: FlaskClient, fault: str
) -> None:
    call = READS["the Space"]
    prepare(pod, call)
    pod.switches.uri_usage_element = "coSpaceId"
    add_fault(pod, f"{fault} path=/coSpaces query=offset={pod.switches.page_cap}")
    answer, _ = request(portal, "the Space", call)
    assert answer.get_json()["response"]["coSpace"]["name"] == "Zoë's Space"


@pytest.mark.parametrize("fault", [row[0] for row in ANYWHERE])
@pytest.mark.parametrize("place", ["/uriUsageQuery", "/coSpaces/* times=1"])
def test_a_question_beside_the_list_may_fail(
    pod: Pod, portal: FlaskClient, place: str, fault: str
) -> None:
    call = READS["the Space"]
    prepare(pod, call)
    pod.switches.uri_usage_element = "coSpaceId"
    add_fault(pod, f"late=0.1 path=/coSpaces query=offset={pod.switches.page_cap}")
    add_fault(pod, f"{fault} server=cms path={place}")
    answer, _ = request(portal, "the Space", call)
    assert answer.get_json()["response"]["coSpace"]["name"] == "Zoë's Space"


@pytest.mark.parametrize(("fault", "status", "said"), IN_A_LIST)
@pytest.mark.parametrize("name", ["first page", "later page"])
def test_reading_a_list(
    pod: Pod, portal: FlaskClient, name: str, fault: str, status: int, said: str
) -> None:
    call = READS[name]
    prepare(pod, call)
    add_fault(pod, f"{fault} {call.fault_limits}")
    answer, seconds = request(portal, name, call)
    check(answer, seconds, status, said)


@pytest.mark.parametrize(("fault", "status", "said"), ANYWHERE)
@pytest.mark.parametrize("takes_effect", [False, True])
@pytest.mark.parametrize("name", CHANGES)
def test_changing(
    pod: Pod,
    portal: FlaskClient,
    name: str,
    takes_effect: bool,
    fault: str,
    status: int,
    said: str,
) -> None:
    call = CHANGES[name]
    prepare(pod, call)
    before = own_spaces(pod)
    effect = str(takes_effect).lower()
    add_fault(pod, f"{fault} {call.fault_limits} takes_effect={effect}")
    answer, seconds = request(portal, name, call)
    answer_is_lost = any(words in said for words in NO_TELLING)
    assert (own_spaces(pod) != before) == takes_effect
    if name in LOOKED_FOR and takes_effect and answer_is_lost:
        assert answer.status_code == 200
        assert LOOKED_FOR[name][0] in answer.get_json()["message"]
        return
    check(answer, seconds, status, said)
    if name in LOOKED_FOR and answer_is_lost:
        assert "The portal has looked: " in answer.get_json()["message"]
        assert answer.get_json()["message"].endswith(LOOKED_FOR[name][1])
    maybe = "may have been made all the same" in answer.get_json()["message"]
    assert maybe == answer_is_lost


def test_an_answer_that_comes_twice_is_nobody_elses(pod: Pod, portal: FlaskClient) -> None:
    for number in range(3):
        pod.spaces.create({"name": f"Space {number}", "uri": f"user{number}"})
    add_fault(pod, "twice server=cms")
    for number in range(3):
        answer = portal.get(f"/api/v1/cms/spaces/user{number}").get_json()
        assert answer["response"]["coSpace"]["name"] == f"Space {number}"


def test_interim_answers_make_no_difference(pod: Pod, portal: FlaskClient) -> None:
    add_fault(pod, "interim=3")
    for http_method in ("POST", "GET", "PUT", "DELETE"):
        data = {"name": "Changed"} if http_method == "PUT" else None
        assert portal.open(SPACE, method=http_method, data=data).status_code == 200


def test_a_redirect_with_a_huge_body_in_gzip_is_not_unpacked(
    pod: Pod, portal: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for fault in ("redirect", "huge=20", "gzip"):
        add_fault(pod, fault)
    monkeypatch.setattr(GzipDecoder, "decompress", None)
    answer, seconds = request(portal, "version", READS["version"])
    check(answer, seconds, 502, "it redirects elsewhere")


def test_a_cms_that_sets_cookies_gets_none_back(
    pod: Pod, portal: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_fault(pod, "cookies=90 server=cms")
    asked: list[Request] = []

    def note(fault: Fault, asking: Request, *_: object) -> Request:
        asked.append(asking)
        return asking

    monkeypatch.setattr(Fault, "prepare", note)
    for _ in range(3):
        assert portal.get("/api/v1/cms/version").status_code == 200
    assert len(asked) == 3
    assert not any("Cookie" in asking.headers for asking in asked)


def test_a_cms_that_closes_each_connection_as_the_next_request_arrives_is_read(
    pod: Pod, portal: FlaskClient
) -> None:
    pod.spaces.create({"uri": "pod6user1"})
    pod.switches.connection_requests = 1
    for _ in range(5):
        assert portal.get(SPACE).status_code == 200
        assert portal.put(SPACE, data={"name": "Changed"}).status_code == 200


def test_no_change_is_lost_where_cms_says_when_a_connection_ends(
    pod: Pod, portal: FlaskClient
) -> None:
    pod.switches.update({"connection_requests": 3, "keep_alive": True})
    for _ in range(5):
        created = portal.post(SPACE).get_json()
        deleted = portal.delete(SPACE).get_json()
        assert created["message"].endswith(f"created {created['response']}.")
        assert deleted["message"].endswith("deleted.")


@pytest.mark.parametrize(("handshake", "status", "said"), HANDSHAKES)
@pytest.mark.parametrize(
    ("server", "name"), [("cms", "version"), ("uds", "the user"), ("cms", "create")]
)
def test_connecting(
    pod: Pod, portal: FlaskClient, server: str, name: str, handshake: str, status: int, said: str
) -> None:
    pod.switches.update({f"{server}_handshake": handshake})
    answer, seconds = request(portal, name, {**READS, **CHANGES}[name])
    check(answer, seconds, status, said)
    assert "may have been made" not in answer.get_json()["message"]  # nothing was sent
    assert seconds < TIMEOUT_S + SLACK_S


def test_nobody_there(pod: Pod, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        port = str(closed_soon.getsockname()[1])
    portal = create_app({**pod.settings, "CMS_PORT": port}, project=tmp_path).test_client()
    answer, seconds = request(portal, "version", READS["version"])
    check(answer, seconds, 502, "could not connect: connection refused. Check CMS_HOSTNAME")


def test_a_space_that_disappears_between_look_up_and_use(pod: Pod, portal: FlaskClient) -> None:
    for http_method in ("GET", "PUT", "DELETE"):
        prepare(pod, CHANGES["delete"])
        add_fault(pod, f"vanish method={http_method} path=/coSpaces/* times=1")
        data = {"name": "Changed"} if http_method == "PUT" else None
        answer = portal.open(SPACE, method=http_method, data=data)
        assert answer.status_code == 404
        assert "coSpaceDoesNotExist" in answer.get_json()["message"]
        pod.reset()


def test_a_bare_404_for_a_space_is_404_too(pod: Pod, portal: FlaskClient) -> None:
    prepare(pod, READS["the Space"])
    add_fault(pod, "status=404 path=/coSpaces/*")
    answer, seconds = request(portal, "the Space", READS["the Space"])
    check(answer, seconds, 404, "there is no such object")


@pytest.mark.parametrize("change", ["list_loses", "list_gains"])
def test_a_list_that_changes_between_two_pages_is_read_again(
    pod: Pod, portal: FlaskClient, change: str
) -> None:
    prepare(pod, READS["later page"])
    add_fault(pod, f"{change} server=cms path=/coSpaces method=GET skip=1 times=1")
    assert portal.get(SPACE).status_code == 200


@pytest.mark.parametrize("parallel", ["1", "8"])
def test_a_list_that_loses_a_space_at_each_page_is_busy_and_not_unreadable(
    pod: Pod, tmp_path: Path, parallel: str
) -> None:
    prepare(pod, CHANGES["create"])
    for number in range(60):
        pod.spaces.create({"name": f"pod6user1 {number}"})
    pod.switches.page_cap = 5
    add_fault(pod, "list_loses path=/coSpaces")
    settings = {**pod.settings, "PORTAL_CMS_PARALLEL": parallel}
    portal = create_app(settings, project=tmp_path).test_client()
    answer = portal.get(SPACE)
    assert answer.status_code == 503
    assert "the list kept changing while it was read" in answer.get_json()["message"]


def test_a_list_that_always_promises_more_than_it_sends(pod: Pod, portal: FlaskClient) -> None:
    prepare(pod, CHANGES["create"])
    add_fault(pod, "total=1000000 path=/coSpaces")
    answer, seconds = request(portal, "first page", READS["first page"])
    check(answer, seconds, 502, "the list promises 1000000 entries and ends after")


@pytest.mark.parametrize("parallel", ["1", "8"])
def test_a_list_that_shows_the_same_page_again_and_again(
    pod: Pod, tmp_path: Path, parallel: str
) -> None:
    prepare(pod, CHANGES["create"])
    add_fault(pod, "same_page path=/coSpaces")
    add_fault(pod, "total=1000000 path=/coSpaces")
    settings = {**pod.settings, "PORTAL_CMS_PARALLEL": parallel}
    portal = create_app(settings, project=tmp_path).test_client()
    answer, seconds = request(portal, "first page", READS["first page"])
    check(answer, seconds, 502, "promises 1000000 entries and ends after")


def test_a_total_of_thousands_of_digits(pod: Pod, portal: FlaskClient) -> None:
    add_fault(pod, "total=1 path=/coSpaces")
    pod.faults.active()[0].value = "9" * 5000
    answer, seconds = request(portal, "first page", READS["first page"])
    check(answer, seconds, 502, "no total, or one that is not a number")


def test_a_slow_list_is_given_up_after_a_few_timeouts(pod: Pod, tmp_path: Path) -> None:
    prepare(pod, CHANGES["create"])
    pod.switches.page_cap = 1
    pod.switches.cms_latency = 100
    settings = {**pod.settings, "PORTAL_TIMEOUT": "0.2", "PORTAL_CMS_PARALLEL": "1"}
    portal = create_app(settings, project=tmp_path).test_client()
    answer, seconds = request(portal, "first page", READS["first page"])
    check(answer, seconds, 504, "the list was not at its end after")
    assert seconds < 3 * 0.2 + 0.2 + SLACK_S


def test_an_id_that_is_none_of_the_apis(pod: Pod, portal: FlaskClient) -> None:
    prepare(pod, READS["the Space"])
    pod.switches.page_cap = 100
    for space in pod.spaces.listed():
        if "pod6user1" not in uris_of(space.values):
            pod.spaces.remove(space.id)
    add_fault(pod, "bad_id path=/coSpaces")
    answer, seconds = request(portal, "the Space", READS["the Space"])
    check(answer, seconds, 502, "not the ID of a Space")
    assert {entry["path"] for entry in pod.journal.report()["requests"]} == {"/api/v1/coSpaces"}


def test_an_older_space_that_is_not_as_asked_for_is_not_claimed_to_be_created(
    pod: Pod, portal: FlaskClient
) -> None:
    portal.post(SPACE, data={"passcode": "1111"})
    add_fault(pod, "cut path=/coSpaces method=POST")
    answer = portal.post(SPACE, data={"passcode": "2222"})
    assert answer.status_code == 502
    assert "has this uri, but is not as asked for" in answer.get_json()["message"]


def test_an_older_space_with_more_than_was_asked_for_is_not_claimed_either(
    pod: Pod, portal: FlaskClient
) -> None:
    portal.post(SPACE, data={"passcode": "1111", "callId": "99999"})
    add_fault(pod, "status=500 path=/coSpaces method=POST takes_effect=false")
    answer = portal.post(SPACE)
    assert answer.status_code == 502
    assert "has this uri, but is not as asked for" in answer.get_json()["message"]


def test_blanks_around_a_uri_are_no_part_of_it(pod: Pod, portal: FlaskClient) -> None:
    add_fault(pod, "cut path=/coSpaces method=POST")
    answer = portal.post(SPACE, data={"uri": " Other "})
    assert answer.status_code == 200
    assert "other" in {space.values.get("uri") for space in pod.spaces.listed()}


def test_many_slow_searches_at_once_all_end_in_time(pod: Pod, tmp_path: Path) -> None:
    prepare(pod, CHANGES["create"])
    pod.switches.page_cap = 1
    pod.switches.cms_latency = 250
    settings = {**pod.settings, "PORTAL_TIMEOUT": "0.5", "PORTAL_CMS_PARALLEL": "2"}
    app = create_app(settings, project=tmp_path)
    name = "first page"
    with ThreadPoolExecutor(20) as callers:
        asked = [
            callers.submit(request, app.test_client(), name, READS[name]) for _ in range(20)
        ]
    for future in asked:
        answer, seconds = future.result()
        check(answer, 0, 504, "the list was not at its end after")
        assert seconds < 3 * 0.5 + 0.5 + 2 * SLACK_S


def test_a_creation_that_cannot_be_looked_for_says_so(pod: Pod, portal: FlaskClient) -> None:
    add_fault(pod, "cut path=/coSpaces method=POST")
    add_fault(pod, "status=500 path=/coSpaces method=GET")
    answer = portal.post(SPACE)
    assert answer.status_code == 502
    assert "The portal has looked: without success. CMS at" in answer.get_json()["message"]


def test_a_busy_moment_is_waited_for(pod: Pod, portal: FlaskClient) -> None:
    prepare(pod, CHANGES["create"])
    add_fault(pod, "busy times=2 server=cms")
    assert portal.post(SPACE).status_code == 200
    assert len(own_spaces(pod)) == 1


def test_credentials_that_are_wrong(pod: Pod, tmp_path: Path) -> None:
    settings = {**pod.settings, "CMS_PASSWORD": "wr0ng-Pässword"}
    portal = create_app(settings, project=tmp_path).test_client()
    answer, seconds = request(portal, "version", READS["version"])
    check(answer, seconds, 502, "it refuses the credentials")
    assert "wr0ng" not in answer.text


def test_a_uds_that_wants_credentials(pod: Pod, tmp_path: Path) -> None:
    pod.switches.uds_authentication = True
    with_credentials = create_app(pod.settings, project=tmp_path).test_client()
    assert with_credentials.post(SPACE).status_code == 200
    settings = {key: value for key, value in pod.settings.items() if "CUCM_US" not in key}
    without = create_app(settings, project=tmp_path).test_client()
    answer = without.post("/api/v1/cms/spaces/pod6user2")
    assert answer.status_code == 502
    assert "Check CUCM_USERNAME and CUCM_PASSWORD" in answer.get_json()["message"]


def test_a_uds_that_ignores_the_user_name_makes_no_space_for_another_user(
    pod: Pod, portal: FlaskClient
) -> None:
    pod.switches.uds_ignores_username = True
    before = len(pod.spaces.listed())
    assert portal.post("/api/v1/cms/spaces/nobody").status_code == 404
    assert len(pod.spaces.listed()) == before


def test_of_two_creations_at_once_one_is_done_and_the_other_refused(
    pod: Pod, tmp_path: Path
) -> None:
    app = create_app(pod.settings, project=tmp_path)
    pod.switches.cms_latency = 50
    with ThreadPoolExecutor(2) as callers:
        answers = [callers.submit(FlaskClient(app).post, SPACE) for _ in range(2)]
    assert sorted(answer.result().status_code for answer in answers) == [200, 409]
    assert len(own_spaces(pod)) == 1


def test_no_passcode_key_or_password_stands_in_the_log(
    pod: Pod, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings = {**pod.settings, "PORTAL_API_KEY": "s3cret-key"}
    portal = create_app(settings, project=tmp_path).test_client()
    headers = {"X-API-Key": "s3cret-key"}
    portal.post(f"{SPACE}?passcode=8642", headers=headers)
    portal.put(SPACE, data={"passcode": "97531"}, headers=headers)
    portal.get(SPACE, headers={"X-API-Key": "wr0ng-key"})
    add_fault(pod, "cut server=cms")
    portal.delete(SPACE, headers=headers)
    messages = [record.getMessage() for record in caplog.records if record.name != "flaskr.pod"]
    assert any("request method=PUT path=/api/v1/cms/spaces/pod6user1" in text for text in messages)
    for secret in ("8642", "97531", "s3cret-key", "wr0ng-key", pod.password):
        assert not any(secret in text for text in messages)


def test_log_lines_of_a_request_and_of_its_calls_have_one_id(
    pod: Pod, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    package_logger = logging.getLogger("flaskr")
    package_logger.handlers.clear()  # so that one is made for the stderr of this test
    portal = create_app(pod.settings, project=tmp_path).test_client()
    pod.switches.page_cap = 2
    answer = portal.get("/api/v1/cms/spaces/a%0Ab-nobody")
    assert answer.status_code == 400
    answer = portal.get("/api/v1/cms/spaces/lee")
    package_logger.handlers.clear()
    request_id = answer.headers["X-Request-ID"]
    lines = [line for line in capfd.readouterr().err.splitlines() if f"[{request_id}]" in line]
    assert sum(" call server=CMS method=GET path=coSpaces" in line for line in lines) > 2
    assert sum(" request method=GET path=/api/v1/cms/spaces/lee" in line for line in lines) == 1
