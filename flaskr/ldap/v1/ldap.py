"""The client of a directory that speaks LDAP: Active Directory, OpenLDAP."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, closing
from functools import partial
from typing import TypeVar

from flaskr.fields import Values
from flaskr.ldap.v1.attributes import (
    MOST_NAMES,
    PRESETS,
    USERID,
    all_of,
    any_of,
    begins,
    equals,
    user_of,
)
from flaskr.ldap.v1.refusals import SIZE_LIMIT_EXCEEDED, explain_refusal
from flaskr.ldap.v1.session import SUCCESS, Found, Refused, Session, check_filter
from flaskr.ldap.v1.wire import NotConnected, Wire
from flaskr.rest.v1.attempts import persist
from flaskr.rest.v1.calls import Call
from flaskr.rest.v1.errors import (
    CHECK_API,
    UNREADABLE,
    Explanation,
    UnreadableAnswer,
    explain,
    explain_connecting,
)
from flaskr.rest.v1.paging import MAX_PAGES, Page
from flaskr.rest.v1.server_client import ServerClient
from flaskr.rest.v1.transport import tls_context
from flaskr.result import Failure, Outcome, Reason, UserResult, user_result
from flaskr.spelling import are_same, comparison_key, forms

LDAPS, START_TLS = "ldaps", "starttls"
PORTS = {LDAPS: 636, START_TLS: 389}
PAGE = 500  # entries; Active Directory sends 1000 at the most
MOST_LIKE_ONE = 20  # entries that a directory may take for those of one user ID
T = TypeVar("T")
_ANYTHING = "(objectClass=*)"
_USERS, _BASE = (Call("SEARCH", what, is_query=True) for what in ("users", "base"))
_AGAIN = (Reason.BUSY, Reason.UNREACHABLE)


class BadFilter(ValueError):
    """The filter of the users is none."""


class LDAP(ServerClient):
    """A client of one directory, over TLS alone, safe to use from many threads.

    Each call has a connection of its own, which is closed after it. `tls` is `ldaps`, or `starttls`
    on the port for LDAP; `port` is the usual one where it is None. `username` is a DN, or in Active
    Directory `user@domain` or `DOMAIN\\user`; without one, the search is anonymous. Users are the
    entries under `base` that the filter of the `preset` fits, or `user_filter`; `attributes` says
    in which attribute a field stands, where that is not as in the preset. Raises BadFilter, and
    OSError for a `tls_verify` that is not a CA bundle. `timeout` is in seconds and bounds a call as
    a whole: connecting, TLS, the log-in, the search, and retries.
    """

    title = "LDAP"
    settings_prefix = "LDAP"
    timeout_setting = "PORTAL_TIMEOUT"

    def __init__(
        self,
        host: str,
        username: str | None = None,
        password: str | None = None,
        port: int | None = None,
        *,
        base: str,
        tls: str = LDAPS,
        preset: str = "ad",
        user_filter: str | None = None,
        attributes: Mapping[str, str] | None = None,
        tls_verify: bool | str = True,
        timeout: float = 10.0,
    ) -> None:
        super().__init__(host, port or PORTS[tls], timeout)
        if username and not password:
            raise ValueError("without a password, the log-in would be an anonymous one")
        self._credentials = username, password
        self._starts_tls = tls == START_TLS
        self._context = tls_context(tls_verify)
        self._base = base
        own = {field: (name,) for field, name in (attributes or {}).items()}
        self._attributes = {**PRESETS[preset].attributes, **own}
        self._names = sorted({name for names in self._attributes.values() for name in names})
        self._userid = self._attributes[USERID]
        self._users = all_of([user_filter or PRESETS[preset].filter, f"({self._userid[0]}=*)"])
        try:
            check_filter(self._users)
        except ValueError:
            raise BadFilter(user_filter) from None

    def get_user(self, userid: str) -> UserResult:
        """Return the response dictionary with the user whose user ID this is, and `num_found`.

        `response` is the user's fields by the names of UDS, and `disabled`, where the directory
        says that. Where there is no such user, `success` is true too.
        """
        found = f'The directory has a user with the ID "{userid}".'
        return user_result(lambda: Outcome(found, self.find_user(userid)))

    def find_user(self, userid: str) -> Values:
        """Return the fields of the user whose user ID this is. Raises Failure, also for no user.

        IDs are compared as `comparison_key` says: directories take more for the same. Where
        several users have it, the Failure's reason is AMBIGUOUS_USER.
        """
        asked = any_of([equals(self._userid, form) for form in forms(userid)])
        wanted = comparison_key(userid)
        found = [user for user in self._like(userid, asked) if _key(user) == wanted]
        if len(found) > 1:
            raise _ambiguous(userid)
        if not found:
            message = f'The directory has no user with the ID "{userid}".'
            raise Failure(Reason.NO_SUCH_USER, message)
        return found[0]

    def users(self, text: str = "", department: str = "") -> Iterator[Values]:
        """Yield the users as they are read, a page at a time. Raises Failure.

        `text` leaves those whose user ID it is, or one of whose names or whose telephone number
        begins with it; `department` those of that department. Two users may have one ID.
        """
        asked = [*self._narrowed_to(text), *self._of(department)]
        for user in self._walk(all_of([self._users, *asked])):
            if not department or are_same(user.get("department", ""), department):
                yield user

    def users_page(self, offset: int, limit: int) -> Page:
        """Return so many users from a place on, in the order of the directory. Raises Failure.

        LDAP can't begin in the middle, nor count: all of them are read.
        """
        entries: list[dict[str, str]] = []
        total = 0
        for total, user in enumerate(self._walk(self._users), 1):
            if offset < total <= offset + limit:
                entries.append(user)
        return Page(offset, total, entries)

    def get_version(self) -> str:
        """Return the version of LDAP that it speaks. Raises Failure.

        It logs in, and reads the entry that users are looked for under.
        """
        self._ask(_BASE, partial(self._once, text=_ANYTHING, base_alone=True))
        return "3"

    def _narrowed_to(self, text: str) -> list[str]:
        if not text:
            return []
        names = [name for field in MOST_NAMES for name in self._attributes.get(field, ())]
        narrow = [equals(self._userid, text), begins(names, text)]
        if any(map(str.isdecimal, text)):
            narrow.append(begins(self._attributes["phoneNumber"], text))
        return [any_of(narrow)]

    def _of(self, department: str) -> list[str]:
        """Return what narrows the search to a department: a field may stand in other attributes."""
        return [equals(self._attributes["department"], department)] if department else []

    def _like(self, userid: str, asked: str) -> list[dict[str, str]]:
        """Return the users that the directory takes for that of a user ID."""
        found = self._ask(_USERS, partial(self._few, text=all_of([self._users, asked])))
        if found is None:
            raise _ambiguous(userid)
        return self._users_of(found)

    def _walk(self, text: str) -> Iterator[dict[str, str]]:
        """Yield the users that a filter fits, page after page, in one session."""
        session, found = self._ask(_USERS, partial(self._begin, text=text))
        with closing(session):
            for _ in range(MAX_PAGES):
                yield from self._users_of(found)
                if not found.cookie:
                    return
                go_on = partial(self._go_on, session, text, found.cookie)
                found = self._ask(_USERS, go_on, again=())
        raise self._failure(
            _USERS, Reason.UNREADABLE, f"the list goes on after {MAX_PAGES} pages. {CHECK_API}"
        )

    def _users_of(self, found: Found) -> list[dict[str, str]]:
        users = [user_of(self._attributes, entry) for entry in found.entries]
        if not all(user[USERID] for user in users):
            wrong = f"an entry has no {self._userid[0]}, which was asked for"
            raise self._failure(_USERS, *UNREADABLE, wrong)
        return users

    def _few(self, deadline: float, *, text: str) -> Found | None:
        """Return what a search for one user found, None where that is too much for one."""
        try:
            return self._once(deadline, text=text, size_limit=MOST_LIKE_ONE)
        except Refused as refused:
            if refused.code != SIZE_LIMIT_EXCEEDED:
                raise
            return None

    def _once(
        self, deadline: float, *, text: str, size_limit: int = 0, base_alone: bool = False
    ) -> Found:
        """Return what a session found that was opened for one search."""
        with closing(self._open(deadline)) as session:
            return session.search(
                self._base, text, self._names, size_limit=size_limit, base_alone=base_alone
            )

    def _begin(self, deadline: float, *, text: str) -> tuple[Session, Found]:
        """Return a session and the first page that it found."""
        with ExitStack() as stack:
            session = stack.enter_context(closing(self._open(deadline)))
            found = session.search(self._base, text, self._names, page=PAGE)
            stack.pop_all()
        return session, found

    def _go_on(self, session: Session, text: str, cookie: bytes, deadline: float) -> Found:
        """Return the next page. It is asked for once: a cookie may be good for one answer alone."""
        session.allow(deadline)
        return session.search(self._base, text, self._names, page=PAGE, cookie=cookie)

    def _open(self, deadline: float) -> Session:
        """Return a session, secured before anyone says who asks."""
        with ExitStack() as stack:
            wire = stack.enter_context(closing(Wire(self.places[0], deadline)))
            session = Session(wire, *self._credentials)
            if self._starts_tls:
                session.ask_for_tls()
            wire.secure(self._context, self.host)
            session.bind()
            stack.pop_all()
        return session

    def _ask(
        self, call: Call, work: Callable[[float], T], again: Collection[Reason] = _AGAIN
    ) -> T:
        """Return what came of asking, `again` for these reasons. Raises Failure."""
        deadline = time.monotonic() + self.timeout
        attempt = partial(self._attempt, call, work, deadline)
        answer = persist(call, attempt, deadline, again, self._note_retry)
        if isinstance(answer, Failure):
            raise answer
        return answer

    def _attempt(self, call: Call, work: Callable[[float], T], deadline: float) -> T | Failure:
        """Return what came of asking once. The status that is noted is LDAP's result."""
        start, status = time.monotonic(), str(SUCCESS)
        try:
            return work(deadline)
        except (Refused, NotConnected, OSError, UnreadableAnswer) as error:
            (reason, text), cause = _explain(error)
            status = reason.value
            if isinstance(error, Refused) and reason is not Reason.BUSY:
                status = str(error.code)
            return self._failure(call, reason, text, cause)
        finally:
            self._note_call(call, status, start)


def _explain(error: Exception) -> tuple[Explanation, str]:
    if isinstance(error, Refused):
        return explain_refusal(error)
    return explain_connecting(error.cause) if isinstance(error, NotConnected) else explain(error)


def _key(user: Values) -> str:
    return comparison_key(user[USERID])


def _ambiguous(userid: str) -> Failure:
    message = (
        f'The directory has several users with the ID "{userid}", or takes them for one, so that '
        "nobody can say who is meant. Have them corrected, or narrow LDAP_BASE or LDAP_FILTER."
    )
    return Failure(Reason.AMBIGUOUS_USER, message)
