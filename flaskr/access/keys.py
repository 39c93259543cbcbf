"""The API keys: what wants one, whose it is, and how guessing is slowed down."""

import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from hmac import compare_digest
from pathlib import Path
from typing import Any, cast

from flask import Flask, current_app, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from flaskr.access.key_file import FILE_NAME, BadKeyFile, Key, digest_of, read_keys
from flaskr.access.roles import Caller, KeyRole, check_role
from flaskr.config import SettingsError
from flaskr.front.reply import BODY_LEFT_OUT, DELAY

logger = logging.getLogger(__name__)

HEADER = "X-API-Key"
SETTING = "PORTAL_API_KEY"  # the name of its key, too
NOBODY = "-"  # the name of callers where no key is set
# What is open under the guarded paths: the page, and what it is made of.
OPEN_ENDPOINTS = frozenset(
    f"api.{name}"
    for name in ("doc", "root", "specs", "openapi", "static", "swagger_ui", "postman")
)


def require_api_key(app: Flask, prefix: str) -> None:
    """Have the app refuse (401) what lies under a path without an API key, where some are set.

    Everything there is closed unless OPEN_ENDPOINTS opens it, also what does not exist. What a
    key's role may not do is refused, too (403). Raises SettingsError where the keys can't be read.
    """
    app.extensions["keys"] = ring = KeyRing(app.config, Path(app.instance_path))
    if not ring.are_set:
        _warn_at_first_request(app)
    wrong_keys = WrongKeys()

    def check() -> None:
        address = (request.remote_addr or "")[:64]
        g.caller = Caller(NOBODY, KeyRole.ADMIN, address)
        left_out = request.environ.get(BODY_LEFT_OUT, False)
        if not left_out and (not _is_guarded(prefix) or not ring.are_set):
            return
        sent = request.headers.get(HEADER, "")
        key = None if left_out else ring.find(sent)  # it may have been made since
        if key is None:
            if sent:
                request.environ[DELAY] = wrong_keys.count(address)
            raise _unauthorized()
        request.environ[DELAY] = wrong_keys.delay_of_right_key(address)
        g.caller = Caller(key.name, key.role, address)
        check_role()

    app.before_request(check)


def are_keys_set() -> bool:
    """Return whether callers need an API key."""
    return cast(KeyRing, current_app.extensions["keys"]).are_set


def admission(app: Flask) -> Callable[[Iterable[tuple[str, str]]], bool]:
    """Return what says by a request's headers whether its sender is let in.

    The server's front asks it before it takes in a large body, so that only those with a key can
    fill its places. What comes of the request is for the app to say.
    """
    ring = cast(KeyRing, app.extensions["keys"])

    def admits(headers: Iterable[tuple[str, str]]) -> bool:
        return not ring.are_set or ring.find(dict(headers).get(HEADER.lower(), "")) is not None

    return admits


def _unauthorized() -> Unauthorized:
    return Unauthorized(
        f"The API key is missing or wrong: send it in the header {HEADER}.",
        www_authenticate=WWWAuthenticate("apikey", {"header": HEADER}),
    )


def _warn_at_first_request(app: Flask) -> None:
    """Have the app warn once that it is open: when it serves, and not for a command."""
    warned = threading.Event()

    def warn() -> None:
        if not warned.is_set():
            warned.set()
            app.logger.warning(
                "No API key is set: whoever reaches the portal can create and delete Spaces."
            )

    app.before_request(warn)


def _is_guarded(prefix: str) -> bool:
    return request.path.startswith(f"{prefix}/") and request.endpoint not in OPEN_ENDPOINTS


class KeyRing:
    """The API keys that hold: that of PORTAL_API_KEY, an admin's, and those of `instance/keys`.

    The file is read again when it changes. Where it can't be read any more, the keys that were read
    last stay: it is closed unless it was opened. A file without a key closes everything.
    """

    def __init__(self, settings: Mapping[str, Any], instance: Path) -> None:
        """Raise SettingsError where there is a file and it can't be read."""
        self._file = instance / FILE_NAME
        own = settings[SETTING]
        self._own = [Key(SETTING, KeyRole.ADMIN, digest_of(own), "")] if own else []
        self._lock = threading.Lock()
        self._seen = self._look()
        self._keys: list[Key] | None = None
        try:
            self._keys = read_keys(self._file) if self._seen else None
        except (OSError, BadKeyFile) as error:
            raise SettingsError(f"{_told(error)}: make keys with flask keys add.") from None

    @property
    def are_set(self) -> bool:
        """Whether callers need a key."""
        return bool(self._own) or self._of_file() is not None

    def find(self, sent: str) -> Key | None:
        """Return the key that was sent, or None; it takes the same time whichever it is."""
        if not sent:
            return None
        digest = digest_of(sent)
        keys = [*self._own, *(self._of_file() or [])]
        found = [key for key in keys if compare_digest(key.digest, digest)]
        return found[-1] if found else None

    def _of_file(self) -> list[Key] | None:
        """Return the keys of the file as it is now, None where there never was one."""
        with self._lock:
            seen = self._look()
            if seen != self._seen:
                self._seen = seen
                self._read_again()
            return self._keys

    def _read_again(self) -> None:
        try:
            self._keys = read_keys(self._file)
        except (OSError, BadKeyFile) as error:
            self._keys = self._keys or []
            logger.warning("%s. The keys of before stay.", _told(error))
        else:
            logger.info("%d keys were read from instance/%s", len(self._keys), FILE_NAME)

    def _look(self) -> tuple[int, ...]:
        """Return what changes when the file does; nothing where there is none."""
        try:
            found = os.stat(self._file)
        except FileNotFoundError:
            return ()
        except OSError:
            return (0,)
        return (found.st_mtime_ns, found.st_size, found.st_ino)


def _told(error: Exception) -> str:
    why = error.strerror if isinstance(error, OSError) else error
    return f"instance/{FILE_NAME} can't be read: {why}"


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
