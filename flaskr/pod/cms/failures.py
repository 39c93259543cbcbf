"""Failure details: how CMS says that a request can't be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

from flaskr.pod.xml import CMS_DECLARATION, document, writable

# The status that comes with a failure code; codes that aren't here come with BAD_REQUEST.
# The document names only 404 for an unknown ID; of the others it says 4xx, and clients in the
# field see 400 (API description, 'URL format').
STATUSES = {"databaseNotReady": 503}
BAD_REQUEST = 400
UNKNOWN_ID = "DoesNotExist"


@dataclass(frozen=True)
class FailureElement:
    """One element of the failure details: a code of 'Failure reasons' and its attributes."""

    code: str
    attributes: Mapping[str, str] = field(default_factory=dict)


class CmsFailure(Exception):
    """A request that CMS refuses, for one reason or for several at once."""

    def __init__(self, *reasons: FailureElement) -> None:
        super().__init__(", ".join(reason.code for reason in reasons))
        self.reasons = reasons


def parameter_error(name: str, error: str) -> FailureElement:
    """Return the element that says that a parameter's value is wrong, or missing."""
    return FailureElement("parameterError", {"parameter": name, "error": error})


def unique(reasons: Iterable[FailureElement]) -> list[FailureElement]:
    """Return the reasons, each once, in their order."""
    found: list[FailureElement] = []
    for reason in reasons:
        if reason not in found:
            found.append(reason)
    return found


def status_of(code: str, unknown_id_status: int) -> int:
    """Return the HTTP status that goes with a failure code."""
    if code.endswith(UNKNOWN_ID):
        return unknown_id_status
    return STATUSES.get(code, BAD_REQUEST)


def details(reasons: tuple[FailureElement, ...]) -> bytes:
    """Return the body that lists the reasons (API description, 'Failure reasons')."""
    root = ElementTree.Element("failureDetails")
    for reason in reasons:
        attributes = {name: writable(value) for name, value in reason.attributes.items()}
        ElementTree.SubElement(root, reason.code, attributes)
    return document(root, CMS_DECLARATION, short_empty=True)
