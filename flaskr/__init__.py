"""The lab portal: personal Spaces of a Cisco Meeting Server, provisioned by user ID."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flask import Flask, redirect, request
from flask_restx import Namespace
from werkzeug import Response

from flaskr.access.audit import keep_audit
from flaskr.access.commands import add_access_commands
from flaskr.access.headers import believe_proxies, protect
from flaskr.access.keys import require_api_key
from flaskr.access.sites import refuse_other_sites
from flaskr.api.v1 import NAMESPACES, create_api
from flaskr.api.v1.restx import PREFIX, TITLE
from flaskr.commands import add_commands
from flaskr.compression import compress_answers
from flaskr.config import load_settings
from flaskr.health import add_health
from flaskr.helpdesk import add_helpdesk
from flaskr.log import log_requests
from flaskr.metrics import add_metrics
from flaskr.notifications import add_notifications
from flaskr.provisioning.template import template_of
from flaskr.servers import (
    connect,
    health_checks,
    optional_checks,
    place_checks,
    rest_clients,
    senders,
)

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
MAX_BODY_BYTES = 64 * 1024
MAX_TABLE_BYTES = 32 * 1024 * 1024
# The most bytes of a body by its path, where it is not MAX_BODY_BYTES.
BODY_LIMITS: Mapping[str, int] = {
    f"{PREFIX}/cms/plan": MAX_TABLE_BYTES, f"{PREFIX}/cms/apply": MAX_TABLE_BYTES
}


def create_app(
    settings: Mapping[str, Any] | None = None,
    *,
    project: Path = PROJECT_FOLDER,
    notice: str = "",
    example_userid: str = "",
    namespaces: Sequence[Namespace] = NAMESPACES,
) -> Flask:
    """Return the portal. `notice` stands on both of its pages, in Markdown.

    `namespaces` are what its API has; others than the finished ones are for those who write them.

    `example_userid` is filled in on the Swagger page as the user ID, so it should be made up:
    whoever clicks through that page changes that user's Space.

    `settings` go over those of the environment, over the file `.env`, over `instance/config.py`;
    both files are looked for in the folder `project`. Raises SettingsError where a setting is
    missing or bad.
    """
    app = Flask(__name__, instance_path=str(project.resolve() / "instance"))
    app.config["RESTX_MASK_SWAGGER"] = False
    app.config.update(load_settings(settings or {}, project))
    app.url_map.merge_slashes = False  # the redirect would repeat the Host header
    believe_proxies(app)
    compress_answers(app)
    log_requests(app)
    app.before_request(_limit_body)
    refuse_other_sites(app)
    require_api_key(app, PREFIX)
    keep_audit(app)
    app.extensions.update(connect(app.config))
    app.extensions["senders"] = senders(app.extensions)
    add_metrics(app, rest_clients(app.extensions))
    add_notifications(app, rest_clients(app.extensions))
    app.extensions["template"] = template_of(app.config)
    create_api(app, notice, example_userid, namespaces)
    add_helpdesk(app, TITLE, notice)
    are_numbered = app.extensions["keys"].are_set
    may_fail = {
        **place_checks(app.extensions, are_numbered), **optional_checks(app.extensions)
    }
    add_health(app, health_checks(app.extensions), may_fail)
    add_commands(app)
    add_access_commands(app)
    app.after_request(protect)
    app.add_url_rule(PREFIX, "index", _to_swagger_page)
    return app


def most_body_bytes(path: str) -> int:
    """Return how many bytes a body that is sent to a path may have."""
    return BODY_LIMITS.get(path, MAX_BODY_BYTES)


def _limit_body() -> None:
    """Have a body limited, unless the front has it, whole and limited: it would be copied."""
    if "front.stopping" not in request.environ:
        request.max_content_length = most_body_bytes(request.path)


def _to_swagger_page() -> Response:
    return redirect(f"{PREFIX}/")
