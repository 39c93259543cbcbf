"""The portal on its production server (`python -m flaskr.serve`)."""

import argparse
import json
import logging
import os
import socket
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Flask

from flaskr import create_app, most_body_bytes
from flaskr.access.headers import PROTECTION
from flaskr.access.keys import admission
from flaskr.api.v1.errors import CODES, MESSAGES, error_body
from flaskr.config import SettingsError
from flaskr.front import (
    Front,
    RefusedRequest,
    Request,
    everyone,
    give_back_large_blocks,
    listen,
    run,
)
from flaskr.health import ADDRESSES
from flaskr.log import REQUEST_ID_HEADER, log_refusal, logger, request_id_for

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

HOST = "127.0.0.1"
PORT = 8000
# With the 8 pages of lists that are fetched at once: as many as connections to CMS are kept open.
THREADS = 32
WRITERS = 24
CONNECTIONS = 4096
STOP_SECONDS = 30.0  # for what has been begun; a look-up in a long list takes several calls


def main(arguments: list[str] | None = None) -> None:
    """Serve until SIGTERM or Ctrl-C, and finish what has been begun.

    Exits with one line where a setting is missing or bad, or the address not to be had.
    """
    options = _parser().parse_args(arguments)
    give_back_large_blocks()
    listener = listen_or_exit(options.host, options.port)
    try:
        app = create_app()
    except SettingsError as error:
        raise SystemExit(f"Error: {error.message}") from None
    logger.info("The portal listens on port %s of %s.", listener.getsockname()[1], options.host)
    finished = serve(app, listener, STOP_SECONDS)
    if not finished:
        logger.warning("the portal ended before all that was begun was finished")
    logging.shutdown()
    os._exit(0 if finished else 1)  # what hangs in a thread would keep the process


def listen_or_exit(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Exits with one line where there can't be one."""
    try:
        return listen(host, port, CONNECTIONS)
    except OverflowError:
        raise SystemExit("--port takes a number from 0 to 65535.") from None
    except socket.gaierror as error:
        raise SystemExit(
            f"The portal can't listen on {host} ({error.strerror}): choose another with --host."
        ) from None
    except OSError as error:
        raise SystemExit(
            f"The portal can't listen on port {port} of {host} ({os.strerror(error.errno or 0)}): "
            "choose another with --port."
        ) from None


def serve(app: "WSGIApplication", listener: socket.socket, seconds: float) -> bool:
    """Serve the portal until SIGTERM or Ctrl-C, then finish what has been begun.

    Return whether that was finished within so many seconds.
    """
    front = Front(
        app,
        _wording,
        max_body=most_body_bytes,
        threads=THREADS,
        writers=WRITERS,
        connections=CONNECTIONS,
        separate_paths=ADDRESSES,
        admits=admission(app) if isinstance(app, Flask) else everyone,
    )
    finished = run(front, listener, seconds)
    if isinstance(app, Flask):
        app.extensions["notifications"].close()
    return finished


def _wording(
    refusal: RefusedRequest, request: Request | None, caller: str
) -> tuple[list[tuple[str, str]], bytes]:
    """Return what the front itself says, in the one form that errors have, and log it.

    Nothing was done then, so what was busy may be asked again, whatever it was.
    """
    status = refusal.status
    sent = dict(request.headers).get(REQUEST_ID_HEADER.lower(), "") if request else ""
    own_id = request_id_for(sent)
    method, path = (request.method, request.path) if request else ("-", "-")
    log_refusal(own_id, method, path, status, caller)
    code = "malformed_request" if status is HTTPStatus.BAD_REQUEST else CODES[status]
    busy = status is HTTPStatus.SERVICE_UNAVAILABLE
    message = refusal.message or MESSAGES[status]
    body = error_body(message, code, retry=busy, request_id=own_id)
    headers = {"Content-Type": "application/json", REQUEST_ID_HEADER: own_id, **PROTECTION}
    return list(headers.items()), json.dumps(body).encode() + b"\n"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m flaskr.serve",
        description="Serve the portal in production. Its settings stand in the environment, in "
        ".env or in instance/config.py.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--host", default=HOST, help="address to listen on")
    parser.add_argument("--port", type=int, default=PORT, help="port to listen on")
    return parser


if __name__ == "__main__":
    main()
