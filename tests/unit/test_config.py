"""Settings: where they may stand, what they may be, and one readable line where they are bad."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.cli import FlaskGroup
from support.facts import SETTINGS_OF_TESTS

from flaskr import create_app
from flaskr.config import RIGHTS, SETTINGS, SettingsError
from flaskr.provisioning.template import Template, template_of


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "instance").mkdir()
    return tmp_path


def test_the_environment_goes_over_dotenv_over_the_instance_over_the_default(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "instance" / "config.py").write_text(
        'CMS_HOSTNAME = "instance"\nCMS_USERNAME = "instance"\nCMS_PASSWORD = "instance"\n'
        'CUCM_HOSTNAME = "cucm.instance"\nCUCM_PORT = 9443\nCUCM_TLS_VERIFY = False\n'
    )
    (project / ".env").write_text('CMS_USERNAME="dotenv"\nCMS_PASSWORD=dotenv\nCMS_PORT=\n')
    monkeypatch.setenv("CMS_PASSWORD", "environment")
    config = create_app(project=project).config
    assert config["CMS_HOSTNAME"] == "instance"
    assert config["CMS_USERNAME"] == "dotenv"
    assert config["CMS_PASSWORD"] == "environment"
    assert (config["CMS_PORT"], config["CUCM_PORT"]) == (443, 9443)
    assert (config["CMS_TLS_VERIFY"], config["CUCM_TLS_VERIFY"]) == (True, False)


def test_what_is_given_goes_over_everything(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CMS_HOSTNAME", "environment")
    app = create_app(SETTINGS_OF_TESTS, project=project)
    assert app.config["CMS_HOSTNAME"] == "127.0.0.1"


def test_values_stay_text_unless_the_table_says_otherwise(project: Path) -> None:
    app = create_app({**SETTINGS_OF_TESTS, "PORTAL_TIMEOUT": "2.5"}, project=project)
    assert app.config["CMS_PASSWORD"] == "0123"
    assert app.config["PORTAL_TIMEOUT"] == 2.5
    assert app.config["CUCM_USERNAME"] is None


@pytest.mark.parametrize("name", ["CMS_HOSTNAME", "CMS_USERNAME", "CMS_PASSWORD", "CUCM_HOSTNAME"])
def test_a_missing_setting_stops_the_start_with_one_line(project: Path, name: str) -> None:
    settings = {key: value for key, value in SETTINGS_OF_TESTS.items() if key != name}
    with pytest.raises(SettingsError) as error:
        create_app(settings, project=project)
    message = error.value.message
    assert message.startswith(f"{name} is not set: write {name}=<")
    assert "python -m flaskr.lab needs no settings" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "name", ["LDAP_HOSTNAME", "LDAP_USERNAME", "LDAP_PASSWORD", "LDAP_BASE"]
)
def test_what_a_directory_needs_is_needed_where_it_is_chosen(project: Path, name: str) -> None:
    own = {"LDAP_HOSTNAME": "dc1", "LDAP_USERNAME": "u", "LDAP_PASSWORD": "p", "LDAP_BASE": "dc=x"}
    settings = {**SETTINGS_OF_TESTS, "PORTAL_DIRECTORY": "ldap", **own, "CUCM_HOSTNAME": ""}
    assert "ldap" in create_app(settings, project=project).extensions
    with pytest.raises(SettingsError, match=f"^{name} is not set: write {name}=<"):
        create_app({**settings, name: ""}, project=project)


def test_the_fields_of_an_ldap_directory_may_stand_in_other_attributes(project: Path) -> None:
    written = "userName=userPrincipalName, phoneNumber = ipPhone,disabled=nsAccountLock"
    app = create_app({**SETTINGS_OF_TESTS, "LDAP_ATTRIBUTES": written}, project=project)
    assert app.config["LDAP_ATTRIBUTES"] == {
        "userName": "userPrincipalName", "phoneNumber": "ipPhone", "disabled": "nsAccountLock"
    }


@pytest.mark.parametrize(
    ("needed_with", "values", "is_needed"),
    [
        ("", {}, True),
        ("CUC_HOSTNAME", {"CUC_HOSTNAME": "cuc"}, True),
        ("CUC_HOSTNAME", {"CUC_HOSTNAME": None}, False),
        ("PORTAL_DIRECTORY=ldap", {"PORTAL_DIRECTORY": "ldap"}, True),
        ("PORTAL_DIRECTORY=ldap", {"PORTAL_DIRECTORY": "uds"}, False),
    ],
)
def test_a_setting_is_needed_only_with_the_one_that_it_is_for(
    needed_with: str, values: dict[str, str | None], is_needed: bool
) -> None:
    assert replace(SETTINGS[0], needed_with=needed_with).is_needed(values) == is_needed


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CMS_HOSTNAME", "https://cms.example.com"),
        ("CMS_HOSTNAME", "cms.example.com/api"),
        ("CMS_HOSTNAME", "user@cms"),
        ("CUCM_HOSTNAME", "cucm:8443"),
        ("CUCM_HOSTNAME", "10.0.106.40:445"),
        ("CUCM_HOSTNAME", "cucm1,cucm2"),
        ("CMS_HOSTNAME", "cms:0"),
        ("CMS_HOSTNAME", "cms:65536"),
        ("CMS_HOSTNAME", "cms:https"),
        ("CMS_HOSTNAME", "cms:"),
        ("CMS_HOSTNAME", "[cms]:445"),
        ("CMS_HOSTNAME", "[::1"),
        ("CMS_HOSTNAME", "[::1]"),
        ("CMS_HOSTNAME", "cms1,,cms2"),
        ("CMS_HOSTNAME", "cms1,"),
        ("CMS_HOSTNAME", "cms1 cms2"),
        ("CMS_HOSTNAME", "cms1;cms2"),
        ("CMS_HOSTNAME", "cms1,https://cms2"),
        ("CMS_HOSTNAME", "cms1,[fd00::12:446"),
        ("CMS_HOSTNAME", "."),
        ("CMS_PORT", "0"),
        ("CMS_PORT", "65536"),
        ("CMS_PORT", "https"),
        ("CUCM_PORT", "-1"),
        ("CMS_TLS_VERIFY", "/no/such/file.pem"),
        ("CUCM_TLS_VERIFY", "maybe"),
        ("PORTAL_TIMEOUT", "0"),
        ("PORTAL_TIMEOUT", "inf"),
        ("PORTAL_TIMEOUT", "nan"),
        ("PORTAL_TIMEOUT", "1e11"),
        ("CMS_TLS_VERIFY", "/"),
        ("PORTAL_TIMEOUT", "soon"),
        ("PORTAL_CMS_PARALLEL", "0"),
        ("PORTAL_AUDIT_FILE", "/no/such/folder/audit.jsonl"),
        ("PORTAL_AUDIT_FILE", "/"),
        ("PORTAL_DIRECTORY", "ad"),
        ("LDAP_HOSTNAME", "ldaps://dc1"),
        ("LDAP_TLS", "none"),
        ("LDAP_PRESET", "AD"),
        ("LDAP_ATTRIBUTES", "mail"),
        ("LDAP_ATTRIBUTES", "mail=mail"),
        ("LDAP_ATTRIBUTES", "email="),
        ("LDAP_ATTRIBUTES", "email=*)(uid=*"),
        ("PORTAL_API_KEY", "schlüssel"),
        ("PORTAL_API_KEY", " s3cret "),
        ("WEBEX_URL", "http://webexapis.com/v1"),
        ("WEBEX_URL", "webexapis.com"),
        ("WEBEX_URL", "https://web ex/v1"),
        ("WEBEX_URL", "https://webexapis.com:0/v1"),
        ("WEBEX_WEBHOOK", "http://webexapis.com/v1/webhooks/incoming/schlüssel"),
        ("WEBEX_WEBHOOK", "https://user:schlüssel@webexapis.com/v1/webhooks/incoming/x"),
        ("WEBEX_TOKEN", "schlüssel"),
        ("WEBEX_TLS_VERIFY", "maybe"),
        ("SMTP_HOSTNAME", "smtps://mail"),
        ("SMTP_PORT", "smtp"),
        ("SMTP_PASSWORD", "schlüssel"),
        ("SMTP_TLS", "none"),
        ("SMTP_TLS_VERIFY", "/no/such/file.pem"),
        ("SMTP_FROM", "portal"),
        ("SMTP_FROM", "portal@pod6.example, other@pod6.example"),
    ],
)
def test_a_bad_setting_stops_the_start_with_one_line_that_says_what_to_write(
    project: Path, name: str, value: str
) -> None:
    with pytest.raises(SettingsError) as error:
        create_app({**SETTINGS_OF_TESTS, name: value}, project=project)
    message = error.value.message
    assert message.startswith(f"{name} can't be used as it is: write {name}=")
    assert "\n" not in message
    assert "schlüssel" not in message


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [
        ("SPACE_NAME", "$dispalyName$", "At character 1: 'dispalyName' is no attribute here; "),
        ("SPACE_NAME", "Room $", "At character 6: this $ begins neither $attribute$ nor "),
        ("SPACE_URI", "room", "At character 1: without $userName$, all users would have one URI."),
        ("SPACE_URI", "$userName$.$title$", "At character 12: 'title' is no attribute here; those"),
        ("SPACE_SECONDARY_URI", "$phoneNumber|'/+//'$", "At character 15: '+' is no regular expr"),
        ("SPACE_CDR_TAG", "$userName|'/a//'", "At character 1: this $ begins neither"),
        ("SPACE_URI", "$userName$@pod6.example", "At character 11: a uri in CMS is the part"),
        ("SPACE_SECONDARY_URI", "$pager$@x", "At character 8: a uri in CMS is the part before"),
        ("SPACE_CALL_ID", "$auto$", "At character 1: 'auto' is no attribute here"),
        ("SPACE_CALL_ID", "$pager$ 1", "At character 8: a callId has digits only."),
        ("SPACE_CALL_ID", "none", "At character 1: a callId has digits only."),
        ("SPACE_CALL_ID", "4711", "At character 1: without an attribute, all users would have one"),
        ("SPACE_OWNER_JID", "none", "At character 1: this is no JID, which is name@domain."),
        ("SPACE_OWNER_JID", "$mail$", "At character 1: 'mail' is no attribute here"),
        ("SPACE_PASSCODE_DIGITS", "3", ""),
        ("SPACE_PASSCODE_DIGITS", "21", ""),
        ("SPACE_PASSCODE_DIGITS", "six", ""),
        ("SPACE_CALL_PROFILE", "Sales", ""),
        ("SPACE_CALL_LEG_PROFILE", "1", ""),
        ("SPACE_HOST_CALL_LEG_PROFILE", "hosts", ""),
        ("SPACE_TENANT", "6f1c2f0e-7d0e-4b43-9a53-2c1a7f4a8a90x", ""),
        ("SPACE_OWNER_RIGHTS", "canChangeName,canFly", ""),
        ("SPACE_OWNER_RIGHTS", "canChangeName,", ""),
        ("SPACE_OWNER_RIGHTS", "canPostMessage", ""),
    ],
)
def test_a_template_that_can_not_be_stops_the_start_with_what_is_wrong_and_where(
    project: Path, name: str, value: str, wrong: str
) -> None:
    with pytest.raises(SettingsError) as error:
        create_app({**SETTINGS_OF_TESTS, name: value}, project=project)
    message = error.value.message
    assert message.startswith(f"{name} can't be used as it is: write {name}=")
    assert "\n" not in message
    assert message.partition("instance/config.py. ")[2].startswith(wrong)
    assert message.endswith("instance/config.py.") is not bool(wrong)


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"WEBEX_ROOM_ID": "room", "WEBEX_TOKEN": ""}, "WEBEX_TOKEN"),
        ({"SMTP_HOSTNAME": "mail", "SMTP_FROM": ""}, "SMTP_FROM"),
    ],
)
def test_what_messages_go_out_by_needs_all_of_its_settings(
    project: Path, given: dict[str, str], missing: str
) -> None:
    with pytest.raises(SettingsError) as error:
        create_app({**SETTINGS_OF_TESTS, **given}, project=project)
    assert error.value.message.startswith(f"{missing} is not set: write {missing}=<")


def test_mails_are_from_an_address_or_a_name_with_one(project: Path) -> None:
    for sender in ("portal@pod6.example", "The portal <portal@pod6.example>"):
        settings = {"SMTP_HOSTNAME": "mail", "SMTP_FROM": sender}
        assert create_app({**SETTINGS_OF_TESTS, **settings}, project=project)


def test_rights_that_there_are_not_are_answered_with_those_that_there_are(project: Path) -> None:
    with pytest.raises(SettingsError) as error:
        create_app({**SETTINGS_OF_TESTS, "SPACE_OWNER_RIGHTS": "canFly"}, project=project)
    assert all(name in error.value.message for name in RIGHTS)


def test_a_dotenv_file_holds_expressions_as_they_are(project: Path) -> None:
    (project / ".env").write_text(
        "SPACE_NAME=$displayName$'s Room\nSPACE_CALL_ID=$phoneNumber|'/^\\+1//'$\n"
        "SPACE_OWNER_JID=\"$userName|'/@.*//'$@pod6.example\"\nSPACE_CDR_TAG=none\n"
        "SPACE_OWNER_RIGHTS=canChangeName, canDestroy\n"
    )
    made = template_of(create_app(SETTINGS_OF_TESTS, project=project).config)
    user = {"userName": "lee", "phoneNumber": "+1408"}
    assert made.describe(user) == {
        "name": "lee's Room", "uri": "lee", "secondaryUri": "+1408", "callId": "408"
    }
    assert made.owner_of({"userName": "lee@test"}) == "lee@pod6.example"
    assert made.owner_rights == {"canChangeName", "canDestroy"}


def test_without_settings_the_template_is_as_its_class_says(project: Path) -> None:
    made = template_of(create_app(SETTINGS_OF_TESTS, project=project).config)
    assert replace(made, owner_rights=frozenset()) == Template()
    assert "canDestroy" not in made.owner_rights


@pytest.mark.parametrize("host", ["cms", "cms.example.com", "10.0.0.1", "::1", "fd00::12"])
def test_hosts_may_be_names_and_addresses(project: Path, host: str) -> None:
    create_app({**SETTINGS_OF_TESTS, "CMS_HOSTNAME": host}, project=project)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("cms.example.com:445", "cms.example.com:445"),
        ("10.0.106.40:445", "10.0.106.40:445"),
        ("[FD00::0012]:445", "[fd00::12]:445"),
        ("FD00::0012", "fd00::12"),
        ("cms1, cms2:445 ,::1,[::1]:445", "cms1,cms2:445,::1,[::1]:445"),
    ],
)
def test_a_cms_may_have_several_places_each_with_its_port(
    project: Path, written: str, read: str
) -> None:
    app = create_app({**SETTINGS_OF_TESTS, "CMS_HOSTNAME": written}, project=project)
    assert app.config["CMS_HOSTNAME"] == read


@pytest.mark.parametrize(
    ("hosts", "twice"),
    [("cms,cms", "cms:4443"), ("cms,CMS:4443", "CMS:4443"), ("::1,b,[::1]:4443", "[::1]:4443")],
)
def test_a_place_that_is_named_twice_stops_the_start_with_one_line(
    project: Path, hosts: str, twice: str
) -> None:
    with pytest.raises(SettingsError) as error:
        create_app({**SETTINGS_OF_TESTS, "CMS_HOSTNAME": hosts}, project=project)
    assert error.value.message == f"CMS_HOSTNAME names {twice} twice: write each place once."


def test_a_file_that_is_no_ca_bundle_stops_the_start(project: Path) -> None:
    bundle = project / "bundle.pem"
    bundle.write_text("no certificate\n")
    with pytest.raises(SettingsError, match="CUCM_TLS_VERIFY names a file that is not a CA bundle"):
        create_app({**SETTINGS_OF_TESTS, "CUCM_TLS_VERIFY": str(bundle)}, project=project)


def test_a_dotenv_file_that_is_not_utf_8_stops_the_start(project: Path) -> None:
    (project / ".env").write_bytes(b"CMS_PASSWORD=\xff\n")
    with pytest.raises(SettingsError, match=r"\.env can't be read: it is not UTF-8"):
        create_app(SETTINGS_OF_TESTS, project=project)


def test_what_is_given_empty_stands_for_the_default(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUCM_USERNAME", "environment")
    app = create_app({**SETTINGS_OF_TESTS, "CUCM_USERNAME": ""}, project=project)
    assert app.config["CUCM_USERNAME"] is None


@pytest.mark.parametrize("python", ["CMS_HOSTNAME = \n", "raise SystemExit(3)\n", "1 / 0\n"])
def test_an_instance_file_that_is_no_python_stops_the_start(project: Path, python: str) -> None:
    (project / "instance" / "config.py").write_text(python)
    with pytest.raises(SettingsError, match="instance/config.py can't be read as Python"):
        create_app(SETTINGS_OF_TESTS, project=project)


def test_switching_verification_off_is_warned_about_at_the_start(
    project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    create_app({**SETTINGS_OF_TESTS, "CMS_TLS_VERIFY": "false"}, project=project)
    assert "CMS_TLS_VERIFY is false: the certificate is not verified" in caplog.text
    assert "CUCM_TLS_VERIFY" not in caplog.text


def test_without_settings_the_command_says_what_to_set_and_no_more(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    command = FlaskGroup(create_app=lambda: create_app(project=project), load_dotenv=False)
    result = CliRunner().invoke(command, ["run", "--port", "0"])
    assert result.exit_code == 2
    assert result.output.startswith("Error: CMS_HOSTNAME is not set: write CMS_HOSTNAME=<")
    assert len(result.output.splitlines()) == 1


@pytest.mark.parametrize("document", ["README.md", "instance/config.example.py"])
def test_every_setting_is_documented_with_its_default(document: str) -> None:
    text = (Path(__file__).parents[2] / document).read_text()
    for setting in SETTINGS:
        lines = [line for line in text.splitlines() if setting.name in line]
        assert any((setting.default or "") in line for line in lines), setting.name
