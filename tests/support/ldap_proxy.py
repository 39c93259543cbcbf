"""What stands between a portal and a directory and goes wrong: a fault for each kind of message."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import NamedTuple

from support import ber

from flaskr.pod.wire.certificates import Certificates

HUGE = 6 * 1024 * 1024
_HTTP = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html><h1>Bad Request</h1>"
_OPERATIONS = {ber.BIND: "bind", ber.SEARCH: "search", ber.EXTENDED: "starttls"}


class Fault(NamedTuple):
    """What goes wrong with the answers to one operation, from the `skip`-th on, so often."""

    name: str
    value: str
    operation: str
    skip: int = 0
    times: int = 1_000


class LdapProxy:
    """Takes connections with TLS, or with StartTLS, in the place of a directory behind it."""

    def __init__(self, certificates: Certificates, port_behind: int) -> None:
        self._certificates = certificates
        self.ca_file = str(certificates.ca_file)
        self._port_behind = port_behind
        self._stopped = threading.Event()
        self._connections: list[socket.socket] = []
        self._listeners = {
            way: socket.create_server(("127.0.0.1", 0)) for way in ("ldaps", "starttls")
        }
        self.ports = {way: int(each.getsockname()[1]) for way, each in self._listeners.items()}
        self.reset()
        for way, listener in self._listeners.items():
            threading.Thread(target=self._accept, args=(way, listener), daemon=True).start()

    def reset(self) -> None:
        """Have nothing go wrong, and forget what came."""
        self.faults: list[Fault] = []
        self.handshake = "normal"
        self.asked: list[bytes] = []  # the requests, of all connections
        self.in_clear: list[bytes] = []  # those among them that came without TLS
        self._counts = {operation: count() for operation in _OPERATIONS.values()}

    def add(self, wording: str, operation: str, skip: int = 0, times: int = 1_000) -> None:
        """Add a fault, such as `cut=0.5`, to the answers to an operation."""
        name, _, value = wording.partition("=")
        self.faults.append(Fault(name, value, operation, skip, times))

    def stop(self) -> None:
        self._stopped.set()
        for each in (*self._listeners.values(), *self._connections):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self, way: str, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                self._connections.append(connection)
                arguments = (way, connection)
                threading.Thread(target=self._serve, args=arguments, daemon=True).start()

    def _serve(self, way: str, connection: socket.socket) -> None:
        behind = socket.create_connection(("127.0.0.1", self._port_behind))
        with contextlib.suppress(OSError, ValueError), connection, behind:
            if way == "starttls":
                if not self._starts_tls(connection):
                    return
            elif self.handshake == "cut":
                return
            elif self.handshake == "silent":
                self._stopped.wait(30)
                return
            context = self._certificates.context(self.handshake)
            with context.wrap_socket(connection, server_side=True) as secure:
                self._relay(secure, behind)

    def _starts_tls(self, connection: socket.socket) -> bool:
        """Answer the request for TLS; return whether it begins."""
        asked = next(ber.messages(connection))
        self.in_clear.append(asked)
        answer = ber.message(ber.number_of(asked), ber.result(ber.ANSWERED, 0))
        fault = self._fault("starttls")
        if fault:
            self._send(connection, fault, asked, [answer])
        else:
            connection.sendall(answer)
        return fault is None

    def _relay(self, secure: ssl.SSLSocket, behind: socket.socket) -> None:
        answers = ber.messages(behind)
        for asked in ber.messages(secure):
            self.asked.append(asked)
            behind.sendall(asked)
            operation = ber.operation_of(asked)
            if operation == ber.UNBIND:
                return
            whole = list(_until_result(answers))
            fault = self._fault(_OPERATIONS[operation])
            if fault is None:
                secure.sendall(b"".join(whole))
            elif not self._send(secure, fault, asked, whole):
                return

    def _fault(self, operation: str) -> Fault | None:
        number = next(self._counts[operation])
        return next((
            fault for fault in self.faults
            if fault.operation == operation and 0 <= number - fault.skip < fault.times
        ), None)

    def _send(
        self, connection: socket.socket, fault: Fault, asked: bytes, whole: Sequence[bytes]
    ) -> bool:
        """Send an answer as a fault has it; return whether the connection stays."""
        number, text = ber.number_of(asked), b"".join(whole)
        changed = _CHANGED.get(fault.name)
        if changed:
            connection.sendall(changed(number, whole, fault.value))
            return True
        if fault.name == "late":
            self._stopped.wait(float(fault.value))
        elif fault.name == "slow":
            self._drip(connection, text, float(fault.value))
            return True
        elif fault.name == "endless":
            while True:
                connection.sendall(ber.message(number, ber.entry("cn=x", {"cn": ["x" * 100_000]})))
        else:
            connection.sendall(text[:int(len(text) * float(fault.value or 0))])
            if fault.name == "reset":
                linger = struct.pack("ii", 1, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        return False

    def _drip(self, connection: socket.socket, text: bytes, seconds: float) -> None:
        for byte in text:
            connection.sendall(bytes([byte]))
            if self._stopped.wait(seconds):
                return


def _until_result(answers: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the messages that answer one request: all that come until the result."""
    for answer in answers:
        yield answer
        if ber.operation_of(answer) not in (ber.ENTRY, ber.REFERENCE):
            return


