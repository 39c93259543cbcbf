"""Tables as spreadsheets and people write them: what is read, and what is refused how."""

import csv
import io
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.csv_dialects import DIALECTS, Dialect
from support.failures import failure_of
from support.properties import patient

from flaskr.provisioning.cells import as_cell, value_of
from flaskr.provisioning.spreadsheet import Row, read_table, write_line
from flaskr.result import Failure, Reason
from flaskr.spelling import is_blank

VALUES = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=8)
# As cells may be, with line ends in them; a lone CR is one, too.
CELLS = VALUES | st.text(st.sampled_from("ab\"',;\t\r\n =\u00e9"), max_size=8)


def rows_of(text: str | bytes) -> list[Row]:
    data = text.encode() if isinstance(text, str) else text
    return list(read_table(data).rows)


def cells_of(text: str | bytes) -> list[tuple[int, list[str]]]:
    """Return the line and cells of all rows, none of which is bad."""
    rows = rows_of(text)
    assert [row for row in rows if row.wrong] == []
    return [(row.line, list(row.cells.values())) for row in rows]


def line_ends(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


LEE = [(2, ["lee", "Lee"])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("userid,name\r\nlee,Lee\r\n", LEE),
        ("userid;name\nlee;Lee", LEE),
        ("userid\tname\rlee\tLee\r", LEE),
        ("\ufeffuserid,name\nlee,Lee\n", LEE),
        ("sep=;\r\nuserid;name\r\nlee;Lee\r\n", [(3, ["lee", "Lee"])]),
        ("\ufeffSEP=|\nuserid|name\nlee|Lee\n", [(3, ["lee", "Lee"])]),
        ('"sep=\t"\nuserid\tname\nlee\tLee\n', [(3, ["lee", "Lee"])]),
        ('"userid";"name, in full"\n"lee";Lee\n', LEE),
        ("\n\nuserid,name\n\n,\n  , \nlee,Lee\n\n", [(7, ["lee", "Lee"])]),
        (";;\n\t\nuserid;name\nlee;Lee\n", [(4, ["lee", "Lee"])]),
        ("userid,name,,\nlee,Lee,, \n", LEE),
        ("userid,name\nlee,Lee,,,\n", LEE),
        (" userid ,\u00a0name\nlee,Lee\n", LEE),
        ("userid,name\nlee\n", [(2, ["lee", ""])]),
        ("userid,name\nlee,\n", [(2, ["lee", ""])]),
        ("userid,,name\nlee,,Lee\n", LEE),
        ('userid,name\nlee,"Lee, ""L""\r\nAnn"\nkim,Kim\n',
         [(2, ["lee", 'Lee, "L"\r\nAnn']), (4, ["kim", "Kim"])]),
        ('userid,"na\nme"\nlee,Lee\n', [(3, ["lee", "Lee"])]),
        ('userid,name\nlee,""\n', [(2, ["lee", ""])]),
        ('userid,name\nlee,"Lee" \n', LEE),
        ('userid,name\nlee,5" screen\n', [(2, ["lee", '5" screen'])]),
        ('userid,name\nlee,"""Lee"""\n', [(2, ["lee", '"Lee"'])]),
        ("userid,name\nlee, Lee \n", [(2, ["lee", " Lee "])]),
        ("userid,name\nlee,a\u0085b\u2028c\n".replace("\u0085", "\u2029"),
         [(2, ["lee", "a\u2029b\u2028c"])]),
        ("userid\nlee\nkim\n", [(2, ["lee"]), (3, ["kim"])]),
        ("userid,name\n", []),
    ],
)
def test_a_table_is_read_however_it_is_written(
    text: str, expected: list[tuple[int, list[str]]]
) -> None:
    assert cells_of(text) == expected


def test_the_columns_are_those_of_the_header() -> None:
    table = read_table(b"\nuserid , Name,,callId\n1,2,,3")
    assert (table.columns, table.line) == (("userid", "Name", "callId"), 2)
    assert list(table.rows) == [Row(3, {"userid": "1", "Name": "2", "callId": "3"})]


@pytest.mark.parametrize(
    ("text", "line", "cells", "said"),
    [
        ("userid,name\nlee,Lee,x\n", 2, {"userid": "lee", "name": "Lee"}, 'has "x" in cell 3'),
        ("userid,,name\nlee,x,Lee\n", 2, {"userid": "lee", "name": "Lee"}, 'has "x" in cell 2'),
        ('userid,name\nlee,"Lee" Ann\n', 2, {"userid": "lee", "name": "Lee Ann"}, "after a quote"),
        ('userid,name\nlee, "Lee"\n', 2, {"userid": "lee", "name": ' "Lee"'}, "before a quote"),
        ("userid,name\nlee,a\x00b\n", 2, {"userid": "lee", "name": "a\x00b"}, "control character"),
        ("userid,name\nlee,a\x85b\n", 2, {"userid": "lee", "name": "a\x85b"}, "control character"),
        ('userid,name\n\nlee,"Lee\n\nkim,Kim\n', 3, {"userid": "lee", "name": ""}, "is not closed"),
        (f"userid,name\nlee,{'x' * 200_000}", 2, {"userid": "", "name": ""}, "too long"),
        (f"userid,name\n{'x' * 200_000}\"\nkim,x\n", 2, {"userid": "", "name": ""}, "Nothing from"),
        ('userid,name\nlee,"' + "x\n" * 100_000, 2, {"userid": "lee", "name": ""}, "not closed"),
    ],
)
def test_a_bad_row_says_what_is_wrong(
    text: str, line: int, cells: dict[str, str], said: str
) -> None:
    [row] = rows_of(text)
    assert (row.line, row.cells) == (line, cells)
    assert said in row.wrong


