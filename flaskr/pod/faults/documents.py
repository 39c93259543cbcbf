"""What faults do to the XML of an answer: one function each, with the answer and a value."""

from __future__ import annotations

import re
from json import dumps
from xml.sax.saxutils import quoteattr

from flaskr.pod.wire.exchange import OutgoingAnswer

MEGABYTE = 1024 * 1024
ENTITY_LEVELS = 9

_DOCUMENT = re.compile(
    rb"(?P<declaration><\?xml[^>]*>)(?P<root><(?P<name>\w+)[^>]*>)(?P<rest>.*)", re.DOTALL
)
_STAND_IN = b'<?xml version="1.0"?><answer></answer>'


def truncated(answer: OutgoingAnswer, share: float) -> None:
    """Keep only the beginning of the body, with the Content-Length of that."""
    answer.body = answer.body[:int(len(answer.body) * share)]


def latin_1(body: bytes) -> bytes:
    """Return letters in Latin-1 where UTF-8 is declared."""
    return _with(body, content="<a>Zoë</a>".encode("latin-1"))


def utf_16(body: bytes) -> bytes:
    """Return UTF-16 where UTF-8 is declared."""
    declared = _with(body, declaration=b'<?xml version="1.0" encoding="UTF-8"?>')
    return declared.decode("utf-8").encode("utf-16")


def unknown_encoding(body: bytes) -> bytes:
    """Return the document with an encoding declared that doesn't exist."""
    return _with(body, declaration=b'<?xml version="1.0" encoding="x-pod6"?>')


ENCODINGS = {"latin-1": latin_1, "utf-16": utf_16, "unknown": unknown_encoding}


def wrong_encoding(answer: OutgoingAnswer, name: str) -> None:
    """Use another encoding than the document says."""
    _rewrite(answer, ENCODINGS[name](answer.body or _STAND_IN))


def entity_bomb(answer: OutgoingAnswer, _: None) -> None:
    """Declare entities that grow tenfold at each level when they are expanded."""
    levels = [b'<!ENTITY e0 "boom">'] + [
        b'<!ENTITY e%d "%s">' % (level, b"&e%d;" % (level - 1) * 10)
        for level in range(1, ENTITY_LEVELS + 1)
    ]
    _rewrite(answer, _with(answer.body, b"".join(levels), b"<a>&e%d;</a>" % ENTITY_LEVELS))


def external_entity(answer: OutgoingAnswer, place: str) -> None:
    """Declare an entity that makes a careless reader fetch a file or URL."""
    quoted = place.replace('"', "%22").encode("utf-8")
    _rewrite(answer, _with(answer.body, b'<!ENTITY e SYSTEM "%s">' % quoted, b"<a>&e;</a>"))


def huge(answer: OutgoingAnswer, megabytes: int) -> None:
    """Put an element of that many megabytes in front."""
    _rewrite(answer, _with(answer.body, content=b"<a>" + b"x" * MEGABYTE * megabytes + b"</a>"))


def nested(answer: OutgoingAnswer, depth: int) -> None:
    """Put elements within elements in front."""
    _rewrite(answer, _with(answer.body, content=b"<a>" * depth + b"</a>" * depth))


def with_attribute(body: bytes, name: str, value: str | None) -> bytes:
    """Return the body with another value of the first attribute of that name, or without it.

    In JSON, it is what stands under that name with an @ before it.
    """
    attribute = re.compile(rb' %s="[^"]*"|"@%s":"[^"]*",?' % (name.encode(), name.encode()))
    return attribute.sub(lambda found: _attribute(found[0], name, value), body, count=1)


def _attribute(before: bytes, name: str, value: str | None) -> bytes:
    if value is None:
        return b""
    if before.startswith(b" "):
        return f" {name}={quoteattr(value)}".encode()
    comma = before[before.rindex(b'"') + 1:]
    return f'"@{name}":{dumps(value)}'.encode() + comma


def _rewrite(answer: OutgoingAnswer, body: bytes) -> None:
    answer.headers.setdefault("Content-Type", "text/xml")
    answer.body = body


def _with(
    body: bytes, entities: bytes = b"", content: bytes = b"", declaration: bytes = b""
) -> bytes:
    """Return the document with these entities declared, and this content first in its root."""
    found = _DOCUMENT.fullmatch(body) or _DOCUMENT.fullmatch(_STAND_IN)
    assert found is not None
    begin = declaration or found["declaration"]
    types = b"<!DOCTYPE %s [%s]>" % (found["name"], entities) if entities else b""
    return begin + types + found["root"] + content + found["rest"]
