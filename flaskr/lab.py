"""The lab: the simulated pod and the portal in front of it, together (`python -m flaskr.lab`)."""

import argparse
import signal
import socket
from pathlib import Path

from flaskr import create_app
from flaskr.config import SettingsError
from flaskr.pod import Pod, PortUnavailable
from flaskr.pod.manual import faults_help
from flaskr.pod.options import add_options, pod_options, port_number, port_option
from flaskr.serve import listen_or_exit, serve

HOST = "127.0.0.1"
PORT = 5000
STOP_SECONDS = 5.0
NOTICE = (
    "**This is the lab: CMS and CUCM are simulated**, on this machine, with made-up users and "
    "Spaces. User IDs to try: `pod6user1` to `pod6user20` (some of 10 to 14 have a Space already), "
    "`lee`, `zoë.o'brien`."
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
        with listen_or_exit(HOST, options.port) as listener, Pod(**pod_options(options)) as pod:
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
        "--port",
        type=port_number,
        default=PORT,
        help="where the portal listens (%(default)s unless given)",
    )
    add_options(parser)
    return parser


def _serve(pod: Pod, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    # The files of settings are for real servers: here is neither .env nor an instance.
    nowhere = Path(pod.ca_file).parent
    settings = {"CUCM_USERNAME": "", "CUCM_PASSWORD": "", **pod.settings}
    app = create_app(settings, project=nowhere, notice=NOTICE)
    print(READY.format(host=HOST, port=port, pod=pod), flush=True)
    serve(app, listener, STOP_SECONDS)


if __name__ == "__main__":
    main()
