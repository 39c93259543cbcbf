"""The measurements and their table. Times depend on the machine; the ratios hardly do."""

import argparse
import os
import platform
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import NamedTuple

from benchmarks.company import measured
from benchmarks.plans import measured_plans
from benchmarks.servers import (
    Bare,
    Portal,
    Process,
    SimulatedPod,
    running_bare,
    running_pod,
    running_portal,
)
from benchmarks.stops import count_lost
from benchmarks.table import Row, milliseconds, show

COMMAND = f"{sys.executable} -m flaskr.serve --port {{port}}"
CROWDS = (1, 50, 300)
COLD = {1: "~1", 50: "", 300: ">= 8"}
USAGE = "uriUsageQuery"
LOOK_UPS = 7
CPU_ROUNDS = 9
CPU_RETRIEVES = 200
CALLERS = 32
ANSWERS_EACH = 25


class Bench(NamedTuple):
    """What is measured: a portal, and a yardstick beside it, on the same pod."""

    pod: SimulatedPod
    bare: Bare
    process: Process
    port: int


def main() -> None:
    """Measure, and print each line of the table as soon as it is known."""
    parser = argparse.ArgumentParser(prog="python tests/benchmarks", description=__doc__)
    parser.add_argument(
        "--portal", metavar="COMMAND", default=COMMAND,
        help="how to start the portal, with {port} where the port goes (default: %(default)s)",
    )
    parser.add_argument(
        "--stops", type=int, metavar="N",
        help="instead, stop the portal so many times under load and count the POSTs that are lost",
    )
    parser.add_argument(
        "--company", type=int, metavar="N",
        help="instead, measure the simulated pod alone, with a company of so many",
    )
    parser.add_argument(
        "--plan", type=int, metavar="N",
        help="instead, measure plan and apply, for a company of so many",
    )
    options = parser.parse_args()
    command = options.portal
    if options.company:
        for line in measured(options.company):
            print(line, flush=True)
        return
    if options.stops:
        for line in count_lost(command, options.stops):
            print(line, flush=True)
        return
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    show(Row("", "yardstick", "portal", "ratio", "target"))
    for row in measured_plans(command, options.plan) if options.plan else _rows(command):
        show(row)


def _rows(command: str) -> Iterator[Row]:
    # Pages of 10, as the lab guide has them.
    with running_pod("--page-cap", "10") as pod, running_bare(pod.settings) as bare:
        _fill(pod)
        settings = {**pod.settings, "PORTAL_API_KEY": ""}
        with running_portal(command, settings) as (process, port, seconds):
            bench = Bench(pod, bare, process, port)
            yield Row("start to the first answer", "", f"{seconds:.2f} s", "", "<= 1.5 s")
            for crowd in CROWDS:
                yield from _look_up(bench, crowd, f"retrieve among {crowd}", COLD[crowd])
            yield from _known(bench)
            yield _cpu(bench)
            yield _callers(bench)
            yield Row("memory", "", f"{process.megabytes():.0f} MB", "", "<= 70 MB")
        pod.forget_node(USAGE)
        with running_portal(command, settings) as (process, port, _):
            bench, most = Bench(pod, bare, process, port), max(CROWDS)
            yield from _look_up(bench, most, f"among {most}, without {USAGE}", ">= 4.5")


def _wanted(crowd: int, number: int = 0) -> str:
    return f"wanted-{number}-of-{crowd}"


def _caller(number: int) -> str:
    return f"caller-{number:02}."


def _fill(pod: SimulatedPod) -> None:
    """Create Spaces; a wanted one stands last among its look-alikes, which is the worst case.

    There is another one for each look-up, since the portal remembers those that it has found.
    """
    for crowd in CROWDS:
        for wanted in (_wanted(crowd, number) for number in range(LOOK_UPS + 1)):
            for number in range(1, crowd):
                pod.create(f"A {number:03}", f"{wanted}.{number}")
            pod.create("Z", wanted)
    for number in range(CALLERS):
        pod.create("C", _caller(number))


