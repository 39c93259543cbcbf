"""The yardstick, a process of its own: what the portal does for a retrieve, and nothing else.

For each line `retrieve URI COUNT` on the standard input, with tabs between, it retrieves the Space
with that URI so many times, one page after the other, with a bare `requests.Session` and xmltodict,
and prints the seconds that each retrieve took, as JSON. `find URI COUNT` only looks whether there
is one. `create URI COUNT` creates so many Spaces, with URIs that begin so, 8 at a time, and prints
the seconds of all of them. Nothing of flaskr is in here.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import requests
import xmltodict

PARALLEL = 8  # as PORTAL_CMS_PARALLEL is unless set


class Bare:
    """A session with the CMS that the environment names."""

    def __init__(self) -> None:
        self._url = f"https://{os.environ['CMS_HOSTNAME']}:{os.environ['CMS_PORT']}/api/v1/coSpaces"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.auth = (os.environ["CMS_USERNAME"], os.environ["CMS_PASSWORD"])
        self._session.verify = os.environ["CMS_TLS_VERIFY"]

    def retrieve(self, uri: str) -> None:
        """Retrieve a Space. Raises AssertionError where it is another one."""
        space = self._get(f"/{self.find(uri)}", {})["coSpace"]
        assert space["uri"] == uri, space

    def find(self, uri: str) -> str | None:
        """Return the ID of a Space, or None where there is none."""
        offset, total = 0, 1
        while offset < total:
            page = self._get("", {"filter": uri, "offset": offset})["coSpaces"]
            spaces = page.get("coSpace", [])
            spaces = spaces if isinstance(spaces, list) else [spaces]
            for space in spaces:
                if space.get("uri") == uri:
                    return str(space["@id"])
            offset, total = offset + len(spaces), int(page["@total"]) if spaces else 0
        return None

    def create(self, uri: str) -> None:
        """Create a Space."""
        wanted = {"name": f"{uri}'s Space", "uri": uri, "cdrTag": uri}
        self._session.post(self._url, data=wanted).raise_for_status()

    def _get(self, path: str, parameters: dict[str, Any]) -> dict[str, Any]:
        answer = self._session.get(self._url + path, params=parameters)
        return xmltodict.parse(answer.content)


def one_by_one(task: Callable[[str], object], uri: str, count: int) -> list[float]:
    """Return the seconds that a task takes each time."""
    return [_seconds(lambda: task(uri)) for _ in range(count)]


def at_once(task: Callable[[str], object], uri: str, count: int) -> list[float]:
    """Return the seconds that a task takes for so many URIs in all, as many at a time as may be."""
    with ThreadPoolExecutor(PARALLEL) as threads:
        uris = (f"{uri}-{number}" for number in range(count))
        return [_seconds(lambda: list(threads.map(task, uris)))]


def _seconds(task: Callable[[], object]) -> float:
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


def main() -> None:
    bare = Bare()
    tasks = {
        "retrieve": partial(one_by_one, bare.retrieve),
        "find": partial(one_by_one, bare.find),
        "create": partial(at_once, bare.create),
    }
    for line in sys.stdin:
        task, uri, count = line.removesuffix("\n").split("\t")
        print(json.dumps(tasks[task](uri, int(count))), flush=True)


if __name__ == "__main__":
    main()
