"""The rules of access methods (API description, 'Multiple coSpace Access Methods')."""

from __future__ import annotations

from collections.abc import Mapping

from flaskr.pod.cms.collection import Rules, Values
from flaskr.pod.cms.rules.names import ReachedNames
from flaskr.pod.cms.rules.passcodes import refuse_short_passcode
from flaskr.pod.cms.rules.secrets import with_secret
from flaskr.pod.database import Record
from flaskr.pod.lower_case import in_lower_case


class AccessMethodRules(Rules):
    """Another way into a Space, by names of the same set as those of Spaces."""

    def complete(self, values: Values, asked: Mapping[str, str], before: Record | None) -> Values:
        """Return the values to keep: the URI in lower case, a secret where there is a call ID."""
        if "uri" in values:
            values["uri"] = in_lower_case(values["uri"])
        return with_secret(values, asked)

    def refuse(self, record: Record, before: Record | None) -> None:
        """Refuse a URI or call ID that is taken, and a passcode that is too short."""
        space = self.state.collection("coSpaces").get(record.values["coSpace"])
        refuse_short_passcode(self.state, record, before, space)
        ReachedNames(self.state).refuse_clashes(record, space)
