"""The Swagger page and the Postman collection, under the API's prefix; they need no API key."""

from flask import Blueprint, Response, jsonify, request
from flask_restx import Api

from flaskr.api.v1.page.postman import postman_collection
from flaskr.api.v1.page.swagger_ui import swagger_page, swagger_ui_file


def add_page(blueprint: Blueprint, api: Api, title: str) -> None:
    """Give the API its Swagger page, with all of its files, and the Postman collection."""

    def postman() -> Response:
        """Return the Postman collection, for the address that this server listens on."""
        name, port = request.environ["SERVER_NAME"], request.environ["SERVER_PORT"]
        host = f"[{name}]" if ":" in name else name
        base_url = f"http://{host}:{port}{blueprint.url_prefix}"
        return jsonify(postman_collection(title, base_url))

    api.documentation(lambda: swagger_page(title))
    blueprint.add_url_rule("/swagger-ui/<path:filename>", "swagger_ui", swagger_ui_file)
    blueprint.add_url_rule("/postman.json", "postman", postman)
