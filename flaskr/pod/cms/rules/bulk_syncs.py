"""Making Spaces in bulk (API description, 'Bulk creating, updating and deleting coSpaces')."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flaskr.pod.cms.failures import CmsFailure, FailureElement
from flaskr.pod.cms.parameters import by_name
from flaskr.pod.cms.rules.over_time import OverTimeRules
from flaskr.pod.cms.values import expand_index_mapping
from flaskr.pod.database import Record

# What tells of which parameter set a Space was made; no GET shows it.
MADE_BY = "bulkParameterSet"
# The most Spaces that a sync makes. The document only says that there is a limit.
MOST_SPACES = 5000
MAPPINGS = {
    "coSpaceUriMapping": "uri",
    "coSpaceNameMapping": "name",
    "coSpaceCallIdMapping": "callId",
}
PASSED_ON = ("tenant", "callProfile", "callBrandingProfile", "nonMemberAccess")
# The status of a sync that fails, by the failure code; `failed` for the others.
FAILURES = {
    "duplicateCoSpaceUri": "failedCoSpaceUriConflict",
    "duplicateCoSpaceId": "failedCallIdConflict",
    "cospaceBulkParameterSetDoesNotExist": "failedNoSuchParameterSet",
    "indexRangeInvalid": "failedIndexRangeInvalid",
    "indexRangeTooGreat": "failedIndexRangeTooGreat",
}


class BulkSyncRules(OverTimeRules):
    """A sync removes the Spaces that its parameter set made, and makes those of the set as it is.

    One that fails changes nothing.
    """

    status, running = "status", "running"

    def outcome(self, record: Record) -> Mapping[str, str]:
        """Replace the Spaces, or remove them; return the status."""
        try:
            with self.state.attempt(keep=True):
                self._replace_spaces(record)
        except CmsFailure as failure:
            return {self.status: FAILURES.get(failure.reasons[0].code, "failed")}
        except ValueError:
            # A mapping makes what CMS takes for no URI or call ID.
            return {self.status: "failed"}
        return {self.status: "complete"}

    def _replace_spaces(self, record: Record) -> None:
        set_id = record.values.get("cospaceBulkParameterSet", "")
        wanted = self.state.collection("cospaceBulkParameterSets").get(set_id)
        removes_only = record.values.get("removeAll") == "true"
        indexes = range(0) if removes_only else _indexes(wanted)
        spaces = self.state.collection("coSpaces")
        for space in self.state.table(spaces.node).having(MADE_BY, set_id):
            spaces.remove(space.id)
        for values in self._spaces(wanted, indexes):
            spaces.create(values)

    def _spaces(self, wanted: Record, indexes: range) -> Iterator[Mapping[str, str]]:
        """Yield the values of the Spaces to make. Raises ValueError for one that can't be."""
        passed_on = {name: wanted.values.get(name, "") for name in PASSED_ON}
        parameters = by_name(self.state.node("coSpaces").parameters)
        for index in indexes:
            values = {**passed_on, MADE_BY: wanted.id}
            for mapping, name in MAPPINGS.items():
                text = expand_index_mapping(wanted.values.get(mapping, ""), index)
                values[name] = parameters[name].check(text) if text else ""
            yield values


def _indexes(wanted: Record) -> range:
    """Return the indexes of a parameter set, both ends included, each 0 where it isn't set."""
    first = int(wanted.values.get("startIndex", "0"))
    last = int(wanted.values.get("endIndex", "0"))
    if first > last:
        raise CmsFailure(FailureElement("indexRangeInvalid"))
    if last - first >= MOST_SPACES:
        raise CmsFailure(FailureElement("indexRangeTooGreat"))
    return range(first, last + 1)
