"""The audit: a line before each change and one after it, in a file, and read back."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from support.audits import kept, last_lines, lines_of
from support.companies import add_fault, apply, changes_at, plan, portal_of
from support.keys import make_keys

from flaskr.access.audit_trail import HEADINGS, BadTime, read_trail, since, table
from flaskr.access.roles import KeyRole
from flaskr.pod import Pod
from flaskr.pod.cms.start import CALL_LEG_PROFILE
from flaskr.provisioning.rows import MASK

SPACE = "/api/v1/cms/spaces/pod6user1"
HOSTED = {
    "SPACE_OWNER_JID": "$userName$@pod6.example",
    "SPACE_HOST_CALL_LEG_PROFILE": CALL_LEG_PROFILE,
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


@pytest.fixture
def audited(pod: Pod, tmp_path: Path, file: Path) -> FlaskClient:
    return portal_of(pod, tmp_path, PORTAL_AUDIT_FILE=str(file))


def outcomes(file: Path) -> list[tuple[str, str]]:
    """Return what each line says was called, without IDs, and what came of it."""
    return [(line["call"].split("-")[0][:-8], line["outcome"]) for line in lines_of(file)]


def test_a_line_before_and_one_after_say_who_changed_what(
    pod: Pod, tmp_path: Path, file: Path
) -> None:
    key = make_keys(tmp_path, {"desk": KeyRole.HELPDESK})["desk"]
    portal = portal_of(pod, tmp_path, PORTAL_AUDIT_FILE=str(file))
    headers = {"X-API-Key": key, "X-Request-ID": "ticket-4711"}
    space_id = portal.post(SPACE, headers=headers).get_json()["response"]
    begun, done = lines_of(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert begun.pop("time") <= done.pop("time")
    after = {
        "name": "Pod6 User1's Space", "uri": "pod6user1", "secondaryUri": "+14085550101",
        "cdrTag": "pod6user1",
    }
    facts = {
        "request": "ticket-4711", "key": "desk", "role": "helpdesk", "address": "127.0.0.1",
        "operation": "POST /api/v1/cms/spaces/<userid>", "change": begun["change"],
        "userid": "pod6user1", "before": {}, "after": after, "code": "",
    }
    assert begun == {**facts, "coSpace": "", "call": "POST coSpaces", "outcome": "begun"}
    call = f"POST coSpaces/{space_id}"
    assert done == {**facts, "coSpace": space_id, "call": call, "outcome": "done"}


def test_a_modification_says_what_was_there_and_what_is_now(
    audited: FlaskClient, file: Path
) -> None:
    audited.post(SPACE, data={"name": "Old", "passcode": "1357"})
    audited.put(SPACE, data={"name": "New", "secondaryUri": "", "passcode": "2468"})
    line = lines_of(file)[-1]
    assert line["before"] == {"name": "Old", "secondaryUri": "+14085550101", "passcode": MASK}
    assert line["after"] == {"name": "New", "secondaryUri": "", "passcode": MASK}
    audited.delete(SPACE)
    line = lines_of(file)[-1]
    assert (line["before"]["name"], line["after"], line["outcome"]) == ("New", {}, "done")
    for secret in ("1357", "2468", "s3cret"):
        assert secret not in file.read_text()


def test_no_passcode_and_no_secret_is_in_it_whichever_way_it_came(
    pod: Pod, tmp_path: Path, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = {**HOSTED, "SPACE_CALL_ID": "auto", "SPACE_PASSCODE_DIGITS": "6"}
    portal = portal_of(pod, tmp_path, PORTAL_AUDIT_FILE=str(file), **settings)
    portal.post(SPACE, data={"streamUrl": "rtmp://stream.example/live-key"})
    told = [portal.post(f"{SPACE}/passcode", data={"role": role}) for role in ("guest", "host")]
    secrets = {answer.get_json()["response"]["passcode"] for answer in told} | {"live-key"}
    for values in kept(pod).values():
        secrets |= {values[name] for name in ("passcode", "secret") if values.get(name)}
    portal.delete(SPACE)
    written = file.read_text() + caplog.text
    assert [secret for secret in secrets if secret in written] == []
    assert "flaskr.audit" in caplog.text


def test_what_cms_refuses_is_told_as_failed_with_its_code(
    audited: FlaskClient, file: Path
) -> None:
    audited.post(SPACE)
    audited.put(SPACE, data={"callId": "620100001"})
    assert [line["outcome"] for line in lines_of(file)] == ["begun", "done", "begun", "failed"]
    assert lines_of(file)[-1]["code"] == "call_id_taken"


def test_what_only_asks_and_dry_runs_leave_no_line(audited: FlaskClient, file: Path) -> None:
    audited.get(SPACE)
    audited.post(SPACE, data={"dry_run": "true"})
    audited.put(SPACE, data={"dry_run": "true", "name": "x"})
    (row,) = plan(audited, ["pod6user1"])
    apply(audited, [row], dry_run="true")
    assert not file.exists()


def test_each_row_of_a_plan_has_its_lines(audited: FlaskClient, file: Path) -> None:
    apply(audited, plan(audited, ["pod6user1", "pod6user2"]))
    lines = lines_of(file)
    assert {(line["userid"], line["outcome"]) for line in lines} == {
        (userid, outcome)
        for userid in ("pod6user1", "pod6user2") for outcome in ("begun", "done")
    }
    assert {line["operation"] for line in lines} == {"POST /api/v1/cms/apply"}


def test_a_command_is_on_record_as_its_users(
    pod: Pod, tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "cron-user")
    portal = portal_of(pod, tmp_path, PORTAL_AUDIT_FILE=str(file))
    planned = tmp_path / "plan.ndjson"
    (row,) = plan(portal, ["pod6user1"])
    planned.write_text(f"{json.dumps(row)}\n")
    runner = portal.application.test_cli_runner()
    ended = runner.invoke(args=["spaces", "apply", "--yes", str(planned)])
    assert ended.exit_code == 0, ended.output
    begun, done = lines_of(file)
    assert (done["key"], done["role"], done["operation"]) == (
        "cron-user", "command", "spaces apply"
    )
    assert "flaskr.audit" not in ended.stderr


@pytest.mark.parametrize(
    ("method", "fault"),
    [
        ("POST", "cut method=POST path=/coSpaces times=1"),
        ("PUT", "status=500 method=PUT times=1 takes_effect=true"),
        ("DELETE", "cut method=DELETE times=1"),
    ],
)
def test_a_change_whose_answer_was_lost_is_on_record_once_it_is_seen(
    pod: Pod, audited: FlaskClient, file: Path, method: str, fault: str
) -> None:
    if method != "POST":
        audited.post(SPACE)
    written = len(lines_of(file)) if file.exists() else 0
    add_fault(pod, fault)
    sent = {} if method == "DELETE" else {"name": "New"}
    answer = audited.open(SPACE, method=method, data=sent)
    lines = lines_of(file)[written:]
    found = [line["outcome"] for line in lines]
    if method == "PUT":  # is told as it is, and not looked up
        assert (answer.status_code, found) == (502, ["begun", "unknown"])
        return
    assert (answer.status_code, found) == (200, ["begun", "unknown", "seen"])
    assert len({line["change"] for line in lines}) == 1
    assert lines[-1]["coSpace"] != ""


def test_a_creation_that_is_undone_is_on_record_with_its_end(
    pod: Pod, tmp_path: Path, file: Path
) -> None:
    portal = portal_of(pod, tmp_path, PORTAL_AUDIT_FILE=str(file), **HOSTED)
    add_fault(pod, "failure=invalidOperation method=POST path=/coSpaces/*/accessMethods")
    assert portal.post(SPACE).status_code == 409
    found = [(line["call"].split()[0], line["outcome"]) for line in last_lines(lines_of(file))]
    assert found == [("POST", "done"), ("POST", "done"), ("POST", "failed"), ("DELETE", "done")]
    assert lines_of(file)[-1]["before"]["uri"] == "pod6user1"


# The file.


def gone(file: Path) -> None:
    file.parent.rename(file.parent.with_name("elsewhere"))


def a_folder(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.mkdir()


@pytest.mark.parametrize("spoil", [gone, a_folder])
@pytest.mark.parametrize("is_first", [True, False])
def test_where_it_can_not_be_written_nothing_is_changed_and_reads_go_on(
    pod: Pod, tmp_path: Path, spoil: Callable[[Path], None], is_first: bool
) -> None:
    (tmp_path / "log").mkdir()
    file = tmp_path / "log" / "audit.jsonl"
    portal = portal_of(pod, tmp_path, PORTAL_AUDIT_FILE=str(file))
    if not is_first:
        portal.post(SPACE)
    spoil(file)
    rows = plan(portal, ["pod6user2"])
    pod.journal.clear()
    rename = partial(portal.put, data={"name": "x"})
    for change in (portal.post,) if is_first else (portal.delete, rename):
        answer = change(SPACE)
        body = answer.get_json()
        assert (answer.status_code, body["error"]["code"]) == (503, "audit_unavailable")
        assert body["error"]["retry"] is False
    ended = portal.post("/api/v1/cms/apply", json=rows).get_json()
    assert ended["error"]["code"] == "audit_unavailable"
    assert not [each for each in changes_at(pod) if "uriUsageQuery" not in each]
    assert portal.get("/api/v1/cms/version").status_code == 200
    assert portal.post(SPACE, data={"dry_run": "true"}).status_code == (200 if is_first else 409)


def test_a_file_that_was_moved_away_is_made_anew(audited: FlaskClient, file: Path) -> None:
    audited.post(SPACE)
    file.rename(file.with_suffix(".1"))
    audited.delete(SPACE)
    assert [line["outcome"] for line in lines_of(file)] == ["begun", "done"]
    assert len(lines_of(file.with_suffix(".1"))) == 2


def test_a_file_that_root_is_the_first_to_write_belongs_to_the_portals_user(
    audited: FlaskClient, file: Path
) -> None:
    own = (os.geteuid(), os.getegid())
    user = (12345, 12346) if own[0] == 0 else own
    os.chown(file.parent, *user)
    audited.post(SPACE)
    assert (file.stat().st_uid, file.stat().st_gid) == user


def test_a_line_that_was_cut_by_a_full_disk_spoils_no_other(
    audited: FlaskClient, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    cut = iter([10])

    def half(descriptor: int, data: bytes) -> int:
        return write(descriptor, data[: next(cut, len(data))])

    monkeypatch.setattr(os, "write", half)
    assert audited.post(SPACE).status_code == 503
    assert audited.post(SPACE).status_code == 200
    found = list(read_trail(file.read_text().splitlines()))
    assert [line["outcome"] for line in found] == ["begun", "done"]


# Read back.


def read_back(portal: FlaskClient, *arguments: str) -> tuple[int, list[str], str]:
    ended = portal.application.test_cli_runner().invoke(args=["audit", *arguments])
    return ended.exit_code, ended.stdout.splitlines(), ended.stderr


def test_it_is_read_back_by_user_and_time(audited: FlaskClient, file: Path) -> None:
    audited.post(SPACE, data={"name": "Old"})
    audited.put(SPACE, data={"name": "New"})
    audited.post("/api/v1/cms/spaces/pod6user2")
    code, (heading, *rows), _ = read_back(audited, "--user", "POD6USER1", "--since", "1h")
    assert (code, heading.split()) == (0, list(HEADINGS))
    assert [row.split()[1:3] for row in rows] == [["done", "pod6user1"]] * 2
    assert rows[1].endswith('name: "Old" -> "New"')
    everything = read_back(audited, "--format", "ndjson")[1]
    assert [json.loads(line) for line in everything] == lines_of(file)
    assert read_back(audited, "--since", "2099-01-01")[1] == [heading]
    twice = ("--file", str(file), "--file", str(file))
    assert read_back(audited, *twice, "--format", "ndjson")[1] == everything * 2


def test_what_has_no_end_is_shown_as_begun() -> None:
    text = json.dumps({"time": "2026-07-14T09:30:00.000Z", "change": "1", "outcome": "begun",
                       "userid": "l\x1bee", "key": "desk", "call": "PUT coSpaces/x",
                       "before": {"name": "a"}, "after": {"name": "b"}, "code": ""})
    (_, row) = table(read_trail(["no line", "7", "{}", text]))
    assert row.split()[:3] == ["2026-07-14T09:30:00Z", "begun", "l?ee"]


def test_what_can_not_be_read_back_is_said_in_one_line(portal: FlaskClient) -> None:
    code, _, said = read_back(portal)
    assert (code, said.splitlines()[-1][:38]) == (1, "Error: PORTAL_AUDIT_FILE is not set: n")
    assert read_back(portal, "--file", __file__, "--since", "yesterday")[0] == 2


NOW = datetime(2026, 7, 14, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("30m", "2026-07-14T11:30:00+00:00"), ("12h", "2026-07-14T00:00:00+00:00"),
        ("7d", "2026-07-07T12:00:00+00:00"), ("2026-07-01", "2026-07-01T00:00:00+00:00"),
        ("2026-07-01T10:00:00Z", "2026-07-01T10:00:00+00:00"),
        ("2026-07-01 10:00+02:00", "2026-07-01T10:00:00+02:00"),
    ],
)
def test_since_is_a_while_ago_or_a_date(text: str, time: str) -> None:
    assert since(text, NOW).isoformat() == time


@pytest.mark.parametrize("text", ["", "7", "d", "7w", "-7d", "99999999d", "tomorrow", "999999d"])
def test_since_is_nothing_else(text: str) -> None:
    with pytest.raises(BadTime):
        since(text, NOW)
