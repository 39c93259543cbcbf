"""Plan and apply: a whole company, and many new Spaces; how fast, how many calls, how much memory.

The plain loop that it is beside looks for each user's Space by a search of its own. It is measured
with some of the users, and reckoned up for all.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from benchmarks.servers import (
    Bare,
    Portal,
    Process,
    SimulatedPod,
    running_bare,
    running_pod,
    running_portal,
)
from benchmarks.table import Row, milliseconds

SHARE = 0.98  # of the users, who have a Space
SAMPLE = 200
LATENCY_MS = 20
CREATIONS = 1000
CREATION_LATENCIES_MS = (20, 100)
NEW_COMPANY = 3000  # employees without a Space: some share a number, so that they are refused one
PARALLEL = 8  # PORTAL_CMS_PARALLEL unless set
NDJSON = "application/x-ndjson"
EVERYONE = b'{"everyone": true}'


class Streamed(NamedTuple):
    """What came of a stream: its rows as they were sent, how many of which kind, and the cost.

    `portal` and `pod` are seconds of CPU time, `calls` those that arrived at each server.
    """

    lines: list[bytes]
    counts: dict[str, int]
    seconds: float
    portal: float
    pod: float
    calls: dict[str, int]


class Company(NamedTuple):
    """A portal in front of a simulated pod with a company."""

    pod: SimulatedPod
    portal: Process
    caller: Portal

    def plan(self) -> Streamed:
        """Plan for everyone."""
        return self._streamed("plan", EVERYONE, "application/json")

    def apply(self, lines: list[bytes]) -> Streamed:
        """Carry out the rows of a plan."""
        return self._streamed("apply", b"\n".join(lines), NDJSON)

    def _streamed(self, path: str, body: bytes, kind: str) -> Streamed:
        self.pod.forget()
        portal, pod = self.portal.cpu_seconds(), self.pod.process.cpu_seconds()
        seconds, document = self.caller.post(f"/api/v1/cms/{path}", body, kind, NDJSON)
        *lines, last = document.splitlines()
        end: dict[str, Any] = json.loads(last)
        assert end["complete"], end
        return Streamed(
            lines,
            end["counts"],
            seconds,
            self.portal.cpu_seconds() - portal,
            self.pod.process.cpu_seconds() - pod,
            {name: self.pod.counts(name).get("requests", 0) for name in ("cms", "uds")},
        )


def measured_plans(command: str, size: int) -> Iterator[Row]:
    """Yield the lines of a table, for a company of that size."""
    with running_pod("--company", str(size), "--with-spaces", str(SHARE), "--seed", "7") as pod:
        with running_bare(pod.settings) as bare, _portal(command, pod) as company:
            yield from _whole_company(company, bare)
    with running_pod("--company", str(NEW_COMPANY), "--with-spaces", "0", "--seed", "7") as pod:
        with running_bare(pod.settings) as bare, _portal(command, pod) as company:
            yield from _creations(company, bare)


@contextmanager
def _portal(command: str, pod: SimulatedPod) -> Iterator[Company]:
    """Run a portal. The first page of each list, which the pod makes an index for, is read."""
    for server, path in (("CMS", "/coSpaces"), ("CUCM", "/users")):
        pod.read(server, path)
    settings = {**pod.settings, "PORTAL_API_KEY": "", "PORTAL_CMS_PARALLEL": str(PARALLEL)}
    with running_portal(command, settings) as (process, port, _):
        yield Company(pod, process, Portal(port))


def _whole_company(company: Company, bare: Bare) -> Iterator[Row]:
    company.pod.delay(LATENCY_MS)
    plan = company.plan()
    userids = [json.loads(line)["userid"] for line in plan.lines]
    sample = userids[:: len(userids) // SAMPLE]
    loop = sum(bare.find(userid.lower()) for userid in sample) / len(sample) * len(userids)
    yield Row(
        f"plan for {len(userids)} users, {LATENCY_MS} ms", f"{loop:.0f} s", f"{plan.seconds:.2f} s",
        f"{loop / plan.seconds:.0f}", ">= 40",
    )
    yield _calls(company.pod, plan)
    yield Row("  CPU: pod, portal", f"{plan.pod:.2f} s", f"{plan.portal:.2f} s", "", "")
    applied = company.apply(plan.lines)
    yield Row(f"apply of it: {_in_words(applied.counts)}", "", f"{applied.seconds:.1f} s", "", "")
    again = company.plan()
    left = sum(again.counts.get(action, 0) for action in ("create", "modify", "remove"))
    assert left == applied.counts.get("failed", 0), again.counts
    most = company.portal.most_megabytes()
    yield Row("memory, at the most", "", f"{most:.0f} MB", "", "<= 150 MB")


def _calls(pod: SimulatedPod, plan: Streamed) -> Row:
    """Compare the calls of a plan with the pages that the lists have."""
    pages = pod.pages("CMS", "/coSpaces") + pod.pages("CUCM", "/users?max=500")
    calls = sum(plan.calls.values())
    return Row("  pages; calls", f"{pages}", f"{calls}", f"+ {calls - pages}", "<= + 30")


def _creations(company: Company, bare: Bare) -> Iterator[Row]:
    """Create so many Spaces; the bound is what the pod's latency and PORTAL_CMS_PARALLEL allow.

    As many bare threads tell how much of that the pod, on the same machine, lets anyone reach. They
    create one half before, and one after.
    """
    lines = [line for line in company.plan().lines if _is_creation(json.loads(line))]
    for latency in CREATION_LATENCIES_MS:
        company.pod.delay(latency)
        rows, lines = lines[:CREATIONS], lines[CREATIONS:]
        before = bare.create(f"before-{latency}", CREATIONS // 2)
        applied = company.apply(rows)
        after = bare.create(f"after-{latency}", CREATIONS // 2)
        assert applied.counts == {"done": CREATIONS}, applied.counts
        calls = applied.calls["cms"] / CREATIONS
        bound = PARALLEL / (calls * latency / 1000)
        reached = CREATIONS / applied.seconds
        plain = CREATIONS / (before + after)
        yield Row(
            f"{CREATIONS} creations, {latency} ms, a second", f"{bound:.0f}", f"{reached:.0f}",
            f"{reached / bound:.0%}", ">= 85%",
        )
        yield Row(
            "  beside 8 bare threads", f"{plain:.0f}", f"{reached:.0f}", f"{reached / plain:.0%}",
            "",
        )
        yield Row("  CMS calls of each", "", f"{calls:.2f}", "", "~1")
        pod, portal = (milliseconds(each / CREATIONS) for each in (applied.pod, applied.portal))
        yield Row("  CPU of each: pod, portal", pod, portal, "", "")


def _is_creation(row: dict[str, Any]) -> bool:
    """Return whether a row creates a Space that CMS takes: no uri has a blank."""
    return row["action"] == "create" and " " not in row["userid"]


def _in_words(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in counts.items())
