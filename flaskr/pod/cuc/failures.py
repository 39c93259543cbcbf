"""How a Unity Connection says that it can't do what is asked.

Of its codes only those for a PIN and for LDAP are known; the others are made up, and of no use to
a client but to be shown.
"""

from __future__ import annotations

INVALID = "INVALID_PARAMETER"
IN_USE = "ALREADY_EXISTS"
UNKNOWN = "OBJECT_NOT_FOUND"
BAD_PIN = "IMS_ERROR"
NO_LDAP = "LDAP_DIRECTORY_SYNCH_NOT_ACTIVATED"


class CucFailure(Exception):
    """A request that is refused with a status, and a code and message in the body."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def unknown_object(what: str) -> CucFailure:
    """Return the failure for an object that doesn't exist."""
    return CucFailure(UNKNOWN, f"{what} does not exist.", 404)
