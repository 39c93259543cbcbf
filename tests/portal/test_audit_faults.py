"""The audit of a bad day: whoever changes what, and whatever goes wrong, it says what CMS shows."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from support.audits import Line, agree, foretold, kept, last_lines
from support.companies import APPLY, LIST, Row, add_fault, plan, portal_of, todo
from support.pods import QuietPod
from support.timing import timed

from flaskr.pod import Pod
from flaskr.pod.cms.start import CALL_LEG_PROFILE
from flaskr.pod.rehearsal import company_of
from flaskr.provisioning import apply
from flaskr.rest.v1 import attempts

pytestmark = timed

BAD_DAY = (
    "busy probability=0.05",
    "cut probability=0.04 takes_effect=true",
    "cut probability=0.04 takes_effect=false",
    "cut=0.5 probability=0.03",
    "reset probability=0.03 takes_effect=true",
    "status=500 probability=0.03 takes_effect=true",
    "html=200 probability=0.03 takes_effect=true",
    "truncated probability=0.03",
)
SETTINGS = {
    "SPACE_OWNER_JID": "$userName$@pod6.example",
    "SPACE_HOST_CALL_LEG_PROFILE": CALL_LEG_PROFILE,
    "PORTAL_MAX_REMOVALS": "100%",
}
COMPANY = company_of(30, 7, 0.3)
USERIDS = [
    user["userName"] for user in COMPANY.employees if user["userName"].replace(".", "").isalnum()
]
USERS = 8  # of a plan that is applied
COMMAND = "spaces apply"
OF_ONE = {f"{method} {LIST}/<userid>" for method in ("POST", "PUT", "DELETE")}
Change = Callable[[], object]


@pytest.fixture(scope="module")
def company() -> Iterator[Pod]:
    with QuietPod(company=COMPANY, seed=13) as pod:
        yield pod


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


class Callers:
    """Those who change one user's Space or many, by HTTP or by the command, as chance will have it.

    The command is another process in life, so it has a portal of its own here.
    """

    def __init__(self, pod: Pod, project: Path, file: Path, chance: random.Random) -> None:
        self._pod, self._chance = pod, chance
        self._portal, self._other = (
            portal_of(pod, project, PORTAL_AUDIT_FILE=str(file), **SETTINGS) for _ in range(2)
        )
        self._file = project / "plan.ndjson"
        self._leavers = 0

    def next_change(self) -> Change:
        """Return what changes something when it is called."""
        ways = (self._of_one, self._of_many, self._by_command)
        return self._chance.choices(ways, (12, 1, 1))[0]()

    def _of_one(self) -> Change:
        method, path, sent = one_by_chance(self._chance)
        return partial(self._portal.open, path, method=method, **sent)

    def _of_many(self) -> Change:
        return partial(self._portal.post, APPLY, json=self._rows())

    def _by_command(self) -> Change:
        lines = [json.dumps(row) for row in self._rows()]
        self._file.write_text("\n".join(lines), encoding="utf-8")
        return partial(self._command, "spaces", "apply", "--yes", str(self._file))

    def _command(self, *arguments: str) -> None:
        ended = self._other.application.test_cli_runner().invoke(args=arguments)
        assert ended.exit_code in (0, 1, 2), ended.output

    def _rows(self) -> list[Row]:
        """Return the rows of a plan for some users, and for who has left, lately or long ago."""
        self._leavers += 1
        leaver = f"left{self._leavers}"
        self._pod.spaces.create({"uri": leaver, "cdrTag": leaver, "name": "Left"})
        users = self._chance.sample(USERIDS, USERS)
        leavers = self._chance.choice(("quarantine", "remove"))
        with good_hour(self._pod):
            return todo(plan(self._portal, users, deep="true", leavers=leavers))


def one_by_chance(chance: random.Random) -> tuple[str, str, dict[str, Any]]:
    """Return a change of one user's Space: method, path, and what is sent."""
    userid = chance.choice(USERIDS)
    jid = f"{chance.choice(USERIDS)}@pod6.example"
    space = f"{LIST}/{userid}"
    force = chance.choice(("true", "false"))
    values = chance.choice(
        (
            {"name": f"Name {chance.random()}"},
            {"passcode": str(chance.randrange(10**5, 10**6)), "name": "x"},
            {"callId": str(chance.randrange(700000000, 700000050))},
            {"secondaryUri": chance.choice(("", "", "taken-by-one"))},
            {"nonMemberAccess": chance.choice(("true", "false"))},
        )
    )
    return chance.choice(
        (
            ("POST", space, {"data": {"force": force}}),
            ("POST", space, {"data": values}),
            ("PUT", space, {"data": values}),
            ("PUT", space, {"data": {**values, "force": force}}),
            ("DELETE", space, {"query_string": {"force": force}}),
            ("POST", f"{space}/repair", {}),
            ("POST", f"{space}/passcode", {"data": {"role": chance.choice(("guest", "host"))}}),
            ("PUT", f"{space}/members/{jid}", {"data": {"canDestroy": force}}),
            ("DELETE", f"{space}/members/{jid}", {}),
        )
    )


@contextmanager
def good_hour(pod: Pod) -> Iterator[None]:
    """Have nothing go wrong meanwhile."""
    faults = pod.faults.active()
    pod.faults.clear()
    yield
    for fault in faults:
        pod.faults.append(fault)


def test_it_says_exactly_what_cms_shows_whatever_goes_wrong(
    company: Pod,
    tmp_path: Path,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    pytestconfig: pytest.Config,
) -> None:
    monkeypatch.setattr(attempts, "PAUSES", (0.01, 0.01))
    monkeypatch.setattr(apply, "FIRST_PAUSE_SECONDS", 0.01)
    wanted = pytestconfig.getoption("--audited-changes")
    callers = Callers(company, tmp_path, file, random.Random(20))
    for fault in BAD_DAY:
        add_fault(company, fault)
    file.touch()
    found: list[Line] = []
    with file.open(encoding="utf-8") as trail:
        while len(found) < wanted:
            change = callers.next_change()
            before = kept(company)
            change()
            lines = [json.loads(line) for line in trail]
            after = kept(company)
            ways = foretold(before, lines, after)
            assert any(agree(way, before, after) for way in ways), (change, lines)
            found += last_lines(lines)
    assert {line["outcome"] for line in found} == {"done", "seen", "failed", "unknown"}
    done = {line["operation"] for line in found if line["outcome"] == "done"}
    assert done >= {f"POST {APPLY}", COMMAND, *OF_ONE}
