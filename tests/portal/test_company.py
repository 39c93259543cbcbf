"""A plan for many users: what it says for each, and why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from support.companies import (
    CSV, NDJSON, PLAN, add_fault, by_userid, changes_at, counts, made_by_ldap, objects, plan,
    plan_csv, plan_for, portal_of, rows_of, space_with, spaces_of,
)
from support.pods import QuietPod

from flaskr.pod import Pod
from flaskr.pod.cms.start import CALL_LEG_PROFILE
from flaskr.pod.company import USERS
from flaskr.pod.rehearsal import company_of

OWNED = {"SPACE_OWNER_JID": "$userName$@pod6.example"}
HOSTED = {**OWNED, "SPACE_HOST_CALL_LEG_PROFILE": CALL_LEG_PROFILE}
NO_ID = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def portal(portal_of_module: FlaskClient) -> FlaskClient:
    return portal_of_module


def refusal(portal: FlaskClient, userid: str, **arguments: str) -> str:
    """Return why a user is refused."""
    row = plan_for(portal, userid, **arguments)
    assert (row["action"], row["before"], row["after"]) == ("refuse", {}, {})
    return str(row["message"])


# What is to be done.


def test_who_has_no_space_is_to_get_one_as_the_template_says(portal: FlaskClient) -> None:
    assert plan_for(portal, "POD6user1") == {
        "userid": "pod6user1", "action": "create", "coSpace": "", "before": {},
        "after": {
            "name": "Pod6 User1's Space", "uri": "pod6user1", "secondaryUri": "+14085550101",
            "cdrTag": "pod6user1",
        },
        "message": "There is no Space yet.",
    }


def test_what_the_list_shows_of_a_space_is_brought_to_the_template_field_by_field(
    pod: Pod, portal: FlaskClient
) -> None:
    space_id, _ = space_with(pod, "pod6user10")
    pod.spaces.modify(space_id, {"name": "Meetings", "secondaryUri": ""})
    assert plan_for(portal, "pod6user10") == {
        "userid": "pod6user10", "action": "modify", "coSpace": space_id,
        "before": {"name": "Meetings", "secondaryUri": ""},
        "after": {"name": "Pod6 User10's Space", "secondaryUri": "+14085550110"},
        "message": "It differs in: name, secondaryUri.",
    }


def test_a_space_that_is_as_it_should_be_is_kept(pod: Pod, portal: FlaskClient) -> None:
    space_id, _ = space_with(pod, "pod6user10")
    row = plan_for(portal, "pod6user10")
    assert (row["action"], row["coSpace"]) == ("keep", space_id)
    assert (row["before"], row["after"]) == ({}, {})


def test_uris_that_people_chose_beside_the_user_id_stay(pod: Pod, portal: FlaskClient) -> None:
    space_id, _ = space_with(pod, "welcome.desk")
    row = plan_for(portal, "maria")
    assert (row["coSpace"], row["after"]) == (space_id, {"name": "Maria Marble's Space"})


def test_what_a_repair_would_add_is_seen_where_the_plan_is_deep(
    pod: Pod, portal: FlaskClient
) -> None:
    (row,) = plan(portal, ["pod6user10"], deep=True)
    assert (row["before"], row["after"]) == ({"cdrTag": ""}, {"cdrTag": "pod6user10"})
    space_id, _ = space_with(pod, "pod6user10")
    pod.spaces.modify(space_id, {"cdrTag": "of the team"})
    (row,) = plan(portal, ["pod6user10"], deep=True)
    assert row["action"] == "keep"


def test_a_deep_plan_sees_that_the_owner_is_no_member_and_that_there_are_no_hosts(
    pod: Pod, tmp_path: Path
) -> None:
    space_id, _ = space_with(pod, "pod6user10")
    portal = portal_of(pod, tmp_path, **HOSTED)
    (row,) = plan(portal, ["pod6user10"], deep="true")
    lacks = {
        "cdrTag": "pod6user10", "ownerJid": "pod6user10@pod6.example",
        "member": "pod6user10@pod6.example", "host": "Host",
    }
    assert (row["action"], row["after"]) == ("modify", lacks)
    assert row["before"] == dict.fromkeys(lacks, "")
    objects(pod, "coSpaces/*/coSpaceUsers").create({"userJid": lacks["member"]}, space_id)
    objects(pod, "coSpaces/*/accessMethods").create(
        {"callLegProfile": CALL_LEG_PROFILE, "uri": "pod6user10", "passcode": "123456"}, space_id
    )
    (row,) = plan(portal, ["pod6user10"], deep="true")
    # A member without the rights that owners have is not one yet.
    assert set(row["after"]) == {"cdrTag", "ownerJid", "member"}


def test_a_new_space_has_its_owner_in_the_plan(pod: Pod, tmp_path: Path) -> None:
    row = plan_for(portal_of(pod, tmp_path, **HOSTED), "lee")
    assert row["after"]["ownerJid"] == "lee@pod6.example"


def test_a_deep_plan_refuses_an_owner_whom_cms_does_not_have(pod: Pod, tmp_path: Path) -> None:
    portal = portal_of(pod, tmp_path, SPACE_OWNER_JID="$userName$@elsewhere.example")
    found = plan(portal, ["pod6user10", "lee1"], deep=True)
    assert counts(found) == {"refuse": 2}
    assert 'has no user with the JID "pod6user10@elsewhere.example"' in found[0]["message"]


def test_everyone_has_a_row_and_nothing_is_changed(pod: Pod, portal: FlaskClient) -> None:
    before = spaces_of(pod)
    found = by_userid(plan(portal, leavers="remove", deep=True))
    userids = {user["userName"] for user in USERS}
    assert set(found) == userids
    assert spaces_of(pod) == before
    assert changes_at(pod) == []


def test_a_department_is_all_of_those_in_it(portal: FlaskClient) -> None:
    assert len(plan(portal, department="Lab")) == 20
    assert plan(portal, department="Nowhere") == []


# Arguments over the template.


def test_arguments_go_over_the_template(pod: Pod, portal: FlaskClient) -> None:
    new = plan_for(portal, "pod6user1", name="Mine", secondaryUri="", passcode="4711")
    assert new["after"] == {
        "name": "Mine", "uri": "pod6user1", "cdrTag": "pod6user1", "passcode": "4711"
    }
    there = plan_for(portal, "pod6user10", passcode="4711", nonMemberAccess="false")
    assert there["before"] == {"nonMemberAccess": "true"}  # no plan tells a passcode
    assert there["after"] == {"passcode": "4711", "nonMemberAccess": "false"}


def test_what_is_given_is_compared_whatever_the_list_shows(
    pod: Pod, portal: FlaskClient
) -> None:
    space_id, _ = space_with(pod, "pod6user10")
    pod.spaces.modify(space_id, {"passcode": "4711", "callId": "99"})
    assert plan_for(portal, "pod6user10", passcode="4711", callId="99")["action"] == "keep"
    changed = plan_for(portal, "pod6user10", passcode="", callId="")
    assert changed["before"] == {"callId": "99"}
    assert changed["after"] == {"passcode": "", "callId": ""}


def test_in_a_file_none_is_no_value_and_a_blank_cell_says_nothing(portal: FlaskClient) -> None:
    text = "userid;secondaryUri;name\r\npod6user1;none;\r\npod6user2;;\r\n"
    first, second = rows_of(plan_csv(portal, text))
    assert "secondaryUri" not in first["after"]
    assert first["after"]["name"] == "Pod6 User1's Space"
    assert second["after"]["secondaryUri"] == "+14085550102"


@pytest.mark.parametrize("arguments", [
    {"uri": "elsewhere"}, {"uri": "elsewhere", "secondaryUri": "6666"}, {"uri": ""},
])
def test_arguments_may_not_take_the_space_from_its_user(
    portal: FlaskClient, arguments: dict[str, str]
) -> None:
    lost = "would not be found by the user ID"
    assert lost in refusal(portal, "pod6user1", **arguments)
    assert lost in refusal(portal, "pod6user10", **arguments)


def test_a_user_id_may_become_the_secondary_uri(portal: FlaskClient) -> None:
    row = plan_for(portal, "pod6user10", uri="ten", secondaryUri="pod6user10")
    assert row["after"] == {"uri": "ten", "secondaryUri": "pod6user10"}


# What is refused.


def test_who_is_not_in_the_directory_is_refused_by_name_and_place(portal: FlaskClient) -> None:
    (row,) = plan(portal, ["nobody"])
    assert row["message"] == 'item 1: the directory has no user with the ID "nobody".'
    (row,) = rows_of(plan_csv(portal, "userid\n\nnobody\n"))
    assert row["message"] == 'line 3: the directory has no user with the ID "nobody".'


def test_a_user_id_that_makes_no_uri_is_refused(portal: FlaskClient) -> None:
    assert "has an @, so it can be no uri" in refusal(portal, "ann@pod6.example")


def test_who_shares_a_number_is_refused_and_told_with_whom(portal: FlaskClient) -> None:
    first, second = plan(portal, ["twin1", "twin2"])
    assert first["action"] == "create"
    assert second["action"] == "refuse"
    assert '"6120" is shared with the user "twin1"' in second["message"]
    assert "send secondaryUri empty" in second["message"]
    assert plan_for(portal, "twin2", secondaryUri="")["action"] == "create"


def test_a_number_that_a_space_has_is_refused_with_that_space(
    pod: Pod, portal: FlaskClient
) -> None:
    space_id, _ = space_with(pod, "6000")
    assert f'the Space "Front desk" ({space_id}) has it' in refusal(portal, "reception")


def test_a_number_that_is_taken_leaves_a_space_that_there_is_as_it_is(
    pod: Pod, portal: FlaskClient
) -> None:
    pod.spaces.create({"uri": "twin2", "name": "Tim Twin's Space"})
    pod.spaces.create({"uri": "twin1", "name": "Tom Twin's Space", "secondaryUri": "6120"})
    row = plan_for(portal, "twin2")
    assert row["action"] == "keep"
    assert "So it stays as it is." in row["message"]


def test_a_number_that_is_another_users_id_is_refused(portal: FlaskClient) -> None:
    assert 'is shared with the user "lee.a"' in refusal(portal, "lee", secondaryUri="LEE.A")


def test_what_an_ldap_sync_made_is_refused_where_it_would_have_to_change(
    pod: Pod, portal: FlaskClient
) -> None:
    assert "An LDAP sync made the Space" in refusal(portal, "ldap.user")
    assert "the next one would undo a change" in refusal(portal, "ldap.user")


def test_a_uri_that_an_auto_generated_space_has_is_refused_with_that_space(
    pod: Pod, portal: FlaskClient
) -> None:
    space_id = made_by_ldap(pod, {"name": "Synced", "uri": "synced", "secondaryUri": "6101"})
    message = refusal(portal, "nodisplay")
    assert f'"Synced" ({space_id}), which an LDAP sync made, has it' in message


def test_a_user_id_that_is_the_second_uri_of_another_users_space_is_refused(
    pod: Pod, portal: FlaskClient
) -> None:
    pod.spaces.create({"name": "Theirs", "uri": "pod6user2", "secondaryUri": "pod6user1"})
    message = refusal(portal, "pod6user1")
    assert '"pod6user1" is the secondaryUri of the Space "Theirs"' in message
    assert 'which is that of the user "pod6user2"' in message


def test_two_user_ids_that_make_one_uri_are_told_apart(pod: Pod, tmp_path: Path) -> None:
    portal = portal_of(pod, tmp_path, SPACE_URI="$userName|'/[.-]a.*$//'$")
    found = by_userid(plan(portal))
    lees = {userid: found[userid] for userid in ("lee", "lee.a", "lee-ann")}
    assert sorted(counts(lees.values()).items()) == [("create", 1), ("refuse", 2)]
    for userid, row in lees.items():
        assert row["action"] == "create" or f'and "{userid}" make the same uri' in row["message"]


def test_a_user_who_stands_in_the_file_twice_is_refused_with_both_places(
    portal: FlaskClient
) -> None:
    found = rows_of(plan_csv(portal, "userid,name\npod6user1,One\npod6user2,Two\nPOD6USER1,x\n"))
    assert [(row["action"], row["userid"]) for row in found] == [
        ("refuse", "POD6USER1"), ("create", "pod6user1"), ("create", "pod6user2"),
    ]
    assert found[0]["message"] == 'line 4, userid: "POD6USER1" stands in line 2 already.'


def test_a_bad_row_leaves_the_good_ones_as_they_are(portal: FlaskClient) -> None:
    text = "userid,callId\npod6user1,4.08E+09\npod6user2,12\npod6user3,x1\n"
    first, second, third = rows_of(plan_csv(portal, text))
    assert "line 2, callId: 4.08E+09 is what a spreadsheet made of a number" in first["message"]
    assert "line 4, callId: takes digits only" in second["message"]
    assert third["after"]["callId"] == "12"


def test_what_two_rows_ask_for_the_first_of_them_has(portal: FlaskClient) -> None:
    users = [{"userid": f"pod6user{number}", "callId": "55"} for number in (1, 2, 10)]
    first, second, third = plan(portal, users)
    assert first["after"]["callId"] == "55"
    assert 'The callId "55" is shared with the user "pod6user1".' in second["message"]
    assert (third["action"], third["after"]) == ("keep", {})
    assert 'So it stays as it is.' in third["message"]


# Users who have left.


def leaver(pod: Pod, **values: str) -> str:
    return pod.spaces.create(
        {"name": "Left", "uri": "left", "secondaryUri": "6999", "cdrTag": "Left", **values}
    ).id


def test_a_space_whose_user_has_left_is_put_in_quarantine_or_removed(
    pod: Pod, portal: FlaskClient
) -> None:
    space_id = leaver(pod)
    message = 'The directory has no user with the ID "Left" any more.'
    assert plan(portal, [], leavers="quarantine") == [{
        "userid": "Left", "action": "modify", "coSpace": space_id,
        "before": {"cdrTag": "Left", "nonMemberAccess": "true"},
        "after": {"nonMemberAccess": "false"},
        "message": message,
    }]
    assert plan(portal, [], leavers="remove") == [{
        "userid": "Left", "action": "remove", "coSpace": space_id,
        "before": {"name": "Left", "uri": "left", "secondaryUri": "6999", "cdrTag": "Left"},
        "after": {}, "message": message,
    }]


def test_what_is_in_quarantine_stays_there(pod: Pod, portal: FlaskClient) -> None:
    leaver(pod, nonMemberAccess="false")
    (row,) = plan(portal, [], leavers="quarantine")
    assert (row["action"], row["message"][-27:]) == ("keep", "The Space is in quarantine.")


@pytest.mark.parametrize("values", [
    {"cdrTag": ""},
    {"cdrTag": "sales"},
    {"cdrTag": "left@pod6.example"},
    {"cdrTag": "LEFT SINCE MAY"},
    {"cdrTag": "pod6user1"},
    {"uri": "pod6user1"},
    {"uri": "other"},
    {"secondaryUri": "pod6user1"},
    {"uri": ""},
])
@pytest.mark.parametrize("leavers", ["quarantine", "remove"])
def test_no_other_space_is_taken_for_a_leavers(
    pod: Pod, portal: FlaskClient, values: dict[str, str], leavers: str
) -> None:
    leaver(pod, **values)
    assert plan(portal, [], leavers=leavers) == []


def test_a_leavers_space_may_have_the_user_id_as_its_second_uri(
    pod: Pod, portal: FlaskClient
) -> None:
    leaver(pod, uri="chosen", secondaryUri="left")
    assert counts(plan(portal, [], leavers="remove")) == {"remove": 1}


def test_what_an_ldap_sync_made_is_never_a_leavers(pod: Pod, portal: FlaskClient) -> None:
    made_by_ldap(pod, {"uri": "left", "cdrTag": "left"})
    assert plan(portal, [], leavers="remove") == []


# Lists that can't be read whole: no plan.


@pytest.fixture(scope="module")
def running_company() -> Iterator[Pod]:
    with QuietPod(company=company_of(500, 7, 0.8)) as pod:
        yield pod


@pytest.mark.parametrize(("fault", "code", "status"), [
    ("busy", "busy", 503),
    ("status", "server_error", 502),
    ("cut=0.5", "answer_lost", 502),
    ("truncated", "unreadable_answer", 502),
])
@pytest.mark.parametrize(("server", "form"), [("cms", NDJSON), ("cucm", CSV)])
def test_with_a_list_that_fails_half_way_there_is_no_plan(
    running_company: Pod, tmp_path: Path, server: str, form: str, fault: str,
    code: str, status: int,
) -> None:
    portal = portal_of(running_company, tmp_path)
    running_company.reset()
    limits = {"cms": "server=cms path=/coSpaces skip=7", "cucm": "server=uds skip=1"}
    add_fault(running_company, f"{fault} {limits[server]}")
    answer = portal.post(
        PLAN, json={"everyone": True, "leavers": "remove"}, headers={"Accept": form}
    )
    body = answer.get_json()
    assert (answer.status_code, body["response"]) == (status, "")
    assert body["error"]["code"] == f"{server}_{code}"
    assert changes_at(running_company) == []


@pytest.mark.parametrize(("asked", "said"), [
    ({}, "Send users"),
    ({"users": []}, "Send users"),
    ({"leavers": "leave", "deep": True}, "Send users"),
    ({"users": ["lee"], "everyone": True}, "not both"),
    ({"users": ["lee"], "department": "Lab"}, "department"),
    ({"leavers": "remove", "department": "Lab"}, "department"),
])
def test_a_plan_that_is_for_nobody_or_for_two_things_is_refused(
    pod: Pod, portal: FlaskClient, asked: dict[str, Any], said: str
) -> None:
    answer = portal.post(PLAN, json=asked)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "bad_parameter")
    assert said in answer.get_json()["message"]
    assert pod.journal.report()["requests"] == []
