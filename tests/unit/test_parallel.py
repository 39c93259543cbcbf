"""Things that are made several at once: how many are begun, and what becomes of them."""

import threading
from collections.abc import Callable
from contextlib import closing
from contextvars import ContextVar

import pytest

from flaskr.provisioning.parallel import as_they_come, in_order

PARALLEL = 3
SECONDS = 10.0
Made = Callable[[int], int]
mark: ContextVar[str] = ContextVar("mark", default="")


def test_each_comes_as_soon_as_it_is_made() -> None:
    last_is_made = threading.Event()

    def make(number: int) -> int:
        if number == 0:
            assert last_is_made.wait(SECONDS)
        if number == PARALLEL - 1:
            last_is_made.set()
        return number

    made = list(as_they_come(make, range(PARALLEL), PARALLEL))
    assert sorted(made) == list(range(PARALLEL)) and made[0] != 0


def test_as_many_as_there_may_be_are_at_work_while_what_came_is_looked_at() -> None:
    begun = threading.Semaphore(0)
    go_on = threading.Event()

    def make(number: int) -> int:
        begun.release()
        assert number == 0 or go_on.wait(SECONDS)
        return number

    with closing(as_they_come(make, range(100), PARALLEL)) as made:
        assert next(made) == 0
        assert all(begun.acquire(timeout=SECONDS) for _ in range(PARALLEL + 1))
        assert not begun.acquire(timeout=0.05)
        go_on.set()


def test_who_asks_for_no_more_has_those_that_were_begun_finished_and_no_other() -> None:
    begun: list[int] = []
    finished: list[int] = []

    def make(number: int) -> int:
        begun.append(number)
        finished.append(number)
        return number

    with closing(as_they_come(make, range(100), PARALLEL)) as made:
        next(made)
    assert sorted(begun) == sorted(finished) == list(range(PARALLEL + 1))


def test_they_come_in_order_where_that_is_asked_for() -> None:
    assert list(in_order(abs, range(-20, 0), PARALLEL)) == list(range(20, 0, -1))


@pytest.mark.parametrize("make_all", [as_they_come, in_order])
def test_what_is_raised_is_raised_and_the_callers_context_is_known(
    make_all: Callable[[Made, range, int], object]
) -> None:
    def make(number: int) -> int:
        raise ValueError(mark.get())

    mark.set("of the caller")
    with pytest.raises(ValueError, match="of the caller"):
        list(make_all(make, range(2), PARALLEL))  # type: ignore[call-overload]
