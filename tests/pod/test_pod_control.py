"""The control port, and the switches behind it."""

from __future__ import annotations

import shlex
import subprocess

import pytest
import requests
from support.cms_answers import Send

from flaskr.pod import BadInput, Pod
from flaskr.pod.mail.state import MailState
from flaskr.pod.servers import KINDS, table
from flaskr.pod.switches import as_dict as asdict
from flaskr.pod.switches import Switches
from flaskr.pod.wire.journal import KEPT, MAX_TEXT
from flaskr.pod.wire.smtp import SmtpSession

# What Chromium says that it takes.
BROWSER = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;"
    "q=0.8,application/signed-exchange;v=b3;q=0.7"
)


def test_the_help_names_every_switch_and_every_fault(pod: Pod, control: Send) -> None:
    response = control("GET", "/")
    assert response.headers["Content-Type"].startswith("text/plain")
    for name in (*table(), *KINDS):
        assert f"  {name} " in response.text


def test_the_help_says_nothing_where_a_switch_is_empty_at_first(control: Send) -> None:
    words = " ".join(control("GET", "/").text.split())
    assert "(names of Call Bridges with commas between; nothing at first)" in words


def test_the_curl_lines_of_the_help_work_as_printed(pod: Pod, control: Send) -> None:
    lines = [line.strip() for line in control("GET", "/").text.splitlines()]
    commands = [shlex.split(line) for line in lines if line.startswith("curl ")]
    assert len(commands) > 10
    for command in commands:
        done = subprocess.run([*command, "-sSf"], capture_output=True, timeout=10, check=False)
        assert done.returncode == 0, (command, done.stderr)


def test_switches_are_shown_and_changed(pod: Pod, control: Send) -> None:
    assert control("GET", "/switches").json() == asdict(pod.switches)
    response = control("PATCH", "/switches", json={"page_cap": 3, "uds_authentication": True})
    assert response.json() == asdict(pod.switches)
    assert (pod.switches.page_cap, pod.switches.uds_authentication) == (3, True)


def test_put_brings_the_other_switches_back(pod: Pod, control: Send) -> None:
    pod.switches.page_cap = 3
    control("PUT", "/switches", json={"software_version": "3.8"})
    assert (pod.switches.page_cap, pod.switches.software_version) == (20, "3.8")


@pytest.mark.parametrize(("change", "sentence"), [
    ({"page_cap": 0}, "The switch page_cap must be a whole number from 1 to 10000."),
    ({"page_cap": True}, "The switch page_cap must be a whole number from 1 to 10000."),
    ({"page_cap": None}, "The switch page_cap must be a whole number from 1 to 10000."),
    ({"page_cap": 3, "colour": 1}, "There is no switch 'colour'."),
    ({"page_cap": 3, "uds_error_body": []}, "The switch uds_error_body must be one of html, none."),
    ({"uds_authentication": 1}, "The switch uds_authentication must be true or false."),
])
def test_a_bad_switch_is_refused_in_a_sentence_and_changes_nothing(
    pod: Pod, control: Send, change: dict[str, object], sentence: str
) -> None:
    before = asdict(pod.switches)
    response = control("PATCH", "/switches", json=change)
    assert (response.status_code, response.json()) == (400, {"error": sentence})
    assert asdict(pod.switches) == before


def test_a_switch_that_does_not_exist_cannot_be_set() -> None:
    with pytest.raises(BadInput, match="There is no switch 'colour'."):
        setattr(Switches(), "colour", "red")


