"""The exercise as a process of its own: a file that is saved again and again, and its end."""

import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.processes import FREE_PORTS, Running, curl, running

from flaskr.exercise.checks import CHECKS
from flaskr.exercise.files import skeleton, solution

EXERCISE = ("flaskr.exercise", "--port", "0", *FREE_PORTS)
ALL_HOLD = f"All {len(CHECKS)} hold"
FAILING = 'raise ValueError("not " + userid)'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "exercise" / "cms.py"


@pytest.fixture
def exercise(file: Path, tmp_path: Path) -> Iterator[Running]:
    """The exercise with the reader's file, whose temporary files are in a folder of the test's."""
    (tmp_path / "temporary").mkdir()
    with running(*EXERCISE, str(file), environment={"TMPDIR": str(tmp_path / "temporary")}) as it:
        yield it


def test_a_file_is_served_and_checked_each_time_that_it_is_saved(
    exercise: Running, file: Path
) -> None:
    version = f"{exercise.portal}/api/v1/cms/version"
    exercise.wait_for("step 2: match_space_uri finds by secondaryUri: not yet")
    exercise.wait_for(f"^0 of {len(CHECKS)} hold")
    assert file.read_text(encoding="utf-8") == skeleton()
    assert curl(version) == "null"

    file.write_text(solution(), encoding="utf-8")
    exercise.wait_for(rf"(?s)secondaryUri: holds.*{ALL_HOLD}. Step 7.*{exercise.portal}/api/v1/")
    assert curl(version) == '"3.9.2"'

    file.write_text(solution() + "def put(:\n", encoding="utf-8")
    exercise.wait_for(rf"^{file}, line \d+: SyntaxError: invalid syntax\. Nothing ")
    assert "SyntaxError" in curl(version)
    assert '"success": true' in curl(f"{exercise.portal}/api/v1/me")

    raising = solution().replace("        result = get_coSpace_id(userid)", f"        {FAILING}")
    file.write_text(raising, encoding="utf-8")
    exercise.wait_for(r"step 6: DELETE deletes the Space: not yet \(line \d+: ValueError: not yuki")
    assert "portal_failed" in curl(f"{exercise.portal}/api/v1/cms/spaces/kim")
    exercise.wait_for(rf'(?s)File "{file}", line \d+, in get\n.*ValueError: not kim')
    assert curl(version) == '"3.9.2"'


def test_a_file_that_is_taken_away_is_told_and_checked_when_it_is_back(
    exercise: Running, file: Path
) -> None:
    exercise.wait_for("as it is now")
    away = file.rename(file.with_name("away.py"))
    exercise.wait_for(rf"^{file} is not there any more")
    away.rename(file)  # with its times as they were
    exercise.wait_for(r"(?s)is not there any more.*cms\.py, as it is now")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_at_once_and_leaves_nothing_but_the_file(
    exercise: Running, file: Path, number: int
) -> None:
    exercise.wait_for("as it is now")
    assert exercise.end(number)[0] == 0
    assert "Traceback" not in exercise.output
    assert list((file.parents[1] / "temporary").iterdir()) == []
    assert [path.name for path in file.parent.iterdir()] == ["cms.py"]


def test_what_is_being_checked_ends_with_it(exercise: Running, file: Path) -> None:
    noted = file.with_name("process")
    exercise.wait_for("as it is now")
    file.write_text(
        f"import os\nfrom pathlib import Path\nPath({str(noted)!r}).write_text(str(os.getpid()))\n"
        "while True:\n    pass\n"
    )
    process = int(_read_when_there(noted))
    exercise.signal(signal.SIGKILL)
    deadline = time.monotonic() + 4  # it would be ended after 5 s by what is not there any more
    while _runs(process):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _read_when_there(file: Path) -> str:
    deadline = time.monotonic() + 20
    while not (file.exists() and file.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return file.read_text()


def _runs(process: int) -> bool:
    """Return whether a process runs; one that has ended may wait for a parent to notice."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return not re.search(r"\) Z ", status)
