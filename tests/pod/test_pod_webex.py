"""The simulated Webex."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
from support.cms_answers import Send

from flaskr.pod import Pod
from flaskr.pod.company import USERS
from flaskr.pod.webex.service import WebexService
from flaskr.pod.webex.state import KEPT_MESSAGES

Row = dict[str, Any]
EMPLOYEE = "pod6user1@pod6.example"
CARD = "application/vnd.microsoft.card.adaptive"


@pytest.fixture
def webex(pod: Pod, session: requests.Session) -> Send:
    """Send a request to Webex, with the bot's token unless others are given."""
    bearer = f"Bearer {pod.settings['WEBEX_TOKEN']}"

    def send(method: str, path: str, **options: Any) -> requests.Response:
        options.setdefault("headers", {"Authorization": bearer})
        return session.request(method, pod.url("webex") + path, timeout=10, **options)

    return send


@pytest.fixture
def incoming(pod: Pod) -> str:
    """Where the incoming webhook is, below /v1."""
    service = pod.services["webex"]
    assert isinstance(service, WebexService)
    return service.webhook(pod.url("webex")).removeprefix(pod.url("webex"))


@pytest.fixture
def room_id(pod: Pod) -> str:
    return pod.settings["WEBEX_ROOM_ID"]


@pytest.fixture
def rooms(control: Send) -> Callable[[], dict[str, Row]]:
    """What the control port shows, by the rooms' IDs."""
    return lambda: {room["id"]: room for room in control("GET", "/rooms").json()}


def refused(answer: requests.Response, status: int) -> str:
    """Why a request is refused, as Webex says it."""
    assert answer.status_code == status, answer.text
    said = answer.json()
    assert said["errors"] == [{"description": said["message"]}]
    assert said["trackingId"] == answer.headers["trackingId"]
    assert said["trackingId"].startswith("ROUTER_")
    return str(said["message"])


def test_a_message_to_a_room_is_answered_and_there(
    webex: Send, room_id: str, rooms: Callable[[], dict[str, Row]]
) -> None:
    posted = {"roomId": room_id, "text": "a <b>", "markdown": "**ä**"}
    answer = webex("POST", "/messages", json=posted)
    assert (answer.status_code, answer.headers["trackingId"][:7]) == (200, "ROUTER_")
    message = answer.json()
    assert {name: message[name] for name in posted} == posted
    assert (message["roomType"], message["created"][-1]) == ("group", "Z")
    assert message["personEmail"] == webex("GET", "/people/me").json()["emails"][0]
    shown = rooms()[room_id]
    assert (shown["messages"], shown["lastActivity"]) == ([message], message["created"])


def test_the_newest_message_is_shown_first(
    webex: Send, room_id: str, rooms: Callable[[], dict[str, Row]]
) -> None:
    for text in ("first", "second"):
        webex("POST", "/messages", json={"roomId": room_id, "text": text})
    assert [each["text"] for each in rooms()[room_id]["messages"]] == ["second", "first"]


@pytest.mark.parametrize("headers", [
    {}, {"Authorization": "Bearer another"}, {"Authorization": "Basic YTpi"},
    {"Authorization": "Bearer"},
])
@pytest.mark.parametrize(("method", "path"), [
    ("POST", "/messages"), ("GET", "/rooms"), ("GET", "/people/me"), ("GET", "/elsewhere"),
])
def test_all_but_webhooks_wants_the_token(
    webex: Send, method: str, path: str, headers: dict[str, str]
) -> None:
    assert "access token" in refused(webex(method, path, headers=headers), 401)


@pytest.mark.parametrize("posted", [
    {"text": "a"}, {"roomId": "", "text": "a"},
    {"roomId": "r", "toPersonEmail": EMPLOYEE, "text": "a"},
    {"roomId": "r", "toPersonId": "p", "text": "a"}, {"roomId": 3, "text": "a"},
    {"roomId": "r"}, {"roomId": "r", "text": " "}, {"roomId": "r", "text": "", "markdown": ""},
    {"roomId": "r", "text": ["a"]}, {"roomId": "r", "text": "\ud800"},
    {"roomId": "r", "files": ["a.pdf"]}, {"roomId": "r", "files": ["https://a", "https://b"]},
    {"roomId": "r", "files": "https://a"}, {"roomId": "r", "attachments": [{}]}, "text", [],
])
def test_a_message_that_cannot_be_is_refused(webex: Send, posted: object) -> None:
    refused(webex("POST", "/messages", json=posted), 400)


