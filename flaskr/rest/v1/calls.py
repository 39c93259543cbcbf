"""What is asked of a server, and what it answers."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from flaskr.places import Place


class Call(NamedTuple):
    """What is asked of a server.

    `place` is where, `others` a sentence on its other places, where they were asked in vain.
    """

    http_method: str
    api_method: str
    parameters: Mapping[str, Any] | None = None
    body: Mapping[str, str] | bytes | None = None
    place: Place | None = None
    others: str = ""


class Answer(NamedTuple):
    """An HTTP answer, read whole."""

    call: Call
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300
