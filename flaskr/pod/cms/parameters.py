"""The parameters of CMS's nodes, as the table in `nodes` writes them: a function a type."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flaskr.pod.cms import values

BOOLEANS = ("true", "false")


@dataclass(frozen=True)
class Parameter:
    """A parameter of a node.

    check: what the value may be. words: its values, where it has a few only. required: a POST
    without it, or with it empty, is refused. only: the one method that takes it, POST or PUT;
    empty for both. unset: what a GET of the object shows where no value is set; None for nothing.
    refers_to: the path of the node that has the object whose ID the value is. kept: a parameter
    that only asks for something to be done is not. shown: one that is never read back is not.
    inside: the element of the object in which a GET shows it; empty for the object itself.
    """

    name: str
    check: values.ValueType
    words: tuple[str, ...] = ()
    required: bool = False
    only: str = ""
    unset: str | None = None
    refers_to: str = ""
    kept: bool = True
    shown: bool = True
    inside: str = ""

    @property
    def is_id(self) -> bool:
        """Return whether the value is an object's ID."""
        return self.check is values.guid


def text(name: str, most: int | None = None, **rest: Any) -> Parameter:
    """Return a parameter of any text, or of at most so many characters."""
    return Parameter(name, values.any_text if most is None else values.text_up_to(most), **rest)


def number(name: str, least: int = 0, most: int = values.MAX_NUMBER, **rest: Any) -> Parameter:
    """Return a parameter that is a whole number between two bounds, both included."""
    return Parameter(name, values.number_between(least, most), **rest)


def number_or(name: str, word: str, **rest: Any) -> Parameter:
    """Return a parameter that is a whole number or this word."""

    def check(value: str) -> str:
        return word if value == word else values.number_between(0, values.MAX_NUMBER)(value)

    return Parameter(name, check, **rest)


def digits(name: str, **rest: Any) -> Parameter:
    """Return a parameter of digits, leading zeros kept."""
    return Parameter(name, values.digits, **rest)


def boolean(name: str, **rest: Any) -> Parameter:
    """Return a parameter that is true or false."""
    return Parameter(name, values.one_of(*BOOLEANS), BOOLEANS, **rest)


def choice(name: str, words: str, **rest: Any) -> Parameter:
    """Return a parameter that is one of these words, which are given with blanks between."""
    several = tuple(words.split())
    return Parameter(name, values.one_of(*several), several, **rest)


def guid(name: str, **rest: Any) -> Parameter:
    """Return a parameter that is a GUID, of whatever it may be."""
    return Parameter(name, values.guid, **rest)


def url(name: str, **rest: Any) -> Parameter:
    """Return a parameter that is an absolute URL."""
    return Parameter(name, values.url, **rest)


def user_part(name: str, **rest: Any) -> Parameter:
    """Return a parameter that is what stands before the @ of a URI."""
    return Parameter(name, values.user_part, **rest)


def index_mapping(name: str, **rest: Any) -> Parameter:
    """Return a parameter that says what is made of the index of a Space."""
    return Parameter(name, values.index_mapping, **rest)


def uri_index_mapping(name: str, **rest: Any) -> Parameter:
    """Return a parameter that says what URI is made of the index of a Space."""
    return Parameter(name, values.uri_index_mapping, **rest)


def uri_generator(name: str, **rest: Any) -> Parameter:
    """Return a parameter that says what URIs are made from."""
    return Parameter(name, values.uri_generator, **rest)


def reference(name: str, to: str = "", **rest: Any) -> Parameter:
    """Return a parameter that is the ID of an object: of the node `to`, by default `name` + s."""
    return Parameter(name, values.guid, refers_to=to or f"{name}s", **rest)


def references(names: str) -> tuple[Parameter, ...]:
    """Return several references, whose names are given with blanks between."""
    return tuple(reference(name) for name in names.split())


def booleans(names: str, **rest: Any) -> tuple[Parameter, ...]:
    """Return several parameters that are true or false, names with blanks between."""
    return tuple(boolean(name, **rest) for name in names.split())


def by_name(parameters: Iterable[Parameter]) -> dict[str, Parameter]:
    """Return the parameters by their names."""
    return {parameter.name: parameter for parameter in parameters}
