"""Lists, read and searched: right whatever the page size, and whatever changes meanwhile."""

import threading
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from itertools import islice
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.timing import timed

from flaskr.rest.v1 import paging
from flaskr.rest.v1.paging import (
    Entry,
    ListTimedOut,
    ListUnreadable,
    ListUnsteady,
    Page,
    PagedReader,
    walk,
)
from flaskr.result import Failure, Reason


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


def wanted(entry: Entry) -> bool:
    return bool(entry["@id"] == "wanted")


def second_best(entry: Entry) -> bool:
    return bool(entry["@id"] == "second best")


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
    found = PagedReader(parallel).search(ListServer(names, size).fetch, wanted)
    assert found == (None if position is None else {"@id": "wanted"})


@pytest.mark.parametrize("parallel", PARALLEL)
def test_what_is_on_the_first_page_takes_one_call(parallel: int) -> None:
    server = ListServer(["wanted", *others(299)], 10)
    assert PagedReader(parallel).search(server.fetch, wanted) == {"@id": "wanted"}
    assert server.offsets == [0]


def test_one_by_one_each_page_is_asked_for_from_where_the_last_one_ended() -> None:
    server = ListServer([*others(25), "wanted", *others(40)], 7)
    PagedReader(1).search(server.fetch, wanted)
    assert server.offsets == [0, 7, 14, 21]


def test_a_single_page_is_believed_at_once() -> None:
    server = ListServer(others(10), 10)
    assert PagedReader(1).search(server.fetch, wanted) is None
    assert server.offsets == [0]


def test_that_a_longer_list_lacks_an_entry_is_believed_once_two_readings_agree() -> None:
    server = ListServer(others(25), 10)
    assert PagedReader(1).search(server.fetch, wanted) is None
    assert server.offsets == [0, 10, 20] * 2


@pytest.mark.parametrize("parallel", PARALLEL)
@pytest.mark.parametrize("position", [0, 5, 15, 24])
def test_a_second_choice_does_not_end_the_search(parallel: int, position: int) -> None:
    names = [*others(24), "wanted"]
    names.insert(position, "second best")
    server = ListServer(names, 10)
    assert PagedReader(parallel).search(server.fetch, wanted, second_best) == {"@id": "wanted"}


@pytest.mark.parametrize("parallel", PARALLEL)
def test_a_second_choice_is_taken_once_the_list_surely_lacks_the_first(parallel: int) -> None:
    server = ListServer(["second best", *others(24)], 10)
    assert PagedReader(parallel).search(server.fetch, wanted, second_best) == {"@id": "second best"}
    assert sorted(server.offsets) == [0, 0, 10, 10, 20, 20]


def test_a_second_choice_that_is_gone_at_the_last_reading_is_not_taken() -> None:
    def lose(number: int) -> None:
        if number == 1:
            del server.names[0]

    server = ListServer(["second best", *others(24)], 10, lose)
    assert PagedReader(1).search(server.fetch, wanted, second_best) is None


def test_of_a_list_that_never_holds_still_no_second_choice_is_taken() -> None:
    def change(number: int) -> None:
        server.names.insert(1, f"new {number}")
        server.names.pop()

    server = ListServer(["second best", *others(24)], 10, change)
    with pytest.raises(ListUnsteady):
        PagedReader(1).search(server.fetch, wanted, second_best)


@pytest.mark.parametrize("parallel", PARALLEL)
def test_pages_that_get_shorter_leave_no_gap(parallel: int) -> None:
    def shrink(number: int) -> None:
        server.size = 10 if number == 0 else 3

    server = ListServer([*others(28), "wanted", "last"], 10, shrink)
    assert PagedReader(parallel).search(server.fetch, wanted) == {"@id": "wanted"}


@pytest.mark.parametrize("parallel", PARALLEL)
def test_a_list_that_loses_an_entry_while_it_is_read_is_read_again(parallel: int) -> None:
    def lose(number: int) -> None:
        if number == 1:
            del server.names[0]

    server = ListServer([*others(10), "wanted", *others(9)], 10, lose)
    assert PagedReader(parallel).search(server.fetch, wanted) == {"@id": "wanted"}


