"""Mailboxes by user ID: from LDAP to Unity Connection and away again, on the simulated pod."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from support.audits import lines_of
from support.companies import add_fault, portal_of
from werkzeug.test import TestResponse

from flaskr import create_app
from flaskr.pod import Pod

USERS = "/api/v1/cuc/users"
LDAP_USERS = "/api/v1/cuc/ldap_users"
LEE = f"{USERS}/lee"
HAS_ONE = f"{USERS}/pod6user11"
PIN = "048215"
DRY = {"dry_run": "true"}


@pytest.fixture
def portal(portal_of_module: FlaskClient) -> FlaskClient:
    return portal_of_module


def mailboxes(pod: Pod) -> list[dict[str, Any]]:
    return pod.services["cuc"].tables()["mailboxes"]()


def mailbox(pod: Pod, userid: str = "lee") -> dict[str, Any] | None:
    """Return a user's mailbox as the server keeps it, its PIN included, or None."""
    found = [each for each in mailboxes(pod) if each["Alias"].lower() == userid.lower()]
    return found[0] if found else None


def told(answer: TestResponse) -> tuple[int, str]:
    """Return the status and the code of an answer, `""` of a success."""
    return answer.status_code, (answer.get_json().get("error") or {"code": ""})["code"]


def changes(pod: Pod) -> list[str]:
    return [
        f"{each['method']} {each['path']}"
        for each in pod.journal.report()["requests"]
        if each["server"] == "cuc" and each["method"] != "GET"
    ]


# The journey.


def test_a_user_is_found_in_ldap_imported_changed_and_deleted(
    pod: Pod, portal: FlaskClient
) -> None:
    assert portal.get("/api/v1/cuc/version").get_json() == pod.switches.cuc_version
    before = portal.get(LDAP_USERS, query_string={"filter": "lee"}).get_json()["response"]
    assert "lee" in [each["alias"] for each in before["ldapUsers"]]

    created = portal.post(LEE, data={"PIN": PIN, "ListInDirectory": "false"}).get_json()
    assert created["success"] is True
    assert created["response"] in created["message"]
    kept = mailbox(pod)
    assert kept and kept["ObjectId"] == created["response"]
    assert (kept["PIN"], kept["ListInDirectory"]) == (PIN, "false")
    assert (kept["DtmfAccessId"], kept["LdapType"]) == ("6110", "3")
    after = portal.get(LDAP_USERS, query_string={"filter": "lee"}).get_json()["response"]
    assert after["total"] == before["total"] - 1

    found = portal.get(LEE.upper().replace("/API/V1/CUC/USERS", USERS)).get_json()["response"]
    assert found["User"]["Alias"] == "lee"
    assert found["PIN"]["HackCount"] == "0"
    assert PIN not in str(found)

    settings = {"PIN": "009517", "IsVmEnrolled": "true", "DtmfAccessId": "7110"}
    assert portal.put(LEE, json=settings).get_json()["success"] is True
    kept = mailbox(pod)
    assert kept
    assert (kept["PIN"], kept["IsVmEnrolled"], kept["DtmfAccessId"]) == ("009517", "true", "7110")

    deleted = portal.delete(LEE).get_json()
    assert deleted["response"]["User"]["DtmfAccessId"] == "7110"
    assert mailbox(pod) is None
    assert told(portal.delete(LEE)) == (404, "no_mailbox")
    assert told(portal.post(LEE)) == (200, "")


def test_wrong_pins_lock_a_mailbox_until_it_is_unlocked(pod: Pod, portal: FlaskClient) -> None:
    kept = mailbox(pod, "pod6user11")
    assert kept
    path = f"users/{kept['ObjectId']}/credential/pin"
    application: Any = portal.application
    hacked = {"HackCount": "3"}
    application.extensions["cuc"].request(path, payload=hacked, http_method="PUT")
    assert portal.get(HAS_ONE).get_json()["response"]["PIN"]["HackCount"] == "3"
    done = portal.put(HAS_ONE, data={"ResetMailbox": "true"}).get_json()
    assert done["message"].endswith(": lock.")
    assert portal.get(HAS_ONE).get_json()["response"]["PIN"]["HackCount"] == "0"


