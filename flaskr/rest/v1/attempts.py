"""What came of sending a call, and what is sent again: there, or at the next of several places."""

import logging
import random
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import TypeVar

from flaskr.places import Place
from flaskr.rest.v1.calls import Answer, Call
from flaskr.rest.v1.errors import explain_status
from flaskr.result import NOT_SENT, Failure, Reason

logger = logging.getLogger(__name__)

BUSY = 503  # the status
PAUSES = (0.1, 0.3, 0.9)  # seconds before the first, second and third retry, give or take a half
_TOO_LATE = (Reason.NO_CONNECTION_IN_TIME, Reason.TIMED_OUT)

Attempt = Answer | Failure
T = TypeVar("T")


def persist(
    call: Call,
    send: Callable[[], T | Failure],
    deadline: float,
    again: Collection[Reason],
    note_retry: Callable[[Call], object],
    busy: Collection[int] = (BUSY,),
) -> T | Failure:
    """Return what came of sending a call, at the last attempt; sent again for these reasons.

    `busy` are the statuses of a server that is.
    """
    pauses = (pause * random.uniform(0.5, 1.5) for pause in PAUSES)
    while True:
        attempt = send()
        reason, asked = _why_again(attempt, busy)
        pause = _pause_before_retry(reason in again, asked, pauses, deadline)
        if pause is None:
            return attempt
        logger.warning(
            "retry method=%s path=%s pause_s=%.2f", call.http_method, call.api_method, pause
        )
        note_retry(call)
        time.sleep(pause)


def _why_again(attempt: object, busy: Collection[int]) -> tuple[Reason | None, float]:
    """Return why to send again, and after how many seconds the server wants that."""
    if isinstance(attempt, Failure):
        return attempt.reason, 0.0
    if isinstance(attempt, Answer) and attempt.status in busy:
        return Reason.BUSY, retry_after(attempt)
    return None, 0.0


def _pause_before_retry(
    is_again: bool, asked: float, pauses: Iterator[float], deadline: float
) -> float | None:
    """Return how many seconds to wait before sending again, or None to leave it at the attempt."""
    pause = next(pauses, None) if is_again else None
    if pause is None or time.monotonic() + max(pause, asked) >= deadline:
        return None
    return max(pause, asked)


def retry_after(answer: Answer) -> float:
    """Return the seconds that a Retry-After header asks for; 0 where it is missing or invalid."""
    value = answer.headers.get("Retry-After", "")
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(parsedate_to_datetime(value).timestamp() - time.time(), 0.0)
    except (ValueError, OverflowError):
        return 0.0


def reason_of(attempt: Attempt) -> Reason:
    """Return why an attempt failed."""
    return (
        attempt.reason if isinstance(attempt, Failure) else explain_status(attempt.status).reason
    )


def passes_on(call: Call, attempt: Attempt) -> bool:
    """Return whether the next place is to be asked: a change must not have been made here."""
    if isinstance(attempt, Failure):
        return call.only_reads or attempt.reason in NOT_SENT
    return attempt.status == BUSY or (call.only_reads and attempt.status >= 500)


def shares(
    places: Sequence[Place], failed: Mapping[Place, Attempt], deadline: float
) -> Iterator[tuple[Place, float]]:
    """Yield the places, each with the moment until which it has its share of the time that is left.

    Where time is left after all have `failed`, those that had too little of it come once more.
    """
    yield from _divided(places, deadline)
    late = [place for place in failed if reason_of(failed[place]) in _TOO_LATE]
    if time.monotonic() < deadline:
        yield from _divided(late, deadline)


def _divided(places: Sequence[Place], deadline: float) -> Iterator[tuple[Place, float]]:
    """Yield places with their shares; with no time left, no other than the first."""
    for number, place in enumerate(places):
        now = time.monotonic()
        if number and now >= deadline:
            return
        yield place, now + (deadline - now) / (len(places) - number)


def all_failed(failed: Mapping[Place, Attempt]) -> Attempt:
    """Return what came of the last place that could be reached, or else of the last.

    With it, it says in a word why each of the others failed.
    """
    reasons = {place: reason_of(attempt) for place, attempt in failed.items()}
    reached = [place for place, reason in reasons.items() if reason not in NOT_SENT]
    told = (reached or list(failed))[-1]
    words = [f"{place} ({reasons[place].words})" for place in failed if place != told]
    return _with_others(failed[told], f" Also failed: {', '.join(words)}.")


def _with_others(attempt: Attempt, others: str) -> Attempt:
    if isinstance(attempt, Answer):
        return attempt._replace(call=attempt.call._replace(others=others))
    return Failure(attempt.reason, attempt.message + others, attempt.failure_codes, attempt.server)
