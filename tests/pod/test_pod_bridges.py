"""TURN servers, web bridges and their profiles, recorders and streamers, on the wire."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from support.cms_answers import Send

from flaskr.pod import Pod
from flaskr.pod.cms.start import TENANTS

Add = Callable[..., str]
Root = Callable[[str], Any]

PROFILES = "/webBridgeProfiles"
BY_DEFAULT = {
    "allowPasscodes": "true",
    "allowSecrets": "true",
    "userPortalEnabled": "true",
    "allowUnauthenticatedGuests": "true",
    "resolveCoSpaceCallIds": "true",
    "resolveLyncConferenceIds": "false",
    "resolveCoSpaceUris": "off",
}


@pytest.fixture
def add(cms: Send) -> Add:
    """Create an object; returns its ID."""

    def post(path: str, **values: str) -> str:
        answer = cms("POST", path, data=values)
        assert answer.status_code == 200, answer.text
        return answer.headers["Location"].rpartition("/")[2]

    return post


def test_a_turn_server_is_reachable_until_its_alarm_is_on(
    pod: Pod, add: Add, root: Root
) -> None:
    server = add("/turnServers", serverAddress="10.1.1.1", tcpPortNumberOverride="443")
    shown = root(f"/turnServers/{server}/status")
    assert (shown["name"], shown["@id"]) == ("turnServer", server)
    assert shown["host"] == {
        "address": "10.1.1.1", "portNumber": "443", "reachable": "true",
        "roundTripTimeMs": "1", "numAllocations": "0",
    }
    pod.switches.alarms = "turnServerUnavailable"
    assert root(f"/turnServers/{server}/status")["host"] == {
        "address": "10.1.1.1", "portNumber": "443", "reachable": "false",
    }


def test_a_turn_server_without_an_address_has_no_host(add: Add, root: Root) -> None:
    server = add("/turnServers")
    assert root(f"/turnServers/{server}/status") == {"name": "turnServer", "@id": server}


def test_a_web_bridge_is_as_switched_and_alarms_where_it_fails(
    pod: Pod, add: Add, root: Root
) -> None:
    pod.switches.web_bridge_status = "dnsFailure"
    assert root("/system/alarms")["@total"] == "0"
    bridge = add("/webBridges", url="https://join.pod6.example")
    assert root(f"/webBridges/{bridge}/status") == {
        "name": "webBridge", "@id": bridge, "status": "dnsFailure",
    }
    alarm = root("/system/alarms")["alarm"]
    assert (alarm["type"], alarm["failureReason"]) == ("c2wConnectionFailure", "dnsFailure")
    pod.switches.web_bridge_status = "success"
    assert root(f"/webBridges/{bridge}/status")["status"] == "success"
    assert root("/system/alarms")["@total"] == "0"


def test_a_customization_can_be_pushed_again(cms: Send, add: Add) -> None:
    bridge = add("/webBridges", url="https://join.pod6.example")
    answer = cms("POST", f"/webBridges/{bridge}/updateCustomization")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("node,name,counter,wanted", [
    ("recorders", "recorder", "activeRecordings", "recording"),
    ("streamers", "streamer", "activeStreams", "streaming"),
])
def test_a_recorder_or_streamer_counts_the_calls_that_it_serves(
    add: Add, root: Root, node: str, name: str, counter: str, wanted: str
) -> None:
    one = add(f"/{node}", url=f"https://{name}.pod6.example")
    healthy = {"name": name, "@id": one, "status": "success"}
    assert root(f"/{node}/{one}/status") == {**healthy, counter: "0"}
    add("/calls", name="Served", **{wanted: "true"})
    add("/calls", name="Not served")
    assert root(f"/{node}/{one}/status") == {**healthy, counter: "1"}
    without = add(f"/{node}")
    assert root(f"/{node}/{without}/status")["status"] == "invalidAddress"


@pytest.mark.parametrize("alarm,status", [
    ("recorderUnavailable", "connectionFailure"), ("recorderLowDiskSpace", "lowDiskSpace"),
])
def test_a_recorder_shows_its_alarm(
    pod: Pod, add: Add, root: Root, alarm: str, status: str
) -> None:
    recorder = add("/recorders", url="https://recorder.pod6.example")
    pod.switches.alarms = alarm
    assert root(f"/recorders/{recorder}/status")["status"] == status
    assert root("/system/alarms")["alarm"]["recorder"] == recorder


@pytest.mark.parametrize("node", ["webBridges", "recorders", "streamers"])
def test_what_another_call_bridge_or_group_has_is_unused(
    cms: Send, add: Add, root: Root, node: str
) -> None:
    group, other = add("/callBridgeGroups"), add("/callBridges", name="other")
    own = add("/callBridges", name="cms", callBridgeGroup=group)
    values = {
        "unused": [{"callBridge": other}, {"callBridgeGroup": add("/callBridgeGroups")}],
        "success": [{"callBridge": own}, {"callBridgeGroup": group}, {}],
    }
    for status, several in values.items():
        for value in several:
            one = add(f"/{node}", url="https://bridge.pod6.example", **value)
            assert root(f"/{node}/{one}/status")["status"] == status, value


@pytest.mark.parametrize("path", [
    "turnServers/{}/status", "webBridges/{}/status", "recorders/{}/status",
    "streamers/{}/status", "webBridges/{}/effectiveWebBridgeProfile",
    "tenants/{}/effectiveWebBridgeProfile",
])
def test_an_unknown_id_has_no_status(cms: Send, path: str) -> None:
    answer = cms("GET", "/" + path.format(uuid.uuid4()))
    kind = path.partition("s/")[0]
    assert (answer.status_code, f"<{kind}DoesNotExist" in answer.text) == (400, True)


def test_a_new_web_bridge_profile_sets_what_is_not_given(
    cms: Send, add: Add, root: Root
) -> None:
    profile = add(PROFILES, name="Mine", allowSecrets="false", resolveCoSpaceCallIds="")
    shown = {**BY_DEFAULT, "allowSecrets": "false"}
    del shown["resolveCoSpaceCallIds"]
    wanted = {"name": "Mine", "@id": profile, **shown}
    assert root(f"{PROFILES}/{profile}") == wanted
    cms("PUT", f"{PROFILES}/{profile}", data={"allowPasscodes": ""})
    assert "allowPasscodes" not in root(f"{PROFILES}/{profile}")


def test_without_profiles_the_defaults_are_in_effect(add: Add, root: Root) -> None:
    bridge = add("/webBridges", url="https://join.pod6.example")
    for path in (f"/webBridges/{bridge}", f"/tenants/{TENANTS[0]}", "/system/profiles"):
        assert root(f"{path}/effectiveWebBridgeProfile") == {
            "name": "effectiveWebBridgeProfile", **BY_DEFAULT,
        }


def test_each_value_in_effect_is_that_of_the_nearest_profile_that_sets_it(
    cms: Send, add: Add, root: Root
) -> None:
    unset = dict.fromkeys(BY_DEFAULT, "")
    of_system = {"resourceArchive": "http://s.example", "allowSecrets": "false"}
    system = add(PROFILES, **{**unset, **of_system})
    of_tenant = add(PROFILES, **{**unset, "allowSecrets": "true", "allowPasscodes": "false"})
    of_bridge = add(PROFILES, **{**unset, "resourceArchive": "http://b.example"})
    cms("PUT", "/system/profiles", data={"webBridgeProfile": system})
    cms("PUT", f"/tenants/{TENANTS[0]}", data={"webBridgeProfile": of_tenant})
    bridge = add(
        "/webBridges", url="https://x.example", tenant=TENANTS[0], webBridgeProfile=of_bridge
    )
    name = {"name": "effectiveWebBridgeProfile"}
    for path, values in {
        "/system/profiles": {"@id": system, **of_system},
        f"/tenants/{TENANTS[0]}": {
            "@id": of_tenant, "resourceArchive": "http://s.example", "allowPasscodes": "false",
        },
        f"/tenants/{TENANTS[1]}": {"@id": system, **of_system},
        f"/webBridges/{bridge}": {
            "@id": of_bridge, "resourceArchive": "http://b.example", "allowPasscodes": "false",
        },
    }.items():
        assert root(f"{path}/effectiveWebBridgeProfile") == {**name, **BY_DEFAULT, **values}
