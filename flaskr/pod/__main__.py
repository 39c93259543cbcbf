"""`python -m flaskr.pod`: the simulated pod alone, for curl, Postman or a portal."""

from __future__ import annotations

import argparse
import contextlib
import logging
import signal
import sys
import time
from collections.abc import Sequence

from flaskr.pod import Pod, PortUnavailable
from flaskr.pod.control.help_texts import faults_help, welcome
from flaskr.pod.control.options import add_options, pod_options, port_option

ENDING = (signal.SIGINT, signal.SIGTERM)
# How long it takes at most, on some systems, until Ctrl-C is noticed.
BREATH_SECONDS = 0.1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a pod until Ctrl-C or SIGTERM; return the exit status."""
    options = _parser().parse_args(arguments)
    asked: list[int] = []  # an Event has a lock, which this thread may hold as the signal comes
    for number in ENDING:
        signal.signal(number, lambda number, _: asked.append(number))
    logging.basicConfig(
        level=logging.WARNING if options.quiet else logging.INFO, format="%(asctime)s %(message)s"
    )
    try:
        return _run(Pod(**pod_options(options)), asked)
    except PortUnavailable as error:
        print(f"{error} Choose another with {port_option(error.server)}.", file=sys.stderr)
    except ValueError as error:
        print(error, file=sys.stderr)
    return 2


def _run(pod: Pod, asked: Sequence[int]) -> int:
    with pod:
        with contextlib.suppress(BrokenPipeError):
            print(welcome(pod), flush=True)
        while not asked:
            time.sleep(BREATH_SECONDS)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m flaskr.pod",
        description="A simulated Cisco Meeting Server, CUCM User Data Services, Unity Connection, "
        "Webex and mail server on this machine.",
        epilog=faults_help(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--quiet", action="store_true", help="don't log requests")
    add_options(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
