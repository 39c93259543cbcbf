"""What an entry of a directory says of a user, what its refusals mean, and filters of values."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.properties import patient

from flaskr.ldap.v1.attributes import PRESETS, all_of, any_of, begins, equals, user_of
from flaskr.ldap.v1.ldap import LDAP, BadFilter
from flaskr.ldap.v1.refusals import explain_refusal
from flaskr.ldap.v1.session import Entry, Refused, check_filter
from flaskr.result import Reason

AD, OPENLDAP = (PRESETS[preset].attributes for preset in ("ad", "openldap"))
LEE: Entry = {
    "sAMAccountName": [b"lee"],
    "userAccountControl": [b"512"],
    "cn": [b"Alder, Lee"],
    "displayName": ["Lée Alder".encode()],
    "givenName": ["Lée".encode()],
    "initials": [b"Q"],
    "sn": [b"Alder"],
    "telephoneNumber": [b"+1 408 555 0101", b"0102"],
    "homePhone": [b"1"],
    "mobile": [b"2"],
    "pager": [b"3"],
    "mail": [b"lee@pod6.example"],
    "department": [b"Lab"],
    "title": [b"Engineer"],
    "manager": [b"CN=O\\'Neil\\, Zo\\c3\\ab,OU=Staff,DC=pod6,DC=example"],
    "msRTCSIP-PrimaryUserAddress": [b"sip:lee@pod6.example"],
}


def test_an_entry_of_active_directory_is_a_user_by_the_names_of_uds() -> None:
    assert user_of(AD, LEE) == {
        "userName": "lee",
        "firstName": "Lée",
        "middleName": "Q",
        "lastName": "Alder",
        "displayName": "Lée Alder",
        "phoneNumber": "+1 408 555 0101",
        "homeNumber": "1",
        "mobileNumber": "2",
        "pager": "3",
        "email": "lee@pod6.example",
        "department": "Lab",
        "title": "Engineer",
        "manager": "O'Neil, Zoë",
        "directoryUri": "lee@pod6.example",
        "msUri": "lee@pod6.example",
        "disabled": "false",
    }


def test_what_an_entry_of_openldap_lacks_is_empty_and_its_cn_is_the_display_name() -> None:
    user = user_of(OPENLDAP, {"uid": [b"lee", b"alder"], "cn": [b"Lee Alder"], "ou": [b"Lab"]})
    assert {field: value for field, value in user.items() if value} == {
        "userName": "lee", "displayName": "Lee Alder", "department": "Lab"
    }
    assert "disabled" not in user


@pytest.mark.parametrize(
    ("value", "disabled"),
    [
        ("512", "false"), ("514", "true"), ("66050", "true"), ("66048", "false"), ("2", "true"),
        ("-2", "true"), ("TRUE", "true"), ("false", "false"), ("", "false"), ("soon", "false"),
    ],
)
def test_an_account_is_disabled_by_a_bit_or_a_word(value: str, disabled: str) -> None:
    assert user_of(AD, {"userAccountControl": [value.encode()]})["disabled"] == disabled


def test_a_value_that_is_not_utf_8_is_seen_to_be_none() -> None:
    assert user_of(OPENLDAP, {"uid": [b"Zo\xeb"]})["userName"] == "Zo\ufffd"


@pytest.mark.parametrize(
    ("manager", "name"), [("Lee", "Lee"), ("uid=lee,dc=x", "lee"), ("cn=", ""), ("", "")]
)
def test_a_manager_is_what_the_distinguished_name_begins_with(manager: str, name: str) -> None:
    assert user_of(OPENLDAP, {"manager": [manager.encode()]})["manager"] == name


@patient
@given(st.text())
def test_no_value_means_anything_in_a_filter(value: str) -> None:
    for text in (equals(["uid"], value), begins(["uid"], value)):
        found = re.fullmatch(r"\(uid=((?:\\[0-9a-f]{2})*)\*?\)", text)
        assert found
        assert bytes.fromhex(found[1].replace("\\", "")) == value.encode(errors="replace")


def test_filters_are_put_together() -> None:
    one, two = equals(["uid"], "a"), equals(["uid", "cn"], "")
    assert any_of([one, two]) == r"(|(uid=\61)(|(uid=)(cn=)))"
    assert all_of([one]) == r"(&(uid=\61))"
    check_filter(all_of([one, two]))


def test_a_filter_of_ones_own_is_checked_when_the_client_is_made() -> None:
    LDAP("localhost", base="", user_filter="(l=Boston)")
    with pytest.raises(BadFilter):
        LDAP("localhost", base="", user_filter="(l=Boston")


def test_a_log_in_without_a_password_would_be_an_anonymous_one() -> None:
    with pytest.raises(ValueError, match="anonymous"):
        LDAP("localhost", "cn=portal", "", base="")


AD_TEXT = "80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data {}, v3839"


@pytest.mark.parametrize(
    ("operation", "code", "text", "reason", "cause"),
    [
        ("bind", 49, "", Reason.REFUSED_CREDENTIALS, "result 49"),
        ("bind", 49, AD_TEXT.format("525"), Reason.REFUSED_CREDENTIALS, "no such account"),
        ("bind", 49, AD_TEXT.format("52e"), Reason.REFUSED_CREDENTIALS, "password is wrong"),
        ("bind", 49, AD_TEXT.format("530"), Reason.REFUSED_CREDENTIALS, "not log in at this time"),
        ("bind", 49, AD_TEXT.format("531"), Reason.REFUSED_CREDENTIALS, "from this machine"),
        ("bind", 49, AD_TEXT.format("532"), Reason.REFUSED_CREDENTIALS, "password has expired"),
        ("bind", 49, AD_TEXT.format("533"), Reason.REFUSED_CREDENTIALS, "account is disabled"),
        ("bind", 49, AD_TEXT.format("701"), Reason.REFUSED_CREDENTIALS, "account has expired"),
        ("bind", 49, AD_TEXT.format("773"), Reason.REFUSED_CREDENTIALS, "be changed first"),
        ("bind", 49, AD_TEXT.format("775"), Reason.REFUSED_CREDENTIALS, "account is locked"),
        ("bind", 49, AD_TEXT.format("57"), Reason.REFUSED_CREDENTIALS, "result 49: data 57"),
        ("bind", 34, "invalid DN", Reason.REFUSED_CREDENTIALS, "result 34: invalid DN"),
        ("bind", 53, "no password", Reason.REFUSED_CREDENTIALS, "result 53: no password"),
        ("bind", 8, "", Reason.REFUSED_CREDENTIALS, "result 8"),
        ("bind", 51, "", Reason.BUSY, "result 51"),
        ("search", 3, "", Reason.TIMED_OUT, "result 3"),
        ("search", 4, "", Reason.LIMIT_REACHED, "result 4"),
        ("search", 11, "", Reason.LIMIT_REACHED, "result 11"),
        ("search", 10, "", Reason.UNEXPECTED_STATUS, "result 10"),
        ("search", 32, "", Reason.NO_SUCH_BASE, "result 32"),
        ("search", 34, "", Reason.NO_SUCH_BASE, "result 34"),
        ("search", 50, "", Reason.REFUSED_CREDENTIALS, "result 50"),
        ("search", 52, "", Reason.BUSY, "result 52"),
        ("search", 80, "\x00in\nternal", Reason.SERVER_ERROR, "result 80: internal"),
        ("search", 18, "", Reason.UNEXPECTED_STATUS, "result 18"),
        ("StartTLS", 2, "unsupported", Reason.NOT_SUPPORTED, "result 2: unsupported"),
        ("StartTLS", 52, "", Reason.BUSY, "result 52"),
    ],
)
def test_a_result_is_explained_by_what_was_asked(
    operation: str, code: int, text: str, reason: Reason, cause: str
) -> None:
    explanation, said = explain_refusal(Refused(operation, code, text))
    assert explanation.reason is reason
    assert cause in said
    assert "{cause}" in explanation.text
