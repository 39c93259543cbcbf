"""What the clients of all servers have, whatever they speak: places, messages, and noted calls."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence

from flaskr.places import Place, places_of
from flaskr.rest.v1.calls import Call, NotedCall
from flaskr.result import MAYBE_DONE, OF_SERVERS, Failure, Reason

logger = logging.getLogger(__name__)


class ServerClient:
    """A client of one server: where that is, what messages call it, and who is told of its calls.

    `host` is where it is, or several such places, each perhaps with its `:port`; `port` is that of
    the others. Raises PlaceTwice for one that is named twice. `timeout` is in seconds and bounds a
    call as a whole.
    """

    title = "The server"  # what messages call it
    settings_prefix = "REST"  # what the names of its settings begin with, for the remedies
    timeout_setting = "the timeout"  # the setting that bounds a request
    # Of a change whose answer did not come, or not whole.
    look_first = "The change may have been made all the same: look before you try again."

    def __init__(self, host: str | Sequence[str], port: int, timeout: float) -> None:
        self.places = places_of(host, port)
        self.timeout = timeout
        self._numbers: dict[Place | None, int] = {
            place: number for number, place in enumerate(self.places, 1)
        }
        self.on_call: list[Callable[[NotedCall], object]] = []  # who wants to know of calls

    @property
    def host(self) -> str:
        """The host of its first place."""
        return self.places[0].host

    @property
    def port(self) -> int:
        """The port of its first place."""
        return self.places[0].port

    @property
    def server(self) -> str:
        """The server in one word for code, such as cms: the codes of its failures begin with it."""
        return self.settings_prefix.lower()

    @property
    def title_and_address(self) -> str:
        """The server and where it is, as messages say it: CMS at cms.example.com:443.

        Of several places, the first is named, and how many others there are.
        """
        first, *others = self.places
        more = f" and {len(others)} other{'s' if others[1:] else ''}" if others else ""
        return f"{self.title} at {first}{more}"

    def _note_call(self, call: Call, status: object, start: float) -> None:
        """Log a call that began at that moment and is over, and tell who wants to know."""
        seconds = time.monotonic() - start
        logger.info(
            "call server=%s method=%s path=%s status=%s ms=%.0f",
            self.title if len(self._numbers) == 1 else f"{self.title} place={call.place}",
            call.http_method,
            call.api_method,
            status,
            seconds * 1000,
        )
        self._tell(call, str(status), seconds)

    def _note_retry(self, call: Call) -> None:
        self._tell(call, "", 0.0, is_retry=True)

    def _tell(self, call: Call, outcome: str, seconds: float, is_retry: bool = False) -> None:
        if not self.on_call:
            return
        number = self._numbers.get(call.place, 1)
        method, path = call.http_method, call.api_method
        noted = NotedCall(self.server, method, path, number, outcome, seconds, is_retry)
        for tell in self.on_call:
            tell(noted)

    def _message(self, call: Call, text: str, cause: str = "", seconds: float = 0.0) -> str:
        """Return a sentence for a person: the server, what was asked of it, and what came of it.

        `seconds` is how long it had, where that was not the whole timeout.
        """
        said = text.format(
            **self._setting_names(),
            cause=cause,
            timeout=f"{seconds or self.timeout:g}",
            timeout_setting=self.timeout_setting,
        )
        where = f"{self.title} at {call.place}" if call.place else self.title_and_address
        return f"{where}, {call.http_method} {call.api_method}: {said}"

    def _setting_names(self) -> Mapping[str, str]:
        """Return what remedies call its settings, by the gaps of their texts (`Explanation`)."""
        prefix = self.settings_prefix
        return {
            "prefix": prefix,
            "host": f"{prefix}_HOSTNAME",
            "address": f"{prefix}_HOSTNAME and {prefix}_PORT",
            "login": f"{prefix}_USERNAME and {prefix}_PASSWORD",
        }

    def _failure(
        self,
        call: Call,
        reason: Reason,
        text: str,
        cause: str = "",
        failure_codes: tuple[str, ...] = (),
        seconds: float = 0.0,
    ) -> Failure:
        """Return the failure of a call; where a change may have been made all the same, say so."""
        message = self._message(call, text, cause, seconds) + call.others
        if not call.only_reads and reason in MAYBE_DONE:
            message += f" {self.look_first}"
        server = self.server if reason in OF_SERVERS else ""
        return Failure(reason, message, failure_codes, server)
