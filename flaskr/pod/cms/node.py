"""What the nodes of the CMS API have in common: a node is a file beside this one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import NamedTuple
from xml.etree import ElementTree

from flask import Response, request

from flaskr.pod.cms import parameters
from flaskr.pod.cms.state import CmsState
from flaskr.pod.xml import CMS_DECLARATION, document

BASE = "/api/v1"


class Route(NamedTuple):
    """A method and a path below BASE, in lower case, and the view that answers it."""

    method: str
    path: str
    view: Callable[..., Response]


class Node(ABC):
    """A node of the API, such as coSpaces, on the state that it shows and changes."""

    def __init__(self, state: CmsState) -> None:
        self.state = state
        self.switches = state.switches

    @abstractmethod
    def routes(self) -> list[Route]:
        """Return what the node answers."""

    def form(self, table: Mapping[str, parameters.ParameterCheck]) -> dict[str, str]:
        """Return the checked parameters of the request's body. Raises CmsFailure."""
        return self._read(request.get_data(), table)

    def query(self, table: Mapping[str, parameters.ParameterCheck]) -> dict[str, str]:
        """Return the checked parameters of the request's query. Raises CmsFailure."""
        return self._read(request.query_string, table)

    def _read(
        self, form: bytes, table: Mapping[str, parameters.ParameterCheck]
    ) -> dict[str, str]:
        return parameters.read(
            parameters.pairs(form),
            table,
            error=self.switches.parameter_error,
            ignore_unknown=self.switches.ignore_unknown_parameters,
        )


def xml_answer(root: ElementTree.Element) -> Response:
    """Return an answer with this document."""
    return xml_bytes(document(root, CMS_DECLARATION), 200)


def xml_bytes(body: bytes, status: int) -> Response:
    """Return an answer with XML that is written already."""
    answer = Response(body, status)
    # Without a charset, as real servers send it.
    answer.headers["Content-Type"] = "text/xml"
    return answer


def empty_answer(status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer without a body, and without a word of what it would be."""
    answer = Response(status=status, headers=dict(headers or {}))
    del answer.headers["Content-Type"]
    return answer