@pytest.mark.parametrize("parallel", PARALLEL)
def test_a_list_that_loses_one_entry_and_gains_another_meanwhile_is_read_again(
    parallel: int
) -> None:
    def swap(number: int) -> None:
        if number == 1:
            del server.names[0]
            server.names.append("new")

    server = ListServer([*others(10), "wanted", *others(9)], 10, swap)
    assert PagedReader(parallel).search(server.fetch, wanted) == {"@id": "wanted"}


def test_a_list_that_is_different_at_every_reading_is_not_said_to_lack_anything() -> None:
    def change(number: int) -> None:
        server.names.insert(0, f"new {number}")
        server.names.pop()

    server = ListServer(others(25), 10, change)
    with pytest.raises(ListUnsteady):
        PagedReader(1).search(server.fetch, wanted)
    assert len(server.offsets) == 3 * paging.MAX_READINGS


@pytest.mark.parametrize("parallel", PARALLEL)
@pytest.mark.parametrize("size", [1, 3, 10])
def test_a_list_that_only_shrinks_while_it_is_read_is_unsteady(parallel: int, size: int) -> None:
    def lose(number: int) -> None:
        del server.names[0]

    server = ListServer(others(200), size, lose)
    with pytest.raises(ListUnsteady):
        PagedReader(parallel).search(server.fetch, wanted)


@pytest.mark.parametrize("parallel", PARALLEL)
def test_a_list_that_shrinks_once_at_each_reading_is_unsteady(parallel: int) -> None:
    def lose(number: int) -> None:
        if server.offsets and server.offsets[-1] == 0:
            del server.names[-1]

    server = ListServer(others(31), 10, lose)
    with pytest.raises(ListUnsteady):
        PagedReader(parallel).search(server.fetch, wanted)


def test_a_list_that_shows_other_entries_under_the_same_total_each_time_is_unsteady() -> None:
    def push(number: int) -> None:
        server.names.insert(0, f"new {number}")
        server.names.pop()

    server = ListServer(others(5), 1, push)
    with pytest.raises(ListUnsteady):
        PagedReader(1).search(server.fetch, wanted)


@pytest.mark.parametrize("parallel", PARALLEL)
@pytest.mark.parametrize(("count", "promised"), [(0, 1), (5, 1), (10, 10**12), (25, 10**12)])
def test_a_list_that_promises_more_than_it_sends_is_told_so_after_few_calls(
    parallel: int, count: int, promised: int
) -> None:
    server = ListServer(others(count), 10)
    server.promised = promised
    with pytest.raises(ListUnreadable, match=f"promises {count + promised} entries and ends after"):
        PagedReader(parallel).search(server.fetch, wanted)
    assert len(server.offsets) <= paging.MAX_READINGS * (4 + parallel)


def test_a_list_without_an_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MAX_PAGES", 50)
    server = ListServer(others(1000), 1)
    with pytest.raises(ListUnreadable, match="goes on after 50 pages"):
        PagedReader(1).search(server.fetch, wanted)
    assert len(server.offsets) == 50


@pytest.mark.parametrize("parallel", PARALLEL)
def test_an_error_of_a_page_ends_the_search(parallel: int) -> None:
    def fail(number: int) -> None:
        if number == 2:
            raise RuntimeError("page 2 broke")

    with pytest.raises(RuntimeError, match="page 2 broke"):
        PagedReader(parallel).search(ListServer(others(50), 10, fail).fetch, wanted)


