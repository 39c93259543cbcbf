"""What is done to calls, and told of them, beside listing and changing them.

Source: API description, 'Call Related Methods', 'System Diagnostics Methods',
'conversationIdQuery Method'.
"""

from __future__ import annotations

import time
import uuid
from datetime import datetime, timezone
from xml.etree import ElementTree

from flask import Response

from flaskr.pod.cms.answers.answers import Answers
from flaskr.pod.cms.collection import THE_ONE
from flaskr.pod.cms.failures import CmsFailure, parameter_error
from flaskr.pod.cms.nodes.call_profiles import LEG_PARAMETERS
from flaskr.pod.cms.nodes.spaces import LAYOUTS
from flaskr.pod.cms.parameters import boolean, choice, number, text
from flaskr.pod.cms.rules.calls import LEGS, PARTICIPANTS, participants_of, space_of
from flaskr.pod.cms.views import Route, empty_answer, xml_answer, xml_bytes
from flaskr.pod.database import Record
from flaskr.pod.xml import add_text

DIAGNOSTICS = "system/diagnostics"
PROFILE = "callLegProfile"
# Where a call leg profile can be set: the path of the node, and how usage names it.
PROFILE_USERS = (
    ("tenants", "tenant"),
    ("coSpaces", "coSpace"),
    ("coSpaces/*/coSpaceUsers", "coSpaceUser"),
    ("coSpaces/*/accessMethods", "accessMethod"),
)
FOR_ALL = (
    boolean("rxAudioMute"), boolean("txAudioMute"), boolean("rxVideoMute"),
    boolean("txVideoMute"), choice("layout", LAYOUTS), number("importance"),
    text("filterIds", kept=False), choice("mode", "exclude selected", kept=False),
)
MOST_FILTER_IDS = 20
CAMERA = (
    choice("pan", "left right"), choice("tilt", "up down"), choice("zoom", "in out"),
    choice("focus", "in out"),
)


