"""The portal on its production server (`python -m flaskr.serve`)."""

import argparse
import json
import os
import socket
from http import HTTPStatus

from flask import Flask

from flaskr import MAX_BODY_BYTES, PROTECTION, create_app
from flaskr.api.v1 import error_body
from flaskr.config import SettingsError
from flaskr.front import Front, listen, run
from flaskr.health import ADDRESSES
from flaskr.log import logger

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
    listener = listen_or_exit(options.host, options.port)
    try:
        app = create_app()
    except SettingsError as error:
        raise SystemExit(f"Error: {error.message}") from None
    logger.info("The portal listens on port %s of %s.", listener.getsockname()[1], options.host)
    if not serve(app, listener, STOP_SECONDS):
        logger.warning("not all that was begun was finished within %g s", STOP_SECONDS)
        os._exit(1)  # what hangs in a thread would keep the process


def listen_or_exit(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Exits with one line where there can't be one."""
    try:
        return listen(host, port, CONNECTIONS)
    except OverflowError:
        raise SystemExit("--port takes a number from 0 to 65535.") from None
    except OSError as error:
        raise SystemExit(
            f"The portal can't listen on port {port} of {host} ({os.strerror(error.errno or 0)}): "
            "choose another with --port."
        ) from None


def serve(app: Flask, listener: socket.socket, seconds: float) -> bool:
    """Serve the portal until SIGTERM or Ctrl-C, then finish what has been begun.

    Return whether that was finished within so many seconds.
    """
    front = Front(
        app,
        _wording,
        max_body=MAX_BODY_BYTES,
        threads=THREADS,
        writers=WRITERS,
        connections=CONNECTIONS,
        apart=ADDRESSES,
    )
    return run(front, listener, seconds)


def _wording(_status: HTTPStatus, message: str) -> tuple[list[tuple[str, str]], bytes]:
    """Return what the front itself says, in the one form that errors have."""
    headers = [("Content-Type", "application/json"), *PROTECTION.items()]
    return headers, json.dumps(error_body(message)).encode() + b"\n"


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