@pytest.mark.parametrize("body", ["", "[]", "{", "3", '"x"', "null", "\xff"])
def test_a_body_that_is_no_json_object_is_refused(control: Send, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    for method, path in (("PATCH", "/switches"), ("POST", "/faults")):
        response = control(method, path, data=body.encode("latin-1"), headers=headers)
        assert response.status_code == 400
        assert "must be a JSON object" in response.json()["error"]


def test_faults_are_added_shown_and_taken_away(pod: Pod, control: Send) -> None:
    body = {"fault": "busy", "value": "2", "times": 3, "server": "cms", "path": None}
    response = control("POST", "/faults", json=body)
    assert response.status_code == 201
    added = response.json()
    assert (added["fault"], added["value"], added["times"], added["id"]) == ("busy", "2", 3, 1)
    control("POST", "/faults", json={"fault": "cut"})
    assert [fault["id"] for fault in control("GET", "/faults").json()] == [1, 2]
    headers = {"Content-Type": "application/json"}
    remaining = control("DELETE", "/faults/1", headers=headers).json()
    assert [fault["id"] for fault in remaining] == [2]
    gone = control("DELETE", "/faults/1", headers=headers)
    assert (gone.status_code, gone.json()) == (404, {"error": "There is no fault 1."})
    assert control("DELETE", "/faults", headers=headers).json() == []


@pytest.mark.parametrize("body", [{}, {"fault": 3}, {"fault": "fire"}, {"fault": "cut", "value": 7},
                                  {"fault": "cut", "self": 1}, {"fault": "cut", "times": "x"}])
def test_a_bad_fault_is_refused_in_a_sentence(
    pod: Pod, control: Send, body: dict[str, object]
) -> None:
    response = control("POST", "/faults", json=body)
    assert response.status_code == 400
    assert response.json()["error"].endswith(".")
    assert pod.faults.active() == []


def test_reset_brings_everything_back(pod: Pod, cms: Send, control: Send) -> None:
    before = control("GET", "/spaces").json()
    cms("POST", "/coSpaces", data={"uri": "pod6user1"})
    pod.faults.add("busy")
    pod.switches.page_cap = 1
    assert len(control("GET", "/spaces").json()) == len(before) + 1
    assert control("POST", "/reset", json={}).json()["page_cap"] == 20
    assert control("GET", "/spaces").json() == before
    assert control("GET", "/faults").json() == []
    assert control("GET", "/requests").json()["requests"] == []


def test_spaces_are_shown_with_all_that_is_set(pod: Pod, cms: Send, control: Send) -> None:
    cms("POST", "/coSpaces", data={"uri": "shown", "passcode": "12"})
    [space] = [space for space in control("GET", "/spaces").json() if space.get("uri") == "shown"]
    assert (space["passcode"], space["autoGenerated"]) == ("12", False)


def test_requests_are_kept_with_their_outcome(pod: Pod, cms: Send, control: Send) -> None:
    cms("GET", "/coSpaces?filter=a")
    pod.faults.add("cut", times=1)
    with pytest.raises(requests.ConnectionError):
        cms("POST", "/coSpaces")
    report = control("GET", "/requests").json()
    first, second = report["requests"]
    assert (first["server"], first["method"], first["path"]) == ("cms", "GET", "/api/v1/coSpaces")
    assert (first["query"], first["status"], first["faults"]) == ("filter=a", 200, [])
    assert (second["status"], second["faults"]) == (None, ["cut"])
    counts = report["servers"]["cms"]
    assert (counts["requests"], counts["in_flight"], counts["most_in_flight"]) == (2, 0, 1)
    headers = {"Content-Type": "application/json"}
    assert control("DELETE", "/requests", headers=headers).json()["requests"] == []


def test_only_the_last_requests_are_kept_and_long_ones_cut(pod: Pod) -> None:
    for number in range(KEPT + 1):
        with pod.journal.request("cms", "GET", f"/{number}/" + "x" * 1000, ""):
            pass
    kept = pod.journal.report()["requests"]
    assert (len(kept), len(kept[0]["path"])) == (KEPT, MAX_TEXT)
    assert kept[0]["path"].startswith("/1/")


@pytest.mark.parametrize(("host", "status"), [
    ("localhost", 200), ("LOCALHOST:80", 200), ("127.0.0.1:1", 200), ("[::1]:9", 200),
    ("[::1]", 200), ("evil.example", 403), ("evil.example:8447", 403), ("", 403),
    ("localhost.evil.example", 403),
])
def test_only_loopback_names_are_answered(control: Send, host: str, status: int) -> None:
    assert control("GET", "/switches", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(("method", "path"), [
    ("PATCH", "/switches"), ("PUT", "/switches"), ("POST", "/faults"), ("DELETE", "/faults"),
    ("POST", "/reset"), ("DELETE", "/requests"),
])
@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_changes_need_json(control: Send, method: str, path: str, content_type: str) -> None:
    response = control(method, path, data=b"{}", headers={"Content-Type": content_type})
    assert response.status_code == 415
    assert response.json()["error"].endswith("application/json.")


@pytest.mark.parametrize(("headers", "status"), [
    ({"Sec-Fetch-Site": "cross-site"}, 403), ({"Sec-Fetch-Site": "same-site"}, 403),
    ({"Origin": "http://evil.example"}, 403), ({"Origin": "null"}, 403),
    ({"Sec-Fetch-Site": "same-origin"}, 200), ({"Sec-Fetch-Site": "none"}, 200),
])
def test_a_page_of_another_site_changes_nothing(
    pod: Pod, control: Send, headers: dict[str, str], status: int
) -> None:
    pod.faults.add("busy")
    assert control("DELETE", "/faults", json={}, headers=headers).status_code == status
    assert bool(pod.faults.active()) == (status == 403)


def test_its_own_origin_may_change_it(pod: Pod, control: Send) -> None:
    own = {"Origin": pod.control_url}
    assert control("DELETE", "/faults", json={}, headers=own).status_code == 200


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/colours", 404), ("POST", "/switches", 405), ("GET", "/reset", 405),
    ("DELETE", "/faults/x", 404),
])
def test_what_the_control_port_does_not_have_is_refused_in_json(
    control: Send, method: str, path: str, status: int
) -> None:
    response = control(method, path, json={})
    assert response.status_code == status
    assert response.json()["error"]


