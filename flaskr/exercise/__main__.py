"""`python -m flaskr.exercise`: the lab with the reader's own namespace cms, which is checked."""

import argparse
import os
import socket
import sys
from functools import partial
from pathlib import Path
from threading import Event, Thread

from flaskr import PROJECT_FOLDER
from flaskr.exercise.examination import Examination
from flaskr.exercise.files import put, put_anew, skeleton, solution
from flaskr.exercise.portal import CurrentPortal
from flaskr.exercise.report import report
from flaskr.exercise.watch import watch
from flaskr.exercise.written import NotLoaded
from flaskr.lab import HOST, STOP_SECONDS, announce, lab_parser, port_of, run_lab
from flaskr.pod import Pod
from flaskr.serve import serve

PROGRAM = "python -m flaskr.exercise"
FOLDER = PROJECT_FOLDER / "instance" / "exercise"
READY = """\
The lab is ready, with your file in the place of the finished namespace cms; Ctrl-C ends it.

  your file           {file}
"""
LAST_STEP = "Step 7, the verification, is yours: http://{host}:{port}/api/v1/"


def main(arguments: list[str] | None = None) -> int:
    """Serve the reader's file until Ctrl-C or SIGTERM, or do what the options say instead.

    Return the exit status. Exits with one line that says why it can't start.
    """
    options = _parser().parse_args(arguments)
    file: Path = options.file.resolve()
    if options.check:
        return 0 if _check(file) else 1
    try:
        if options.solution:
            return _write_solution(file.with_name("solution.py"))
        _write_skeleton(file, options.again)
    except OSError as error:
        raise SystemExit(f"{error.filename} can't be written: {error.strerror}.") from None
    run_lab(options, partial(_serve, file))
    return 0


def _parser() -> argparse.ArgumentParser:
    about = "Write the namespace cms yourself, as the lab guide says, and see which steps hold."
    parser = lab_parser(PROGRAM, about)
    parser.add_argument(
        "file", nargs="?", type=Path, default=FOLDER / "cms.py", metavar="FILE",
        help="what you write; where there is none, a skeleton is put there (instance/exercise/"
        "cms.py unless given)",
    )
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--again", action="store_true", help="begin with the skeleton again; what is there is kept "
        "under another name",
    )
    instead.add_argument(
        "--check", action="store_true", help="only say what holds, and exit with 0 where all does, "
        "else with 1",
    )
    instead.add_argument(
        "--solution", action="store_true", help="only write a solution beside it, as solution.py",
    )
    return parser


def _check(file: Path) -> bool:
    if not file.exists():
        raise SystemExit(f"There is no {file}: {PROGRAM} puts a skeleton there.")
    with Examination(file) as examination:
        try:
            examination.load()
        except NotLoaded as error:
            print(error)
            return False
        return report(examination.outcomes())


def _write_solution(file: Path) -> int:
    _say_kept(put_anew(file, solution()))
    print(f"{file} has all steps done. To check it: {PROGRAM} --check {file}")
    return 0


def _write_skeleton(file: Path, again: bool) -> None:
    if again:
        _say_kept(put_anew(file, skeleton()))
    else:
        put(file, skeleton())


def _say_kept(kept: Path | None) -> None:
    if kept:
        print(f"What was there is in {kept} now.")


def _serve(file: Path, pod: Pod, listener: socket.socket) -> None:
    os.environ.update(pod.settings)  # where the file looks for them
    portal, stop = CurrentPortal(pod), Event()
    then = LAST_STEP.format(host=HOST, port=port_of(listener))
    watching = Thread(target=watch, args=(file, portal, stop, then), daemon=True)
    announce(READY.format(file=file), pod, listener)
    watching.start()
    serve(portal, listener, STOP_SECONDS)
    stop.set()
    watching.join(STOP_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
