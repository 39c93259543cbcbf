"""What faults do to an answer: one function each, all of them with the answer and a value.

The functions know nothing of when they are used: that is in `faults`, and their names in `kinds`.
"""

from __future__ import annotations

import gzip as compression
import re
import secrets
from xml.sax.saxutils import quoteattr

from flaskr.pod.exchange import Answer
from flaskr.pod.failures import Reason, details, status_of

MEGABYTE = 1024 * 1024
ENTITY_LEVELS = 9
COOKIE_BYTES = 1000

_HTML = b"<!DOCTYPE html><html><title>Sign in</title><body><p>Please sign in<br></body></html>"
_DOCUMENT = re.compile(
    rb"(?P<declaration><\?xml[^>]*>)(?P<root><(?P<name>\w+)[^>]*>)(?P<rest>.*)", re.DOTALL
)
_STAND_IN = b'<?xml version="1.0"?><answer></answer>'
_TOTAL = re.compile(rb' (total|totalCount)="[^"]*"')
_ID = re.compile(rb' id="[^"]*"')
_LAST_SEGMENT = re.compile(r"[^/]*$")


def replace(answer: Answer, status: int, content_type: str = "", body: bytes = b"") -> None:
    """Put another answer in this one's place."""
    answer.status, answer.body = status, body
    answer.headers = {"Content-Type": content_type} if content_type else {}


def busy(answer: Answer, retry_after: str | None) -> None:
    """503, with Retry-After where there is a value (API description, 'URL format')."""
    replace(answer, 503)
    if retry_after is not None:
        answer.headers["Retry-After"] = retry_after


def status(answer: Answer, code: int) -> None:
    """A status and no body."""
    replace(answer, code)
    if code == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="acano"'


def failure(answer: Answer, codes: str) -> None:
    """Failure details with one or several codes, in the status of the first."""
    names = codes.split(",")
    replace(answer, status_of(names[0], 404), "text/xml", details(tuple(map(Reason, names))))


def redirect(answer: Answer, place: str) -> None:
    """302 to another place."""
    replace(answer, 302)
    answer.headers["Location"] = place


def html(answer: Answer, code: int) -> None:
    """A page for people, as proxies and sign-on portals send it."""
    replace(answer, code, "text/html; charset=utf-8", _HTML)


def json(answer: Answer, code: int) -> None:
    """JSON instead of XML."""
    replace(answer, code, "application/json", b'{"coSpaces": {"total": 0}}')


def text(answer: Answer, code: int) -> None:
    """Plain text instead of XML."""
    replace(answer, code, "text/plain", b"Service is starting\n")


def other_root(answer: Answer, code: int) -> None:
    """Sound XML of another kind than was asked for."""
    replace(answer, code, "text/xml", b'<?xml version="1.0"?><unexpected><a>1</a></unexpected>')


def truncated(answer: Answer, share: float) -> None:
    """Only the beginning of the body, with the Content-Length of that."""
    answer.body = answer.body[:int(len(answer.body) * share)]


def latin_1(body: bytes) -> bytes:
    """Letters in Latin-1 where UTF-8 is declared."""
    return _with(body, content="<a>Zoë</a>".encode("latin-1"))


def utf_16(body: bytes) -> bytes:
    """UTF-16 where UTF-8 is declared."""
    declared = _with(body, declaration=b'<?xml version="1.0" encoding="UTF-8"?>')
    return declared.decode("utf-8").encode("utf-16")


def unknown_encoding(body: bytes) -> bytes:
    """An encoding that doesn't exist."""
    return _with(body, declaration=b'<?xml version="1.0" encoding="x-pod6"?>')


ENCODINGS = {"latin-1": latin_1, "utf-16": utf_16, "unknown": unknown_encoding}


def wrong_encoding(answer: Answer, name: str) -> None:
    """Another encoding than the document says."""
    _rewrite(answer, ENCODINGS[name](answer.body or _STAND_IN))


def entity_bomb(answer: Answer, _: None) -> None:
    """Entities that grow tenfold at each level when they are expanded."""
    levels = [b'<!ENTITY e0 "boom">'] + [
        b'<!ENTITY e%d "%s">' % (level, b"&e%d;" % (level - 1) * 10)
        for level in range(1, ENTITY_LEVELS + 1)
    ]
    _rewrite(answer, _with(answer.body, b"".join(levels), b"<a>&e%d;</a>" % ENTITY_LEVELS))


