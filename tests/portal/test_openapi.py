"""openapi.json: valid OpenAPI 3.1, the same as swagger.json, and what that has no words for."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from support.facts import SETTINGS_OF_TESTS

from flaskr import create_app
from flaskr.api.v1.docs.openapi import openapi_of

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
NDJSON, CSV = "application/x-ndjson", "text/csv"
SPACE = "/cms/spaces/{userid}"
Document = dict[str, Any]


@pytest.fixture
def swagger(client: FlaskClient) -> Document:
    return dict(client.get("/api/v1/swagger.json").get_json())


@pytest.fixture
def specification(client: FlaskClient) -> Document:
    return dict(client.get("/api/v1/openapi.json").get_json())


def both(swagger: Document, specification: Document) -> Iterator[tuple[Document, Document]]:
    """Yield each operation as swagger.json has it, and as openapi.json does."""
    for path, operations in swagger["paths"].items():
        for method, operation in operations.items():
            yield operation, specification["paths"][path][method]


def content_of(specification: Document, method: str, path: str) -> Document:
    """Return the bodies that an operation takes, by their kinds."""
    return dict(specification["paths"][path][method]["requestBody"]["content"])


def test_it_is_valid_openapi_3_1(specification: Document) -> None:
    OpenAPIV31SpecValidator(specification).validate()
    assert specification["openapi"].startswith("3.1.")


def test_it_is_valid_with_an_api_key_and_a_user_id_filled_in(tmp_path: Path) -> None:
    settings = {**SETTINGS_OF_TESTS, "PORTAL_API_KEY": "s3cret"}
    app = create_app(settings, project=tmp_path, example_userid="kim")
    specification = app.test_client().get("/api/v1/openapi.json").get_json()
    OpenAPIV31SpecValidator(specification).validate()
    scheme = {"type": "apiKey", "in": "header", "name": "X-API-Key"}
    assert specification["components"]["securitySchemes"] == {"apiKey": scheme}
    assert specification["security"] == [{"apiKey": []}]
    userid = specification["paths"][SPACE]["get"]["parameters"][0]
    assert (userid["name"], userid["example"]) == ("userid", "kim")


def test_without_a_key_it_asks_for_none(specification: Document) -> None:
    assert "security" not in specification
    assert "securitySchemes" not in specification["components"]


def test_it_says_where_the_api_is(swagger: Document, specification: Document) -> None:
    assert specification["servers"] == [{"url": "/api/v1"}]
    assert specification["info"] == swagger["info"]
    assert specification["tags"] == swagger["tags"]


def test_the_page_shows_it_and_links_to_it(client: FlaskClient, swagger: Document) -> None:
    assert 'data-specification="/api/v1/openapi.json"' in client.get("/api/v1/").text
    assert "[OpenAPI 3.1](openapi.json)" in swagger["info"]["description"]


def test_the_operations_are_those_of_swagger_json_in_their_order(
    swagger: Document, specification: Document
) -> None:
    assert list(swagger["paths"]) == list(specification["paths"])
    for path, operations in swagger["paths"].items():
        assert list(operations) == list(specification["paths"][path])
    for before, after in both(swagger, specification):
        for name in ("operationId", "summary", "description", "tags", "x-role"):
            assert after[name] == before[name]


def test_answers_have_the_same_statuses_examples_and_headers(
    swagger: Document, specification: Document
) -> None:
    for before, after in both(swagger, specification):
        assert list(after["responses"]) == list(before["responses"])
        for status, answer in before["responses"].items():
            found = after["responses"][status]
            assert found["description"] == answer["description"]
            assert found["content"][JSON]["example"] == answer["examples"][JSON]
            assert set(found.get("headers", {})) == set(answer.get("headers", {}))


def test_examples_are_as_their_schemas_say(specification: Document) -> None:
    for operations in specification["paths"].values():
        for operation in operations.values():
            for answer in operation["responses"].values():
                document = answer["content"][JSON]
                validator(specification, document["schema"]).validate(document["example"])


def test_the_examples_of_bodies_have_nothing_in_them_and_are_as_their_schemas_say(
    specification: Document,
) -> None:
    examples = set()
    for operations in specification["paths"].values():
        for operation in operations.values():
            for kind, body in operation.get("requestBody", {}).get("content", {}).items():
                validator(specification, body["schema"]).validate(body["example"])
                examples.add((kind, json.dumps(body["example"])))
    assert examples == {
        (FORM, "{}"), (JSON, "{}"), (JSON, "[]"), (CSV, '"userid\\n"'), (CSV, '"userid,action\\n"'),
        (NDJSON, json.dumps('{"complete": true, "counts": {}}\n')),
    }


@pytest.mark.parametrize(("method", "status"), [("post", 200), ("put", 400)])
def test_an_example_that_is_sent_changes_nothing_that_there_is(
    portal: FlaskClient, specification: Document, method: str, status: int
) -> None:
    for kind, body in content_of(specification, method, SPACE).items():
        sent = json.dumps(body["example"]) if kind == JSON else ""
        answer = portal.open(
            "/api/v1/cms/spaces/pod6user1?dry_run=true", method=method, data=sent, content_type=kind
        )
        assert answer.status_code == status
    for kind, body in content_of(specification, "post", "/cms/apply").items():
        sent = json.dumps(body["example"]) if kind == JSON else body["example"]
        answer = portal.post("/api/v1/cms/apply", data=sent, content_type=kind)
        assert answer.get_json()["response"]["counts"] == {}


def validator(specification: Document, schema: Document) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": specification["components"]})


def test_the_parameters_outside_of_the_body_are_the_same(
    swagger: Document, specification: Document
) -> None:
    for before, after in both(swagger, specification):
        outside = [each for each in before["parameters"] if each["in"] in ("path", "query")]
        assert [flat(each) for each in after["parameters"]] == outside


def flat(parameter: Document) -> Document:
    """Return a parameter as OpenAPI 2 has it."""
    others = {name: value for name, value in parameter.items() if name != "schema"}
    return {**others, **parameter["schema"]}


def test_form_and_json_bodies_have_the_same_arguments(
    swagger: Document, specification: Document
) -> None:
    for before, after in both(swagger, specification):
        fields = [each for each in before["parameters"] if each["in"] == "formData"]
        if fields and before["operationId"] != "plan":
            content = after["requestBody"]["content"]
            assert list(content) == [FORM, JSON]
            assert content[FORM] == content[JSON]
            properties = content[FORM]["schema"]["properties"]
            assert list(properties) == [field["name"] for field in fields]
            for field in fields:
                found = properties[field["name"]]
                assert (found["type"], found["description"]) == ("string", field["description"])
                assert found.get("x-may-be-empty") == field.get("allowEmptyValue")
        elif before["operationId"] not in ("plan", "apply"):
            assert "requestBody" not in after


def test_a_choice_may_be_sent_empty_where_that_unsets_it(specification: Document) -> None:
    choices = {
        method: content_of(specification, method, SPACE)[FORM]["schema"]["properties"]
        for method in ("post", "put")
    }
    assert choices["post"]["nonMemberAccess"]["enum"] == ["true", "false"]
    assert choices["put"]["nonMemberAccess"]["enum"] == ["true", "false", ""]
    assert choices["put"]["dry_run"]["enum"] == ["true", "false"]


def test_a_plan_takes_users_as_form_json_and_csv(specification: Document) -> None:
    content = content_of(specification, "post", "/cms/plan")
    assert list(content) == [FORM, JSON, CSV]
    assert content[FORM]["schema"]["properties"]["users"]["type"] == "string"
    users = ["pod6user1", {"userid": "pod6user2", "name": "Sales"}]
    bodies = validator(specification, content[JSON]["schema"])
    for body in (users, {"users": users, "leavers": "quarantine"}, {"everyone": "true"}):
        bodies.validate(body)
    for wrong in ("pod6user1", [7], [{"name": "Sales"}], {"users": "pod6user1"}):
        assert not bodies.is_valid(wrong)


@pytest.mark.parametrize("users", [["pod6user1", {"userid": "lee", "name": "Lee"}], "pod6user1"])
def test_users_in_json_are_a_list_as_it_says(
    portal: FlaskClient, specification: Document, users: Any
) -> None:
    schema = content_of(specification, "post", "/cms/plan")[JSON]["schema"]
    bodies = validator(specification, schema)
    for body in (users, {"users": users}):
        status = portal.post("/api/v1/cms/plan", json=body).status_code
        assert status == (200 if bodies.is_valid(body) else 400)


def test_the_rows_of_a_plan_are_taken_in_its_three_forms(
    portal: FlaskClient, specification: Document
) -> None:
    content = content_of(specification, "post", "/cms/apply")
    assert list(content) == [JSON, NDJSON, CSV]
    for kind in content:
        planned = portal.post("/api/v1/cms/plan", json=["lee"], headers={"Accept": kind})
        sent = planned.get_json()["response"]["rows"] if kind == JSON else planned.text
        validator(specification, content[kind]["schema"]).validate(sent)
        answer = portal.post(
            "/api/v1/cms/apply?dry_run=true", content_type=kind,
            data=json.dumps(sent) if kind == JSON else sent,
        )
        assert answer.get_json()["response"]["counts"] == {"done": 1}


def test_streams_are_described_with_their_end(
    swagger: Document, specification: Document
) -> None:
    streamed = {"listSpaces", "listUsers", "plan", "apply"}
    for before, after in both(swagger, specification):
        kinds = [JSON, NDJSON, CSV] if before["operationId"] in streamed else [JSON]
        content = after["responses"]["200"]["content"]
        assert list(content) == kinds
        assert list(after["responses"]["401"]["content"]) == [JSON]
        if NDJSON in content:
            assert content[NDJSON]["schema"]["type"] == content[CSV]["schema"]["type"] == "string"
            assert '"complete": true' in content[NDJSON]["schema"]["description"]


def test_answers_are_as_it_says(portal: FlaskClient, specification: Document) -> None:
    asked = [
        ("get", "/cms/version", {}), ("get", SPACE, {}), ("post", SPACE, {}), ("post", SPACE, {}),
        ("put", SPACE, {"name": "Sales"}), ("put", SPACE, {}), ("get", SPACE, {}),
        ("get", f"{SPACE}/members", {}), ("get", "/cms/spaces", {}), ("get", "/me", {}),
        ("post", "/cms/plan", {"users": "pod6user2"}), ("delete", SPACE, {}),
    ]
    statuses = []
    for method, path, form in asked:
        address = f"/api/v1{path}".format(userid="pod6user1")
        answer = portal.open(address, method=method, data=form)
        found = specification["paths"][path][method]["responses"][str(answer.status_code)]
        content = found["content"][answer.mimetype]
        validator(specification, content["schema"]).validate(answer.get_json())
        statuses.append(answer.status_code)
    assert statuses == [200, 404, 200, 409, 200, 400, 200, 200, 200, 200, 200, 200]


def test_nothing_of_swagger_json_is_changed_by_it(swagger: Document) -> None:
    before = json.dumps(swagger)
    openapi_of(swagger)
    assert json.dumps(swagger) == before
    assert "#/definitions/" not in json.dumps(openapi_of(swagger))
