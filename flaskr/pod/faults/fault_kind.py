"""What a kind of fault is, and what it may know of the server that it acts on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from flaskr.pod.checks import ValueCheck
from flaskr.pod.wire.exchange import OutgoingAnswer, ReceivedRequest


class FaultyServer(Protocol):
    """A server as faults know it; faults of its own also know its state."""

    @property
    def offset_parameters(self) -> tuple[str, ...]:
        """Return the parameters that can say where a page of a list begins."""

    @property
    def state(self) -> Any:
        """Return what the server remembers between requests."""

    def challenge(self) -> Mapping[str, str]:
        """Return the headers with which this server says 401."""

    def busy(self) -> OutgoingAnswer:
        """Return what this server says where it has too much to do."""

    def with_total(self, body: bytes, wording: str | None) -> bytes:
        """Return a list that says that it has so many entries in all, or nothing of it."""


# Happens before a request is answered; returns the request that is answered.
Prepare = Callable[[ReceivedRequest, Any, FaultyServer], ReceivedRequest]
# Happens to the answer. The value is what the fault was given.
Damage = Callable[[OutgoingAnswer, Any], None]
DamageByServer = Callable[[OutgoingAnswer, Any, FaultyServer], None]


@dataclass(frozen=True)
class FaultKind:
    """A kind of fault.

    meaning: a phrase for people. check: what its value may be, None where it has none; default:
    the value where none is given. takes_effect: whether a request that meets it is carried out
    all the same, unless the fault says otherwise. servers: the names of those that have it; empty
    for all. owner: what people call those.
    """

    meaning: str
    check: ValueCheck | None = None
    default: object = None
    takes_effect: bool = True
    prepare: Prepare | None = None
    damage: Damage | None = None
    damage_by_server: DamageByServer | None = None
    servers: tuple[str, ...] = ()
    owner: str = ""

    def is_for(self, server: str) -> bool:
        """Return whether a server has it."""
        return not self.servers or server in self.servers
