"""What people got from a portal: messages and mail, as the control port's page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Received(NamedTuple):
    """A message or mail: when it came (ISO 8601), from and to whom, what it is about, its text."""

    time: str
    way: str
    subject: str
    text: str


class Inbox(NamedTuple):
    """What came in one place, the newest first."""

    title: str
    received: Sequence[Received]
