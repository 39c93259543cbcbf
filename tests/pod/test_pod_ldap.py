"""LDAP syncs of the simulated CMS, and what they make of the directory, on the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
import xmltodict

from flaskr.pod import Pod
from flaskr.pod.cms.database import Record
from flaskr.pod.cms.rules.members import MEMBERS
from flaskr.pod.cms.rules.ldap_syncs import MOST_SYNCS
from flaskr.pod.cms.state import CmsState
from flaskr.pod.cms.start import CALL_LEG_PROFILE, TENANTS, jid_for

Send = Callable[..., requests.Response]

NOBODY = "00000000-0000-4000-8000-000000000000"
SYNCS, SOURCES, MAPPINGS = "/ldapSyncs", "/ldapSources", "/ldapMappings"
PEOPLE = "OU=People, DC=pod6, DC=example"
JIDS = {"jidMapping": "$sAMAccountName$@pod6.example", "nameMapping": "$cn$"}
SPACES = {
    **JIDS, "coSpaceUriMapping": "$sAMAccountName$.space", "coSpaceNameMapping": "$cn$'s Space",
}
LEES = "(sAMAccountName=lee*)"
LISTS = ("user", "coSpace", "coSpaceUser", "ldapSource", "ldapSync", "userCoSpaceTemplate")


@pytest.fixture(autouse=True)
def at_once(pod: Pod) -> None:
    """Syncs are at their end when the next request comes in."""
    pod.switches.sync_wait = pod.switches.sync_seconds = 0
    pod.switches.list_cap = pod.switches.page_cap = 1000


def shown(answer: requests.Response) -> dict[str, Any]:
    """The root element of an answer as a dictionary, lists' children always a list."""
    assert answer.status_code == 200, answer.text
    found = xmltodict.parse(
        answer.content, force_list=lambda path, key, _: bool(path) and key in LISTS
    )
    return next(iter(found.values())) or {}


def codes(answer: requests.Response) -> list[str]:
    assert answer.status_code >= 400
    return list(xmltodict.parse(answer.content)["failureDetails"])


def added(cms: Send, path: str, **values: str) -> str:
    """Create an object; returns its ID."""
    answer = cms("POST", path, data=values)
    assert answer.status_code == 200, answer.text
    return answer.headers["Location"].rpartition("/")[2]


def source(cms: Send, mapping: dict[str, str], wanted: str, **values: str) -> str:
    """Create a source with a server and this mapping; returns its ID."""
    server = added(cms, "/ldapServers", address="ad", portNumber="389", secure="false")
    values = {"baseDn": PEOPLE, "filter": wanted, **values}
    return added(cms, SOURCES, server=server, mapping=added(cms, MAPPINGS, **mapping), **values)


def synced(cms: Send, **values: str) -> dict[str, Any]:
    """Sync, and return what is said of it at the end, without its ID."""
    sync = added(cms, SYNCS, removeWhenFinished="false", **values)
    said = shown(cms("GET", f"{SYNCS}/{sync}"))
    del said["@id"]
    return said


def listed(cms: Send, path: str, element: str, **query: str) -> list[dict[str, Any]]:
    """The objects of a list, as a GET of each shows them."""
    found = shown(cms("GET", path, params=query)).get(element, [])
    return [shown(cms("GET", f"{path}/{each['@id']}")) for each in found]


def users(cms: Send, text: str) -> list[dict[str, Any]]:
    return listed(cms, "/users", "user", filter=text)


def spaces(cms: Send, text: str) -> list[dict[str, Any]]:
    return listed(cms, "/coSpaces", "coSpace", filter=text)


def everything(pod: Pod) -> list[list[Record]]:
    """All users, Spaces and members, as the CMS keeps them."""
    state = pod.services["cms"].state
    assert isinstance(state, CmsState)
    return [state.collection(path).listed() for path in ("users", "coSpaces", MEMBERS)]


def complete(users_imported: int, sources: int = 1) -> dict[str, str]:
    return {
        "state": "complete", "numUsersImported": str(users_imported),
        "numLdapSourcesComplete": str(sources),
    }


