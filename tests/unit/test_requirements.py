"""The packages that are installed: all of them are pinned, and by every command that installs."""

import re
from importlib.metadata import distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from support.processes import PROJECT

FILES = ("requirements.txt", "tests/requirements.txt", ".constraints.txt")
INSTALLERS = {"pip", "setuptools", "wheel"}


def requirements(file: str) -> list[Requirement]:
    """Return what a file names for the Python and the system that run the tests."""
    lines = (PROJECT / file).read_text(encoding="utf-8").splitlines()
    named = [Requirement(text) for line in lines if (text := line.partition("#")[0].strip())]
    return [each for each in named if each.marker is None or each.marker.evaluate()]


def pins(file: str) -> set[tuple[str, str]]:
    return {
        (canonicalize_name(each.name), str(each.specifier)) for each in requirements(file)
    }


def test_every_installed_package_is_pinned_at_its_version() -> None:
    installed = {
        (canonicalize_name(each.metadata["Name"]), f"=={each.version}") for each in distributions()
    }
    unpinned = installed - set().union(*map(pins, FILES))
    assert {package for package in unpinned if package[0] not in INSTALLERS} == set()


def test_no_package_is_pinned_at_two_versions() -> None:
    names = [name for name, _ in set().union(*map(pins, FILES))]
    assert len(names) == len(set(names))


def test_every_command_of_the_readme_that_installs_keeps_to_the_constraints() -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"pip install.+?-r requirements\.txt", readme)
    assert len(commands) == 4
    assert all("-c .constraints.txt" in command for command in commands)
