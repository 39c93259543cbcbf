"""The look-up against the pod: whatever changes behind the portal's back, the right Space."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.directories import People
from support.facts import uris_of
from support.failures import failure_of
from support.templates import template

from flaskr.cms.v1.cms import CMS
from flaskr.cms.v1.memory import Memory
from flaskr.pod import Pod
from flaskr.pod.cms.failures import CmsFailure
from flaskr.pod.cms.start import TENANTS
from flaskr.provisioning.creation import create_space
from flaskr.provisioning.lookup import URI_USAGE, find_by_uri
from flaskr.provisioning.spaces import delete_space, modify_space, retrieve_space
from flaskr.result import Failure, Reason

USERS = ("lee", "kim")
SPACES = "/api/v1/cms/spaces"


def client_of(pod: Pod, parallel: int = 8) -> CMS:
    return CMS(
        pod.host, pod.username, pod.password, pod.cms_port,
        parallel=parallel, tls_verify=pod.ca_file, timeout=3,
    )


@pytest.fixture
def clients(pod: Pod) -> Mapping[int, CMS]:
    """Clients by how much they ask at once; 0 is one that remembers nothing and only reads lists.
    """
    without = client_of(pod)
    without.known_spaces = Memory(0)
    without.unknown_nodes.add(URI_USAGE)
    return {0: without, 1: client_of(pod, 1), 8: client_of(pod, 8)}


def asked(pod: Pod) -> list[str]:
    """Return what CMS was asked since the last time: the method and the node."""
    entries = pod.journal.report()["requests"]
    pod.journal.clear()
    return [f"{each['method']} {each['path'].split('/')[3]}" for each in entries]


def retrieved(cms: CMS, userid: str) -> Any:
    """Return the Space of a user, or why there is none."""
    try:
        return retrieve_space(cms, template(), userid).response
    except Failure as failure:
        return failure.reason


uris = st.sampled_from([*USERS, *USERS, "", "lee3"])
values = st.fixed_dictionaries(
    {"name": st.sampled_from(["A lee", "Z lee and kim"]), "uri": uris, "secondaryUri": uris}
)
Step = tuple[str, int, dict[str, str]]  # what is done, to which of the Spaces or users, and how
ACTIONS = ("create", "modify", "modify", "remove", "portal creates", "portal renames",
           "portal deletes")
steps: st.SearchStrategy[Step] = st.tuples(st.sampled_from(ACTIONS), st.integers(0, 5), values)


def take(pod: Pod, portal: CMS, step: Step) -> None:
    """Change Spaces, behind the portal's back or by it; what can't be is passed over."""
    action, number, changes = step
    userid = USERS[number % len(USERS)]
    own = (portal, People({"userName": userid}), template(), userid)
    some = [space for space in pod.spaces.listed() if uris_of(space.values)]
    one = (some or pod.spaces.listed())[number % max(len(some), 1)].id
    actions: dict[str, Callable[[], object]] = {
        "create": lambda: pod.spaces.create({key: text for key, text in changes.items() if text}),
        "modify": lambda: pod.spaces.modify(one, changes),
        "remove": lambda: pod.spaces.remove(one),
        "portal creates": lambda: create_space(*own, {"name": "M"}),
        "portal renames": lambda: modify_space(*own, {"uri": "lee3", "secondaryUri": userid}),
        "portal deletes": lambda: delete_space(*own),
    }
    with suppress(CmsFailure, Failure):
        actions[action]()


@given(
    taken=st.lists(steps, max_size=8),
    parallel=st.sampled_from([1, 8]),
    usage=st.sampled_from(["coSpaceId", "coSpace", "none"]),
)
@settings(
    deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_with_what_is_remembered_the_same_is_found_as_without(
    pod: Pod, clients: Mapping[int, CMS], taken: list[Step], parallel: int, usage: str
) -> None:
    for space in pod.spaces.listed():
        pod.spaces.remove(space.id)
    for number in range(4):
        pod.spaces.create({"name": f"For lee and kim {number}"})
    pod.spaces.create({"name": "Z", "uri": "lee"})
    pod.switches.update({"page_cap": 2, "uri_usage_element": usage})
    portal, without = clients[parallel], clients[0]
    portal.known_spaces = Memory(10)
    for step in taken:
        for userid in USERS:
            assert retrieved(portal, userid) == retrieved(without, userid)
        take(pod, portal, step)
    for userid in USERS:
        assert retrieved(portal, userid) == retrieved(without, userid)


@pytest.fixture
def many(pod: Pod) -> Pod:
    """A pod where the Space of lee is the last of 50, in pages of 10, and that of kim too."""
    for number in range(49):
        pod.spaces.create({"name": f"For lee and kim {number:02}"})
    pod.spaces.create({"name": "Z", "uri": "lee"})
    pod.spaces.create({"name": "Z", "uri": "kim"})
    pod.journal.clear()
    return pod


def test_a_space_far_back_in_the_list_takes_three_calls_one_after_the_other(many: Pod) -> None:
    assert retrieve_space(client_of(many, parallel=1), template(), "lee")
    assert asked(many) == ["GET coSpaces", "POST uriUsageQuery", "GET coSpaces"]


def test_a_cms_that_does_not_know_the_question_finds_it_in_the_list(many: Pod) -> None:
    many.faults.add("failure", "unrecognizedObject", path="/uriUsageQuery")
    cms = client_of(many, parallel=1)
    for userid, questions in (("lee", 1), ("kim", 0)):
        assert retrieve_space(cms, template(), userid)
        assert asked(many).count("POST uriUsageQuery") == questions


def test_no_more_is_asked_at_once_than_is_allowed(many: Pod) -> None:
    many.switches.update({"cms_latency": 20, "page_cap": 2})
    assert find_by_uri(client_of(many, parallel=2), "lee and") is None
    assert many.journal.report()["servers"]["cms"]["most_in_flight"] <= 2


def test_a_space_in_a_tenant_is_named_in_the_tenant_of_the_template(many: Pod) -> None:
    (space,) = (each for each in many.spaces.listed() if each.values.get("uri") == "lee")
    many.spaces.modify(space.id, {"tenant": TENANTS[0]})
    settled = template(SPACE_TENANT=TENANTS[0])
    assert retrieve_space(client_of(many, parallel=1), settled, "lee")
    assert asked(many) == ["GET coSpaces", "POST uriUsageQuery", "GET coSpaces"]


def test_an_access_method_with_the_uri_makes_no_space_the_users(many: Pod) -> None:
    cms = client_of(many)
    (space,) = (each for each in many.spaces.listed() if each.values.get("uri") == "lee")
    many.spaces.modify(space.id, {"uri": "sales"})
    methods = f"coSpaces/{space.id}/accessMethods"
    cms.request(methods, payload={"name": "x", "uri": "lee"}, http_method="POST")
    assert failure_of(retrieve_space, cms, template(), "lee").reason is Reason.NO_SPACE
    assert find_by_uri(cms, "lee") is None


@pytest.mark.parametrize(
    ("http_method", "path", "further"),
    [
        ("GET", "", 0), ("PUT", "", 1), ("DELETE", "", 1), ("GET", "/members", 1),
        ("GET", "/invitation", 1), ("POST", "/passcode", 1), ("POST", "/repair", 1),
        ("PUT", "/members/lee@pod6.example", 5),
    ],
)
def test_what_is_done_with_a_known_space_takes_no_look_up(
    many: Pod, portal: FlaskClient, http_method: str, path: str, further: int
) -> None:
    many.switches.page_cap = 100
    assert portal.get(f"{SPACES}/lee").status_code == 200
    asked(many)
    data = {"name": "x"} if (http_method, path) == ("PUT", "") else None
    answer = portal.open(f"{SPACES}/lee{path}", method=http_method, data=data)
    assert answer.status_code == 200, answer.text
    reports = [each for each in many.journal.report()["requests"] if each["server"] == "cms"]
    assert not any(each["path"] == "/api/v1/coSpaces" for each in reports)
    assert len(reports) == 1 + further