@pytest.mark.parametrize("bad", ["lee,Lee,x", 'lee,"x"y', "lee,\x01", 'lee,"a\n"b'])
def test_the_rows_around_a_bad_one_stay(bad: str) -> None:
    before, wrong, after = rows_of(f"userid,name\nann,Ann\n{bad}\nkim,Kim\n")
    assert (before.cells["userid"], after.cells["userid"]) == ("ann", "kim")
    assert (before.wrong, after.wrong, wrong.line, after.line) == ("", "", 3, 4 + bad.count("\n"))
    assert wrong.wrong


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty"),
        (b"\xef\xbb\xbf\r\n \n", "The file is empty"),
        (b"sep=;\r\n", "The file is empty"),
        (b"sep=|\n||\nx\n", "The file is empty"),
        ("userid,name\nlee,Zo\u00eb\n".encode("cp1252"), "Line 2 is not in UTF-8"),
        (b"userid\r\r\n" * 9999 + b"\xff", "Line 19999 is not in UTF-8"),
        (b"userid\n" * 9999 + "\u00eb".encode()[:1], "Line 10000 is not in UTF-8"),
        ("userid,name\n".encode("utf-16"), "in UTF-16"),
        ("userid,name\n".encode("utf-16-be"), "a control character"),
        (b"PK\x03\x04\x14\x00", "a workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "a workbook"),
    ],
)
def test_a_file_that_is_no_csv_in_utf_8_is_refused_with_what_to_do(data: bytes, said: str) -> None:
    failure = failure_of(read_table, data)
    assert failure.reason is Reason.BAD_PARAMETER
    assert said in failure.message
    assert 'as "CSV UTF-8"' in failure.message or "The file is empty" in failure.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("userid,name,Name\n", 'The column "Name" stands in line 1 twice.'),
        ("\nuserid,USERID\n", 'The column "USERID" stands in line 2 twice.'),
        ("userid,NA\u00ccVE,na\u00efve,nai\u0308ve\n", 'The column "nai\u0308ve" stands'),
        ('userid,"name\n', "not closed"),
        ('userid,"name"x\n', "after a quote"),
        (f"userid,{'x' * 200_000}\n", "too long"),
    ],
)
def test_a_bad_header_is_refused(text: str, said: str) -> None:
    failure = failure_of(read_table, text.encode())
    assert failure.reason is Reason.BAD_PARAMETER
    assert said in failure.message


def test_a_file_is_read_as_far_as_it_is_needed() -> None:
    rows = read_table(b"userid\n" + b"lee\n" * 100).rows
    assert next(rows) == Row(2, {"userid": "lee"})
    assert next(rows).line == 3


@pytest.mark.parametrize(
    ("cells", "line"),
    [
        (["lee", "Lee Ann"], "lee,Lee Ann\r\n"),
        (["a,b", "a;b", "a\tb", 'a"b', "a\nb"], '"a,b","a;b","a\tb","a""b","a\nb"\r\n'),
        ([" a", "a ", "", "'=1"], '" a","a ",,\'=1\r\n'),
        ([""], '""\r\n'),
    ],
)
def test_a_line_is_quoted_where_needed(cells: list[str], line: str) -> None:
    assert write_line(cells) == line


@patient
@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=5))
def test_what_is_written_is_what_other_programs_read(rows: list[list[str]]) -> None:
    text = "".join(map(write_line, rows))
    assert list(csv.reader(io.StringIO(text, newline=""), strict=True)) == rows


@patient
@given(st.lists(st.lists(CELLS, min_size=2, max_size=2)), DIALECTS, st.booleans())
def test_a_table_is_read_the_same_in_every_dialect(
    rows: list[list[str]], dialect: Dialect, named: bool
) -> None:
    first = f"sep={dialect.delimiter}{dialect.line_end}".encode() if named else b""
    data = first + dialect.file([["userid", "name"], *rows])
    assert [cells for _, cells in cells_of(data)] == [row for row in rows if is_row(row)]


def is_row(row: Sequence[str]) -> bool:
    return not all(map(is_blank, row))


@patient
@given(st.lists(st.lists(CELLS, min_size=2, max_size=2)), DIALECTS)
def test_a_row_has_the_number_of_the_line_where_it_begins(
    rows: list[list[str]], dialect: Dialect
) -> None:
    table = [["userid", "name"], *rows]
    begins = [line_ends(dialect.text(table[:number])) + 1 for number in range(1, len(table))]
    expected = [line for line, row in zip(begins, rows) if is_row(row)]
    assert [line for line, _ in cells_of(dialect.file(table))] == expected


@patient
@given(st.lists(st.lists(VALUES, min_size=2, max_size=2)), DIALECTS)
def test_values_survive_a_spreadsheet_that_saves_them_in_its_own_way(
    values: list[list[str]], dialect: Dialect
) -> None:
    written = [["userid", "name"], *([as_cell(value) for value in row] for row in values)]
    opened = csv.reader(io.StringIO("".join(map(write_line, written)), newline=""))
    saved = cells_of(dialect.file(list(opened)))
    assert [list(map(value_of, cells)) for _, cells in saved] == values


@patient
@given(st.binary() | st.text().map(str.encode) | st.text(st.sampled_from('a",;\r\n\t\0 ')).map(
    str.encode
))
def test_whatever_it_is_it_is_read_or_refused(data: bytes) -> None:
    with suppress(Failure):
        assert all(set(row.cells) <= set(read_table(data).columns) for row in read_table(data).rows)
