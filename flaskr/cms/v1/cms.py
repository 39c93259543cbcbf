"""The client of the Cisco Meeting Server (CMS) API."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from flaskr.cms.v1.error_codes import ERROR_CODES, UNKNOWN_CODE, FailureCode
from flaskr.cms.v1.memory import Memory
from flaskr.places import Place
from flaskr.rest.v1.calls import Answer, Call
from flaskr.rest.v1.errors import STATUS_RULES
from flaskr.rest.v1.formats import XML, Document, Unreadable, find
from flaskr.rest.v1.ids import id_at, is_id
from flaskr.rest.v1.paging import (
    COUNT,
    Entry,
    FetchPage,
    Hint,
    ListUnreadable,
    Page,
    PagedReader,
    Wanted,
)
from flaskr.rest.v1.rest import LIST_TIMEOUTS, REST, Payload
from flaskr.result import Failure, Outcome, Reason, ResponseDictionary, as_dictionary

MOST_KNOWN_SPACES = 50_000


class CMS(REST):
    """A client of the API of one CMS, as the lab guide describes it.

    `host` is where it is, or where the Call Bridges of its cluster are, as REST takes them.
    `parallel` pages of lists are fetched at a time; the further arguments are those of REST.
    """

    title = "CMS"
    settings_prefix = "CMS"
    timeout_setting = "PORTAL_TIMEOUT"
    format = XML(list_count="total")
    queries = frozenset({"accessQuery", "uriUsageQuery"})
    error_codes: ClassVar[Mapping[str, FailureCode]] = ERROR_CODES

    def __init__(
        self,
        host: str | Sequence[str],
        username: str,
        password: str,
        port: int = 443,
        *,
        parallel: int = 8,
        tls_verify: bool | str = True,
        timeout: float = 10.0,
    ) -> None:
        super().__init__(
            host,
            username,
            password,
            base_url="/api/v1",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            port=port,
            tls_verify=tls_verify,
            timeout=timeout,
        )
        # Nodes that this CMS turned out not to know: a hint that saves a request.
        self.unknown_nodes: set[str] = set()
        self.parallel = parallel
        # The IDs of Spaces by their URIs, in the spelling that these are compared by: the same.
        self.known_spaces = Memory(MOST_KNOWN_SPACES)
        self._reader = PagedReader(parallel, LIST_TIMEOUTS * timeout)

    def _cms_request(
        self,
        api_method: str,
        parameters: Mapping[str, Any] | None = None,
        payload: Payload | None = None,
        http_method: str = "GET",
    ) -> ResponseDictionary:
        """Send a request and return the response dictionary with the parsed answer.

        `api_method` goes after `/api/v1/`, such as `coSpaces`; `parameters` into the URL, such as
        `{"offset": 10}`; `payload` into the body of a POST or PUT.
        """
        return as_dictionary(self.request)(api_method, parameters, payload, http_method)

    def request(
        self,
        api_method: str,
        parameters: Mapping[str, Any] | None = None,
        payload: Payload | None = None,
        http_method: str = "GET",
    ) -> Outcome:
        """Send a request as `_cms_request` does, and return what came of it. Raises Failure."""
        answer = self._send_request(api_method, parameters, payload, http_method)
        return self._cms_parse_response(answer)

    def _cms_parse_response(self, answer: Answer) -> Outcome:
        """Return what an answer says: a document, the new object's ID after a POST, or nothing.

        Raises Failure where it tells of one. The codes of a `failureDetails` answer are explained,
        all of them, whatever its status: servers in the field differ in that.
        """
        details = self._failure_details(answer)
        if details is not None:
            raise self._explain_failure(answer, details)
        above, _, last = answer.call.api_method.strip("/").rpartition("/")
        if answer.status == 404 and is_id(last):
            is_space = above.split("/")[-1] == "coSpaces"
            reason = Reason.NO_SPACE if is_space else Reason.NO_SUCH_OBJECT
            raise self._failure(answer.call, reason, _GONE)
        failure = self._failure_of_status(answer)
        if failure:
            raise failure
        return self._READERS[answer.call.http_method](self, answer)

    def get_version(self) -> str:
        """Return the version of the CMS software (`GET system/status`). Raises Failure."""
        try:
            status = self.request("system/status").response
        except Failure as failure:
            # Nothing in this request is the caller's, so a failure code is no fault of the caller.
            if not failure.failure_codes or failure.reason in STATUS_RULES:
                raise
            raise Failure(
                Reason.SERVER_ERROR, failure.message, failure.failure_codes, self.server
            ) from None
        version = find(status, "status", "softwareVersion")
        if not isinstance(version, str) or not version:
            missing = "it names no softwareVersion."
            raise self._failure_of_get("system/status", Reason.UNREADABLE, missing)
        return version

    def entries(
        self, api_method: str, parameters: Mapping[str, Any] | None = None
    ) -> Generator[Entry, None, None]:
        """Yield the entries of a list, such as `coSpaces`, as PagedReader does. Raises Failure.

        To stop early, close it: that ends the fetching of pages.
        """
        with self._explaining_list(api_method):
            yield from self._reader.entries(self._pages(api_method, parameters or {}))

    def whole_list(
        self, api_method: str, parameters: Mapping[str, Any] | None = None
    ) -> Generator[Entry, None, None]:
        """Yield the same of a list of any length, read once: however long it takes.

        What comes and goes at the same moment may be missed. Raises Failure.
        """
        fetch = self._pages(api_method, parameters or {})
        with self._explaining_list(api_method):
            yield from self._reader.entries(fetch, twice=False, bounded=False)

    def page(self, api_method: str, parameters: Mapping[str, Any], offset: int) -> Page:
        """Return a list's entries from a place on, as many as CMS answers. Raises Failure."""
        with self._explaining_list(api_method):
            return self._pages(api_method, parameters)(offset)

    def search(
        self,
        api_method: str,
        parameters: Mapping[str, Any],
        *wanted: Wanted,
        hint: Hint | None = None,
    ) -> Entry | None:
        """Return the entry of a list that is wanted, as PagedReader does. Raises Failure."""
        with self._explaining_list(api_method):
            return self._reader.search(self._pages(api_method, parameters), *wanted, hint=hint)

    def _pages(self, api_method: str, parameters: Mapping[str, Any]) -> FetchPage:
        """Return what fetches the pages of a list, of one Call Bridge as long as it answers."""
        near: Place | None = None

        def fetch(offset: int) -> Page:
            nonlocal near
            page = Call("GET", api_method, {**parameters, "offset": offset}, place=near)
            answer = self._send(page)
            near = answer.call.place
            return _page(self._cms_parse_response(answer).response, api_method, offset)

        return fetch

    def _read_object(self, answer: Answer) -> Outcome:
        document = self._read(answer)
        root = _expected_root(answer.call.api_method)
        elements = {name.lower(): element for name, element in document.items()}
        if root.lower() not in elements:
            raise self._unreadable(answer, f"its root element is not {root}")
        if not _is_asked_for(answer.call.api_method, elements[root.lower()]):
            raise self._unreadable(answer, "it is about another object")
        return self._retrieved(answer, document)

    def _read_creation(self, answer: Answer) -> Outcome:
        """Return the new object's ID, or what a query that is sent by POST answers."""
        if "Location" not in answer.headers and answer.body.strip():
            return self._read_object(answer)
        list_name = _expected_root(answer.call.api_method)
        new_id = id_at(answer.headers.get("Location", ""), list_name)
        if not new_id:
            raise self._unreadable(answer, "it does not give the ID of a new object")
        return Outcome(self._message(answer.call, f"created {new_id}."), new_id)

    _READERS: ClassVar[Mapping[str, Callable[["CMS", Answer], Outcome]]] = {
        "GET": _read_object,
        "POST": _read_creation,
        "PUT": REST._confirmed,
        "DELETE": REST._confirmed,
    }

    def _failure_details(self, answer: Answer) -> Any:
        """Return what stands in an answer's `failureDetails`, or None where it has none."""
        if b"failureDetails" not in answer.body:
            return None
        try:
            return self.format.read(answer.body).get("failureDetails")
        except Unreadable:
            return None

    def _explain_failure(self, answer: Answer, details: Any) -> Failure:
        failures = tuple(_failures(details))
        codes = tuple(code for code, _ in failures)
        sentences = (self._explain_code(code, attributes) for code, attributes in failures)
        text = " ".join(sentences) or "it failed without a failure code."
        by_status = self._failure_of_status(answer)
        if by_status and by_status.reason in STATUS_RULES:
            reason = by_status.reason
        else:
            reason = self._reason(codes)
        return self._failure(answer.call, reason, "{cause}", text, codes)

    def _reason(self, codes: tuple[str, ...]) -> Reason:
        """Return the reason of the first failure code that has one of its own."""
        reasons = (self.error_codes.get(code, UNKNOWN_CODE).reason for code in codes)
        return next((each for each in reasons if each is not Reason.REFUSED), Reason.REFUSED)

    def _explain_code(self, code: str, attributes: Mapping[str, str]) -> str:
        explanation = self.error_codes.get(code, UNKNOWN_CODE).explanation
        where = ", ".join(f"{name[1:]}: {value[:100]}" for name, value in attributes.items())
        return f"{code[:100]}{f' ({where})' if where else ''}: {explanation}"


