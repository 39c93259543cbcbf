"""The client of the User Data Services (UDS) of Cisco Unified Communications Manager (CUCM)."""

from typing import Any

from flaskr.rest.v1.rest import REST
from flaskr.rest.v1.result import Result, succeeded
from flaskr.rest.v1.xml import find
from flaskr.spelling import comparable, forms


class UserResult(Result, total=False):
    """A response dictionary that also says how many users were found: 0 or 1."""

    num_found: int


class UDS(REST):
    """A client of the UDS of one CUCM, as the lab guide describes it (step 4).

    Most UDS want no credentials, only those where CUCM authenticates contact searches: without a
    `username` no Authorization header is sent. The further arguments are those of REST.
    """

    server = "CUCM UDS"
    settings_prefix = "CUCM"

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
        empty one). No such user is no failure: `num_found` is 0 and `response` `""`. Letters' case
        does not count, and users with another ID don't either, should the server send them.
        """
        # Nobody documents whether UDS takes the two forms of an accented letter for one.
        for form in forms(userid):
            result = self._request_users(form)
            if not result["success"]:
                return {**result, "num_found": 0}
            user = _user_with_id(find(result["response"], "users", "user"), userid)
            if user is not None:
                return {**succeeded(result["message"], user), "num_found": 1}
        return {**succeeded(f'CUCM has no user with the ID "{userid}".'), "num_found": 0}

    def _request_users(self, userid: str) -> Result:
        raw = self._send_request("users", {"username": userid})
        if not raw["success"]:
            return raw
        answer = raw["response"]
        result = self._check_status(answer) or self._parse_xml(answer)
        if result["success"] and not isinstance(find(result["response"], "users", "user"), list):
            return self._unreadable(answer, "it holds no list of users")
        return result


def _user_with_id(users: list[Any], userid: str) -> dict[str, Any] | None:
    """Return the user of this ID; where letters' case alone tells two apart, the very one."""
    wanted = comparable(userid)
    same = [user for user in users if comparable(str(find(user, "userName"))) == wanted]
    return next((user for user in same if user["userName"] == userid), next(iter(same), None))
