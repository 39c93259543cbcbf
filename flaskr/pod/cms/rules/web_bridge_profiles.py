"""The rules of web bridge profiles (API description, 'Web Bridge Profile Methods')."""

from __future__ import annotations

from collections.abc import Mapping

from flaskr.pod.cms.collection import Rules, Values
from flaskr.pod.database import Record

WEB_BRIDGE_PROFILE = "webBridgeProfile"
DEFAULTS = {
    "allowPasscodes": "true",
    "allowSecrets": "true",
    "userPortalEnabled": "true",
    "allowUnauthenticatedGuests": "true",
    "resolveCoSpaceCallIds": "true",
    "resolveLyncConferenceIds": "false",
    "resolveCoSpaceUris": "off",
}


class WebBridgeProfileRules(Rules):
    """A new profile sets what is not given; what is unset is inherited."""

    def complete(self, values: Values, asked: Mapping[str, str], before: Record | None) -> Values:
        """Return the values with the defaults of a new profile."""
        if before is not None:
            return values
        return {**{name: text for name, text in DEFAULTS.items() if name not in asked}, **values}
