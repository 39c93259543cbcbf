"""The client of the User Data Services (UDS) of Cisco Unified Communications Manager (CUCM)."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from flaskr.fields import Values
from flaskr.rest.v1.calls import Answer
from flaskr.rest.v1.formats import XML, Document, find
from flaskr.rest.v1.paging import COUNT, Page, walk
from flaskr.rest.v1.rest import REST
from flaskr.result import Failure, Outcome, Reason, UserResult, user_result
from flaskr.spelling import are_same, comparison_key, forms

MOST_OF_A_PAGE = 500  # users that UDS answers at most, where it is asked for so many
LEAST_CAP = 64  # where totalCount stops counting on some releases


class UDS(REST):
    """A client of the UDS of one CUCM, as the lab guide describes it (step 4).

    Most UDS want no credentials, only those where CUCM authenticates contact searches: without a
    `username` no Authorization header is sent. The further arguments are those of REST.
    """

    title = "CUCM UDS"
    settings_prefix = "CUCM"
    timeout_setting = "PORTAL_TIMEOUT"
    format = XML(list_count="totalCount")

    def __init__(
        self,
        host: str,
        username: str | None = None,
        password: str | None = None,
        port: int = 8443,
        *,
        tls_verify: bool | str = True,
        timeout: float = 10.0,
    ) -> None:
        super().__init__(
            host,
            username,
            password,
            base_url="/cucm-uds",
            headers={"Accept": "application/xml"},
            port=port,
            tls_verify=tls_verify,
            timeout=timeout,
        )

    def get_user(self, userid: str) -> UserResult:
        """Return the response dictionary with the user whose user ID this is, and `num_found`.

        `response` is the user's fields (`userName`, `displayName`, `phoneNumber` …; `""` for an
        empty one). Where there is no such user, `success` is true too, `num_found` 0 and
        `response` `""`.
        """
        found = f'CUCM has a user with the ID "{userid}".'
        return user_result(lambda: Outcome(found, self.find_user(userid)))

    def find_user(self, userid: str) -> Values:
        """Return the fields of the user whose user ID this is. Raises Failure, also for no user.

        IDs are compared as `comparison_key` says; users with another one don't count, should the
        server send them.
        """
        # Nobody documents whether UDS takes the two forms of an accented letter for one.
        found = (_user_with_id(self._users(form), userid) for form in forms(userid))
        user = next(filter(None, found), None)
        if user is None:
            raise Failure(Reason.NO_SUCH_USER, f'CUCM has no user with the ID "{userid}".')
        return user

    def users(self, text: str = "", department: str = "") -> Iterator[Values]:
        """Yield the users, each once, as they are read. Raises Failure.

        `text` leaves those whose user ID it is, or one of whose names or whose telephone number
        begins with it. `department` leaves those of that department: UDS can't search for it.
        """
        seen: set[str] = set()
        for search in _searches(text):
            for user in self._walk(search):
                key = _key(user)
                if key not in seen and _is_of(user, department):
                    seen.add(key)
                    yield user

    def users_page(self, offset: int, limit: int) -> Page:
        """Return so many users from a place on, 500 at most, in the order of UDS. Raises Failure.

        The total is what UDS says: on some releases, it stops counting at 64.
        """
        with self._explaining_list("users"):
            return self._page({"max": str(limit)}, offset)

    def _walk(self, search: Mapping[str, str]) -> Iterator[Values]:
        parameters = {**search, "max": str(MOST_OF_A_PAGE)}
        with self._explaining_list("users"):
            yield from walk(partial(self._page, parameters), _key, LEAST_CAP)

    def _page(self, parameters: Mapping[str, str], offset: int) -> Page:
        answer = self._send_request("users", {**parameters, "start": str(offset)})
        document = self._checked(answer)
        users, total = find(document, "users", "user"), find(document, "users", "@totalCount")
        if not isinstance(users, list) or not all(find(user, "userName") for user in users):
            raise self._unreadable(answer, "it holds no list of users with user IDs")
        if not isinstance(total, str) or not COUNT.fullmatch(total):
            raise self._unreadable(answer, "its totalCount is not a number")
        return Page(offset, int(total), users)

    def get_version(self) -> str:
        """Return the release of the CUCM (`GET version`), which it tells everyone. Raises Failure.

        Any document will do, as it is only documented that there is one.
        """
        document = self._checked(self._send_request("version"))
        return str(find(document, "versionInformation", "version"))

    def _checked(self, answer: Answer) -> Document:
        failure = self._failure_of_status(answer)
        if failure:
            raise failure
        return self._read(answer)

    def _users(self, userid: str) -> list[Any]:
        answer = self._send_request("users", {"username": userid})
        users = find(self._checked(answer), "users", "user")
        if not isinstance(users, list):
            raise self._unreadable(answer, "it holds no list of users")
        return users


def _searches(text: str) -> list[dict[str, str]]:
    """Return what to ask for, one after the other: UDS narrows by several parameters."""
    if not text:
        return [{}]
    searches = [{"username": text}, {"name": text}]
    return [*searches, {"number": text}] if any(map(str.isdecimal, text)) else searches


def _key(user: Mapping[str, Any]) -> str:
    return comparison_key(str(user["userName"]))


def _is_of(user: Values, department: str) -> bool:
    return not department or are_same(str(user.get("department", "")), department)


def _user_with_id(users: list[Any], userid: str) -> Values | None:
    """Return the user of this ID; where two differ in case only, the very one."""
    wanted = comparison_key(userid)
    same = [user for user in users if comparison_key(str(find(user, "userName"))) == wanted]
    return next((user for user in same if user["userName"] == userid), next(iter(same), None))
