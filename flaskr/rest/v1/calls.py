"""What is asked of a server, and what it answers."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from flaskr.places import Place


class Call(NamedTuple):
    """What is asked of a server.

    `is_query`: it changes nothing, though it is a POST. `place` is where, `others` a sentence on
    its other places, where they were asked in vain.
    """

    http_method: str
    api_method: str
    parameters: Mapping[str, Any] | None = None
    body: Mapping[str, str] | bytes | None = None
    is_query: bool = False
    place: Place | None = None
    others: str = ""

    @property
    def only_reads(self) -> bool:
        return self.http_method == "GET" or self.is_query


ANSWERS, IS_BUSY, DOWN = STATES = ("answers", "busy", "down")
_BUSY_OUTCOMES = ("503", "429", "423", "busy")


class NotedCall(NamedTuple):
    """What is noted of a call once it is over, or about to be sent again.

    `outcome` is the status, or in a word why there was no answer; `place` the number of the place
    that was asked, from 1 on.
    """

    server: str
    http_method: str
    api_method: str
    place: int
    outcome: str
    seconds: float
    is_retry: bool = False

    @property
    def state(self) -> str:
        """What the call found of the place: one of STATES."""
        if self.outcome in _BUSY_OUTCOMES:
            return IS_BUSY
        return ANSWERS if self.outcome.isdecimal() and int(self.outcome) < 500 else DOWN


class Answer(NamedTuple):
    """An HTTP answer, read whole."""

    call: Call
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300
