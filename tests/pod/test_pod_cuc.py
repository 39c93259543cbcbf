"""The simulated Unity Connection."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
import xmltodict
from support.cms_answers import Send
from werkzeug.test import Client

from flaskr.pod import Pod
from flaskr.pod.company import USERS, directory_id
from flaskr.pod.cuc.api import CucApi
from flaskr.pod.cuc.pins import is_trivial
from flaskr.pod.cuc.sessions import PATHS
from flaskr.pod.cuc.state import CucState
from flaskr.pod.cuc.switches import CucSwitches
from flaskr.pod.cuc.waiting_line import LineTooLong, WaitingLine
from flaskr.pod.rehearsal import company_of
from flaskr.pod.wire.exchange import ReceivedRequest

XML = {"Accept": "application/xml"}
WITH_MAILBOX = 19
IMPORT = "/import/users/ldap?templateAlias=voicemailusertemplate"
CREATE = "/users?templateAlias=voicemailusertemplate"
Find = Callable[[str], dict[str, Any]]
Import = Callable[..., requests.Response]


@pytest.fixture
def find(cuc: Send) -> Find:
    """The row of the mailbox with an alias."""

    def ask(alias: str) -> dict[str, Any]:
        return dict(cuc("GET", f"/users?query=(alias is {alias})").json()["User"])

    return ask


@pytest.fixture
def pin(find: Find) -> Callable[[str], str]:
    """The path of the PIN of the mailbox with an alias."""
    return lambda alias: f"/users/{find(alias)['ObjectId']}/credential/pin"


@pytest.fixture
def import_user(cuc: Send) -> Import:
    """Import a user."""

    def send(userid: str, **fields: str) -> requests.Response:
        return cuc("POST", IMPORT, json={"pkid": directory_id(userid), **fields})

    return send


def error(answer: requests.Response) -> tuple[int, str]:
    """The status, and the code in the details."""
    return answer.status_code, answer.json()["errors"]["code"]


def log_ins(pod: Pod) -> int:
    return int(pod.journal.report()["servers"]["cuc"]["log_ins"])


def mailboxes(pod: Pod) -> list[dict[str, Any]]:
    return pod.services["cuc"].tables()["mailboxes"]()


# What it answers in


def test_the_release_is_told_in_xml_and_json(pod: Pod, cuc: Send) -> None:
    pod.switches.cuc_version = "14.0.1"
    told = {"name": "Cisco Unity Connection Version", "version": "14.0.1"}
    for path in ("/version/product/", "/version/product"):
        assert cuc("GET", path).json() == told
        assert xmltodict.parse(cuc("GET", path, headers=XML).text) == {"VersionInformation": told}
    assert cuc("GET", "/version").json()["name"] == "vmrest"


@pytest.mark.parametrize(("accept", "content_type"), [
    (None, "application/xml"), ("*/*", "application/xml"), ("application/xml", "application/xml"),
    ("application/json", "application/json"),
    ("application/xml;q=0.5, application/json", "application/json"),
])
def test_the_format_is_the_one_that_is_accepted(
    cuc: Send, accept: str | None, content_type: str
) -> None:
    answer = cuc("GET", "/version", headers={"Accept": accept})
    assert answer.headers["Content-Type"] == content_type
    assert answer.content.startswith(b"<?xml" if content_type.endswith("xml") else b"{")


def test_no_other_format_is_answered(cuc: Send) -> None:
    answer = cuc("GET", "/version", headers={"Accept": "text/csv"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (406, "text/html;charset=utf-8")


def test_a_list_has_the_same_elements_in_xml(cuc: Send) -> None:
    for query in ("", "?query=(alias is pod6user11)", "?query=(alias is nobody)"):
        found = cuc("GET", f"/users{query}").json()
        in_xml = xmltodict.parse(cuc("GET", f"/users{query}", headers=XML).text)["Users"]
        assert (in_xml or {}) == found


def test_json_has_a_list_an_object_or_nothing_and_values_that_are_text(
    pod: Pod, cuc: Send
) -> None:
    many = cuc("GET", "/users?query=(alias startswith pod6user)").json()
    assert (many["@total"], len(many["User"])) == ("10", 10)
    assert {type(value) for user in many["User"] for value in user.values()} == {str}
    one = cuc("GET", "/users?query=(alias is pod6user11)").json()
    assert (one["@total"], one["User"]["Alias"]) == ("1", "pod6user11")
    assert cuc("GET", "/users?query=(alias is pod6user1)").json() == {"@total": "0"}
    pod.switches.cuc_one_row = "list"
    assert cuc("GET", "/users?query=(alias is pod6user11)").json()["User"] == [one["User"]]


def test_a_page_of_one_row_is_an_object_too(cuc: Send) -> None:
    page = cuc("GET", "/users?rowsPerPage=1&pageNumber=2").json()
    assert (page["@total"], page["User"]["Alias"]) == (str(WITH_MAILBOX), "lee1")


# Log-ins and sessions


@pytest.mark.parametrize("auth", [None, ("cucadmin", "wrong"), ("nobody", "Pod6-lab-cuc")])
def test_strangers_get_tomcats_page(pod: Pod, session: requests.Session, auth: Any) -> None:
    answer = session.get(pod.url("cuc") + "/users", auth=auth, headers={"Accept": "text/json"})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "HTTP Status 401" in answer.text
    assert not answer.cookies


@pytest.mark.parametrize(("body", "begin"), [("details", "<?xml"), ("none", ""), ("html", "<html")])
def test_a_refusal_can_say_why_in_several_ways(
    pod: Pod, session: requests.Session, cuc: Send, body: str, begin: str
) -> None:
    pod.switches.cuc_refusal_body = body
    for answer in (session.get(pod.url("cuc")), cuc("GET", "/nothing", headers=XML)):
        assert answer.text.startswith(begin)
        assert bool(answer.text) == bool(begin)


def test_a_log_in_sets_three_cookies_that_are_for_https_alone(pod: Pod, cuc: Send) -> None:
    cookies = cuc("GET", "/version").cookies
    assert {cookie.name: (cookie.path, cookie.secure) for cookie in cookies} == {
        name: (path, True) for name, path in PATHS.items()
    }
    assert all(cookie.has_nonstandard_attr("HttpOnly") for cookie in cookies)


def test_who_sends_the_cookies_back_is_logged_in(
    pod: Pod, session: requests.Session, cuc: Send
) -> None:
    for _ in range(3):
        assert cuc("GET", "/version").status_code == 200
    assert session.get(pod.url("cuc") + "/version").status_code == 200
    assert log_ins(pod) == 1
    assert [each["log_in"] for each in pod.journal.report()["requests"]] == [
        True, False, False, False
    ]


def test_log_ins_without_a_cookie_are_counted(
    pod: Pod, session: requests.Session, cuc: Send
) -> None:
    for _ in range(3):
        cuc("GET", "/version")
        session.cookies.clear()
    assert log_ins(pod) == 3


@pytest.mark.parametrize("refusal", ["503", "401"])
def test_cookies_can_be_demanded(
    pod: Pod, session: requests.Session, cuc: Send, refusal: str
) -> None:
    pod.switches.update({"cuc_session_limit": 1, "cuc_session_refusal": refusal})
    for _ in range(2):
        assert cuc("GET", "/version").status_code == 200
    session.cookies.clear()
    assert cuc("GET", "/version").status_code == int(refusal)
    assert log_ins(pod) == 1


def test_a_session_ends_when_it_is_idle(pod: Pod, session: requests.Session, cuc: Send) -> None:
    cuc("GET", "/version")
    pod.switches.cuc_session_seconds = 0
    assert session.get(pod.url("cuc") + "/version").status_code == 401
    assert cuc("GET", "/version").status_code == 200
    assert log_ins(pod) == 2


def test_a_reset_ends_all_sessions(pod: Pod, session: requests.Session, cuc: Send) -> None:
    cuc("GET", "/version")
    pod.reset()
    assert session.get(pod.url("cuc") + "/version").status_code == 401


@pytest.mark.parametrize("takes_effect", [True, False])
def test_a_log_in_whose_answer_is_lost_has_happened_or_not(
    pod: Pod, cuc: Send, takes_effect: bool
) -> None:
    pod.faults.add("busy", server="cuc", times=1, takes_effect=takes_effect)
    assert not cuc("GET", "/version").cookies
    assert log_ins(pod) == takes_effect
    cuc("GET", "/version")
    assert log_ins(pod) == 1 + takes_effect


# Lists


@pytest.mark.parametrize(("query", "found"), [
    ("(alias is POD6USER11)", ["pod6user11"]),
    ("(Alias%20is%20mixedcase)", ["MixedCase"]),
    ("(alias startswith LEE)", ["lee1", "leeann"]),
    ("(displayname startswith lee)", ["lee1", "leeann"]),
    ("(FirstName is lee)", ["lee1"]),
    ("(dtmfaccessid is 6120)", ["twin1"]),
    ("(dtmfaccessid is 612)", []),
    ("(dtmfaccessid startswith 612)", ["maria", "twin1"]),
    ("(lastname is παππά)", ["eleni"]),
    ("(listindirectory is false)", ["operator", "undeliverablemessagesmailbox"]),
    ("(alias is user11)", []),
])
def test_a_query_compares_in_any_case(cuc: Send, query: str, found: list[str]) -> None:
    rows = cuc("GET", f"/users?query={query}").json().get("User", [])
    assert [row["Alias"] for row in (rows if isinstance(rows, list) else [rows])] == found


@pytest.mark.parametrize("parameters", [
    "query=alias is x", "query=(alias x)", "query=(alias is )", "query=(alias is a)b)",
    "query=(alias contains x)", "query=(timezone is 190)", "query=(colour is red)",
    "sort=(alias)", "sort=(timezone asc)", "sort=alias asc",
    "query=(alias is x)&sort=(firstname asc)", "rowsPerPage=x", "pageNumber=-1",
    "rowsPerPage=9999999999",
])
def test_a_list_that_makes_no_sense_is_400(cuc: Send, parameters: str) -> None:
    assert error(cuc("GET", f"/users?{parameters}")) == (400, "INVALID_PARAMETER")


def test_a_list_is_sorted_by_its_alias_or_as_it_is_asked_for(cuc: Send) -> None:
    def first(sort: str) -> str:
        return str(cuc("GET", f"/users?rowsPerPage=2{sort}").json()["User"][0]["Alias"])

    assert first("") == "eleni"
    assert first("&sort=(alias desc)") == "yuki"
    assert first("&sort=(DtmfAccessId asc)") == "pod6user11"
    assert first("&query=(alias startswith pod6)&sort=(alias desc)") == "pod6user20"


def test_pages_make_up_the_list(cuc: Send) -> None:
    whole = cuc("GET", "/users").json()["User"]
    pages = [
        cuc("GET", f"/users?rowsPerPage=8&pageNumber={number}").json() for number in (1, 2, 3, 4)
    ]
    assert [user for page in pages[:3] for user in page["User"]] == whole
    assert pages[3] == {"@total": str(len(whole))}
    assert len(whole) == WITH_MAILBOX


@pytest.mark.parametrize("parameters", ["rowsPerPage=0", "pageNumber=0"])
def test_nothing_but_the_count_can_be_had(cuc: Send, parameters: str) -> None:
    assert cuc("GET", f"/users?{parameters}").json() == {"@total": str(WITH_MAILBOX)}


def test_without_a_size_a_page_is_of_a_certain_one(pod: Pod, cuc: Send) -> None:
    pod.switches.cuc_default_rows = 3
    page = cuc("GET", "/users").json()
    assert (page["@total"], len(page["User"])) == (str(WITH_MAILBOX), 3)
    assert len(cuc("GET", "/users?rowsPerPage=100").json()["User"]) == WITH_MAILBOX


@pytest.mark.parametrize(("kind", "changed"), [("no_total", None), ("total=7", "7")])
@pytest.mark.parametrize("headers", [XML, {"Accept": "application/json"}])
def test_a_total_can_be_missing_or_wrong(
    pod: Pod, cuc: Send, kind: str, changed: str | None, headers: dict[str, str]
) -> None:
    pod.faults.append(pod.faults.catalogue.parse(kind))
    answer = cuc("GET", "/users?rowsPerPage=2", headers=headers)
    in_xml = headers is XML
    found = xmltodict.parse(answer.text)["Users"] if in_xml else answer.json()
    assert found.get("@total") == changed
    assert len(found["User"]) == 2


@pytest.mark.parametrize("path", ["/users?rowsPerPage=2&pageNumber={}",
                                  "/import/users/ldap?limit=2&offset={}"])
def test_every_page_can_be_the_first(pod: Pod, cuc: Send, path: str) -> None:
    second = cuc("GET", path.format(2)).json()
    pod.faults.add("same_page")
    assert cuc("GET", path.format(2)).json() != second


def test_the_templates_are_listed_and_found(cuc: Send) -> None:
    names = [each["Alias"] for each in cuc("GET", "/usertemplates").json()["UserTemplate"]]
    assert names == ["voicemailusertemplate", "pod6template"]
    found = cuc("GET", "/usertemplates?query=(alias is Pod6Template)").json()
    assert found["UserTemplate"]["DisplayName"] == "Pod6 Template"


# One mailbox


def test_a_mailbox_by_itself_has_more_than_in_the_list(cuc: Send, find: Find) -> None:
    row = find("pod6user11")
    alone = cuc("GET", f"/users/{row['ObjectId'].upper()}").json()
    assert row.items() <= alone.items()
    assert alone["Department"] == "Lab"
    assert row["URI"] == f"/vmrest/users/{row['ObjectId']}"
    assert (row["LdapType"], row["LdapCcmPkid"]) == ("3", directory_id("pod6user11"))
    in_xml = cuc("GET", f"/users/{row['ObjectId']}", headers=XML).text
    assert xmltodict.parse(in_xml) == {"User": alone}


@pytest.mark.parametrize(("body", "content_type"), [
    ("details", "application/json"), ("html", "text/html;charset=utf-8"), ("none", None),
])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_mailbox_is_404(
    pod: Pod, cuc: Send, method: str, body: str, content_type: str | None
) -> None:
    pod.switches.cuc_unknown_id_body = body
    answer = cuc(method, "/users/00000000-0000-4000-8000-000000000000", json={})
    assert answer.status_code == 404
    assert bool(answer.content) == (content_type is not None)
    if content_type:
        assert answer.headers["Content-Type"] == content_type


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/nothing", 404), ("GET", "/Users", 404), ("PATCH", "/users", 405),
    ("DELETE", "/users", 405),
])
def test_what_it_does_not_have_is_a_page_of_tomcats(
    cuc: Send, method: str, path: str, status: int
) -> None:
    answer = cuc(method, path)
    assert answer.status_code == status
    assert f"HTTP Status {status}" in answer.text


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "text/plain"},
                                     {"Content-Type": "application/x-www-form-urlencoded"}])
@pytest.mark.parametrize("accept", ["application/json", "application/xml"])
def test_a_body_needs_a_content_type(
    cuc: Send, headers: dict[str, str], accept: str
) -> None:
    answer = cuc("POST", CREATE, data=b"{}", headers={"Accept": accept, **headers})
    assert answer.status_code == 415
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(("content_type", "body"), [
    ("application/json", b""), ("application/json", b"[]"), ("application/json", b"{"),
    ("application/json", b'{"Alias": {}}'), ("application/json", b"[" * 100_000),
    ("application/json", b'{"Alias": "\\u0001"}'), ("application/json", b"\xff"),
    ("application/xml", b""), ("application/xml", b"<User>"), ("application/xml", b"<Usr></Usr>"),
])
def test_a_body_that_is_none_is_400(cuc: Send, content_type: str, body: bytes) -> None:
    headers = {"Accept": "application/json", "Content-Type": content_type}
    assert error(cuc("POST", CREATE, data=body, headers=headers)) == (400, "INVALID_PARAMETER")


def test_a_failure_says_why_in_the_format_that_is_accepted(cuc: Send) -> None:
    failed = xmltodict.parse(cuc("GET", "/users?query=x", headers=XML).text)
    assert failed["ErrorDetails"]["errors"]["code"] == "INVALID_PARAMETER"
    assert failed["ErrorDetails"]["errors"]["message"].startswith("The query ")


@pytest.mark.parametrize("as_xml", [True, False])
def test_a_mailbox_is_made_of_a_template(cuc: Send, find: Find, as_xml: bool) -> None:
    given = {"Alias": "new", "DtmfAccessId": "0123", "DisplayName": "New & <Old>"}
    sent: dict[str, Any] = {"json": given}
    if as_xml:
        sent = {"data": xmltodict.unparse({"User": given}).encode(),
                "headers": {**XML, "Content-Type": "application/xml"}}
    answer = cuc("POST", "/users?templateAlias=pod6template", **sent)
    made = find("new")
    assert (answer.status_code, answer.text) == (201, made["URI"])
    assert answer.headers["Location"].startswith("https://127.0.0.1:")
    assert answer.headers["Location"].endswith(made["URI"])
    assert given.items() <= made.items()
    assert (made["LdapType"], made["ListInDirectory"]) == ("0", "false")


@pytest.mark.parametrize(("given", "code"), [
    ({"Alias": "new"}, "INVALID_PARAMETER"),
    ({"DtmfAccessId": "1234"}, "INVALID_PARAMETER"),
    ({"Alias": "x" * 65, "DtmfAccessId": "1234"}, "INVALID_PARAMETER"),
    ({"Alias": "new", "DtmfAccessId": "12a"}, "INVALID_PARAMETER"),
    ({"Alias": "new", "DtmfAccessId": "1234", "ListInDirectory": "yes"}, "INVALID_PARAMETER"),
    ({"Alias": "POD6user11", "DtmfAccessId": "1234"}, "ALREADY_EXISTS"),
    ({"Alias": "new", "DtmfAccessId": "6120"}, "ALREADY_EXISTS"),
    ({"Alias": "new", "DtmfAccessId": "6000"}, "ALREADY_EXISTS"),
])
def test_a_mailbox_that_cannot_be_is_refused(
    pod: Pod, cuc: Send, given: dict[str, str], code: str
) -> None:
    assert error(cuc("POST", CREATE, json=given)) == (400, code)
    assert len(mailboxes(pod)) == WITH_MAILBOX


@pytest.mark.parametrize("status", ["400", "404"])
@pytest.mark.parametrize("path", ["/users", "/import/users/ldap"])
def test_an_unknown_template_is_refused(pod: Pod, cuc: Send, path: str, status: str) -> None:
    pod.switches.cuc_unknown_template_status = status
    for query in ("", "?templateAlias=nothing"):
        given = {"Alias": "new", "DtmfAccessId": "1234", "pkid": directory_id("lee")}
        assert error(cuc("POST", path + query, json=given)) == (int(status), "OBJECT_NOT_FOUND")


def test_only_what_is_sent_is_changed(cuc: Send, find: Find) -> None:
    before = find("pod6user11")
    answer = cuc("PUT", f"/users/{before['ObjectId']}",
                 json={"ListInDirectory": False, "DtmfAccessId": "0711", "colour": "red"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert find("pod6user11") == {**before, "ListInDirectory": "false", "DtmfAccessId": "0711"}


def test_what_is_sent_empty_is_unset(cuc: Send, find: Find) -> None:
    place = f"/users/{find('pod6user11')['ObjectId']}"
    assert cuc("PUT", place, json={"SmtpAddress": ""}).status_code == 204
    assert "SmtpAddress" not in cuc("GET", place).json()
    assert error(cuc("PUT", place, json={"DtmfAccessId": ""})) == (400, "INVALID_PARAMETER")


def test_a_mailbox_can_be_sent_as_it_was_read(cuc: Send, find: Find) -> None:
    place = f"/users/{find('pod6user11')['ObjectId']}"
    read = cuc("GET", place).json()
    assert cuc("PUT", place, json={**read, "CreationTime": "now"}).status_code == 204
    assert cuc("GET", place).json() == read


@pytest.mark.parametrize(("given", "code"), [
    ({"Alias": "other"}, "INVALID_PARAMETER"), ({"FirstName": "Other"}, "INVALID_PARAMETER"),
    ({"LastName": ""}, "INVALID_PARAMETER"), ({"DtmfAccessId": "6120"}, "ALREADY_EXISTS"),
])
def test_a_change_that_cannot_be_changes_nothing(
    cuc: Send, find: Find, given: dict[str, str], code: str
) -> None:
    before = find("pod6user11")
    change = {"ListInDirectory": "false", **given}
    assert error(cuc("PUT", f"/users/{before['ObjectId']}", json=change)) == (400, code)
    assert find("pod6user11") == before


@pytest.mark.parametrize("status", ["204", "200"])
def test_a_deleted_mailbox_is_gone_and_its_user_can_be_imported_again(
    pod: Pod, cuc: Send, find: Find, import_user: Import, status: str
) -> None:
    pod.switches.cuc_delete_status = status
    place = f"/users/{find('pod6user11')['ObjectId']}"
    answer = cuc("DELETE", place)
    assert (answer.status_code, answer.content) == (int(status), b"")
    assert {cuc(method, place).status_code for method in ("GET", "DELETE")} == {404}
    assert cuc("GET", f"{place}/credential/pin").status_code == 404
    assert import_user("pod6user11").status_code == 201


# Import


def test_those_without_a_mailbox_can_be_imported(cuc: Send) -> None:
    listed = cuc("GET", "/import/users/ldap").json()
    assert listed["@total"] == str(len(listed["ImportUser"])) == str(len(USERS) - WITH_MAILBOX + 2)
    assert cuc("GET", "/import/users/ldap?query=(alias is pod6user11)").json() == {"@total": "0"}
    one = cuc("GET", "/import/users/ldap?query=(alias is POD6USER1)").json()
    assert one == {"@total": "1", "ImportUser": {
        "alias": "pod6user1", "firstName": "Pod6", "lastName": "User1",
        "phoneNumber": "+14085550101", "pkid": directory_id("pod6user1"),
    }}


def test_the_list_to_import_is_paged_by_offset_and_limit(cuc: Send) -> None:
    whole = cuc("GET", "/import/users/ldap").json()["ImportUser"]
    query = "rowsPerPage=1&pageNumber=9&offset=2&limit=3"
    assert cuc("GET", f"/import/users/ldap?{query}").json()["ImportUser"] == whole[2:5]
    assert "ImportUser" not in cuc("GET", "/import/users/ldap?offset=1000").json()
    backwards = cuc("GET", "/import/users/ldap?limit=2&sort=(alias desc)").json()["ImportUser"]
    assert backwards == whole[:-3:-1]


def test_the_list_to_import_can_lack_totals_and_numbers(pod: Pod, cuc: Send) -> None:
    pod.switches.update({"cuc_import_total": False, "cuc_import_phone": False})
    found = cuc("GET", "/import/users/ldap?query=(alias is pod6user1)").json()
    assert set(found) == {"ImportUser"}
    assert set(found["ImportUser"]) == {"alias", "firstName", "lastName", "pkid"}
    assert cuc("GET", "/import/users/ldap?query=(alias is nobody)").json() == {}
    answer = cuc("GET", "/import/users/ldap?query=(alias is nobody)", headers=XML)
    assert answer.text.endswith("<ImportUsers></ImportUsers>")


def test_a_user_is_imported_with_what_ldap_says(
    cuc: Send, find: Find, import_user: Import
) -> None:
    answer = import_user("pod6user1", dtmfAccessId="0101", alias="ignored")
    made = find("pod6user1")
    assert (answer.status_code, answer.text) == (201, made["URI"])
    assert (made["DtmfAccessId"], made["DisplayName"]) == ("0101", "Pod6 User1")
    assert made["EmailAddress"] == "pod6user1@pod6.example"
    assert (made["LdapType"], made["LdapCcmUserId"]) == ("3", "pod6user1")
    assert (made["ListInDirectory"], made["IsVmEnrolled"]) == ("true", "true")
    assert cuc("GET", "/import/users/ldap?query=(alias is pod6user1)").json() == {"@total": "0"}


def test_an_alias_that_no_address_can_have_leaves_it_to_the_extension(
    find: Find, import_user: Import
) -> None:
    import_user("ann@pod6.example")
    assert find("ann@pod6.example")["SmtpAddress"] == "6116@cuc.pod6.example"
    assert find("MixedCase")["SmtpAddress"] == "mixedcase@cuc.pod6.example"


def test_an_import_is_refused_the_second_time(pod: Pod, import_user: Import) -> None:
    assert import_user("pod6user1").status_code == 201
    assert error(import_user("pod6user1")) == (400, "OBJECT_NOT_FOUND")
    assert len(mailboxes(pod)) == WITH_MAILBOX + 1


def test_a_telephone_number_is_the_extension_unless_it_is_demanded(
    pod: Pod, find: Find, import_user: Import
) -> None:
    import_user("brackets")
    assert find("brackets")["DtmfAccessId"] == "14085550151"
    pod.switches.cuc_extension_demanded = True
    assert error(import_user("pod6user1")) == (400, "INVALID_PARAMETER")
    assert import_user("pod6user1", dtmfAccessId="7001").status_code == 201


def test_without_a_telephone_number_an_extension_is_needed(import_user: Import) -> None:
    assert error(import_user("nophone")) == (400, "INVALID_PARAMETER")
    assert import_user("nophone", dtmfAccessId="7002").status_code == 201


@pytest.mark.parametrize(("userid", "fields", "code"), [
    ("twin2", {}, "ALREADY_EXISTS"),
    ("reception", {}, "ALREADY_EXISTS"),
    ("pod6user1", {"dtmfAccessId": "6111"}, "ALREADY_EXISTS"),
    ("pod6user1", {"dtmfAccessId": "x"}, "INVALID_PARAMETER"),
    ("pod6user1", {"pkid": "nobody"}, "OBJECT_NOT_FOUND"),
    ("a-user-id-that-is-quite-long-" + "0123456789" * 9, {}, "INVALID_PARAMETER"),
])
def test_an_import_that_cannot_be_is_refused(
    pod: Pod, import_user: Import, userid: str, fields: dict[str, str], code: str
) -> None:
    assert error(import_user(userid, **fields)) == (400, code)
    assert len(mailboxes(pod)) == WITH_MAILBOX


def test_who_was_made_by_hand_cannot_be_imported(
    cuc: Send, find: Find, import_user: Import
) -> None:
    cuc("POST", CREATE, json={"Alias": "POD6USER1", "DtmfAccessId": "1234"})
    assert error(import_user("pod6user1")) == (400, "OBJECT_NOT_FOUND")
    place = f"/users/{find('pod6user1')['ObjectId']}"
    assert cuc("PUT", place, json={"Alias": "someone"}).status_code == 204
    assert import_user("pod6user1").status_code == 201


def test_who_was_made_by_hand_and_is_unknown_to_ldap_is_gone_when_deleted(
    cuc: Send, find: Find
) -> None:
    cuc("POST", CREATE, json={"Alias": "new", "DtmfAccessId": "1234"})
    assert cuc("DELETE", f"/users/{find('new')['ObjectId']}").status_code == 204
    assert cuc("GET", "/import/users/ldap?query=(alias is new)").json() == {"@total": "0"}


def test_without_ldap_nobody_can_be_imported(
    pod: Pod, cuc: Send, import_user: Import
) -> None:
    pod.switches.cuc_ldap = False
    for answer in (cuc("GET", "/import/users/ldap"), import_user("pod6user1")):
        assert error(answer) == (400, "LDAP_DIRECTORY_SYNCH_NOT_ACTIVATED")
        assert "LDAP_DIRECTORY_SYNCH_NOT_ACTIVATED" in answer.json()["errors"]["message"]


@pytest.mark.parametrize("takes_effect", [True, False])
def test_a_lost_import_has_happened_or_not(
    pod: Pod, import_user: Import, takes_effect: bool
) -> None:
    pod.faults.add("cut", method="POST", takes_effect=takes_effect)
    with pytest.raises(requests.ConnectionError):
        import_user("pod6user1")
    assert len(mailboxes(pod)) == WITH_MAILBOX + takes_effect


# PINs


def test_a_pin_is_changed_and_never_shown(
    pod: Pod, cuc: Send, pin: Callable[[str], str]
) -> None:
    place = pin("pod6user11")
    before = cuc("GET", place).json()
    answer = cuc("PUT", place, json={"Credentials": "013579", "CredMustChange": "false"})
    assert (answer.status_code, answer.content) == (204, b"")
    after = cuc("GET", place).json()
    assert (after["Credentials"], after["CredMustChange"]) == ("", "false")
    assert after["TimeChanged"] > before["TimeChanged"]
    assert (after["CredentialType"], after["Alias"]) == ("4", "pod6user11")
    [mailbox] = [each for each in mailboxes(pod) if each["Alias"] == "pod6user11"]
    assert mailbox["PIN"] == "013579"
    assert "013579" not in str(pod.journal.report())
    in_xml = xmltodict.parse(cuc("GET", place, headers=XML).text)["Credential"]
    assert {**after, "Credentials": None} == in_xml


def test_a_pin_can_be_sent_in_xml_and_as_a_number(
    pod: Pod, cuc: Send, pin: Callable[[str], str]
) -> None:
    place, headers = pin("pod6user11"), {"Content-Type": "application/xml"}
    body = b"<Credential><Credentials>090807</Credentials></Credential>"
    assert cuc("PUT", place, data=body, headers=headers).status_code == 204
    assert cuc("PUT", place, json={"Credentials": 24680}).status_code == 204


@pytest.mark.parametrize("wanted", [
    "", "1357", "13 579", "1357a", "٣٥٧١٩", "12345", "98765", "77777", "80246", "14085550111",
    "11105558041", "873711", "7636873711", "1" * 65,
])
def test_a_bad_pin_is_refused(
    cuc: Send, pin: Callable[[str], str], wanted: str
) -> None:
    answer = cuc("PUT", pin("pod6user11"), json={"Credentials": wanted, "HackCount": "2"})
    assert error(answer) == (400, "IMS_ERROR")
    assert cuc("GET", pin("pod6user11")).json()["HackCount"] == "0"


@pytest.mark.parametrize(("given", "trivial"), [
    ("11111", True), ("23456", True), ("65432", True), ("24680", False), ("112233", False),
    ("1666", True), ("6661", True), ("16661", False), ("83752", True), ("274", True),
    ("83752274", True), ("27483752", True), ("9901", True),
])
def test_what_others_would_try_first_is_trivial(given: str, trivial: bool) -> None:
    mailbox = {"Alias": "xy01", "FirstName": "Tesla", "LastName": "Ash", "DtmfAccessId": "1666"}
    assert is_trivial(given, mailbox) == trivial


def test_the_rules_for_pins_are_told_and_kept(
    pod: Pod, cuc: Send, pin: Callable[[str], str]
) -> None:
    rules = {"cuc_pin_length": 8, "cuc_pin_trivial_refused": False, "cuc_pin_previous": 2}
    pod.switches.update({**rules, "cuc_pin_error": "No."})
    [told, _] = cuc("GET", "/authenticationrules").json()["AuthenticationRule"]
    assert told["ObjectId"] == cuc("GET", pin("yuki")).json()["CredentialPolicyObjectId"]
    assert (told["MinLength"], told["TrivialCredChecking"], told["PrevCredCount"]) == (
        "8", "false", "2"
    )

    def change(wanted: str) -> int:
        return cuc("PUT", pin("yuki"), json={"Credentials": wanted}).status_code

    assert [change(each) for each in ("1234567", "12345678", "87654321", "12345678")] == [
        400, 204, 204, 400
    ]
    assert [change(each) for each in ("11111111", "12345678")] == [204, 204]
    answer = cuc("PUT", pin("yuki"), json={"Credentials": "1"})
    assert answer.json()["errors"]["message"] == "No."


@pytest.mark.parametrize("time_hacked", ["", [], None])
def test_a_mailbox_is_unlocked(
    cuc: Send, pin: Callable[[str], str], time_hacked: object
) -> None:
    place = pin("pod6user12")
    locked = cuc("GET", place).json()
    assert (locked["HackCount"], locked["Hacked"]) == ("3", "true")
    assert locked["TimeLastHack"] == locked["TimeLockout"]
    body = {"HackCount": "0", "TimeHacked": time_hacked}
    assert cuc("PUT", place, json=body).status_code == 204
    unlocked = cuc("GET", place).json()
    assert (unlocked["HackCount"], unlocked["Hacked"]) == ("0", "false")
    assert not {"TimeLastHack", "TimeLockout"} & set(unlocked)


def test_a_mailbox_is_unlocked_in_xml(cuc: Send, pin: Callable[[str], str]) -> None:
    body = b"<Credential><HackCount>0</HackCount><TimeHacked/></Credential>"
    cuc("PUT", pin("pod6user12"), data=body, headers={"Content-Type": "application/xml"})
    assert cuc("GET", pin("pod6user12")).json()["Hacked"] == "false"


@pytest.mark.parametrize("given", [{"HackCount": "many"}, {"Locked": "maybe"}, {"CantChange": ""}])
def test_what_is_said_of_a_pin_is_checked(
    cuc: Send, pin: Callable[[str], str], given: dict[str, str]
) -> None:
    assert error(cuc("PUT", pin("yuki"), json=given)) == (400, "INVALID_PARAMETER")


def test_a_new_mailbox_has_a_pin_that_must_be_changed(
    cuc: Send, pin: Callable[[str], str], import_user: Import
) -> None:
    import_user("pod6user1")
    assert cuc("GET", pin("pod6user1")).json()["CredMustChange"] == "true"


# The throttle


@pytest.fixture
def line(pod: Pod) -> WaitingLine:
    """The line before the server: what enters it here is at work as if a client had sent it."""
    state = pod.services["cuc"].state
    assert isinstance(state, CucState)
    return state.line


def test_so_many_are_worked_on_at_a_time_and_others_wait() -> None:
    line = WaitingLine()
    waits = [line.enter(100, 2, 99, 600) for _ in range(5)]
    assert waits == pytest.approx([0, 0, 100, 100, 200], abs=9)
    line.clear()
    assert line.enter(100, 2, 99, 600) == 0


def test_whose_turn_comes_too_late_is_told_so_when_the_time_is_over() -> None:
    line = WaitingLine()
    line.enter(100, 1, 99, 5)
    with pytest.raises(LineTooLong) as caught:
        line.enter(100, 1, 99, 5)
    assert caught.value.seconds == 5


def test_who_finds_the_line_full_is_told_so_at_once() -> None:
    line = WaitingLine()
    waits = [line.enter(100, 1, 2, 600) for _ in range(3)]
    assert waits == pytest.approx([0, 100, 200], abs=9)
    with pytest.raises(LineTooLong) as caught:
        line.enter(100, 1, 2, 600)
    assert caught.value.seconds == 0


def test_what_is_done_leaves_the_line() -> None:
    line = WaitingLine()
    line.enter(0.01, 1, 0, 0)
    time.sleep(0.02)
    assert line.enter(100, 1, 0, 0) == 0


def test_a_request_waits_for_its_turn(pod: Pod, cuc: Send, line: WaitingLine) -> None:
    pod.switches.cuc_at_a_time = 1
    began = time.monotonic()
    line.enter(0.2, 1, 0, 0)
    assert cuc("GET", "/version").status_code == 200
    assert time.monotonic() - began >= 0.2


def test_what_takes_its_time_keeps_others_waiting(pod: Pod) -> None:
    pod.switches.update({"cuc_at_a_time": 1, "cuc_latency": 100_000, "cuc_queue_seconds": 600})
    request = ReceivedRequest("cuc", "GET", "/vmrest/version")
    delays = [pod.services["cuc"].answer(request).delay for _ in range(3)]
    assert delays == pytest.approx([100, 200, 300], abs=9)


@pytest.mark.parametrize(("switches", "retry_after"), [
    ({"cuc_queue": 0}, None), ({"cuc_queue_seconds": 0}, None),
    ({"cuc_queue": 0, "cuc_retry_after": 3}, "3"),
])
def test_whose_turn_does_not_come_gets_tomcats_page_and_no_effect(
    pod: Pod, import_user: Import, line: WaitingLine, switches: dict[str, object],
    retry_after: str | None,
) -> None:
    pod.switches.update({"cuc_at_a_time": 1, **switches})
    line.enter(60, 1, 0, 0)
    answer = import_user("pod6user1")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html;charset=utf-8")
    assert "Server Busy" in answer.text
    assert answer.headers.get("Retry-After") == retry_after
    assert len(mailboxes(pod)) == WITH_MAILBOX


# Its own faults, and the pod around it


@pytest.mark.parametrize(("accept", "begin"), [
    ("application/json", '{"errors":{"code":"IMS_ERROR"'),
    ("application/xml", '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><ErrorDetails>'),
])
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_any_code_can_be_had(
    pod: Pod, cuc: Send, pin: Callable[[str], str], method: str, accept: str, begin: str
) -> None:
    place = pin("yuki")
    pod.faults.add("details")
    answer = cuc(method, place, json={"Credentials": "24680"}, headers={"Accept": accept})
    assert (answer.status_code, answer.text[:len(begin)]) == (400, begin)
    assert {each["PIN"] for each in mailboxes(pod)} == {"80246"}


def test_an_exception_is_a_page_of_tomcats(pod: Pod, cuc: Send) -> None:
    pod.faults.add("exception")
    answer = cuc("GET", "/users")
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "text/html;charset=utf-8")
    assert "<b>Exception:</b><pre>" in answer.text


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_mailbox_can_vanish_between_look_up_and_use(
    pod: Pod, cuc: Send, find: Find, method: str
) -> None:
    place = f"/users/{find('yuki')['ObjectId']}"
    pod.faults.add("mailbox_vanishes")
    assert cuc("GET", "/users").status_code == 200
    assert cuc(method, place, json={}).status_code == 404
    assert len(mailboxes(pod)) == WITH_MAILBOX - 1


def test_a_status_401_is_the_servers_own(pod: Pod, cuc: Send) -> None:
    pod.faults.add("status", 401)
    answer = cuc("GET", "/users")
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Cisco Unity Connection"'


def test_the_control_port_shows_the_mailboxes_with_their_pins(control: Send) -> None:
    shown = control("GET", "/mailboxes").json()
    assert len(shown) == WITH_MAILBOX
    assert {each["PIN"] for each in shown} == {"80246"}


def test_a_reset_brings_the_mailboxes_back(
    pod: Pod, cuc: Send, find: Find, import_user: Import
) -> None:
    before = mailboxes(pod)
    import_user("pod6user1")
    cuc("DELETE", f"/users/{find('yuki')['ObjectId']}")
    assert mailboxes(pod) != before
    pod.reset()
    assert mailboxes(pod) == before


def test_the_settings_are_those_of_a_portal(pod: Pod) -> None:
    settings = {name: text for name, text in pod.settings.items() if name.startswith("CUC_")}
    assert settings == {
        "CUC_HOSTNAME": "127.0.0.1", "CUC_PORT": str(pod.port("cuc")), "CUC_USERNAME": "cucadmin",
        "CUC_PASSWORD": "Pod6-lab-cuc", "CUC_TLS_VERIFY": pod.ca_file,
    }


def test_half_of_a_company_has_a_mailbox() -> None:
    with Pod(company=company_of(40, 7)) as pod, requests.Session() as session:
        session.trust_env, session.verify = False, pod.ca_file
        session.auth = ("cucadmin", "Pod6-lab-cuc")
        session.headers["Accept"] = "application/json"
        count = session.get(pod.url("cuc") + "/users?rowsPerPage=0").json()["@total"]
        importable = session.get(pod.url("cuc") + "/import/users/ldap").json()["@total"]
    assert WITH_MAILBOX + 12 <= int(count) <= WITH_MAILBOX + 20
    assert int(count) + int(importable) == len(USERS) + 40 + 2


def test_mailboxes_are_made_when_they_are_first_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    monkeypatch.setattr("flaskr.pod.cuc.state.initial_records", made.append)
    pod = Pod()
    pod.reset()
    assert made == []


def test_so_many_users_are_only_listed_with_a_limit() -> None:
    company = company_of(4100, 7)
    state = CucState(CucSwitches(), company)
    client = Client(CucApi(state, "u", "p", "https://localhost/vmrest").app())
    path = "/vmrest/import/users/ldap"

    def total(query: str) -> tuple[int, int]:
        answer = client.get(path + query, auth=("u", "p"), headers={"Accept": "application/json"})
        return answer.status_code, len((answer.json or {}).get("ImportUser", []))

    assert total("") == (400, 0)
    assert total("?limit=2500") == (200, len(state.importable))
    assert total(f"?offset={len(state.importable) - 2000}") == (200, 2000)
    assert total("?query=(alias startswith smith)")[0] == 200
