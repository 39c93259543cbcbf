"""The API key: what wants it, and how guessing it is slowed down."""

import threading
import time
from collections import OrderedDict
from hmac import compare_digest

from flask import Flask, current_app, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from flaskr.front.answer import DELAY

HEADER = "X-API-Key"
#: What is open under the guarded paths: the page, and what it is made of.
OPEN_ENDPOINTS = frozenset(
    f"api.{name}" for name in ("doc", "root", "specs", "static", "swagger_ui", "postman")
)


def require_api_key(app: Flask, prefix: str) -> None:
    """Have the app refuse (401) what lies under a path without the API key, where one is set.

    Everything there is closed unless OPEN_ENDPOINTS opens it, what does not exist too.
    """
    wrong_keys = WrongKeys()

    def check() -> None:
        key: str = current_app.config["PORTAL_API_KEY"] or ""
        if not key or not _is_guarded(prefix):
            return
        sent = request.headers.get(HEADER, "")
        if compare_digest(sent.encode(), key.encode()):
            return
        if sent:
            request.environ[DELAY] = wrong_keys.count(request.remote_addr or "")
        raise Unauthorized(
            f"The API key is missing or wrong: send it in the header {HEADER}.",
            www_authenticate=WWWAuthenticate("apikey", {"header": HEADER}),
        )

    app.before_request(check)


def _is_guarded(prefix: str) -> bool:
    return request.path.startswith(f"{prefix}/") and request.endpoint not in OPEN_ENDPOINTS


class WrongKeys:
    """Counts the wrong keys of each address, and says how long the answer is to be held back.

    The first few come at once: people mistype. A right key is never held back, so nobody can lock
    others out; and the answer is held back by the server's front, where that costs no thread.
    """

    FREE = 3
    FIRST_SECONDS = 0.25  # doubled with each further one
    MOST_SECONDS = 8.0
    FORGET_SECONDS = 300.0
    MOST_ADDRESSES = 10_000

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def count(self, address: str) -> float:
        """Count a wrong key of an address; return for how many seconds to hold the answer back."""
        now = time.monotonic()
        with self._lock:
            before, last = self._counts.pop(address, (0, now))
            count = before + 1 if now - last < self.FORGET_SECONDS else 1
            self._counts[address] = (count, now)
            if len(self._counts) > self.MOST_ADDRESSES:
                self._counts.popitem(last=False)
        if count <= self.FREE:
            return 0.0
        doublings = min(count - self.FREE - 1, 16)
        return min(self.FIRST_SECONDS * 2.0**doublings, self.MOST_SECONDS)
