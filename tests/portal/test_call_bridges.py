"""A CMS cluster of three Call Bridges: one of them fails, and callers hardly notice."""

import itertools
import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from support.companies import add_fault, apply, objects, plan, portal_of, spaces_of, todo
from support.pods import QuietPod
from support.timing import timed
from werkzeug.test import TestResponse

from flaskr.pod import Pod
from flaskr.rest.v1 import turns

pytestmark = timed

TIMEOUT = "3"
SPACE = "/api/v1/cms/spaces/pod6user1"
VERSION = "/api/v1/cms/version"
BRIDGES = ("cms", "cms2", "cms3")
MAYBE = "may have been made all the same"
CHANGES = {
    "POST": "method=POST path=/coSpaces",
    "PUT": "method=PUT path=/coSpaces/*",
    "DELETE": "method=DELETE path=/coSpaces/*",
}


@pytest.fixture(scope="module")
def three() -> Iterator[Pod]:
    with QuietPod(call_bridges=3, seed=1) as pod:
        yield pod


@pytest.fixture
def pod(three: Pod) -> Pod:
    three.reset()
    return three


@pytest.fixture
def portal(pod: Pod, tmp_path: Path) -> FlaskClient:
    return portal_of(pod, tmp_path, PORTAL_TIMEOUT=TIMEOUT)


def asked(pod: Pod) -> list[str]:
    """Return which Call Bridges were asked, in the order of the requests."""
    requests = pod.journal.report()["requests"]
    return [request["server"] for request in requests if request["server"] in BRIDGES]


def changes(pod: Pod) -> list[tuple[str, str]]:
    """Return which Call Bridges were sent which changes."""
    requests = pod.journal.report()["requests"]
    return [
        (request["server"], request["method"]) for request in requests if request["method"] != "GET"
    ]


def spaces_of_user(pod: Pod) -> list[Any]:
    return [space for space in pod.spaces.listed() if space.values.get("uri") == "pod6user1"]


def send(portal: FlaskClient, http_method: str) -> TestResponse:
    data = {"name": "Changed"} if http_method == "PUT" else None
    return portal.open(SPACE, method=http_method, data=data)


def prepare(pod: Pod, http_method: str) -> None:
    """Have a Space, unless it is to be created, that all Call Bridges know."""
    if http_method != "POST":
        pod.spaces.create({"name": "Pod6 User1's Space", "uri": "pod6user1"})


def is_done(pod: Pod, http_method: str) -> bool:
    found = spaces_of_user(pod)
    if http_method == "PUT":
        return [space.values["name"] for space in found] == ["Changed"]
    return len(found) == (1 if http_method == "POST" else 0)


def walk_through(portal: FlaskClient) -> list[int]:
    """Go through the lab guide's verification; return the statuses."""
    return [
        portal.get(VERSION).status_code,
        *(send(portal, step).status_code for step in ("POST", "PUT", "GET", "DELETE", "DELETE")),
    ]


def test_the_first_answers_where_all_are_up(pod: Pod, portal: FlaskClient) -> None:
    assert walk_through(portal) == [200, 200, 200, 200, 200, 404]
    assert set(asked(pod)) == {"cms"}


@pytest.mark.parametrize(("down", "asked_then"), [("cms", "cms2"), ("cms,cms2", "cms3")])
def test_the_next_that_is_up_does_all_of_it(
    pod: Pod, portal: FlaskClient, down: str, asked_then: str
) -> None:
    pod.switches.call_bridges_down = down
    assert walk_through(portal) == [200, 200, 200, 200, 200, 404]
    assert set(asked(pod)) == {asked_then}


