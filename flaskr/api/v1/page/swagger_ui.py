"""The Swagger page: Swagger UI over the portal's openapi.json, with nothing from elsewhere."""

from importlib.resources import files

from flask import Response, make_response, render_template, send_from_directory

SWAGGER_UI = str(files("flask_swagger_ui") / "dist")
CACHE_SECONDS = 3600

# Swagger UI has its icons in data: URLs; everything else is a file here.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def swagger_page(title: str) -> Response:
    """Return the page."""
    page = make_response(render_template("swagger.html", title=title))
    page.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return page


def swagger_ui_file(filename: str) -> Response:
    """Return a file of Swagger UI."""
    return send_from_directory(SWAGGER_UI, filename, max_age=CACHE_SECONDS)
