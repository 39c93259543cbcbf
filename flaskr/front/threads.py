"""Threads for what may take its time, and who gets one first."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

READS_IN_A_ROW = 3  # before a write that waits has its turn


@dataclass(eq=False)
class Job:
    """Something to do in a thread, and what to do in the event loop afterwards.

    `work` must not raise; `done` gets what it returns. `refused` is called where no thread was
    free in time. `reads` is whether it only looks: such jobs come first.
    """

    work: Callable[[], Any]
    done: Callable[[Any], None]
    refused: Callable[[], None]
    reads: bool
    _timer: asyncio.TimerHandle | None = field(default=None, init=False)


class Threads:
    """So many threads. All but the event loop's own calls are done in them, reads before writes.

    At most `writers` of them work on jobs that change something, so that looking stays possible
    while changes hang; and after some reads a write has its turn, so that it stays possible while
    many look. A job waits `patience` seconds for a thread; None: as long as it takes.
    Every method is the event loop's to call.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        threads: int,
        writers: int,
        patience: float | None,
    ) -> None:
        self._loop = loop
        self._most = threads
        self._most_writers = writers
        self._patience = patience
        self._started = 0
        self._working = 0
        self._writing = 0
        self._reads_in_a_row = 0
        self._readers_waiting: deque[Job] = deque()
        self._writers_waiting: deque[Job] = deque()
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()

    @property
    def working(self) -> bool:
        """Whether a job is being done, or waits for a thread."""
        return bool(self._working or self._readers_waiting or self._writers_waiting)

    def submit(self, job: Job) -> None:
        """Have a job done as soon as a thread is free for it."""
        waiting = self._readers_waiting if job.reads else self._writers_waiting
        waiting.append(job)
        self._start_what_can()
        if self._patience is not None and job in waiting:
            job._timer = self._loop.call_later(self._patience, self._refuse, waiting, job)

    def _start_what_can(self) -> None:
        while self._working < self._most and (job := self._next()):
            self._start(job)

    def _next(self) -> Job | None:
        may_write = self._writers_waiting and self._writing < self._most_writers
        if self._readers_waiting and not (may_write and self._reads_in_a_row >= READS_IN_A_ROW):
            self._reads_in_a_row += 1
            return self._readers_waiting.popleft()
        self._reads_in_a_row = 0
        return self._writers_waiting.popleft() if may_write else None

    def _start(self, job: Job) -> None:
        if job._timer:
            job._timer.cancel()
        if self._started == self._working and not self._start_thread():
            self._loop.call_soon(job.refused)
            return
        self._working += 1
        if not job.reads:
            self._writing += 1
        self._jobs.put(job)

    def _start_thread(self) -> bool:
        """Return whether there is one more thread; the operating system may have none left."""
        try:
            threading.Thread(target=self._work, name="front", daemon=True).start()
        except RuntimeError:
            return False
        self._started += 1
        return True

    def _refuse(self, waiting: deque[Job], job: Job) -> None:
        waiting.remove(job)
        job.refused()

    def _work(self) -> None:
        """Do one job after the other; they are daemon threads, and end with the process."""
        while True:
            job = self._jobs.get()
            outcome = job.work()
            with contextlib.suppress(RuntimeError):  # the event loop has ended meanwhile
                self._loop.call_soon_threadsafe(self._finish, job, outcome)
            del job, outcome  # a request's body may be large, and the next job far away

    def _finish(self, job: Job, outcome: Any) -> None:
        self._working -= 1
        if not job.reads:
            self._writing -= 1
        self._start_what_can()
        job.done(outcome)
