"""The Swagger page, openapi.json and the Postman collection, which all need no API key."""

import json

from flask import Blueprint, Response, current_app, jsonify, request
from flask_restx import Api

from flaskr.api.v1.docs.openapi import openapi_of
from flaskr.api.v1.page.postman import postman_collection
from flaskr.api.v1.page.swagger_ui import swagger_page, swagger_ui_file


def add_page(blueprint: Blueprint, api: Api, title: str) -> None:
    """Give the API its Swagger page, with all of its files, openapi.json and postman.json."""

    def openapi() -> Response:
        """Return what swagger.json says as OpenAPI 3.1, its paths in the same order."""
        text = json.dumps(openapi_of(api.__schema__), ensure_ascii=False)
        return Response(text, mimetype="application/json")

    def postman() -> Response:
        """Return the Postman collection, for the address that this server listens on."""
        name, port = request.environ["SERVER_NAME"], request.environ["SERVER_PORT"]
        host = f"[{name}]" if ":" in name else name
        base_url = f"http://{host}:{port}{blueprint.url_prefix}"
        has_unity = "cuc" in current_app.extensions
        return jsonify(postman_collection(title, base_url, has_unity))

    api.documentation(lambda: swagger_page(title))
    blueprint.add_url_rule("/swagger-ui/<path:filename>", "swagger_ui", swagger_ui_file)
    blueprint.add_url_rule("/openapi.json", "openapi", openapi)
    blueprint.add_url_rule("/postman.json", "postman", postman)
