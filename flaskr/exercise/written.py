"""The reader's file: loaded anew each time, and what is wrong with it in one line."""

import sys
import traceback
from pathlib import Path
from types import CodeType, ModuleType

from flask_restx import Namespace

MODULE = "exercise_cms"
MOST_CHARACTERS = 200
# What code can raise, sys.exit() included, but not what ends this process.
RAISED = (Exception, SystemExit)


class NotLoaded(Exception):
    """The reader's file can't be served; as text it says where, and why, in one line."""


def load(file: Path) -> ModuleType:
    """Return the reader's file as a module of its own, with nothing left of the one before.

    Raises NotLoaded.
    """
    code = compiled(file)
    module = ModuleType(MODULE)
    module.__file__ = str(file)
    sys.modules[MODULE] = module  # where dataclasses and their like look for their module
    try:
        exec(code, module.__dict__)
    except RAISED as error:
        raise not_loaded(file, error) from error
    if not isinstance(getattr(module, "api", None), Namespace):
        raise NotLoaded(f"{file}: it has no api, which is the Namespace")
    return module


def compiled(file: Path) -> CodeType:
    """Return the reader's file as code that can be run. Raises NotLoaded."""
    try:
        return compile(file.read_bytes(), str(file), "exec", dont_inherit=True)
    except RAISED as error:
        raise not_loaded(file, error) from error


def not_loaded(file: Path, error: BaseException) -> NotLoaded:
    """Return what an error that a file has raised says of it."""
    return NotLoaded(f"{file}, {told(file, error)}")


def told(file: Path, error: BaseException) -> str:
    """Return where in a file an error was raised, and what it says, in one line."""
    line = _line(file, error)
    where = f"line {line}: " if line else ""
    return f"{where}{type(error).__name__}: {in_one_line(_words(error))}"


def in_one_line(text: str) -> str:
    """Return a text in one line that is not too long."""
    line = " ".join(text.split())
    return line if len(line) <= MOST_CHARACTERS else f"{line[:MOST_CHARACTERS]}…"


def _words(error: BaseException) -> str:
    return error.msg if isinstance(error, SyntaxError) else str(error)


def _line(file: Path, error: BaseException) -> int | None:
    """Return the line of a file that an error comes from, or None where it is not from there."""
    if isinstance(error, SyntaxError) and error.filename == str(file):
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(file)]
    return lines[-1] if lines else None
