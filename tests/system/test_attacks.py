"""Requests that attack the portal, over raw sockets: cut, malformed, made by other sites."""

import re
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest
from support.targets import (
    BUNDLE, FORM, HOST, SPACE, STARTS, VERSION, Target, parsed, production, read_all,
)
from support.timing import timed

pytestmark = timed

EVIL = "http://evil.example"

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
                if path == "/api/v1":
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


def test_requests_that_come_at_once_are_answered_one_behind_the_other(target: Target) -> None:
    first = f"GET {VERSION} HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
    last = f"GET /healthz HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
    answers = target.send((first * 3 + last).encode())
    assert re.findall(rb"\r\n\r\n(\"3\.9\.2\"|{\"alive\":true})", answers) == [
        b'"3.9.2"', b'"3.9.2"', b'"3.9.2"', b'{"alive":true}',
    ]


def test_an_answer_is_whole_where_more_was_sent_than_asked(target: Target) -> None:
    with target.connect() as connection:
        head = f"GET {BUNDLE} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        time.sleep(0.05)
        connection.sendall(b"\r\n")
        answer = read_all(connection)
    length = re.findall(rb"\r\nContent-Length: (\d+)\r\n", answer)
    assert len(answer.partition(b"\r\n\r\n")[2]) == int(length[0])
