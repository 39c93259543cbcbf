"""The order in which the requests of a collection make sense."""

from __future__ import annotations

from collections.abc import Iterable

from postman.steps import VARIABLE, Step


class Nodes:
    """What the steps of a collection say about the nodes of the API."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self.steps = list(steps)
        found = sorted(
            ((name, node) for step in self.steps for name, node in step.homes),
            key=lambda entry: entry[1].count("/"),
            reverse=True,
        )
        # The node that a variable outside a path is an ID of: the topmost one.
        self.home = dict(found)
        self.with_objects = {node for _, node in found}
        self.read = {step.node for step in self.steps if step.method == "GET"}

    def made_by(self, step: Step) -> str:
        """Return the node whose objects a POST makes; empty for a POST that is an action."""
        if step.method != "POST":
            return ""
        for node in (step.node, step.node.rpartition("/")[2]):
            if node in self.with_objects:
                return node
        return ""

    def needed_in_path(self, step: Step) -> set[str]:
        """Return the nodes of whose objects the path has an ID."""
        return {node for _, node in step.homes}

    def needed_in_form(self, step: Step) -> set[str]:
        """Return the nodes of whose objects the form has an ID."""
        words = [word for field in step.form for word in field.words]
        names = {found[1] for word in words if (found := VARIABLE.fullmatch(word))}
        return {self.home[name] for name in names if name in self.home}


def in_order(nodes: Nodes) -> list[Step]:
    """Return the steps: lists, creations, objects, modifications, actions, deletions."""
    creations = _creations(nodes)
    made = [nodes.made_by(step) for step in creations]
    rest = [step for step in nodes.steps if step not in creations]
    ranked = sorted(rest, key=lambda step: _rank(step, nodes, made))
    lists = [step for step in ranked if _rank(step, nodes, made) == (0, 0)]
    return [*lists, *creations, *ranked[len(lists):]]


def _rank(step: Step, nodes: Nodes, made: list[str]) -> tuple[int, int]:
    needed = nodes.needed_in_path(step)
    if step.method == "DELETE":
        node = step.node.removesuffix("/*")
        return 5, -made.index(node) if node in made else -len(made)
    if step.method == "GET" and needed <= set(made):
        return (1 if needed else 0), 0
    return {"PUT": 2, "POST": 3, "GET": 4}[step.method], 0


def _creations(nodes: Nodes) -> list[Step]:
    """Return the steps that make objects: what others need before the others, where it can be."""
    left = [step for step in nodes.steps if nodes.made_by(step)]
    ordered: list[Step] = []
    while left:
        missing = {nodes.made_by(step) for step in left}
        ready = [step for step in left if not nodes.needed_in_path(step) & missing] or left
        best = min(ready, key=lambda step: len(nodes.needed_in_form(step) & missing))
        ordered.append(best)
        left.remove(best)
    return ordered
