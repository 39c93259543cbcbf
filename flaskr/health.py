"""Whether the portal is alive, and whether it can do its work: for load balancers and watchers."""

import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from threading import Lock

from flask import Flask
from flask.typing import ResponseReturnValue

from flaskr.result import Failure, Reason
from flaskr.servers import Check

ANSWERS = "answers"
FRESH_SECONDS = 1.0  # how long an answer of the servers counts
ADDRESSES = ("/healthz", "/readyz")


def add_health(app: Flask, servers: Mapping[str, Check], places: Mapping[str, Check]) -> None:
    """Give the app `/healthz` and `/readyz`, which need no API key.

    `/healthz` says that the portal runs. `/readyz` asks each server at once, within PORTAL_TIMEOUT,
    and says for each that it answers or why not, in the words of `Reason`: 200 where all do, else
    503. It says the same of `places`, any of which may fail while its server answers. What it found
    counts for all who ask within a second. The log says more.
    """
    alive, ready = ADDRESSES
    readiness = _Readiness(servers, places, app.config["PORTAL_TIMEOUT"])
    app.add_url_rule(alive, "healthz", lambda: {"alive": True})
    app.add_url_rule(ready, "readyz", readiness.view)


class _Readiness:
    """Asks each server in a thread of its own, once for all who ask at about the same time."""

    def __init__(
        self, servers: Mapping[str, Check], places: Mapping[str, Check], timeout: float
    ) -> None:
        self._timeout = timeout
        self._servers = tuple(servers)
        self._checks = {**servers, **places}
        self._threads = {name: ThreadPoolExecutor(1, f"readyz {name}") for name in self._checks}
        self._asking = Lock()
        self._found: dict[str, str] = {}
        self._found_at = -FRESH_SECONDS

    def view(self) -> ResponseReturnValue:
        found = self._recently_found()
        if all(found[server] == ANSWERS for server in self._servers):
            return {"ready": True, **found}
        return {"ready": False, **found}, 503, {"Retry-After": f"{FRESH_SECONDS:.0f}"}

    def _recently_found(self) -> dict[str, str]:
        """Return what came of asking; who comes meanwhile waits for the same answer."""
        with self._asking:
            if time.monotonic() - self._found_at >= FRESH_SECONDS:
                self._found = self._ask()
                self._found_at = time.monotonic()
            return self._found

    def _ask(self) -> dict[str, str]:
        """Return what came of asking each server and place; what takes too long is given up."""
        futures = {
            name: self._threads[name].submit(copy_context().run, check)
            for name, check in self._checks.items()
        }
        wait(futures.values(), self._timeout)
        for future in futures.values():
            future.cancel()
        return {name: _in_words(future) for name, future in futures.items()}


def _in_words(future: "Future[object]") -> str:
    if future.cancelled() or not future.done():
        return Reason.TIMED_OUT.words
    error = future.exception()
    if isinstance(error, Failure):
        return error.reason.words
    if error:
        raise error
    return ANSWERS