class CallAnswers(Answers):
    """Actions on calls and call legs, the profile in force, diagnostics."""

    needs_database = False

    def routes(self) -> list[Route]:
        """Return what the nodes answer."""
        leg, diagnostics = "/calllegs/<leg_id>", "/system/diagnostics/<object_id>/contents"
        return [
            Route("PUT", "/calls/<call_id>/participants/*", self._set_for_all),
            Route("POST", "/calls/<call_id>/diagnostics", self._diagnose_call),
            Route("POST", "/cospaces/<space_id>/diagnostics", self._diagnose_space),
            Route("GET", diagnostics, self._contents),
            Route("POST", f"{leg}/generatekeyframe", self._generate_key_frame),
            Route("PUT", f"{leg}/cameracontrol", self._control_camera),
            Route("GET", f"{leg}/calllegprofiletrace", self._trace),
            Route("GET", "/calllegprofiles/<profile_id>/usage", self._usage),
            Route("GET", "/conversationidquery", self._conversation),
        ]

    def _set_for_all(self, call_id: str) -> Response:
        """Set something for all participants, or for those that `mode` and `filterIds` leave."""
        call = self.found("calls", call_id)
        given = self.form(*FOR_ALL)
        named = given.pop("filterIds", "").lower().split(",")
        if len(named) > MOST_FILTER_IDS:
            raise CmsFailure(parameter_error("filterIds", self.switches.parameter_error))
        selected = given.pop("mode", "exclude") == "selected"
        for participant in participants_of(self.state, call.id):
            if (participant.id in named) is selected:
                self._set(participant, {name: text for name, text in given.items() if text})
        return empty_answer(200)

    def _set(self, participant: Record, given: dict[str, str]) -> None:
        table = self.state.table(self.state.node(PARTICIPANTS))
        table.put(Record(participant.id, {**participant.values, **given}))
        legs = self.state.table(self.state.node(LEGS))
        layout = {"chosenLayout": given["layout"]} if given.get("layout") else {}
        for leg in legs.having("participant", participant.id):
            legs.put(Record(leg.id, {**leg.values, **given, **layout}))

    def _diagnose_call(self, call_id: str) -> Response:
        call = self.found("calls", call_id)
        return self._diagnose(space_of(self.state, call.values), call)

    def _diagnose_space(self, space_id: str) -> Response:
        space = self.found("coSpaces", space_id)
        calls = self.state.table(self.state.node("calls")).having("coSpace", space.id)
        return self._diagnose(space, calls[0] if calls else None)

    def _diagnose(self, space: Record, call: Record | None) -> Response:
        """Make an entry of the diagnostics; it outlives the call and the Space."""
        name = call.values.get("name", "") if call else space.values.get("name", "")
        values = {
            "label": name,
            "coSpace": space.id,
            "callCorrelator": call.values["callCorrelator"] if call else "",
            "timestamp": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        kept = {key: value for key, value in values.items() if value}
        kept["contentsSize"] = str(len(_report(kept)))
        record = Record(str(uuid.uuid4()), kept)
        self.state.table(self.state.node(DIAGNOSTICS)).put(record)
        return empty_answer(200, {"Location": f"/api/v1/{DIAGNOSTICS}/{record.id}"})

    def _contents(self, object_id: str) -> Response:
        answer = xml_bytes(_report(dict(self.found(DIAGNOSTICS, object_id).values)), 200)
        answer.headers["Content-Type"] = "text/plain"
        return answer

    def _generate_key_frame(self, leg_id: str) -> Response:
        self.found(LEGS, leg_id)
        return empty_answer(200)

    def _control_camera(self, leg_id: str) -> Response:
        self.found(LEGS, leg_id)
        self.form(*CAMERA)
        return empty_answer(200)

    def _trace(self, leg_id: str) -> Response:
        """Answer with what each level sets of the profile that is in force for a call leg."""
        leg = self.found(LEGS, leg_id)
        root = ElementTree.Element("callLegProfileTrace", callLeg=leg.id)
        for scope, holder in self._levels(leg):
            outer = ElementTree.SubElement(root, "profile", scope=scope)
            level = ElementTree.SubElement(outer, "callLegProfile")
            profile = holder.values.get(PROFILE, "")
            if profile:
                level.set("id", profile)
            own = self.state.collection(f"{PROFILE}s").get(profile).values if profile else {}
            values = {**own, **(leg.values if holder is leg else {})}
            for parameter in LEG_PARAMETERS:
                if parameter.name in values:
                    add_text(level, parameter.name, values[parameter.name])
        return xml_answer(root)

    def _levels(self, leg: Record) -> list[tuple[str, Record]]:
        """Return who can set something for a call leg, from the outermost to the call leg."""
        call = self.state.collection("calls").get(leg.values["call"])
        space = space_of(self.state, call.values)
        levels = [("global", self.state.collection("system/profiles").the_one())]
        if space.values.get("tenant"):
            levels.append(("tenant", self.state.collection("tenants").get(space.values["tenant"])))
        levels.append(("coSpace", space))
        jid = leg.values["remoteParty"].lower()
        for member in self.state.collection("coSpaces/*/coSpaceUsers").listed(space.id or THE_ONE):
            if member.values["userJid"] == jid:
                levels.append(("coSpaceUser", member))
        return [*levels, ("callLeg", leg)]

    def _usage(self, profile_id: str) -> Response:
        """Answer with where a call leg profile is set."""
        profile = self.found(f"{PROFILE}s", profile_id)
        root = ElementTree.Element("callLegProfileUsage", id=profile.id)
        system = self.state.collection("system/profiles").the_one()
        if system.values.get(PROFILE) == profile.id:
            ElementTree.SubElement(root, "global")
        for path, element in PROFILE_USERS:
            for user in self.state.table(self.state.node(path)).having(PROFILE, profile.id):
                ElementTree.SubElement(root, element, id=user.id)
        root.set("total", str(len(root)))
        return xml_answer(root)

    def _conversation(self) -> Response:
        """Answer whether there is a conversation of that ID; here there never is one."""
        root = ElementTree.Element("conversationIdQuery")
        add_text(root, "conversationId", self.query(text("conversationId")).get(
            "conversationId", ""
        ))
        add_text(root, "found", "false")
        return xml_answer(root)


def _report(values: dict[str, str]) -> bytes:
    """Return the text of diagnostics; there is no media, so that little is to be told."""
    moment = values.get("timestamp", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    lines = [
        "Diagnostics of a simulated CMS", "",
        f'"{values.get("label", "")}"',
        f"    coSpace: {values.get('coSpace', '')}",
        f"    correlator: {values.get('callCorrelator', '')}", "",
        "Recent log messages:",
        f"    {moment[11:19]}.000 Info diagnostics asked for",
    ]
    return "\n".join([*lines, ""]).encode()
