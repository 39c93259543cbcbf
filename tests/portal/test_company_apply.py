"""A plan that is applied: what comes of each row, and what is left alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from support.companies import (
    APPLY, CSV, NDJSON, PLAN, Row, apply, apply_one, by_userid, changes_at, counts, made_by_ldap,
    objects, plan, plan_for, portal_of, rows_of, space_with, spaces_of, todo,
)
from support.csv_dialects import Dialect
from support.timing import timed

from flaskr.pod import Pod
from flaskr.provisioning import rows, userlist
from flaskr.pod.cms.start import CALL_LEG_PROFILE
from flaskr.provisioning.spreadsheet import read_table

pytestmark = timed

HOSTED = {
    "SPACE_OWNER_JID": "$userName$@pod6.example",
    "SPACE_HOST_CALL_LEG_PROFILE": CALL_LEG_PROFILE,
}
MEMBERS, METHODS = "coSpaces/*/coSpaceUsers", "coSpaces/*/accessMethods"
EXCEL = Dialect(";", "\r\n", bom=True, quotes_all=False, ends_last_line=True)
LEFT = {"name": "Left", "uri": "left", "secondaryUri": "6999", "cdrTag": "left"}


@pytest.fixture
def portal(portal_of_module: FlaskClient) -> FlaskClient:
    return portal_of_module


def refused(portal: FlaskClient, **sent: Any) -> str:
    """Return what is said of rows that are refused before any is begun."""
    answer = portal.post(APPLY, **sent)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "bad_parameter")
    return str(answer.get_json()["message"])


# What is done.


def test_a_space_is_created_as_planned_and_named(pod: Pod, portal: FlaskClient) -> None:
    row = plan_for(portal, "pod6user1")
    outcome = apply_one(portal, row)
    space_id, values = space_with(pod, "pod6user1")
    assert values == row["after"]
    assert outcome == {
        **row, "coSpace": space_id, "outcome": "done", "message": outcome["message"]
    }
    assert f"created {space_id}" in outcome["message"]


def test_a_space_is_modified_as_planned_and_nothing_else_of_it(
    pod: Pod, portal: FlaskClient
) -> None:
    space_id, before = space_with(pod, "pod6user10")
    row = plan_for(portal, "pod6user10", name="Ten", callId="")
    outcome = apply_one(portal, row)
    assert (outcome["outcome"], outcome["message"]) == ("done", "Changed: callId, name.")
    left = {key: value for key, value in before.items() if key not in ("name", "callId")}
    assert spaces_of(pod)[space_id] == {**left, "name": "Ten"}


def test_what_a_deep_plan_found_missing_is_added(pod: Pod, tmp_path: Path) -> None:
    portal = portal_of(pod, tmp_path, **HOSTED)
    space_id, _ = space_with(pod, "pod6user10")
    (row,) = plan(portal, ["pod6user10"], deep=True)
    assert apply_one(portal, row)["outcome"] == "done"
    assert spaces_of(pod)[space_id]["ownerJid"] == "pod6user10@pod6.example"
    (member,) = objects(pod, MEMBERS).listed(space_id)
    (host,) = objects(pod, METHODS).listed(space_id)
    assert member.values["userJid"] == "pod6user10@pod6.example"
    assert host.values["callLegProfile"] == CALL_LEG_PROFILE
    (row,) = plan(portal, ["pod6user10"], deep=True)
    assert row["action"] == "keep"


def test_a_new_space_is_made_whole(pod: Pod, tmp_path: Path) -> None:
    portal = portal_of(pod, tmp_path, **HOSTED, SPACE_PASSCODE_DIGITS="6", SPACE_CALL_ID="auto")
    (row,) = plan(portal, ["lee"])
    assert apply_one(portal, row)["outcome"] == "done"
    space_id, values = space_with(pod, "lee")
    assert {"ownerJid", "callId", "passcode"} <= values.keys()
    assert len(objects(pod, MEMBERS).listed(space_id)) == 1
    assert len(objects(pod, METHODS).listed(space_id)) == 1
    assert counts(plan(portal, ["lee"], deep=True)) == {"keep": 1}
    assert apply_one(portal, row)["outcome"] == "unchanged"


def test_a_leavers_space_is_put_in_quarantine_then_removed(
    pod: Pod, portal: FlaskClient
) -> None:
    space_id = pod.spaces.create(LEFT).id
    (row,) = plan(portal, leavers="quarantine", everyone=False)
    assert apply_one(portal, row)["outcome"] == "done"
    assert spaces_of(pod)[space_id] == {**LEFT, "nonMemberAccess": "false"}
    (row,) = plan(portal, leavers="remove", everyone=False)
    assert apply_one(portal, row)["outcome"] == "done"
    assert space_id not in spaces_of(pod)


def test_what_is_kept_or_refused_is_passed_on(pod: Pod, portal: FlaskClient) -> None:
    before = spaces_of(pod)
    rows = plan(portal, ["pod6user10", "nobody"])
    outcomes = apply(portal, rows)
    assert [(each["outcome"], each["message"]) for each in outcomes] == [
        ("unchanged", row["message"]) for row in rows
    ]
    assert spaces_of(pod) == before


def test_after_a_plan_there_is_nothing_left_to_do_and_applying_it_again_does_nothing(
    pod: Pod, portal: FlaskClient
) -> None:
    pod.spaces.create(LEFT)
    for number in (10, 12, 14):
        pod.spaces.modify(space_with(pod, f"pod6user{number}")[0], {"name": "Another"})
    rows = plan(portal, deep=True, leavers="remove")
    first = counts(apply(portal, rows))
    after = spaces_of(pod)
    assert first == {"done": len(todo(rows)) - 1, "unchanged": len(rows) - len(todo(rows)),
                     "failed": 1}
    assert {row["userid"] for row in todo(plan(portal, deep=True, leavers="remove"))} == {"a%b c"}
    assert counts(apply(portal, rows)) == {"unchanged": len(rows) - 1, "failed": 1}
    assert spaces_of(pod) == after


def test_what_cms_refuses_is_said_with_its_codes(portal: FlaskClient) -> None:
    outcome = apply_one(portal, plan_for(portal, "a%b c"))
    assert outcome["outcome"] == "failed"
    assert outcome["error"] == {"code": "bad_parameter", "failureCodes": ["parameterError"]}


def test_no_more_rows_are_in_work_than_there_may_be(pod: Pod, tmp_path: Path) -> None:
    portal = portal_of(pod, tmp_path, PORTAL_CMS_PARALLEL="3")
    rows = todo(plan(portal))
    pod.journal.clear()
    pod.switches.cms_latency = 5
    apply(portal, rows)
    assert pod.journal.report()["servers"]["cms"]["most_in_flight"] == 3


def test_passcodes_are_in_no_outcome_and_in_no_log(
    pod: Pod, portal: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    space_id, _ = space_with(pod, "pod6user11")
    pod.spaces.modify(space_id, {"passcode": "8642097", "secret": "s3cr3tOfOld"})
    users = [
        {"userid": "pod6user1", "passcode": "7531902"},
        {"userid": "pod6user10", "passcode": "7531902", "secret": "s3cr3tOfNow"},
        {"userid": "pod6user11", "passcode": "7531902", "secret": "s3cr3tOfNow"},
        {"userid": "a%b c", "passcode": "7531902"},
    ]
    rows = plan(portal, users)
    pod.spaces.modify(space_id, {"passcode": "9753108", "secret": "s3cr3tMeanwhile"})
    pod.spaces.create({"uri": "pod6user1", "passcode": "9753108"})
    for form in ("application/json", NDJSON, CSV):
        answer = portal.post(APPLY, json=rows, headers={"Accept": form})
        assert answer.status_code == 200
        for secret in ("7531902", "8642097", "9753108", "s3cr3t"):
            assert secret not in answer.text
            assert secret not in caplog.text
    assert "******" in answer.text


# What is not as it was planned for is left alone.


def renamed(pod: Pod, space_id: str) -> None:
    pod.spaces.modify(space_id, {"name": "Renamed meanwhile"})


def moved(pod: Pod, space_id: str) -> None:
    pod.spaces.modify(space_id, {"uri": "elsewhere", "secondaryUri": ""})


def gone(pod: Pod, space_id: str) -> None:
    pod.spaces.delete(space_id)


def made_again(pod: Pod, space_id: str) -> None:
    values = spaces_of(pod)[space_id]
    pod.spaces.delete(space_id)
    pod.spaces.create(values)


def untagged(pod: Pod, space_id: str) -> None:
    pod.spaces.modify(space_id, {"cdrTag": ""})


def retagged(pod: Pod, space_id: str) -> None:
    pod.spaces.modify(space_id, {"cdrTag": "pod6user1"})


def renumbered(pod: Pod, space_id: str) -> None:
    pod.spaces.modify(space_id, {"secondaryUri": "6998"})


def owned(pod: Pod, space_id: str) -> None:
    pod.spaces.modify(space_id, {"ownerJid": "lee@pod6.example"})


Change = Callable[[Pod, str], None]


@pytest.mark.parametrize(("change", "outcome", "said"), [
    (renamed, "stale", 'has the name "Renamed meanwhile" now, which was not planned for.'),
    (moved, "stale", 'does not have the URI "pod6user10" any more.'),
    (gone, "stale", "is gone."),
    (made_again, "stale", "is gone."),
    (retagged, "failed", 'which is marked as that of "pod6user1" in its cdrTag'),
])
def test_a_space_that_is_another_now_is_not_modified(
    pod: Pod, portal: FlaskClient, change: Change, outcome: str, said: str
) -> None:
    space_id, _ = space_with(pod, "pod6user10")
    pod.spaces.modify(space_id, {"cdrTag": "pod6user10"})
    row = plan_for(portal, "pod6user10", name="Ten", callId="42")
    change(pod, space_id)
    left_alone(pod, portal, row, outcome, said)


@pytest.mark.parametrize(("change", "outcome", "said"), [
    (renamed, "stale", 'has the name "Renamed meanwhile" now'),
    (moved, "stale", 'does not have the URI "left" any more.'),
    (gone, "unchanged", "is gone already."),
    (made_again, "unchanged", "is gone already."),
    (untagged, "stale", 'has the cdrTag "" now'),
    (retagged, "stale", 'has the cdrTag "pod6user1" now'),
    (renumbered, "stale", 'has the secondaryUri "6998" now'),
])
def test_a_space_that_is_another_now_is_not_removed(
    pod: Pod, portal: FlaskClient, change: Change, outcome: str, said: str
) -> None:
    space_id = pod.spaces.create(LEFT).id
    (row,) = plan(portal, everyone=False, leavers="remove")
    change(pod, space_id)
    left_alone(pod, portal, row, outcome, said)


@pytest.mark.parametrize(("values", "outcome", "said"), [
    ({"uri": "pod6user1", "name": "Taken"}, "stale", 'There is the Space "Taken"'),
    ({"uri": "other", "secondaryUri": "pod6user1"}, "stale", "There is the Space"),
    ({"uri": "other", "secondaryUri": "+14085550101"}, "failed", "has it already"),
    ({"uri": "+14085550101"}, "failed", "has it already"),
])
def test_where_something_is_taken_meanwhile_no_space_is_created(
    pod: Pod, portal: FlaskClient, values: dict[str, str], outcome: str, said: str
) -> None:
    row = plan_for(portal, "pod6user1")
    pod.spaces.create(values)
    left_alone(pod, portal, row, outcome, said)


def test_where_a_uri_is_taken_meanwhile_a_space_is_not_modified(
    pod: Pod, portal: FlaskClient
) -> None:
    row = plan_for(portal, "pod6user10", secondaryUri="6998", name="Ten")
    pod.spaces.create({"uri": "6998"})
    left_alone(pod, portal, row, "failed", "has it already")


def left_alone(pod: Pod, portal: FlaskClient, row: Row, outcome: str, said: str) -> None:
    """Apply a row, and see that it comes to this and that nothing is changed."""
    before = spaces_of(pod)
    found = apply_one(portal, row)
    assert (found["outcome"], said in found["message"]) == (outcome, True), found
    assert spaces_of(pod) == before


def test_a_space_that_is_so_already_needs_no_change(pod: Pod, portal: FlaskClient) -> None:
    space_id, _ = space_with(pod, "pod6user10")
    row = plan_for(portal, "pod6user10", name="Ten", callId="42")
    pod.spaces.modify(space_id, {"name": "Ten"})
    assert apply_one(portal, row)["message"] == "Changed: callId."
    assert apply_one(portal, row)["outcome"] == "unchanged"


def test_what_changed_beside_the_plan_is_in_nobodys_way(pod: Pod, portal: FlaskClient) -> None:
    space_id, _ = space_with(pod, "pod6user10")
    row = plan_for(portal, "pod6user10", name="Ten")
    pod.spaces.modify(space_id, {"callId": "42", "passcode": "123456"})
    assert apply_one(portal, row)["outcome"] == "done"
    assert spaces_of(pod)[space_id]["callId"] == "42"


# Rows that no plan of the portal's has.


def removal(space_id: str, userid: str, **before: str) -> Row:
    return {"userid": userid, "action": "remove", "coSpace": space_id, "before": before}


def quarantine(space_id: str, userid: str) -> Row:
    """Return the row for a leaver, as it was planned."""
    return {
        "userid": userid, "action": "modify", "coSpace": space_id,
        "before": {"cdrTag": userid, "nonMemberAccess": "true"},
        "after": {"nonMemberAccess": "false"},
    }


def test_who_is_in_the_directory_again_is_not_put_in_quarantine(
    pod: Pod, portal: FlaskClient
) -> None:
    space_id, _ = space_with(pod, "pod6user10")
    pod.spaces.modify(space_id, {"cdrTag": "pod6user10"})
    row = quarantine(space_id, "pod6user10")
    left_alone(pod, portal, row, "stale", 'The directory has a user with the ID "pod6user10"')


def test_what_is_not_marked_as_a_leavers_any_more_is_not_put_in_quarantine(
    pod: Pod, portal: FlaskClient
) -> None:
    space_id = pod.spaces.create(LEFT).id
    (row,) = plan(portal, leavers="quarantine", everyone=False)
    assert row == {**quarantine(space_id, "left"), "message": row["message"]}
    untagged(pod, space_id)
    left_alone(pod, portal, row, "stale", 'has the cdrTag "" now')


def test_nothing_is_added_to_a_space_that_is_no_users_own(pod: Pod, tmp_path: Path) -> None:
    portal = portal_of(pod, tmp_path, SPACE_HOST_CALL_LEG_PROFILE=CALL_LEG_PROFILE)
    space_id = pod.spaces.create({"uri": "hall", "name": "Hall"}).id
    row = {"userid": "hall", "action": "create", "after": {"uri": "hall"}}
    left_alone(pod, portal, row, "failed", "which is no user's own.")
    assert not objects(pod, METHODS).listed(space_id)


@pytest.mark.parametrize("other", ["modify", "remove"])
def test_two_rows_for_one_space_stop_all_of_it(
    pod: Pod, portal: FlaskClient, other: str
) -> None:
    row = plan_for(portal, "pod6user10", name="Ten")
    again = {**row, "coSpace": row["coSpace"].upper(), "action": other}
    said = f"row 2 is for the same Space as row 1: {again['coSpace']}."
    before = spaces_of(pod)
    assert said in refused(portal, json=[row, again])
    assert spaces_of(pod) == before


def test_two_rows_that_create_a_users_space_stop_all_of_it(portal: FlaskClient) -> None:
    row = plan_for(portal, "pod6user1")
    again = {**row, "userid": "Pod6User1"}
    said = "row 2 is for the same Space as row 1: Pod6User1."
    assert said in refused(portal, json=[row, again])


def test_a_user_whom_the_directory_has_loses_no_space(pod: Pod, portal: FlaskClient) -> None:
    space_id, _ = space_with(pod, "pod6user10")
    pod.spaces.modify(space_id, {"cdrTag": "pod6user10"})
    row = removal(space_id, "pod6user10")
    left_alone(pod, portal, row, "stale", 'The directory has a user with the ID "pod6user10"')


@pytest.mark.parametrize(("values", "userid"), [
    ({"uri": "left"}, "left"), ({"uri": "left", "cdrTag": "other"}, "left"),
])
def test_what_is_not_marked_as_the_users_is_not_removed(
    pod: Pod, portal: FlaskClient, values: dict[str, str], userid: str
) -> None:
    space_id = pod.spaces.create(values).id
    left_alone(pod, portal, removal(space_id, userid), "stale", 'is not marked as that of "left"')


def test_what_an_ldap_sync_made_is_not_removed(pod: Pod, portal: FlaskClient) -> None:
    space_id = made_by_ldap(pod, {"uri": "left", "cdrTag": "left"})
    before = spaces_of(pod)
    assert apply_one(portal, removal(space_id, "left"))["outcome"] in ("failed", "stale")
    assert spaces_of(pod) == before


def test_a_row_with_the_space_of_another_is_stale(pod: Pod, portal: FlaskClient) -> None:
    other, _ = space_with(pod, "pod6user11")
    row = {"userid": "pod6user10", "action": "modify", "coSpace": other, "after": {"name": "x"}}
    left_alone(pod, portal, row, "stale", 'does not have the URI "pod6user10"')


def test_a_row_may_not_take_the_space_from_its_user(pod: Pod, portal: FlaskClient) -> None:
    space_id, _ = space_with(pod, "pod6user10")
    row = {
        "userid": "pod6user10", "action": "modify", "coSpace": space_id,
        "before": {"uri": "pod6user10"}, "after": {"uri": "elsewhere"},
    }
    left_alone(pod, portal, row, "failed", "would be neither the uri nor the secondaryUri")
    row = {"userid": "pod6user1", "action": "create", "after": {"uri": "elsewhere"}}
    left_alone(pod, portal, row, "failed", "would be neither the uri nor the secondaryUri")


# How many may be removed at once.


@pytest.mark.parametrize("leavers", ["remove", "quarantine"])
@pytest.mark.parametrize(("limit", "spaces", "status"), [
    ("5%", 5, 200), ("5%", 6, 409), ("0", 1, 409), ("1", 1, 200), ("100%", 9, 200), ("0%", 5, 200),
])
def test_more_removals_than_may_be_at_once_are_refused(
    pod: Pod, tmp_path: Path, limit: str, spaces: int, status: int, leavers: str
) -> None:
    portal = portal_of(pod, tmp_path, PORTAL_MAX_REMOVALS=limit)
    for number in range(spaces):
        pod.spaces.create({"uri": f"left{number}", "cdrTag": f"left{number}"})
    rows = [*plan(portal, ["pod6user1"]), *plan(portal, everyone=False, leavers=leavers)]
    before = spaces_of(pod)
    answer = portal.post(APPLY, json=rows)
    assert answer.status_code == status
    if status == 409:
        assert spaces_of(pod) == before
        assert answer.get_json()["error"]["code"] == "too_many_removals"
        assert f"send removals={spaces}" in answer.get_json()["message"]
        other = portal.post(APPLY, json={"rows": rows, "removals": spaces - 1})
        assert other.status_code == 409
        assert spaces_of(pod) == before
        assert counts(apply(portal, rows, removals=spaces)) == {"done": spaces + 1}
    else:
        assert counts(rows_of(answer)) == {"done": spaces + 1}


# The plan as a document.


def as_excel(data: bytes, dialect: Dialect = EXCEL) -> bytes:
    """Return a CSV file as a spreadsheet saves it that has opened it."""
    table = read_table(data)
    rows = [list(map(_opened, row.cells.values())) for row in table.rows]
    return dialect.file([table.columns, *rows])


def _opened(cell: str) -> str:
    return cell.upper() if cell in ("true", "false") else cell


def of_all_kinds(pod: Pod, portal: FlaskClient, form: str) -> tuple[bytes, list[Row]]:
    """Return a plan with rows of all kinds: in that form, and the rows that there are to come."""
    pod.spaces.create(LEFT)
    pod.spaces.modify(space_with(pod, "pod6user12")[0], {"name": "'=1+1"})
    users = [
        "pod6user1", "eleni", "nobody",
        {"userid": "pod6user10", "passcode": "0042", "callId": "", "nonMemberAccess": False},
        {"userid": "pod6user12", "name": "none"}, {"userid": "pod6user13", "name": "1/2"},
        {"userid": "pod6user14", "name": 'A "B"; C, D'}, "twin1",
        {"userid": "twin2", "secondaryUri": ""}, "lee1", "a%b c",
    ]
    asked = {"users": users, "leavers": "remove"}
    rows = rows_of(portal.post(PLAN, json=asked))
    assert set(counts(rows)) == {"create", "modify", "keep", "remove", "refuse"}
    return portal.post(PLAN, json=asked, headers={"Accept": form}).data, rows


FORMS: dict[str, tuple[str, str, Callable[[bytes], bytes]]] = {
    "as JSON": ("application/json", "application/json", lambda data: data),
    "as NDJSON": (NDJSON, NDJSON, lambda data: data),
    "as CSV": (CSV, CSV, lambda data: data),
    "as CSV after Excel": (CSV, CSV, as_excel),
    "as CSV with tabs": (CSV, CSV, lambda data: as_excel(data, EXCEL._replace(delimiter="\t"))),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_plan_is_applied_as_it_was_in_whatever_form(
    pod: Pod, portal: FlaskClient, form: str
) -> None:
    accept, kind, handled = FORMS[form]
    data, rows = of_all_kinds(pod, portal, accept)
    outcomes = rows_of(portal.post(APPLY, data=handled(data), content_type=kind))
    assert counts(outcomes) == {"done": 9, "unchanged": 2, "failed": 1}
    found = by_userid(outcomes)
    for row in rows:
        outcome = found[row["userid"]]
        assert outcome["action"] == row["action"]
        assert outcome["before"].keys() == row["before"].keys()
    assert space_with(pod, "pod6user12")[1]["name"] == "none"
    assert space_with(pod, "pod6user13")[1]["name"] == "1/2"
    assert space_with(pod, "pod6user14")[1]["name"] == 'A "B"; C, D'
    ten = space_with(pod, "pod6user10")[1]
    assert (ten["passcode"], ten["nonMemberAccess"], "callId" in ten) == ("0042", "false", False)
    assert "secondaryUri" not in space_with(pod, "twin2")[1]


@pytest.mark.parametrize("kind", ["application/json", NDJSON])
def test_a_plan_that_is_not_complete_is_not_applied(
    pod: Pod, portal: FlaskClient, kind: str
) -> None:
    (row,) = plan(portal, ["pod6user1"])
    cut = {"complete": False, "error": {"code": "cms_busy", "message": "Busy."}}
    documents = {
        NDJSON: f"{json.dumps(row)}\n{json.dumps(cut)}\n",
        "application/json": json.dumps({"success": False, "response": {"rows": [row], **cut}}),
    }
    message = refused(portal, data=documents[kind], content_type=kind)
    assert "was not read to its end" in message
    assert changes_at(pod) == []


def test_what_came_of_rows_comes_in_whatever_form(pod: Pod, portal: FlaskClient) -> None:
    rows = plan(portal, ["pod6user1", "pod6user10"])
    lines = portal.post(APPLY, json=rows, headers={"Accept": NDJSON}).text.splitlines()
    assert json.loads(lines[-1]) == {"complete": True, "counts": {"done": 1, "unchanged": 1}}
    assert {json.loads(line)["outcome"] for line in lines[:-1]} == {"done", "unchanged"}
    answer = portal.post(APPLY, json=rows, headers={"Accept": CSV})
    table = read_table(answer.data)
    assert {row.cells["outcome"] for row in table.rows} == {"unchanged"}
    assert 'filename="rows.csv"' in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(("line", "said"), [
    ("pod6user1,delete,,x", "line 2, action takes one of"),
    ("pod6user1,modify,,x", "line 2, coSpace takes the ID of the Space"),
    ("pod6user1,remove,x,x", "line 2, coSpace takes the ID of the Space"),
    (",create,,x", "line 2, userid is empty"),
    ("pod6user1,create,,x,y", "line 2 has"),
])
def test_a_line_of_csv_that_is_no_row_stops_all_of_it_by_name(
    pod: Pod, portal: FlaskClient, line: str, said: str
) -> None:
    data = f"userid,action,coSpace,after.name\n{line}\npod6user2,create,,y\n"
    assert said in refused(portal, data=data, content_type=CSV)
    assert changes_at(pod) == []


@pytest.mark.parametrize(("row", "said"), [
    ("pod6user1", "row 2, it is no row of a plan"),
    ({"userid": 1, "action": "keep"}, "row 2, userid takes text"),
    ({"userid": "x", "action": "create", "after": ["y"]}, "row 2, after takes an object"),
    ({"userid": "x", "action": "create", "after": {"uri": 1}}, "row 2, after: uri takes text"),
    ({"userid": "x", "action": "create", "after": {"hair": ""}}, 'there is no field "hair"'),
    ({"userid": "x", "action": "create", "after": {"ownerId": "x"}}, "ownerId can't be set"),
    ({"userid": "x", "action": "create", "after": {"callId": "x"}}, "callId takes digits only"),
    ({"userid": "\ud800", "action": "keep"}, "row 2, userid"),
    ({"userid": "x", "action": "keep", "message": "\ud800"}, "row 2, message"),
    ({"userid": "x", "action": "keep", "coSpace": "\ud800"}, "row 2, coSpace"),
    ({"userid": "x", "action": "keep", "before": {"name": "\ud800"}}, "row 2, before: name"),
])
def test_what_is_no_row_stops_all_of_it_by_name(
    pod: Pod, portal: FlaskClient, row: Any, said: str
) -> None:
    good = {"userid": "pod6user2", "action": "create", "after": {"uri": "pod6user2"}}
    assert said in refused(portal, json=[good, row])
    assert changes_at(pod) == []


def test_what_is_said_beside_an_answer_of_the_portals_counts(
    pod: Pod, portal: FlaskClient
) -> None:
    planned = portal.post(PLAN, json=[{"userid": "pod6user10", "name": "Ten"}]).get_json()
    before = spaces_of(pod)
    (outcome,) = rows_of(portal.post(APPLY, json={**planned, "dry_run": True}))
    assert outcome["message"].startswith("Dry run: nothing was changed.")
    assert spaces_of(pod) == before
    answer = portal.post(APPLY, json={**planned, "removals": 7})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "too_many_removals")
    assert 'There is no parameter "dryrun".' in refused(portal, json={**planned, "dryrun": True})


def test_a_name_that_stands_in_a_body_twice_is_refused(pod: Pod, portal: FlaskClient) -> None:
    row = json.dumps(plan_for(portal, "pod6user10", name="Ten"))
    for body in (
        f'{{"dry_run": true, "rows": [{row}], "dry_run": false}}',
        f'[{row.replace("{", """{"userid": "lee", """, 1)}]',
    ):
        said = refused(portal, data=body, content_type="application/json")
        assert "was sent more than once." in said


def test_numbers_of_thousands_of_digits_are_refused(portal: FlaskClient) -> None:
    assert "removals takes a whole number" in refused(
        portal, json={"rows": [], "removals": "0" * 5000}
    )


def test_a_plan_does_not_tell_the_passcode_that_there_was(pod: Pod, portal: FlaskClient) -> None:
    space_id, _ = space_with(pod, "pod6user10")
    pod.spaces.modify(space_id, {"passcode": "8642097"})
    row = plan_for(portal, "pod6user10", passcode="7531902")
    assert row["before"] == {}
    assert apply_one(portal, row)["outcome"] == "done"
    assert spaces_of(pod)[space_id]["passcode"] == "7531902"


def test_a_column_that_no_plan_has_is_refused_by_name(portal: FlaskClient) -> None:
    text = "userid,action,After.name\r\nlee,create,Lee\r\n"
    answer = portal.post(APPLY, data=text, content_type=CSV)
    assert answer.status_code == 400
    assert 'no plan has a column "After.name"' in answer.get_json()["message"]


def test_what_stands_behind_the_end_of_a_plan_is_refused(portal: FlaskClient) -> None:
    text = '{"complete": true, "counts": {}}\n{"userid": "lee", "action": "keep"}\n'
    answer = portal.post(APPLY, data=text, content_type=NDJSON)
    assert answer.status_code == 400
    assert "line 2 stands behind the end" in answer.get_json()["message"]


def test_more_rows_than_a_plan_may_have_are_refused(
    portal: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MOST_ROWS", 3)
    monkeypatch.setattr(userlist, "MOST_ROWS", 3)
    kept = [{"userid": f"u{number}", "action": "keep"} for number in range(4)]
    assert portal.post(APPLY, json=kept[:3]).status_code == 200
    assert portal.post(APPLY, json=kept).status_code == 400
    ids = [row["userid"] for row in kept]
    assert portal.post(PLAN, json=ids[:3]).status_code == 200
    assert portal.post(PLAN, json=ids).status_code == 400
