"""The fields of the objects that a server keeps: what each is, may be, and is compared as."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

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
    server may make a value up where none is asked for.
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


Fields = Mapping[str, SettableField]


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
