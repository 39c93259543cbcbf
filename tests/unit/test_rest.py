"""The REST base class: what it sends, what it sends again, and how it tells what went wrong."""

import base64
import gzip
import shutil
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
import responses
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from responses import matchers
from support.failures import failure_of
from support.scripted import Heard, Pause, Piece, ScriptedServer, ok
from support.timing import timed
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError

from flaskr.rest.v1 import rest as rest_module
from flaskr.rest.v1 import transport
from flaskr.rest.v1.attempts import PAUSES
from flaskr.rest.v1.calls import Answer, NotedCall
from flaskr.rest.v1.cookies import MAX_COOKIES
from flaskr.rest.v1.rest import REST
from flaskr.result import Failure, Reason

URL = "https://127.0.0.1:8443/base"
sleep = threading.Event().wait  # the other one is taken away, below


@pytest.fixture
def rest() -> REST:
    return REST("127.0.0.1", "user", "pass", "/base", {"Accept": "text/xml"}, 8443, timeout=5)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note the pauses instead of sleeping them."""
    slept: list[float] = []
    monkeypatch.setattr("flaskr.rest.v1.rest.time.sleep", slept.append)
    return slept


def no_connection() -> requests.ConnectionError:
    error = NewConnectionError(None, "refused")  # type: ignore[arg-type]
    error.__cause__ = ConnectionRefusedError(111, "Connection refused")
    return requests.ConnectionError(MaxRetryError(None, "/", error))  # type: ignore[arg-type]


@pytest.mark.parametrize("http_method", ["GET", "POST", "PUT", "DELETE"])
def test_parameters_and_payload_are_honoured_for_each_method(
    rest: REST, wire: responses.RequestsMock, http_method: str
) -> None:
    wire.add(
        http_method,
        f"{URL}/things",
        match=[
            matchers.query_param_matcher({"offset": "10", "filter": "a&b c"}),
            matchers.urlencoded_params_matcher({"name": "Söns & Co <x>", "uri": "+1 408"}),
            matchers.header_matcher({"Accept": "text/xml"}),
        ],
    )
    answer = rest._send_request(
        "things",
        {"offset": 10, "filter": "a&b c"},
        {"name": "Söns & Co <x>", "uri": "+1 408"},
        http_method,
    )
    assert answer.ok


def test_a_mapping_goes_out_as_a_form_in_utf_8(rest: REST, wire: responses.RequestsMock) -> None:
    wire.post(f"{URL}/things")
    rest._send_request("things", payload={"name": "zoë.o'brien"}, http_method="POST")
    request = wire.calls[0].request
    assert request.body == "name=zo%C3%AB.o%27brien"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("payload", ["name=é", "name=é".encode()])
def test_a_payload_that_is_text_goes_out_as_it_is(
    rest: REST, wire: responses.RequestsMock, payload: str | bytes
) -> None:
    wire.post(f"{URL}/things")
    rest._send_request("things", payload=payload, http_method="POST")
    assert wire.calls[0].request.body == "name=é".encode()


def test_credentials_are_sent_as_http_basic_in_utf_8(wire: responses.RequestsMock) -> None:
    wire.get("https://127.0.0.1:443/x")
    REST("127.0.0.1", "jörg", "0123€")._send_request("x")
    expected = base64.b64encode("jörg:0123€".encode()).decode()
    assert wire.calls[0].request.headers["Authorization"] == f"Basic {expected}"


def test_an_authentication_that_is_handed_in_says_who_the_client_is(
    wire: responses.RequestsMock,
) -> None:
    wire.get("https://127.0.0.1:443/x")
    handed_in = requests.auth.HTTPBasicAuth("robot", "key")
    REST("127.0.0.1", "user", "pass", authentication=handed_in)._send_request("x")
    expected = base64.b64encode(b"robot:key").decode()
    assert wire.calls[0].request.headers["Authorization"] == f"Basic {expected}"


def test_without_a_user_name_there_is_no_authorization_header(
    wire: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    wire.get("https://127.0.0.1:443/x")
    REST("127.0.0.1")._send_request("x")
    assert "Authorization" not in wire.calls[0].request.headers


def test_a_path_is_quoted(rest: REST, wire: responses.RequestsMock) -> None:
    wire.get(f"{URL}/things/a%3Fb%25c%20d")
    assert rest._send_request("things/a?b%c d").ok


def test_a_blank_in_a_parameter_is_no_plus(rest: REST, wire: responses.RequestsMock) -> None:
    wire.get(f"{URL}/x")
    rest._send_request("x", {"query": "(alias is zoë+1 & more)", "offset": 10})
    asked = str(wire.calls[0].request.url).partition("?")[2]
    assert asked == "query=%28alias%20is%20zo%C3%AB%2B1%20%26%20more%29&offset=10"


def test_an_ipv6_address_stands_in_brackets(wire: responses.RequestsMock) -> None:
    wire.get("https://[::1]:443/x")
    assert REST("::1")._send_request("x").ok


def test_any_whole_answer_is_returned_with_status_headers_and_body(
    rest: REST, wire: responses.RequestsMock
) -> None:
    wire.get(f"{URL}/x", body=b"no", status=404, headers={"X-Y": "z"})
    answer = rest._send_request("x")
    assert (answer.status, answer.body, answer.headers["X-Y"]) == (404, b"no", "z")


def test_a_redirect_is_not_followed(rest: REST, wire: responses.RequestsMock) -> None:
    wire.get(f"{URL}/x", status=302, headers={"Location": "https://localhost/elsewhere"})
    assert rest._send_request("x").status == 302


def test_an_unknown_method_is_a_mistake_of_the_programmer(rest: REST) -> None:
    with pytest.raises(ValueError, match="PATCH is not one of GET, POST, PUT, DELETE"):
        rest._send_request("x", http_method="PATCH")


@pytest.mark.parametrize("http_method", ["GET", "POST", "PUT", "DELETE"])
def test_a_503_is_sent_again_whatever_the_method(
    rest: REST, wire: responses.RequestsMock, no_pauses: list[float], http_method: str
) -> None:
    wire.add(http_method, f"{URL}/x", status=503)
    wire.add(http_method, f"{URL}/x", status=503)
    wire.add(http_method, f"{URL}/x", status=200)
    assert rest._send_request("x", http_method=http_method).status == 200
    assert len(no_pauses) == 2


class Cautious(REST):
    sent_again_when_busy = frozenset({"GET", "PUT", "DELETE"})


@pytest.mark.parametrize("http_method", ["GET", "POST", "PUT", "DELETE"])
def test_a_client_says_what_a_503_may_have_carried_out(
    wire: responses.RequestsMock, no_pauses: list[float], http_method: str
) -> None:
    wire.add(http_method, f"{URL}/x", status=503)
    if http_method != "POST":
        wire.add(http_method, f"{URL}/x", status=200)
    client = Cautious("127.0.0.1", port=8443, base_url="/base")
    answer = client._send_request("x", http_method=http_method)
    assert (answer.status, len(no_pauses)) == ((503, 0) if http_method == "POST" else (200, 1))


def test_what_could_not_be_sent_is_sent_again_by_a_client_that_is_cautious_too(
    wire: responses.RequestsMock
) -> None:
    wire.post(f"{URL}/x", body=no_connection())
    wire.post(f"{URL}/x", status=200)
    client = Cautious("127.0.0.1", port=8443, base_url="/base")
    assert client._send_request("x", http_method="POST").ok


@pytest.mark.parametrize("status", [429, 500, 502, 504])
def test_any_other_status_is_not_sent_again(
    rest: REST, wire: responses.RequestsMock, status: int
) -> None:
    wire.get(f"{URL}/x", status=status)
    assert rest._send_request("x").status == status
    assert len(wire.calls) == 1


def test_the_pauses_grow_and_are_few(
    rest: REST, wire: responses.RequestsMock, no_pauses: list[float]
) -> None:
    wire.get(f"{URL}/x", status=503)
    assert rest._send_request("x").status == 503
    assert no_pauses == sorted(no_pauses)
    assert len(wire.calls) == len(PAUSES) + 1


def test_retry_after_is_honoured_within_the_time_allowed(
    rest: REST, wire: responses.RequestsMock, no_pauses: list[float]
) -> None:
    wire.get(f"{URL}/x", status=503, headers={"Retry-After": "2"})
    wire.get(f"{URL}/x", status=200)
    assert rest._send_request("x").status == 200
    assert no_pauses == [2.0]


def test_retry_after_may_be_a_date(
    rest: REST, wire: responses.RequestsMock, no_pauses: list[float]
) -> None:
    moment = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 3))
    wire.get(f"{URL}/x", status=503, headers={"Retry-After": moment})
    wire.get(f"{URL}/x", status=200)
    rest._send_request("x")
    assert 1 < no_pauses[0] <= 3


@pytest.mark.parametrize(
    "value",
    ["soon", "-1", "", "Mon, 99 Nov 2026", f"Mon, 01 Jan {'9' * 20} 00:00:00 GMT",
     f"Mon, 01 Jan 2026 00:00:00 +{'9' * 14}"],
)
def test_a_retry_after_that_is_nonsense_is_passed_over(
    rest: REST, wire: responses.RequestsMock, no_pauses: list[float], value: str
) -> None:
    wire.get(f"{URL}/x", status=503, headers={"Retry-After": value})
    wire.get(f"{URL}/x", status=200)
    assert rest._send_request("x").status == 200
    assert no_pauses[0] < 1


def test_a_retry_after_beyond_the_time_allowed_ends_it(
    rest: REST, wire: responses.RequestsMock, no_pauses: list[float]
) -> None:
    wire.get(f"{URL}/x", status=503, headers={"Retry-After": "3600"})
    assert rest._send_request("x").status == 503
    assert no_pauses == []


def test_what_a_server_wants_to_be_asked_after_stands_with_the_failure(
    rest: REST, wire: responses.RequestsMock
) -> None:
    wire.get(f"{URL}/x", status=429, headers={"Retry-After": "3600"})
    wire.get(f"{URL}/y", status=429)
    failures = [rest._failure_of_status(rest._send_request(path)) for path in ("x", "y")]
    assert [failure and failure.retry_after for failure in failures] == [3600.0, 0.0]


class Bookings(REST):
    """A client of a server that is busy in several ways, and has settings of its own."""

    settings_prefix = "BOOKINGS"
    busy_statuses = (423, 429, 503)
    look_first = "It may have been booked all the same."

    def _setting_names(self) -> dict[str, str]:
        names = {"host": "BOOKINGS_URL", "address": "the host and path in BOOKINGS_URL"}
        return {"prefix": "BOOKINGS", "login": "BOOKINGS_TOKEN", **names}


@pytest.fixture
def bookings() -> Bookings:
    return Bookings("127.0.0.1", port=8443, base_url="/base")


@pytest.mark.parametrize("status", Bookings.busy_statuses)
def test_a_client_may_know_further_statuses_of_a_server_that_is_busy(
    bookings: Bookings, wire: responses.RequestsMock, no_pauses: list[float], status: int
) -> None:
    wire.post(f"{URL}/x", status=status, headers={"Retry-After": "2"})
    wire.post(f"{URL}/x")
    assert bookings._send_request("x", http_method="POST").ok
    assert no_pauses == [2.0]
    wire.post(f"{URL}/y", status=status, headers={"Retry-After": "30"})
    failure = bookings._failure_of_status(bookings._send_request("y", http_method="POST"))
    assert failure and (failure.code, failure.retry_after) == ("bookings_busy", 30.0)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ({"status": 401}, "Check BOOKINGS_TOKEN, and what that account"),
        ({"status": 404}, "Check that the host and path in BOOKINGS_URL name that server's"),
        ({"body": no_connection()}, "Check the host and path in BOOKINGS_URL, and that the"),
        ({"body": requests.ReadTimeout()}, "It may have been booked all the same."),
    ],
)
def test_a_client_may_have_other_settings_and_words(
    bookings: Bookings, wire: responses.RequestsMock, reply: dict[str, Any], said: str
) -> None:
    wire.post(f"{URL}/x", **reply)
    try:
        answer = bookings._send_request("x", http_method="POST")
        message = str(bookings._failure_of_status(answer))
    except Failure as failure:
        message = failure.message
    assert said in message


@pytest.mark.parametrize(
    ("outcome", "state"),
    [("200", "answers"), ("204", "answers"), ("404", "answers"), ("401", "answers"),
     ("429", "busy"), ("423", "busy"), ("503", "busy"), ("busy", "busy"), ("500", "down"),
     ("502", "down"), ("unreachable", "down"), ("timed_out", "down"), ("answer_lost", "down")],
)
def test_a_call_tells_what_it_found_of_the_server(outcome: str, state: str) -> None:
    assert NotedCall("rest", "GET", "x", 1, outcome, 0.1).state == state


def test_whoever_wants_to_know_is_told_of_each_call(
    rest: REST, wire: responses.RequestsMock
) -> None:
    told: list[list[NotedCall]] = [[], []]
    rest.on_call += [each.append for each in told]
    wire.get(f"{URL}/x", status=503)
    wire.get(f"{URL}/x")
    rest._send_request("x")
    assert told[0] == told[1]
    assert [(call.outcome, call.is_retry) for call in told[0]] == [
        ("503", False), ("", True), ("200", False)
    ]


def test_a_connection_that_never_came_about_is_tried_again(
    rest: REST, wire: responses.RequestsMock
) -> None:
    wire.post(f"{URL}/x", body=no_connection())
    wire.post(f"{URL}/x", status=200)
    assert rest._send_request("x", http_method="POST").ok


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (requests.ReadTimeout(), Reason.TIMED_OUT),
        (requests.ConnectionError(ConnectionResetError(104, "reset")), Reason.ANSWER_LOST),
        (requests.exceptions.ChunkedEncodingError(), Reason.ANSWER_LOST),
    ],
)
def test_what_may_have_been_sent_is_never_sent_again(
    rest: REST, wire: responses.RequestsMock, error: Exception, reason: Reason
) -> None:
    wire.post(f"{URL}/x", body=error)
    failure = failure_of(rest._send_request, "x", http_method="POST")
    assert failure.reason is reason
    assert "The change may have been made all the same" in failure.message
    assert len(wire.calls) == 1


def test_a_get_that_fails_speaks_of_no_change(rest: REST, wire: responses.RequestsMock) -> None:
    wire.get(f"{URL}/x", body=requests.ReadTimeout())
    failure = failure_of(rest._send_request, "x")
    assert failure.reason is Reason.TIMED_OUT
    assert "change" not in failure.message


def test_a_failure_names_the_server_what_was_tried_why_and_what_to_do(
    rest: REST, wire: responses.RequestsMock
) -> None:
    wire.get(f"{URL}/x", body=no_connection())
    failure = failure_of(rest._send_request, "x")
    assert failure.message == (
        "The server at 127.0.0.1:8443, GET x: could not connect: connection refused. "
        "Check REST_HOSTNAME and REST_PORT, and that the server is up."
    )
    assert (failure.reason, failure.failure_codes) == (Reason.UNREACHABLE, ())
    assert (failure.server, failure.code) == ("rest", "rest_unreachable")


def test_a_name_that_does_not_resolve_is_said_in_words(
    rest: REST, wire: responses.RequestsMock
) -> None:
    unknown = socket.gaierror(-2, "unknown")
    error = NameResolutionError("cms", None, unknown)  # type: ignore[arg-type]
    wrapped = requests.ConnectionError(MaxRetryError(None, "/", error))  # type: ignore[arg-type]
    wire.get(f"{URL}/x", body=wrapped)
    failure = failure_of(rest._send_request, "x")
    assert failure.reason is Reason.UNREACHABLE
    assert "the host name does not resolve. Check REST_HOSTNAME" in failure.message


@timed
def test_resolving_a_name_takes_no_longer_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait(10) and [])
    start = time.monotonic()
    failure = failure_of(REST("localhost", port=1, timeout=0.2)._send_request, "x")
    released.set()
    assert failure.reason is Reason.NO_CONNECTION_IN_TIME
    assert time.monotonic() - start < 2


@timed
def test_all_addresses_of_a_name_together_take_no_longer_than_allowed(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(address: Any, seconds: float, *_: Any) -> None:
        sleep(seconds)
        raise TimeoutError

    monkeypatch.setattr(transport, "resolve", lambda host, port, _: [(host, port)] * 3)
    monkeypatch.setattr(transport, "create_connection", connect)
    start = time.monotonic()
    failure = failure_of(REST("localhost", timeout=0.3)._send_request, "x")
    assert failure.reason is Reason.NO_CONNECTION_IN_TIME
    assert time.monotonic() - start < 0.6


def test_a_name_that_the_system_does_not_know_is_unreachable(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    failure = failure_of(REST("localhost", timeout=5)._send_request, "x")
    assert failure.reason is Reason.UNREACHABLE
    assert "the host name does not resolve" in failure.message


def test_an_answer_is_not_read_beyond_the_bound(
    rest: REST, wire: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest_module, "MAX_ANSWER_BYTES", 2**20)
    wire.get(f"{URL}/x", body=b"x" * (2**20 + 1))
    failure = failure_of(rest._send_request, "x")
    assert failure.reason is Reason.UNREADABLE
    assert "it is larger than 1 MiB" in failure.message


def test_a_bundle_that_does_not_exist_is_refused_at_once() -> None:
    with pytest.raises(OSError, match="No such file"):
        REST("127.0.0.1", tls_verify="/no/such/bundle.pem")


def test_the_public_cas_are_read_once_for_all_clients() -> None:
    assert transport.tls_context(True) is transport.tls_context(True)
    assert len(transport.tls_context(True).get_ca_certs()) > 50


def test_a_bundle_is_read_anew_for_each_client(tmp_path: Path, scripted: ScriptedServer) -> None:
    bundle = tmp_path / "bundle.pem"
    shutil.copy(scripted.ca_file, bundle)
    before = transport.tls_context(str(bundle))
    shutil.copy(DEFAULT_CA_BUNDLE_PATH, bundle)
    after = transport.tls_context(str(bundle))
    assert len(before.get_ca_certs()) == 1 < len(after.get_ca_certs())


def test_where_nothing_is_verified_no_cas_are_read() -> None:
    context = transport.tls_context(False)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_NONE, False)
    assert context.get_ca_certs() == []


@pytest.fixture
def over_the_wire(scripted: ScriptedServer) -> REST:
    """A client of the scripted server."""
    return REST("127.0.0.1", port=scripted.port, tls_verify=scripted.ca_file, timeout=5)


def bodies(rest: REST, count: int, pause: float = 0.0) -> list[bytes]:
    """Send so many GETs, one after the other; return the bodies of their answers."""
    found = []
    for _ in range(count):
        found.append(rest._send_request("x").body)
        sleep(pause)
    return found


def numbered(behind: bytes = b"", *later: Piece) -> Any:
    """A script that answers with the number of the connection, and then sends what is given."""
    return lambda heard: [ok(b"%d" % heard.connection) + behind, *later]


@pytest.mark.parametrize(
    "answer",
    [ok(b"x"), ok(), ok(b"x" * 100_000), b"HTTP/1.1 204 No Content\r\n\r\n",
     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"],
)
def test_connections_are_kept(
    over_the_wire: REST, scripted: ScriptedServer, answer: bytes
) -> None:
    scripted.script = lambda heard: [answer]
    bodies(over_the_wire, 5)
    assert [heard.connection for heard in scripted.heard] == [0] * 5


@pytest.mark.parametrize(
    "behind",
    [
        [ok(b"not yours")],
        [b"\n"],
        [b"", Pause(0.02), ok(b"not yours")],
        [b"", ok(b"not yours")],
    ],
    ids=["in one piece", "one byte", "while the connection is idle", "in a piece of its own"],
)
def test_after_more_than_an_answer_the_connection_is_not_used_again(
    over_the_wire: REST, scripted: ScriptedServer, behind: list[Piece]
) -> None:
    scripted.script = numbered(*behind)  # type: ignore[arg-type]
    assert bodies(over_the_wire, 4, pause=0.1) == [b"0", b"1", b"2", b"3"]


@pytest.mark.parametrize("length", [8192 - 41, 8192 - 42, 8192 - 40, 20_000])
def test_what_the_tls_layer_still_holds_is_not_taken_for_an_answer(
    over_the_wire: REST, scripted: ScriptedServer, length: int
) -> None:
    first = ok(b"x" * length)
    scripted.script = lambda heard: [first + ok(b"not yours")]
    assert bodies(over_the_wire, 3) == [b"x" * length] * 3
    assert [heard.connection for heard in scripted.heard] == [0, 1, 2]


def test_a_second_answer_in_chunks_is_not_used_either(
    over_the_wire: REST, scripted: ScriptedServer
) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n%d\r\n0\r\n\r\n"
    scripted.script = lambda heard: [chunked % heard.connection + ok(b"not yours")]
    assert bodies(over_the_wire, 3) == [b"0", b"1", b"2"]


def interim(*statuses: int) -> bytes:
    return b"".join(b"HTTP/1.1 %d Wait\r\nLink: </x>\r\n\r\n" % status for status in statuses)


def test_interim_answers_are_skipped(over_the_wire: REST, scripted: ScriptedServer) -> None:
    scripted.script = lambda heard: [interim(100, 102, 103, 199, 100) + ok(b"done")]
    assert bodies(over_the_wire, 2) == [b"done"] * 2


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (interim(*[100] * 1000) + ok(), "more than 20 interim answers come before it"),
        (interim(*[103] * 1000) + ok(), "more than 20 interim answers come before it"),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n" + ok(), "another protocol"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: %s\r\n" % (b"y" * 60_000) * 90 + b"\r\n", "5 MiB"),
    ],
    ids=["100", "103", "101", "a huge head"],
)
def test_what_comes_before_an_answer_is_bounded(
    over_the_wire: REST, scripted: ScriptedServer, answer: bytes, said: str
) -> None:
    scripted.script = lambda heard: [answer]
    failure = failure_of(over_the_wire._send_request, "x")
    assert failure.reason is Reason.UNREADABLE
    assert said in failure.message


CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("size", [b"5", b"05", b"5;x=y", b"5 ", b"0000005"])
def test_a_body_in_chunks_is_read(
    over_the_wire: REST, scripted: ScriptedServer, size: bytes
) -> None:
    body = b"%s\r\nhello\r\nA\r\n, you all!\r\n0\r\nX: y\r\n\r\n" % size
    scripted.script = lambda heard: [CHUNKS + body]
    assert bodies(over_the_wire, 2) == [b"hello, you all!"] * 2
    assert {heard.connection for heard in scripted.heard} == {0}


@pytest.mark.parametrize(
    "size",
    [b"-5", b"+5", b"0x5", b" 5", b"5_0", b"", b"five", b"\xb2", b"f" * 9, b"5\r", b"-1", b"-0"],
)
def test_a_chunk_size_that_is_none_is_unreadable(
    over_the_wire: REST, scripted: ScriptedServer, size: bytes
) -> None:
    scripted.script = lambda heard: [CHUNKS + size + b"\r\nhello\r\n0\r\n\r\n"]
    failure = failure_of(over_the_wire._send_request, "x")
    assert failure.reason is Reason.UNREADABLE
    assert "the size of a chunk is not a number" in failure.message


def test_a_chunk_that_is_longer_than_it_says_is_unreadable(
    over_the_wire: REST, scripted: ScriptedServer
) -> None:
    scripted.script = lambda heard: [CHUNKS + b"3\r\nhello\r\n0\r\n\r\n"]
    assert failure_of(over_the_wire._send_request, "x").reason is Reason.UNREADABLE


@pytest.mark.parametrize("cut", [b"", b"5", b"5\r\n", b"5\r\nhel", b"5\r\nhello\r\n", b"0\r\nX"])
def test_chunks_that_are_cut_are_a_broken_connection(
    over_the_wire: REST, scripted: ScriptedServer, cut: bytes
) -> None:
    scripted.closes = True
    scripted.script = lambda heard: [CHUNKS + cut]
    assert failure_of(over_the_wire._send_request, "x").reason is Reason.ANSWER_LOST


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 5\r\nContent-Length: 2", "Content-Length: 5, 2", "Content-Length: +5",
        "Content-Length: 5_0", "Content-Length: 0x5", "Content-Length: -5", "Content-Length: ",
        "Content-Length: \u00b2", f"Content-Length: {'9' * 5000}",
        "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        f"Content-Encoding: {'gzip, ' * 9}", "Content-Length 5",
        "no header at all\r\nContent-Length: 5",
    ],
)
def test_an_answer_that_does_not_say_clearly_where_it_ends_is_unreadable(
    over_the_wire: REST, scripted: ScriptedServer, framing: str
) -> None:
    head = f"HTTP/1.1 200 OK\r\nServer: x\r\n{framing}\r\n\r\n".encode("latin-1")
    scripted.script = lambda heard: [head + b"5\r\nhello\r\n0\r\n\r\n"]
    scripted.closes = True
    failure = failure_of(over_the_wire._send_request, "x")
    assert failure.reason is Reason.UNREADABLE


REDIRECT = "HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: {}\r\n\r\n"


@pytest.mark.parametrize(
    "location",
    ["/\x01\x02", "\xff\xfe", "https://[::1", "https://a:b:c/", "//\x00/", "https://%", "h\xe9:"],
)
def test_where_a_redirect_leads_does_not_matter(
    over_the_wire: REST, scripted: ScriptedServer, location: str
) -> None:
    answer = REDIRECT.format(location, 0).encode("latin-1")
    scripted.script = lambda heard: [answer]
    assert over_the_wire._send_request("x").status == 302


def test_the_body_of_a_redirect_is_bounded_too(
    over_the_wire: REST, scripted: ScriptedServer
) -> None:
    megabytes = 64
    head = REDIRECT.format("/y", megabytes * 2**20).encode()
    scripted.script = lambda heard: [head, *[b"x" * 2**20] * megabytes]
    failure = failure_of(over_the_wire._send_request, "x")
    assert "it is larger than 4 MiB" in failure.message
    assert scripted.sent < 32 * 2**20  # the machine's buffers hold some of it


def test_nothing_compressed_is_asked_for_and_nothing_is_unpacked(
    over_the_wire: REST, scripted: ScriptedServer
) -> None:
    bomb = gzip.compress(b"x" * 30 * 2**20)
    scripted.script = lambda heard: [ok(bomb, "Content-Encoding: gzip")]
    assert bodies(over_the_wire, 1) == [bomb]
    assert b"accept-encoding: identity" in scripted.heard[0].head.lower()


def test_no_cookies_are_kept(rest: REST, wire: responses.RequestsMock) -> None:
    wire.get(f"{URL}/x", headers={"Set-Cookie": "JSESSIONID=1"})
    for _ in range(2):
        rest._send_request("x")
    assert "Cookie" not in wire.calls[1].request.headers


class WithSession(REST):
    kept_cookies = frozenset({"JSESSIONID"})


@pytest.fixture
def with_session() -> REST:
    return WithSession("127.0.0.1", port=8443, base_url="/base")


def test_a_client_keeps_the_cookies_that_it_names(
    with_session: REST, wire: responses.RequestsMock
) -> None:
    cookies = [("Set-Cookie", "JSESSIONID=1; Path=/base; Secure"), ("Set-Cookie", "other=2")]
    wire.get(f"{URL}/x", headers=cookies)
    for _ in range(2):
        with_session._send_request("x")
    assert wire.calls[1].request.headers["Cookie"] == "JSESSIONID=1"


def test_a_cookie_that_is_large_is_not_kept(
    with_session: REST, wire: responses.RequestsMock
) -> None:
    wire.get(f"{URL}/x", headers={"Set-Cookie": f"JSESSIONID={'x' * 5000}"})
    for _ in range(2):
        with_session._send_request("x")
    assert "Cookie" not in wire.calls[1].request.headers


@pytest.mark.parametrize(("count", "kept"), [(MAX_COOKIES, MAX_COOKIES), (MAX_COOKIES + 1, 0)])
def test_as_many_cookies_as_fit_are_kept_and_with_one_more_none(
    with_session: REST, wire: responses.RequestsMock, count: int, kept: int
) -> None:
    cookies = [("Set-Cookie", f"JSESSIONID=1; Path=/base{'/x' * depth}") for depth in range(count)]
    path = "/".join("x" * count)
    wire.get(f"{URL}/{path}", headers=cookies)
    for _ in range(2):
        with_session._send_request(path)
    sent = str(wire.calls[1].request.headers.get("Cookie", ""))
    assert sent.count("JSESSIONID") == kept


def test_cookies_of_one_name_are_few_too(
    with_session: REST, wire: responses.RequestsMock
) -> None:
    for number in range(30):
        path = f"/base/{'x/' * number}"
        wire.get(URL + path[5:], headers={"Set-Cookie": f"JSESSIONID={number}; Path={path}"})
        with_session._send_request(path[6:])
    wire.get(f"{URL}/{'x/' * 40}")
    with_session._send_request("x/" * 40)
    sent = str(wire.calls[-1].request.headers.get("Cookie", ""))
    assert sent.count("JSESSIONID") <= 4


class Patient(REST):
    most_at_once_setting = "PORTAL_X_PARALLEL"


def test_no_more_requests_are_under_way_at_a_time_than_a_client_may_have(
    scripted: ScriptedServer,
) -> None:
    under_way, most = 0, 0

    def answer(heard: Heard) -> list[Piece]:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        sleep(0.03)
        under_way -= 1
        return [ok()]

    scripted.script = answer
    client = REST(
        "127.0.0.1", port=scripted.port, tls_verify=scripted.ca_file, most_at_once=2
    )
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(client._send_request, "abcdef"))
    assert [answer.status for answer in answers] == [200] * 6
    assert most == 2


def test_who_is_not_sent_in_time_because_of_others_is_told_that_it_is_busy() -> None:
    client = Patient("127.0.0.1", port=8443, timeout=0.02, most_at_once=1)
    with client._slots.one(time.monotonic()):
        failure = failure_of(client._send_request, "x", http_method="POST")
    assert failure.code == "rest_busy"
    assert failure.message == (
        "The server at 127.0.0.1:8443, POST x: it was not sent. As many requests as may be under "
        "way at a time (PORTAL_X_PARALLEL) are, and none ended within 0.02 s. Try again later."
    )


def test_a_request_that_fails_makes_room_for_the_next(wire: responses.RequestsMock) -> None:
    client = Patient("127.0.0.1", port=8443, base_url="/base", timeout=0.2, most_at_once=1)
    wire.get(f"{URL}/x", body=requests.ReadTimeout())
    wire.get(f"{URL}/x", status=200)
    failure_of(client._send_request, "x")
    assert client._send_request("x").ok


def keep_alive(wording: str) -> Any:
    """A script that answers with the number of the connection, and says when that will end."""
    return lambda heard: [ok(b"%d" % heard.connection, f"Keep-Alive: {wording}")]


def test_a_connection_that_is_about_to_end_is_not_used_again(
    over_the_wire: REST, scripted: ScriptedServer
) -> None:
    scripted.script = keep_alive("timeout=1, max=100")
    assert bodies(over_the_wire, 2) == [b"0", b"0"]
    sleep(0.7)
    assert bodies(over_the_wire, 1) == [b"1"]


@pytest.mark.parametrize("wording", ["timeout=60, max=3", "max=3", "Timeout = 60 , Max = 3"])
def test_a_connection_has_no_more_requests_than_the_server_wants(
    over_the_wire: REST, scripted: ScriptedServer, wording: str
) -> None:
    scripted.script = keep_alive(wording)
    assert bodies(over_the_wire, 5) == [b"0", b"0", b"0", b"1", b"1"]


def test_a_server_that_counts_down_is_understood(
    over_the_wire: REST, scripted: ScriptedServer
) -> None:
    scripted.script = lambda heard: [
        ok(b"%d" % heard.connection, f"Keep-Alive: timeout=60, max={max(0, 2 - heard.request)}")
    ]
    found = bodies(over_the_wire, 6)
    assert all(heard.request <= 2 for heard in scripted.heard)
    assert found[1] == b"0"


@pytest.mark.parametrize("wording", ["", "timeout", "timeout=x, max=-1", "max=\u00b2", "=,;="])
def test_a_keep_alive_that_is_nonsense_is_passed_over(
    over_the_wire: REST, scripted: ScriptedServer, wording: str
) -> None:
    scripted.script = keep_alive(wording)
    assert bodies(over_the_wire, 3) == [b"0"] * 3


def closed_as_a_request_arrives(heard: Heard) -> list[Piece] | None:
    return [ok(b"%d" % heard.connection)] if heard.request == 0 else None


@pytest.mark.parametrize("http_method", ["GET", "PUT"])
def test_a_kept_connection_that_is_closed_is_not_the_end_of_a_get_or_put(
    over_the_wire: REST, scripted: ScriptedServer, http_method: str
) -> None:
    scripted.script = closed_as_a_request_arrives
    for number in range(4):
        answer = over_the_wire._send_request("x", payload="a=b", http_method=http_method)
        assert (answer.status, answer.body) == (200, b"%d" % number)


@pytest.mark.parametrize("http_method", ["POST", "DELETE"])
def test_a_post_or_delete_is_not_sent_twice_over_a_closed_connection(
    over_the_wire: REST, scripted: ScriptedServer, http_method: str
) -> None:
    scripted.script = closed_as_a_request_arrives
    assert over_the_wire._send_request("x").ok
    failure = failure_of(over_the_wire._send_request, "x", payload="a=b", http_method=http_method)
    assert failure.reason is Reason.ANSWER_LOST
    assert len(scripted.heard) == 2


def test_a_new_connection_that_is_closed_without_an_answer_is_a_failure(
    over_the_wire: REST, scripted: ScriptedServer
) -> None:
    scripted.script = lambda heard: None
    assert failure_of(over_the_wire._send_request, "x").reason is Reason.ANSWER_LOST
    assert len(scripted.heard) == 1


def test_a_request_is_tried_again_once_and_on_a_new_connection(
    over_the_wire: REST, scripted: ScriptedServer
) -> None:
    barrier = threading.Barrier(3)

    def script(heard: Heard) -> list[Piece] | None:
        if heard.connection < 3 and heard.request == 0:
            barrier.wait(5)
            return [ok()]
        return None

    scripted.script = script
    threads = [threading.Thread(target=bodies, args=(over_the_wire, 1)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failure_of(over_the_wire._send_request, "x").reason is Reason.ANSWER_LOST
    assert [heard.connection < 3 for heard in scripted.heard[3:]] == [True, False]


def test_a_put_that_may_be_done_says_so_though_there_is_no_new_connection(
    over_the_wire: REST, scripted: ScriptedServer
) -> None:
    def script(heard: Heard) -> list[Piece] | None:
        if heard.request == 0:
            return [ok()]
        scripted.stop_listening()
        return None

    scripted.script = script
    assert over_the_wire._send_request("x").ok
    failure = failure_of(over_the_wire._send_request, "x", http_method="PUT")
    assert failure.reason is Reason.ANSWER_LOST
    assert "The change may have been made all the same" in failure.message


def test_an_answer_that_has_begun_is_not_asked_for_again(
    over_the_wire: REST, scripted: ScriptedServer
) -> None:
    scripted.script = lambda heard: [ok()] if heard.request == 0 else [b"H"]
    assert over_the_wire._send_request("x").ok
    scripted.closes = True
    assert failure_of(over_the_wire._send_request, "x").reason is Reason.ANSWER_LOST
    assert len(scripted.heard) == 2


@timed
def test_the_second_try_has_no_more_than_the_time_that_is_left(scripted: ScriptedServer) -> None:
    def script(heard: Heard) -> list[Piece] | None:
        if (heard.connection, heard.request) == (0, 0):
            return [ok()]
        sleep(0.4)
        return None if heard.connection == 0 else [Pause(2), ok()]

    rest = REST("127.0.0.1", port=scripted.port, tls_verify=scripted.ca_file, timeout=0.6)
    scripted.script = script
    assert rest._send_request("x").ok
    start = time.monotonic()
    assert failure_of(rest._send_request, "x").reason is Reason.TIMED_OUT
    assert time.monotonic() - start < 0.9
    assert len(scripted.heard) == 3


TRICKY_LINES = st.sampled_from(
    ["Transfer-Encoding: chunked"] * 4
    + ["Content-Length: 5", "Content-Length: -5", f"Content-Length: {'9' * 5000}",
       "Location: https://[::1", "Location: \xff", "Location: /\x00", "Location: https://a:b:c",
       "Connection: close", "Keep-Alive: timeout=1, max=2", "Content-Encoding: gzip",
       "Content-Type: multipart/mixed; boundary=x", "Content-Type: message/rfc822",
       "Content-Type: text/xml; charset=x", "Retry-After: Mon, 01 Jan 0001 00:00:00 +9999",
       "Set-Cookie: a=\x01; Expires=x; Path=\xff", " folded", ": none", "no colon"]
)
LINES = TRICKY_LINES | st.text(st.characters(max_codepoint=255), max_size=20)
BODIES = [b"", b"<a/>", *(size + b"\r\nhello\r\n0\r\n\r\n" for size in (b"5", b"-5", b"-1"))]
STATUS_LINES = st.one_of(
    st.sampled_from(
        [f"HTTP/1.1 {status} x" for status in (100, 101, 200, 204, 302, 304, 401, 404, 503, 999)]
    ),
    st.sampled_from(["HTTP/1.0 200 OK", "HTTP/2 200", "HTTP/1.1 1e2 x", "HTTP/1.1 \u00b22 x", ""]),
)


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """Draw an answer that is half sound, or bytes that are none."""
    lines = [draw(STATUS_LINES)]
    lines += draw(st.lists(LINES, max_size=4))
    body = draw(st.sampled_from(BODIES) | st.binary(max_size=30))
    whole = bytearray("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
    for _ in range(draw(st.integers(0, 2))):
        whole[draw(st.integers(0, len(whole) - 1))] = draw(st.integers(0, 255))
    return draw(st.sampled_from([bytes(whole)] * 4 + [bytes(whole[::-1])]))


def explains_itself(failure: Failure) -> bool:
    """Tell whether a failure of a client says why, in words and in one word."""
    return (
        isinstance(failure.reason, Reason)
        and failure.code == f"rest_{failure.reason.value}"
        and failure.message.startswith("The server at 127.0.0.1:")
    )


@given(answer=answers() | st.binary(max_size=200), http_method=st.sampled_from(["GET", "POST"]))
@settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_a_server_sends_comes_out_as_an_answer_or_an_explained_failure(
    over_the_wire: REST, scripted: ScriptedServer, answer: bytes, http_method: str
) -> None:
    scripted.closes = True
    scripted.script = lambda heard: [answer]
    try:
        assert isinstance(over_the_wire._send_request("x", http_method=http_method), Answer)
    except Failure as failure:
        assert explains_itself(failure)
