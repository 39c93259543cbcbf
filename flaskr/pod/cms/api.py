"""The API of the simulated CMS: its nodes, who may ask, and how it says that it can't.

Of a real server's API the nodes in NODES are there; every other path is an `unrecognizedObject`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from flaskr.pod.cms.failures import CmsFailure, FailureElement, details, status_of
from flaskr.pod.cms.node import BASE, Node, empty_answer, xml_bytes
from flaskr.pod.cms.spaces import CoSpaces
from flaskr.pod.cms.state import CmsState
from flaskr.pod.cms.status import SystemStatus

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# A new node is a file beside this one, and its class here.
NODES: tuple[type[Node], ...] = (SystemStatus, CoSpaces)
CHALLENGE = {"WWW-Authenticate": 'Basic realm="acano"'}
_API_VERSION = re.compile(r"/api/v(?!1(/|$))[^/]+")
# The codes for requests that no view answers, by the status that routing gives them.
_UNROUTED = {404: "unrecognizedObject", 405: "invalidOperation"}


class CmsApi:
    """The WSGI app of a CMS, on the state that its nodes show and change."""

    def __init__(self, state: CmsState, username: str, password: str) -> None:
        self._state, self._switches = state, state.switches
        self._login = (username, password)

    def app(self) -> WSGIApplication:
        """Return the WSGI app. Its paths are case-insensitive and may end with slashes."""
        app = Flask(__name__, static_folder=None)
        app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
        app.url_map.merge_slashes = False
        app.before_request(self._refuse_strangers)
        app.register_error_handler(CmsFailure, self._failed)
        app.register_error_handler(HTTPException, self._unrouted)
        for node in NODES:
            for method, path, view in node(self._state).routes():
                app.add_url_rule(BASE + path, f"{method} {path}", view, methods=[method])
        return _any_spelling(app)

    def _refuse_strangers(self) -> Response | None:
        given = request.authorization
        if not request.path.startswith("/api"):
            return empty_answer(404)
        if given and (given.username, given.password) == self._login:
            return None
        return empty_answer(401, CHALLENGE)

    def _failed(self, failure: Exception) -> Response:
        assert isinstance(failure, CmsFailure)
        status = status_of(failure.reasons[0].code, int(self._switches.unknown_id_status))
        return xml_bytes(details(tuple(map(self._spelt, failure.reasons))), status)

    def _spelt(self, reason: FailureElement) -> FailureElement:
        if reason.code == "unrecognizedObject" and self._switches.unrecognised_spelling:
            return FailureElement("unrecognisedObject")
        return reason

    def _unrouted(self, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if _API_VERSION.match(request.path):
            return self._failed(CmsFailure(FailureElement("invalidVersion")))
        if error.code in _UNROUTED:
            return self._failed(CmsFailure(FailureElement(_UNROUTED[error.code])))
        return empty_answer(error.code or 500)


def _any_spelling(app: Flask) -> WSGIApplication:
    def respell(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["PATH_INFO"] = environ["PATH_INFO"].lower().rstrip("/")
        return app(environ, start_response)

    return respell
