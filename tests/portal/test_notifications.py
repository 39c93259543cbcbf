"""What the Webex room is told, and that nothing of it is in anyone's way, whatever Webex does."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from support.companies import add_fault, apply, plan, portal_of, space_with
from support.keys import make_keys
from support.received import lines, messages, wait_for, wait_until_told
from support.timing import timed

from flaskr.access.roles import KeyRole
from flaskr.notifications import outbox as outbox_module
from flaskr.notifications import watch as watch_module
from flaskr.pod import Pod
from flaskr.pod.webex.service import WebexService

pytestmark = timed

SPACE = "/api/v1/cms/spaces/pod6user1"
CREATED = "- Somebody created the Space of **pod6user1** – name: “Pod6 User1's Space”, " \
    "uri: “pod6user1”, secondaryUri: “+14085550101”, cdrTag: “pod6user1”"
DELETED = "- Somebody deleted the Space of **pod6user1** – “Pod6 User1's Space”"


Open = Callable[..., FlaskClient]


@pytest.fixture(scope="module")
def running_pod() -> Iterator[Pod]:
    """A pod whose room portals are told of."""
    with Pod(seed=1) as pod:
        yield pod


@pytest.fixture
def open_portal(pod: Pod, tmp_path: Path) -> Iterator[Open]:
    """Make portals, which tell nothing any more once the test is over."""
    opened: list[FlaskClient] = []

    def open_one(**settings: str) -> FlaskClient:
        opened.append(portal_of(pod, tmp_path, **settings))
        return opened[-1]

    yield open_one
    for portal in opened:
        portal.application.extensions["notifications"].close()


@pytest.fixture
def portal(open_portal: Open) -> FlaskClient:
    return open_portal()


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """Return what the portal has logged; the pod may log what it likes."""
    records = [each for each in caplog.records if not each.name.startswith("flaskr.pod")]
    return "\n".join(f"{each.getMessage()} {each.exc_text}" for each in records)


def told(pod: Pod, portal: FlaskClient) -> list[str]:
    wait_until_told(portal)
    return lines(pod)


def test_each_change_is_a_line_with_who_whose_and_what(
    pod: Pod, open_portal: Open, tmp_path: Path
) -> None:
    keys = make_keys(tmp_path, {"desk": KeyRole.HELPDESK, "chief": KeyRole.ADMIN})
    portal = open_portal()
    desk, chief = ({"X-API-Key": keys[name]} for name in ("desk", "chief"))
    portal.post(SPACE, headers=desk)
    portal.put(SPACE, headers=desk, data={"name": "A *new* name", "passcode": "135790"})
    portal.put(f"{SPACE}/members/pod6user2@pod6.example", headers=desk)
    portal.delete(SPACE, headers=chief)
    found = told(pod, portal)
    assert found == [
        CREATED.replace("Somebody", "**desk**"),
        "- **desk** changed the Space of **pod6user1** – name: “Pod6 User1's Space” → "
        "“A \\*new\\* name”, passcode: “” → “\\*\\*\\*\\*\\*\\*”",
        "- **desk** added a member to the Space of **pod6user1** – userJid: "
        "“pod6user2@pod6.example”",
        "- **chief** deleted the Space of **pod6user1** – “A \\*new\\* name”",
    ]
    assert "135790" not in "".join(found)


def test_what_changes_nothing_is_not_told(pod: Pod, portal: FlaskClient) -> None:
    portal.get(SPACE)
    portal.post(SPACE, data={"dry_run": "true"})
    portal.post(SPACE, data={"callId": "620100001"})
    portal.delete(SPACE)
    (row,) = plan(portal, ["pod6user1"])
    apply(portal, [row], dry_run="true")
    assert told(pod, portal) == []


def test_what_cms_did_not_confirm_is_told_as_that(pod: Pod, portal: FlaskClient) -> None:
    add_fault(pod, "cut method=POST path=/coSpaces times=1")
    portal.post(SPACE)
    before, after = told(pod, portal)
    assert before.startswith("- Somebody may have created the Space of **pod6user1**: CMS did not")
    assert after.startswith("- Somebody created the Space of **pod6user1**, as CMS shows since – ")


def test_a_plan_that_is_applied_is_one_line(pod: Pod, portal: FlaskClient) -> None:
    rows = plan(portal, ["pod6user1", "pod6user2", "helpdesk"])
    apply(portal, rows)
    assert told(pod, portal) == ["- Somebody applied a plan: 2 done, 1 unchanged."]
    add_fault(pod, "status=401 server=cms")
    body = portal.post("/api/v1/cms/apply", json=rows).get_json()
    assert body["error"]["code"] == "cms_refused_credentials"
    (_, line) = told(pod, portal)
    assert line.endswith("It ended early: cms\\_refused\\_credentials.")


def test_a_command_that_applies_a_plan_tells_it_before_it_ends(
    pod: Pod, open_portal: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "cron-user")
    planned = tmp_path / "plan.ndjson"
    (row,) = plan(open_portal(), ["pod6user1"])
    planned.write_text(f"{json.dumps(row)}\n")
    for option, said in (("--dry-run", []), ("--yes", ["applied a plan: 1 done."])):
        runner = open_portal().application.test_cli_runner()
        assert runner.invoke(args=["spaces", "apply", option, str(planned)]).exit_code == 0
        assert lines(pod) == [f"- **cron-user** {each}" for each in said]


def test_a_server_that_is_away_and_back_is_told(
    pod: Pod, portal: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "SETTLED_SECONDS", 0.05)
    version = "/api/v1/cms/version"
    add_fault(pod, "status=500 server=cms path=/system/status")
    for _ in range(3):
        portal.get(version)
        time.sleep(0.03)
    pod.faults.clear()
    for _ in range(3):
        portal.get(version)
        time.sleep(0.03)
    away, back = told(pod, portal)
    where = f"**CMS at 127.0.0.1:{pod.cms_port}**"
    assert away == f"- {where} has not answered for 0 seconds: status 500."
    assert back == f"- {where} answers again. It was away for 0 seconds."


def test_by_a_webhook_the_room_is_told_the_same(
    pod: Pod, open_portal: Open, caplog: pytest.LogCaptureFixture
) -> None:
    service = pod.services["webex"]
    assert isinstance(service, WebexService)
    webhook = service.webhook(pod.url("webex"))
    settings = {"WEBEX_TOKEN": "", "WEBEX_ROOM_ID": "", "WEBEX_WEBHOOK": webhook}
    portal = open_portal(**settings)
    portal.post(SPACE)
    wait_until_told(portal)
    assert [each["markdown"] for each in messages(pod)] == [CREATED]
    assert webhook.rpartition("/")[2] not in logged(caplog) + portal.get("/metrics").text


def test_without_a_room_nobody_is_told(pod: Pod, open_portal: Open) -> None:
    portal = open_portal(WEBEX_ROOM_ID="")
    assert portal.post(SPACE).status_code == 200
    assert lines(pod) == []
    assert pod.journal.report()["servers"]["webex"]["requests"] == 0


# Whatever Webex does, changes are made as fast, and none is lost.
DOWN = {
    "busy": "busy server=webex",
    "error": "status=500 server=webex",
    "cut": "cut server=webex",
    "silent": "late=30 server=webex",
    "token wrong": "status=401 server=webex",
}
LATENCY_MS = 300  # with which 100 changes that wait for Webex take half a minute


def change_often(portal: FlaskClient, times: int) -> float:
    """Change a Space so many times; return the seconds that it took."""
    start = time.monotonic()
    for number in range(times):
        answer = portal.put(SPACE, data={"name": f"Name {number}"})
        assert answer.status_code == 200, answer.text
    return time.monotonic() - start


@pytest.mark.parametrize("fault", DOWN)
def test_webex_that_is_down_slows_no_change_and_loses_none(
    pod: Pod, open_portal: Open, fault: str
) -> None:
    portal = open_portal()
    portal.post(SPACE)
    pod.switches.update({"webex_latency": LATENCY_MS})
    add_fault(pod, DOWN[fault])
    seconds = change_often(portal, 100)
    assert seconds < 100 * LATENCY_MS / 1000 / 4
    assert space_with(pod, "pod6user1")[1]["name"] == "Name 99"


def test_what_webex_put_off_is_told_when_it_is_back_in_few_messages(
    pod: Pod, open_portal: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "FIRST_PAUSE_SECONDS", 0.05)
    portal = open_portal(PORTAL_TIMEOUT="0.5")
    portal.post(SPACE)
    wait_until_told(portal)
    add_fault(pod, "busy server=webex")
    change_often(portal, 100)
    pod.faults.clear()
    found = told(pod, portal)
    assert found[0] == CREATED
    assert [line.rpartition("→ ")[2] for line in found[1:]] == [
        f"“Name {number}”" for number in range(100)
    ]
    assert len(messages(pod)) < 20


def test_retry_after_is_kept(
    pod: Pod, open_portal: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[float] = []
    monkeypatch.setattr(outbox_module.Outbox, "_rest", lambda _, seconds: rests.append(seconds))
    portal = open_portal()
    for skipped, seconds in enumerate((33, 600)):
        add_fault(pod, f"busy={seconds} server=webex times=1 skip={skipped}")
    portal.post(SPACE)
    assert told(pod, portal) == [CREATED]
    assert rests == [33, 60]


@pytest.mark.parametrize("fault", ["cut", "status=500", "html", "late=5"])
def test_what_webex_may_have_told_is_told_no_second_time(
    pod: Pod, open_portal: Open, fault: str
) -> None:
    portal = open_portal(PORTAL_TIMEOUT="0.5")
    add_fault(pod, f"{fault} server=webex times=1 takes_effect=true")
    portal.post(SPACE)
    wait_until_told(portal)
    portal.delete(SPACE)
    assert told(pod, portal) == [CREATED, DELETED]


def test_too_many_lines_are_dropped_and_the_metrics_say_so(
    pod: Pod, open_portal: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(outbox_module, "MOST_WAITING", 3)
    monkeypatch.setattr(outbox_module, "FIRST_PAUSE_SECONDS", 0.05)
    portal = open_portal(PORTAL_TIMEOUT="0.5")
    add_fault(pod, "busy server=webex")
    portal.post(SPACE)
    change_often(portal, 5)
    figures = portal.get("/metrics").text
    assert 'portal_notifications_total{outcome="dropped"} 3.0' in figures
    assert "portal_notifications_waiting 3.0" in figures
    assert "notifications outcome=dropped lines=1 waiting=3" in caplog.text
    pod.faults.clear()
    assert len(told(pod, portal)) == 3
    figures = portal.get("/metrics").text
    assert 'portal_notifications_total{outcome="sent"} 3.0' in figures
    assert "portal_notifications_waiting 0.0" in figures


def test_no_secret_is_in_the_log_or_the_metrics_whatever_webex_answers(
    pod: Pod, open_portal: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    portal = open_portal(PORTAL_TIMEOUT="0.5", WEBEX_TOKEN="wr0ng-t0ken")
    portal.post(SPACE)
    wait_until_told(portal)
    assert lines(pod) == []
    assert "notification code=webex_refused_credentials" in caplog.text
    written = logged(caplog) + portal.get("/metrics").text
    for secret in ("wr0ng-t0ken", pod.settings["WEBEX_TOKEN"]):
        assert secret not in written


def test_a_portal_that_ends_tells_what_waits_for_a_moment(
    pod: Pod, open_portal: Open, caplog: pytest.LogCaptureFixture
) -> None:
    portal = open_portal()
    add_fault(pod, "busy=30 server=webex times=1")
    portal.post(SPACE)
    wait_for(lambda: "notifications put_off=webex_busy seconds=30" in caplog.text)
    start = time.monotonic()
    portal.application.extensions["notifications"].close()
    assert time.monotonic() - start < 2
    assert lines(pod) == [CREATED]
