"""The server's front, piece by piece: requests out of bytes, threads, and the pace of readers."""

import asyncio
import resource
import threading
import weakref
from collections.abc import Callable
from contextlib import closing
from functools import partial
from http import HTTPStatus
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flaskr.front import connection as connections
from flaskr.front import front as fronts
from flaskr.front.bodies import Bodies
from flaskr.front.connection import Connection
from flaskr.front.descriptors import allow_connections
from flaskr.front.front import Front
from flaskr.front.pace import LEAST_BYTES
from flaskr.front.reply import DELAY, Reply, WsgiAnswer, reply_of
from flaskr.front.request import RefusedRequest, Request, RequestReader
from flaskr.front.threads import Job, Threads

MAX_BODY = 1000
PUT = (
    b"PUT /spaces/zo%C3%AB?a=1 HTTP/1.1\r\nHost: 127.0.0.1:5000\r\nX-Key: k\xc3\xab\r\n"
    b"Content-Length: 9\r\n\r\nname=Zo\xc3\xab"
)
CHUNKED = (
    b"POST /x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nname=\r\n4\r\nZo\xc3\xab\r\n0\r\nX-Trailer: a\r\n\r\n"
)
GET = b"GET /typed/zo\xc3\xab HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"
REQUESTS = st.sampled_from([PUT, CHUNKED, GET])


def read(*pieces: bytes) -> tuple[list[Request], RefusedRequest | None]:
    """Return what a connection brings in these pieces, after which it ends."""
    reader = RequestReader(Bodies(MAX_BODY))
    requests = [request for piece in pieces for request in reader.feed(piece)]
    reader.end()
    return requests, reader.refusal


@given(REQUESTS, st.data())
def test_a_request_is_the_same_in_whatever_pieces_it_comes(request: bytes, data: Any) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(request)), max_size=6)))
    pieces = [request[a:b] for a, b in zip([0, *cuts], [*cuts, len(request)])]
    assert read(*pieces) == read(request)
    assert read(*pieces)[1] is None


@given(REQUESTS, st.data())
def test_what_ends_in_the_middle_is_no_request(request: bytes, data: Any) -> None:
    end = data.draw(st.integers(1, len(request) - 1))
    requests, refusal = read(request[:end])
    assert requests == []
    assert refusal is not None
    assert refusal.status == HTTPStatus.BAD_REQUEST


@given(st.binary(max_size=300), REQUESTS, st.data())
def test_whatever_comes_is_a_request_or_refused(noise: bytes, request: bytes, data: Any) -> None:
    place = data.draw(st.integers(0, len(request)))
    requests, refusal = read(request[:place] + noise + request[place:])
    assert requests or refusal
    assert all(isinstance(found, Request) for found in requests)


def test_several_requests_in_one_piece_are_read_one_behind_the_other() -> None:
    requests, refusal = read(PUT + CHUNKED + GET.replace(b"\xc3\xab", b""))
    assert [request.method for request in requests] == ["PUT", "POST", "GET"]
    assert [request.body for request in requests] == [b"name=Zo\xc3\xab"] * 2 + [b""]
    assert refusal is None


def test_a_path_that_is_not_ascii_is_read_as_if_it_were_encoded() -> None:
    assert read(GET)[0][0].target == "/typed/zo%C3%AB"


