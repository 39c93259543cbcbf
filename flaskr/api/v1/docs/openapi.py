"""swagger.json as OpenAPI 3.1, with what OpenAPI 2 has no words for: other bodies, and streams."""

from collections.abc import Callable, Mapping
from typing import Any

from flaskr.api.v1.docs import bulk
from flaskr.api.v1.parsers import FORM, JSON
from flaskr.api.v1.streams import CSV, NDJSON

VERSION = "3.1.0"
Node = Mapping[str, Any]

_STREAMS = {
    NDJSON: "A line of JSON for each row, sent as it comes, and one for the end, such as "
    "`{\"complete\": true, \"counts\": {…}}`: `complete` is `false` where something failed in the "
    "middle, and `error` says what. What was cut has no such line.",
    CSV: "A header, and a line for each row, sent as it comes: UTF-8, with a byte order mark. "
    "There is no line for the end: where something fails in the middle, the answer is cut.",
}
# What stands elsewhere in OpenAPI 3, or is told by the kinds of bodies.
_MOVED = ("parameters", "responses", "consumes", "produces")
_COMPONENTS = {"definitions": "schemas", "securityDefinitions": "securitySchemes"}
_OF_A_SCHEMA = ("type", "format", "enum", "items", "default")
# Whether an argument may be sent empty, which OpenAPI 3 has no word for either.
MAY_BE_EMPTY = "x-may-be-empty"


def openapi_of(swagger: Node) -> dict[str, Any]:
    """Return a finished swagger.json as OpenAPI 3.1.

    The arguments that OpenAPI 2 has as form fields are a form or a JSON object. Raises KeyError for
    what is no whole swagger.json.
    """
    usual = swagger["produces"]
    return {
        "openapi": VERSION,
        "info": swagger["info"],
        "servers": [{"url": swagger["basePath"]}],
        **{key: swagger[key] for key in ("security", "tags") if key in swagger},
        "paths": {
            path: {method: _operation(each, usual) for method, each in operations.items()}
            for path, operations in swagger["paths"].items()
        },
        "components": {
            new: _schemas(swagger[old]) if old == "definitions" else swagger[old]
            for old, new in _COMPONENTS.items()
            if old in swagger
        },
    }


def _operation(operation: Node, usual: list[str]) -> dict[str, Any]:
    kinds = operation.get("produces", usual)
    outside = [each for each in operation["parameters"] if each["in"] not in ("body", "formData")]
    return {
        **{key: value for key, value in operation.items() if key not in _MOVED},
        "parameters": [_parameter(each) for each in outside],
        **_request_body(operation),
        "responses": {
            status: _answer(answer, kinds if status == "200" else [JSON])
            for status, answer in operation["responses"].items()
        },
    }


def _parameter(parameter: Node) -> dict[str, Any]:
    others = {
        "example" if key == "x-example" else key: value
        for key, value in parameter.items()
        if key not in _OF_A_SCHEMA
    }
    return {**others, "schema": _schema_of(parameter)}


def _schema_of(parameter: Node, *more: str) -> dict[str, Any]:
    """Return the schema that a parameter or header of OpenAPI 2 is itself, with `more` of it."""
    return _schema({key: parameter[key] for key in (*more, *_OF_A_SCHEMA) if key in parameter})


def _request_body(operation: Node) -> dict[str, Any]:
    """Return the body that an operation takes, as the member that it is; nothing for none.

    The examples have nothing in them: the page fills them in.
    """
    parameters, name = operation["parameters"], operation["operationId"]
    others = {
        kind: {**_text(body.description), "example": body.nothing}
        for kind, body in bulk.OTHER_BODIES.get(name, {}).items()
    }
    for each in parameters:
        if each["in"] == "body":
            content = {JSON: {"schema": _schema(each["schema"]), "example": []}, **others}
            return {"requestBody": {"description": each["description"], "content": content}}
    fields = [each for each in parameters if each["in"] == "formData"]
    content = {**_form_and_json(fields, bulk.LISTS_IN_JSON.get(name, {})), **others}
    return {"requestBody": {"content": content}} if fields else {}


def _form_and_json(fields: list[Node], lists: Node) -> dict[str, Any]:
    """Return the same arguments as form and as JSON.

    `lists` are those that are lists in JSON; such a list may be the whole body, too. None has to
    stand there: the query will do.
    """
    form = {field["name"]: _form_field(field) for field in fields}
    document = {"type": "object", "properties": {**form, **lists}}
    alone = [*lists.values()]
    return {
        FORM: {"schema": {"type": "object", "properties": form}, "example": {}},
        JSON: {"schema": {"anyOf": [document, *alone]} if alone else document, "example": {}},
    }


def _form_field(field: Node) -> dict[str, Any]:
    schema = _schema_of(field, "description")
    if not field.get("allowEmptyValue"):
        return schema
    choices = {"enum": [*field["enum"], ""]} if "enum" in field else {}
    return {**schema, **choices, MAY_BE_EMPTY: True}


def _text(description: str) -> dict[str, Any]:
    return {"schema": {"type": "string", "description": description}}


def _answer(answer: Node, kinds: list[str]) -> dict[str, Any]:
    headers = {
        name: {"description": header["description"], "schema": _schema_of(header)}
        for name, header in answer.get("headers", {}).items()
    }
    content = {
        kind: _text(_STREAMS[kind]) if kind in _STREAMS else _document(answer, kind)
        for kind in kinds
    }
    found = {"description": answer["description"], "content": content}
    return {**found, "headers": headers} if headers else found


def _document(answer: Node, kind: str) -> dict[str, Any]:
    example = answer["examples"].get(kind)
    schema = {"schema": _schema(answer.get("schema", {}))}
    return schema if example is None else {**schema, "example": example}


def _schema(schema: Node) -> dict[str, Any]:
    """Return a schema of OpenAPI 2 as JSON Schema, with its references where they lead to now."""
    return {
        "examples" if key == "example" else key: _PARTS.get(key, _same)(value)
        for key, value in schema.items()
    }


def _schemas(schemas: Node) -> dict[str, Any]:
    return {name: _schema(each) for name, each in schemas.items()}


def _same(value: Any) -> Any:
    return value


_PARTS: Mapping[str, Callable[[Any], Any]] = {
    "$ref": lambda address: address.replace("#/definitions/", "#/components/schemas/"),
    "allOf": lambda schemas: [_schema(each) for each in schemas],
    "example": lambda example: [example],
    "items": _schema,
    "properties": _schemas,
}
