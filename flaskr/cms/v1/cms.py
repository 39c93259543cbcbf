"""The client of the Cisco Meeting Server (CMS) API."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from flaskr.cms.v1.error_codes import ERROR_CODES
from flaskr.cms.v1.paging import (
    MAX_TIMEOUTS,
    Entry,
    ListUnreadable,
    ListUnsteady,
    Match,
    Page,
    Pages,
    SearchTimedOut,
    nothing,
)
from flaskr.rest.v1.errors import CHECK_API
from flaskr.rest.v1.rest import REST, Answer, Call, Payload
from flaskr.rest.v1.result import Reason, Result, failed, succeeded
from flaskr.rest.v1.xml import Document, UnreadableXML, find, parse_xml

_GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ID = re.compile(_GUID, re.IGNORECASE)
# Where an object is, as a Location header says it: a path, or a whole URL.
_PLACE = re.compile(
    r"(?:https?://(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d+)?(?=/))?"
    rf"(?:[\w.~-]*/)*(?P<list>\w+)/(?P<id>{_GUID})/?",
    re.IGNORECASE | re.ASCII,
)


def is_id(text: str) -> bool:
    """Tell whether a text is an object ID of CMS: a GUID (API description, "API Methods")."""
    return _ID.fullmatch(text) is not None


# What a status says holds, whatever failure codes come with it.
_STATUS_RULES = (Reason.BUSY, Reason.REFUSED_CREDENTIALS)
_COUNT = re.compile(r"[0-9]{1,9}")
_DONE = {"PUT": "modified.", "DELETE": "deleted."}


class CMS(REST):
    """A client of the API of one CMS, as the lab guide describes it.

    `parallel` pages of lists are fetched at a time; the further arguments are those of REST.
    """

    server = "CMS"
    settings_prefix = "CMS"
    error_codes: ClassVar[Mapping[str, str]] = ERROR_CODES

    def __init__(
        self,
        host: str,
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
        self._pages = Pages(parallel, MAX_TIMEOUTS * timeout)

    def _cms_request(
        self,
        api_method: str,
        parameters: Mapping[str, Any] | None = None,
        payload: Payload | None = None,
        http_method: str = "GET",
    ) -> Result:
        """Send a request and return the response dictionary with the parsed answer.

        `api_method` goes after `/api/v1/`, such as `coSpaces`; `parameters` into the URL, such as
        `{"offset": 10}`; `payload` into the body of a POST or PUT.
        """
        raw = self._send_request(api_method, parameters, payload, http_method)
        return self._cms_parse_response(raw) if raw["success"] else raw

    def _cms_parse_response(self, raw: Result) -> Result:
        """Return the response dictionary for the Answer of `_send_request`.

        `response` is the XML as a dictionary, the new object's ID after a POST, or `""`. The codes
        of a `failureDetails` answer are explained in `message`, all of them, whatever its status:
        servers in the field differ in that.
        """
        answer: Answer = raw["response"]
        details = _failure_details(answer.body)
        if details is not None:
            return self._explain_failure(answer, details)
        if answer.status == 404 and is_id(answer.call.api_method.rpartition("/")[2]):
            return self._failed(answer.call, Reason.NOT_FOUND, _GONE)
        return self._check_status(answer) or self._READERS[answer.call.http_method](self, answer)

    def get_version(self) -> Result:
        """Return the response dictionary with the CMS software version (`GET system/status`)."""
        status = self._cms_request("system/status")
        if not status["success"]:
            # Nothing in this request is the caller's, so a failure code is no fault of the caller.
            codes = status["reason"] is Reason.FAILURE_CODES
            return failed(Reason.SERVER_ERROR, status["message"]) if codes else status
        version = find(status["response"], "status", "softwareVersion")
        if not isinstance(version, str) or not version:
            return self._said("system/status", Reason.UNREADABLE, "it names no softwareVersion.")
        return succeeded(status["message"], version)

    def find_in_list(
        self,
        api_method: str,
        parameters: Mapping[str, Any],
        match: Match,
        second_choice: Match = nothing,
    ) -> Result:
        """Search a list, such as `coSpaces`, page by page; return what `match` finds in a page.

        `match` gets a page's entries and returns None where what it looks for is not among them.
        What `second_choice` finds is returned where the list surely lacks what `match` looks for.
        A list that surely lacks both is a failure with the reason NOT_FOUND.
        """

        def fetch(offset: int) -> Page:
            result = self._cms_request(api_method, {**parameters, "offset": offset})
            if not result["success"]:
                raise _PageFailed(result)
            return _page(result["response"], api_method, offset)

        try:
            found = self._pages.search(fetch, match, second_choice)
        except _PageFailed as failure:
            return failure.result
        except ListUnreadable as error:
            return self._said(api_method, Reason.UNREADABLE, f"{error}. {CHECK_API}")
        except SearchTimedOut as error:
            text = f"{error}, in {MAX_TIMEOUTS} times the {{timeout}} s that a call may take."
            return self._said(api_method, Reason.TIMED_OUT, text)
        except ListUnsteady:
            return self._said(api_method, Reason.BUSY, _UNSTEADY)
        if found is None:
            return self._said(api_method, Reason.NOT_FOUND, "the list lacks what was looked for.")
        return succeeded(f"{self.server} at {self.host}:{self.port}: found {found}.", found)

    def _said(self, api_method: str, reason: Reason, text: str) -> Result:
        """Return the failure of a GET whose answer was well-formed and still no good."""
        return self._failed(Call("GET", api_method), reason, text)

    def _read_object(self, answer: Answer) -> Result:
        result = self._parse_xml(answer)
        if not result["success"]:
            return result
        root = _expected_root(answer.call.api_method)
        elements = {name.lower(): element for name, element in result["response"].items()}
        if root.lower() not in elements:
            return self._unreadable(answer, f"its root element is not {root}")
        if not _is_asked_for(answer.call.api_method, elements[root.lower()]):
            return self._unreadable(answer, "it is about another object")
        return result

    def _read_creation(self, answer: Answer) -> Result:
        """Return the new object's ID, or what a query that is sent by POST answers."""
        if "Location" not in answer.headers and answer.body.strip():
            return self._read_object(answer)
        new_id = _new_id(answer)
        if not new_id:
            return self._unreadable(answer, "it does not give the ID of a new object")
        return succeeded(self._message(answer.call, f"created {new_id}."), new_id)

    def _read_confirmation(self, answer: Answer) -> Result:
        if answer.body.strip():
            return self._unreadable(answer, "it has a body where CMS confirms with none")
        return succeeded(self._message(answer.call, _DONE[answer.call.http_method]))

    _READERS: ClassVar[Mapping[str, Callable[["CMS", Answer], Result]]] = {
        "GET": _read_object,
        "POST": _read_creation,
        "PUT": _read_confirmation,
        "DELETE": _read_confirmation,
    }

    def _explain_failure(self, answer: Answer, details: Any) -> Result:
        failures = tuple(_failures(details))
        sentences = (self._explain_code(code, attributes) for code, attributes in failures)
        text = " ".join(sentences) or "it failed without a failure code."
        said_by_status = self._check_status(answer)
        reason = said_by_status["reason"] if said_by_status else Reason.FAILURE_CODES
        codes = tuple(code for code, _ in failures)
        return failed(
            reason if reason in _STATUS_RULES else Reason.FAILURE_CODES,
            self._message(answer.call, "{cause}", text),
            codes,
        )

    def _explain_code(self, code: str, attributes: Mapping[str, str]) -> str:
        explanation = self.error_codes.get(code, "The portal does not know this failure code.")
        where = ", ".join(f"{name[1:]}: {value[:100]}" for name, value in attributes.items())
        return f"{code[:100]}{f' ({where})' if where else ''}: {explanation}"


