"""Provisioning, with clients handed in: no app, no request, no server."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import requests
import responses
from responses import matchers
from support.directories import Down, People
from support.facts import CMS_URL
from support.failures import failure_of
from support.templates import template

from flaskr.cms.v1.cms import CMS
from flaskr.provisioning.creation import create_space
from flaskr.provisioning.directory import Directory
from flaskr.provisioning.spaces import (
    delete_space,
    find_space,
    modify_space,
    retrieve_space,
)
from flaskr.result import Outcome, Reason

ID = "b449de90-9dc5-4bed-9c65-a09a321d2bd9"
OTHER_ID = "c449de90-9dc5-4bed-9c65-a09a321d2bd9"
SPACE = f"{CMS_URL}/coSpaces/{ID}"
LOST = requests.ConnectionError(ConnectionResetError(104, "reset"))
LEE = {"userName": "lee", "displayName": "Lee Ann", "phoneNumber": "+1 (408) 555-0101"}


@pytest.fixture
def cms() -> CMS:
    return CMS("127.0.0.1", "apiuser", "0123", 4443, parallel=1)


def space(space_id: str = ID, **fields: str) -> str:
    elements = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return f'<coSpace id="{space_id}">{elements}</coSpace>'


def spaces(*entries: str) -> str:
    return f'<coSpaces total="{len(entries)}">{"".join(entries)}</coSpaces>'


def listed(wire: responses.RequestsMock, text: str, *entries: str) -> None:
    """Let CMS answer a list that is filtered by a text."""
    query = matchers.query_param_matcher({"filter": text, "offset": "0"})
    wire.get(f"{CMS_URL}/coSpaces", body=spaces(*entries), match=[query])


KEPT = {"@id": ID, "uri": "lee", "name": "Lee's"}


def found(wire: responses.RequestsMock, **fields: str) -> None:
    """Let CMS have the Space of lee, and answer it whole once."""
    kept = {name: text for name, text in KEPT.items() if name != "@id"}
    listed(wire, "lee", space(uri="lee"))
    wire.get(SPACE, body=space(**{**kept, **fields}))


ASKS: list[Callable[[CMS, str], object]] = [
    lambda cms, userid: template().uri_of(userid),
    lambda cms, userid: find_space(cms, template(), userid),
    lambda cms, userid: retrieve_space(cms, template(), userid),
    lambda cms, userid: delete_space(cms, Down(), template(), userid),
    lambda cms, userid: modify_space(cms, Down(), template(), userid, {"name": "x"}),
    lambda cms, userid: create_space(cms, Down(), template(), userid, {}),
]


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize(
    ("userid", "said"),
    [
        ("", "1 to 128 characters"),
        (" \u2003", "1 to 128 characters"),
        ("x" * 129, "1 to 128 characters"),
        ("a\nb", "a control character"),
        ("a\ufffdb", "not UTF-8"),
        ("lee@example.com", "has an @"),
    ],
)
def test_a_user_id_that_can_be_no_uri_is_refused_before_anything_is_sent(
    cms: CMS, wire: responses.RequestsMock, ask: Callable[[CMS, str], object], userid: str,
    said: str,
) -> None:
    failure = failure_of(ask, cms, userid)
    assert (failure.reason, failure.server) == (Reason.BAD_PARAMETER, "")
    assert said in failure.message


def test_a_user_id_of_the_longest_kind_is_fine() -> None:
    assert template().uri_of("x" * 128) == "x" * 128
    assert template().uri_of("zo\u00eb.o'brien/7") == "zo\u00eb.o'brien/7"


def test_a_users_space_is_the_one_with_the_user_id_as_its_uri(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    second = space(OTHER_ID, uri="other", secondaryUri="lee")
    listed(wire, "lee", space(OTHER_ID, uri="lee2"), second, space(uri="LEE"))
    assert find_space(cms, template(), "Lee") == Outcome(f"CMS at 127.0.0.1:4443: found {ID}.", ID)


def test_else_it_is_the_one_with_it_as_its_secondary_uri(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    listed(wire, "lee", space(OTHER_ID, uri="lee2"), space(uri="other", secondaryUri="lee"))
    assert find_space(cms, template(), "lee").response == ID


def test_letters_outside_ascii_are_looked_for_without_them_too(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    listed(wire, "o'zo\u00eb")
    listed(wire, "o'zo", space(OTHER_ID, uri="o'zo"), space(uri="o'zoe\u0308"))
    assert find_space(cms, template(), "O'Zo\u00cb").response == ID


def test_a_uri_counts_more_than_a_secondary_uri_in_whichever_list_it_stands(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    second = space(OTHER_ID, uri="other", secondaryUri="zo\u00eb")
    listed(wire, "zo\u00eb", second)
    listed(wire, "zo", second, space(uri="zoe\u0308"))
    assert find_space(cms, template(), "zo\u00eb").response == ID


def test_an_id_without_a_letter_in_ascii_is_looked_for_in_the_whole_list(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    listed(wire, "\u6797")
    whole = matchers.query_param_matcher({"offset": "0"})
    wire.get(f"{CMS_URL}/coSpaces", body=spaces(space(uri="\u6797")), match=[whole])
    assert find_space(cms, template(), "\u6797").response == ID


def test_without_a_space_it_says_how_to_make_one(cms: CMS, wire: responses.RequestsMock) -> None:
    listed(wire, "lee", space(uri="lee2", name="lee"))
    failure = failure_of(find_space, cms, template(), "lee")
    assert (failure.reason, failure.code) == (Reason.NO_SPACE, "no_space")
    assert 'no Space for the user ID "lee"' in failure.message
    assert failure.message.endswith("To create one, send POST.")


@pytest.mark.parametrize("strange", ["1", f"{ID}/../users", f"{ID}x"])
@pytest.mark.parametrize("ask", ASKS[2:5])
def test_an_id_that_is_none_goes_into_no_path(
    cms: CMS, wire: responses.RequestsMock, ask: Callable[[CMS, str], object], strange: str
) -> None:
    listed(wire, "lee", space(strange, uri="lee"))
    failure = failure_of(ask, cms, "lee")
    assert failure.code == "cms_unreadable_answer"
    assert "that is not the ID of a Space" in failure.message


def test_a_space_is_retrieved_as_cms_answers_it(cms: CMS, wire: responses.RequestsMock) -> None:
    listed(wire, "lee", space(uri="lee"))
    wire.get(SPACE, body=space(uri="lee", name="Lee's"))
    kept = {"coSpace": {"@id": ID, "uri": "lee", "name": "Lee's"}}
    assert retrieve_space(cms, template(), "lee").response == kept


def test_a_space_that_went_meanwhile_is_no_space(cms: CMS, wire: responses.RequestsMock) -> None:
    listed(wire, "lee", space(uri="lee"))
    wire.get(SPACE, status=404)
    assert failure_of(retrieve_space, cms, template(), "lee").reason is Reason.NO_SPACE


def creates(wire: responses.RequestsMock, form: Mapping[str, str], **answer: Any) -> None:
    """Let CMS answer the creation of a Space of this form, and of no other."""
    answer = answer or {"headers": {"Location": f"/api/v1/coSpaces/{ID}"}}
    wire.post(f"{CMS_URL}/coSpaces", match=[matchers.urlencoded_params_matcher(form)], **answer)


def refusal(code: str) -> str:
    return f"<failureDetails><{code}/></failureDetails>"


LEES = {
    "name": "Lee Ann's Space", "uri": "lee", "secondaryUri": "+14085550101", "cdrTag": "lee"
}


@pytest.mark.parametrize(
    ("arguments", "form"),
    [
        ({}, LEES),
        ({"name": "Sales", "callId": "7"}, {**LEES, "name": "Sales", "callId": "7"}),
        (
            {"secondaryUri": "", "passcode": ""},
            {"name": "Lee Ann's Space", "uri": "lee", "cdrTag": "lee"},
        ),
    ],
)
def test_a_space_is_created_as_the_template_says_with_arguments_over_it(
    cms: CMS, wire: responses.RequestsMock, arguments: dict[str, str], form: dict[str, str]
) -> None:
    creates(wire, form)
    created = create_space(cms, People(LEE), template(), "lee", arguments)
    assert created == Outcome(f"CMS at 127.0.0.1:4443, POST coSpaces: created {ID}.", ID)


def test_who_is_not_in_the_directory_gets_no_space(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    failure = failure_of(create_space, cms, People(LEE), template(), "kim", {})
    assert (failure.code, failure.message) == ("no_such_user", "There is nobody like that.")


@pytest.mark.parametrize("whole", [False, True])
def test_whose_account_is_disabled_gets_no_space_unless_that_is_forced(
    cms: CMS, wire: responses.RequestsMock, whole: bool
) -> None:
    gone = People({**LEE, "disabled": "true"})
    arguments = {"uri": "lee"}
    failure = failure_of(create_space, cms, gone, template(), "lee", arguments, whole)
    assert failure.code == "user_disabled"
    assert failure.message == (
        'The account of "lee" is disabled in the directory. So there is no new Space.'
    )
    creates(wire, arguments if whole else LEES)
    assert create_space(cms, gone, template(), "lee", arguments, whole, force=True)


def test_a_directory_that_fails_is_what_is_said(cms: CMS, wire: responses.RequestsMock) -> None:
    assert failure_of(create_space, cms, Down(), template(), "lee", {}).code == "cucm_unreachable"


def test_a_uri_that_is_taken_is_told_with_whose_space_has_it(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    creates(wire, LEES, status=400, body=refusal("duplicateCoSpaceUri"))
    listed(wire, "lee", space(OTHER_ID, name="Lees", secondaryUri="LEE"))
    failure = failure_of(create_space, cms, People(LEE), template(), "lee", {})
    assert (failure.code, failure.failure_codes) == ("uri_taken", ("duplicateCoSpaceUri",))
    said = f'It is the uri "lee": the Space "Lees" ({OTHER_ID}) has it already.'
    assert failure.message.endswith(said)


@pytest.mark.parametrize(
    ("arguments", "code"), [({}, "phone_taken"), ({"secondaryUri": "+14085550101"}, "uri_taken")]
)
def test_a_phone_number_that_is_taken_may_be_left_out(
    cms: CMS, wire: responses.RequestsMock, arguments: dict[str, str], code: str
) -> None:
    creates(wire, LEES, status=400, body=refusal("duplicateCoSpaceUri"))
    listed(wire, "lee")
    made_by_ldap = space(OTHER_ID, name="Desk", uri="+14085550101", autoGenerated="true")
    listed(wire, "+14085550101", made_by_ldap)
    failure = failure_of(create_space, cms, People(LEE), template(), "lee", arguments)
    assert failure.code == code
    holder = f'the Space "Desk" ({OTHER_ID}), which an LDAP sync made, has it already.'
    assert f'It is the secondaryUri "+14085550101": {holder}' in failure.message
    assert ("send secondaryUri empty" in failure.message) == (code == "phone_taken")


def test_a_call_id_is_looked_for_in_the_whole_list_where_the_filter_does_not_find_it(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    found(wire, callId="8")
    wire.put(SPACE, status=400, body=refusal("duplicateCoSpaceId"))
    listed(wire, "7", space(OTHER_ID, uri="7", callId="77"))
    whole = matchers.query_param_matcher({"offset": "0"})
    others = spaces(space(ID, callId="7"), space(OTHER_ID, name="Sales", callId="7"))
    wire.get(f"{CMS_URL}/coSpaces", body=others, match=[whole])
    failure = failure_of(modify_space, cms, People(LEE), template(), "lee", {"callId": "7"})
    assert failure.code == "call_id_taken"
    assert f'It is the callId "7": the Space "Sales" ({OTHER_ID}) has it' in failure.message


@pytest.mark.parametrize(
    "other",
    [{"uri": "sales2"}, {"uri": "sales", "tenant": OTHER_ID}, {"space_id": ID, "uri": "sales"}],
)
def test_a_uri_that_no_other_space_has_may_be_an_access_methods(
    cms: CMS, wire: responses.RequestsMock, other: dict[str, str]
) -> None:
    found(wire)
    wire.put(SPACE, status=400, body=refusal("duplicateCoSpaceUri"))
    listed(wire, "sales", space(**{"space_id": OTHER_ID, **other}))
    changes = {"secondaryUri": "sales"}
    failure = failure_of(modify_space, cms, People(LEE), template(), "lee", changes)
    assert failure.code == "uri_taken"
    assert "No other Space in CMS's list has it: an access method" in failure.message


def test_a_holder_that_can_not_be_looked_for_leaves_the_failure_as_it_is(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    creates(wire, LEES, status=400, body=refusal("duplicateCoSpaceUri"))
    wire.get(f"{CMS_URL}/coSpaces", status=401)
    failure = failure_of(create_space, cms, People(LEE), template(), "lee", {})
    assert failure.code == "uri_taken"
    assert "The portal has looked whose it is, without success. CMS at " in failure.message


UNCONFIRMED = [
    {"body": LOST}, {"status": 500}, {"body": "<html>"}, {"body": requests.ReadTimeout()}
]


@pytest.mark.parametrize("answer", UNCONFIRMED, ids=["lost", "500", "html", "timeout"])
def test_a_creation_that_is_not_confirmed_is_looked_for_and_not_sent_again(
    cms: CMS, wire: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    creates(wire, LEES, **answer)
    listed(wire, "lee", space(uri="lee"))
    wire.get(SPACE, body=space(**LEES, nonMemberAccess="true", secret="x"))
    created = create_space(cms, People(LEE), template(), "lee", {})
    message = f"CMS did not confirm it, but the Space is there, as asked for: {ID}."
    assert created == Outcome(message, ID)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([], "no Space has this uri now."),
        ([{**LEES, "name": "Another"}], f"the Space {ID} has this uri, but is not as asked for."),
        ([{**LEES, "passcode": "1"}], f"the Space {ID} has this uri, but is not as asked for."),
    ],
)
def test_a_creation_that_can_not_be_told_is_a_failure_with_what_was_seen(
    cms: CMS, wire: responses.RequestsMock, found: list[dict[str, str]], said: str
) -> None:
    creates(wire, LEES, status=500)
    listed(wire, "lee", *(space(uri="lee") for _ in found))
    for fields in found:
        wire.get(SPACE, body=space(**fields))
    failure = failure_of(create_space, cms, People(LEE), template(), "lee", {})
    assert failure.code == "cms_server_error"
    assert "look before you try again. The portal has looked: " + said in failure.message


def test_a_look_that_fails_leaves_the_first_failure_as_it_is(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    creates(wire, LEES, body=LOST)
    wire.get(f"{CMS_URL}/coSpaces", status=401)
    failure = failure_of(create_space, cms, People(LEE), template(), "lee", {})
    assert failure.code == "cms_answer_lost"
    assert "The portal has looked: without success. CMS at " in failure.message


def test_without_a_uri_there_is_nothing_to_look_for(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    creates(wire, {key: LEES[key] for key in ("name", "secondaryUri", "cdrTag")}, status=500)
    failure = failure_of(create_space, cms, People(LEE), template(), "lee", {"uri": ""})
    assert "has looked" not in failure.message


def test_a_modification_sends_what_is_sent_and_no_more(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    found(wire)
    form = matchers.urlencoded_params_matcher({"name": "New", "passcode": ""}, allow_blank=True)
    wire.put(SPACE, match=[form])
    modified = modify_space(cms, People(LEE), template(), "lee", {"name": "New", "passcode": ""})
    assert modified == Outcome(f"CMS at 127.0.0.1:4443, PUT coSpaces/{ID}: modified.", "")


def test_a_modification_of_nothing_is_refused_before_anything_is_sent(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    failure = failure_of(modify_space, cms, People(LEE), template(), "lee", {})
    assert failure.reason is Reason.NOTHING_TO_CHANGE


def test_a_modification_that_is_not_confirmed_is_neither_looked_at_nor_sent_again(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    found(wire)
    wire.put(SPACE, body=LOST)
    failure = failure_of(modify_space, cms, People(LEE), template(), "lee", {"name": "x"})
    assert failure.code == "cms_answer_lost"


def test_a_space_is_deleted(cms: CMS, wire: responses.RequestsMock) -> None:
    found(wire)
    wire.delete(SPACE)
    deleted = delete_space(cms, People(LEE), template(), "lee")
    assert deleted == Outcome(
        f"CMS at 127.0.0.1:4443, DELETE coSpaces/{ID}: deleted.", {"coSpace": KEPT}
    )


GONE = [{"status": 404}, {"body": "<failureDetails><coSpaceDoesNotExist/></failureDetails>"}]


@pytest.mark.parametrize("gone", GONE, ids=["404", "code"])
@pytest.mark.parametrize("answer", UNCONFIRMED, ids=["lost", "500", "html", "timeout"])
def test_a_deletion_that_is_not_confirmed_is_looked_at_and_not_sent_again(
    cms: CMS, wire: responses.RequestsMock, answer: dict[str, Any], gone: dict[str, Any]
) -> None:
    found(wire)
    wire.delete(SPACE, **answer)
    wire.get(SPACE, **gone)
    deleted = delete_space(cms, People(LEE), template(), "lee")
    assert deleted == Outcome(
        f"CMS did not confirm it, but the Space is gone: {ID}.", {"coSpace": KEPT}
    )


@pytest.mark.parametrize(
    ("look", "said"),
    [
        ({"body": space(uri="lee")}, f"the Space {ID} is still there."),
        ({"status": 401}, "without success. CMS at "),
        ({"status": 500}, "without success. CMS at "),
    ],
    ids=["there", "401", "500"],
)
def test_a_deletion_that_can_not_be_told_is_a_failure_with_what_was_seen(
    cms: CMS, wire: responses.RequestsMock, look: dict[str, Any], said: str
) -> None:
    found(wire)
    wire.delete(SPACE, body=LOST)
    wire.get(SPACE, **look)
    failure = failure_of(delete_space, cms, People(LEE), template(), "lee")
    assert failure.code == "cms_answer_lost"
    assert f"The portal has looked: {said}" in failure.message


@pytest.mark.parametrize(
    ("code", "word"), [("invalidOperation", "cms_refused"), ("coSpaceDoesNotExist", "no_space")]
)
def test_a_deletion_that_cms_refuses_is_not_looked_at(
    cms: CMS, wire: responses.RequestsMock, code: str, word: str
) -> None:
    found(wire)
    wire.delete(SPACE, status=400, body=f"<failureDetails><{code}/></failureDetails>")
    assert failure_of(delete_space, cms, People(LEE), template(), "lee").code == word
    assert [call.request.method for call in wire.calls] == ["GET", "GET", "DELETE"]


@pytest.fixture(params=["modify", "delete"])
def change(request: pytest.FixtureRequest) -> Callable[..., Outcome]:
    """A change of lee's Space, given the CMS, the directory and whether it is forced."""
    def modify(cms: CMS, directory: Directory, force: bool = False) -> Outcome:
        return modify_space(cms, directory, template(), "lee", {"name": "New"}, force=force)

    def delete(cms: CMS, directory: Directory, force: bool = False) -> Outcome:
        return delete_space(cms, directory, template(), "lee", force)

    return modify if request.param == "modify" else delete


