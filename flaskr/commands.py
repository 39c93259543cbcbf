"""The commands `flask spaces …` and `flask directory …`: many users without HTTP, as for cron.

Exit status: 0 where all is done, 1 where some rows failed or were not reached, 2 where it was not
begun.
"""

import logging
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import IO, Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from flaskr.access.audit import note_of_command, own_name
from flaskr.cms.v1.spaces import SETTABLE_FIELDS
from flaskr.provisioning.apply import Limit, apply_rows, check_removals
from flaskr.provisioning.company import Leavers, Order, plan_company
from flaskr.provisioning.lists import SPACE_COLUMNS, USER_COLUMNS, list_spaces
from flaskr.provisioning.plan_file import OF_OUTCOMES, columns, fields_of, read_rows
from flaskr.provisioning.rows import Action, PlanRow, Result
from flaskr.provisioning.userlist import UserList, read_csv
from flaskr.provisioning.written import Document, Report, csv, ndjson
from flaskr.result import Failure

DONE, SOME_FAILED, NOT_BEGUN = 0, 1, 2
WRITERS: Mapping[str, Callable[[Report], Iterator[str]]] = {"csv": csv, "ndjson": ndjson}
_NOT_DONE = (Result.FAILED.value, Result.STALE.value)
spaces = AppGroup("spaces", help="The Spaces of the CMS: list, plan, apply.")
directory = AppGroup("directory", help="The directory: list its users.")
_filter = click.option("--filter", "text", default="", metavar="TEXT", help="Only those with it.")
_department = click.option("--department", default="", help="Only those of this department.")
_format = click.option(
    "--format", "form", type=click.Choice(sorted(WRITERS)),
    help="How it is written; csv where the file is called so, else ndjson.",
)
_output = click.option(
    "-o", "--output", type=click.Path(dir_okay=False), default="-",
    help="The file to write; the standard output unless given.",
)


def add_commands(app: Flask) -> None:
    """Give the app its commands."""
    app.cli.add_command(spaces)
    app.cli.add_command(directory)


@spaces.command("list")
@_filter
@_format
@_output
def list_all_spaces(text: str, form: str | None, output: str) -> None:
    """List the Spaces of the CMS."""
    with _refusals():
        report = _report("spaces", list_spaces(_client("cms"), text), SPACE_COLUMNS)
        _write(report, form, output)


@directory.command("list")
@_filter
@_department
@_format
@_output
def list_all_users(text: str, department: str, form: str | None, output: str) -> None:
    """List the users of the directory."""
    with _refusals():
        report = _report("users", _client("directory").users(text, department), USER_COLUMNS)
        _write(report, form, output)


@spaces.command("plan")
@click.argument("users", type=click.File("rb"), required=False)
@click.option("--everyone", is_flag=True, help="Plan for all users of the directory.")
@_department
@click.option(
    "--leavers", type=click.Choice([each.value for each in Leavers]), default="leave",
    help="What to do with the Spaces of users who have left.",
)
@click.option("--deep", is_flag=True, help="Read each Space, and plan what a repair would add.")
@_format
@_output
def plan_spaces(
    users: Any, everyone: bool, department: str, leavers: str, deep: bool, form: str | None,
    output: str,
) -> None:
    """Plan what is to be done; nothing is changed.

    USERS is a CSV file with a column userid, and any columns of arguments.
    """
    with _refusals():
        found = read_csv(users.read(), SETTABLE_FIELDS) if users else UserList([], [])
        order = Order(*found, everyone, department, Leavers(leavers), deep)
        plan = plan_company(*_clients(), order)
        rows = (row.to_dict() for row in plan.rows)
        _write(_report("rows", rows, columns(plan.fields), "action", plan.users), form, output)


@spaces.command("apply")
@click.argument("plan", type=click.File("rb"))
@click.option("--removals", type=click.IntRange(0), help="So many removals are meant.")
@click.option("--dry-run", is_flag=True, help="Change nothing: say what would come of each row.")
@click.option("--yes", is_flag=True, help="Don't ask first.")
@_format
@_output
def apply_plan(
    plan: Any, removals: int | None, dry_run: bool, yes: bool, form: str | None, output: str
) -> None:
    """Carry out the rows of a PLAN, and write what came of each."""
    with _refusals():
        rows = read_rows(plan.read())
        clients = _clients()
        limit = Limit.parse(current_app.config["PORTAL_MAX_REMOVALS"])
        check_removals(clients[0], rows, limit, removals)
        if not yes and not dry_run and not _agreed(rows, clients[0].title_and_address):
            raise click.exceptions.Exit(NOT_BEGUN)
    named = (*columns(fields_of(rows)), *OF_OUTCOMES)
    with _told_to_stop() as is_stopping:
        note = note_of_command("spaces apply")
        outcomes = apply_rows(*clients, rows, is_stopping, dry_run, note)
        found: Iterator[Document] = (outcome.to_dict() for outcome in outcomes)
        if not dry_run:
            found = _client("notifications").of_apply(own_name(), found, len(rows))
        try:
            _write(_report("rows", found, named, "outcome", len(rows)), form, output)
        finally:
            _client("notifications").close()


