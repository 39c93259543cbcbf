"""The reader's file while it is written: served and checked each time that it is saved."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event

from flaskr.exercise.examination import Abandoned, Examination
from flaskr.exercise.portal import CurrentPortal
from flaskr.exercise.report import report
from flaskr.exercise.written import NotLoaded

LOOK_SECONDS = 0.2


def watch(file: Path, portal: CurrentPortal, stop: Event, then: str) -> None:
    """Have the portal serve the file as it is saved, and say what holds, until told to stop.

    `then` is said where all holds. Where the file is saved meanwhile, the checks begin anew.
    """
    seen: tuple[int, ...] = ()
    while not stop.wait(LOOK_SECONDS):
        now = look(file)
        if now == seen:
            continue
        seen = now
        if not now:
            print(f"{file} is not there any more: what it said last is still served.", flush=True)
            continue
        with suppress(Abandoned):
            _serve_and_check(file, portal, lambda: stop.is_set() or look(file) != seen, then)


def look(file: Path) -> tuple[int, ...]:
    """Return what changes when a file is saved; nothing while there is none."""
    try:
        found = file.stat()
    except OSError:
        return ()
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def _serve_and_check(
    file: Path, portal: CurrentPortal, is_abandoned: Callable[[], bool], then: str
) -> None:
    with Examination(file, is_abandoned=is_abandoned) as examination:
        try:
            examination.load()  # in its own process first: the file may never come to an end
            portal.show(file)
        except NotLoaded as error:
            portal.show_nothing(str(error))
            print(f"{error}. Nothing of it is served until that is mended.", flush=True)
        else:
            print(f"{file.name}, as it is now:", flush=True)
            report(examination.outcomes(), then)
