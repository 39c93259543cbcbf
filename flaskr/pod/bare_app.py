"""The Flask app of a simulated server."""

from __future__ import annotations

from flask import Flask


def bare_app(name: str) -> Flask:
    """Return an app that answers only what it is told to: no files, no OPTIONS, no redirects."""
    app = Flask(name, static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False
    return app
