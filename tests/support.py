"""What the tests share: facts, and a client that holds the portal to its documentation."""

import re
from typing import Any

import jsonschema
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

CMS_URL = "https://127.0.0.1:4443/api/v1"
UDS_URL = "https://localhost:8443/cucm-uds"
SETTINGS_OF_TESTS = {
    "CMS_HOSTNAME": "127.0.0.1",
    "CMS_PORT": "4443",
    "CMS_USERNAME": "apiuser",
    "CMS_PASSWORD": "0123",
    "CUCM_HOSTNAME": "localhost",
}
GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# What is different in every answer, and the word to read there instead.
_DIFFERENT = ((GUID, "ID"), (r"127\.0\.0\.1:\d+", "ADDRESS"), (r"within [\d.]+ s\b", "in SECONDS"))


def generic(answer: str) -> str:
    """Return an answer without what is different every time: IDs, ports and the time allowed."""
    for pattern, word in _DIFFERENT:
        answer = re.sub(pattern, word, answer)
    return answer


class DocumentedClient(FlaskClient):
    """A test client that fails where an answer is not as swagger.json says."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        answer = super().open(*args, **kwargs)
        specification = super().open("/api/v1/swagger.json").get_json()
        check_documented(specification, answer)
        return answer


def check_documented(specification: dict[str, Any], answer: TestResponse) -> None:
    """Raise AssertionError or ValidationError where swagger.json does not foresee the answer."""
    request = answer.request
    operations = _operations(specification, request.path)
    operation = operations.get(request.method.lower()) if operations else None
    if operation is None:
        return
    documented = operation["responses"].get(str(answer.status_code))
    assert documented, f"{request.method} {request.path}: {answer.status_code} is not documented"
    assert set(documented.get("headers", {})) <= set(answer.headers.keys())
    schema = {**documented["schema"], "definitions": specification["definitions"]}
    jsonschema.validate(answer.get_json(), schema)


def _operations(specification: dict[str, Any], path: str) -> dict[str, Any] | None:
    for template, operations in specification["paths"].items():
        pattern = re.sub(r"{\w+}", "[^/]+", specification["basePath"] + template)
        if re.fullmatch(pattern, path):
            return dict(operations)
    return None
