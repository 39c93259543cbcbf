"""The client of the Cisco Unity Connection Provisioning Interface (CUPI)."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from flaskr.cuc.v1.lists import LISTS, key_of, total_of, with_lists, with_rows
from flaskr.cuc.v1.told import SECRET, ToldError, told_by
from flaskr.rest.v1.calls import Answer
from flaskr.rest.v1.errors import STATUS_RULES
from flaskr.rest.v1.formats import JSON, Document
from flaskr.rest.v1.ids import id_at, is_id
from flaskr.rest.v1.paging import MAX_PAGES, Entry, ListTimedOut, ListUnreadable, Page
from flaskr.rest.v1.rest import LIST_TIMEOUTS, REST, Payload
from flaskr.result import Failure, Outcome, Reason, ResponseDictionary, as_dictionary

ROWS_OF_A_PAGE = 100  # that clients in the field ask for
PIN = "credential/pin"
_NO_LDAP = "LDAP_DIRECTORY_SYNCH_NOT_ACTIVATED"
_GONE = "there is no such object; it may have been deleted meanwhile. Look it up again."
_WITHOUT_LDAP = (
    "it imports no users, as it has no LDAP directory. Set one up there (System Settings, LDAP), "
    "and synchronise it."
)


class CUPI(REST):
    """A client of the CUPI of one Unity Connection, as the lab guide describes it.

    `parallel` requests are under way at a time: Unity Connection works on five, for all who ask,
    and its administration pages are among these. The further arguments are those of REST.
    Bodies are JSON. The cookies of the session are kept, so that not every request logs in anew;
    the credentials are sent all the same, for a session may end.
    """

    title = "Unity Connection"
    settings_prefix = "CUC"
    timeout_setting = "PORTAL_TIMEOUT"
    most_at_once_setting = "PORTAL_CUC_PARALLEL"
    format = JSON()
    kept_cookies = frozenset({"JSESSIONID", "JSESSIONIDSSO", "REQUEST_TOKEN_KEY"})
    # Nobody documents that a creation was not begun where the answer is that it is busy.
    sent_again_when_busy = frozenset({"GET", "PUT", "DELETE"})

    def __init__(
        self,
        host: str,
        username: str,
        password: str,
        port: int = 443,
        *,
        parallel: int = 2,
        tls_verify: bool | str = True,
        timeout: float = 10.0,
    ) -> None:
        super().__init__(
            host,
            username,
            password,
            base_url="/vmrest",
            headers={"Accept": "application/json", "Content-Type": "application/json"},
            port=port,
            tls_verify=tls_verify,
            timeout=timeout,
            most_at_once=parallel,
        )

    def _cupi_request(
        self,
        api_method: str,
        parameters: Mapping[str, Any] | None = None,
        payload: Payload | None = None,
        http_method: str = "GET",
    ) -> ResponseDictionary:
        """Send a request and return the response dictionary with the parsed answer.

        `api_method` goes after `/vmrest/`, such as `users`; `parameters` into the URL, such as
        `{"query": "(alias is lee)"}`; `payload` as JSON into the body of a POST or PUT.
        """
        return as_dictionary(self.request)(api_method, parameters, payload, http_method)

    def request(
        self,
        api_method: str,
        parameters: Mapping[str, Any] | None = None,
        payload: Payload | None = None,
        http_method: str = "GET",
    ) -> Outcome:
        """Send a request as `_cupi_request` does, and return what came of it. Raises Failure."""
        body = json.dumps(payload) if isinstance(payload, Mapping) else payload
        answer = self._send_request(api_method, parameters, body, http_method)
        return self._cupi_parse_response(answer)

    def _cupi_parse_response(self, answer: Answer) -> Outcome:
        """Return what an answer says: a document, the new object's ID after a POST, or nothing.

        Of a list that the portal reads (LISTS), the rows are always a list. Raises Failure where
        the answer tells of one, with the code and the message of Unity Connection, if it has some.
        """
        failure = self._failure_of_status(answer)
        if failure:
            raise self._explained(answer, failure)
        return self._READERS[answer.call.http_method](self, answer)

    def get_version(self) -> str:
        """Return the version of Unity Connection (`GET version/product/`). Raises Failure."""
        path = "version/product/"
        try:
            version = self.request(path).response.get("version")
        except Failure as failure:
            # Nothing in this request is the caller's, so a refusal is no fault of the caller.
            if failure.reason is not Reason.REFUSED:
                raise
            codes = failure.failure_codes
            raise Failure(Reason.SERVER_ERROR, failure.message, codes, self.server) from None
        if not isinstance(version, str) or not version:
            raise self._failure_of_get(path, Reason.UNREADABLE, "it names no version.")
        return version

    def page(
        self, api_method: str, parameters: Mapping[str, Any], offset: int, limit: int
    ) -> Page:
        """Return so many rows of a list (LISTS) from a place on, and how many there are in all.

        Of a list by page numbers, the place must be a multiple of `limit`. Raises Failure.
        """
        rows = LISTS[api_method]
        place = {**parameters, **rows.place(offset, limit)}
        document = self.request(api_method, place).response
        entries = document[rows.row]
        total = total_of(document, rows)
        if total is None:
            total = self._counted(api_method, parameters, offset + len(entries), limit, entries)
        return Page(offset, total, entries)

    def _counted(
        self,
        api_method: str,
        parameters: Mapping[str, Any],
        count: int,
        limit: int,
        entries: list[Entry],
    ) -> int:
        """Return how many rows there are, where the list does not say it: read on to its end."""
        rows = LISTS[api_method]
        for _ in range(MAX_PAGES):
            if len(entries) < limit:
                return count
            place = {**parameters, **rows.place(count, limit)}
            entries = self.request(api_method, place).response[rows.row]
            count += len(entries)
        text = f"the list goes on after {MAX_PAGES} pages."
        raise self._failure_of_get(api_method, Reason.UNREADABLE, text)

    def rows(self, api_method: str, parameters: Mapping[str, Any]) -> Iterator[Entry]:
        """Yield the rows of a list (LISTS), each once, as they are read. Raises Failure.

        A search has one page of them, as a rule; what comes and goes between two pages may be
        missed.
        """
        with self._explaining_list(api_method):
            yield from self._read_rows(api_method, parameters)

    def _read_rows(self, api_method: str, parameters: Mapping[str, Any]) -> Iterator[Entry]:
        deadline = time.monotonic() + LIST_TIMEOUTS * self.timeout
        count, size = 0, ROWS_OF_A_PAGE
        seen: set[str] = set()
        for pages in range(1, MAX_PAGES):
            page = self.page(api_method, parameters, count, size)
            new = [row for row in page.entries if key_of(row, LISTS[api_method]) not in seen]
            yield from new
            seen.update(key_of(row, LISTS[api_method]) for row in new)
            count, size = count + len(page.entries), size if count else len(page.entries)
            if count >= page.total:
                return
            if not new:
                promise = f"the list promises {page.total} entries and ends after {count}"
                raise ListUnreadable(promise)
            if time.monotonic() > deadline:
                raise ListTimedOut(f"the list was not at its end after {pages} pages")

    def _read_object(self, answer: Answer) -> Outcome:
        document = self._read(answer)
        rows = LISTS.get(answer.call.api_method.strip("/"))
        if not _is_asked_for(answer.call.api_method, document):
            raise self._unreadable(answer, "it is not about the object that was asked for")
        try:
            document = with_rows(document, rows) if rows else with_lists(document)
        except ListUnreadable as error:
            raise self._unreadable(answer, str(error)) from None
        return self._retrieved(answer, document)

    def _read_creation(self, answer: Answer) -> Outcome:
        """Return the new object's ID: of the Location, or of the path that is the body's text."""
        path = answer.call.api_method.strip("/")
        list_name = LISTS[path].makes if path in LISTS else path.rpartition("/")[2]
        body = answer.body.decode(errors="replace").strip(' \t\r\n"')
        location = answer.headers.get("Location", "")
        new_id = id_at(location, list_name) or id_at(body, list_name)
        if not new_id:
            raise self._unreadable(answer, "it does not give the ID of a new object")
        return Outcome(self._message(answer.call, f"created {new_id}."), new_id)

    _READERS: ClassVar[Mapping[str, Callable[["CUPI", Answer], Outcome]]] = {
        "GET": _read_object,
        "POST": _read_creation,
        "PUT": REST._confirmed,
        "DELETE": REST._confirmed,
    }

    def _explained(self, answer: Answer, by_status: Failure) -> Failure:
        """Return the failure of an answer whose status is no success, with what it tells."""
        if by_status.reason in STATUS_RULES:
            return by_status
        told = told_by(answer)
        if _NO_LDAP.encode() in answer.body:
            reason = Reason.NO_LDAP_DIRECTORY
            return self._failure(answer.call, reason, _WITHOUT_LDAP, "", _codes(told))
        if answer.status == 404 and is_id(_object_id(answer.call.api_method)):
            is_mailbox = answer.call.api_method.startswith("users/")
            reason = Reason.NO_MAILBOX if is_mailbox else Reason.NO_SUCH_OBJECT
            return self._failure(answer.call, reason, _GONE, "", _codes(told))
        return self._refused(answer, by_status, told)

    def _refused(self, answer: Answer, by_status: Failure, told: ToldError) -> Failure:
        says = f' It says: "{told.message}"' if told.message else ""
        if not _is_refusal(answer, told):
            message = by_status.message + says
            return Failure(by_status.reason, message, _codes(told), by_status.server)
        text = f"{told.code or 'it refuses this'} (status {answer.status}).{says}"
        return self._failure(answer.call, _reason(answer), "{cause}", text, _codes(told))


def _is_refusal(answer: Answer, told: ToldError) -> bool:
    """Return whether Unity Connection itself won't do it: it says so, or it is a change."""
    return 400 <= answer.status < 500 and (bool(any(told)) or not answer.call.only_reads)


def _codes(told: ToldError) -> tuple[str, ...]:
    return (told.code,) if told.code else ()


def _reason(answer: Answer) -> Reason:
    """Return why something is refused: the codes are not documented, but a PIN is told by itself.
    """
    body = answer.call.body
    sends_pin = isinstance(body, bytes) and f'"{SECRET}"'.encode() in body
    return Reason.PIN_REFUSED if sends_pin else Reason.REFUSED


def _object_id(api_method: str) -> str:
    """Return what stands where an object's ID does: after the first part of the path."""
    return f"{api_method.strip('/')}/".split("/")[1]


def _is_asked_for(api_method: str, document: Document) -> bool:
    """Return whether a document is about the object, or the user, that was asked for by ID."""
    object_id = _object_id(api_method)
    beneath = api_method.strip("/").split("/", 2)[2:]
    name = {"": "ObjectId", PIN: "UserObjectId"}.get("".join(beneath))
    is_other = name is not None and str(document.get(name)).lower() != object_id.lower()
    return not (is_id(object_id) and is_other)
