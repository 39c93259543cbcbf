"""The pod's house: what may import what, and what may be called what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

FLASKR = Path(__file__).parents[2] / "flaskr"
POD = FLASKR / "pod"
VENDORS = [path.parent.name for path in sorted(POD.glob("*/service.py"))]
MOST_LINES_OF_ASSEMBLY = 60


def module_name(path: Path) -> str:
    parts = path.relative_to(FLASKR.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


TREES = {
    module_name(path): ast.parse(path.read_text("utf-8")) for path in sorted(POD.rglob("*.py"))
}


def imported(tree: ast.AST) -> Iterator[str]:
    """All that is imported anywhere in a module, also for type checkers only."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in TREES else str(node.module)


def of_flaskr(module: str) -> set[str]:
    return {name for name in imported(TREES[module]) if name.partition(".")[0] == "flaskr"}


def in_package(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def classes(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


def test_no_two_modules_import_each_other_in_a_circle() -> None:
    order = TopologicalSorter({module: of_flaskr(module) for module in TREES})
    assert set(order.static_order()) >= set(TREES)


def test_the_pod_imports_nothing_else_of_flaskr() -> None:
    used = {name for module in TREES for name in of_flaskr(module)}
    assert used <= set(TREES)


def test_faults_and_wire_import_no_server() -> None:
    assert VENDORS == ["cms", "uds"]
    for module in TREES:
        if in_package(module, "flaskr.pod.faults") or in_package(module, "flaskr.pod.wire"):
            known = of_flaskr(module)
            assert not [
                name for name in known for vendor in VENDORS
                if in_package(name, f"flaskr.pod.{vendor}")
            ], module


def test_wire_imports_no_faults_and_no_control() -> None:
    for module in TREES:
        if in_package(module, "flaskr.pod.wire"):
            above = ("flaskr.pod.faults", "flaskr.pod.control", "flaskr.pod.service")
            assert not [name for name in of_flaskr(module) for it in above if in_package(name, it)]


def test_no_server_imports_another() -> None:
    for module in TREES:
        for vendor in VENDORS:
            if in_package(module, f"flaskr.pod.{vendor}"):
                others = [f"flaskr.pod.{other}" for other in VENDORS if other != vendor]
                known = of_flaskr(module)
                assert not [name for name in known for other in others if in_package(name, other)]


def test_a_package_only_assembles() -> None:
    for path in POD.rglob("__init__.py"):
        text = path.read_text("utf-8")
        assert len(text.splitlines()) <= MOST_LINES_OF_ASSEMBLY
        assert not [
            node for node in ast.walk(ast.parse(text))
            if isinstance(node, (ast.ClassDef, ast.FunctionDef))
        ]


def test_no_class_of_the_pod_has_the_name_of_another() -> None:
    pod = [name for path in sorted(POD.rglob("*.py")) for name in classes(path)]
    others = {
        name for path in FLASKR.rglob("*.py") if POD not in path.parents for name in classes(path)
    }
    assert sorted(set(pod)) == sorted(pod)
    assert not set(pod) & others
