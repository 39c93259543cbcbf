"""Answers: how a WSGI application makes one of a request, and its bytes on the wire."""

from __future__ import annotations

import io
import sys
import time
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from flaskr.front.request import Headers, Request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# The key of the WSGI environment under which an application may say for how many seconds its
# answer is to be held back. Nothing waits for that but the caller.
DELAY = "front.delay"

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
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
    names = {name.lower() for name, _ in headers}
    bodiless = status.startswith(_BODILESS)
    if not bodiless and "content-length" not in names:
        lines.append(f"Content-Length: {len(body)}")
    if "date" not in names:
        lines.append(f"Date: {_date(int(time.time()))}")
    head = "\r\n".join([*lines, ""]).encode("latin-1")
    return Reply(head, b"" if bodiless else body)


@lru_cache(maxsize=2)
def _date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)


def call(
    app: WSGIApplication, request: Request, caller: str, address: tuple[str, int]
) -> tuple[Reply, float]:
    """Return the answer of an application, and for how many seconds it is to be held back.

    Raises what the application raises.

    `caller` is the caller's IP address, `address` the IP address and port that was reached.
    """
    environ = wsgi_environment(request, caller, address)
    said: list[Any] = []

    def start_response(status: str, headers: Headers, exc_info: Any = None) -> Any:
        said[:] = (status, headers)
        return None

    chunks = app(environ, start_response)
    try:
        body = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close:
            close()
    status, headers = said
    return reply_of(status, headers, body), float(environ.get(DELAY, 0.0))


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
