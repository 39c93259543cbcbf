"""Searching a list: right whatever the page size, and whatever happens to the list meanwhile."""

import threading
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flaskr.cms.v1 import paging
from flaskr.cms.v1.paging import Entry, ListUnreadable, ListUnsteady, Page, Pages

PARALLEL = [1, 8]


class ListServer:
    """A list, served page by page; `before_page` may change it before each page, by its number."""

    def __init__(
        self, names: list[str], size: int, before_page: Callable[[int], None] = lambda number: None
    ) -> None:
        self.names = names
        self.size = size
        self.before_page = before_page
        self.offsets: list[int] = []
        self.promised = 0  # entries that the total counts and no page has
        self.in_flight = self.most_in_flight = 0
        self.delay_s = 0.0
        self._lock = threading.Lock()

    def fetch(self, offset: int) -> Page:
        with self._lock:
            self.before_page(len(self.offsets))
            self.offsets.append(offset)
            self.in_flight += 1
            self.most_in_flight = max(self.in_flight, self.most_in_flight)
            names = self.names[offset:offset + self.size]
            total = len(self.names) + self.promised
        time.sleep(self.delay_s)
        with self._lock:
            self.in_flight -= 1
        return Page(offset, total, [{"@id": name} for name in names])


def wanted(entries: list[Entry]) -> str | None:
    return next((entry["@id"] for entry in entries if entry["@id"] == "wanted"), None)


def second_best(entries: list[Entry]) -> str | None:
    return next((entry["@id"] for entry in entries if entry["@id"] == "second best"), None)


def others(count: int) -> list[str]:
    return [f"other {number}" for number in range(count)]


@given(
    count=st.integers(0, 45),
    size=st.integers(1, 20),
    position=st.one_of(st.none(), st.integers(0, 45)),
    parallel=st.sampled_from(PARALLEL),
)
@settings(deadline=None, max_examples=200)
def test_an_entry_is_found_wherever_it_stands_and_only_if_it_does(
    count: int, size: int, position: int | None, parallel: int
) -> None:
    names = others(count)
    if position is not None:
        names.insert(position, "wanted")
    found = Pages(parallel).search(ListServer(names, size).fetch, wanted)
    assert found == (None if position is None else "wanted")


@pytest.mark.parametrize("parallel", PARALLEL)
def test_what_is_on_the_first_page_takes_one_call(parallel: int) -> None:
    server = ListServer(["wanted", *others(299)], 10)
    assert Pages(parallel).search(server.fetch, wanted) == "wanted"
    assert server.offsets == [0]


def test_one_by_one_each_page_is_asked_for_from_where_the_last_one_ended() -> None:
    server = ListServer([*others(25), "wanted", *others(40)], 7)
    Pages(1).search(server.fetch, wanted)
    assert server.offsets == [0, 7, 14, 21]


def test_a_single_page_is_believed_at_once() -> None:
    server = ListServer(others(10), 10)
    assert Pages(1).search(server.fetch, wanted) is None
    assert server.offsets == [0]


def test_that_a_longer_list_lacks_an_entry_is_believed_once_two_readings_agree() -> None:
    server = ListServer(others(25), 10)
    assert Pages(1).search(server.fetch, wanted) is None
    assert server.offsets == [0, 10, 20] * 2


@pytest.mark.parametrize("parallel", PARALLEL)
@pytest.mark.parametrize("position", [0, 5, 15, 24])
def test_a_second_choice_does_not_end_the_search(parallel: int, position: int) -> None:
    names = [*others(24), "wanted"]
    names.insert(position, "second best")
    server = ListServer(names, 10)
    assert Pages(parallel).search(server.fetch, wanted, second_best) == "wanted"


@pytest.mark.parametrize("parallel", PARALLEL)
def test_a_second_choice_is_taken_once_the_list_surely_lacks_the_first(parallel: int) -> None:
    server = ListServer(["second best", *others(24)], 10)
    assert Pages(parallel).search(server.fetch, wanted, second_best) == "second best"
    assert sorted(server.offsets) == [0, 0, 10, 10, 20, 20]


def test_a_second_choice_that_is_gone_at_the_last_reading_is_not_taken() -> None:
    def lose(number: int) -> None:
        if number == 1:
            del server.names[0]

    server = ListServer(["second best", *others(24)], 10, lose)
    assert Pages(1).search(server.fetch, wanted, second_best) is None


def test_of_a_list_that_never_holds_still_no_second_choice_is_taken() -> None:
    def change(number: int) -> None:
        server.names.insert(1, f"new {number}")
        server.names.pop()

    server = ListServer(["second best", *others(24)], 10, change)
    with pytest.raises(ListUnsteady):
        Pages(1).search(server.fetch, wanted, second_best)


@pytest.mark.parametrize("parallel", PARALLEL)
def test_pages_that_get_shorter_leave_no_gap(parallel: int) -> None:
    def shrink(number: int) -> None:
        server.size = 10 if number == 0 else 3

    server = ListServer([*others(28), "wanted", "last"], 10, shrink)
    assert Pages(parallel).search(server.fetch, wanted) == "wanted"


