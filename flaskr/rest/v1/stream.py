"""How one answer is read from a connection: strictly, and bounded in time and number of bytes."""

import io
import re
import time
from http import HTTPStatus
from http.client import HTTPMessage, HTTPResponse, parse_headers
from typing import Any

from flaskr.rest.v1.errors import UnreadableAnswer

MAX_WIRE_BYTES = 5 * 1024 * 1024  # of an answer, with all that is around its body
MAX_INTERIM = 20  # answers with a status of 1xx, before the one that counts
MAX_LINE = 4096  # around a chunk
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")
_LENGTH = re.compile(r"[0-9]{1,15}")


class Unanswered(ConnectionResetError):
    """The connection was closed before a byte of the answer was here."""


class _Wire(io.RawIOBase):
    """The bytes of one answer, as they come: bounded in time and number.

    Raises TimeoutError at the deadline, however slowly bytes come: a socket's own timeout starts
    again with every byte. Raises UnreadableAnswer beyond MAX_WIRE_BYTES, and Unanswered.
    """

    def __init__(self, stream: io.RawIOBase, sock: Any, deadline: float) -> None:
        super().__init__()
        self._stream = stream
        self._sock = sock
        self._deadline = deadline
        self._count = 0
        self.ended = False  # from then on there is nothing more to read

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.ended:
            return 0
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError("the answer took longer than the time allowed")
        self._sock.settimeout(remaining)
        count = self._read(buffer)
        self._count += count
        if not self._count:
            raise Unanswered("the connection was closed before the answer began")
        if self._count > MAX_WIRE_BYTES:
            raise UnreadableAnswer(f"it is larger than {MAX_WIRE_BYTES // 2**20} MiB")
        return count

    def _read(self, buffer: Any) -> int:
        try:
            return self._stream.readinto(buffer) or 0
        except ConnectionError as error:
            if self._count:
                raise
            raise Unanswered("the connection was reset before the answer began") from error

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Stream(io.BufferedReader):
    """The bytes of one answer, buffered.

    Once it is closed, `left_over` says whether something had come behind the answer.
    """

    def __init__(self, wire: _Wire) -> None:
        super().__init__(wire)
        self._wire = wire
        self.left_over = False

    def readline(self, size: int | None = -1, /) -> bytes:
        """Return a line, or its beginning of that size. Raises ConnectionResetError for a cut one.

        `http.client` would take a cut for the end of the headers, and the answer for one without
        a body.
        """
        line = super().readline(size)
        if not line.endswith(b"\n") and len(line) != size:
            raise ConnectionResetError("the connection was closed in the middle of the answer")
        return line

    def close(self) -> None:
        if not self.closed:
            self._wire.ended = True  # so that a look at what is buffered waits for nothing
            self.left_over = bool(self.peek(1))
        super().close()


class _Chunks(io.RawIOBase):
    """The body in a stream of chunks, read strictly (RFC 9112, section 7.1).

    urllib3 takes for a size whatever Python takes for a number: -5, 0x5 and 5_0 too.
    """

    def __init__(self, stream: _Stream) -> None:
        super().__init__()
        self._stream = stream
        self._left = 0  # of the chunk that is being read
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left and not self._ended:
            self._begin_chunk()
        if self._ended:
            return 0
        count = self._stream.readinto(memoryview(buffer)[:self._left])
        if not count:
            raise ConnectionResetError("the connection was closed in the middle of a chunk")
        self._left -= count
        if not self._left and self._stream.readline(2) != b"\r\n":
            raise UnreadableAnswer("a chunk is longer than it says")
        return count

    def _begin_chunk(self) -> None:
        size = _CHUNK_SIZE.fullmatch(self._stream.readline(MAX_LINE))
        if not size:
            raise UnreadableAnswer("the size of a chunk is not a number, or one that is too large")
        self._left = int(size[1], 16)
        if not self._left:
            self._skip_trailers()
            self._ended = True

    def _skip_trailers(self) -> None:
        while self._stream.readline(MAX_LINE) != b"\r\n":
            continue

    def close(self) -> None:
        self._stream.close()
        super().close()


class TimedResponse(HTTPResponse):
    """An answer that must be here, whole, within the timeout that its socket has at its start.

    It must say clearly where it ends: what follows would be taken for the next answer.
    """

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        stream: Any = self.fp
        deadline = time.monotonic() + sock.gettimeout()  # urllib3 has set it to the time left
        self.stream = _Stream(_Wire(stream.detach(), sock, deadline))
        self.fp: Any = self.stream

    def begin(self) -> None:
        super().begin()
        _check_head(self.headers)
        if self.chunked:
            # What is read from here on is the body (RFC 9112, section 7.1.3).
            del self.headers["Transfer-Encoding"]
            self.chunked = False
            self.fp = _Chunks(self.stream)

    def _read_status(self) -> tuple[str, int, str]:
        """Return the status line behind the interim answers, which are skipped.

        `http.client` only skips those with the status 100, and any number of them.
        """
        for _ in range(MAX_INTERIM + 1):
            line: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]
            if not 100 <= line[1] < 200:
                return line
            if line[1] == HTTPStatus.SWITCHING_PROTOCOLS:
                raise UnreadableAnswer("it goes on in another protocol, unasked (status 101)")
            parse_headers(self.fp)
        raise UnreadableAnswer(f"more than {MAX_INTERIM} interim answers come before it")


def _check_head(headers: HTTPMessage) -> None:
    """Raise UnreadableAnswer where headers do not say clearly where the answer ends."""
    codings = headers.get_all("Transfer-Encoding", [])
    lengths = {length.strip(" \t") for length in headers.get_all("Content-Length", [])}
    if headers.defects or headers.get_payload():
        raise UnreadableAnswer("a line among its headers is malformed")
    if codings and ([coding.strip().lower() for coding in codings] != ["chunked"] or lengths):
        raise UnreadableAnswer("it does not say clearly where its chunks end")
    if len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
        raise UnreadableAnswer("its Content-Length is not a number, or several")
