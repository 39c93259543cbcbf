"""What the simulated CMS tells of itself: CDR receivers, database, load, alarms, licences."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from support.cms_answers import added_id, codes, Send

from flaskr.pod import Pod
from flaskr.pod.cms.alarms import ALARM_TYPES

Root = Callable[[str], Any]

RECEIVERS, DEPRECATED = "/system/cdrReceivers", "/system/cdrReceiver"
MULTIPARTY, USAGE = "/system/multipartyLicensing", "/system/MPLicenseUsage"


def changed(cms: Send, path: str, **values: str) -> None:
    answer = cms("PUT", path, data=values)
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("name", ["uri", "url"])
def test_a_cdr_receiver_is_set_by_either_name_and_shown_by_one(
    cms: Send, root: Root, name: str
) -> None:
    one = added_id(cms, RECEIVERS, **{name: "https://cdr.pod6.example/1"})
    shown = {"@id": one, "uri": "https://cdr.pod6.example/1"}
    assert root(f"{RECEIVERS}/{one}") == {"name": "cdrReceiver", **shown}
    assert root(RECEIVERS) == {
        "name": "cdrReceivers", "@total": "1", "@maximum": "4", "cdrReceiver": shown,
    }
    changed(cms, f"{RECEIVERS}/{one}", **{name: "http://cdr.pod6.example:8444/2"})
    assert root(f"{RECEIVERS}/{one}")["uri"] == "http://cdr.pod6.example:8444/2"


def test_a_fifth_cdr_receiver_is_too_many_even_where_one_has_no_uri(
    cms: Send, root: Root
) -> None:
    several = [added_id(cms, RECEIVERS, url=f"http://cdr{number}.example") for number in range(4)]
    changed(cms, f"{RECEIVERS}/{several[0]}", url="")
    assert root(f"{RECEIVERS}/{several[0]}") == {"name": "cdrReceiver", "@id": several[0]}
    for path, method in ((RECEIVERS, "POST"), (DEPRECATED, "PUT")):
        assert codes(cms(method, path, data={"url": "http://x.example"})) == [
            "tooManyCdrReceivers"
        ]
    cms("DELETE", f"{RECEIVERS}/{several[0]}")
    added_id(cms, RECEIVERS)
    assert root(RECEIVERS)["@total"] == "4"


def test_the_deprecated_cdr_receiver_has_another_id_after_it_was_removed(
    cms: Send, root: Root
) -> None:
    other = added_id(cms, RECEIVERS, url="http://other.example")
    assert root(DEPRECATED) == {"name": "cdrReceiver"}
    ids = set()
    for _ in range(2):
        for url in ("http://first.example", "http://second.example"):
            changed(cms, DEPRECATED, url=url)
            assert root(DEPRECATED) == {"name": "cdrReceiver", "uri": url}
        listed = root(RECEIVERS)["cdrReceiver"]
        assert [each["uri"] for each in listed] == ["http://other.example", url]
        ids.add(listed[1]["@id"])
        changed(cms, DEPRECATED, url="")
        assert root(RECEIVERS)["cdrReceiver"]["@id"] == other
    assert len(ids) == 2


@pytest.mark.parametrize("name", ["coSpaceFilter", "callCorrelatorFilter"])
def test_diagnostics_are_filtered_by_ids_only(cms: Send, name: str) -> None:
    answer = cms("GET", "/system/diagnostics", params={name: "not an ID"})
    assert codes(answer) == ["parameterError"]


@pytest.mark.parametrize("method", ["PUT", "POST"])
@pytest.mark.parametrize("node,value", [
    ("cluster", {"peerLinkBitRate": "2000000"}), ("xmpp", {"serverAddressOverride": "10.1.1.1"}),
])
def test_a_configuration_is_changed_by_put_and_by_post(
    cms: Send, root: Root, node: str, value: dict[str, str], method: str
) -> None:
    path = f"/system/configuration/{node}"
    assert cms(method, path, data=value).status_code == 200
    assert root(path).items() >= {"name": node, **value}.items()


def test_a_healthy_cms_has_no_alarms_and_a_database_of_its_own(cms: Send, root: Root) -> None:
    assert root("/system/alarms") == {"name": "alarms", "@total": "0"}
    assert root("/system/database") == {"name": "database", "@clustered": "disabled"}
    assert root("/system/load") == {"name": "load", "mediaProcessingLoad": "0"}


def test_the_load_is_as_switched(pod: Pod, root: Root) -> None:
    pod.switches.media_processing_load = 25
    assert root("/system/load")["mediaProcessingLoad"] == "25"


def test_an_alarm_has_its_id_until_it_is_over(pod: Pod, root: Root) -> None:
    pod.switches.alarms = "cdrConnectionFailure"
    first = root("/system/alarms")
    assert first["@total"] == "1"
    alarm = first["alarm"]
    assert alarm == {
        "@id": alarm["@id"], "type": "cdrConnectionFailure", "activeTimeSeconds": "0",
    }
    assert root("/system/alarms")["alarm"]["@id"] == alarm["@id"]
    pod.switches.alarms = ""
    assert root("/system/alarms")["@total"] == "0"
    pod.switches.alarms = "cdrConnectionFailure"
    assert root("/system/alarms")["alarm"]["@id"] != alarm["@id"]


def test_an_alarm_says_why_and_what_it_is_about(pod: Pod, cms: Send, root: Root) -> None:
    turn = added_id(cms, "/turnServers", serverAddress="turn.pod6.example")
    call = added_id(cms, "/calls", name="Call")
    pod.switches.alarms = (
        "turnServerUnavailable,callDistributionFailure,ivrBrandingResourceInvalid,"
        "xmppAuthenticationRegistrationFailure"
    )
    alarms = {alarm["type"]: alarm for alarm in root("/system/alarms")["alarm"]}
    assert len(alarms) == 4
    assert alarms["turnServerUnavailable"]["turnServer"] == turn
    assert alarms["callDistributionFailure"]["call"] == call
    branding = alarms["ivrBrandingResourceInvalid"]
    assert (branding["failureReason"], "fileName" in branding) == ("dataFormatInvalid", True)
    registration = alarms["xmppAuthenticationRegistrationFailure"]
    assert registration["failureReason"] == "authenticationFailure"


def test_all_types_of_alarms_are_listed_by_pages(pod: Pod, root: Root) -> None:
    pod.switches.alarms = ",".join(ALARM_TYPES)
    found = []
    for offset in range(0, len(ALARM_TYPES), 10):
        page = root(f"/system/alarms?offset={offset}&limit=1000")
        assert page["@total"] == str(len(ALARM_TYPES))
        found += [alarm["type"] for alarm in page["alarm"]]
    assert found == list(ALARM_TYPES)
    assert "alarm" not in root("/system/alarms?limit=0")


@pytest.mark.parametrize("names", ["fire", "cdrConnectionFailure,fire", "cdrConnectionFailure,"])
def test_an_alarm_that_there_is_not_is_refused(pod: Pod, names: str) -> None:
    with pytest.raises(ValueError, match="types of alarms"):
        pod.switches.alarms = names


def test_without_the_database_what_is_kept_in_it_is_not_ready(
    pod: Pod, cms: Send, root: Root, create: Callable[..., str]
) -> None:
    space = create(name="Kept")
    pod.switches.without_database = "cms"
    for method, path in (
        ("GET", space), ("GET", "/coSpaces"), ("POST", "/ldapSyncs"), ("POST", "/uriUsageQuery"),
        ("GET", "/system/profiles"),
    ):
        answer = cms(method, path)
        assert (answer.status_code, codes(answer)) == (503, ["databaseNotReady"])
    for path in ("/system/status", "/system/load", "/system/cdrReceivers", "/calls"):
        assert cms("GET", path).status_code == 200
    assert root("/system/alarms")["alarm"]["type"] == "databaseConnectionError"
    pod.switches.without_database = ""
    assert cms("GET", space).status_code == 200


@pytest.mark.parametrize("path,name,features", [
    ("/system/licensing", "licensing", [
        "callBridge", "callBridgeNoEncryption", "webBridge", "turn", "ldap", "branding",
        "recording", "streaming", "personal", "shared", "capacityUnits",
    ]),
    ("/clusterLicensing", "clusterLicensing", [
        "callBridge", "callBridgeNoEncryption", "customizations", "recording",
    ]),
])
def test_a_healthy_cms_is_licensed(
    root: Root, path: str, name: str, features: list[str]
) -> None:
    answer = root(path)
    assert (answer["name"], list(answer["features"])) == (name, features)
    assert answer["features"]["callBridge"]["status"] == "activated"
    assert answer["features"]["callBridgeNoEncryption"] == {"status": "noLicense"}
    assert 85 <= days_left(answer["features"]["recording"]) <= 90


def days_left(feature: dict[str, str]) -> int:
    expiry = datetime.strptime(feature["expiry"], "%Y-%b-%d")
    return (expiry - datetime.now()).days


def test_features_have_limits_and_levels_where_they_are_licensed(pod: Pod, root: Root) -> None:
    features = root("/system/licensing")["features"]
    assert features["recording"]["limit"] == "20"
    assert features["branding"]["level"] == "multipleBrands"
    pod.switches.licence = "noLicense"
    for path in ("/system/licensing", "/clusterLicensing"):
        for feature in root(path)["features"].values():
            assert feature == {"status": "noLicense"}


@pytest.mark.parametrize("status,of_streaming", [("grace", "expired"), ("expired", "expired")])
def test_licences_expire_with_grace_where_there_is_any(
    pod: Pod, root: Root, status: str, of_streaming: str
) -> None:
    pod.switches.licence = status
    features = root("/system/licensing")["features"]
    assert features["callBridge"]["status"] == status
    assert features["streaming"]["status"] == of_streaming
    assert root("/clusterLicensing")["features"]["callBridge"]["status"] == "expired"
    assert days_left(features["callBridge"]) < 0


def test_the_raw_licences_are_answered(cms: Send) -> None:
    assert cms("GET", "/clusterLicensing/raw").status_code == 200


def test_an_idle_cms_uses_no_licence(root: Root) -> None:
    usage = root(MULTIPARTY)
    assert usage.pop("users") == root("/users?limit=0")["@total"]
    datetime.strptime(usage.pop("timestamp"), "%Y-%m-%dT%H:%M:%SZ")
    assert usage == {
        "name": "multipartyLicensing",
        "personalLicenseLimit": "100", "sharedLicenseLimit": "100", "capacityUnitLimit": "0",
        "personalLicenses": "0", "participantsActive": "0",
        "callsActive": "0", "weightedCallsActive": "0.000",
        "callsWithoutPersonalLicense": "0", "weightedCallsWithoutPersonalLicense": "0.000",
        "capacityUnitUsage": "0.000", "capacityUnitUsageWithoutPersonalLicense": "0.000",
    }
    assert root(f"{MULTIPARTY}/activePersonalLicenses") == {
        "name": "activePersonalLicenses", "@total": "0",
    }


def test_a_call_uses_a_shared_licence_or_that_of_the_owner_of_its_space(
    cms: Send, root: Root, create: Callable[..., str]
) -> None:
    owned = create(name="Owned", ownerJid="pod6user1@pod6.example")
    call = added_id(cms, "/calls", coSpace=owned.rpartition("/")[2])
    added_id(cms, f"/calls/{call}/participants", remoteParty="guest@pod6.example")
    assert root(MULTIPARTY).items() >= {
        "callsActive": "1", "weightedCallsActive": "1.000", "participantsActive": "1",
        "callsWithoutPersonalLicense": "1", "capacityUnitUsage": "0.025",
        "capacityUnitUsageWithoutPersonalLicense": "0.025",
    }.items()
    profile = added_id(cms, "/userProfiles", hasLicense="true")
    changed(cms, "/system/profiles", userProfile=profile)
    usage = root(MULTIPARTY)
    assert usage["personalLicenses"] == usage["users"]
    assert usage.items() >= {
        "callsActive": "1", "callsWithoutPersonalLicense": "0",
        "weightedCallsWithoutPersonalLicense": "0.000", "capacityUnitUsage": "0.025",
        "capacityUnitUsageWithoutPersonalLicense": "0.000",
    }.items()
    active = root(f"{MULTIPARTY}/activePersonalLicenses")
    assert active["activePersonalLicense"] == {
        "@id": root(owned)["ownerId"], "callsActive": "1", "weightedCallsActive": "1.000",
    }


def test_snapshots_are_five_minutes_apart_newest_first(root: Root) -> None:
    page = root(USAGE)
    assert (page["name"], page["@total"]) == ("MPLicenseUsage", "288")
    times = [entry["@time"] for entry in page["entry"]]
    assert times == sorted(times, reverse=True)
    newest, oldest = seconds(times[0]), seconds(times[-1])
    assert newest - oldest == 300 * (len(times) - 1)
    some = root(f"{USAGE}?startTime={times[7]}&endTime={times[2]}")
    assert [entry["@time"] for entry in some["entry"]] == times[2:8]


def seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()


@pytest.mark.parametrize("query", ["startTime=yesterday", "endTime=2026-01-01", "hostId=cms"])
def test_what_is_no_time_and_no_host_is_refused(cms: Send, query: str) -> None:
    assert codes(cms("GET", f"{USAGE}?{query}")) == ["parameterError"]


def test_snapshots_are_of_the_known_hosts(pod: Pod, root: Root) -> None:
    pod.switches.ignore_unknown_parameters = False
    host = root("/system/status")["hostId"]
    assert root(f"{USAGE}/knownHosts") == {
        "name": "knownHosts", "@total": "1", "host": {"@id": host},
    }
    assert root(f"{USAGE}?hostId={host}")["@total"] == "288"
    assert root(f"{USAGE}?hostId={uuid.uuid4()}")["@total"] == "0"
