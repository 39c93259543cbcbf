"""The connection to a directory: one time limit for all that goes over it, and a bound of bytes."""

from __future__ import annotations

import socket
import ssl
import time

from flaskr.places import Place
from flaskr.rest.v1.errors import UnreadableAnswer
from flaskr.rest.v1.transport import SocketOptions, open_socket

SEQUENCE = 0x30  # what each message of LDAP begins with
NOT_LDAP = "it is not LDAP"
MAX_ANSWER_BYTES = 4 * 1024 * 1024  # a page of a list takes some 500 KiB

# A short question is sent at once, rather than with the next one.
_AT_ONCE: SocketOptions = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]


class NotConnected(Exception):
    """There is no connection, or none with TLS; nothing secret was sent. `cause` says why."""

    def __init__(self, cause: OSError) -> None:
        super().__init__(str(cause))
        self.cause = cause


class Wire:
    """A connected socket, as ldap3 uses one.

    Raises TimeoutError at the deadline, however slowly bytes come: a socket's own timeout starts
    again with every byte. Raises UnreadableAnswer for a longer answer than MAX_ANSWER_BYTES. What
    went wrong stays in `error`, as ldap3 makes something else of it.
    """

    def __init__(self, place: Place, deadline: float) -> None:
        """Connect. Raises NotConnected."""
        self.error: Exception | None = None
        self.allow(deadline)
        try:
            self._socket = open_socket(place.host, place.port, deadline, _AT_ONCE)
        except OSError as error:
            raise NotConnected(error) from error

    def allow(self, deadline: float) -> None:
        """Have the next answer come until that moment of the monotonic clock."""
        self._deadline = deadline

    def secure(self, context: ssl.SSLContext, host: str) -> None:
        """Begin TLS, and verify the certificate. Raises NotConnected."""
        try:
            self._set_timeout()
            self._socket = context.wrap_socket(self._socket, server_hostname=host)
        except OSError as error:
            raise NotConnected(error) from error

    def sendall(self, data: bytes) -> None:
        self._count = 0  # of the bytes that answer it
        try:
            self._set_timeout()
            self._socket.sendall(data)
        except OSError as error:
            self.error = error
            raise

    def recv(self, size: int) -> bytes:
        try:
            self._set_timeout()
            data = self._socket.recv(size)
            if not self._count and data and data[0] != SEQUENCE:
                raise UnreadableAnswer(NOT_LDAP)
            self._count += len(data)
            if self._count > MAX_ANSWER_BYTES:
                raise UnreadableAnswer(f"it is larger than {MAX_ANSWER_BYTES // 2**20} MiB")
        except (OSError, UnreadableAnswer) as error:
            self.error = error
            raise
        return data

    def shutdown(self, how: int) -> None:
        self._socket.shutdown(how)

    def close(self) -> None:
        self._socket.close()

    def _set_timeout(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("it took longer than the time allowed")
        self._socket.settimeout(left)
