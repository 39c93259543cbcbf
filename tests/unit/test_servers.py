"""From settings to clients: one function for all servers, and one line where a setting is bad."""

import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import responses
from responses import matchers
from support.facts import CMS_URL, SETTINGS_OF_TESTS, UDS_URL
from support.failures import failure_of
from support.processes import PROJECT

from flaskr.cms.v1.cms import CMS
from flaskr.config import SETTINGS, SettingsError, load_settings
from flaskr.cuc.v1.cupi import CUPI
from flaskr.provisioning.sending import WAYS
from flaskr.result import Reason
from flaskr.mail.mail import Mail
from flaskr.servers import (
    SERVERS,
    connect,
    health_checks,
    of_servers,
    optional_checks,
    place_checks,
    rest_clients,
    senders,
)
from flaskr.uds.v1.uds import UDS
from flaskr.webex.v1.webex import Webex


NO_MESSENGERS = {"WEBEX_TOKEN": "", "SMTP_HOSTNAME": ""}
TLS_SETTINGS = ["CMS_TLS_VERIFY", "CUCM_TLS_VERIFY", "WEBEX_TLS_VERIFY", "SMTP_TLS_VERIFY"]


CUC = {"CUC_HOSTNAME": "127.0.0.1", "CUC_PORT": "4444", "CUC_USERNAME": "a", "CUC_PASSWORD": "b"}


def settings(**more: str) -> dict[str, Any]:
    return load_settings({**SETTINGS_OF_TESTS, "CUC_HOSTNAME": "", **more}, Path("no-such-folder"))


def settings_with_ldap(**more: str) -> dict[str, Any]:
    """Return settings with an LDAP directory, and those of a CUCM still there."""
    return settings(
        PORTAL_DIRECTORY="ldap", LDAP_HOSTNAME="localhost", LDAP_USERNAME="cn=portal",
        LDAP_PASSWORD="0123", LDAP_BASE="dc=example", **more,
    )


def test_each_server_of_the_table_has_its_client() -> None:
    clients = connect(settings(**CUC))
    assert {server.key: type(client) for server, client in of_servers(clients)} == {
        "cms": CMS, "uds": UDS, "cuc": CUPI,
    }
    assert clients["directory"] is clients["uds"]


def test_a_server_that_is_not_named_is_not_there() -> None:
    clients = connect(settings())
    assert "cuc" not in clients
    assert list(health_checks(clients)) == ["cms", "cucm"]
    assert list(health_checks(connect(settings(**CUC)))) == ["cms", "cucm", "cuc"]


@pytest.mark.parametrize("name", ["CUC_USERNAME", "CUC_PASSWORD"])
def test_a_server_that_is_named_needs_its_account(name: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} is not set: write {name}=<"):
        settings(**{**CUC, name: ""})


def test_of_several_directories_the_one_that_is_chosen_has_a_client() -> None:
    clients = connect(settings_with_ldap())
    assert [server.key for server, _ in of_servers(clients)] == ["cms", "ldap"]
    assert clients["directory"] is clients["ldap"]
    assert list(health_checks(clients)) == ["cms", "ldap"]


@pytest.mark.parametrize(
    ("more", "port"),
    [({}, 636), ({"LDAP_TLS": "starttls"}, 389), ({"LDAP_PORT": "3269"}, 3269)],
)
def test_a_directory_has_the_port_that_its_way_to_tls_has(
    more: dict[str, str], port: int
) -> None:
    assert connect(settings_with_ldap(**more))["directory"].port == port


def test_a_portal_without_an_ldap_directory_loads_no_library_for_it() -> None:
    code = "import sys, flaskr, flaskr.servers; print('ldap3' in sys.modules)"
    command = [sys.executable, "-W", "error", "-c", code]
    run = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True)
    assert run.stdout == "False\n"


def test_the_library_for_ldap_is_loaded_without_a_warning() -> None:
    command = [sys.executable, "-W", "error", "-c", "import flaskr.ldap.v1.ldap"]
    run = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True)
    assert run.stderr == ""


@pytest.mark.parametrize(
    "text",
    ["uid=lee", "(uid=lee", "(&(uid=lee)(mail=*)", "(uid)", "()", "(&)", "(!(a=b)(c=d))", "x"],
)
def test_a_filter_that_is_none_stops_the_start_with_one_line(text: str) -> None:
    with pytest.raises(SettingsError) as error:
        connect(settings_with_ldap(LDAP_FILTER=text))
    assert error.value.message.startswith("LDAP_FILTER is no LDAP filter: write one such as ")
    assert "\n" not in error.value.message


def test_each_server_of_the_table_has_its_settings() -> None:
    names = {setting.name for setting in SETTINGS}
    common = ("HOSTNAME", "PORT", "USERNAME", "PASSWORD", "TLS_VERIFY")
    for server in SERVERS:
        assert {f"{server.prefix}_{name}" for name in common} | {*server.more.values()} <= names