def test_no_more_pages_are_in_flight_than_allowed_however_many_searches_run() -> None:
    reader = PagedReader(4)
    server = ListServer(others(60), 5)
    server.delay_s = 0.002
    firsts = threading.Barrier(3)

    def fetch(offset: int) -> Page:
        if offset == 0:  # first pages are the searching threads' own: they do not count
            firsts.wait(5)
            return Page(0, 60, [{"@id": name} for name in server.names[:5]])
        return server.fetch(offset)

    searches = [threading.Thread(target=reader.search, args=(fetch, wanted)) for _ in range(3)]
    for search in searches:
        search.start()
    for search in searches:
        search.join()
    assert 1 < server.most_in_flight <= 4


def test_once_it_is_found_nothing_further_is_started() -> None:
    server = ListServer([*others(10), "wanted", *others(500)], 10)
    server.delay_s = 0.002
    assert PagedReader(4).search(server.fetch, wanted) == {"@id": "wanted"}
    started = len(server.offsets)
    time.sleep(0.05)
    assert len(server.offsets) <= started + 4 < 20


def names_of(entries: Iterable[Entry]) -> list[str]:
    return [entry["@id"] for entry in entries]


@given(count=st.integers(0, 45), size=st.integers(1, 20), parallel=st.sampled_from(PARALLEL))
@settings(deadline=None, max_examples=100)
def test_each_entry_of_a_list_is_yielded_once(count: int, size: int, parallel: int) -> None:
    found = names_of(PagedReader(parallel).entries(ListServer(others(count), size).fetch))
    assert sorted(found) == sorted(others(count))


def test_entries_come_before_the_next_page_is_asked_for() -> None:
    server = ListServer(others(25), 10)
    entries = PagedReader(1).entries(server.fetch)
    assert names_of(islice(entries, 10)) == others(10)
    assert server.offsets == [0]


@pytest.mark.parametrize("parallel", PARALLEL)
def test_an_entry_that_comes_meanwhile_is_yielded_too(parallel: int) -> None:
    def gain(number: int) -> None:
        if number == 1:
            server.names.insert(0, "new")

    server = ListServer(others(25), 10, gain)
    found = names_of(PagedReader(parallel).entries(server.fetch))
    assert sorted(found) == sorted(["new", *others(25)])


def test_an_entry_that_has_changed_meanwhile_is_yielded_again_as_it_is_now() -> None:
    readings = iter(["before", "now", "now"])

    def fetch(offset: int) -> Page:
        entry = {"@id": str(offset), "name": next(readings) if offset == 0 else "same"}
        return Page(offset, 2, [entry])

    found = [(entry["@id"], entry["name"]) for entry in PagedReader(1).entries(fetch)]
    assert found == [("0", "before"), ("1", "same"), ("0", "now")]


@pytest.mark.parametrize(("then", "found"), [("wanted", True), ("other", False)])
def test_a_second_choice_is_taken_as_the_entry_is_at_the_end(then: str, found: bool) -> None:
    readings = iter(["other" if found else "wanted", then, then])

    def fetch(offset: int) -> Page:
        entry = {"@id": str(offset), "name": next(readings) if offset == 0 else "same"}
        return Page(offset, 2, [entry])

    second = PagedReader(1).search(fetch, wanted, lambda entry: bool(entry["name"] == "wanted"))
    assert second == ({"@id": "0", "name": "wanted"} if found else None)


def test_of_the_further_choices_an_earlier_one_counts_more_wherever_it_stands() -> None:
    server = ListServer(["third best", *others(9), "second best"], 4)
    found = PagedReader(1).search(
        server.fetch, wanted, second_best, lambda entry: bool(entry["@id"] == "third best")
    )
    assert found == {"@id": "second best"}


def test_the_end_of_the_entries_tells_which_are_there() -> None:
    def lose(number: int) -> None:
        if number == 3:
            del server.names[0]

    server = ListServer(others(25), 10, lose)
    entries = PagedReader(1).entries(server.fetch)
    yielded = []
    with pytest.raises(StopIteration) as end:
        while True:
            yielded.append(next(entries)["@id"])
    assert yielded == others(25)
    assert end.value.value == set(others(25)[1:])


