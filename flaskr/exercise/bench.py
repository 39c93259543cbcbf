"""What a check has at hand: the reader's module and its portal, on a pod of the checks' own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from flask.testing import FlaskClient

from flaskr.api.v1.restx import PREFIX
from flaskr.exercise.written import in_one_line
from flaskr.pod import Pod

Values = Mapping[str, str]


class NotYet(Exception):
    """A check does not hold; as text it is why, in one line."""


@dataclass(frozen=True)
class Bench:
    """The pod, as it is at its start but for what the check does, and the reader's work on it."""

    pod: Pod
    module: ModuleType
    portal: FlaskClient

    def call(self, name: str, *arguments: object) -> Any:
        """Return what a function of the reader's returns."""
        function = getattr(self.module, name, None)
        expect(callable(function), f"the file has no function {name}")
        with self.portal.application.app_context():
            return function(*arguments)  # type: ignore[misc]  # it is callable

    def send(self, method: str, path: str, **form: str) -> Any:
        """Return the document that the portal answers under `/cms/`, None where it is not JSON."""
        answer = self.portal.open(f"{PREFIX}/cms/{path}", method=method, data=form)
        return answer.get_json(silent=True)

    def space(self, **values: str) -> str:
        """Create a Space in the CMS, and return its ID."""
        return self.pod.spaces.create(values).id

    def spaces(self) -> dict[str, Values]:
        """Return what the CMS has: the values of each Space, by its ID."""
        return {space.id: space.values for space in self.pod.spaces.listed()}

    def fail(self, method: str, server: str = "cms") -> None:
        """Have a server answer 500 to a method, and not carry it out."""
        self.pod.faults.add("status", 500, server=server, method=method)

    def filters(self) -> list[bool]:
        """Return, for each list of Spaces that CMS was asked for, whether there was a filter."""
        lists = (
            entry for entry in self.pod.journal.report()["requests"]
            if entry["server"] == "cms" and entry["path"].lower().endswith("/cospaces")
        )
        return ["filter=" in entry["query"] for entry in lists]


def expect(holds: object, reason: str) -> None:
    """Raise NotYet for a reason unless something holds."""
    if not holds:
        raise NotYet(reason)


def expect_success(document: Any) -> None:
    """Raise NotYet unless a response dictionary says that it succeeded."""
    success = isinstance(document, dict) and document.get("success") is True
    expect(success, answered(document))


def expect_failure(document: Any) -> str:
    """Return what a response dictionary says of a failure. Raises NotYet where it says none."""
    failure = isinstance(document, dict) and document.get("success") is False
    expect(failure, answered(document))
    message = document.get("message")
    expect(isinstance(message, str) and message, "the message does not say why")
    return str(message)


def answered(document: Any) -> str:
    """Return what was answered as a reason: the message, where that says of a failure."""
    failed = isinstance(document, dict) and document.get("success") is False
    said = document.get("message") if failed else None
    return f"it answered: {in_one_line(str(said))}" if said else f"it answered {shown(document)}"


def shown(value: object) -> str:
    """Return a value as people read it in a reason."""
    return "nothing" if value is None else in_one_line(repr(value))
