"""The portal's tests run against a pod that overlooks nothing."""

import pytest

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
