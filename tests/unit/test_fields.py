"""The fields of a Space: what each refuses, makes of a value, and is compared as."""

import pytest

from flaskr.cms.v1.spaces import SETTABLE_FIELDS, SPACE_FIELDS, has_uri
from flaskr.fields import BadValue, SettableField, checked, have_same_values

SALES = {"name": "Sales", "uri": "sales", "callId": "6201"}


def test_an_object_with_all_that_was_asked_for_has_the_same_values() -> None:
    assert have_same_values(SETTABLE_FIELDS, {**SALES, "@id": "1", "secret": "x"}, SALES)


@pytest.mark.parametrize(
    ("kept", "asked"),
    [
        ({"uri": "ZO\u00cb"}, {"uri": "zoe\u0308"}),
        ({"uri": "sales"}, {"uri": " sales "}),
        ({"name": "Sales "}, {"name": "Sales"}),
        ({"secondaryUri": "sales2"}, {"secondaryUri": "SALES2"}),
        ({"nonMemberAccess": "true"}, {}),
        ({}, {"nonMemberAccess": "true"}),
        ({}, {"passcode": ""}),
        ({"passcode": ""}, {}),
    ],
)
def test_what_the_server_keeps_in_another_form_is_the_same(
    kept: dict[str, str], asked: dict[str, str]
) -> None:
    assert have_same_values(SETTABLE_FIELDS, {**SALES, **kept}, {**SALES, **asked})


@pytest.mark.parametrize(
    ("kept", "asked"),
    [
        ({"name": "SALES"}, {"name": "Sales"}),
        ({"passcode": "1234"}, {}),
        ({}, {"passcode": "1234"}),
        ({"uri": "\u212aate"}, {"uri": "kate"}),
        ({"nonMemberAccess": "false"}, {}),
        ({}, {"nonMemberAccess": "false"}),
        ({"defaultLayout": "telepresence"}, {}),
    ],
)
def test_what_can_be_told_apart_is_not_the_same(
    kept: dict[str, str], asked: dict[str, str]
) -> None:
    assert not have_same_values(SETTABLE_FIELDS, {**SALES, **kept}, {**SALES, **asked})


def test_only_fields_that_can_be_set_are_compared() -> None:
    fields = {"a": SettableField("a", "", "", help="", comparison_key=str.upper)}
    assert have_same_values(fields, {"a": "x", "b": "1"}, {"a": "X", "b": "2"})
    assert not have_same_values(fields, {"a": "y"}, {"a": "X"})


@pytest.mark.parametrize("name", ["uri", "secondaryUri"])
def test_a_uri_takes_no_domain(name: str) -> None:
    field = SETTABLE_FIELDS[name]
    assert "the part before the @ only" in str(field.refuse("sales@example.com"))
    assert field.refuse("zo\u00eb.o'brien") is None
    assert field.clean(" Sales\t") == "Sales"


@pytest.mark.parametrize("value", ["12a", "+1", "-1", "1.5", "\u0661", "\u00b2", " 1"])
def test_a_call_id_takes_digits_only(value: str) -> None:
    assert SETTABLE_FIELDS["callId"].refuse(value) == "takes digits only"
    assert SETTABLE_FIELDS["callId"].refuse("620100099") is None


@pytest.mark.parametrize("name", ["name", "passcode", "cdrTag", "secret", "meetingScheduler"])
def test_other_values_go_out_as_they_are_given(name: str) -> None:
    assert SETTABLE_FIELDS[name].clean(" x ") == " x "
    assert SETTABLE_FIELDS[name].refuse("1234") is None


ID = "b449de90-9dc5-4bed-9c65-a09a321d2bd9"
PROFILES = ("callLegProfile", "callProfile", "callBrandingProfile", "dialInSecurityProfile")


@pytest.mark.parametrize("name", ["tenant", *PROFILES])
def test_another_object_is_named_by_its_id(name: str) -> None:
    field = SETTABLE_FIELDS[name]
    assert str(field.refuse("Hosts")).startswith("takes an ID of CMS, a GUID such as ")
    assert field.refuse(field.clean(f" {ID.upper()} ")) is None
    assert have_same_values({name: field}, {name: ID}, {name: ID.upper()})


