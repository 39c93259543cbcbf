"""A plan as its reader hands it back: JSON, NDJSON or CSV, also after a spreadsheet."""

import json
from codecs import BOM_UTF8
from collections.abc import Collection, Iterable, Iterator, Mapping
from io import BytesIO
from typing import Any

from flaskr.cms.v1.spaces import SETTABLE_FIELDS, SPACE_FIELDS
from flaskr.provisioning.cells import boolean_of, spoilt, value_of
from flaskr.provisioning.parts import PARTS
from flaskr.provisioning.rows import REQUIRE_CALL_ID, PlanRow, rows_of
from flaskr.provisioning.spreadsheet import Row, read_table
from flaskr.result import Failure, Reason
from flaskr.spelling import printable

_FIRST, _LAST = ("userid", "action", "coSpace"), ("message",)
OF_OUTCOMES = ("outcome", "error.code")
_ORDER: tuple[str, ...] = (*SETTABLE_FIELDS, REQUIRE_CALL_ID, *PARTS)

_BEFORE_AFTER = ("before", "after")
KNOWN_COLUMNS = frozenset(
    (*_FIRST, *_LAST, *OF_OUTCOMES,
     *(f"{when}.{name}" for when in _BEFORE_AFTER for name in (*SPACE_FIELDS, *_ORDER)))
)


def columns(fields: Collection[str]) -> tuple[str, ...]:
    """Return the columns of a plan whose rows have values of these fields."""
    values = [
        f"{when}.{name}" for name in _ORDER if name in fields for when in _BEFORE_AFTER
    ]
    return (*_FIRST, *values, *_LAST)


def fields_of(rows: Iterable[PlanRow]) -> set[str]:
    """Return the fields that any of the rows has values of."""
    return {name for row in rows for name in (*row.before, *row.after)}


def read_rows(data: bytes) -> list[PlanRow]:
    """Return the rows of a file, whichever of the three it is. Raises Failure."""
    begins = data.removeprefix(BOM_UTF8).lstrip()[:1]
    if begins not in (b"[", b"{"):
        return rows_of_csv(data)
    document = _whole_document(data)
    if isinstance(document, dict) and "response" in document:  # an answer of the portal's
        return rows_of_json(document["response"])
    return rows_of_json(_document(data, 1)) if begins == b"[" else rows_of_ndjson(data)


def rows_of_json(document: Any) -> list[PlanRow]:
    """Return the rows of a list, or of a `response` with `rows` that says whether it is complete.

    Raises Failure, before there is a row, for one that is none.
    """
    if isinstance(document, dict) and "complete" in document:
        _check_complete(document)
        document = document.get("rows")
    if not isinstance(document, list):
        raise Failure(Reason.BAD_PARAMETER, "Send the rows of a plan as a list.")
    return rows_of((f"row {number}", item) for number, item in enumerate(document, 1))


def rows_of_ndjson(data: bytes) -> list[PlanRow]:
    """Return the rows of lines of JSON, the end aside, which says whether it is the whole plan."""
    return rows_of(_documents(data))


def _documents(data: bytes) -> Iterator[tuple[str, Any]]:
    """Yield what each line says, and where it stands."""
    has_ended = False
    for number, line in enumerate(BytesIO(data), 1):
        document = _document(line, number) if line.strip() else None
        if isinstance(document, dict) and "complete" in document:
            _check_complete(document)
            has_ended = True
        elif document is not None and has_ended:
            raise _unreadable(f"line {number} stands behind the end of the plan.")
        elif document is not None:
            yield f"line {number}", document


def rows_of_csv(data: bytes) -> list[PlanRow]:
    """Return the rows of a CSV file, as it was written or as a spreadsheet has saved it."""
    table = read_table(data)
    missing = [name for name in _FIRST[:2] if name not in table.columns]
    if missing:
        message = f"The file is no plan: it has no column {missing[0]}."
        raise Failure(Reason.BAD_PARAMETER, message)
    unknown = [printable(column) for column in table.columns if column not in KNOWN_COLUMNS]
    if unknown:
        raise _unreadable(f'line {table.line}, no plan has a column "{unknown[0]}".')
    return rows_of((f"line {row.line}", _document_of(row)) for row in table.rows)


def _document(line: bytes, number: int) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        raise _unreadable(f"line {number} is not well-formed JSON.") from None


def _whole_document(data: bytes) -> Any:
    """Return the one document that the data is; None where it is none, or several."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _check_complete(end: Mapping[str, Any]) -> None:
    if end["complete"] is not True:
        raise _unreadable("it was not read to its end, as its last line says. Plan again.")


def _document_of(row: Row) -> dict[str, Any]:
    if row.wrong:
        where = f"line {row.line}{f', {row.column}' if row.column else ''}"
        raise _unreadable(f"{where} {row.wrong}")
    document: dict[str, Any] = {"before": {}, "after": {}}
    for column, value in _values(row):
        when, _, name = column.partition(".")
        if name and when in _BEFORE_AFTER:
            document[when][name] = _boolean(name, value)
        elif not name and column in (*_FIRST, *_LAST):
            document[column] = value.lower() if column == "action" else value
    return document


def _values(row: Row) -> Iterator[tuple[str, str]]:
    """Yield the values of those cells that have one. Raises Failure for what was spoilt."""
    for column, cell in row.cells.items():
        wrong = spoilt(cell) if column not in _LAST else None
        if wrong:
            raise _unreadable(f"line {row.line}, {column}: {printable(cell)} {wrong}")
        value = value_of(cell)
        if value is not None:
            yield column, value


def _boolean(name: str, value: str) -> str:
    field = SETTABLE_FIELDS.get(name)
    return boolean_of(value) if field and bool in field.json_types else value


def _unreadable(wrong: str) -> Failure:
    return Failure(Reason.BAD_PARAMETER, f"The plan can't be applied: {wrong}")
