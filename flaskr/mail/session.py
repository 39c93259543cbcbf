"""A dialog with a mail server (SMTP, RFC 5321): over TLS or not at all, and within a time limit."""

import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from flaskr.places import Place
from flaskr.rest.v1.transport import open_socket

_MOMENT_SECONDS = 0.02
READY = 220  # the server's greeting


class MailSession(smtplib.SMTP):
    """A dialog that ends at a moment of the monotonic clock, whatever the server is at.

    `has_begun` is whether the message itself may have gone out.
    """

    def __init__(self, deadline: float) -> None:
        super().__init__(local_hostname="localhost")  # until it is known how this machine is called
        self._deadline = deadline
        self.has_begun = False

    @contextmanager
    def open_to(self, place: Place, context: ssl.SSLContext, at_once: bool) -> Iterator[None]:
        """Have the dialog with a server as long as the `with` block lasts.

        TLS comes `at_once`, before a byte is said, or by STARTTLS. Raises what is wrong with the
        server or the network: of smtplib, of urllib3, OSError.
        """
        self._connect(place)
        ending = threading.Timer(max(self._deadline - time.monotonic(), 0.0), self._abort)
        ending.daemon = True
        ending.start()
        try:
            self._begin(context, at_once)
            yield
            with suppress(OSError):  # what it would answer is not waited for
                self.putcmd("quit")
        finally:
            ending.cancel()
            self.close()

    @property
    def is_over(self) -> bool:
        """Whether the time is up, or so nearly that a wait for the rest of it has ended."""
        return time.monotonic() >= self._deadline - _MOMENT_SECONDS

    def data(self, msg: Any) -> Any:
        """Send the message itself."""
        self.has_begun = True
        return super().data(msg)

    def _connect(self, place: Place) -> None:
        try:
            self.sock = open_socket(*place, self._deadline)
        except TimeoutError as error:
            raise ConnectTimeoutError(None, "connecting took too long") from error
        except socket.gaierror as error:
            raise NameResolutionError(place.host, None, error) from error  # type: ignore[arg-type]
        except OSError as error:
            raise _no_connection() from error
        self._host = place.host  # whose certificate STARTTLS expects
        own = self.sock.getsockname()[0]
        self.local_hostname = f"[IPv6:{own}]" if ":" in own else f"[{own}]"

    def _begin(self, context: ssl.SSLContext, at_once: bool) -> None:
        """Come to the point where all that is said is encrypted."""
        if at_once:
            with _handshake():
                self.sock = context.wrap_socket(self._plain_socket(), server_hostname=self._host)
        code, text = self.getreply()
        if code != READY:
            raise smtplib.SMTPConnectError(code, text)
        self._introduce_itself()
        if not at_once:
            self._plain_socket().settimeout(max(self._deadline - time.monotonic(), 0.001))
            with _handshake():
                self.starttls(context=context)
            self._introduce_itself()

    def _introduce_itself(self) -> None:
        """Say EHLO; no older HELO, as TLS takes it."""
        code, text = self.ehlo()
        if not 200 <= code < 300:
            raise smtplib.SMTPHeloError(code, text)

    def _plain_socket(self) -> socket.socket:
        assert self.sock is not None
        return self.sock

    def _abort(self) -> None:
        """End the connection under whoever waits for it.

        SSLSocket's own way of doing this would go on in the clear for a moment.
        """
        with suppress(OSError):
            socket.socket.shutdown(self._plain_socket(), socket.SHUT_RDWR)


@contextmanager
def _handshake() -> Iterator[None]:
    """Raise what HTTPS does where there comes no TLS about: a bad certificate is told as it is."""
    try:
        yield
    except (smtplib.SMTPException, ssl.SSLCertVerificationError):
        raise
    except TimeoutError as error:
        raise ConnectTimeoutError(None, "connecting took too long") from error
    except OSError as error:
        raise _no_connection() from error


def _no_connection() -> NewConnectionError:
    return NewConnectionError(None, "connecting failed")  # type: ignore[arg-type]
