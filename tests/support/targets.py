"""Portals to attack over raw sockets, run as people run them: in production and in the lab."""

import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import ProxyHandler, Request, build_opener

from support.pods import QuietPod
from support.processes import LAB, Running, running


HOST = "127.0.0.1"
SPACE = "/api/v1/cms/spaces/pod6user1"
VERSION = "/api/v1/cms/version"
BUNDLE = "/api/v1/swagger-ui/swagger-ui-bundle.js"
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
PATIENCE_SECONDS = 20


class Target(NamedTuple):
    """A portal that runs as a process of its own, and the control port of the pod behind it."""

    process: Running
    port: int
    control: str

    def connect(self) -> socket.socket:
        return socket.create_connection((HOST, self.port), PATIENCE_SECONDS)

    def send(self, data: bytes) -> bytes:
        """Send bytes, say that no more come, and return all that is answered."""
        with self.connect() as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return read_all(connection)

    def ask(self, method: str, path: str, headers: str = "", body: str = "") -> tuple[int, Any]:
        """Return the status and the JSON of one request that is as it should be."""
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\n{headers}{length}"
        return parsed(self.send(f"{head}Connection: close\r\n\r\n{body}".encode()))

    def seconds_to_answer(self, path: str = "/healthz") -> float:
        start = time.monotonic()
        assert self.ask("GET", path)[0] == 200
        return time.monotonic() - start

    def control_port(self, method: str, path: str, body: Any = None) -> Any:
        request = Request(
            self.control + path, None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json"}, method=method,
        )
        with build_opener(ProxyHandler({})).open(request) as answer:
            return json.load(answer)

    def wait_for_calls(self, count: int) -> None:
        """Wait until so many requests are under way at the CMS."""
        end = time.monotonic() + PATIENCE_SECONDS
        while self.calls_under_way() < count:
            assert time.monotonic() < end, "they never came"
            time.sleep(0.02)

    def calls_under_way(self) -> int:
        servers = self.control_port("GET", "/requests")["servers"]
        return int(servers.get("cms", {"in_flight": 0})["in_flight"])

    def changes(self) -> list[str]:
        """Return the requests that would change something at CMS."""
        requests = self.control_port("GET", "/requests")["requests"]
        at_cms = [entry for entry in requests if entry["server"] == "cms"]
        return [entry["method"] for entry in at_cms if entry["method"] != "GET"]


def read_all(connection: socket.socket) -> bytes:
    """Return what comes until the end; a reset is an end too."""
    found = b""
    try:
        while piece := connection.recv(65536):
            found += piece
    except ConnectionResetError:
        pass
    return found


def parsed(answer: bytes) -> tuple[int, Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    status = re.match(rb"HTTP/1\.1 (\d{3}) ", head)
    assert status, answer[:200]
    assert b"application/json" in head, answer[:500]
    return int(status[1]), json.loads(body)


@contextmanager
def production(project: Path | None = None, **settings: str) -> Iterator[Target]:
    """A portal in production, of a project with nobody's settings unless another is given."""
    with QuietPod(seed=1) as pod:
        environment = {**pod.settings, "PORTAL_HOSTS": "", **settings}
        process = Running(
            "flaskr.serve", "--port", "0", environment=environment, project=project
        )
        try:
            process.wait_for("The portal listens on port")
            port = int(re.findall(r"listens on port (\d+)", process.output)[0])
            yield Target(process, port, pod.control_url)
        finally:
            process.close()


@contextmanager
def lab(**settings: str) -> Iterator[Target]:
    with running(*LAB, environment=settings) as process:
        control = re.findall(r"their faults +(.+?)/?$", process.output, re.MULTILINE)[0]
        yield Target(process, int(process.portal.rpartition(":")[2]), control)


STARTS: dict[str, Callable[..., Any]] = {"production": production, "lab": lab}
