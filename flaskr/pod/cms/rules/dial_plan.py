"""The rules of inbound dial plan rules and IVRs: who would be meant by a URI."""

from __future__ import annotations

from collections.abc import Mapping

from flaskr.pod.cms.collection import Rules, Values
from flaskr.pod.cms.failures import CmsFailure, FailureElement
from flaskr.pod.cms.rules.names import ReachedNames
from flaskr.pod.database import Record
from flaskr.pod.lower_case import in_lower_case


class InboundRuleRules(Rules):
    """A rule without a tenant finds the Spaces of all tenants, so that each URI has to be one's.

    A Space that comes after such a rule is made all the same: nothing is documented of it.
    """

    def refuse(self, record: Record, before: Record | None) -> None:
        """Refuse a rule by which a URI would mean the Spaces of several tenants."""
        finds_spaces = record.values.get("resolveTocoSpaces") != "false"
        if finds_spaces and "tenant" not in record.values:
            if ReachedNames(self.state).have_uri_in_several_tenants():
                raise CmsFailure(FailureElement("inboundDialPlanRuleUriConflict"))


class IvrRules(Rules):
    """A URI is one IVR's: of those without a tenant, of a tenant, of the tenants of a group."""

    def complete(self, values: Values, asked: Mapping[str, str], before: Record | None) -> Values:
        """Return the values with the URI in lower case."""
        if "uri" in values:
            values["uri"] = in_lower_case(values["uri"])
        return values

    def refuse(self, record: Record, before: Record | None) -> None:
        """Refuse a URI that another IVR has."""
        same = self.state.table(self.node).having("uri", record.values.get("uri", ""))
        domain = self._domain(record)
        if any(domain & self._domain(other) for other in same if other.id != record.id):
            raise CmsFailure(FailureElement("ivrUriConflict"))

    def _domain(self, record: Record) -> set[str]:
        """Return the tenants, and the group, whose callers reach the IVR."""
        group = record.values.get("tenantGroup")
        if not group:
            return {record.values.get("tenant", "")}
        tenants = self.state.table(self.state.node("tenants")).having("tenantGroup", group)
        return {group, *(tenant.id for tenant in tenants)}
