"""Request bodies: read whole, of a known length or in chunks, and bounded."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from email.message import Message
from http import HTTPStatus
from io import BufferedIOBase

MAX_BODY = 1024 * 1024
MAX_LINE = 8192
# What is still taken from a client whose body is refused, so that it gets to read the refusal.
DISCARD_SECONDS = 1.0


class BodyRefused(Exception):
    """A body that can't be read, or is more than MAX_BODY bytes; `status` is what to answer."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


def read_body(headers: Message, stream: BufferedIOBase) -> bytes:
    """Return the body of a request; empty where none is announced. Raises BodyRefused."""
    if "Transfer-Encoding" in headers:
        if headers["Transfer-Encoding"].lower() != "chunked" or "Content-Length" in headers:
            raise BodyRefused(HTTPStatus.BAD_REQUEST)
        return b"".join(_chunks(stream))
    length = headers.get("Content-Length", "0")
    if not (length.isascii() and length.isdecimal()):
        raise BodyRefused(HTTPStatus.BAD_REQUEST)
    if len(length) > 9 or int(length) > MAX_BODY:
        raise BodyRefused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return _exactly(stream, int(length))


def discard(connection: socket.socket) -> None:
    """Read what a client still sends, for a short while, without keeping it."""
    with contextlib.suppress(OSError):
        connection.settimeout(DISCARD_SECONDS / 5)
        deadline = time.monotonic() + DISCARD_SECONDS
        while connection.recv(MAX_LINE) and time.monotonic() < deadline:
            continue


def _chunks(stream: BufferedIOBase) -> Iterator[bytes]:
    room = MAX_BODY
    while size := _chunk_size(stream.readline(MAX_LINE)):
        room -= size
        if room < 0:
            raise BodyRefused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        yield _exactly(stream, size)
        stream.readline(MAX_LINE)
    while stream.readline(MAX_LINE).strip():
        continue


def _chunk_size(line: bytes) -> int:
    digits = line.partition(b";")[0].strip()
    try:
        if not digits.isalnum() or len(digits) > 8:
            raise ValueError
        return int(digits, 16)
    except ValueError:
        raise BodyRefused(HTTPStatus.BAD_REQUEST) from None


def _exactly(stream: BufferedIOBase, length: int) -> bytes:
    found = stream.read(length)
    if len(found) < length:
        raise ConnectionAbortedError("the request ended early")
    return found
