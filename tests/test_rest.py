"""The REST base class: what it sends, what it sends again, and how it tells what went wrong."""

import base64
import socket
import threading
import time
from typing import Any

import pytest
import requests
import responses
from responses import matchers
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError

from flaskr.rest.v1 import rest as rest_module
from flaskr.rest.v1 import transport
from flaskr.rest.v1.rest import REST
from flaskr.rest.v1.result import Reason

URL = "https://127.0.0.1:8443/base"


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
    result = rest._send_request(
        "things",
        {"offset": 10, "filter": "a&b c"},
        {"name": "Söns & Co <x>", "uri": "+1 408"},
        http_method,
    )
    assert result["success"]


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
    assert rest._send_request("things/a?b%c d")["success"]


def test_an_ipv6_address_stands_in_brackets(wire: responses.RequestsMock) -> None:
    wire.get("https://[::1]:443/x")
    assert REST("::1")._send_request("x")["success"]


def test_any_whole_answer_is_returned_with_status_headers_and_body(
    rest: REST, wire: responses.RequestsMock
) -> None:
    wire.get(f"{URL}/x", body=b"no", status=404, headers={"X-Y": "z"})
    result = rest._send_request("x")
    assert result["success"]
    answer = result["response"]
    assert (answer.status, answer.body, answer.headers["X-Y"]) == (404, b"no", "z")


def test_a_redirect_is_not_followed(rest: REST, wire: responses.RequestsMock) -> None:
    wire.get(f"{URL}/x", status=302, headers={"Location": "https://localhost/elsewhere"})
    assert rest._send_request("x")["response"].status == 302


def test_an_unknown_method_is_a_mistake_of_the_programmer(rest: REST) -> None:
    with pytest.raises(ValueError, match="PATCH is none of GET, POST, PUT, DELETE"):
        rest._send_request("x", http_method="PATCH")


@pytest.mark.parametrize("http_method", ["GET", "POST", "PUT", "DELETE"])
def test_a_503_is_sent_again_whatever_the_method(
    rest: REST, wire: responses.RequestsMock, no_pauses: list[float], http_method: str
) -> None:
    wire.add(http_method, f"{URL}/x", status=503)
    wire.add(http_method, f"{URL}/x", status=503)
    wire.add(http_method, f"{URL}/x", status=200)
    assert rest._send_request("x", http_method=http_method)["response"].status == 200
    assert len(no_pauses) == 2


def test_the_pauses_grow_and_are_few(
    rest: REST, wire: responses.RequestsMock, no_pauses: list[float]
) -> None:
    wire.get(f"{URL}/x", status=503)
    assert rest._send_request("x")["response"].status == 503
    assert no_pauses == sorted(no_pauses)
    assert len(wire.calls) == len(rest_module.PAUSES) + 1


def test_retry_after_is_honoured_within_the_time_allowed(
    rest: REST, wire: responses.RequestsMock, no_pauses: list[float]
) -> None:
    wire.get(f"{URL}/x", status=503, headers={"Retry-After": "2"})
    wire.get(f"{URL}/x", status=200)
    assert rest._send_request("x")["response"].status == 200
    assert no_pauses == [2.0]


def test_retry_after_may_be_a_date(
    rest: REST, wire: responses.RequestsMock, no_pauses: list[float]
) -> None:
    moment = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 3))
    wire.get(f"{URL}/x", status=503, headers={"Retry-After": moment})
    wire.get(f"{URL}/x", status=200)
    rest._send_request("x")
    assert 1 < no_pauses[0] <= 3


@pytest.mark.parametrize("value", ["soon", "-1", "", "Mon, 99 Nov 2026"])
def test_a_retry_after_that_is_nonsense_is_passed_over(
    rest: REST, wire: responses.RequestsMock, no_pauses: list[float], value: str
) -> None:
    wire.get(f"{URL}/x", status=503, headers={"Retry-After": value})
    wire.get(f"{URL}/x", status=200)
    assert rest._send_request("x")["response"].status == 200
    assert no_pauses[0] < 1


