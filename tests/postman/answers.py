"""What a CMS answers, as far as a client that knows no node can tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from xml.etree import ElementTree

import requests

BASE = "/api/v1/"
TIMEOUT = 10
# Codes that say that CMS doesn't know the request, rather than what is wrong with its values.
UNKNOWN_REQUEST = ("unrecognizedObject", "unrecognisedObject", "invalidOperation", "invalidVersion")


class Failure(NamedTuple):
    """An element of the failure details: a code, and the parameter it names, if any."""

    code: str
    parameter: str = ""


class Answer:
    """An answer of the CMS."""

    def __init__(self, answer: requests.Response) -> None:
        self.status, self.location = answer.status_code, answer.headers.get("Location", "")
        kind = answer.headers.get("Content-Type", "")
        self.root = ElementTree.fromstring(answer.content) if "xml" in kind else None

    @property
    def ok(self) -> bool:
        """Return whether what was asked for was done."""
        return self.status == 200

    @property
    def failures(self) -> list[Failure]:
        """Return the failure details."""
        if self.ok or self.root is None:
            return []
        return [Failure(each.tag, each.get("parameter", "")) for each in self.root]

    @property
    def is_proper(self) -> bool:
        """Return whether it is done, or refused for values that are wrong."""
        codes = [failure.code for failure in self.failures]
        refused = 400 <= self.status < 500 and codes and not set(codes) & set(UNKNOWN_REQUEST)
        return self.ok or bool(refused)

    @property
    def is_of_no_object(self) -> bool:
        """Return whether it says that there is no object with that ID."""
        return any(failure.code.endswith("DoesNotExist") for failure in self.failures)

    @property
    def values(self) -> dict[str, str]:
        """Return all texts of an object, at whatever depth, by their names in lower case."""
        elements = [] if self.root is None else list(self.root.iter())
        return {element.tag.lower(): element.text or "" for element in elements}

    @property
    def ids(self) -> list[str]:
        """Return the IDs that a list has."""
        return [] if self.root is None else [each.get("id", "") for each in self.root]

    @property
    def total(self) -> int:
        """Return how many objects a list says that there are."""
        return 0 if self.root is None else int(self.root.get("total", "0"))

    def __str__(self) -> str:
        codes = [" ".join(filter(None, failure)) for failure in self.failures]
        return " ".join([str(self.status), *codes])


class Server:
    """A CMS at an address, and who asks it."""

    def __init__(self, url: str, user: str, password: str, ca_file: str | bool) -> None:
        """Prepare requests to `url`, which is without a path."""
        self._url, self._session = url, requests.Session()
        self._session.trust_env = False
        self._session.auth, self._session.verify = (user, password), ca_file

    def close(self) -> None:
        """Close what connections are left."""
        self._session.close()

    def ask(
        self, method: str, path: str, form: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """Return the answer to a request for a path below /api/v1."""
        return Answer(self._session.request(
            method, self._url + BASE + path, data=form, params=query, timeout=TIMEOUT
        ))

    def listed(self, path: str, query: Mapping[str, str] | None = None) -> Iterator[str]:
        """Yield the IDs of a list, page by page, as many as its total says."""
        offset, total = 0, 1
        while offset < total:
            answer = self.ask("GET", path, query={**(query or {}), "offset": str(offset)})
            total = answer.total
            if offset < total and not answer.ids:
                raise AssertionError(f"{path} has {total} objects and shows {offset}")
            yield from answer.ids
            offset += len(answer.ids)
