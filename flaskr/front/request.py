"""Requests as they come in: read from bytes in whatever pieces, believed only when whole."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum
from http import HTTPStatus
from io import BytesIO
from urllib.parse import quote, urlsplit

from httptools import (
    HttpParserCallbackError,
    HttpParserError,
    HttpParserUpgrade,
    HttpRequestParser,
)

from flaskr.front.bodies import LARGE_BODY_BYTES, Bodies

MAX_TARGET_BYTES = 16 * 1024
MAX_FIELD_BYTES = 64 * 1024  # all headers, and what follows a body that is sent in chunks
MAX_PIPELINED = 64  # requests in one piece of what comes
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(:[0-9]{1,5})?", re.ASCII)
_ASCII = "".join(map(chr, range(128)))

Headers = list[tuple[str, str]]


class RefusedRequest(Exception):
    """A request that is refused; `message` says why, where the status alone does not."""

    def __init__(self, status: HTTPStatus, message: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Phase(Enum):
    """What of the next request is here."""

    NOTHING = "nothing"
    HEAD = "the beginning of its head"
    BODY = "its head"


@dataclass
class Request:
    """A request that is here whole. `target` is the path and query as they were sent.

    `has_large_body` is whether its body counts as one of the large ones until it is answered,
    `body_left_out` whether there was one that was not kept, as its sender is not admitted.
    """

    method: str
    target: str
    version: str
    headers: Headers
    body: bytes
    keep_alive: bool
    has_large_body: bool = False
    body_left_out: bool = False

    def drop_body(self) -> None:
        """Let go of the body. What an error has left behind may hold on to the request for a while.
        """
        self.body = b""

    @property
    def path(self) -> str:
        """The path alone, percent-encoded."""
        return _path(self.target)

    @property
    def reads(self) -> bool:
        """Whether it asks for nothing to be changed (RFC 9110, "Safe Methods")."""
        return self.method in ("GET", "HEAD", "OPTIONS")


def _path(target: str) -> str:
    return target.partition("?")[0]


_NOT_HTTP = "The request is malformed HTTP: {}."


class RequestReader:
    """Reads the requests of one connection, one behind the other.

    A request is returned once its end is here, not before. The first that has to be refused is the
    last that is read: where it ends is not known for sure.
    """

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies
        self._parser: HttpRequestParser | None = HttpRequestParser(self)
        self._read: list[Request] = []
        self._in_request_line = True
        self._unheard_bytes = 0
        self._version = ""
        self._has_large_body = False
        self._begin()
        self.refusal: RefusedRequest | None = None
        # Whether the sender waits for "100 Continue" before it sends the body.
        self.wants_continue = False

    def _begin(self) -> None:
        self.phase = Phase.NOTHING
        self._target = b""
        self._headers: Headers = []
        self._field_bytes = 0
        self._body = BytesIO()  # gives its bytes away without a copy
        self.body_bytes = 0  # of the body have come, whether they are kept or not
        self._leaves_body_out = False
        # Why the body is read but not kept, where that is so.
        self.unwanted: RefusedRequest | None = None

    @property
    def kept_bytes(self) -> int:
        """How much it keeps of the memory for a request that is not here whole."""
        return self._field_bytes + self._unheard_bytes + self._body.tell()

    def feed(self, data: bytes) -> list[Request]:
        """Return the requests that these bytes complete. Looks at nothing after a refusal."""
        if self.refusal or not self._parser:
            return []
        self._unheard_bytes += len(data)
        try:
            self._parser.feed_data(self._in_ascii(data))
        except HttpParserUpgrade:
            self._refuse_upgrade()
        except HttpParserCallbackError as error:
            if not isinstance(error.__context__, RefusedRequest):
                raise
            self.refusal = error.__context__
        except HttpParserError as error:
            self.refusal = _not_http(str(error).lower())
        if self._unheard_bytes > MAX_FIELD_BYTES and not self.refusal:
            self.refusal = _fields_too_large()
        self._in_request_line = self._in_request_line or self.phase is Phase.NOTHING
        complete, self._read = self._read, []
        return complete

    def _refuse_upgrade(self) -> None:
        """Refuse another protocol; the request that asks for it is the last of its connection."""
        if self._read:
            self._read[-1] = replace(self._read[-1], keep_alive=False)
        self.refusal = _not_http("it asks for another protocol")

    def unfinished(self) -> Request | None:
        """Return the head of the request that is being read, where it is here."""
        return self._request(b"") if self.phase is Phase.BODY and self._parser else None

    def close(self) -> None:
        """Let go of what came, and of the parser, which holds on to this reader in turn."""
        self._parser = None
        self._drop_body()

    def end(self) -> None:
        """Take note that no more bytes come."""
        if self.phase is not Phase.NOTHING and not self.refusal:
            self.refusal = _not_http("it ends in the middle")

    def _in_ascii(self, data: bytes) -> bytes:
        """Return bytes with what is not ASCII in the request line percent-encoded.

        Callers such as curl send a path as it was typed; the parser takes only ASCII there.
        """
        if not self._in_request_line:
            return data
        line, newline, rest = data.partition(b"\n")
        begun = bool(line.strip()) or self.phase is Phase.HEAD
        self._in_request_line = not (newline and begun)
        return data if line.isascii() else quote(line, safe=_ASCII).encode() + newline + rest

    # What the parser calls. What is raised here, it wraps. It gives a header out only when it ends,
    # so what was fed and not heard of is counted.

    def on_message_begin(self) -> None:
        if len(self._read) == MAX_PIPELINED:
            raise _not_http(f"it is one of more than {MAX_PIPELINED} that were sent at once")
        self._begin()
        self.phase = Phase.HEAD

    def on_url(self, piece: bytes) -> None:
        self._target += piece
        if len(self._target) > MAX_TARGET_BYTES:
            raise RefusedRequest(
                HTTPStatus.REQUEST_URI_TOO_LONG,
                f"The address is longer than {MAX_TARGET_BYTES} bytes.",
            )

    def on_header(self, name: bytes, value: bytes) -> None:
        self._unheard_bytes = 0
        self._field_bytes += len(name) + len(value)
        if self._field_bytes > MAX_FIELD_BYTES:
            raise _fields_too_large()
        if self.phase is Phase.HEAD:  # trailers are ignored
            text = value.decode("latin-1").strip(" \t")
            self._headers.append((name.decode("latin-1").lower(), text))

    def on_headers_complete(self) -> None:
        self.phase = Phase.BODY
        self._version = self._known_parser.get_http_version()
        if self._version not in ("1.0", "1.1"):
            raise _not_http("it is not HTTP/1.1")
        codings = [value.lower() for value in self._values("transfer-encoding")]
        if codings and (codings, self._version) != (["chunked"], "1.1"):
            raise _not_http("its body has a transfer coding other than chunked")
        self._settle_host()
        self._settle_body()

    def _settle_body(self) -> None:
        """Take note of a sender that asks before it sends its body, and answer it then."""
        self._max_body = self._bodies.most(_path(self._target.decode("ascii")))
        self._settle_size(max(map(int, self._values("content-length")), default=0))
        expected = [value.lower() for value in self._values("expect")]
        self.wants_continue = "100-continue" in expected and self._version == "1.1"
        if self.wants_continue and self.unwanted:
            raise self.unwanted
        if self.wants_continue and self._leaves_body_out:
            self._read.append(replace(self._request(b""), keep_alive=False))
            raise RefusedRequest(HTTPStatus.EXPECTATION_FAILED)  # to whatever comes behind it

    def _settle_size(self, size: int) -> None:
        """Decide whether a body of at least so many bytes is wanted."""
        if self.unwanted:
            return
        if size > self._max_body:
            self.unwanted = too_large()
        elif size > LARGE_BODY_BYTES and not (self._has_large_body or self._leaves_body_out):
            self._settle_large()

    def _settle_large(self) -> None:
        """Take a place for a large body; for those who are not admitted, it is not kept."""
        self._leaves_body_out = not self._bodies.admits(self._headers)
        if not self._leaves_body_out:
            self._has_large_body = self._bodies.begin_large()
            self.unwanted = None if self._has_large_body else _too_many_large()

    def _settle_host(self) -> None:
        """Refuse a request that does not say, or not clearly, which host it is for.

        The host in the target counts more than the header (RFC 9112, "absolute-form").
        """
        hosts = self._values("host")
        if len(hosts) > 1 or (not hosts and self._version == "1.1"):
            raise _not_http("it must have one header Host")
        if not self._target.startswith(b"/") and self._target != b"*":
            hosts = [self._take_host_of_target()]
        if not all(_HOST.fullmatch(host) for host in hosts):
            raise _not_http("its header Host names no host")

    def _take_host_of_target(self) -> str:
        try:
            parts = urlsplit(self._target.decode("ascii"))
        except ValueError:
            raise _not_http("its address can't be read") from None
        if parts.scheme not in ("http", "https"):
            raise _not_http("its address can't be read")
        target = parts._replace(scheme="", netloc="").geturl()
        self._target = (target if target.startswith("/") else f"/{target}").encode("ascii")
        others = [header for header in self._headers if header[0] != "host"]
        self._headers = [*others, ("host", parts.netloc)]
        return parts.netloc

    def on_body(self, chunk: bytes) -> None:
        """Keep a piece of the body; of one that is not wanted, read what comes but keep nothing."""
        self._unheard_bytes = 0
        self.body_bytes += len(chunk)
        self._settle_size(self.body_bytes)
        if self.unwanted or self._leaves_body_out:
            self._drop_body()
        else:
            self._body.write(chunk)

    def _drop_body(self) -> None:
        self._body = BytesIO()
        if self._has_large_body:
            self._has_large_body = False
            self._bodies.end_large()

    def _request(self, body: bytes, has_large_body: bool = False) -> Request:
        return Request(
            self._known_parser.get_method().decode("ascii"),
            self._target.decode("ascii"),
            self._version,
            self._headers,
            body,
            self._known_parser.should_keep_alive(),
            has_large_body,
            self._leaves_body_out,
        )

    @property
    def _known_parser(self) -> HttpRequestParser:
        assert self._parser, "only the parser itself calls for it"
        return self._parser

    def _values(self, wanted: str) -> list[str]:
        return [value for name, value in self._headers if name == wanted]

    def on_message_complete(self) -> None:
        if self.unwanted:
            raise self.unwanted
        self._read.append(self._request(self._body.getvalue(), self._has_large_body))
        self._has_large_body = False  # it is the request's now
        self.wants_continue = False
        self._begin()


def too_large() -> RefusedRequest:
    """Return the refusal of a body that is larger than it may be."""
    return RefusedRequest(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def _too_many_large() -> RefusedRequest:
    return RefusedRequest(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The portal is at work on as many large bodies as it takes at once. Nothing was done; try "
        "again.",
    )


def _fields_too_large() -> RefusedRequest:
    return RefusedRequest(
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        f"The headers are larger than {MAX_FIELD_BYTES // 1024} KiB.",
    )


def _not_http(why: str) -> RefusedRequest:
    return RefusedRequest(HTTPStatus.BAD_REQUEST, _NOT_HTTP.format(why))
