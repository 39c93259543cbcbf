"""Things that take their time, several at once."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from itertools import islice
from queue import SimpleQueue
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
    """Yield the same, each as soon as it is made. For each that is yielded, another is begun.

    Who asks for no more has those that were begun finished, and no other.
    """
    made: SimpleQueue[Future[Made]] = SimpleQueue()
    source = iter(items)
    with ThreadPoolExecutor(parallel, "apply") as threads:

        def begin(count: int) -> int:
            """Begin so many items; return how many there were."""
            futures = [
                threads.submit(copy_context().run, function, item)
                for item in islice(source, count)
            ]
            for future in futures:
                future.add_done_callback(made.put)
            return len(futures)

        at_work = begin(parallel)
        while at_work:
            future = made.get()
            at_work += begin(1) - 1
            yield future.result()
