"""The rules of CDR receivers (API description, 'CDR Receiver URI Methods')."""

from __future__ import annotations

from collections.abc import Mapping

from flaskr.pod.cms.collection import Rules, Values
from flaskr.pod.cms.failures import CmsFailure, FailureElement
from flaskr.pod.database import Record

RECEIVERS = "system/cdrReceivers"
MOST_RECEIVERS = 4


class CdrReceiverRules(Rules):
    """A Call Bridge has a few receivers only; one without a URI counts too."""

    def complete(self, values: Values, asked: Mapping[str, str], before: Record | None) -> Values:
        """Return the values with the `url` that requests have for `uri`."""
        if "url" in asked and "uri" not in asked:
            return {**values, "uri": asked["url"]}
        return values

    def refuse(self, record: Record, before: Record | None) -> None:
        """Refuse one more than there may be."""
        if before is None and len(self.state.table(self.node)) >= MOST_RECEIVERS:
            raise CmsFailure(FailureElement("tooManyCdrReceivers"))

    def list_attributes(self) -> Mapping[str, str]:
        """Return how many there may be."""
        return {"maximum": str(MOST_RECEIVERS)}
