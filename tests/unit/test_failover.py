"""A server with several places: the next one takes over, and no change is made twice by it."""

import logging
import socket
import threading
from collections.abc import Iterator
from contextvars import Context

import pytest
from support.failures import failure_of
from support.scripted import (
    Heard,
    Pause,
    Piece,
    Script,
    ScriptedServer,
    ok,
    running_scripted_servers,
)

from flaskr.places import Place, PlaceTwice
from flaskr.rest.v1 import turns as turns_module
from flaskr.rest.v1.attempts import PAUSES
from flaskr.rest.v1.calls import Answer, Call
from flaskr.rest.v1.rest import REST
from flaskr.result import Failure, Reason

CHANGES = ("POST", "PUT", "DELETE")
METHODS = ("GET", *CHANGES)
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
BROKEN = b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n"
BEYOND = Pause(20)  # longer than any test waits
Servers = list[ScriptedServer]
sleep = threading.Event().wait  # the other one is taken away, below


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note the pauses instead of sleeping them."""
    slept: list[float] = []
    monkeypatch.setattr("flaskr.rest.v1.rest.time.sleep", slept.append)
    return slept


def says(*pieces: Piece) -> Script:
    """Return a script that answers everything in one way."""
    return lambda heard: list(pieces)


def hangs_up(heard: Heard) -> list[Piece] | None:
    return None


@pytest.fixture
def servers() -> Iterator[Servers]:
    """Three places of one server; each answers with its number."""
    with running_scripted_servers(3) as servers:
        for number, server in enumerate(servers, 1):
            server.script = says(ok(b"%d" % number))
        yield servers


def client_of(servers: Servers, timeout: float = 5.0) -> REST:
    hosts = [f"127.0.0.1:{server.port}" for server in servers]
    return REST(hosts, tls_verify=servers[0].ca_file, timeout=timeout)


@pytest.fixture
def rest(servers: Servers) -> REST:
    return client_of(servers)


def ask(rest: REST, http_method: str = "GET") -> str:
    """Send a request; return the number of the place that answered."""
    return rest._send_request("x", http_method=http_method).body.decode()


def heard(servers: Servers) -> list[int]:
    return [len(server.heard) for server in servers]


def test_places_stand_in_a_text_or_a_sequence() -> None:
    both = [Place("cms1", 443), Place("cms2", 445)]
    assert list(REST("cms1,cms2:445").places) == list(REST(["cms1", "cms2:445"]).places) == both
    assert (REST("cms1,cms2:445").host, REST("cms1:1,cms2").port) == ("cms1", 1)


def test_a_place_that_is_named_twice_is_refused() -> None:
    with pytest.raises(PlaceTwice):
        REST("cms,cms")


def test_where_the_first_answers_no_other_is_asked(rest: REST, servers: Servers) -> None:
    assert [ask(rest, http_method) for http_method in METHODS] == ["1"] * 4
    assert heard(servers) == [4, 0, 0]


@pytest.mark.parametrize("http_method", METHODS)
def test_the_next_takes_over_where_one_can_not_be_reached(
    rest: REST, servers: Servers, http_method: str, no_pauses: list[float]
) -> None:
    servers[0].stop_listening()
    assert [ask(rest, http_method) for _ in range(3)] == ["2"] * 3
    assert no_pauses == []


@pytest.mark.parametrize("http_method", METHODS)
def test_the_next_takes_over_where_one_is_not_trusted(
    servers: Servers, http_method: str
) -> None:
    with running_scripted_servers(1) as [of_another_ca]:
        hosts = [f"127.0.0.1:{server.port}" for server in (of_another_ca, servers[1])]
        rest = REST(hosts, tls_verify=servers[1].ca_file)
        assert ask(rest, http_method) == "2"
        assert of_another_ca.heard == []


@pytest.mark.parametrize("http_method", METHODS)
def test_the_next_takes_over_where_one_stays_busy(
    rest: REST, servers: Servers, http_method: str, no_pauses: list[float]
) -> None:
    servers[0].script = says(BUSY)
    assert [ask(rest, http_method) for _ in range(2)] == ["2", "2"]
    assert heard(servers) == [1 + len(PAUSES), 2, 0]
    assert len(no_pauses) == len(PAUSES)


def test_one_that_is_busy_for_a_moment_keeps_its_turn(rest: REST, servers: Servers) -> None:
    servers[0].script = lambda heard: [BUSY] if heard.request == 0 else [ok(b"1")]
    assert [ask(rest, http_method) for http_method in CHANGES] == ["1"] * 3
    assert heard(servers) == [4, 0, 0]


UNSOUND = {
    "lost": hangs_up,
    "late": says(BEYOND),
    "cut": says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1", Pause(0.1)),
    "broken": says(BROKEN),
    "unreadable": says(b"no HTTP at all\r\n\r\n"),
}


@pytest.mark.parametrize("how", UNSOUND)
def test_for_a_get_the_next_takes_over_where_one_gives_no_sound_answer(
    servers: Servers, how: str
) -> None:
    rest = client_of(servers, timeout=3.0)
    servers[0].script = UNSOUND[how]
    servers[0].closes = True
    assert [ask(rest) for _ in range(3)] == ["2"] * 3
    assert heard(servers) == [1, 3, 0]


def send_unsoundly(rest: REST, http_method: str) -> Reason:
    """Send a change whose answer is not sound; return why it failed."""
    try:
        answer = rest._send_request("x", http_method=http_method)
    except Failure as failure:
        assert "The change may have been made all the same" in failure.message
        return failure.reason
    assert answer.status == 500
    return Reason.SERVER_ERROR


@pytest.mark.parametrize("http_method", CHANGES)
@pytest.mark.parametrize("how", UNSOUND)
def test_a_change_is_never_sent_on_and_looked_up_where_it_was_sent(
    servers: Servers, how: str, http_method: str
) -> None:
    rest = client_of(servers, timeout=1.5)
    servers[0].script = UNSOUND[how]
    servers[0].closes = True
    send_unsoundly(rest, http_method)
    assert heard(servers) == [1, 0, 0]
    servers[0].script = says(ok(b"1"))
    assert ask(rest) == "1"


class WithQueries(REST):
    queries = frozenset({"q"})


@pytest.mark.parametrize("how", UNSOUND)
def test_a_query_that_is_posted_is_no_change(servers: Servers, how: str) -> None:
    hosts = [f"127.0.0.1:{server.port}" for server in servers]
    rest = WithQueries(hosts, tls_verify=servers[0].ca_file, timeout=3.0)
    servers[0].script = UNSOUND[how]
    servers[0].closes = True
    for _ in range(2):
        assert rest._send_request("q", payload="a=b", http_method="POST").body == b"2"
    assert heard(servers) == [1, 2, 0]
    rest._turns.succeeded(rest.places[0])
    assert rest._turns.order()[0] == rest.places[0]


@pytest.mark.parametrize("http_method", CHANGES)
def test_a_change_at_the_second_is_looked_up_there_though_the_rest_of_the_first_is_over(
    rest: REST, servers: Servers, http_method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns_module, "REST_SECONDS", 0.2)
    servers[0].script = says(BROKEN)
    servers[1].script = hangs_up
    rest._turns.failed(rest.places[0])
    assert failure_of(ask, rest, http_method).reason is Reason.ANSWER_LOST
    servers[1].script = says(ok(b"2"))
    sleep(0.25)
    assert ask(rest) == "2"
    assert Context().run(ask, rest) == "2"
    assert heard(servers) == [0, 3, 0]


@pytest.mark.parametrize(("status", "first"), [(b"200", 0), (b"404", 0), (b"500", 1)])
def test_an_answer_to_a_change_ends_a_rest_unless_the_server_failed(
    rest: REST, servers: Servers, status: bytes, first: int
) -> None:
    servers[0].script = says(b"HTTP/1.1 %s x\r\nContent-Length: 0\r\n\r\n" % status)
    for place in rest.places:
        rest._turns.failed(place)
    rest._send_request("x", http_method="POST")
    rest._turns.succeeded(rest.places[1])
    assert Context().run(rest._turns.order)[0] == rest.places[first]
    assert heard(servers) == [1, 0, 0]


def test_after_a_while_the_first_is_asked_again(
    rest: REST, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns_module, "REST_SECONDS", 0.1)
    monkeypatch.setattr(turns_module, "NEAR_SECONDS", 0.1)
    servers[0].script = says(BUSY)
    assert ask(rest, "POST") == "2"
    servers[0].script = says(ok(b"1"))
    sleep(0.15)
    assert ask(rest) == "1"


@pytest.fixture
def silent() -> Iterator[str]:
    """A place that takes connections and says nothing, as `host:port`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("http_method", METHODS)