@pytest.mark.parametrize("text", ["a" * 7439, "ä" * 3719 + "a", "🙂" * 1859 + "abc"])
@pytest.mark.parametrize("name", ["text", "markdown"])
def test_a_text_has_at_most_7439_bytes(webex: Send, room_id: str, name: str, text: str) -> None:
    assert len(text.encode()) == 7439
    assert webex("POST", "/messages", json={"roomId": room_id, name: text}).status_code == 200
    answer = webex("POST", "/messages", json={"roomId": room_id, "text": "a", name: text + "a"})
    assert refused(answer, 400) == f"{name} is longer than 7439 bytes."


@pytest.mark.parametrize(("content_type", "body", "status"), [
    ("application/json; charset=utf-8", None, 200), ("APPLICATION/JSON", None, 200),
    ("text/plain", None, 415), ("application/x-www-form-urlencoded", None, 415), ("", None, 415),
    ("application/json", b"{", 400), ("application/json", b"\xff", 400),
])
def test_a_message_is_json(
    webex: Send, pod: Pod, room_id: str, content_type: str, body: bytes | None, status: int
) -> None:
    headers = {
        "Authorization": f"bearer {pod.settings['WEBEX_TOKEN']}", "Content-Type": content_type
    }
    sent = body or json.dumps({"roomId": room_id, "text": "a"}).encode()
    answer = webex("POST", "/messages", data=sent, headers=headers)
    assert answer.status_code == status
    assert status == 200 or refused(answer, status)


def test_an_employee_is_written_to_in_one_direct_room(
    webex: Send, rooms: Callable[[], dict[str, Row]]
) -> None:
    first, second = (
        webex("POST", "/messages", json={"toPersonEmail": email, "text": "Hello"}).json()
        for email in (EMPLOYEE, EMPLOYEE.upper())
    )
    assert (first["roomType"], first["roomId"]) == ("direct", second["roomId"])
    room = rooms()[first["roomId"]]
    assert (room["title"], len(room["messages"])) == ("Pod6 User1", 2)
    listed = webex("GET", "/rooms?type=direct").json()["items"]
    assert [each["id"] for each in listed] == [room["id"]]


def test_people_of_another_cluster_have_webex_too(webex: Send) -> None:
    posted = {"toPersonEmail": "remote1@pod7.example", "text": "Hello"}
    assert webex("POST", "/messages", json=posted).status_code == 200


def test_an_employee_is_written_to_by_id(uds: Send, webex: Send) -> None:
    answer = uds("GET", "/users?username=pod6user1").text
    guid = answer.partition("<id>")[2].partition("</id>")[0]
    place = base64.urlsafe_b64encode(f"ciscospark://us/PEOPLE/{guid}".encode()).decode().rstrip("=")
    by_id = webex("POST", "/messages", json={"toPersonId": place, "text": "a"}).json()
    by_email = webex("POST", "/messages", json={"toPersonEmail": EMPLOYEE, "text": "a"}).json()
    assert by_id["roomId"] == by_email["roomId"]


@pytest.mark.parametrize("recipient", [
    {"toPersonEmail": "nobody@pod6.example"}, {"toPersonId": "Y2lzY29"}, {"roomId": "Y2lzY29"},
])
def test_whom_webex_does_not_know_is_not_found(webex: Send, recipient: dict[str, str]) -> None:
    said = refused(webex("POST", "/messages", json={**recipient, "text": "a"}), 404)
    assert said.startswith("Could not find a ")


def test_an_unknown_address_can_be_a_bad_request(pod: Pod, webex: Send) -> None:
    pod.switches.webex_unknown_person = "400"
    refused(webex("POST", "/messages", json={"toPersonEmail": "a@b.example", "text": "a"}), 400)


def test_a_room_without_the_bot_is_not_found(
    webex: Send, rooms: Callable[[], dict[str, Row]]
) -> None:
    [board] = [room for room in rooms().values() if not room["botInRoom"]]
    posted = {"roomId": board["id"], "text": "a"}
    said = refused(webex("POST", "/messages", json=posted), 404)
    assert said == "Could not find a room with provided ID."
    assert board["id"] not in [room["id"] for room in webex("GET", "/rooms").json()["items"]]


def test_the_bot_can_be_taken_out_of_the_room(
    pod: Pod, webex: Send, room_id: str, incoming: str
) -> None:
    pod.switches.webex_bot_in_room = False
    refused(webex("POST", "/messages", json={"roomId": room_id, "text": "a"}), 404)
    assert room_id not in webex("GET", "/rooms").text
    assert webex("POST", incoming, json={"text": "a"}, headers={}).status_code == 204


