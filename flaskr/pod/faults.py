"""Faults: what goes wrong, for which requests, and how often."""

from __future__ import annotations

import random
import shlex
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qsl, unquote

from flaskr.pod import cms, uds
from flaskr.pod.checks import BadInput, Check, boolean, choice, number, text, whole
from flaskr.pod.exchange import Answer, Request
from flaskr.pod.kinds import KINDS, Kind
from flaskr.pod.state import Spaces
from flaskr.pod.switches import Switches

MOST_FAULTS = 1000


def _part(default: object, check: Check, meaning: str) -> Any:
    return field(default=default, metadata={"check": check, "meaning": meaning})


@dataclass
class Fault:
    """One fault: a kind, its value, and what it is limited to; what isn't limited is None."""

    fault: str
    value: Any = None
    server: str | None = _part(None, choice("cms", "uds"), "only this server")
    method: str | None = _part(None, text(20), "only this method, such as POST")
    path: str | None = _part(
        None, text(),
        "only this path, as /coSpaces or /coSpaces/*, with * and ? as in file names, in any case",
    )
    query: str | None = _part(
        None, text(),
        "only requests with these parameters, as offset=10, where values can have * and ? too",
    )
    times: int | None = _part(None, whole(1, 10**9), "only so many times")
    skip: int = _part(0, whole(0, 10**9), "not for the first so many of these requests")
    probability: float = _part(1.0, number(0, 1), "how likely it is each time, 0 to 1")
    takes_effect: bool = _part(
        True, boolean(),
        "whether the request is carried out all the same; each kind has its own default",
    )
    id: int = 0
    acted: int = 0

    @property
    def kind(self) -> Kind:
        """What the table says of this kind of fault."""
        return KINDS[self.fault]

    def is_for(self, request: Request) -> bool:
        """Whether the fault can act on the request, chance and count aside."""
        return (
            self.server in (None, request.server)
            and (self.method is None or self.method.upper() == request.method)
            and (self.path is None or _path_matches(request.path, self.path))
            and (self.query is None or _query_matches(request.query, self.query))
        )

    def prepare(self, request: Request, spaces: Spaces, switches: Switches) -> Request:
        """Do what happens before the request is answered; returns the request to answer."""
        if self.kind.prepare is None:
            return request
        return self.kind.prepare(request, self.value, spaces, switches)

    def damage(self, answer: Answer) -> None:
        """Do to the answer what this fault does."""
        if self.kind.damage is not None:
            self.kind.damage(answer, self.value)

    def as_dict(self) -> dict[str, Any]:
        """The fault as JSON has it."""
        return asdict(self)


#: What can limit a fault: name to check and meaning.
LIMITS: dict[str, Mapping[str, Any]] = {
    entry.name: entry.metadata for entry in fields(Fault) if entry.metadata
}


def make(given: Mapping[str, object]) -> Fault:
    """A fault from names and values; raises BadInput with a sentence where they won't do."""
    name = given.get("fault")
    if not isinstance(name, str) or name not in KINDS:
        raise BadInput(f"There is no fault {name!r}; there are {', '.join(KINDS)}.")
    kind = KINDS[name]
    checked: dict[str, Any] = {"takes_effect": kind.takes_effect}
    for key, value in given.items():
        if key not in ("fault", "value") and value is not None:
            checked[key] = _checked(key, value)
    return Fault(name, _value(name, kind, given.get("value")), **checked)


def parse(wording: str) -> Fault:
    """A fault from one line of words, as `busy=2 times=3 server=cms`.

    The first word is the kind, with its value if it is to have one; each further word a limit.
    """
    try:
        first, *rest = shlex.split(wording)
    except ValueError:
        example = "busy=2 times=3 server=cms"
        raise BadInput(f"A fault is written as {example}, not {wording!r}.") from None
    limits = dict(word.partition("=")[::2] for word in rest)
    name, equals, value = first.partition("=")
    return make({**limits, "fault": name, "value": value if equals else None})


class Faults:
    """The faults that are waiting to act. All that are for a request act, in their order.

    Chance comes from the seed: with the same one, and the same requests in the same order, the
    same things happen. A fault that has acted as often as it may is gone.
    """

    def __init__(self, at_start: Sequence[str] = (), seed: int | None = None) -> None:
        self._at_start, self._seed = tuple(at_start), seed
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Go back to the faults, and the chances, of the start."""
        made = [parse(wording) for wording in self._at_start]
        with self._lock:
            self._faults: list[Fault] = []
            self._made = 0
            self._random = random.Random(self._seed)
        for fault in made:
            self.append(fault)

    def add(self, fault: str, value: object = None, **limits: object) -> Fault:
        """Add a fault, such as `add("busy", 2, times=3, server="cms")`."""
        return self.append(make({**limits, "fault": fault, "value": value}))

    def append(self, fault: Fault) -> Fault:
        """Add a fault that is made already; it gets its ID here."""
        with self._lock:
            if len(self._faults) >= MOST_FAULTS:
                raise BadInput(f"There are {MOST_FAULTS} faults already, which is the most.")
            self._made += 1
            fault.id = self._made
            self._faults.append(fault)
            return fault

    def active(self) -> list[Fault]:
        """The faults that can still act, in their order."""
        with self._lock:
            return list(self._faults)

    def remove(self, fault_id: int) -> bool:
        """Take one away; whether there was one with that ID."""
        with self._lock:
            before = len(self._faults)
            self._faults = [fault for fault in self._faults if fault.id != fault_id]
            return len(self._faults) < before

    def clear(self) -> None:
        """Take all away."""
        with self._lock:
            self._faults = []

    def take(self, request: Request) -> list[Fault]:
        """The faults that act on this request, counted as having done so."""
        with self._lock:
            acting = [fault for fault in self._faults if fault.is_for(request) and self._due(fault)]
            self._faults = [fault for fault in self._faults if fault.acted != fault.times]
            return acting

    def _due(self, fault: Fault) -> bool:
        if fault.skip:
            fault.skip -= 1
            return False
        due = self._random.random() < fault.probability
        fault.acted += due
        return due


def _checked(name: str, value: object) -> Any:
    if name not in LIMITS:
        raise BadInput(f"A fault has no {name!r}; it has value, {', '.join(LIMITS)}.")
    try:
        return LIMITS[name]["check"](value)
    except ValueError as error:
        raise BadInput(f"A fault's {name} {error}.") from None


def _value(name: str, kind: Kind, value: object) -> Any:
    if value is None:
        return kind.default
    if kind.check is None:
        raise BadInput(f"The fault {name} has no value.")
    try:
        return kind.check(value)
    except ValueError as error:
        raise BadInput(f"The value of the fault {name} {error}.") from None


def _path_matches(path: str, pattern: str) -> bool:
    found = unquote(path).lower().rstrip("/")
    wanted = pattern.lower().rstrip("/")
    forms = [found, *(found.removeprefix(base) for base in (cms.BASE, uds.BASE))]
    return any(fnmatchcase(form, wanted) for form in forms)


def _query_matches(query: str, pattern: str) -> bool:
    found = parse_qsl(query, keep_blank_values=True)
    return all(
        any(name == wanted and fnmatchcase(value, glob) for name, value in found)
        for wanted, glob in parse_qsl(pattern, keep_blank_values=True)
    )
