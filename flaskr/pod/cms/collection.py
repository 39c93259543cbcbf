"""The objects of a node, and the rules by which they are created, changed and deleted."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from flaskr.pod.cms.cluster import CallBridge, Cluster
from flaskr.pod.cms.failures import CmsFailure, FailureElement, parameter_error, unique
from flaskr.pod.cms.node import Node
from flaskr.pod.cms.parameters import by_name
from flaskr.pod.cms.switches import CmsSwitches
from flaskr.pod.company import Company
from flaskr.pod.database import Record, Table

REFERENCED = "referenced"
# The ID under which the table keeps the object of a node that has only one.
THE_ONE = "1"


@dataclass(frozen=True)
class Wanted:
    """What a list is to show: objects with a text where filters look, and with these values.

    usage: referenced, unreferenced, or empty for both.
    """

    text: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    usage: str = ""


class CmsObjects(Protocol):
    """All objects of a CMS, as one Call Bridge knows them."""

    switches: CmsSwitches
    cluster: Cluster
    bridge: CallBridge
    company: Company

    def collection(self, path: str) -> Collection:
        """Return the objects of the node with that path."""

    def node(self, path: str) -> Node:
        """Return the node with that path."""

    def table(self, node: Node) -> Table:
        """Return the table with the objects of a node."""

    def table_at(self, bridge: str, node: Node) -> Table:
        """Return the table with the objects that a Call Bridge has of a node."""

    def how_to_search(self, node: Node) -> tuple[tuple[str, ...], bool]:
        """Return the values in which `filter` looks, and whether it is case-sensitive."""

    def is_used(self, node: Node, record: Record) -> bool:
        """Return whether another object refers to this one."""

    def attempt(self, *, keep: bool) -> AbstractContextManager[None]:
        """Return a context whose changes are undone unless `keep`, or where it fails."""

    def release(self, node: Node, record: Record) -> None:
        """Take an object, which is to be deleted, out of all that refers to it."""


Values = dict[str, str]


class Rules:
    """The rules of one node. Each method raises CmsFailure where it refuses."""

    def __init__(self, state: CmsObjects, node: Node) -> None:
        self.state, self.node = state, node

    def existing(self, values: Mapping[str, str]) -> Record | None:
        """Return the object that a creation stands for, where there is one already."""
        return None

    def complete(self, values: Values, asked: Mapping[str, str], before: Record | None) -> Values:
        """Return the values to keep.

        values: what is set, after the change. asked: the parameters of the request. before: the
        object before it, None for a new one.
        """
        return values

    def refuse(self, record: Record, before: Record | None) -> None:
        """Refuse the object as it would become."""

    def saved(self, record: Record, before: Record | None) -> None:
        """Do what follows from a creation or a change."""

    def refuse_deletion(self, record: Record) -> None:
        """Refuse that the object is deleted."""

    def deleted(self, record: Record) -> None:
        """Do what follows from a deletion."""

    def computed(self, record: Record) -> Mapping[str, str]:
        """Return what a GET shows beside the values that are kept.

        A name such as status/state is that of an element within another one.
        """
        return {}

    def advance(self) -> None:
        """Do what is due, before a request is answered."""

    def list_attributes(self) -> Mapping[str, str]:
        """Return the attributes that a list has beside `total`."""
        return {}


class Collection:
    """The objects of a node, as one Call Bridge has them."""

    def __init__(self, node: Node, state: CmsObjects, rules: Rules) -> None:
        self.node, self.rules = node, rules
        self._state = state

    @property
    def _table(self) -> Table:
        return self._state.table(self.node)

    def listed(self, above: str = "") -> list[Record]:
        """Return all objects, or those beneath an object, in their order."""
        return self._table.having(self.node.within, above) if above else self._table.page()

    def page(self, wanted: Wanted, begin: int, end: int) -> tuple[int, list[Record]]:
        """Return how many objects are wanted, and those from one place to another of them."""
        table, values = self._table, dict(wanted.values)
        if not values and not wanted.usage:
            if not wanted.text:
                return len(table), table.page(begin, end)
            found = table.containing(wanted.text, *self._state.how_to_search(self.node))
            return len(found), [self.get(record_id) for record_id in found[begin:end]]
        several = self._matching(wanted)
        return len(several), several[begin:end]

    def _matching(self, wanted: Wanted) -> list[Record]:
        conditions = list(wanted.values.items())
        found = self._table.having(*conditions[0]) if conditions else self._table.page()
        for name, value in conditions[1:]:
            found = [record for record in found if record.values.get(name) == value]
        if wanted.text:
            ids = set(self._table.containing(wanted.text, *self._state.how_to_search(self.node)))
            found = [record for record in found if record.id in ids]
        if wanted.usage:
            referenced = wanted.usage == REFERENCED
            found = [each for each in found if self._state.is_used(self.node, each) == referenced]
        return found

    def get(self, object_id: str) -> Record:
        """Return the object. Raises CmsFailure with the node's code where there is none."""
        found = self._table.get(object_id)
        if found is None:
            raise CmsFailure(FailureElement(self.node.unknown))
        return found

    def the_one(self) -> Record:
        """Return the object of a node that has only one."""
        return self._table.get(THE_ONE) or Record(THE_ONE, {})

    def create(self, values: Mapping[str, str], above: str = "") -> Record:
        """Create an object of these parameters, and return it. Raises CmsFailure."""
        existing = self.rules.existing(values)
        if existing is not None:
            return existing
        required = {each.name: "" for each in self.node.parameters if each.required}
        kept = {self.node.within: above} if above else {}
        return self._save(Record(str(uuid.uuid4()), kept), {**required, **values}, None)

    def modify(self, object_id: str, changes: Mapping[str, str]) -> Record:
        """Change what is given, leave the rest, unset what is given empty; return the object."""
        before = self.the_one() if self.node.single else self.get(object_id)
        return self._save(before, changes, before)

    def delete(self, object_id: str) -> None:
        """Delete the object, with what lies beneath it. Raises CmsFailure where that is refused."""
        self.rules.refuse_deletion(self.get(object_id))
        self.remove(object_id)

    def remove(self, object_id: str) -> None:
        """Delete the object as CMS itself can, whatever the API would refuse."""
        record = self.get(object_id)
        self._state.release(self.node, record)
        self._table.remove(record.id)
        self.rules.deleted(record)

    def _save(self, old: Record, changes: Mapping[str, str], before: Record | None) -> Record:
        if wrong := self.wrong(changes):
            raise CmsFailure(*unique(wrong))
        passing = [each.name for each in self.node.parameters if not each.kept]
        values = {
            name: value
            for name, value in {**old.values, **changes}.items()
            if value and name not in passing
        }
        completed = self.rules.complete(values, changes, before)
        record = Record(old.id, {name: value for name, value in completed.items() if value})
        self.rules.refuse(record, before)
        self._table.put(record)
        self.rules.saved(record, before)
        return record

    def wrong(self, changes: Mapping[str, str]) -> list[FailureElement]:
        """Return why parameters are refused: one that is required is empty, an ID is nothing's."""
        known = by_name(self.node.parameters)
        given = [(known[name], value) for name, value in changes.items() if name in known]
        return [
            *(
                parameter_error(each.name, self._state.switches.parameter_error)
                for each, value in given
                if each.required and not value
            ),
            *(
                FailureElement(target.unknown)
                for each, value in given
                if each.refers_to and value
                if self._state.table(target := self._state.node(each.refers_to)).get(value) is None
            ),
        ]
