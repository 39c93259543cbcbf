"""What goes wrong at an LDAP directory and on the way there: a row a fault, before a real slapd.

Each row says what comes in the place of which answer, and which status, code and sentence come of
it. Every one is answered within the time allowed, and leaves the Spaces as they were.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from support.companies import PLAN, USERS, changes_at, portal_of
from support.ldap_proxy import LdapProxy, running_ldap_proxy
from support.slapd import PASSWORD, Slapd, ad_user, running_slapd
from support.timing import timed
from werkzeug.test import TestResponse

from flaskr.ldap.v1 import ldap as ldap_module
from flaskr.pod import Pod
from flaskr.pod.company import USERS as EMPLOYEES

pytestmark = timed
TIMEOUT_S = 0.8
SLACK_S = 0.6  # for a machine that has other things to do
SPACE = "/api/v1/cms/spaces/pod6user1"
OPERATIONS = ("bind", "search")

# fault, status, code, what the message says
ANYWHERE = [
    ("result=51", 503, "ldap_busy", "it is busy (result 51). Try again later."),
    ("result=52 soon", 503, "ldap_busy", "it is busy (result 52: soon)"),
    ("result=80 oh", 502, "ldap_server_error", "an error of its own (result 80: oh)"),
    ("result=50", 502, "ldap_refused_credentials", "it refuses the credentials (result 50)"),
    ("result=8", 502, "ldap_refused_credentials", "it wants another way to log in than"),
    ("result=10", 502, "ldap_unexpected_status", "refers to another server, which is not followed"),
    ("result=36", 502, "ldap_unexpected_status", "it answered with an error (result 36)"),
    ("http", 502, "ldap_unreadable_answer", "the answer can't be read: it is not LDAP"),
    ("garbage", 502, "ldap_unreadable_answer", "the answer can't be read: it is not LDAP"),
    ("empty", 502, "ldap_unreadable_answer", "the answer can't be read: it is not LDAP"),
    ("nested", 502, "ldap_unreadable_answer", "the answer can't be read: it is not LDAP"),
    ("other_id", 502, "ldap_unreadable_answer", "the answer can't be read: it is not LDAP"),
    ("other_operation", 502, "ldap_unreadable_answer", "can't be read: it is not LDAP"),
    ("length", 502, "ldap_unreadable_answer", "can't be read: it is larger than 4 MiB"),
    ("notice", 502, "ldap_answer_lost", "the connection broke before the whole answer was here"),
    ("cut", 502, "ldap_answer_lost", "the connection broke before the whole answer was here"),
    ("cut=0.5", 502, "ldap_answer_lost", "the connection broke before the whole answer was here"),
    ("reset=0", 502, "ldap_answer_lost", "the connection broke before the whole answer was here"),
    ("reset=0.5", 502, "ldap_answer_lost", "the connection broke before the whole answer was here"),
    ("late=30", 504, "ldap_timed_out", "no whole answer within 0.8 s"),
    ("slow=0.1", 504, "ldap_timed_out", "no whole answer within 0.8 s"),
]
IN_A_BIND = [
    (
        "result=49 80090308: LdapErr: DSID-0C, comment: AcceptSecurityContext error, data 52e, v1",
        502, "ldap_refused_credentials",
        "it refuses the credentials (result 49: the name or the password is wrong). Check LDAP_",
    ),
    (
        "result=49 80090308: LdapErr: DSID-0C, comment: AcceptSecurityContext error, data 775, v1",
        502, "ldap_refused_credentials",
        "it refuses the credentials (result 49: the account is locked). Check LDAP_",
    ),
    ("result=53", 502, "ldap_refused_credentials", "it refuses the credentials (result 53)"),
]
IN_A_SEARCH = [
    ("result=32", 502, "ldap_no_such_base", "it has nothing under LDAP_BASE, or hides it"),
    ("result=3", 504, "ldap_timed_out", "it gave up the search (result 3)"),
    ("result=11", 502, "ldap_limit_reached", "it sends no more entries to this account"),
    ("huge", 502, "ldap_unreadable_answer", "can't be read: it is larger than 4 MiB"),
    ("endless", 502, "ldap_unreadable_answer", "can't be read: it is larger than 4 MiB"),
    ("no_id", 502, "ldap_unreadable_answer", "an entry has no sAMAccountName"),
]
IN_START_TLS = [
    ("result=2 unsupported", 502, "ldap_not_supported", "it does not begin TLS (result 2: unsuppo"),
    ("result=52", 503, "ldap_busy", "it is busy (result 52)"),
    ("http", 502, "ldap_unreadable_answer", "the answer can't be read: it is not LDAP"),
    ("cut", 502, "ldap_unreachable", "could not connect: connection reset by peer"),
    ("late=30", 504, "ldap_no_connection_in_time", "no connection within 0.8 s"),
    ("slow=0.1", 504, "ldap_no_connection_in_time", "no connection within 0.8 s"),
]
HANDSHAKES = [
    ("expired", 502, "ldap_untrusted", "certificate verify failed: certificate has expired"),
    ("other_name", 502, "ldap_untrusted", "certificate verify failed: IP address mismatch"),
    ("other_ca", 502, "ldap_untrusted", "certificate verify failed: "),
]
BEFORE_TLS = [
    ("cut", 502, "ldap_unreachable", "could not connect: "),
    ("silent", 504, "ldap_no_connection_in_time", "no connection within 0.8 s"),
]
# What callers do for which the directory is asked: the method, the address, and what is sent.
CALLS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "the user": ("POST", SPACE, {}),
    "whose it is to modify": ("PUT", SPACE, {"data": {"name": "Changed"}}),
    "whose it is to delete": ("DELETE", SPACE, {}),
    "the users": ("GET", USERS, {}),
    "a search": ("GET", f"{USERS}?filter=lee", {}),
    "a plan": ("POST", PLAN, {"json": {"everyone": True}}),
}
ON_ALL_CALLS = ("result=51", "http", "cut=0.5", "result=32")


@pytest.fixture(scope="module")
def slapd() -> Iterator[Slapd]:
    with running_slapd(map(ad_user, EMPLOYEES)) as running:
        yield running


@pytest.fixture(scope="module")
def running_proxy(slapd: Slapd) -> Iterator[LdapProxy]:
    with running_ldap_proxy(slapd.ports["starttls"]) as running:
        yield running


@pytest.fixture
def proxy(running_proxy: LdapProxy) -> LdapProxy:
    running_proxy.reset()
    return running_proxy


@pytest.fixture(scope="module")
def portals() -> dict[str, FlaskClient]:
    return {}


@pytest.fixture(params=["ldaps"])
def portal(
    pod: Pod,
    slapd: Slapd,
    proxy: LdapProxy,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    portals: dict[str, FlaskClient],
    monkeypatch: pytest.MonkeyPatch,
) -> FlaskClient:
    """A portal whose directory stands behind the proxy, with pages of ten users."""
    monkeypatch.setattr(ldap_module, "PAGE", 10)
    way = request.param
    if way not in portals:
        own = {"LDAP_PORT": str(proxy.ports[way]), "LDAP_TLS_VERIFY": proxy.ca_file}
        settings = {**slapd.settings("ad", way), **own, "PORTAL_TIMEOUT": str(TIMEOUT_S)}
        portals[way] = portal_of(pod, tmp_path, **settings)
    return portals[way]


def request(pod: Pod, portal: FlaskClient, name: str) -> tuple[TestResponse, float]:
    """Do what a caller does; return the answer and how many seconds it took."""
    method, path, more = CALLS[name]
    if method in ("PUT", "DELETE"):
        pod.spaces.create({"name": "Without a mark", "uri": "pod6user1"})
    pod.journal.clear()
    start = time.monotonic()
    answer = portal.open(path, method=method, **more)
    return answer, time.monotonic() - start


def check(
    pod: Pod, answer: TestResponse, seconds: float, status: int, code: str, said: str
) -> None:
    body = answer.get_json()
    assert (answer.status_code, body["success"], body["response"]) == (status, False, ""), body
    assert body["error"]["code"] == code
    assert said in body["message"]
    assert "LDAP at 127.0.0.1:" in body["message"]
    for secret in (PASSWORD, "Traceback", "object at 0x", "ldap3"):
        assert secret not in body["message"]
    assert seconds < TIMEOUT_S + SLACK_S
    assert {call.rpartition("/")[2] for call in changes_at(pod)} <= {"uriUsageQuery"}


@pytest.mark.parametrize(
    ("operation", "fault", "status", "code", "said"),
    [
        *((operation, *row) for operation, row in product(OPERATIONS, ANYWHERE)),
        *(("bind", *row) for row in IN_A_BIND),
        *(("search", *row) for row in IN_A_SEARCH),
    ],
)
def test_looking_a_user_up(
    pod: Pod, portal: FlaskClient, proxy: LdapProxy, operation: str, fault: str, status: int,
    code: str, said: str,
) -> None:
    proxy.add(fault, operation)
    answer, seconds = request(pod, portal, "the user")
    check(pod, answer, seconds, status, code, said)


def find(fault: str) -> tuple[int, str, str]:
    """Return status, code and sentence of a fault's row."""
    return next(row[1:] for row in ANYWHERE + IN_A_SEARCH if row[0] == fault)


