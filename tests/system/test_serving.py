"""The portal on its production server, alone and as the README puts it behind nginx."""

import gzip
import http.client
import json
import re
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import trustme
from support.companies import add_fault
from support.processes import PROJECT, Running, program, run_to_its_end
from support.readme import block
from support.received import lines
from support.timing import timed

from flaskr import MAX_TABLE_BYTES, serve
from flaskr.config import SETTINGS
from flaskr.pod import Pod
from flaskr.rest.v1.rest import CONNECTIONS

pytestmark = timed

README = PROJECT / "README.md"
HOST = "127.0.0.1"
SPACE = "/api/v1/cms/spaces/pod6user1"
SPACES = "/api/v1/cms/spaces"
PLAN = "/api/v1/cms/plan"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PATIENCE_SECONDS = 20
Connect = Callable[[], http.client.HTTPConnection]


def free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


class Serving(NamedTuple):
    """A portal that is served by a process of its own."""

    process: Running
    port: int

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE_SECONDS)


@contextmanager
def serving(settings: Mapping[str, str]) -> Iterator[Serving]:
    process = Running("flaskr.serve", "--port", "0", environment=settings)
    try:
        process.wait_for("The portal listens on port")
        port = int(re.findall(r"listens on port (\d+)", process.output)[0])
        yield Serving(process, port)
    finally:
        process.close()


@pytest.fixture
def served(pod: Pod) -> Iterator[Serving]:
    """A portal that the test may end."""
    with serving(pod.settings) as portal:
        yield portal


@pytest.fixture(scope="module")
def shared_portal(running_pod: Pod) -> Iterator[Serving]:
    with serving(running_pod.settings) as portal:
        yield portal


@pytest.fixture
def kept(pod: Pod, shared_portal: Serving) -> Serving:
    """A portal that goes on for other tests, in front of a pod as it is at its start."""
    return shared_portal


def ask(
    connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None
) -> tuple[int, Any]:
    connection.request(method, path, body, FORM if body else {})
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def ask_once(
    connect: Connect, method: str, path: str, body: bytes | None = None
) -> tuple[int, Any]:
    with closing(connect()) as connection:
        return ask(connection, method, path, body)


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.01)


