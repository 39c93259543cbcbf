"""What an API key may do: the roles, and which of them an operation takes.

An operation says it in its documentation (`x-role`), which the Swagger page shows: the check reads
the same. One that says nothing is an admin's.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple

from flask import current_app, g, request
from werkzeug.exceptions import Forbidden

ROLE = "x-role"
DRY_RUN, FORCE = "dry_run", "force"  # the parameters by which an operation takes another role


class KeyRole(str, Enum):
    """What a key may do; each may do what those before it may."""

    READER = "reader"  # ask, plan, and run dry
    HELPDESK = "helpdesk"  # change one user's Space, but not delete it
    ADMIN = "admin"

    def may(self, needed: "KeyRole") -> bool:
        """Return whether this role is enough where another one is needed."""
        order = list(KeyRole)
        return order.index(self) >= order.index(needed)


class Caller(NamedTuple):
    """Who sent a request: the name of the key, its role, and the address."""

    name: str
    role: KeyRole
    address: str


class RoleNotAllowed(Forbidden):
    """The key is right, but its role may not do this."""

    error_code = "role_not_allowed"

    def __init__(self, what: str, needed: KeyRole, caller: Caller) -> None:
        super().__init__(
            f'{what} takes a key with the role {needed.value}; the key "{caller.name}" has the '
            f"role {caller.role.value}. Nothing was done."
        )


class Taken(NamedTuple):
    """The roles that an operation takes: as it is, dry, and forced."""

    usual: KeyRole
    dry: KeyRole
    forced: KeyRole

    def role(self, is_dry: bool, is_forced: bool) -> KeyRole:
        """Return the role that a request takes."""
        return self.dry if is_dry else self.forced if is_forced else self.usual


def taken_by(documentation: Mapping[str, Any]) -> Taken:
    """Return which roles an operation takes by its documentation."""
    usual = KeyRole(documentation.get("vendor", {}).get(ROLE, KeyRole.ADMIN))
    parameters = documentation.get("params", {})
    dry = KeyRole.READER if DRY_RUN in parameters else usual
    forced = KeyRole.ADMIN if FORCE in parameters else usual
    return Taken(usual, dry, forced)


def caller() -> Caller:
    """Return who sent the request."""
    found: Caller = g.caller
    return found


def check_role() -> None:
    """Refuse a request that the caller's role may not send, whatever is in it (403).

    Where it may run it dry, `check_change` has the last word. What does not exist is left to those
    who say so.
    """
    if request.url_rule is not None and request.method != "OPTIONS":
        _check(_taken().dry)


def check_change(is_dry: bool, is_forced: bool = False) -> None:
    """Refuse a change that the caller's role may not make (403); call it before each."""
    what = f"{request.method} with {FORCE}=true" if is_forced else request.method
    _check(_taken().role(is_dry, is_forced), what)


def _check(needed: KeyRole, what: str = "") -> None:
    who = caller()
    if not who.role.may(needed):
        raise RoleNotAllowed(f"{what or request.method} here", needed, who)


def _taken() -> Taken:
    view = current_app.view_functions[request.endpoint or ""]
    method = "get" if request.method == "HEAD" else request.method.lower()
    function = getattr(getattr(view, "view_class", None), method, None)
    return taken_by(getattr(function, "__apidoc__", {}))
