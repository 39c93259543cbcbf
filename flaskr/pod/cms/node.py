"""What a node of the CMS API is: an entry of the table in `nodes`.

Everything that is the same at all nodes (list, create, read, modify, delete, filters, pages) is
made from it; what is special at a few stands in `rules`.
"""

from __future__ import annotations

from dataclasses import dataclass

from flaskr.pod.cms.parameters import Parameter

ALL_METHODS = ("list", "create", "read", "modify", "delete")


@dataclass(frozen=True)
class Node:
    """A node: a collection of objects, or (`single`) one object that is always there.

    path: below /api/v1, in CMS's spelling, with an asterisk for the ID of another object.
    element: the XML element of an object. parameters: what POST and PUT take and GET shows.
    order: the names that GET shows first. listed: what a list shows of an object. methods: of
    list, create, read, modify, delete; to create a single one is to modify it. search: where
    `filter` looks. filters: the names that have a `...Filter` for their whole value. usage:
    whether there is a `usageFilter`. within: the value that is the ID of the object above. holds:
    the path of the node whose objects these are, where it is another one. unknown: the failure
    code for an ID that is none's. sorted_by: the value that a list is in the order of; as they
    were made where it is empty. local: whether each Call Bridge has its own. root: the XML
    element of a list.
    """

    path: str
    element: str
    parameters: tuple[Parameter, ...] = ()
    order: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    methods: tuple[str, ...] = ALL_METHODS
    search: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    usage: bool = False
    within: str = ""
    holds: str = ""
    unknown: str = ""
    sorted_by: str = ""
    local: bool = False
    single: bool = False
    root: str = ""

    @property
    def table(self) -> str:
        """Return the path of the node whose objects these are."""
        return self.holds or self.path

    @property
    def shown(self) -> tuple[str, ...]:
        """Return the names that a GET of an object can show, in order."""
        known = (each.name for each in self.parameters if each.kept and each.shown)
        return (*self.order, *(name for name in known if name not in self.order))

    @property
    def above(self) -> str:
        """Return the path of the node that has the object above; empty at the top."""
        return self.path.rpartition("/*/")[0]


def collection(
    path: str, element: str, *parameters: Parameter | tuple[Parameter, ...],
    listed: str = "", methods: str = "", search: str = "", filters: str = "", order: str = "",
    unknown: str = "", usage: bool = False, within: str = "", holds: str = "",
    sorted_by: str = "", local: bool = False,
) -> Node:
    """Return a node of many objects; names are given with blanks between."""
    return Node(
        path, element, _flat(parameters), tuple(order.split()), tuple(listed.split()),
        tuple(methods.split()) or ALL_METHODS, tuple(search.split()), tuple(filters.split()),
        usage, within, holds, unknown or f"{element}DoesNotExist", sorted_by, local,
        root=path.rpartition("/")[2],
    )


def single(
    path: str, element: str, *parameters: Parameter | tuple[Parameter, ...],
    methods: str = "read modify", local: bool = False,
) -> Node:
    """Return a node of one object."""
    return Node(
        path, element, _flat(parameters), methods=tuple(methods.split()), local=local, single=True
    )


def _flat(parameters: tuple[Parameter | tuple[Parameter, ...], ...]) -> tuple[Parameter, ...]:
    flat: list[Parameter] = []
    for entry in parameters:
        flat += [entry] if isinstance(entry, Parameter) else entry
    return tuple(flat)
