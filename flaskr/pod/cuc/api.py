"""The provisioning interface of the simulated Unity Connection (CUPI), under `/vmrest`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from flask import Response, g, request
from werkzeug.exceptions import HTTPException, NotAcceptable, ServiceUnavailable, Unauthorized

from flaskr.pod.bare_app import bare_app
from flaskr.pod.cuc.authentication_rules import authentication_rules
from flaskr.pod.cuc.bodies import fields_of
from flaskr.pod.cuc.columns import COLUMNS, IMPORTED, SEARCHED, SEARCHED_TEMPLATE
from flaskr.pod.cuc.documents import DocumentWriter, Fields, JsonWriter, Listing, XmlWriter
from flaskr.pod.cuc.failures import INVALID, NO_LDAP, UNKNOWN, CucFailure
from flaskr.pod.cuc.mailboxes import Mailboxes
from flaskr.pod.cuc.pages import HTML, status_page
from flaskr.pod.cuc.pins import shown
from flaskr.pod.cuc.queries import ListQuestion, count
from flaskr.pod.cuc.sessions import PATHS
from flaskr.pod.cuc.state import CucState
from flaskr.pod.cuc.templates import SHOWN
from flaskr.pod.database import Record

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

BASE = "/vmrest"
CHALLENGE = {"WWW-Authenticate": 'Basic realm="Cisco Unity Connection"', "Content-Type": HTML}
HEADERS = {"Cache-Control": "no-cache", "Pragma": "No-cache"}
INTERFACE_VERSION = "12.5.0.0"
# The most users to import that a list shows without being told a limit.
MOST_WITHOUT_LIMIT = 2000
View = Callable[..., Response]


class CucApi:
    """The views of a Unity Connection, on the state that they show and change.

    url: where clients find `/vmrest`.
    """

    def __init__(self, state: CucState, username: str, password: str, url: str) -> None:
        self._state, self._switches = state, state.switches
        self._login = (username, password)
        self._origin = url.removesuffix(BASE)
        self._mailboxes = Mailboxes(state)

    def app(self) -> WSGIApplication:
        """Return the WSGI app."""
        app = bare_app(__name__)
        app.url_map.strict_slashes = False
        app.before_request(self._log_in)
        app.after_request(_with_headers)
        app.register_error_handler(CucFailure, self._failed)
        app.register_error_handler(HTTPException, self._refused)
        for method, path, view in self._routes():
            app.add_url_rule(f"{BASE}/{path}", f"{method} {path}", view, methods=[method])
        return app

    def _routes(self) -> Iterable[tuple[str, str, View]]:
        user, pin = "users/<mailbox_id>", "users/<mailbox_id>/credential/pin"
        return (
            ("GET", "version", self._version),
            ("GET", "version/product", self._product),
            ("GET", "users", self._list_users),
            ("POST", "users", self._within(self._create)),
            ("GET", user, self._user),
            ("PUT", user, self._within(self._change)),
            ("DELETE", user, self._within(self._delete)),
            ("GET", pin, self._pin),
            ("PUT", pin, self._within(self._change_pin)),
            ("GET", "import/users/ldap", self._list_importable),
            ("POST", "import/users/ldap", self._within(self._import)),
            ("GET", "usertemplates", self._list_templates),
            ("GET", "authenticationrules", self._list_rules),
        )

    def _within(self, view: View) -> View:
        """Return the view such that a failure undoes what was done."""

        def answer(**ids: str) -> Response:
            with self._state.attempt(keep=True):
                return view(**ids)

        return answer

    def _log_in(self) -> None:
        """Let in who has a session, or a user name and password for a new one."""
        sessions, switches = self._state.sessions, self._switches
        if sessions.resume(request.cookies, switches.cuc_session_seconds):
            return
        given = request.authorization
        if not given or (given.username, given.password) != self._login:
            raise Unauthorized
        if 0 < switches.cuc_session_limit <= len(sessions.used):
            raise Unauthorized if switches.cuc_session_refusal == "401" else ServiceUnavailable
        g.cookies = sessions.begin()

    def _refused(self, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = error.code or 500
        body = self._switches.cuc_refusal_body if code in (401, 404) else "html"
        answer = self._error(code, body, UNKNOWN, error.name)
        if code == 401:
            answer.headers["WWW-Authenticate"] = CHALLENGE["WWW-Authenticate"]
        return answer

    def _failed(self, failure: Exception) -> Response:
        assert isinstance(failure, CucFailure)
        body = self._switches.cuc_unknown_id_body if failure.status == 404 else "details"
        return self._error(failure.status, body, failure.code, failure.message)

    def _error(self, status: int, body: str, code: str, message: str) -> Response:
        if body == "none":
            return Response(status=status)
        if body == "html":
            return Response(status_page(status, message), status, content_type=HTML)
        writer = self._writer() or XmlWriter()
        return Response(writer.details(code, message), status, content_type=writer.content_type)

    def _writer(self) -> DocumentWriter | None:
        """Return the writer of the format that the client accepts, if there is one."""
        json = JsonWriter(self._switches.cuc_one_row == "list")
        writers: tuple[DocumentWriter, ...] = (XmlWriter(), json)
        by_type = {writer.content_type: writer for writer in writers}
        if not request.headers.get("Accept"):
            return writers[0]
        return by_type.get(request.accept_mimetypes.best_match(list(by_type)) or "")

    def _answer(self, write: Callable[[DocumentWriter], str]) -> Response:
        writer = self._writer()
        if writer is None:
            raise NotAcceptable
        return Response(write(writer), content_type=writer.content_type)

    def _single(self, name: str, fields: Fields) -> Response:
        return self._answer(lambda writer: writer.single(name, fields))

    def _version(self) -> Response:
        return self._single("VersionInformation", {"name": "vmrest", "version": INTERFACE_VERSION})

    def _product(self) -> Response:
        name, version = "Cisco Unity Connection Version", self._switches.cuc_version
        return self._single("VersionInformation", {"name": name, "version": version})

    def _list_users(self) -> Response:
        question = ListQuestion.of(request.args, SEARCHED)
        found, total = question.page(self._state.mailboxes, *self._page())
        return self._listing("Users", "User", [_row(each, listed=True) for each in found], total)

    def _page(self) -> tuple[int, int]:
        """Return the places in a list between which the page is."""
        size = count(request.args.get("rowsPerPage"), self._switches.cuc_default_rows)
        number = count(request.args.get("pageNumber"), 1)
        return (size * (number - 1), size * number) if number else (0, 0)

    def _listing(
        self, name: str, row: str, rows: Iterable[Fields], total: int | None
    ) -> Response:
        listing = Listing(name, row, list(rows), total)
        return self._answer(lambda writer: writer.listing(listing))

    def _user(self, mailbox_id: str) -> Response:
        return self._single("User", _row(self._mailboxes.get(mailbox_id)))

    def _create(self) -> Response:
        made = self._mailboxes.create(fields_of(request, "User"), _template())
        return self._made(made)

    def _made(self, mailbox: Record) -> Response:
        """Return the answer to a creation: its body is bare text, whatever is said of it."""
        place = f"{BASE}/users/{mailbox.id}"
        answer = self._answer(lambda writer: place)
        answer.status_code = 201
        answer.headers["Location"] = self._origin + place
        return answer

    def _change(self, mailbox_id: str) -> Response:
        self._mailboxes.change(mailbox_id, fields_of(request, "User"))
        return self._done()

    def _delete(self, mailbox_id: str) -> Response:
        self._mailboxes.delete(mailbox_id)
        return self._done(int(self._switches.cuc_delete_status))

    def _done(self, status: int = 204) -> Response:
        """Return an answer without a body."""
        answer = self._answer(lambda writer: "")
        answer.status_code = status
        return answer

    def _pin(self, mailbox_id: str) -> Response:
        mailbox = self._mailboxes.get(mailbox_id)
        return self._single("Credential", shown(self._mailboxes.pin(mailbox_id), mailbox))

    def _change_pin(self, mailbox_id: str) -> Response:
        self._mailboxes.change_pin(mailbox_id, fields_of(request, "Credential"))
        return self._done()

    def _list_importable(self) -> Response:
        self._require_ldap()
        begin = count(request.args.get("offset"), 0)
        limit = request.args.get("limit")
        end = begin + count(limit, MOST_WITHOUT_LIMIT)
        question = ListQuestion.of(request.args, IMPORTED)
        found, total = question.page(self._state.importable, begin, end)
        if limit is None and total - begin > MOST_WITHOUT_LIMIT:
            raise CucFailure(INVALID, f"More than {MOST_WITHOUT_LIMIT} users: send a limit.")
        rows = map(self._importable, found)
        return self._listing(
            "ImportUsers", "ImportUser", rows, total if self._switches.cuc_import_total else None
        )

    def _importable(self, user: Record) -> Fields:
        hidden = () if self._switches.cuc_import_phone else ("phoneNumber",)
        return {name: text for name, text in user.values.items() if name not in hidden}

    def _import(self) -> Response:
        self._require_ldap()
        given = fields_of(request, "ImportUser")
        return self._made(self._mailboxes.import_user(given, _template()))

    def _require_ldap(self) -> None:
        if not self._switches.cuc_ldap:
            raise CucFailure(NO_LDAP, f"{NO_LDAP}: LDAP synchronization is not activated.")

    def _list_templates(self) -> Response:
        question = ListQuestion.of(request.args, SEARCHED_TEMPLATE)
        found, total = question.page(self._state.templates, *self._page())
        rows = [{name: each.values[name] for name in SHOWN} for each in found]
        return self._listing("UserTemplates", "UserTemplate", rows, total)

    def _list_rules(self) -> Response:
        begin, end = self._page()
        rules = authentication_rules(self._switches)
        return self._listing(
            "AuthenticationRules", "AuthenticationRule", rules[begin:end], len(rules)
        )


def _template() -> str:
    return request.args.get("templateAlias", "")


def _row(mailbox: Record, *, listed: bool = False) -> Fields:
    """Return what is shown of a mailbox, as a row of a list or by itself."""
    place = f"{BASE}/users/{mailbox.id}"
    values = {
        "URI": place,
        "MailboxURI": f"{place}/mailbox",
        "UserWebPasswordURI": f"{place}/credential/password",
        "UserVoicePinURI": f"{place}/credential/pin",
        "AlternateExtensionsURI": f"{place}/alternateextensions",
        **mailbox.values,
    }
    return {
        column.name: values[column.name]
        for column in COLUMNS
        if column.name in values and (column.listed or not listed)
    }


def _with_headers(answer: Response) -> Response:
    answer.headers.update(HEADERS)
    for name, value in g.pop("cookies", {}).items():
        answer.set_cookie(name, value, path=PATHS[name], secure=True, httponly=True)
    return answer
