"""The faults that can be asked for, on servers that this module is told of."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from flaskr.pod.checks import BadInput, choice
from flaskr.pod.faults.fault import Fault, FaultLimit
from flaskr.pod.faults.fault_kind import FaultKind


@dataclass(frozen=True)
class FaultCatalogue:
    """All kinds of fault by name, and for each server by name where its paths begin."""

    kinds: Mapping[str, FaultKind]
    bases: Mapping[str, str]

    def limits(self) -> dict[str, FaultLimit]:
        """Return what can limit a fault, by name."""
        server = FaultLimit(choice(*self.bases), "only this server")
        others = {
            entry.name: entry.metadata["limit"] for entry in fields(Fault) if entry.metadata
        }
        return {"server": server, **others}

    def make(self, given: Mapping[str, object]) -> Fault:
        """Return a fault of names and values. Raises BadInput with a sentence where it can't be."""
        name = given.get("fault")
        if not isinstance(name, str) or name not in self.kinds:
            raise BadInput(f"There is no fault {name!r}; there are {', '.join(self.kinds)}.")
        kind = self.kinds[name]
        limits = {
            key: self._checked(key, value)
            for key, value in given.items()
            if key not in ("fault", "value") and value is not None
        }
        if "server" in limits and not kind.is_for(limits["server"]):
            raise BadInput(f"The fault {name} is one of {kind.owner} alone.")
        value = _value(name, kind, given.get("value"))
        return Fault(name, kind, value, **{"takes_effect": kind.takes_effect, **limits})

    def parse(self, wording: str) -> Fault:
        """Return a fault of one line of words, as `busy=2 times=3 server=cms`.

        The first word is the kind, with its value if it is to have one; each further word a limit.
        Raises BadInput with a sentence where it can't be.
        """
        try:
            first, *rest = shlex.split(wording)
        except ValueError:
            example = "busy=2 times=3 server=cms"
            raise BadInput(f"A fault is written as {example}, not {wording!r}.") from None
        limits = {}
        for word in rest:
            name, _, value = word.partition("=")
            limits[name] = value
        name, equals, value = first.partition("=")
        return self.make({**limits, "fault": name, "value": value if equals else None})

    def _checked(self, name: str, value: object) -> Any:
        limits = self.limits()
        if name not in limits:
            raise BadInput(f"A fault has no {name!r}; it has value, {', '.join(limits)}.")
        try:
            return limits[name].check(value)
        except ValueError as error:
            raise BadInput(f"A fault's {name} {error}.") from None


def _value(name: str, kind: FaultKind, value: object) -> Any:
    if value is None:
        return kind.default
    if kind.check is None:
        raise BadInput(f"The fault {name} has no value.")
    try:
        return kind.check(value)
    except ValueError as error:
        raise BadInput(f"The value of the fault {name} {error}.") from None