def confirms_changes(wire: responses.RequestsMock) -> None:
    wire.assert_all_requests_are_fired = False
    wire.put(SPACE)
    wire.delete(SPACE)


def test_a_space_that_is_no_users_is_not_changed(
    cms: CMS, wire: responses.RequestsMock, change: Callable[..., Outcome]
) -> None:
    found(wire, name="Front desk", cdrTag="reception")
    failure = failure_of(change, cms, People())
    assert failure.code == "not_personal"
    assert f'the user ID "lee" leads to the Space "Front desk" ({ID}), which' in failure.message
    assert failure.message.endswith("send force=true.")


@pytest.mark.parametrize("mark", ["lee", "LEE", " Lee "])
def test_a_space_that_is_marked_is_changed_without_the_directory(
    cms: CMS, wire: responses.RequestsMock, change: Callable[..., Outcome], mark: str
) -> None:
    found(wire, cdrTag=mark)
    confirms_changes(wire)
    assert change(cms, Down())


def test_a_space_is_changed_all_the_same_where_that_is_forced(
    cms: CMS, wire: responses.RequestsMock, change: Callable[..., Outcome]
) -> None:
    found(wire)
    confirms_changes(wire)
    assert change(cms, Down(), force=True)


def test_a_directory_that_can_not_say_whose_it_is_stops_the_change(
    cms: CMS, wire: responses.RequestsMock, change: Callable[..., Outcome]
) -> None:
    found(wire)
    failure = failure_of(change, cms, Down())
    assert failure.code == "cucm_unreachable"
    assert failure.message.startswith("CUCM is down. So nothing was changed: the Space ")


