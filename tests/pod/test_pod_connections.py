"""Connections: HTTP/1.1, TLS, and the starting and stopping of it all."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from support.cms_answers import Send
from support.timing import timed

from flaskr.pod import BadInput, Pod, PortUnavailable
from flaskr.pod.bare_app import bare_app
from flaskr.pod.control.options import PORTS
from flaskr.pod.wire.body import MAX_BODY
from flaskr.pod.wire.exchange import ReceivedRequest, run
from flaskr.pod.wire.journal import Journal

Connect = Callable[..., ssl.SSLSocket]

NO_AUTH = b"GET /api/v1/coSpaces HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /api/v1/coSpaces HTTP/1.1\r\nHost: localhost\r\n"


def answer(connection: ssl.SSLSocket) -> bytes:
    """The head of one answer, of which the body is empty."""
    found = b""
    while b"\r\n\r\n" not in found:
        piece = connection.recv(4096)
        if not piece:
            return found
        found += piece
    return found


def ended(connection: ssl.SSLSocket) -> bool:
    return connection.recv(1) == b""


def login(pod: Pod) -> bytes:
    return b"Authorization: " + requests.auth._basic_auth_str(pod.username, pod.password).encode()


def test_many_requests_go_over_one_connection(pod: Pod, cms: Send) -> None:
    for _ in range(5):
        assert cms("GET", "/coSpaces").headers["Connection"] == "keep-alive"
    cms("GET", "/coSpaces/x")
    counts = pod.journal.report()["servers"]["cms"]
    assert (counts["requests"], counts["handshakes"]) == (6, 1)


def test_requests_may_be_sent_before_the_answers_are_read(connect: Connect) -> None:
    connection = connect()
    connection.sendall((NO_AUTH + b"\r\n") * 3)
    found = b""
    while found.count(b"\r\n\r\n") < 3:
        found += connection.recv(4096)
    assert found.count(b"HTTP/1.1 401 Unauthorized") == 3


def test_a_client_can_ask_to_close(connect: Connect) -> None:
    connection = connect()
    connection.sendall(NO_AUTH + b"Connection: close\r\n\r\n")
    assert b"Connection: close" in answer(connection)
    assert ended(connection)


def test_an_app_that_sets_cookies_has_begun_a_session() -> None:
    app = bare_app("app")
    app.add_url_rule("/", "in", lambda: ("", {"Set-Cookie": ["a=1; Path=/", "b=2; Path=/"]}))
    app.add_url_rule("/on", "on", lambda: "")
    answer = run(app, ReceivedRequest("cms", "GET", "/"))
    assert (answer.cookies, answer.log_in) == (["a=1; Path=/", "b=2; Path=/"], True)
    assert "Set-Cookie" not in answer.headers
    assert not run(app, ReceivedRequest("cms", "GET", "/on")).log_in


def test_the_journal_counts_the_sessions_that_begin() -> None:
    journal = Journal()
    for begins in (True, False):
        with journal.request("cms", "GET", "/", "") as entry:
            if begins:
                journal.log_in(entry)
    report = journal.report()
    assert [entry["log_in"] for entry in report["requests"]] == [True, False]
    assert report["servers"]["cms"]["log_ins"] == 1


def test_http_1_0_is_answered_and_closed(connect: Connect) -> None:
    connection = connect()
    connection.sendall(b"GET /api/v1 HTTP/1.0\r\n\r\n")
    assert b"401" in answer(connection)
    assert ended(connection)


@timed
def test_an_idle_connection_is_closed_after_a_while(pod: Pod, connect: Connect) -> None:
    pod.switches.idle_timeout = 0.2
    connection = connect()
    connection.sendall(NO_AUTH + b"\r\n")
    answer(connection)
    began = time.monotonic()
    assert ended(connection)
    assert 0.1 < time.monotonic() - began < 2


def test_a_connection_can_be_good_for_so_many_requests(pod: Pod, connect: Connect) -> None:
    pod.switches.update({"connection_requests": 2, "keep_alive": False})
    connection = connect()
    for _ in range(2):
        connection.sendall(NO_AUTH + b"\r\n")
        found = answer(connection)
        assert b"Connection: keep-alive" in found
        assert b"Keep-Alive" not in found
    connection.sendall(NO_AUTH + b"\r\n")
    with contextlib.suppress(ConnectionResetError):
        assert ended(connection)
    assert pod.journal.report()["servers"]["cms"]["requests"] == 2


@pytest.mark.parametrize(("most", "said"), [(0, "timeout=5"), (3, "timeout=5, max=3")])
def test_answers_can_say_when_the_connection_will_end(
    pod: Pod, cms: Send, most: int, said: str
) -> None:
    pod.switches.update({"keep_alive": True, "idle_timeout": 5, "connection_requests": most})
    assert cms("GET", "/coSpaces").headers["Keep-Alive"] == said


def test_a_body_can_come_in_chunks(pod: Pod, cms: Send) -> None:
    response = cms("POST", "/coSpaces", data=iter([b"na", b"me=", b"chunky"]))
    assert response.status_code == 200
    assert "chunky" in [space.values.get("name") for space in pod.spaces.listed()]


def test_trailers_and_extensions_of_chunks_are_read_past(pod: Pod, connect: Connect) -> None:
    connection = connect()
    head = POST + login(pod) + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
    connection.sendall(head + b"6;x=1\r\nname=t\r\n0\r\nX: y\r\n\r\n" + NO_AUTH + b"\r\n")
    found = b""
    while found.count(b"\r\n\r\n") < 2:
        found += connection.recv(4096)
    assert found.startswith(b"HTTP/1.1 200")
    assert b"HTTP/1.1 401" in found


@pytest.mark.parametrize(("headers", "status"), [
    (b"Content-Length: x\r\n\r\n", b"400"), (b"Content-Length: -1\r\n\r\n", b"400"),
    (b"Content-Length: %d\r\n\r\n" % (MAX_BODY + 1), b"413"),
    (b"Content-Length: 99999999999\r\n\r\n", b"413"),
    (b"Transfer-Encoding: gzip\r\n\r\n", b"400"),
    (b"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", b"400"),
    (b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
    (b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", b"400"),
    (b"Transfer-Encoding: chunked\r\n\r\nfffffff\r\n", b"413"),
])
def test_a_body_that_cannot_be_read_is_refused_and_ends_the_connection(
    connect: Connect, headers: bytes, status: bytes
) -> None:
    connection = connect()
    connection.sendall(POST + headers)
    assert answer(connection).startswith(b"HTTP/1.1 " + status)
    assert ended(connection)


def test_a_client_that_sends_too_much_gets_to_read_why(cms: Send) -> None:
    assert cms("POST", "/coSpaces", data=b"x" * (3 * MAX_BODY)).status_code == 413


@pytest.mark.parametrize(("line", "status"), [
    (b"NONSENSE\r\n\r\n", b"400"), (b"GET / HTTP/9.9\r\n\r\n", b"505"),
    (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", b"414"),
    (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", b"431"),
])
def test_what_is_no_request_is_refused_with_no_body(
    connect: Connect, line: bytes, status: bytes
) -> None:
    connection = connect()
    connection.sendall(line)
    found = answer(connection)
    assert found.startswith(b"HTTP/1.1 " + status)
    assert b"Content-Length: 0" in found


def test_a_request_that_ends_early_has_no_answer_and_no_effect(
    pod: Pod, connect: Connect
) -> None:
    before = len(pod.spaces.listed())
    connection = connect()
    connection.sendall(POST + login(pod) + b"\r\nContent-Length: 100\r\n\r\nname=")
    connection.shutdown(socket.SHUT_WR)
    connection.close()
    time.sleep(0.1)
    assert len(pod.spaces.listed()) == before


def test_expect_100_continue_is_answered_first(pod: Pod, connect: Connect) -> None:
    connection = connect()
    head = POST + login(pod) + b"\r\nExpect: 100-continue\r\nContent-Length: 6\r\n\r\n"
    connection.sendall(head)
    assert answer(connection).startswith(b"HTTP/1.1 100")
    connection.sendall(b"name=e")
    assert answer(connection).startswith(b"HTTP/1.1 200")


def test_a_client_that_says_nothing_keeps_nobody_waiting(pod: Pod, cms: Send) -> None:
    with socket.create_connection((pod.host, pod.cms_port)):
        assert cms("GET", "/system/status", timeout=2).status_code == 200


def test_slow_answers_keep_nobody_waiting() -> None:
    with Pod(faults=["late=30 times=20"]) as pod, requests.Session() as session:
        session.trust_env = False
        threads = [threading.Thread(target=_ask_and_forget, args=(pod,)) for _ in range(20)]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 10
        while pod.faults.active():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert session.get(pod.cms_url, verify=pod.ca_file, timeout=2).status_code == 401
        assert pod.journal.report()["servers"]["cms"]["most_in_flight"] == 21
        for thread in threads:
            thread.join()


def _ask_and_forget(pod: Pod) -> None:
    with requests.Session() as session:
        session.trust_env = False
        try:
            session.get(pod.cms_url, verify=pod.ca_file, timeout=3)
        except requests.RequestException:
            return


def test_broken_handshakes_and_dropped_clients_say_nothing(
    pod: Pod, cms: Send, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.create_connection((pod.host, pod.cms_port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):
            connection.recv(100)
    socket.create_connection((pod.host, pod.cms_port)).close()
    with pytest.raises(requests.exceptions.SSLError):
        cms("GET", "/system/status", verify=True)
    pod.faults.add("late", 0.1)
    with pytest.raises(requests.Timeout):
        cms("GET", "/coSpaces", timeout=0.05)
    time.sleep(0.3)
    assert capfd.readouterr() == ("", "")


def test_a_request_is_logged_with_its_facts_and_nothing_secret(
    pod: Pod, cms: Send, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="flaskr.pod"):
        cms("POST", "/coSpaces?filter=hidden", data={"passcode": "4711"})
        connection = connect()
        connection.sendall(b"GET /\x1b[31m HTTP/1.1\r\n\r\n")
        answer(connection)
        time.sleep(0.1)
    first, second = (record.getMessage() for record in caplog.records)
    assert first.startswith("cms POST /api/v1/coSpaces 200 ")
    assert first.endswith(" ms")
    assert "4711" not in first and "hidden" not in first and pod.password not in first
    assert second.startswith("cms GET /\\x1b[31m 404 ")


def test_a_request_whose_client_is_gone_is_logged_too(
    pod: Pod, cms: Send, caplog: pytest.LogCaptureFixture
) -> None:
    pod.faults.add("slow", 50, times=1)
    with caplog.at_level(logging.INFO, logger="flaskr.pod"):
        with pytest.raises(requests.RequestException):
            cms("GET", "/coSpaces", timeout=0.1)
        deadline = time.monotonic() + 5
        while not caplog.records and time.monotonic() < deadline:
            time.sleep(0.02)
    assert caplog.records[0].getMessage().startswith("cms GET /api/v1/coSpaces cut ")


def test_what_breaks_inside_is_said_in_one_line(
    pod: Pod, cms: Send, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pod.faults, "take", lambda request: 1 / 0)
    with pytest.raises(requests.ConnectionError):
        cms("GET", "/coSpaces")
    end = time.monotonic() + 5
    while "ZeroDivisionError" not in caplog.text and time.monotonic() < end:
        time.sleep(0.01)  # the client may see the end before the line is written
    said = [record for record in caplog.records if "ZeroDivisionError" in record.getMessage()]
    assert [record.exc_info for record in said] == [None]


def test_a_connection_that_gets_no_thread_is_said_in_one_line(
    pod: Pod, cms: Send, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", fail)
        with pytest.raises(requests.ConnectionError):
            cms("GET", "/coSpaces")
    assert "could not be served" in caplog.text
    assert cms("GET", "/coSpaces").status_code == 200


def test_a_connection_that_tls_cannot_be_laid_over_is_dropped(
    pod: Pod, cms: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise OSError("gone already")

    with monkeypatch.context() as patched:
        patched.setattr(ssl.SSLContext, "wrap_socket", fail)
        with socket.create_connection((pod.host, pod.cms_port)) as connection:
            assert connection.recv(1) == b""
    assert cms("GET", "/coSpaces").status_code == 200


def test_the_settings_are_text_and_lead_to_the_pod(pod: Pod) -> None:
    settings = pod.settings
    assert all(isinstance(value, str) for value in settings.values())
    assert settings["CMS_HOSTNAME"] == settings["CUCM_HOSTNAME"] == "127.0.0.1"
    assert pod.cms_url == f"https://127.0.0.1:{settings['CMS_PORT']}/api/v1"
    assert pod.uds_url == f"https://127.0.0.1:{settings['CUCM_PORT']}/cucm-uds"
    assert Path(settings["CMS_TLS_VERIFY"]).read_text().startswith("-----BEGIN CERTIFICATE")


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_the_certificate_is_good_for_all_loopback_names(
    pod: Pod, session: requests.Session, name: str
) -> None:
    response = session.get(f"https://{name}:{pod.uds_port}/cucm-uds/version", timeout=10)
    assert response.status_code == 200


def test_the_file_of_the_ca_is_private_and_goes_with_the_pod() -> None:
    with Pod() as pod:
        directory = Path(pod.ca_file).parent
        assert directory.stat().st_mode & 0o077 == 0
        assert os.listdir(directory) == ["ca.pem"]
    assert not directory.exists()


@timed
def test_stopping_is_quick_whatever_is_going_on() -> None:
    with Pod() as pod, requests.Session() as session:
        session.trust_env = False
        session.get(pod.uds_url, verify=pod.ca_file, timeout=10)
        pod.faults.add("late", 60, times=1)
        pod.faults.add("slow", 0.1, skip=1)
        threads = [
            threading.Thread(target=_ask_and_forget, args=(pod,), daemon=True) for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        silent = socket.create_connection((pod.host, pod.cms_port))
        time.sleep(0.2)
        began = time.monotonic()
    assert time.monotonic() - began < 0.9
    silent.close()
    for thread in threads:
        thread.join()


@timed
@pytest.mark.parametrize("held", ["latency", "late", "slow", "twice"])
def test_a_reset_cuts_off_the_requests_that_are_held(
    pod: Pod, connect: Connect, held: str
) -> None:
    if held == "latency":
        pod.switches.cms_latency = 60_000
    else:
        pod.faults.add(held, 0.1 if held == "slow" else 60)
    connection = connect(timeout=5)
    connection.sendall(NO_AUTH + b"\r\n")
    time.sleep(0.2)
    began = time.monotonic()
    pod.reset()
    with contextlib.suppress(ConnectionResetError):
        while connection.recv(4096):
            continue
    assert time.monotonic() - began < 1
    _wait_until(lambda: pod.journal.report()["servers"]["cms"]["in_flight"] == 0)


def test_a_reset_leaves_what_is_not_held_connected(pod: Pod, cms: Send) -> None:
    cms("GET", "/coSpaces")
    pod.reset()
    assert cms("GET", "/coSpaces").status_code == 200
    counts = pod.journal.report()["servers"]["cms"]
    assert (counts["requests"], counts["handshakes"]) == (1, 0)


@pytest.mark.parametrize("held_in", ["take", "attempt"])
def test_a_request_from_before_a_reset_changes_nothing_after_it(
    pod: Pod, cms: Send, monkeypatch: pytest.MonkeyPatch, held_in: str
) -> None:
    arrived, reset = threading.Event(), threading.Event()
    owner = pod.faults if held_in == "take" else pod.services["cms"].state
    really = getattr(owner, held_in)

    def hold(*arguments: Any, **options: Any) -> Any:
        arrived.set()
        assert reset.wait(10)
        return really(*arguments, **options)

    before = pod.spaces.listed()
    pod.faults.add("late", 0)
    with monkeypatch.context() as patched, ThreadPoolExecutor() as pool:
        patched.setattr(owner, held_in, hold)
        lost = pool.submit(cms, "POST", "/coSpaces", data={"name": "from before"})
        assert arrived.wait(10)
        pod.reset()
        fault = pod.faults.add("busy", times=1)
        reset.set()
        with pytest.raises(requests.ConnectionError):
            lost.result(10)
    assert (pod.spaces.listed(), fault.acted) == (before, 0)


def _wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_pod_can_be_started_again_and_is_fresh_then() -> None:
    pod = Pod(switches={"page_cap": 7})
    pod.stop()
    for _ in range(2):
        with pod:
            assert pod.switches.page_cap == 7
            assert pod.faults.active() == []
            pod.spaces.create({"uri": "pod6user1"})
            pod.switches.page_cap = 3
            pod.faults.add("busy")


@pytest.mark.parametrize("server", PORTS)
def test_a_port_in_use_is_one_clear_error(server: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        pod = Pod(**{f"{server}_port": port})
        with pytest.raises(PortUnavailable) as caught:
            pod.start()
        assert (caught.value.port, caught.value.server) == (port, server)
        expected = f"Port {port} on 127.0.0.1 (for {server}) is in use by another program."
        assert str(caught.value) == expected
        assert not Path(pod.ca_file).exists()


def test_a_port_that_cannot_be_had_says_why() -> None:
    error = PortUnavailable("cms", "127.0.0.1", 1, OSError(13, "Permission denied"))
    assert str(error) == "Port 1 on 127.0.0.1 (for cms) can't be used: Permission denied."


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.com", ""])
def test_only_loopback_addresses_are_listened_on(host: str) -> None:
    with pytest.raises(BadInput, match="loopback addresses only"):
        Pod(host=host)


def test_ipv6_is_a_loopback_too() -> None:
    with Pod(host="::1") as pod, requests.Session() as session:
        session.trust_env = False
        assert pod.uds_url.startswith("https://[::1]:")
        response = session.get(pod.uds_url + "/version", verify=pod.ca_file, timeout=10)
        assert response.status_code == 200
