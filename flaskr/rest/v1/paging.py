"""Reading a list that comes page by page and may change while it is read.

A server answers the lower of what was asked for and a cap of its own, and the list may lose or gain
entries between two pages, so that others are skipped (CMS's API description, "Using limit and
offset"). So what a list of several pages lacks is only believed once two readings in a row have
shown the same.
"""

import contextvars
import re
import time
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from typing import Any, NamedTuple, TypeVar

from flaskr.result import Failure

MAX_READINGS = 4  # of a list that looks different every time
MAX_PAGES = 10_000  # of one list: with CMS's cap of 10, more entries than a CMS holds
NO_LIMIT_SECONDS = 7 * 24 * 3600.0  # of a list that may take as long as it takes
FEWEST_TO_OVERLAP = 2  # entries of a page, so that the next can begin with its last

Entry = dict[str, Any]
ID = "@id"
COUNT = re.compile(r"[0-9]{1,9}")  # how many entries a list says that it has


class Page(NamedTuple):
    """A part of a list: where it starts, how long the whole list says it is, and its entries."""

    offset: int
    total: int
    entries: list[Entry]


FetchPage = Callable[[int], Page]
Key = Callable[[Entry], str]
Wanted = Callable[[Entry], bool]
Hint = Callable[[], Iterable[Entry]]
T = TypeVar("T")


class ListProblem(Exception):
    """Something is wrong with a list as a whole, however well each page was fetched."""


class ListUnreadable(ListProblem):
    """The list contradicts itself, so that nobody can say what is in it; the text says how."""


class ListUnsteady(ListProblem):
    """The list was different at every reading, so that an entry may have been missed."""


class ListTimedOut(ListProblem):
    """The list was not read to its end in the time allowed; the text says how far it was."""


class PagedReader:
    """Reads lists, `parallel` pages at a time in the whole process however many lists are read.

    A list's first page does not count: the reading thread fetches it itself, and all of them where
    `parallel` is 1. No page is waited for after so many `seconds`.
    """

    def __init__(self, parallel: int, seconds: float = 3600.0) -> None:
        self.parallel = parallel
        self._seconds = seconds
        self._executor: Executor = (
            ThreadPoolExecutor(parallel, "pages") if parallel > 1 else _SameThread()
        )

    def search(
        self, fetch: FetchPage, *wanted: Wanted, hint: Hint | None = None
    ) -> Entry | None:
        """Return the first entry that is wanted, or None where the list surely has none.

        What is wanted first ends the reading. What is wanted after that is only taken where the
        whole list, as it is at the end, has nothing that is wanted before. Raises what `entries`
        does.

        `hint` may know sooner than the list. It is asked once, beside the second page, in the turn
        of a page. Of what it returns, only what is wanted first counts. A list that has been read
        does not wait for it, but what is wrong with a list is only raised where it does not help.
        """
        aside = _Aside(self, hint, wanted[0])
        budget = _Budget(self._seconds)
        try:
            return _first(self._entries(fetch, budget, aside), *wanted)
        except (ListProblem, Failure):
            found = aside.awaited(budget)
            if not found:
                raise
            return found[0]
        finally:
            aside.drop()

    def entries(
        self, fetch: FetchPage, twice: bool = True, bounded: bool = True
    ) -> Generator[Entry, None, Collection[str]]:
        """Yield the entries of a list as they come; the end says that there are no others.

        One that is seen again is only yielded again where it has changed since.
        One page that is the whole list is believed at once; a list of several pages once two
        readings in a row showed the same entries, so who looks for one and finds it stops earlier.
        Not `twice`: once a reading has shown as many different entries as all its pages said that
        there are. What comes and what goes at the same moment, between two pages, may be missed
        then, and an entry with it. `bounded`: only as long as the reader's `seconds`.
        Returns the IDs of those that were there at the end: others were yielded, and went.

        Raises ListUnreadable, ListUnsteady, ListTimedOut, and what `fetch` raises.
        """
        budget = _Budget(self._seconds if bounded else NO_LIMIT_SECONDS)
        return self._entries(fetch, budget, _Aside(self), twice)

    def _entries(
        self, fetch: FetchPage, budget: "_Budget", aside: "_Aside", twice: bool = True
    ) -> Generator[Entry, None, Collection[str]]:
        yielded: dict[str, int] = {}  # ID -> hash: a list may be longer than the memory
        previous: _Reading | None = None
        for _ in range(MAX_READINGS):
            reading = _Reading(self, fetch, budget, aside)
            for entry in reading.run():
                seen = hash(repr(entry))
                if yielded.get(entry[ID]) != seen:
                    yielded[entry[ID]] = seen
                    yield entry
            steady = reading.shows_the_same_as(previous)
            if reading.whole and (reading.pages == 1 or steady or not twice):
                return reading.seen
            if reading.ended_early and steady:
                raise reading.contradiction()
            previous = reading
        raise ListUnsteady

    def submit(self, fetch: Callable[..., T], *args: Any) -> "Future[T]":
        """Start fetching something, with the context of the caller's log lines."""
        return self._executor.submit(contextvars.copy_context().run, fetch, *args)


