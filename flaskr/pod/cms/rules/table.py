"""Which nodes have rules of their own."""

from __future__ import annotations

from flaskr.pod.cms.rules.access_methods import AccessMethodRules
from flaskr.pod.cms.rules.bulk_syncs import BulkSyncRules
from flaskr.pod.cms.rules.call_bridges import CallBridgeRules
from flaskr.pod.cms.rules.calls import CallLegRules, CallRules, ParticipantRules
from flaskr.pod.cms.rules.cdr_receivers import RECEIVERS, CdrReceiverRules
from flaskr.pod.cms.rules.dial_plan import InboundRuleRules, IvrRules
from flaskr.pod.cms.rules.layout_templates import LayoutTemplateRules
from flaskr.pod.cms.rules.ldap_syncs import LdapSyncRules
from flaskr.pod.cms.rules.members import MEMBERS, MemberRules
from flaskr.pod.cms.collection import Rules
from flaskr.pod.cms.rules.spaces import SpaceRules
from flaskr.pod.cms.rules.templates import GIVEN, TemplateRules, UserTemplateRules
from flaskr.pod.cms.rules.tenants import TenantGroupRules, TenantRules
from flaskr.pod.cms.rules.users import UserRules
from flaskr.pod.cms.rules.web_bridge_profiles import WebBridgeProfileRules

RULES: dict[str, type[Rules]] = {
    "callBridges": CallBridgeRules,
    "calls": CallRules,
    "participants": ParticipantRules,
    "callLegs": CallLegRules,
    "coSpaces": SpaceRules,
    MEMBERS: MemberRules,
    "coSpaces/*/accessMethods": AccessMethodRules,
    "coSpaceTemplates": TemplateRules,
    GIVEN: UserTemplateRules,
    "cospaceBulkSyncs": BulkSyncRules,
    "inboundDialPlanRules": InboundRuleRules,
    "ivrs": IvrRules,
    "layoutTemplates": LayoutTemplateRules,
    "ldapSyncs": LdapSyncRules,
    RECEIVERS: CdrReceiverRules,
    "tenants": TenantRules,
    "tenantGroups": TenantGroupRules,
    "users": UserRules,
    "webBridgeProfiles": WebBridgeProfileRules,
}
