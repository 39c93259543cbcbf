"""The processes of the benchmark: simulated pod, portal and yardstick, each on its own."""

import http.client
import json
import math
import os
import re
import shlex
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

PROJECT = Path(__file__).parents[2]
HOST = "127.0.0.1"
START_SECONDS = 15
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Process:
    """A process of the project, with what the operating system accounts to it and its children."""

    def __init__(self, command: list[str], settings: Mapping[str, str], **pipes: Any) -> None:
        environment = {**os.environ, **settings}
        self._popen = subprocess.Popen(command, cwd=PROJECT, env=environment, text=True, **pipes)
        self.stdin, self.stdout = self._popen.stdin, self._popen.stdout

    def ids(self) -> list[int]:
        """Return the process IDs: its own, and those of its children."""
        own = self._popen.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text()
        return [own, *map(int, children.split())]

    def cpu_seconds(self) -> float:
        """Return the CPU time so far, of user and system."""
        fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2] for pid in self.ids()]
        return sum(int(ticks) for field in fields for ticks in field.split()[11:13]) / _TICKS

    def megabytes(self) -> float:
        """Return the resident memory of the largest of the processes."""
        pages = [Path(f"/proc/{pid}/statm").read_text().split()[1] for pid in self.ids()]
        return max(map(int, pages)) * _PAGE_BYTES / 2**20

    def most_megabytes(self) -> float:
        """Return the most resident memory that the largest of the processes has had."""
        status = [Path(f"/proc/{pid}/status").read_text() for pid in self.ids()]
        return max(int(re.findall(r"VmHWM:\s*(\d+) kB", text)[0]) for text in status) / 1024

    def alive(self) -> bool:
        return self._popen.poll() is None

    def close(self) -> None:
        self._popen.terminate()
        try:
            self._popen.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        for pipe in filter(None, (self.stdin, self.stdout)):
            pipe.close()


