"""What a Call Bridge tells of the servers that work with it (API description, 'diagnostics').

There are no such servers: they are as the switches say, healthy by default.
"""

from __future__ import annotations

from xml.etree import ElementTree

from flask import Response

from flaskr.pod.cms.answers.answers import Answers
from flaskr.pod.cms.rules.calls import CALLS
from flaskr.pod.cms.views import Route, empty_answer, xml_answer
from flaskr.pod.database import Record
from flaskr.pod.xml import add_text

UNUSED, SUCCESS = "unused", "success"
# The alarms that the status of a recorder shows.
OF_RECORDERS = {"recorderUnavailable": "connectionFailure", "recorderLowDiskSpace": "lowDiskSpace"}
TURN_PORT = "3478"


class BridgeStatuses(Answers):
    """The status of TURN servers, web bridges, recorders and streamers."""

    def routes(self) -> list[Route]:
        """Return what the nodes answer."""
        web_bridge = "/webbridges/<object_id>"
        return [
            Route("GET", "/turnservers/<object_id>/status", self._turn_server),
            Route("GET", f"{web_bridge}/status", self._web_bridge),
            Route("POST", f"{web_bridge}/updatecustomization", self._update),
            Route("GET", "/recorders/<object_id>/status", self._recorder),
            Route("GET", "/streamers/<object_id>/status", self._streamer),
        ]

    def _turn_server(self, object_id: str) -> Response:
        """Answer with the host that the server's address leads to; with none where it has none."""
        server = self.found("turnServers", object_id)
        root = ElementTree.Element("turnServer", id=server.id)
        if "serverAddress" not in server.values:
            return xml_answer(root)
        host = ElementTree.SubElement(root, "host")
        reachable = not self._is_active("turnServerUnavailable")
        known = {
            "address": server.values["serverAddress"],
            "portNumber": server.values.get("tcpPortNumberOverride", TURN_PORT),
            "reachable": str(reachable).lower(),
        }
        measured = {"roundTripTimeMs": "1", "numAllocations": "0"} if reachable else {}
        for name, value in {**known, **measured}.items():
            add_text(host, name, value)
        return xml_answer(root)

    def _web_bridge(self, object_id: str) -> Response:
        bridge = self.found("webBridges", object_id)
        status = self.switches.web_bridge_status if self._is_used(bridge) else UNUSED
        return _answer("webBridge", bridge, {"status": status})

    def _update(self, object_id: str) -> Response:
        self.found("webBridges", object_id)
        return empty_answer(200)

    def _recorder(self, object_id: str) -> Response:
        recorder = self.found("recorders", object_id)
        failing = [status for alarm, status in OF_RECORDERS.items() if self._is_active(alarm)]
        status = self._status(recorder, [*failing, SUCCESS][0])
        active = self._calls_with("recording") if status == SUCCESS else "0"
        return _answer("recorder", recorder, {"status": status, "activeRecordings": active})

    def _streamer(self, object_id: str) -> Response:
        streamer = self.found("streamers", object_id)
        status = self._status(streamer, SUCCESS)
        active = self._calls_with("streaming") if status == SUCCESS else "0"
        return _answer("streamer", streamer, {"status": status, "activeStreams": active})

    def _status(self, record: Record, of_a_used_one: str) -> str:
        if not self._is_used(record):
            return UNUSED
        return of_a_used_one if "url" in record.values else "invalidAddress"

    def _is_used(self, record: Record) -> bool:
        """Return whether it is this Call Bridge's and its group's, or everyone's."""
        named = self.state.table(self.state.node("callBridges"))
        own = next(iter(named.having("name", self.state.bridge.name)), Record("", {}))
        group = record.values.get("callBridgeGroup")
        return (
            record.values.get("callBridge", own.id) == own.id
            and group in (None, own.values.get("callBridgeGroup"))
        )

    def _is_active(self, alarm: str) -> bool:
        return alarm in self.switches.alarms.split(",")

    def _calls_with(self, name: str) -> str:
        return str(len(self.state.table(self.state.node(CALLS)).having(name, "true")))


def _answer(name: str, record: Record, values: dict[str, str]) -> Response:
    root = ElementTree.Element(name, id=record.id)
    for key, value in values.items():
        add_text(root, key, value)
    return xml_answer(root)
