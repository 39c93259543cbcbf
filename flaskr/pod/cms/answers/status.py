"""The node system/status (API description, 'Retrieving the system status')."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from xml.etree import ElementTree

from flask import Response

from flaskr.pod.cms.answers.answers import Answers
from flaskr.pod.cms.views import Route, xml_answer
from flaskr.pod.cms.state import CmsState
from flaskr.pod.company import guid_for
from flaskr.pod.xml import add_text

# There is no media, and nothing is counted over time.
IDLE_COUNTERS = (
    "cdrCorrelatorIndex", "callLegsActive", "callLegsMaxActive", "callLegsCompleted",
    "audioBitRateOutgoing", "audioBitRateIncoming", "videoBitRateOutgoing",
    "videoBitRateIncoming",
)


def host_id(name: str) -> str:
    """Return the ID of the host of the Call Bridge with that name."""
    return guid_for(f"host {name}")


class SystemStatus(Answers):
    """The status of the whole server, up since the node was made."""

    needs_database = False

    def __init__(self, state: CmsState) -> None:
        super().__init__(state)
        self._started = time.monotonic()

    def routes(self) -> list[Route]:
        """Return what the node answers."""
        return [Route("GET", "/system/status", self._show)]

    def _show(self) -> Response:
        now = datetime.now(timezone.utc)
        values = {
            "hostId": host_id(self.state.bridge.name),
            "softwareVersion": self.switches.software_version,
            "uptimeSeconds": str(int(time.monotonic() - self._started)),
            "cdrTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "activated": "true",
            "clusterEnabled": "true" if len(self.state.cluster.bridges) > 1 else "false",
            "clusterId": guid_for("cluster"),
            **dict.fromkeys(IDLE_COUNTERS, "0"),
            "callLegsActive": str(len(self.state.table(self.state.node("callLegs")))),
        }
        root = ElementTree.Element("status")
        for name, value in values.items():
            add_text(root, name, value)
        return xml_answer(root)
