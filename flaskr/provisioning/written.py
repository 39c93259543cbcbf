"""Rows written as they come, as JSON, NDJSON or CSV, and the end that says whether it is all."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from flaskr.provisioning.cells import as_cell
from flaskr.provisioning.spreadsheet import write_line
from flaskr.result import Failure

BYTE_ORDER_MARK = "\ufeff"
Document = Mapping[str, Any]
# What is said of a failure in the middle, for programs.
Describe = Callable[[Failure], Document]


class Report:
    """Rows to be written, each a dictionary, and what is to be said of them.

    `name` is what they are called together, `columns` those of a CSV file. `kind` names the key by
    whose values the rows are counted, None: they are counted only. `describe` says what a failure
    in the middle is, `expected` is how many rows there are to be, where that is known.
    """

    def __init__(
        self,
        name: str,
        rows: Iterable[Document],
        columns: Sequence[str],
        describe: Callable[[Failure], Document],
        kind: str | None = None,
        expected: int | None = None,
    ) -> None:
        self.name = name
        self.columns = columns
        self.failure: Failure | None = None
        self.counts: Counter[str] = Counter()
        self._rows = rows
        self._describe = describe
        self._kind = kind
        self.expected = expected

    def rows(self) -> Iterator[Document]:
        """Yield the rows; a failure in the middle ends them, and stands in `failure` then."""
        try:
            for row in self._rows:
                self.counts[str(row[self._kind]) if self._kind else self.name] += 1
                yield row
        except Failure as failure:
            self.failure = failure

    def end(self) -> dict[str, Any]:
        """Return what is said at the end: whether it is complete, and how many there were.

        Where it is not, `left` is how many more there were to be.
        """
        end: dict[str, Any] = {"complete": self.failure is None, "counts": dict(self.counts)}
        if self.failure is None:
            return end
        if self.expected is not None:
            end["left"] = self.expected - sum(self.counts.values())
        return {**end, "error": dict(self._describe(self.failure))}


def ndjson(report: Report) -> Iterator[str]:
    """Yield a line of JSON for each row, and one for the end."""
    for row in report.rows():
        yield _json(row) + "\n"
    yield _json(report.end()) + "\n"


def whole_json(report: Report, summary: Callable[[Report], Document]) -> Iterator[str]:
    """Yield one JSON document with all rows in its `response`; `summary` says what stands beside.
    """
    before = f'{{"response": {{{_json(report.name)}: ['
    for row in report.rows():
        yield before + _json(row)
        before = ",\n"
    opened = before if not report.counts else ""
    end = {key: value for key, value in report.end().items() if key != "error"}
    yield f"{opened}], {_inside(end)}}}, {_inside(summary(report))}}}\n"


def csv(report: Report) -> Iterator[str]:
    """Yield a header, and a line for each row. Raises Failure where it fails in the middle.

    A byte order mark before it says to spreadsheets that it is UTF-8.
    """
    yield BYTE_ORDER_MARK + write_line(name.lstrip("@") for name in report.columns)
    for row in report.rows():
        yield write_line(_cell(row, column) for column in report.columns)
    if report.failure:
        raise report.failure


def _cell(row: Document, column: str) -> str:
    """Return the cell of a column such as `uri` or `after.uri`; blank where there is no value."""
    value: Any = row
    for key in column.split(".", 1):
        if not isinstance(value, Mapping) or key not in value:
            return ""
        value = value[key]
    is_top = "." not in column
    return "" if is_top and value == "" else as_cell(str(value))


def _json(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(", ", ": "))


def _inside(document: Document) -> str:
    """Return an object's members without its braces."""
    return _json(document)[1:-1]
