"""What the simulated CMS remembers, as one of its Call Bridges knows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property

from flaskr.pod.cms.cluster import CallBridge, Cluster
from flaskr.pod.cms.collection import THE_ONE, Collection, Rules
from flaskr.pod.cms.failures import CmsFailure, FailureElement
from flaskr.pod.cms.node import Node
from flaskr.pod.cms.nodes.table import BY_PATH, NODES
from flaskr.pod.cms.parameters import Parameter
from flaskr.pod.cms.rules.table import RULES
from flaskr.pod.cms.start import bridge_records, initial_records
from flaskr.pod.cms.switches import CmsSwitches
from flaskr.pod.company import Company
from flaskr.pod.database import Record, Table
from flaskr.pod.service import ServerState


class CmsState(ServerState):
    """The database of a CMS, with the switches that say how it behaves."""

    def __init__(
        self, switches: CmsSwitches, company: Company, cluster: Cluster, bridge: CallBridge
    ) -> None:
        self.switches, self.cluster, self.bridge = switches, cluster, bridge
        self.database, self.company = cluster.database, company
        cluster.bridges.append(bridge)
        self._collections = {
            node.path: Collection(node, self, RULES.get(node.table, Rules)(self, node))
            for node in NODES
        }
        self.reset()

    def reset(self) -> None:
        """Go back to the objects of the start."""
        with self.database.attempt():
            if self.bridge is self.cluster.bridges[0]:
                self._reset_cluster()
            name = {"uniqueName": self.bridge.name}
            self.table(BY_PATH["system/configuration/cluster"]).fill([Record(THE_ONE, name)])

    def _reset_cluster(self) -> None:
        self.database.clear()
        names = [bridge.name for bridge in self.cluster.bridges]
        self.table(BY_PATH["callBridges"]).fill(bridge_records(names))
        for path, records in self._at_start.items():
            self.table(BY_PATH[path]).fill(records)

    @cached_property
    def _at_start(self) -> dict[str, list[Record]]:
        """The objects of the company; made once, as records never change."""
        return initial_records(self.company)

    @contextmanager
    def attempt(self, *, keep: bool) -> Iterator[None]:
        """Keep the database to this thread meanwhile; undo what was done to it unless `keep`."""
        with self.database.attempt(keep=keep, by=self.bridge.name):
            yield

    def advance(self) -> None:
        """Do what is due of the operations that take their time."""
        with self.attempt(keep=True):
            for objects in self._collections.values():
                objects.rules.advance()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Have the database as this Call Bridge knows it: of some time ago, where it lags."""
        lagging = self.bridge.name in self.switches.lagging.split(",")
        with self.database.attempt(keep=not lagging, by=self.bridge.name):
            if lagging:
                self.database.lag(self.switches.lag, self.bridge.name)
            yield

    def has_database(self) -> bool:
        """Return whether this Call Bridge reaches the database."""
        return self.bridge.name not in self.switches.without_database.split(",")

    @property
    def spaces(self) -> Collection:
        """Return the Spaces."""
        return self.collection("coSpaces")

    def collection(self, path: str) -> Collection:
        """Return the objects of the node with that path."""
        return self._collections[path]

    def node(self, path: str) -> Node:
        """Return the node with that path."""
        return BY_PATH[path]

    def table(self, node: Node) -> Table:
        """Return the table with the objects of a node."""
        return self.table_at(self.bridge.name, node)

    def table_at(self, bridge: str, node: Node) -> Table:
        """Return the table with the objects that a Call Bridge has of a node."""
        holding = BY_PATH[node.table]
        owner = f"{bridge} " if holding.local else ""
        return self.database.table(owner + holding.path, holding.sorted_by)

    def page_cap(self, node: Node) -> int:
        """Return the most objects that a list of the node shows at once."""
        return self.switches.page_cap if node.path == "coSpaces" else self.switches.list_cap

    def how_to_search(self, node: Node) -> tuple[tuple[str, ...], bool]:
        """Return the values in which `filter` looks, and whether it is case-sensitive."""
        names = node.search
        if node.path == "coSpaces" and self.switches.filter_finds_call_id:
            names = (*names, "callId")
        return names, self.switches.filter_case_sensitive

    def is_used(self, node: Node, record: Record) -> bool:
        """Return whether another object refers to this one."""
        return any(
            self.table(other).having(parameter.name, record.id)
            for other, parameter in _referring_to(node)
        )

    def release(self, node: Node, record: Record) -> None:
        """Take an object, which is to be deleted, out of all that refers to it.

        What lies beneath it is deleted too. Raises CmsFailure where another object can't be
        without it.
        """
        for other, parameter in _referring_to(node):
            for table in self._tables_of(other):
                for user in table.having(parameter.name, record.id):
                    if parameter.required:
                        raise CmsFailure(FailureElement("invalidOperation"))
                    table.put(_without(user, parameter.name))
        for below in NODES:
            if below.above == node.path:
                for child in self.table(below).having(below.within, record.id):
                    self.table(below).remove(child.id)

    def _tables_of(self, node: Node) -> list[Table]:
        """Return the tables with the objects of a node: one for each Call Bridge, or one."""
        if BY_PATH[node.table].local:
            return [self.table_at(bridge.name, node) for bridge in self.cluster.bridges]
        return [self.table(node)]


def _referring_to(node: Node) -> list[tuple[Node, Parameter]]:
    return [
        (other, parameter)
        for other in NODES
        for parameter in other.parameters
        if parameter.refers_to == node.path and not other.holds
    ]


def _without(record: Record, name: str) -> Record:
    left: Mapping[str, str] = {key: value for key, value in record.values.items() if key != name}
    return Record(record.id, left)
