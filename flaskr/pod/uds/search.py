"""How the users of a UDS are found: by the parameters of its search, in the order of last names.

Source: UDS developer guide; that names of all kinds are in `name`, and how numbers are compared,
is what clients in the field count on.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from flaskr.pod.company import Employee
from flaskr.pod.lower_case import in_lower_case

# What people write in a telephone number, which is not compared.
_WRITTEN_IN_NUMBERS = str.maketrans("", "", " +-.()")
# Comes after all text that begins in the same way.
_LAST_CHARACTER = "\U0010ffff"
# The searches whose results are kept, so that the next page costs no second one.
KEPT_SEARCHES = 16

Spelling = Callable[[str], str]


def only_number(text: str) -> str:
    """Return a telephone number without what people write between its digits."""
    return text.translate(_WRITTEN_IN_NUMBERS)


def from_the_end(text: str) -> str:
    """Return a telephone number so that its end comes first."""
    return only_number(text)[::-1]


class SearchParameter(NamedTuple):
    """A parameter of the search: the elements that it looks into, and how it compares.

    whole: whether the whole value must be the same; else what it begins with, as spelt by `spelt`.
    """

    elements: tuple[str, ...]
    whole: bool = False
    spelt: Spelling = in_lower_case


_NAMES = ("firstName", "lastName", "middleName", "nickName", "displayName")
_NUMBERS = ("phoneNumber", "homeNumber", "mobileNumber")

SEARCHES: Mapping[str, SearchParameter] = {
    "username": SearchParameter(("userName",), whole=True),
    "first": SearchParameter(("firstName",)),
    "last": SearchParameter(("lastName",)),
    "name": SearchParameter(_NAMES),
    "displayname": SearchParameter(("displayName",)),
    "number": SearchParameter(_NUMBERS, spelt=only_number),
    "numberlast": SearchParameter(_NUMBERS, spelt=from_the_end),
    "email": SearchParameter(("email",), whole=True),
    "uri": SearchParameter(("directoryUri", "msUri"), whole=True),
}


class _Index(NamedTuple):
    """The values that a parameter looks into, sorted, and beside each the place of its user."""

    values: list[str]
    places: list[int]

    def find(self, wanted: str, whole: bool) -> set[int]:
        """Return the places of the users with that value, or with one that begins so."""
        begin = bisect_left(self.values, wanted)
        if whole:
            return set(self.places[begin:bisect_right(self.values, wanted)])
        return set(self.places[begin:bisect_left(self.values, wanted + _LAST_CHARACTER)])


class UserSearch:
    """The users of a UDS. Indexes are made when they are first needed; users never change."""

    def __init__(self, users: Iterable[Employee]) -> None:
        self.users = sorted(users, key=_by_last_name)
        self._indexes: dict[str, _Index] = {}
        self._found: dict[tuple[tuple[str, str], ...], Sequence[Employee]] = {}

    def find(self, wanted: Mapping[str, str]) -> Sequence[Employee]:
        """Return the users that each parameter finds, in their order; all without a parameter."""
        key = tuple(sorted(wanted.items()))
        found = self._found.get(key)
        if found is None:
            found = self._search(wanted) if wanted else self.users
            if len(self._found) >= KEPT_SEARCHES:
                self._found.clear()
            self._found[key] = found
        return found

    def _search(self, wanted: Mapping[str, str]) -> Sequence[Employee]:
        several = [self._places(name, text) for name, text in wanted.items()]
        return [self.users[place] for place in sorted(set.intersection(*several))]

    def _places(self, name: str, text: str) -> set[int]:
        parameter = SEARCHES[name]
        if name not in self._indexes:
            self._indexes[name] = self._index(parameter)
        return self._indexes[name].find(parameter.spelt(text), parameter.whole)

    def _index(self, parameter: SearchParameter) -> _Index:
        pairs = sorted(
            (parameter.spelt(value), place)
            for place, user in enumerate(self.users)
            for element in parameter.elements
            if (value := user.get(element))
        )
        return _Index([value for value, _ in pairs], [place for _, place in pairs])


def _by_last_name(user: Employee) -> tuple[str, str, str]:
    names = (user["lastName"], user["firstName"], user["userName"])
    last, first, userid = map(in_lower_case, names)
    return last, first, userid
