"""Whether the portal is alive, and whether it can do its work: for load balancers and watchers."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context

from flask import Flask
from flask.typing import ResponseReturnValue

from flaskr.cms.v1.cms import CMS
from flaskr.rest.v1.result import Reason, Result
from flaskr.uds.v1.uds import UDS

ANSWERS = "answers"
Check = Callable[[], Result]


def add_health(app: Flask) -> None:
    """Give the app `/healthz` and `/readyz`, which need no API key.

    `/healthz` says that the portal runs. `/readyz` asks CMS (as the API user) and CUCM (for its
    version, which is open to all) at once, within PORTAL_TIMEOUT, and says for each that it answers
    or why not, in the words of `Reason`: 200 where both do, else 503. The log says more.
    """
    readiness = _Readiness(app)
    app.add_url_rule("/healthz", "healthz", lambda: {"alive": True})
    app.add_url_rule("/readyz", "readyz", readiness.view)


class _Readiness:
    """Asks each server in a thread of its own, so that polling never adds up to a storm."""

    def __init__(self, app: Flask) -> None:
        cms: CMS = app.extensions["cms"]
        uds: UDS = app.extensions["uds"]
        self._timeout: float = app.config["PORTAL_TIMEOUT"]
        self._checks: dict[str, Check] = {"cms": cms.get_version, "cucm": lambda: _version(uds)}
        self._threads = {name: ThreadPoolExecutor(1, f"readyz {name}") for name in self._checks}

    def view(self) -> ResponseReturnValue:
        found = self._ask()
        ready = all(words == ANSWERS for words in found.values())
        return {"ready": ready, **found}, 200 if ready else 503

    def _ask(self) -> dict[str, str]:
        """Return for each server what came of asking it; what takes too long is given up."""
        futures = {
            name: self._threads[name].submit(copy_context().run, check)
            for name, check in self._checks.items()
        }
        wait(futures.values(), self._timeout)
        for future in futures.values():
            future.cancel()
        return {name: _outcome(future) for name, future in futures.items()}


def _version(uds: UDS) -> Result:
    raw = uds._send_request("version")
    return raw if not raw["success"] else uds._check_status(raw["response"]) or raw


def _outcome(future: "Future[Result]") -> str:
    if future.cancelled() or not future.done():
        return Reason.TIMED_OUT.value
    result = future.result()
    return ANSWERS if result["success"] else result["reason"].value