@pytest.mark.parametrize("fault", ON_ALL_CALLS)
@pytest.mark.parametrize("name", CALLS)
def test_every_call_says_what_is_wrong(
    pod: Pod, portal: FlaskClient, proxy: LdapProxy, name: str, fault: str
) -> None:
    proxy.add(fault, "search")
    answer, seconds = request(pod, portal, name)
    check(pod, answer, seconds, *find(fault))


@pytest.mark.parametrize("fault", [
    "result=51", "http", "cut=0.5", "result=11", "late=30", "slow=0.01", "endless", "result=32",
])
@pytest.mark.parametrize("name", ["the users", "a plan"])
def test_where_a_later_page_fails_there_is_no_part_of_a_list(
    pod: Pod, portal: FlaskClient, proxy: LdapProxy, name: str, fault: str
) -> None:
    proxy.add(fault, "search", skip=2)
    answer, seconds = request(pod, portal, name)
    status, code, said = find("slow=0.1" if fault == "slow=0.01" else fault)
    check(pod, answer, seconds - 0.2, status, code, said)


@pytest.mark.parametrize("name", ["the users", "a plan"])
@pytest.mark.parametrize("skip", [0, 3])
def test_a_list_that_ends_at_a_limit_is_none(
    pod: Pod, portal: FlaskClient, proxy: LdapProxy, name: str, skip: int
) -> None:
    proxy.add("part=4", "search", skip=skip)
    answer, seconds = request(pod, portal, name)
    check(pod, answer, seconds, 502, "ldap_limit_reached", "so that the list is not whole")


