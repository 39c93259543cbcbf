"""A change of something that a server keeps: what is sent, and what was there before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from flaskr.fields import Values
from flaskr.rest.v1.paging import Entry


@dataclass(frozen=True)
class ChangeRequest:
    """A POST, PUT or DELETE: of a list or an object, what is sent, and what was there before.

    Each server has a kind of its own, which says what can be seen of it.
    """

    # The names of values that nobody may read.
    secrets: ClassVar[tuple[str, ...]] = ()

    http_method: str
    path: str
    values: Values
    before: Entry

    @property
    def kept(self) -> Values:
        """What is sent of values that the server keeps."""
        return self.values

    @property
    def after(self) -> Entry:
        """What is there after the change, but for what the server adds."""
        return {**self.before, **self.kept}

    @property
    def recorded(self) -> Values:
        """The values that are to be there, as the record has them."""
        return self.kept

    def call(self, new_id: str = "") -> str:
        """Return the request in words; with the ID of the object that was made by it, if any."""
        return f"{self.http_method} {self.place(new_id)}"

    def place(self, new_id: str) -> str:
        """Return the path of the object: of the one with the ID where it was made."""
        return f"{self.path}/{new_id}" if new_id else self.path

    def named(self, new_id: str) -> Mapping[str, str]:
        """Return the ID of what the change is about in the end, by the word for it."""
        raise NotImplementedError

    def shows(self, found: Mapping[str, Any]) -> bool:
        """Return whether an object, as it was read since, shows that it was changed or made so."""
        raise NotImplementedError

    def may_have_made(self, path: str) -> bool:
        """Return whether the object at a path is one that a POST like this makes."""
        return path.rpartition("/")[0] == self.path
