"""The fields of the objects that a server keeps: what each is, may be, and is compared as."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flaskr.spelling import is_blank, is_unprintable

Values = Mapping[str, str]


@dataclass(frozen=True)
class Field:
    """A field as a server answers it: its meaning, and an example of its value, which is text."""

    name: str
    meaning: str
    example: str


@dataclass(frozen=True)
class SettableField(Field):
    """A field that callers may set.

    `help` says what to send. `refuse` returns what is wrong with a value that is not empty, or None
    where it is fine. `choices` are all that it takes, where there are some; `json_types` are taken
    in JSON beside strings. `clean` makes what is sent of what was given. `comparison_key` returns
    what a value is compared by: whether there are blanks around it is the same. `default` is what
    the server has where nothing is set, and `default_in_words` says it. `made_up` is whether the
    server may make a value up where none is asked for. `may_be_empty` is whether it may be sent
    with no value. `body_only` is whether it must not stand in an address, which logs keep.
    """

    help: str
    refuse: Callable[[str], str | None] = lambda value: None
    choices: tuple[str, ...] = ()
    json_types: tuple[type, ...] = ()
    clean: Callable[[str], str] = str
    comparison_key: Callable[[str], str] = str.strip
    default: str = ""
    default_in_words: str = "none"
    made_up: bool = False
    may_be_empty: bool = True
    body_only: bool = False

    @property
    def unset_help(self) -> str:
        """What to send to unset it, in words that follow what is wrong."""
        return ' To unset it, send "".' if self.may_be_empty else ""


Fields = Mapping[str, SettableField]


class BadValue(ValueError):
    """A value can't be a field's. `wrong` says why, as the rest of a sentence about the field."""

    def __init__(self, field: Field, wrong: str) -> None:
        super().__init__(f"{field.name} {wrong}")
        self.wrong = wrong


def checked(field: SettableField, value: Any) -> str:
    """Return what is sent for a value, which is text or one of the field's types in JSON.

    An empty text stays empty: it unsets the field. Raises BadValue.
    """
    text = _as_text(field, value)
    if text and is_blank(text):
        raise BadValue(field, f"has nothing but blanks.{field.unset_help}")
    text = field.clean(text)
    if is_unprintable(text):
        raise BadValue(field, "has a control character, or is not UTF-8.")
    if (text or not field.may_be_empty) and field.choices and text not in field.choices:
        raise BadValue(field, f"takes one of: {', '.join(field.choices)}.")
    if not text and not field.may_be_empty:
        raise BadValue(field, "must have a value.")
    refusal = field.refuse(text) if text else None
    if refusal:
        raise BadValue(field, f"{refusal}.")
    return text


def _as_text(field: SettableField, value: Any) -> str:
    if type(value) in field.json_types:
        return json.dumps(value)
    if not isinstance(value, str):
        raise BadValue(field, f"takes text.{field.unset_help}")
    return value


def have_same_values(fields: Fields, kept: Mapping[str, Any], asked: Values) -> bool:
    """Return whether an object has all that was asked for, and nothing else that can be set."""
    return all(
        has_same_value(field, kept, asked.get(name, field.default))
        for name, field in fields.items()
        if name in asked or not field.made_up
    )


def has_same_value(field: SettableField, kept: Mapping[str, Any], asked: str) -> bool:
    """Return whether an object has the value that was asked for."""
    now = str(kept.get(field.name, field.default))
    return field.comparison_key(now) == field.comparison_key(asked)
