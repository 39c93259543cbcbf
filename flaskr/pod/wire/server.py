"""The ports of the pod: a thread for each connection, which stays open between requests."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from flaskr.pod.wire.certificates import Certificates
from flaskr.pod.wire.site import Site

LOG = logging.getLogger("flaskr.pod")
# How long stopping waits for the loop that accepts connections to notice, and for threads.
POLL_SECONDS = 0.02
FAREWELL_SECONDS = 0.5


class PortUnavailable(OSError):
    """A port can't be listened on, mostly because another program does.

    `server` is its name, such as cms, `port` the number; as text it is one whole sentence.
    """

    def __init__(self, server: str, host: str, port: int, error: OSError) -> None:
        in_use = error.errno == errno.EADDRINUSE
        why = "is in use by another program" if in_use else f"can't be used: {error.strerror}"
        super().__init__(error.errno, f"Port {port} on {host} (for {server}) {why}.")
        self.server, self.port = server, port

    def __str__(self) -> str:
        return str(self.strerror)


class PodServer(socketserver.TCPServer):
    """A port with a site behind it, whose connections `speak` serves.

    It listens from its making on, and answers between start and stop.
    With certificates it speaks TLS; each handshake is made in its connection's thread, so that
    a client that sends nothing delays no other.
    """

    # Elsewhere than on POSIX this option would let two programs listen on one port.
    allow_reuse_address = os.name == "posix"
    request_queue_size = 128

    def __init__(
        self, site: Site, speak: Callable[..., Any], address: tuple[str, int],
        certificates: Certificates | None = None,
    ) -> None:
        self.site, self._certificates = site, certificates
        self._connections: dict[threading.Thread, socket.socket] = {}
        self._loop = threading.Thread(target=self.serve_forever, args=(POLL_SECONDS,), daemon=True)
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        try:
            super().__init__(address, partial(speak, site))
        except OSError as error:
            raise PortUnavailable(site.name, *address, error) from error

    @property
    def port(self) -> int:
        """Return the port it listens on, also where any free one was asked for."""
        return int(self.server_address[1])

    def start(self) -> None:
        """Accept connections, in a thread."""
        self._loop.start()

    def stop(self) -> None:
        """Close the port and all connections, and cut off what is waiting or half sent."""
        self.site.stop()
        if self._loop.is_alive():
            self.shutdown()
            self._loop.join()
        self.server_close()
        self._close_connections()

    def _close_connections(self) -> None:
        left = dict(self._connections)
        for connection in left.values():
            with contextlib.suppress(OSError):
                # Of the plain socket: the TLS one's would pull the layer from under its thread.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
        deadline = time.monotonic() + FAREWELL_SECONDS
        for thread in left:
            thread.join(max(0.0, deadline - time.monotonic()))

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection, with TLS laid over it but nothing of it done."""
        connection, address = super().get_request()
        if self._certificates is None or not self.site.tls_at_once():
            return connection, address
        try:
            return self._over_tls(connection, self._certificates), address
        except OSError:
            connection.close()
            raise

    def start_tls(self, connection: socket.socket) -> ssl.SSLSocket:
        """Lay TLS over the connection of this thread, with nothing of it done, and return that."""
        assert self._certificates is not None
        wrapped = self._over_tls(connection, self._certificates)
        self._connections[threading.current_thread()] = wrapped
        return wrapped

    def _over_tls(self, connection: socket.socket, certificates: Certificates) -> ssl.SSLSocket:
        context = certificates.context(self.site.handshake())
        return context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give the connection a thread of its own."""
        thread = threading.Thread(target=self._serve, args=(request, client_address), daemon=True)
        self._connections[thread] = request
        try:
            thread.start()
        except RuntimeError:
            del self._connections[thread]
            raise

    def _serve(self, connection: socket.socket, client_address: Any) -> None:
        try:
            self.finish_request(connection, client_address)
        except OSError as error:
            LOG.debug("%s: connection ended: %s", self.site.name, error)
        except Exception as error:
            LOG.error("%s: connection failed: %r", self.site.name, error)
        finally:
            self.shutdown_request(self._connections.pop(threading.current_thread()))

    def shutdown_request(self, request: Any) -> None:
        """Close a connection as it is; the handler has sent all that is to be sent first."""
        self.close_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log in one line that a connection couldn't even get a thread."""
        LOG.error("%s: a connection could not be served", self.site.name)
