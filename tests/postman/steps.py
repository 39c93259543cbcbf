"""The requests of a Postman collection of the CMS API, with its slips corrected."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

VARIABLE = re.compile(r"\{\{(\w+)\}\}")
BASE = re.compile(r".*?/api/v1/")


class Field(NamedTuple):
    """A field of a form or a query: its name, and words that say what its value may be.

    One word stands for a kind (String, Number) or is a variable; several are the values it has.
    """

    name: str
    words: tuple[str, ...]
    enabled: bool = True


@dataclass(frozen=True)
class Step:
    """A request of a collection. path: below /api/v1, with variables such as {{tenantID}}."""

    method: str
    path: str
    form: tuple[Field, ...] = ()
    query: tuple[Field, ...] = ()

    @property
    def node(self) -> str:
        """Return the path with an asterisk for each variable."""
        return node_of(self.path)

    @property
    def homes(self) -> Iterator[tuple[str, str]]:
        """Yield each variable of the path with the node whose objects it is an ID of."""
        for found in VARIABLE.finditer(self.path):
            yield found[1], node_of(self.path[:found.start()])

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def node_of(path: str) -> str:
    """Return a path with an asterisk for each variable, and no slash at its end."""
    return VARIABLE.sub("*", path).strip("/")


def read_steps(collection: dict[str, Any]) -> tuple[list[Step], list[str]]:
    """Return the requests of a collection (format 2.1), and the corrections made to them."""
    read = [_step(request) for request in _requests(collection["item"])]
    variables = {name for step in read for name, _ in step.homes}
    steps: list[Step] = []
    for step in read:
        steps.append(_with_id(_with_names(_with_slashes(step), variables), read, steps))
    notes = [f"{old} is {_told(new, old)}" for old, new in zip(read, steps) if old != new]
    return steps, notes


def _requests(items: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        if "item" in item:
            yield from _requests(item["item"])
        else:
            yield item["request"]


def _step(request: dict[str, Any]) -> Step:
    url, body = request["url"], request.get("body") or {}
    raw, query = (url, []) if isinstance(url, str) else (url["raw"], url.get("query", []))
    form = body.get("urlencoded", []) if body.get("mode") == "urlencoded" else []
    path = BASE.sub("", raw.partition("?")[0])
    return Step(request["method"], path, tuple(map(_field, form)), tuple(map(_field, query)))


def _field(entry: dict[str, Any]) -> Field:
    value = entry.get("value") or ""
    words = value if isinstance(value, list) else value.split(",")
    return Field(
        entry["key"], tuple(word.strip() for word in words), not entry.get("disabled", False)
    )


def _with_slashes(step: Step) -> Step:
    """Return the step with a slash before each variable of its path."""
    return replace(step, path=re.sub(r"(?<=[^/])\{\{", "/{{", step.path))


def _with_names(step: Step, variables: set[str]) -> Step:
    """Return the step with names that have no blanks, and an `x` that is the ID of an x."""

    def corrected(field: Field) -> Field:
        name = field.name.strip()
        own = f"{name}ID"
        is_id = len(field.words) == 1 and VARIABLE.fullmatch(field.words[0])
        return Field(name, (f"{{{{{own}}}}}",) if is_id and own in variables else field.words,
                     field.enabled)

    return replace(
        step, form=tuple(map(corrected, step.form)), query=tuple(map(corrected, step.query))
    )


def _with_id(step: Step, read: list[Step], before: list[Step]) -> Step:
    """Return a PUT of a list, or a second creation, as a PUT of an object."""
    objects = [other.path for other in read if other.node == f"{step.node}/*"]
    again = any(step.method == "POST" and other == step for other in before)
    if objects and (again or step.method == "PUT"):
        return replace(step, method="PUT", path=objects[0])
    return step


def _told(new: Step, old: Step) -> str:
    changed = [
        f"{mine.name}={','.join(mine.words)}"
        for mine, other in zip(new.form + new.query, old.form + old.query)
        if mine != other
    ]
    return " ".join(["sent as", str(new), *changed])