def test_a_message_can_have_a_card_and_a_file(
    webex: Send, room_id: str, rooms: Callable[[], dict[str, Row]]
) -> None:
    card = {"contentType": CARD, "content": {"type": "AdaptiveCard", "version": "1.3"}}
    posted = {"roomId": room_id, "attachments": [card], "files": ["https://a.example/a.png"]}
    message = webex("POST", "/messages", json=posted).json()
    assert (message["attachments"], message["files"]) == ([card], ["https://a.example/a.png"])
    assert rooms()[room_id]["messages"] == [message]


@pytest.mark.parametrize("card", [
    {"contentType": "application/json", "content": {"type": "AdaptiveCard", "version": "1.3"}},
    {"contentType": CARD, "content": {"type": "AdaptiveCard", "version": "1.4"}},
    {"contentType": CARD, "content": {"type": "AdaptiveCard"}},
    {"contentType": CARD, "content": {"type": "Card", "version": "1.3"}}, {"contentType": CARD}, 3,
])
def test_a_card_that_webex_does_not_show_is_refused(
    webex: Send, room_id: str, card: object
) -> None:
    posted = {"roomId": room_id, "text": "a", "attachments": [card]}
    assert "attachments" in refused(webex("POST", "/messages", json=posted), 400)


def test_a_message_can_answer_another_in_the_same_room(webex: Send, room_id: str) -> None:
    first = webex("POST", "/messages", json={"roomId": room_id, "text": "a"}).json()
    answer = {"text": "b", "parentId": first["id"]}
    reply = webex("POST", "/messages", json={"roomId": room_id, **answer})
    assert reply.json()["parentId"] == first["id"]
    refused(webex("POST", "/messages", json={"toPersonEmail": EMPLOYEE, **answer}), 400)
    refused(webex("POST", "/messages", json={"roomId": room_id, **answer, "parentId": "x"}), 400)


def test_rooms_are_listed_page_by_page(webex: Send) -> None:
    whole = webex("GET", "/rooms")
    assert "Link" not in whole.headers
    found, place = [], "/rooms?max=3&sortBy=id"
    while place:
        answer = webex("GET", place)
        found.append([room["id"] for room in answer.json()["items"]])
        place = answer.links.get("next", {}).get("url", "").partition("/v1")[2]
    assert [len(page) for page in found] == [3, 1]
    assert sum(found, []) == sorted(room["id"] for room in whole.json()["items"])


def test_the_address_of_the_next_page_is_whole(pod: Pod, webex: Send) -> None:
    url = webex("GET", "/rooms?max=1").links["next"]["url"]
    assert url.startswith(f"{pod.url('webex')}/rooms?")


def test_a_room_is_shown_as_documented_and_titles_are_not_unique(webex: Send) -> None:
    items = webex("GET", "/rooms").json()["items"]
    assert set(items[0]) == {
        "id", "title", "type", "isLocked", "lastActivity", "creatorId", "created"
    }
    titles = [room["title"] for room in items]
    assert len(set(titles)) < len(titles)


def test_rooms_are_sorted_by_their_last_message(webex: Send, room_id: str) -> None:
    webex("POST", "/messages", json={"roomId": room_id, "text": "a"})
    items = webex("GET", "/rooms?sortBy=lastactivity").json()["items"]
    assert items[0]["id"] == room_id
    assert webex("GET", "/rooms?teamId=a").json() == {"items": []}


@pytest.mark.parametrize("query", [
    "max=0", "max=-1", "max=null", "max=", "sortBy=title", "type=team", "cursor=x",
    "cursor=c3RhcnQ9LTE=", "cursor=%ff",
])
def test_a_list_that_cannot_be_is_refused(webex: Send, query: str) -> None:
    refused(webex("GET", f"/rooms?{query}"), 400)


def test_a_max_that_is_too_large_is_cut_without_a_word(webex: Send) -> None:
    assert webex("GET", "/rooms?max=1001").status_code == 200


def test_the_next_page_can_be_spoilt(pod: Pod, webex: Send) -> None:
    pod.switches.webex_null_max = True
    place = webex("GET", "/rooms?max=2").links["next"]["url"].partition("/v1")[2]
    refused(webex("GET", place), 400)
    repaired = webex("GET", place.replace("max=null", "max=2"))
    assert len(repaired.json()["items"]) == 2


def test_every_page_can_be_the_first(pod: Pod, webex: Send) -> None:
    pod.faults.add("same_page", server="webex")
    first = webex("GET", "/rooms?max=2")
    again = webex("GET", first.links["next"]["url"].partition("/v1")[2])
    assert again.json() == first.json()


def test_the_token_is_a_bots(webex: Send) -> None:
    me = webex("GET", "/people/me").json()
    assert (me["type"], len(me["emails"])) == ("bot", 1)


