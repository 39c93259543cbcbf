"""The simulated CUCM User Data Services: users, clusters, servers, version under `/cucm-uds`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Response, request
from werkzeug.exceptions import HTTPException, NotFound, Unauthorized, UnsupportedMediaType

from flaskr.pod.bare_app import bare_app
from flaskr.pod.company import Company, Employee
from flaskr.pod.lower_case import in_lower_case
from flaskr.pod.uds.documents import (
    SCHEMA, user_element, user_elements, user_place, whole_document,
)
from flaskr.pod.uds.search import SEARCHES, UserSearch
from flaskr.pod.uds.switches import UdsSwitches
from flaskr.pod.xml import element, escaped

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

BASE = "/cucm-uds"
CHALLENGE = {
    "Content-Type": "text/html", "WWW-Authenticate": 'Basic realm="Cisco Web Services Realm"'
}
RELEASE = "12.5.1"
DEFAULT_MAX, MOST = 64, 500
ERROR_PAGE = "<html><head><title>{0}</title></head><body><h1>HTTP Status {0}</h1></body></html>"
# Where the users live that another cluster has.
OTHER_CLUSTER = f"https://cucm.pod7.example:8443{BASE}"
PAGING = ("start", "max")
# What clusterUser is asked by; nothing says what the last of them looks into: here, into both.
IDENTIFIERS = {
    "username": ("username",), "email": ("email",), "useridentifier": ("username", "email")
}
# The developer guide and clients spell one parameter in two ways.
SPELLINGS = {"displayName": "displayname"}


class UdsApi:
    """The views of the UDS of a company.

    username, password: of the reader, who is known where the UDS wants credentials; the users
    themselves have that password too.
    """

    def __init__(
        self, company: Company, switches: UdsSwitches, username: str, password: str, base_url: str
    ) -> None:
        self.switches, self.base_url = switches, base_url
        self._reader, self._password = username, password
        self._here, self._elsewhere = UserSearch(company.employees), UserSearch(company.elsewhere)

    def app(self) -> WSGIApplication:
        """Return the WSGI app."""
        app = bare_app(__name__)
        app.url_map.strict_slashes = False
        app.register_error_handler(HTTPException, self._refused)
        views: Mapping[str, Callable[..., Response]] = {
            "version": self._version,
            "users": self._users,
            "user/<userid>": self._user,
            "clusterUser": self._cluster_user,
            "servers": self._servers,
        }
        for path, view in views.items():
            app.add_url_rule(f"{BASE}/{path}", path, view)
        return app

    def _refused(self, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = error.code or 500
        page = ERROR_PAGE.format(code) if self.switches.uds_error_body == "html" else ""
        answer = Response(page, code, content_type="text/html")
        if code == 401:
            answer.headers.update(CHALLENGE)
        return answer

    def _version(self) -> Response:
        wanted = "true" if self.switches.uds_authentication else "false"
        enabled = element("usersResourceAuthEnabled", {}, wanted)
        content = element("version", {}, RELEASE) + element("capabilities", {}, enabled)
        return self._answer("versionInformation", "/version", content)

    def _users(self) -> Response:
        if self.switches.uds_authentication and not self._is_reader():
            raise Unauthorized
        given = self._parameters((*SEARCHES, *PAGING))
        start, most = _whole(given.pop("start", "0")), self._most(given.pop("max", ""))
        found = self._find(given)
        page = found[start:start + most]
        total_cap = self.switches.uds_total_cap or len(found)
        counts = {
            "start": str(start),
            "requestedCount": str(most),
            "returnedCount": str(len(page)),
            "totalCount": str(min(len(found), total_cap)),
        }
        return self._answer("users", "/users", user_elements(self.base_url, page), counts)

    def _user(self, userid: str) -> Response:
        wanted = self.switches.uds_authentication or self.switches.uds_user_authentication
        if wanted and not self._is_reader() and not self._is_user(userid):
            raise Unauthorized
        for user in self._with_id(userid):
            return _xml(user_element(self.base_url, user))
        raise NotFound

    def _cluster_user(self) -> Response:
        given = self._parameters(tuple(IDENTIFIERS))
        if not any(given.values()):
            raise UnsupportedMediaType
        for search, base_url in ((self._here, self.base_url), (self._elsewhere, OTHER_CLUSTER)):
            for user in _identified(search, given):
                return self._answer("clusterUser", "/clusterUser", _home(base_url, user))
        nobody = element("result", {"found": "false"})
        return self._answer("clusterUser", "/clusterUser", nobody)

    def _servers(self) -> Response:
        # The shape is not documented; this cluster has one server.
        server = element("server", {"uri": self.base_url}, escaped(_host(self.base_url)))
        return self._answer("servers", "/servers", server)

    def _find(self, given: Mapping[str, str]) -> Sequence[Employee]:
        wanted = {name: text for name, text in given.items() if text}
        userid = wanted.get("username", "")
        if self.switches.uds_ignores_username:
            wanted.pop("username", None)
        elif userid and self.switches.uds_case_sensitive:
            return [each for each in self._here.find(wanted) if each["userName"] == userid]
        return self._here.find(wanted)

    def _with_id(self, userid: str) -> list[Employee]:
        found = self._here.find({"username": userid})
        if self.switches.uds_case_sensitive:
            return [user for user in found if user["userName"] == userid]
        return list(found)

    def _is_reader(self) -> bool:
        given = request.authorization
        login = (self._reader, self._password)
        return bool(given and (given.username, given.password) == login)

    def _is_user(self, userid: str) -> bool:
        """Return whether the credentials are those of the user with that ID."""
        given = request.authorization
        if not given or given.password != self._password:
            return False
        same = in_lower_case(given.username or "") == in_lower_case(userid)
        return same and bool(self._with_id(userid))

    def _most(self, text: str) -> int:
        most = _whole(text or str(DEFAULT_MAX))
        if most > MOST and self.switches.uds_max_refused:
            raise UnsupportedMediaType
        return min(most, MOST)

    def _parameters(self, known: Sequence[str]) -> dict[str, str]:
        """Return the parameters. Raise 415 for an unknown one, or one given twice."""
        values: dict[str, str] = {}
        for name, text in request.args.items(multi=True):
            spelt = SPELLINGS.get(name, name)
            if spelt in values or not (spelt in known or self._ignores_unknown()):
                raise UnsupportedMediaType
            values[spelt] = text
        return {name: text for name, text in values.items() if name in known}

    def _ignores_unknown(self) -> bool:
        return self.switches.uds_ignore_unknown_parameters

    def _answer(
        self, name: str, path: str, content: str, attributes: Mapping[str, str] | None = None
    ) -> Response:
        known = {"uri": self.base_url + path, "version": SCHEMA, **(attributes or {})}
        return _xml(element(name, known, content))


def _identified(search: UserSearch, given: Mapping[str, str]) -> list[Employee]:
    """Return the users that all that was given identifies."""
    several = [
        [user for name in IDENTIFIERS[key] for user in search.find({name: text})]
        for key, text in given.items()
        if text
    ]
    return [user for user in several[0] if all(user in others for others in several)]


def _home(base_url: str, user: Employee) -> str:
    """Return where a user lives. homeClusterDetails, whose shape nobody knows, is left out."""
    found = {"found": "true", "uri": user_place(base_url, user), "version": SCHEMA}
    servers = {"serversUri": f"{base_url}/servers"}
    return element("result", found) + element("homeCluster", servers, escaped(_host(base_url)))


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise UnsupportedMediaType
    return int(text)


def _xml(root: str) -> Response:
    answer = Response(whole_document(root))
    answer.headers["Content-Type"] = "application/xml"
    return answer
