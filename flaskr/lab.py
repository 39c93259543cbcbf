"""The lab: the simulated pod and the portal in front of it, together (`python -m flaskr.lab`)."""

import argparse
import logging
import os
import signal
import socket

from werkzeug.serving import make_server

from flaskr import create_app
from flaskr.config import SettingsError
from flaskr.pod import Pod, PortUnavailable
from flaskr.pod.manual import faults_help
from flaskr.pod.options import add_options, pod_options, port_option

HOST = "127.0.0.1"
PORT = 5000
NOTICE = (
    "**This is the lab: CMS and CUCM are simulated**, on this machine, with made-up users and "
    "Spaces. User IDs to try: `pod6user1` to `pod6user20`, `lee`, `zoë.o'brien`."
)
READY = """\
The lab is ready; Ctrl-C ends it.

  Swagger page        http://{host}:{port}/
  simulated CMS       {pod.cms_url}  user {pod.username}, password {pod.password}
  simulated CUCM UDS  {pod.uds_url}
  their CA            {pod.ca_file}
  their faults        {pod.control_url}
"""


def main(arguments: list[str] | None = None) -> None:
    """Run the lab until Ctrl-C or SIGTERM; exits with one line that says why it can't start."""
    options = _parser().parse_args(arguments)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        with _listen(options.port) as listener, Pod(**pod_options(options)) as pod:
            _serve(pod, listener)
    except PortUnavailable as error:
        raise SystemExit(f"{error} Choose another with {port_option(error.server)}.") from None
    except (SettingsError, ValueError) as error:
        raise SystemExit(str(error)) from None
    except KeyboardInterrupt:
        pass


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m flaskr.lab",
        description="Run the simulated pod and the portal in front of it.",
        epilog=faults_help(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--port", type=int, default=PORT, help="where the portal listens (%(default)s unless given)"
    )
    add_options(parser)
    return parser


def _listen(port: int) -> socket.socket:
    """Return a socket that listens on the portal's port. Exits where another program has it."""
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        raise SystemExit(
            f"The portal can't listen on port {port} of {HOST} ({os.strerror(error.errno or 0)}): "
            "choose another with --port."
        ) from None


def _serve(pod: Pod, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    app = create_app(pod.settings, notice=NOTICE)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # the portal logs requests itself
    server = make_server(HOST, port, app, threaded=True, fd=listener.fileno())
    print(READY.format(host=HOST, port=port, pod=pod), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
