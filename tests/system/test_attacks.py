"""Attacks on the portal as it is run, in production and in the lab, over raw sockets; all hold."""

import json
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from support.processes import LAB, Running, running

from flaskr.access.keys import WrongKeys
from flaskr.front.connection import BODY_SECONDS, HEAD_SECONDS
from flaskr.front.descriptors import allow_connections
from flaskr.pod import Pod
from flaskr.serve import CONNECTIONS, THREADS, WRITERS

HOST = "127.0.0.1"
SPACE = "/api/v1/cms/spaces/pod6user1"
VERSION = "/api/v1/cms/version"
BUNDLE = "/api/v1/swagger-ui/swagger-ui-bundle.js"
PATIENCE_SECONDS = 20
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
EVIL = "http://evil.example"
GUESSES = 7  # the last of them is held back for some seconds


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
        return [entry["method"] for entry in requests if entry["method"] != "GET"]


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
def production(**settings: str) -> Iterator[Target]:
    with Pod(seed=1) as pod:
        environment = {**pod.settings, "PORTAL_HOSTS": "", **settings}
        process = Running("flaskr.serve", "--port", "0", environment=environment)
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


@pytest.fixture(scope="module", params=STARTS)
def shared_target(request: pytest.FixtureRequest) -> Iterator[Target]:
    with STARTS[request.param]() as target:
        yield target


@pytest.fixture
def target(shared_target: Target) -> Target:
    shared_target.control_port("POST", "/reset", {})
    return shared_target


@pytest.fixture(params=STARTS)
def own_target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """A portal that the test may end."""
    with STARTS[request.param]() as target:
        yield target


# A body that was cut is no body.

CUT = {
    "length": f"Content-Length: 16\r\n{FORM}\r\npasscode=24",
    "length, nothing of it": f"Content-Length: 16\r\n{FORM}\r\n",
    "JSON": 'Content-Length: 40\r\nContent-Type: application/json\r\n\r\n{"passcode": "24"}',
    "chunk": f"Transfer-Encoding: chunked\r\n{FORM}\r\n10\r\npasscode=24",
    "last chunk": f"Transfer-Encoding: chunked\r\n{FORM}\r\nb\r\npasscode=24\r\n",
    "end of chunks": f"Transfer-Encoding: chunked\r\n{FORM}\r\nb\r\npasscode=24\r\n0\r\n",
    "chunk without size": f"Transfer-Encoding: chunked\r\n{FORM}\r\n\r\npasscode=24\r\n0\r\n\r\n",
    "negative chunk": f"Transfer-Encoding: chunked\r\n{FORM}\r\n-b\r\npasscode=24\r\n0\r\n\r\n",
    "two lengths": f"Content-Length: 11\r\nContent-Length: 4\r\n{FORM}\r\npasscode=24",
    "length and chunks": "Content-Length: 11\r\nTransfer-Encoding: chunked\r\n"
    f"{FORM}\r\nb\r\npasscode=24\r\n0\r\n\r\n",
    "other coding": f"Transfer-Encoding: gzip, chunked\r\n{FORM}\r\nb\r\npasscode=24\r\n0\r\n\r\n",
    "no number": f"Content-Length: +11\r\n{FORM}\r\npasscode=24",
}


@pytest.mark.parametrize("method", ["PUT", "POST"])
@pytest.mark.parametrize("rest", CUT.values(), ids=CUT)
def test_a_body_that_was_cut_is_refused_and_nothing_is_sent_to_cms(
    target: Target, method: str, rest: str
) -> None:
    answer = target.send(f"{method} {SPACE} HTTP/1.1\r\nHost: {HOST}\r\n{rest}".encode())
    status, body = parsed(answer)
    assert (status, body["success"]) == (400, False)
    assert "malformed HTTP" in body["message"]
    assert target.changes() == []


@pytest.mark.parametrize("rest", CUT.values(), ids=CUT)
def test_a_body_whose_connection_is_reset_changes_nothing(target: Target, rest: str) -> None:
    connection = target.connect()
    connection.sendall(f"POST {SPACE} HTTP/1.1\r\nHost: {HOST}\r\n{rest}".encode())
    time.sleep(0.05)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()
    assert target.seconds_to_answer() < 2
    assert target.changes() == []


def test_a_body_that_came_whole_is_carried_out(target: Target) -> None:
    pieces = f"Transfer-Encoding: chunked\r\n{FORM}\r\nc\r\nname=Mine%21\r\n0\r\n\r\n".split("=")
    with target.connect() as connection:
        connection.sendall(f"POST {SPACE} HTTP/1.1\r\nHost: {HOST}\r\n{pieces[0]}=".encode())
        time.sleep(0.1)
        connection.sendall(pieces[1].encode())
        connection.shutdown(socket.SHUT_WR)
        status, body = parsed(read_all(connection))
    assert (status, body["success"]) == (200, True), body
    assert target.changes() == ["POST"]


