"""The rules of calls, participants and call legs (API description, 'Call Related Methods').

There is no media: whoever is called is connected at once. A participant comes with a call leg, and
goes with its last one; a call that the API made stays when it is empty.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping

from flaskr.pod.cms.collection import CmsObjects, Rules, Values
from flaskr.pod.cms.failures import CmsFailure, FailureElement, parameter_error
from flaskr.pod.cms.nodes.call_profiles import LEG_PARAMETERS
from flaskr.pod.database import Record, Table

CALLS, PARTICIPANTS, LEGS = "calls", "participants", "callLegs"
DEFAULT_LAYOUT = "allEqual"
# What a call shows where it isn't set.
UNSET = {
    **dict.fromkeys(("locked", "recording", "streaming", "allowAllMuteSelf"), "false"),
    "messagePosition": "middle",
    "messageDuration": "0",
    "endpointRecording": "false",
}
# What a participant's first call leg has of the participant.
OF_A_LEG = {
    "call", "tenant", "name", "callLegProfile", "ownerId", "chosenLayout", "nameLabelOverride",
    *(parameter.name for parameter in LEG_PARAMETERS),
}


class CallRules(Rules):
    """A Space has one call at a Call Bridge; its calls at all of them have one correlator."""

    def existing(self, values: Mapping[str, str]) -> Record | None:
        """Return the call that the Space has at this Call Bridge already."""
        if not (values.get("coSpace") or values.get("name")):
            raise CmsFailure(parameter_error("coSpace", self.state.switches.parameter_error))
        found = self.state.table(self.node).having("coSpace", values.get("coSpace", ""))
        return found[0] if found else None

    def complete(self, values: Values, asked: Mapping[str, str], before: Record | None) -> Values:
        """Return the values with what a call has of its Space."""
        if values.get("panePlacementSelfPaneMode") == "unset":
            del values["panePlacementSelfPaneMode"]
        if before is None:
            space = space_of(self.state, values)
            values.setdefault("name", space.values.get("name", ""))
            values.setdefault("callCorrelator", self._correlator(space))
            values["tenant"] = space.values.get("tenant", "")
            values["started"] = str(time.time())
        return values

    def computed(self, record: Record) -> Mapping[str, str]:
        """Return the numbers of those who take part, here and elsewhere."""
        space = space_of(self.state, record.values).values
        legs = self.state.table(self.state.node(LEGS)).having("call", record.id)
        elsewhere = [len(found) for found in self._participants_elsewhere(record)]
        owner = space.get("meetingScheduler") or space.get("ownerJid")
        return {
            "callType": "coSpace" if "coSpace" in record.values else "adHoc",
            **{name: record.values.get(name, text) for name, text in UNSET.items()},
            **({"ownerName": owner} if owner else {}),
            "durationSeconds": _age(record),
            "numCallLegs": str(len(legs)),
            "maxCallLegs": record.values.get("mostLegs", "0"),
            "numParticipantsLocal": str(len(participants_of(self.state, record.id))),
            "numParticipantsRemote": str(sum(elsewhere)),
            "numDistributedInstances": str(sum(1 for number in elsewhere if number)),
        }

    def _correlator(self, space: Record) -> str:
        calls = [
            call
            for bridge in self.state.cluster.bridges
            for call in self._calls_at(bridge.name).having("coSpace", space.id)
        ]
        return calls[0].values["callCorrelator"] if calls else str(uuid.uuid4())

    def _calls_at(self, bridge: str) -> Table:
        return self.state.table_at(bridge, self.node)

    def _participants_elsewhere(self, record: Record) -> list[list[Record]]:
        node, correlator = self.state.node(PARTICIPANTS), record.values["callCorrelator"]
        return [
            self.state.table_at(bridge.name, node).having("call", call.id)
            for bridge in self.state.cluster.bridges
            if bridge.name != self.state.bridge.name
            for call in self._calls_at(bridge.name).having("callCorrelator", correlator)
        ]


class ParticipantRules(Rules):
    """Someone who takes part in a call, by one call leg or several."""

    def complete(self, values: Values, asked: Mapping[str, str], before: Record | None) -> Values:
        """Return the values with who it is, and of what call."""
        if before is not None:
            return values
        party = values.pop("remoteParty", "")
        if moved := asked.get("movedParticipant"):
            # Someone at another Call Bridge is not known here.
            known = self.state.table(self.node).get(moved)
            if known is not None:
                party = known.values["uri"]
                self.state.collection(PARTICIPANTS).remove(known.id)
        if not party:
            raise CmsFailure(parameter_error("remoteParty", self.state.switches.parameter_error))
        return {**values, **_who(self.state, party), **_of_call(self.state, values["call"])}

    def refuse(self, record: Record, before: Record | None) -> None:
        """Refuse one more than the call's profile, or the tenant, allows."""
        if before is None:
            refuse_beyond_limits(self.state, record.values["call"])

    def saved(self, record: Record, before: Record | None) -> None:
        """Connect a new one by its first call leg."""
        if before is None:
            own = {name: text for name, text in record.values.items() if name in OF_A_LEG}
            values = {**own, "remoteParty": record.values["uri"], "participant": record.id}
            add_leg(self.state, Record(str(uuid.uuid4()), values))

    def computed(self, record: Record) -> Mapping[str, str]:
        """Return the state of the participant."""
        legs = self.state.table(self.state.node(LEGS)).having("participant", record.id)
        return {
            "originalUri": record.values["uri"],
            "numCallLegs": str(len(legs)),
            "isActivator": "false" if record.values.get("needsActivation") == "true" else "true",
            "canMove": "true",
            "status/state": "connected",
        }


