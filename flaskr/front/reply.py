"""Answers: how a WSGI application makes one of a request, and its bytes on the wire."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from flaskr.front.request import Headers, Request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# The key of the WSGI environment under which an application may say for how many seconds its
# answer is to be held back. Nothing waits for that but the caller.
DELAY = "front.delay"
# The key under which it finds a function that says whether the server is stopping, so that it can
# end a long answer in order.
STOPPING = "front.stopping"
# The key under which it finds whether the request's body was not kept, as its sender is not
# admitted: the request is to be refused then.
BODY_LEFT_OUT = "front.body_left_out"

_BODILESS = ("204", "304")
_SINGLE = ("content-type", "content-length")


@dataclass(frozen=True)
class Reply:
    """An answer, whole: its head as far as it is known, and its body."""

    head: bytes
    body: bytes

    def to_bytes(self, keep_alive: bool, head_only: bool = False) -> bytes:
        """Return what goes over the wire. The answer to HEAD is the head only."""
        last = b"Connection: keep-alive" if keep_alive else b"Connection: close"
        return self.head + last + b"\r\n\r\n" + (b"" if head_only else self.body)


def reply_of(status: str, headers: Headers, body: bytes) -> Reply:
    """Return an answer. Raises UnicodeError for a header that is not Latin-1."""
    bodiless = status.startswith(_BODILESS)
    says_no_length = not bodiless and "content-length" not in _names(headers)
    framing = [f"Content-Length: {len(body)}"] if says_no_length else []
    return Reply(_head(status, headers, framing), b"" if bodiless else body)


def _head(status: str, headers: Headers, framing: list[str]) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers), *framing]
    if "date" not in _names(headers):
        lines.append(f"Date: {_date(int(time.time()))}")
    return "\r\n".join([*lines, ""]).encode("latin-1")


def _names(headers: Headers) -> set[str]:
    return {name.lower() for name, _ in headers}


@lru_cache(maxsize=2)
def _date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)


class WsgiAnswer:
    """What an application answers to a request. To be closed, whatever comes of it.

    The application is called at once, and makes the body when it is asked for. All of this raises
    what the application raises.

    `caller` is the caller's IP address, `address` the IP address and port that was reached;
    `stopping` tells the application, at any time, whether the server is stopping.
    """

    def __init__(
        self,
        app: WSGIApplication,
        request: Request,
        caller: str,
        address: tuple[str, int],
        stopping: Callable[[], bool],
    ) -> None:
        self._request = request
        self._environ = {**wsgi_environment(request, caller, address), STOPPING: stopping}
        self._body = self._environ["wsgi.input"]
        self._said: list[Any] = []
        self._chunks = app(self._environ, self._start_response)
        self._first: list[bytes] = []
        try:
            self._pieces = iter(self._chunks)
            if not self._said:  # it may say what its answer is as late as with the first piece
                self._first = list(islice(self._pieces, 1))
            if not self._said:
                raise RuntimeError("the application did not call start_response")
        except BaseException:
            self.close()
            raise

    def _start_response(self, status: str, headers: Headers, exc_info: Any = None) -> Any:
        self._said[:] = (status, headers)
        return None

    def close(self) -> None:
        """Let the application tidy up, and let go of the request's body.

        What an error has left behind may hold on to the environment for a while.
        """
        close = getattr(self._chunks, "close", None)
        try:
            if close:
                close()
        finally:
            self._body.close()

    @property
    def delay(self) -> float:
        """For how many seconds it is to be held back."""
        return float(self._environ.get(DELAY, 0.0))

    @property
    def is_stream(self) -> bool:
        """Whether its pieces are to be sent as they come; if not, it is to be sent whole."""
        return self._is_of_open_length and self._request.method != "HEAD"

    @property
    def _is_of_open_length(self) -> bool:
        status, headers = self._said
        says_length = status.startswith(_BODILESS) or "content-length" in _names(headers)
        return not says_length and not isinstance(self._chunks, (list, tuple))

    @property
    def chunked(self) -> bool:
        """Whether a stream says where it ends; older callers know it by the connection's end."""
        return self._request.version == "1.1"

    def pieces(self) -> Iterator[bytes]:
        """Return the pieces of the body, each made when it is asked for."""
        return chain(self._first, self._pieces)

    def whole(self) -> Reply:
        """Return it with the body that it has; of what would be a stream, the head."""
        if self._is_of_open_length:
            return self.head()
        body = b"".join(self.pieces())
        status, headers = self._said
        return reply_of(status, headers, body)

    def head(self) -> Reply:
        """Return the head of a stream."""
        status, headers = self._said
        framing = ["Transfer-Encoding: chunked"] if self.chunked else []
        return Reply(_head(status, headers, framing), b"")


def wsgi_environment(request: Request, caller: str, address: tuple[str, int]) -> dict[str, Any]:
    """Return the environment of a request (PEP 3333)."""
    path, _, query = request.target.partition("?")
    return {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path, "latin-1"),
        "QUERY_STRING": query,
        "REQUEST_URI": request.target,
        "SERVER_NAME": address[0],
        "SERVER_PORT": str(address[1]),
        "SERVER_PROTOCOL": f"HTTP/{request.version}",
        "REMOTE_ADDR": caller,
        "CONTENT_LENGTH": str(len(request.body)) if request.body else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        BODY_LEFT_OUT: request.body_left_out,
        **_header_variables(request.headers),
    }


def _header_variables(headers: Headers) -> dict[str, str]:
    """Return the headers as WSGI has them; one with an underscore could pass for another."""
    variables: dict[str, str] = {}
    for name, value in headers:
        if "_" in name or name in ("content-length", "transfer-encoding"):
            continue  # the body is here, whole, however it came
        prefix = "" if name in _SINGLE else "HTTP_"
        key = prefix + name.upper().replace("-", "_")
        variables[key] = f"{variables[key]}, {value}" if key in variables else value
    return variables
