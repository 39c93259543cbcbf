"""The control port: plain HTTP and JSON, to look at a running pod and to change it.

Only requests for a loopback name are answered, and only JSON changes anything, and not for a page
of another site: so no web page that someone has open can do it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, NotFound

from flaskr.pod.checks import BadInput
from flaskr.pod.control.help_texts import control_help
from flaskr.pod.control.steering import SteeredPod
from flaskr.pod.switches import as_dict

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
READING = ("GET", "HEAD")
# Who takes either, as curl does, gets the first.
KINDS_OF_HELP = ("text/plain", "text/html")
PAGE_HEADERS = {
    "Vary": "Accept",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}


class ControlPort:
    """The views of the control port, on the pod that they look at and change."""

    def __init__(self, pod: SteeredPod) -> None:
        self._pod = pod

    def app(self) -> Flask:
        """Return the WSGI app."""
        app = Flask(__name__, static_folder=None)
        app.json.sort_keys = False  # type: ignore[attr-defined]
        app.before_request(self._refuse_pages)
        app.register_error_handler(BadInput, lambda error: _error(400, str(error)))
        app.register_error_handler(HTTPException, _refused)
        self._add_views(app)
        for service in self._pod.services.values():
            for path, rows in service.tables().items():
                app.add_url_rule(f"/{path}", path, _table_view(rows))
        return app

    def _add_views(self, app: Flask) -> None:
        app.add_url_rule("/", "help", self._help)
        app.add_url_rule("/switches", "switches", self._switches, methods=["GET"])
        app.add_url_rule("/switches", "set", self._set, methods=["PATCH", "PUT"])
        app.add_url_rule("/faults", "faults", self._faults, methods=["GET"])
        app.add_url_rule("/faults", "add", self._add, methods=["POST"])
        app.add_url_rule("/faults", "clear", self._clear, methods=["DELETE"])
        app.add_url_rule("/faults/<int:fault_id>", "remove", self._remove, methods=["DELETE"])
        app.add_url_rule("/reset", "reset", self._reset, methods=["POST"])
        app.add_url_rule("/requests", "requests", self._requests, methods=["GET"])
        app.add_url_rule("/requests", "forget", self._forget, methods=["DELETE"])

    def _refuse_pages(self) -> ResponseReturnValue | None:
        name = request.headers.get("Host", "").lower()
        bare = name if name.endswith("]") else name.rpartition(":")[0] or name
        if bare not in (*LOOPBACK_NAMES, self._pod.host):
            return _error(403, "Only requests to a loopback name, such as localhost, are answered.")
        if request.method in READING:
            return None
        if _asked_by_other_site():
            return _error(403, "A page of another site asked for this, so nothing was changed.")
        if request.mimetype != "application/json":
            return _error(415, "Changes need the header Content-Type: application/json.")
        return None

    def _help(self) -> ResponseReturnValue:
        """Explain the control port, to a browser on a page that has what people got as well."""
        told = control_help(self._pod.control_url)
        if request.accept_mimetypes.best_match(KINDS_OF_HELP) != "text/html":
            return Response(told, mimetype="text/plain", headers={"Vary": "Accept"})
        services = self._pod.services.values()
        inboxes = [inbox for service in services for inbox in service.inboxes()]
        page = render_template("control.html", help=told, inboxes=inboxes)
        return Response(page, headers=PAGE_HEADERS)

    def _switches(self) -> ResponseReturnValue:
        return jsonify(as_dict(self._pod.switches))

    def _set(self) -> ResponseReturnValue:
        """Change the switches that are named; with PUT the others go back to the start."""
        given = _json_object()
        at_start = self._pod.switches_at_start if request.method == "PUT" else {}
        self._pod.switches.update({**at_start, **given})
        return self._switches()

    def _faults(self) -> ResponseReturnValue:
        return jsonify([fault.as_dict() for fault in self._pod.faults.active()])

    def _add(self) -> ResponseReturnValue:
        faults = self._pod.faults
        fault = faults.append(faults.catalogue.make(_json_object()))
        return jsonify(fault.as_dict()), 201

    def _clear(self) -> ResponseReturnValue:
        self._pod.faults.clear()
        return self._faults()

    def _remove(self, fault_id: int) -> ResponseReturnValue:
        if not self._pod.faults.remove(fault_id):
            raise NotFound(f"There is no fault {fault_id}.")
        return self._faults()

    def _reset(self) -> ResponseReturnValue:
        self._pod.reset()
        return self._switches()

    def _requests(self) -> ResponseReturnValue:
        return jsonify(self._pod.journal.report())

    def _forget(self) -> ResponseReturnValue:
        self._pod.journal.clear()
        return self._requests()


def _asked_by_other_site() -> bool:
    """Return whether a browser says so: in Sec-Fetch-Site, an older one in Origin."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site not in ("same-origin", "none")
    return origin is not None and origin.lower() != f"http://{request.host}".lower()


def _table_view(
    rows: Callable[[], list[dict[str, Any]]]
) -> Callable[[], ResponseReturnValue]:
    return lambda: jsonify(rows())


def _json_object() -> Mapping[str, Any]:
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise BadInput('The body must be a JSON object, such as {"page_cap": 3}.')
    return given


def _refused(error: Exception) -> ResponseReturnValue:
    assert isinstance(error, HTTPException)
    return _error(error.code or 500, error.description or error.name)


def _error(status: int, sentence: str) -> ResponseReturnValue:
    return jsonify(error=sentence), status
