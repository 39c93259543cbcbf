"""The house: who may know whom, and how large its rooms and functions may be."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from flaskr.access.roles import RoleNotAllowed
from flaskr.access.sites import OtherSite, UnknownHost
from flaskr.api.v1.errors import CODES, OTHER_CODE, STATUSES
from flaskr.cms.v1.spaces import SETTABLE_FIELDS
from flaskr.cuc.v1.users import CHANGED_FIELDS, NEW_FIELDS
from flaskr.result import OF_SERVERS, Reason

PROJECT = Path(__file__).parents[2]
# From a part of flaskr to those that it may import, beside itself; what is not here, none.
ARROWS: dict[str, set[str]] = {
    "exercise": {"lab", "serve", "pod", "cms", "api", "app"},
    "lab": {"serve", "pod", "config", "api", "app"},
    "serve": {"app", "access", "front", "api", "config", "health", "log"},
    "app": {
        "access", "api", "commands", "compression", "config", "health", "helpdesk", "log",
        "metrics", "notifications", "provisioning", "servers",
    },
    "metrics": {"log", "rest"},
    "commands": {"access", "cms", "provisioning", "result"},
    "config": {"expressions", "places", "spelling"},
    "health": {"result", "servers"},
    "servers": {"cms", "uds", "ldap", "cuc", "webex", "mail", "config", "places", "result"},
    "access": {"config", "front", "log", "result", "spelling"},
    "api": {
        "access", "notifications", "provisioning", "cms", "uds", "cuc", "rest", "fields", "places",
        "result", "log", "spelling",
    },
    "notifications": {"rest", "webex", "result"},
    "provisioning": {"cms", "cuc", "rest", "expressions", "fields", "places", "result", "spelling"},
    "cms": {"rest", "fields", "places", "result", "spelling"},
    "uds": {"rest", "fields", "result", "spelling"},
    "ldap": {"rest", "fields", "places", "result", "spelling"},
    "cuc": {"rest", "fields", "result", "spelling"},
    "webex": {"places", "rest", "result"},
    "mail": {"places", "rest", "result"},
    "rest": {"places", "result"},
    "fields": {"spelling"},
}
POD = PROJECT / "flaskr" / "pod"
SIMULATED = sorted(path.parent.name for path in POD.glob("*/service.py"))
# From a part of the pod to those above and beside it, which it may not import.
NOT_IN_THE_POD: dict[str, set[str]] = {
    "wire": {"faults", "control", "service", *SIMULATED},
    "faults": set(SIMULATED),
    **{server: set(SIMULATED) - {server} for server in SIMULATED},
}
WITHOUT_FLASK = (
    "provisioning", "cms", "uds", "ldap", "cuc", "webex", "mail", "rest", "front",
    "expressions", "fields", "places", "result", "spelling",
)
DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
MOST_BODY_LINES = 30
MOST_INIT_LINES = 60


def modules() -> list[Path]:
    return sorted((PROJECT / "flaskr").rglob("*.py"))


def part_of(module: Path) -> str:
    """Return which part of flaskr a module is: its folder or file, `app` for flaskr itself."""
    first = module.relative_to(PROJECT / "flaskr").parts[0].removesuffix(".py")
    return "app" if first == "__init__" else first


def name_of(module: Path) -> str:
    parts = module.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree_of(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"))


def imported(module: Path) -> Iterator[str]:
    """Yield the full names of what a module imports, also under TYPE_CHECKING."""
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative imports hide where they lead"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imported_modules(module: Path) -> set[str]:
    """Return the modules of flaskr that a module imports, or takes something from."""
    known = {name_of(each) for each in modules()}
    names = {name for name in imported(module) if name.split(".")[0] == "flaskr"}
    return {name if name in known else name.rpartition(".")[0] for name in names}


def imported_parts(module: Path) -> set[str]:
    parts = {(name.split(".") + ["app"])[1] for name in imported_modules(module)}
    return parts - {part_of(module)}


@pytest.mark.parametrize("part", sorted({part_of(module) for module in modules()}))
def test_a_part_imports_only_those_below_it(part: str) -> None:
    found = {
        name for module in modules() if part_of(module) == part for name in imported_parts(module)
    }
    assert found <= ARROWS.get(part, set())


def test_the_simulated_servers_are_held_to_their_arrows() -> None:
    assert SIMULATED == ["cms", "cuc", "mail", "uds", "webex"]


@pytest.mark.parametrize("part", NOT_IN_THE_POD)
def test_a_part_of_the_pod_imports_none_above_or_beside_it(part: str) -> None:
    inside = [module for module in modules() if POD / part in module.parents]
    names = {name for module in inside for name in imported_modules(module)}
    found = {name.split(".")[2] for name in names if name.startswith("flaskr.pod.")}
    assert part in found
    assert not found & NOT_IN_THE_POD[part]


@pytest.mark.parametrize("part", WITHOUT_FLASK)
def test_what_the_portal_is_for_knows_no_flask(part: str) -> None:
    found = {
        name.split(".")[0]
        for module in modules()
        if part_of(module) == part
        for name in imported(module)
    }
    assert not found & {"flask", "flask_restx", "werkzeug"}


def test_the_help_desks_page_knows_http_alone() -> None:
    found = {
        name.split(".")[0]
        for module in modules()
        if part_of(module) == "helpdesk"
        for name in imported(module)
    }
    assert found <= {"flask", "pathlib"}


def test_no_modules_import_each_other_in_a_circle() -> None:
    left = {name_of(module): imported_modules(module) for module in modules()}
    while left:
        free = {name for name, needs in left.items() if not needs & (set(left) - {name})}
        assert free, f"a circle among: {', '.join(sorted(left))}"
        left = {name: needs for name, needs in left.items() if name not in free}


def functions(module: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree_of(module)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many lines a function's body has, its docstring aside."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_functions_are_short() -> None:
    lines = sorted(
        (body_lines(function), f"{name_of(module)}.{function.name}")
        for module in modules()
        for function in functions(module)
    )
    assert lines[-1][0] <= MOST_BODY_LINES, lines[-3:]
    assert lines[len(lines) * 9 // 10][0] <= 12


def test_a_package_only_assembles() -> None:
    for module in modules():
        if module.name == "__init__.py" and part_of(module) != "app":
            assert len(module.read_text(encoding="utf-8").splitlines()) <= MOST_INIT_LINES, module


def test_a_package_of_the_pod_defines_nothing_itself() -> None:
    for module in POD.rglob("__init__.py"):
        found = [node for node in ast.walk(tree_of(module)) if isinstance(node, DEFINITIONS)]
        assert found == [], module


def test_no_two_classes_have_one_name() -> None:
    found: dict[str, list[str]] = {}
    for module in modules():
        for node in ast.walk(tree_of(module)):
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, []).append(name_of(module))
    assert {name: places for name, places in found.items() if len(places) > 1} == {}


def test_the_readme_has_every_code_of_an_error() -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    servers = [f"`…_{reason.value}`" for reason in OF_SERVERS if reason is not Reason.REFUSED]
    others = [f"`{reason.value}`" for reason in Reason if reason not in OF_SERVERS]
    of_access = (each.error_code for each in (OtherSite, UnknownHost, RoleNotAllowed))
    http = [f"`{code}`" for code in (*CODES.values(), *of_access, OTHER_CODE)]
    assert [code for code in (*servers, *others, *http) if code not in readme] == []


def test_every_reason_has_a_status() -> None:
    assert set(STATUSES) == set(Reason)


def test_the_readme_has_every_argument_of_a_space() -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \|", readme.partition("## What a Space can be given")[2], re.M)
    assert rows[: len(SETTABLE_FIELDS)] == list(SETTABLE_FIELDS)


def test_the_readme_has_every_argument_of_a_mailbox_and_what_it_goes_with() -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    section = readme.partition("### Unity Connection\n")[2].partition("\n### ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| ([A-Z, ]+) \|", section, re.M))
    assert rows == {
        name: ", ".join(
            method for method, fields in (("POST", NEW_FIELDS), ("PUT", CHANGED_FIELDS))
            if name in fields
        )
        for name in {**NEW_FIELDS, **CHANGED_FIELDS}
    }
