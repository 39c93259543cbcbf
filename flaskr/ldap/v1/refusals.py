"""What the results of a directory mean that are no success (RFC 4511, appendix A)."""

import re
from collections.abc import Mapping

from flaskr.ldap.v1.session import BIND, START_TLS, Refused
from flaskr.rest.v1.errors import CHECK_API, CHECK_CREDENTIALS, Explanation
from flaskr.result import Reason
from flaskr.spelling import printable

SIZE_LIMIT_EXCEEDED = 4
BUSY = (51, 52)
# What Active Directory says of a bind that fails, with the number of a Windows error in it.
_DATA = re.compile(r"\bdata ([0-9a-f]+)\b", re.IGNORECASE)
_AD_WORDS = {
    "525": "there is no such account",
    "52e": "the name or the password is wrong",
    "530": "the account may not log in at this time",
    "531": "the account may not log in from this machine",
    "532": "the password has expired",
    "533": "the account is disabled",
    "701": "the account has expired",
    "773": "the password must be changed first",
    "775": "the account is locked",
}

_CREDENTIALS = Explanation(
    Reason.REFUSED_CREDENTIALS, "it refuses the credentials ({cause}). " + CHECK_CREDENTIALS
)
_NO_SUCH_BASE = Explanation(
    Reason.NO_SUCH_BASE, "it has nothing under {prefix}_BASE, or hides it ({cause}). Check "
    "{prefix}_BASE, and what the account in {prefix}_USERNAME may read.",
)
_LIMIT = Explanation(
    Reason.LIMIT_REACHED, "it sends no more entries to this account ({cause}), so that the list is "
    "not whole. Have the limit raised for the account in {prefix}_USERNAME.",
)
_TOO_LONG = Explanation(
    Reason.TIMED_OUT, "it gave up the search ({cause}). If it stays so, have its time limit raised."
)
_WANTS_MORE = Explanation(
    Reason.REFUSED_CREDENTIALS, "it wants another way to log in than a name and a password over "
    "TLS ({cause}). Have that allowed for the account in {prefix}_USERNAME.",
)
_BUSY = Explanation(Reason.BUSY, "it is busy ({cause}). Try again later.")
_REFERRAL = Explanation(
    Reason.UNEXPECTED_STATUS, "it refers to another server, which is not followed ({cause}). Check "
    "{prefix}_BASE, and that {prefix}_HOSTNAME names a server that has it."
)
_OTHER = Explanation(
    Reason.UNEXPECTED_STATUS, "it answered with an error ({cause}). Check {prefix}_FILTER and "
    "{prefix}_ATTRIBUTES. " + CHECK_API,
)
_NO_START_TLS = Explanation(
    Reason.NOT_SUPPORTED,
    "it does not begin TLS ({cause}), and without TLS no password is sent. Set {prefix}_TLS=ldaps, "
    "or have TLS set up there.",
)
_FAULT = Explanation(
    Reason.SERVER_ERROR,
    "it answered with an error of its own ({cause}). If it stays so, look at its log.",
)

_RESULTS: Mapping[int, Explanation] = {
    3: _TOO_LONG,
    SIZE_LIMIT_EXCEEDED: _LIMIT,
    8: _WANTS_MORE,
    10: _REFERRAL,
    11: _LIMIT,
    13: _WANTS_MORE,
    32: _NO_SUCH_BASE,
    34: _NO_SUCH_BASE,
    48: _CREDENTIALS,
    49: _CREDENTIALS,
    50: _CREDENTIALS,
    80: _FAULT,
    **dict.fromkeys(BUSY, _BUSY),
}
# Where a name is no DN, and a server won't do it: in a bind, that is about the credentials.
_OF_BIND = {32: _CREDENTIALS, 34: _CREDENTIALS, 53: _CREDENTIALS}
_OPERATIONS: Mapping[str, Mapping[int, Explanation]] = {BIND: {**_RESULTS, **_OF_BIND}}


def explain_refusal(refused: Refused) -> tuple[Explanation, str]:
    """Return what a result means, and what the directory says of it in words."""
    if refused.operation == START_TLS and refused.code not in BUSY:
        return _NO_START_TLS, _cause(refused)
    known = _OPERATIONS.get(refused.operation, _RESULTS)
    return known.get(refused.code, _OTHER), _cause(refused)


def _cause(refused: Refused) -> str:
    number = _DATA.search(refused.text)
    words = _AD_WORDS.get(number[1].lower(), number[0]) if number else None
    said = words or printable(refused.text)
    return f"result {refused.code}: {said}" if said else f"result {refused.code}"