def test_a_lock_of_an_administrator_is_not_said_to_be_ended(
    pod: Pod, portal: FlaskClient
) -> None:
    shown = portal.get(HAS_ONE).get_json()["response"]
    path = f"users/{shown['User']['ObjectId']}/credential/pin"
    application: Any = portal.application
    locked = {"Locked": "true"}
    application.extensions["cuc"].request(path, payload=locked, http_method="PUT")
    answer = portal.put(HAS_ONE, data={"ResetMailbox": "true"})
    assert told(answer) == (200, "")
    assert "that of an administrator stays" in answer.get_json()["message"]
    assert portal.get(HAS_ONE).get_json()["response"]["PIN"]["Locked"] == "true"


def test_pages_of_ldap_users_together_are_all_of_them(portal: FlaskClient) -> None:
    def page(offset: int, limit: int) -> dict[str, Any]:
        asked = {"offset": str(offset), "limit": str(limit)}
        return dict(portal.get(LDAP_USERS, query_string=asked).get_json()["response"])

    whole = page(0, 500)
    assert whole["total"] == len(whole["ldapUsers"])
    pages = [page(offset, 7) for offset in range(0, whole["total"] + 7, 7)]
    assert [each for part in pages for each in part["ldapUsers"]] == whole["ldapUsers"]
    assert {part["total"] for part in pages} == {whole["total"]}


@pytest.mark.parametrize(
    "switches",
    [
        {"cuc_one_row": "list"}, {"cuc_import_total": False}, {"cuc_import_phone": False},
        {"cuc_delete_status": 200}, {"cuc_unknown_id_body": "html"},
        {"cuc_unknown_id_body": "none"},
        {"cuc_extension_demanded": True}, {"cuc_retry_after": 1},
    ],
)
def test_servers_that_differ_are_all_understood(
    pod: Pod, portal: FlaskClient, switches: dict[str, Any]
) -> None:
    pod.switches.update(switches)
    assert told(portal.post(LEE, data={"PIN": PIN})) == (200, "")
    kept = mailbox(pod)
    assert kept and (kept["PIN"], kept["DtmfAccessId"]) == (PIN, "6110")
    assert told(portal.post(LEE)) == (409, "mailbox_exists")
    assert told(portal.put(LEE, data={"ResetMailbox": "true"})) == (200, "")
    assert told(portal.delete(LEE)) == (200, "")
    assert told(portal.get(LEE)) == (404, "no_mailbox")


def test_one_session_serves_all_requests_and_a_lost_one_is_begun_anew(
    pod: Pod, tmp_path: Path
) -> None:
    portal = portal_of(pod, tmp_path)
    for _ in range(3):
        portal.get(HAS_ONE)
    assert pod.journal.report()["servers"]["cuc"]["log_ins"] == 1
    pod.services["cuc"].state.reset()
    assert told(portal.get(HAS_ONE)) == (200, "")


# What is refused.


@pytest.mark.parametrize(
    ("method", "userid", "sent", "status", "code"),
    [
        ("POST", "lee", {"templateAlias": "nothing"}, 409, "no_such_template"),
        ("POST", "lee", {"DtmfAccessId": "6111"}, 409, "extension_taken"),
        ("PUT", "pod6user11", {"DtmfAccessId": "6111"}, 409, "extension_taken"),
        ("POST", "pod6user11", {}, 409, "mailbox_exists"),
        ("POST", "nobody", {}, 404, "no_ldap_user"),
        ("PUT", "nobody", {"ResetMailbox": "true"}, 404, "no_mailbox"),
        ("DELETE", "nobody", {}, 404, "no_mailbox"),
        ("GET", "nobody", {}, 404, "no_mailbox"),
        ("POST", "lee", {"PIN": "12"}, 400, "pin_refused"),
        ("POST", "lee", {"PIN": "111111"}, 400, "pin_refused"),
        ("PUT", "pod6user11", {"PIN": "123456"}, 400, "pin_refused"),
        ("PUT", "pod6user11", {}, 400, "nothing_to_change"),
        ("PUT", "pod6user11", {"PIN": ""}, 400, "bad_parameter"),
        ("PUT", "pod6user11", {"PIN": "12a4"}, 400, "bad_parameter"),
        ("PUT", "pod6user11", {"Alias": "x"}, 400, "bad_parameter"),
        ("POST", "lee", {"DtmfAccessId": "+1408"}, 400, "bad_parameter"),
        ("GET", "a(b)", {}, 400, "bad_parameter"),
        ("PUT", "operator", {"PIN": PIN}, 409, "not_personal"),
        ("DELETE", "operator", {}, 409, "not_personal"),
    ],
)
@pytest.mark.parametrize("options", [{}, DRY])
def test_what_is_refused_has_a_code_and_changes_nothing_dry_or_not(
    pod: Pod, portal: FlaskClient, method: str, userid: str, sent: dict[str, str],
    status: int, code: str, options: dict[str, str],
) -> None:
    before = mailboxes(pod)
    foreseen = not (options and code == "pin_refused" and len(sent["PIN"]) > 2)
    query = {} if method == "GET" else options
    answer = portal.open(f"{USERS}/{userid}", method=method, data=sent, query_string=query)
    assert told(answer) == ((status, code) if foreseen else (200, ""))
    assert mailboxes(pod) == before