def test_what_messages_call_a_setting_is_its_name_in_the_table() -> None:
    names = {setting.name for setting in SETTINGS}
    clients = {**connect(settings(**CUC)), **connect(settings_with_ldap())}
    for server in SERVERS:
        assert clients[server.key].settings_prefix == server.prefix
        assert clients[server.key].timeout_setting in names
    assert clients["cuc"].most_at_once_setting in names


def test_a_client_is_made_as_the_settings_say(wire: responses.RequestsMock) -> None:
    clients = connect(settings(CUCM_PORT="9443", CUCM_USERNAME="u", PORTAL_TIMEOUT="2.5"))
    cms, uds = clients["cms"], clients["uds"]
    assert (cms.host, cms.port, cms.timeout) == ("127.0.0.1", 4443, 2.5)
    assert (uds.host, uds.port, uds.timeout) == ("localhost", 9443, 2.5)
    wire.get(f"{CMS_URL}/x", body="<x/>")
    wire.get("https://localhost:9443/cucm-uds/version", body="<versionInformation/>")
    cms.request("x")
    uds.get_version()
    said = [call.request.headers["Authorization"] for call in wire.calls]
    assert said == ["Basic YXBpdXNlcjowMTIz", "Basic dTo="]


def test_without_a_user_name_nothing_is_said_of_who_asks(wire: responses.RequestsMock) -> None:
    wire.get(f"{UDS_URL}/version", body="<versionInformation/>")
    connect(settings())["uds"].get_version()
    assert "Authorization" not in wire.calls[0].request.headers


def test_pages_of_cms_are_fetched_as_many_at_a_time_as_the_setting_says() -> None:
    assert connect(settings(PORTAL_CMS_PARALLEL="3"))["cms"]._reader.parallel == 3


def test_as_many_requests_to_unity_connection_are_under_way_as_the_setting_says() -> None:
    assert connect(settings(**CUC, PORTAL_CUC_PARALLEL="4"))["cuc"]._slots.most == 4


def test_connecting_sends_nothing_and_verifies_without_a_warning(
    wire: responses.RequestsMock, caplog: pytest.LogCaptureFixture
) -> None:
    connect(settings())
    assert len(wire.calls) == 0
    assert caplog.text == ""


@pytest.mark.parametrize("name", TLS_SETTINGS)
def test_switching_verification_off_is_warned_about_by_the_settings_name(
    caplog: pytest.LogCaptureFixture, name: str
) -> None:
    connect(settings(**{name: "false"}))
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith(f"{name} is false: the certificate is not verified")


@pytest.mark.parametrize("name", [*TLS_SETTINGS, "LDAP_TLS_VERIFY"])
@pytest.mark.parametrize("content", ["", "no certificate\n", "-----BEGIN CERTIFICATE-----\nx"])
def test_a_file_that_is_no_ca_bundle_is_refused_in_one_line(
    tmp_path: Path, name: str, content: str
) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(content)
    its_own = settings_with_ldap if name.startswith("LDAP") else settings
    with pytest.raises(SettingsError) as error:
        connect(its_own(**{name: str(bundle)}))
    message = error.value.message
    assert message.startswith(f"{name} names a file that is not a CA bundle (")
    assert message.endswith(f"write {name}=<the path of a file with certificates in PEM form>.")
    assert "\n" not in message


def test_health_asks_each_server_for_its_version(wire: responses.RequestsMock) -> None:
    checks = health_checks(connect(settings()))
    assert list(checks) == ["cms", "cucm"]
    wire.get(
        f"{CMS_URL}/system/status", body="<status><softwareVersion>3.9</softwareVersion></status>"
    )
    body = "<versionInformation><version>15.0.1</version></versionInformation>"
    wire.get(f"{UDS_URL}/version", body=body)
    assert {name: check() for name, check in checks.items()} == {"cms": "3.9", "cucm": "15.0.1"}


def test_where_a_server_has_one_place_health_asks_it_once() -> None:
    assert place_checks(connect(settings()), False) == {}


def test_health_asks_each_place_of_a_server_that_has_several(wire: responses.RequestsMock) -> None:
    own = settings(CMS_HOSTNAME="127.0.0.1,localhost:445")
    checks = place_checks(connect(own), False)
    for number, url in enumerate((CMS_URL, "https://localhost:445/api/v1")):
        body = f"<status><softwareVersion>3.{number}</softwareVersion></status>"
        wire.get(f"{url}/system/status", body=body)
    assert {name: check() for name, check in checks.items()} == {
        "cms 127.0.0.1:4443": "3.0", "cms localhost:445": "3.1"
    }


def test_where_callers_need_a_key_health_tells_them_no_inner_host() -> None:
    own = settings(CMS_HOSTNAME="cms1.inner,cms2.inner")
    assert list(place_checks(connect(own), True)) == ["cms 1", "cms 2"]


