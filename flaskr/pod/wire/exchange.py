"""A request as it came, an answer as it is to be sent, and how a WSGI app makes the one of the
other."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from werkzeug.test import run_wsgi_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# Headers of an app that the answer has in another way.
NOT_KEPT = ("content-length", "set-cookie")


@dataclass(frozen=True)
class ReceivedRequest:
    """A request that was read whole. The path is as it was sent, percent signs and all.

    abandoned: set once it may have no effect any more, as the pod was reset or stopped.
    """

    server: str
    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    abandoned: threading.Event = field(
        default_factory=threading.Event, repr=False, compare=False
    )

    def go_on(self) -> None:
        """Raises ConnectionAbortedError where the request is abandoned."""
        if self.abandoned.is_set():
            raise ConnectionAbortedError("the pod was reset or stopped")

    def parameters(self) -> list[tuple[str, str]]:
        """Return the names and values of the query, in their order."""
        return parse_qsl(self.query, keep_blank_values=True)


@dataclass
class OutgoingAnswer:
    """An answer, and how to deliver it.

    delay: seconds before the first byte. rate: bytes a second, None for all at once. share: how
    much of the answer is sent, from 0 to 1; the connection is cut after less than all of it.
    length_error: by how much Content-Length is wrong. hang_up: close the connection afterwards
    without having said so. reset: where the connection is cut, cut it by a TCP reset. interim: how
    many interim answers come first. again: after how many seconds it is sent once more; None for
    never. cookies: what Set-Cookie headers say. log_in: whether the server has begun a session.
    faults: the names of the faults that made the answer what it is.
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0
    rate: float | None = None
    share: float = 1.0
    length_error: int = 0
    hang_up: bool = False
    reset: bool = False
    interim: int = 0
    again: float | None = None
    cookies: list[str] = field(default_factory=list)
    log_in: bool = False
    faults: list[str] = field(default_factory=list)


def run(app: WSGIApplication, request: ReceivedRequest) -> OutgoingAnswer:
    """Return the app's answer to the request.

    HEAD is asked as GET; the body is left out when the answer is sent. An app that sets cookies
    has begun a session.
    """
    chunks, status, headers = run_wsgi_app(app, _environ(request), buffered=True)
    cookies = headers.getlist("Set-Cookie")
    kept = {name: value for name, value in headers if name.lower() not in NOT_KEPT}
    return OutgoingAnswer(
        int(status.split()[0]), kept, b"".join(chunks), cookies=cookies, log_in=bool(cookies)
    )


def _environ(request: ReceivedRequest) -> dict[str, Any]:
    named = {
        "HTTP_" + name.upper().replace("-", "_"): value
        for name, value in request.headers.items()
        # The body is at hand, whatever it came in. An underscore could pass for a hyphen.
        if name.lower() != "transfer-encoding" and "_" not in name
    }
    return {
        **named,
        "REQUEST_METHOD": "GET" if request.method == "HEAD" else request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(request.path, "latin-1"),
        "QUERY_STRING": request.query,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "0",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
