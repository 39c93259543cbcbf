"""The simulated pod with a large company: its start, its memory, and the CPU time of its pages."""

import time
from collections.abc import Iterator

from benchmarks.servers import SimulatedPod, running_pod

ROUNDS = 100
MOST_MILLISECONDS = 5
# The server and the path of a page. {place} is another place in the list each time, {number}
# another text: a search that was never asked for before.
PAGES = (
    ("CMS", "/coSpaces?offset={place}"),
    ("CMS", "/coSpaces?filter=space&offset={place}"),
    ("CMS", "/coSpaces?filter=smith{number}"),
    ("CMS", "/users?offset={place}"),
    ("CMS", "/users?filter=smith{number}"),
    ("CUCM", "/users?start={place}"),
    ("CUCM", "/users?start={place}&max=500"),
    ("CUCM", "/users?username=jsmith{number}"),
    ("CUCM", "/users?last=smith&first=a&start={number}"),
    ("CUCM", "/users?number=2{number}"),
    ("CUCM", "/users?numberlast={number}"),
)


def measured(size: int) -> Iterator[str]:
    """Yield the lines of a table. The first page, which makes the index, is not measured."""
    start = time.perf_counter()
    with running_pod("--company", str(size), "--seed", "7") as pod:
        yield _line("start", time.perf_counter() - start, "s", 10)
        for server, path in PAGES:
            pod.read(server, path.format(place=0, number=9999))
            milliseconds = _milliseconds(pod, server, path, size)
            yield _line(f"{server} {path}", milliseconds, "ms", MOST_MILLISECONDS)
        yield _line("memory", pod.process.megabytes(), "MB", 400)


def _milliseconds(pod: SimulatedPod, server: str, path: str, size: int) -> float:
    """Return the CPU time of a page in the pod's process, in the mean of the whole list."""
    before = pod.process.cpu_seconds()
    for number in range(ROUNDS):
        pod.read(server, path.format(place=size * number // ROUNDS, number=number))
    return (pod.process.cpu_seconds() - before) / ROUNDS * 1000


def _line(what: str, figure: float, unit: str, most: float) -> str:
    return f"{what:<48}{figure:>10.2f} {unit:<4}{f'<= {most:g} {unit}':>12}"
