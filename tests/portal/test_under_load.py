"""A bad day: many callers at once, while the pod is busy, slow, and cuts connections at random."""

import itertools
import random
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
from werkzeug.serving import make_server

from flaskr import create_app
from flaskr.pod import Pod
from flaskr.pod.company import USERS
from support.facts import uris_of
from support.timing import timed

pytestmark = timed

CALLERS = 32
REQUESTS_EACH = 16  # five hundred and some in all
FAULTS = (
    "busy probability=0.1",
    "cut probability=0.02 takes_effect=true",
    "cut probability=0.02 takes_effect=false",
    "cut=0.5 probability=0.02",
    "reset probability=0.02 takes_effect=true",
    "status=500 probability=0.02 takes_effect=true",
    "late=0.1 probability=0.05",
    "slow=5000 probability=0.05",
)
Names = set[str | None]
MAYBE = "may have been made all the same"


@pytest.fixture(params=[1, 3], ids=["one CMS", "three Call Bridges"])
def bad_pod(request: pytest.FixtureRequest) -> Iterator[Pod]:
    """A pod where much goes wrong, and where Call Bridges come and go, if there are several."""
    down = ("cms", "", "cms,cms2", "cms2", "cms3") if request.param > 1 else ("",)
    ended = threading.Event()
    with (
        Pod(faults=FAULTS, seed=2574, call_bridges=request.param) as pod,
        ThreadPoolExecutor(1) as meanwhile,
    ):
        meanwhile.submit(come_and_go, pod, down, ended)
        yield pod
        ended.set()


def come_and_go(pod: Pod, down: tuple[str, ...], ended: threading.Event) -> None:
    """Take other Call Bridges down every now and then, until it is ended."""
    for names in itertools.cycle(down):
        pod.switches.call_bridges_down = names
        if ended.wait(0.4):
            return


@pytest.fixture
def address(bad_pod: Pod, tmp_path: Path) -> Iterator[str]:
    """Serve a portal in front of the pod."""
    app = create_app({**bad_pod.settings, "PORTAL_TIMEOUT": "5"}, project=tmp_path)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/api/v1/cms/spaces"
    server.shutdown()
    thread.join()
    server.server_close()


class Caller:
    """Provisions one user's Space at random, and knows from the answers alone what there is.

    `possible` are the names that the Space may have by now; None among them: there may be none.
    """

    def __init__(self, url: str, seed: int) -> None:
        self._url = url
        self._random = random.Random(seed)
        self._session = requests.Session()
        self._session.trust_env = False
        self.possible: Names = {None}
        self.statuses: Counter[int] = Counter()

    def run(self) -> None:
        for number in range(REQUESTS_EACH):
            self._random.choice((self.create, self.modify, self.retrieve, self.delete))(number)

    def create(self, number: int) -> None:
        name = f"Created {number}"
        answer = self._request("POST", {"name": name, "secondaryUri": ""})
        if answer.status_code == 200:
            assert None in self.possible
            self.possible = {name}
        elif answer.status_code == 409:
            self.possible -= {None}
        elif MAYBE in answer.text:
            self.possible |= {name} if None in self.possible else set()

    def modify(self, number: int) -> None:
        name = f"Modified {number}"
        answer = self._request("PUT", {"name": name})
        self._learn(answer, {name}, {name} if self.possible != {None} else set())

    def delete(self, _number: int) -> None:
        self._learn(self._request("DELETE"), {None}, {None})

    def retrieve(self, _number: int) -> None:
        answer = self._request("GET")
        if answer.status_code == 200:
            name = answer.json()["response"]["coSpace"]["name"]
            self._learn(answer, {name} & self.possible, set())
        else:
            self._learn(answer, set(), set())

    def _learn(self, answer: requests.Response, done: Names, maybe: Names) -> None:
        if answer.status_code == 200:
            assert self.possible != {None}
            self.possible = done
        elif answer.status_code == 404:
            assert None in self.possible
            self.possible = {None}
        elif MAYBE in answer.text:
            self.possible |= maybe
        assert self.possible

    def _request(
        self, http_method: str, data: dict[str, str] | None = None
    ) -> requests.Response:
        answer = self._session.request(http_method, self._url, data=data, timeout=60)
        self.statuses[answer.status_code] += 1
        assert answer.json()["success"] is (answer.status_code == 200)
        return answer


def users_without_a_space(pod: Pod) -> list[str]:
    """Return the IDs of as many users as there are callers, none of whom has a Space."""
    taken = {uri for space in pod.spaces.listed() for uri in uris_of(space.values)}
    userids = (user["userName"] for user in USERS)
    free = [userid for userid in userids if "@" not in userid and userid.lower() not in taken]
    return free[:CALLERS]


def test_afterwards_the_spaces_are_those_that_the_answers_say(bad_pod: Pod, address: str) -> None:
    userids = users_without_a_space(bad_pod)
    assert len(userids) == CALLERS
    callers = {
        userid: Caller(f"{address}/{quote(userid)}", seed)
        for seed, userid in enumerate(userids)
    }
    with ThreadPoolExecutor(CALLERS) as threads:
        for running in [threads.submit(caller.run) for caller in callers.values()]:
            running.result()
    statuses = sum((caller.statuses for caller in callers.values()), Counter[int]())
    names = {
        space.values["uri"]: space.values.get("name")
        for space in bad_pod.spaces.listed()
        if "uri" in space.values
    }
    for userid, caller in callers.items():
        assert names.get(userid.lower()) in caller.possible, userid
    assert statuses.total() == len(userids) * REQUESTS_EACH
    assert set(statuses) <= {200, 404, 409, 502, 503, 504}
    assert statuses[200] > statuses.total() / 4
