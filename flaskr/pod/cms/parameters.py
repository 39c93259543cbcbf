"""The parameters that the simulated CMS takes for Spaces, and what each may be.

Source: API description, 'Creating and Modifying a coSpace' and 'Retrieving coSpaces'.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from unicodedata import category
from urllib.parse import parse_qsl, urlsplit

from flaskr.pod.cms.failures import CmsFailure, FailureElement
from flaskr.pod.cms.start import REFERENCES
from flaskr.pod.xml import can_be_written

# Returns the value as it is kept; raises ValueError where it is refused, CmsFailure where there
# is a code of its own for that.
ParameterCheck = Callable[[str], str]
Pairs = list[tuple[str, bytes]]

LAYOUTS = (
    "allEqual", "speakerOnly", "telepresence", "stacked", "allEqualQuarters", "allEqualNinths",
    "allEqualSixteenths", "allEqualTwentyFifths", "onePlusFive", "onePlusSeven", "onePlusNine",
    "automatic", "onePlusN",
)
MAX_CDR_TAG = 100
MAX_NUMBER = 2**31 - 1
MAX_PARAMETERS = 1000


def is_guid(text: str) -> bool:
    """Return whether it is a GUID as CMS writes them: 32 hexadecimal digits and four hyphens."""
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _require(ok: bool) -> None:
    if not ok:
        raise ValueError


def _text(value: str) -> str:
    return value


def _never_in_a_uri(character: str) -> bool:
    """Return whether it is an @, a blank or a bracket.

    The URIs that LDAP sync makes have less still: letters, digits, full stop, hyphen, underscore.
    """
    return character in "@<>" or character.isspace() or category(character) in ("Ps", "Pe")


def _user_part(value: str) -> str:
    _require(value.isprintable() and not any(map(_never_in_a_uri, value)))
    return value


def _digits(value: str) -> str:
    _require(value.isascii() and value.isdecimal())
    return value


def _number(least: int) -> ParameterCheck:
    def check(value: str) -> str:
        _require(len(_digits(value)) <= 10 and least <= int(value) <= MAX_NUMBER)
        return str(int(value))

    return check


def _cdr_tag(value: str) -> str:
    _require(len(value) <= MAX_CDR_TAG)
    return value


def _one_of(*values: str) -> ParameterCheck:
    def check(value: str) -> str:
        _require(value in values)
        return value

    return check


def _guid(value: str) -> str:
    _require(is_guid(value))
    return value.lower()


def _url(value: str) -> str:
    parts = urlsplit(value)
    _require(bool(parts.scheme and parts.netloc) and value.isprintable() and " " not in value)
    return value


def _pane_mode(value: str) -> str:
    return "" if value == "unset" else _one_of("skip", "self", "blank")(value)


def _reference(parameter: str) -> ParameterCheck:
    def check(value: str) -> str:
        if _guid(value) not in REFERENCES[parameter]:
            raise CmsFailure(FailureElement(f"{parameter}DoesNotExist"))
        return value.lower()

    return check


_BOOLEAN = _one_of("true", "false")

# What a PUT of a Space takes. A POST takes all but the ones in PUT_ONLY.
SPACE: dict[str, ParameterCheck] = {
    "name": _text,
    "uri": _user_part,
    "secondaryUri": _user_part,
    "callId": _digits,
    "cdrTag": _cdr_tag,
    "passcode": _text,
    "defaultLayout": _one_of(*LAYOUTS),
    "tenant": _reference("tenant"),
    "callLegProfile": _reference("callLegProfile"),
    "callProfile": _reference("callProfile"),
    "callBrandingProfile": _reference("callBrandingProfile"),
    "dialInSecurityProfile": _reference("dialInSecurityProfile"),
    "requireCallId": _BOOLEAN,
    "secret": _text,
    "regenerateSecret": _BOOLEAN,
    "nonMemberAccess": _BOOLEAN,
    "ownerJid": _text,
    "streamUrl": _url,
    "ownerAdGuid": _guid,
    "meetingScheduler": _text,
    "panePlacementHighestImportance": _number(1),
    "panePlacementSelfPaneMode": _pane_mode,
}
PUT_ONLY = ("regenerateSecret",)
NEW_SPACE = {name: check for name, check in SPACE.items() if name not in PUT_ONLY}

# What a GET of the list takes.
LIST: dict[str, ParameterCheck] = {
    "offset": _number(0),
    "limit": _number(0),
    "filter": _text,
    "tenantFilter": _guid,
    "callLegProfileFilter": _guid,
}


def pairs(form: bytes) -> Pairs:
    """Return the names and values of a form body or a query string, values still in bytes.

    Raises CmsFailure (`parameterError`) for a form of too many parameters, or with a name that
    is not UTF-8.
    """
    try:
        found = parse_qsl(
            form.decode("latin-1"),
            keep_blank_values=True,
            encoding="latin-1",
            max_num_fields=MAX_PARAMETERS,
        )
        return [(_as_utf8(name.encode("latin-1")), text.encode("latin-1")) for name, text in found]
    except ValueError:
        raise CmsFailure(FailureElement("parameterError")) from None


def read(
    given: Pairs, table: Mapping[str, ParameterCheck], *, error: str, ignore_unknown: bool
) -> dict[str, str]:
    """Return the values, checked by the table; what is given empty stays empty.

    Raises CmsFailure with a reason for each parameter that is unknown (unless ignored), given twice
    or wrong: a `parameterError` that names it and has `error` as its error, or a code of its own.
    """
    used = [(name, value) for name, value in given if not ignore_unknown or name in table]
    names = [name for name, _ in used]
    values: dict[str, str] = {}
    reasons: list[FailureElement] = []
    for name, value in used:
        try:
            _require(name in table and names.count(name) == 1)
            values[name] = _checked(value, table[name])
        except ValueError:
            reasons.append(FailureElement("parameterError", {"parameter": name, "error": error}))
        except CmsFailure as failure:
            reasons.extend(failure.reasons)
    if reasons:
        raise CmsFailure(*_unique(reasons))
    return values


def _checked(value: bytes, check: ParameterCheck) -> str:
    text = _as_utf8(value)
    _require(can_be_written(text))
    return check(text) if text else ""


def _as_utf8(raw: bytes) -> str:
    return raw.decode("utf-8")


def _unique(reasons: Iterable[FailureElement]) -> list[FailureElement]:
    found: list[FailureElement] = []
    for reason in reasons:
        if reason not in found:
            found.append(reason)
    return found