def walk(fetch: FetchPage, key: Key, surest_total: int) -> Iterator[Entry]:
    """Yield the entries of a list whose total may stop counting, each by its `key` once.

    It is read page after page until one has nothing new, or the total is reached where that is
    below `surest_total`. Pages overlap by an entry: where it is another one now, the list has
    shifted, and is read again. Raises ListUnreadable where the list ends before its total,
    ListUnsteady, and what `fetch` raises.
    """
    yielded: set[str] = set()
    problem: Exception = ListUnsteady()
    for _ in range(MAX_READINGS):
        reading = _Walk(fetch, key, surest_total)
        for entry in reading.run():
            if key(entry) not in yielded:
                yielded.add(key(entry))
                yield entry
        if reading.is_whole:
            return
        problem = reading.problem
    raise problem


class _Walk:
    """One reading of a list from its beginning, page after page, for as long as it stands still."""

    def __init__(self, fetch: FetchPage, key: Key, surest_total: int) -> None:
        self._fetch = fetch
        self._key = key
        self._surest_total = surest_total
        self._is_steady = True
        self._count = 0
        self._total = 0

    @property
    def is_whole(self) -> bool:
        return self._is_steady and self._count >= self._total

    @property
    def problem(self) -> Exception:
        """What is wrong with a reading that is not whole."""
        if not self._is_steady:
            return ListUnsteady()
        promise = f"the list promises {self._total} entries and ends after {self._count}"
        return ListUnreadable(promise)

    def run(self) -> Iterator[Entry]:
        page = self._fetch(0)
        self._total, new = page.total, page.entries
        for _ in range(MAX_PAGES):
            yield from new
            self._count += len(new)
            if not new or self._count == self._total < self._surest_total:
                return
            overlap = page.entries[-1:] if len(page.entries) >= FEWEST_TO_OVERLAP else []
            before, page = page, self._fetch(self._count - len(overlap))
            new = self._new_of(page, before, overlap)
            if not self._is_steady:
                return
        raise ListUnreadable(f"the list goes on after {MAX_PAGES} pages")

    def _new_of(self, page: Page, before: Page, overlap: list[Entry]) -> list[Entry]:
        """Return what a page has behind the overlap; nothing where it is the one before again."""
        keys = list(map(self._key, page.entries))
        here, expected = keys[: len(overlap)], list(map(self._key, overlap))
        self._is_steady = here == expected and page.total == self._total
        again = keys == list(map(self._key, before.entries))
        return [] if again else page.entries[len(overlap):]


def _first(
    entries: Generator[Entry, None, Collection[str]], first: Wanted, *others: Wanted
) -> Entry | None:
    """Return the first entry that is wanted, as `search` does."""
    latest: dict[str, Entry] = {}
    try:
        while not first(entry := next(entries)):
            latest[entry[ID]] = entry
    except StopIteration as end:
        still_there = [entry for key, entry in latest.items() if key in end.value]
        found = (entry for is_wanted in others for entry in still_there if is_wanted(entry))
        return next(found, None)
    entries.close()
    return entry


class _Budget:
    """What the reading of a list may still cost: pages, and time."""

    def __init__(self, seconds: float) -> None:
        self._pages = 0
        self._deadline = time.monotonic() + seconds

    def seconds_left(self) -> float:
        """Return how much longer it may take. Raises ListTimedOut where that is over."""
        seconds = self._deadline - time.monotonic()
        if seconds <= 0:
            raise ListTimedOut(f"the list was not at its end after {self._pages} pages")
        return seconds

    def spend(self) -> None:
        """Take a page of it. Raises ListUnreadable or ListTimedOut where nothing is left."""
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


