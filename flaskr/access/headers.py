"""Headers: the caller's address from trusted proxies, and the security headers of answers."""

from urllib.parse import urlsplit

from flask import Flask, Response
from werkzeug.middleware.proxy_fix import ProxyFix

PROTECTION = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def believe_proxies(app: Flask) -> None:
    """Take the caller's address from the proxies that are known to stand before the portal."""
    if app.config["PORTAL_PROXIES"]:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=app.config["PORTAL_PROXIES"], x_proto=0
        )


def protect(answer: Response) -> Response:
    """Tell browsers to keep no answer, guess no types, show nothing in frames, and load nothing.

    Redirects stay on this host, whatever name the request had for it.
    """
    if answer.location:
        target = urlsplit(answer.location)._replace(scheme="", netloc="")
        answer.location = "/" + target.geturl().lstrip("/")
    for name, value in PROTECTION.items():
        answer.headers.setdefault(name, value)
    return answer
