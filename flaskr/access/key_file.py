"""The file of API keys: a line a key, with its SHA-256 in the place of the key itself."""

import os
import re
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from typing import NamedTuple

from flaskr.access.owners import give_to_owner_of, give_to_owner_of_folder
from flaskr.access.roles import KeyRole

FILE_NAME = "keys"
PREFIX = "portal_"  # so that a key that has leaked is known for what it is
HEADER_LINES = """\
# The API keys of the portal: name, role, SHA-256 of the key, when it was made (UTC).
# Made, listed and revoked by: flask --app flaskr keys add|list|revoke
# A running portal reads it again when it changes.
"""
_KEY_BYTES = 32
_MODE = 0o600
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MADE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class BadKeyFile(ValueError):
    """The file is not as it must be; says what is wrong with it, without what stands in it."""


class KeysBusy(Exception):
    """Another command writes the file, or has left its draft behind."""


class Key(NamedTuple):
    """An API key as it is kept: `digest` is its SHA-256 in hex, `made` a time in UTC."""

    name: str
    role: KeyRole
    digest: str
    made: str

    @property
    def line(self) -> str:
        return f"{self.name} {self.role.value} {self.digest} {self.made}\n"


def is_name(text: str) -> bool:
    """Return whether a text will do as a key's name."""
    return _NAME.fullmatch(text) is not None


def digest_of(key: str) -> str:
    """Return what a key is kept and compared by."""
    return sha256(key.encode()).hexdigest()


def new_key(name: str, role: KeyRole) -> tuple[str, Key]:
    """Return a new key, which nobody can guess, and how it is kept."""
    key = PREFIX + token_urlsafe(_KEY_BYTES)
    made = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return key, Key(name, role, digest_of(key), made)


def read_keys(file: Path) -> list[Key]:
    """Return the keys of a file. Raises OSError, and BadKeyFile for a line that is none."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise BadKeyFile("it is not UTF-8") from None
    return [
        _key_in(line, number)
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.startswith("#")
    ]


def change_keys(file: Path, change: Callable[[list[Key]], Iterable[Key]]) -> None:
    """Write the keys that `change` makes of those in the file, which need not be there yet.

    A reader sees the file as it was or as it is then; nobody but its owner can read it. Raises
    OSError, BadKeyFile, KeysBusy, and what `change` raises: the file stays as it was.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.new")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    except FileExistsError:
        raise KeysBusy(draft.name) from None
    try:
        with open(descriptor, "w", encoding="utf-8") as written:
            keys = change(read_keys(file) if file.exists() else [])
            written.write(HEADER_LINES + "".join(key.line for key in keys))
            written.flush()
            os.fsync(descriptor)
            _give_to_its_user(file, descriptor)
        os.replace(draft, file)
    except BaseException:
        draft.unlink()
        raise


def _give_to_its_user(file: Path, draft: int) -> None:
    """Give the draft to whom the file belongs, or its folder where there is none yet."""
    if file.exists():
        give_to_owner_of(file, draft)
    else:
        give_to_owner_of_folder(file.parent, draft)


def _key_in(line: str, number: int) -> Key:
    try:
        name, role, digest, made = line.split()
        key = Key(name, KeyRole(role), digest, made)
    except ValueError:
        raise _bad_line(number) from None
    if not (is_name(name) and _DIGEST.fullmatch(digest) and _MADE.fullmatch(made)):
        raise _bad_line(number)
    return key


def _bad_line(number: int) -> BadKeyFile:
    return BadKeyFile(f"line {number} is not a name, a role, a SHA-256 and a time")
