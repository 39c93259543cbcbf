"""The directory: where the users of a company are looked up."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from flaskr.rest.v1.paging import Page

User = Mapping[str, str]  # its fields, by the names that UDS has for them: userName, displayName …


class Directory(Protocol):
    """What a client of a directory can do, such as UDS."""

    def find_user(self, userid: str) -> User:
        """Return the user whose user ID this is.

        Raises Failure, with the reason NO_SUCH_USER where the directory has no such user.
        """

    def users(self, text: str = "", department: str = "") -> Iterator[User]:
        """Yield the users, each once, as they are read.

        `text` leaves those whose user ID it is, or whose name or number begins with it.
        Raises Failure where they can't all be read.
        """

    def users_page(self, offset: int, limit: int) -> Page:
        """Return so many users from a place on, and how many the directory says that it has.

        Raises Failure.
        """
