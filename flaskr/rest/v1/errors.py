"""What a status, or an error of requests, urllib3 and the operating system, means in words."""

import socket
import ssl
from collections.abc import Iterator
from http.client import HTTPException, IncompleteRead
from typing import NamedTuple

from requests.exceptions import Timeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    DecodeError,
    NameResolutionError,
    NewConnectionError,
    TimeoutError as Urllib3TimeoutError,
)

from flaskr.result import Reason


class UnreadableAnswer(HTTPException):
    """What came is no answer, or one that is too large to read; its text says why, in words."""


class Explanation(NamedTuple):
    """Why no answer came, or none that is a success.

    `text` says what went wrong and what to do, with gaps for `{cause}`, `{timeout}` (in seconds),
    `{timeout_setting}`, and for the settings of the server: `{host}`, `{address}`, `{login}`, and
    `{prefix}`, which their names begin with.
    """

    reason: Reason
    text: str


# What a status says holds, whatever failure codes come with it.
STATUS_RULES = (Reason.BUSY, Reason.REFUSED_CREDENTIALS)
CHECK_API = "Check that {address} name that server's API."
UNSTEADY = "the list kept changing while it was read, so that an entry may be missed. Try again."
_CHECK_ADDRESS = "Check {address}, and that the server is up."

UNTRUSTED = Explanation(
    Reason.UNTRUSTED,
    "certificate verify failed: {cause}. The certificate must be valid today and for the name in "
    "{host}, and {prefix}_TLS_VERIFY must name the CA bundle that it verifies with.",
)
UNRESOLVED = Explanation(
    Reason.UNREACHABLE, "the host name does not resolve. " + _CHECK_ADDRESS
)
UNREACHABLE = Explanation(Reason.UNREACHABLE, "could not connect: {cause}. " + _CHECK_ADDRESS)
NO_CONNECTION_IN_TIME = Explanation(
    Reason.NO_CONNECTION_IN_TIME, "no connection within {timeout} s. " + _CHECK_ADDRESS
)
TIMED_OUT = Explanation(
    Reason.TIMED_OUT,
    "no whole answer within {timeout} s. If it stays so, look at the server's load and at the "
    "network, or raise {timeout_setting}.",
)
ANSWER_LOST = Explanation(
    Reason.ANSWER_LOST,
    "the connection broke before the whole answer was here. If it stays so, check the server's "
    "log, and the network in between.",
)
UNREADABLE = Explanation(
    Reason.UNREADABLE, "the answer can't be read: {cause}. " + CHECK_API
)
# The first row that fits one of an error's causes explains it: subclasses stand before their bases.
_EXPLANATIONS: tuple[tuple[tuple[type[BaseException], ...], Explanation], ...] = (
    ((ssl.SSLCertVerificationError,), UNTRUSTED),
    ((NameResolutionError,), UNRESOLVED),
    ((NewConnectionError,), UNREACHABLE),
    ((ConnectTimeoutError,), NO_CONNECTION_IN_TIME),
    ((TimeoutError, Timeout, Urllib3TimeoutError), TIMED_OUT),
    ((UnreadableAnswer,), UNREADABLE),
    ((ConnectionError, IncompleteRead), ANSWER_LOST),
    ((HTTPException, DecodeError), UNREADABLE),
)
# The same for what goes wrong before there is a connection, TLS included.
_OF_CONNECTING: tuple[tuple[type[BaseException], Explanation], ...] = (
    (ssl.SSLCertVerificationError, UNTRUSTED),
    (socket.gaierror, UNRESOLVED),
    (TimeoutError, NO_CONNECTION_IN_TIME),
)

CHECK_CREDENTIALS = "Check {login}, and what that account is allowed to do."
_STATUSES = {
    401: Explanation(
        Reason.REFUSED_CREDENTIALS,
        "it refuses the credentials (status {cause}). " + CHECK_CREDENTIALS,
    ),
    403: Explanation(
        Reason.REFUSED_CREDENTIALS,
        "it forbids this to the account (status {cause}). " + CHECK_CREDENTIALS,
    ),
    423: Explanation(
        Reason.BUSY, "it has that locked for now (status {cause}). Try again later."
    ),
    429: Explanation(Reason.BUSY, "it gets too many requests (status {cause}). Try again later."),
    503: Explanation(
        Reason.BUSY, "it is busy, also after retries (status {cause}). Try again later."
    ),
}
_STATUSES |= dict.fromkeys(
    (301, 302, 303, 307, 308),
    Explanation(
        Reason.UNEXPECTED_STATUS,
        "it redirects elsewhere, which is not followed (status {cause}). " + CHECK_API,
    ),
)
SERVER_ERROR = Explanation(
    Reason.SERVER_ERROR,
    "it answered with an error of its own (status {cause}). If it stays so, look at its log.",
)
_OTHER_STATUS = Explanation(
    Reason.UNEXPECTED_STATUS, "it answered with an error (status {cause}). " + CHECK_API
)


def explain(error: BaseException) -> tuple[Explanation, str]:
    """Return what an error of a request means, however it is wrapped, and its cause in words."""
    causes = tuple(_causes(error))
    explanations = (
        explanation
        for kinds, explanation in _EXPLANATIONS
        if any(isinstance(cause, kinds) for cause in causes)
    )
    return next(explanations, ANSWER_LOST), _words(causes)


def explain_connecting(error: OSError) -> tuple[Explanation, str]:
    """Return what an error of connecting means, and its cause in words."""
    found = (each for kind, each in _OF_CONNECTING if isinstance(error, kind))
    return next(found, UNREACHABLE), _said_by(error) or "it gives no reason"


def explain_status(status: int) -> Explanation:
    """Return what a status that is no success means."""
    other = SERVER_ERROR if status >= 500 else _OTHER_STATUS
    return _STATUSES.get(status, other)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those that it stands for: requests and urllib3 wrap them in each other."""
    yield error
    for inner in (*error.args, getattr(error, "reason", None), error.__cause__):
        if isinstance(inner, BaseException):
            yield from _causes(inner)


def _words(causes: tuple[BaseException, ...]) -> str:
    """Return what the innermost of the causes that can say something says."""
    said = (words for cause in reversed(causes) if (words := _said_by(cause)))
    return next(said, "it is malformed HTTP")


def _said_by(cause: BaseException) -> str:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return cause.verify_message.rstrip(".")
    if isinstance(cause, ssl.SSLError):
        return (cause.reason or "").replace("_", " ").lower()
    if isinstance(cause, OSError):
        return (cause.strerror or "").lower()
    return str(cause) if isinstance(cause, UnreadableAnswer) else ""
