"""A server as its connections know it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from flaskr.pod.wire.exchange import OutgoingAnswer, ReceivedRequest
from flaskr.pod.wire.journal import Journal
from flaskr.pod.wire.switches import ConnectionSwitches


@dataclass
class Site:
    """What answers at a port: its name, its answers, and how its connections behave.

    handshake: returns what a client meets that connects now (a value of the handshake switches).
    tls_at_once: returns whether TLS begins as a client connects, where there is any.
    abandoned: set for all requests so far, once they are to be cut off; later ones have another.
    """

    name: str
    respond: Callable[[ReceivedRequest], OutgoingAnswer]
    journal: Journal
    switches: ConnectionSwitches
    handshake: Callable[[], str] = lambda: "normal"
    tls_at_once: Callable[[], bool] = lambda: True
    abandoned: threading.Event = field(default_factory=threading.Event)

    def abandon(self) -> None:
        """Cut off the requests that came until now, whatever they are waiting for."""
        before, self.abandoned = self.abandoned, threading.Event()
        before.set()

    def stop(self) -> None:
        """Cut off the requests that came until now, and those that still come."""
        self.abandoned.set()