def failed(reason: str) -> dict[str, str]:
    return {"state": "failed", "failureReason": reason}


def test_a_sync_of_the_start_changes_nothing(pod: Pod, cms: Send) -> None:
    before = everything(pod)
    assert synced(cms) == complete(len(before[0]), 2)
    assert everything(pod) == before


def test_a_sync_undoes_what_the_api_changed_of_a_space_that_ldap_made(
    pod: Pod, cms: Send
) -> None:
    before = everything(pod)
    [space] = spaces(cms, "ldap.user")
    place = f"/coSpaces/{space['@id']}"
    [member] = shown(cms("GET", f"{place}/coSpaceUsers"))["coSpaceUser"]
    changes = {"name": "Mine", "uri": "mine", "ownerJid": jid_for("lee")}
    assert cms("PUT", place, data=changes).status_code == 200
    cms("PUT", f"{place}/coSpaceUsers/{member['@id']}", data={"canDestroy": "true"})
    assert everything(pod) != before
    synced(cms)
    assert everything(pod) == before


def test_a_sync_with_a_mapping_of_uris_makes_a_personal_space_for_each_user(cms: Send) -> None:
    lee_before = users(cms, "lee@")
    mapping = {
        **SPACES, "cdrTagMapping": "$sAMAccountName|'/e/-/g'$", "coSpaceCallIdMapping": "7$uid$",
        "coSpaceSecondaryUriMapping": "9$telephoneNumber$",
        "authenticationIdMapping": "$userPrincipalName$",
    }
    made = source(cms, mapping, "(&(sAMAccountName=lee*)(!(cn=*Birch)))", nonMemberAccess="false")
    assert synced(cms, ldapSource=made) == complete(4)
    [lee] = users(cms, "lee@")
    assert lee == {
        **lee_before[0], "authenticationId": "lee@pod6.example", "cdrTag": "l--",
    }
    [space] = spaces(cms, "lee.space")
    assert space.pop("@id")
    assert space == {
        "name": "Lee Alder's Space", "autoGenerated": "true", "uri": "lee.space",
        "secondaryUri": "96110", "nonMemberAccess": "false", "ownerId": lee["@id"],
        "ownerJid": "lee@pod6.example", "cdrTag": "l--",
    }
    assert len(spaces(cms, ".space")) == 4


def test_the_user_is_a_member_of_the_personal_space(cms: Send) -> None:
    synced(cms, ldapSource=source(cms, SPACES, "(uid=lee)"))
    [space] = spaces(cms, "lee.space")
    [member] = listed(cms, f"/coSpaces/{space['@id']}/coSpaceUsers", "coSpaceUser")
    assert (member["userJid"], member["autoGenerated"]) == ("lee@pod6.example", "true")
    rights = {name for name, value in member.items() if value == "true" and name[:3] == "can"}
    assert rights == {
        "canAddRemoveMember", "canChangePasscode", "canPostMessage", "canDeleteAllMessages",
    }
    entry = shown(cms("GET", f"/users/{member['userId']}/userCoSpaces"))["userCoSpace"]
    assert entry["coSpaceId"] == space["@id"]


def test_the_api_refuses_to_delete_what_ldap_made_or_to_change_its_tag(cms: Send) -> None:
    synced(cms, ldapSource=source(cms, SPACES, "(uid=lee)"))
    [space], [lee] = spaces(cms, "lee.space"), users(cms, "lee@")
    assert codes(cms("DELETE", f"/coSpaces/{space['@id']}")) == ["invalidOperation"]
    assert codes(cms("PUT", f"/coSpaces/{space['@id']}", data={"cdrTag": "x"})) == [
        "invalidOperation"
    ]
    assert codes(cms("DELETE", f"/users/{lee['@id']}")) == ["invalidOperation"]


