"""Log lines as JSON: a line each, with the fields as members."""

import json
import logging
import sys
from typing import Any

import pytest
from support.facts import SETTINGS_OF_TESTS

from flaskr import create_app
from flaskr.log import FORMATTERS, JSON


def written(message: str, *arguments: object, **more: Any) -> dict[str, Any]:
    record = logging.LogRecord("flaskr.x", logging.INFO, "x.py", 1, message, arguments, None)
    vars(record).update(request_id="5d0c", **more)
    line = FORMATTERS[JSON].format(record)
    assert "\n" not in line
    return dict(json.loads(line))


def test_fields_are_members() -> None:
    line = written("call server=%s status=%s ms=%.0f", "CMS", 200, 12.0)
    assert line["message"] == "call"
    assert (line["server"], line["status"], line["ms"]) == ("CMS", 200, 12.0)
    assert (line["level"], line["request"], line["logger"]) == ("INFO", "5d0c", "flaskr.x")


@pytest.mark.parametrize(
    ("message", "arguments"),
    [("It is up.", ()), ("On port %s of %s.", (80, "h")), ("It is %s: a=%s.", ("up", "1"))],
)
def test_sentences_stay_sentences(message: str, arguments: tuple[object, ...]) -> None:
    assert written(message, *arguments)["message"] == message % arguments


def test_line_ends_and_letters_of_all_scripts_are_kept_in_a_line() -> None:
    assert written("name=%s", "zoë\n雪")["name"] == "zoë\n雪"


def test_an_exception_is_told() -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        assert "ValueError: broken" in written("It failed.", exc_info=sys.exc_info())["exception"]


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_setting_says_how_lines_are_written(form: str) -> None:
    create_app({**SETTINGS_OF_TESTS, "PORTAL_LOG": form})
    handlers = logging.getLogger("flaskr").handlers
    assert {handler.formatter for handler in handlers} == {FORMATTERS[form]}
    create_app(SETTINGS_OF_TESTS)
