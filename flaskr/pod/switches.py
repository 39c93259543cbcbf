"""Switches: how a server behaves where real ones differ, or where nobody could confirm it.

Each server has a group of its own, and so has the wire. Outside they are one flat list of names:
the command line, the control port and its help know nothing of groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any

from flaskr.pod.checks import BadInput, ValueCheck


def switch(default: object, check: ValueCheck, meaning: str) -> Any:
    """Return a field of a SwitchGroup: a default, what the value may be, a phrase for the help."""
    return field(default=default, metadata={"check": check, "meaning": meaning})


@dataclass
class SwitchGroup:
    """Switches that belong together. Setting one checks it, and raises BadInput with a sentence."""

    def __setattr__(self, name: str, value: object) -> None:
        object.__setattr__(self, name, self.checked(name, value))

    @classmethod
    def table(cls) -> dict[str, Field[Any]]:
        """Return each switch by name: its default, and as metadata its check and meaning."""
        return {entry.name: entry for entry in fields(cls)}

    @classmethod
    def checked(cls, name: str, value: object) -> Any:
        """Return the value in its own type. Raises BadInput where it, or the name, is refused."""
        if name not in cls.table():
            raise unknown(name)
        try:
            return cls.table()[name].metadata["check"](value)
        except ValueError as error:
            raise BadInput(f"The switch {name} {error}.") from None


class Switches:
    """The switches of several groups, each an attribute by its name."""

    _groups: dict[str, SwitchGroup]

    def __init__(self, groups: Iterable[SwitchGroup] = ()) -> None:
        by_name = {name: group for group in groups for name in group.table()}
        object.__setattr__(self, "_groups", by_name)

    def __getattr__(self, name: str) -> Any:
        if name not in self._groups:
            raise AttributeError(f"There is no switch {name!r}.")
        return getattr(self._groups[name], name)

    def __setattr__(self, name: str, value: object) -> None:
        self.update({name: value})

    def update(self, values: Mapping[str, object]) -> None:
        """Set several switches: all of them, or none where one is refused (BadInput)."""
        checked = {name: self._group(name).checked(name, value) for name, value in values.items()}
        for name, value in checked.items():
            setattr(self._group(name), name, value)

    def _group(self, name: str) -> SwitchGroup:
        if name not in self._groups:
            raise unknown(name)
        return self._groups[name]


def as_dict(switches: Switches) -> dict[str, Any]:
    """Return all values by name. (No method, since attributes are the names of switches.)"""
    return {name: getattr(switches, name) for name in switches._groups}


def unknown(name: str) -> BadInput:
    """Return the refusal of a name that no switch has."""
    return BadInput(f"There is no switch {name!r}.")
