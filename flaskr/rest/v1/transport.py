"""How bytes travel: trust settled once, connections kept, and a time limit that slow bytes keep."""

import io
import queue
import socket
import ssl
import threading
import time
from http.client import HTTPResponse
from typing import Any

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
)
from urllib3.util.connection import create_connection


def tls_context(tls_verify: bool | str) -> ssl.SSLContext:
    """Return how servers are verified: publicly trusted (True), not at all (False), or a CA bundle.

    A bundle is the path of a PEM file, and takes the place of the public CAs. A server's own
    self-signed certificate may stand in it. Raises OSError (ssl.SSLError is one) where the path
    names no certificates.
    """
    if tls_verify is False:
        return _unverified()
    bundle = DEFAULT_CA_BUNDLE_PATH if tls_verify is True else tls_verify
    context = ssl.create_default_context(cafile=bundle)
    # The certificates that CMS makes for itself lack what the strict check of Python 3.13 wants.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class _TimedReader(io.RawIOBase):
    """A socket's stream that ends with TimeoutError at a moment, however the bytes drip in.

    A socket's own timeout starts anew with every byte.
    """

    def __init__(self, stream: io.RawIOBase, sock: Any, deadline: float) -> None:
        super().__init__()
        self._stream = stream
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError("the answer took longer than the time allowed")
        self._sock.settimeout(remaining)
        count: int | None = self._stream.readinto(buffer)
        return count

    def close(self) -> None:
        self._stream.close()
        super().close()


class _WholeLines(io.BufferedReader):
    """A stream that tells a cut from an end while headers are read.

    `http.client` would take the headers as complete, and the answer as one without a body.
    """

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        if not line:
            raise ConnectionResetError("the connection was closed in the middle of the headers")
        return line


class _TimedResponse(HTTPResponse):
    """An answer that must be here, whole, within the timeout that its socket has at its start."""

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        stream: Any = self.fp
        deadline = time.monotonic() + sock.gettimeout()  # urllib3 has set it to the time left
        self.fp = _WholeLines(_TimedReader(stream.detach(), sock, deadline))


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


class _Connection(HTTPSConnection):
    """A connection that tells a failure before anything was sent from every later one."""

    response_class = _TimedResponse

    def _new_conn(self) -> socket.socket:
        """Return a connected socket with what is left of the timeout: for all addresses together.

        urllib3's own gives each address the whole timeout, and resolving any time.
        """
        deadline = time.monotonic() + float(self.timeout or 0)
        error: OSError = TimeoutError("no address")
        for address in self._addresses(deadline):
            try:
                sock = create_connection(
                    address, max(deadline - time.monotonic(), 0.001), None, self.socket_options
                )
            except OSError as failure:
                error = failure
            else:
                sock.settimeout(max(deadline - time.monotonic(), 0.001))
                return sock
        raise error

    def _addresses(self, deadline: float) -> list[tuple[str, int]]:
        try:
            return resolve(self._dns_host, int(self.port or 0), deadline - time.monotonic())
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error

    def connect(self) -> None:
        try:
            super().connect()
        except (HTTPError, ssl.SSLCertVerificationError):
            raise
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "connecting took too long") from error
        except OSError as error:
            raise NewConnectionError(self, "connecting failed") from error


class _ConnectionPool(HTTPSConnectionPool):
    ConnectionCls = _Connection


class Transport(HTTPAdapter):
    """The adapter of a client's session: one server, one TLS context, connections kept and reused.

    `connections` are kept open at the most; a thread that finds none free opens one of its own.
    """

    def __init__(self, context: ssl.SSLContext, connections: int) -> None:
        self._context = context
        super().__init__(pool_connections=1, pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"https": _ConnectionPool}

    def build_connection_pool_key_attributes(
        self, request: PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Name the pool by the server and our context: nothing else decides on trust."""
        server, _ = super().build_connection_pool_key_attributes(request, True, cert)
        return server, {"ssl_context": self._context}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Do nothing: the context has settled it, and loading CAs into it would widen the trust."""