def _client(name: str) -> Any:
    return current_app.extensions[name]


def _clients() -> tuple[Any, Any, Any]:
    return _client("cms"), _client("directory"), _client("template")


def _report(
    name: str, rows: Any, named: Any, kind: str | None = None, expected: int | None = None
) -> Report:
    return Report(name, rows, named, _details, kind, expected)


def _details(failure: Failure) -> Document:
    codes = list(failure.failure_codes)
    return {"code": failure.code, "failureCodes": codes, "message": failure.message}


@contextmanager
def _refusals() -> Iterator[None]:
    """Say in a line why it was not begun."""
    logging.getLogger("flaskr").setLevel(logging.WARNING)
    try:
        yield
    except Failure as failure:
        click.echo(f"Error: {failure.message}", err=True)
        raise click.exceptions.Exit(NOT_BEGUN) from None


@contextmanager
def _told_to_stop() -> Iterator[Callable[[], bool]]:
    """Yield what says whether it was told to stop (Ctrl-C, SIGTERM); told again, it ends at once.
    """
    told = False

    def stop(_number: int, _frame: object) -> None:
        nonlocal told
        if told:
            raise KeyboardInterrupt
        told = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _agreed(rows: list[PlanRow], where: str) -> bool:
    """Ask whether to go on; who can't be asked has not agreed."""
    counts = {action: sum(row.action is action for row in rows) for action in Action}
    todo = (Action.CREATE, Action.MODIFY, Action.REMOVE)
    text = ", ".join(f"{counts[action]} to {action.value}" for action in todo)
    if sys.stdin is None or not sys.stdin.isatty():
        click.echo(f"Nothing was done ({text}): say --yes where nobody can be asked.", err=True)
        return False
    return click.confirm(f"{where}: {text}. Go on?", err=True)


def _write(report: Report, form: str | None, output: str) -> None:
    """Write a report; exit with 1 where a row failed, or it is not complete."""
    named = "csv" if output.lower().endswith(".csv") else "ndjson"
    with _opened(output) as file:
        try:
            _write_lines(report, WRITERS[form or named](report), file)
        except Failure:  # which the report has, too
            pass
    if report.failure:
        click.echo(f"Error: {report.failure.message}", err=True)
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(report.counts.items()))
    end = report.end()
    left = f", {end['left']} not begun" if end.get("left") else ""
    state = "Complete" if end["complete"] else "Not complete"
    click.echo(f"{state}: {counts or 'nothing'}{left}.", err=True)
    failed = report.failure or any(report.counts[kind] for kind in _NOT_DONE)
    raise click.exceptions.Exit(SOME_FAILED if failed else DONE)


def _opened(output: str) -> Any:
    """Return the file to write. Exits where it can't be written: nothing was begun yet."""
    try:
        return click.open_file(output, "w", encoding="utf-8")
    except OSError as error:
        click.echo(f"Error: {output} can't be written: {error.strerror}.", err=True)
        raise click.exceptions.Exit(NOT_BEGUN) from None


def _write_lines(report: Report, lines: Iterator[str], file: IO[Any]) -> None:
    if not sys.stderr.isatty():
        for line in lines:
            file.write(line)
            file.flush()
        return
    shown = partial(_shown, report, time.monotonic())
    with click.progressbar(
        lines, length=report.expected, file=sys.stderr, item_show_func=shown, show_pos=True
    ) as progress:
        for line in progress:
            file.write(line)


def _shown(report: Report, start: float, _line: str | None) -> str:
    """Return what stands beside the progress bar: how many a second, and how many of each kind."""
    rate = sum(report.counts.values()) / max(time.monotonic() - start, 0.001)
    counts = " ".join(f"{kind}:{count}" for kind, count in report.counts.items())
    return f"{rate:.0f}/s {counts}"