def start_without(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the server where it can't start."""
    return run_to_its_end("flaskr.serve", *arguments, **settings)


def test_a_number_that_is_no_port_stops_the_start_with_one_line() -> None:
    ended = start_without("--port", "99999")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "--port takes a number from 0 to 65535.\n"


def test_a_missing_setting_stops_the_start_with_one_line() -> None:
    ended = start_without("--port", "0")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert re.fullmatch(r"Error: CMS_HOSTNAME is not set: write .+\n", ended.stderr)


def test_a_file_that_is_no_ca_bundle_stops_the_start_with_one_line(pod: Pod) -> None:
    settings = {**pod.settings, "PORTAL_API_KEY": "k", "CMS_TLS_VERIFY": str(README)}
    ended = start_without("--port", "0", **settings)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert re.fullmatch(r"Error: CMS_TLS_VERIFY names a file that .+\n", ended.stderr)


def test_a_port_in_use_stops_the_start_with_one_line() -> None:
    with socket.create_server((HOST, 0)) as taken:
        ended = start_without("--port", str(taken.getsockname()[1]))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert re.fullmatch(r"The portal can't listen on port \d+ .+ --port\.\n", ended.stderr)


def test_a_request_is_logged_once_and_by_the_portal(served: Serving) -> None:
    assert ask_once(served.connect, "GET", "/api/v1/cms/version") == (200, "3.9.2")
    served.process.wait_for("status=200")
    served.process.close()
    lines = [line for line in served.process.output.splitlines() if "/cms/version" in line]
    assert len(lines) == 1
    assert "flaskr.log request method=GET path=/api/v1/cms/version status=200" in lines[0]


def test_a_connection_is_kept_open_between_requests(kept: Serving) -> None:
    with closing(kept.connect()) as connection:
        ask(connection, "GET", "/healthz")
        before = connection.sock
        ask(connection, "GET", "/api/v1/cms/version")
        assert connection.sock is before


def test_a_body_far_too_large_gets_its_answer_and_no_broken_connection(kept: Serving) -> None:
    with closing(kept.connect()) as connection:
        status, answer = ask(connection, "PUT", SPACE, b"name=" + b"x" * 30_000_000)
        assert (status, answer["success"]) == (413, False)
        assert ask(connection, "GET", "/healthz")[0] == 200


def test_the_body_of_a_plan_may_be_large_and_others_may_not(kept: Serving) -> None:
    body = b"nothing=" + b"x" * 1_000_000
    status, answer = ask_once(kept.connect, "POST", PLAN, body)
    assert (status, answer["error"]["code"]) == (400, "bad_parameter")
    for path, size in ((SPACE, len(body)), (f"{PLAN}/", len(body)), (PLAN, MAX_TABLE_BYTES + 1)):
        status, answer = ask_once(kept.connect, "POST", path, body.ljust(size, b"x"))
        assert (status, answer["error"]["code"]) == (413, "body_too_large")


def rows_of_spaces(connect: Connect) -> list[Any]:
    with closing(connect()) as connection:
        connection.request("GET", SPACES, headers={"Accept": "application/x-ndjson"})
        answer = connection.getresponse()
        assert answer.getheader("Transfer-Encoding") == "chunked"
        return [json.loads(line) for line in answer]


def test_a_list_is_streamed_to_its_end(kept: Serving) -> None:
    *spaces, last = rows_of_spaces(kept.connect)
    assert last["complete"] is True
    assert len(spaces) == ask_once(kept.connect, "GET", SPACES)[1]["response"]["total"]


def test_every_thread_finds_a_connection_to_cms_that_is_kept_open() -> None:
    pages = next(setting for setting in SETTINGS if setting.name == "PORTAL_CMS_PARALLEL")
    assert serve.THREADS + int(pages.default or "") <= CONNECTIONS


def test_as_many_callers_as_there_are_threads_are_served_at_once(pod: Pod, kept: Serving) -> None:
    pod.switches.update({"cms_latency": 2000})
    callers = [
        threading.Thread(target=ask_once, args=(kept.connect, "GET", "/api/v1/cms/version"))
        for _ in range(serve.THREADS)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert pod.journal.report()["servers"]["cms"]["most_in_flight"] == serve.THREADS


def test_a_graceful_stop_finishes_what_it_has_begun_and_takes_nothing_new(
    pod: Pod, served: Serving
) -> None:
    pod.switches.update({"cms_latency": 1000})
    answers: list[tuple[int, Any]] = []
    caller = threading.Thread(
        target=lambda: answers.append(ask_once(served.connect, "POST", SPACE, b"name=Mine"))
    )
    caller.start()
    wait_until(lambda: any(entry["server"] == "cms" for entry in pod.journal.report()["requests"]))
    code, _ = served.process.end(signal.SIGTERM)
    caller.join()
    assert answers[0][0] == 200, answers
    assert code == 0
    assert "Traceback" not in served.process.output
    with pytest.raises(ConnectionRefusedError):
        served.connect().connect()


def test_a_graceful_stop_tells_the_room_what_webex_had_put_off(pod: Pod) -> None:
    add_fault(pod, "busy=30 server=webex times=1")
    with serving(Pod.settings.__get__(pod)) as portal:
        assert ask_once(portal.connect, "POST", SPACE, b"name=Mine")[0] == 200
        portal.process.wait_for("notifications put_off=webex_busy seconds=30")
        assert lines(pod) == []
        code, seconds = portal.process.end(signal.SIGTERM)
    assert (code, seconds < 5) == (0, True)
    assert [line.partition(" – ")[0] for line in lines(pod)] == [
        "- Somebody created the Space of **pod6user1**"
    ]


# Behind nginx, with the site that the README prints.


class Site(NamedTuple):
    """The README's nginx site, with a portal behind each of its two ports."""

    portals: tuple[Serving, Serving]
    connect: Connect


def nginx_configuration(folder: Path, port: int, portals: tuple[Serving, Serving]) -> str:
    """Return the README's site as a whole configuration, at ports and paths that are free."""
    site = block("nginx")
    places = {
        "listen 443 ssl": f"listen {HOST}:{port} ssl",
        "/etc/ssl/portal.pem": f"{folder}/portal.pem",
        "/etc/ssl/private/portal.key": f"{folder}/portal.key",
        "127.0.0.1:8001": f"{HOST}:{portals[0].port}",
        "127.0.0.1:8002": f"{HOST}:{portals[1].port}",
    }
    for printed, here in places.items():
        assert printed in site
        site = site.replace(printed, here)
    folders = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{name}_temp_path {folder}/{name};\n" for name in folders)
    return (
        f"daemon off; master_process off; pid {folder}/pid;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{site}}}\n"
    )


@contextmanager
def nginx(folder: Path, portals: tuple[Serving, Serving]) -> Iterator[Connect]:
    """Run nginx in front of two portals; yield what connects to it."""
    ca = trustme.CA()
    certificate = ca.issue_cert(HOST)
    certificate.private_key_and_cert_chain_pem.write_to_path(folder / "portal.pem")
    certificate.private_key_pem.write_to_path(folder / "portal.key")
    context = ssl.create_default_context()
    ca.configure_trust(context)
    port = free_port()
    (folder / "nginx.conf").write_text(nginx_configuration(folder, port, portals), "utf-8")
    log = folder / "error.log"
    command = [program("nginx"), "-p", f"{folder}", "-e", f"{log}", "-c", f"{folder}/nginx.conf"]

    def connect() -> http.client.HTTPConnection:
        return http.client.HTTPSConnection(HOST, port, timeout=PATIENCE_SECONDS, context=context)

    def ready() -> bool:
        assert process.poll() is None, log.read_text("utf-8")
        return listens(port)

    with subprocess.Popen(command) as process:
        try:
            wait_until(ready)
            yield connect
        finally:
            process.terminate()


@contextmanager
def serving_site(settings: Mapping[str, str], folder: Path) -> Iterator[Site]:
    with ExitStack() as stack:
        portals = (
            stack.enter_context(serving(settings)), stack.enter_context(serving(settings))
        )
        yield Site(portals, stack.enter_context(nginx(folder, portals)))


@pytest.fixture
def site(pod: Pod, tmp_path: Path) -> Iterator[Site]:
    """A site whose portals the test may end."""
    with serving_site(pod.settings, tmp_path) as site:
        yield site


@pytest.fixture(scope="module")
def shared_site(
    running_pod: Pod, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with serving_site(running_pod.settings, tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def kept_site(pod: Pod, shared_site: Site) -> Site:
    """A site that goes on for other tests, in front of a pod as it is at its start."""
    return shared_site


class Caller(threading.Thread):
    """Creates, retrieves and deletes one user's Space until told to stop; counts what is wrong."""

    def __init__(self, site: Site, userid: str, stop: threading.Event) -> None:
        super().__init__()
        self._site = site
        self._path = f"/api/v1/cms/spaces/{userid}"
        self._stop_asked = stop
        self.answers = 0
        self.wrong: list[str] = []

    def run(self) -> None:
        with closing(self._site.connect()) as connection:
            while not self._stop_asked.is_set():
                for method in ("POST", "GET", "DELETE"):
                    self._check(method, *ask(connection, method, self._path))

    def _check(self, method: str, status: int, answer: Any) -> None:
        self.answers += 1
        if status != 200:
            self.wrong.append(f"{method}: {status} {answer}")


def users_without_space(pod: Pod) -> list[str]:
    taken = {space.values.get("uri") for space in pod.spaces.listed()}
    return [user for number in range(1, 21) if (user := f"pod6user{number}") not in taken]


def test_one_of_two_portals_stops_under_load_and_no_answer_is_lost(
    pod: Pod, site: Site
) -> None:
    pod.switches.update({"cms_latency": 20})
    stop = threading.Event()
    callers = [Caller(site, userid, stop) for userid in users_without_space(pod)]
    for caller in callers:
        caller.start()
    stopping, staying = (portal.process for portal in site.portals)
    try:
        for process in (stopping, staying):
            process.wait_for("method=POST .* status=200")
        code, _ = stopping.end(signal.SIGTERM)
        before = staying.output.count("method=DELETE")
        wait_until(lambda: staying.output.count("method=DELETE") > before + 4 * len(callers))
    finally:
        stop.set()
        for caller in callers:
            caller.join()
    assert code == 0
    assert [caller.wrong for caller in callers] == [[] for _ in callers]
    assert all(caller.answers for caller in callers)


def test_nginx_passes_on_what_the_portal_answers(kept_site: Site) -> None:
    assert ask_once(kept_site.connect, "GET", "/api/v1/cms/version") == (200, "3.9.2")
    assert ask_once(kept_site.connect, "GET", "/readyz")[0] == 200
    assert ask_once(kept_site.connect, "GET", "/api/v1/cms/spaces/nobody")[0] == 404


def test_nginx_refuses_a_body_that_is_too_large_in_the_portals_own_words(kept_site: Site) -> None:
    body = b"name=" + b"x" * 100_000
    status, answer = ask_once(kept_site.connect, "PUT", SPACE, body)
    own_status, own_answer = ask_once(kept_site.portals[0].connect, "PUT", SPACE, body)
    for each in (answer, own_answer):
        assert re.fullmatch(r"\w+", each["error"].pop("request"))
    assert (status, answer) == (own_status, own_answer)
    assert (status, answer["success"]) == (413, False)


def test_nginx_lets_the_body_of_a_plan_be_large(kept_site: Site) -> None:
    status, answer = ask_once(kept_site.connect, "POST", PLAN, b"nothing=" + b"x" * 1_000_000)
    assert (status, answer["error"]["code"]) == (400, "bad_parameter")


def test_nginx_keeps_the_figures_from_the_outside(kept_site: Site) -> None:
    for connect, status in ((kept_site.connect, 404), (kept_site.portals[0].connect, 200)):
        with closing(connect()) as connection:
            connection.request("GET", "/metrics")
            assert connection.getresponse().status == status


def test_nginx_passes_compressed_answers_on(kept_site: Site) -> None:
    with closing(kept_site.connect()) as connection:
        connection.request("GET", "/api/v1/openapi.json", headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        assert answer.getheader("Content-Encoding") == "gzip"
        assert json.loads(gzip.decompress(answer.read()))["openapi"].startswith("3.1")


def test_nginx_passes_on_a_streamed_list(kept_site: Site) -> None:
    rows = rows_of_spaces(kept_site.connect)
    assert rows == rows_of_spaces(kept_site.portals[0].connect)
    assert rows[-1]["complete"] is True


def test_nginx_says_so_in_json_where_no_portal_is_left(site: Site) -> None:
    for portal in site.portals:
        portal.process.end(signal.SIGTERM)
    status, answer = ask_once(site.connect, "GET", "/api/v1/cms/version")
    assert status == 502
    assert answer["message"].startswith("No portal answers")
    error = {**answer["error"], "request": ""}
    assert error == {"code": "portal_away", "failureCodes": [], "retry": False, "request": ""}
    assert (answer["success"], answer["response"]) == (False, "")
