"""A change of which nobody may know whether it was made: looked up, then made once more."""

from collections.abc import Callable

from flaskr.result import MAYBE_DONE, Failure, Outcome


def confirmed(change: Callable[[], Outcome], is_done: Callable[[], bool]) -> Outcome | None:
    """Make a change. Where CMS doesn't confirm it, look; where it isn't there, make it again.

    Returns what CMS said, or None where it was not confirmed but is there. Raises Failure: the
    change was not made then, unless it was not confirmed the second time either.
    """
    try:
        return change()
    except Failure as failure:
        if failure.reason not in MAYBE_DONE:
            raise
    if is_done():
        return None
    try:
        return change()
    except Failure as failure:
        if failure.reason in MAYBE_DONE and is_done():
            return None
        raise