def test_a_retry_after_beyond_the_time_allowed_ends_it(
    rest: REST, wire: responses.RequestsMock, no_pauses: list[float]
) -> None:
    wire.get(f"{URL}/x", status=503, headers={"Retry-After": "3600"})
    assert rest._send_request("x")["response"].status == 503
    assert no_pauses == []


def test_a_connection_that_never_came_about_is_tried_again(
    rest: REST, wire: responses.RequestsMock
) -> None:
    wire.post(f"{URL}/x", body=no_connection())
    wire.post(f"{URL}/x", status=200)
    assert rest._send_request("x", http_method="POST")["success"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (requests.ReadTimeout(), Reason.TIMED_OUT),
        (requests.ConnectionError(ConnectionResetError(104, "reset")), Reason.ANSWER_LOST),
        (requests.exceptions.ChunkedEncodingError(), Reason.ANSWER_LOST),
        (requests.exceptions.ContentDecodingError(), Reason.UNREADABLE),
    ],
)
def test_what_may_have_been_sent_is_never_sent_again(
    rest: REST, wire: responses.RequestsMock, error: Exception, reason: Reason
) -> None:
    wire.post(f"{URL}/x", body=error)
    result = rest._send_request("x", http_method="POST")
    assert not result["success"]
    assert result["reason"] is reason
    assert "The change may have been made all the same" in result["message"]
    assert len(wire.calls) == 1


def test_a_failure_names_the_server_what_was_tried_why_and_what_to_do(
    rest: REST, wire: responses.RequestsMock
) -> None:
    wire.get(f"{URL}/x", body=no_connection())
    result = rest._send_request("x")
    assert result == {
        "success": False,
        "message": "The server at 127.0.0.1:8443, GET x: no connection came about: connection "
        "refused. Check REST_HOSTNAME and REST_PORT, and that the server is up.",
        "response": "",
        "reason": Reason.UNREACHABLE,
        "codes": (),
    }


def test_a_name_that_does_not_resolve_is_said_in_words(
    rest: REST, wire: responses.RequestsMock
) -> None:
    unknown = socket.gaierror(-2, "unknown")
    error = NameResolutionError("cms", None, unknown)  # type: ignore[arg-type]
    failure = requests.ConnectionError(MaxRetryError(None, "/", error))  # type: ignore[arg-type]
    wire.get(f"{URL}/x", body=failure)
    result = rest._send_request("x")
    assert result["reason"] is Reason.UNREACHABLE
    assert "the host name does not resolve. Check REST_HOSTNAME" in result["message"]


def test_resolving_a_name_takes_no_longer_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait(10) and [])
    start = time.monotonic()
    result = REST("localhost", port=1, timeout=0.2)._send_request("x")
    released.set()
    assert result["reason"] is Reason.NO_CONNECTION_IN_TIME
    assert time.monotonic() - start < 2


def test_all_addresses_of_a_name_together_take_no_longer_than_allowed(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(address: Any, seconds: float, *_: Any) -> None:
        real_sleep(seconds)
        raise TimeoutError

    real_sleep = threading.Event().wait
    monkeypatch.setattr(transport, "resolve", lambda host, port, _: [(host, port)] * 3)
    monkeypatch.setattr(transport, "create_connection", connect)
    start = time.monotonic()
    result = REST("localhost", timeout=0.3)._send_request("x")
    assert result["reason"] is Reason.NO_CONNECTION_IN_TIME
    assert time.monotonic() - start < 0.6


def test_a_name_that_the_system_does_not_know_is_unreachable(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    result = REST("localhost", timeout=5)._send_request("x")
    assert result["reason"] is Reason.UNREACHABLE
    assert "the host name does not resolve" in result["message"]


def test_an_answer_is_not_read_beyond_the_bound(
    rest: REST, wire: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest_module, "MAX_ANSWER_BYTES", 2**20)
    wire.get(f"{URL}/x", body=b"x" * (2**20 + 1))
    result = rest._send_request("x")
    assert result["reason"] is Reason.UNREADABLE
    assert "it is larger than 1 MiB" in result["message"]


def test_a_bundle_that_does_not_exist_is_refused_at_once() -> None:
    with pytest.raises(OSError, match="No such file"):
        REST("127.0.0.1", tls_verify="/no/such/bundle.pem")
