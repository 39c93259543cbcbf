"""The commands `flask keys …` (API keys made, listed and revoked) and `flask audit`."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timezone
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from flaskr.access.audit_trail import BadTime, read_trail, since, table
from flaskr.access.key_file import (
    FILE_NAME,
    BadKeyFile,
    Key,
    KeysBusy,
    change_keys,
    is_name,
    new_key,
    read_keys,
)
from flaskr.access.keys import SETTING
from flaskr.access.roles import KeyRole

COLUMNS = "{:<24} {:<9} {}"
keys = AppGroup("keys", help="The API keys of the portal: add, list, revoke.")


def add_access_commands(app: Flask) -> None:
    """Give the app its commands for API keys and the audit."""
    app.cli.add_command(keys)
    app.cli.add_command(audit)


@keys.command("add")
@click.argument("name")
@click.option(
    "--role", type=click.Choice([role.value for role in KeyRole]), required=True,
    help="What it may do: a reader asks and plans, a helpdesk changes one user's Space, an admin "
    "does all.",
)
def add_key(name: str, role: str) -> None:
    """Make a key for NAME and show it: only now.

    A name may have several keys, so that callers can go over to a new one.
    """
    if not is_name(name) or name == SETTING:
        raise click.ClickException("A name has 1 to 64 of the characters A-Z a-z 0-9 . _ -")
    text, key = new_key(name, KeyRole(role))
    _change(lambda there: [*there, key])
    click.echo(f"The key of {name}, {role}. It is shown only now:", err=True)
    click.echo(text)


@keys.command("list")
def list_keys() -> None:
    """List the keys: whose they are, their roles, and when they were made."""
    click.echo(COLUMNS.format("NAME", "ROLE", "MADE"))
    if current_app.config[SETTING]:
        click.echo(COLUMNS.format(SETTING, KeyRole.ADMIN.value, "in the settings"))
    for key in read_keys(_file()) if _file().exists() else []:
        click.echo(COLUMNS.format(key.name, key.role.value, key.made))


@keys.command("revoke")
@click.argument("name")
@click.option("--made", default="", help="The one that was made then; the first characters do.")
@click.option("--all", "every", is_flag=True, help="All keys of that name.")
def revoke_key(name: str, made: str, every: bool) -> None:
    """Revoke a key of NAME."""
    revoked: list[Key] = []

    def without(there: list[Key]) -> list[Key]:
        revoked.extend(key for key in there if key.name == name and key.made.startswith(made))
        _check_meant(revoked, name, every)
        return [key for key in there if key not in revoked]

    _change(without)
    for key in revoked:
        click.echo(f"Revoked: {key.name}, {key.role.value}, made {key.made}.")


@click.command("audit")
@click.option("--user", default="", help="Only changes for this user ID.")
@click.option("--since", "begin", default="", help="Since then: 7d, 12h, 30m, or a date (UTC).")
@click.option(
    "--file", "files", type=click.Path(exists=True, dir_okay=False), multiple=True,
    help="The file to read, such as one that was rotated; PORTAL_AUDIT_FILE unless given.",
)
@click.option("--format", "form", type=click.Choice(("table", "ndjson")), default="table")
@with_appcontext
def audit(user: str, begin: str, files: tuple[str, ...], form: str) -> None:
    """Say who changed what: each change with its end, or as it is in the file (ndjson)."""
    own = current_app.config["PORTAL_AUDIT_FILE"]
    if not files and not own:
        raise click.ClickException("PORTAL_AUDIT_FILE is not set: name a file with --file.")
    try:
        first = since(begin, datetime.now(timezone.utc)) if begin else None
    except BadTime:
        raise click.UsageError("--since takes such as 7d, 12h, 30m or 2026-07-14.") from None
    found = read_trail(_lines(files or (str(own),)), user, first)
    for text in table(found) if form == "table" else map(json.dumps, found):
        click.echo(text)


def _lines(files: Iterable[str]) -> Iterator[str]:
    for name in files:
        try:
            with open(name, encoding="utf-8", errors="replace") as file:
                yield from file
        except OSError as error:
            raise click.ClickException(f"{name} can't be read: {error.strerror}.") from None


def _check_meant(found: list[Key], name: str, every: bool) -> None:
    if not found:
        raise click.ClickException(f"There is no such key of {name}; flask keys list shows them.")
    if len({key.made for key in found}) > 1 and not every:
        times = ", ".join(key.made for key in found)
        raise click.ClickException(f"{name} has several keys, made {times}: say --made or --all.")


def _change(change: Callable[[list[Key]], Iterable[Key]]) -> None:
    try:
        change_keys(_file(), change)
    except BadKeyFile as error:
        raise click.ClickException(f"instance/{FILE_NAME} can't be read: {error}.") from None
    except KeysBusy as error:
        raise click.ClickException(
            f"Another command is changing the keys. If none is, remove instance/{error}."
        ) from None
    except OSError as error:
        raise click.ClickException(
            f"instance/{FILE_NAME} can't be written: {error.strerror}."
        ) from None


def _file() -> Path:
    return Path(current_app.instance_path) / FILE_NAME
