"""The directory: where the users of a company are looked up."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from flaskr.rest.v1.paging import Page
from flaskr.result import Failure, Reason

# Its fields, by the names that UDS has for them: userName, displayName … A directory that knows of
# accounts that are switched off has one more, `disabled`, which is "true" then.
User = Mapping[str, str]


class Directory(Protocol):
    """What a client of a directory can do, such as UDS."""

    def find_user(self, userid: str) -> User:
        """Return the user whose user ID this is.

        Raises Failure, with the reason NO_SUCH_USER where the directory has no such user, and
        AMBIGUOUS_USER where it has several.
        """

    def users(self, text: str = "", department: str = "") -> Iterator[User]:
        """Yield the users, each once, as they are read; a directory may have two with one ID.

        `text` leaves those whose user ID it is, or whose name or number begins with it.
        Raises Failure where they can't all be read.
        """

    def users_page(self, offset: int, limit: int) -> Page:
        """Return so many users from a place on, and how many the directory says that it has.

        Raises Failure.
        """


def is_disabled(user: User) -> bool:
    """Return whether a user's account is switched off: who has it counts as one who has left."""
    return user.get("disabled") == "true"


def disabled_in_words(userid: str) -> str:
    """Return that a user's account is disabled, in a sentence."""
    return f'The account of "{userid}" is disabled in the directory.'


def check_enabled(user: User) -> None:
    """Raise Failure for a user whose account is disabled: there is no new Space for one."""
    if is_disabled(user):
        message = f"{disabled_in_words(user['userName'])} So there is no new Space."
        raise Failure(Reason.USER_DISABLED, message)
