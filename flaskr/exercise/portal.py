"""The lab's portal with the reader's namespace in the place of the finished one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

from flask import Flask
from flask_restx import Namespace, Resource
from werkzeug.exceptions import InternalServerError

from flaskr.api.v1 import NAMESPACES
from flaskr.exercise.written import RAISED, load, not_loaded
from flaskr.lab import lab_portal
from flaskr.pod import Pod

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REPLACED = "cms"
LOADING = "Your file is being loaded: reload this page in a moment."


def portal_of(pod: Pod, file: Path, module: ModuleType) -> Flask:
    """Return the portal with the namespace of the reader's module. Raises NotLoaded."""
    try:
        return _portal_with(pod, module.api)
    except RAISED as error:  # of what the reader's file has said to Flask-RESTX
        raise not_loaded(file, error) from error


def _portal_with(pod: Pod, namespace: Namespace) -> Flask:
    others = [each for each in NAMESPACES if each.name != REPLACED]
    app = lab_portal(pod, [namespace, *others])
    for finished in others:
        del finished.apis[:-1]  # they would keep each portal that they have ever been in
    return app


class NotServed(Resource):  # type: ignore[misc]  # Flask-RESTX has no types
    """What stands in the place of views that can't be served."""

    def __init__(self, *arguments: Any, why: str, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._why = why

    def get(self, path: str) -> NoReturn:
        """Say why nothing is served here."""
        raise InternalServerError(self._why)

    post = put = delete = get


class CurrentPortal:
    """A portal whose namespace cms changes while it is served."""

    def __init__(self, pod: Pod) -> None:
        self._pod = pod
        self.show_nothing(LOADING)

    def show(self, file: Path) -> None:
        """Serve what the reader's file says now. Raises NotLoaded, and serves nothing of it then.
        """
        self._app: WSGIApplication = portal_of(self._pod, file, load(file))

    def show_nothing(self, why: str) -> None:
        """Serve nothing of the reader's; the Swagger page and all answers say why."""
        namespace = Namespace(REPLACED, description=why)
        namespace.add_resource(NotServed, "/<path:path>", resource_class_kwargs={"why": why})
        self._app = _portal_with(self._pod, namespace)

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a request, as a WSGI application."""
        return self._app(environ, start_response)
