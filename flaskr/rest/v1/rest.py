"""The generic REST client: it moves requests and answers, and knows no vendor and no meaning."""

import logging
import random
import time
from collections.abc import Collection, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar, NamedTuple
from urllib.parse import quote

import requests
import urllib3
from requests.auth import AuthBase, HTTPBasicAuth

from flaskr.rest.v1.cookies import Cookies
from flaskr.rest.v1.errors import (
    CHECK_API,
    UNREADABLE,
    Explanation,
    UnreadableAnswer,
    explain,
)
from flaskr.rest.v1.formats import Document, Format, Unreadable
from flaskr.rest.v1.transport import Transport, Until, tls_context
from flaskr.result import MAYBE_DONE, OF_SERVERS, Failure, Outcome, Reason

logger = logging.getLogger(__name__)

HTTP_METHODS = ("GET", "POST", "PUT", "DELETE")
MAX_ANSWER_BYTES = 4 * 1024 * 1024  # a page of a list takes some 10 KiB
CHUNK_BYTES = 64 * 1024
CONNECTIONS = 40  # kept open for further requests
PAUSES = (0.1, 0.3, 0.9)  # seconds before the first, second and third retry, give or take a half

Payload = Mapping[str, str] | str | bytes


class Call(NamedTuple):
    """What is asked of a server."""

    http_method: str
    api_method: str
    parameters: Mapping[str, Any] | None = None
    body: Mapping[str, str] | bytes | None = None


class Answer(NamedTuple):
    """An HTTP answer, read whole."""

    call: Call
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


_LOOK_FIRST = " The change may have been made all the same: look before you try again."
_CHECK_CREDENTIALS = (
    "Check {prefix}_USERNAME and {prefix}_PASSWORD, and what that account is allowed to do."
)
_STATUSES = {
    401: Explanation(
        Reason.REFUSED_CREDENTIALS,
        "it refuses the credentials (status {cause}). " + _CHECK_CREDENTIALS,
    ),
    403: Explanation(
        Reason.REFUSED_CREDENTIALS,
        "it forbids this to the account (status {cause}). " + _CHECK_CREDENTIALS,
    ),
    429: Explanation(Reason.BUSY, "it gets too many requests (status {cause}). Try again later."),
    503: Explanation(
        Reason.BUSY, "it is busy, also after retries (status {cause}). Try again later."
    ),
}
_STATUSES |= dict.fromkeys(
    (301, 302, 303, 307, 308),
    Explanation(
        Reason.UNEXPECTED_STATUS,
        "it redirects elsewhere, which is not followed (status {cause}). " + CHECK_API,
    ),
)
_SERVER_ERROR = Explanation(
    Reason.SERVER_ERROR,
    "it answered with an error of its own (status {cause}). If it stays so, look at its log.",
)
_OTHER_STATUS = Explanation(
    Reason.UNEXPECTED_STATUS, "it answered with an error (status {cause}). " + CHECK_API
)


