"""The client of the portal's tests notices an answer that is not as swagger.json says."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from jsonschema import ValidationError
from support.documented import DocumentedClient

TEXT = {"description": "a text", "schema": {"$ref": "#/definitions/Text"}}
SPECIFICATION = {
    "basePath": "/api/v1",
    "paths": {"/things/{name}": {"parameters": [], "get": {"responses": {"200": TEXT}}}},
    "definitions": {"Text": {"type": "object", "properties": {"text": {"type": "string"}}}},
}


@pytest.fixture
def things() -> FlaskClient:
    """A client of an app that answers with the status in the path, and with a text."""
    app = Flask(__name__)
    app.test_client_class = DocumentedClient
    app.add_url_rule("/api/v1/swagger.json", "documentation", lambda: SPECIFICATION)

    def answer(status: str) -> ResponseReturnValue:
        return app.json.response({"text": "x" if status != "200bad" else 7}), int(status[:3])

    app.add_url_rule("/api/v1/things/<status>", "thing", answer, methods=["GET", "PUT"])
    app.add_url_rule("/other/<status>", "other", answer)
    return app.test_client()


def test_an_answer_as_documented_passes(things: FlaskClient) -> None:
    assert things.get("/api/v1/things/200").get_json() == {"text": "x"}


def test_an_answer_of_another_form_fails(things: FlaskClient) -> None:
    with pytest.raises(ValidationError, match="7 is not of type 'string'"):
        things.get("/api/v1/things/200bad")


def test_a_status_that_is_not_documented_fails(things: FlaskClient) -> None:
    with pytest.raises(AssertionError, match="GET /api/v1/things/404: 404 is not documented"):
        things.get("/api/v1/things/404")


@pytest.mark.parametrize("path", ["/other/200bad", "/other/404"])
def test_what_is_not_documented_may_answer_as_it_likes(things: FlaskClient, path: str) -> None:
    assert things.get(path).status_code == int(path[7:10])


def test_a_method_that_is_not_documented_may_answer_as_it_likes(things: FlaskClient) -> None:
    assert things.put("/api/v1/things/404").status_code == 404
