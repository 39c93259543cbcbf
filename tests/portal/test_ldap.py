"""Users looked up in a real OpenLDAP server, which has them as OpenLDAP does and as AD does."""

from __future__ import annotations

import json
import logging
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import readme
from support.failures import failure_of
from support.processes import PROJECT, bare_environment, need
from support.slapd import (
    ACCOUNT,
    LIMITED,
    PASSWORD,
    PROGRAM,
    SUFFIX,
    USERS,
    Slapd,
    ad_user,
    entry,
    free_port,
    person,
    running_slapd,
)

from flaskr.config import load_settings
from flaskr.ldap.v1 import ldap as ldap_module
from flaskr.ldap.v1.attributes import PRESETS
from flaskr.ldap.v1.ldap import LDAP
from flaskr.pod.company import USERS as EMPLOYEES
from flaskr.result import Reason
from flaskr.servers import connect

HEADING = "### Active Directory or OpenLDAP"
ODD = (
    "*", "a*b", "a(b)c", "a\\b", "a\\2ab", "a~=b", "a>=b", "a:=b", "a=b", "a&|!b", "a/b", "a,b+c",
    "#a", "a\"b", "a;b", "<a>", "Ωmega", "😀", "ünder", "a b",
)
NFC, NFD = "zo\u00eb", "zoe\u0308"
WAYS = [(preset, tls) for preset in ("ad", "openldap") for tls in ("ldaps", "starttls")]


def people() -> Iterator[str]:
    """Yield the company, as both kinds of directory have it, and what is special about some."""
    for employee in EMPLOYEES:
        yield person(employee)
        yield ad_user(employee)
    for userid in ODD:
        yield person({"userName": userid})
        yield ad_user({"userName": userid})
    yield ad_user({"userName": "gone", "displayName": "Who Left"}, userAccountControl="514")
    yield ad_user({"userName": "twin"})
    twin = {"objectClass": "user", "objectCategory": "person", "sn": "?"}
    yield entry(f"cn=other,{USERS}", {**twin, "cn": "other", "sAMAccountName": "TWIN"})
    yield entry(f"cn=pc,{USERS}", {
        "objectClass": "user", "objectCategory": "computer", "sn": "?", "sAMAccountName": "pc$",
    })
    yield entry(f"cn=noid,{USERS}", {**twin, "cn": "noid"})


@pytest.fixture(scope="module")
def slapd() -> Iterator[Slapd]:
    with running_slapd(people()) as running:
        yield running


def client(slapd: Slapd, preset: str = "ad", tls: str = "ldaps", **more: str) -> LDAP:
    """Return the client of a portal with such settings."""
    cms = {"CMS_HOSTNAME": "localhost", "CMS_USERNAME": "u", "CMS_PASSWORD": "p"}
    given = {**cms, **slapd.settings(preset, tls), **more}
    made = connect(load_settings(given, Path("no-such-folder")))["directory"]
    assert isinstance(made, LDAP)
    return made


@pytest.mark.parametrize(("preset", "tls"), WAYS)
def test_a_user_is_found_by_user_id_in_any_case(slapd: Slapd, preset: str, tls: str) -> None:
    found = client(slapd, preset, tls).get_user("POD6user1")
    assert (found["success"], found["num_found"]) == (True, 1)
    assert found["message"] == 'The directory has a user with the ID "POD6user1".'
    user = found["response"]
    expected = {name: value for name, value in EMPLOYEES[0].items() if name in user}
    assert {name: user[name] for name in expected} == {**expected, "manager": ""}
    assert user["userName"] == "pod6user1"
    assert user.get("disabled") == ("false" if preset == "ad" else None)


@pytest.mark.parametrize(("preset", "tls"), WAYS)
def test_who_is_not_there_is_not_found(slapd: Slapd, preset: str, tls: str) -> None:
    assert client(slapd, preset, tls).get_user("nobody") == {
        "success": True, "message": 'The directory has no user with the ID "nobody".',
        "response": "", "num_found": 0,
    }


@pytest.mark.parametrize(("preset", "tls"), WAYS)
def test_all_users_are_read_page_by_page(
    slapd: Slapd, preset: str, tls: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ldap_module, "PAGE", 7)
    found = [user["userName"] for user in client(slapd, preset, tls).users()]
    special = ["gone", "twin", "TWIN"] if preset == "ad" else []
    assert sorted(found) == sorted([each["userName"] for each in EMPLOYEES] + [*ODD, *special])


@pytest.mark.parametrize("preset", ["ad", "openldap"])
def test_a_page_of_users_has_its_place_in_all_of_them(slapd: Slapd, preset: str) -> None:
    directory = client(slapd, preset)
    everyone = list(directory.users())
    page = directory.users_page(40, 10)
    assert (page.offset, page.total, page.entries) == (40, len(everyone), everyone[40:50])
    last = directory.users_page(len(everyone) - 1, 10)
    assert last.entries == everyone[-1:]
    assert directory.users_page(1000, 10).entries == []


