"""What Prometheus reads at `/metrics`: requests, calls to the servers, rows. No user is in it."""

import re
import threading
from collections import Counter as Counts
from collections.abc import Callable, Iterable

from flask import Flask, Response, current_app, request
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from flaskr.log import seconds_taken
from flaskr.rest.v1.calls import STATES, NotedCall
from flaskr.rest.v1.server_client import ServerClient

ADDRESS = "/metrics"
_WORD = re.compile(r"[A-Za-z]{1,40}")
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The figures of one app, which stay as long as its process."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        route, server = ("method", "route"), ("server", "method", "node")
        self._requests = self._counter("portal_requests", "Requests.", *route, "status")
        self._request_seconds = self._histogram(
            "portal_request_seconds", "Until the answer began.", *route
        )
        self._calls = self._counter(
            "portal_server_calls", "Calls to a server, by status or why there was none.",
            *server, "outcome",
        )
        self._call_seconds = self._histogram(
            "portal_server_call_seconds", "Until the answer was read, or given up.", *server
        )
        self._retries = self._counter("portal_server_retries", "Calls sent again.", "server")
        self._rows = self._counter("portal_rows", "Rows of plans and lists.", "list", "kind")
        self._notifications = self._counter(
            "portal_notifications", "Lines for the Webex room, by what came of them.", "outcome"
        )
        self._waiting = Gauge(
            "portal_notifications_waiting", "Lines that wait to be told.", registry=self.registry
        )
        self._state = Gauge(
            "portal_server_state", "What the last call found: 1 for one of the states.",
            ("server", "place", "state"), registry=self.registry,
        )
        self._found: dict[tuple[str, int], str] = {}  # of each server's places
        self._lock = threading.Lock()

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(name, text, labels, buckets=_SECONDS, registry=self.registry)

    def note_request(self, answer: Response) -> Response:
        """Count a request, by the rule that its address follows."""
        route = request.url_rule.rule if request.url_rule else "none"
        method = request.method if request.method in _METHODS else "other"
        self._requests.labels(method, route, answer.status_code).inc()
        self._request_seconds.labels(method, route).observe(seconds_taken())
        return answer

    def note_call(self, call: NotedCall) -> None:
        """Count a call to a server, and keep what it found of it."""
        if call.is_retry:
            self._retries.labels(call.server).inc()
            return
        node = "/".join(_nodes(call.api_method))
        self._calls.labels(call.server, call.http_method, node, call.outcome).inc()
        self._call_seconds.labels(call.server, call.http_method, node).observe(call.seconds)
        self._note_state(call.server, call.place, call.state)

    def _note_state(self, server: str, place: int, found: str) -> None:
        """Keep what a call found of a place, where that is not what the last one found."""
        with self._lock:
            if self._found.get((server, place)) == found:
                return
            self._found[server, place] = found
            for state in STATES:
                self._state.labels(server, place, state).set(state == found)

    def note_rows(self, name: str, counts: "Counts[str]") -> None:
        """Count the rows of an answer or a command, by their kind."""
        for kind, count in counts.items():
            self._rows.labels(name, kind).inc(count)

    def note_notifications(self, outcome: str, lines: int) -> None:
        """Count lines for the room, by what came of them."""
        self._notifications.labels(outcome).inc(lines)

    def show_waiting(self, waiting: Callable[[], float]) -> None:
        """Ask this for how many lines wait."""
        self._waiting.set_function(waiting)


_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")


def add_metrics(app: Flask, clients: Iterable[ServerClient]) -> None:
    """Have the app count what it does, and tell it at `/metrics`, which needs no API key."""
    metrics = Metrics()
    app.extensions["metrics"] = metrics
    for client in clients:
        client.on_call.append(metrics.note_call)
    app.after_request(metrics.note_request)
    app.add_url_rule(ADDRESS, "metrics", _view)


def _view() -> Response:
    metrics: Metrics = current_app.extensions["metrics"]
    return Response(generate_latest(metrics.registry), content_type=CONTENT_TYPE_LATEST)


def _nodes(api_method: str) -> Iterable[str]:
    """Yield the parts of an API's path, with `ID` for what is no word of it."""
    for part in api_method.strip("/").split("/"):
        yield part if _WORD.fullmatch(part) else "ID"
