"""The pod's options, for its own command line and for any other that starts one."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from flaskr.pod.checks import BadInput, ValueCheck, number, whole
from flaskr.pod.company import Company
from flaskr.pod.control.help_texts import switch_line
from flaskr.pod.rehearsal import MOST_EMPLOYEES, USUAL_SHARE, company_of
from flaskr.pod.servers import SERVERS, parse, table

# The ports where none are chosen, and what is behind each.
PORTS = {**{server.name: server.usual_port for server in SERVERS}, "control": 8447}
CALL_BRIDGE_PORT = 8451
MOST_CALL_BRIDGES = max(server.most for server in SERVERS)
OTHERS = ("call_bridges", "call_bridge_port", "seed", "faults")
CREDENTIALS = {
    credential.option: credential.meaning
    for server in SERVERS
    for credential in server.credential_options
}


def option(name: str) -> str:
    """Return how a name is written on the command line."""
    return "--" + name.replace("_", "-")


def port_option(server: str) -> str:
    """Return the option that gives a server, such as cms or control, another port."""
    return option(f"{server}_port" if server in PORTS else "call_bridge_port")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of a pod: host, ports, credentials, faults and every switch."""
    pod = parser.add_argument_group("the simulated pod")
    pod.add_argument("--host", help="loopback address to listen on (127.0.0.1 unless given)")
    for name, port in PORTS.items():
        pod.add_argument(
            port_option(name), type=port_number, default=port, metavar="PORT",
            help=f"port of the {name} server, 0 for any free one ({port} unless given)",
        )
    for name, meaning in CREDENTIALS.items():
        pod.add_argument(option(name), metavar="TEXT", help=meaning)
    pod.add_argument(
        "--call-bridges", type=_checked(whole(1, MOST_CALL_BRIDGES)), default=1, metavar="COUNT",
        help="how many CMS servers there are over one database, as cms, cms2, ... (1 unless given)",
    )
    pod.add_argument(
        "--call-bridge-port", type=port_number, default=CALL_BRIDGE_PORT, metavar="PORT",
        help="port of cms2; cms3 has the next one, and so on; 0 for any free ones "
        f"({CALL_BRIDGE_PORT} unless given)",
    )
    _add_company(pod)
    pod.add_argument("--seed", type=int, help="makes what happens by chance repeatable")
    pod.add_argument(
        "--fault", dest="faults", action="append", type=_fault, metavar="'KIND=VALUE LIMIT=...'",
        help="something that goes wrong, such as 'busy times=3 server=cms'; can be repeated",
    )
    switches = parser.add_argument_group("switches of the simulated pod")
    for name in table():
        _add_switch(switches, name)


def pod_options(options: argparse.Namespace) -> dict[str, Any]:
    """Return what was given, as the arguments of `Pod`."""
    names = ["host", *(f"{name}_port" for name in PORTS), *CREDENTIALS, *OTHERS]
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    switches = {
        name: value for name in table() if (value := getattr(options, name)) is not None
    }
    return {**given, "switches": switches, "company": _company(options)}


def _add_company(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--company", type=_checked(whole(1, MOST_EMPLOYEES)), metavar="COUNT",
        help="how many employees are made up beside the users that there always are; another "
        "--seed makes others",
    )
    group.add_argument(
        "--with-spaces", type=_checked(number(0, 1)), metavar="SHARE",
        help=f"the share of them that has a personal Space ({USUAL_SHARE} unless given)",
    )


def _company(options: argparse.Namespace) -> Company:
    """Return who works there. Raises BadInput for a share of nobody."""
    share: float | None = options.with_spaces
    if options.company is not None:
        share = USUAL_SHARE if share is None else share
        return company_of(options.company, options.seed or 0, share)
    if share is not None:
        raise BadInput("--with-spaces is a share of a company: say --company too.")
    return Company()


def _add_switch(group: argparse._ArgumentGroup, name: str) -> None:
    # A switch that is on or off is put on by its bare name.
    bare: dict[str, Any] = {}
    if isinstance(table()[name].default, bool):
        bare = {"nargs": "?", "const": True}
    check = table()[name].metadata["check"]
    group.add_argument(
        option(name), type=_checked(check), metavar="VALUE", help=switch_line(name), **bare
    )


def port_number(text: str) -> int:
    """Return the number of a port, for argparse; 0 is any free one."""
    return int(_checked(whole(0, 65535))(text))


def _checked(check: ValueCheck) -> Callable[[str], Any]:
    def convert(text: str) -> Any:
        try:
            return check(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return convert


def _fault(wording: str) -> str:
    try:
        parse(wording)
    except BadInput as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return wording