def test_one_that_swallows_packets_takes_no_more_than_its_share_of_the_time(
    servers: Servers, silent: str, http_method: str
) -> None:
    hosts = [silent, f"127.0.0.1:{servers[1].port}"]
    rest = REST(hosts, tls_verify=servers[1].ca_file, timeout=1.0)
    assert ask(rest, http_method) == "2"
    assert ask(rest, http_method) == "2"


def test_a_change_that_was_sent_has_all_the_time_that_is_left(servers: Servers) -> None:
    rest = client_of(servers, timeout=1.8)
    servers[0].script = says(Pause(0.8), ok(b"1"))
    assert [ask(rest, http_method) for http_method in CHANGES] == ["1"] * 3
    assert ask(rest) == "2"


def test_one_that_was_too_slow_for_its_share_has_what_the_others_leave_of_the_time(
    servers: Servers
) -> None:
    rest = client_of(servers, timeout=1.5)
    servers[0].script = says(Pause(0.7), ok(b"1"))
    servers[1].stop_listening()
    servers[2].stop_listening()
    assert ask(rest) == "1"
    assert heard(servers) == [2, 0, 0]


def test_where_none_can_be_reached_all_are_tried_again(
    rest: REST, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    for server in servers:
        server.stop_listening()
    pauses: list[float] = []

    def come_up(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            servers[1].listen()

    monkeypatch.setattr("flaskr.rest.v1.rest.time.sleep", come_up)
    assert ask(rest, "POST") == "2"
    assert len(pauses) == 2


def test_where_all_are_unreachable_the_failure_names_each(rest: REST, servers: Servers) -> None:
    for server in servers:
        server.stop_listening()
    failure = failure_of(ask, rest, "POST")
    first, second, third = rest.places
    assert failure.message == (
        f"The server at {third}, POST x: could not connect: connection refused. Check "
        f"REST_HOSTNAME and REST_PORT, and that the server is up. Also failed: {first} "
        f"(unreachable), {second} (unreachable)."
    )
    assert failure.code == "rest_unreachable"


def test_where_all_fail_the_reason_is_the_last_of_one_that_could_be_reached(
    rest: REST, servers: Servers
) -> None:
    servers[0].script = says(BUSY)
    servers[1].script = hangs_up
    servers[2].stop_listening()
    failure = failure_of(ask, rest)
    first, second, third = rest.places
    assert failure.reason is Reason.ANSWER_LOST
    assert failure.message.startswith(f"The server at {second}, GET x: the connection broke ")
    assert failure.message.endswith(f"Also failed: {first} (busy), {third} (unreachable).")
    assert heard(servers) == [4, 1, 0]


@pytest.mark.parametrize("http_method", METHODS)
def test_where_all_are_busy_the_answer_says_so(
    rest: REST, servers: Servers, http_method: str
) -> None:
    for server in servers:
        server.script = says(BUSY)
    answer = rest._send_request("x", http_method=http_method)
    failure = rest._failure_of_status(answer)
    assert failure and failure.reason is Reason.BUSY
    first, second, third = rest.places
    assert failure.message.startswith(f"The server at {third}, {http_method} x: it is busy, also")
    assert failure.message.endswith(f"Also failed: {first} (busy), {second} (busy).")
    assert heard(servers) == [4, 4, 4]


def test_a_request_takes_no_longer_than_allowed_however_many_places_there_are(
    servers: Servers
) -> None:
    rest = client_of(servers, timeout=0.9)
    for server in servers:
        server.script = says(BEYOND)
    failure = failure_of(ask, rest)
    assert failure.reason is Reason.TIMED_OUT
    assert "no whole answer within 0.3 s" in failure.message
    assert heard(servers) == [1, 1, 1]


def test_an_answer_that_refuses_is_an_answer(rest: REST, servers: Servers) -> None:
    for status in (301, 400, 401, 404, 429):
        servers[0].script = says(b"HTTP/1.1 %d x\r\nContent-Length: 0\r\n\r\n" % status)
        assert rest._send_request("x").status == status
    assert heard(servers) == [5, 0, 0]


def test_messages_name_the_place_that_was_asked(rest: REST, servers: Servers) -> None:
    servers[0].stop_listening()
    answer = rest._send_request("x")
    assert rest._message(answer.call, "done.") == f"The server at {rest.places[1]}, GET x: done."


def test_what_is_about_the_server_names_the_first_place_and_counts_the_others() -> None:
    assert REST("cms").title_and_address == "The server at cms:443"
    assert REST("cms1,cms2").title_and_address == "The server at cms1:443 and 1 other"
    assert REST("cms1,cms2,[::1]:4").title_and_address == "The server at cms1:443 and 2 others"


def test_the_log_names_the_place_where_there_are_several(
    rest: REST, servers: Servers, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    servers[0].stop_listening()
    for _ in range(2):
        ask(rest)
    client_of(servers[1:2])._send_request("x")
    first, second = (f"127.0.0.1:{server.port}" for server in servers[:2])
    lines = [record.getMessage().rpartition(" ms=")[0] or record.getMessage()
             for record in caplog.records]
    assert lines == [
        f"call server=The server place={first} method=GET path=x status=unreachable",
        f"rest server=The server place={first} reason=unreachable seconds=30",
        f"call server=The server place={second} method=GET path=x status=200",
        f"call server=The server place={second} method=GET path=x status=200",
        "call server=The server method=GET path=x status=200",
    ]


class WithSession(REST):
    kept_cookies = frozenset({"JSESSIONID"})


def test_a_cookie_goes_back_to_the_place_that_set_it_only(servers: Servers) -> None:
    hosts = [f"127.0.0.1:{server.port}" for server in servers]
    rest = WithSession(hosts, tls_verify=servers[0].ca_file)
    servers[0].script = says(ok(b"1", "Set-Cookie: JSESSIONID=1; Path=/"))
    assert [ask(rest), ask(rest)] == ["1", "1"]
    servers[0].script = hangs_up
    assert ask(rest) == "2"
    sent = [[b"JSESSIONID=1" in heard.head for heard in server.heard] for server in servers]
    assert (sent[0][:2], sent[1]) == ([False, True], [False])


def test_a_request_may_begin_near_another(rest: REST, servers: Servers) -> None:
    def at(place: Place) -> Answer:
        return rest._send(Call("GET", "x", place=place))

    assert at(rest.places[2]).body == b"3"
    servers[2].script = says(BROKEN)
    assert at(rest.places[2]).body == b"1"
    assert at(rest.places[2]).body == b"1"
    assert heard(servers) == [2, 0, 2]


def test_one_place_can_be_asked_alone_and_once(rest: REST, servers: Servers) -> None:
    probe = rest.probe(rest.places[1], 1.0)
    assert ask(probe) == "2"
    assert probe.title_and_address == f"The server at {rest.places[1]}"
    assert (probe.timeout, rest.timeout, rest.probe(rest.places[1], 9.0).timeout) == (1, 5, 5)
    servers[1].script = says(BUSY)
    assert probe._send_request("x").status == 503
    assert heard(servers) == [0, 2, 0]


def test_a_probe_says_nothing_of_whose_turn_it_is(rest: REST, servers: Servers) -> None:
    probe = rest.probe(rest.places[0], 1.0)
    servers[0].script = says(BROKEN)
    assert probe._send_request("x").status == 500
    servers[0].script = says(ok(b"1"))
    assert ask(rest) == "1"
    rest._turns.failed(rest.places[0])
    assert (ask(probe), ask(rest)) == ("1", "2")
