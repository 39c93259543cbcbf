"""Which nodes have rules of their own."""

from __future__ import annotations

from flaskr.pod.cms.rules.access_methods import AccessMethodRules
from flaskr.pod.cms.rules.bulk_syncs import BulkSyncRules
from flaskr.pod.cms.rules.call_bridges import CallBridgeRules
from flaskr.pod.cms.rules.calls import CallLegRules, CallRules, ParticipantRules
from flaskr.pod.cms.rules.members import MemberRules
from flaskr.pod.cms.collection import Rules
from flaskr.pod.cms.rules.spaces import SpaceRules

RULES: dict[str, type[Rules]] = {
    "callBridges": CallBridgeRules,
    "calls": CallRules,
    "participants": ParticipantRules,
    "callLegs": CallLegRules,
    "coSpaces": SpaceRules,
    "coSpaces/*/coSpaceUsers": MemberRules,
    "coSpaces/*/accessMethods": AccessMethodRules,
    "cospaceBulkSyncs": BulkSyncRules,
}
