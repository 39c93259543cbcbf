"""The API key: what wants it, and how guessing it is slowed down."""

import threading
import time
from collections import OrderedDict
from hmac import compare_digest

from flask import Flask, current_app, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from flaskr.front.reply import DELAY

HEADER = "X-API-Key"
# What is open under the guarded paths: the page, and what it is made of.
OPEN_ENDPOINTS = frozenset(
    f"api.{name}" for name in ("doc", "root", "specs", "static", "swagger_ui", "postman")
)


def require_api_key(app: Flask, prefix: str) -> None:
    """Have the app refuse (401) what lies under a path without the API key, where one is set.

    Everything there is closed unless OPEN_ENDPOINTS opens it, also what does not exist.
    """
    if not app.config["PORTAL_API_KEY"]:
        app.logger.warning(
            "PORTAL_API_KEY is not set: whoever reaches the portal can create and delete Spaces."
        )
    wrong_keys = WrongKeys()

    def check() -> None:
        key: str = current_app.config["PORTAL_API_KEY"] or ""
        if not key or not _is_guarded(prefix):
            return
        sent = request.headers.get(HEADER, "")
        caller = (request.remote_addr or "")[:64]
        if compare_digest(sent.encode(), key.encode()):
            request.environ[DELAY] = wrong_keys.delay_of_right_key(caller)
            return
        if sent:
            request.environ[DELAY] = wrong_keys.count(caller)
        raise Unauthorized(
            f"The API key is missing or wrong: send it in the header {HEADER}.",
            www_authenticate=WWWAuthenticate("apikey", {"header": HEADER}),
        )

    app.before_request(check)


def _is_guarded(prefix: str) -> bool:
    return request.path.startswith(f"{prefix}/") and request.endpoint not in OPEN_ENDPOINTS


class WrongKeys:
    """Counts the wrong keys of each address, and says how long an answer is to be held back.

    The first few come at once: people mistype. Then a right key has to wait a moment as well, or
    those who guess need not wait for the answer to a wrong one; but it is let in, so nobody can
    lock others out. Answers are held back by the server's front, where that costs no thread. Keys
    have to be long nevertheless: a caller with many connections can guess on each of them.
    """

    UNDELAYED = 3  # wrong keys that are answered at once
    FIRST_SECONDS = 0.25  # doubled with each further one
    RIGHT_SECONDS = 0.5  # for a right key from such an address
    MOST_SECONDS = 8.0
    FORGET_SECONDS = 300.0
    MOST_ADDRESSES = 10_000

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def delay_of_right_key(self, address: str) -> float:
        """Return for how many seconds to hold back the answer to a right key of an address."""
        with self._lock:
            return self.RIGHT_SECONDS if self._recent(address) > self.UNDELAYED else 0.0

    def count(self, address: str) -> float:
        """Count a wrong key of an address; return for how many seconds to hold the answer back."""
        with self._lock:
            count = self._recent(address) + 1
            self._counts[address] = (count, time.monotonic())
            self._counts.move_to_end(address)
            if len(self._counts) > self.MOST_ADDRESSES:
                self._counts.popitem(last=False)
        if count <= self.UNDELAYED:
            return 0.0
        doublings = min(count - self.UNDELAYED - 1, 16)
        return min(self.FIRST_SECONDS * 2.0**doublings, self.MOST_SECONDS)

    def _recent(self, address: str) -> int:
        count, last = self._counts.get(address, (0, 0.0))
        return count if time.monotonic() - last < self.FORGET_SECONDS else 0
