"""Invitations that are sent to users, by Webex and by mail, and what goes wrong on the way."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask.testing import FlaskClient
from support.audits import last_lines, lines_of
from support.companies import add_fault, objects, portal_of
from support.pods import senders_of
from support.received import mails, rooms
from support.timing import timed
from werkzeug.test import TestResponse

from flaskr.pod import Pod
from flaskr.pod.cms.start import CALL_LEG_PROFILE

SPACE = "/api/v1/cms/spaces/pod6user1"
INVITATION = f"{SPACE}/invitation"
TO = "pod6user1@pod6.example"
WAYS = ("webex", "mail")
TIMEOUT_S, SLACK_S = 0.8, 0.8
Open = Callable[..., FlaskClient]


@pytest.fixture
def open_portal(pod: Pod, tmp_path: Path) -> Open:
    def open_one(**settings: str) -> FlaskClient:
        return portal_of(pod, tmp_path, **{**senders_of(pod), **settings})

    return open_one


@pytest.fixture
def portal(open_portal: Open) -> FlaskClient:
    """A portal in front of a pod in which the user has a Space with a passcode."""
    made = open_portal(PORTAL_TIMEOUT=str(TIMEOUT_S))
    made.post(SPACE, data={"name": "Zoë & *Söns*", "passcode": "135790", "callId": "4711"})
    return made


class Got(NamedTuple):
    """What somebody got: whom it came to, an address or by Webex a name."""

    to: str
    text: str


def got(pod: Pod, way: str) -> list[Got]:
    if way == "mail":
        return [Got(", ".join(each["to"]), each["text"]) for each in mails(pod)]
    return [
        Got(room["title"], message["text"])
        for room in rooms(pod) if room["type"] == "direct" for message in room["messages"]
    ]


def words(text: str) -> list[str]:
    return text.rstrip().splitlines()


@pytest.mark.parametrize("way", WAYS)
def test_the_user_gets_the_words_that_get_has(pod: Pod, portal: FlaskClient, way: str) -> None:
    invitation = portal.get(INVITATION).get_json()["response"]
    answer = portal.post(INVITATION, data={"by": way})
    assert answer.get_json() == {
        "success": True,
        "message": f"Sent: the invitation for guests to {TO} by "
        f"{'Webex' if way == 'webex' else 'mail'}.",
        "response": {"by": way, "to": TO, "role": "guest"},
    }
    (received,) = got(pod, way)
    assert received.to == (TO if way == "mail" else "Pod6 User1")
    assert words(received.text) == words(invitation["text"])
    assert "Passcode: 135790" in received.text
    assert "Zoë & *Söns*" in received.text
    other = WAYS[1 - WAYS.index(way)]
    assert got(pod, other) == []


def test_a_mail_has_the_subject_and_comes_from_whom_the_settings_say(
    pod: Pod, portal: FlaskClient
) -> None:
    portal.post(INVITATION, json={"by": "mail"})
    (mail,) = mails(pod)
    assert mail["subject"] == "Join Zoë & *Söns*"
    assert pod.services["mail"].settings(pod.host, [1], "x")["SMTP_FROM"] in mail["from"]


@pytest.mark.parametrize("way", WAYS)
def test_hosts_get_the_words_of_hosts_in_their_language(
    pod: Pod, open_portal: Open, way: str
) -> None:
    hosted = open_portal(
        SPACE_HOST_CALL_LEG_PROFILE=CALL_LEG_PROFILE, SPACE_CALL_ID="auto",
        SPACE_PASSCODE_DIGITS="6",
    )
    hosted.post(SPACE)
    asked = {"role": "host", "language": "de_DE"}
    invitation = hosted.get(INVITATION, query_string=asked).get_json()["response"]
    guests = hosted.get(INVITATION).get_json()["response"]
    assert hosted.post(INVITATION, data={"by": way, **asked}).status_code == 200
    (received,) = got(pod, way)
    assert words(received.text) == words(invitation["text"])
    assert guests["passcode"] not in received.text


@pytest.mark.parametrize("way", WAYS)
def test_a_dry_run_says_to_whom_it_would_go_and_sends_nothing(
    pod: Pod, portal: FlaskClient, way: str
) -> None:
    answer = portal.post(INVITATION, data={"by": way, "dry_run": "true"}).get_json()
    assert answer["message"].startswith("Dry run: nothing was changed. This would be sent: the inv")
    assert answer["response"] == {"by": way, "to": TO, "role": "guest"}
    assert got(pod, "webex") == got(pod, "mail") == []
    assert pod.journal.report()["servers"]["webex"]["requests"] == 0


@pytest.mark.parametrize(
    ("way", "call"), [("webex", "POST messages"), ("mail", "SEND mail")]
)
def test_the_audit_says_who_sent_what_to_whom(
    pod: Pod, open_portal: Open, tmp_path: Path, way: str, call: str
) -> None:
    file = tmp_path / "audit.jsonl"
    portal = open_portal(PORTAL_AUDIT_FILE=str(file))
    space_id = portal.post(SPACE, data={"passcode": "135790"}).get_json()["response"]
    portal.post(INVITATION, data={"by": way, "dry_run": "true"})
    portal.post(INVITATION, data={"by": way})
    begun, done = lines_of(file)[2:]
    assert (begun["outcome"], done["outcome"]) == ("begun", "done")
    facts = ("change", "userid", "coSpace", "call", "before", "after", "operation")
    assert [begun[name] for name in facts] == [done[name] for name in facts] == [
        done["change"], "pod6user1", space_id, call, {},
        {"by": way, "to": TO, "role": "guest"},
        "POST /api/v1/cms/spaces/<userid>/invitation",
    ]
    assert "135790" not in file.read_text()


def test_where_the_audit_can_not_be_written_nothing_is_sent(
    pod: Pod, open_portal: Open, tmp_path: Path
) -> None:
    folder = tmp_path / "audits"
    folder.mkdir()
    portal = open_portal(PORTAL_AUDIT_FILE=str(folder / "audit.jsonl"))
    pod.spaces.create({"uri": "pod6user1"})
    folder.rename(tmp_path / "elsewhere")
    answer = portal.post(INVITATION, data={"by": "webex"})
    assert answer.get_json()["error"]["code"] == "audit_unavailable"
    assert got(pod, "webex") == []


def refused(answer: TestResponse, status: int) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.get_json()["error"]["code"])


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Say by what it is to be sent: by=webex or by=mail."),
        ({"by": ""}, "by takes one of: webex, mail."),
        ({"by": "pigeon"}, "by takes one of: webex, mail."),
        ({"by": "mail", "role": "boss"}, "role takes one of: guest, host."),
        ({"by": "mail", "language": "German"}, "language takes a language such as en_US."),
        ({"by": "mail", "to": "eve@x.example"}, 'There is no parameter "to". There are: by, role'),
    ],
)
def test_what_is_sent_wrong_is_refused(
    pod: Pod, portal: FlaskClient, sent: dict[str, str], said: str
) -> None:
    answer = portal.post(INVITATION, data=sent)
    assert refused(answer, 400) == "bad_parameter"
    assert answer.get_json()["message"].startswith(said)
    assert got(pod, "webex") == got(pod, "mail") == []


@pytest.mark.parametrize("way", WAYS)
def test_who_has_no_address_gets_nothing(pod: Pod, portal: FlaskClient, way: str) -> None:
    pod.spaces.create({"uri": "lee"})
    answer = portal.post("/api/v1/cms/spaces/lee/invitation", data={"by": way})
    assert refused(answer, 409) == "no_address"
    assert 'no e-mail address of the user "lee"' in answer.get_json()["message"]


@pytest.mark.parametrize("address", ["kim", "a@b, c@d", "kim@x\r\nBcc: eve@y", " ", "Kim <k@x>"])
def test_an_address_that_is_none_or_several_gets_nothing(
    pod: Pod, portal: FlaskClient, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    directory = portal.application.extensions["directory"]
    user = {**directory.find_user("pod6user1"), "email": address}
    monkeypatch.setattr(type(directory), "find_user", lambda *_: user)
    assert refused(portal.post(INVITATION, data={"by": "mail"}), 409) == "no_address"
    assert mails(pod) == []


def test_nobody_gets_the_way_into_a_space_that_is_another_users(
    pod: Pod, portal: FlaskClient
) -> None:
    pod.spaces.create({"uri": "pod6user2", "cdrTag": "pod6user3", "passcode": "1"})
    path = "/api/v1/cms/spaces/pod6user2/invitation"
    assert refused(portal.post(path, data={"by": "webex"}), 409) == "not_personal"
    assert got(pod, "webex") == []
    assert portal.post(path, data={"by": "webex", "force": "true"}).status_code == 200
    assert [each.to for each in got(pod, "webex")] == ["Pod6 User2"]


def test_without_a_space_or_a_user_there_is_nothing_to_send(
    pod: Pod, portal: FlaskClient
) -> None:
    def send(userid: str, **more: str) -> TestResponse:
        path = f"/api/v1/cms/spaces/{userid}/invitation"
        return portal.post(path, data={"by": "mail", **more})

    assert refused(send("pod6user2"), 404) == "no_space"
    pod.spaces.create({"uri": "gone", "cdrTag": "gone"})
    assert refused(send("gone"), 404) == "no_such_user"
    assert refused(portal.post(INVITATION, data={"by": "mail", "role": "host"}), 409) == "no_host"


# What is not set up.

NOT_SET_UP = [
    ({}, ["webex", "mail"]),
    ({"WEBEX_TOKEN": ""}, ["mail"]),
    ({"SMTP_HOSTNAME": ""}, ["webex"]),
    ({"WEBEX_TOKEN": "", "SMTP_HOSTNAME": ""}, []),
]


@pytest.mark.parametrize(("settings", "ways"), NOT_SET_UP)
def test_what_is_not_set_up_is_not_offered_and_said_so(
    pod: Pod, open_portal: Open, settings: dict[str, str], ways: list[str]
) -> None:
    portal = open_portal(**settings)
    pod.spaces.create({"uri": "pod6user1"})
    paths = portal.get("/api/v1/swagger.json").get_json()["paths"]
    operation = paths["/cms/spaces/{userid}/invitation"].get("post", {"parameters": []})
    offered = [each["enum"] for each in operation["parameters"] if each["name"] == "by"]
    assert offered == ([ways] if ways else [])
    assert "get" in paths["/cms/spaces/{userid}/invitation"]
    assert portal.get(INVITATION).get_json()["response"]["sentBy"] == ways
    for way in WAYS:
        answer = portal.post(INVITATION, data={"by": way})
        assert answer.status_code == (200 if way in ways else 409)
        if way not in ways:
            assert answer.get_json()["error"]["code"] == "not_set_up"
            setting = "WEBEX_TOKEN" if way == "webex" else "SMTP_HOSTNAME"
            assert answer.get_json()["message"].endswith(f"can change that with {setting}.")


# What goes wrong: fault, status, code, whether it came all the same.
MAYBE = "It may have been sent all the same"


class Wrong(NamedTuple):
    """A fault, and what comes of it: a status, a code, whether the user got it all the same."""

    fault: str
    status: int
    code: str
    came: bool = False


BY_WEBEX = [
    Wrong("busy=60", 503, "webex_busy"),
    Wrong("status=429", 503, "webex_busy"),
    Wrong("status=423", 503, "webex_busy"),
    Wrong("status=503", 503, "webex_busy"),
    Wrong("status=401", 502, "webex_refused_credentials"),
    Wrong("status=403", 502, "webex_refused_credentials"),
    Wrong("status=404", 502, "webex_unexpected_status"),
    Wrong("redirect=https://127.0.0.1:1/v1", 502, "webex_unexpected_status"),
    Wrong("status=500", 502, "webex_server_error"),
    Wrong("html=502", 502, "webex_server_error"),
    Wrong("status=500 takes_effect=true", 502, "webex_server_error", True),
    Wrong("html", 502, "webex_unreadable_answer"),
    Wrong("html takes_effect=true", 502, "webex_unreadable_answer", True),
    Wrong("cut", 502, "webex_answer_lost", True),
    Wrong("cut takes_effect=false", 502, "webex_answer_lost"),
    Wrong("reset", 502, "webex_answer_lost", True),
    Wrong("cut=0.5", 502, "webex_answer_lost", True),
    Wrong("late=30 takes_effect=false", 504, "webex_timed_out"),
    Wrong("slow=1", 504, "webex_timed_out", True),
]
BY_MAIL = [
    Wrong("busy method=MAIL", 503, "mail_busy"),
    Wrong("status=421 method=EHLO", 503, "mail_busy"),
    Wrong("status=450 method=RCPT", 503, "mail_busy"),
    Wrong("status=550 method=RCPT", 409, "mail_refused"),
    Wrong("status=553 method=MAIL", 409, "mail_refused"),
    Wrong("status=554 method=MESSAGE", 409, "mail_refused"),
    Wrong("status=452 method=MESSAGE", 503, "mail_busy"),
    Wrong("status=535 method=AUTH", 502, "mail_refused_credentials"),
    Wrong("cut method=RCPT", 502, "mail_answer_lost"),
    Wrong("cut method=MESSAGE", 502, "mail_answer_lost", True),
    Wrong("cut method=MESSAGE takes_effect=false", 502, "mail_answer_lost"),
    Wrong("late=30 method=RCPT", 504, "mail_timed_out"),
    Wrong("late=30 method=MESSAGE takes_effect=false", 504, "mail_timed_out"),
]
FAULTS = [("webex", wrong) for wrong in BY_WEBEX] + [("mail", wrong) for wrong in BY_MAIL]


@timed
@pytest.mark.parametrize(
    ("way", "wrong"), FAULTS, ids=[f"{way} {wrong.fault}" for way, wrong in FAULTS]
)
def test_what_goes_wrong_is_told_in_time_and_nothing_comes_twice(
    pod: Pod, portal: FlaskClient, way: str, wrong: Wrong, caplog: pytest.LogCaptureFixture
) -> None:
    add_fault(pod, f"{wrong.fault} server={way}")
    start = time.monotonic()
    answer = portal.post(INVITATION, data={"by": way})
    assert time.monotonic() - start < TIMEOUT_S + SLACK_S
    assert (refused(answer, wrong.status)) == wrong.code
    assert answer.get_json()["error"]["retry"] is False
    pod.faults.clear()
    assert len(got(pod, way)) == int(wrong.came)
    if wrong.came:
        assert MAYBE in answer.get_json()["message"]
    settings = senders_of(pod)
    text = answer.text + "".join(each.getMessage() for each in caplog.records)
    for secret in (settings["WEBEX_TOKEN"], settings["SMTP_PASSWORD"], "135790"):
        assert secret not in text


@pytest.mark.parametrize(
    ("way", "switches", "code"),
    [
        ("webex", {"webex_handshake": "expired"}, "webex_untrusted"),
        ("webex", {"webex_handshake": "other_name"}, "webex_untrusted"),
        ("webex", {"webex_handshake": "other_ca"}, "webex_untrusted"),
        ("webex", {"webex_handshake": "cut"}, "webex_unreachable"),
        ("webex", {"webex_handshake": "silent"}, "webex_no_connection_in_time"),
        ("mail", {"mail_handshake": "expired"}, "mail_untrusted"),
        ("mail", {"mail_handshake": "other_name"}, "mail_untrusted"),
        ("mail", {"mail_handshake": "other_ca"}, "mail_untrusted"),
        ("mail", {"mail_tls": "none"}, "mail_not_supported"),
    ],
)
def test_what_is_not_to_be_trusted_gets_nothing(
    pod: Pod, portal: FlaskClient, way: str, switches: dict[str, Any], code: str
) -> None:
    pod.switches.update(switches)
    answer = portal.post(INVITATION, data={"by": way})
    assert answer.get_json()["error"]["code"] == code
    assert answer.status_code == (504 if code.endswith("in_time") else 502)
    assert got(pod, way) == []


@pytest.mark.parametrize(
    ("settings", "way", "code"),
    [
        ({"WEBEX_TOKEN": "wrong"}, "webex", "webex_refused_credentials"),
        ({"WEBEX_URL": "https://127.0.0.1:1/v1"}, "webex", "webex_unreachable"),
        ({"SMTP_PASSWORD": "wrong"}, "mail", "mail_refused_credentials"),
        ({"SMTP_PORT": "1"}, "mail", "mail_unreachable"),
    ],
)
def test_wrong_settings_are_told_by_their_names(
    pod: Pod, open_portal: Open, settings: dict[str, str], way: str, code: str
) -> None:
    portal = open_portal(PORTAL_TIMEOUT=str(TIMEOUT_S), **settings)
    pod.spaces.create({"uri": "pod6user1"})
    answer = portal.post(INVITATION, data={"by": way})
    assert refused(answer, 502) == code
    prefix = "WEBEX_" if way == "webex" else "SMTP_"
    assert prefix in answer.get_json()["message"]


@pytest.mark.parametrize("status", [400, 404])
def test_whom_webex_does_not_know_is_told_in_its_words(
    pod: Pod, portal: FlaskClient, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    pod.switches.webex_unknown_person = status
    directory = portal.application.extensions["directory"]
    user = {**directory.find_user("pod6user1"), "email": "nobody@elsewhere.example"}
    monkeypatch.setattr(type(directory), "find_user", lambda *_: user)
    answer = portal.post(INVITATION, data={"by": "webex"})
    assert refused(answer, 409) == "webex_refused"
    assert "POST messages: it refuses this: " in answer.get_json()["message"]


def test_webex_that_asks_for_a_moment_gets_it(pod: Pod, open_portal: Open) -> None:
    portal = open_portal()
    pod.spaces.create({"uri": "pod6user1"})
    add_fault(pod, "busy=1 server=webex times=1")
    assert portal.post(INVITATION, data={"by": "webex"}).status_code == 200
    add_fault(pod, "busy=44 server=webex times=1")
    answer = portal.post(INVITATION, data={"by": "webex"})
    assert (refused(answer, 503), answer.headers["Retry-After"]) == ("webex_busy", "44")
    assert len(got(pod, "webex")) == 1


@pytest.mark.parametrize(
    ("fault", "outcome"), [("cut server=webex", "unknown"), ("status=401 server=webex", "failed")]
)
def test_the_audit_says_what_came_of_it(
    pod: Pod, open_portal: Open, tmp_path: Path, fault: str, outcome: str
) -> None:
    file = tmp_path / "audit.jsonl"
    portal = open_portal(PORTAL_AUDIT_FILE=str(file))
    pod.spaces.create({"uri": "pod6user1"})
    add_fault(pod, fault)
    code = portal.post(INVITATION, data={"by": "webex"}).get_json()["error"]["code"]
    (line,) = last_lines(lines_of(file))
    assert (line["outcome"], line["code"]) == (outcome, code)


def test_nothing_of_a_space_is_changed(pod: Pod, portal: FlaskClient) -> None:
    before = [dict(each.values) for each in pod.spaces.listed()]
    for way in WAYS:
        portal.post(INVITATION, data={"by": way})
    assert [dict(each.values) for each in pod.spaces.listed()] == before
    assert objects(pod, "coSpaces/*/accessMethods").listed() == []
