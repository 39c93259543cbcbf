"""A plan that is written and read back, in each of its forms."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.csv_dialects import DIALECTS, Dialect
from support.failures import failure_of

from flaskr.cms.v1.spaces import SETTABLE_FIELDS, SPACE_FIELDS
from flaskr.fields import BadValue, checked
from flaskr.provisioning.parts import PARTS
from flaskr.provisioning.plan_file import columns, fields_of, read_rows
from flaskr.provisioning.rows import MASK, SECRETS, Action, PlanRow, Result, RowOutcome, row_of
from flaskr.provisioning.spreadsheet import read_table
from flaskr.provisioning.written import Report, csv, ndjson, whole_json
from flaskr.result import Failure, Reason
from flaskr.spelling import comparison_key

ID = "6f1c2f0e-7d0e-4b43-9a53-2c1a7f4a8a90"
BOOLEAN = "nonMemberAccess"
BUSY = Failure(Reason.BUSY, "CMS is busy.", server="cms")
# All of Unicode but half characters and, as XML has none, control characters.
texts = st.one_of(
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30),
    st.text("'\"=+-@#;,\t\r\n 0123456789eE./jan", max_size=12),
    st.sampled_from([
        "none", "NONE", "'none", "''", "'", "=1+1", "@x", "+14085550101", "00420", "4.08E+09",
        "TRUE", "false", "WAHR", "1/2", "May 5", "#N/A", "###", "12345678901234567890", "\ufeff",
        " ", "\xa0", "x\r\ny", "'s-Gravenhage", "-1", "sep=;", "€ 5", "\u200b", '"', '""', 'a"b',
    ]),
)
ids = st.uuids().map(str)
# The first example of all reads tables of Unicode.
examples = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def after_values(draw: st.DrawFn) -> dict[str, str]:
    """Return values that the fields of a Space may be given."""
    found = {}
    for name in draw(st.lists(st.sampled_from([*SETTABLE_FIELDS, *PARTS]), unique=True)):
        value = draw(texts)
        field = SETTABLE_FIELDS.get(name)
        try:
            found[name] = checked(field, value) if field else value
        except BadValue:
            found[name] = ""
    return found


before_values = st.tuples(
    st.dictionaries(
        st.sampled_from([name for name in (*SETTABLE_FIELDS, *PARTS) if name != BOOLEAN]), texts,
        max_size=4,
    ),
    st.fixed_dictionaries({}, optional={BOOLEAN: st.sampled_from(["", "true", "false"])}),
).map(lambda both: {**both[0], **both[1]})


@st.composite
def rows(draw: st.DrawFn) -> PlanRow:
    action = draw(st.sampled_from(Action))
    changes = action in (Action.MODIFY, Action.REMOVE)
    return PlanRow(
        draw(texts.filter(bool)), action, draw(ids if changes else st.just("") | ids),
        draw(before_values), draw(after_values()), draw(texts),
    )


plans = st.lists(
    rows(), max_size=5,
    unique_by=(lambda row: row.space_id or row.userid, lambda row: comparison_key(row.userid)),
)


def report_of(
    plan: Sequence[PlanRow], failure: Failure | None = None, kind: str | None = "action"
) -> Report:
    """Return the report of a plan, which ends with a failure where there is one."""

    def documents() -> Iterator[dict[str, Any]]:
        yield from (row.to_dict() for row in plan)
        if failure:
            raise failure

    def describe(found: Failure) -> dict[str, Any]:
        return {"code": found.code, "message": found.message}

    return Report("rows", documents(), columns(fields_of(plan)), describe, kind)


def summary(report: Report) -> dict[str, Any]:
    return {"success": report.failure is None}


FORMS: dict[str, Callable[[Report], Iterator[str]]] = {
    "JSON": lambda report: whole_json(report, summary), "NDJSON": ndjson, "CSV": csv,
}


def written(form: str, report: Report) -> bytes:
    return "".join(FORMS[form](report)).encode()


@pytest.mark.parametrize("form", FORMS)
@examples
@given(plan=plans)
@example(plan=[])
def test_a_plan_comes_back_as_it_was(form: str, plan: list[PlanRow]) -> None:
    assert read_rows(written(form, report_of(plan))) == plan


@examples
@given(plan=plans, dialect=DIALECTS)
def test_a_plan_comes_back_from_whatever_writes_csv(
    plan: list[PlanRow], dialect: Dialect
) -> None:
    table = read_table(written("CSV", report_of(plan)))
    lines = [table.columns, *(list(row.cells.values()) for row in table.rows)]
    assert read_rows(dialect.file(lines)) == plan


@examples
@given(plan=plans)
def test_a_plan_comes_back_from_an_editor_that_formats_json(plan: list[PlanRow]) -> None:
    document = json.loads(written("JSON", report_of(plan)))
    for text in (json.dumps(document, indent=2), json.dumps([row.to_dict() for row in plan])):
        assert read_rows(b"\xef\xbb\xbf\n" + text.encode()) == plan


@examples
@given(data=st.binary(max_size=200) | texts.map(str.encode))
@example(data=b"")
@example(data=b"[")
@example(data=b"{")
@example(data=b"[" * 100_000)
@example(data=b'{"response":' * 100_000)
@example(data=b"{}")
@example(data=b"[null]")
@example(data=b"[[]]")
@example(data=b'{"response": 1}')
@example(data=b'{"response": {"complete": true}}')
@example(data=b'{"complete": 1}')
@example(data=b"[" + b"1" * 5000 + b"]")
@example(data=b"userid,action\n\xff,\xff")
@example(data=b"userid,action\nx,KEEP")
def test_whatever_a_file_is_it_is_read_or_refused_with_a_sentence(data: bytes) -> None:
    try:
        assert all(isinstance(row, PlanRow) for row in read_rows(data))
    except Failure as failure:
        assert failure.reason is Reason.BAD_PARAMETER
        assert failure.message.endswith(".")
        failure.message.encode()


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=5), values),
    max_leaves=6,
)


@given(changes=st.dictionaries(
    st.sampled_from(["userid", "action", "coSpace", "before", "after", "message", "more"]),
    json_values | st.dictionaries(st.sampled_from([*SPACE_FIELDS, "hair"]), json_values),
    max_size=3,
))
def test_a_row_with_anything_in_it_is_a_row_or_refused_by_its_place(
    changes: dict[str, Any]
) -> None:
    document = {"userid": "lee", "action": "create", "after": {"uri": "lee"}, **changes}
    try:
        row = row_of(document, "line 7")
    except Failure as failure:
        assert failure.message.startswith("The plan can't be applied: line 7, ")
        failure.message.encode()
    else:
        json.dumps(row.to_dict(), ensure_ascii=False).encode()


@pytest.mark.parametrize("form", ["JSON", "NDJSON"])
def test_a_plan_that_failed_in_its_middle_is_refused(form: str) -> None:
    plan = [PlanRow("lee", Action.CREATE, after={"uri": "lee"})]
    failure = failure_of(read_rows, written(form, report_of(plan, BUSY)))
    assert "was not read to its end" in failure.message


def test_csv_that_fails_in_its_middle_ends_there() -> None:
    plan = [PlanRow("lee", Action.CREATE, after={"uri": "lee"})]
    pieces = csv(report_of(plan, BUSY))
    assert len([next(pieces), next(pieces)]) == 2
    assert failure_of(next, pieces) is BUSY


def test_the_end_says_how_many_there_were_of_each_and_what_failed() -> None:
    plan = [PlanRow("lee", Action.CREATE), PlanRow("lee1", Action.KEEP)]
    for failure in (None, BUSY):
        *_, end = map(json.loads, ndjson(report_of(plan, failure)))
        error = {"error": {"code": "cms_busy", "message": "CMS is busy."}} if failure else {}
        assert end == {
            "complete": failure is None, "counts": {"create": 1, "keep": 1}, **error
        }
        document = json.loads(written("JSON", report_of(plan, failure)))
        assert document["success"] is document["response"]["complete"] is (failure is None)
        assert [row["userid"] for row in document["response"]["rows"]] == ["lee", "lee1"]


def test_the_columns_are_those_of_fields_that_any_row_has_in_the_order_of_the_fields() -> None:
    plan = [
        PlanRow("lee", Action.MODIFY, ID, {"name": "x"}, {"name": "y"}),
        PlanRow("lee1", Action.MODIFY, ID, {"host": ""}, {"host": "Host", "uri": "u"}),
    ]
    assert columns(fields_of(plan)) == (
        "userid", "action", "coSpace", "before.name", "after.name", "before.uri", "after.uri",
        "before.host", "after.host", "message",
    )


@examples
@given(values=st.dictionaries(st.sampled_from(["name", *SECRETS]), texts))
def test_an_outcome_tells_no_secret_but_whether_there_is_one(values: dict[str, str]) -> None:
    row = PlanRow("lee", Action.MODIFY, ID, values, values)
    shown = RowOutcome(row, Result.FAILED, "No.", BUSY).to_dict()
    for when in ("before", "after"):
        for name, value in values.items():
            assert shown[when][name] == (MASK if name in SECRETS and value else value)
    assert shown["error"] == {"code": "cms_busy", "failureCodes": []}
