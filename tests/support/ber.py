"""The messages of LDAP as bytes (RFC 4511), as far as a scripted directory needs them."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping, Sequence

BIND, SEARCH, EXTENDED, UNBIND = 0x60, 0x63, 0x77, 0x42  # requests
BOUND, ENTRY, DONE, REFERENCE, ANSWERED = 0x61, 0x64, 0x65, 0x73, 0x78  # responses
_INTEGER, _OCTETS, _ENUMERATED, _SEQUENCE, _SET = 0x02, 0x04, 0x0A, 0x30, 0x31
_CONTROLS = 0xA0
PAGED = b"1.2.840.113556.1.4.319"


def element(tag: int, *contents: bytes) -> bytes:
    """Return an element; its length is written as Active Directory writes it, in five bytes."""
    content = b"".join(contents)
    return bytes([tag, 0x84]) + len(content).to_bytes(4, "big") + content


def octets(value: str | bytes) -> bytes:
    return element(_OCTETS, value.encode() if isinstance(value, str) else value)


def message(number: int, operation: bytes, controls: bytes = b"") -> bytes:
    ident = bytes([_INTEGER, 4]) + number.to_bytes(4, "big")
    return element(_SEQUENCE, ident, operation, controls)


def result(tag: int, code: int, text: str = "", more: bytes = b"") -> bytes:
    """Return a response that is a result, such as DONE."""
    return element(tag, element(_ENUMERATED, bytes([code])), octets(""), octets(text), more)


def entry(name: str, values: Mapping[str, Sequence[str | bytes]]) -> bytes:
    attributes = [
        element(_SEQUENCE, octets(attribute), element(_SET, *map(octets, texts)))
        for attribute, texts in values.items()
    ]
    return element(ENTRY, octets(name), element(_SEQUENCE, *attributes))


def reference(url: str) -> bytes:
    """Return a search result reference: where a part of the answer is said to be."""
    return element(REFERENCE, octets(url))


def page_control(cookie: bytes) -> bytes:
    """Return the controls that say what to send for the next page."""
    value = element(_SEQUENCE, element(_INTEGER, b"\0"), octets(cookie))
    return element(_CONTROLS, element(_SEQUENCE, octets(PAGED), octets(value)))


def notice_of_disconnection() -> bytes:
    name = element(0x8A, b"1.3.6.1.4.1.1466.20036")
    return message(0, result(ANSWERED, 52, "going down", name))


def nested(depth: int) -> bytes:
    """Return an element in an element, and so on."""
    made = b""
    for _ in range(depth):
        made = element(_SEQUENCE, made)
    return made


def number_of(whole: bytes) -> int:
    """Return the ID of a message."""
    start = _content_start(whole)
    return int.from_bytes(whole[start + 2:_operation_start(whole)], "big")


def operation_of(whole: bytes) -> int:
    """Return the tag of a message's operation."""
    return whole[_operation_start(whole)]


def _operation_start(whole: bytes) -> int:
    start = _content_start(whole)
    return start + 2 + whole[start + 1]


def messages(connection: socket.socket) -> Iterator[bytes]:
    """Yield the messages that come on a connection, each whole."""
    came = b""
    while piece := connection.recv(65_536):
        came += piece
        while (size := _size(came)) and len(came) >= size:
            yield came[:size]
            came = came[size:]


def _size(data: bytes) -> int:
    """Return how many bytes a message has, 0 where it does not say so yet."""
    start = _content_start(data)
    if not start or len(data) < start:
        return 0
    length = data[1] if data[1] < 0x80 else int.from_bytes(data[2:start], "big")
    return start + length


def _content_start(data: bytes) -> int:
    if len(data) < 2:
        return 0
    return 2 if data[1] < 0x80 else 2 + (data[1] & 0x7F)
