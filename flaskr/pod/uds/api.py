"""The simulated CUCM User Data Services: `users`, one `user` and `version` under `/cucm-uds`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.etree import ElementTree

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, NotFound, Unauthorized, UnsupportedMediaType

from flaskr.pod.company import USER_FIELDS, Employee, guid_for
from flaskr.pod.lower_case import in_lower_case
from flaskr.pod.uds.switches import UdsSwitches
from flaskr.pod.xml import UDS_DECLARATION, add_text, document

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

BASE = "/cucm-uds"
CHALLENGE = {
    "Content-Type": "text/html", "WWW-Authenticate": 'Basic realm="Cisco Web Services Realm"'
}
RELEASE = "12.5.1"
# The release of the interface, which every answer carries as its attribute `version`.
SCHEMA = "10.0.0"
DEFAULT_MAX, MOST = 64, 500
ERROR_PAGE = "<html><head><title>{0}</title></head><body><h1>HTTP Status {0}</h1></body></html>"


def _begins(value: str, wanted: str) -> bool:
    return in_lower_case(value).startswith(in_lower_case(wanted))


def _equals(value: str, wanted: str) -> bool:
    return in_lower_case(value) == in_lower_case(wanted)


# How a parameter of the search finds a user: the elements that it looks into, and how it
# compares (UDS developer guide). username is apart, since switches change it.
SEARCHES: dict[str, tuple[tuple[str, ...], Callable[[str, str], bool]]] = {
    "first": (("firstName",), _begins),
    "last": (("lastName",), _begins),
    "number": (("phoneNumber", "homeNumber", "mobileNumber"), _begins),
    "email": (("email",), _equals),
    "uri": (("directoryUri",), _equals),
}
PAGING = ("start", "max")
PARAMETERS = ("username", *SEARCHES, *PAGING)


@dataclass
class UdsApi:
    """The views of the UDS: the users, the switches, and the credentials where it wants some."""

    users: Iterable[Employee]
    switches: UdsSwitches
    username: str
    password: str
    base_url: str

    def app(self) -> WSGIApplication:
        """Return the WSGI app."""
        app = Flask(__name__, static_folder=None)
        app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
        app.url_map.merge_slashes = False
        app.url_map.strict_slashes = False
        app.register_error_handler(HTTPException, self._refused)
        app.add_url_rule(f"{BASE}/version", "version", self._version)
        app.add_url_rule(f"{BASE}/users", "users", self._users)
        app.add_url_rule(f"{BASE}/user/<userid>", "user", self._user)
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
        root = self._root("versionInformation", "/version")
        add_text(root, "version", RELEASE)
        wanted = "true" if self.switches.uds_authentication else "false"
        capabilities = ElementTree.SubElement(root, "capabilities")
        add_text(capabilities, "usersResourceAuthEnabled", wanted)
        return _xml(root)

    def _users(self) -> Response:
        self._require_credentials()
        given = _search()
        start = _whole(given, "start", 0)
        most = min(_whole(given, "max", DEFAULT_MAX), MOST)
        found = [user for user in self.users if self._matches(user, given)]
        page = found[start:start + most]
        total_cap = self.switches.uds_total_cap or len(found)
        root = self._root("users", "/users")
        root.set("start", str(start))
        root.set("requestedCount", str(most))
        root.set("returnedCount", str(len(page)))
        root.set("totalCount", str(min(len(found), total_cap)))
        root.extend(self._element(user) for user in page)
        return _xml(root)

    def _user(self, userid: str) -> Response:
        self._require_credentials()
        for user in self.users:
            if self._has_id(user, userid):
                return _xml(self._element(user, version=SCHEMA))
        raise NotFound

    def _require_credentials(self) -> None:
        given = request.authorization
        known = given and (given.username, given.password) == (self.username, self.password)
        if self.switches.uds_authentication and not known:
            raise Unauthorized

    def _matches(self, user: Employee, given: Mapping[str, str]) -> bool:
        wanted = "" if self.switches.uds_ignores_username else given.get("username", "")
        return (not wanted or self._has_id(user, wanted)) and all(
            any(compare(user.get(element, ""), given[name]) for element in elements)
            for name, (elements, compare) in SEARCHES.items()
            if given.get(name)
        )

    def _has_id(self, user: Employee, userid: str) -> bool:
        if self.switches.uds_case_sensitive:
            return user["userName"] == userid
        return _equals(user["userName"], userid)

    def _element(self, user: Employee, **attributes: str) -> ElementTree.Element:
        place = f"{self.base_url}/user/{quote(user['userName'], safe='')}"
        element = ElementTree.Element("user", {"uri": place, **attributes})
        add_text(element, "id", guid_for(f"user {user['userName']}"))
        for name in USER_FIELDS:
            add_text(element, name, user.get(name, ""))
        return element

    def _root(self, name: str, path: str) -> ElementTree.Element:
        return ElementTree.Element(name, {"uri": self.base_url + path, "version": SCHEMA})


def _search() -> dict[str, str]:
    """Return the parameters of the search. Raise 415 for an unknown one, or one given twice."""
    given = request.args.to_dict(flat=False)
    if any(name not in PARAMETERS or len(values) > 1 for name, values in given.items()):
        raise UnsupportedMediaType
    return {name: values[0] for name, values in given.items()}


def _whole(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise UnsupportedMediaType
    return int(text)


def _xml(root: ElementTree.Element) -> Response:
    answer = Response(document(root, UDS_DECLARATION))
    answer.headers["Content-Type"] = "application/xml"
    return answer
