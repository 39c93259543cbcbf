"""Answers that the server's front sends as they are made, to a reader at the other end."""

import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from support.fronts import (
    PATIENCE_SECONDS, App, Environ, Fronted, Pieces, Reader, StartResponse, answering, fronting,
    get, wait_until,
)

from flaskr.front import connection as connections
from flaskr.front import front as fronts
from flaskr.front.reply import DELAY, STOPPING
from flaskr.front.stream import MOST_UNSENT, Stream

PIECE = b"x" * 1000


class Gate:
    """Pieces that are let out one by one."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = pieces
        self._places = threading.Semaphore(0)

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            assert self._places.acquire(timeout=PATIENCE_SECONDS)
            yield piece

    def let_out(self) -> None:
        self._places.release()


@contextmanager
def asked(fronted: Fronted, *requests: bytes) -> Iterator[Reader]:
    """Send requests on one connection; the block reads the answers."""
    with fronted.connect() as connection:
        connection.sendall(b"".join(requests))
        yield Reader(connection)


def endless() -> Iterator[bytes]:
    while True:
        yield PIECE


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def by_path(**apps: App) -> App:
    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return apps[environ["PATH_INFO"][1:]](environ, start_response)

    return app


def whole(body: bytes) -> App:
    return answering([body])


def test_each_piece_goes_out_before_the_next_is_made() -> None:
    gate = Gate(b"one", b"two", b"three")
    with fronting(answering(Pieces(gate))) as fronted, asked(fronted, get()) as reader:
        gate.let_out()
        head = reader.until(b"\r\n\r\n")
        assert b"\r\nTransfer-Encoding: chunked\r\n" in head
        assert b"\r\nConnection: keep-alive\r\n" in head
        assert b"Content-Length" not in head
        assert reader.chunk() == b"one"
        for piece in (b"two", b"three"):
            gate.let_out()
            assert reader.chunk() == piece
        assert reader.chunk() == b""


def test_an_older_caller_knows_the_end_by_the_connections() -> None:
    request = get("/", "Connection: keep-alive", version="1.0")
    pieces = Pieces([b"one", b"", b"two"])
    with fronting(answering(pieces)) as fronted, asked(fronted, request) as reader:
        head, _, body = reader.rest().partition(b"\r\n\r\n")
    assert b"Transfer-Encoding" not in head
    assert b"\r\nConnection: close" in head
    assert body == b"onetwo"


def test_the_answer_to_head_is_not_made() -> None:
    pieces = Pieces([b"one"])
    app = by_path(stream=answering(pieces), whole=whole(b"next"))
    requests = (get("/stream", method="HEAD"), get("/whole", "Connection: close"))
    with fronting(app) as fronted, asked(fronted, *requests) as reader:
        head = reader.until(b"\r\n\r\n")
        assert b"\r\nTransfer-Encoding: chunked\r\n" in head
        assert reader.rest().startswith(b"HTTP/1.1 200 OK\r\n")
    assert pieces.closed.is_set()
    assert pieces.asked == 0


@pytest.mark.parametrize(
    ("app", "length"),
    [
        (answering((PIECE, PIECE)), 2000),
        (answering([PIECE]), 1000),
        (answering(iter([PIECE]), ("Content-Length", "1000")), 1000),
        (answering(iter([]), status="204 No Content"), 0),
    ],
    ids=["tuple", "list", "with length", "without content"],
)
def test_all_else_goes_out_whole(app: App, length: int) -> None:
    with fronting(app) as fronted, asked(fronted, get("/", "Connection: close")) as reader:
        head, _, body = reader.rest().partition(b"\r\n\r\n")
    assert b"Transfer-Encoding" not in head
    assert len(body) == length


def test_an_application_that_is_a_generator_is_asked_for_its_first_piece() -> None:
    def app(environ: Environ, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [("X-Late", "yes")])
        yield b"one"
        yield b"two"

    with fronting(app) as fronted, asked(fronted, get()) as reader:
        assert b"\r\nX-Late: yes\r\n" in reader.until(b"\r\n\r\n")
        assert reader.chunks() == b"onetwo"


def test_a_stream_without_a_piece_is_an_empty_answer() -> None:
    with fronting(answering(Pieces([b""]))) as fronted, asked(fronted, get()) as reader:
        reader.until(b"\r\n\r\n")
        assert reader.chunks() == b""


def test_long_pieces_arrive_as_they_were_made() -> None:
    long = bytes(range(256)) * 5000
    pieces = Pieces([b"short", long, b"", b"short"])
    with fronting(answering(pieces)) as fronted, asked(fronted, get()) as reader:
        reader.until(b"\r\n\r\n")
        assert reader.chunks() == b"short" + long + b"short"


def test_requests_behind_a_stream_are_answered_afterwards() -> None:
    gate = Gate(b"one", b"two")
    app = by_path(stream=answering(gate), whole=whole(b"next"))
    requests = (get("/stream"), get("/whole"))
    with fronting(app) as fronted, fronted.connect() as connection:
        reader = Reader(connection)
        connection.sendall(b"".join(requests))
        gate.let_out()
        reader.until(b"\r\n\r\n")
        connection.sendall(get("/whole", "Connection: close"))  # read ahead, and no more then
        gate.let_out()
        assert reader.chunks() == b"onetwo"
        assert reader.until(b"next").startswith(b"HTTP/1.1 200 OK\r\n")
        assert reader.rest().endswith(b"next")


def test_who_has_said_all_still_gets_a_stream_to_its_end() -> None:
    gate = Gate(b"one", b"two")
    with fronting(answering(gate)) as fronted, fronted.connect() as connection:
        reader = Reader(connection)
        connection.sendall(get())
        connection.shutdown(socket.SHUT_WR)
        gate.let_out()
        reader.until(b"\r\n\r\n")
        assert reader.chunk() == b"one"
        gate.let_out()
        assert reader.chunks() == b"two"


# Readers that are slow, or go away.


def test_a_stream_is_made_no_faster_than_it_is_read() -> None:
    woken: list[None] = []
    stream = Stream(b"", True, True, lambda: woken.append(None))
    pieces = Pieces(PIECE for _ in range(MOST_UNSENT // 1000 * 3))
    thread = threading.Thread(target=stream.send, args=(pieces,))
    thread.start()
    read = 0
    while thread.is_alive():
        data, _ = stream.take()
        assert data.count(b"x") <= len(stream._here) + stream._unsent <= MOST_UNSENT
        stream.note_unsent(len(data))
        assert len(stream._here) + stream._unsent <= MOST_UNSENT + 10
        stream.note_unsent(0)
        read += data.count(b"x")
    read += stream.take()[0].count(b"x")
    assert read == MOST_UNSENT // 1000 * 3 * 1000


def test_who_takes_nothing_has_no_more_made_and_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "WRITE_SECONDS", 0.5)
    pieces = Pieces(endless())
    with fronting(answering(pieces)) as fronted, asked(fronted, get()):
        assert pieces.closed.wait(PATIENCE_SECONDS)
        asked_for = pieces.asked
        assert fronted.front.stopping is False
    assert pieces.asked == asked_for


def test_nobody_is_cut_off_because_the_next_piece_takes_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "WRITE_SECONDS", 0.1)
    monkeypatch.setattr(fronts, "CHECK_SECONDS", 0.02)
    gate = Gate(b"one", b"two")
    with fronting(answering(gate)) as fronted, asked(fronted, get()) as reader:
        gate.let_out()
        reader.until(b"\r\n\r\n")
        assert reader.chunk() == b"one"
        threading.Event().wait(0.5)
        gate.let_out()
        assert reader.chunk() == b"two"


@pytest.mark.parametrize("leave", [socket.socket.close, reset], ids=["close", "reset"])
def test_who_goes_away_ends_the_making(leave: Callable[[socket.socket], None]) -> None:
    """While nobody reads, and the thread waits for that."""
    pieces = Pieces(endless())
    with fronting(answering(pieces)) as fronted, fronted.connect() as connection:
        connection.sendall(get())
        Reader(connection).until(b"\r\n\r\n")
        leave(connection)
        assert pieces.closed.wait(PATIENCE_SECONDS)


def test_no_further_piece_is_asked_for_once_the_reader_is_gone() -> None:
    gate = Gate(b"one", b"two", b"three", b"four")
    pieces = Pieces(gate)
    with fronting(answering(pieces)) as fronted, fronted.connect() as connection:
        connection.sendall(get())
        gate.let_out()
        Reader(connection).until(b"one")
        reset(connection)
        wait_until(lambda: not fronted.front._connections)
        assert not pieces.closed.is_set()
        gate.let_out()
        assert pieces.closed.wait(PATIENCE_SECONDS)
    assert pieces.asked == 2


def test_who_is_gone_is_noticed_also_where_nothing_is_read_from_them() -> None:
    """With a request behind the stream, the connection is not read on."""
    gate = Gate(b"one", b"two", b"three", b"four")
    pieces = Pieces(gate)
    with fronting(answering(pieces)) as fronted, fronted.connect() as connection:
        connection.sendall(get())
        gate.let_out()
        Reader(connection).until(b"one")
        connection.sendall(get("/ahead"))
        wait_until(lambda: any(each._ahead for each in fronted.front._connections))
        reset(connection)
        wait_until(lambda: not fronted.front._connections)
        assert not pieces.closed.is_set()
        gate.let_out()
        assert pieces.closed.wait(PATIENCE_SECONDS)
    assert pieces.asked == 2


def test_who_only_closes_is_noticed_by_the_piece_that_comes_back() -> None:
    gate = Gate(b"one", b"two", b"three", b"four")
    pieces = Pieces(gate)
    with fronting(answering(pieces)) as fronted, fronted.connect() as connection:
        connection.sendall(get())
        gate.let_out()
        Reader(connection).until(b"one\r\n")
        connection.close()
        gate.let_out()
        wait_until(lambda: not fronted.front._connections)
        assert not pieces.closed.is_set()
        gate.let_out()
        assert pieces.closed.wait(PATIENCE_SECONDS)
    assert pieces.asked == 3


def test_who_is_gone_before_the_first_piece_gets_none() -> None:
    gate = Gate(b"one", b"two")
    pieces = Pieces(gate)
    with fronting(answering(pieces)) as fronted, fronted.connect() as connection:
        connection.sendall(get())
        wait_until(lambda: pieces.asked == 1)
        reset(connection)
        wait_until(lambda: not fronted.front._connections)
        assert not pieces.closed.is_set()
        gate.let_out()
        assert pieces.closed.wait(PATIENCE_SECONDS)
    assert pieces.asked == 1


# Applications that fail.


def failing(*pieces: bytes) -> Iterator[bytes]:
    yield from pieces
    raise RuntimeError("broken off")


def test_what_breaks_off_has_no_end_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    pieces = Pieces(failing(b"one", b"two"))
    with fronting(answering(pieces)) as fronted, asked(fronted, get()) as reader:
        reader.until(b"\r\n\r\n")
        with pytest.raises(EOFError):
            reader.chunks()
    assert pieces.closed.is_set()
    assert [record.exc_info is not None for record in caplog.records] == [True]


def test_what_breaks_off_without_chunks_ends_in_a_reset() -> None:
    pieces = Pieces(failing(b"one", b"two"))
    request = get(version="1.0")
    with fronting(answering(pieces)) as fronted, asked(fronted, request) as reader:
        with pytest.raises(ConnectionResetError):
            reader.rest()


def test_what_fails_before_its_first_piece_is_an_error(caplog: pytest.LogCaptureFixture) -> None:
    pieces = Pieces(failing(b""))
    with fronting(answering(pieces)) as fronted, asked(fronted, get(), get()) as reader:
        assert reader.until(b"\r\n\r\n").startswith(b"HTTP/1.1 500 ")
        assert reader.exactly(21) == b"Internal Server Error"
    assert pieces.closed.is_set()
    assert caplog.records[0].message == "the application failed"


def test_an_application_that_says_nothing_has_failed_and_is_closed() -> None:
    pieces = Pieces([b"one"])
    with fronting(lambda *_: pieces) as fronted, asked(fronted, get()) as reader:
        assert reader.until(b"\r\n\r\n").startswith(b"HTTP/1.1 500 ")
    assert pieces.closed.is_set()


@pytest.mark.parametrize("headers", [[], [("Content-Length", "2")]], ids=["stream", "whole"])
def test_what_breaks_off_is_closed(headers: list[tuple[str, str]]) -> None:
    pieces = Pieces(failing(b"x"))
    with fronting(answering(pieces, *headers)) as fronted, asked(fronted, get()):
        assert pieces.closed.wait(PATIENCE_SECONDS)


# Held back, and refused.


def test_a_stream_is_held_back_where_the_application_says_so() -> None:
    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        environ[DELAY] = 0.2
        start_response("200 OK", [])
        return Pieces([b"one"])

    with fronting(app) as fronted, asked(fronted, get()) as reader:
        wait_until(lambda: any(
            each._state is connections.State.HELD for each in fronted.front._connections
        ))
        reader.until(b"\r\n\r\n")
        assert reader.chunks() == b"one"


def test_a_quarter_of_the_threads_work_on_streams_and_no_more() -> None:
    gates = [Gate(b"one", b"two") for _ in range(4)]
    streams = [Pieces(gate) for gate in gates]
    apps = {str(number): answering(stream) for number, stream in enumerate(streams)}
    app = by_path(whole=whole(b"whole"), **apps)
    with fronting(app, threads=8) as fronted, ExitStack() as stack:
        readers = [stack.enter_context(asked(fronted, get(f"/{number}"))) for number in range(2)]
        wait_until(lambda: [each.asked for each in streams] == [1, 1, 0, 0])
        with asked(fronted, get("/2"), get("/whole")) as refused:
            head = refused.until(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 503 ")
            assert b"\r\nRetry-After: 1\r\n" in head
            refused.until(b"whole")
        assert (streams[2].asked, streams[2].closed.is_set()) == (0, True)
        for gate in gates:
            gate.let_out()
            gate.let_out()
        for reader in readers:
            reader.until(b"\r\n\r\n")
            assert reader.chunks() == b"onetwo"
        wait_until(lambda: not fronted.front._stream_places.taken)
        with asked(fronted, get("/3")) as late:
            late.until(b"\r\n\r\n")
            assert late.chunks() == b"onetwo"


# The orderly stop.


def test_a_stop_lets_a_stream_end_in_order() -> None:
    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        def pieces() -> Iterator[bytes]:
            yield b"begun"
            while not environ[STOPPING]():
                yield b""
            yield b", and ended in order"

        start_response("200 OK", [])
        return pieces()

    with fronting(app) as fronted, asked(fronted, get()) as reader:
        reader.until(b"\r\n\r\n")
        assert reader.chunk() == b"begun"
        fronted.stop()
        assert reader.chunks() == b", and ended in order"
        assert reader.rest() == b""
        assert fronted.finished.result(PATIENCE_SECONDS) is True


@pytest.mark.parametrize("reads", [True, False])
def test_a_stop_cuts_and_closes_a_stream_that_does_not_end(reads: bool) -> None:
    pieces = Pieces(endless())
    with fronting(answering(pieces), seconds=0.3) as fronted, asked(fronted, get()) as reader:
        reader.until(b"\r\n\r\n")
        fronted.stop()
        if reads:
            with pytest.raises((EOFError, ConnectionResetError)):
                reader.chunks()
        assert fronted.finished.result(PATIENCE_SECONDS) is False
        assert pieces.closed.is_set()