def test_a_list_without_an_end_is_given_up(
    pod: Pod, portal: FlaskClient, proxy: LdapProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ldap_module, "MAX_PAGES", 6)
    proxy.add("same_page", "search")
    answer, seconds = request(pod, portal, "the users")
    check(pod, answer, seconds, 502, "ldap_unreadable_answer", "the list goes on after 6 pages")


@pytest.mark.parametrize("portal", ["starttls"], indirect=True)
@pytest.mark.parametrize(("fault", "status", "code", "said"), IN_START_TLS)
def test_beginning_tls(
    pod: Pod, portal: FlaskClient, proxy: LdapProxy, fault: str, status: int, code: str, said: str
) -> None:
    proxy.add(fault, "starttls")
    answer, seconds = request(pod, portal, "the user")
    check(pod, answer, seconds, status, code, said)
    assert proxy.asked == []  # nothing secret was sent


@pytest.mark.parametrize(
    ("portal", "handshake", "status", "code", "said"),
    [
        *(("ldaps", *row) for row in HANDSHAKES + BEFORE_TLS),
        *(("starttls", *row) for row in HANDSHAKES),
    ],
    indirect=["portal"],
)
def test_the_certificate(
    pod: Pod, portal: FlaskClient, proxy: LdapProxy, handshake: str, status: int, code: str,
    said: str,
) -> None:
    proxy.handshake = handshake
    answer, seconds = request(pod, portal, "the user")
    check(pod, answer, seconds, status, code, said)
    assert proxy.asked == []


