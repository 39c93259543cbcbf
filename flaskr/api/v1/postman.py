"""The guide's verification (lab guide, step 7) as a Postman collection, version 2.1."""

from typing import Any, NamedTuple

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
USERID = "pod6user1"
NEW_NAME = "New Pod6 User1 Space"
SPACE_PATH = "cms/spaces/{{userid}}"


class Step(NamedTuple):
    """A request of the guide; `expected` is JavaScript conditions about the answer's `body`."""

    name: str
    http_method: str
    path: str
    form: dict[str, str]
    status: int
    expected: tuple[str, ...]


STEPS = (
    Step("Retrieve the version", "GET", "cms/version", {}, 200, ("body.length > 0",)),
    Step(
        "Create a Space by user ID", "POST", SPACE_PATH, {}, 200,
        ("body.success", "body.message.includes(body.response)"),
    ),
    Step(
        "Modify the Space by user ID", "PUT", SPACE_PATH,
        {"name": NEW_NAME, "defaultLayout": "allEqual"}, 200, ("body.success",),
    ),
    Step(
        "Retrieve the Space by user ID", "GET", SPACE_PATH, {}, 200,
        (
            f"body.response.coSpace.name === '{NEW_NAME}'",
            "body.response.coSpace.defaultLayout === 'allEqual'",
        ),
    ),
    Step("Delete the Space by user ID", "DELETE", SPACE_PATH, {}, 200, ("body.success",)),
    Step(
        "Delete it again", "DELETE", SPACE_PATH, {}, 404,
        ("!body.success", "body.message.includes(pm.variables.get('userid'))"),
    ),
)


def postman_collection(title: str, base_url: str) -> dict[str, Any]:
    """Return the collection; base URL, API key and user ID are its variables."""
    variables = {"baseUrl": base_url, "apiKey": "", "userid": USERID}
    key = {"key": "X-API-Key", "value": "{{apiKey}}", "in": "header"}
    return {
        "info": {"name": title, "schema": SCHEMA},
        "variable": _pairs(variables),
        "auth": {"type": "apikey", "apikey": _pairs(key)},
        "item": [_item(step) for step in STEPS],
    }


def _item(step: Step) -> dict[str, Any]:
    request: dict[str, Any] = {
        "method": step.http_method,
        "url": f"{{{{baseUrl}}}}/{step.path}",
    }
    if step.form:
        request["body"] = {"mode": "urlencoded", "urlencoded": _pairs(step.form)}
    return {"name": step.name, "request": request, "event": [_test_event(step)]}


def _test_event(step: Step) -> dict[str, Any]:
    script = [
        f"pm.test('status {step.status}', () => pm.response.to.have.status({step.status}));",
        "const body = pm.response.json();",
        *(f'pm.test("{test}", () => pm.expect({test}).to.be.true);' for test in step.expected),
    ]
    return {"listen": "test", "script": {"type": "text/javascript", "exec": script}}


def _pairs(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in values.items()]
