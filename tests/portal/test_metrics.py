"""/metrics: what Prometheus reads, and that no user is in it."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from flaskr.pod import Pod
from flaskr.pod.servers import parse

SPACE = "/api/v1/cms/spaces/pod6user1"
ROUTE = "/api/v1/cms/spaces/<userid>"


def samples(portal: FlaskClient) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Return the value of each sample, by its name and labels."""
    answer = portal.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    families = text_string_to_metric_families(answer.text)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def value(portal: FlaskClient, name: str, **labels: Any) -> float:
    wanted = tuple(sorted((label, str(text)) for label, text in labels.items()))
    return samples(portal).get((name, wanted), 0.0)


def test_requests_are_counted_by_the_rule_that_their_address_follows(portal: FlaskClient) -> None:
    portal.get(SPACE)
    portal.get("/api/v1/cms/spaces/lee")
    portal.get("/nothing/pod6user1")
    labels = {"method": "GET", "route": ROUTE}
    assert value(portal, "portal_requests_total", **labels, status=404) == 2
    assert value(portal, "portal_request_seconds_count", **labels) == 2
    assert value(portal, "portal_requests_total", method="GET", route="none", status=404) == 1
    text = portal.get("/metrics").text
    assert "pod6user1" not in text and "lee" not in text


def test_what_is_refused_at_the_door_takes_time_as_well(portal: FlaskClient) -> None:
    assert portal.get(SPACE, headers={"Host": "elsewhere.example"}).status_code == 403
    assert value(portal, "portal_request_seconds_sum", method="GET", route=ROUTE) > 0


def test_an_unknown_method_makes_no_label_of_its_own(portal: FlaskClient) -> None:
    portal.open("/api/v1/cms/version", method="PURGE")
    assert "PURGE" not in portal.get("/metrics").text


def test_calls_to_the_servers_are_counted_by_outcome(portal: FlaskClient, pod: Pod) -> None:
    portal.post(SPACE)
    created = {"server": "cms", "method": "POST", "node": "coSpaces"}
    assert value(portal, "portal_server_calls_total", **created, outcome=200) == 1
    assert value(portal, "portal_server_call_seconds_count", **created) == 1
    looked_up = {"server": "cucm", "method": "GET", "node": "users"}
    assert value(portal, "portal_server_calls_total", **looked_up, outcome=200) == 1
    portal.get(SPACE)
    read = {"server": "cms", "method": "GET", "node": "coSpaces/ID"}
    assert value(portal, "portal_server_calls_total", **read, outcome=200) == 1


@pytest.mark.parametrize(
    ("fault", "state"), [("busy", "busy"), ("cut", "down"), ("status=500", "down")]
)
def test_a_server_is_told_to_be_busy_or_down(
    portal: FlaskClient, pod: Pod, fault: str, state: str
) -> None:
    def state_of_cms() -> list[str]:
        found = samples(portal)
        return [
            dict(labels)["state"] for (name, labels), is_so in found.items()
            if name == "portal_server_state" and dict(labels)["server"] == "cms" and is_so
        ]

    portal.get("/api/v1/cms/version")
    assert state_of_cms() == ["answers"]
    pod.faults.append(parse(f"{fault} server=cms"))
    portal.get("/api/v1/cms/version")
    assert state_of_cms() == [state]


def test_retries_are_counted(portal: FlaskClient, pod: Pod) -> None:
    pod.faults.append(parse("busy server=cms times=2"))
    assert portal.get("/api/v1/cms/version").status_code == 200
    assert value(portal, "portal_server_retries_total", server="cms") == 2


def test_rows_are_counted_by_their_kind(portal: FlaskClient) -> None:
    planned = portal.post(
        "/api/v1/cms/plan", json=["pod6user1", "nobody"], headers={"Accept": "application/x-ndjson"}
    )
    assert '"complete": true' in planned.text
    assert value(portal, "portal_rows_total", list="rows", kind="create") == 1
    assert value(portal, "portal_rows_total", list="rows", kind="refuse") == 1
