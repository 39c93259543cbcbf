"""Flask-RESTX as the portal uses it: swagger.json, the page, and the one form of errors."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Flask, Response, current_app
from flask_restx import Api
from flask_restx.swagger import extract_path
from werkzeug.exceptions import HTTPException, InternalServerError

from flaskr.access.keys import HEADER, are_keys_set
from flaskr.api.v1.docs.schema import complete_path, offered
from flaskr.api.v1.errors import answer_of_failure, answer_of_http
from flaskr.api.v1.page import add_page
from flaskr.places import Place
from flaskr.result import Failure

TITLE = "LTRCOL-2574 Portal"
PREFIX = "/api/v1"
DESCRIPTION = (
    "Provisions the personal Spaces of a Cisco Meeting Server (CMS) by user ID, with what a "
    "directory says about the users: Cisco Unified Communications Manager (CUCM), or LDAP."
)
FILES = (
    "The lab guide's verification as a [Postman collection](postman.json), with tests. For clients "
    "that are generated: [OpenAPI 3.1](openapi.json)."
)


class PortalApi(Api):
    """The API: its documentation, and its errors as answers.

    `example_userid` is filled in on the Swagger page. `servers` says which servers the portal has:
    on the page where callers need no API key, for the page needs none.
    """

    def __init__(self, *args: Any, servers: str, example_userid: str, **kwargs: Any) -> None:
        self.servers = servers
        self.example_userid = example_userid
        super().__init__(*args, **kwargs)

    @property
    def __schema__(self) -> dict[str, Any]:
        """Return swagger.json: paths in the order of registration, answers with examples."""
        schema: dict[str, Any] = super().__schema__
        order = [
            extract_path(url)
            for namespace in self.namespaces
            for route in namespace.resources
            for url in self.ns_urls(namespace, route.urls)
        ]
        ways = current_app.extensions["senders"]
        paths = {
            path: complete_path(offered(schema["paths"][path], ways), self.example_userid)
            for path in order
        }
        without_its_own_errors = {key: schema[key] for key in schema if key != "responses"}
        return {**without_its_own_errors, **self._by_keys(schema["info"]), "paths": paths}

    def _by_keys(self, info: Mapping[str, Any]) -> dict[str, Any]:
        """Return what swagger.json says by whether callers need an API key now."""
        if not are_keys_set():
            return {"info": {**info, "description": f"{info['description']}\n\n{self.servers}"}}
        scheme = {"type": "apiKey", "in": "header", "name": HEADER}
        return {"securityDefinitions": {"apiKey": scheme}, "security": [{"apiKey": []}]}

    def handle_error(self, error: Exception) -> Response:
        """Answer an error in the form that every error has."""
        if isinstance(error, Failure):
            body, status, headers = answer_of_failure(error)
        else:
            body, status, headers = answer_of_http(self._as_http(error))
        answer: Response = self.make_response(body, status, headers=headers)
        return answer

    def _as_http(self, error: Exception) -> HTTPException:
        if isinstance(error, HTTPException):
            return error
        if self._propagate_exceptions():
            raise error
        current_app.logger.error("internal error", exc_info=error)
        return InternalServerError()

    def answer_errors_of(self, app: Flask) -> None:
        """Answer the errors outside of the namespaces in the same form."""
        app.register_error_handler(HTTPException, self.handle_error)


def create_blueprint(
    servers: str, notice: str, example_userid: str
) -> tuple[Blueprint, PortalApi]:
    """Return the blueprint and its API, without namespaces yet; `servers` says which there are."""
    blueprint = Blueprint(
        "api", __name__, url_prefix=PREFIX,
        template_folder="page/templates", static_folder="page/static",
    )
    description = (DESCRIPTION, notice, FILES)
    api = PortalApi(
        blueprint,
        version="1.0",
        title=TITLE,
        description="\n\n".join(filter(None, description)),
        servers=servers,
        example_userid=example_userid,
    )
    add_page(blueprint, api, TITLE)
    return blueprint, api


def servers_in_words(clients: Mapping[str, Any]) -> str:
    """Return which servers the portal has, of those that its clients are for."""
    of_users = "CUCM" if "uds" in clients else "LDAP directory"
    cms, directory = (_where(clients[key].places) for key in ("cms", "directory"))
    talks = f"It talks to the CMS at {cms} and to the {of_users} at {directory}."
    if "cuc" not in clients:
        return talks
    unity = _where(clients["cuc"].places)
    return f"{talks} The mailboxes are those of the Unity Connection at {unity}."


def _where(places: Sequence[Place]) -> str:
    """Return where a server is, in words: `a:443`, `b:443` or `c:443` where it has three places."""
    *others, last = (f"`{place}`" for place in places)
    return " or ".join(filter(None, (", ".join(others), last)))
