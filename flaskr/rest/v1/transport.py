"""Connections to a server: TLS verification, reuse, and one time limit for a whole request."""

import logging
import math
import queue
import re
import socket
import ssl
import threading
import time
from functools import cache
from typing import Any, cast

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    SSLError,
)
from urllib3.util import Timeout
from urllib3.util.connection import create_connection

from flaskr.rest.v1.stream import TimedResponse, Unanswered

logger = logging.getLogger(__name__)

SocketOptions = list[tuple[int, int, int | bytes]] | None
REPEATABLE = ("GET", "PUT")  # what comes to the same when it is done twice
_KEEP_ALIVE = re.compile(r"\b(timeout|max)\s*=\s*([0-9]{1,9})\b", re.IGNORECASE)


def tls_context(tls_verify: bool | str) -> ssl.SSLContext:
    """Return how servers are verified: publicly trusted (True), not at all (False), or a CA bundle.

    A bundle is the path of a PEM file, and takes the place of the public CAs. A server's own
    self-signed certificate may stand in it. It is read again each time, as it changes when
    a certificate is renewed; the public CAs, which are many, are read once. Raises OSError
    (ssl.SSLError is one) where the path names no certificates.
    """
    if tls_verify is True:
        return _public()
    return _unverified() if tls_verify is False else _verified(tls_verify)


@cache
def _public() -> ssl.SSLContext:
    return _verified(DEFAULT_CA_BUNDLE_PATH)


def _verified(bundle: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=bundle)
    # The certificates that CMS makes for itself lack what the strict check of Python 3.13 wants.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Until(Timeout):
    """A timeout that ends at a moment of the monotonic clock, however often a request is begun.

    Connecting has until `connect_by`, where that is earlier.
    """

    def __init__(self, deadline: float, connect_by: float) -> None:
        super().__init__(total=_seconds_until(deadline), connect=_seconds_until(connect_by))
        self._moments = deadline, connect_by

    def clone(self) -> "Until":
        return Until(*self._moments)


def resolve(host: str, port: int, seconds: float) -> list[tuple[str, int]]:
    """Return a host's addresses. Raises socket.gaierror, and TimeoutError after so many seconds.

    The operating system's resolver knows no timeout, so it is asked in a thread that may be left.
    """
    found: queue.SimpleQueue[list[tuple[str, int]] | OSError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.put([(str(info[4][0]), port) for info in infos])
        except OSError as error:
            found.put(error)
        except Exception as error:  # such as UnicodeError, for what can't be a host name
            found.put(socket.gaierror(str(error)))

    threading.Thread(target=look_up, name=f"resolve {host}", daemon=True).start()
    try:
        outcome = found.get(timeout=max(seconds, 0.001))
    except queue.Empty:
        raise TimeoutError(f"resolving {host} took too long") from None
    if isinstance(outcome, OSError):
        raise outcome
    return outcome


def open_socket(
    host: str, port: int, deadline: float, options: SocketOptions = None
) -> socket.socket:
    """Return a socket that is connected by a moment of the monotonic clock.

    All addresses of the host together have until then. Raises socket.gaierror, TimeoutError and
    other OSError.
    """
    error: OSError = TimeoutError("no address")
    for address in resolve(host, port, deadline - time.monotonic()):
        try:
            sock = create_connection(address, _seconds_until(deadline), None, options)
        except OSError as failure:
            error = failure
        else:
            sock.settimeout(_seconds_until(deadline))
            return sock
    raise error


def _seconds_until(moment: float) -> float:
    return max(moment - time.monotonic(), 0.001)


class _Connection(HTTPSConnection):
    """A connection that tells a failure before anything was sent from every later one.

    It knows when it is not to be used for a further request.
    """

    response_class = TimedResponse
    was_used = False  # whether an answer has come on it
    _requests_left = math.inf
    _usable_until = math.inf

    @property
    def is_connected(self) -> bool:
        """Return whether a further request may go out: nothing is here that it has not asked for,
        and the server has not closed the connection, nor is about to.
        """
        return bool(
            super().is_connected
            and self._requests_left > 0
            and time.monotonic() < self._usable_until
            and not self._stream.left_over
            and not cast(ssl.SSLSocket, self.sock).pending()
        )

    def getresponse(self) -> Any:
        response: Any = super().getresponse()
        self.was_used = True
        self._stream = response._original_response.stream
        self._expect_end(response.headers.get("Keep-Alive", ""))
        return response

    def _expect_end(self, keep_alive: str) -> None:
        """Note when the connection is to end by a Keep-Alive header (RFC 2068, 19.7.1.1).

        Some servers count `max` down to the requests that are left, others always say how many
        there are in all: the lower number holds.
        """
        said = {name.lower(): int(value) for name, value in _KEEP_ALIVE.findall(keep_alive)}
        self._requests_left = min(self._requests_left, said.get("max", math.inf)) - 1
        seconds = said.get("timeout", math.inf)
        self._usable_until = time.monotonic() + max(seconds - 1, seconds / 2)

    def _new_conn(self) -> socket.socket:
        """Return a connected socket with what is left of the timeout: for all addresses together.

        urllib3's own gives each address the whole timeout, and resolving any time.
        """
        deadline = time.monotonic() + float(self.timeout or 0)
        try:
            return open_socket(self._dns_host, int(self.port or 0), deadline, self.socket_options)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error

    def connect(self) -> None:
        self.was_used = False
        self._requests_left = math.inf
        try:
            super().connect()
        except (HTTPError, ssl.SSLCertVerificationError):
            raise
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "connecting took too long") from error
        except OSError as error:
            raise NewConnectionError(self, "connecting failed") from error


