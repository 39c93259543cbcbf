"""Passcodes that are made up."""

import secrets


def new_passcode(digits: int) -> str:
    """Return a new passcode of so many digits."""
    return "".join(secrets.choice("0123456789") for _ in range(digits))
