"""The API of the simulated CMS: its nodes, who may ask, and how it says that it can't.

The nodes that hold objects are in `nodes`; those that only compute an answer are in ANSWERS. Every
other path is an `unrecognizedObject`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from flaskr.pod.bare_app import bare_app
from flaskr.pod.cms.answers.table import ANSWERS
from flaskr.pod.cms.failures import CmsFailure, FailureElement, details, status_of
from flaskr.pod.cms.nodes.table import NODES
from flaskr.pod.cms.state import CmsState
from flaskr.pod.cms.views import BASE, NodeViews, Route, empty_answer, xml_bytes

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# What every answer of a real server has in captures.
HEADERS = {
    "Server": "Apache",
    "X-Frame-Options": "DENY",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Vary": "Accept-Encoding",
}
CHALLENGE = {**HEADERS, "WWW-Authenticate": 'Basic realm="acano"'}
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
        app = bare_app(__name__)
        app.before_request(self._refuse_strangers)
        app.register_error_handler(CmsFailure, self._failed)
        app.register_error_handler(HTTPException, self._unrouted)
        app.after_request(_with_headers)
        for method, path, view in self._routes():
            view = self._within(self._state.reading if method == "GET" else self._writing, view)
            app.add_url_rule(BASE + path, f"{method} {path}", view, methods=[method])
        return _any_spelling(app)

    def _routes(self) -> Iterable[Route]:
        for node in NODES:
            routes = NodeViews(self._state, node).routes()
            yield from routes if node.local else map(self._needing_database, routes)
        for answers in (kind(self._state) for kind in ANSWERS):
            routes = answers.routes()
            yield from map(self._needing_database, routes) if answers.needs_database else routes

    def _needing_database(self, route: Route) -> Route:
        """Return the route, whose view fails where this Call Bridge can't reach the database."""

        def answer(**ids: str) -> Response:
            if not self._state.has_database():
                raise CmsFailure(FailureElement("databaseNotReady"))
            return route.view(**ids)

        return route._replace(view=answer)

    def _writing(self) -> AbstractContextManager[None]:
        """Return a context in which a failure undoes what was done."""
        return self._state.attempt(keep=True)

    def _within(
        self, context: Callable[[], AbstractContextManager[None]], view: Callable[..., Response]
    ) -> Callable[..., Response]:
        """Return the view, answering within a context."""

        def answer(**ids: str) -> Response:
            with context():
                return view(**ids)

        return answer

    def _refuse_strangers(self) -> Response | None:
        """Refuse those who don't log in; for others, what is due is done first."""
        given = request.authorization
        if not request.path.startswith("/api"):
            return empty_answer(404)
        if given and (given.username, given.password) == self._login:
            self._state.advance()
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


def _with_headers(answer: Response) -> Response:
    answer.headers.update(HEADERS)
    return answer


def _any_spelling(app: Flask) -> WSGIApplication:
    def respell(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["PATH_INFO"] = environ["PATH_INFO"].lower().rstrip("/")
        return app(environ, start_response)

    return respell
