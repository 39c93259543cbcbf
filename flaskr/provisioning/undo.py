"""A creation that failed half-way, and is taken back."""

from collections.abc import Callable
from typing import NamedTuple

from flaskr.result import Failure, Reason

# How often what was made half is told to go.
UNDO_ATTEMPTS = 2


class Undoing(NamedTuple):
    """How to take back what was made: what it is in words, with its ID; what deletes it.

    `gone` is the reason where it is not there any more; `remedy` says what people can do where it
    can't be deleted.
    """

    what: str
    object_id: str
    delete: Callable[[], object]
    gone: Reason
    remedy: str

    def after(self, failure: Failure, step: str) -> Failure:
        """Delete what is not whole; return the failure of a step, with what stands there now."""
        end = f"That was {step}; so the {self.what} was deleted again, and nothing is left."
        gone = f"{failure.message} {end}"
        for _ in range(UNDO_ATTEMPTS):
            try:
                self.delete()
            except Failure as undo:
                if undo.reason is self.gone:
                    break
                left = undo
            else:
                break
        else:
            gone = (
                f"{failure.message} That was {step}. The {self.what} {self.object_id} stands there "
                f"without it, as it could not be deleted again: {left.message} {self.remedy}"
            )
        return Failure(failure.reason, gone, failure.failure_codes, failure.server)
