"""The audit: who changed what, a JSON line before each change and one after it."""

import getpass
import json
import logging
import os
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, cast

from flask import Flask, current_app, request

from flaskr.access.owners import give_to_owner_of_folder
from flaskr.access.roles import caller
from flaskr.log import request_id, request_id_for
from flaskr.result import Failure, Reason

logger = logging.getLogger("flaskr.audit")

COMMAND = "command"  # the role of who runs one
_MODE = 0o600
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT

Line = Mapping[str, Any]
NoteLine = Callable[[Line], None]


def keep_audit(app: Flask) -> None:
    """Give the app its audit: in the log, and in PORTAL_AUDIT_FILE where that is set."""
    app.extensions["audit"] = Audit(app.config["PORTAL_AUDIT_FILE"])


def note_of_request(is_for_many: bool = False) -> NoteLine:
    """Return what takes the lines of the changes that the request in hand makes.

    What is done for many users at once is told of as a whole, and not line by line.
    """
    who = caller()
    rule = request.url_rule.rule if request.url_rule else request.path
    return _audit().note_of(
        {
            "request": request_id(),
            "key": who.name,
            "role": who.role.value,
            "address": who.address,
            "operation": f"{request.method} {rule}",
        },
        is_told=not is_for_many,
    )


def note_of_command(name: str) -> NoteLine:
    """Return what takes the lines of the changes that a command makes, for whoever runs it.

    They are in the file alone: the log of a command is what people see, beside its outcomes.
    """
    return _audit().note_of(
        {
            "request": request_id_for(""),
            "key": own_name(),
            "role": COMMAND,
            "address": "",
            "operation": name,
        },
        is_logged=False,
        is_told=False,
    )


def _audit() -> "Audit":
    return cast(Audit, current_app.extensions["audit"])


def own_name() -> str:
    """Return the name of the user of this process; its number where the system has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


class Audit:
    """Where the lines of the audit go: to the log, and to a file where there is one."""

    def __init__(self, file: Path | None) -> None:
        self._file = AuditFile(file) if file else None
        self.on_line: list[Callable[[Line], object]] = []  # who wants to know of lines

    def note_of(
        self, facts: Line, *, is_logged: bool = True, is_told: bool = True
    ) -> NoteLine:
        """Return what takes the lines of changes, and adds the time and these facts to each.

        They go to the file, to the log if `is_logged`, and to `on_line` if each `is_told`. It
        raises Failure where a line can't be written.
        """

        def note(line: Line) -> None:
            time = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
            whole = {"time": time.replace("+00:00", "Z"), **facts, **line}
            text = json.dumps(whole)
            self._write(text)
            if is_logged:
                logger.info("%s", text)
            for tell in self.on_line if is_told else ():
                tell(whole)

        return note

    def _write(self, text: str) -> None:
        if self._file:
            try:
                self._file.write(text)
            except OSError as error:
                logger.error("the audit can't be written (%s): %s", error.strerror, text)
                raise Failure(
                    Reason.AUDIT_UNAVAILABLE,
                    "The audit (PORTAL_AUDIT_FILE) can't be written, so nothing is changed. Tell "
                    "whoever runs the portal.",
                ) from None


class AuditFile:
    """A file that lines are added to, each in one write. Safe to use from many threads.

    It is opened at the first line, for its owner alone, and again where it was moved away, as those
    who rotate logs do. Several processes may add to it. What root makes is its folder's owner's.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self._is_cut = False

    def write(self, text: str) -> None:
        """Add a line. Raises OSError; what was written in part then is no line of its own."""
        with self._lock:
            descriptor = self._open()
            start = "\n" if self._is_cut else ""
            line = f"{start}{text}\n".encode()
            self._is_cut = os.write(descriptor, line) < len(line)
            if self._is_cut:
                raise OSError(0, "only a part of the line was written")

    def _open(self) -> int:
        """Return the descriptor of the file that has the name now."""
        if self._descriptor is not None:
            if self._has_name(self._descriptor):
                return self._descriptor
            os.close(self._descriptor)
            self._descriptor = None
        try:
            self._descriptor = os.open(self._path, _FLAGS | os.O_EXCL, _MODE)
            give_to_owner_of_folder(self._path.parent, self._descriptor)
        except FileExistsError:
            self._descriptor = os.open(self._path, _FLAGS, _MODE)
        return self._descriptor

    def _has_name(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.stat(self._path), os.fstat(descriptor))
        except FileNotFoundError:
            return False
