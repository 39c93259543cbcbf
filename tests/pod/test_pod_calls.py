"""Calls, participants and call legs on the simulated CMS, on the wire."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
import requests
from support.cms_answers import added, codes, Send, shown

from flaskr.pod import Pod
from flaskr.pod.cms.start import CALL_LEG_PROFILE

Create = Callable[..., str]


def total(cms: Send, path: str) -> str:
    return str(shown(cms("GET", path))["@total"])


@pytest.fixture
def call(cms: Send, create: Create) -> str:
    """The path of a call of a Space."""
    space = create(name="Dev Space", meetingScheduler="Bjarne")
    return added(cms, "/calls", coSpace=space.rpartition("/")[2])


def test_a_call_of_a_space_shows_the_documented_elements(cms: Send, call: str) -> None:
    found = shown(cms("GET", call))
    assert (found["name"], found["callType"], found["ownerName"]) == (
        "Dev Space", "coSpace", "Bjarne",
    )
    assert uuid.UUID(found["callCorrelator"])
    numbers = {name: found[name] for name in found if name.startswith(("num", "max"))}
    assert numbers == {
        "numCallLegs": "0", "maxCallLegs": "0", "numParticipantsLocal": "0",
        "numParticipantsRemote": "0", "numDistributedInstances": "0",
    }
    assert (found["locked"], found["activeWhenEmpty"]) == ("false", "true")
    assert int(found["durationSeconds"]) >= 0
    listed = shown(cms("GET", "/calls"))["call"]
    assert set(listed) == {"@id", "name", "coSpace", "callCorrelator"}


def test_a_space_has_one_call_and_is_found_by_it(cms: Send, create: Create, call: str) -> None:
    space = shown(cms("GET", call))["coSpace"]
    assert added(cms, "/calls", coSpace=space) == call
    assert total(cms, f"/calls?coSpaceFilter={space}") == "1"
    assert total(cms, f"/calls?coSpaceFilter={create().rpartition('/')[2]}") == "0"


def test_a_call_needs_a_space_or_a_name(cms: Send) -> None:
    assert codes(cms("POST", "/calls")) == ["parameterError"]
    assert shown(cms("GET", added(cms, "/calls", name="Ad hoc")))["callType"] == "adHoc"


def test_a_participant_comes_with_a_call_leg_and_goes_with_it(cms: Send, call: str) -> None:
    place = added(cms, f"{call}/participants", remoteParty="lee@pod6.example")
    participant = shown(cms("GET", place))
    assert place.startswith("/participants/")
    assert participant["name"] == "Lee Alder"
    assert (participant["uri"], participant["userJid"]) == ("lee@pod6.example",) * 2
    assert (participant["numCallLegs"], participant["status"]["state"]) == ("1", "connected")
    leg = shown(cms("GET", f"{place}/callLegs"))["callLeg"]
    assert (leg["remoteParty"], leg["name"]) == ("lee@pod6.example", "Lee Alder")
    assert leg == shown(cms("GET", f"{call}/callLegs"))["callLeg"]
    assert shown(cms("GET", call))["numParticipantsLocal"] == "1"
    cms("DELETE", f"/callLegs/{leg['@id']}")
    assert total(cms, "/participants") == total(cms, "/callLegs") == "0"
    assert shown(cms("GET", call))["maxCallLegs"] == "1"


def test_a_call_leg_brings_its_participant_and_shows_what_is_set_for_it(
    cms: Send, call: str
) -> None:
    place = added(
        cms, f"{call}/callLegs", remoteParty="+14085550100", participantLabels="true",
        chosenLayout="stacked", callLegProfile=CALL_LEG_PROFILE,
    )
    leg = shown(cms("GET", place))
    assert leg["configuration"]["participantLabels"] == "true"
    assert (leg["status"]["state"], leg["status"]["layout"]) == ("connected", "stacked")
    assert total(cms, f"{call}/participants") == "1"
    cms("PUT", place, data={"rxAudioMute": "true"})
    assert shown(cms("GET", place))["configuration"]["rxAudioMute"] == "true"


def test_whoever_is_called_has_an_address(cms: Send, call: str) -> None:
    assert codes(cms("POST", f"{call}/participants")) == ["parameterError"]
    assert codes(cms("POST", f"{call}/callLegs")) == ["parameterError"]
    assert total(cms, "/participants") == "0"


def test_all_end_with_their_call(cms: Send, call: str) -> None:
    for party in ("one@pod6.example", "two@pod6.example"):
        added(cms, f"{call}/participants", remoteParty=party)
    assert total(cms, "/callLegs") == "2"
    cms("DELETE", call)
    assert codes(cms("GET", call)) == ["callDoesNotExist"]
    assert total(cms, "/participants") == total(cms, "/callLegs") == "0"


def test_a_call_has_no_more_participants_than_its_profile_allows(
    cms: Send, create: Create
) -> None:
    profile = added(cms, "/callProfiles", participantLimit="1").rpartition("/")[2]
    space = create(callProfile=profile).rpartition("/")[2]
    call = added(cms, "/calls", coSpace=space)
    added(cms, f"{call}/participants", remoteParty="one@pod6.example")
    for node in ("participants", "callLegs"):
        refused = cms("POST", f"{call}/{node}", data={"remoteParty": "two@pod6.example"})
        assert codes(refused) == ["participantLimitReached"]
    assert total(cms, "/participants") == total(cms, "/callLegs") == "1"


def test_a_tenant_has_no_more_participants_than_it_may(cms: Send, create: Create) -> None:
    tenant = added(cms, "/tenants", name="Small", participantLimit="0").rpartition("/")[2]
    call = added(cms, "/calls", coSpace=create(tenant=tenant).rpartition("/")[2])
    refused = cms("POST", f"{call}/participants", data={"remoteParty": "x@pod6.example"})
    assert codes(refused) == ["tenantParticipantLimitReached"]


def test_participants_elsewhere_are_counted_by_the_correlator() -> None:
    with Pod(call_bridges=2) as pod, requests.Session() as session:
        session.trust_env, session.verify = False, pod.ca_file
        session.auth = (pod.username, pod.password)

        def ask(bridge: str) -> Send:
            return lambda method, path, **options: session.request(
                method, pod.url(bridge) + path, timeout=10, **options
            )

        space = added(ask("cms"), "/coSpaces", name="Both").rpartition("/")[2]
        here = added(ask("cms"), "/calls", coSpace=space)
        there = added(ask("cms2"), "/calls", coSpace=space)
        assert here != there
        added(ask("cms2"), f"{there}/participants", remoteParty="far@pod6.example")
        found = shown(ask("cms")("GET", here))
        assert found["callCorrelator"] == shown(ask("cms2")("GET", there))["callCorrelator"]
        assert (found["numParticipantsLocal"], found["numParticipantsRemote"]) == ("0", "1")
        assert found["numDistributedInstances"] == "1"


def test_something_can_be_set_for_all_participants_or_for_some(cms: Send, call: str) -> None:
    one, two = (
        added(cms, f"{call}/participants", remoteParty=f"{name}@pod6.example")
        for name in ("one", "two")
    )
    cms("PUT", f"{call}/participants/*", data={"rxAudioMute": "true", "layout": "stacked"})
    for place in (one, two):
        leg = shown(cms("GET", f"{place}/callLegs"))["callLeg"]["@id"]
        found = shown(cms("GET", f"/callLegs/{leg}"))
        assert found["configuration"]["rxAudioMute"] == "true"
        assert found["status"]["layout"] == "stacked"
    only_one = {"importance": "7", "mode": "selected", "filterIds": one.rpartition("/")[2]}
    cms("PUT", f"{call}/participants/*", data=only_one)
    assert shown(cms("GET", one)).get("configuration", {}).get("importance") == "7"
    assert "importance" not in shown(cms("GET", two)).get("configuration", {})


def test_the_trace_shows_what_each_level_sets(cms: Send, create: Create) -> None:
    profiles = [
        added(cms, "/callLegProfiles", **values).rpartition("/")[2]
        for values in ({"participantLabels": "true"}, {"endCallAllowed": "false"})
    ]
    cms("PUT", "/system/profiles", data={"callLegProfile": profiles[0]})
    space = create(callLegProfile=profiles[1]).rpartition("/")[2]
    call = added(cms, "/calls", coSpace=space)
    leg = added(cms, f"{call}/callLegs", remoteParty="x@pod6.example", rxAudioMute="true")
    found = shown(cms("GET", f"{leg}/callLegProfileTrace"))
    assert found["@callLeg"] == leg.rpartition("/")[2]
    levels = {level["@scope"]: level["callLegProfile"] for level in found["profile"]}
    assert levels == {
        "global": {"@id": profiles[0], "participantLabels": "true"},
        "coSpace": {"@id": profiles[1], "endCallAllowed": "false"},
        "callLeg": {"rxAudioMute": "true"},
    }


def test_the_usage_of_a_profile_names_what_refers_to_it(cms: Send, create: Create) -> None:
    profile = added(cms, "/callLegProfiles", name="New").rpartition("/")[2]
    node = f"/callLegProfiles/{profile}/usage"
    assert shown(cms("GET", node)) == {"@id": profile, "@total": "0"}
    assert total(cms, "/callLegProfiles?usageFilter=unreferenced") != "0"
    cms("PUT", "/system/profiles", data={"callLegProfile": profile})
    space = create(callLegProfile=profile).rpartition("/")[2]
    found = shown(cms("GET", node))
    assert (found["@total"], found["global"], found["coSpace"]["@id"]) == ("2", None, space)
    listed = shown(cms("GET", "/callLegProfiles?usageFilter=referenced&limit=10"))
    entries = listed["callLegProfile"]
    assert profile in [entry["@id"] for entry in entries]


def test_diagnostics_outlive_their_call(cms: Send, call: str) -> None:
    correlator = shown(cms("GET", call))["callCorrelator"]
    place = added(cms, f"{call}/diagnostics")
    cms("DELETE", call)
    found = shown(cms("GET", place))
    assert (found["label"], found["callCorrelator"]) == ("Dev Space", correlator)
    contents = cms("GET", f"{place}/contents")
    assert contents.headers["Content-Type"] == "text/plain"
    assert len(contents.content) == int(found["contentsSize"])
    assert total(cms, f"/system/diagnostics?callCorrelatorFilter={correlator}") == "1"


def test_actions_on_a_call_leg_are_taken(cms: Send, call: str) -> None:
    leg = added(cms, f"{call}/callLegs", remoteParty="x@pod6.example")
    assert cms("POST", f"{leg}/generateKeyFrame").status_code == 200
    assert cms("PUT", f"{leg}/cameraControl", data={"pan": "left"}).status_code == 200
    assert codes(cms("PUT", f"{leg}/cameraControl", data={"pan": "up"})) == ["parameterError"]
    assert shown(cms("GET", "/system/status"))["callLegsActive"] == "1"


def test_no_conversation_is_ever_found(cms: Send) -> None:
    found = shown(cms("GET", "/conversationIdQuery?conversationId=abc"))
    assert found == {"conversationId": "abc", "found": "false"}
