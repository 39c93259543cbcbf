"""The checks of the reader's file, in a process that can be ended, whatever the file is at."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from flaskr.exercise.bench import Bench
from flaskr.exercise.checks import CHECKS, Check, reason_of
from flaskr.exercise.portal import portal_of
from flaskr.exercise.written import NotLoaded, compiled, load
from flaskr.pod import Pod

START_SECONDS = 60.0  # for the process and its pod, on a busy machine too
CHECK_SECONDS = 5.0
FAREWELL_SECONDS = 5.0
LOOK_SECONDS = 0.1  # how often it is asked whether to give up
READY = LOADED = ""
ENDED = "it has ended the process"
PROCESSES = get_context("spawn")


class Abandoned(Exception):
    """The checks were given up, as nobody waits for them any more."""


class CheckOutcome(NamedTuple):
    """What came of a check: why it does not hold, or nothing where it does."""

    check: Check
    reason: str

    def __str__(self) -> str:
        verdict = f"not yet ({self.reason})" if self.reason else "holds"
        return f"{self.check}: {verdict}"


class Examination:
    """The checks of the reader's file as it is now, for the time of a `with` block.

    What hangs for so many `seconds` is stopped, and the next check begins anew. All of it raises
    Abandoned as soon as `is_abandoned` says so.
    """

    def __init__(
        self,
        file: Path,
        seconds: float = CHECK_SECONDS,
        is_abandoned: Callable[[], bool] = lambda: False,
    ) -> None:
        self._file, self._seconds, self._is_abandoned = file, seconds, is_abandoned
        self._folder = tempfile.TemporaryDirectory(prefix="exercise-")
        self._process: SpawnProcess | None = None
        self._answers: Connection | None = None

    def __enter__(self) -> Examination:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end()
        self._folder.cleanup()

    def load(self) -> None:
        """Load the file. Raises NotLoaded, at once where it is no Python."""
        compiled(self._file)
        self._begin(0)

    def outcomes(self) -> Iterator[CheckOutcome]:
        """Yield what came of each check."""
        for number, check in enumerate(CHECKS):
            yield CheckOutcome(check, self._reason(number))
        if self._process:
            self._process.join(FAREWELL_SECONDS)

    def _reason(self, number: int) -> str:
        try:
            if self._process is None:
                self._begin(number)
            return self._answer(self._seconds)
        except NotLoaded as error:
            return str(error)
        except EOFError:
            self._end()
            return ENDED
        except TimeoutError:
            self._end()
            return f"it took longer than {self._seconds:g} s"

    def _begin(self, number: int) -> None:
        """Have a process load the file and go on with the check of this number."""
        self._answers, theirs = PROCESSES.Pipe(duplex=False)
        arguments = (theirs, self._file, number, self._folder.name)
        self._process = PROCESSES.Process(target=_examine, args=arguments, daemon=True)
        self._process.start()
        theirs.close()
        problem = self._problem()
        if problem != LOADED:
            self._end()
            raise NotLoaded(problem)

    def _problem(self) -> str:
        """Return why the file is not loaded, or nothing where it is."""
        try:
            self._answer(START_SECONDS)
        except (EOFError, TimeoutError):
            return f"{self._file}: the process that checks it does not start"
        try:
            return self._answer(self._seconds)
        except EOFError:
            return f"{self._file}: it ends the process"
        except TimeoutError:
            return f"{self._file}: it is not loaded after {self._seconds:g} s"

    def _answer(self, seconds: float) -> str:
        """Return what the process says next.

        Raises TimeoutError where it says nothing, EOFError where it has ended.
        """
        assert self._answers
        deadline = time.monotonic() + seconds
        while not self._answers.poll(LOOK_SECONDS):
            if self._is_abandoned():
                raise Abandoned
            if time.monotonic() > deadline:
                raise TimeoutError
        return str(self._answers.recv())

    def _end(self) -> None:
        """End the process, whatever it is at."""
        if self._process and self._answers:
            self._process.kill()
            self._process.join()
            self._process.close()
            self._answers.close()
        self._process = self._answers = None


def _examine(answers: Connection, file: Path, first: int, folder: str) -> None:
    """Say that the process is ready, why the file is not loaded, and what came of each check."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this too
    threading.Thread(target=_end_with_parent, daemon=True).start()
    tempfile.tempdir = folder  # the pod's, which has no time to tidy up where it is ended
    sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")
    with Pod() as pod:
        answers.send(READY)
        _have_settings(pod)
        try:
            bench = bench_of(pod, file)
        except NotLoaded as error:
            answers.send(str(error))
            return
        answers.send(LOADED)
        for check in CHECKS[first:]:
            answers.send(reason_of(check, bench))


def bench_of(pod: Pod, file: Path) -> Bench:
    """Return the reader's work on a pod, whose settings stand in the environment.

    Raises NotLoaded.
    """
    module = load(file)
    app = portal_of(pod, file, module)
    app.testing = True  # so that what a view raises comes to the check
    return Bench(pod, module, app.test_client())


def _have_settings(pod: Pod) -> None:
    """Have the pod's settings in the environment, and none of a portal of somebody else's."""
    for name in [name for name in os.environ if name.startswith("PORTAL_")]:
        del os.environ[name]
    os.environ.update(pod.settings)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)
