"""Attempts to wear the portal out, or to keep it from stopping: all of them fail."""

import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from support.targets import (
    BUNDLE, FORM, HOST, SPACE, STARTS, VERSION, Target, parsed, production, read_all,
)
from support.timing import timed

from flaskr.access.keys import WrongKeys
from flaskr.front.bodies import MAX_LARGE_BODIES
from flaskr.front.connection import BODY_SECONDS, HEAD_SECONDS
from flaskr.front.descriptors import allow_connections
from flaskr.serve import CONNECTIONS, THREADS, WRITERS

pytestmark = timed

PLAN = "/api/v1/cms/plan"
GUESSES = 7  # the last of them is held back for some seconds

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


def test_large_bodies_on_their_way_keep_no_small_one_waiting(target: Target) -> None:
    large = f"POST {PLAN} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1000000\r\n{FORM}\r\n"
    with held(target, MAX_LARGE_BODIES, f"{large}nothing="):
        assert target.seconds_to_answer(VERSION) < 2
        status, answer = target.ask("POST", PLAN, FORM, "nothing=")
        assert (status, answer["error"]["code"]) == (400, "bad_parameter")
        status, answer = parsed(target.send((large + "x" * 1_000_000).encode()))
        assert (status, answer["error"]["code"], answer["error"]["retry"]) == (
            503, "portal_busy", True,
        )


def test_those_without_a_key_hold_none_of_the_places_for_large_bodies() -> None:
    right, wrong = ("X-API-Key: {}\r\n".format(key) for key in ("the key", "guessed"))
    head = f"POST {PLAN} HTTP/1.1\r\nHost: {HOST}\r\n{FORM}Content-Length: 1000000\r\n"
    body = "nothing=".ljust(1_000_000, "x")
    with production(PORTAL_API_KEY="the key") as target:
        with held(target, MAX_LARGE_BODIES, f"{head}{wrong}\r\n{body[:-1]}"):
            status, answer = target.ask("POST", PLAN, f"{FORM}{right}", body)
            assert (status, answer["error"]["code"]) == (400, "bad_parameter")
            for asks in ("", "Expect: 100-continue\r\n"):
                sent = f"{head}{wrong}{asks}\r\n{'' if asks else body}"
                status, answer = parsed(target.send(sent.encode()))
                assert (status, answer["error"]["code"]) == (401, "wrong_api_key")


def seconds_to_be_told(target: Target) -> float:
    """Return after how many seconds the last of those who do not finish a request is told so."""
    start = time.monotonic()
    with ExitStack() as stack:
        halves = [stack.enter_context(held(target, 1, each))[0] for each in (HALF_HEAD, HALF_BODY)]
        [slow] = stack.enter_context(held(target, 1, "GET /"))
        for _ in range(8):  # byte after byte does not give more time
            time.sleep(1)
            slow.sendall(b"a")
        assert [parsed(read_all(connection))[0] for connection in (*halves, slow)] == [408] * 3
    return time.monotonic() - start


def test_who_does_not_finish_a_request_is_told_so_after_the_time_for_it() -> None:
    """In production and in the lab at once: that time is long."""
    with ExitStack() as stack, ThreadPoolExecutor(len(STARTS)) as callers:
        targets = [stack.enter_context(start()) for start in STARTS.values()]
        seconds = list(callers.map(seconds_to_be_told, targets))
    assert max(seconds) < max(HEAD_SECONDS, BODY_SECONDS) + 3


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


def test_a_stop_ends_beside_unfinished_requests(own_target: Target) -> None:
    with ExitStack() as stack:
        for beginning in (HALF_HEAD, HALF_BODY, ""):
            stack.enter_context(held(own_target, 40, beginning))
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
        longest = WrongKeys.FIRST_SECONDS * 2 ** (GUESSES - WrongKeys.UNDELAYED - 1)
        assert time.monotonic() - begin > longest