@pytest.mark.parametrize("kept", [{"uri": "kim"}, {"uri": "lee2", "secondaryUri": "4"}])
def test_a_space_that_lost_the_uri_since_it_was_listed_is_not_changed(
    cms: CMS, wire: responses.RequestsMock, change: Callable[..., Outcome], kept: dict[str, str]
) -> None:
    found(wire, **kept)
    failure = failure_of(change, cms, People(LEE), force=True)
    assert failure.code == "no_space"
    assert 'does not have the URI "lee" any more' in failure.message


@pytest.mark.parametrize("body", ["<coSpace/>", "<coSpace>odd</coSpace>"])
def test_a_space_that_is_answered_without_fields_is_not_changed(
    cms: CMS, wire: responses.RequestsMock, change: Callable[..., Outcome], body: str
) -> None:
    listed(wire, "lee", space(uri="lee"))
    wire.get(SPACE, body=body)
    assert failure_of(change, cms, People(LEE), force=True).code == "no_space"


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize(
    ("kept", "arguments"),
    [
        ({}, {"uri": "lee.ann"}),
        ({}, {"uri": ""}),
        ({"secondaryUri": "408"}, {"uri": "lee.ann"}),
        ({"uri": "sales", "secondaryUri": "lee"}, {"secondaryUri": ""}),
        ({"uri": "sales", "secondaryUri": "lee"}, {"uri": "lee2", "secondaryUri": "408"}),
    ],
)
def test_a_change_after_which_nobody_finds_the_space_is_refused(
    cms: CMS, wire: responses.RequestsMock, kept: dict[str, str], arguments: dict[str, str],
    force: bool,
) -> None:
    found(wire, **kept)
    failure = failure_of(modify_space, cms, People(LEE), template(), "lee", arguments, force=force)
    assert failure.code == "loses_space"
    assert 'Send secondaryUri "lee" as well' in failure.message


