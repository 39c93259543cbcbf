"""What comes of a request: the response dictionary (lab guide, step 4), and why something failed.

Between the layers, what succeeded is an Outcome, and what failed is raised as a Failure. The
dictionary stands at the edge: it is what the guide's methods return, and what callers get.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import wraps
from typing import Any, NamedTuple, ParamSpec, TypedDict


class Reason(str, Enum):
    """Why something failed, for code to decide on; people read the message."""

    # Of a server; its name stands before the code then, such as cms_unreachable.
    UNREACHABLE = "unreachable"  # no connection: nothing was sent
    UNTRUSTED = "untrusted"  # its certificate does not verify: nothing was sent
    NO_CONNECTION_IN_TIME = "no_connection_in_time"  # nothing was sent
    TIMED_OUT = "timed_out"  # no whole answer within the time allowed
    ANSWER_LOST = "answer_lost"  # sent, then the connection broke before the answer was here whole
    BUSY = "busy"  # 503, and still so after the retries
    LIST_UNSTEADY = "list_unsteady"  # a list that looked different at every reading
    REFUSED_CREDENTIALS = "refused_credentials"
    SERVER_ERROR = "server_error"  # a 5xx that does not say whether anything was done
    UNEXPECTED_STATUS = "unexpected_status"
    UNREADABLE = "unreadable_answer"
    NOT_SUPPORTED = "not_supported"  # by this release of it
    NO_SUCH_BASE = "no_such_base"  # of a directory: the DN that users are looked for under
    LIMIT_REACHED = "limit_reached"  # of entries that a directory sends
    REFUSED = "refused"  # in a failure code of its API that has no reason of its own here

    # Of the request, or of what it is about.
    BAD_PARAMETER = "bad_parameter"
    NOTHING_TO_CHANGE = "nothing_to_change"
    PASSCODE_TOO_SHORT = "passcode_too_short"
    NO_SUCH_USER = "no_such_user"
    USER_DISABLED = "user_disabled"  # the account, in the directory
    NO_SPACE = "no_space"
    NO_SUCH_OBJECT = "no_such_object"
    NO_MAILBOX = "no_mailbox"
    MAILBOX_EXISTS = "mailbox_exists"
    NO_LDAP_USER = "no_ldap_user"  # to be imported into Unity Connection
    NO_SUCH_TEMPLATE = "no_such_template"
    EXTENSION_TAKEN = "extension_taken"
    PIN_REFUSED = "pin_refused"
    NO_LDAP_DIRECTORY = "no_ldap_directory"  # Unity Connection has none to import users of
    URI_TAKEN = "uri_taken"
    CALL_ID_TAKEN = "call_id_taken"
    NO_CMS_USER = "no_cms_user"  # CMS has no user for the owner
    AMBIGUOUS_USER = "ambiguous_user"  # CMS or the directory has several
    NO_SUCH_MEMBER = "no_such_member"
    MADE_BY_LDAP = "made_by_ldap"  # so that the next sync would undo a change
    NO_HOST = "no_host"  # the Space has no access method for hosts
    PHONE_TAKEN = "phone_taken"  # the URI that the template makes of the telephone number
    NOT_PERSONAL = "not_personal"  # the Space is no user's own
    LOSES_SPACE = "loses_space"  # after the change it would not be found by the user ID
    TEMPLATE_UNFIT = "template_unfit"  # for this user: what it makes can't be
    NO_ADDRESS = "no_address"  # an e-mail address of a user, in the directory
    NOT_SET_UP = "not_set_up"  # what the portal has no settings for
    TOO_MANY_REMOVALS = "too_many_removals"  # more than a plan may have unless it is said
    STOPPING = "portal_stopping"  # in the middle of many rows
    AUDIT_UNAVAILABLE = "audit_unavailable"  # no record could be kept, so nothing was changed

    @property
    def words(self) -> str:
        """The reason as people read it in a list, such as "answer lost"."""
        return self.value.replace("_", " ")


# Those of a server.
OF_SERVERS = frozenset(
    {
        Reason.UNREACHABLE,
        Reason.UNTRUSTED,
        Reason.NO_CONNECTION_IN_TIME,
        Reason.TIMED_OUT,
        Reason.ANSWER_LOST,
        Reason.BUSY,
        Reason.LIST_UNSTEADY,
        Reason.REFUSED_CREDENTIALS,
        Reason.SERVER_ERROR,
        Reason.UNEXPECTED_STATUS,
        Reason.UNREADABLE,
        Reason.NOT_SUPPORTED,
        Reason.NO_SUCH_BASE,
        Reason.LIMIT_REACHED,
        Reason.REFUSED,
    }
)
# Nothing was sent, not even a part of the request.
NOT_SENT = frozenset({Reason.UNREACHABLE, Reason.UNTRUSTED, Reason.NO_CONNECTION_IN_TIME})
# After these, a change may have been made all the same.
MAYBE_DONE = frozenset(
    {Reason.TIMED_OUT, Reason.ANSWER_LOST, Reason.SERVER_ERROR, Reason.UNREADABLE}
)

# What a request is about is not there any more.
GONE = frozenset({Reason.NO_SPACE, Reason.NO_MAILBOX, Reason.NO_SUCH_OBJECT})


class ResponseDictionary(TypedDict):
    """What the guide's methods return, and the body of the portal's answers.

    `success`: whether the request succeeded. `message`: what happened, for a person. `response`:
    the parsed XML, the new object's ID after a POST, or `""`.
    """

    success: bool
    message: str
    response: Any


class UserResult(ResponseDictionary):
    """A response dictionary that also says how many users were found: 0 or 1."""

    num_found: int


class Outcome(NamedTuple):
    """What succeeded: a sentence for a person, and what the request was made for."""

    message: str
    response: Any = ""


class Failure(Exception):
    """What failed: why, and a sentence for a person that says what went wrong and what to do.

    `failure_codes` are those that the server gave, in its order. `server` is the server in one
    word, where the reason is one of a server. `retry_after` is after how many seconds it wants to
    be asked again, 0 where it does not say.
    """

    retry_after = 0.0

    def __init__(
        self, reason: Reason, message: str, failure_codes: tuple[str, ...] = (), server: str = ""
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.failure_codes = failure_codes
        self.server = server

    @property
    def code(self) -> str:
        """The one word for this kind of failure, which stays the same from release to release."""
        return f"{self.server}_{self.reason.value}" if self.server else self.reason.value


def succeeded(outcome: Outcome) -> ResponseDictionary:
    """Return the response dictionary of what succeeded."""
    return {"success": True, "message": outcome.message, "response": outcome.response}


def failed(message: str) -> ResponseDictionary:
    """Return the response dictionary of what failed."""
    return {"success": False, "message": message, "response": ""}


def user_result(find: Callable[[], Outcome]) -> UserResult:
    """Return the response dictionary of looking a user up (lab guide, step 4).

    Where there is no such user, `success` is true too, `num_found` 0 and `response` `""`.
    """
    try:
        return {**succeeded(find()), "num_found": 1}
    except Failure as failure:
        nobody = failure.reason is Reason.NO_SUCH_USER
        return {"success": nobody, "message": failure.message, "response": "", "num_found": 0}


P = ParamSpec("P")


def as_dictionary(function: Callable[P, Outcome]) -> Callable[P, ResponseDictionary]:
    """Make a function return the response dictionary, also where it raises Failure."""

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> ResponseDictionary:
        try:
            return succeeded(function(*args, **kwargs))
        except Failure as failure:
            return failed(failure.message)

    return wrapper
