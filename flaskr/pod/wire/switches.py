"""The switches of what carries requests and answers: connections, handshakes, latency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flaskr.pod.checks import boolean, choice, number, whole
from flaskr.pod.switches import SwitchGroup, switch

MAX_LATENCY_MS = 600_000
HANDSHAKES = choice("normal", "expired", "other_name", "other_ca", "cut", "silent")


def latency(title: str) -> Any:
    """Return the switch for how long a server takes, in milliseconds."""
    meaning = f"milliseconds that the {title} takes for each answer"
    return switch(0, whole(0, MAX_LATENCY_MS), meaning)


def handshake(title: str) -> Any:
    """Return the switch for what a client meets when it connects to a server."""
    return switch(
        "normal", HANDSHAKES,
        f"what a client meets when it connects to the {title}: the right certificate, an expired "
        "one, one for another name, one of another CA, a connection that is cut, or one that says "
        "nothing",
    )


@dataclass
class ConnectionSwitches(SwitchGroup):
    """How long a connection stays, on all servers."""

    idle_timeout: float = switch(
        5.0, number(0.1, 3600), "seconds after which an idle connection is closed"
    )
    connection_requests: int = switch(
        100, whole(0, 1_000_000), "after how many requests a connection is closed, without "
        "keep_alive unannounced, as the next one arrives; 0 for never"
    )
    keep_alive: bool = switch(
        True, boolean(), "whether answers say in Keep-Alive when their connection will be closed"
    )
