"""Several Call Bridges of the simulated CMS over one database, on the wire."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import xmltodict

from flaskr.pod import Pod
from flaskr.pod.control.help_texts import welcome

# Sends a request to a Call Bridge, by its name.
Ask = Callable[..., requests.Response]


@pytest.fixture(scope="module")
def three() -> Iterator[Pod]:
    with Pod(call_bridges=3) as pod:
        yield pod


@pytest.fixture
def cluster(three: Pod) -> Pod:
    three.reset()
    return three


@pytest.fixture
def ask(cluster: Pod) -> Iterator[Ask]:
    with requests.Session() as session:
        session.trust_env = False
        session.auth = (cluster.username, cluster.password)
        session.verify = cluster.ca_file

        def send(bridge: str, method: str, path: str, **options: Any) -> requests.Response:
            return session.request(method, cluster.url(bridge) + path, timeout=10, **options)

        yield send


def value(answer: requests.Response, name: str) -> Any:
    assert answer.status_code == 200, answer.text
    return next(iter(xmltodict.parse(answer.content).values()))[name]


def created(ask: Ask, bridge: str, path: str, **values: str) -> str:
    answer = ask(bridge, "POST", path, data=values)
    assert answer.status_code == 200, answer.text
    return answer.headers["Location"].removeprefix("/api/v1")


def test_what_is_configured_at_one_is_there_at_all_and_calls_are_each_ones_own(ask: Ask) -> None:
    place = created(ask, "cms2", "/coSpaces", name="Shared")
    call = created(ask, "cms2", "/calls", coSpace=place.rpartition("/")[2], name="Call")
    for bridge in ("cms", "cms2", "cms3"):
        assert value(ask(bridge, "GET", place), "name") == "Shared"
        total = value(ask(bridge, "GET", "/calls"), "@total")
        assert total == ("1" if bridge == "cms2" else "0")
    assert ask("cms", "GET", call).status_code == 400


def test_each_knows_its_own_name_and_all_know_the_cluster(cluster: Pod, ask: Ask) -> None:
    listed = ask("cms3", "GET", "/callBridges").content
    assert listed == ask("cms", "GET", "/callBridges").content
    bridges = xmltodict.parse(listed)["callBridges"]["callBridge"]
    assert [bridge["name"] for bridge in bridges] == ["cms", "cms2", "cms3"]
    third = ask("cms", "GET", f"/callBridges/{bridges[2]['@id']}")
    assert cluster.url("cms3").startswith(value(third, "address") + "/")
    for bridge in ("cms", "cms2", "cms3"):
        own = ask(bridge, "GET", "/system/configuration/cluster")
        assert value(own, "uniqueName") == bridge
    hosts = {value(ask(name, "GET", "/system/status"), "hostId") for name in ("cms", "cms2")}
    assert len(hosts) == 2


def test_a_single_cms_has_no_call_bridges(cms: Any) -> None:
    assert value(cms("GET", "/callBridges"), "@total") == "0"
    assert value(cms("GET", "/system/status"), "clusterEnabled") == "false"


def test_one_can_be_down_and_come_back_on_open_connections_too(cluster: Pod, ask: Ask) -> None:
    assert ask("cms2", "GET", "/system/status").status_code == 200
    cluster.switches.call_bridges_down = "cms2,cms3"
    for bridge in ("cms2", "cms3"):
        with pytest.raises(requests.ConnectionError):
            ask(bridge, "GET", "/system/status")
    assert ask("cms", "GET", "/system/status").status_code == 200
    cluster.switches.call_bridges_down = ""
    assert ask("cms2", "GET", "/system/status").status_code == 200


def test_one_that_lags_shows_what_others_changed_later_but_its_own_changes_at_once(
    cluster: Pod, ask: Ask
) -> None:
    place = created(ask, "cms", "/coSpaces", name="First")
    cluster.switches.update({"lagging": "cms2", "lag": 0.4})
    time.sleep(0.5)
    ask("cms", "PUT", place, data={"name": "Second"})
    later = created(ask, "cms", "/coSpaces", name="Later")
    own = created(ask, "cms2", "/coSpaces", name="Own")
    assert value(ask("cms2", "GET", place), "name") == "First"
    assert ask("cms2", "GET", later).status_code == 400
    assert value(ask("cms2", "GET", own), "name") == "Own"
    assert value(ask("cms3", "GET", place), "name") == "Second"
    time.sleep(0.5)
    assert value(ask("cms2", "GET", place), "name") == "Second"
    assert value(ask("cms2", "GET", later), "name") == "Later"


def test_a_deletion_is_seen_late_where_it_lags(cluster: Pod, ask: Ask) -> None:
    place = created(ask, "cms", "/coSpaces", name="Gone", uri="gone")
    cluster.switches.update({"lagging": "cms2", "lag": 30})
    ask("cms2", "PUT", place, data={"name": "Renamed at cms2"})
    ask("cms", "DELETE", place)
    assert ask("cms", "GET", place).status_code == 400
    answer = ask("cms2", "GET", "/coSpaces?filter=gone")
    assert value(answer, "@total") == "1"
    assert ask("cms", "GET", place).status_code == 400


def test_a_fault_can_act_on_one_call_bridge(cluster: Pod, ask: Ask) -> None:
    cluster.faults.add("busy", server="cms3")
    statuses = [ask(name, "GET", "/coSpaces").status_code for name in ("cms", "cms2", "cms3")]
    assert statuses == [200, 200, 503]


def test_the_settings_for_a_portal_name_all(cluster: Pod) -> None:
    places = [f"127.0.0.1:{cluster.port(name)}" for name in ("cms", "cms2", "cms3")]
    assert cluster.settings["CMS_HOSTNAME"] == ",".join(places)
    assert cluster.settings["CMS_PORT"] == str(cluster.cms_port)


def test_the_welcome_has_them_too(cluster: Pod) -> None:
    assert f"\nCMS_HOSTNAME={cluster.settings['CMS_HOSTNAME']}\n" in welcome(cluster)


def test_places_with_ipv6_addresses_stand_in_brackets() -> None:
    with Pod("::1", call_bridges=2) as pod:
        places = f"[::1]:{pod.cms_port},[::1]:{pod.port('cms2')}"
        assert pod.settings["CMS_HOSTNAME"] == places


@pytest.mark.parametrize("names", ["cms9", "uds", "cms2;cms3"])
def test_a_name_of_no_call_bridge_is_refused(cluster: Pod, names: str) -> None:
    with pytest.raises(ValueError, match="names of Call Bridges"):
        cluster.switches.call_bridges_down = names


def databases(ask: Ask, bridge: str = "cms") -> Any:
    answer = ask(bridge, "GET", "/system/database")
    assert value(answer, "@clustered") == "enabled"
    return value(answer, "cluster")


def node(name: str, up: str = "true", behind: str = "0", master: str = "false") -> dict[str, str]:
    return {"hostname": name, "up": up, "syncBehind": behind, "master": master}


def test_the_database_has_a_node_beside_each_and_the_first_is_in_use(ask: Ask) -> None:
    for bridge in ("cms", "cms3"):
        assert databases(ask, bridge) == {
            "totalNodes": "3",
            "nodeInUse": "cms",
            "node": [node("cms", master="true"), node("cms2"), node("cms3")],
        }


def test_the_database_shows_nodes_that_are_down_or_lag_and_uses_another(
    cluster: Pod, ask: Ask
) -> None:
    cluster.switches.update({"call_bridges_down": "cms2", "lagging": "cms", "lag": 1.5})
    assert databases(ask) == {
        "totalNodes": "3",
        "nodeInUse": "cms3",
        "node": [
            node("cms", behind="1500"), node("cms2", up="false", behind="-1"),
            node("cms3", master="true"),
        ],
    }
    alarm = value(ask("cms", "GET", "/system/alarms"), "alarm")
    assert alarm["type"] == "callBridgeConnectionFailure"
    assert value(ask("cms", "GET", f"/callBridges/{alarm['callBridge']}"), "name") == "cms2"


def test_one_can_lose_the_database_alone(cluster: Pod, ask: Ask) -> None:
    cluster.switches.without_database = "cms2"
    found = databases(ask, "cms2")
    assert [each["up"] for each in found["node"]] == ["false"] * 3
    assert ("error" in found, "nodeInUse" in found) == (True, False)
    assert ask("cms2", "GET", "/coSpaces").status_code == 503
    assert ask("cms", "GET", "/coSpaces").status_code == 200
    assert "error" not in databases(ask)


def test_a_call_on_two_is_half_a_call_on_each(ask: Ask) -> None:
    space = created(ask, "cms", "/coSpaces", name="Shared").rpartition("/")[2]
    for bridge in ("cms", "cms2"):
        created(ask, bridge, "/calls", coSpace=space)
    created(ask, "cms2", "/calls", name="Only here")
    weights = [
        value(ask(bridge, "GET", "/system/multipartyLicensing"), "weightedCallsActive")
        for bridge in ("cms", "cms2", "cms3")
    ]
    assert weights == ["0.500", "1.500", "0.000"]
    hosts = value(ask("cms", "GET", "/system/MPLicenseUsage/knownHosts"), "host")
    assert len({host["@id"] for host in hosts}) == 3