def test_the_control_port_is_not_in_its_own_counts(pod: Pod, control: Send) -> None:
    control("GET", "/switches")
    assert "control" not in control("GET", "/requests").json()["servers"]


def test_a_browser_gets_a_page_with_what_people_got(pod: Pod, control: Send) -> None:
    bearer = {"Authorization": f"Bearer {pod.settings['WEBEX_TOKEN']}"}
    for recipient, text in (
        ({"roomId": pod.settings["WEBEX_ROOM_ID"]}, "older"),
        ({"roomId": pod.settings["WEBEX_ROOM_ID"]}, "<script>a</script> & b"),
        ({"toPersonEmail": "pod6user1@pod6.example"}, "Your Space"),
    ):
        requests.post(
            f"{pod.url('webex')}/messages", json={**recipient, "markdown": text}, headers=bearer,
            verify=pod.ca_file, timeout=10,
        )
    session = SmtpSession(sender="a@pod6.example", recipients=("b@pod6.example",))
    state = pod.services["mail"].state
    assert isinstance(state, MailState)
    state.add(session, b"Subject: <i>Hello</i>\r\n\r\nGood <b>morning</b>\r\n")
    page = control("GET", "/", headers={"Accept": BROWSER})
    assert page.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    for shown in (
        "&lt;script&gt;a&lt;/script&gt; &amp; b", "direct room: Pod6 User1", "Your Space",
        "&lt;i&gt;Hello&lt;/i&gt;", "from a@pod6.example to b@pod6.example",
        "Good &lt;b&gt;morning&lt;/b&gt;", "entity_bomb",
    ):
        assert shown in page.text
    assert page.text.index("&lt;script&gt;a") < page.text.index(">older<")


def test_the_page_says_where_nothing_came_yet(control: Send) -> None:
    page = control("GET", "/", headers={"Accept": BROWSER})
    assert page.text.count("Nothing yet.") == 2
    for inbox in ("Webex, group room: Space changes", "Mail"):
        assert f"<h3>{inbox}</h3>\n<p>Nothing yet.</p>" in page.text


@pytest.mark.parametrize("accept", ["*/*", "text/plain", "text/*", ""])
def test_others_get_the_help_as_text(control: Send, accept: str) -> None:
    answer = control("GET", "/", headers={"Accept": accept})
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["Vary"] == "Accept"