class SimulatedPod:
    """The simulated pod, through what it prints and its control port."""

    def __init__(self, welcome: str, process: Process) -> None:
        self.process = process
        self.settings = dict(re.findall(r"^((?:CMS|CUCM)_\w+)=(.+)$", welcome, re.MULTILINE))
        self._control = re.findall(r"http://[\d.]+:\d+", welcome)[0]
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.auth = (self.settings["CMS_USERNAME"], self.settings["CMS_PASSWORD"])
        self._session.verify = self.settings["CMS_TLS_VERIFY"]

    def create(self, name: str, uri: str) -> None:
        """Create a Space, by the API of the CMS."""
        url = f"https://{HOST}:{self.settings['CMS_PORT']}/api/v1/coSpaces"
        self._session.post(url, {"name": name, "uri": uri}).raise_for_status()

    def read(self, server: str, path: str) -> str:
        """Return what the CMS or the UDS answers, by a path below its API."""
        begin = {"CMS": "/api/v1", "CUCM": "/cucm-uds"}[server]
        url = f"https://{HOST}:{self.settings[f'{server}_PORT']}{begin}{path}"
        answer = self._session.get(url)
        answer.raise_for_status()
        return answer.text

    def pages(self, server: str, path: str) -> int:
        """Return how many pages a list has, each as large as the first."""
        first = self.read(server, path)
        [total] = re.findall(r'total(?:Count)?="(\d+)"', first)
        return math.ceil(int(total) / len(re.findall("<(?:coSpace|user) ", first)))

    def delay(self, milliseconds: int) -> None:
        """Have the CMS take so long for each answer."""
        self._ask("PATCH", "/switches", {"cms_latency": milliseconds})

    def forget_node(self, node: str) -> None:
        """Have the CMS not know a node of its API."""
        fault = {"fault": "failure", "value": "unrecognizedObject", "path": f"/{node}"}
        self._ask("POST", "/faults", fault)

    def forget(self) -> None:
        """Count requests anew."""
        self._ask("DELETE", "/requests", {})

    def counts(self, server: str = "cms") -> dict[str, int]:
        """Return what was counted at the CMS, or the UDS, since `forget`."""
        return dict(self._ask("GET", "/requests", None)["servers"][server])

    def _ask(self, method: str, path: str, body: Any) -> Any:
        request = urllib.request.Request(
            self._control + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
            return json.load(answer)


class Portal:
    """A caller of a portal, with one connection that is kept."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection(HOST, port, timeout=600)

    def retrieve(self, uri: str) -> float:
        """Retrieve a Space; return the seconds. Raises AssertionError for any other answer."""
        start = time.perf_counter()
        self._connection.request("GET", f"/api/v1/cms/spaces/{uri}")
        answer = json.loads(self._connection.getresponse().read())
        seconds = time.perf_counter() - start
        assert answer["success"] and answer["response"]["coSpace"]["uri"] == uri, answer
        return seconds

    def post(self, path: str, body: bytes, kind: str, accepted: str) -> tuple[float, bytes]:
        """Post a body; return the seconds to the end of the answer, and the answer."""
        start = time.perf_counter()
        headers = {"Content-Type": kind, "Accept": accepted}
        self._connection.request("POST", path, body, headers)
        answer = self._connection.getresponse()
        document = answer.read()
        assert answer.status == 200, document
        return time.perf_counter() - start, document


class Bare:
    """The process of `bare.py`."""

    def __init__(self, process: Process) -> None:
        self.process = process

    def retrieve(self, uri: str, times: int) -> list[float]:
        """Retrieve a Space so many times; return the seconds of each."""
        return self._seconds("retrieve", uri, times)

    def find(self, uri: str) -> float:
        """Look whether there is a Space with that URI; return the seconds."""
        return self._seconds("find", uri, 1)[0]

    def create(self, uri: str, times: int) -> float:
        """Create so many Spaces, with URIs that begin so, 8 at a time; return the seconds."""
        return self._seconds("create", uri, times)[0]

    def _seconds(self, task: str, uri: str, times: int) -> list[float]:
        assert self.process.stdin and self.process.stdout
        print(task, uri, times, sep="\t", file=self.process.stdin, flush=True)
        return [float(seconds) for seconds in json.loads(self.process.stdout.readline())]


@contextmanager
def ended(process: Process) -> Iterator[Process]:
    """End a process with the block."""
    try:
        yield process
    finally:
        process.close()


@contextmanager
def running_pod(*options: str) -> Iterator[SimulatedPod]:
    """Run a simulated pod on free ports, with further options."""
    ports = [f"--{name}-port=0" for name in ("cms", "uds", "cuc", "webex", "mail", "control")]
    command = [sys.executable, "-m", "flaskr.pod", "--quiet", *ports, *options]
    with ended(Process(command, {}, stdout=subprocess.PIPE)) as process:
        assert process.stdout
        welcome = ""
        while "curl http://" not in welcome:
            line = process.stdout.readline()
            assert line, "the pod did not start"
            welcome += line
        yield SimulatedPod(welcome, process)


@contextmanager
def running_bare(settings: Mapping[str, str]) -> Iterator[Bare]:
    """Run the yardstick."""
    command = [sys.executable, str(Path(__file__).with_name("bare.py"))]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with ended(Process(command, settings, **pipes)) as process:
        yield Bare(process)


@contextmanager
def running_portal(
    command: str, settings: Mapping[str, str]
) -> Iterator[tuple[Process, int, float]]:
    """Run a portal, by a command with `{port}` in it; yield it, its port, and how long it took.

    That is the seconds from its start to its first answer. Its log goes nowhere.
    """
    with socket.create_server((HOST, 0)) as free:
        port = int(free.getsockname()[1])
    start = time.perf_counter()
    words = shlex.split(command.format(port=port))
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with ended(Process(words, settings, **quiet)) as process:
        while not _answers(port):
            assert process.alive(), f"the portal did not start: {command}"
            assert time.perf_counter() - start < START_SECONDS, "the portal does not answer"
        yield process, port, time.perf_counter() - start


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=START_SECONDS)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        time.sleep(0.01)
        return False
    finally:
        connection.close()
