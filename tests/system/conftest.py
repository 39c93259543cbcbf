"""Portals that run as processes of their own, each for as many tests as can share it."""

import re
from collections.abc import Iterator

import pytest
from support.processes import LAB, Running, curl, running
from support.targets import STARTS, Target


@pytest.fixture(scope="module")
def lab() -> Iterator[Running]:
    with running(*LAB) as lab:
        yield lab


@pytest.fixture
def portal(lab: Running) -> str:
    """The address of the lab's portal, in front of a pod as it is at its start."""
    control = re.findall(r"their faults +(\S+)", lab.output)[0]
    curl("-H", "Content-Type: application/json", "-d", "", f"{control}/reset")
    return lab.portal


@pytest.fixture(scope="module", params=STARTS)
def shared_target(request: pytest.FixtureRequest) -> Iterator[Target]:
    with STARTS[request.param]() as target:
        yield target


@pytest.fixture
def target(shared_target: Target) -> Target:
    shared_target.control_port("POST", "/reset", {})
    return shared_target


@pytest.fixture(params=STARTS)
def own_target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """A portal that the test may end."""
    with STARTS[request.param]() as target:
        yield target