@pytest.mark.parametrize("sent", [
    {"json": {"markdown": "**a**"}}, {"data": {"markdown": "**a**"}},
    {"files": {"markdown": (None, "**a**")}},
])
def test_an_incoming_webhook_takes_json_and_forms_without_a_token(
    webex: Send, incoming: str, room_id: str, rooms: Callable[[], dict[str, Row]], sent: Row
) -> None:
    answer = webex("POST", incoming, headers={}, **sent)
    assert (answer.status_code, answer.content) == (204, b"")
    [message] = rooms()[room_id]["messages"]
    assert message["markdown"] == "**a**"
    assert message["personEmail"] != webex("GET", "/people/me").json()["emails"][0]


@pytest.mark.parametrize(("path", "options", "status"), [
    ("x", {"json": {"text": "a"}}, 404), ("", {"json": {"text": ""}}, 400),
    ("", {"json": {"text": "a" * 7440}}, 400), ("", {"data": "text"}, 415), ("", {"json": []}, 400),
])
def test_an_incoming_webhook_refuses_what_it_cannot_post(
    webex: Send, incoming: str, path: str, options: Row, status: int
) -> None:
    refused(webex("POST", incoming + path, headers={}, **options), status)


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/messages", 405), ("DELETE", "/rooms", 405), ("GET", "/people", 404),
])
def test_what_webex_does_not_have_is_refused(
    webex: Send, method: str, path: str, status: int
) -> None:
    refused(webex(method, path), status)


@pytest.mark.parametrize("value", [None, "1", "30"])
def test_too_many_requests_are_429_with_or_without_retry_after(
    pod: Pod, webex: Send, room_id: str, rooms: Callable[[], dict[str, Row]], value: str | None
) -> None:
    pod.faults.add("busy", value, server="webex", times=1)
    posted = {"roomId": room_id, "text": "a"}
    answer = webex("POST", "/messages", json=posted)
    assert refused(answer, 429)
    assert answer.headers.get("Retry-After") == value
    assert rooms()[room_id]["messages"] == []
    assert webex("POST", "/messages", json=posted).status_code == 200


@pytest.mark.parametrize("takes_effect", [True, False])
def test_an_answer_can_be_lost_after_posting_or_before(
    pod: Pod, webex: Send, room_id: str, rooms: Callable[[], dict[str, Row]], takes_effect: bool
) -> None:
    pod.faults.add("cut", server="webex", method="POST", times=1, takes_effect=takes_effect)
    with pytest.raises(requests.ConnectionError):
        webex("POST", "/messages", json={"roomId": room_id, "text": "a"})
    assert len(rooms()[room_id]["messages"]) == takes_effect


def test_a_direct_room_that_a_lost_message_opened_is_gone_too(
    pod: Pod, webex: Send, rooms: Callable[[], dict[str, Row]]
) -> None:
    before = rooms()
    pod.faults.add("html", 502, server="webex")
    answer = webex("POST", "/messages", json={"toPersonEmail": EMPLOYEE, "text": "a"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html; charset=utf-8")
    assert rooms() == before


def test_a_reset_empties_the_rooms(
    pod: Pod, webex: Send, room_id: str, rooms: Callable[[], dict[str, Row]]
) -> None:
    before = rooms()
    for recipient in ({"roomId": room_id}, {"toPersonEmail": EMPLOYEE}):
        webex("POST", "/messages", json={**recipient, "text": "a"})
    assert rooms() != before
    pod.reset()
    assert rooms() == before


def test_the_last_messages_are_kept(pod: Pod, room_id: str) -> None:
    service = pod.services["webex"]
    assert isinstance(service, WebexService)
    room = service.state.room(room_id)
    person = service.people.find("toPersonEmail", EMPLOYEE)
    assert room and person
    for number in range(KEPT_MESSAGES + 2):
        service.state.post(room, person, {"text": str(number)})
    kept = [each.values["text"] for each in service.state.messages_in(room)]
    assert (len(kept), kept[0], kept[-1]) == (KEPT_MESSAGES, str(KEPT_MESSAGES + 1), "2")


def test_who_has_no_address_has_no_webex(pod: Pod) -> None:
    service = pod.services["webex"]
    assert isinstance(service, WebexService)
    assert any("email" not in user for user in USERS)
    assert service.people.find("toPersonEmail", "") is None


def test_the_settings_lead_to_it(pod: Pod, session: requests.Session) -> None:
    settings = pod.settings
    answer = session.get(
        f"{settings['WEBEX_URL']}/people/me", verify=settings["WEBEX_TLS_VERIFY"], timeout=10,
        headers={"Authorization": f"Bearer {settings['WEBEX_TOKEN']}"},
    )
    assert answer.status_code == 200


def test_the_token_is_an_option() -> None:
    assert Pod(webex_token="another").settings["WEBEX_TOKEN"] == "another"