@pytest.mark.parametrize(
    ("name", "fine", "wrong"),
    [
        ("cdrTag", ["\u00e9" * 100], ["x" * 101]),
        ("ownerJid", ["kim@x"], ["kim", "@x", "kim@"]),
        ("streamUrl", ["rtmp://x/y", "https://x"], ["x", "//x", "rtmp:x", "rtmp://x/a b", "a://["]),
        ("panePlacementHighestImportance", ["1", "2147483647"], ["0", "-1", "1.5", "x", "\u0661"]),
    ],
)
def test_a_value_is_checked_before_cms_gets_it(
    name: str, fine: list[str], wrong: list[str]
) -> None:
    refuse = SETTABLE_FIELDS[name].refuse
    assert [value for value in fine if refuse(value)] == []
    assert [value for value in wrong if not refuse(value)] == []


def test_a_self_pane_mode_that_is_unset_is_none() -> None:
    fields = {"panePlacementSelfPaneMode": SETTABLE_FIELDS["panePlacementSelfPaneMode"]}
    assert have_same_values(fields, {}, {"panePlacementSelfPaneMode": "unset"})
    assert not have_same_values(fields, {}, {"panePlacementSelfPaneMode": "skip"})


def test_a_secret_that_cms_made_up_is_no_difference_unless_another_was_asked_for() -> None:
    assert not have_same_values(SETTABLE_FIELDS, {"secret": "x"}, {"secret": "y"})
    assert have_same_values(SETTABLE_FIELDS, {"secret": "x"}, {})


def test_the_fields_that_callers_may_set_are_these() -> None:
    assert list(SETTABLE_FIELDS) == [
        "name", "uri", "secondaryUri", "callId", "cdrTag", "passcode", "defaultLayout", "tenant",
        *PROFILES, "secret", "nonMemberAccess", "ownerJid", "streamUrl",
        "meetingScheduler", "panePlacementHighestImportance", "panePlacementSelfPaneMode",
    ]
    assert all(SPACE_FIELDS[name] is field for name, field in SETTABLE_FIELDS.items())


def test_a_space_has_a_uri_whatever_its_case_and_may_lack_the_second() -> None:
    assert has_uri({"@id": "1", "uri": "zo\u00eb"}, "ZOE\u0308")
    assert has_uri({"@id": "1", "secondaryUri": "408"}, "408", "secondaryUri")
    assert not has_uri({"@id": "1", "uri": "408"}, "408", "secondaryUri")
    assert not has_uri({"@id": "1", "uri": "kate"}, "\u212aate")


@pytest.mark.parametrize(
    ("name", "value", "sent"),
    [
        ("name", " Sales ", " Sales "),
        ("name", "", ""),
        ("uri", " sales", "sales"),
        ("callId", 6201, "6201"),
        ("nonMemberAccess", False, "false"),
        ("nonMemberAccess", "true", "true"),
    ],
)
def test_what_is_sent_for_a_value_is_text(name: str, value: object, sent: str) -> None:
    assert checked(SETTABLE_FIELDS[name], value) == sent


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [
        ("name", " \u2003", 'has nothing but blanks. To unset it, send "".'),
        ("name", "a\x00", "has a control character, or is not UTF-8."),
        ("name", 1, 'takes text. To unset it, send "".'),
        ("callId", True, 'takes text. To unset it, send "".'),
        ("callId", "12a", "takes digits only."),
        ("nonMemberAccess", "yes", "takes one of: true, false."),
    ],
)
def test_a_bad_value_is_told_in_a_sentence(name: str, value: object, wrong: str) -> None:
    with pytest.raises(BadValue) as raised:
        checked(SETTABLE_FIELDS[name], value)
    assert raised.value.wrong == wrong
    assert str(raised.value) == f"{name} {wrong}"


NEEDED = SettableField("PIN", "", "", help="", may_be_empty=False)


@pytest.mark.parametrize(
    ("value", "wrong"),
    [("", "must have a value."), (4711, "takes text."), ("  ", "has nothing but blanks.")],
)
def test_what_may_not_be_empty_is_not_told_how_to_unset_it(value: object, wrong: str) -> None:
    with pytest.raises(BadValue) as error:
        checked(NEEDED, value)
    assert error.value.wrong == wrong
    assert checked(NEEDED, "007") == "007"