@pytest.mark.parametrize("preset", ["ad", "openldap"])
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("lee", {"lee", "lee.a", "lee-ann", "leeann", "lee1"}),
        ("LEEANN", {"leeann"}),
        ("6106", {"zoë.o'brien"}),
        ("O'Br", {"zoë.o'brien"}),
        ("*", {"*"}),
        ("nobody", set()),
    ],
)
def test_users_are_searched_by_id_and_by_the_beginnings_of_names_and_numbers(
    slapd: Slapd, preset: str, text: str, found: set[str]
) -> None:
    assert {user["userName"] for user in client(slapd, preset).users(text)} == found


@pytest.mark.parametrize("preset", ["ad", "openldap"])
def test_users_are_searched_by_department(slapd: Slapd, preset: str) -> None:
    expected = {each["userName"] for each in EMPLOYEES if each.get("department") == "Lab"}
    directory = client(slapd, preset)
    assert {user["userName"] for user in directory.users(department="lab")} == expected
    assert {user["userName"] for user in directory.users("pod6user3", "LAB")} == {"pod6user3"}


@pytest.mark.parametrize("preset", ["ad", "openldap"])
@pytest.mark.parametrize("userid", ODD)
def test_no_character_of_a_user_id_means_anything(
    slapd: Slapd, preset: str, userid: str
) -> None:
    assert client(slapd, preset).find_user(userid)["userName"] == userid


@pytest.mark.parametrize("userid", ["**", "a*", "(", "lee)(uid=*", "lee)(objectClass=*", "\\", ""])
def test_what_a_filter_could_mean_finds_nobody(slapd: Slapd, userid: str) -> None:
    assert failure_of(client(slapd).find_user, userid).reason is Reason.NO_SUCH_USER


def test_an_accent_may_be_written_either_way(slapd: Slapd) -> None:
    for userid in (f"{NFC}.o'brien", f"{NFD}.o'brien", f"{NFC.upper()}.O'BRIEN"):
        assert client(slapd).find_user(userid)["userName"] == f"{NFC}.o'brien"


def test_whom_the_directory_alone_takes_for_the_same_is_somebody_else(slapd: Slapd) -> None:
    for userid in ("\u212aee", "lee ", "a  b"):  # such as a Kelvin sign, which OpenLDAP takes for k
        assert failure_of(client(slapd).find_user, userid).reason is Reason.NO_SUCH_USER


def test_of_two_users_with_one_id_none_is_taken(slapd: Slapd) -> None:
    failure = failure_of(client(slapd).find_user, "twin")
    assert (failure.code, failure.server) == ("ambiguous_user", "")
    assert failure.message.startswith('The directory has several users with the ID "twin"')


def test_more_entries_for_one_id_than_can_be_told_apart_are_ambiguous(
    slapd: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ldap_module, "MOST_LIKE_ONE", 1)
    assert failure_of(client(slapd).find_user, "twin").reason is Reason.AMBIGUOUS_USER


def test_a_disabled_account_is_known_as_such(slapd: Slapd) -> None:
    assert client(slapd).find_user("gone")["disabled"] == "true"


def test_computers_and_entries_without_an_id_are_no_users(slapd: Slapd) -> None:
    found = {user["displayName"] for user in client(slapd).users()}
    assert not found & {"pc", "noid"}
    assert failure_of(client(slapd).find_user, "pc$").reason is Reason.NO_SUCH_USER


def test_filter_and_attributes_may_be_others_than_those_of_the_preset(slapd: Slapd) -> None:
    directory = client(
        slapd, LDAP_FILTER="(&(objectClass=user)(department=Lab))",
        LDAP_ATTRIBUTES="userName=mail,title=cn", LDAP_BASE=SUFFIX,
    )
    user = directory.find_user("pod6user1@pod6.example")
    assert (user["userName"], user["title"]) == ("pod6user1@pod6.example", "Pod6 User1")
    assert failure_of(directory.find_user, "lee@pod6.example").reason is Reason.NO_SUCH_USER


@pytest.mark.parametrize("tls", ["ldaps", "starttls"])
@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        ({"LDAP_PASSWORD": "wr0ng"}, "ldap_refused_credentials", "(result 49). Check LDAP_USER"),
        ({"LDAP_USERNAME": "portal@pod6"}, "ldap_refused_credentials", "result 34: invalid DN"),
        ({"LDAP_USERNAME": "POD6\\portal"}, "ldap_refused_credentials", "result 34: invalid DN"),
        ({"LDAP_BASE": "ou=Elsewhere,dc=pod6,dc=example"}, "ldap_no_such_base", "LDAP_BASE"),
        ({"LDAP_BASE": "dc=elsewhere"}, "ldap_no_such_base", "nothing under LDAP_BASE"),
        ({"LDAP_BASE": "Users"}, "ldap_no_such_base", "result 34"),
        ({"LDAP_TLS_VERIFY": "true"}, "ldap_untrusted", "certificate verify failed: "),
    ],
)
def test_a_wrong_setting_is_told_from_every_other(
    slapd: Slapd, tls: str, more: dict[str, str], code: str, said: str
) -> None:
    directory = client(slapd, tls=tls, **more)
    for ask in (lambda: directory.find_user("lee"), lambda: list(directory.users()),
                directory.get_version):
        failure = failure_of(ask)
        assert failure.code == code
        assert said in failure.message
        assert f"LDAP at 127.0.0.1:{slapd.ports[tls]}, SEARCH " in failure.message
        assert not {"wr0ng", PASSWORD, ACCOUNT} & set(failure.message.split())


