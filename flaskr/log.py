"""The portal's log: a line for each request that comes in, tied to the calls that it causes."""

import json
import logging
import re
import time
import uuid
from collections.abc import Mapping
from contextvars import ContextVar
from urllib.parse import quote

from flask import Flask, Response, g, request

FORMAT = "%(asctime)s %(levelname)s [%(request_id)s] %(name)s %(message)s"
REQUEST_ID_HEADER = "X-Request-ID"

TEXT, JSON = "text", "json"
_FIELD = re.compile(r"(\w+)=%")
_WELL_FORMED_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_request_id: ContextVar[str] = ContextVar("request_id", default="-")
logger = logging.getLogger(__name__)


def log_requests(app: Flask) -> None:
    """Have the app log each request: method, path, status, milliseconds, caller; no query, no body.

    Werkzeug's own lines, with the query in them, are switched off.
    """
    package_logger = logging.getLogger(__name__.partition(".")[0])
    package_logger.setLevel(logging.INFO)
    if not package_logger.handlers:
        package_logger.addHandler(_handler())
    for handler in package_logger.handlers:
        handler.setFormatter(FORMATTERS[app.config["PORTAL_LOG"]])
    # What no line says is not looked up (Python's Logging HOWTO, "Optimization").
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.getLogger("werkzeug").addFilter(_is_no_access_line)
    app.before_request(_begin)
    app.after_request(_end)


def request_id() -> str:
    """Return the ID of the request that is being answered."""
    return _request_id.get()


def seconds_taken() -> float:
    """Return for how many seconds the request has been worked on."""
    return time.monotonic() - float(g.start)


def _handler() -> logging.Handler:
    handler = logging.StreamHandler()
    handler.addFilter(_add_request_id)
    return handler


class JsonFormatter(logging.Formatter):
    """Writes a record as a line of JSON; what stands as `name=value` in it are members."""

    def format(self, record: logging.LogRecord) -> str:
        fields = _fields(record)
        written = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "request": getattr(record, "request_id", "-"),
            "logger": record.name,
            "message": str(record.msg).partition(" ")[0] if fields else record.getMessage(),
            **fields,
        }
        if record.exc_info:
            written["exception"] = self.formatException(record.exc_info)
        return json.dumps(written, ensure_ascii=False, default=str)


def _fields(record: logging.LogRecord) -> dict[str, object]:
    """Return what stands as `name=value` in a record, where that is all that it has."""
    names = _FIELD.findall(str(record.msg))
    arguments = record.args if isinstance(record.args, tuple) else ()
    return dict(zip(names, arguments)) if len(names) == len(arguments) else {}


FORMATTERS: Mapping[str, logging.Formatter] = {
    TEXT: logging.Formatter(FORMAT), JSON: JsonFormatter()
}


def _add_request_id(record: logging.LogRecord) -> bool:
    record.request_id = _request_id.get()
    return True


def request_id_for(sent: str) -> str:
    """Return the ID that a caller sent, where it is one, so that both logs have it; else a new one.
    """
    return sent if _WELL_FORMED_ID.fullmatch(sent) else uuid.uuid4().hex[:12]


def log_refusal(own_id: str, method: str, path: str, status: int, caller: str) -> None:
    """Log a request that the server's front has refused, so that the app has not seen it."""
    _request_id.set(own_id)
    logger.info(
        "refused method=%s path=%s status=%d caller=%s",
        quote(method),
        quote(path, safe="/%"),
        status,
        quote(caller, safe=":."),
    )


def _begin() -> None:
    g.start = time.monotonic()
    _request_id.set(request_id_for(request.headers.get(REQUEST_ID_HEADER, "")))


def _end(answer: Response) -> Response:
    answer.headers[REQUEST_ID_HEADER] = _request_id.get()
    logger.info(
        "request method=%s path=%s status=%s ms=%.0f caller=%s",
        quote(request.method),
        quote(request.path),
        answer.status_code,
        seconds_taken() * 1000,
        quote(request.remote_addr or "-", safe=":."),
    )
    return answer


def _is_no_access_line(record: logging.LogRecord) -> bool:
    return record.levelno != logging.INFO or " - - [" not in str(record.msg)