class _Aside:
    """What is asked beside a list, once, and is no part of it: the hint of a search."""

    def __init__(
        self, reader: PagedReader, hint: Hint | None = None, wanted: Wanted = bool
    ) -> None:
        self._reader = reader
        self._hint = hint
        self._wanted = wanted
        self.in_flight: list[Future[list[Entry]]] = []  # one at the most

    def start(self) -> None:
        """Ask, unless that has been done."""
        if self._hint is not None:
            self.in_flight.append(self._reader.submit(self._ask, self._hint))
            self._hint = None

    def found(self) -> list[Entry]:
        """Return what is wanted of the answer, once it is here; nothing before and after that."""
        answered = any(future.done() for future in self.in_flight)
        return self.in_flight.pop().result() if answered else []

    def awaited(self, budget: _Budget) -> list[Entry]:
        """Return the same, and wait for it as long as the reading of the list may take."""
        wait(self.in_flight, budget.seconds_left())
        return self.found()

    def drop(self) -> None:
        """Have it not asked any more, where it still waits for a thread."""
        for future in self.in_flight:
            future.cancel()

    def _ask(self, hint: Hint) -> list[Entry]:
        return [entry for entry in hint() if self._wanted(entry)]


class _Reading:
    """One reading of a list, from the first page until it ends or nobody wants more of it."""

    def __init__(
        self, reader: PagedReader, fetch: FetchPage, budget: _Budget, aside: _Aside
    ) -> None:
        self._reader = reader
        self._fetch = fetch
        self._budget = budget
        self._aside = aside
        self.ids: dict[int, str] = {}  # position in the list -> ID
        self.total = 0
        self.pages = 0
        self.ended_early = False
        self._steady = True
        self.seen: set[str] = set()  # all IDs

    @property
    def whole(self) -> bool:
        """Whether it shows as many different entries as every page says that there are."""
        return self._steady and len(self.ids) == len(self.seen) == self.total

    def shows_the_same_as(self, other: "_Reading | None") -> bool:
        """Return whether the list stood still in both readings, as far as both of them came."""
        return (
            other is not None
            and self._steady
            and other._steady
            and (self.total, self.ended_early) == (other.total, other.ended_early)
            and all(other.ids.get(position, each) == each for position, each in self.ids.items())
        )

    def contradiction(self) -> ListUnreadable:
        """Return what is said of a list that stands still and does not keep its promise."""
        return ListUnreadable(
            f"the list promises {self.total} entries and ends after {len(self.ids)}"
        )

    def run(self) -> Iterator[Entry]:
        """Yield the entries of each page as it comes."""
        self._budget.spend()
        first = self._fetch(0)
        self.total = first.total
        self._take(first)
        yield from first.entries
        size = len(first.entries)
        if size < self.total and not self.ended_early:
            yield from self._read_rest(size)

    def _read_rest(self, size: int) -> Generator[Entry, None, None]:
        """Read on from the first page's end, several pages at once, as large as the first was."""
        ahead = iter(range(size, self.total, size))
        gaps: deque[tuple[int, int]] = deque()  # what shorter pages left out: from, to
        in_flight: dict[Future[Page], int] = {}  # -> where the next page starts
        self._aside.start()
        try:
            while not self.ended_early:
                yield from self._aside.found()
                self._start(ahead, gaps, in_flight, size)
                if not in_flight:
                    return
                # The pages of other lists may stand before these: time counts there, too.
                left = self._budget.seconds_left()
                waiting: list[Future[Any]] = [*in_flight, *self._aside.in_flight]
                for future in wait(waiting, left, FIRST_COMPLETED).done & in_flight.keys():
                    end = in_flight.pop(future)
                    page = future.result()
                    self._take(page)
                    yield from page.entries
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
        while len(in_flight) < self._reader.parallel:
            if gaps:
                offset, end = gaps.popleft()
            elif (offset := next(ahead, -1)) >= 0:
                end = min(offset + size, self.total)
            else:
                return
            self._budget.spend()
            in_flight[self._reader.submit(self._fetch, offset)] = end

    def _take(self, page: Page) -> None:
        """Note a page. One that has nothing new, where there should be, is taken for the end."""
        self.pages += 1
        self._steady = self._steady and page.total == self.total
        ids = [entry[ID] for entry in page.entries]
        if self.total and self.seen.issuperset(ids):
            self.ended_early = True
        self.seen.update(ids)
        self.ids.update(enumerate(ids, page.offset))