@pytest.mark.parametrize("parallel", PARALLEL)
def test_a_list_that_loses_an_entry_while_it_is_read_is_read_again(parallel: int) -> None:
    def lose(number: int) -> None:
        if number == 1:
            del server.names[0]

    server = ListServer([*others(10), "wanted", *others(9)], 10, lose)
    assert Pages(parallel).search(server.fetch, wanted) == "wanted"


@pytest.mark.parametrize("parallel", PARALLEL)
def test_a_list_that_loses_one_entry_and_gains_another_meanwhile_is_read_again(
    parallel: int
) -> None:
    def swap(number: int) -> None:
        if number == 1:
            del server.names[0]
            server.names.append("new")

    server = ListServer([*others(10), "wanted", *others(9)], 10, swap)
    assert Pages(parallel).search(server.fetch, wanted) == "wanted"


def test_a_list_that_is_different_at_every_reading_is_not_said_to_lack_anything() -> None:
    def change(number: int) -> None:
        server.names.insert(0, f"new {number}")
        server.names.pop()

    server = ListServer(others(25), 10, change)
    with pytest.raises(ListUnsteady):
        Pages(1).search(server.fetch, wanted)
    assert len(server.offsets) == 3 * paging.MAX_READINGS


@pytest.mark.parametrize("parallel", PARALLEL)
@pytest.mark.parametrize("size", [1, 3, 10])
def test_a_list_that_only_shrinks_while_it_is_read_is_unsteady(parallel: int, size: int) -> None:
    def lose(number: int) -> None:
        del server.names[0]

    server = ListServer(others(200), size, lose)
    with pytest.raises(ListUnsteady):
        Pages(parallel).search(server.fetch, wanted)


@pytest.mark.parametrize("parallel", PARALLEL)
def test_a_list_that_shrinks_once_at_each_reading_is_unsteady(parallel: int) -> None:
    def lose(number: int) -> None:
        if server.offsets and server.offsets[-1] == 0:
            del server.names[-1]

    server = ListServer(others(31), 10, lose)
    with pytest.raises(ListUnsteady):
        Pages(parallel).search(server.fetch, wanted)


def test_a_list_that_shows_other_entries_under_the_same_total_each_time_is_unsteady() -> None:
    def push(number: int) -> None:
        server.names.insert(0, f"new {number}")
        server.names.pop()

    server = ListServer(others(5), 1, push)
    with pytest.raises(ListUnsteady):
        Pages(1).search(server.fetch, wanted)


@pytest.mark.parametrize("parallel", PARALLEL)
@pytest.mark.parametrize(("count", "promised"), [(0, 1), (5, 1), (10, 10**12), (25, 10**12)])
def test_a_list_that_promises_more_than_it_sends_is_told_so_after_few_calls(
    parallel: int, count: int, promised: int
) -> None:
    server = ListServer(others(count), 10)
    server.promised = promised
    with pytest.raises(ListUnreadable, match=f"promises {count + promised} entries and ends after"):
        Pages(parallel).search(server.fetch, wanted)
    assert len(server.offsets) <= paging.MAX_READINGS * (4 + parallel)


def test_a_list_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MAX_PAGES", 50)
    server = ListServer(others(1000), 1)
    with pytest.raises(ListUnreadable, match="goes on after 50 pages"):
        Pages(1).search(server.fetch, wanted)
    assert len(server.offsets) == 50


@pytest.mark.parametrize("parallel", PARALLEL)
def test_an_error_of_a_page_ends_the_search(parallel: int) -> None:
    def fail(number: int) -> None:
        if number == 2:
            raise RuntimeError("page 2 broke")

    with pytest.raises(RuntimeError, match="page 2 broke"):
        Pages(parallel).search(ListServer(others(50), 10, fail).fetch, wanted)


def test_no_more_pages_are_in_flight_than_allowed_however_many_searches_run() -> None:
    pages = Pages(4)
    server = ListServer(others(60), 5)
    server.delay_s = 0.002
    firsts = threading.Barrier(3)

    def fetch(offset: int) -> Page:
        if offset == 0:  # first pages are the searching threads' own: they do not count
            firsts.wait(5)
            return Page(0, 60, [{"@id": name} for name in server.names[:5]])
        return server.fetch(offset)

    searches = [threading.Thread(target=pages.search, args=(fetch, wanted)) for _ in range(3)]
    for search in searches:
        search.start()
    for search in searches:
        search.join()
    assert 1 < server.most_in_flight <= 4


def test_once_it_is_found_nothing_further_is_started() -> None:
    server = ListServer([*others(10), "wanted", *others(500)], 10)
    server.delay_s = 0.002
    assert Pages(4).search(server.fetch, wanted) == "wanted"
    started = len(server.offsets)
    time.sleep(0.05)
    assert len(server.offsets) <= started + 4 < 20
