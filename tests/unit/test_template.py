"""What the template makes of a user: what the guide makes, unless the settings say otherwise."""

import re
from pathlib import Path

import pytest
from support.failures import failure_of
from support.templates import template

from flaskr.expressions import Expression
from flaskr.provisioning.template import FILLED_IN
from flaskr.result import Reason

LEE = {
    "userName": "lee", "displayName": "Lee Ann", "phoneNumber": "+1 (408) 555-0101",
    "email": "lee@pod6.example", "department": "",
}


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ({"displayName": "Lee Ann", "firstName": "L"}, "Lee Ann's Space"),
        ({"displayName": "", "firstName": "Lee", "lastName": "Ann"}, "Lee Ann's Space"),
        ({"firstName": "Lee", "lastName": ""}, "Lee's Space"),
        ({}, "lee's Space"),
    ],
)
def test_a_space_is_named_after_its_user(user: dict[str, str], name: str) -> None:
    expected = {"name": name, "uri": "lee", "cdrTag": "lee"}
    assert template().describe({"userName": "lee", **user}) == expected


def test_what_the_template_fills_in_is_all_said_in_words() -> None:
    assert set(FILLED_IN) == set(template().describe(LEE))


@pytest.mark.parametrize(
    ("number", "uri"),
    [
        ("+1 (408) 555-0101", "+14085550101"),
        ("408.555\u20110101", "4085550101"),
        ("\uff08408\uff09\u3000555\u22120101", "4085550101"),
        ("408x1", "408x1"),
        ("4-0-8", None),
        ("", None),
        ("(-)", None),
    ],
)
def test_a_telephone_number_is_the_second_uri_without_what_people_write_in_it(
    number: str, uri: str | None
) -> None:
    made = template().describe({"userName": "408", "phoneNumber": number})
    assert made.get("secondaryUri") == uri


@pytest.mark.parametrize(
    ("setting", "expression", "field", "value"),
    [
        ("SPACE_NAME", "$displayName$ ($phoneNumber$)", "name", "Lee Ann (+1 (408) 555-0101)"),
        ("SPACE_NAME", "$firstName$ meets", "name", "meets"),
        ("SPACE_URI", "meet.$userName$", "uri", "meet.lee"),
        ("SPACE_URI", "$userName|'/e/3/g'$", "uri", "l33"),
        ("SPACE_SECONDARY_URI", "$userName$.room", "secondaryUri", "lee.room"),
        ("SPACE_SECONDARY_URI", "$phoneNumber|'/^\\+1//'$", "secondaryUri", "4085550101"),
        ("SPACE_SECONDARY_URI", "none", "secondaryUri", None),
        ("SPACE_SECONDARY_URI", "room.$department$", "secondaryUri", None),
        ("SPACE_SECONDARY_URI", "$userName$", "secondaryUri", None),
        ("SPACE_CDR_TAG", "none", "cdrTag", None),
        ("SPACE_CDR_TAG", "$email$", "cdrTag", "lee@pod6.example"),
        ("SPACE_CALL_ID", "$phoneNumber|'/\\D//g'$", "callId", "14085550101"),
        ("SPACE_CALL_ID", "$mobileNumber$", "callId", None),
        ("SPACE_CALL_ID", "auto", "requireCallId", "true"),
        ("SPACE_TENANT", "6f1c2f0e-7d0e-4b43-9a53-2c1a7f4a8a90", "tenant",
         "6f1c2f0e-7d0e-4b43-9a53-2c1a7f4a8a90"),
    ],
)
def test_a_setting_makes_a_field(
    setting: str, expression: str, field: str, value: str | None
) -> None:
    guides = {name: text for name, text in template().describe(LEE).items() if name != field}
    made = template(**{setting: expression}).describe(LEE)
    assert made == ({**guides, field: value} if value else guides)


