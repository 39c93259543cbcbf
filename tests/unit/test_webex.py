"""The client of Webex: what it posts, what it tells of what went wrong, and what it never tells."""

import logging
from typing import Any

import pytest
import requests
import responses
from hypothesis import given
from hypothesis import strategies as st
from responses import matchers
from support.failures import failure_of

from flaskr.result import Reason
from flaskr.webex.v1.texts import CUT, MOST_BYTES, cut, escaped
from flaskr.webex.v1.webex import Webex, last_characters

API = "https://webexapis.com:443/v1"
TOKEN = "NTdmZjRkYzItc2VjcmV0LXRva2Vu"
ROOM = "Y2lzY29zcGFyazovL3VzL1JPT00vMQ"
WEBHOOK_ID = "Y2lzY29zcGFyazovL3VzL1dFQkhPT0sv"
WEBHOOK = f"https://webexapis.com/v1/webhooks/incoming/{WEBHOOK_ID}"
MESSAGE = {"id": "Y2lzY29zcGFyazovL3VzL01FU1NBR0UvMQ", "roomType": "group"}
JSON_HEADERS = {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json"}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note the pauses instead of sleeping them."""
    slept: list[float] = []
    monkeypatch.setattr("flaskr.rest.v1.rest.time.sleep", slept.append)
    return slept


@pytest.fixture
def bot() -> Webex:
    return Webex(token=TOKEN, room_id=ROOM)


@pytest.fixture
def webhook() -> Webex:
    return Webex(webhook=WEBHOOK)


def posts(wire: responses.RequestsMock, message: dict[str, str], **answer: Any) -> None:
    """Expect exactly this message, with the token."""
    headers = {**JSON_HEADERS, "Authorization": f"Bearer {TOKEN}"}
    match = [matchers.json_params_matcher(message), matchers.header_matcher(headers)]
    wire.post(f"{API}/messages", match=match, **(answer or {"json": MESSAGE}))


def test_a_message_to_the_room_is_posted_with_the_token(
    bot: Webex, wire: responses.RequestsMock
) -> None:
    posts(wire, {"roomId": ROOM, "markdown": "**desk** created it"})
    sent = bot.post_to_room("**desk** created it")
    assert sent.message == "Webex at webexapis.com:443, POST messages: sent."


def test_a_message_to_a_person_is_text_by_e_mail_address(
    bot: Webex, wire: responses.RequestsMock
) -> None:
    posts(wire, {"toPersonEmail": "kim@pod6.example", "text": "Join *us*\n山田"})
    bot.post_to_person("kim@pod6.example", "Join *us*\n山田")
    assert str(wire.calls[0].request.body, "utf-8").count("山田") == 1  # type: ignore[arg-type]


def test_a_webhook_has_its_room_and_no_token(
    webhook: Webex, wire: responses.RequestsMock
) -> None:
    match = [
        matchers.json_params_matcher({"markdown": "done"}), matchers.header_matcher(JSON_HEADERS)
    ]
    wire.post(WEBHOOK, status=204, match=match)
    sent = webhook.post_to_room("done")
    assert sent.message == "Webex at webexapis.com:443, POST webhooks/incoming: sent."
    assert "Authorization" not in wire.calls[0].request.headers


def test_with_both_the_room_is_the_webhooks_and_the_token_is_not_sent_there(
    wire: responses.RequestsMock,
) -> None:
    wire.post(WEBHOOK, status=200)
    Webex(token=TOKEN, webhook=WEBHOOK).post_to_room("done")
    assert "Authorization" not in wire.calls[0].request.headers


@pytest.mark.parametrize(
    ("given_settings", "has_room", "reaches_people"),
    [
        ({}, False, False),
        ({"token": TOKEN}, False, True),
        ({"room_id": ROOM}, False, False),
        ({"token": TOKEN, "room_id": ROOM}, True, True),
        ({"webhook": WEBHOOK}, True, False),
    ],
)
def test_what_it_can_do_depends_on_what_it_has(
    given_settings: dict[str, Any], has_room: bool, reaches_people: bool
) -> None:
    webex = Webex(**given_settings)
    assert (webex.has_room, webex.reaches_people) == (has_room, reaches_people)


def test_the_api_may_be_elsewhere(wire: responses.RequestsMock) -> None:
    wire.get("https://127.0.0.1:8449/sim/v1/people/me", json={"type": "bot"})
    assert Webex("https://127.0.0.1:8449/sim/v1/", TOKEN).get_me() == {"type": "bot"}


def test_whose_the_token_is_tells_whether_it_holds(
    bot: Webex, wire: responses.RequestsMock
) -> None:
    wire.get(f"{API}/people/me", json={"type": "bot", "emails": ["portal@webex.bot"]})
    assert bot.get_me()["emails"] == ["portal@webex.bot"]
    wire.get(f"{API}/people/me", status=401, json={"message": "The request requires a token."})
    failure = failure_of(bot.get_me)
    assert failure.code == "webex_refused_credentials"
    assert failure.message == (
        "Webex at webexapis.com:443, GET people/me: it refuses the credentials (status 401). "
        "Check WEBEX_TOKEN, and what that account is allowed to do. "
        "It says: The request requires a token."
    )


# What goes wrong.


def errors(message: str, tracking_id: str = "ROUTER_1-2") -> dict[str, Any]:
    return {
        "json": {"message": message, "errors": [{"description": message}],
                 "trackingId": tracking_id},
        "headers": {"trackingId": tracking_id},
    }


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        ({"status": 400, **errors("Unable to send")}, "webex_refused", "this: Unable to send"),
        (
            {"status": 404, **errors("Could not find a room with provided ID.")},
            "webex_refused", "it refuses this: Could not find a room with provided ID.",
        ),
        ({"status": 404, "body": "<html>"}, "webex_unexpected_status", "Check that the host and "),
        ({"status": 404}, "webex_unexpected_status", "path in WEBEX_URL name that server's API"),
        ({"status": 401, **errors("no")}, "webex_refused_credentials", "Check WEBEX_TOKEN, and"),
        ({"status": 403, **errors("no")}, "webex_refused_credentials", "It says: no"),
        ({"status": 409, **errors("no")}, "webex_refused", "it refuses this: no"),
        ({"status": 410, **errors("no")}, "webex_refused", "it refuses this: no"),
        ({"status": 415, **errors("no")}, "webex_refused", "it refuses this: no"),
        ({"status": 302}, "webex_unexpected_status", "it redirects elsewhere"),
        ({"status": 423}, "webex_busy", "it has that locked for now"),
        ({"status": 429}, "webex_busy", "it gets too many requests (status 429)"),
        ({"status": 503}, "webex_busy", "it is busy, also after retries"),
        ({"status": 500, **errors("oops")}, "webex_server_error", "It says: oops"),
        ({"status": 502, "body": "<html>"}, "webex_server_error", "(status 502)"),
        ({"status": 504}, "webex_server_error", "It may have been sent all the same"),
        ({"body": "<html>"}, "webex_unreadable_answer", "not well-formed JSON"),
        ({"body": "{}"}, "webex_unreadable_answer", "the ID of a message"),
        ({"body": requests.ReadTimeout()}, "webex_timed_out", "It may have been sent all the"),
        (
            {"body": requests.ConnectionError(ConnectionResetError(104, "reset"))},
            "webex_answer_lost", "It may have been sent all the same: look before you send it",
        ),
    ],
)
def test_what_went_wrong_is_told_in_webexs_words(
    bot: Webex, wire: responses.RequestsMock, answer: dict[str, Any], code: str, said: str
) -> None:
    wire.post(f"{API}/messages", **answer)
    failure = failure_of(bot.post_to_room, "x")
    assert failure.code == code
    assert said in failure.message


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500}, {"status": 502}, {"status": 504}, {"body": "no"},
        {"body": requests.ReadTimeout()},
        {"body": requests.ConnectionError(ConnectionResetError(104, "reset"))},
    ],
    ids=range(6),
)
def test_what_may_have_been_posted_is_not_posted_again(
    bot: Webex, wire: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    wire.post(f"{API}/messages", **answer)
    failure_of(bot.post_to_room, "x")
    assert len(wire.calls) == 1


@pytest.mark.parametrize("status", [423, 429, 503])
def test_what_webex_had_no_time_for_is_posted_when_it_says(
    bot: Webex, wire: responses.RequestsMock, no_pauses: list[float], status: int
) -> None:
    wire.post(f"{API}/messages", status=status, headers={"Retry-After": "3"})
    wire.post(f"{API}/messages", json=MESSAGE)
    bot.post_to_room("x")
    assert no_pauses == [3.0]


def test_a_retry_after_beyond_the_time_allowed_is_told(
    bot: Webex, wire: responses.RequestsMock
) -> None:
    wire.post(f"{API}/messages", status=429, headers={"Retry-After": "40"})
    failure = failure_of(bot.post_to_room, "x")
    assert (failure.reason, failure.retry_after) == (Reason.BUSY, 40.0)


@pytest.mark.parametrize("status", [400, 404])
def test_a_webhook_that_was_deleted_is_told_by_its_setting(
    webhook: Webex, wire: responses.RequestsMock, status: int
) -> None:
    wire.post(WEBHOOK, status=status)
    failure = failure_of(webhook.post_to_room, "x")
    assert "the host and path in WEBEX_WEBHOOK" in failure.message


def test_what_ciscos_support_asks_for_is_in_the_log(
    bot: Webex, wire: responses.RequestsMock, caplog: pytest.LogCaptureFixture
) -> None:
    wire.post(f"{API}/messages", status=400, **errors("no", "ROUTER_5F-0A"))
    wire.post(f"{API}/messages", status=500, headers={"trackingId": "x y=z"})
    for _ in range(2):
        failure_of(bot.post_to_room, "x")
    assert "webex status=400 tracking_id=ROUTER_5F-0A" in caplog.text
    assert "webex status=500 tracking_id=-" in caplog.text


# What is never told.


@pytest.mark.parametrize("answer", [
    {"status": 401, **errors(f"bad: {TOKEN}, {WEBHOOK}, {WEBHOOK_ID}\n\x1b[31m" + 999 * "x")},
    {"status": 404, **errors(WEBHOOK)},
    {"status": 404},
    {"status": 500, "body": TOKEN + WEBHOOK},
    {"body": requests.ConnectionError(f"Max retries exceeded with url: {WEBHOOK}")},
    {"body": requests.ReadTimeout(WEBHOOK)},
    {"status": 200, "json": MESSAGE},
], ids=range(7))
def test_token_and_webhook_are_in_no_log_and_no_message(
    wire: responses.RequestsMock, caplog: pytest.LogCaptureFixture, answer: dict[str, Any]
) -> None:
    caplog.set_level(logging.DEBUG)
    webex = Webex(token=TOKEN, room_id=ROOM, webhook=WEBHOOK)
    told: list[object] = []
    webex.on_call.append(told.append)
    wire.post(WEBHOOK, **answer)
    wire.post(f"{API}/messages", **answer)
    messages = ""
    for post in (webex.post_to_room, lambda text: webex.post_to_person("kim@pod6.example", text)):
        try:
            messages += post("x").message
        except Exception as error:
            messages += str(error)
    written = f"{caplog.text} {messages} {told} {webex!r} {vars(webex)['_authentication']!r}"
    for secret in (TOKEN, WEBHOOK, WEBHOOK_ID):
        assert secret not in written
    assert "\x1b" not in written
    assert "x" * 400 not in written


def test_the_last_characters_tell_a_secret_from_another() -> None:
    assert last_characters(TOKEN) == "…a2Vu"


# Texts.


def test_what_people_made_has_no_effect_in_markdown() -> None:
    name = "**Bold** _it_ [link](http://x) # <@personEmail:kim@x|Kim> ~~no~~ `code` \\"
    assert escaped(name) == (
        "\\*\\*Bold\\*\\* \\_it\\_ \\[link\\]\\(http://x\\) \\# \\<@personEmail:kim@x|Kim\\> "
        "\\~\\~no\\~\\~ \\`code\\` \\\\"
    )


@pytest.mark.parametrize("between", ["\n", "\r\n", "\r", "\n\n", "\u2028", "\x0b", "\x85", "\t"])
def test_what_people_made_stays_on_one_line(between: str) -> None:
    assert escaped(f"one{between}# two") == "one \\# two"


@given(st.text())
def test_no_special_character_is_left_bare(text: str) -> None:
    bare = escaped(text).replace("\\\\", "")
    for character in "*_[]()#<>~`":
        assert bare.count(character) == bare.count(f"\\{character}")
    assert len(escaped(text).splitlines()) <= 1


@pytest.mark.parametrize("character", ["x", "é", "山", "😀"])
@pytest.mark.parametrize("more", range(5))
def test_what_is_too_long_is_cut_at_a_characters_edge_and_says_so(
    character: str, more: int
) -> None:
    fits = "a" * more + character * ((MOST_BYTES - more) // len(character.encode()))
    assert cut(fits) == fits
    shown = cut(fits + character * 2)
    assert shown.endswith(CUT)
    assert fits.startswith(shown.removesuffix(CUT))
    assert MOST_BYTES - 4 < len(shown.encode()) <= MOST_BYTES


@given(st.text(), st.integers(0, 9000))
def test_no_text_is_more_than_webex_takes(text: str, times: int) -> None:
    assert len(cut(text * times).encode()) <= MOST_BYTES


def test_a_message_that_is_too_long_is_posted_cut(
    bot: Webex, wire: responses.RequestsMock
) -> None:
    posts(wire, {"roomId": ROOM, "markdown": cut("é" * 5000)})
    bot.post_to_room("é" * 5000)
    posts(wire, {"toPersonEmail": "kim@pod6.example", "text": cut("é" * 5000)})
    bot.post_to_person("kim@pod6.example", "é" * 5000)
