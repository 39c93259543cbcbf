"""`/healthz` and `/readyz`: whether the portal runs, and whether it can do its work."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from support.pods import QuietPod
from support.timing import timed

from flaskr import create_app
from flaskr.pod import Pod
from flaskr.pod.servers import parse

pytestmark = timed

KEY = "let me in"
ANSWERS = {"cms": "answers", "cucm": "answers", "cuc": "answers", "webex": "answers"}


@pytest.fixture(scope="module")
def running_pod() -> Iterator[Pod]:
    """A pod that portals know all servers of."""
    with Pod(seed=1) as pod:
        yield pod


def portal_of(pod: Pod, project: Path, **settings: str) -> FlaskClient:
    return create_app({**pod.settings, **settings}, project=project).test_client()


def readiness(portal: FlaskClient) -> tuple[int, Any]:
    answer = portal.get("/readyz")
    return answer.status_code, answer.get_json()


def test_the_portal_is_alive_whatever_its_servers_do(pod: Pod, portal: FlaskClient) -> None:
    pod.switches.update({"cms_handshake": "silent", "uds_handshake": "silent"})
    start = time.monotonic()
    answer = portal.get("/healthz")
    assert (answer.status_code, answer.get_json()) == (200, {"alive": True})
    assert time.monotonic() - start < 1
    assert pod.journal.report()["requests"] == []


def test_the_portal_is_ready_where_all_servers_answer(portal: FlaskClient) -> None:
    assert readiness(portal) == (200, {"ready": True, **ANSWERS})


def test_a_server_that_is_not_named_is_not_asked(pod: Pod, tmp_path: Path) -> None:
    portal = portal_of(pod, tmp_path, CUC_HOSTNAME="", WEBEX_TOKEN="", WEBEX_ROOM_ID="")
    assert readiness(portal) == (200, {"ready": True, "cms": "answers", "cucm": "answers"})


def test_neither_address_needs_the_api_key(pod: Pod, tmp_path: Path) -> None:
    portal = portal_of(pod, tmp_path, PORTAL_API_KEY=KEY)
    assert portal.get("/api/v1/cms/version").status_code == 401
    assert portal.get("/healthz").status_code == 200
    assert portal.get("/readyz").status_code == 200


def test_cucm_is_asked_for_what_needs_no_credentials(pod: Pod, tmp_path: Path) -> None:
    settings = pod.settings
    pod.switches.uds_authentication = True
    portal = create_app(settings, project=tmp_path).test_client()
    assert readiness(portal) == (200, {"ready": True, **ANSWERS})


@pytest.mark.parametrize(
    ("server", "fault", "words"),
    [
        ("cms", "busy server=cms", "busy"),
        ("cucm", "busy server=uds", "busy"),
        ("cuc", "busy server=cuc", "busy"),
        ("cms", "cut server=cms", "answer lost"),
        ("cms", "html server=cms", "unreadable answer"),
        ("cucm", "late=5 server=uds", "timed out"),
    ],
)
def test_it_says_which_server_does_not_answer_and_why(
    pod: Pod, tmp_path: Path, server: str, fault: str, words: str
) -> None:
    portal = portal_of(pod, tmp_path, PORTAL_TIMEOUT="1")
    pod.faults.append(parse(fault))
    assert readiness(portal) == (503, {"ready": False, **ANSWERS, server: words})


@pytest.mark.parametrize(
    ("fault", "words"),
    [("busy", "busy"), ("cut", "answer lost"), ("status=401", "refused credentials"),
     ("late=30", "timed out")],
)
def test_webex_is_spoken_of_and_the_portal_is_ready_without_it(
    pod: Pod, tmp_path: Path, fault: str, words: str
) -> None:
    portal = portal_of(pod, tmp_path, PORTAL_TIMEOUT="2")
    pod.faults.append(parse(f"{fault} server=webex"))
    start = time.monotonic()
    assert readiness(portal) == (200, {"ready": True, **ANSWERS, "webex": words})
    assert time.monotonic() - start < 1.9


def test_webex_is_asked_once_a_minute(
    pod: Pod, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flaskr.health.FRESH_SECONDS", 0.0)
    portal = portal_of(pod, tmp_path)
    pod.faults.append(parse("status=401 server=webex times=1"))

    def asked() -> int:
        return int(pod.journal.report()["servers"]["webex"]["requests"])

    for _ in range(3):
        assert readiness(portal)[1]["webex"] == "refused credentials"
    assert asked() == 1
    monkeypatch.setattr("flaskr.servers.SELDOM_SECONDS", 0.0)
    assert readiness(portal)[1]["webex"] == "answers"
    assert asked() == 2


def test_what_is_said_has_no_secret_and_no_address(pod: Pod, tmp_path: Path) -> None:
    portal = portal_of(pod, tmp_path, CMS_PASSWORD="not the password")
    answer = portal.get("/readyz")
    assert answer.get_json()["cms"] == "refused credentials"
    text = answer.get_data(as_text=True) + str(answer.headers)
    for secret in (pod.username, "not the password", str(pod.cms_port), KEY):
        assert secret not in text


def test_both_are_asked_at_once_and_the_answer_comes_within_the_timeout(
    pod: Pod, tmp_path: Path
) -> None:
    portal = portal_of(pod, tmp_path, PORTAL_TIMEOUT="1")
    pod.switches.update({"cms_handshake": "silent", "uds_handshake": "silent"})
    start = time.monotonic()
    status, said = readiness(portal)
    assert time.monotonic() - start < 1.9
    assert (status, said["ready"]) == (503, False)
    assert {said["cms"], said["cucm"]} <= {"timed out", "no connection in time"}


@pytest.fixture
def idle_pod() -> Iterator[Pod]:
    """A pod of its own: in one that is shared, requests of earlier tests may still be in flight."""
    with QuietPod(switches={"cms_latency": 50, "uds_latency": 50}) as pod:
        yield pod


def test_callers_at_once_ask_each_server_one_by_one(idle_pod: Pod, tmp_path: Path) -> None:
    app = create_app(idle_pod.settings, project=tmp_path)
    statuses: list[int] = []
    callers = [
        threading.Thread(
            target=lambda: statuses.append(app.test_client().get("/readyz").status_code)
        )
        for _ in range(8)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert statuses == [200] * 8
    servers = idle_pod.journal.report()["servers"]
    assert [servers[name]["most_in_flight"] for name in ("cms", "uds")] == [1, 1]
