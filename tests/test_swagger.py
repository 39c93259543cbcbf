"""swagger.json: valid, complete, and in the order of the guide.

That answers are as it says is checked at every request of the other tests, by their client.
"""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV2SpecValidator
from support import SETTINGS_OF_TESTS

from flaskr import create_app
from flaskr.api.v1.parsers import LAYOUTS, SPACE_PARAMETERS


@pytest.fixture
def specification(client: FlaskClient) -> dict[str, Any]:
    return dict(client.get("/api/v1/swagger.json").get_json())


def test_it_is_valid_openapi_2(specification: dict[str, Any]) -> None:
    OpenAPIV2SpecValidator(specification).validate()


def test_the_operations_stand_in_the_order_of_the_guide(specification: dict[str, Any]) -> None:
    operations = [
        (method, path)
        for path, methods in specification["paths"].items()
        for method in methods
        if method != "parameters"
    ]
    space = "/cms/spaces/{userid}"
    assert operations == [
        ("get", "/cms/version"),
        ("get", space),
        ("post", space),
        ("put", space),
        ("delete", space),
    ]


@pytest.mark.parametrize("method", ["post", "put"])
def test_the_arguments_are_form_fields_and_the_user_id_comes_last(
    specification: dict[str, Any], method: str
) -> None:
    path = specification["paths"]["/cms/spaces/{userid}"]
    fields = path[method]["parameters"]
    assert [field["name"] for field in fields] == list(SPACE_PARAMETERS)
    assert {field["in"] for field in fields} == {"formData"}
    assert not any(field.get("required") for field in fields)
    assert [parameter["name"] for parameter in path["parameters"]] == ["userid"]


def test_the_layout_is_a_choice_of_all_thirteen(specification: dict[str, Any]) -> None:
    fields = specification["paths"]["/cms/spaces/{userid}"]["put"]["parameters"]
    layout = next(field for field in fields if field["name"] == "defaultLayout")
    assert tuple(layout["enum"]) == LAYOUTS
    assert len(LAYOUTS) == 13


def test_the_title_and_the_servers_are_named(specification: dict[str, Any]) -> None:
    assert specification["info"]["title"] == "LTRCOL-2574 Portal"
    assert "127.0.0.1:4443" in specification["info"]["description"]


def test_the_page_asks_for_the_api_key_only_where_there_is_one(
    app: Flask, specification: dict[str, Any]
) -> None:
    assert "securityDefinitions" not in specification
    with_key = create_app({**SETTINGS_OF_TESTS, "PORTAL_API_KEY": "s3cret"})
    specification = dict(with_key.test_client().get("/api/v1/swagger.json").get_json())
    scheme = specification["securityDefinitions"]["apiKey"]
    assert (scheme["in"], scheme["name"]) == ("header", "X-API-Key")
    assert specification["security"] == [{"apiKey": []}]


def test_the_page_and_all_of_its_files_come_from_the_portal(client: FlaskClient) -> None:
    page = client.get("/api/v1/")
    assert "http://" not in page.text
    assert "https://" not in page.text
    for path in (
        "/api/v1/swagger-ui/swagger-ui.css",
        "/api/v1/swagger-ui/swagger-ui-bundle.js",
        "/api/v1/swagger-ui/favicon-32x32.png",
        "/api/v1/static/page.js",
    ):
        assert path in page.text
        with client.get(path) as answer:
            assert answer.status_code == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert client.get("/swaggerui/swagger-ui-bundle.js").status_code == 404
