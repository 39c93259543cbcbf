"""The rules of tenants and their groups: call IDs are unique within a group."""

from __future__ import annotations

from flaskr.pod.cms.collection import CmsObjects, Rules
from flaskr.pod.cms.failures import CmsFailure, FailureElement
from flaskr.pod.cms.rules.names import ReachedNames
from flaskr.pod.database import Record


class TenantRules(Rules):
    """A tenant can't go where one of its Spaces would have the call ID of another's."""

    def refuse(self, record: Record, before: Record | None) -> None:
        """Refuse a group that has a call ID of the tenant's already."""
        if before and before.values.get("tenantGroup") != record.values.get("tenantGroup"):
            with self.state.attempt(keep=False):
                self.state.table(self.node).put(record)
                _refuse_clashes(self.state, [record])


class TenantGroupRules(Rules):
    """A group can't be deleted where its tenants then have call IDs of those without a group."""

    def refuse_deletion(self, record: Record) -> None:
        """Refuse a deletion that call IDs are in the way of."""
        tenants = self.state.table(self.state.node("tenants")).having("tenantGroup", record.id)
        with self.state.attempt(keep=False):
            self.state.release(self.node, record)
            _refuse_clashes(self.state, tenants)


def _refuse_clashes(state: CmsObjects, tenants: list[Record]) -> None:
    names = ReachedNames(state)
    if any(names.has_call_id_of_another(tenant.id) for tenant in tenants):
        raise CmsFailure(FailureElement("tenantGroupCoSpaceIdConflict"))
