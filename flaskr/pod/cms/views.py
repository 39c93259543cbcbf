"""List, create, read, modify and delete, over HTTP, for every node of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree

from flask import Response, request

from flaskr.pod.cms.collection import Collection, Wanted
from flaskr.pod.cms.failures import CmsFailure, FailureElement, unique
from flaskr.pod.cms.forms import FormReader
from flaskr.pod.cms.node import Node
from flaskr.pod.cms.parameters import Parameter, by_name, choice, guid, number, text
from flaskr.pod.cms.values import is_guid
from flaskr.pod.database import Record
from flaskr.pod.xml import CMS_DECLARATION, add_text, document

if TYPE_CHECKING:
    from flaskr.pod.cms.state import CmsState

BASE = "/api/v1"
PAGING = (number("offset"), number("limit"))
USAGE = choice("usageFilter", "referenced unreferenced")


class Route(NamedTuple):
    """A method and a path below BASE, in lower case, and the view that answers it."""

    method: str
    path: str
    view: Callable[..., Response]


class NodeViews:
    """What a node of the table answers."""

    def __init__(self, state: CmsState, node: Node) -> None:
        self.state, self.node = state, node
        self._forms = FormReader(state.switches)

    @property
    def objects(self) -> Collection:
        """Return the objects of the node."""
        return self.state.collection(self.node.path)

    def routes(self) -> list[Route]:
        """Return what the node answers, by its methods."""
        above = lower_path(self.node.path)
        one = above if self.node.single else f"{above}/<object_id>"
        known = {
            "list": Route("GET", above, self.list),
            "create": Route("POST", above, self.modify if self.node.single else self.create),
            "read": Route("GET", one, self.read),
            "modify": Route("PUT", one, self.modify),
            "delete": Route("DELETE", one, self.delete),
        }
        return [known[method] for method in self.node.methods]

    def list(self, above: str = "") -> Response:
        """Answer with a page of the objects that the filters find."""
        self.refuse_unknown_above(above)
        given = self._forms.read(request.query_string, self._list_parameters())
        cap = self.state.page_cap(self.node)
        offset = int(given.pop("offset", "") or 0)
        limit = min(int(given.pop("limit", "") or cap), cap)
        total, page = self.objects.page(self._wanted(given, above), offset, offset + limit)
        attributes = {"total": str(total), **self.objects.rules.list_attributes()}
        root = ElementTree.Element(self.node.root, attributes)
        root.extend(self.element(record, self.node.listed) for record in page)
        return xml_answer(root)

    def create(self, above: str = "") -> Response:
        """Create an object of the form; its ID is in the Location."""
        self.refuse_unknown_above(above)
        record = self.objects.create(self._form("POST"), above)
        place = self.node.holds or self.node.path.replace("*", above)
        return empty_answer(200, {"Location": f"{BASE}/{place}/{record.id}"})

    def read(self, object_id: str = "", above: str = "") -> Response:
        """Answer with all that is set of an object."""
        return xml_answer(self.element(self._found(object_id, above), self.node.shown))

    def modify(self, object_id: str = "", above: str = "") -> Response:
        """Change what the form names."""
        record = self._found(object_id, above)
        self.objects.modify(record.id, self._form("PUT"))
        return empty_answer(200)

    def delete(self, object_id: str, above: str = "") -> Response:
        """Delete an object."""
        self.objects.delete(self._found(object_id, above).id)
        return empty_answer(200)

    def element(self, record: Record, names: Iterable[str]) -> ElementTree.Element:
        """Return the XML of an object with those of its values that there are."""
        unset = {each.name: each.unset for each in self.node.parameters if each.unset is not None}
        values = {**unset, **record.values, **self.objects.rules.computed(record)}
        attributes = {} if self.node.single else {"id": record.id}
        element = ElementTree.Element(self.node.element, attributes)
        inside = {each.name: each.inside for each in self.node.parameters if each.inside}
        for name in names:
            if name in values:
                group, _, last = name.rpartition("/")
                add_text(_group(element, group or inside.get(name, "")), last, values[name])
        return element

    def refuse_unknown_above(self, above: str) -> None:
        """Refuse an ID of no object above: `unrecognizedObject` where it is no GUID at all."""
        if above:
            require_guid(above)
            self.state.collection(self.node.above).get(above)

    def _found(self, object_id: str, above: str) -> Record:
        self.refuse_unknown_above(above)
        if self.node.single:
            return self.objects.the_one()
        require_guid(object_id)
        record = self.objects.get(object_id)
        if above and record.values.get(self.node.within) != above:
            raise CmsFailure(FailureElement(self.node.unknown))
        return record

    def _form(self, method: str) -> dict[str, str]:
        taken = [each for each in self.node.parameters if each.only in ("", method)]
        values, reasons = self._forms.check(request.get_data(), by_name(taken))
        reasons += self.objects.wrong(values)
        if reasons:
            raise CmsFailure(*unique(reasons))
        return values

    def _list_parameters(self) -> dict[str, Parameter]:
        kinds = by_name(self.node.parameters)
        filters = [
            guid(f"{name}Filter") if name in kinds and kinds[name].is_id
            else text(f"{name}Filter")
            for name in self.node.filters
        ]
        search = [text("filter")] if self.node.search else []
        return by_name([*PAGING, *search, *filters, *([USAGE] if self.node.usage else [])])

    def _wanted(self, given: Mapping[str, str], above: str) -> Wanted:
        values = {
            name: value for name in self.node.filters if (value := given.get(f"{name}Filter"))
        }
        if above:
            values[self.node.within] = above
        return Wanted(given.get("filter", ""), values, given.get(USAGE.name, ""))


def _group(element: ElementTree.Element, name: str) -> ElementTree.Element:
    """Return the child of that name, made where it isn't there; the element itself for no name."""
    if not name:
        return element
    found = element.find(name)
    return ElementTree.SubElement(element, name) if found is None else found


def lower_path(path: str) -> str:
    """Return the path of a node as routing has it: in lower case, the ID above a variable."""
    return "/" + path.lower().replace("*", "<above>")


def require_guid(object_id: str) -> None:
    """Refuse anything but a GUID, which is no object's place (`unrecognizedObject`)."""
    if not is_guid(object_id):
        raise CmsFailure(FailureElement("unrecognizedObject"))


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
