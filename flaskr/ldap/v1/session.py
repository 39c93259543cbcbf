"""A session with a directory: secured, bound, asked, closed. The protocol is ldap3's."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from errno import ECONNRESET
from typing import Any, NamedTuple

from flaskr.ldap.v1.wire import NOT_LDAP, NotConnected, Wire
from flaskr.rest.v1.errors import UnreadableAnswer

with warnings.catch_warnings():
    # ldap3 2.9.1 uses names of pyasn1 that have others since; it is fixed there, and not released.
    warnings.filterwarnings("ignore", r"(tagMap|typeMap) is deprecated", DeprecationWarning)
    import ldap3
    from ldap3.core.exceptions import LDAPExceptionError, LDAPSessionTerminatedByServerError
    from ldap3.operation.search import parse_filter

# The operations, with the type of answer that each must have.
START_TLS, BIND, SEARCH = "StartTLS", "bind", "search"
_ANSWERS = {START_TLS: "extendedResp", BIND: "bindResponse", SEARCH: "searchResDone"}
_START_TLS_OID = "1.3.6.1.4.1.1466.20037"  # RFC 4511, section 4.14.1
PAGED = "1.2.840.113556.1.4.319"  # RFC 2696
SUCCESS, NOTHING_MORE = 0, b""

Entry = Mapping[str, Sequence[bytes]]  # the values of each attribute, by its name in any case


class Refused(Exception):
    """A result of the directory that is no success: in `operation`, by its code and its text."""

    def __init__(self, operation: str, code: int, text: str) -> None:
        super().__init__(f"{operation}: {code} {text}")
        self.operation = operation
        self.code = code
        self.text = text


class Found(NamedTuple):
    """What a search found: entries, and what to send for those that follow; empty at the end."""

    entries: list[Entry]
    cookie: bytes = NOTHING_MORE


class Session:
    """One session, used by one thread, in which nothing is followed elsewhere.

    Its methods raise Refused, OSError (TimeoutError is one), and UnreadableAnswer for what is
    no LDAP.
    """

    def __init__(self, wire: Wire, username: str | None, password: str | None) -> None:
        self._wire = wire
        # As bytes the password goes out as it is written; ldap3 would prepare a text (RFC 4013).
        secret: Any = password.encode() if password else None
        self._connection = ldap3.Connection(
            ldap3.Server("localhost", get_info=ldap3.NONE),  # it has the name alone of that
            username, secret,
            auto_referrals=False, auto_range=False, check_names=False, auto_escape=False,
            return_empty_attributes=False,
        )
        # It finds the connection made: its own knows neither our trust nor our time limit.
        connection: Any = self._connection
        connection.socket = wire
        connection.closed = False
        connection.listening = True
        connection.strategy._outstanding = {}

    def allow(self, deadline: float) -> None:
        """Have the next answer come until that moment of the monotonic clock."""
        self._wire.allow(deadline)

    def ask_for_tls(self) -> None:
        """Have the directory begin TLS after this. Raises NotConnected for OSError."""
        try:
            with self._explaining():
                self._connection.extended(_START_TLS_OID)
        except OSError as error:
            raise NotConnected(error) from error
        self._check(START_TLS)

    def bind(self) -> None:
        """Say who asks."""
        with self._explaining():
            self._connection.bind(read_server_info=False)
        self._check(BIND)

    def search(
        self,
        base: str,
        text: str,
        attributes: Sequence[str],
        *,
        size_limit: int = 0,
        page: int | None = None,
        cookie: bytes = NOTHING_MORE,
        base_alone: bool = False,
    ) -> Found:
        """Return the entries under a base that a filter fits, with these attributes.

        So many a `page`, or `size_limit` at the most: Refused where there are more.
        """
        scope: Any = ldap3.BASE if base_alone else ldap3.SUBTREE
        with self._explaining():
            self._connection.search(
                base, text, scope, ldap3.DEREF_NEVER, attributes=list(attributes),
                size_limit=size_limit, paged_size=page, paged_cookie=cookie or None,
            )
            entries = [
                each["raw_attributes"] for each in self._connection.response or ()
                if each["type"] == "searchResEntry"
            ]
            following = self._cookie()
        self._check(SEARCH)
        return Found(entries, following)

    def close(self) -> None:
        """End it, whatever its state."""
        if self._connection.bound:
            with suppress(Exception):
                self._connection.unbind()
        self._wire.close()

    def _cookie(self) -> bytes:
        controls = self._connection.result.get("controls") or {}
        cookie: bytes = controls[PAGED]["value"]["cookie"] if PAGED in controls else NOTHING_MORE
        return cookie

    def _check(self, operation: str) -> None:
        result = self._connection.result
        if result["type"] != _ANSWERS[operation]:
            raise UnreadableAnswer(NOT_LDAP)
        if result["result"] != SUCCESS:
            raise Refused(operation, result["result"], str(result["message"]))

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        """Raise what went wrong on the wire; ldap3 raises anything for what is no LDAP."""
        try:
            yield
        except Exception as error:
            if self._wire.error:
                raise self._wire.error from None
            if isinstance(error, LDAPSessionTerminatedByServerError):
                raise ConnectionResetError(ECONNRESET, os.strerror(ECONNRESET)) from None
            raise UnreadableAnswer(NOT_LDAP) from error


def check_filter(text: str) -> None:
    """Raise ValueError for a text that is no filter."""
    parse: Any = parse_filter
    try:
        parse(text, None, auto_escape=False, auto_encode=True, validator=None, check_names=False)
    except (LDAPExceptionError, IndexError, AttributeError):
        raise ValueError(text) from None