def test_the_host_in_an_absolute_address_counts_more_than_the_header() -> None:
    [request], _ = read(b"GET http://evil.example/a?b HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert request.target == "/a?b"
    assert [value for name, value in request.headers if name == "host"] == ["evil.example"]


def test_an_old_client_may_name_no_host() -> None:
    [request], _ = read(b"GET / HTTP/1.0\r\n\r\n")
    assert not request.keep_alive


def test_a_body_that_is_too_large_is_read_but_not_kept() -> None:
    reader = RequestReader(Bodies(MAX_BODY))
    head = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n"
    assert reader.feed(head + b"x" * 4999) == []
    assert reader.refusal is None
    assert reader.kept_bytes < 100
    reader.feed(b"x")
    assert reader.refusal is not None
    assert reader.refusal.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_whoever_asks_before_sending_a_body_is_told_to_send_it() -> None:
    reader = RequestReader(Bodies(MAX_BODY))
    head = b"PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
    assert reader.feed(head) == []
    assert reader.wants_continue
    assert len(reader.feed(b"a=1")) == 1


def test_a_request_for_another_protocol_is_the_last_on_its_connection() -> None:
    request = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    [found], refusal = read(request + b"PRI * HTTP/2.0")
    assert not found.keep_alive
    assert refusal is not None


def test_a_body_in_a_piece_of_its_own_is_read_as_it_came() -> None:
    head, _, body = PUT.partition(b"\r\n\r\n")
    [request], refusal = read(head + b"\r\n\r\n", body)
    assert (request.body, refusal) == (b"name=Zo\xc3\xab", None)


def test_a_body_never_becomes_a_request_of_its_own() -> None:
    inner = b"DELETE /api/v1/cms/spaces/kate HTTP/1.1\r\nHost: localhost\r\n\r\n"
    body = b"\xff" * (len(inner) // 2 + 1) + inner
    head = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body)
    requests, refusal = read(head, body)
    assert [request.method for request in requests] == ["GET"]
    assert refusal is None


@pytest.mark.parametrize(
    "pieces",
    [
        [b"GET / HTTP/1.1\r\nHost: a\r\nX-A: "] + [b"a" * 10_000] * 8,
        [b"GET / HTTP/1.1\r\nHost: a\r\n"] + [b"X-A: " + b"a" * 1000 + b"\r\n"] * 80,
        [CHUNKED[:-2]] + [b"X-A: " + b"a" * 1000 + b"\r\n"] * 80,
        [CHUNKED[:-2] + b"X-A: "] + [b"a" * 10_000] * 8,
        [CHUNKED[:-2]] + [b"A:b\r\n" * 10_000] * 8,
    ],
    ids=["one header", "headers", "trailers", "one trailer", "small trailers"],
)
def test_headers_are_bounded_before_a_body_and_behind_it(pieces: list[bytes]) -> None:
    requests, refusal = read(*pieces)
    assert requests == []
    assert refusal is not None
    assert refusal.status == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE


def test_many_small_requests_in_one_piece_are_no_large_header() -> None:
    small = b"GET / HTTP/1.1\r\nHost: a\r\nX-A: " + b"a" * 3000 + b"\r\n\r\n"
    requests, refusal = read(small * 40 + small)
    assert (len(requests), refusal) == (41, None)


def test_only_so_many_requests_are_read_ahead() -> None:
    requests, refusal = read(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 1000)
    assert len(requests) == 64
    assert refusal is not None


@pytest.mark.parametrize(
    "head",
    [
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET *abc HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    ],
)
def test_what_is_almost_http_is_refused(head: bytes) -> None:
    requests, refusal = read(head)
    assert (requests, refusal is None) == ([], False)


def test_only_blanks_and_tabs_around_a_header_do_not_count() -> None:
    head = b"GET / HTTP/1.1\r\nHost: a\r\nX-Key:\t\xa0key\x85 \r\n\r\n"
    assert ("x-key", "\xa0key\x85") in read(head)[0][0].headers


@pytest.mark.parametrize(("expect", "version"), [("100-Continue", "1.1"), ("100-continue", "1.0")])
def test_only_who_can_understand_it_is_told_to_go_on(expect: str, version: str) -> None:
    reader = RequestReader(Bodies(MAX_BODY))
    head = f"PUT / HTTP/{version}\r\nHost: a\r\nExpect: {expect}\r\nContent-Length: 3\r\n\r\n"
    reader.feed(head.encode())
    assert reader.wants_continue == (version == "1.1")


# Answers.

def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    environ[DELAY] = 2
    start_response("200 OK", [("X-Key", environ.get("HTTP_X_KEY", "none"))])
    return [environ["PATH_INFO"].encode("latin-1"), b" ", environ["wsgi.input"].read()]


def answer_to(data: bytes, app: object = echo) -> WsgiAnswer:
    [request], _ = read(data)
    return WsgiAnswer(cast(Any, app), request, "127.0.0.1", ("127.0.0.1", 80), lambda: False)


def reply_to(data: bytes) -> Reply:
    with closing(answer_to(data)) as answer:
        assert not answer.is_stream
        return answer.whole()


def test_an_application_gets_the_request_as_wsgi_has_it() -> None:
    answer = answer_to(PUT)
    reply = answer.whole()
    assert reply.body.decode() == "/spaces/zoë name=Zoë"
    assert "\r\nX-Key: kë\r\n".encode() in reply.head
    assert answer.delay == 2


def test_a_header_with_an_underscore_does_not_pass_for_another() -> None:
    assert b"\r\nX-Key: none\r\n" in reply_to(PUT.replace(b"X-Key", b"X_Key")).head


def test_what_follows_a_body_has_no_say() -> None:
    assert b"\r\nX-Key: none\r\n" in reply_to(CHUNKED.replace(b"X-Trailer", b"X-Key")).head


def test_the_answer_to_head_says_how_long_it_is_and_has_no_body() -> None:
    head = reply_to(GET).to_bytes(keep_alive=True, head_only=True)
    assert head.endswith(b"\r\nConnection: keep-alive\r\n\r\n")
    assert b"\r\nContent-Length: 12\r\n" in head


def test_an_answer_without_content_says_no_length() -> None:
    assert b"Content-Length" not in reply_of("204 No Content", [], b"").to_bytes(False)


def test_the_date_is_said_once() -> None:
    assert reply_of("200 OK", [("Date", "today")], b"").head.lower().count(b"\r\ndate:") == 1
    assert reply_of("200 OK", [], b"").head.lower().count(b"\r\ndate:") == 1


# Threads.


class Held:
    """A job that works until it is let go; what became of it stands in `outcomes`."""

    def __init__(self, outcomes: list[str], name: str, reads: bool) -> None:
        self.go_on = threading.Event()
        self.job = Job(self._work, outcomes.append, lambda: outcomes.append(f"no {name}"), reads)
        self._name = name

    def _work(self) -> str:
        self.go_on.wait(5)
        return self._name


def test_reads_come_first_and_some_threads_are_theirs() -> None:
    async def main() -> list[str]:
        outcomes: list[str] = []
        threads = Threads(asyncio.get_running_loop(), threads=2, writers=1, patience=None)
        names = ["write 1", "write 2", "write 3", "read 1", "read 2"]
        held = {name: Held(outcomes, name, name.startswith("read")) for name in names}
        for job in held.values():
            threads.submit(job.job)
        # The first write has one thread, the first read the other: no further write gets it.
        for name in ("read 1", "read 2", "write 1", "write 2", "write 3"):
            held[name].go_on.set()
            while name not in outcomes:
                await asyncio.sleep(0.001)
        return outcomes

    expected = ["read 1", "read 2", "write 1", "write 2", "write 3"]
    assert asyncio.run(main()) == expected


def test_who_gets_no_thread_in_time_is_told_so() -> None:
    async def main() -> list[str]:
        outcomes: list[str] = []
        threads = Threads(asyncio.get_running_loop(), threads=1, writers=1, patience=0.05)
        first, second = Held(outcomes, "first", True), Held(outcomes, "second", True)
        threads.submit(first.job)
        threads.submit(second.job)
        await asyncio.sleep(0.2)
        first.go_on.set()
        await asyncio.sleep(0.1)
        return outcomes

    assert asyncio.run(main()) == ["no second", "first"]


def test_a_write_that_waits_has_its_turn_while_many_read() -> None:
    async def main() -> list[str]:
        outcomes: list[str] = []
        threads = Threads(asyncio.get_running_loop(), threads=1, writers=1, patience=None)
        names = ["read 0", "write", *(f"read {number}" for number in range(1, 10))]
        held = [Held(outcomes, name, name.startswith("read")) for name in names]
        for job in held:
            job.go_on.set()
            threads.submit(job.job)
        while len(outcomes) < len(names):
            await asyncio.sleep(0.001)
        return outcomes

    assert asyncio.run(main()).index("write") <= 4


def test_where_there_is_no_thread_left_it_is_said_and_the_next_is_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def main() -> list[str]:
        outcomes: list[str] = []
        threads = Threads(asyncio.get_running_loop(), threads=2, writers=1, patience=None)
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", no_thread)
            threads.submit(Held(outcomes, "first", True).job)
            await asyncio.sleep(0.01)
        second = Held(outcomes, "second", True)
        second.go_on.set()
        threads.submit(second.job)
        while len(outcomes) < 2:
            await asyncio.sleep(0.001)
        return outcomes

    def no_thread(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    assert asyncio.run(main()) == ["no first", "second"]


def test_a_thread_that_waits_keeps_nothing_of_the_job_before() -> None:
    class Body:
        pass

    async def main() -> None:
        threads = Threads(asyncio.get_running_loop(), threads=1, writers=1, patience=None)
        body = Body()
        gone = weakref.ref(body)
        outcomes: list[type[Body]] = []
        threads.submit(Job(partial(type, body), outcomes.append, lambda: None, True))
        del body
        while not outcomes or gone():
            await asyncio.sleep(0.001)

    asyncio.run(asyncio.wait_for(main(), 5))


# A connection and its time.


class Wire:
    """What a connection writes to, which takes only so many bytes."""

    def __init__(self, takes: int) -> None:
        self.unsent = 0
        self.takes = takes
        self.sent = b""
        self.aborted = False

    def write(self, data: bytes) -> None:
        self.sent += data
        self.unsent = max(0, len(data) - self.takes)

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def abort(self) -> None:
        self.aborted = True

    def is_closing(self) -> bool:
        return self.aborted

    def get_extra_info(self, name: str) -> tuple[str, int]:
        return ("127.0.0.1", 1)

    def write_eof(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def set_write_buffer_limits(self, high: int) -> None:
        assert high == 0

    def pause_reading(self) -> None:
        pass


class Office:
    """A server that answers at once, with a clock to set."""

    bodies = Bodies(MAX_BODY)

    def __init__(self, answer_bytes: int, stopping: bool) -> None:
        self.stopping = stopping
        self.clock = [0.0]
        self._answer_bytes = answer_bytes

    def now(self) -> float:
        return self.clock[0]

    def later(self, *_: Any) -> None:
        raise AssertionError

    def waits(self, connection: Connection) -> None:
        pass

    def works(self, connection: Connection) -> None:
        pass

    def closed(self, connection: Connection) -> None:
        pass

    def answer(self, connection: Connection, request: Request) -> None:
        connection.answer(Reply(b"", b"x" * self._answer_bytes), request)

    def done_with(self, request: Request) -> None:
        raise AssertionError

    def refuse(
        self, connection: Connection, refusal: RefusedRequest, request: Request | None = None
    ) -> Reply:
        raise AssertionError


def writing(answer_bytes: int, stopping: bool = False) -> tuple[Connection, Wire, list[float]]:
    """Return a connection that answers, its reader, who takes 100 bytes, and the time to set."""
    office = Office(answer_bytes, stopping)
    connection, wire = Connection(office), Wire(takes=100)
    connection.connection_made(cast(asyncio.Transport, wire))
    connection.data_received(GET)
    return connection, wire, office.clock


@pytest.mark.parametrize(("stopping", "said"), [(False, b"keep-alive"), (True, b"close")])
def test_a_connection_is_kept_unless_the_server_is_stopping(stopping: bool, said: bytes) -> None:
    _, wire, _ = writing(answer_bytes=1, stopping=stopping)
    assert wire.sent == b"Connection: " + said + b"\r\n\r\nx"


def test_a_reader_who_takes_nothing_is_left() -> None:
    connection, wire, clock = writing(answer_bytes=10_000_000)
    clock[0] = connections.WRITE_SECONDS - 0.1
    connection.check(clock[0])
    assert not wire.aborted
    clock[0] += 0.2
    connection.check(clock[0])
    assert wire.aborted


def test_a_reader_who_is_slow_but_reads_gets_the_answer() -> None:
    connection, wire, clock = writing(answer_bytes=10_000_000)
    for _ in range(20):
        clock[0] += connections.WRITE_SECONDS
        wire.unsent -= LEAST_BYTES
        connection.check(clock[0])
        assert not wire.aborted
    clock[0] += connections.WRITE_SECONDS
    wire.unsent -= 10
    connection.check(clock[0])
    assert wire.aborted


def test_as_many_connections_are_allowed_as_the_system_has_descriptors_for() -> None:
    assert allow_connections(64) == 64
    assert allow_connections(10**9) < 10**9


@pytest.mark.parametrize(("hard", "asked", "given"), [(64, 100, 32), (256, 4096, 128)])
def test_few_descriptors_leave_some_connections(
    monkeypatch: pytest.MonkeyPatch, hard: int, asked: int, given: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (hard, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda *_: None)
    assert allow_connections(asked) == given


class Crowd:
    """A front with a clock of its own, and connections that come to it."""

    def __init__(self, size: int) -> None:
        self.front = Front(
            cast(Any, echo), lambda *_: ([], b""),
            max_body=1, threads=1, writers=1, connections=size,
        )
        self.clock = 0.0
        self.front.now = lambda: self.clock  # type: ignore[method-assign]
        self.wires: list[Wire] = []
        self.connections: list[Connection] = []

    def come(self) -> Connection:
        self.clock += 1
        self.wires.append(Wire(takes=0))
        self.connections.append(Connection(self.front))
        self.connections[-1].connection_made(cast(asyncio.Transport, self.wires[-1]))
        return self.connections[-1]


@pytest.mark.parametrize("size", [1, 100])
def test_a_full_house_ends_the_connection_that_has_waited_longest(size: int) -> None:
    crowd = Crowd(size)
    for _ in range(size + 1):
        crowd.come()
    assert [wire.aborted for wire in crowd.wires] == [True] + [False] * size


def test_answers_that_are_held_back_keep_nobody_out() -> None:
    crowd = Crowd(2)
    crowd.front.answer = lambda *_: None  # type: ignore[method-assign]
    crowd.front.later = lambda *_: None  # type: ignore[method-assign]
    [request], _ = read(GET)
    for connection in (crowd.come(), crowd.come()):
        connection.data_received(GET)
        connection.hold(8, Reply(b"", b""), request)
    crowd.come()
    assert [wire.aborted for wire in crowd.wires] == [True, False, False]


def test_who_is_gone_is_not_begun_with() -> None:
    begun: list[str] = []
    crowd = Crowd(2)
    crowd.front.answer = (  # type: ignore[method-assign]
        lambda connection, request: begun.append(request.method)
    )
    connection = crowd.come()
    connection.data_received(GET + b"DELETE / HTTP/1.1\r\nHost: a\r\n\r\n")
    crowd.wires[0].aborted = True
    connection.answer(Reply(b"", b""), read(GET)[0][0])
    connection.connection_lost(None)
    assert begun == ["GET"]
    assert not crowd.front._connections and not crowd.front._waiting


def test_slow_readers_together_keep_only_so_much_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fronts, "MAX_KEPT_BYTES", 250)
    crowd = Crowd(9)
    for _ in range(4):
        crowd.come()._unsent = 100
    crowd.front._bound_memory()
    assert [wire.aborted for wire in crowd.wires] == [True, True, False, False]
