"""The commands for a whole company, and the portal, as processes: also where they are killed."""

from __future__ import annotations

import http.client
import json
import os
import pty
import re
import selectors
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support.companies import Row, add_fault, changes_at, counts, spaces_of, todo
from support.pods import QuietPod
from support.processes import Running, bare_environment, bare_project, heeding_ctrl_c
from support.timing import timed

from flaskr.pod import Pod
from flaskr.pod.rehearsal import company_of
from flaskr.provisioning.spreadsheet import read_table

pytestmark = timed

PATIENCE_SECONDS = 60
REFUSED_BY_CMS = {"a%b c"}
FLASK = [sys.executable, "-m", "flask", "--app", "flaskr"]


@pytest.fixture(scope="module")
def running_company() -> Iterator[Pod]:
    with QuietPod(company=company_of(150, 7, 0.5)) as pod:
        yield pod


@pytest.fixture
def company(running_company: Pod) -> Pod:
    running_company.reset()
    return running_company


def start(pod: Pod, *arguments: str, **more: Any) -> subprocess.Popen[str]:
    """Start a command, in a folder that has nobody's settings."""
    return subprocess.Popen(
        [*FLASK, *arguments], cwd=bare_project(), env=bare_environment(pod.settings), text=True,
        **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
           **more},
    )


def run(pod: Pod, *arguments: str, sent: str | None = None) -> tuple[int, str, str]:
    """Run a command to its end; return its exit status, and what it wrote to where."""
    stdin = subprocess.DEVNULL if sent is None else subprocess.PIPE
    with start(pod, *arguments, stdin=stdin) as process:
        written, said = process.communicate(sent, timeout=PATIENCE_SECONDS)
    assert "Traceback" not in said, said
    return process.returncode, written, said


def lines_of(text: str) -> tuple[list[Row], Row]:
    *rows, end = map(json.loads, text.splitlines())
    return rows, end


def rows_in(file: Path) -> tuple[list[Row], Row]:
    return lines_of(file.read_text(encoding="utf-8"))


# Lists.


def test_spaces_and_users_are_listed_as_lines_or_as_csv(company: Pod, tmp_path: Path) -> None:
    status, written, said = run(company, "spaces", "list", "--filter", "lee")
    rows, end = lines_of(written)
    assert (status, end) == (0, {"complete": True, "counts": {"spaces": len(rows)}})
    assert said == f"Complete: {len(rows)} spaces.\n"
    file = tmp_path / "users.csv"
    status, written, said = run(
        company, "directory", "list", "--department", "Lab", "-o", str(file)
    )
    assert (status, written, said) == (0, "", "Complete: 20 users.\n")
    assert len(list(read_table(file.read_bytes()).rows)) == 20


@pytest.mark.parametrize(("fault", "status", "said"), [
    ("busy server=cms", 1, "Error: CMS at "),
    ("cut=0.5 server=cms skip=3", 1, "Not complete: "),
])
def test_a_list_that_is_not_read_to_its_end_says_so(
    company: Pod, fault: str, status: int, said: str
) -> None:
    add_fault(company, fault)
    code, written, found = run(company, "spaces", "list")
    assert (code, said in found) == (status, True)
    assert lines_of(written)[1]["complete"] is False


# Plan and apply.


