"""A value in a cell: it comes back as it was, whatever a spreadsheet takes others for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.properties import patient

from flaskr.provisioning.cells import as_cell, spoilt, value_of

GUID = "1e234567-94f5-4e67-8d1b-7c5e2f9a0b46"
PRINTABLE = st.characters(exclude_categories=("Cc", "Cs"))
# Texts of what spreadsheets look for.
TEMPTING = st.lists(
    st.sampled_from([*"'=+-@ ;1\u00a0", "none", "None", "true", "mar", "2e5", "#N/A"]),
    max_size=5,
).map("".join)
VALUES = st.text(PRINTABLE) | TEMPTING


@pytest.mark.parametrize(
    "value",
    [
        "Lee Ann's Space", "pod6user1", "lee2", "o'brien", "Zo\u00eb 2", "lee@pod6.example",
        "may", "April", "Room 12", "maria1", "truely", "None of them", "e5", "speakerOnly",
        GUID, GUID.upper(), "12345678-1234-1234-1234-123456789012", "\u6797", "x=1", "a, b",
    ],
)
def test_what_is_plainly_text_stays_as_it_is(value: str) -> None:
    assert as_cell(value) == value_of(value) == value


@pytest.mark.parametrize(
    "value",
    [
        "=1+1", "+14085550101", "-1", "@SUM(A1)", "\t1", "\r1", "\n1", " =1", "'", "'=1",
        "'s-Gravenhage", "\uff1d1+1", "%0A", "0042", "6201", "1.5", "1,5", "2e5", "2E5", "1-2",
        "1/2", "12:30", "5 %", "$5", "\u20ac5", "\uff11", "\u0661", "\u00bd", "mar1", "may-5",
        "May 5", "5 May", "Sept. 5, 2024", "Mar\u00ad1", "M\u00e4rz 2024", "m\u00e4r1", "dez 1",
        "ao\u00fbt 1", "ene-1", "maj5", "Monday, May 5", "\u043c\u0430\u04401", "\u5e731",
        "true", "FALSE", "wahr", "Falsch", "vrai", "\uff54\uff52\uff55\uff45", "true ", "none",
        "None", "none ", " ", "\u200b", "#NAME?", "####", "EUR 5", "kr 5,00",
    ],
)
def test_what_a_spreadsheet_may_change_has_an_apostrophe_before_it(value: str) -> None:
    assert as_cell(value) == f"'{value}"
    assert value_of(as_cell(value)) == value
    assert spoilt(as_cell(value)) is None


def test_a_value_that_is_unset_is_none_and_one_that_is_missing_is_blank() -> None:
    assert (as_cell(""), as_cell(None)) == ("none", "")
    assert (value_of("none"), value_of("None "), value_of("'none")) == ("", "", "none")
    assert (value_of(""), value_of(" \u00a0"), value_of("' ")) == (None, None, " ")


@patient
@given(VALUES | st.none())
def test_a_value_is_read_as_it_was_written(value: str | None) -> None:
    assert value_of(as_cell(value)) == value


@patient
@given(VALUES)
def test_no_cell_is_a_formula_with_whichever_delimiter_a_program_reads_it(value: str) -> None:
    for cell in (as_cell(value), *as_cell(value).split(";")):
        assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\uff1d"))


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("x;=1+1;y", "x;'=1+1;y"), ("x\n+1", "x\n'+1"), ("x; @a", "x;' @a"), ("x;'y", "x;''y"),
        ("1;-2", "'1;'-2"), ("\t=1", "'\t'=1"), ("x;y", "x;y"), ("x;1", "x;1"),
    ],
)
def test_what_is_a_cell_with_another_delimiter_is_no_formula(value: str, cell: str) -> None:
    assert as_cell(value) == cell
    assert value_of(cell) == value


@pytest.mark.parametrize("value", ["0042", "=1+1", "+1408", "mar1", "TRUE", "1-2", "#1", "'"])
def test_a_value_whose_apostrophe_was_taken_away_is_read_all_the_same(value: str) -> None:
    assert value_of(value) == value


@pytest.mark.parametrize("value", ["'s-Gravenhage", "'t Hooft", "'"])
def test_an_apostrophe_before_what_needs_none_is_part_of_the_value(value: str) -> None:
    assert value_of(value) == value_of(f"'{value}") == value


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("4.08E+09", "made of a number"), ("4,08E+09", "made of a number"),
        (" 1e+15", "made of a number"), ("-1E-05", "made of a number"),
        ("########", "too narrow"), ("#NAME?", "a formula"), ("#DIV/0!", "a formula"),
        ("#N/A", "a formula"), ("#NV", "a formula"), ("#BEZUG!", "a formula"),
        ("Err:502", "a formula"), ("#GETTING_DATA", "a formula"),
    ],
)
def test_what_a_spreadsheet_has_spoilt_is_recognised(cell: str, said: str) -> None:
    assert said in str(spoilt(cell))


@pytest.mark.parametrize(
    "cell", ["", "4.08", "2e5", "1E5", "E+09", "#sales!", "#1", "#", "'4.08E+09", "4.08E+09x", "NV"]
)
def test_what_may_be_meant_is_not_spoilt(cell: str) -> None:
    assert spoilt(cell) is None
