"""Things that take their time, several at once."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")


def in_order(
    function: Callable[[Item], Made], items: Iterable[Item], parallel: int
) -> Iterator[Made]:
    """Yield what a function makes of each item, in their order, of so many items at once.

    Raises what the function raises; nothing further is begun then.
    """
    if parallel == 1:
        yield from map(function, items)
        return
    waiting: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(parallel, "plan") as threads:
        try:
            for item in items:
                waiting.append(threads.submit(copy_context().run, function, item))
                if len(waiting) >= parallel:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def as_they_come(
    function: Callable[[Item], Made], items: Iterable[Item], parallel: int
) -> Generator[Made, None, None]:
    """Yield the same, each as soon as it is made. An item is begun when one before is asked for.

    Who asks for no more has those that were begun finished, and no other.
    """
    waiting: set[Future[Made]] = set()
    source = iter(items)
    with ThreadPoolExecutor(parallel, "apply") as threads:
        while True:
            for item in source:
                waiting.add(threads.submit(copy_context().run, function, item))
                if len(waiting) >= parallel:
                    break
            if not waiting:
                return
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
