"""A plan that is applied on a bad day: what is said of each row is true, and the next run ends it.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from support.companies import (
    APPLY, NDJSON, Row, Spaces, add_fault, counts, objects, plan, portal_of, spaces_of,
    todo,
)
from support.pods import QuietPod
from support.timing import timed

from flaskr.pod import Pod
from flaskr.pod.cms.start import CALL_LEG_PROFILE
from flaskr.pod.rehearsal import company_of
from flaskr.provisioning import apply
from flaskr.result import MAYBE_DONE

pytestmark = timed

BAD_DAY = (
    "busy probability=0.1",
    "cut probability=0.02 takes_effect=true",
    "cut probability=0.02 takes_effect=false",
    "cut=0.5 probability=0.02",
    "reset probability=0.02 takes_effect=true",
    "status=500 probability=0.02 takes_effect=true",
    "html=200 probability=0.02 takes_effect=true",
    "truncated probability=0.02",
    "late=0.1 probability=0.05",
    "late=9 probability=0.003 takes_effect=true",
    "slow=5000 probability=0.05",
)
BETTER_DAY = ("busy probability=0.1", "late=0.1 probability=0.05", "slow=5000 probability=0.05")
MAYBE = {f"cms_{reason.value}" for reason in MAYBE_DONE}
MADE_ALL_THE_SAME = "may have been made all the same"
IN_PART = ("Changed before that: ", "stands there without it")
HOSTED = {
    "SPACE_OWNER_JID": "$userName$@pod6.example",
    "SPACE_HOST_CALL_LEG_PROFILE": CALL_LEG_PROFILE,
}
MEMBERS, METHODS = "coSpaces/*/coSpaceUsers", "coSpaces/*/accessMethods"
REFUSED_BY_CMS = {"a%b c"}


@pytest.fixture(scope="module")
def running_company() -> Iterator[Pod]:
    with QuietPod(company=company_of(200, 7, 0.6), seed=11) as pod:
        yield pod


@pytest.fixture
def company(running_company: Pod) -> Pod:
    running_company.reset()
    running_company.switches.page_cap = 100
    return running_company


def streamed(portal: FlaskClient, rows: list[Row]) -> tuple[list[Row], Row]:
    """Apply rows; return what came of each that was begun, and the end of the stream."""
    answer = portal.post(APPLY, json=rows, headers={"Accept": NDJSON})
    assert answer.status_code == 200
    *outcomes, end = map(json.loads, answer.text.splitlines())
    assert end["counts"] == counts(outcomes)
    return outcomes, end


def check_true(pod: Pod, outcome: Row, before: Spaces) -> None:
    """Check what is said of a row against the Spaces before and now."""
    now = spaces_of(pod)
    if outcome["outcome"] == "done" or (outcome["outcome"], outcome["action"]) == (
        "unchanged", "create"
    ):
        check_done(now, outcome)
    elif own(outcome, now) != own(outcome, before):
        assert outcome["outcome"] == "failed", outcome
        if not any(said in outcome["message"] for said in IN_PART):
            assert outcome["error"]["code"] in MAYBE, outcome
            assert MADE_ALL_THE_SAME in outcome["message"], outcome


def check_done(now: Spaces, outcome: Row) -> None:
    space = now.get(outcome["coSpace"])
    if outcome["action"] == "remove":
        assert space is None, outcome
        return
    assert space is not None, outcome
    defaults = {"nonMemberAccess": "true"}
    for name, value in outcome["after"].items():
        if name not in ("member", "host", "requireCallId"):
            kept = space.get(name, defaults.get(name, "")).lower()
            assert kept == value.lower(), outcome


def own(outcome: Row, spaces: Spaces) -> dict[str, Any]:
    """Return the Spaces that a row could be about."""
    userid = outcome["userid"].lower()
    return {
        space_id: values for space_id, values in spaces.items()
        if space_id == outcome["coSpace"] or values.get("uri") == userid
    }


def whole(pod: Pod) -> list[tuple[Any, ...]]:
    """Return all Spaces with their members and access methods, without what is made up."""
    made_up = ("passcode", "secret", "callId", "coSpace")
    found = []
    for space in pod.spaces.listed():
        parts = [
            sorted(
                tuple(sorted((k, v) for k, v in part.values.items() if k not in made_up))
                for part in objects(pod, path).listed(space.id)
            )
            for path in (MEMBERS, METHODS)
        ]
        values = sorted((k, v) for k, v in space.values.items() if k not in made_up)
        found.append((values, *parts))
    return sorted(found)


def ordered(portal: FlaskClient, **more: Any) -> list[Row]:
    return plan(portal, **{"leavers": "quarantine", **more})


def left_by(pod: Pod, users: int) -> None:
    """Have Spaces of so many users who have left."""
    for number in range(users):
        pod.spaces.create({"uri": f"left{number}", "cdrTag": f"left{number}"})


@pytest.mark.parametrize(("settings", "order"), [
    ({}, {}),
    (HOSTED, {"deep": True, "users": [f"pod6user{number}" for number in range(1, 21)]}),
    ({}, {"everyone": False, "leavers": "remove"}),
])
def test_after_two_runs_all_is_as_after_one_on_a_good_day_and_all_that_was_said_is_true(
    company: Pod, tmp_path: Path, settings: dict[str, str], order: dict[str, Any]
) -> None:
    portal = portal_of(
        company, tmp_path, **settings, PORTAL_TIMEOUT="3", PORTAL_MAX_REMOVALS="100%"
    )
    good = []
    for days in ((), ()), (BAD_DAY, BETTER_DAY):
        company.reset()
        company.switches.page_cap = 100
        left_by(company, 50)
        for day in days:
            run_on(company, portal, ordered(portal, **order), day)
        good.append(whole(company))
    assert good[0] == good[1]
    left = {row["userid"] for row in todo(ordered(portal, **order))}
    assert left <= REFUSED_BY_CMS


def run_on(company: Pod, portal: FlaskClient, rows: list[Row], day: Iterable[str]) -> None:
    """Apply rows on such a day, and check what is said of each."""
    before = spaces_of(company)
    for fault in day:
        add_fault(company, fault)
    outcomes, end = streamed(portal, rows)
    company.faults.clear()
    assert end["complete"] is True, end
    assert len(outcomes) == len(rows)
    for outcome in outcomes:
        check_true(company, outcome, before)


def test_what_a_busy_cms_left_half_made_is_made_whole_when_the_row_is_tried_again(
    company: Pod, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apply, "FIRST_PAUSE_SECONDS", 0.01)
    portal = portal_of(company, tmp_path, **HOSTED)
    (row,) = plan(portal, ["lee"])
    add_fault(company, "busy times=4 path=/coSpaces/*/coSpaceUsers method=POST")
    add_fault(company, "busy times=8 path=/coSpaces/* method=DELETE")
    [outcome], end = streamed(portal, [row])
    assert (outcome["outcome"], end["complete"]) == ("done", True)
    assert "lee@pod6.example's membership" in outcome["message"]
    (again,) = plan(portal, ["lee"], deep=True)
    assert again["action"] == "keep"


def test_a_cms_that_is_busy_for_a_while_slows_it_down_and_all_is_done(
    company: Pod, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apply, "FIRST_PAUSE_SECONDS", 0.05)
    portal = portal_of(company, tmp_path)
    rows = todo(ordered(portal))
    add_fault(company, "busy server=cms times=50 skip=20")
    company.journal.clear()
    outcomes, end = streamed(portal, rows)
    assert end["complete"] is True
    assert {row["userid"] for row in outcomes if row["outcome"] != "done"} == REFUSED_BY_CMS
    # All rows pause together, rather than each by itself: few more calls than those it refused.
    assert company.journal.report()["servers"]["cms"]["requests"] < 4 * len(rows) + 50


def test_a_cms_that_stays_busy_ends_it(
    company: Pod, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apply, "FIRST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(apply, "MOST_PAUSES", 2)
    portal = portal_of(company, tmp_path)
    rows = todo(ordered(portal))
    add_fault(company, "busy server=cms skip=40")
    outcomes, end = streamed(portal, rows)
    assert (end["complete"], end["error"]["code"]) == (False, "cms_busy")
    check_ended(company, portal, rows, outcomes)


def test_a_cms_that_is_down_ends_it_with_what_is_done_and_what_is_not(
    company: Pod, tmp_path: Path
) -> None:
    portal = portal_of(company, tmp_path)
    rows = todo(ordered(portal))
    company.switches.cms_latency = 100
    timer = threading.Timer(0.5, company.switches.update, [{"call_bridges_down": "cms"}])
    timer.start()
    outcomes, end = streamed(portal, rows)
    timer.join()
    assert (end["complete"], end["error"]["code"]) == (False, "cms_unreachable")
    company.switches.call_bridges_down = ""
    check_ended(company, portal, rows, outcomes)


def check_ended(
    company: Pod, portal: FlaskClient, rows: list[Row], outcomes: list[Row]
) -> None:
    """Check that rows were done, failed, and not begun; and that the next run does what is left."""
    company.faults.clear()
    assert set(counts(outcomes)) == {"done", "failed"}
    assert counts(outcomes)["failed"] <= 2 * 8
    assert len(outcomes) < len(rows)
    done = {row["userid"] for row in outcomes if row["outcome"] == "done"}
    left = {row["userid"] for row in todo(ordered(portal))}
    everyone = {row["userid"] for row in rows}
    assert everyone - done - REFUSED_BY_CMS <= left
    assert not left & done
    outcomes, end = streamed(portal, ordered(portal))
    assert end["complete"] is True
    assert {row["userid"] for row in outcomes if row["outcome"] == "failed"} == REFUSED_BY_CMS


def test_a_caller_who_goes_away_has_the_rows_in_work_finished_and_no_other_begun(
    company: Pod, tmp_path: Path
) -> None:
    portal = portal_of(company, tmp_path, PORTAL_CMS_PARALLEL="4")
    rows = todo(ordered(portal))
    threads = threading.active_count()
    company.switches.cms_latency = 20
    answer = portal.post(APPLY, json=rows, headers={"Accept": NDJSON}, buffered=False)
    pieces = answer.iter_encoded()
    first = [json.loads(next(pieces)) for _ in range(10)]
    answer.close()
    assert counts(first) == {"done": 10}
    assert company.journal.report()["servers"]["cms"]["in_flight"] == 0
    made = changed(company, rows)
    assert {row["userid"] for row in first} <= made
    assert 10 <= len(made) <= 10 + 4
    time.sleep(0.2)
    assert changed(company, rows) == made
    assert threading.active_count() <= threads


def test_a_caller_who_goes_away_while_cms_is_busy_is_not_worked_for_any_more(
    company: Pod, tmp_path: Path
) -> None:
    portal = portal_of(company, tmp_path)
    rows = todo(ordered(portal))
    answer = portal.post(APPLY, json=rows, headers={"Accept": NDJSON}, buffered=False)
    pieces = answer.iter_encoded()
    next(pieces)
    add_fault(company, "busy server=cms")
    company.journal.clear()
    answer.close()
    # The rows in work are tried as often as each call is, and not again after a pause.
    assert company.journal.report()["servers"]["cms"]["requests"] <= 8 * 6


@pytest.mark.parametrize("fault", ["busy server=cms", "late=0 server=cms"])
def test_a_portal_that_is_being_stopped_begins_no_further_row_and_says_so(
    company: Pod, tmp_path: Path, fault: str
) -> None:
    portal = portal_of(company, tmp_path)
    rows = todo(ordered(portal, leavers="leave"))
    add_fault(company, fault)
    is_stopping = iter([False] * 20)
    answer = portal.post(
        APPLY, json=rows, headers={"Accept": NDJSON},
        environ_overrides={"front.stopping": lambda: next(is_stopping, True)},
    )
    *outcomes, end = map(json.loads, answer.text.splitlines())
    assert (end["complete"], end["error"]["code"]) == (False, "portal_stopping")
    assert 0 < len(outcomes) <= 20 + 8
    assert end["error"]["message"].endswith("Plan again for what is left.")


def changed(pod: Pod, rows: list[Row]) -> set[str]:
    """Return the users whose rows were carried out."""
    now = spaces_of(pod)
    uris = {values.get("uri") for values in now.values()}
    found = set()
    for row in rows:
        space = now.get(row["coSpace"], {})
        is_there = row["userid"].lower() in uris
        done = {
            "create": is_there,
            "remove": row["coSpace"] not in now,
            "modify": all(space.get(key) == value for key, value in row["after"].items()),
        }
        if done[row["action"]]:
            found.add(row["userid"])
    return found
