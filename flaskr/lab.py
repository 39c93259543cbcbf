"""The lab: the simulated pod and the portal in front of it, together (`python -m flaskr.lab`)."""

import argparse
import re
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from string import digits

from flask import Flask
from flask_restx import Namespace

from flaskr import create_app
from flaskr.api.v1 import NAMESPACES
from flaskr.config import SettingsError
from flaskr.pod import Pod, PortUnavailable
from flaskr.pod.cms.start import space_owners
from flaskr.pod.control.help_texts import faults_help
from flaskr.pod.control.options import add_options, pod_options, port_number, port_option
from flaskr.serve import listen_or_exit, serve

HOST = "127.0.0.1"
PORT = 5000
STOP_SECONDS = 5.0
EXAMPLE_USERID = "pod6user1"
TO_TRY = re.compile(r"pod6user\d+|lee|zoë\.o'brien")
NOTICE = (
    "**This is the lab: all servers are simulated**, on this machine, with made-up users and "
    "Spaces.\n\nUser IDs to try: {without} have no Space yet. {with_one} have one. An LDAP sync "
    "has made the one of {by_ldap}, so it can't be deleted."
)
READY = """\
The lab is ready; Ctrl-C ends it.

  help desk's page    http://{host}:{port}/
"""
# What each simulated server but further Call Bridges is called here, and how one logs in.
LOG_INS = {
    "cms": ("simulated CMS", "user {}, password {}"),
    "uds": ("simulated CUCM UDS", ""),
    "cuc": ("simulated Unity", "user {}, password {}"),
    "webex": ("simulated Webex", "token {}"),
    "mail": ("simulated mail", "user {}, password {}"),
}
PLACES = """\
  Swagger page        http://{host}:{port}/api/v1/
{servers}
  their CA            {pod.ca_file}
  what people got     {pod.control_url}/#received
  their faults        {pod.control_url}
"""


def main(arguments: list[str] | None = None) -> None:
    """Run the lab until Ctrl-C or SIGTERM; exits with one line that says why it can't start."""
    about = "Run the simulated pod and the portal in front of it."
    run_lab(lab_parser("python -m flaskr.lab", about).parse_args(arguments), _serve)


def run_lab(
    options: argparse.Namespace, serve_pod: Callable[[Pod, socket.socket], None]
) -> None:
    """Start a pod, and serve what stands in front of it until Ctrl-C or SIGTERM.

    Exits with one line that says why it can't start.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        with listen_or_exit(HOST, options.port) as listener, Pod(**pod_options(options)) as pod:
            serve_pod(pod, listener)
    except PortUnavailable as error:
        raise SystemExit(f"{error} Choose another with {port_option(error.server)}.") from None
    except (SettingsError, ValueError) as error:
        raise SystemExit(str(error)) from None
    except KeyboardInterrupt:
        pass


def lab_parser(program: str, about: str) -> argparse.ArgumentParser:
    """Return what reads the options of a lab: the portal's port, and those of a pod."""
    parser = argparse.ArgumentParser(
        prog=program,
        description=about,
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


def notice() -> str:
    """Return what the pages say of the lab: whose Spaces are there at the start."""
    owners = space_owners()
    return NOTICE.format(
        without=_in_words(tuple(filter(TO_TRY.fullmatch, owners.without))),
        with_one=_in_words(owners.with_one),
        by_ldap=_in_words(owners.by_ldap),
    )


def _in_words(userids: Sequence[str]) -> str:
    """Return user IDs as a list in words, where "`a1` to `a3`" stands for all three."""
    runs = [
        [userid for _, userid in run]
        for _, run in groupby(enumerate(userids), lambda each: _run_of(*each))
    ]
    words = [f"`{run[0]}`" if len(run) == 1 else f"`{run[0]}` to `{run[-1]}`" for run in runs]
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def _run_of(position: int, userid: str) -> tuple[str, int]:
    """Return what is the same for user IDs that stand in a row and count on by one."""
    letters = userid.rstrip(digits)
    return letters, int(userid.removeprefix(letters) or 0) - position


def lab_portal(pod: Pod, namespaces: Sequence[Namespace] = NAMESPACES) -> Flask:
    """Return the portal in front of a pod, with these namespaces."""
    # The files of settings are for real servers: here is neither .env nor an instance.
    nowhere = Path(pod.ca_file).parent
    own = {"PORTAL_DIRECTORY": "uds", "CUCM_USERNAME": "", "CUCM_PASSWORD": ""}
    return create_app(
        {**own, **pod.settings},
        project=nowhere,
        notice=notice(),
        example_userid=EXAMPLE_USERID,
        namespaces=namespaces,
    )


def announce(head: str, pod: Pod, listener: socket.socket) -> None:
    """Print that a lab is ready, in the words of `head`, and where its page and servers are."""
    servers = "\n".join(_server_lines(pod))
    places = PLACES.format(host=HOST, port=port_of(listener), pod=pod, servers=servers)
    print(head + places, flush=True)


def port_of(listener: socket.socket) -> int:
    """Return the port that a portal listens on."""
    return int(listener.getsockname()[1])


def _serve(pod: Pod, listener: socket.socket) -> None:
    app = lab_portal(pod)
    announce(READY.format(host=HOST, port=port_of(listener)), pod, listener)
    serve(app, listener, STOP_SECONDS)


def _server_lines(pod: Pod) -> Iterator[str]:
    """Yield where each of the simulated servers is, and how to log in."""
    for name, service in pod.services.items():
        label, login = LOG_INS.get(name, (f"Call Bridge {name}", ""))
        yield f"  {label:<20}{pod.url(name)}  {login.format(*service.credentials)}".rstrip()


if __name__ == "__main__":
    main()
