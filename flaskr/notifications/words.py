"""What is told, in words: lines of Webex's Markdown, a list item each."""

from collections.abc import Mapping
from typing import Any

from flaskr.webex.v1.texts import escaped

NOBODY = "-"  # the name of callers where no API key is set
_MOST_SHOWN = 80  # characters of a value
# What was done, by the HTTP method and the list that the object is in.
_DONE = {
    ("POST", "coSpaces"): "created the Space of",
    ("PUT", "coSpaces"): "changed the Space of",
    ("DELETE", "coSpaces"): "deleted the Space of",
    ("POST", "coSpaceUsers"): "added a member to the Space of",
    ("PUT", "coSpaceUsers"): "changed a member of the Space of",
    ("DELETE", "coSpaceUsers"): "took a member out of the Space of",
    ("POST", "accessMethods"): "added an access method to the Space of",
    ("PUT", "accessMethods"): "changed an access method of the Space of",
    ("DELETE", "accessMethods"): "took an access method from the Space of",
}
# How sure that is, by the outcome; what is not here changed nothing.
_CERTAINTY = {
    "done": "{}",
    "seen": "{}, as CMS shows since",
    "unknown": "may have {}: CMS did not confirm it",
}


def change_in_words(line: Mapping[str, Any]) -> str | None:
    """Return what a line of the audit says, None where nothing of a Space was changed."""
    method, _, path = str(line["call"]).partition(" ")
    what = _DONE.get((method, path.split("/")[::2][-1]))
    certainty = _CERTAINTY.get(str(line["outcome"]))
    if what is None or certainty is None:
        return None
    done = certainty.format(f"{what} {_bold(line['userid'])}")
    values = _values(method, line["before"], line["after"])
    return f"- {_who(line['key'])} {done}{f' – {values}' if values else ''}"


def apply_in_words(who: str, counts: Mapping[str, int], left: int, code: str) -> str:
    """Return what a plan that was applied came to; `code` says why it was not applied whole."""
    said = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())) or "no rows"
    rest = f"; {left} not begun" if left else ""
    why = f" It ended early: {escaped(code)}." if code else ""
    return f"- {_who(who)} applied a plan: {said}{rest}.{why}"


def away_in_words(where: str, why: str, seconds: float) -> str:
    """Return that a server is away."""
    return f"- {_bold(where)} has not answered for {_duration(seconds)}: {escaped(why)}."


def back_in_words(where: str, seconds: float) -> str:
    """Return that a server is back, after so many seconds."""
    return f"- {_bold(where)} answers again. It was away for {_duration(seconds)}."


def _who(name: str) -> str:
    return "Somebody" if name == NOBODY else _bold(name)


def _bold(text: str) -> str:
    return f"**{escaped(text)}**"


def _values(method: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Return the values of a change; of what is gone, those that people know it by."""
    if method == "DELETE":
        known = (before.get(name) for name in ("name", "userJid"))
        return ", ".join(_shown(value) for value in known if value)
    is_new = method == "POST"
    return ", ".join(
        f"{escaped(name)}: {'' if is_new else f'{_shown(before.get(name))} → '}{_shown(value)}"
        for name, value in after.items()
    )


def _shown(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"“{escaped(text if len(text) <= _MOST_SHOWN else f'{text[:_MOST_SHOWN]}…')}”"


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{seconds:.0f} seconds"
    if minutes < 120:
        return f"{minutes} minute{'s' if minutes > 1 else ''}"
    return f"{round(minutes / 60)} hours"
