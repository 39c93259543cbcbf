"""A change of which nobody may know whether it was made: looked up, then made once more."""

from collections.abc import Callable

from flaskr.rest.v1.turns import is_looking_elsewhere
from flaskr.result import GONE, MAYBE_DONE, Failure, Outcome


def confirmed(change: Callable[[], Outcome], is_done: Callable[[], bool]) -> Outcome | None:
    """Make a change. Where it isn't confirmed, look; where it isn't there, make it again.

    Returns what the server said, or None where it was not confirmed but is there. Raises Failure:
    the change was not made then, unless it was not confirmed the second time either, or could only
    be looked up at another Call Bridge.
    """
    try:
        return change()
    except Failure as failure:
        if failure.reason not in MAYBE_DONE:
            raise
        unconfirmed = failure
    if _is_there(is_done, unconfirmed):
        return None
    try:
        return change()
    except Failure as failure:
        if failure.reason in MAYBE_DONE and _is_there(is_done, failure):
            return None
        raise


def unconfirmed_since(unconfirmed: Failure, seen: str) -> Failure:
    """Return the failure of a change that was not confirmed, with what was seen since."""
    message = f"{unconfirmed.message} The portal has looked: {seen}{_elsewhere()}"
    return Failure(unconfirmed.reason, message, unconfirmed.failure_codes, unconfirmed.server)


def _is_there(is_done: Callable[[], bool], unconfirmed: Failure) -> bool:
    """Return whether a change is there. Where that can't be told, it may have been made."""
    try:
        is_there = is_done()
    except Failure as failure:
        if failure.reason in GONE and not is_looking_elsewhere():
            raise
        raise unconfirmed_since(unconfirmed, f"without success. {failure.message}") from None
    if not is_there and is_looking_elsewhere():
        raise unconfirmed_since(unconfirmed, "it is not to be seen.")
    return is_there


def _elsewhere() -> str:
    """Return a sentence where what was seen may be from before the change."""
    if not is_looking_elsewhere():
        return ""
    return " That was at another Call Bridge, which may be behind."