def external_entity(answer: Answer, place: str) -> None:
    """An entity that makes a careless reader fetch a file or URL."""
    quoted = place.replace('"', "%22").encode("utf-8")
    _rewrite(answer, _with(answer.body, b'<!ENTITY e SYSTEM "%s">' % quoted, b"<a>&e;</a>"))


def huge(answer: Answer, megabytes: int) -> None:
    """The answer with an element of that many megabytes in front."""
    _rewrite(answer, _with(answer.body, content=b"<a>" + b"x" * MEGABYTE * megabytes + b"</a>"))


def nested(answer: Answer, depth: int) -> None:
    """The answer with elements within elements in front."""
    _rewrite(answer, _with(answer.body, content=b"<a>" * depth + b"</a>" * depth))


def no_total(answer: Answer, _: None) -> None:
    """A list that doesn't say how many there are."""
    answer.body = _TOTAL.sub(b"", answer.body, count=1)


def total(answer: Answer, wording: str) -> None:
    """A list that says something else of how many there are."""
    value = _attribute(wording)
    answer.body = _TOTAL.sub(lambda found: b" %s=%s" % (found[1], value), answer.body, count=1)


def bad_id(answer: Answer, wording: str) -> None:
    """Something that is no GUID as ID of the first Space, and in the Location of a new one."""
    value = _attribute(wording)
    answer.body = _ID.sub(lambda found: b" id=" + value, answer.body, count=1)
    if "Location" in answer.headers:
        location = answer.headers["Location"]
        answer.headers["Location"] = _LAST_SEGMENT.sub(lambda found: wording, location, count=1)


def cut(answer: Answer, share: float) -> None:
    """The connection is closed after that share of the answer's bytes; 0 is none at all."""
    answer.share = share


def reset(answer: Answer, share: float) -> None:
    """As `cut`, by a TCP reset."""
    answer.share, answer.reset = share, True


def hang_up(answer: Answer, _: None) -> None:
    """A whole answer that promises to keep the connection, which is then closed."""
    answer.hang_up = True


def length(answer: Answer, difference: int) -> None:
    """A Content-Length that says more (and the connection is cut) or less than there is."""
    answer.length_error = difference


def chunk_size(answer: Answer, wording: str) -> None:
    """The body in one chunk, which says this of its size."""
    answer.headers["Transfer-Encoding"] = "chunked"
    size = wording.encode("latin-1", "replace")
    answer.body = size + b"\r\n" + answer.body + b"\r\n0\r\n\r\n"


def gzip(answer: Answer, _: None) -> None:
    """The body compressed, whether the client takes that or not."""
    answer.headers["Content-Encoding"] = "gzip"
    answer.body = compression.compress(answer.body)


def cookies(answer: Answer, count: int) -> None:
    """Large cookies, with other names each time."""
    answer.cookies += [f"pod6-{secrets.token_hex(8)}={'x' * COOKIE_BYTES}" for _ in range(count)]


def interim(answer: Answer, count: int) -> None:
    """Interim answers first, which say that another one follows (RFC 9110, section 15.2)."""
    answer.interim = count


def twice(answer: Answer, seconds: float) -> None:
    """The answer once more, which nobody has asked for."""
    answer.again = seconds


def late(answer: Answer, seconds: float) -> None:
    """A pause before the first byte."""
    answer.delay += seconds


def slow(answer: Answer, bytes_a_second: float) -> None:
    """A trickle."""
    answer.rate = bytes_a_second


def _attribute(text: str) -> bytes:
    return quoteattr(text).encode("utf-8")


def _rewrite(answer: Answer, body: bytes) -> None:
    answer.headers.setdefault("Content-Type", "text/xml")
    answer.body = body


def _with(
    body: bytes, entities: bytes = b"", content: bytes = b"", declaration: bytes = b""
) -> bytes:
    """The document with these entities declared, and this content first in its root."""
    found = _DOCUMENT.fullmatch(body) or _DOCUMENT.fullmatch(_STAND_IN)
    assert found is not None
    begin = declaration or found["declaration"]
    types = b"<!DOCTYPE %s [%s]>" % (found["name"], entities) if entities else b""
    return begin + types + found["root"] + content + found["rest"]
