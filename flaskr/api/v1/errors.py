"""From what went wrong to what is answered: the one place that decides on statuses and codes."""

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from flask import request
from werkzeug.exceptions import HTTPException

from flaskr.log import request_id
from flaskr.result import Failure, Reason, failed

STATUSES: Mapping[Reason, HTTPStatus] = {
    Reason.BAD_PARAMETER: HTTPStatus.BAD_REQUEST,
    Reason.NOTHING_TO_CHANGE: HTTPStatus.BAD_REQUEST,
    Reason.PASSCODE_TOO_SHORT: HTTPStatus.BAD_REQUEST,
    Reason.NO_SUCH_USER: HTTPStatus.NOT_FOUND,
    Reason.USER_DISABLED: HTTPStatus.CONFLICT,
    Reason.NO_SPACE: HTTPStatus.NOT_FOUND,
    Reason.NO_SUCH_OBJECT: HTTPStatus.NOT_FOUND,
    Reason.NO_MAILBOX: HTTPStatus.NOT_FOUND,
    Reason.MAILBOX_EXISTS: HTTPStatus.CONFLICT,
    Reason.NO_LDAP_USER: HTTPStatus.NOT_FOUND,
    Reason.NO_SUCH_TEMPLATE: HTTPStatus.CONFLICT,
    Reason.EXTENSION_TAKEN: HTTPStatus.CONFLICT,
    Reason.PIN_REFUSED: HTTPStatus.BAD_REQUEST,
    Reason.NO_LDAP_DIRECTORY: HTTPStatus.CONFLICT,
    Reason.URI_TAKEN: HTTPStatus.CONFLICT,
    Reason.CALL_ID_TAKEN: HTTPStatus.CONFLICT,
    Reason.NO_CMS_USER: HTTPStatus.CONFLICT,
    Reason.AMBIGUOUS_USER: HTTPStatus.CONFLICT,
    Reason.NO_SUCH_MEMBER: HTTPStatus.NOT_FOUND,
    Reason.MADE_BY_LDAP: HTTPStatus.CONFLICT,
    Reason.NO_HOST: HTTPStatus.CONFLICT,
    Reason.PHONE_TAKEN: HTTPStatus.CONFLICT,
    Reason.NOT_PERSONAL: HTTPStatus.CONFLICT,
    Reason.LOSES_SPACE: HTTPStatus.CONFLICT,
    Reason.TEMPLATE_UNFIT: HTTPStatus.CONFLICT,
    Reason.NO_ADDRESS: HTTPStatus.CONFLICT,
    Reason.NOT_SET_UP: HTTPStatus.CONFLICT,
    Reason.TOO_MANY_REMOVALS: HTTPStatus.CONFLICT,
    Reason.STOPPING: HTTPStatus.SERVICE_UNAVAILABLE,
    Reason.AUDIT_UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Reason.REFUSED: HTTPStatus.CONFLICT,
    Reason.UNREACHABLE: HTTPStatus.BAD_GATEWAY,
    Reason.UNTRUSTED: HTTPStatus.BAD_GATEWAY,
    Reason.ANSWER_LOST: HTTPStatus.BAD_GATEWAY,
    Reason.REFUSED_CREDENTIALS: HTTPStatus.BAD_GATEWAY,
    Reason.SERVER_ERROR: HTTPStatus.BAD_GATEWAY,
    Reason.UNEXPECTED_STATUS: HTTPStatus.BAD_GATEWAY,
    Reason.UNREADABLE: HTTPStatus.BAD_GATEWAY,
    Reason.NOT_SUPPORTED: HTTPStatus.BAD_GATEWAY,
    Reason.NO_SUCH_BASE: HTTPStatus.BAD_GATEWAY,
    Reason.LIMIT_REACHED: HTTPStatus.BAD_GATEWAY,
    Reason.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
    Reason.LIST_UNSTEADY: HTTPStatus.SERVICE_UNAVAILABLE,
    Reason.NO_CONNECTION_IN_TIME: HTTPStatus.GATEWAY_TIMEOUT,
    Reason.TIMED_OUT: HTTPStatus.GATEWAY_TIMEOUT,
}
# The codes of what is refused before it is looked at, by its status.
CODES: Mapping[int, str] = {
    HTTPStatus.BAD_REQUEST: "bad_parameter",
    HTTPStatus.UNAUTHORIZED: "wrong_api_key",
    HTTPStatus.NOT_FOUND: "no_such_address",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_TIMEOUT: "request_incomplete",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "body_too_large",
    HTTPStatus.REQUEST_URI_TOO_LONG: "address_too_long",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "headers_too_large",
    HTTPStatus.INTERNAL_SERVER_ERROR: "portal_failed",
    HTTPStatus.SERVICE_UNAVAILABLE: "portal_busy",
}
OTHER_CODE = "refused"  # for all other statuses
# The messages, where the refusal has none of its own.
MESSAGES: Mapping[int, str] = {
    HTTPStatus.BAD_REQUEST: "The request is malformed HTTP.",
    HTTPStatus.NOT_FOUND: "There is nothing at this address; /api/v1/ lists what there is.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that method; the header Allow names "
    "those that it takes.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is larger than the portal takes.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The portal failed here; its log says more.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The portal is busy: all its threads are at work. Nothing was "
    "done; try again.",
}
_AGAIN = (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)
RETRY_AFTER = "Retry-After"
RETRY_AFTER_SECONDS = 5  # where the server does not say
MOST_SECONDS = 3600