def test_letters_in_a_body_arrive_as_they_were_sent(target: Target) -> None:
    body = "name=Zoë".encode()
    head = f"POST {SPACE} HTTP/1.1\r\nHost: {HOST}\r\n{FORM}Content-Length: {len(body)}\r\n\r\n"
    with target.connect() as connection:
        connection.sendall(head.encode())
        time.sleep(0.1)
        connection.sendall(body)
        connection.shutdown(socket.SHUT_WR)
        assert parsed(read_all(connection))[0] == 200
    names = [space.get("name") for space in target.control_port("GET", "/spaces")]
    assert "Zoë" in names


# Nobody stops the portal.

HALF_HEAD = f"GET {VERSION} HTTP/1.1\r\nHost: {HOST}\r\nX-A: "
HALF_BODY = f"PUT {SPACE} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 99\r\n{FORM}\r\nname="


@contextmanager
def held(target: Target, count: int, beginning: str) -> Iterator[list[socket.socket]]:
    """Hold connections on which a request has begun and does not end."""
    assert allow_connections(CONNECTIONS) > 2000
    with ExitStack() as stack:
        connections = [stack.enter_context(target.connect()) for _ in range(count)]
        for connection in connections:
            connection.sendall(beginning.encode())
        yield connections


@pytest.mark.parametrize(
    ("count", "beginning"), [(40, HALF_BODY), (1100, HALF_HEAD), (1100, "")],
    ids=["bodies", "headers", "nothing"],
)
def test_unfinished_requests_keep_nobody_waiting(
    target: Target, count: int, beginning: str
) -> None:
    with held(target, count, beginning):
        assert target.seconds_to_answer() < 2
        assert target.seconds_to_answer(VERSION) < 2


def test_who_does_not_finish_a_request_is_told_so_after_the_time_for_it(target: Target) -> None:
    expected = {HALF_HEAD: HEAD_SECONDS, HALF_BODY: BODY_SECONDS}
    start = time.monotonic()
    with ExitStack() as stack:
        halves = [stack.enter_context(held(target, 1, beginning))[0] for beginning in expected]
        [slow] = stack.enter_context(held(target, 1, "GET /"))
        for _ in range(8):  # byte after byte does not give more time
            time.sleep(1)
            slow.sendall(b"a")
        assert [parsed(read_all(connection))[0] for connection in (*halves, slow)] == [408] * 3
    assert time.monotonic() - start < max(expected.values()) + 3


def test_200_good_requests_are_answered_under_all_of_it(target: Target) -> None:
    """40 stuck bodies, 1,100 half headers and 64 slow readers at once."""
    reader = f"GET {BUNDLE} HTTP/1.1\r\nHost: {HOST}\r\n\r\n" * 8
    with ExitStack() as stack:
        stack.enter_context(held(target, 40, HALF_BODY))
        stack.enter_context(held(target, 1100, HALF_HEAD))
        stack.enter_context(held(target, 64, reader))
        with ThreadPoolExecutor(8) as callers:
            paths = [(VERSION, "/healthz")[number % 2] for number in range(200)]
            seconds = list(callers.map(target.seconds_to_answer, paths))
    assert len(seconds) == 200
    assert max(seconds) < 3


