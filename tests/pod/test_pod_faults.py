"""Faults: each kind once, and what they can be limited to."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
import requests
from support.cms_answers import Send
from support.timing import timed

from flaskr.pod import BadInput, Pod
from flaskr.pod.faults.documents import with_attribute
from flaskr.pod.faults.waiting import MOST_FAULTS
from flaskr.pod.servers import KINDS, SERVERS, parse
from flaskr.pod.service import WebService

Read = Callable[[requests.Response], dict[str, Any]]
Create = Callable[..., str]
Connect = Callable[..., ssl.SSLSocket]

Greet = Callable[[str], requests.Response]

GONE = requests.ConnectionError
WEB = [server.name for server in SERVERS if issubclass(server, WebService)]
UNKNOWN = "/coSpaces/00000000-0000-4000-8000-000000000000"


def names(pod: Pod) -> list[str]:
    return [space.values.get("name", "") for space in pod.spaces.listed()]


def request_line(pod: Pod, method: str, path: str, body: str = "") -> bytes:
    login = requests.auth._basic_auth_str(pod.username, pod.password)
    head = f"{method} /api/v1{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {login}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def everything(connection: ssl.SSLSocket) -> bytes:
    """All bytes until the connection ends, in whatever way."""
    found = b""
    try:
        while piece := connection.recv(65536):
            found += piece
    except OSError:
        return found
    return found


def test_busy_is_503_for_so_many_requests(pod: Pod, cms: Send) -> None:
    pod.faults.add("busy", times=2)
    answers = [cms("GET", "/coSpaces") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert answers[0].content == b""
    assert "Retry-After" not in answers[0].headers
    assert pod.faults.active() == []


@pytest.mark.parametrize("value", ["2", 2, "Wed, 21 Oct 2026 07:28:00 GMT", "soon"])
def test_busy_can_say_when_to_try_again(pod: Pod, cms: Send, value: object) -> None:
    pod.faults.add("busy", value)
    assert cms("GET", "/coSpaces").headers["Retry-After"] == str(value)


@pytest.mark.parametrize("code", [200, 401, 403, 404, 429, 500, 502, 599])
def test_a_status_comes_with_no_body(pod: Pod, cms: Send, uds: Send, code: int) -> None:
    pod.faults.add("status", code)
    for answer in (cms("GET", "/coSpaces"), uds("GET", "/users")):
        assert (answer.status_code, answer.content) == (code, b"")
        assert ("WWW-Authenticate" in answer.headers) == (code == 401)


@pytest.mark.parametrize("server", ["cms", "uds"])
def test_a_status_401_has_the_headers_of_the_server_that_it_acts_on(
    pod: Pod, cms: Send, uds: Send, server: str
) -> None:
    pod.switches.update({"uds_authentication": True, "uds_error_body": "none"})
    send, path = (cms, "/coSpaces") if server == "cms" else (uds, "/users")
    own = send("GET", path, auth=("nobody", "wrong"))
    pod.faults.add("status", 401)
    answer = send("GET", path)
    assert (own.status_code, answer.status_code) == (401, 401)
    assert _without_what_changes(answer) == _without_what_changes(own)


def test_the_servers_ask_for_passwords_of_their_own_realm(pod: Pod, cms: Send, uds: Send) -> None:
    pod.faults.add("status", 401)
    assert cms("GET", "/coSpaces").headers["WWW-Authenticate"] == 'Basic realm="acano"'
    realm = 'Basic realm="Cisco Web Services Realm"'
    assert uds("GET", "/users").headers["WWW-Authenticate"] == realm


def _without_what_changes(answer: requests.Response) -> dict[str, str]:
    return {
        name: value for name, value in answer.headers.items() if name not in ("Date", "Keep-Alive")
    }


@pytest.mark.parametrize(("kind", "content_type", "begin"), [
    ("html", "text/html", b"<!DOCTYPE html>"), ("json", "application/json", b"{"),
    ("text", "text/plain", b"Service"), ("other_root", "text/xml", b'<?xml version="1.0"?><un'),
])
@pytest.mark.parametrize("code", [None, 502])
def test_something_else_comes_in_any_status(
    pod: Pod, cms: Send, kind: str, content_type: str, begin: bytes, code: int | None
) -> None:
    pod.faults.add(kind, code)
    answer = cms("GET", "/system/status")
    assert answer.status_code == (code or 200)
    assert answer.headers["Content-Type"].startswith(content_type)
    assert answer.content.startswith(begin)


def test_any_failure_code_can_be_had_and_several(pod: Pod, cms: Send, read: Read) -> None:
    pod.faults.add("failure", times=1)
    assert cms("GET", "/coSpaces").status_code == 503
    pod.faults.add("failure", "tenantDoesNotExist,tooManyLdapSyncs")
    answer = cms("GET", "/coSpaces")
    assert answer.status_code == 404
    assert list(read(answer)["failureDetails"]) == ["tenantDoesNotExist", "tooManyLdapSyncs"]


def test_a_redirect_leads_elsewhere(pod: Pod, cms: Send) -> None:
    pod.faults.add("redirect", "https://127.0.0.1:1/x")
    answer = cms("GET", "/coSpaces")
    assert (answer.status_code, answer.headers["Location"]) == (302, "https://127.0.0.1:1/x")


def test_xml_is_cut_short_with_the_right_length(pod: Pod, cms: Send) -> None:
    whole = cms("GET", "/coSpaces").content
    pod.faults.add("truncated", 0.25)
    assert cms("GET", "/coSpaces").content == whole[:len(whole) // 4]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "unknown"])
def test_the_encoding_is_another_than_the_xml_says(pod: Pod, cms: Send, encoding: str) -> None:
    pod.faults.add("wrong_encoding", encoding)
    for answer in (cms("GET", "/coSpaces"), cms("POST", "/coSpaces")):
        with pytest.raises((ElementTree.ParseError, LookupError)):
            ElementTree.fromstring(answer.content)


def test_an_entity_bomb_is_ten_levels_of_ten(pod: Pod, cms: Send) -> None:
    pod.faults.add("entity_bomb")
    body = cms("GET", "/coSpaces").content
    assert body.startswith(b'<?xml version="1.0"?><!DOCTYPE coSpaces [<!ENTITY e0 "boom">')
    assert b"<a>&e9;</a>" in body
    assert len(body) < 10_000


def test_an_external_entity_names_a_file(pod: Pod, cms: Send) -> None:
    pod.faults.add("external_entity", "file:///etc/passwd")
    assert b'<!ENTITY e SYSTEM "file:///etc/passwd">' in cms("GET", "/coSpaces").content


def test_an_answer_can_be_megabytes_of_sound_xml(pod: Pod, cms: Send, read: Read) -> None:
    pod.faults.add("huge", 2)
    answer = cms("GET", "/coSpaces?filter=sales")
    assert len(answer.content) > 2 * 1024 * 1024
    assert read(answer)["coSpaces"]["coSpace"][0]["name"] == "Sales"


def test_elements_can_be_nested_without_end(pod: Pod, cms: Send) -> None:
    pod.faults.add("nested")
    assert cms("GET", "/coSpaces").content.count(b"<a>") == 100_000


def test_a_list_can_have_no_total(pod: Pod, cms: Send, uds: Send, read: Read) -> None:
    pod.faults.add("no_total")
    assert "@total" not in read(cms("GET", "/coSpaces"))["coSpaces"]
    assert "@totalCount" not in read(uds("GET", "/users"))["users"]


@pytest.mark.parametrize("total", ["many", '"<&', "-1", "1000000"])
def test_a_total_can_say_anything(pod: Pod, cms: Send, uds: Send, read: Read, total: str) -> None:
    pod.faults.add("total", total)
    assert read(cms("GET", "/coSpaces?offset=31"))["coSpaces"]["@total"] == total
    assert read(uds("GET", "/users"))["users"]["@totalCount"] == total


@pytest.mark.parametrize(("body", "total", "changed"), [
    (b'{"@total":"1","User":{}}', '"7', b'{"@total":"\\"7","User":{}}'),
    (b'{"@total":"0"}', "7", b'{"@total":"7"}'),
    (b'{"@total":"1","User":{}}', None, b'{"User":{}}'),
    (b'{"@total":"0"}', None, b"{}"),
])
def test_a_total_in_json_can_say_anything_and_be_missing(
    body: bytes, total: str | None, changed: bytes
) -> None:
    assert with_attribute(body, "total", total) == changed


def test_every_page_can_be_the_first(pod: Pod, cms: Send) -> None:
    pod.faults.add("same_page")
    first = cms("GET", "/coSpaces").content
    assert cms("GET", "/coSpaces?offset=10").content == first


def test_an_id_can_be_no_guid(pod: Pod, cms: Send, read: Read) -> None:
    pod.faults.add("bad_id", "../x")
    assert read(cms("GET", "/coSpaces"))["coSpaces"]["coSpace"][0]["@id"] == "../x"
    assert cms("POST", "/coSpaces").headers["Location"] == "/api/v1/coSpaces/../x"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_space_can_vanish_between_look_up_and_use(
    pod: Pod, cms: Send, create: Create, method: str
) -> None:
    place = create(name="there")
    pod.faults.add("vanish", method=method, path="/coSpaces/*", times=1)
    assert cms(method, place.upper()).status_code == 400
    assert "there" not in names(pod)
    pod.faults.add("vanish", times=1)
    assert cms("GET", "/coSpaces").status_code == 200


def test_a_list_can_lose_entries_between_two_pages(pod: Pod, cms: Send, read: Read) -> None:
    pod.faults.add("list_loses", 2, path="/coSpaces", query="offset=10")
    first = read(cms("GET", "/coSpaces?filter=e"))["coSpaces"]
    second = read(cms("GET", "/coSpaces?filter=e&offset=10"))["coSpaces"]
    assert int(second["@total"]) == int(first["@total"]) - 2


def test_a_list_can_gain_entries_between_two_pages(pod: Pod, cms: Send, read: Read) -> None:
    pod.switches.page_cap = 10
    pod.faults.add("list_gains", skip=1, times=1)
    first = read(cms("GET", "/coSpaces?filter=pod6user1"))["coSpaces"]
    second = read(cms("GET", "/coSpaces?filter=pod6user1&offset=10"))["coSpaces"]
    assert int(second["@total"]) == int(first["@total"]) + 1
    assert second["coSpace"][0]["@id"] == first["coSpace"][-1]["@id"]


def test_a_connection_can_be_cut_instead_of_an_answer(
    pod: Pod, cms: Send, connect: Connect
) -> None:
    pod.faults.add("cut")
    with pytest.raises(GONE):
        cms("GET", "/coSpaces")
    connection = connect()
    connection.sendall(request_line(pod, "GET", "/coSpaces"))
    assert everything(connection) == b""


def test_a_connection_can_be_cut_in_the_middle_of_an_answer(pod: Pod, connect: Connect) -> None:
    pod.faults.add("cut", 0.5)
    connection = connect()
    connection.sendall(request_line(pod, "GET", "/coSpaces"))
    answer = everything(connection)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    announced = int(head.partition(b"Content-Length: ")[2].split()[0])
    assert 0 < len(body) < announced


def test_a_connection_can_be_reset(pod: Pod, connect: Connect) -> None:
    pod.faults.add("reset")
    connection = connect()
    connection.sendall(request_line(pod, "GET", "/coSpaces"))
    # Below TLS, whose library on some versions shows a reset as a mere end.
    with socket.socket(fileno=connection.detach()) as plain:
        plain.settimeout(10)
        with pytest.raises(ConnectionResetError):
            while plain.recv(4096):
                continue


@pytest.mark.parametrize("kind", ["cut", "reset", "busy", "html", "late"])
@pytest.mark.parametrize("takes_effect", [True, False])
def test_a_lost_creation_has_happened_or_not(
    pod: Pod, cms: Send, kind: str, takes_effect: bool
) -> None:
    value = 0 if kind == "late" else None
    pod.faults.add(kind, value, method="POST", path="/coSpaces", takes_effect=takes_effect)
    try:
        cms("POST", "/coSpaces", data={"name": "lost"})
    except GONE:
        assert kind in ("cut", "reset")
    assert ("lost" in names(pod)) == takes_effect


@pytest.mark.parametrize("kind", KINDS)
def test_what_replaces_an_answer_has_no_effect_and_what_spoils_one_has(kind: str) -> None:
    replacing = {
        "busy", "status", "failure", "redirect", "html", "json", "text", "other_root", "details",
        "exception",
    }
    assert parse(kind).takes_effect == (kind not in replacing)


def test_a_connection_can_be_closed_unannounced_after_an_answer(
    pod: Pod, connect: Connect
) -> None:
    pod.faults.add("hang_up")
    connection = connect()
    connection.sendall(request_line(pod, "GET", "/coSpaces"))
    answer = everything(connection)
    assert b"Connection: keep-alive" in answer
    assert answer.endswith(b"</coSpaces>")


def test_an_answer_can_come_twice(pod: Pod, connect: Connect) -> None:
    pod.faults.add("twice", times=1)
    connection = connect(timeout=0.3)
    connection.sendall(request_line(pod, "GET", "/coSpaces"))
    first, second = everything(connection).split(b"HTTP/1.1 200 OK\r\n")[1:]
    assert first == second


@timed
def test_the_second_of_two_answers_can_be_late(pod: Pod, connect: Connect) -> None:
    pod.faults.add("twice", 0.3)
    connection = connect(timeout=5)
    connection.sendall(request_line(pod, "DELETE", UNKNOWN))
    began, found = time.monotonic(), b""
    while found.count(b"</failureDetails>") < 2:
        found += connection.recv(4096)
    assert time.monotonic() - began > 0.3


@pytest.mark.parametrize("count", [1, 4])
def test_interim_answers_can_come_first(pod: Pod, connect: Connect, count: int) -> None:
    pod.faults.add("interim", count)
    connection = connect(timeout=0.3)
    connection.sendall(request_line(pod, "GET", "/coSpaces"))
    found = everything(connection)
    statuses = [line[9:12] for line in found.splitlines() if line.startswith(b"HTTP/1.1 ")]
    assert statuses == [b"100", b"102", b"103", b"100"][:count] + [b"200"]


def test_a_chunk_can_be_of_any_size(pod: Pod, connect: Connect) -> None:
    pod.faults.add("chunk_size", "-5")
    connection = connect(timeout=0.3)
    connection.sendall(request_line(pod, "GET", "/coSpaces"))
    head, _, body = everything(connection).partition(b"\r\n\r\n")
    assert b"Transfer-Encoding: chunked" in head
    assert b"Content-Length" not in head
    assert body.startswith(b"-5\r\n<?xml")
    assert body.endswith(b"</coSpaces>\r\n0\r\n\r\n")


def test_a_right_chunk_size_makes_a_right_answer(pod: Pod, cms: Send) -> None:
    whole = cms("GET", "/coSpaces").content
    pod.faults.add("chunk_size", f"{len(whole):x}")
    assert cms("GET", "/coSpaces").content == whole


def test_a_redirect_can_have_a_huge_body_in_gzip(pod: Pod, cms: Send) -> None:
    pod.faults.add("redirect")
    pod.faults.add("huge", 2)
    pod.faults.add("gzip")
    answer = cms("GET", "/coSpaces", stream=True)
    assert (answer.status_code, answer.headers["Content-Encoding"]) == (302, "gzip")
    assert int(answer.headers["Content-Length"]) < 10_000
    assert len(answer.content) > 2 * 1024 * 1024


def test_cookies_can_come_and_are_always_new_ones(pod: Pod, cms: Send) -> None:
    pod.faults.add("cookies", 20)
    names = {cookie.name for _ in range(2) for cookie in cms("GET", "/coSpaces").cookies}
    assert len(names) == 40


def test_content_length_can_say_too_much(pod: Pod, cms: Send) -> None:
    pod.faults.add("length", 7)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        cms("GET", "/coSpaces")


def test_content_length_can_say_too_little(pod: Pod, cms: Send) -> None:
    pod.faults.add("length", -5, times=1)
    assert cms("GET", "/coSpaces").content.endswith(b"</coSp")


@timed
def test_the_first_byte_can_be_late(pod: Pod, cms: Send) -> None:
    pod.faults.add("late", 0.3)
    began = time.monotonic()
    assert cms("GET", "/coSpaces").status_code == 200
    assert time.monotonic() - began > 0.3


@timed
def test_bytes_can_trickle(pod: Pod, connect: Connect) -> None:
    pod.faults.add("slow", 20)
    connection = connect(timeout=5)
    connection.sendall(request_line(pod, "GET", "/coSpaces"))
    began, found = time.monotonic(), b""
    while len(found) < 8:
        found += connection.recv(100)
    assert 0.2 < time.monotonic() - began < 2
    assert len(found) == 8


@timed
@pytest.mark.parametrize("server", WEB)
def test_latency_is_a_servers_own(pod: Pod, greet: Greet, server: str) -> None:
    pod.switches.update({f"{server}_latency": 300})
    for name in WEB:
        began = time.monotonic()
        greet(name)
        assert (time.monotonic() - began > 0.3) == (name == server)


LIST, STATUS, DELETE, USERS = "list", "status", "delete", "users"


@pytest.mark.parametrize(("limits", "met"), [
    ({}, {LIST, STATUS, DELETE, USERS}),
    ({"server": "uds"}, {USERS}),
    ({"server": "cms"}, {LIST, STATUS, DELETE}),
    ({"method": "delete"}, {DELETE}),
    ({"path": "/coSpaces"}, {LIST}),
    ({"path": "/API/v1/cospaces/"}, {LIST}),
    ({"path": "/coSpaces/*"}, {DELETE}),
    ({"path": "/users"}, {USERS}),
    ({"path": "*s", "method": "GET", "server": "cms"}, {LIST, STATUS}),
])
def test_a_fault_can_be_limited_to_server_method_and_path(
    pod: Pod, cms: Send, uds: Send, limits: dict[str, str], met: set[str]
) -> None:
    pod.faults.add("status", 500, **limits)
    answers = {
        LIST: cms("GET", "/coSpaces"), STATUS: cms("GET", "/system/status"),
        DELETE: cms("DELETE", UNKNOWN), USERS: uds("GET", "/users"),
    }
    assert {name for name, answer in answers.items() if answer.status_code == 500} == met


@pytest.mark.parametrize(("query", "wanted", "acts"), [
    ("offset=10&filter=a", "offset=10", True), ("offset=100", "offset=10", False),
    ("offset=7", "offset=?*", True), ("offset=", "offset=?*", False), ("", "offset=*", False),
    ("filter=a%20b&offset=1", "filter=a b&offset=1", True), ("filter=a", "filter=a&x=1", False),
])
def test_a_fault_can_be_limited_to_parameters(
    pod: Pod, cms: Send, query: str, wanted: str, acts: bool
) -> None:
    pod.faults.add("status", 500, query=wanted)
    assert (cms("GET", f"/coSpaces?{query}").status_code == 500) == acts


@pytest.mark.parametrize("kind", ["failure", "list_loses", "list_gains", "vanish"])
def test_a_fault_of_the_cms_alone_leaves_the_uds_as_it_is(
    pod: Pod, cms: Send, uds: Send, kind: str
) -> None:
    before = names(pod)
    fault = pod.faults.add(kind)
    assert uds("GET", "/users").status_code == 200
    assert (names(pod), fault.acted) == (before, 0)
    cms("GET", "/coSpaces")
    assert fault.acted == 1
    with pytest.raises(BadInput, match=f"The fault {kind} is one of cms alone."):
        pod.faults.add(kind, server="uds")


def test_a_fault_can_skip_the_first_requests(pod: Pod, cms: Send) -> None:
    pod.faults.add("busy", skip=2, times=1)
    assert [cms("GET", "/coSpaces").status_code for _ in range(4)] == [200, 200, 503, 200]


def test_chance_is_repeatable_with_a_seed(pod: Pod, cms: Send) -> None:
    def statuses() -> list[int]:
        pod.reset()
        pod.faults.add("busy", probability=0.5)
        return [cms("GET", "/system/status").status_code for _ in range(30)]

    first = statuses()
    assert set(first) == {200, 503}
    assert statuses() == first


@timed
def test_faults_for_the_same_request_all_act_in_order(pod: Pod, cms: Send) -> None:
    pod.faults.add("late", 0.2)
    pod.faults.add("status", 500)
    pod.faults.add("status", 502)
    began = time.monotonic()
    assert cms("GET", "/coSpaces").status_code == 502
    assert time.monotonic() - began > 0.2


@pytest.mark.parametrize(("handshake", "said"), [
    ("expired", "certificate has expired"), ("other_name", "IP address mismatch"),
    ("other_ca", "unable to get local issuer certificate"), ("cut", "EOF|reset|aborted"),
])
@pytest.mark.parametrize("server", WEB)
def test_new_connections_can_meet_another_certificate_or_none(
    pod: Pod, greet: Greet, server: str, handshake: str, said: str
) -> None:
    pod.switches.update({f"{server}_handshake": handshake})
    with pytest.raises(GONE, match=said):
        greet(server)
    assert [greet(other).ok for other in WEB if other != server] == [False] * (len(WEB) - 1)
    pod.switches.update({f"{server}_handshake": "normal"})
    assert not greet(server).ok


def test_a_server_can_say_nothing_at_all(pod: Pod, cms: Send) -> None:
    pod.switches.cms_handshake = "silent"
    with pytest.raises(requests.Timeout):
        cms("GET", "/system/status", timeout=0.2)


@pytest.mark.parametrize("wording", [
    "busy", "busy=2 times=3 server=cms", "html=502 probability=0.5 method=POST path=/coSpaces",
    "cut=0.5 skip=1 takes_effect=false", "total='so many' query=offset=10", "length=-3",
])
def test_a_fault_can_be_worded_in_one_line(wording: str) -> None:
    assert parse(wording).fault == wording.partition("=")[0].split()[0]


@pytest.mark.parametrize(("wording", "sentence"), [
    ("", "is written as"), ("'", "is written as"), ("fire", "There is no fault 'fire'; there are"),
    ("busy color=red", "A fault has no 'color'"), ("busy times=0", "A fault's times must be a"),
    ("busy times", "A fault's times must be"), ("hang_up=1", "The fault hang_up has no value."),
    ("status=abc", "The value of the fault status must be"), ("cut=1", "must be a number from 0"),
    ("cut=nan", "must be a number"), ("length=0", "other than 0"), ("late=x", "must be a number"),
    ("failure=a-b", "must be failure codes"), ("busy server=dns", "must be one of cms, cms2, "),
    ("busy takes_effect=perhaps", "must be true or false"), ("busy id=3", "has no 'id'"),
    ("redirect=", "must be text of 1 to"), ("busy acted=3", "has no 'acted'"),
])
def test_a_fault_that_cannot_be_is_refused_in_a_sentence(wording: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        parse(wording)


@pytest.mark.parametrize(("value", "sentence"), [
    (True, "must be a number"), ({}, "must be a number"), (10**400, "must be a number"),
])
def test_a_number_is_a_number(pod: Pod, value: object, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        pod.faults.add("late", value)


def test_text_is_text(pod: Pod) -> None:
    with pytest.raises(BadInput, match="must be text"):
        pod.faults.add("busy", True)
    with pytest.raises(BadInput, match="must be failure codes"):
        pod.faults.add("failure", 1)


def test_there_are_only_so_many_faults(pod: Pod) -> None:
    for _ in range(MOST_FAULTS):
        pod.faults.add("busy", skip=1)
    with pytest.raises(BadInput, match="1000 faults already"):
        pod.faults.add("busy")


def test_faults_of_the_start_come_back_with_a_reset() -> None:
    pod = Pod(faults=["busy times=1"])
    pod.faults.clear()
    pod.reset()
    assert [fault.fault for fault in pod.faults.active()] == ["busy"]
