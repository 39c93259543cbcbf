"""A client that holds the portal to its documentation."""

import re
from typing import Any

from flask.testing import FlaskClient
from jsonschema import Draft4Validator
from werkzeug.test import TestResponse


class DocumentedClient(FlaskClient):
    """A test client that fails where an answer is not as swagger.json says."""

    _documentation: "Documentation | None" = None

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        answer = super().open(*args, **kwargs)
        if self._documentation is None:
            specification = super().open("/api/v1/swagger.json").get_json()
            self._documentation = Documentation(specification)
        self._documentation.check(answer)
        return answer


Validators = dict[str, tuple[Draft4Validator, set[str]]]


STREAMED = ("application/x-ndjson", "text/csv")  # what the schema does not describe


class Documentation:
    """What swagger.json says of answers: a validator for each status of each operation."""

    def __init__(self, specification: dict[str, Any]) -> None:
        self._definitions = specification["definitions"]
        self._paths = {
            re.sub(r"{\w+}", "[^/]+", specification["basePath"] + path): {
                method: self._validators(operation["responses"])
                for method, operation in operations.items()
                if method != "parameters"
            }
            for path, operations in specification["paths"].items()
        }

    def check(self, answer: TestResponse) -> None:
        """Raise AssertionError or ValidationError where swagger.json does not foresee the answer.

        An operation that is not documented may answer as it likes.
        """
        method, path = answer.request.method, answer.request.path
        validators = self._operation(method, path)
        if validators is not None:
            status = str(answer.status_code)
            assert status in validators, f"{method} {path}: {status} is not documented"
            validator, headers = validators[status]
            assert headers <= set(answer.headers.keys())
            if answer.status_code != 200 or answer.mimetype not in STREAMED:
                validator.validate(answer.get_json())

    def _validators(self, answers: dict[str, Any]) -> Validators:
        """Return for each status a validator, which takes time to make, and the headers it has."""
        return {
            status: (
                Draft4Validator({**answer["schema"], "definitions": self._definitions}),
                set(answer.get("headers", {})),
            )
            for status, answer in answers.items()
        }

    def _operation(self, method: str, path: str) -> Validators | None:
        operations = (
            found for pattern, found in self._paths.items() if re.fullmatch(pattern, path)
        )
        return next(operations, {}).get(method.lower())