@pytest.mark.parametrize("portal", ["ldaps", "starttls"], indirect=True)
def test_nothing_but_the_wish_for_tls_is_sent_without_tls(
    pod: Pod, portal: FlaskClient, proxy: LdapProxy
) -> None:
    answer, _ = request(pod, portal, "the user")
    assert answer.status_code == 200
    assert any(PASSWORD.encode() in asked for asked in proxy.asked)
    assert all(b"1.3.6.1.4.1.1466.20037" in asked for asked in proxy.in_clear)
    assert len(proxy.in_clear) <= 1


def test_references_are_not_followed(pod: Pod, portal: FlaskClient, proxy: LdapProxy) -> None:
    proxy.add("references", "search")
    assert request(pod, portal, "the user")[0].status_code == 200
    listed = request(pod, portal, "the users")[0].get_json()["response"]
    assert listed["total"] == len(EMPLOYEES)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_busy_moment_is_waited_for(
    pod: Pod, portal: FlaskClient, proxy: LdapProxy, operation: str
) -> None:
    proxy.add("result=51", operation, times=1)
    assert request(pod, portal, "the user")[0].status_code == 200


def test_all_of_a_slow_call_together_has_the_time_allowed(
    pod: Pod, portal: FlaskClient, proxy: LdapProxy
) -> None:
    proxy.add("slow=0.04", "bind")  # 14 bytes: in time by itself
    answer, seconds = request(pod, portal, "the user")
    assert (answer.status_code, seconds > 0.5) == (200, True)
    proxy.add("slow=0.001", "search")  # some 500 bytes
    answer, seconds = request(pod, portal, "the user")
    check(pod, answer, seconds, 504, "ldap_timed_out", "no whole answer within 0.8 s")


@pytest.mark.parametrize(
    ("fault", "operation", "said"),
    [
        ("result=51", "search", "busy"), ("result=49", "bind", "refused credentials"),
        ("cut", "bind", "answer lost"), ("result=32", "search", "no such base"),
        ("late=30", "search", "timed out"),
    ],
)
def test_health_says_it_in_a_word(
    portal: FlaskClient, proxy: LdapProxy, fault: str, operation: str, said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("flaskr.health.FRESH_SECONDS", 0.0)
    proxy.add(fault, operation)
    answer = portal.get("/readyz")
    assert answer.status_code == 503
    told = answer.get_json()
    assert (told["ready"], told["cms"], told["ldap"]) == (False, "answers", said)
    assert "cucm" not in told


@pytest.mark.parametrize(
    ("fault", "operation", "outcome", "state"),
    [
        ("", "search", "0", "answers"),
        ("result=49", "bind", "49", "answers"),
        ("result=51", "search", "busy", "busy"),
        ("cut", "search", "answer_lost", "down"),
    ],
)
def test_calls_are_counted_by_ldaps_result_or_why_there_is_none(
    pod: Pod, portal: FlaskClient, proxy: LdapProxy, fault: str, operation: str, outcome: str,
    state: str,
) -> None:
    if fault:
        proxy.add(fault, operation)
    labels = f'method="SEARCH",node="users",outcome="{outcome}",server="ldap"'
    before = figure(portal, f"portal_server_calls_total{{{labels}}}")
    request(pod, portal, "the user")
    assert figure(portal, f"portal_server_calls_total{{{labels}}}") > before
    for each in ("answers", "busy", "down"):
        place = f'portal_server_state{{place="1",server="ldap",state="{each}"}}'
        assert figure(portal, place) == (each == state)


def figure(portal: FlaskClient, name: str) -> float:
    """Return a figure of /metrics; 0 where it is not there yet."""
    lines = portal.get("/metrics").text.splitlines()
    found = (line.rpartition(" ")[2] for line in lines if line.startswith(f"{name} "))
    return float(next(found, "0"))
