"""The rules of Call Bridges (API description, 'Call Bridge Methods')."""

from __future__ import annotations

from collections.abc import Mapping

from flaskr.pod.cms.collection import Rules
from flaskr.pod.cms.failures import CmsFailure, FailureElement
from flaskr.pod.database import Record


class CallBridgeRules(Rules):
    """A name is one Call Bridge's; those that the pod runs know their address."""

    def refuse(self, record: Record, before: Record | None) -> None:
        """Refuse a name that another Call Bridge has."""
        same = self.state.table(self.node).having("name", record.values.get("name", ""))
        if any(other.id != record.id for other in same):
            raise CmsFailure(FailureElement("duplicateCallBridgeName"))

    def computed(self, record: Record) -> Mapping[str, str]:
        """Return the address of a Call Bridge that runs, unless another one is set."""
        if "address" in record.values:
            return {}
        return {
            "address": bridge.address
            for bridge in self.state.cluster.bridges
            if bridge.name == record.values.get("name")
        }