def _look_up(bench: Bench, crowd: int, what: str, target: str) -> Iterator[Row]:
    """Retrieve Spaces that the portal has not found before, each among its look-alikes."""
    first, *others = (_wanted(crowd, number) for number in range(LOOK_UPS + 1))
    yield from _retrieve(bench, first, others, what, target)


def _known(bench: Bench) -> Iterator[Row]:
    """Retrieve a Space that the portal has found before, among the most look-alikes."""
    known = _wanted(max(CROWDS))
    what = f"retrieve of a known user among {max(CROWDS)}"
    yield from _retrieve(bench, known, [known] * LOOK_UPS, what, "one call")


def _retrieve(
    bench: Bench, first: str, uris: list[str], what: str, target: str
) -> Iterator[Row]:
    """Retrieve Spaces one after the other, 20 ms to the CMS and back, and one before it counts."""
    caller = Portal(bench.port)
    caller.retrieve(first)
    bench.bare.retrieve(first, 1)
    bench.pod.delay(20)
    plain, ours, in_flight, calls = [], [], 0, 0
    for uri in uris:
        plain += bench.bare.retrieve(uri, 1)
        bench.pod.forget()
        ours.append(caller.retrieve(uri))
        counts = bench.pod.counts()
        in_flight, calls = max(in_flight, counts["most_in_flight"]), counts["requests"]
    bench.pod.delay(0)
    yield Row(
        f"{what}, 20 ms", milliseconds(median(plain)), milliseconds(median(ours)),
        f"{median(plain) / median(ours):.2f}", target,
    )
    yield Row("  CMS calls, most in flight", "", f"{calls}, {in_flight}", "", "in flight <= 8")


def _cpu(bench: Bench) -> Row:
    """Compare the CPU time of a known Space's retrieve with the yardstick's two calls, in turns."""
    uri = _wanted(1)
    caller = Portal(bench.port)
    plain, ours = [], []
    for _ in range(CPU_ROUNDS):
        before = bench.bare.process.cpu_seconds()
        bench.bare.retrieve(uri, CPU_RETRIEVES)
        plain.append((bench.bare.process.cpu_seconds() - before) / CPU_RETRIEVES)
        before = bench.process.cpu_seconds()
        for _ in range(CPU_RETRIEVES):
            caller.retrieve(uri)
        ours.append((bench.process.cpu_seconds() - before) / CPU_RETRIEVES)
    ratio = median(portal / yardstick for portal, yardstick in zip(ours, plain))
    return Row(
        "CPU of a known user's retrieve", milliseconds(median(plain)), milliseconds(median(ours)),
        f"{ratio:.2f}", "<= 1.0",
    )


def _callers(bench: Bench) -> Row:
    """Let many callers retrieve their Spaces at once, 100 ms to the CMS and back.

    The portal has found all of them before, so CMS bounds them by one call each.
    """
    bench.pod.delay(100)
    two_calls = median(bench.bare.retrieve(_wanted(1), 5))
    with ThreadPoolExecutor(CALLERS) as callers:
        _all_at_once(bench, callers, 1)
        seconds = _all_at_once(bench, callers, ANSWERS_EACH)
    bench.pod.delay(0)
    bound = CALLERS / (two_calls / 2)
    reached = CALLERS * ANSWERS_EACH / seconds
    return Row(
        f"{CALLERS} callers, 100 ms, answers a second", f"{bound:.0f}", f"{reached:.0f}",
        f"{reached / bound:.0%}", ">= 85%",
    )


def _all_at_once(bench: Bench, callers: ThreadPoolExecutor, answers: int) -> float:
    """Return the seconds until every caller has so many answers, all of them right."""

    def call(number: int) -> None:
        portal = Portal(bench.port)
        for _ in range(answers):
            portal.retrieve(_caller(number))

    start = time.perf_counter()
    list(callers.map(call, range(CALLERS)))
    return time.perf_counter() - start
