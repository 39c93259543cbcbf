"""API keys for the tests: files of them, and callers who have one."""

from collections.abc import Mapping
from pathlib import Path

from flaskr.access.key_file import FILE_NAME, change_keys, new_key
from flaskr.access.roles import KeyRole


def make_keys(project: Path, roles: Mapping[str, KeyRole]) -> dict[str, str]:
    """Add a key of each name to a project's file; return them by their names."""
    made = {name: new_key(name, role) for name, role in roles.items()}
    kept = [key for _, key in made.values()]
    change_keys(project / "instance" / FILE_NAME, lambda there: [*there, *kept])
    return {name: text for name, (text, _) in made.items()}


def revoke(project: Path, name: str) -> None:
    """Take the keys of a name out of a project's file."""
    file = project / "instance" / FILE_NAME
    change_keys(file, lambda there: [key for key in there if key.name != name])