class _PageFailed(Exception):
    """A page of a list did not come; carries the response dictionary that says why."""

    def __init__(self, result: Result) -> None:
        super().__init__(result["message"])
        self.result = result


_GONE = "there is no such object; it may have been deleted meanwhile. Look it up again."
_UNSTEADY = "the list kept changing while it was read, so that an entry may be missed. Try again."


def _failure_details(body: bytes) -> Any:
    """Return what stands in a body's `failureDetails`, or None where it is no such document."""
    if b"failureDetails" not in body:
        return None
    try:
        return parse_xml(body).get("failureDetails")
    except UnreadableXML:
        return None


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


def _new_id(answer: Answer) -> str:
    """Return the ID in the Location of an object that was made in the list asked for, or nothing.
    """
    place = _PLACE.fullmatch(answer.headers.get("Location", ""))
    list_name = _expected_root(answer.call.api_method)
    return place["id"] if place and place["list"].lower() == list_name.lower() else ""


def _is_asked_for(api_method: str, element: Any) -> bool:
    """Tell whether an element, where it says its ID, is the object that was asked for by ID."""
    wanted, said = api_method.strip("/").rpartition("/")[2], find(element, "@id")
    return not is_id(wanted) or not isinstance(said, str) or said.lower() == wanted.lower()


def _page(document: Document, api_method: str, offset: int) -> Page:
    """Return a list's answer as a page. Raises ListUnreadable where it is none."""
    name = _expected_root(api_method)
    root = next(iter(document.values()))
    total = find(root, "@total")
    entries: list[Entry] = find(root, name.removesuffix("s")) or []
    if not isinstance(total, str) or not _COUNT.fullmatch(total):
        raise ListUnreadable(f"the list {name} gives no total, or one that is no number")
    if entries and int(total) < offset + len(entries):
        raise ListUnreadable(f"the list {name} holds more entries than its total of {total}")
    if not all(find(entry, "@id") for entry in entries):
        raise ListUnreadable(f"the list {name} has an entry without an ID")
    return Page(offset, int(total), entries)