class _ConnectionPool(HTTPSConnectionPool):
    """Connections, of which only those are kept that a further request may go out on."""

    ConnectionCls = _Connection

    def _put_conn(self, conn: Any) -> None:
        if conn is not None and not conn.is_connected:
            conn.close()
        super()._put_conn(conn)

    def _make_request(self, conn: Any, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        """Send a request; where a kept connection was closed under it, once more on a new one.

        A server closes an idle connection when it likes, also while a request is on its way
        (RFC 9112, section 9.3.1). What may be sent twice without harm is, then.
        """
        try:
            return super()._make_request(conn, method, url, *args, **kwargs)
        except (Unanswered, ssl.SSLEOFError) as error:
            if not conn.was_used or method not in REPEATABLE:
                raise
            unanswered = error
        logger.info("reconnect method=%s", method)
        conn.close()
        try:
            return super()._make_request(conn, method, url, *args, **kwargs)
        except (NewConnectionError, ConnectTimeoutError, SSLError):
            raise unanswered from None  # what counts is that the request may have been carried out


class Transport(HTTPAdapter):
    """How a client's requests go out: one server, one TLS context, connections kept and reused.

    `connections` are kept open at the most to each of its `places`; a thread that finds none free
    opens one of its own.
    """

    def __init__(self, context: ssl.SSLContext, connections: int, places: int) -> None:
        self._context = context
        self._pools: dict[str, Any] = {}  # by host and port, as URLs have them
        super().__init__(pool_connections=places, pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"https": _ConnectionPool}

    def build_connection_pool_key_attributes(
        self, request: PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Name the pool by the server and our context: nothing else decides on trust."""
        server, _ = super().build_connection_pool_key_attributes(request, True, cert)
        return server, {"ssl_context": self._context}

    def get_connection_with_tls_context(
        self, request: PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        """Return the connections to a place: nothing but its address says which they are."""
        place = str(request.url).split("/", 3)[2]
        if place not in self._pools:
            self._pools[place] = super().get_connection_with_tls_context(request, True)
        return self._pools[place]

    def request_url(self, request: PreparedRequest, proxies: Any) -> str:
        """Return what stands in the request line: there is no proxy."""
        return request.path_url

    def build_response(self, req: PreparedRequest, resp: Any) -> Response:
        """Return the answer without a look into its cookies: the client decides on them."""
        response = Response()
        response.status_code = resp.status
        response.headers = resp.headers
        response.raw, response.request = resp, req
        return response

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Do nothing: the context has settled it, and loading CAs into it would widen the trust."""
