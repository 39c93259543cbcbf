"""The nodes system/database and system/load (API description, sections of the same names).

There is a database node beside each Call Bridge of a cluster. That the description's values of a
node are elements, and where `cluster` stands, is not shown by an example of it.
"""

from __future__ import annotations

from xml.etree import ElementTree

from flask import Response

from flaskr.pod.cms.answers.answers import Answers
from flaskr.pod.cms.views import Route, xml_answer
from flaskr.pod.xml import add_text

# What the others have written in the seconds that a node lags is made up.
BYTES_A_SECOND = 1000
UNKNOWN = "-1"


class SystemDatabase(Answers):
    """How the database is, and what load there is on the Call Bridge."""

    needs_database = False

    def routes(self) -> list[Route]:
        """Return what the nodes answer."""
        return [
            Route("GET", "/system/database", self._show),
            Route("GET", "/system/load", self._load),
        ]

    def _load(self) -> Response:
        root = ElementTree.Element("load")
        add_text(root, "mediaProcessingLoad", str(self.switches.media_processing_load))
        return xml_answer(root)

    def _show(self) -> Response:
        names = [bridge.name for bridge in self.state.cluster.bridges]
        clustered = len(names) > 1
        root = ElementTree.Element("database", clustered="enabled" if clustered else "disabled")
        if clustered:
            cluster = ElementTree.SubElement(root, "cluster")
            reached, master = self.state.has_database(), self._master(names)
            if not reached:
                add_text(cluster, "error", "Can't connect to the database")
            add_text(cluster, "totalNodes", str(len(names)))
            if reached:
                add_text(cluster, "nodeInUse", master)
            cluster.extend(self._node(name, name == master) for name in names)
        return xml_answer(root)

    def _node(self, name: str, is_master: bool) -> ElementTree.Element:
        element = ElementTree.Element("node")
        up = self.state.has_database() and not self._is_down(name)
        add_text(element, "hostname", name)
        add_text(element, "up", str(up).lower())
        behind = 0 if is_master or not self._lags(name) else self.switches.lag
        add_text(element, "syncBehind", str(int(behind * BYTES_A_SECOND)) if up else UNKNOWN)
        add_text(element, "master", str(is_master).lower())
        return element

    def _master(self, names: list[str]) -> str:
        """Return the first node that is up, rather one that doesn't lag."""
        return min(names, key=lambda name: (self._is_down(name), self._lags(name)))

    def _is_down(self, name: str) -> bool:
        return name in self.switches.call_bridges_down.split(",")

    def _lags(self, name: str) -> bool:
        return name in self.switches.lagging.split(",")
