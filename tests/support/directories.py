"""Directories that need no server."""

from collections.abc import Iterator

from flaskr.provisioning.directory import User
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


class Down:
    """A directory that does not answer."""

    def find_user(self, userid: str) -> User:
        raise Failure(Reason.UNREACHABLE, "CUCM is down.", server="cucm")

    def users(self, text: str = "", department: str = "") -> Iterator[User]:
        raise Failure(Reason.UNREACHABLE, "CUCM is down.", server="cucm")
