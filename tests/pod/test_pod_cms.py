"""The simulated CMS, as the API description and the facts of the field have it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests
from support.cms_answers import Send

from flaskr.pod import Pod
from flaskr.pod.cms.nodes.spaces import LAYOUTS
from flaskr.pod.cms.start import CALL_LEG_PROFILE, TENANTS

Read = Callable[[requests.Response], dict[str, Any]]
Create = Callable[..., str]

UNKNOWN = "/coSpaces/00000000-0000-4000-8000-000000000000"


@pytest.fixture(autouse=True)
def strict(pod: Pod) -> None:
    """The CMS overlooks nothing; what it overlooks otherwise has tests of its own below."""
    pod.switches.update({
        "ignore_unknown_parameters": False, "lenient_names": False, "lenient_booleans": False,
    })


def reasons(response: requests.Response, read: Read) -> dict[str, Any]:
    return dict(read(response)["failureDetails"])


def space(cms: Send, read: Read, path: str) -> dict[str, Any]:
    return dict(read(cms("GET", path))["coSpace"][0])


def test_the_status_has_all_fields_and_a_live_clock(cms: Send, read: Read) -> None:
    status = read(cms("GET", "/system/status"))["status"]
    told = datetime.strptime(status["cdrTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    assert abs(datetime.now(timezone.utc) - told) < timedelta(seconds=5)
    assert status["softwareVersion"] == "3.9.2"
    assert uuid.UUID(status["hostId"])
    assert int(status["uptimeSeconds"]) >= 0
    assert set(status) >= {
        "activated", "clusterEnabled", "clusterId", "callLegsActive", "callLegsMaxActive",
        "callLegsCompleted", "audioBitRateOutgoing", "audioBitRateIncoming",
        "videoBitRateOutgoing", "videoBitRateIncoming", "cdrCorrelatorIndex",
    }


@pytest.mark.parametrize("auth", [("admin", "wrong"), ("", ""), None])
def test_wrong_credentials_are_401_with_no_body(cms: Send, auth: tuple[str, str] | None) -> None:
    response = cms("GET", "/coSpaces", auth=auth)
    assert (response.status_code, response.content) == (401, b"")
    assert response.headers["WWW-Authenticate"] == 'Basic realm="acano"'


def test_a_malformed_authorization_header_is_401(cms: Send) -> None:
    headers = {"Authorization": "Basic %%%"}
    assert cms("GET", "/coSpaces", auth=None, headers=headers).status_code == 401


def test_answers_are_text_xml_with_no_charset(cms: Send) -> None:
    response = cms("GET", "/coSpaces")
    assert response.headers["Content-Type"] == "text/xml"
    assert response.content.startswith(b'<?xml version="1.0"?>')


def test_an_empty_list_has_an_opening_and_a_closing_tag(cms: Send) -> None:
    response = cms("GET", "/coSpaces?filter=nothing-is-called-so")
    assert response.content == b'<?xml version="1.0"?><coSpaces total="0"></coSpaces>'


def test_a_list_holds_no_more_than_the_cap_and_counts_all(cms: Send, read: Read) -> None:
    spaces = read(cms("GET", "/coSpaces"))["coSpaces"]
    assert len(spaces["coSpace"]) == 20
    assert int(spaces["@total"]) > 30


@pytest.mark.parametrize(("asked", "cap", "got"), [
    (3, 10, 3), (50, 10, 10), (50, 20, 20), (0, 5, 0),
])
def test_a_list_holds_the_lower_of_limit_and_cap(
    pod: Pod, cms: Send, read: Read, asked: int, cap: int, got: int
) -> None:
    pod.switches.page_cap = cap
    spaces = read(cms("GET", "/coSpaces", params={"limit": asked}))["coSpaces"]
    assert len(spaces.get("coSpace", [])) == got


@pytest.mark.parametrize("cap", [1, 3, 7, 10, 20])
def test_all_pages_together_are_all_spaces_once(
    pod: Pod, cms: Send, read: Read, cap: int
) -> None:
    pod.switches.page_cap = cap
    found: list[str] = []
    while True:
        page = read(cms("GET", "/coSpaces", params={"offset": len(found)}))["coSpaces"]
        found += [entry["@id"] for entry in page["coSpace"]]
        if len(found) >= int(page["@total"]):
            break
    assert len(found) == len(set(found)) == len(pod.spaces.listed())


def test_an_offset_beyond_the_end_gives_none_but_the_total(cms: Send, read: Read) -> None:
    spaces = read(cms("GET", "/coSpaces?offset=1000"))["coSpaces"]
    assert "coSpace" not in spaces
    assert int(spaces["@total"]) > 30


@pytest.mark.parametrize("query", ["offset=-1", "limit=x", "offset=1.5", "limit=99999999999",
                                   "offset=1&offset=2", "colour=red", "tenantFilter=red",
                                   "filter=%FF", "filter=%00"])
def test_a_bad_parameter_of_the_list_is_named(cms: Send, read: Read, query: str) -> None:
    response = cms("GET", f"/coSpaces?{query}")
    error = reasons(response, read)["parameterError"]
    assert response.status_code == 400
    assert error == {"@parameter": query.partition("=")[0], "@error": "invalidValue"}


@pytest.mark.parametrize("text", ["pod6user1", "POD6user1"])
def test_the_filter_finds_text_anywhere_in_name_uri_and_secondary_uri(
    cms: Send, read: Read, text: str
) -> None:
    spaces = read(cms("GET", "/coSpaces", params={"filter": text}))["coSpaces"]
    values = [" ".join(str(value) for value in entry.values()) for entry in spaces["coSpace"]]
    assert int(spaces["@total"]) > 10
    assert all("pod6user1" in value.lower() for value in values)
    assert "pod6user1" not in [entry.get("uri") for entry in spaces["coSpace"]]


def test_the_filter_can_tell_capitals_from_small_letters(pod: Pod, cms: Send, read: Read) -> None:
    pod.switches.filter_case_sensitive = True
    assert read(cms("GET", "/coSpaces?filter=POD6user1"))["coSpaces"]["@total"] == "0"
    assert read(cms("GET", "/coSpaces?filter=pod6user1"))["coSpaces"]["@total"] != "0"


@pytest.mark.parametrize(("finds", "total"), [(True, "1"), (False, "0")])
def test_the_filter_finds_a_call_id_or_not(
    pod: Pod, cms: Send, read: Read, finds: bool, total: str
) -> None:
    pod.switches.filter_finds_call_id = finds
    assert read(cms("GET", "/coSpaces?filter=620100008"))["coSpaces"]["@total"] == total


def test_the_list_can_be_of_one_tenant_or_profile(cms: Send, read: Read) -> None:
    query = {"tenantFilter": TENANTS[0].upper(), "callLegProfileFilter": CALL_LEG_PROFILE}
    [entry] = read(cms("GET", "/coSpaces", params=query))["coSpaces"]["coSpace"]
    assert (entry["name"], entry["tenant"]) == ("Sales", TENANTS[0])


def test_the_list_shows_the_short_form(cms: Send, read: Read, create: Create) -> None:
    create(name="zz short", uri="short", secondaryUri="9", callId="77", passcode="1234")
    [entry] = read(cms("GET", "/coSpaces?filter=zz short"))["coSpaces"]["coSpace"]
    assert set(entry) == {"@id", "name", "autoGenerated", "uri", "secondaryUri", "callId"}


def test_a_post_with_nothing_makes_a_space(cms: Send, read: Read, create: Create) -> None:
    made = space(cms, read, create())
    assert set(made) == {"@id", "autoGenerated", "nonMemberAccess"}
    assert (made["autoGenerated"], made["nonMemberAccess"]) == ("false", "true")


def test_creation_answers_an_empty_body_and_the_place(cms: Send) -> None:
    response = cms("POST", "/COSPACES/", data={"name": "New"})
    assert (response.status_code, response.content) == (200, b"")
    prefix, _, guid = response.headers["Location"].rpartition("/")
    assert prefix == "/api/v1/coSpaces"
    assert str(uuid.UUID(guid)) == guid


def test_all_properties_are_kept_and_shown(cms: Send, read: Read, create: Create) -> None:
    values = {
        "name": "Söns & Co <x> \"q\" 'a' 山田", "uri": "a.b", "secondaryUri": "+1408",
        "callId": "0123", "cdrTag": "t" * 100, "passcode": "0042", "defaultLayout": "allEqual",
        "tenant": TENANTS[1], "callLegProfile": CALL_LEG_PROFILE, "secret": "s3cret",
        "nonMemberAccess": "false", "ownerJid": "lee@pod6.example",
        "streamUrl": "rtmp://stream.pod6.example/live",
        "meetingScheduler": "Zoë", "panePlacementHighestImportance": "5",
        "panePlacementSelfPaneMode": "blank",
    }
    shown = space(cms, read, create(**values))
    assert {name: shown[name] for name in values} == values


@pytest.mark.parametrize("layout", LAYOUTS.split())
def test_every_layout_of_the_document_is_taken(create: Create, layout: str) -> None:
    create(defaultLayout=layout)


@pytest.mark.parametrize(("name", "value"), [
    ("defaultLayout", "allequal"), ("nonMemberAccess", "yes"), ("uri", "a@b"), ("callId", "12a"),
    ("callId", "١"), ("cdrTag", "t" * 101), ("tenant", "red"), ("ownerAdGuid", "{}"),
    ("streamUrl", "stream"), ("streamUrl", "http://a b"), ("requireCallId", "1"),
    ("regenerateSecret", "true"), ("panePlacementHighestImportance", "0"),
    ("panePlacementSelfPaneMode", "other"), ("name", "a\x00b"), ("name", "\ufffe"),
    ("colour", "red"), ("secondaryUri", "x\ny"), ("secondaryUri", "+1 408"),
    ("secondaryUri", "+1\u00a0408"), ("secondaryUri", "(408)"), ("uri", "a b"), ("uri", "a[1]"),
    ("uri", " "), ("uri", "{a}"),
])
def test_a_bad_parameter_is_named_and_nothing_is_made(
    pod: Pod, cms: Send, read: Read, name: str, value: str
) -> None:
    before = len(pod.spaces.listed())
    response = cms("POST", "/coSpaces", data={name: value})
    assert response.status_code == 400
    assert reasons(response, read) == {
        "parameterError": {"@parameter": name, "@error": "invalidValue"}
    }
    assert len(pod.spaces.listed()) == before


def test_several_bad_parameters_are_all_reported(cms: Send, read: Read) -> None:
    body = {"callId": "x", "uri": "a@b", "tenant": UNKNOWN[10:]}
    found = reasons(cms("POST", "/coSpaces", data=body), read)
    assert [error["@parameter"] for error in found["parameterError"]] == ["callId", "uri"]
    assert "tenantDoesNotExist" in found


@pytest.mark.parametrize("name", [
    "tenant", "callLegProfile", "callProfile", "callBrandingProfile", "dialInSecurityProfile",
])
def test_a_reference_to_nothing_has_its_own_code(cms: Send, read: Read, name: str) -> None:
    response = cms("POST", "/coSpaces", data={name: UNKNOWN[10:]})
    assert (response.status_code, list(reasons(response, read))) == (400, [f"{name}DoesNotExist"])


def test_a_parameter_given_twice_is_named(cms: Send, read: Read) -> None:
    response = cms("POST", "/coSpaces", data="name=a&name=b")
    assert reasons(response, read)["parameterError"]["@parameter"] == "name"


@pytest.mark.parametrize("body", [b"%FF=1", b"\xff=1", b"&".join([b"a=1"] * 1001)])
def test_a_form_that_cannot_be_read_is_a_parameter_error(
    cms: Send, read: Read, body: bytes
) -> None:
    assert "parameterError" in reasons(cms("POST", "/coSpaces", data=body), read)


def test_a_name_that_xml_cannot_hold_is_still_reported(cms: Send, read: Read) -> None:
    response = cms("POST", "/coSpaces", data={"a\x01<": "1"})
    assert reasons(response, read)["parameterError"]["@parameter"] == "a?<"


def test_unknown_parameters_can_be_overlooked(pod: Pod, cms: Send) -> None:
    pod.switches.ignore_unknown_parameters = True
    assert cms("POST", "/coSpaces", data={"colour": "red"}).status_code == 200


def test_the_error_of_a_parameter_can_be_worded_otherwise(
    pod: Pod, cms: Send, read: Read
) -> None:
    pod.switches.parameter_error = "unknown"
    response = cms("POST", "/coSpaces", data={"colour": "red"})
    assert reasons(response, read)["parameterError"]["@error"] == "unknown"


def test_the_content_type_of_a_form_is_not_checked(cms: Send, read: Read) -> None:
    response = cms("POST", "/coSpaces", data="name=a", headers={"Content-Type": "text/plain"})
    place = response.headers["Location"].removeprefix("/api/v1")
    assert space(cms, read, place)["name"] == "a"


def test_uris_are_kept_in_lower_case(cms: Send, read: Read, create: Create) -> None:
    shown = space(cms, read, create(uri="APITestURI", secondaryUri="ÄB"))
    assert (shown["uri"], shown["secondaryUri"]) == ("apitesturi", "äb")


@pytest.mark.parametrize(("uri", "other"), [
    ("\u212aate", "kate"), ("\u017foens", "soens"), ("\u0130an", "i\u0307an"),
])
def test_a_letter_outside_ascii_is_not_kept_as_one_in_ascii(
    cms: Send, read: Read, create: Create, uri: str, other: str
) -> None:
    places = [create(uri=other), create(uri=uri)]
    assert [space(cms, read, place)["uri"] for place in places] == [other, uri]


def test_the_filter_finds_a_k_and_no_kelvin_sign(cms: Send, read: Read, create: Create) -> None:
    create(uri="kate")
    for text, total in (("KATE", "1"), ("\u212aate", "0")):
        spaces = read(cms("GET", "/coSpaces", params={"filter": text}))["coSpaces"]
        assert spaces["@total"] == total


@pytest.mark.parametrize("name", ["uri", "secondaryUri"])
@pytest.mark.parametrize("taken", ["first", "SECOND"])
def test_uri_and_secondary_uri_share_one_set_of_names(
    cms: Send, read: Read, create: Create, name: str, taken: str
) -> None:
    create(uri="first", secondaryUri="second")
    response = cms("POST", "/coSpaces", data={name: taken})
    assert (response.status_code, list(reasons(response, read))) == (400, ["duplicateCoSpaceUri"])


def test_a_space_may_have_its_own_uri_twice(create: Create) -> None:
    create(uri="same", secondaryUri="same")


def test_a_call_id_is_one_spaces_only(cms: Send, read: Read, create: Create) -> None:
    create(callId="4711")
    response = cms("PUT", create(), data={"callId": "4711"})
    assert (response.status_code, list(reasons(response, read))) == (400, ["duplicateCoSpaceId"])


def test_put_changes_what_is_sent_leaves_the_rest_and_unsets_what_is_empty(
    cms: Send, read: Read, create: Create
) -> None:
    place = create(name="Old", uri="old", passcode="1", nonMemberAccess="false")
    response = cms("PUT", place, data={"name": "New", "passcode": "", "nonMemberAccess": ""})
    assert (response.status_code, response.content) == (200, b"")
    shown = space(cms, read, place)
    assert (shown["name"], shown["uri"], shown["nonMemberAccess"]) == ("New", "old", "true")
    assert "passcode" not in shown


def test_a_refused_put_changes_nothing(cms: Send, read: Read, create: Create) -> None:
    place = create(name="Old")
    cms("PUT", place, data={"name": "New", "uri": "cafe"})
    cms("PUT", place, data={"name": "New", "callId": "x"})
    assert space(cms, read, place)["name"] == "Old"


def test_unset_as_the_mode_of_panes_is_unset(cms: Send, read: Read, create: Create) -> None:
    place = create(panePlacementSelfPaneMode="skip")
    cms("PUT", place, data={"panePlacementSelfPaneMode": "unset"})
    assert "panePlacementSelfPaneMode" not in space(cms, read, place)


def test_require_call_id_makes_one_where_there_is_none(
    cms: Send, read: Read, create: Create
) -> None:
    made = space(cms, read, create(requireCallId="true"))
    assert len(made["callId"]) == 9
    assert made["callId"].isdecimal()
    assert "requireCallId" not in made
    assert space(cms, read, create(requireCallId="true", callId="12"))["callId"] == "12"
    assert "callId" not in space(cms, read, create(requireCallId="false"))


def test_a_call_id_that_is_made_is_free(
    cms: Send, read: Read, create: Create, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(callId="100000001")
    numbers = iter([1, 1, 2])
    randbelow = "flaskr.pod.cms.rules.secrets.secrets.randbelow"
    monkeypatch.setattr(randbelow, lambda most: next(numbers))
    assert space(cms, read, create(requireCallId="true"))["callId"] == "100000002"


def test_a_space_with_a_call_id_has_a_secret_that_can_be_made_anew(
    cms: Send, read: Read, create: Create
) -> None:
    place = create(callId="99")
    first = space(cms, read, place)["secret"]
    cms("PUT", place, data={"regenerateSecret": "false", "name": "x"})
    assert space(cms, read, place)["secret"] == first
    cms("PUT", place, data={"regenerateSecret": "true"})
    second = space(cms, read, place)
    assert second["secret"] != first
    assert "regenerateSecret" not in second
    assert "secret" not in space(cms, read, create())


def test_delete_removes_the_space_once(cms: Send, read: Read, create: Create) -> None:
    place = create()
    first, second = cms("DELETE", place), cms("DELETE", place)
    assert (first.status_code, first.content) == (200, b"")
    assert (second.status_code, list(reasons(second, read))) == (400, ["coSpaceDoesNotExist"])


def ldap_space(cms: Send, read: Read) -> str:
    [entry] = read(cms("GET", "/coSpaces?filter=ldap.user"))["coSpaces"]["coSpace"]
    assert entry["autoGenerated"] == "true"
    return f"/coSpaces/{entry['@id']}"


def test_a_space_of_ldap_sync_cannot_be_deleted(pod: Pod, cms: Send, read: Read) -> None:
    place = ldap_space(cms, read)
    assert list(reasons(cms("DELETE", place), read)) == ["invalidOperation"]
    pod.switches.auto_generated_failure = "parameterError"
    assert list(reasons(cms("DELETE", place), read)) == ["parameterError"]
    assert cms("GET", place).status_code == 200


def test_a_space_of_ldap_sync_can_be_modified_but_for_its_cdr_tag(cms: Send, read: Read) -> None:
    place = ldap_space(cms, read)
    assert cms("PUT", place, data={"passcode": "1"}).status_code == 200
    assert list(reasons(cms("PUT", place, data={"cdrTag": "x"}), read)) == ["invalidOperation"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("status", [404, 400])
def test_an_unknown_id_is_404_or_400(
    pod: Pod, cms: Send, read: Read, method: str, status: int
) -> None:
    pod.switches.unknown_id_status = str(status)
    response = cms(method, UNKNOWN)
    assert response.status_code == status
    assert list(reasons(response, read)) == ["coSpaceDoesNotExist"]
    assert response.content.endswith(b"<coSpaceDoesNotExist /></failureDetails>")


@pytest.mark.parametrize(("method", "path", "code"), [
    ("GET", "/coSpaces/not-a-guid", "unrecognizedObject"),
    ("GET", "/coSpaces/" + "0" * 32, "unrecognizedObject"),
    ("GET", "/colours", "unrecognizedObject"),
    ("GET", "", "unrecognizedObject"),
    ("GET", UNKNOWN + "/accessMethod", "unrecognizedObject"),
    ("GET", UNKNOWN + "/accessMethods", "coSpaceDoesNotExist"),
    ("PUT", "/coSpaces", "invalidOperation"),
    ("DELETE", "/coSpaces", "invalidOperation"),
    ("POST", "/system/status", "invalidOperation"),
    ("PATCH", UNKNOWN, "invalidOperation"),
    ("OPTIONS", "/coSpaces", "invalidOperation"),
])
def test_what_the_api_does_not_have_is_refused_with_a_code(
    cms: Send, read: Read, method: str, path: str, code: str
) -> None:
    response = cms(method, path)
    assert (response.status_code, list(reasons(response, read))) == (400, [code])


def test_unrecognized_object_can_be_spelt_otherwise(pod: Pod, cms: Send, read: Read) -> None:
    pod.switches.unrecognised_spelling = True
    assert list(reasons(cms("GET", "/colours"), read)) == ["unrecognisedObject"]


@pytest.mark.parametrize(("path", "answer"), [
    ("/api/v2/coSpaces", b"<invalidVersion />"), ("/api/vx", b"<invalidVersion />"),
    ("/api/v10", b"<invalidVersion />"), ("/api", b"<unrecognizedObject />"),
])
def test_another_version_of_the_api_is_refused(
    pod: Pod, session: requests.Session, path: str, answer: bytes
) -> None:
    place = pod.cms_url.removesuffix("/api/v1") + path
    response = session.get(place, auth=(pod.username, pod.password), timeout=10)
    assert response.status_code == 400
    assert answer in response.content


def test_outside_the_api_there_is_nothing(pod: Pod, session: requests.Session) -> None:
    response = session.get(pod.cms_url.removesuffix("/api/v1") + "/", timeout=10)
    assert (response.status_code, response.content) == (404, b"")


def test_any_host_header_is_taken(cms: Send) -> None:
    assert cms("GET", "/coSpaces", headers={"Host": "a b"}).status_code == 200


def test_what_breaks_inside_is_500_with_no_body(
    pod: Pod, cms: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pod.spaces, "page", lambda *wanted: 1 / 0)
    response = cms("GET", "/coSpaces")
    assert (response.status_code, response.content) == (500, b"")


def test_paths_are_taken_in_any_case_and_with_a_slash(cms: Send, create: Create) -> None:
    place = create()
    assert cms("GET", place.upper() + "/").status_code == 200
    assert cms("GET", "/SYSTEM/Status/").status_code == 200


def test_head_has_the_headers_of_get_and_no_body(cms: Send) -> None:
    response = cms("HEAD", "/coSpaces")
    assert (response.status_code, response.content) == (200, b"")
    assert int(response.headers["Content-Length"]) > 100


def test_a_line_end_in_a_name_survives(cms: Send, read: Read, create: Create) -> None:
    assert space(cms, read, create(name="a\r\nb"))["name"] == "a\r\nb"


def test_a_new_name_shifts_the_list(cms: Send, read: Read, create: Create) -> None:
    create(name="zzz")
    before = read(cms("GET", "/coSpaces?offset=31"))["coSpaces"]["coSpace"][0]["@id"]
    create(name="aaa")
    after = read(cms("GET", "/coSpaces?offset=32"))["coSpaces"]["coSpace"][0]["@id"]
    assert before == after


def test_every_start_and_reset_has_the_same_spaces(pod: Pod, cms: Send, create: Create) -> None:
    before = [space.id for space in pod.spaces.listed()]
    create()
    pod.reset()
    assert [space.id for space in pod.spaces.listed()] == before
