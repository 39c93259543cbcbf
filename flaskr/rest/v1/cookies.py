"""Cookies: none, but for the few that a client's server can't do without."""

from collections.abc import Collection
from http.cookiejar import Cookie, DefaultCookiePolicy
from typing import Any

from requests import PreparedRequest, Response
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar

MAX_COOKIES = 4
MAX_COOKIE_BYTES = 4096  # what every client should be able to keep (RFC 6265, section 6.1)


class Cookies(RequestsCookieJar):
    """The cookies of a client: only those with the names given, none too large, and few.

    A server can set cookies of one name for many paths, so the number of names bounds nothing:
    after too many, the client forgets all and starts again.
    """

    def __init__(self, names: Collection[str]) -> None:
        super().__init__(_Policy(names))
        self._wanted = bool(names)

    def keep(self, request: PreparedRequest, response: Response) -> None:
        """Keep what an answer sets, as far as it is wanted."""
        if not self._wanted:
            return
        extract_cookies_to_jar(self, request, response.raw)
        if len(self) > MAX_COOKIES:
            self.clear()


class _Policy(DefaultCookiePolicy):
    def __init__(self, names: Collection[str]) -> None:
        super().__init__()
        self._names = names

    def set_ok(self, cookie: Cookie, request: Any) -> bool:
        size = len(cookie.name) + len(cookie.value or "") + len(cookie.path)
        wanted = cookie.name in self._names and size <= MAX_COOKIE_BYTES
        return wanted and super().set_ok(cookie, request)