@pytest.mark.parametrize(
    ("kept", "arguments"),
    [
        ({}, {"uri": "LEE"}),
        ({}, {"uri": "lee.ann", "secondaryUri": "lee"}),
        ({"secondaryUri": "408"}, {"secondaryUri": ""}),
        ({"uri": "sales", "secondaryUri": "lee"}, {"uri": "lee2"}),
    ],
)
def test_uris_may_change_as_long_as_one_is_the_user_id(
    cms: CMS, wire: responses.RequestsMock, kept: dict[str, str], arguments: dict[str, str]
) -> None:
    found(wire, **kept)
    form = matchers.urlencoded_params_matcher(arguments, allow_blank=True)
    wire.put(SPACE, match=[form])
    assert modify_space(cms, People(LEE), template(), "lee", arguments)


def test_of_a_whole_space_only_what_differs_is_set(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    found(wire, passcode="1", panePlacementSelfPaneMode="skip")
    wire.put(SPACE, match=[matchers.urlencoded_params_matcher({"name": "New"})])
    whole = {"uri": "Lee", "name": "New", "passcode": "1", "nonMemberAccess": "true"}
    assert modify_space(cms, People(LEE), template(), "lee", whole, {"@id": ID})


def test_a_whole_space_that_is_so_already_needs_no_change(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    found(wire)
    unchanged = modify_space(cms, Down(), template(), "lee", {"uri": "lee"}, {"@id": ID})
    assert unchanged.message.endswith(f'the Space "Lee\'s" ({ID}) is so already.')


@pytest.mark.parametrize(
    ("name", "value"), [("@id", OTHER_ID), ("numAccessMethods", "2"), ("ownerId", None)]
)
def test_what_can_not_be_set_is_refused_where_it_differs(
    cms: CMS, wire: responses.RequestsMock, name: str, value: str | None
) -> None:
    found(wire, numAccessMethods="1", ownerId=OTHER_ID)
    sent = ({"name": "New"}, {name: value})
    failure = failure_of(modify_space, cms, People(LEE), template(), "lee", *sent)
    assert failure.code == "bad_parameter"
    assert failure.message.startswith(f"{name} can't be set")


def test_a_whole_space_is_made_again_and_nothing_filled_in(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    creates(wire, {"uri": "lee"})
    assert create_space(cms, People(LEE), template(), "lee", {"uri": "lee"}, whole=True)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"uri": "kim", "name": "Kim"}, "no_such_user"),
        ({"uri": "lee"}, "loses_space"),
        ({"name": "Kim"}, "loses_space"),
    ],
)
def test_a_whole_space_that_is_not_the_users_is_not_made(
    cms: CMS, wire: responses.RequestsMock, arguments: dict[str, str], code: str
) -> None:
    failure = failure_of(create_space, cms, People(LEE), template(), "kim", arguments, whole=True)
    assert failure.code == code


@pytest.mark.parametrize(
    ("tag", "force"), [({"cdrTag": "kim"}, False), ({}, True)], ids=["marked", "forced"]
)
def test_a_whole_space_is_made_without_the_directory(
    cms: CMS, wire: responses.RequestsMock, tag: dict[str, str], force: bool
) -> None:
    creates(wire, {"uri": "kim", **tag})
    values = {"uri": "kim", **tag}
    assert create_space(cms, Down(), template(), "kim", values, whole=True, force=force)


def test_a_space_may_be_forced_for_a_user_id_that_the_directory_does_not_have(
    cms: CMS, wire: responses.RequestsMock
) -> None:
    creates(wire, {"uri": "kim", "name": "kim's Space", "cdrTag": "kim"})
    assert create_space(cms, People(LEE), template(), "kim", {}, force=True)
    failure = failure_of(create_space, cms, Down(), template(), "kim", {}, force=True)
    assert failure.code == "cucm_unreachable"
