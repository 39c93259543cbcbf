"""What a simulated server offers: all that the pod, its faults and its help know of one.

A new server is a folder with a subclass of Service, mostly of WebService, and a line in servers.py.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

from flaskr.pod.company import Company
from flaskr.pod.faults.fault_kind import FaultKind
from flaskr.pod.received import Inbox
from flaskr.pod.switches import SwitchGroup
from flaskr.pod.wire.connection import SiteConnection
from flaskr.pod.wire.exchange import OutgoingAnswer, ReceivedRequest, run
from flaskr.pod.wire.http import HttpConnection

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@dataclass(frozen=True)
class Credential:
    """A user name, password or token that a server knows: its option, its default, its meaning."""

    option: str
    default: str
    meaning: str


def settings_named(
    prefix: str, host: str, port: int, ca_file: str, login: Sequence[str] = ()
) -> dict[str, str]:
    """Return the settings for a server; user name and password only where there is a login."""
    found = {"HOSTNAME": host, "PORT": str(port), "TLS_VERIFY": ca_file}
    found |= dict(zip(("USERNAME", "PASSWORD"), login))
    return {f"{prefix}_{name}": text for name, text in found.items()}


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

    name: as on the command line and in the journal. title: as people call it. connection: what
    speaks its protocol. base: where the paths of its API begin. usual_port: where it listens unless
    told otherwise. credential_options: what its clients have to know. kinds: faults of its own,
    beside those that every server has. offset_parameters: what says at which place a page of a list
    begins. most: how many servers of this kind there can be side by side.
    """

    name: str
    most: ClassVar[int] = 1
    title: ClassVar[str]
    connection: ClassVar[type[SiteConnection]]
    base: ClassVar[str] = ""
    usual_port: ClassVar[int]
    credential_options: ClassVar[tuple[Credential, ...]]
    switch_group: ClassVar[type[SwitchGroup]]
    kinds: ClassVar[Mapping[str, FaultKind]] = {}
    offset_parameters: ClassVar[tuple[str, ...]] = ()

    switches: SwitchGroup
    state: ServerState

    def __init__(self, company: Company, credentials: Sequence[str]) -> None:
        """`credentials` are the values of `credential_options`, in the same order."""
        self.company, self.credentials = company, credentials

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names that servers of this kind can have: this one's, and companions'."""
        return (cls.name, *(f"{cls.name}{number}" for number in range(2, cls.most + 1)))

    def companions(self, count: int) -> list[Service]:
        """Return so many further servers that share the state of this one, if there can be any."""
        return []

    def is_down(self) -> bool:
        """Return whether the server is switched off."""
        return False

    def handshake(self) -> str:
        """Return what clients meet when they connect (the server's switch for it)."""
        usual = str(getattr(self.switches, f"{type(self).name}_handshake"))
        return "cut" if self.is_down() else usual

    def tls_at_once(self) -> bool:
        """Return whether TLS begins as a client connects."""
        return True

    def latency(self) -> float:
        """Return the seconds that each answer takes (the server's switch for it)."""
        return float(getattr(self.switches, f"{type(self).name}_latency")) / 1000

    def encode(self, request: ReceivedRequest, answer: OutgoingAnswer) -> None:
        """Compress the answer, where this server does that and the client takes it."""

    @abstractmethod
    def url(self, place: str) -> str:
        """Return where clients find it that is at a place, such as 127.0.0.1:8445."""

    def open(self, url: str) -> None:
        """Get ready to answer; `url` is where clients find it."""

    @abstractmethod
    def answer(self, request: ReceivedRequest) -> OutgoingAnswer:
        """Return the answer to a request, sent after as long as it takes."""

    def challenge(self) -> Mapping[str, str]:
        """Return the headers with which this server says 401."""
        return {}

    def busy(self) -> OutgoingAnswer:
        """Return what this server says where it has too much to do."""
        return OutgoingAnswer(HTTPStatus.SERVICE_UNAVAILABLE)

    def with_total(self, body: bytes, wording: str | None) -> bytes:
        """Return a list that says that it has so many entries in all, or nothing of it."""
        return body

    @abstractmethod
    def settings(self, host: str, ports: Sequence[int], ca_file: str) -> dict[str, str]:
        """Return the environment settings with which a portal finds and trusts this server.

        `ports` are its own, and those of its companions.
        """

    @abstractmethod
    def introduction(self, url: str, curl: str) -> str:
        """Return a paragraph for people: where it is, and lines to try. `curl` trusts the CA."""

    def inboxes(self) -> list[Inbox]:
        """Return what people got by way of this server, for the control port's page."""
        return []

    def tables(self) -> Mapping[str, Callable[[], list[dict[str, Any]]]]:
        """Return what the control port shows of the state, ready for JSON, by path."""
        return {}


class WebService(Service):
    """A server that speaks HTTP over TLS."""

    connection = HttpConnection

    @abstractmethod
    def app(self, url: str) -> WSGIApplication:
        """Return the WSGI app. `url` is where clients find `base`."""

    def url(self, place: str) -> str:
        """Return where clients find `base`."""
        return f"https://{place}{self.base}"

    def open(self, url: str) -> None:
        """Make the app."""
        self._app = self.app(url)

    def answer(self, request: ReceivedRequest) -> OutgoingAnswer:
        """Return the app's answer."""
        return self.respond(self._app, request)

    def respond(self, app: WSGIApplication, request: ReceivedRequest) -> OutgoingAnswer:
        """Return the answer of the server's app, sent after as long as it takes."""
        answer = run(app, request)
        answer.delay += self.latency()
        return answer
