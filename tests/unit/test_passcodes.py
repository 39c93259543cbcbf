"""Passcodes that are made up: digits, as many as wanted, none that people try first."""

import secrets
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flaskr.provisioning.passcodes import is_trivial, new_passcode


@given(st.integers(4, 20))
def test_a_passcode_has_so_many_digits_and_is_not_trivial(digits: int) -> None:
    passcode = new_passcode(digits)
    assert len(passcode) == digits
    assert passcode.isascii() and passcode.isdecimal()
    assert not is_trivial(passcode)


@given(start=st.integers(0, 9), step=st.integers(0, 9), digits=st.integers(4, 20))
def test_equal_steps_are_trivial(start: int, step: int, digits: int) -> None:
    assert is_trivial("".join(str((start + step * place) % 10) for place in range(digits)))


@given(st.text("0123456789", min_size=1, max_size=10), st.integers(4, 20))
def test_what_repeats_its_beginning_is_trivial(beginning: str, digits: int) -> None:
    digits = max(digits, 2 * len(beginning))
    assert is_trivial((beginning * digits)[:digits])


@pytest.mark.parametrize(
    ("passcode", "trivial"),
    [
        ("1234", True), ("9876", True), ("8901", True), ("7777", True), ("1212", True),
        ("123123", True), ("12121", True), ("2468", True),
        ("1235", False), ("1231", False), ("1221", False), ("135790", False), ("12312", False),
    ],
)
def test_these_are_trivial_and_these_are_not(passcode: str, trivial: bool) -> None:
    assert is_trivial(passcode) is trivial


def test_a_trivial_one_is_made_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made: Iterator[str] = iter("12344711")
    monkeypatch.setattr(secrets, "choice", lambda digits: next(made))
    assert new_passcode(4) == "4711"


def test_all_digits_stand_at_all_places() -> None:
    passcodes = [new_passcode(4) for _ in range(1000)]
    assert [set(digits) for digits in zip(*passcodes)] == [set("0123456789")] * 4


@pytest.mark.parametrize("digits", [-1, 0, 3])
def test_fewer_digits_than_four_are_refused(digits: int) -> None:
    with pytest.raises(ValueError, match="at least 4 digits"):
        new_passcode(digits)
