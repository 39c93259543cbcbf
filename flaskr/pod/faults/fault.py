"""One fault: what goes wrong, for which requests, and how often."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qsl, unquote

from flaskr.pod.checks import ValueCheck, boolean, number, text, whole
from flaskr.pod.faults.fault_kind import FaultKind, FaultyServer
from flaskr.pod.wire.exchange import OutgoingAnswer, ReceivedRequest


@dataclass(frozen=True)
class FaultLimit:
    """Something that limits a fault: what it may be, and a phrase for people."""

    check: ValueCheck
    meaning: str


def _limit(default: object, check: ValueCheck, meaning: str) -> Any:
    return field(default=default, metadata={"limit": FaultLimit(check, meaning)})


@dataclass
class Fault:
    """One fault: a kind, its value, and what it is limited to; what is not limited is None."""

    fault: str
    kind: FaultKind
    value: Any = None
    server: str | None = None
    method: str | None = _limit(None, text(20), "only this method, such as POST")
    path: str | None = _limit(
        None, text(),
        "only this path, as /coSpaces or /coSpaces/*, with * and ? as in file names, "
        "case-insensitive",
    )
    query: str | None = _limit(
        None, text(),
        "only requests with these parameters, as offset=10, where values can have * and ? too",
    )
    times: int | None = _limit(None, whole(1, 10**9), "only so many times")
    skip: int = _limit(0, whole(0, 10**9), "not for the first so many of these requests")
    probability: float = _limit(1.0, number(0, 1), "how likely it is each time, 0 to 1")
    takes_effect: bool = _limit(
        True, boolean(),
        "whether the request is carried out all the same; each kind has its own default",
    )
    id: int = 0
    acted: int = 0

    def is_for(self, request: ReceivedRequest, base: str) -> bool:
        """Return whether the fault can act on a request to a server, chance and count aside.

        `base` is where the server's paths begin; a path may be limited with or without it.
        """
        return (
            self.kind.is_for(request.server)
            and self.server in (None, request.server)
            and (self.method is None or self.method.upper() == request.method)
            and (self.path is None or _path_matches(request.path, base, self.path))
            and (self.query is None or _query_matches(request, self.query))
        )

    def prepare(self, request: ReceivedRequest, server: FaultyServer) -> ReceivedRequest:
        """Do what happens before the request is answered; return the request to answer."""
        if self.kind.prepare is None:
            return request
        return self.kind.prepare(request, self.value, server)

    def damage(self, answer: OutgoingAnswer, server: FaultyServer) -> None:
        """Do to the answer what this fault does."""
        if self.kind.damage is not None:
            self.kind.damage(answer, self.value)
        if self.kind.damage_by_server is not None:
            self.kind.damage_by_server(answer, self.value, server)

    def as_dict(self) -> dict[str, Any]:
        """Return the fault as JSON has it."""
        names = [entry.name for entry in fields(self) if entry.name != "kind"]
        return {name: getattr(self, name) for name in names}


def _path_matches(path: str, base: str, pattern: str) -> bool:
    found = unquote(path).lower().rstrip("/")
    wanted = pattern.lower().rstrip("/")
    return any(fnmatchcase(form, wanted) for form in (found, found.removeprefix(base)))


def _query_matches(request: ReceivedRequest, pattern: str) -> bool:
    found = request.parameters()
    return all(
        any(name == wanted and fnmatchcase(value, glob) for name, value in found)
        for wanted, glob in parse_qsl(pattern, keep_blank_values=True)
    )
