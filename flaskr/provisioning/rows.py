"""The rows of a plan, what comes of them, and their form as dictionaries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from sys import intern
from types import MappingProxyType
from typing import Any, NamedTuple

from flaskr.cms.v1.spaces import SPACE_FIELDS
from flaskr.fields import SettableField, Values, checked
from flaskr.provisioning.parts import PARTS
from flaskr.rest.v1.ids import is_id
from flaskr.result import Failure, Reason
from flaskr.spelling import comparison_key, printable

REQUIRE_CALL_ID = "requireCallId"
SECRETS = ("passcode", "secret")
MASK = "******"
QUARANTINE = {"nonMemberAccess": "false"}
_HALF = re.compile("[\ud800-\udfff]")
MOST_ROWS = 200_000  # of a plan, and of a list of users: more than a CMS holds
NO_VALUES: Values = MappingProxyType({})


class Action(str, Enum):
    """What a row is to do."""

    CREATE = "create"
    MODIFY = "modify"
    REMOVE = "remove"
    KEEP = "keep"
    REFUSE = "refuse"


class Result(str, Enum):
    """What came of a row."""

    DONE = "done"
    UNCHANGED = "unchanged"
    STALE = "stale"
    FAILED = "failed"


class PlanRow(NamedTuple):
    """What is to be done for a user: the Space's values before, and those that are to change.

    A value that is missing in CMS is `""`. `message` says why, for a person.
    """

    userid: str
    action: Action
    space_id: str = ""
    before: Values = NO_VALUES
    after: Values = NO_VALUES
    message: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the row as callers have it."""
        return {
            "userid": self.userid,
            "action": self.action.value,
            "coSpace": self.space_id,
            "before": dict(self.before),
            "after": dict(self.after),
            "message": self.message,
        }


def is_for_leaver(row: PlanRow) -> bool:
    """Return whether a row puts a Space in quarantine: of whom it is marked as, it says `before`.
    """
    return row.after == QUARANTINE and bool(row.before.get("cdrTag"))


class RowOutcome(NamedTuple):
    """What came of a row; `failure` where it failed."""

    row: PlanRow
    result: Result
    message: str
    failure: Failure | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the row with its outcome, as callers have it: no passcodes, no secrets."""
        shown = {
            **self.row.to_dict(),
            "before": _masked(self.row.before),
            "after": _masked(self.row.after),
            "message": self.message,
            "outcome": self.result.value,
        }
        if self.failure:
            codes = list(self.failure.failure_codes)
            shown["error"] = {"code": self.failure.code, "failureCodes": codes}
        return shown


def rows_of(documents: Iterable[tuple[str, Any]]) -> list[PlanRow]:
    """Return the rows that dictionaries say, each with where it stands.

    Raises Failure, with that, for what is no row, and where two rows are for one Space: they would
    be carried out at the same time.
    """
    rows: list[PlanRow] = []
    places: dict[str, str] = {}
    for where, document in documents:
        row = row_of(document, where)
        subject = _subject(row)
        first = places.setdefault(subject, where) if subject else where
        if first != where:
            wrong = f"{where} is for the same Space as {first}: {row.space_id or row.userid}."
            raise Failure(Reason.BAD_PARAMETER, f"The plan can't be applied: {wrong}")
        rows.append(row)
        if len(rows) > MOST_ROWS:
            message = f"The plan can't be applied: it has more than {MOST_ROWS} rows."
            raise Failure(Reason.BAD_PARAMETER, message)
    return rows


def _subject(row: PlanRow) -> str:
    """Return what tells whose row it is from all others that change something; `""` for none."""
    if row.action is Action.CREATE:
        return f"create {comparison_key(row.userid)}"
    return row.space_id.lower() if row.action in (Action.MODIFY, Action.REMOVE) else ""


def row_of(document: Any, where: str) -> PlanRow:
    """Return the row that a dictionary says. Raises Failure, with where it stands."""
    try:
        return _row_of(document)
    except ValueError as error:
        message = f"The plan can't be applied: {where}, {error}"
        raise Failure(Reason.BAD_PARAMETER, message) from None


def _row_of(document: Any) -> PlanRow:
    if not isinstance(document, dict):
        raise ValueError("it is no row of a plan, which is an object.")
    texts = {name: _text(document, name) for name in ("userid", "action", "coSpace", "message")}
    if texts["action"] not in [action.value for action in Action]:
        known = ", ".join(action.value for action in Action)
        raise ValueError(f"action takes one of: {known}.")
    action = Action(texts["action"])
    if action in (Action.MODIFY, Action.REMOVE) and not is_id(texts["coSpace"]):
        raise ValueError("coSpace takes the ID of the Space, a GUID.")
    if action is not Action.REFUSE and not texts["userid"]:
        raise ValueError("userid is empty.")
    before, after = _values(document, "before"), _values(document, "after")
    _check_after(after)
    message = intern(texts["message"])  # many rows have the same
    return PlanRow(texts["userid"], action, texts["coSpace"], before, after, message)


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name, "")
    if not _is_text(value):
        raise ValueError(f"{name} takes text.")
    return str(value)


def _is_text(value: Any) -> bool:
    """Return whether a value is text, whole: what JSON escapes may be half a character."""
    return isinstance(value, str) and not _HALF.search(value)


def _values(document: Mapping[str, Any], name: str) -> Values:
    values = document.get(name) or NO_VALUES
    if not isinstance(values, Mapping):
        raise ValueError(f"{name} takes an object with values of the Space.")
    known = {*SPACE_FIELDS, *PARTS, REQUIRE_CALL_ID}
    for key, value in values.items():
        if key not in known:
            raise ValueError(f'{name}: there is no field "{printable(key)}".')
        if not _is_text(value):
            raise ValueError(f"{name}: {key} takes text.")
    return {intern(key): value for key, value in values.items()} if values else NO_VALUES


def _check_after(after: Values) -> None:
    for name, value in after.items():
        known = SPACE_FIELDS.get(name)
        if isinstance(known, SettableField):
            checked(known, value)
        elif known:
            raise ValueError(f"after: {name} can't be set.")


def _masked(values: Values) -> dict[str, str]:
    return {
        name: MASK if name in SECRETS and value else value for name, value in values.items()
    }
