"""What the nodes that compute an answer have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from flask import Response, request

from flaskr.pod.cms.forms import FormReader
from flaskr.pod.cms.parameters import Parameter, by_name
from flaskr.pod.cms.views import PAGING, Route, require_guid, xml_answer
from flaskr.pod.database import Record

if TYPE_CHECKING:
    from flaskr.pod.cms.state import CmsState


class Answers(ABC):
    """Nodes that belong together, on the state that they tell of."""

    # Whether they can't be answered by a Call Bridge that doesn't reach the database.
    needs_database = True

    def __init__(self, state: CmsState) -> None:
        self.state, self.switches = state, state.switches
        self._forms = FormReader(state.switches)

    @abstractmethod
    def routes(self) -> list[Route]:
        """Return what the nodes answer: paths below /api/v1 in lower case."""

    def found(self, path: str, object_id: str) -> Record:
        """Return the object of a node. Raises CmsFailure where there is none of that ID."""
        require_guid(object_id)
        return self.state.collection(path).get(object_id)

    def form(self, *parameters: Parameter) -> dict[str, str]:
        """Return the checked parameters of the request's body. Raises CmsFailure."""
        return self._forms.read(request.get_data(), by_name(parameters))

    def query(self, *parameters: Parameter) -> dict[str, str]:
        """Return the checked parameters of the request's query. Raises CmsFailure."""
        return self._forms.read(request.query_string, by_name(parameters))

    def paged(
        self, name: str, entries: Sequence[ElementTree.Element], *others: Parameter
    ) -> Response:
        """Return an answer with those of the entries that the request's offset and limit leave.

        others: what the query can have beside these.
        """
        given, cap = self.query(*PAGING, *others), self.switches.list_cap
        offset, limit = int(given.get("offset") or 0), int(given.get("limit") or cap)
        root = ElementTree.Element(name, total=str(len(entries)))
        root.extend(entries[offset:offset + min(limit, cap)])
        return xml_answer(root)
