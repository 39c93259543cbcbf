"""What CMS makes up by itself: secrets, call IDs."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping

# 22 characters of these: the form that captures of real servers show.
SECRET_CHARACTERS = string.ascii_letters + string.digits + "._"
SECRET_LENGTH = 22
CALL_ID_DIGITS = 9


def new_secret() -> str:
    """Return a new secret of a Space or an access method."""
    return "".join(secrets.choice(SECRET_CHARACTERS) for _ in range(SECRET_LENGTH))


def with_secret(values: dict[str, str], asked: Mapping[str, str]) -> dict[str, str]:
    """Return the values with a secret: where there is a call ID, and a new one where asked for."""
    missing = "callId" in values and "secret" not in values
    if missing or asked.get("regenerateSecret") == "true":
        return {**values, "secret": new_secret()}
    return values


def new_call_id() -> str:
    """Return random digits, the first of them not 0."""
    least: int = 10 ** (CALL_ID_DIGITS - 1)
    return str(least + secrets.randbelow(9 * least))
