"""The portal's tests run against a pod that overlooks nothing."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from support.companies import portal_of

from flaskr.pod import Pod

STRICT = {
    "ignore_unknown_parameters": False,
    "lenient_names": False,
    "lenient_booleans": False,
    "page_cap": 10,
    "unknown_id_status": 404,
}


@pytest.fixture
def pod(running_pod: Pod) -> Pod:
    """A simulated pod as it is at its start, but for what it takes."""
    running_pod.reset()
    running_pod.switches.update(STRICT)
    return running_pod


@pytest.fixture(scope="module")
def portals() -> list[FlaskClient]:
    """The portal that the tests of a module share, once one of them has made it."""
    return []


@pytest.fixture
def portal_of_module(pod: Pod, tmp_path: Path, portals: list[FlaskClient]) -> FlaskClient:
    """One portal for all tests of a module, which find the pod as it is at its start."""
    if not portals:
        portals.append(portal_of(pod, tmp_path))
    return portals[0]
