"""The faults that only a CMS has: what happens to its Spaces, IDs and failure codes."""

from __future__ import annotations

import re
from contextlib import suppress

from flaskr.pod.checks import pattern, text, whole
from flaskr.pod.cms.collection import Wanted
from flaskr.pod.cms.failures import CmsFailure, FailureElement, details, status_of
from flaskr.pod.cms.state import CmsState
from flaskr.pod.faults.documents import with_attribute
from flaskr.pod.faults.fault_kind import FaultKind, FaultyServer
from flaskr.pod.faults.replacements import replace
from flaskr.pod.wire.exchange import OutgoingAnswer, ReceivedRequest


_SPACE = re.compile(r"/cospaces/([^/]+)", re.IGNORECASE)


def failure(answer: OutgoingAnswer, codes: str) -> None:
    """Answer with failure details of one or several codes, in the status of the first."""
    elements = tuple(map(FailureElement, codes.split(",")))
    replace(answer, status_of(elements[0].code, 404), "text/xml", details(elements))


def bad_id(answer: OutgoingAnswer, wording: str) -> None:
    """Show no GUID as the ID of the first Space, and in the Location of a new one."""
    answer.body = with_attribute(answer.body, "id", wording)
    place, slash, _ = answer.headers.get("Location", "").rpartition("/")
    if slash:
        answer.headers["Location"] = f"{place}/{wording}"


def vanish(request: ReceivedRequest, _: None, server: FaultyServer) -> ReceivedRequest:
    """Remove the Space that the request is for, or for something beneath it."""
    state: CmsState = server.state
    found = _SPACE.search(request.path)
    if found:
        with suppress(CmsFailure):
            state.spaces.remove(found[1].lower())
    return request


def list_loses(request: ReceivedRequest, count: int, server: FaultyServer) -> ReceivedRequest:
    """Remove the first Spaces that the request's filter finds."""
    state: CmsState = server.state
    wanted = _filter(request)
    for space in state.spaces.page(Wanted(wanted), 0, count)[1]:
        state.spaces.remove(space.id)
    return request


def list_gains(request: ReceivedRequest, count: int, server: FaultyServer) -> ReceivedRequest:
    """Create Spaces that the request's filter finds, near the front."""
    state: CmsState = server.state
    for _ in range(count):
        state.spaces.create({"name": f"! {_filter(request)}"})
    return request


def _filter(request: ReceivedRequest) -> str:
    return dict(request.parameters()).get("filter", "")


CMS_KINDS: dict[str, FaultKind] = {
    "failure": FaultKind(
        "failureDetails with this code, or several with commas between",
        pattern(re.compile(r"[A-Za-z]{1,60}(,[A-Za-z]{1,60}){0,9}"), "failure codes"),
        "databaseNotReady", takes_effect=False, damage=failure,
    ),
    "bad_id": FaultKind(
        "this as the ID of a list's first Space, and of a new one", text(),
        "../../system/status", damage=bad_id,
    ),
    "vanish": FaultKind("the Space that the request is for is removed just before", prepare=vanish),
    "list_loses": FaultKind(
        "this many Spaces, the first that the request's filter finds, are removed just before",
        whole(1, 1000), 1, prepare=list_loses,
    ),
    "list_gains": FaultKind(
        "this many Spaces that the request's filter finds are made just before, near the front",
        whole(1, 1000), 1, prepare=list_gains,
    ),
}