def test_a_changed_mapping_changes_users_and_spaces_at_the_next_sync(cms: Send) -> None:
    made = source(cms, {**SPACES, "cdrTagMapping": "old"}, "(uid=lee)")
    synced(cms, ldapSource=made)
    [user], [space] = users(cms, "lee@"), spaces(cms, "lee.space")
    mapping = shown(cms("GET", f"{SOURCES}/{made}"))["mapping"]
    cms("PUT", f"{MAPPINGS}/{mapping}", data={
        "jidMapping": "new.$uid$@pod6.example", "coSpaceUriMapping": "$uid$.new",
        "cdrTagMapping": "new",
    })
    assert spaces(cms, "lee.space") == [space]
    synced(cms, ldapSource=made)
    [changed] = spaces(cms, "lee.new")
    assert changed == {
        **space, "uri": "lee.new", "cdrTag": "new", "ownerJid": "new.lee@pod6.example"
    }
    [renamed] = users(cms, "new.lee@")
    assert renamed["@id"] == user["@id"]
    [member] = shown(cms("GET", f"/coSpaces/{space['@id']}/coSpaceUsers"))["coSpaceUser"]
    assert member["userJid"] == "new.lee@pod6.example"


def test_a_new_jid_is_written_wherever_the_user_is_owner_or_member(cms: Send) -> None:
    space = added(cms, "/coSpaces", name="By API", ownerJid=jid_for("lee"))
    added(cms, f"/coSpaces/{space}/coSpaceUsers", userJid=jid_for("lee"))
    synced(cms, ldapSource=source(cms, {"jidMapping": "new.$uid$@pod6.example"}, "(uid=lee)"))
    assert shown(cms("GET", f"/coSpaces/{space}"))["ownerJid"] == "new.lee@pod6.example"
    [member] = shown(cms("GET", f"/coSpaces/{space}/coSpaceUsers"))["coSpaceUser"]
    assert member["userJid"] == "new.lee@pod6.example"


def test_what_no_mapping_speaks_of_stays_as_the_api_set_it(cms: Send) -> None:
    made = source(cms, SPACES, "(uid=MixedCase)")
    synced(cms, ldapSource=made)
    [space] = spaces(cms, "mixedcase.space")
    place = f"/coSpaces/{space['@id']}"
    cms("PUT", place, data={"passcode": "1234", "callId": "4711"})
    [member] = listed(cms, f"{place}/coSpaceUsers", "coSpaceUser")
    path, profile = f"{place}/coSpaceUsers/{member['@id']}", {"callLegProfile": CALL_LEG_PROFILE}
    cms("PUT", path, data=profile)
    changed = shown(cms("GET", place))
    synced(cms, ldapSource=made)
    assert (shown(cms("GET", place)), changed["callId"]) == (changed, "4711")
    assert shown(cms("GET", path)) == {**member, **profile}


def test_who_is_no_longer_found_is_removed_with_the_personal_space(cms: Send) -> None:
    made = source(cms, SPACES, LEES)
    synced(cms, ldapSource=made)
    owned = added(cms, "/coSpaces", name="By API", ownerJid=jid_for("lee1"))
    added(cms, f"/coSpaces/{owned}/coSpaceUsers", userJid=jid_for("lee1"))
    cms("PUT", f"{SOURCES}/{made}", data={"filter": "(uid=lee)"})
    assert synced(cms, ldapSource=made) == complete(1)
    assert [user["userJid"] for user in users(cms, "lee")] == ["lee@pod6.example"]
    assert [space["uri"] for space in spaces(cms, ".space")] == ["lee.space"]
    assert "ownerId" not in shown(cms("GET", f"/coSpaces/{owned}"))
    assert shown(cms("GET", f"/coSpaces/{owned}/coSpaceUsers"))["@total"] == "0"


def test_a_mapping_that_loses_its_uri_takes_the_personal_spaces_away(cms: Send) -> None:
    made = source(cms, SPACES, LEES)
    synced(cms, ldapSource=made)
    mapping = shown(cms("GET", f"{SOURCES}/{made}"))["mapping"]
    cms("PUT", f"{MAPPINGS}/{mapping}", data={"coSpaceUriMapping": ""})
    assert synced(cms, ldapSource=made) == complete(5)
    assert spaces(cms, ".space") == []


