"""What a simulated server offers: all that the pod, its faults and its help know of one.

A new server is a folder with a subclass of Service, and a line in servers.py.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from flaskr.pod.faults.fault_kind import FaultKind
from flaskr.pod.switches import SwitchGroup

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@dataclass(frozen=True)
class Credential:
    """A user name or password that a server knows: its name as an option, default and meaning."""

    option: str
    default: str
    meaning: str


class ServerState:
    """What a server remembers between requests; this one remembers nothing."""

    def reset(self) -> None:
        """Go back to what is there at the start."""

    @contextmanager
    def attempt(self, *, keep: bool) -> Iterator[None]:
        """Answer a request within this context; what it changed is undone unless `keep`."""
        yield


class Service(ABC):
    """One of the simulated servers.

    name: as on the command line and in the journal. title: as people call it. base: where the
    paths of its API begin. usual_port: where it listens unless told otherwise. kinds: faults of
    its own, beside those that every server has. offset_parameter and total_attribute: how its
    lists call the place at which a page begins, and the number of all entries.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    base: ClassVar[str]
    usual_port: ClassVar[int]
    username_option: ClassVar[Credential]
    password_option: ClassVar[Credential]
    switch_group: ClassVar[type[SwitchGroup]]
    kinds: ClassVar[Mapping[str, FaultKind]] = {}
    offset_parameter: ClassVar[str]
    total_attribute: ClassVar[str]

    switches: SwitchGroup
    state: ServerState

    def __init__(self, username: str, password: str) -> None:
        self.username, self.password = username, password

    def handshake(self) -> str:
        """Return what clients meet when they connect (the server's switch for it)."""
        return str(getattr(self.switches, f"{self.name}_handshake"))

    def latency(self) -> float:
        """Return the seconds that each answer takes (the server's switch for it)."""
        return float(getattr(self.switches, f"{self.name}_latency")) / 1000

    @abstractmethod
    def app(self, url: str) -> WSGIApplication:
        """Return the WSGI app. `url` is where clients find `base`."""

    @abstractmethod
    def challenge(self) -> Mapping[str, str]:
        """Return the headers with which this server says 401."""

    @abstractmethod
    def settings(self, host: str, port: int, ca_file: str) -> dict[str, str]:
        """Return the environment settings with which a portal finds and trusts this server."""

    @abstractmethod
    def introduction(self, url: str, curl: str) -> str:
        """Return a paragraph for people: where it is, and lines to try. `curl` trusts the CA."""

    def tables(self) -> Mapping[str, Callable[[], list[dict[str, Any]]]]:
        """Return what the control port shows of the state, ready for JSON, by path."""
        return {}
