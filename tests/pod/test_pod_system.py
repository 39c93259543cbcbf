"""What the simulated CMS tells of itself: CDR receivers, database, load, alarms, licences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
import xmltodict

Send = Callable[..., requests.Response]

RECEIVERS, DEPRECATED = "/system/cdrReceivers", "/system/cdrReceiver"


def codes(answer: requests.Response) -> list[str]:
    assert answer.status_code >= 400
    return list(xmltodict.parse(answer.content)["failureDetails"])


def added(cms: Send, path: str, **values: str) -> str:
    """Create an object; returns its ID."""
    answer = cms("POST", path, data=values)
    assert answer.status_code == 200, answer.text
    return answer.headers["Location"].rpartition("/")[2]


def changed(cms: Send, path: str, **values: str) -> None:
    answer = cms("PUT", path, data=values)
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.fixture
def root(cms: Send) -> Callable[[str], Any]:
    """The content of the root element of what a GET answers; its name is the key `name`."""

    def ask(path: str) -> Any:
        answer = cms("GET", path)
        assert answer.status_code == 200, answer.text
        ((name, content),) = xmltodict.parse(answer.content).items()
        return {"name": name, **(content or {})}

    return ask


Root = Callable[[str], Any]


@pytest.mark.parametrize("name", ["uri", "url"])
def test_a_cdr_receiver_is_set_by_either_name_and_shown_by_one(
    cms: Send, root: Root, name: str
) -> None:
    one = added(cms, RECEIVERS, **{name: "https://cdr.pod6.example/1"})
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
    several = [added(cms, RECEIVERS, url=f"http://cdr{number}.example") for number in range(4)]
    changed(cms, f"{RECEIVERS}/{several[0]}", url="")
    assert root(f"{RECEIVERS}/{several[0]}") == {"name": "cdrReceiver", "@id": several[0]}
    for path, method in ((RECEIVERS, "POST"), (DEPRECATED, "PUT")):
        assert codes(cms(method, path, data={"url": "http://x.example"})) == [
            "tooManyCdrReceivers"
        ]
    cms("DELETE", f"{RECEIVERS}/{several[0]}")
    added(cms, RECEIVERS)
    assert root(RECEIVERS)["@total"] == "4"


def test_the_deprecated_cdr_receiver_has_another_id_after_it_was_removed(
    cms: Send, root: Root
) -> None:
    other = added(cms, RECEIVERS, url="http://other.example")
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
