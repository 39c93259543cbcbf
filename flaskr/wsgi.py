"""The portal as a WSGI application, for a production server: `flaskr.wsgi:portal`, a factory."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from flaskr import create_app

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# What is left of a refused body is read, so that the answer arrives; but not for ever.
MAX_REST_BYTES = 64 * 1024 * 1024
MAX_REST_SECONDS = 10.0
_CHUNK_BYTES = 64 * 1024
_BODY_SIGNS = ("CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING")


@cache
def portal() -> WSGIApplication:
    """Return the portal, made once in a process. Raises SettingsError as create_app does."""
    return reading_all(create_app())


def reading_all(app: WSGIApplication) -> WSGIApplication:
    """Return an application that reads what another leaves of a body, before it answers.

    A connection that is closed with bytes unread is reset, and a client that is still sending sees
    that, and no answer.
    """

    def application(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        answer = app(environ, start_response)
        if any(environ.get(sign) for sign in _BODY_SIGNS):
            _read_rest(environ["wsgi.input"])
        return answer

    return application


def _read_rest(body: Any) -> None:
    deadline = time.monotonic() + MAX_REST_SECONDS
    rest = MAX_REST_BYTES
    while rest > 0 and time.monotonic() < deadline:
        chunk = body.read(_CHUNK_BYTES)
        if not chunk:
            return
        rest -= len(chunk)
