"""The node system/alarms: what the switches say, and what follows from other switches."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree import ElementTree

from flask import Response

from flaskr.pod.cms.alarms import ALARM_TYPES
from flaskr.pod.cms.answers.answers import Answers
from flaskr.pod.cms.state import CmsState
from flaskr.pod.cms.views import Route
from flaskr.pod.database import Record
from flaskr.pod.xml import add_text

# The document names no such file.
A_FILE = "resource"


class Alarm(NamedTuple):
    """A condition: its type, the ID of the object that it is about, a reason of its own."""

    type: str
    about: str = ""
    reason: str = ""


class SystemAlarms(Answers):
    """The alarms of this Call Bridge, each active since it was first asked for."""

    needs_database = False

    def __init__(self, state: CmsState) -> None:
        super().__init__(state)
        self._known: dict[Alarm, tuple[str, float]] = {}

    def routes(self) -> list[Route]:
        """Return what the node answers."""
        return [Route("GET", "/system/alarms", self._show)]

    def _show(self) -> Response:
        now = time.monotonic()
        self._known = {
            alarm: self._known.get(alarm, (str(uuid.uuid4()), now))
            for alarm in (*self._switched_on(), *self._following())
        }
        return self.paged("alarms", [
            self._element(alarm, alarm_id, int(now - since))
            for alarm, (alarm_id, since) in self._known.items()
        ])

    def _switched_on(self) -> Iterator[Alarm]:
        """Yield those that are switched on, about the first object of their kind."""
        for name in filter(None, self.switches.alarms.split(",")):
            objects = self._objects(ALARM_TYPES[name].path)
            yield Alarm(name, objects[0].id if objects else "")

    def _following(self) -> Iterator[Alarm]:
        """Yield those that other switches bring with them."""
        down = self.switches.call_bridges_down.split(",")
        for record in self._objects("callBridges"):
            if record.values.get("name") in down:
                yield Alarm("callBridgeConnectionFailure", record.id)
        if not self.state.has_database():
            yield Alarm("databaseConnectionError")
        status = self.switches.web_bridge_status
        if status.endswith("Failure") and self._objects("webBridges"):
            reason = status.replace("connectionFailure", "connectFailure")
            yield Alarm("c2wConnectionFailure", reason=reason)

    def _objects(self, path: str) -> list[Record]:
        return self.state.collection(path).listed() if path else []

    def _element(self, alarm: Alarm, alarm_id: str, seconds: int) -> ElementTree.Element:
        kind = ALARM_TYPES[alarm.type]
        element = ElementTree.Element("alarm", id=alarm_id)
        shown = {
            "type": alarm.type,
            "activeTimeSeconds": str(seconds),
            "failureReason": alarm.reason or kind.reason,
            kind.element: alarm.about,
            "fileName": A_FILE if kind.reason == "dataFormatInvalid" else "",
            "callBridgeName": self._another() if kind.element == "call" else "",
        }
        for name, value in shown.items():
            if value:
                add_text(element, name, value)
        return element

    def _another(self) -> str:
        """Return the name of another Call Bridge, empty where there is none."""
        names = [bridge.name for bridge in self.state.cluster.bridges]
        return next((name for name in names if name != self.state.bridge.name), "")
