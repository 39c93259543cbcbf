"""Protection against pages of other sites: unknown hosts and cross-site requests are refused.

A page of another site can send forms to the portal through the browser of someone who can reach it.
With DNS rebinding, which points the page's own host name at the portal, it can read answers too.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Flask, current_app, request
from werkzeug.exceptions import Forbidden

from flaskr.access.keys import are_keys_set

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# What Sec-Fetch-Site says for the portal's own page, and for a person who types the address.
OWN_PAGE_OR_PERSON = ("same-origin", "none")


class UnknownHost(Forbidden):
    """The portal was called by a name that is not known to be its own."""

    error_code = "unknown_host"


class OtherSite(Forbidden):
    """A page of another site asked for a change."""

    error_code = "other_site"


def refuse_other_sites(app: Flask) -> None:
    """Have the app refuse (403) what a page of another site has a browser send."""
    app.before_request(_check_host)
    app.before_request(_check_site)


def _check_host() -> None:
    """Refuse a host that is not known to be the portal's, where no API key keeps pages out.

    A script that speaks HTTP/1.0 may name none; a browser always does.
    """
    name = _name(request.environ.get("HTTP_HOST", ""))
    if not name or _is_ours(name) or are_keys_set():
        return
    raise UnknownHost(
        f'"{name[:100]}" is not known as a name of this portal. Whoever runs it can add it with '
        "PORTAL_HOSTS, or make API keys."
    )


def _is_ours(name: str) -> bool:
    """Return whether a name is the portal's: told by PORTAL_HOSTS, loopback, or its address."""
    told: tuple[str, ...] = current_app.config["PORTAL_HOSTS"] or ()
    return name in ("localhost", request.environ["SERVER_NAME"], *told) or _is_loopback(name)


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _name(host: str) -> str:
    """Return the name in a Host header, without port and brackets, in lower case."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return host


def _check_site() -> None:
    """Refuse to change anything for a page of another site.

    Browsers say whose page asks in Sec-Fetch-Site, which no page can set, and older ones in Origin
    (W3C Fetch Metadata). What says neither is not a browser.
    """
    if request.method in SAFE_METHODS or not _is_cross_site():
        return
    raise OtherSite(
        "Your browser says that a page of another site asked for this, so nothing was changed. Use "
        "the portal's own page, or a program that is not a browser."
    )


def _is_cross_site() -> bool:
    relation = request.headers.get("Sec-Fetch-Site")
    if relation is not None:
        return relation not in OWN_PAGE_OR_PERSON
    origin = request.headers.get("Origin")
    return origin is not None and not _is_own_origin(origin)


def _is_own_origin(origin: str) -> bool:
    """Return whether an origin is the host of the request; a proxy may have taken TLS off it."""
    scheme, separator, host = origin.partition("://")
    default = {"http": ":80", "https": ":443"}.get(scheme, "")
    asked = request.host.lower().removesuffix(default)
    return bool(separator) and host.lower().removesuffix(default) == asked