def test_by_force_a_mailbox_that_is_no_persons_is_changed(pod: Pod, portal: FlaskClient) -> None:
    forced = {"PIN": PIN, "force": "true"}
    assert told(portal.put(f"{USERS}/operator", data=forced)) == (200, "")
    kept = mailbox(pod, "operator")
    assert kept and kept["PIN"] == PIN


def test_a_server_without_ldap_is_told_so(pod: Pod, portal: FlaskClient) -> None:
    pod.switches.cuc_ldap = False
    assert told(portal.get(LDAP_USERS)) == (409, "no_ldap_directory")
    assert told(portal.post(LEE)) == (409, "no_ldap_directory")


@pytest.mark.parametrize("body", ["html", "details", "none"])
def test_credentials_that_are_refused_are_told_whatever_comes_with_it(
    pod: Pod, tmp_path: Path, body: str
) -> None:
    pod.switches.cuc_refusal_body = body
    portal = portal_of(pod, tmp_path, CUC_PASSWORD="wr0ng-Pässword")
    answer = portal.get(HAS_ONE)
    assert told(answer) == (502, "cuc_refused_credentials")
    assert "Check CUC_USERNAME and CUC_PASSWORD" in answer.get_json()["message"]
    assert "wr0ng" not in answer.text


# PINs.


@pytest.mark.parametrize("form", ["data", "json"])
def test_the_zeros_of_a_pin_stay(pod: Pod, portal: FlaskClient, form: str) -> None:
    sent: dict[str, Any] = {form: {"PIN": "000731"}}
    assert told(portal.put(HAS_ONE, **sent)) == (200, "")
    kept = mailbox(pod, "pod6user11")
    assert kept and kept["PIN"] == "000731"


def test_a_pin_that_is_a_number_or_in_the_address_is_refused(
    pod: Pod, portal: FlaskClient
) -> None:
    number = portal.put(HAS_ONE, json={"PIN": 731})
    address = portal.put(HAS_ONE, query_string={"PIN": PIN})
    assert [told(number), told(address)] == [(400, "bad_parameter")] * 2
    assert PIN not in address.text
    assert changes(pod) == []


@pytest.mark.parametrize(
    "fault", ["cut method=PUT", "cut method=POST", "late=5 method=PUT", "html method=PUT", ""]
)
def test_a_pin_is_in_no_log_no_address_no_answer_and_no_record(
    pod: Pod, tmp_path: Path, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    caplog.set_level(logging.DEBUG)
    file = tmp_path / "audit.jsonl"
    portal = portal_of(pod, tmp_path, PORTAL_AUDIT_FILE=str(file), PORTAL_TIMEOUT="0.5")
    pod.switches.cuc_pin_error = f"The credential {PIN} is invalid."
    if fault:
        add_fault(pod, f"{fault} server=cuc")
    answers = [
        portal.post(LEE, data={"PIN": PIN}),
        portal.put(HAS_ONE, json={"PIN": PIN}),
        portal.put(HAS_ONE, json={"PIN": PIN}),  # which is one of before now
        portal.put(HAS_ONE, data={"PIN": PIN, **DRY}),
        portal.get(HAS_ONE),
    ]
    said = "".join(answer.text for answer in answers) + file.read_text(encoding="utf-8")
    said += "".join(r.getMessage() for r in caplog.records if r.name != "flaskr.pod")
    assert "PIN" in said
    assert fault or "The credential … is invalid." in answers[2].get_json()["message"]
    assert PIN not in said
    assert not any(PIN in str(each["path"]) for each in pod.journal.report()["requests"])


# Dry runs and the record.


def test_a_dry_run_answers_what_the_change_would_and_changes_nothing(
    pod: Pod, portal: FlaskClient
) -> None:
    before = mailboxes(pod)
    asked: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("POST", LEE, {"PIN": PIN, "IsVmEnrolled": "true"}),
        ("PUT", HAS_ONE, {"PIN": PIN, "ResetMailbox": "true", "ListInDirectory": "false"}),
        ("DELETE", HAS_ONE, {}),
    )
    for method, path, sent in asked:
        tried = portal.open(path, method=method, data=sent, query_string=DRY)
        assert (mailboxes(pod), changes(pod)) == (before, [])
        done = portal.open(path, method=method, data=sent)
        assert told(tried) == told(done) == (200, "")
        said = tried.get_json()["message"]
        assert said.startswith("Dry run: nothing was changed. This would be sent to Unity Connect")
        assert PIN not in said
        if method != "POST":
            assert tried.get_json()["response"] == done.get_json()["response"]
        pod.reset()