def test_who_gives_up_has_no_page_fetched_that_still_waits_for_a_thread() -> None:
    reader = PagedReader(2, seconds=0.2)
    server = ListServer(others(50), 10)
    released = threading.Event()

    def hold(number: int) -> None:
        released.wait(10)

    full = ListServer(others(1), 1, hold)
    busy = [reader.submit(full.fetch, 0) for _ in range(2)]
    with pytest.raises(ListTimedOut):
        reader.search(server.fetch, wanted)
    released.set()
    assert [len(each.result(5).entries) for each in busy] == [1, 1]
    reader.submit(full.fetch, 0).result(5)  # behind all that was waiting
    assert server.offsets == [0]


def test_who_stops_early_has_few_further_pages_fetched() -> None:
    server = ListServer(others(500), 10)
    entries = PagedReader(2).entries(server.fetch)
    assert len(list(islice(entries, 11))) == 11  # a page of another thread's is here
    entries.close()
    time.sleep(0.05)
    assert len(server.offsets) <= 3


def test_pages_that_wait_for_a_thread_are_not_fetched_once_nobody_wants_them() -> None:
    released = threading.Event()
    server = ListServer(others(50), 10)

    def hang(offset: int) -> Page:
        released.wait(10)
        return Page(offset, 0, [])

    reader = PagedReader(2, seconds=0.2)
    for _ in range(2):
        reader.submit(hang, 0)
    with pytest.raises(ListTimedOut):
        reader.search(server.fetch, wanted)
    released.set()
    reader.submit(server.fetch, 40).result(5)  # behind all that was waiting
    assert server.offsets == [0, 40]


def test_a_list_that_takes_too_long_says_how_far_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(paging, "time", SimpleNamespace(monotonic=lambda: clock[0]))

    def pass_time(number: int) -> None:
        clock[0] += 1

    server = ListServer(others(500), 10, pass_time)
    with pytest.raises(ListTimedOut, match="the list was not at its end after 3 pages"):
        PagedReader(1, seconds=2.5).search(server.fetch, wanted)


@timed
def test_a_page_that_does_not_come_is_not_waited_for_beyond_the_time() -> None:
    released = threading.Event()

    def fetch(offset: int) -> Page:
        if offset:
            released.wait(10)
        return Page(offset, 20, [{"@id": name} for name in others(20)[offset:offset + 10]])

    start = time.monotonic()
    with pytest.raises(ListTimedOut):
        PagedReader(2, seconds=0.2).search(fetch, wanted)
    released.set()
    assert time.monotonic() - start < 5


def test_pages_that_other_threads_fetch_have_the_context_of_who_asked() -> None:
    request = ContextVar("request", default="none")
    seen = set()
    server = ListServer(others(50), 10)

    def fetch(offset: int) -> Page:
        seen.add(request.get())
        return server.fetch(offset)

    request.set("mine")
    PagedReader(4).search(fetch, wanted)
    assert seen == {"mine"}


def test_a_list_that_is_read_once_is_read_once() -> None:
    server = ListServer([f"n{number}" for number in range(95)], 10)
    reader = PagedReader(8)
    assert len(list(reader.entries(server.fetch, twice=False))) == 95
    assert len(server.offsets) == 10


@pytest.mark.parametrize("parallel", PARALLEL)
def test_a_list_that_shifts_is_read_again_where_once_would_do(parallel: int) -> None:
    names = [f"n{number}" for number in range(50)]

    def lose_one(number: int) -> None:
        if number == 2:
            del names[0]

    server = ListServer(names, 10, lose_one)
    read = [entry["@id"] for entry in PagedReader(parallel).entries(server.fetch, twice=False)]
    assert set(names) <= set(read)
    assert len(read) == len(set(read))
    assert len(server.offsets) > 5


def key(entry: Entry) -> str:
    return str(entry["@id"]).lower()


def walked(server: ListServer, surest_total: int = 0) -> list[str]:
    return [entry["@id"] for entry in walk(server.fetch, key, surest_total)]


