"""Searching a list that comes page by page and may change while it is read.

CMS answers the lower of what was asked for and a cap of its own, and the list may lose or gain
entries between two pages, so that others are skipped (API description, "Using limit and offset").
"""

import contextvars
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from typing import Any, NamedTuple

MAX_READINGS = 4  # of a list that looks different every time
MAX_PAGES = 10_000  # of one search: with CMS's cap of 10, more entries than a CMS holds
MAX_TIMEOUTS = 3  # how long a search may take, in timeouts of a call

Entry = dict[str, Any]
Match = Callable[[list[Entry]], str | None]


class Page(NamedTuple):
    """A part of a list: where it starts, how long the whole list says it is, and its entries."""

    offset: int
    total: int
    entries: list[Entry]


def nothing(_entries: list[Entry]) -> None:
    """Match nothing: there is no second choice."""


Fetch = Callable[[int], Page]


class ListUnreadable(Exception):
    """The list contradicts itself, so that nobody can say what is in it; the text says how."""


class ListUnsteady(Exception):
    """The list was different at every reading, so that an entry may have been missed."""


class SearchTimedOut(Exception):
    """The list was not read to its end in the time allowed; the text says how far it was."""


class Pages:
    """Fetches pages, `parallel` at a time in the whole process however many searches are running.

    A search's first page does not count: the searching thread fetches it itself, and all of them
    where `parallel` is 1. A search waits for no page after so many `seconds`.
    """

    def __init__(self, parallel: int, seconds: float = 3600.0) -> None:
        self.parallel = parallel
        self._seconds = seconds
        self._executor: Executor = (
            ThreadPoolExecutor(parallel, "pages") if parallel > 1 else _SameThread()
        )

    def search(self, fetch: Fetch, match: Match, second_choice: Match = nothing) -> str | None:
        """Return what `match` finds in one of the pages, which ends the search.

        Where the list surely lacks that, return what `second_choice` found in one of them, or
        None. One page that is the whole list is believed at once; a list of several pages once two
        readings in a row showed the same entries. Raises ListUnreadable, ListUnsteady,
        SearchTimedOut, and what `fetch` raises.
        """
        budget = _Budget(self._seconds)
        previous: _Reading | None = None
        for _ in range(MAX_READINGS):
            reading = _Reading(self, fetch, match, second_choice, budget)
            reading.run()
            if reading.found is not None:
                return reading.found
            steady = reading.shows_the_same_as(previous)
            if reading.whole and (reading.pages == 1 or steady):
                return reading.second_found
            if reading.ended_early and steady:
                raise _contradiction(reading)
            previous = reading
        raise ListUnsteady

    def submit(self, fetch: Fetch, offset: int) -> "Future[Page]":
        """Start fetching a page, with the context of the caller's log lines."""
        return self._executor.submit(contextvars.copy_context().run, fetch, offset)


class _Budget:
    """What a search may still cost: pages, and time."""

    def __init__(self, seconds: float) -> None:
        self._pages = 0
        self._deadline = time.monotonic() + seconds

    def seconds_left(self) -> float:
        """Return how much longer the search may take. Raises SearchTimedOut where that is over."""
        seconds = self._deadline - time.monotonic()
        if seconds <= 0:
            raise SearchTimedOut(f"the list was not at its end after {self._pages} pages")
        return seconds

    def spend(self) -> None:
        """Take a page of it. Raises ListUnreadable or SearchTimedOut where nothing is left."""
        if self._pages == MAX_PAGES:
            raise ListUnreadable(f"the list goes on after {MAX_PAGES} pages")
        self.seconds_left()
        self._pages += 1


class _SameThread(Executor):
    """Runs what is submitted at once, in the thread that submits it."""

    def submit(self, function: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class _Reading:
    """One reading of a list, from the first page until the entry is found or the list ends."""

    def __init__(
        self, pages: Pages, fetch: Fetch, match: Match, second_choice: Match, budget: _Budget
    ) -> None:
        self._source = pages
        self._fetch = fetch
        self._match = match
        self._second_choice = second_choice
        self._budget = budget
        self.found: str | None = None
        self.second_found: str | None = None
        self.entries: dict[int, str] = {}  # position in the list -> ID
        self.total = 0
        self.pages = 0
        self.ended_early = False
        self._steady = True
        self._seen: set[str] = set()

    @property
    def whole(self) -> bool:
        """Whether it shows as many different entries as every page says that there are."""
        return self._steady and len(self.entries) == len(self._seen) == self.total

    def shows_the_same_as(self, other: "_Reading | None") -> bool:
        """Tell whether the list stood still in both readings, as far as both of them came."""
        return (
            other is not None
            and self._steady
            and other._steady
            and (self.total, self.ended_early) == (other.total, other.ended_early)
            and all(other.entries.get(at, each) == each for at, each in self.entries.items())
        )

    def run(self) -> None:
        self._budget.spend()
        first = self._fetch(0)
        self.total = first.total
        self._take(first)
        size = len(first.entries)
        if size < self.total and not self.ended_early:
            self._read_rest(size)

    def _read_rest(self, size: int) -> None:
        """Read on from the first page's end, several pages at once, as large as the first was."""
        ahead = iter(range(size, self.total, size))
        gaps: deque[tuple[int, int]] = deque()  # what shorter pages left out: from, to
        in_flight: dict[Future[Page], int] = {}  # -> where the next page starts
        try:
            while self.found is None and not self.ended_early:
                self._start(ahead, gaps, in_flight, size)
                if not in_flight:
                    return
                # The pages of other searches may stand before these: time counts there, too.
                left = self._budget.seconds_left()
                for future in wait(in_flight, left, FIRST_COMPLETED).done:
                    end = in_flight.pop(future)
                    page = future.result()
                    self._take(page)
                    reached = page.offset + len(page.entries)
                    if reached < end:
                        gaps.append((reached, end))
        finally:
            for future in in_flight:
                future.cancel()

    def _start(
        self,
        ahead: Iterator[int],
        gaps: "deque[tuple[int, int]]",
        in_flight: "dict[Future[Page], int]",
        size: int,
    ) -> None:
        while len(in_flight) < self._source.parallel:
            if gaps:
                offset, end = gaps.popleft()
            elif (offset := next(ahead, -1)) >= 0:
                end = min(offset + size, self.total)
            else:
                return
            self._budget.spend()
            in_flight[self._source.submit(self._fetch, offset)] = end

    def _take(self, page: Page) -> None:
        """Note a page. One that has nothing new, where there should be, is taken for the end."""
        self.pages += 1
        self._steady &= page.total == self.total
        ids = [entry["@id"] for entry in page.entries]
        self.ended_early |= bool(self.total) and self._seen.issuperset(ids)
        self._seen.update(ids)
        self.entries.update(enumerate(ids, page.offset))
        self.found = self.found or self._match(page.entries)
        self.second_found = self.second_found or self._second_choice(page.entries)


def _contradiction(reading: _Reading) -> ListUnreadable:
    return ListUnreadable(
        f"the list promises {reading.total} entries and ends after {len(reading.entries)}"
    )
