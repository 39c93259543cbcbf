"""Values that fit the placeholders of a collection."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from itertools import count

from postman.steps import VARIABLE, Field

# Returns the ID that a variable stands for; empty where there is none.
Lookup = Callable[[str], str]


class Values:
    """Makes up values, texts and digits a new one each time."""

    def __init__(self, lookup: Lookup, jid: Callable[[], str]) -> None:
        self._lookup = lookup
        self._numbers = count(100000001)
        self._by_name: dict[str, Callable[[], str]] = {
            "callid": self._digits, "passcode": self._digits, "dtmfsequence": self._digits,
            "callcorrelator": self._guid,
            "userjid": jid, "ownerjid": jid,
            # Room for all that the collection makes.
            "participantlimit": lambda: "50",
            "offset": lambda: "0", "limit": lambda: "5",
            "starttime": lambda: "2026-01-01T00:00:00Z", "endtime": lambda: "2030-01-01T00:00:00Z",
            # A sync that is removed when it is done can't be read back.
            "removewhenfinished": lambda: "false",
            "urigenerator": lambda: f"{self._text()}.$",
            "jidmapping": lambda: f"$index$@{self._text()}.example",
        }

    def fill(self, fields: tuple[Field, ...], *, other: bool = False) -> dict[str, str]:
        """Return a value for each field, but for a variable that nothing is known for.

        other: whether to take the second of a field's words rather than the first.
        """
        values: dict[str, str] = {}
        for place, field in enumerate(fields, start=1 + other):
            if value := self._value(field, place, other):
                values[field.name] = value
        return values

    def _value(self, field: Field, number: int, other: bool) -> str:
        word = field.words[other % len(field.words)]
        if variable := VARIABLE.fullmatch(word):
            return self._lookup(variable[1])
        if made := self._by_name.get(field.name.lower()):
            return made()
        if field.name.endswith("Mapping"):
            return f"{self._text()}.$index$"
        kinds: dict[str, Callable[[], str]] = {
            "number": lambda: str(number),
            "url": lambda: f"https://{self._text()}.example/",
            "id": self._guid,
            "string": self._text, "text": self._text, "uri user part": self._text, "": self._text,
        }
        return kinds.get(word.lower(), lambda: word)()

    def _digits(self) -> str:
        return str(next(self._numbers))

    def _guid(self) -> str:
        return str(uuid.uuid4())

    def _text(self) -> str:
        return f"any{next(self._numbers)}"
