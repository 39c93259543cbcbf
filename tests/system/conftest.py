"""What the attacks share: a portal for many of them, and one for each that ends it."""

from collections.abc import Iterator

import pytest
from support.targets import STARTS, Target


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
