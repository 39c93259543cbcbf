"""Directories that need no server."""

from collections.abc import Iterator

from flaskr.provisioning.directory import User
from flaskr.rest.v1.paging import Page
from flaskr.result import Failure, Reason


class People:
    """A directory of so many users."""

    def __init__(self, *users: User) -> None:
        self._users = {user["userName"]: user for user in users}

    def find_user(self, userid: str) -> User:
        if userid not in self._users:
            raise Failure(Reason.NO_SUCH_USER, "There is nobody like that.")
        return self._users[userid]

    def users(self, text: str = "", department: str = "") -> Iterator[User]:
        assert not text and not department
        yield from self._users.values()

    def users_page(self, offset: int, limit: int) -> Page:
        users = [dict(user) for user in self._users.values()]
        return Page(offset, len(users), users[offset:offset + limit])


class Down:
    """A directory that does not answer."""

    def find_user(self, userid: str) -> User:
        raise Failure(Reason.UNREACHABLE, "CUCM is down.", server="cucm")

    def users(self, text: str = "", department: str = "") -> Iterator[User]:
        raise Failure(Reason.UNREACHABLE, "CUCM is down.", server="cucm")

    def users_page(self, offset: int, limit: int) -> Page:
        raise Failure(Reason.UNREACHABLE, "CUCM is down.", server="cucm")
