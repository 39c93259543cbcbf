"""What a client that knows the API description expects a CMS to have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from support.cms_nodes import KNOWN_NODES, KnownNode, KnownValue

# The ID of the object of a node that has only one.
THE_ONE = ""


class Key(NamedTuple):
    """Which object: the path of its node, and its ID."""

    path: str
    id: str


@dataclass
class KnownObject:
    """An object: the ID of the one above it, and the values that are set.

    fixed: whether it was made by something else than a client, which may not delete it.
    """

    above: str = ""
    values: dict[str, str] = field(default_factory=dict)
    fixed: bool = False


class CmsModel:
    """All objects, by the path of their node and their ID."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, KnownObject]] = {path: {} for path in KNOWN_NODES}

    def keys(self) -> list[Key]:
        """Return all objects there are."""
        return [Key(path, each) for path, objects in self.objects.items() for each in objects]

    def get(self, key: Key) -> KnownObject:
        """Return an object."""
        return self.objects[key.path][key.id]

    def place(self, key: Key) -> str:
        """Return the path of an object below /api/v1."""
        path = key.path.replace("*", self.get(key).above)
        return f"{path}/{key.id}" if key.id else path

    def beneath(self, path: str, above: str) -> dict[str, KnownObject]:
        """Return the objects of a node, beneath an object where the node is below another."""
        return {name: each for name, each in self.objects[path].items() if each.above == above}

    def users_of(self, key: Key) -> Iterator[tuple[Key, KnownValue]]:
        """Yield each object that refers to this one, and by which value."""
        for path, node in KNOWN_NODES.items():
            for value in node.values:
                for name, each in self.objects[path].items():
                    if value.refers_to == key.path and each.values.get(value.name) == key.id:
                        yield Key(path, name), value

    def is_needed(self, key: Key) -> bool:
        """Return whether another object can't be without this one."""
        return any(value.required for _, value in self.users_of(key))

    def delete(self, key: Key) -> list[Key]:
        """Delete an object and those beneath it; return those that referred to it."""
        users = list(self.users_of(key))
        for user, value in users:
            self.get(user).values.pop(value.name)
            if value.essential:
                del self.objects[user.path][user.id]
        for path in KNOWN_NODES:
            if KNOWN_NODES[path].above == key.path:
                for name in self.beneath(path, key.id):
                    del self.objects[path][name]
        del self.objects[key.path][key.id]
        return [user for user, _ in users if user.id in self.objects[user.path]]


def nodes_with(method: str) -> list[KnownNode]:
    """Return the nodes that have a method."""
    return [
        node for node in KNOWN_NODES.values()
        if method in node.methods and not (node.single and method != "PUT")
    ]
