"""The generic REST client: it moves requests and answers, and knows no vendor and no meaning."""

import copy
import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, ClassVar, TypeVar
from urllib.parse import quote, urlencode

import requests
import urllib3
from requests.auth import AuthBase, HTTPBasicAuth

from flaskr.places import Place
from flaskr.rest.v1.attempts import (
    BUSY,
    Attempt,
    all_failed,
    passes_on,
    persist,
    reason_of,
    retry_after,
    shares,
)
from flaskr.rest.v1.calls import Answer, Call
from flaskr.rest.v1.cookies import Cookies
from flaskr.rest.v1.errors import (
    CHECK_API,
    UNREADABLE,
    UNSTEADY,
    UnreadableAnswer,
    explain,
    explain_status,
)
from flaskr.rest.v1.formats import Document, Format, Unreadable
from flaskr.rest.v1.paging import ListTimedOut, ListUnreadable, ListUnsteady
from flaskr.rest.v1.server_client import ServerClient
from flaskr.rest.v1.slots import NoSlot, Slots
from flaskr.rest.v1.transport import Transport, Until, tls_context
from flaskr.rest.v1.turns import REST_SECONDS, Turns
from flaskr.result import Failure, Outcome, Reason

logger = logging.getLogger(__name__)

HTTP_METHODS = ("GET", "POST", "PUT", "DELETE")
MAX_ANSWER_BYTES = 4 * 1024 * 1024  # a page of a list takes some 10 KiB
CHUNK_BYTES = 64 * 1024
LIST_TIMEOUTS = 3  # how long the reading of a list may take, in timeouts of a call
CONNECTIONS = 40  # kept open for further requests

Payload = Mapping[str, str] | str | bytes
Client = TypeVar("Client", bound="REST")

_DONE = {"PUT": "modified.", "DELETE": "deleted."}
_NO_SLOT = (
    "it was not sent. As many requests as may be under way at a time ({cause}) are, and none ended "
    "within {timeout} s. Try again later."
)