def _result(number: int, whole: Sequence[bytes], value: str) -> bytes:
    """Return a result in the place of an answer, `49 text` with that code and text."""
    code, _, text = value.partition(" ")
    return ber.message(number, ber.result(_tag(whole), int(code), text))


def _part(number: int, whole: Sequence[bytes], value: str) -> bytes:
    """Return what was found, with a result that says that it is not all."""
    return b"".join(whole[:-1]) + _result(number, whole, value)


def _with_references(number: int, whole: Sequence[bytes], value: str) -> bytes:
    reference = ber.message(number, ber.reference("ldap://127.0.0.1:9/dc=elsewhere"))
    return reference + b"".join(reference + each for each in whole)


def _tag(whole: Sequence[bytes]) -> int:
    return ber.operation_of(whole[-1])


def _huge(number: int, whole: Sequence[bytes], value: str) -> bytes:
    return ber.message(number, ber.entry("cn=huge", {"cn": ["x" * HUGE]}))


_CHANGED: dict[str, Callable[[int, Sequence[bytes], str], bytes]] = {
    "result": _result,
    "part": _part,
    "references": _with_references,
    "huge": _huge,
    "http": lambda number, whole, value: _HTTP,
    "garbage": lambda number, whole, value: bytes(range(256)) * 4,
    "empty": lambda number, whole, value: b"\x30\x01\x00",
    "nested": lambda number, whole, value: ber.message(number, ber.nested(5_000)),
    "other_id": lambda number, whole, value: ber.message(number + 1, ber.result(_tag(whole), 0)),
    "other_operation": lambda number, whole, value: ber.message(number, ber.result(0x6B, 0)),
    "length": lambda number, whole, value: b"\x30\x88" + b"\x7f" * 8 + b"x" * HUGE,
    "notice": lambda number, whole, value: ber.notice_of_disconnection(),
    "no_id": lambda number, whole, value: ber.message(
        number, ber.entry("cn=x", {"cn": ["x"]})
    ) + whole[-1],
    "same_page": lambda number, whole, value: b"".join(whole[:-1]) + ber.message(
        number, ber.result(ber.DONE, 0), ber.page_control(b"again")
    ),
}


@contextlib.contextmanager
def running_ldap_proxy(port_behind: int) -> Iterator[LdapProxy]:
    """Run one until the block ends; it is asked with the names of the pod's certificates."""
    certificates = Certificates()
    proxy = LdapProxy(certificates, port_behind)
    try:
        yield proxy
    finally:
        proxy.stop()
        certificates.remove()