UNFIT = [
    ("SPACE_NAME", "$department$", "name", 'makes "", which is empty'),
    ("SPACE_NAME", "$userName$" + "x" * 126, "name", "has more than 128 characters"),
    ("SPACE_NAME", "$title$", "name", "has a control character"),
    ("SPACE_SECONDARY_URI", "$email$", "secondaryUri", "has an @"),
    ("SPACE_CALL_ID", "$phoneNumber$", "callId", "has other characters than digits"),
    ("SPACE_CALL_ID", f"$userName|'/.+/{'1' * 51}/'$", "callId", "has more than 50 characters"),
    ("SPACE_CDR_TAG", "$userName$" + "x" * 98, "cdrTag", "has more than 100 characters"),
]


@pytest.mark.parametrize(("setting", "expression", "field", "said"), UNFIT)
def test_what_can_not_be_is_a_failure_for_this_user(
    setting: str, expression: str, field: str, said: str
) -> None:
    made = template(**{setting: expression})
    failure = failure_of(made.describe, {**LEE, "title": "a\tb"})
    assert (failure.reason, failure.code) == (Reason.TEMPLATE_UNFIT, "template_unfit")
    assert failure.message.startswith(f'For the user "lee", {setting} makes "')
    assert said in failure.message
    assert failure.message.endswith(f"corrected. Otherwise send {field} yourself.")


@pytest.mark.parametrize(("setting", "expression", "field"), [row[:3] for row in UNFIT])
def test_what_is_given_is_not_made(setting: str, expression: str, field: str) -> None:
    made = template(**{setting: expression}).describe({**LEE, "title": "a\tb"}, given=[field])
    assert field not in made


def test_no_call_id_is_required_where_one_is_given() -> None:
    assert "requireCallId" not in template(SPACE_CALL_ID="auto").describe(LEE, given=["callId"])


def test_a_user_id_with_an_at_sign_is_fine_where_the_uri_has_none() -> None:
    assert template(SPACE_URI="$userName|'/@.*//'$").uri_of("lee@pod6.example") == "lee"


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("$userName|'/.*//'$", 'The user ID "lee" makes the uri "", which is empty.'),
        (r"$userName|'/.+/\0@pod6/'$", 'The user ID "lee" makes the uri "lee@pod6", which has'),
        ("$userName$" + "x" * 126, "which has more than 128 characters"),
    ],
)
def test_a_user_id_that_makes_no_uri_is_refused(expression: str, said: str) -> None:
    failure = failure_of(template(SPACE_URI=expression).uri_of, "lee")
    assert failure.reason is Reason.BAD_PARAMETER
    assert said in failure.message


def test_a_uri_is_the_same_in_whatever_case_the_user_id_is_written() -> None:
    by_initial = template(SPACE_URI="$userName|'/^([a-z])/\\1./'$")
    assert by_initial.uri_of("LEE") == by_initial.uri_of("lee") == "l.ee"
    assert template().uri_of("LEE") == "LEE"


@pytest.mark.parametrize(
    ("expression", "jid"),
    [("", ""), ("$email$", "lee@pod6.example"), ("$userName$@meet.pod6.example",
     "lee@meet.pod6.example")],
)
def test_the_owner_is_who_has_the_jid(expression: str, jid: str) -> None:
    assert template(SPACE_OWNER_JID=expression).owner_of(LEE) == jid


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("$directoryUri$", "needs $directoryUri$, which is empty for this user"),
        ("$department$@pod6.example", "needs $department$"),
        ("$userName$", 'makes "lee", which is no JID: that is name@domain'),
        ("$displayName$@pod6.example", "is no JID"),
        ("$email$@pod6.example", "is no JID"),
        ("$userName|'/.*//'$@pod6.example", "is no JID"),
    ],
)
def test_who_can_not_be_an_owner_is_a_failure(expression: str, said: str) -> None:
    failure = failure_of(template(SPACE_OWNER_JID=expression).owner_of, LEE)
    assert failure.reason is Reason.TEMPLATE_UNFIT
    assert said in failure.message


def test_the_examples_of_the_readme_are_what_comes_out() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    section = readme.partition("### The template")[2]
    rows = re.findall(r"^\| `(.*?[^\\])` \| `(.*?)`", section.partition("\n- ")[0], re.M)
    user = {
        "userName": "lee@example.com", "displayName": "Lee Alder", "phoneNumber": "+14085550101"
    }
    for written, result in rows:
        assert Expression.parse(written.replace("\\|", "|")).of(user) == result
    assert len(rows) == 5