def test_a_stop_finishes_a_change_whose_caller_is_gone(own_target: Target) -> None:
    own_target.control_port("PATCH", "/switches", {"cms_latency": 1000})
    body = "name=Changed"
    head = f"POST {SPACE} HTTP/1.1\r\nHost: {HOST}\r\n{FORM}Content-Length: {len(body)}\r\n\r\n"
    connection = own_target.connect()
    connection.sendall(f"{head}{body}".encode())
    own_target.wait_for_calls(1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()
    assert own_target.process.end(signal.SIGTERM)[0] == 0
    assert re.search("request method=POST .* status=200", own_target.process.output)


def test_a_stop_does_not_wait_for_a_check_of_the_servers() -> None:
    with production(PORTAL_TIMEOUT="60") as target:
        target.control_port("PATCH", "/switches", {"cms_latency": 40_000})
        with target.connect() as connection:
            connection.sendall(f"GET /readyz HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
            target.wait_for_calls(1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        assert target.process.end(signal.SIGTERM)[1] < 5


def come_and_go(port: int, stop: threading.Event) -> None:
    """Connect and hang up, as fast as it goes."""
    while not stop.is_set():
        try:
            socket.create_connection((HOST, port), 1).close()
        except OSError:
            time.sleep(0.01)


def test_who_comes_and_goes_without_end_neither_silences_nor_keeps_the_portal(
    own_target: Target,
) -> None:
    stop = threading.Event()
    flood = threading.Thread(target=come_and_go, args=(own_target.port, stop))
    flood.start()
    try:
        time.sleep(1)
        assert max(own_target.seconds_to_answer() for _ in range(5)) < 6
        assert own_target.process.end(signal.SIGTERM)[1] < 8
    finally:
        stop.set()
        flood.join()


def test_an_answer_is_whole_where_more_was_sent_than_asked(target: Target) -> None:
    with target.connect() as connection:
        head = f"GET {BUNDLE} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        time.sleep(0.05)
        connection.sendall(b"\r\n")
        answer = read_all(connection)
    length = re.findall(rb"\r\nContent-Length: (\d+)\r\n", answer)
    assert len(answer.partition(b"\r\n\r\n")[2]) == int(length[0])


@pytest.mark.parametrize("beginning", [HALF_HEAD, HALF_BODY, ""], ids=["head", "body", "nothing"])
def test_a_stop_ends_beside_unfinished_requests(own_target: Target, beginning: str) -> None:
    with held(own_target, 40, beginning):
        time.sleep(0.2)
        code, seconds = own_target.process.end(signal.SIGTERM)
    assert code == 0
    assert seconds < 5


def test_the_main_process_killed_leaves_nothing_behind(own_target: Target) -> None:
    own_target.process.end(signal.SIGKILL)
    with pytest.raises(ConnectionRefusedError):
        own_target.connect()


def test_health_is_told_while_cms_hangs_and_many_wait(target: Target) -> None:
    target.control_port("PATCH", "/switches", {"cms_latency": 4000})
    with ThreadPoolExecutor(64) as callers:
        answers = [callers.submit(target.ask, "GET", VERSION) for _ in range(64)]
        target.wait_for_calls(THREADS)
        assert target.seconds_to_answer() < 2
        statuses = sorted(answer.result()[0] for answer in answers)
    assert statuses == [200] * THREADS + [503] * (64 - THREADS)


def test_more_callers_than_threads_are_told_at_once_when_to_come_again(target: Target) -> None:
    target.control_port("PATCH", "/switches", {"cms_latency": 3000})
    with ThreadPoolExecutor(THREADS + 1) as callers:
        waiting = [callers.submit(target.ask, "GET", VERSION) for _ in range(THREADS)]
        target.wait_for_calls(THREADS)
        start = time.monotonic()
        answer = target.send(f"GET {VERSION} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        assert time.monotonic() - start < 1
        assert b"\r\nRetry-After: 1\r\n" in answer
        status, body = parsed(answer)
        assert (status, body["success"]) == (503, False)
        assert [caller.result()[0] for caller in waiting] == [200] * THREADS


def test_reads_are_answered_while_changes_hang(target: Target) -> None:
    fault = {"fault": "late", "value": 3, "method": "POST", "path": "/coSpaces"}
    target.control_port("POST", "/faults", fault)
    with ThreadPoolExecutor(THREADS) as callers:
        for number in range(THREADS):
            callers.submit(target.ask, "POST", SPACE, FORM, f"uri=held{number}")
        target.wait_for_calls(WRITERS)
        assert target.seconds_to_answer(VERSION) < 2


def test_64_ask_whether_it_is_ready_and_each_server_is_asked_once(target: Target) -> None:
    target.control_port("PATCH", "/switches", {"cms_latency": 500, "uds_latency": 500})
    with ThreadPoolExecutor(64) as callers:
        answers = [callers.submit(target.ask, "GET", "/readyz") for _ in range(64)]
        assert target.seconds_to_answer() < 2
        assert {answer.result()[0] for answer in answers} == {200}
    counts = target.control_port("GET", "/requests")["servers"]
    assert [counts[server]["requests"] for server in ("cms", "uds")] == [1, 1]


# What is malformed HTTP.

MALFORMED = {
    "no Host": (400, f"GET {VERSION} HTTP/1.1\r\n\r\n"),
    "two Hosts": (400, f"GET {VERSION} HTTP/1.1\r\nHost: {HOST}\r\nHost: evil.example\r\n\r\n"),
    "Host that is none": (400, f"GET {VERSION} HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    "long address": (414, f"GET /{'a' * 70_000} HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
    "long address without end": (414, f"GET /{'a' * 70_000}"),
    "long header": (431, f"GET / HTTP/1.1\r\nHost: {HOST}\r\nX-A: {'a' * 70_000}\r\n\r\n"),
    "many headers": (431, f"GET / HTTP/1.1\r\nHost: {HOST}\r\n" + "X-A: a\r\n" * 20_000 + "\r\n"),
    "nonsense": (400, "nonsense\r\n\r\n"),
    "folded header": (400, f"GET / HTTP/1.1\r\nHost: {HOST}\r\nX-A: a\r\n b\r\n\r\n"),
    "blank before the colon": (400, f"GET / HTTP/1.1\r\nHost : {HOST}\r\n\r\n"),
    "another version": (400, f"GET / HTTP/3.0\r\nHost: {HOST}\r\n\r\n"),
    "another protocol": (400, "\x16\x03\x01\x02\x00\x01\x00"),
    "large body, announced": (
        413, f"PUT {SPACE} HTTP/1.1\r\nHost: {HOST}\r\nExpect: 100-continue\r\n"
        "Content-Length: 100000000\r\n\r\n",
    ),
}


@pytest.mark.parametrize(("status", "request_"), MALFORMED.values(), ids=MALFORMED)
def test_what_is_malformed_is_refused_in_the_one_form_of_errors(
    target: Target, status: int, request_: str
) -> None:
    answer = target.send(request_.encode("latin-1"))
    assert parsed(answer)[0] == status
    assert set(parsed(answer)[1]) == {"success", "message", "response", "error"}
    assert b"\r\nX-Content-Type-Options: nosniff\r\n" in answer


def test_no_redirect_leads_to_another_host() -> None:
    heads = ["GET {} HTTP/1.1\r\nHost: evil.example", f"GET {EVIL}{{}} HTTP/1.1\r\nHost: a"]
    with production(PORTAL_API_KEY="k") as target:
        for path in ("/", "/api/v1", "//evil.example", "/api//v1/", "/healthz/", "/api/v1/static"):
            for head in heads:
                answer = target.send(f"{head.format(path)}\r\n\r\n".encode())
                assert b"evil" not in answer.partition(b"\r\n\r\n")[0]
                if path == "/":
                    assert b"\r\nLocation: /api/v1/\r\n" in answer


# No web page uses it.

FOREIGN = {
    "cross-site": "Sec-Fetch-Site: cross-site\r\n",
    "same-site": "Sec-Fetch-Site: same-site\r\n",
    "no site known, foreign origin": f"Origin: {EVIL}\r\n",
    "no site known, hidden origin": "Origin: null\r\n",
    "no site known, other port": f"Origin: http://{HOST}:1\r\n",
}
FORMS = {
    "urlencoded": "Content-Type: application/x-www-form-urlencoded\r\n",
    "multipart": "Content-Type: multipart/form-data; boundary=x\r\n",
    "text": "Content-Type: text/plain\r\n",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("header", FOREIGN.values(), ids=FOREIGN)
def test_a_page_of_another_site_changes_nothing(
    target: Target, header: str, method: str, form: str
) -> None:
    status, body = target.ask(method, SPACE, header + form)
    assert (status, body["success"]) == (403, False)
    assert target.changes() == []


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("host", ["evil.example", "evil.example:5000", f"{HOST}.evil.example"])
def test_a_page_whose_name_was_rebound_reads_and_changes_nothing(
    target: Target, method: str, host: str
) -> None:
    status, body = parsed(target.send(
        f"{method} {SPACE} HTTP/1.1\r\nHost: {host}\r\nSec-Fetch-Site: same-origin\r\n\r\n".encode()
    ))
    assert (status, body["success"]) == (403, False)
    assert "PORTAL_HOSTS" in body["message"]


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_a_host_that_the_portal_was_told_of_is_its_own(start: Callable[..., Any]) -> None:
    with start(PORTAL_HOSTS="dev1.pod6.col.lab, other.example") as target:
        for host in ("dev1.pod6.col.lab:5000", "OTHER.example", f"localhost:{target.port}"):
            answer = target.send(f"GET {VERSION} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            assert parsed(answer) == (200, "3.9.2")


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_guessing_keys_is_slow_and_locks_nobody_out(start: Callable[..., Any]) -> None:
    with start(PORTAL_API_KEY="the key") as target:
        guess = "X-API-Key: {}\r\n"
        begin = time.monotonic()
        with ThreadPoolExecutor(GUESSES) as guessers:
            wrong = [guessers.submit(target.ask, "GET", VERSION, guess.format(number))
                     for number in range(GUESSES)]
            time.sleep(0.3)
            start_of_right = time.monotonic()
            assert target.ask("GET", VERSION, guess.format("the key"))[0] == 200
            assert time.monotonic() - start_of_right < 2
            assert {answer.result()[0] for answer in wrong} == {401}
        longest = WrongKeys.FIRST_SECONDS * 2 ** (GUESSES - WrongKeys.FREE - 1)
        assert time.monotonic() - begin > longest


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_requests_that_come_at_once_are_answered_one_behind_the_other(
    start: Callable[..., Any],
) -> None:
    with start() as target:
        first = f"GET {VERSION} HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
        last = f"GET /healthz HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
        answers = target.send((first * 3 + last).encode())
    assert re.findall(rb"\r\n\r\n(\"3\.9\.2\"|{\"alive\":true})", answers) == [
        b'"3.9.2"', b'"3.9.2"', b'"3.9.2"', b'{"alive":true}',
    ]