def test_what_health_finds_wrong_is_a_failure(wire: responses.RequestsMock) -> None:
    checks = health_checks(connect(settings()))
    wire.get(f"{CMS_URL}/system/status", status=401)
    wire.get(f"{UDS_URL}/version", status=500)
    failures = {name: failure_of(check) for name, check in checks.items()}
    assert {name: failure.code for name, failure in failures.items()} == {
        "cms": f"cms_{Reason.REFUSED_CREDENTIALS.value}",
        "cucm": f"cucm_{Reason.SERVER_ERROR.value}",
    }


# What messages go out by.


def test_without_their_settings_there_is_no_webex_and_no_mail() -> None:
    clients = connect(settings(**NO_MESSENGERS, SMTP_PORT="25"))
    assert {"webex", "mail"} & set(clients) == set()
    assert senders(clients) == {}


def test_webex_and_mail_are_made_as_the_settings_say() -> None:
    more = {
        "WEBEX_URL": "https://127.0.0.1:8449/v1", "WEBEX_ROOM_ID": "room", "SMTP_PORT": "465",
        "SMTP_HOSTNAME": "mail.example.com",
        "SMTP_TLS": "tls", "SMTP_USERNAME": "u", "SMTP_PASSWORD": "p", "PORTAL_TIMEOUT": "2.5",
    }
    clients = connect(settings(**more))
    webex, mail = clients["webex"], clients["mail"]
    assert isinstance(webex, Webex) and isinstance(mail, Mail)
    assert (webex.host, webex.port, webex.base_url, webex.timeout) == (
        "127.0.0.1", 8449, "/v1", 2.5
    )
    assert (webex.has_room, webex.reaches_people) == (True, True)
    assert (str(mail.place), mail.timeout) == ("mail.example.com:465", 2.5)


def test_neither_is_asked_for_health_but_the_calls_to_webex_are_counted() -> None:
    clients = connect(settings())
    assert list(health_checks(clients)) == ["cms", "cucm"]
    assert rest_clients(clients) == [clients["cms"], clients["uds"], clients["webex"]]
    assert clients["webex"].server == "webex"


def test_what_the_portal_can_do_without_is_asked_where_there_is_a_token() -> None:
    assert list(optional_checks(connect(settings()))) == ["webex"]
    webhook = {"WEBEX_TOKEN": "", "WEBEX_WEBHOOK": "https://127.0.0.1:4445/v1/webhooks/incoming/x"}
    for more in (NO_MESSENGERS, webhook):
        assert optional_checks(connect(settings(**more))) == {}


def test_each_way_to_send_takes_an_address_a_subject_and_a_text(
    wire: responses.RequestsMock
) -> None:
    found = senders(connect(settings()))
    assert list(found) == list(WAYS) == ["webex", "mail"]
    message = {"toPersonEmail": "kim@pod6.example", "text": "Words"}
    wire.post(
        "https://127.0.0.1:4445/v1/messages", json={"id": "1"},
        match=[matchers.json_params_matcher(message)],
    )
    found["webex"]("kim@pod6.example", "Subject", "Words")
    webhook = {"WEBEX_TOKEN": "", "WEBEX_WEBHOOK": "https://127.0.0.1:4445/v1/webhooks/incoming/x"}
    assert list(senders(connect(settings(**webhook)))) == ["mail"]


@pytest.mark.parametrize(
    ("url", "webhook"),
    [
        ("", "https://webexapis.com.evil.example/v1/webhooks/incoming/s3cret"),
        ("", "https://api.ciscospark.com/v1/webhooks/incoming/s3cret"),
        ("", "https://webexapis.com:444/v1/webhooks/incoming/s3cret"),
        ("", "https://10.0.0.1/s3cret"),
        ("https://127.0.0.1:8449/v1", "https://webexapis.com/v1/webhooks/incoming/s3cret"),
    ],
)
def test_a_webhook_is_nowhere_but_at_webex(url: str, webhook: str) -> None:
    with pytest.raises(SettingsError) as error:
        connect(settings(WEBEX_URL=url, WEBEX_WEBHOOK=webhook))
    assert error.value.message.startswith("WEBEX_WEBHOOK can't be used as it is: write WEBEX_WEBH")
    assert "s3cret" not in error.value.message


def test_a_webhook_at_webex_does() -> None:
    for webhook in ("https://webexapis.com/v1/webhooks/incoming/x", "https://Webexapis.com:443/x"):
        assert connect(settings(WEBEX_URL="", WEBEX_WEBHOOK=webhook))["webex"].has_room


def test_two_rooms_are_one_too_many() -> None:
    both = {"WEBEX_ROOM_ID": "room", "WEBEX_WEBHOOK": "https://127.0.0.1:4445/x"}
    with pytest.raises(SettingsError, match="WEBEX_ROOM_ID and WEBEX_WEBHOOK are both set"):
        connect(settings(**both))
