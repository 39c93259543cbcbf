"""Ways to send requests to the simulated pod, which is as at its start for each test."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import xmltodict
from support.cms_answers import Send

from flaskr.pod import Pod

Connect = Callable[..., ssl.SSLSocket]


@pytest.fixture(scope="session")
def running_pod() -> Iterator[Pod]:
    with Pod(seed=1) as pod:
        yield pod


@pytest.fixture
def session(pod: Pod) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = pod.ca_file
        yield session


@pytest.fixture
def cms(pod: Pod, session: requests.Session) -> Send:
    """Send a request to the CMS, with its credentials unless others are given."""

    def send(method: str, path: str, **options: Any) -> requests.Response:
        options.setdefault("auth", (pod.username, pod.password))
        options.setdefault("timeout", 10)
        options.setdefault("allow_redirects", False)
        return session.request(method, pod.cms_url + path, **options)

    return send


@pytest.fixture
def uds(pod: Pod, session: requests.Session) -> Send:
    """Send a request to the UDS."""

    def send(method: str, path: str, **options: Any) -> requests.Response:
        options.setdefault("timeout", 10)
        return session.request(method, pod.uds_url + path, **options)

    return send


@pytest.fixture
def greet(pod: Pod, session: requests.Session) -> Callable[[str], requests.Response]:
    """Send a request to a server by its name, whatever it answers."""
    return lambda server: session.get(pod.url(server), timeout=10)


@pytest.fixture
def cuc(pod: Pod, session: requests.Session) -> Send:
    """Send a request to the Unity Connection, which answers in JSON unless told otherwise."""

    def send(method: str, path: str, **options: Any) -> requests.Response:
        options.setdefault("auth", tuple(pod.services["cuc"].credentials))
        options.setdefault("timeout", 10)
        options.setdefault("headers", {"Accept": "application/json"})
        return session.request(method, pod.url("cuc") + path, **options)

    return send


@pytest.fixture
def control(pod: Pod, session: requests.Session) -> Send:
    """Send a request to the control port."""

    def send(method: str, path: str, **options: Any) -> requests.Response:
        return session.request(method, pod.control_url + path, timeout=10, **options)

    return send


@pytest.fixture
def create(cms: Send) -> Callable[..., str]:
    """Make a Space of these parameters; returns its path below /api/v1."""

    def make(**values: str) -> str:
        response = cms("POST", "/coSpaces", data=values)
        assert response.status_code == 200, response.text
        return response.headers["Location"].removeprefix("/api/v1")

    return make


@pytest.fixture
def connect(pod: Pod) -> Iterator[Connect]:
    """Open TLS connections to the CMS (or to another port) for bytes of one's own."""
    opened: list[socket.socket] = []

    def open_one(port: int | None = None, timeout: float = 10) -> ssl.SSLSocket:
        plain = socket.create_connection((pod.host, port or pod.cms_port), timeout)
        context = ssl.create_default_context(cafile=pod.ca_file)
        secure = context.wrap_socket(plain, server_hostname=pod.host)
        opened.append(secure)
        return secure

    yield open_one
    for connection in opened:
        connection.close()


@pytest.fixture
def read() -> Callable[[requests.Response], dict[str, Any]]:
    """The XML of an answer as a dictionary, lists' children always a list."""

    def parse(response: requests.Response) -> dict[str, Any]:
        return dict(xmltodict.parse(response.content, force_list=("coSpace", "user")))

    return parse


@pytest.fixture
def root(cms: Send) -> Callable[[str], dict[str, Any]]:
    """What CMS answers to a GET: the root element's name as `name`, beside all that it has."""

    def ask(path: str) -> dict[str, Any]:
        answer = cms("GET", path)
        assert answer.status_code == 200, answer.text
        ((name, content),) = xmltodict.parse(answer.content).items()
        return {"name": name, **(content or {})}

    return ask
