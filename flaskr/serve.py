"""The portal on its production server, granian (`python -m flaskr.serve`)."""

import argparse
import logging
import os
import socket

from granian import Granian
from granian.constants import HTTPModes, Interfaces

from flaskr.config import SettingsError
from flaskr.wsgi import portal

HOST = "127.0.0.1"
PORT = 8000
# With the 8 pages of lists that are fetched at once: as many as connections to CMS are kept open.
THREADS = 32
STOP_SECONDS = 60  # for what has been begun; a look-up in a long list takes several calls


def main(arguments: list[str] | None = None) -> None:
    """Serve until SIGTERM or Ctrl-C, and finish what has been begun.

    Exits with one line where a setting is missing or bad, or the address not to be had. The server
    keeps connections open between requests, and leaves the log of the requests to the portal.
    """
    options = _parser().parse_args(arguments)
    _check_address(options.host, options.port)
    try:
        portal()  # here, before there are workers: they share it where the system can fork
    except SettingsError as error:
        raise SystemExit(f"Error: {error.message}") from None
    logging.getLogger("_granian").addFilter(_worth_saying)
    Granian(
        "flaskr.wsgi:portal",
        factory=True,
        interface=Interfaces.WSGI,
        address=options.host,
        port=options.port,
        workers=options.workers,
        blocking_threads=THREADS,
        http=HTTPModes.http1,
        websockets=False,
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    ).serve()


def _check_address(host: str, port: int) -> None:
    """Exit where the server could not listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OverflowError:
        raise SystemExit("--port takes a number from 0 to 65535.") from None
    except OSError as error:
        raise SystemExit(
            f"The portal can't listen on port {port} of {host} ({os.strerror(error.errno or 0)}): "
            "choose another with --port."
        ) from None


def _worth_saying(record: logging.LogRecord) -> bool:
    """Leave out that there are more threads than cores: they wait for CMS, most of the time."""
    return "compared to the number of CPU cores" not in record.getMessage()


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
    parser.add_argument(
        "--workers", type=int, default=1,
        help=f"processes, of {THREADS} threads each; PORTAL_CMS_PARALLEL holds for each of them",
    )
    return parser


if __name__ == "__main__":
    main()
