"""IDs of objects, GUIDs, and where they stand in the place of an object."""

import re

_GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ID = re.compile(_GUID, re.IGNORECASE)
# Where an object is, as a Location header says it: a path, or a whole URL.
_PLACE = re.compile(
    r"(?:https?://(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d+)?(?=/))?"
    rf"(?:[\w.~-]*/)*(?P<list>\w+)/(?P<id>{_GUID})/?",
    re.IGNORECASE | re.ASCII,
)


def is_id(text: str) -> bool:
    """Return whether a text is an object ID: a GUID (CMS's API description, "API Methods")."""
    return _ID.fullmatch(text) is not None


def id_at(place: str, list_name: str) -> str:
    """Return the ID of the object at a place, where that is in the list; `""` for all else."""
    found = _PLACE.fullmatch(place)
    return found["id"] if found and found["list"].lower() == list_name.lower() else ""