@given(st.integers(0, 90), st.integers(1, 40))
def test_a_walk_sees_all_whatever_the_page_size(count: int, size: int) -> None:
    names = [f"n{number}" for number in range(count)]
    assert walked(ListServer(names, size)) == names


def test_a_walk_goes_on_where_the_total_stops_counting() -> None:
    class Capped(ListServer):
        def fetch(self, offset: int) -> Page:
            page = super().fetch(offset)
            return page._replace(total=min(page.total, 64))

    names = [f"n{number}" for number in range(200)]
    assert walked(Capped(names, 64), surest_total=64) == names


def test_a_walk_drops_doubles_whatever_their_case() -> None:
    assert walked(ListServer(["a", "b", "A", "c"], 2)) == ["a", "b", "c"]


def test_a_short_list_of_a_sure_total_is_one_page() -> None:
    server = ListServer(["a", "b"], 10)
    assert walked(server, surest_total=64) == ["a", "b"]
    assert server.offsets == [0]


def test_a_list_that_shifts_under_a_walk_is_read_again() -> None:
    names = [f"n{number}" for number in range(30)]

    def change(number: int) -> None:
        if number == 1:
            del names[0]
            names.append("new")  # so that the total says nothing

    read = walked(ListServer(names, 10, change))
    assert set(names) <= set(read)


def test_a_list_that_never_stands_still_under_a_walk_is_refused() -> None:
    names = [f"n{number}" for number in range(30)]
    server = ListServer(names, 10, lambda number: names.append(names.pop(0)))
    with pytest.raises(ListUnsteady):
        walked(server)


def test_a_list_that_ends_early_under_a_walk_is_refused() -> None:
    server = ListServer(["a", "b", "c"], 2)
    server.promised = 2
    with pytest.raises(ListUnreadable, match="promises 5 entries and ends after 3"):
        walked(server)


def test_a_walk_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MAX_PAGES", 5)
    with pytest.raises(ListUnreadable, match="goes on after 5 pages"):
        walked(ListServer([f"n{number}" for number in range(30)], 3))