class CallLegRules(Rules):
    """One connection of a participant."""

    def complete(self, values: Values, asked: Mapping[str, str], before: Record | None) -> Values:
        """Return the values with who is connected; a new call leg makes its participant."""
        if asked.get("layout") and not asked.get("defaultLayout"):
            values["defaultLayout"] = asked["layout"]
        if before is not None:
            return values
        refuse_beyond_limits(self.state, values["call"])
        who, call = _who(self.state, values["remoteParty"]), _of_call(self.state, values["call"])
        participant = Record(str(uuid.uuid4()), {"call": values["call"], **who, **call})
        self.state.table(self.state.node(PARTICIPANTS)).put(participant)
        new = {"participant": participant.id, "name": who["name"], "started": str(time.time())}
        return {**values, **call, **new}

    def saved(self, record: Record, before: Record | None) -> None:
        """Count the call legs of the call."""
        if before is None:
            count_legs(self.state, record.values["call"])

    def deleted(self, record: Record) -> None:
        """End the participant with its last call leg."""
        others = self.state.table(self.state.node(LEGS))
        participant = record.values["participant"]
        participants = self.state.table(self.state.node(PARTICIPANTS))
        if not others.having("participant", participant) and participants.get(participant):
            participants.remove(participant)

    def computed(self, record: Record) -> Mapping[str, str]:
        """Return the state of the connection."""
        layout = record.values.get("chosenLayout") or record.values.get("defaultLayout")
        return {
            "originalRemoteParty": record.values["remoteParty"],
            "type": "sip",
            "direction": "outgoing",
            "canMove": "true",
            "status/state": "connected",
            "status/durationSeconds": _age(record),
            "status/direction": "outgoing",
            "status/groupId": record.values["participant"],
            "status/layout": layout or DEFAULT_LAYOUT,
        }


def space_of(state: CmsObjects, values: Mapping[str, str]) -> Record:
    """Return the Space of a call; for a call without one, a Space that has nothing."""
    space_id = values.get("coSpace", "")
    return state.collection("coSpaces").get(space_id) if space_id else Record("", {})


def participants_of(state: CmsObjects, call_id: str) -> list[Record]:
    """Return those who take part in a call at this Call Bridge."""
    return state.table(state.node(PARTICIPANTS)).having("call", call_id)


def add_leg(state: CmsObjects, leg: Record) -> None:
    """Add a call leg that was made with its participant."""
    started = {**leg.values, "started": str(time.time())}
    state.table(state.node(LEGS)).put(Record(leg.id, started))
    count_legs(state, leg.values["call"])


def count_legs(state: CmsObjects, call_id: str) -> None:
    """Note in the call how many call legs it has had at a time."""
    call = state.collection(CALLS).get(call_id)
    now = len(state.table(state.node(LEGS)).having("call", call_id))
    most = max(now, int(call.values.get("mostLegs", "0")))
    state.table(state.node(CALLS)).put(Record(call.id, {**call.values, "mostLegs": str(most)}))


def refuse_beyond_limits(state: CmsObjects, call_id: str) -> None:
    """Refuse a participant beyond the limit of the call's profile, or of its tenant."""
    call = state.collection(CALLS).get(call_id)
    space = space_of(state, call.values)
    tenant_id = space.values.get("tenant", "")
    tenant = state.collection("tenants").get(tenant_id) if tenant_id else None
    limit = _participant_limit(state, space, tenant)
    if limit is not None and len(participants_of(state, call.id)) >= limit:
        raise CmsFailure(FailureElement("participantLimitReached"))
    most = tenant.values.get("participantLimit") if tenant else None
    taking_part = state.table(state.node(PARTICIPANTS)).having("tenant", tenant_id)
    if most is not None and len(taking_part) >= int(most):
        raise CmsFailure(FailureElement("tenantParticipantLimitReached"))


def _participant_limit(state: CmsObjects, space: Record, tenant: Record | None) -> int | None:
    """Return the limit of the nearest call profile that has one: Space, tenant, system."""
    system = state.collection("system/profiles").the_one()
    for holder in (space, tenant, system):
        profile = holder.values.get("callProfile") if holder else None
        if profile:
            limit = state.collection("callProfiles").get(profile).values.get("participantLimit")
            if limit is not None:
                return int(limit)
    return None


def _who(state: CmsObjects, party: str) -> dict[str, str]:
    """Return the name and addresses of whom that address is of."""
    users = state.table(state.node("users")).having("userJid", party.lower())
    if not users:
        return {"name": party, "uri": party}
    jid = users[0].values["userJid"]
    return {"name": users[0].values.get("name", jid), "uri": party, "userJid": jid}


def _of_call(state: CmsObjects, call_id: str) -> dict[str, str]:
    tenant = state.collection(CALLS).get(call_id).values.get("tenant", "")
    return {"tenant": tenant} if tenant else {}


def _age(record: Record) -> str:
    return str(int(time.time() - float(record.values.get("started", time.time()))))
