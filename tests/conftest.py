"""What the tests share: a portal of their own that nothing on this machine has a say in."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import responses
from flask import Flask
from flask.testing import FlaskClient
from support.documented import DocumentedClient
from support.facts import SETTINGS_OF_TESTS
from support.pods import QuietPod
from support.scripted import ScriptedServer, running_scripted_server

from flaskr import create_app
from flaskr.api.v1 import NAMESPACES
from flaskr.config import SETTINGS
from flaskr.pod import Pod


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--record-examples", action="store_true",
        help="record the answers that the Swagger page shows as examples, instead of comparing",
    )
    parser.addoption(
        "--audited-changes", type=int, default=200, metavar="N",
        help="hold the audit against what CMS shows for so many changes",
    )


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of whoever runs the tests out of them."""
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)


@pytest.fixture(autouse=True)
def forgotten_apps() -> Iterator[None]:
    """Have the namespaces, which stay, forget the apps that a test made, with their connections."""
    yield
    for namespace in NAMESPACES:
        namespace.apis.clear()


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    """Mock what goes over the wire: no other request gets out, and each that is named is made."""
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    app = create_app(SETTINGS_OF_TESTS, project=tmp_path)
    app.testing = True
    app.test_client_class = DocumentedClient
    return app


@pytest.fixture(scope="session")
def running_pod() -> Iterator[Pod]:
    with QuietPod(seed=1) as pod:
        yield pod


@pytest.fixture
def pod(running_pod: Pod) -> Pod:
    """A simulated pod as it is at its start."""
    running_pod.reset()
    return running_pod


@pytest.fixture
def portal(pod: Pod, tmp_path: Path) -> FlaskClient:
    """A portal in front of the simulated pod."""
    app = create_app(pod.settings, project=tmp_path)
    app.test_client_class = DocumentedClient
    return app.test_client()


@pytest.fixture
def scripted() -> Iterator[ScriptedServer]:
    """A server that sends what a test wants."""
    with running_scripted_server() as server:
        yield server


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