_GONE = "there is no such object; it may have been deleted meanwhile. Look it up again."


def _failures(details: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the failure codes of a `failureDetails` element, each with its attributes."""
    for code, values in details.items() if isinstance(details, dict) else ():
        for value in values if isinstance(values, list) else (values,):
            if not code.startswith(("@", "#")):
                yield code, _attributes(value)


def _attributes(element: Any) -> dict[str, str]:
    children = element.items() if isinstance(element, dict) else ()
    return {name: value for name, value in children if name.startswith("@") and value}


def _expected_root(api_method: str) -> str:
    """Return the root element of an answer: `coSpaces` for that list, `coSpace` for one of it."""
    *above, last = api_method.strip("/").split("/")
    return above[-1].removesuffix("s") if above and is_id(last) else last


def _is_asked_for(api_method: str, element: Any) -> bool:
    """Return whether an element, where it says its ID, is the object that was asked for by ID."""
    wanted, said = api_method.strip("/").rpartition("/")[2], find(element, "@id")
    return not is_id(wanted) or not isinstance(said, str) or said.lower() == wanted.lower()


def _page(document: Document, api_method: str, offset: int) -> Page:
    """Return a list's answer as a page. Raises ListUnreadable where it is not one."""
    name = _expected_root(api_method)
    root = next(iter(document.values()))
    total = find(root, "@total")
    entries: list[Entry] = find(root, name.removesuffix("s")) or []
    if not isinstance(total, str) or not COUNT.fullmatch(total):
        raise ListUnreadable(f"the list {name} gives no total, or one that is not a number")
    if entries and int(total) < offset + len(entries):
        raise ListUnreadable(f"the list {name} holds more entries than its total of {total}")
    if not all(find(entry, "@id") for entry in entries):
        raise ListUnreadable(f"the list {name} has an entry without an ID")
    return Page(offset, int(total), entries)
