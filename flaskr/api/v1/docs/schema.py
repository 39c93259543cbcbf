"""What Flask-RESTX leaves to do of swagger.json: examples, the order of parameters, the user ID."""

from collections.abc import Collection, Mapping
from typing import Any

from flaskr.access.roles import DRY_RUN, FORCE, ROLE, KeyRole
from flaskr.provisioning.sending import WAY

JSON = "application/json"
EXAMPLES = "x-examples"  # how Flask-RESTX carries the examples to where swagger.json is made


def offered(path_item: Mapping[str, Any], ways: Collection[str]) -> dict[str, Any]:
    """Return a path with the ways to send something that there are; without one, nothing is sent.
    """
    choices = {
        method: {
            **operation,
            "parameters": [_narrowed(each, ways) for each in operation.get("parameters", [])],
        }
        for method, operation in path_item.items()
        if method != "parameters"
    }
    shared = {"parameters": path_item["parameters"]} if "parameters" in path_item else {}
    return {
        **shared,
        **{
            method: operation for method, operation in choices.items()
            if all(each.get("enum") != [] for each in operation["parameters"])
        },
    }


def _narrowed(parameter: Mapping[str, Any], ways: Collection[str]) -> Mapping[str, Any]:
    if parameter["name"] != WAY.name:
        return parameter
    return {**parameter, "enum": [way for way in parameter["enum"] if way in ways]}


def complete_path(path_item: Mapping[str, Any], example_userid: str) -> dict[str, Any]:
    """Return a path of swagger.json as Swagger UI is to have it.

    Examples stand where OpenAPI 2 has them, at the answers. The user ID is the first parameter of
    each operation, since Swagger UI shows last what all operations of a path share; its example is
    filled in.
    """
    shared = [
        _with_example(parameter, example_userid) for parameter in path_item.get("parameters", [])
    ]
    return {
        method: _with_examples(
            {**operation, "parameters": [*shared, *operation.get("parameters", [])]}
        )
        for method, operation in path_item.items()
        if method != "parameters"
    }


def _with_example(parameter: Mapping[str, Any], example_userid: str) -> dict[str, Any]:
    is_userid = parameter["name"] == "userid" and example_userid
    return {**parameter, **({"x-example": example_userid} if is_userid else {})}


def _with_examples(operation: Mapping[str, Any]) -> dict[str, Any]:
    examples = operation.get(EXAMPLES, {})
    answers = {
        status: {**answer, "examples": {JSON: examples[status]} if status in examples else {}}
        for status, answer in operation["responses"].items()
    }
    others = {name: value for name, value in operation.items() if name != EXAMPLES}
    text = "\n\n".join(filter(None, (operation.get("description"), _roles(operation))))
    return {**others, "description": text, "responses": answers}


def _roles(operation: Mapping[str, Any]) -> str:
    """Return which roles an operation takes, in words."""
    names = {parameter["name"] for parameter in operation["parameters"]}
    usual = KeyRole(operation.get(ROLE, KeyRole.ADMIN))
    others = ((DRY_RUN, KeyRole.READER), (FORCE, KeyRole.ADMIN))
    words = [
        f", with `{name}=true` {role.value}"
        for name, role in others
        if name in names and role is not usual
    ]
    return f"Where API keys are set, it takes the role *{usual.value}*{''.join(words)}."