def test_a_plan_is_made_applied_and_applied_again(company: Pod, tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    order = ("--everyone", "--leavers", "quarantine", "-o", str(file))
    status, written, said = run(company, "spaces", "plan", *order)
    assert (status, written) == (0, "")
    assert re.fullmatch(r"Complete: \d+ create, \d+ keep, \d+ modify, \d+ refuse\.\n", said)
    status, written, said = run(company, "spaces", "apply", str(file), "--yes")
    outcomes, end = lines_of(written)
    failed = {row["userid"] for row in outcomes if row["outcome"] == "failed"}
    assert (status, failed, end["complete"]) == (1, REFUSED_BY_CMS, True)
    status, written, said = run(company, "spaces", "plan", "--everyone", "--leavers", "quarantine")
    rows, _ = lines_of(written)
    assert {row["userid"] for row in todo(rows)} == REFUSED_BY_CMS
    done = [row for row in rows if row["userid"] not in REFUSED_BY_CMS]
    text = "\n".join(map(json.dumps, done))
    before = spaces_of(company)
    status, written, said = run(company, "spaces", "apply", "-", "--yes", sent=text)
    assert (status, said) == (0, f"Complete: {len(done)} unchanged.\n")
    assert spaces_of(company) == before


def test_a_plan_is_applied_through_a_pipe(company: Pod) -> None:
    users = "userid;name\r\npod6user1;One\r\npod6user2;\r\n"
    with start(company, "spaces", "plan", "-", stdin=subprocess.PIPE) as planning:
        with start(company, "spaces", "apply", "-", "--yes", stdin=planning.stdout) as applying:
            assert planning.stdin
            planning.stdin.write(users)
            planning.stdin.close()
            written, said = applying.communicate(timeout=PATIENCE_SECONDS)
    assert (planning.returncode, applying.returncode) == (0, 0)
    assert said == "Complete: 2 done.\n"
    assert counts(lines_of(written)[0]) == {"done": 2}


def test_where_nobody_can_be_asked_nothing_is_done_without_yes(company: Pod) -> None:
    _, plan, _ = run(company, "spaces", "plan", "-", sent="pod6user1\npod6user10\n")
    before = spaces_of(company)
    status, written, said = run(company, "spaces", "apply", "-", sent=plan)
    assert (status, written) == (2, "")
    assert said == (
        "Nothing was done (1 to create, 0 to modify, 0 to remove): say --yes where nobody can be "
        "asked.\n"
    )
    assert spaces_of(company) == before


@pytest.mark.parametrize(("arguments", "sent", "said"), [
    (("spaces", "plan", "-"), "hair,eyes\nx,y\n", "There is no column userid"),
    (("spaces", "plan"), "", "there is nobody to plan for"),
    (("spaces", "apply", "-", "--yes"), "userid\nx\n", "it has no column action"),
    (("spaces", "apply", "-", "--yes"), "", "The file is empty"),
    (("spaces", "apply", "-", "--yes"), '{"complete": false}', "was not read to its end"),
    (("spaces", "apply", "-", "--yes", "--removals", "3"), "[]", "takes 0 Spaces away, and not 3"),
    (("spaces", "apply", "nowhere.csv", "--yes"), None, "No such file"),
    (("spaces", "plan", "--everyone", "-o", "no/where.csv"), None, "no/where.csv"),
    (("spaces", "apply", "-", "--yes", "-o", "no/where.csv"), "CREATE", "no/where.csv"),
])
def test_what_can_not_be_begun_exits_with_2_and_says_why(
    company: Pod, arguments: tuple[str, ...], sent: str | None, said: str
) -> None:
    before = spaces_of(company)
    creation = '{"userid": "lee", "action": "create", "after": {"uri": "lee"}}'
    status, written, found = run(company, *arguments, sent=creation if sent == "CREATE" else sent)
    assert (status, written) == (2, "")
    assert said in found
    assert spaces_of(company) == before


def test_a_directory_that_fails_makes_no_plan(company: Pod, tmp_path: Path) -> None:
    add_fault(company, "cut=0.5 server=uds")
    file = tmp_path / "plan.ndjson"
    status, written, said = run(
        company, "spaces", "plan", "--everyone", "--leavers", "remove", "-o", str(file)
    )
    assert (status, written, file.exists()) == (2, "", False)
    assert said.startswith("Error: CUCM UDS at ")


def test_without_settings_nothing_is_begun() -> None:
    process = subprocess.run(
        [*FLASK, "spaces", "list"], cwd=bare_project(), env=bare_environment({}),
        capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
    )
    assert (process.returncode, process.stdout) == (2, "")
    assert "CMS_HOSTNAME is not set" in process.stderr


def test_a_cms_that_goes_down_ends_it_with_1_and_what_is_not_done(
    company: Pod, tmp_path: Path
) -> None:
    file = plan_of(company, tmp_path)
    company.switches.cms_latency = 10
    out = tmp_path / "out.ndjson"
    with start(company, "spaces", "apply", str(file), "--yes", "-o", str(out)) as process:
        wait_for_lines(out, 10)
        company.switches.call_bridges_down = "cms"
        _, said = process.communicate(timeout=PATIENCE_SECONDS)
    outcomes, end = rows_in(out)
    assert (process.returncode, end["complete"]) == (1, False)
    assert "Not complete: " in said and f"{end['left']} not begun" in said
    assert len(outcomes) + end["left"] == len(rows_in(file)[0])


def plan_of(company: Pod, folder: Path) -> Path:
    """Return the file of a plan for everyone."""
    file = folder / "plan.ndjson"
    assert run(company, "spaces", "plan", "--everyone", "-o", str(file))[0] == 0
    return file


def wait_for_lines(file: Path, number: int) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not file.exists() or file.read_bytes().count(b"\n") < number:
        assert time.monotonic() < end, "they never came"
        time.sleep(0.02)


# On a terminal.


def on_a_terminal(pod: Pod, answer: str, *arguments: str) -> tuple[int, str]:
    """Run a command on a terminal whose user types an answer once there is a question.

    Return its exit status and what the terminal shows.
    """
    mine, its = pty.openpty()
    shown = ""
    ready = selectors.DefaultSelector()  # for descriptors of any number, other than select
    ready.register(mine, selectors.EVENT_READ)
    try:
        process = start(pod, *arguments, stdin=its, stdout=its, stderr=its)
        os.close(its)
        with process:
            while ready.select(PATIENCE_SECONDS):
                try:
                    piece = os.read(mine, 65536).decode(errors="replace")
                except OSError:  # how the other side's end shows
                    break
                shown += piece
                if answer and "[y/N]:" in shown:  # a terminal may be told more behind it
                    os.write(mine, f"{answer}\n".encode())
                    answer = ""
            else:
                process.kill()  # it has said nothing for too long
    finally:
        ready.close()
        os.close(mine)
    return process.returncode, shown


def test_on_a_terminal_it_asks_and_shows_how_far_it_is(company: Pod, tmp_path: Path) -> None:
    file, out = plan_of(company, tmp_path), tmp_path / "out.csv"
    before = spaces_of(company)
    status, shown = on_a_terminal(company, "n", "spaces", "apply", str(file))
    assert (status, spaces_of(company)) == (2, before)
    assert re.search(r"CMS at .*: \d+ to create, \d+ to modify, 0 to remove\. Go on\?", shown)
    status, shown = on_a_terminal(company, "y", "spaces", "apply", str(file), "-o", str(out))
    assert (status, "Traceback" in shown) == (1, False)
    rows = len(list(read_table(out.read_bytes()).rows))
    assert re.search(rf"{rows}/{rows}", shown), shown[-500:]
    assert re.search(r"\d+/s .*done:\d+", shown), shown[-500:]
    assert "\x1b[?25l" in shown or "#" in shown


def test_elsewhere_there_is_nothing_but_lines(company: Pod, tmp_path: Path) -> None:
    file = plan_of(company, tmp_path)
    _, written, said = run(company, "spaces", "apply", str(file), "--yes")
    assert all(line.startswith("{") for line in written.splitlines())
    assert "\r" not in said and "\x1b" not in said
    assert len(said.splitlines()) == 1


def test_a_reader_who_goes_away_ends_it_without_a_traceback(company: Pod) -> None:
    with start(company, "spaces", "list") as process:
        assert process.stdout and process.stderr
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
    assert "Traceback" not in said
    assert process.returncode in (0, 1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop_it_finishes_the_rows_in_work_and_says_what_is_left(
    company: Pod, tmp_path: Path, number: int
) -> None:
    file, out = plan_of(company, tmp_path), tmp_path / "out.ndjson"
    company.switches.cms_latency = 10
    with heeding_ctrl_c():
        process = start(company, "spaces", "apply", str(file), "--yes", "-o", str(out))
    with process:
        wait_for_lines(out, 10)
        process.send_signal(number)
        _, said = process.communicate(timeout=PATIENCE_SECONDS)
    outcomes, end = rows_in(out)
    assert (process.returncode, end["complete"]) == (1, False)
    assert said.splitlines()[0].startswith("Error: It was told to stop")
    assert f"{end['left']} not begun" in said
    assert len(outcomes) + end["left"] == len(rows_in(file)[0])
    done = [row["coSpace"] for row in outcomes if row["outcome"] == "done"]
    assert len(done) == len(changes_at(company))
    assert set(done) <= spaces_of(company).keys()


# Killed in the middle.


def finish(company: Pod) -> None:
    """Plan and apply once more, and see that every user has one Space, as the template says."""
    company.switches.cms_latency = 0
    _, plan, _ = run(company, "spaces", "plan", "--everyone")
    rows, _ = lines_of(plan)
    assert len(todo(rows)) > len(REFUSED_BY_CMS)
    _, written, _ = run(company, "spaces", "apply", "-", "--yes", sent=plan)
    outcomes, end = lines_of(written)
    assert end["complete"] is True
    assert {row["userid"] for row in outcomes if row["outcome"] == "failed"} == REFUSED_BY_CMS
    check_all_are_as_they_should_be(company)


def check_all_are_as_they_should_be(company: Pod) -> None:
    _, plan, _ = run(company, "spaces", "plan", "--everyone")
    assert {row["userid"] for row in todo(lines_of(plan)[0])} == REFUSED_BY_CMS
    values = list(spaces_of(company).values())
    for name in ("uri", "cdrTag"):
        often = Counter(each[name].lower() for each in values if each.get(name))
        assert set(often.values()) == {1}


def test_after_kill_9_of_the_command_the_next_one_finishes_the_rest(
    company: Pod, tmp_path: Path
) -> None:
    file, out = plan_of(company, tmp_path), tmp_path / "out.ndjson"
    company.switches.cms_latency = 10
    with start(company, "spaces", "apply", str(file), "--yes", "-o", str(out)) as process:
        wait_for_lines(out, 20)
        process.kill()
    finish(company)


def test_after_kill_9_of_the_portal_the_next_one_finishes_the_rest(
    company: Pod, tmp_path: Path
) -> None:
    plan = plan_of(company, tmp_path).read_bytes()
    company.switches.cms_latency = 10
    process = Running("flaskr.serve", "--port", "0", environment=company.settings)
    try:
        process.wait_for("The portal listens on port")
        port = int(re.findall(r"listens on port (\d+)", process.output)[0])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        with closing(connection):
            kind = "application/x-ndjson"
            connection.request(
                "POST", "/api/v1/cms/apply", plan, {"Content-Type": kind, "Accept": kind}
            )
            answer = connection.getresponse()
            for _ in range(20):
                assert answer.readline()
            process.signal(signal.SIGKILL)
            with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
                answer.read()
    finally:
        process.close()
    finish(company)


def test_a_company_of_5000_is_provisioned_and_nothing_is_left_to_do(tmp_path: Path) -> None:
    with QuietPod(company=company_of(5000, 7, 0.95), switches={"page_cap": 100}) as pod:
        file = plan_of(pod, tmp_path)
        status, written, _ = run(pod, "spaces", "apply", str(file), "--yes")
        outcomes, end = lines_of(written)
        assert (status, end["complete"], end["counts"]["failed"]) == (1, True, 1)
        check_all_are_as_they_should_be(pod)
        now = spaces_of(pod)
    for outcome in outcomes:
        if outcome["outcome"] == "done":
            kept = now[outcome["coSpace"]]
            for name, value in outcome["after"].items():
                assert kept.get(name, "").lower() == value.lower()
