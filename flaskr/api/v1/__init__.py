"""Version 1 of the portal's API: the blueprint, its namespaces, and how outcomes become answers."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from flask_restx import Api
from flask_restx.swagger import extract_path
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
)

from flaskr.access.keys import HEADER
from flaskr.api.v1.cms import api as cms_namespace
from flaskr.api.v1.models import RETRY_AFTER, place_examples, place_userid
from flaskr.api.v1.page import swagger_page, swagger_ui_file
from flaskr.api.v1.postman import postman_collection
from flaskr.rest.v1.result import Reason, ResponseDictionary, Result

TITLE = "LTRCOL-2574 Portal"
PREFIX = "/api/v1"
RETRY_AFTER_SECONDS = 5
DESCRIPTION = (
    "Provisions the personal Spaces of a Cisco Meeting Server (CMS) by user ID, with what Cisco "
    "Unified Communications Manager (CUCM) says about the users."
)
POSTMAN = "The lab guide's verification as a [Postman collection](postman.json), with tests."

STATUSES: Mapping[Reason, HTTPStatus] = {
    Reason.BAD_REQUEST: HTTPStatus.BAD_REQUEST,
    Reason.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Reason.FAILURE_CODES: HTTPStatus.CONFLICT,
    Reason.UNREACHABLE: HTTPStatus.BAD_GATEWAY,
    Reason.UNTRUSTED: HTTPStatus.BAD_GATEWAY,
    Reason.ANSWER_LOST: HTTPStatus.BAD_GATEWAY,
    Reason.REFUSED_CREDENTIALS: HTTPStatus.BAD_GATEWAY,
    Reason.SERVER_ERROR: HTTPStatus.BAD_GATEWAY,
    Reason.UNEXPECTED_STATUS: HTTPStatus.BAD_GATEWAY,
    Reason.UNREADABLE: HTTPStatus.BAD_GATEWAY,
    Reason.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
    Reason.NO_CONNECTION_IN_TIME: HTTPStatus.GATEWAY_TIMEOUT,
    Reason.TIMED_OUT: HTTPStatus.GATEWAY_TIMEOUT,
}
# The failure codes of CMS that mean something other than that it won't do what was asked.
CODE_STATUSES: Mapping[str, HTTPStatus] = {
    "parameterError": HTTPStatus.BAD_REQUEST,
    "passcodeTooShort": HTTPStatus.BAD_REQUEST,
    "coSpaceDoesNotExist": HTTPStatus.NOT_FOUND,
    "invalidVersion": HTTPStatus.BAD_GATEWAY,
    "unrecognisedObject": HTTPStatus.BAD_GATEWAY,
    "unrecognizedObject": HTTPStatus.BAD_GATEWAY,
    "databaseNotReady": HTTPStatus.SERVICE_UNAVAILABLE,
}
# What werkzeug says of an error, in words that help here.
_MESSAGES: Mapping[str | None, str] = {
    NotFound.description: f"There is nothing at this address; {PREFIX}/ lists what there is.",
    RequestEntityTooLarge.description: "The body is larger than the portal takes.",
    MethodNotAllowed.description: "This address does not take that method; the header Allow names "
    "those that it takes.",
    BadRequest.description: "The request is not HTTP as it should be.",
}


class PortalApi(Api):
    """The API, and the one place that turns outcomes and errors into answers.

    `example_userid` is filled in on the Swagger page.
    """

    def __init__(self, *args: Any, example_userid: str, **kwargs: Any) -> None:
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
        paths = {
            path: place_userid(place_examples(schema["paths"][path]), self.example_userid)
            for path in order
        }
        without_its_own_errors = {key: schema[key] for key in schema if key != "responses"}
        return {**without_its_own_errors, "paths": paths}

    def make_response(self, data: Any, *args: Any, **kwargs: Any) -> Response:
        """Answer what a view returns; a failed response dictionary with the status of its reason.

        The keys that are for the layers among themselves stay here. A 503 says when to try again.
        """
        if isinstance(data, dict) and "reason" in data:
            args = (_status(cast(Result, data)), *args[1:])
            data = error_body(data["message"])
        answer: Response = super().make_response(data, *args, **kwargs)
        if answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            answer.headers.setdefault(RETRY_AFTER, str(RETRY_AFTER_SECONDS))
        return answer

    def handle_error(self, error: Exception) -> Response:
        """Answer an error in the form that every error has."""
        if not isinstance(error, HTTPException):
            if self._propagate_exceptions():
                raise error
            current_app.logger.error("internal error", exc_info=error)
            error = InternalServerError("The portal failed here; its log says more.")
        message = _MESSAGES.get(error.description or "", error.description or error.name)
        headers = [header for header in error.get_headers() if header[0] != "Content-Type"]
        return self.make_response(error_body(message), error.code, headers=headers)


def create_api(app: Flask, notice: str, example_userid: str) -> None:
    """Give the app its API under `/api/v1`, with the Swagger page there.

    `notice` stands on the page, in Markdown, under what the portal is and which servers it has;
    `example_userid` is filled in as the user ID.
    """
    app.extensions["restx"] = {"apidoc_registered": True}  # not Flask-RESTX's older Swagger UI
    blueprint = Blueprint(
        "api", __name__, url_prefix=PREFIX, template_folder="templates", static_folder="static"
    )
    api = PortalApi(
        blueprint,
        version="1.0",
        title=TITLE,
        description="\n\n".join(filter(None, (DESCRIPTION, _servers(app), notice, POSTMAN))),
        example_userid=example_userid,
        **_security(app),
    )
    api.documentation(lambda: swagger_page(TITLE))
    blueprint.add_url_rule("/swagger-ui/<path:filename>", "swagger_ui", swagger_ui_file)
    blueprint.add_url_rule("/postman.json", "postman", _postman)
    api.add_namespace(cms_namespace)
    app.register_blueprint(blueprint)
    app.register_error_handler(HTTPException, api.handle_error)


def _postman() -> Response:
    """Return the Postman collection, for the address that this server listens on."""
    address = f"{request.environ['SERVER_NAME']}:{request.environ['SERVER_PORT']}"
    return jsonify(postman_collection(TITLE, f"http://{address}{PREFIX}"))


def _servers(app: Flask) -> str:
    """Return which servers the portal has: nothing where a key is set, for the page needs none."""
    setting = app.config
    if setting["PORTAL_API_KEY"]:
        return ""
    return (
        f"It talks to the CMS at `{setting['CMS_HOSTNAME']}:{setting['CMS_PORT']}` "
        f"and to the CUCM at `{setting['CUCM_HOSTNAME']}:{setting['CUCM_PORT']}`."
    )


def _security(app: Flask) -> dict[str, Any]:
    """Return what makes the Swagger page ask for the API key, where there is one."""
    if not app.config["PORTAL_API_KEY"]:
        return {}
    scheme = {"type": "apiKey", "in": "header", "name": HEADER}
    return {"authorizations": {"apiKey": scheme}, "security": "apiKey"}


def _status(failure: Result) -> HTTPStatus:
    codes = (CODE_STATUSES[code] for code in failure["codes"] if code in CODE_STATUSES)
    return next(codes, STATUSES[failure["reason"]])


def error_body(message: str) -> ResponseDictionary:
    """Return the body that every error answer has."""
    return {"success": False, "message": message, "response": ""}
