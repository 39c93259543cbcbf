"""The help desk's page: static files that know the portal by its API alone."""

from pathlib import Path

from flask import Blueprint, Flask, Response, jsonify, request

PAGE = Path(__file__).parent / "static" / "index.html"

# Its styles and scripts are files, and what it asks is the API of the same host.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def add_helpdesk(app: Flask, title: str, notice: str) -> None:
    """Give the app the page, at `/`, with its files under `/helpdesk/`; they need no API key.

    `notice` stands above all of it: paragraphs, with Markdown's `**` and backticks.
    """
    helpdesk = Blueprint(
        "helpdesk", __name__, static_folder="static", static_url_path="/helpdesk"
    )

    def page() -> Response:
        """Return the page, which is read each time: it is short, and may be another one now."""
        answer = Response(PAGE.read_bytes(), mimetype="text/html")
        answer.cache_control.no_cache = True
        answer.add_etag()
        answer.make_conditional(request)
        answer.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return answer

    def about() -> Response:
        """Return what the page says of this portal."""
        return jsonify(title=title, notice=notice)

    helpdesk.add_url_rule("/", "page", page)
    helpdesk.add_url_rule("/helpdesk.json", "about", about)
    app.register_blueprint(helpdesk)
