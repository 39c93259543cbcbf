"""The audit read back: the lines about a user and since a time, also as a table."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from flaskr.spelling import comparison_key

HEADINGS = ("TIME", "OUTCOME", "USER", "KEY", "CALL", "CHANGE")
_TABLE = "{:<20} {:<8} {:<20} {:<20} {:<40} {}"
_AGO = re.compile(r"([0-9]{1,6})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class BadTime(ValueError):
    """A text is neither a time nor a while ago."""


def since(text: str, now: datetime) -> datetime:
    """Return the time that a text says: `30m`, `12h` or `7d` ago, or a date with or without time.

    What names no zone is UTC. Raises BadTime.
    """
    ago = _AGO.fullmatch(text)
    try:
        if ago:
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        time = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except (ValueError, OverflowError):
        raise BadTime(text) from None
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)


def read_trail(
    lines: Iterable[str], user: str = "", begin: datetime | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the lines of an audit that are about a user, any unless given, and since a time.

    A line that is none, such as one that a full disk has cut, is passed over.
    """
    first = begin.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S") if begin else ""
    wanted = comparison_key(user)
    for text in lines:
        line = _line(text)
        if line and line["time"] >= first:
            if not user or comparison_key(str(line.get("userid"))) == wanted:
                yield line


def table(lines: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the rows of a table: each change once, as its last line says; `begun` has no end."""
    latest: dict[str, Mapping[str, Any]] = {}
    for line in lines:
        latest[str(line.get("change"))] = line
    yield _TABLE.format(*HEADINGS)
    for line in latest.values():
        yield _row(line)


def _line(text: str) -> dict[str, Any] | None:
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) and isinstance(line.get("time"), str) else None


def _row(line: Mapping[str, Any]) -> str:
    said = {name: _printable(line.get(name, "")) for name in ("outcome", "userid", "key", "call")}
    code = f" ({_printable(line['code'])})" if line.get("code") else ""
    return _TABLE.format(line["time"][:19] + "Z", *said.values(), _values(line) + code).rstrip()


def _values(line: Mapping[str, Any]) -> str:
    """Return what was changed, in words: name: before -> after."""
    before, after = (line.get(name) or {} for name in ("before", "after"))
    names = [name for name in {**before, **after} if not name.startswith("@")]
    return ", ".join(
        f"{_printable(name)}: {_shown(before, name)} -> {_shown(after, name)}" for name in names
    )


def _shown(values: Mapping[str, Any], name: str) -> str:
    return f'"{_printable(values.get(name, ""))}"'


def _printable(value: Any) -> str:
    """Return a value as a terminal may have it."""
    return "".join(character if character.isprintable() else "?" for character in str(value))
