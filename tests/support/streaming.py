"""A front that streams, as a process of its own: `python -m support.streaming SECONDS`.

It says where it listens, which answers were closed, and at the end how much memory it took.
"""

import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from flaskr.front import Front, listen, run

SMALL = b"x" * 199 + b"\n"
SMALL_PIECES = 1_000_000


def small(stopping: Callable[[], bool]) -> Iterator[bytes]:
    """Yield 200 MB in small pieces."""
    for _ in range(SMALL_PIECES):
        yield SMALL


def orderly(stopping: Callable[[], bool]) -> Iterator[bytes]:
    """Yield now and then, and end in order when the server stops."""
    yield b"begun"
    while not stopping():
        time.sleep(0.01)
        yield b""
    yield b", and ended in order"


def endless(stopping: Callable[[], bool]) -> Iterator[bytes]:
    """Yield without end, whatever the server does."""
    while True:
        time.sleep(0.01)
        yield SMALL


ANSWERS = {"/small": small, "/orderly": orderly, "/endless": endless}


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return closing(environ["PATH_INFO"], environ["front.stopping"])


def closing(path: str, stopping: Callable[[], bool]) -> Iterator[bytes]:
    try:
        yield from ANSWERS[path](stopping)
    finally:
        print(f"closed {path}", flush=True)


def peak_memory() -> int:
    """Return how many MB the process has had at the most."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit // 1_000_000


if __name__ == "__main__":
    front = Front(
        cast(Any, app), lambda refusal, *_: ([], refusal.status.phrase.encode()),
        max_body=1000, threads=4, writers=4, connections=64,
    )
    listener = listen("127.0.0.1", 0, 16)
    print(f"listens on port {listener.getsockname()[1]}", flush=True)
    before = peak_memory()
    finished = run(front, listener, float(sys.argv[1]))
    print(f"took {peak_memory() - before} MB", flush=True)
    sys.exit(0 if finished else 1)
