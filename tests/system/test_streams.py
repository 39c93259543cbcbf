"""Streamed answers of a server that runs as a process of its own, and is told to stop."""

import http.client
import re
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from support.processes import PROJECT, Running
from support.streaming import SMALL, SMALL_PIECES
from support.timing import timed

pytestmark = timed

PATIENCE_SECONDS = 60
MOST_MEGABYTES = 30


@contextmanager
def streaming(path: str, seconds: float) -> Iterator[tuple[Running, http.client.HTTPResponse]]:
    """Run a server and ask it for a stream; it gets so many seconds when it is told to stop."""
    where = {"PYTHONPATH": str(PROJECT / "tests")}
    process = Running("support.streaming", str(seconds), environment=where)
    try:
        process.wait_for(r"listens on port \d+$")
        port = int(re.findall(r"listens on port (\d+)", process.output)[0])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        with closing(connection):
            connection.request("GET", path)
            yield process, connection.getresponse()
    finally:
        process.close()


def test_a_stream_that_heeds_the_stop_ends_in_order() -> None:
    with streaming("/orderly", seconds=8) as (process, answer):
        assert answer.read1() == b"begun"
        code, _ = process.end(signal.SIGTERM)
        assert answer.read() == b", and ended in order"
    assert (code, process.output.count("closed /orderly")) == (0, 1)


def test_a_stream_that_does_not_is_cut_when_the_time_is_over_and_closed() -> None:
    with streaming("/endless", seconds=0.5) as (process, answer):
        assert answer.read1(1)
        code, _ = process.end(signal.SIGTERM)
        with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
            answer.read()
    assert (code, process.output.count("closed /endless")) == (1, 1)


def test_a_second_signal_cuts_streams_at_once_and_closes_them() -> None:
    with streaming("/endless", seconds=60) as (process, answer):
        assert answer.read1(1)
        process.signal(signal.SIGTERM)
        code, _ = process.end(signal.SIGINT)
    assert (code, process.output.count("closed /endless")) == (1, 1)


def test_a_long_stream_of_small_pieces_takes_no_memory_to_speak_of() -> None:
    size = 0
    with streaming("/small", seconds=8) as (process, answer):
        while piece := answer.read(1_000_000):
            size += len(piece)
        assert process.end(signal.SIGTERM)[0] == 0
    assert size == len(SMALL) * SMALL_PIECES
    assert int(re.findall(r"took (\d+) MB", process.output)[0]) < MOST_MEGABYTES
