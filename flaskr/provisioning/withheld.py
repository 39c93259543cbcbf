"""What a dry run keeps to itself, and the words for it: the answer that a change would have."""

import logging
import re
from collections.abc import Callable
from typing import Any, TypeVar

from flaskr.provisioning.change import ChangeRequest
from flaskr.rest.v1.calls import Answer, Call
from flaskr.rest.v1.rest import REST
from flaskr.result import Failure, Outcome

logger = logging.getLogger(__name__)

NOTHING_CHANGED = "Dry run: nothing was changed."
# IDs that no object of a server has.
_NEW_ID = "00000000-0000-0000-0000-{:012}"
_NEW_IDS = re.compile(_NEW_ID.partition("{")[0] + r"\d{12}")
_MOST_SHOWN = 60  # characters of a value


class DryClient(REST):
    """A client that keeps all changes to itself, in `withheld`, and sends what only reads."""

    withheld: list[ChangeRequest]

    def _send(self, call: Call) -> Answer:
        """Send what changes nothing. Raises ValueError for all else."""
        if not call.only_reads:
            raise ValueError(f"a dry run does not send {call.http_method} {call.api_method}")
        return super()._send(call)

    def _withhold(self, change: ChangeRequest) -> str:
        """Keep a change; return the ID that an object which it makes has until the end."""
        self.withheld.append(change)
        logger.info(
            "withheld server=%s method=%s path=%s", self.title, change.http_method, change.path
        )
        return _NEW_ID.format(len(self.withheld)) if change.http_method == "POST" else ""

    def _not_sent(self, change: ChangeRequest, response: str) -> Outcome:
        call = Call(change.http_method, change.path)
        return Outcome(self._message(call, "not sent in a dry run."), response)


Dry = TypeVar("Dry", bound=DryClient)


def dry_run(dry: Dry, change: Callable[[Dry], Outcome]) -> Outcome:
    """Return what a change with a dry client would come to. Raises the Failure that it would.

    The message says what would be sent. In the response, `""` stands for a new ID or passcode, as
    there is none.
    """
    try:
        outcome = change(dry)
    except Failure as failure:
        message = f"{NOTHING_CHANGED} The request would fail with: {_generic(failure.message)}"
        raise Failure(failure.reason, message, failure.failure_codes, failure.server) from None
    message = what_would_be(dry, outcome.message)
    return Outcome(message, _without_what_is_not_there(outcome.response))


def what_would_be(dry: DryClient, said: str) -> str:
    """Return what a change with the dry client would come to; `said` is what it came to."""
    if dry.withheld:
        said = f"This would be sent to {dry.title}: {'; '.join(map(_in_words, dry.withheld))}."
    return f"{NOTHING_CHANGED} {_generic(said)}"


def _in_words(change: ChangeRequest) -> str:
    """Return a change as it is told: the request, with what it sends but for secrets."""
    sent = ", ".join(
        f"{name}={_shown(text, name in change.secrets)}" for name, text in change.values.items()
    )
    return f"{change.http_method} {_generic(change.path)}{f' ({sent})' if sent else ''}"


def _generic(text: str) -> str:
    """Return a text with `ID` for the IDs of objects that would be new."""
    return _NEW_IDS.sub("ID", text)


def _shown(text: str, is_secret: bool) -> str:
    hidden = text and is_secret
    return "…" if hidden else text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def _without_what_is_not_there(response: Any) -> Any:
    """Return a response without a new ID or passcode, which are not there."""
    if isinstance(response, str):
        return ""
    return {**response, **({"passcode": ""} if "passcode" in response else {})}
