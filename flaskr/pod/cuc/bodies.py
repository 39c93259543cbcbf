"""The bodies that a Unity Connection takes: the fields of one object, in XML or JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree

from flask import Request
from werkzeug.exceptions import UnsupportedMediaType

from flaskr.pod.cuc.failures import INVALID, CucFailure
from flaskr.pod.xml import can_be_written


def fields_of(request: Request, name: str) -> dict[str, str]:
    """Return the fields of a body, as text; in XML its root is the element `name`.

    Raises UnsupportedMediaType for a body of another kind, or of none, and CucFailure for one
    that can't be read.
    """
    if request.mimetype not in _READERS:
        raise UnsupportedMediaType
    try:
        fields = _READERS[request.mimetype](request.get_data(), name)
    except (ValueError, RecursionError, ElementTree.ParseError):
        raise CucFailure(INVALID, f"The body is no {name}.") from None
    for key, text in fields.items():
        if not can_be_written(text):
            raise CucFailure(INVALID, f"{key} has a character that can't be stored.")
    return fields


def _from_xml(body: bytes, name: str) -> dict[str, str]:
    root = ElementTree.fromstring(body)
    if root.tag != name:
        raise ValueError
    return {child.tag: child.text or "" for child in root}


def _from_json(body: bytes, name: str) -> dict[str, str]:
    found = json.loads(body)
    if not isinstance(found, dict):
        raise ValueError
    return {key: _as_text(value) for key, value in found.items()}


def _as_text(value: Any) -> str:
    """Return a value of JSON as text. Clients in the field send an empty list for nothing."""
    if value is None or value == []:
        return ""
    if isinstance(value, (dict, list)):
        raise ValueError
    return json.dumps(value) if isinstance(value, (bool, int, float)) else str(value)


_READERS: Mapping[str, Callable[[bytes, str], dict[str, str]]] = {
    "application/xml": _from_xml, "text/xml": _from_xml, "application/json": _from_json,
}
