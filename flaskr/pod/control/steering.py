"""A pod as the control port and the help texts know it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from flaskr.pod.faults.waiting import Faults
from flaskr.pod.service import Service
from flaskr.pod.switches import Switches
from flaskr.pod.wire.journal import Journal


class SteeredPod(Protocol):
    """What can be looked at and changed while a pod runs."""

    host: str
    ca_file: str
    services: Mapping[str, Service]
    switches: Switches
    switches_at_start: Mapping[str, Any]
    faults: Faults
    journal: Journal

    @property
    def settings(self) -> dict[str, str]:
        """Return the environment settings with which a portal finds and trusts the pod."""

    @property
    def control_url(self) -> str:
        """Return where the control port is, without a slash at the end."""

    def url(self, server: str) -> str:
        """Return where the API of a server begins."""

    def reset(self) -> None:
        """Go back to the start."""