class REST(ServerClient):
    """A client of one server's REST API, over HTTPS, safe to use from many threads.

    `host` is where the server is, or several such places: a sequence, or a text with commas
    between. Each may have its `:port`; `port` is that of the others. Raises PlaceTwice for one that
    is named twice. Where one of several places fails, the next takes over (`Turns`).
    `base_url` goes before every API method; `headers` go with every request. `authentication` says
    who the client is; without one, a user name sends HTTP Basic, and None says nothing.
    `tls_verify` is True, False, or the path of a CA bundle (raises OSError where that is not one).
    `timeout` is in seconds and bounds a request as a whole: waiting until it is sent, connecting,
    slow bytes, and retries. `most_at_once` are under way at a time, if it is not None.
    Nothing in the environment overrules any of it.
    """

    most_at_once_setting = "the number of requests at a time"  # what bounds these
    format: ClassVar[Format]  # of its answers
    queries: ClassVar[Collection[str]] = ()  # API methods that only read, though sent by POST
    busy_statuses: ClassVar[Collection[int]] = (BUSY,)  # so that nothing was done
    kept_cookies: ClassVar[Collection[str]] = ()  # names: of what its server can't do without
    # HTTP methods that are sent again after a 503, which says that nothing was carried out.
    sent_again_when_busy: ClassVar[Collection[str]] = HTTP_METHODS

    def __init__(
        self,
        host: str | Sequence[str],
        username: str | None = None,
        password: str | None = None,
        base_url: str = "",
        headers: Mapping[str, str] | None = None,
        port: int = 443,
        *,
        authentication: AuthBase | None = None,
        tls_verify: bool | str = True,
        timeout: float = 10.0,
        connections: int = CONNECTIONS,
        most_at_once: int | None = None,
    ) -> None:
        super().__init__(host, port, timeout)
        self.base_url = "/" + base_url.strip("/")
        base = self.base_url.rstrip("/")
        self._roots: dict[Place | None, str] = {
            place: f"https://{place}{base}/" for place in self.places
        }
        # What is compressed says nothing of its size: a kilobyte can stand for a megabyte.
        own = {"Accept-Encoding": "identity", **(headers or {})}
        self._blank = requests.PreparedRequest()  # what all requests have, prepared once
        self._blank.prepare_headers({**requests.utils.default_headers(), **own})
        self._authentication = authentication
        if authentication is None and username is not None:
            self._authentication = HTTPBasicAuth(username.encode(), (password or "").encode())
        self._cookies: dict[Place | None, Cookies] = {
            place: Cookies(self.kept_cookies) for place in self.places
        }
        if tls_verify is False:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        self._transport = Transport(tls_context(tls_verify), connections, len(self.places))
        self._slots = Slots(most_at_once)
        self._turns = Turns(self.places)
        self._again: Collection[Reason] = (Reason.BUSY, Reason.UNREACHABLE)  # if it has one place

    def probe(self: Client, place: Place, seconds: float) -> Client:
        """Return a client that tells whether one of its places answers.

        It asks that place alone, once, and for so many seconds at the most; the connections are
        the same.
        """
        probe = copy.copy(self)
        probe.places = (place,)
        probe.timeout = min(seconds, self.timeout)
        probe._again = ()
        return probe

    def _send_request(
        self,
        api_method: str,
        parameters: Mapping[str, Any] | None = None,
        payload: Payload | None = None,
        http_method: str = "GET",
    ) -> Answer:
        """Send a request and return the answer, whatever its status.

        `parameters` go into the URL, `payload` into the body: a mapping as a form in UTF-8. What is
        sent again within the time allowed: a request that was answered 503, so that it was not
        carried out, one that could not connect, and once a GET or PUT whose kept connection was
        closed before a byte of the answer was here.

        Of several places, the next one is asked where one can't be reached or stays busy, and for
        what only reads also where one gives no sound answer.

        Raises Failure where no whole answer came, and ValueError for an HTTP method other than GET,
        POST, PUT and DELETE.
        """
        if http_method not in HTTP_METHODS:
            raise ValueError(f"{http_method} is not one of {', '.join(HTTP_METHODS)}")
        body = payload.encode() if isinstance(payload, str) else payload
        is_query = api_method in self.queries
        return self._send(Call(http_method, api_method, parameters, body, is_query))

    def _send(self, call: Call) -> Answer:
        """Send a call as `_send_request` does; its `place` is where to begin, unless that rests."""
        deadline = time.monotonic() + self.timeout
        if len(self.places) == 1:
            send = partial(self._attempt, call._replace(place=self.places[0]), deadline, deadline)
            attempt = self._persist(call, send, deadline, self._reasons_to_repeat(call))
        else:
            ask = partial(self._ask_in_turn, call, deadline)
            attempt = self._persist(call, ask, deadline, (Reason.UNREACHABLE,))
        if isinstance(attempt, Failure):
            raise attempt
        return attempt

    def _reasons_to_repeat(self, call: Call) -> Collection[Reason]:
        if call.http_method in self.sent_again_when_busy:
            return self._again
        return [reason for reason in self._again if reason is not Reason.BUSY]

    def _ask_in_turn(self, call: Call, deadline: float) -> Attempt:
        """Return what came of asking one place after the other, until one did not fail."""
        failed: dict[Place, Attempt] = {}
        for place, share in shares(self._turns.order(call.place), failed, deadline):
            attempt = self._ask(call._replace(place=place), share, deadline)
            self._note(place, call, attempt)
            if not passes_on(call, attempt):
                return attempt
            failed.pop(place, None)
            failed[place] = attempt
        return all_failed(failed)

    def _ask(self, call: Call, share: float, deadline: float) -> Attempt:
        """Return what came of asking one of several places, which has until `share`.

        A change that is sent has until the deadline: no other place may be asked for it then.
        """
        answer_by = share if call.only_reads else deadline
        send = partial(self._attempt, call, answer_by, share)
        return self._persist(call, send, share, (Reason.BUSY,))

    def _persist(
        self, call: Call, send: Callable[[], Attempt], until: float, again: Collection[Reason]
    ) -> Attempt:
        return persist(call, send, until, again, self._note_retry, self.busy_statuses)

    def _note(self, place: Place, call: Call, attempt: Attempt) -> None:
        """Note what came of asking a place, for the turns to come."""
        if passes_on(call, attempt):
            if self._turns.failed(place):
                logger.warning(
                    "rest server=%s place=%s reason=%s seconds=%.0f",
                    self.title, place, reason_of(attempt).value, REST_SECONDS,
                )
            return
        if isinstance(attempt, Answer) and attempt.status < 500:
            self._turns.succeeded(place)
        if not call.only_reads:
            self._turns.changed(place)

    def _attempt(self, call: Call, answer_by: float, connect_by: float) -> Attempt:
        """Return what came of sending a call once."""
        try:
            with self._slots.one(connect_by):
                return self._send_once(call, answer_by, connect_by)
        except NoSlot:
            return self._failure(call, Reason.BUSY, _NO_SLOT, self.most_at_once_setting)
        except Failure as failure:
            return failure

    def _send_once(self, call: Call, answer_by: float, connect_by: float) -> Answer:
        start = time.monotonic()
        status: object = None
        try:
            request = self._prepare(call)
            until: Any = Until(answer_by, connect_by)  # requests takes urllib3's as they are
            with self._transport.send(request, stream=True, timeout=until) as response:
                status = response.status_code
                self._cookies[call.place].keep(request, response)
                return Answer(call, status, response.headers, _read_body(response))
        except (OSError, urllib3.exceptions.HTTPError, UnreadableAnswer) as error:
            (reason, text), cause = explain(error)
            status = status or reason.value
            seconds = self._seconds(reason, start, answer_by, connect_by)
            raise self._failure(call, reason, text, cause, seconds=seconds) from error
        finally:
            self._note_call(call, status, start)

    def _seconds(self, reason: Reason, start: float, answer_by: float, connect_by: float) -> float:
        """Return how long a call that failed had; of one place alone, the timeout is spoken of."""
        if len(self.places) == 1:
            return self.timeout
        end = connect_by if reason is Reason.NO_CONNECTION_IN_TIME else answer_by
        return round(end - start, 1)

    def _prepare(self, call: Call) -> requests.PreparedRequest:
        """Return a call as the request that goes out.

        There is no `requests.Session`: it would read the body of a redirect whole, keep all
        cookies, and merge settings that never change into each request again.
        """
        prepared = self._blank.copy()
        prepared.method = call.http_method
        path = quote(call.api_method.lstrip("/"), safe="/")
        # A blank is %20: not every server takes a plus for one.
        query = urlencode(call.parameters or {}, quote_via=quote)
        prepared.prepare_url(self._roots[call.place] + path, query)
        if self.kept_cookies:
            prepared.prepare_cookies(self._cookies[call.place])
        prepared.prepare_body(call.body or {}, None)
        prepared.prepare_auth(self._authentication)
        return prepared

    def _failure_of_get(self, api_method: str, reason: Reason, text: str) -> Failure:
        """Return the failure of a GET whose answer was well-formed and still of no use."""
        return self._failure(Call("GET", api_method), reason, text)

    @contextmanager
    def _explaining_list(self, api_method: str) -> Iterator[None]:
        """Raise Failure for what can be wrong with a list as a whole."""
        try:
            yield
        except ListUnreadable as error:
            text = f"{error}. {CHECK_API}"
            raise self._failure_of_get(api_method, Reason.UNREADABLE, text) from None
        except ListTimedOut as error:
            text = f"{error}, in {LIST_TIMEOUTS} times the {{timeout}} s that a call may take."
            raise self._failure_of_get(api_method, Reason.TIMED_OUT, text) from None
        except ListUnsteady:
            raise self._failure_of_get(api_method, Reason.LIST_UNSTEADY, UNSTEADY) from None

    def _failure_of_status(self, answer: Answer) -> Failure | None:
        """Return the failure that an answer's status alone tells of, or None for a 2xx."""
        if answer.ok:
            return None
        reason, text = explain_status(answer.status)
        failure = self._failure(answer.call, reason, text, str(answer.status))
        failure.retry_after = retry_after(answer)
        return failure

    def _read(self, answer: Answer) -> Document:
        """Return an answer's body as a dictionary. Raises Failure."""
        try:
            return self.format.read(answer.body)
        except Unreadable as error:
            raise self._unreadable(answer, str(error)) from None

    def _retrieved(self, answer: Answer, document: Document) -> Outcome:
        return Outcome(self._message(answer.call, "retrieved."), document)

    def _confirmed(self, answer: Answer) -> Outcome:
        """Return that a change was made, which is said with no body. Raises Failure."""
        if answer.body.strip():
            cause = f"it has a body where {self.title} confirms with none"
            raise self._unreadable(answer, cause)
        return Outcome(self._message(answer.call, _DONE[answer.call.http_method]))

    def _unreadable(self, answer: Answer, cause: str) -> Failure:
        """Return the failure of an answer that does not say what it should."""
        reason, text = UNREADABLE
        return self._failure(answer.call, reason, text, cause)


def _read_body(response: requests.Response) -> bytes:
    """Return the body as it came, reading no further than the bound. Raises UnreadableAnswer.

    Nothing is unpacked: no compression was asked for (RFC 9110, section 12.5.3).
    """
    body = bytearray()
    for chunk in response.raw.stream(CHUNK_BYTES, decode_content=False):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise UnreadableAnswer(f"it is larger than {MAX_ANSWER_BYTES // 2**20} MiB")
    return bytes(body)