class REST:
    """A client of one server's REST API, over HTTPS, safe to use from many threads.

    `base_url` goes before every API method; `headers` go with every request. `authentication` says
    who the client is; without one, a user name sends HTTP Basic, and None says nothing.
    `tls_verify` is True, False, or the path of a CA bundle (raises OSError where that is not one).
    `timeout` is in seconds and bounds a request as a whole: connecting, slow bytes, and retries.
    Nothing in the environment overrules any of it.
    """

    title = "The server"  # what messages call it
    settings_prefix = "REST"  # what the names of its settings begin with, for the remedies
    timeout_setting = "the timeout"  # the setting that bounds a request
    format: ClassVar[Format]  # of its answers
    kept_cookies: ClassVar[Collection[str]] = ()  # names: of what its server can't do without

    def __init__(
        self,
        host: str,
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
    ) -> None:
        self.host = host
        self.port = port
        self.timeout = timeout
        self.base_url = "/" + base_url.strip("/")
        authority = f"[{host}]" if ":" in host else host
        self._root = f"https://{authority}:{port}{self.base_url.rstrip('/')}/"
        self._headers = requests.utils.default_headers()
        # What is compressed says nothing of its size: a kilobyte can stand for a megabyte.
        self._headers["Accept-Encoding"] = "identity"
        self._headers.update(headers or {})
        self._authentication = authentication
        if authentication is None and username is not None:
            self._authentication = HTTPBasicAuth(username.encode(), (password or "").encode())
        self._cookies = Cookies(self.kept_cookies)
        if tls_verify is False:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        self._transport = Transport(tls_context(tls_verify), connections)

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

        Raises Failure where no whole answer came, and ValueError for an HTTP method other than GET,
        POST, PUT and DELETE.
        """
        if http_method not in HTTP_METHODS:
            raise ValueError(f"{http_method} is not one of {', '.join(HTTP_METHODS)}")
        body = payload.encode() if isinstance(payload, str) else payload
        call = Call(http_method, api_method, parameters, body)
        deadline = time.monotonic() + self.timeout
        pauses = _pauses()
        while True:
            attempt = self._attempt(call, deadline)
            pause = _pause_before_retry(attempt, pauses, deadline)
            if pause is None:
                break
            logger.warning("retry method=%s path=%s pause_s=%.2f", http_method, api_method, pause)
            time.sleep(pause)
        if isinstance(attempt, Failure):
            raise attempt
        return attempt

    def _attempt(self, call: Call, deadline: float) -> Answer | Failure:
        """Return what came of sending a call once."""
        try:
            return self._send_once(call, deadline)
        except Failure as failure:
            return failure

    def _send_once(self, call: Call, deadline: float) -> Answer:
        start = time.monotonic()
        status: object = None
        try:
            request = self._prepare(call)
            until: Any = Until(deadline)  # requests takes a timeout of urllib3 as it is
            with self._transport.send(request, stream=True, timeout=until) as response:
                status = response.status_code
                self._cookies.keep(request, response)
                return Answer(call, status, response.headers, _read_body(response))
        except (OSError, urllib3.exceptions.HTTPError, UnreadableAnswer) as error:
            (reason, text), cause = explain(error)
            status = status or reason.value
            raise self._failure(call, reason, text, cause) from error
        finally:
            logger.info(
                "call server=%s method=%s path=%s status=%s ms=%.0f",
                self.title,
                call.http_method,
                call.api_method,
                status,
                (time.monotonic() - start) * 1000,
            )

    def _prepare(self, call: Call) -> requests.PreparedRequest:
        """Return a call as the request that goes out.

        There is no `requests.Session`: it would read the body of a redirect whole, keep all
        cookies, and merge settings that never change into each request again.
        """
        prepared = requests.PreparedRequest()
        prepared.prepare_method(call.http_method)
        path = quote(call.api_method.lstrip("/"), safe="/")
        prepared.prepare_url(self._root + path, call.parameters)
        prepared.prepare_headers(self._headers)
        if self.kept_cookies:
            prepared.prepare_cookies(self._cookies)
        prepared.prepare_body(call.body or {}, None)
        prepared.prepare_auth(self._authentication)
        return prepared

    def _message(self, call: Call, text: str, cause: str = "") -> str:
        """Return a sentence for a person: the server, what was asked of it, and what came of it."""
        said = text.format(
            cause=cause,
            prefix=self.settings_prefix,
            timeout=f"{self.timeout:g}",
            timeout_setting=self.timeout_setting,
        )
        tried = f"{call.http_method} {call.api_method}"
        return f"{self.title_and_address}, {tried}: {said}"

    def _failure(
        self,
        call: Call,
        reason: Reason,
        text: str,
        cause: str = "",
        failure_codes: tuple[str, ...] = (),
    ) -> Failure:
        """Return the failure of a call; where a change may have been made all the same, say so."""
        message = self._message(call, text, cause)
        if call.http_method != "GET" and reason in MAYBE_DONE:
            message += _LOOK_FIRST
        server = self.server if reason in OF_SERVERS else ""
        return Failure(reason, message, failure_codes, server)

    @property
    def server(self) -> str:
        """The server in one word for code, such as cms: the codes of its failures begin with it."""
        return self.settings_prefix.lower()

    @property
    def title_and_address(self) -> str:
        """The server and where it is, as messages say it: CMS at cms.example.com:443."""
        return f"{self.title} at {self.host}:{self.port}"

    def _failure_of_status(self, answer: Answer) -> Failure | None:
        """Return the failure that an answer's status alone tells of, or None for a 2xx."""
        if answer.ok:
            return None
        other = _SERVER_ERROR if answer.status >= 500 else _OTHER_STATUS
        reason, text = _STATUSES.get(answer.status, other)
        return self._failure(answer.call, reason, text, str(answer.status))

    def _read(self, answer: Answer) -> Document:
        """Return an answer's body as a dictionary. Raises Failure."""
        try:
            return self.format.read(answer.body)
        except Unreadable as error:
            raise self._unreadable(answer, str(error)) from None

    def _retrieved(self, answer: Answer, document: Document) -> Outcome:
        return Outcome(self._message(answer.call, "retrieved."), document)

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


def _pauses() -> Iterator[float]:
    return (pause * random.uniform(0.5, 1.5) for pause in PAUSES)


def _pause_before_retry(
    attempt: Answer | Failure, pauses: Iterator[float], deadline: float
) -> float | None:
    """Return how many seconds to wait before sending again, or None to leave it at the attempt."""
    if isinstance(attempt, Failure):
        again, asked = attempt.reason is Reason.UNREACHABLE, 0.0
    else:
        again, asked = attempt.status == 503, _retry_after(attempt.headers.get("Retry-After", ""))
    pause = next(pauses, None) if again else None
    if pause is None or time.monotonic() + max(pause, asked) >= deadline:
        return None
    return max(pause, asked)


def _retry_after(value: str) -> float:
    """Return the seconds that a Retry-After header asks for; 0 where it is missing or invalid."""
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(parsedate_to_datetime(value).timestamp() - time.time(), 0.0)
    except (ValueError, OverflowError):
        return 0.0
