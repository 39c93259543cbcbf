"""Namespaces that somebody else writes: served in the place of the finished ones, and described."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from flask_restx import Namespace, Resource, reqparse
from openapi_spec_validator import OpenAPIV2SpecValidator, OpenAPIV31SpecValidator
from support.facts import SETTINGS_OF_TESTS

from flaskr import create_app
from flaskr.api.v1 import NAMESPACES

FINISHED = {namespace.name for namespace in NAMESPACES}


def unexplained() -> Namespace:
    """Return a namespace cms that says nothing about itself but what Flask-RESTX finds out."""
    namespace = Namespace("cms")
    form = reqparse.RequestParser()
    form.add_argument("name", location="form")

    class OwnSpaces(Resource):  # type: ignore[misc]  # Flask-RESTX has no types
        def get(self, userid: str) -> dict[str, str]:
            return {"userid": userid}

        @namespace.expect(form)  # type: ignore[untyped-decorator]
        def put(self, userid: str) -> dict[str, str]:
            """Rename."""
            return {"userid": userid, **form.parse_args()}

    namespace.add_resource(OwnSpaces, "/spaces/<userid>")
    return namespace


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    others = [namespace for namespace in NAMESPACES if namespace.name != "cms"]
    app = create_app(SETTINGS_OF_TESTS, project=tmp_path, namespaces=[unexplained(), *others])
    return app.test_client()


def test_a_namespace_can_stand_in_the_place_of_the_finished_one(client: FlaskClient) -> None:
    assert client.get("/api/v1/cms/spaces/kim").get_json() == {"userid": "kim"}
    renamed = client.put("/api/v1/cms/spaces/kim", data={"name": "Kim's"})
    assert renamed.get_json() == {"userid": "kim", "name": "Kim's"}
    assert client.get("/api/v1/me").status_code == 200
    for path in ("cms/version", "cms/template/kim", "cms/plan"):
        assert client.get(f"/api/v1/{path}").status_code == 404


def test_the_finished_ones_are_served_where_none_are_named(tmp_path: Path) -> None:
    client = create_app(SETTINGS_OF_TESTS, project=tmp_path).test_client()
    swagger = client.get("/api/v1/swagger.json").get_json()
    assert {path.split("/")[1] for path in swagger["paths"]} == FINISHED


def test_what_says_nothing_about_itself_is_described_all_the_same(client: FlaskClient) -> None:
    swagger = client.get("/api/v1/swagger.json").get_json()
    OpenAPIV2SpecValidator(swagger).validate()
    assert list(swagger["paths"])[:2] == ["/cms/spaces/{userid}", "/directory/users"]
    modify = swagger["paths"]["/cms/spaces/{userid}"]["put"]
    assert (modify["summary"], modify["parameters"][1]["name"]) == ("Rename", "name")
    openapi = client.get("/api/v1/openapi.json").get_json()
    OpenAPIV31SpecValidator(openapi).validate()