def test_each_change_is_on_record_and_flask_audit_shows_it(pod: Pod, tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    portal = portal_of(pod, tmp_path, PORTAL_AUDIT_FILE=str(file))
    mailbox_id = portal.post(LEE, data={"PIN": PIN}).get_json()["response"]
    portal.put(LEE, data={"ListInDirectory": "false"})
    portal.put(LEE, data={"DtmfAccessId": "6111"})
    portal.delete(LEE)
    portal.get(LEE)
    portal.post(LEE, data=DRY)
    lines = lines_of(file)
    done = [
        (line["call"].split("/")[0], line["mailbox"], line["outcome"])
        for line in lines if line["outcome"] != "begun"
    ]
    assert done == [
        ("POST import", mailbox_id, "done"),
        ("PUT users", mailbox_id, "done"),
        ("PUT users", mailbox_id, "done"),
        ("PUT users", mailbox_id, "failed"),
        ("DELETE users", mailbox_id, "done"),
    ]
    assert {line["operation"] for line in lines} == {
        f"{method} {USERS}/<userid>" for method in ("POST", "PUT", "DELETE")
    }
    shown = portal.application.test_cli_runner().invoke(args=["audit", "--user", "lee"])
    assert shown.exit_code == 0, shown.output
    assert 'ListInDirectory: "true" -> "false"' in shown.output
    assert "(cuc_refused)" in shown.output


# Where there is none.


@pytest.fixture
def without(pod: Pod, tmp_path: Path) -> Iterator[FlaskClient]:
    settings = {name: text for name, text in pod.settings.items() if not name.startswith("CUC_")}
    yield create_app(settings, project=tmp_path).test_client()


def test_without_a_unity_connection_nothing_speaks_of_it(without: FlaskClient) -> None:
    assert told(without.get("/api/v1/cuc/version")) == (404, "no_such_address")
    assert told(without.post(LEE)) == (404, "no_such_address")
    for name in ("swagger.json", "openapi.json", "postman.json"):
        text = without.get(f"/api/v1/{name}").text
        assert "/cuc/" not in text
        assert "Unity Connection" not in text
    assert set(without.get("/readyz").get_json()) == {"ready", "cms", "cucm"}


def test_with_one_the_postman_collection_reads_of_it_and_changes_nothing(
    portal: FlaskClient,
) -> None:
    items = portal.get("/api/v1/postman.json").get_json()["item"]
    requests = [each["request"] for each in items]
    of_unity = [each for each in requests if "/cuc/" in each["url"]]
    assert [each["method"] for each in of_unity] == ["GET", "GET"]
    for each in of_unity:
        path = each["url"].replace("{{baseUrl}}", "/api/v1")
        assert portal.get(path).status_code == 200


def test_with_one_it_is_asked_for_health_and_counted(pod: Pod, portal: FlaskClient) -> None:
    assert portal.get("/readyz").get_json()["cuc"] == "answers"
    portal.get(HAS_ONE)
    counted = 'portal_server_calls_total{method="GET",node="users/ID",outcome="200",server="cuc"}'
    assert counted in portal.get("/metrics").text
