"""The rules of layout templates (API description, 'Layout Templates')."""

from __future__ import annotations

from collections.abc import Mapping

from flaskr.pod.cms.collection import Rules
from flaskr.pod.database import Record

# The JSON text of a layout, as a value that the object itself doesn't show.
TEMPLATE = "template"


class LayoutTemplateRules(Rules):
    """A layout template tells how large it is; the layout itself has a path of its own."""

    def computed(self, record: Record) -> Mapping[str, str]:
        """Return the size in bytes."""
        return {"templateSize": str(len(record.values.get(TEMPLATE, "").encode("utf-8")))}
