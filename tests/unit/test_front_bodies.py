"""Large bodies: where they are taken, how long they are waited for, and how many at once."""

import socket
import threading
import tracemalloc
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Any, cast

import pytest
from support.fronts import (
    HOST, PATIENCE_SECONDS, Environ, Fronted, Reader, StartResponse, fronting, get,
    wait_until,
)

from flaskr.front import Request
from flaskr.front import front as fronts
from flaskr.front.bodies import LARGE_BODY_BYTES, MAX_LARGE_BODIES, Bodies
from flaskr.front.connection import BODY_SECONDS, STOP_SECONDS, Connection
from flaskr.front.front import Front
from flaskr.front.pace import LEAST_BYTES
from flaskr.front.reply import BODY_LEFT_OUT
from flaskr.front.request import RequestReader

TABLE = "/table"
MOST = 10 * LARGE_BODY_BYTES


def most(path: str) -> int:
    return MOST if path == TABLE else LARGE_BODY_BYTES


def head(size: int, path: str = TABLE, *headers: str) -> bytes:
    return get(path, f"Content-Length: {size}", *headers, method="POST")


def in_chunks(body: bytes, path: str = TABLE) -> bytes:
    head = get(path, "Transfer-Encoding: chunked", method="POST")
    pieces = [body[start:start + 1000] for start in range(0, len(body), 1000)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    return head + chunks + b"0\r\n\r\n"


def sizes(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer how many bytes came."""
    start_response("200 OK", [])
    return [b"%d bytes" % len(environ["wsgi.input"].read())]


def reading(bodies: Bodies, data: bytes) -> RequestReader:
    reader = RequestReader(bodies)
    assert reader.feed(data) == []
    return reader


def answer_to(fronted: Fronted, data: bytes) -> tuple[int, bytes]:
    with fronted.connect() as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        head, _, body = Reader(connection).rest().partition(b"\r\n\r\n")
    return int(head.split()[1]), body


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        (TABLE, MOST, 200),
        (f"{TABLE}?a=1", MOST, 200),
        (f"http://localhost{TABLE}", MOST, 200),
        (TABLE, MOST + 1, 413),
        (f"{TABLE}/", MOST, 413),
        ("/%74able", MOST, 413),
        (f"/other?{TABLE}", MOST, 413),
        ("/other", LARGE_BODY_BYTES, 200),
    ],
)
@pytest.mark.parametrize("chunked", [True, False], ids=["in chunks", "with length"])
def test_a_large_body_is_taken_only_where_it_may_be_sent(
    path: str, size: int, status: int, chunked: bool
) -> None:
    body = b"x" * size
    data = in_chunks(body, path) if chunked else head(size, path) + body
    with fronting(sizes, max_body=most) as fronted:
        expected = (status, b"%d bytes" % size if status == 200 else b"Request Entity Too Large")
        assert answer_to(fronted, data) == expected


def test_a_large_body_that_did_not_come_whole_is_no_body() -> None:
    with fronting(sizes, max_body=most) as fronted:
        assert answer_to(fronted, head(MOST) + b"x" * (MOST - 1))[0] == 400


def test_what_follows_a_large_body_is_not_of_it() -> None:
    begun: list[str] = []

    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        begun.append(environ["REQUEST_METHOD"])
        return sizes(environ, start_response)

    with fronting(app, max_body=most) as fronted, fronted.connect() as connection:
        connection.sendall(head(MOST) + b"x" * MOST + b"x")
        reader = Reader(connection)
        assert reader.until(b" bytes").endswith(b"%d bytes" % MOST)
        connection.shutdown(socket.SHUT_WR)
        assert reader.rest().startswith(b"HTTP/1.1 400 ")
    assert begun == ["POST"]


# How many at once.


@pytest.fixture
def full() -> Iterator[Fronted]:
    """A front where as many large bodies are on their way as it takes."""
    with fronting(sizes, max_body=most) as fronted, ExitStack() as stack:
        for _ in range(MAX_LARGE_BODIES):
            stack.enter_context(fronted.connect()).sendall(head(MOST) + b"x")
        wait_until(lambda: fronted.front.bodies._large == MAX_LARGE_BODIES)
        yield fronted


def test_one_large_body_too_many_is_told_to_come_again(full: Fronted) -> None:
    with full.connect() as connection:
        connection.sendall(head(MOST) + b"x" * MOST)
        reader = Reader(connection)
        answer = reader.until(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"\r\nRetry-After: 1\r\n" in answer
        assert b"Nothing was done" in reader.rest()


def test_whoever_asks_first_is_told_so_before_the_body_is_sent(full: Fronted) -> None:
    with full.connect() as connection:
        connection.sendall(head(MOST, TABLE, "Expect: 100-continue"))
        assert Reader(connection).until(b"\r\n\r\n").startswith(b"HTTP/1.1 503 ")


def test_small_bodies_are_taken_all_the_same(full: Fronted) -> None:
    size = LARGE_BODY_BYTES
    assert answer_to(full, head(size) + b"x" * size) == (200, b"%d bytes" % size)
    assert answer_to(full, in_chunks(b"x" * size)) == (200, b"%d bytes" % size)
    assert answer_to(full, in_chunks(b"x" * (size + 1)))[0] == 503


@pytest.mark.parametrize(
    "data",
    [
        head(MOST) + b"x" * MOST,
        in_chunks(b"x" * MOST),
        in_chunks(b"x" * (MOST + 1)),
        head(MOST) + b"x",
        in_chunks(b"x" * MOST)[:-5] + b"z",
        head(MOST, TABLE, "Connection: close") + b"x" * MOST + head(MOST) + b"x" * MOST,
    ],
    ids=["answered", "in chunks", "too large", "not whole", "malformed", "behind the last"],
)
def test_whatever_becomes_of_a_large_body_it_makes_room_for_another(data: bytes) -> None:
    with fronting(sizes, max_body=most) as fronted:
        for _ in range(MAX_LARGE_BODIES + 1):
            assert answer_to(fronted, data)[0] != 503
        assert fronted.front.bodies._large == 0


def test_a_large_body_counts_until_it_is_answered() -> None:
    go_on = threading.Event()

    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        go_on.wait(PATIENCE_SECONDS)
        return sizes(environ, start_response)

    with fronting(app, max_body=most) as fronted, ExitStack() as stack:
        callers = [stack.enter_context(fronted.connect()) for _ in range(MAX_LARGE_BODIES)]
        for caller in callers:
            caller.sendall(head(MOST) + b"x" * MOST)
        wait_until(lambda: fronted.front._common._working == MAX_LARGE_BODIES)
        assert answer_to(fronted, head(MOST) + b"x" * MOST)[0] == 503
        go_on.set()
        for caller in callers:
            assert Reader(caller).until(b" bytes").endswith(b"%d bytes" % MOST)
        assert answer_to(fronted, head(MOST) + b"x" * MOST)[0] == 200


# Who may send one.


GUEST = "X-Guest: yes"


def members(headers: list[tuple[str, str]]) -> bool:
    return ("x-guest", "yes") not in headers


def for_members(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer how many bytes came, and with 401 where a body was left out."""
    status = "401 Unauthorized" if environ[BODY_LEFT_OUT] else "200 OK"
    start_response(status, [])
    return [b"%d bytes" % len(environ["wsgi.input"].read())]


@pytest.fixture
def club() -> Iterator[Fronted]:
    """A front that takes large bodies of members only."""
    with fronting(for_members, max_body=most, admits=members) as fronted:
        yield fronted


def of_guest(data: bytes) -> bytes:
    """Return a request with one header more."""
    return data.replace(b"\r\n", f"\r\n{GUEST}\r\n".encode(), 1)


LARGE = {"with length": head(MOST) + b"x" * MOST, "in chunks": in_chunks(b"x" * MOST)}


@pytest.mark.parametrize("data", LARGE.values(), ids=LARGE)
def test_a_large_body_of_who_is_not_admitted_takes_no_place(club: Fronted, data: bytes) -> None:
    data = of_guest(data)
    with ExitStack() as stack:
        guests = [stack.enter_context(club.connect()) for _ in range(MAX_LARGE_BODIES + 1)]
        for guest in guests:
            guest.sendall(data[:-1])
        connections = club.front._connections
        wait_until(lambda: sum(each._reader.body_bytes >= MOST - 1000 for each in connections)
                   == len(guests))
        assert club.front.bodies._large == 0
        assert all(each.kept_bytes < 1000 for each in connections)
        assert answer_to(club, LARGE["with length"]) == (200, b"%d bytes" % MOST)
        for guest in guests:
            guest.sendall(data[-1:])
            assert Reader(guest).until(b" bytes").startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("data", LARGE.values(), ids=LARGE)
def test_who_is_not_admitted_is_told_so_whether_there_is_a_place_or_not(
    club: Fronted, data: bytes
) -> None:
    with ExitStack() as stack:
        for _ in range(MAX_LARGE_BODIES):
            stack.enter_context(club.connect()).sendall(head(MOST) + b"x")
        wait_until(lambda: club.front.bodies._large == MAX_LARGE_BODIES)
        assert answer_to(club, of_guest(data)) == (401, b"0 bytes")
        assert answer_to(club, data)[0] == 503


def test_a_small_body_is_not_left_out_and_one_that_is_too_large_is_refused(club: Fronted) -> None:
    size = LARGE_BODY_BYTES
    assert answer_to(club, of_guest(head(size) + b"x" * size)) == (200, b"%d bytes" % size)
    for data in (head(MOST + 1) + b"x" * (MOST + 1), in_chunks(b"x" * (MOST + 1))):
        assert answer_to(club, of_guest(data))[0] == 413


def test_behind_a_body_that_was_left_out_the_connection_goes_on(club: Fronted) -> None:
    with club.connect() as guest:
        guest.sendall(of_guest(LARGE["with length"]) + head(3) + b"abc")
        reader = Reader(guest)
        assert b" 401 " in reader.until(b"0 bytes")
        assert b" 200 " in reader.until(b"3 bytes")


def test_who_is_not_admitted_and_asks_first_is_told_so_before_the_body_is_sent(
    club: Fronted,
) -> None:
    with club.connect() as guest:
        guest.sendall(of_guest(head(MOST, TABLE, "Expect: 100-continue")))
        answer = Reader(guest).rest()
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert answer.endswith(b"0 bytes")
    assert b"\r\nConnection: close\r\n" in answer


# Their pace, and their memory.


class SilentWire:
    """What a connection is held by that nothing is written to, and its end."""

    def __init__(self) -> None:
        self.sent = b""
        self.aborted = False

    def write(self, data: bytes) -> None:
        self.sent += data

    def get_write_buffer_size(self) -> int:
        return 0

    def abort(self) -> None:
        self.aborted = True

    def is_closing(self) -> bool:
        return self.aborted

    def get_extra_info(self, name: str) -> tuple[str, int]:
        return (HOST, 1)

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


class Senders:
    """A front with a clock to set, and connections on which large bodies come."""

    def __init__(self) -> None:
        self.front = Front(
            cast(Any, sizes), lambda *_: ([], b""),
            max_body=most, threads=1, writers=1, connections=64,
        )
        self.clock = 0.0
        self.front.now = lambda: self.clock  # type: ignore[method-assign]
        self.read: list[Request] = []
        self.front.answer = (  # type: ignore[method-assign]
            lambda connection, request: self.read.append(request)
        )

    def come(self, data: bytes) -> tuple[Connection, SilentWire]:
        connection, wire = Connection(self.front), SilentWire()
        connection.connection_made(cast(Any, wire))
        connection.data_received(data)
        return connection, wire


def test_a_large_body_that_keeps_its_pace_is_waited_for() -> None:
    senders = Senders()
    connection, wire = senders.come(head(MOST))
    for _ in range(MOST // LEAST_BYTES):
        assert not senders.read
        senders.clock += BODY_SECONDS
        connection.data_received(b"x" * LEAST_BYTES)
        connection.check(senders.clock)
        assert (wire.aborted, wire.sent) == (False, b"")
    assert [request.body for request in senders.read] == [b"x" * MOST]


def test_a_large_body_that_is_slower_is_not() -> None:
    senders = Senders()
    connection, wire = senders.come(head(MOST) + b"x" * LEAST_BYTES)
    senders.clock += BODY_SECONDS
    connection.check(senders.clock)
    assert wire.sent == b""
    connection.data_received(b"x" * (LEAST_BYTES - 1))
    senders.clock += BODY_SECONDS - 0.1
    connection.check(senders.clock)
    assert wire.sent == b""
    senders.clock += 0.1
    connection.check(senders.clock)
    assert wire.sent.startswith(b"HTTP/1.1 408 ")
    assert senders.front.bodies._large == 0


def test_a_stop_waits_no_longer_for_a_large_body_than_for_others() -> None:
    senders = Senders()
    connection, wire = senders.come(head(MOST))
    connection.data_received(b"x" * LEAST_BYTES)
    senders.front.stopping = True
    connection.stop()
    senders.clock += STOP_SECONDS
    connection.check(senders.clock)
    assert wire.sent.startswith(b"HTTP/1.1 408 ")


def test_what_is_not_kept_of_a_body_is_refused_in_time_at_whatever_pace() -> None:
    senders = Senders()
    connection, wire = senders.come(head(2 * MOST) + b"x" * LEAST_BYTES)
    senders.clock += BODY_SECONDS
    connection.check(senders.clock)
    assert wire.sent.startswith(b"HTTP/1.1 413 ")


def test_bodies_on_their_way_keep_only_so_much_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fronts, "MAX_KEPT_BYTES", 2 * LARGE_BODY_BYTES)
    senders = Senders()
    comers = [senders.come(head(MOST) + b"x" * (LARGE_BODY_BYTES - 1000)) for _ in range(3)]
    senders.come(b"")
    comers[0][0]._wait_for_request(1)  # it has moved on since
    senders.front._bound_memory()
    assert [wire.aborted for _, wire in comers] == [False, True, False]
    for connection, _ in comers:
        connection.connection_lost(None)
        assert connection.kept_bytes < 1000
    assert senders.front.bodies._large == 0


def test_what_an_error_leaves_behind_keeps_no_body() -> None:
    errors: list[Exception] = []

    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        try:
            raise LookupError
        except LookupError as error:
            errors.append(error)  # and with it the frames of all that called
        start_response("200 OK", [])
        return [b"done"]

    tracemalloc.start()
    try:
        with fronting(app, max_body=most) as fronted:
            for _ in range(3):
                assert answer_to(fronted, head(MOST) + b"x" * MOST) == (200, b"done")
            wait_until(lambda: tracemalloc.get_traced_memory()[0] < MOST)
    finally:
        tracemalloc.stop()
    assert len(errors) == 3


def test_a_body_that_is_not_wanted_keeps_no_memory() -> None:
    bodies = Bodies(most)
    reader = reading(bodies, in_chunks(b"x" * (MOST + 1000))[:-5])
    assert reader.unwanted
    assert reader.kept_bytes < 1000
    assert bodies._large == 0
