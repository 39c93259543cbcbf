"""The templates for new mailboxes."""

from __future__ import annotations

from collections.abc import Mapping

from flaskr.pod.company import guid_for
from flaskr.pod.database import Record

# What a template is shown with.
SHOWN = ("URI", "ObjectId", "Alias", "DisplayName", "ListInDirectory", "IsVmEnrolled")
# What a mailbox takes over from it.
TAKEN_OVER = ("ListInDirectory", "IsVmEnrolled")
_TEMPLATES = (
    {"Alias": "voicemailusertemplate", "DisplayName": "Voice Mail User Template",
     "ListInDirectory": "true", "IsVmEnrolled": "true"},
    {"Alias": "pod6template", "DisplayName": "Pod6 Template",
     "ListInDirectory": "false", "IsVmEnrolled": "false"},
)


def template_records() -> list[Record]:
    """Return the templates."""
    return [_record(guid_for(f"template {values['Alias']}"), values) for values in _TEMPLATES]


def _record(template_id: str, values: Mapping[str, str]) -> Record:
    place = f"/vmrest/usertemplates/{template_id}"
    return Record(template_id, {"URI": place, "ObjectId": template_id, **values})
