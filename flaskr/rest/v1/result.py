"""The response dictionary: the contract between clients and callers (lab guide, step 4)."""

from enum import Enum
from typing import Any, TypedDict


class Reason(str, Enum):
    """Why a request failed, for code to decide on; people read the message."""

    UNREACHABLE = "unreachable"  # no connection: nothing was sent
    UNTRUSTED = "untrusted"  # the server's certificate does not verify: nothing was sent
    NO_CONNECTION_IN_TIME = "no connection in time"  # nothing was sent
    TIMED_OUT = "timed out"  # no whole answer within the time allowed
    ANSWER_LOST = "answer lost"  # sent, then the connection broke before the whole answer was here
    BUSY = "busy"  # 503, and still so after the retries
    REFUSED_CREDENTIALS = "refused credentials"
    SERVER_ERROR = "server error"  # a 5xx that does not say whether anything was done
    UNEXPECTED_STATUS = "unexpected status"
    UNREADABLE = "unreadable answer"
    FAILURE_CODES = "failure codes"  # the server said why, in the codes of its API
    NOT_FOUND = "not found"
    BAD_REQUEST = "bad request"


# After these, a change may have been made all the same.
MAYBE_DONE = (Reason.TIMED_OUT, Reason.ANSWER_LOST, Reason.SERVER_ERROR, Reason.UNREADABLE)


class ResponseDictionary(TypedDict):
    """What every client returns, and the body of the portal's answers.

    `success`: whether the request succeeded. `message`: what happened, for a person. `response`:
    the parsed XML, the new object's ID after a POST, or `""`.
    """

    success: bool
    message: str
    response: Any


class Result(ResponseDictionary, total=False):
    """A response dictionary with the keys that stay between the layers: a caller never sees them.

    `reason` is there in every failure; `codes` where the server gave failure codes, in its order.
    """

    reason: Reason
    codes: tuple[str, ...]


def succeeded(message: str, response: Any = "") -> Result:
    """Return the response dictionary of a request that succeeded."""
    return {"success": True, "message": message, "response": response}


def failed(reason: Reason, message: str, codes: tuple[str, ...] = ()) -> Result:
    """Return the response dictionary of a request that failed."""
    return {
        "success": False,
        "message": message,
        "response": "",
        "reason": reason,
        "codes": codes,
    }
