"""What a simulated CMS answers, read by tests on the wire."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import requests
import xmltodict

Send = Callable[..., requests.Response]


def shown(answer: requests.Response, lists: Collection[str] = ()) -> dict[str, Any]:
    """Return the root element of an answer as a dictionary.

    Those of the children that `lists` names are always in a list.
    """
    assert answer.status_code == 200, answer.text
    found = xmltodict.parse(
        answer.content, force_list=lambda path, key, _: bool(path) and key in lists
    )
    return next(iter(found.values())) or {}


def codes(answer: requests.Response) -> list[str]:
    """Return the failure codes of an answer."""
    assert answer.status_code >= 400
    return list(xmltodict.parse(answer.content)["failureDetails"])


def added(cms: Send, path: str, **values: str) -> str:
    """Create an object; return its path below /api/v1."""
    answer = cms("POST", path, data=values)
    assert answer.status_code == 200, answer.text
    return answer.headers["Location"].removeprefix("/api/v1")


def added_id(cms: Send, path: str, **values: str) -> str:
    """Create an object; return its ID."""
    return added(cms, path, **values).rpartition("/")[2]