def test_what_does_not_begin_tls_gets_no_password(slapd: Slapd) -> None:
    port = {"LDAP_PORT": str(slapd.ports["starttls"])}
    failure = failure_of(client(slapd, tls="ldaps", PORTAL_TIMEOUT="0.3", **port).get_version)
    assert (failure.code, "could not connect: " in failure.message) == ("ldap_unreachable", True)
    port = {"LDAP_PORT": str(slapd.ports["ldaps"])}
    failure = failure_of(client(slapd, tls="starttls", PORTAL_TIMEOUT="0.3", **port).get_version)
    assert (failure.code, "could not connect: " in failure.message) == ("ldap_unreachable", True)


def test_a_name_that_does_not_resolve_is_said_to_be_that(slapd: Slapd) -> None:
    own = {"LDAP_HOSTNAME": "no-such-host.invalid", "PORTAL_TIMEOUT": "0.3"}
    failure = failure_of(client(slapd, **own).get_version)
    assert failure.code in ("ldap_unreachable", "ldap_no_connection_in_time")


def test_a_directory_that_does_not_send_all_is_not_read_in_part(slapd: Slapd) -> None:
    directory = client(slapd, LDAP_USERNAME=LIMITED)
    assert directory.find_user("lee")["userName"] == "lee"
    failure = failure_of(lambda: list(directory.users()))
    assert failure.code == "ldap_limit_reached"
    assert "so that the list is not whole. Have the limit raised" in failure.message
    assert failure_of(lambda: directory.users_page(0, 1)).code == "ldap_limit_reached"


def test_what_is_read_in_part_leaves_no_session_open(slapd: Slapd) -> None:
    users = client(slapd).users()
    next(users)
    users.close()  # type: ignore[attr-defined]


def test_without_verification_any_certificate_will_do(
    slapd: Slapd, caplog: pytest.LogCaptureFixture
) -> None:
    assert client(slapd, LDAP_TLS_VERIFY="false").find_user("lee")["userName"] == "lee"
    assert "LDAP_TLS_VERIFY is false: the certificate is not verified" in caplog.text


def test_health_logs_in_and_reads_the_base(slapd: Slapd) -> None:
    assert client(slapd).get_version() == "3"


def test_the_log_says_what_was_asked_and_no_secret(
    slapd: Slapd, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client(slapd).find_user("lee")
    failure_of(client(slapd, LDAP_PASSWORD="wr0ng").find_user, "lee")
    calls = [text for text in caplog.messages if text.startswith("call server=LDAP ")]
    assert [text.rpartition(" ms=")[0] for text in calls] == [
        "call server=LDAP method=SEARCH path=users status=0",
        "call server=LDAP method=SEARCH path=users status=49",
    ]
    assert PASSWORD not in caplog.text and "wr0ng" not in caplog.text


def test_the_readmes_way_to_try_it_works_as_it_is_printed(tmp_path: Path) -> None:
    need(PROGRAM, "This needs slapd, of Debian's package slapd.")
    lines = readme.block("sh", readme.section(HEADING))
    assert len(lines.strip().splitlines()) == 5
    script = f"{lines.replace('6360', str(free_port()))}status=$?; kill %1; exit $status"
    run = subprocess.run(
        ["bash", "-c", script], cwd=PROJECT, env=bare_environment({"TMPDIR": str(tmp_path)}),
        capture_output=True, text=True, timeout=60, check=True,
    )
    user, end = map(json.loads, run.stdout.splitlines())
    assert (user["userName"], user["displayName"]) == ("lee", "Lee Alder")
    assert end == {"complete": True, "counts": {"users": 1}}
    assert "Warning" not in run.stderr


@pytest.mark.parametrize("preset", PRESETS)
def test_the_readme_has_what_each_preset_takes(preset: str) -> None:
    section = readme.section(HEADING)
    assert f"`{PRESETS[preset].filter}`" in section
    for field, names in PRESETS[preset].attributes.items():
        rows = [line for line in section.splitlines() if f"`{field}`" in line.split(" | ")[0]]
        assert len(rows) == 1, field
        assert all(f"`{name}`" in rows[0] for name in names)