def test_users_of_a_source_that_is_gone_are_removed_by_a_sync_of_all(cms: Send) -> None:
    for each in shown(cms("GET", SOURCES))["ldapSource"]:
        assert cms("DELETE", f"{SOURCES}/{each['@id']}").status_code == 200
    assert len(users(cms, "pod6user")) == 20
    assert synced(cms) == {"state": "complete", "numUsersImported": "0"}
    assert users(cms, "") == []
    assert spaces(cms, "ldap.user") == []


@pytest.mark.parametrize("taken", [
    {"uri": "lee1.space"}, {"secondaryUri": "lee1.space"}, {"callId": "6111"},
])
def test_a_name_that_is_taken_makes_the_sync_fail_and_nothing_changes(
    pod: Pod, cms: Send, taken: dict[str, str]
) -> None:
    added(cms, "/coSpaces", **taken)
    made = source(cms, {**SPACES, "coSpaceCallIdMapping": "$telephoneNumber$"}, LEES)
    before = everything(pod)
    assert synced(cms, ldapSource=made) == failed("clashOccurred")
    assert everything(pod) == before


def test_after_a_sync_the_api_can_not_take_the_name(cms: Send) -> None:
    synced(cms, ldapSource=source(cms, SPACES, "(uid=lee)"))
    answer = cms("POST", "/coSpaces", data={"uri": "lee.space"})
    assert codes(answer) == ["duplicateCoSpaceUri"]


def test_two_users_of_one_jid_clash(pod: Pod, cms: Send) -> None:
    made = source(cms, {"jidMapping": "$telephoneNumber$@pod6.example"}, "(sn=Twin)")
    assert synced(cms, ldapSource=made) == failed("clashOccurred")
    assert len(users(cms, "twin")) == 2


def test_who_can_have_no_jid_is_passed_over(cms: Send) -> None:
    made = source(cms, {"jidMapping": "$mail$"}, "(|(uid=pod6user1)(uid=lee))")
    assert synced(cms, ldapSource=made) == complete(1)


@pytest.mark.parametrize(("values", "reason"), [
    ({"ldapSource": NOBODY}, "ldapSourceDoesNotExist"),
    ({"tenant": NOBODY}, "tenantDoesNotExist"),
])
def test_a_sync_of_what_is_not_there_is_made_and_fails(
    cms: Send, values: dict[str, str], reason: str
) -> None:
    assert synced(cms, **values) == failed(reason)


@pytest.mark.parametrize("values", [
    {"baseDn": "ou=Nowhere,dc=pod6,dc=example"}, {"filter": "(uid=lee"}, {"filter": "(&(uid=lee)"},
    {"filter": "lee"}, {"filter": "(!)"}, {"filter": "(uid=\\zz)"}, {"filter": "(" * 3000},
    {"filter": "(" + "!(" * 100 + "uid=lee" + ")" * 101},
])
def test_what_the_ldap_server_refuses_is_an_ldap_error(cms: Send, values: dict[str, str]) -> None:
    made = source(cms, JIDS, "(uid=lee)")
    cms("PUT", f"{SOURCES}/{made}", data=values)
    assert synced(cms, ldapSource=made) == failed("ldapError")


@pytest.mark.parametrize("expression", [
    "$cn|'/a/'$", "$cn|'/(/b/'$", "$cn|'/a/b/x'$", "$cn|''$",
])
def test_a_substitution_that_is_none_is_an_ldap_error(cms: Send, expression: str) -> None:
    made = source(cms, {**JIDS, "nameMapping": expression}, "(uid=lee)")
    assert synced(cms, ldapSource=made) == failed("ldapError")


def test_an_ldap_server_can_be_down(pod: Pod, cms: Send) -> None:
    pod.switches.ldap_down = True
    assert synced(cms) == failed("ldapError")


