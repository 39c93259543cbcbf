"""The sessions of a Unity Connection, by the cookies that it sets at each log-in."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

# The cookie that a session is known by, and the paths of all cookies that come with it.
SESSION = "JSESSIONIDSSO"
PATHS = {SESSION: "/", "JSESSIONID": "/vmrest/", "REQUEST_TOKEN_KEY": "/"}


@dataclass
class CucSessions:
    """When each session was last used, by its ID; the one that was used last comes last."""

    used: dict[str, float] = field(default_factory=dict)

    def resume(self, cookies: Mapping[str, str], lifetime: float) -> bool:
        """Return whether the cookies are those of a session that hasn't ended yet."""
        self._end_idle(lifetime)
        known = self.used.pop(cookies.get(SESSION, ""), None) is not None
        if known:
            self.used[cookies[SESSION]] = time.monotonic()
        return known

    def begin(self) -> Mapping[str, str]:
        """Begin a session and return its cookies."""
        cookies = {name: secrets.token_hex(16).upper() for name in PATHS}
        self.used[cookies[SESSION]] = time.monotonic()
        return cookies

    def _end_idle(self, lifetime: float) -> None:
        since = time.monotonic() - lifetime
        while self.used and next(iter(self.used.values())) < since:
            del self.used[next(iter(self.used))]