class ErrorAnswer(NamedTuple):
    """What is answered: the body that every error has, its status, and headers of its own."""

    body: dict[str, Any]
    status: int
    headers: list[tuple[str, str]]


def answer_of_failure(failure: Failure) -> ErrorAnswer:
    """Return what is answered where the portal could not do what it was asked for."""
    status = STATUSES[failure.reason]
    body = {**failed(failure.message), "error": failure_details(failure)}
    return ErrorAnswer(body, status, _retry_after(status, failure.retry_after))


def failure_details(failure: Failure) -> dict[str, Any]:
    """Return what is said of a failure for programs."""
    retry = STATUSES[failure.reason] in _AGAIN and request.method == "GET"
    return _details(failure.code, failure.failure_codes, retry, request_id())


def answer_of_http(error: HTTPException) -> ErrorAnswer:
    """Return what is answered to a request that is refused before it is looked at."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    code = getattr(error, "error_code", CODES.get(status, OTHER_CODE))
    headers = [header for header in error.get_headers() if header[0] != "Content-Type"]
    body = error_body(_message(error), code, request_id=request_id())
    return ErrorAnswer(body, status, headers)


def error_body(
    message: str,
    code: str,
    failure_codes: tuple[str, ...] = (),
    retry: bool = False,
    request_id: str = "",
) -> dict[str, Any]:
    """Return the body that every error has.

    `code` stays the same from release to release; `failure_codes` are what CMS said; `retry` is
    whether the same request may be sent again; `request_id` stands in the log.
    """
    return {**failed(message), "error": _details(code, failure_codes, retry, request_id)}


def _details(
    code: str, failure_codes: tuple[str, ...], retry: bool, request_id: str
) -> dict[str, Any]:
    return {
        "code": code, "failureCodes": list(failure_codes), "retry": retry, "request": request_id
    }


def _message(error: HTTPException) -> str:
    is_default = error.description == type(error).description
    known = MESSAGES.get(error.code or 0) if is_default else None
    return known or error.description or error.name


def _retry_after(status: int, asked: float) -> list[tuple[str, str]]:
    """Return the header that says when to try again; `asked` is what a server wants, or 0."""
    busy = status == HTTPStatus.SERVICE_UNAVAILABLE
    seconds = math.ceil(min(asked, MOST_SECONDS)) or RETRY_AFTER_SECONDS
    return [(RETRY_AFTER, str(seconds))] if busy else []
