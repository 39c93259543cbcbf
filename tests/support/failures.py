"""What went wrong, for tests that look into it."""

from collections.abc import Callable
from typing import Any

import pytest

from flaskr.result import Failure


def failure_of(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Failure:
    """Return the Failure that a call raises; where it raises none, the test fails."""
    with pytest.raises(Failure) as raised:
        function(*args, **kwargs)
    return raised.value
