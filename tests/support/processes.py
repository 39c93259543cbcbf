"""The project's commands as processes of their own, for tests that use them as people do."""

import atexit
import compileall
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import pytest

from flaskr.config import SETTINGS
from flaskr.pod.control.options import PORTS, port_option

PROJECT = Path(__file__).parents[2]
FREE_PORTS = tuple(word for server in PORTS for word in (port_option(server), "0"))
LAB = ("flaskr.lab", "--port", "0", *FREE_PORTS)
READY = {
    "flaskr.lab": "their faults",
    "flaskr.exercise": "their faults",
    "flaskr.pod": "^User IDs",
    "flask": "Running on",
}
START_SECONDS = 30


@cache
def bare_project() -> Path:
    """Return a folder with the project's code, and nobody's settings: no instance and no .env."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    copy_project(folder)
    return folder


def copy_project(folder: Path) -> None:
    """Copy the project's code alone into a folder, compiled, so that it starts soon."""
    code = folder / "flaskr"
    shutil.copytree(PROJECT / "flaskr", code, ignore=shutil.ignore_patterns("__pycache__"))
    compileall.compile_dir(code, quiet=1)


def bare_environment(more: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with no settings but those that are given."""
    names = {setting.name for setting in SETTINGS}
    return {**{name: os.environ[name] for name in os.environ if name not in names}, **more}


def run_to_its_end(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a module of the project that ends by itself, such as one that can't start."""
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=bare_project(), env=bare_environment(settings),
        capture_output=True, text=True, check=False, timeout=START_SECONDS,
    )


@contextmanager
def heeding_ctrl_c() -> Iterator[None]:
    """Let processes that start in this block heed SIGINT, as in a terminal.

    What a shell starts in the background ignores it, and so does all that is started from there.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Running:
    """A module of the project that runs, and what it has said so far.

    The project is in the folder `project`; unless given, in one with nobody's settings.
    """

    def __init__(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        project: Path | None = None,
    ) -> None:
        with heeding_ctrl_c():
            self._process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=project or bare_project(),
                env=bare_environment({"PYTHONUNBUFFERED": "1", **(environment or {})}),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,  # so that it can be ended with all that it has started
            )
        self.output = ""
        self._said = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            with self._said:
                self.output += line
                self._said.notify_all()
        with self._said:
            self._said.notify_all()

    def wait_for(self, pattern: str) -> None:
        """Wait until it says something that matches. Raises AssertionError where it never does."""

        def ready() -> bool:
            said = re.search(pattern, self.output, re.MULTILINE)
            return bool(said) or not self._reader.is_alive()

        with self._said:
            self._said.wait_for(ready, START_SECONDS)
        assert re.search(pattern, self.output, re.MULTILINE), self.output

    @property
    def portal(self) -> str:
        """The portal's address, such as `http://127.0.0.1:5000`."""
        return str(re.findall(r"http://127\.0\.0\.1:\d+", self.output)[0])

    def signal(self, number: int) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def end(self, number: int) -> tuple[int, float]:
        """Send a signal; return the exit code, and after how many seconds it came."""
        start = time.monotonic()
        self.signal(number)
        code = self._process.wait(timeout=30)
        self._reader.join()
        return code, time.monotonic() - start

    def close(self) -> None:
        """End it and its workers, whatever they are at."""
        if self._process.poll() is None:
            self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=10)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join()
        if self._process.stdout:
            self._process.stdout.close()


@contextmanager
def running(*arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Run a module of the project until the block ends; it is ready when the block begins."""
    process = Running(*arguments, environment=environment)
    try:
        process.wait_for(READY[arguments[0]])
        yield process
    finally:
        process.close()


def need(program: object, sentence: str) -> None:
    """Skip the test where a program that it drives is missing. In CI, where all are, it fails."""
    if not program:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(sentence)


def program(name: str) -> str:
    """Return where a program of Debian's packages nginx-light and systemd is."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    need(path, f"This needs {name}, of Debian's packages nginx-light and systemd.")
    return str(path)


def curl(*arguments: str) -> str:
    """Return what curl prints."""
    command = ["curl", "-sS", "--max-time", "20", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