def test_messages_and_log_name_the_call_bridge_that_was_asked(
    pod: Pod, portal: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    pod.switches.call_bridges_down = "cms"
    message = send(portal, "POST").get_json()["message"]
    second = f"127.0.0.1:{pod.port('cms2')}"
    assert message.startswith(f"CMS at {second}, POST coSpaces: created ")
    assert f"call server=CMS place={second} method=POST path=coSpaces status=200" in caplog.text
    assert f"rest server=CMS place=127.0.0.1:{pod.cms_port} reason=unreachable" in caplog.text


def test_the_first_goes_down_in_the_middle_of_fifty_requests(
    pod: Pod, portal: FlaskClient
) -> None:
    pod.spaces.create({"uri": "pod6user1"})
    app = portal.application

    def retrieve(number: int) -> int:
        if number == 20:
            pod.switches.call_bridges_down = "cms"
        return app.test_client().get(SPACE).status_code

    with ThreadPoolExecutor(8) as callers:
        assert list(callers.map(retrieve, range(50))) == [200] * 50
    assert set(asked(pod)) == {"cms", "cms2"}


@pytest.mark.parametrize("http_method", CHANGES)
def test_of_a_change_that_meets_a_call_bridge_going_down_the_answer_is_true(
    pod: Pod, portal: FlaskClient, http_method: str
) -> None:
    prepare(pod, http_method)
    assert portal.get(VERSION).status_code == 200
    add_fault(pod, f"cut server=cms {CHANGES[http_method]} takes_effect=false")
    answer = send(portal, http_method)
    assert (answer.status_code, is_done(pod, http_method)) == (502, False)
    assert MAYBE in answer.get_json()["message"]
    pod.switches.call_bridges_down = "cms"
    assert portal.get(VERSION).status_code == 200
    assert send(portal, http_method).status_code == 200
    assert is_done(pod, http_method)


def test_after_its_rest_the_first_is_asked_again(
    pod: Pod, portal: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "REST_SECONDS", 0.1)
    pod.switches.call_bridges_down = "cms"
    assert portal.get(VERSION).status_code == 200
    pod.switches.call_bridges_down = ""
    time.sleep(0.15)
    assert portal.get(VERSION).status_code == 200
    assert asked(pod) == ["cms2", "cms"]


@pytest.mark.parametrize("http_method", ["GET", *CHANGES])
def test_one_that_stays_busy_is_left_alone(
    pod: Pod, portal: FlaskClient, http_method: str
) -> None:
    prepare(pod, http_method)
    add_fault(pod, "busy server=cms")
    assert send(portal, http_method).status_code == 200
    tries = asked(pod).count("cms")
    assert tries > 1
    assert asked(pod) == ["cms"] * tries + ["cms2"] * (len(asked(pod)) - tries)
    assert http_method == "GET" or is_done(pod, http_method)


@pytest.mark.parametrize("http_method", CHANGES)
def test_a_change_that_is_refused_as_busy_is_made_at_the_next(
    pod: Pod, portal: FlaskClient, http_method: str
) -> None:
    prepare(pod, http_method)
    add_fault(pod, f"busy server=cms {CHANGES[http_method]}")
    assert send(portal, http_method).status_code == 200
    assert is_done(pod, http_method)
    assert [server for server, _ in changes(pod)].count("cms2") == 1


def test_one_without_the_database_is_left_alone(pod: Pod, portal: FlaskClient) -> None:
    pod.switches.without_database = "cms"
    assert walk_through(portal) == [200, 200, 200, 200, 200, 404]
    assert set(asked(pod)) == {"cms", "cms2"}


@pytest.mark.parametrize("http_method", ["GET", *CHANGES])
def test_one_that_swallows_requests_is_left_alone(
    pod: Pod, portal: FlaskClient, http_method: str
) -> None:
    prepare(pod, http_method)
    add_fault(pod, "late=60 server=cms method=GET takes_effect=false")
    assert send(portal, http_method).status_code == 200
    assert asked(pod).count("cms") == 1
    assert http_method == "GET" or is_done(pod, http_method)


@pytest.mark.parametrize("fault", ["cut", "reset", "cut=0.5", "html=500", "status=500"])
@pytest.mark.parametrize("path", ["/coSpaces", "/coSpaces/*"])
def test_for_a_get_the_next_takes_over_whatever_goes_wrong(
    pod: Pod, portal: FlaskClient, path: str, fault: str
) -> None:
    prepare(pod, "GET")
    add_fault(pod, f"{fault} server=cms path={path}")
    answer = send(portal, "GET")
    assert answer.status_code == 200
    assert answer.get_json()["message"].startswith(f"CMS at 127.0.0.1:{pod.port('cms2')}, GET ")


@pytest.mark.parametrize(
    ("fault", "effect"),
    [
        ("cut=0", "true"), ("cut=0", "false"), ("reset=0", "true"), ("late=60", "true"),
        ("status=500", "true"), ("status=500", "false"),
    ],
)
@pytest.mark.parametrize("http_method", CHANGES)
def test_a_lost_answer_to_a_change_is_looked_up_where_it_was_sent(
    pod: Pod, portal: FlaskClient, http_method: str, fault: str, effect: str
) -> None:
    prepare(pod, http_method)
    pod.switches.update({"lagging": "cms2,cms3", "lag": 60})
    add_fault(pod, f"{fault} server=cms {CHANGES[http_method]} takes_effect={effect}")
    answer = send(portal, http_method)
    assert is_done(pod, http_method) is (effect == "true")
    assert set(asked(pod)) == {"cms"}
    if http_method == "PUT":
        assert MAYBE in answer.get_json()["message"]
    else:  # a PUT may be sent again at the same place: a kept connection may just have ended
        assert changes(pod) == [("cms", http_method)]
        assert (answer.status_code == 200) is (effect == "true")


@pytest.mark.parametrize("http_method", ["POST", "DELETE"])
def test_it_is_looked_up_at_the_second_though_the_first_is_back_meanwhile(
    pod: Pod, portal: FlaskClient, http_method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(pod, http_method)
    monkeypatch.setattr(turns, "REST_SECONDS", 0.5)
    pod.switches.update({"call_bridges_down": "cms", "lagging": "cms,cms3", "lag": 60})
    add_fault(pod, f"late=1 server=cms2 {CHANGES[http_method]} times=1")
    add_fault(pod, f"cut=0 server=cms2 {CHANGES[http_method]} times=1")

    def come_back() -> None:
        while not changes(pod):
            time.sleep(0.01)
        pod.switches.call_bridges_down = ""

    with ThreadPoolExecutor(1) as meanwhile:
        back = meanwhile.submit(come_back)
        answer = send(portal, http_method)
        back.result()
    assert answer.status_code == 200
    assert set(asked(pod)) == {"cms2"}
    assert changes(pod) == [("cms2", http_method)]


@pytest.mark.parametrize(
    "path", ["/coSpaces", "/coSpaces/*/coSpaceUsers", "/coSpaces/*/accessMethods"]
)
@pytest.mark.parametrize("down", ["", "cms"])
def test_no_part_of_a_space_is_made_twice_where_its_answer_is_lost(
    pod: Pod, tmp_path: Path, down: str, path: str
) -> None:
    host = objects(pod, "callLegProfiles").create({"name": "Hosts"})
    owner = {"SPACE_OWNER_JID": "$userName$@pod6.example", "SPACE_CALL_ID": "auto"}
    hosts = {"SPACE_HOST_CALL_LEG_PROFILE": host.id, "PORTAL_TIMEOUT": TIMEOUT}
    portal = portal_of(pod, tmp_path, **owner, **hosts)
    asked_first = "cms2" if down else "cms"
    others = ",".join(name for name in BRIDGES if name != asked_first)
    pod.switches.call_bridges_down = down
    assert portal.get(VERSION).status_code == 200
    pod.switches.update({"call_bridges_down": "", "lagging": others, "lag": 60})
    add_fault(pod, f"cut=0 server={asked_first} method=POST path={path} times=1")
    assert send(portal, "POST").status_code == 200
    made = [method for server, method in changes(pod) if server == asked_first]
    assert made == ["POST"] * 3 == [method for _, method in changes(pod)]
    assert len(spaces_of_user(pod)) == 1


def test_what_another_call_bridge_does_not_show_is_not_made_again(
    pod: Pod, tmp_path: Path
) -> None:
    prepare(pod, "PUT")
    host = objects(pod, "callLegProfiles").create({"name": "Hosts"})
    portal = portal_of(pod, tmp_path, SPACE_HOST_CALL_LEG_PROFILE=host.id)
    pod.switches.update({"lagging": "cms2,cms3", "lag": 60})
    methods = "path=/coSpaces/*/accessMethods"
    add_fault(pod, f"cut=0 server=cms method=POST {methods} times=1")
    add_fault(pod, f"status=500 server=cms method=GET {methods} skip=1")
    answer = portal.post(f"{SPACE}/repair")
    assert answer.status_code == 502
    assert MAYBE in answer.get_json()["message"]
    assert "another Call Bridge, which may be behind" in answer.get_json()["message"]
    assert [method for _, method in changes(pod)].count("POST") == 1
    assert len(objects(pod, "coSpaces/*/accessMethods").listed()) == 1


@pytest.mark.parametrize("http_method", ["POST", "DELETE"])
def test_where_another_call_bridge_was_looked_at_the_answer_says_so(
    pod: Pod, portal: FlaskClient, http_method: str
) -> None:
    prepare(pod, http_method)
    pod.switches.update({"lagging": "cms2,cms3", "lag": 60})
    add_fault(pod, f"cut=0 server=cms {CHANGES[http_method]}")
    add_fault(pod, f"status=500 server=cms method=GET skip={0 if http_method == 'POST' else 2}")
    answer = send(portal, http_method)
    assert (answer.status_code, is_done(pod, http_method)) == (502, True)
    assert MAYBE in answer.get_json()["message"]
    assert "another Call Bridge, which may be behind" in answer.get_json()["message"]


def test_what_was_created_is_shown_at_once_though_others_lag(
    pod: Pod, portal: FlaskClient
) -> None:
    pod.switches.update({"call_bridges_down": "cms", "lagging": "cms,cms3", "lag": 60})
    assert send(portal, "POST").status_code == 200
    pod.switches.call_bridges_down = ""
    assert send(portal, "GET").status_code == 200


def test_everyone_gets_a_space_while_call_bridges_come_and_go(
    pod: Pod, portal: FlaskClient
) -> None:
    pod.switches.cms_latency = 5
    ended = threading.Event()

    def come_and_go() -> None:
        for names in itertools.cycle(("cms", "", "cms2", "cms,cms3")):
            pod.switches.call_bridges_down = names
            if ended.wait(0.1):
                return

    with ThreadPoolExecutor(1) as meanwhile:
        coming_and_going = meanwhile.submit(come_and_go)
        outcomes = apply(portal, todo(plan(portal)))
        ended.set()
        coming_and_going.result()
    pod.switches.call_bridges_down = ""
    spaces = spaces_of(pod)
    for outcome in outcomes:
        if outcome["outcome"] == "done":
            made, after = spaces[outcome["coSpace"]], outcome["after"]
            assert {key: made[key].lower() for key in after} == {
                key: after[key].lower() for key in after
            }
    apply(portal, todo(plan(portal)))
    assert {row["userid"] for row in todo(plan(portal))} == {"a%b c"}


def test_where_all_are_down_the_answer_names_each(pod: Pod, portal: FlaskClient) -> None:
    pod.switches.call_bridges_down = "cms,cms2,cms3"
    for http_method in ("GET", "POST"):
        answer = send(portal, http_method)
        assert answer.status_code == 502
        message = answer.get_json()["message"]
        assert answer.get_json()["error"]["code"] == "cms_unreachable"
        assert "Check CMS_HOSTNAME and CMS_PORT, and that the server is up." in message
        assert all(f"127.0.0.1:{pod.port(bridge)}" in message for bridge in BRIDGES)
    assert pod.spaces.listed()
    pod.switches.call_bridges_down = "cms,cms2"
    assert send(portal, "POST").status_code == 200


def test_where_all_swallow_requests_the_answer_comes_in_time(
    pod: Pod, portal: FlaskClient
) -> None:
    add_fault(pod, "late=60 takes_effect=false path=/system/status")
    answer = portal.get(VERSION)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (504, "cms_timed_out")
    assert "no whole answer within 1 s." in answer.get_json()["message"]
    assert asked(pod) == ["cms", "cms2", "cms3"]


def test_wrong_credentials_are_wrong_everywhere(pod: Pod, tmp_path: Path) -> None:
    answer = portal_of(pod, tmp_path, CMS_PASSWORD="wrong").get(VERSION)
    assert answer.get_json()["error"]["code"] == "cms_refused_credentials"
    assert asked(pod) == ["cms"]


def readiness(portal: FlaskClient) -> tuple[int, Any]:
    answer = portal.get("/readyz")
    return answer.status_code, answer.get_json()


def test_ready_is_who_has_one_that_answers_and_each_is_named(
    pod: Pod, portal: FlaskClient
) -> None:
    places = {bridge: f"cms 127.0.0.1:{pod.port(bridge)}" for bridge in BRIDGES}
    pod.switches.call_bridges_down = "cms"
    add_fault(pod, "busy server=cms3")
    assert readiness(portal) == (200, {
        "ready": True, "cms": "answers", "cucm": "answers", "cuc": "answers",
        places["cms"]: "unreachable", places["cms2"]: "answers", places["cms3"]: "busy",
    })


def test_not_ready_is_who_has_none_that_answers(pod: Pod, portal: FlaskClient) -> None:
    pod.switches.call_bridges_down = "cms,cms2,cms3"
    status, found = readiness(portal)
    assert (status, found.pop("ready")) == (503, False)
    assert {found.pop(name) for name in ("cucm", "cuc")} == {"answers"}
    assert list(found.values()) == ["unreachable"] * 4


def test_one_that_swallows_requests_does_not_hold_up_readiness(
    pod: Pod, portal: FlaskClient
) -> None:
    add_fault(pod, "late=60 server=cms2 takes_effect=false")
    status, found = readiness(portal)
    assert (status, found[f"cms 127.0.0.1:{pod.port('cms2')}"]) == (200, "timed out")
