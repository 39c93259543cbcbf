"""The client of the User Data Services (UDS) of Cisco Unified Communications Manager (CUCM)."""

from typing import Any

from flaskr.fields import Values
from flaskr.rest.v1.formats import XML, Document, find
from flaskr.rest.v1.rest import REST, Answer
from flaskr.result import Failure, Outcome, Reason, ResponseDictionary, succeeded
from flaskr.spelling import comparison_key, forms


class UserResult(ResponseDictionary):
    """A response dictionary that also says how many users were found: 0 or 1."""

    num_found: int


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
        try:
            user = self.find_user(userid)
        except Failure as failure:
            nobody = failure.reason is Reason.NO_SUCH_USER
            return {"success": nobody, "message": failure.message, "response": "", "num_found": 0}
        found = Outcome(f'CUCM has a user with the ID "{userid}".', user)
        return {**succeeded(found), "num_found": 1}

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


def _user_with_id(users: list[Any], userid: str) -> Values | None:
    """Return the user of this ID; where two differ in case only, the very one."""
    wanted = comparison_key(userid)
    same = [user for user in users if comparison_key(str(find(user, "userName"))) == wanted]
    return next((user for user in same if user["userName"] == userid), next(iter(same), None))