@pytest.mark.parametrize(("wanted", "found"), [
    ("", 43), ("(objectClass=PERSON)", 43), ("objectclass=inetOrgPerson", 43), ("(&)", 43),
    ("(sAMAccountName=LEE)", 1), ("(samaccountname=lee*)", 5), ("(cn=*ee*)", 5),
    ("(cn=l*e*m)", 1), ("(displayName=*)", 40), ("(!(displayName=*))", 3), ("(mail=*)", 20),
    ("(|(uid=lee)(uid=maria)(uid=nobody))", 2), ("(&(sn=Twin)(givenName=Tom))", 1),
    ("(&(telephoneNumber>=6120)(telephoneNumber<=6199))", 5),
    ("(telephoneNumber<=6101)", 2), ("(sn~=twin)", 2),
    ("(displayName=S\\c3\\b6ns \\26 Co <x>)", 1), ("(cn=\\2a)", 0),
    ("(!(userAccountControl:1.2.840.113556.1.4.803:=2))", 43),
    ("(userAccountControl:1.2.840.113556.1.4.804:=514)", 43),
    ("(userAccountControl:1.2.840.113556.1.4.803:=514)", 0),
])
def test_a_filter_finds_what_ldap_says(cms: Send, wanted: str, found: int) -> None:
    made = source(cms, JIDS, wanted)
    assert synced(cms, ldapSource=made)["numUsersImported"] == str(found)


@pytest.mark.parametrize(("base", "found"), [
    ("dc=pod6,dc=example", 43), ("DC=POD6 , DC=Example", 43),
    ("uid=lee,ou=people,dc=pod6,dc=example", 1),
])
def test_a_base_is_the_tree_or_one_person(cms: Send, base: str, found: int) -> None:
    made = source(cms, JIDS, "", baseDn=base)
    assert synced(cms, ldapSource=made) == complete(found)


@pytest.mark.parametrize(("expression", "name"), [
    ("Dr $cn$$title$ MD", "Dr Lee Alder MD"),
    ("$CN|'/e/E/'$", "LEe Alder"),
    ("$cn|'/e/E/g'$", "LEE AldEr"),
    ("$cn|'/(\\w+) (\\w+)/\\2, \\1 [\\0]/'$", "Alder, Lee [Lee Alder]"),
    ("$cn|'/(\\\\w+) (\\\\w+)/\\\\2 \\\\1/'$", "Alder Lee"),
    ("$cn|'#Lee#a/b#'$", "a/b Alder"),
    ("$cn|'/ /\\//'$", "Lee/Alder"),
    ("$cn|'/ /\\'/'$", "Lee'Alder"),
    ("$cn|'/r$//'$", "Lee Alde"),
    ("$cn|'/(x)?L/\\1\\2l/'$", "lee Alder"),
    ("100 $", "100 $"),
])
def test_an_expression_makes_a_value_of_attributes(
    cms: Send, expression: str, name: str
) -> None:
    synced(cms, ldapSource=source(cms, {**JIDS, "nameMapping": expression}, "(uid=lee)"))
    assert users(cms, "lee@")[0]["name"] == name


def test_a_sync_of_a_tenant_takes_the_sources_of_the_tenant(cms: Send) -> None:
    source(cms, SPACES, "(uid=lee)", tenant=TENANTS[0])
    source(cms, {**JIDS, "jidMapping": "other.$uid$@x"}, "(uid=maria)", tenant=TENANTS[1])
    assert synced(cms, tenant=TENANTS[0]) == complete(1)
    assert [user["userJid"] for user in users(cms, "other.")] == []
    found = shown(cms("GET", f"/users?tenantFilter={TENANTS[0]}"))["user"]
    assert [user["userJid"] for user in found] == ["lee@pod6.example"]
    assert spaces(cms, "lee.space")[0]["tenant"] == TENANTS[0]


def test_a_sync_that_has_finished_is_forgotten_unless_it_is_to_be_kept(cms: Send) -> None:
    forgotten = added(cms, SYNCS)
    assert codes(cms("GET", f"{SYNCS}/{forgotten}")) == ["ldapSyncDoesNotExist"]
    kept = added(cms, SYNCS, removeWhenFinished="false")
    assert [sync["@id"] for sync in shown(cms("GET", SYNCS))["ldapSync"]] == [kept]
    assert cms("DELETE", f"{SYNCS}/{kept}").status_code == 200
    assert codes(cms("GET", f"{SYNCS}/{kept}")) == ["ldapSyncDoesNotExist"]


