"""Passcodes that nobody guesses."""

import secrets
from string import digits as DIGITS

FEWEST_DIGITS = 4
MOST_DIGITS = 20


def new_passcode(digits: int) -> str:
    """Return a passcode of so many digits, at least 4, that is not trivial."""
    if digits < FEWEST_DIGITS:
        raise ValueError(f"a passcode has at least {FEWEST_DIGITS} digits")
    while True:
        passcode = "".join(secrets.choice(DIGITS) for _ in range(digits))
        if not is_trivial(passcode):
            return passcode


def is_trivial(passcode: str) -> bool:
    """Return whether a passcode of digits is one that people try first.

    These go up or down in equal steps (1234, 9876, 8901, 2468, 7777), or repeat their beginning
    (1212, 123123, 12121).
    """
    return _has_equal_steps(passcode) or any(
        _repeats(passcode, length) for length in range(1, len(passcode) // 2 + 1)
    )


def _has_equal_steps(passcode: str) -> bool:
    numbers = list(map(int, passcode))
    return len({(after - before) % 10 for before, after in zip(numbers, numbers[1:])}) <= 1


def _repeats(passcode: str, length: int) -> bool:
    return passcode[length:] == passcode[:-length]
