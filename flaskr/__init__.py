"""The lab portal: personal Spaces of a Cisco Meeting Server, provisioned by user ID."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from urllib.parse import urlsplit

from flask import Config, Flask, Response, redirect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as BaseResponse

from flaskr.access.keys import require_api_key
from flaskr.access.sites import refuse_other_sites
from flaskr.api.v1 import PREFIX, create_api
from flaskr.cms.v1.cms import CMS
from flaskr.config import SettingsError, load_settings
from flaskr.health import add_health
from flaskr.log import log_requests
from flaskr.uds.v1.uds import UDS

PROJECT_FOLDER = Path(__file__).resolve().parent.parent
MAX_BODY_BYTES = 64 * 1024
PROTECTION = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def create_app(
    settings: Mapping[str, Any] | None = None,
    *,
    project: Path = PROJECT_FOLDER,
    notice: str = "",
    example_userid: str = "",
) -> Flask:
    """Return the portal. `notice` stands on its Swagger page, in Markdown.

    `example_userid` is filled in there as the user ID, so it should be made up: whoever clicks
    through the page changes that user's Space.

    `settings` go over those of the environment, over the file `.env`, over `instance/config.py`;
    both files are looked for in the folder `project`. Raises SettingsError where a setting is
    missing or bad.
    """
    app = Flask(__name__, instance_path=str(project.resolve() / "instance"))
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.config["RESTX_MASK_SWAGGER"] = False
    app.config.update(load_settings(settings or {}, project / ".env", _instance_settings(app)))
    app.url_map.merge_slashes = False  # the redirect would repeat the Host header
    _believe_proxies(app)
    log_requests(app)
    _warn_of_open_door(app)
    refuse_other_sites(app)
    require_api_key(app, PREFIX)
    app.extensions["cms"] = _connect_cms(app)
    app.extensions["uds"] = _connect_uds(app)
    create_api(app, notice, example_userid)
    add_health(app)
    app.after_request(_protect)
    app.add_url_rule("/", "index", _to_swagger_page)
    app.add_url_rule(PREFIX, "index", _to_swagger_page)
    return app


def _instance_settings(app: Flask) -> Mapping[str, Any]:
    instance = Config(app.instance_path)
    try:
        instance.from_pyfile("config.py", silent=True)
    except (Exception, SystemExit) as error:
        raise SettingsError(f"instance/config.py can't be read as Python: {error}.") from None
    return instance


def _connect_cms(app: Flask) -> CMS:
    setting = app.config
    with _trusting("CMS_TLS_VERIFY", app):
        return CMS(
            setting["CMS_HOSTNAME"],
            setting["CMS_USERNAME"],
            setting["CMS_PASSWORD"],
            setting["CMS_PORT"],
            parallel=setting["PORTAL_CMS_PARALLEL"],
            tls_verify=setting["CMS_TLS_VERIFY"],
            timeout=setting["PORTAL_TIMEOUT"],
        )


def _connect_uds(app: Flask) -> UDS:
    setting = app.config
    with _trusting("CUCM_TLS_VERIFY", app):
        return UDS(
            setting["CUCM_HOSTNAME"],
            setting["CUCM_USERNAME"],
            setting["CUCM_PASSWORD"],
            setting["CUCM_PORT"],
            tls_verify=setting["CUCM_TLS_VERIFY"],
            timeout=setting["PORTAL_TIMEOUT"],
        )


@contextmanager
def _trusting(name: str, app: Flask) -> Iterator[None]:
    """Warn where the setting switches verification off, and refuse a bundle that is none."""
    if app.config[name] is False:
        app.logger.warning(
            "%s is false: the certificate is not verified, and whoever stands between can read and "
            "change everything, passwords too. Set it to the path of a CA bundle.", name,
        )
    try:
        yield
    except OSError as error:
        raise SettingsError(
            f"{name} names a file that is no CA bundle ({error.strerror or error}): write "
            f"{name}=<the path of a file with certificates in PEM form>."
        ) from None


def _believe_proxies(app: Flask) -> None:
    """Take the caller's address from the proxies that are known to stand before the portal."""
    if app.config["PORTAL_PROXIES"]:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=app.config["PORTAL_PROXIES"], x_proto=0
        )


def _warn_of_open_door(app: Flask) -> None:
    if not app.config["PORTAL_API_KEY"]:
        app.logger.warning(
            "PORTAL_API_KEY is not set: whoever reaches the portal can create and delete Spaces."
        )


def _to_swagger_page() -> BaseResponse:
    return redirect(f"{PREFIX}/")


def _protect(answer: Response) -> Response:
    """Tell browsers to keep no answer, guess no types, show nothing in frames, and load nothing.

    Redirects stay on this host, whatever name the request had for it.
    """
    if answer.location:
        answer.location = urlsplit(answer.location)._replace(scheme="", netloc="").geturl()
    for name, value in PROTECTION.items():
        answer.headers.setdefault(name, value)
    return answer
