"""The guide's verification (lab guide, step 7) as a Postman collection, version 2.1.

Before the Space is deleted again, what lies beneath it is shown.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
DESCRIPTION = (
    "Run the requests in their order: the Space is created, modified, retrieved and deleted again, "
    "so nothing stays. Its user must have no Space yet. Where the portal asks for an API key, set "
    "the variable apiKey; another user is the variable userid."
)
USERID = "pod6user1"
NEW_NAME = "New Pod6 User1 Space"
SPACE_PATH = "cms/spaces/{{userid}}"


class Step(NamedTuple):
    """A request.

    `expected` are JavaScript conditions about the answer's `body`, by the sentences that they test.
    """

    name: str
    http_method: str
    path: str
    form: Mapping[str, str]
    status: int
    expected: Mapping[str, str]


STEPS = (
    Step(
        "Retrieve the version", "GET", "cms/version", {}, 200,
        {"the body is the version": "typeof body === 'string' && body.length > 0"},
    ),
    Step(
        "Create a Space by user ID", "POST", SPACE_PATH, {}, 200,
        {
            "success is true": "body.success === true",
            "the message contains the new Space's ID": "body.message.includes(body.response)",
            "the response is an ID": "/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i"
            ".test(body.response)",
        },
    ),
    Step(
        "Modify the Space by user ID", "PUT", SPACE_PATH,
        {"name": NEW_NAME, "defaultLayout": "allEqual"}, 200,
        {
            "success is true": "body.success === true",
            "the message says so": "body.message.includes('modified')",
        },
    ),
    Step(
        "Retrieve the Space by user ID", "GET", SPACE_PATH, {}, 200,
        {
            "success is true": "body.success === true",
            "the message says so": "body.message.includes('retrieved')",
            "the name has changed": f"body.response.coSpace.name === '{NEW_NAME}'",
            "the layout is allEqual": "body.response.coSpace.defaultLayout === 'allEqual'",
        },
    ),
    Step(
        "Show what the template makes of the user", "GET", "cms/template/{{userid}}", {}, 200,
        {"it has the user's URI": "body.response.coSpace.uri.length > 0"},
    ),
    Step(
        "Add what the Space lacks of the template", "POST", f"{SPACE_PATH}/repair", {}, 200,
        {"it says what was changed": "Array.isArray(body.response.changed)"},
    ),
    Step(
        "List the Space's members", "GET", f"{SPACE_PATH}/members", {}, 200,
        {"they are a list": "Array.isArray(body.response.members)"},
    ),
    Step(
        "Set a new passcode", "POST", f"{SPACE_PATH}/passcode", {}, 200,
        {"it is in the answer": "/^[0-9]{4,}$/.test(body.response.passcode)"},
    ),
    Step(
        "Retrieve the guests' invitation", "GET", f"{SPACE_PATH}/invitation", {}, 200,
        {"its words have the passcode": "body.response.text.includes(body.response.passcode)"},
    ),
    Step(
        "Delete the Space by user ID", "DELETE", SPACE_PATH, {}, 200,
        {
            "success is true": "body.success === true",
            "the message says so": "body.message.includes('deleted')",
        },
    ),
    Step(
        "Delete it again", "DELETE", SPACE_PATH, {}, 404,
        {
            "success is false": "body.success === false",
            "the message says whose Space is not there":
            "body.message.startsWith('There is no Space for the user ID') "
            "&& body.message.includes(pm.variables.get('userid'))",
        },
    ),
)

# Where the portal has a Unity Connection. They only read: a mailbox is not made again as it was.
UNITY_STEPS = (
    Step(
        "Retrieve the version of Unity Connection", "GET", "cuc/version", {}, 200,
        {"the body is the version": "typeof body === 'string' && body.length > 0"},
    ),
    Step(
        "List who is in LDAP and has no mailbox", "GET", "cuc/ldap_users?limit=5", {}, 200,
        {"they are a list": "Array.isArray(body.response.ldapUsers)"},
    ),
)


def postman_collection(title: str, base_url: str, has_unity: bool) -> dict[str, Any]:
    """Return the collection; base URL, API key and user ID are its variables.

    `has_unity` is whether the portal has a Unity Connection.
    """
    variables = {"baseUrl": base_url, "apiKey": "", "userid": USERID}
    key = {"key": "X-API-Key", "value": "{{apiKey}}", "in": "header"}
    return {
        "info": {"name": title, "description": DESCRIPTION, "schema": SCHEMA},
        "variable": _pairs(variables),
        "auth": {"type": "apikey", "apikey": _pairs(key)},
        "item": [_item(step) for step in (*STEPS, *(UNITY_STEPS if has_unity else ()))],
    }


def _item(step: Step) -> dict[str, Any]:
    request: dict[str, Any] = {
        "method": step.http_method,
        "url": f"{{{{baseUrl}}}}/{step.path}",
    }
    if step.form:
        request["body"] = {"mode": "urlencoded", "urlencoded": _pairs(step.form, "text")}
    return {"name": step.name, "request": request, "event": [_test_event(step)]}


def _test_event(step: Step) -> dict[str, Any]:
    script = [
        f'pm.test("the status is {step.status}", () => pm.response.to.have.status({step.status}));',
        "const body = pm.response.json();",
        *(
            f'pm.test("{sentence}", () => pm.expect({condition}).to.be.true);'
            for sentence, condition in step.expected.items()
        ),
    ]
    return {"listen": "test", "script": {"type": "text/javascript", "exec": script}}


def _pairs(values: Mapping[str, str], kind: str = "string") -> list[dict[str, str]]:
    return [{"key": key, "value": value, "type": kind} for key, value in values.items()]