def test_a_sync_waits_runs_and_ends_and_only_one_that_waits_can_be_cancelled(
    pod: Pod, cms: Send
) -> None:
    pod.switches.sync_wait = 60
    made = source(cms, SPACES, "(uid=lee)")
    running, waiting = (added(cms, SYNCS, ldapSource=made) for _ in range(2))
    assert shown(cms("GET", f"{SYNCS}/{running}")) == {"@id": running, "state": "pending"}
    pod.switches.sync_wait, pod.switches.sync_seconds = 0, 60
    assert shown(cms("GET", f"{SYNCS}/{running}")) == {
        "@id": running, "state": "inProgress", "numUsersImported": "0"
    }
    assert codes(cms("DELETE", f"{SYNCS}/{running}")) == ["ldapSyncCannotBeCancelled"]
    assert cms("DELETE", f"{SYNCS}/{waiting}").status_code == 200
    assert spaces(cms, "lee.space") == []
    pod.switches.sync_seconds = 0
    assert len(spaces(cms, "lee.space")) == 1
    assert shown(cms("GET", SYNCS))["@total"] == "0"


def test_too_many_syncs_are_refused(pod: Pod, cms: Send) -> None:
    pod.switches.sync_wait = 60
    for _ in range(MOST_SYNCS):
        added(cms, SYNCS)
    assert codes(cms("POST", SYNCS)) == ["tooManyLdapSyncs"]


def test_what_a_source_needs_can_not_be_deleted(cms: Send) -> None:
    made = shown(cms("GET", f"{SOURCES}/{source(cms, JIDS, '')}"))
    for place in (f"/ldapServers/{made['server']}", f"{MAPPINGS}/{made['mapping']}"):
        assert codes(cms("DELETE", place)) == ["invalidOperation"]
    cms("DELETE", f"{SOURCES}/{made['@id']}")
    assert cms("DELETE", f"/ldapServers/{made['server']}").status_code == 200


def test_a_sync_hands_out_a_template_once(cms: Send) -> None:
    template = added(cms, "/coSpaceTemplates")
    made = source(cms, JIDS, LEES)
    for _ in range(2):
        added(
            cms, "/ldapUserCoSpaceTemplateSources", coSpaceTemplate=template, ldapSource=made
        )
    [lee], [lee1] = users(cms, "lee@"), users(cms, "lee1@")
    by_hand = added(cms, f"/users/{lee['@id']}/userCoSpaceTemplates", coSpaceTemplate=template)
    for _ in range(2):
        synced(cms, ldapSource=made)
    [given] = shown(cms("GET", f"/users/{lee['@id']}/userCoSpaceTemplates"))["userCoSpaceTemplate"]
    assert given["@id"] == by_hand
    assert shown(cms("GET", f"/users/{lee1['@id']}/userCoSpaceTemplates"))["@total"] == "1"


def test_a_sync_hands_out_templates_and_takes_them_back(cms: Send) -> None:
    template, other = (added(cms, "/coSpaceTemplates", name=name) for name in ("a", "b"))
    made = source(cms, JIDS, LEES)
    templates = added(
        cms, "/ldapUserCoSpaceTemplateSources", coSpaceTemplate=template, ldapSource=made,
        filter="(cn=*Alder)",
    )
    [lee], [lee1] = users(cms, "lee@"), users(cms, "lee1@")
    by_hand = added(cms, f"/users/{lee['@id']}/userCoSpaceTemplates", coSpaceTemplate=other)
    synced(cms, ldapSource=made)
    place = f"/users/{lee['@id']}/userCoSpaceTemplates"
    found = shown(cms("GET", place))["userCoSpaceTemplate"]
    assert [(each["coSpaceTemplate"], each["autoGenerated"]) for each in found] == [
        (other, "false"), (template, "true"),
    ]
    assert shown(cms("GET", f"/users/{lee1['@id']}/userCoSpaceTemplates"))["@total"] == "0"
    cms("DELETE", f"/ldapUserCoSpaceTemplateSources/{templates}")
    synced(cms, ldapSource=made)
    assert [each["@id"] for each in shown(cms("GET", place))["userCoSpaceTemplate"]] == [by_hand]