class Hint:
    """What is asked beside a list; it answers these entries, once `answers` is set."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.asked = 0
        self.answers = threading.Event()
        self.answers.set()

    def __call__(self) -> list[Entry]:
        self.asked += 1
        assert self.answers.wait(10)
        return [{"@id": name, "by": "hint"} for name in self.names]


@pytest.mark.parametrize("parallel", PARALLEL)
def test_a_hint_finds_what_is_wanted_before_the_list_does(parallel: int) -> None:
    server, hint = ListServer([*others(300), "wanted"], 10), Hint("other 7", "wanted")
    released = threading.Event()

    def fetch(offset: int) -> Page:
        if offset:
            released.wait(10)
        return server.fetch(offset)

    found = PagedReader(parallel).search(fetch, wanted, hint=hint)
    read_by_then = list(server.offsets)
    released.set()
    assert found == {"@id": "wanted", "by": "hint"}
    assert read_by_then == [0]


@pytest.mark.parametrize("parallel", PARALLEL)
@pytest.mark.parametrize("names", [["wanted", *others(300)], others(10)])
def test_no_hint_is_asked_for_where_the_first_page_tells_all(
    parallel: int, names: list[str]
) -> None:
    hint = Hint("wanted")
    PagedReader(parallel).search(ListServer(names, 10).fetch, wanted, hint=hint)
    assert hint.asked == 0


@given(
    names=st.permutations(["wanted", "second best", *others(8)]),
    count=st.integers(1, 10),
    size=st.integers(1, 5),
    parallel=st.sampled_from(PARALLEL),
    hinted=st.lists(st.sampled_from(["wanted", "second best", "other 1"]), unique=True),
)
@settings(deadline=None, max_examples=200)
def test_with_a_hint_the_same_is_found_as_without(
    names: list[str], count: int, size: int, parallel: int, hinted: list[str]
) -> None:
    server, reader = ListServer(names[:count], size), PagedReader(parallel)
    hint = Hint(*(name for name in hinted if name in server.names or name != "wanted"))
    without = reader.search(server.fetch, wanted, second_best)
    found = reader.search(server.fetch, wanted, second_best, hint=hint)
    assert (found and found["@id"]) == (without and without["@id"])
    assert hint.asked <= 1


@pytest.mark.parametrize(("position", "found"), [(25, {"@id": "wanted"}), (None, None)])
def test_nobody_waits_for_a_hint_once_the_list_has_been_read(
    position: int | None, found: Entry | None
) -> None:
    names = others(30)
    if position is not None:
        names.insert(position, "wanted")
    hint = Hint("wanted")
    hint.answers.clear()
    search = PagedReader(8).search(ListServer(names, 10).fetch, wanted, hint=hint)
    hint.answers.set()
    assert (search, hint.asked) == (found, 1)


@pytest.mark.parametrize("parallel", PARALLEL)
@pytest.mark.parametrize("hinted", [["wanted"], ["other 7"], []])
def test_what_is_wrong_with_a_list_is_told_where_the_hint_does_not_help(
    parallel: int, hinted: list[str]
) -> None:
    hint = Hint(*hinted)
    hint.answers.clear()

    def fetch(offset: int) -> Page:
        if offset:
            hint.answers.set()
            raise Failure(Reason.SERVER_ERROR, "the second page broke")
        return Page(0, 20, [{"@id": name} for name in others(10)])

    if parallel == 1:
        hint.answers.set()  # it is asked before the second page
    if "wanted" in hinted:
        assert PagedReader(parallel).search(fetch, wanted, hint=hint)
        return
    with pytest.raises(Failure, match="the second page broke"):
        PagedReader(parallel).search(fetch, wanted, hint=hint)


def test_what_is_wrong_with_the_portal_itself_is_told_whatever_the_hint() -> None:
    def fetch(offset: int) -> Page:
        if offset:
            raise RuntimeError("a mistake")
        return Page(0, 20, [{"@id": name} for name in others(10)])

    with pytest.raises(RuntimeError, match="a mistake"):
        PagedReader(1).search(fetch, wanted, hint=Hint())


def test_a_hint_is_not_waited_for_beyond_the_time_of_the_list() -> None:
    hint = Hint("wanted")
    hint.answers.clear()

    def fetch(offset: int) -> Page:
        if offset:
            raise Failure(Reason.SERVER_ERROR, "the second page broke")
        return Page(0, 20, [{"@id": name} for name in others(10)])

    with pytest.raises(Failure, match="the second page broke"):
        PagedReader(2, seconds=0.2).search(fetch, wanted, hint=hint)
    hint.answers.set()


def test_a_hint_takes_the_turn_of_a_page() -> None:
    reader = PagedReader(2)
    server = ListServer(others(60), 5)
    server.delay_s = 0.002

    def hint() -> list[Entry]:
        server.fetch(0)
        return []

    reader.search(server.fetch, wanted, hint=hint)
    assert server.most_in_flight <= 2


def test_a_hint_that_waits_for_a_thread_is_not_asked_for_once_the_list_was_given_up() -> None:
    reader, released, hint = PagedReader(2, seconds=0.2), threading.Event(), Hint()
    busy = [reader.submit(released.wait, 10) for _ in range(2)]
    with pytest.raises(ListTimedOut):
        reader.search(ListServer(others(50), 10).fetch, wanted, hint=hint)
    released.set()
    assert [each.result(5) for each in busy] == [True, True]
    reader.submit(len, "").result(5)  # behind all that was waiting
    assert hint.asked == 0


def test_an_error_of_a_hint_ends_the_search() -> None:
    def fail() -> list[Entry]:
        raise RuntimeError("the hint broke")

    with pytest.raises(RuntimeError, match="the hint broke"):
        PagedReader(1).search(ListServer(others(50), 10).fetch, wanted, hint=fail)
