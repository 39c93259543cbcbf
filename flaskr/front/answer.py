"""Answers: how a WSGI application makes one of a request, and its bytes on the wire."""

from __future__ import annotations

import io
import sys
import time
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from flaskr.front.request import Headers, Request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

#: The key of the WSGI environment under which an application may say for how many seconds its
#: answer is to be held back. Nothing waits for that but the caller.
DELAY = "front.delay"

_BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
_SINGLE = ("content-type", "content-length")


@dataclass(frozen=True)
class Answer:
    """An answer, whole. `delay` is for how many seconds it is held back."""

    status: str
    headers: Headers
    body: bytes
    delay: float = 0.0

    def to_bytes(self, request: Request | None, keep_alive: bool) -> bytes:
        """Return what goes over the wire; the answer to HEAD has no body, and says how long it is.

        A request of None is one that could not be read.
        """
        lines = [f"{name}: {value}" for name, value in self.headers]
        bodiless = self.status.startswith(tuple(str(int(status)) for status in _BODILESS))
        if not bodiless and not any(name.lower() == "content-length" for name, _ in self.headers):
            lines.append(f"Content-Length: {len(self.body)}")
        lines.append(f"Connection: {'keep-alive' if keep_alive else 'close'}")
        lines.append(f"Date: {_date(int(time.time()))}")
        head = f"HTTP/1.1 {self.status}\r\n" + "\r\n".join(lines) + "\r\n\r\n"
        head_only = bodiless or (request is not None and request.method == "HEAD")
        return head.encode("latin-1") + (b"" if head_only else self.body)


@lru_cache(maxsize=2)
def _date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)


def call(app: WSGIApplication, request: Request, caller: str, address: tuple[str, int]) -> Answer:
    """Return the answer of an application. Raises what the application raises.

    `caller` is the IP address of who asks, `address` the IP address and port that was reached.
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
    return Answer(status, headers, body, float(environ.get(DELAY, 0.0)))


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
