"""The web bridge profile in effect (API description, 'Web Bridge Profile Methods').

Each value is that of the nearest profile which sets it: the web bridge's, its tenant's, the
system's. What none sets is, as far as is known, what a new profile would set.
"""

from __future__ import annotations

from xml.etree import ElementTree

from flask import Response

from flaskr.pod.cms.answers.answers import Answers
from flaskr.pod.cms.rules.web_bridge_profiles import DEFAULTS, WEB_BRIDGE_PROFILE
from flaskr.pod.cms.views import Route, xml_answer
from flaskr.pod.database import Record
from flaskr.pod.xml import add_text

VALUES = ("resourceArchive", *DEFAULTS)


class EffectiveWebBridgeProfile(Answers):
    """The values in effect on a web bridge, for a tenant and in the system."""

    def routes(self) -> list[Route]:
        """Return what the nodes answer."""
        name = "effectivewebbridgeprofile"
        return [
            Route("GET", f"/webbridges/<object_id>/{name}", self._on_web_bridge),
            Route("GET", f"/tenants/<object_id>/{name}", self._for_tenant),
            Route("GET", f"/system/profiles/{name}", self._in_system),
        ]

    def _on_web_bridge(self, object_id: str) -> Response:
        bridge = self.found("webBridges", object_id)
        tenant = bridge.values.get("tenant")
        tenants = [self.state.collection("tenants").get(tenant)] if tenant else []
        return self._effective(bridge, *tenants)

    def _for_tenant(self, object_id: str) -> Response:
        return self._effective(self.found("tenants", object_id))

    def _in_system(self) -> Response:
        return self._effective()

    def _effective(self, *holders: Record) -> Response:
        """Answer with the values of these objects' profiles, the nearest first."""
        everyone = (*holders, self.state.collection("system/profiles").the_one())
        profiles = [
            self.state.collection(f"{WEB_BRIDGE_PROFILE}s").get(each.values[WEB_BRIDGE_PROFILE])
            for each in everyone
            if WEB_BRIDGE_PROFILE in each.values
        ]
        nearest = {"id": profiles[0].id} if profiles else {}
        root = ElementTree.Element("effectiveWebBridgeProfile", nearest)
        values = dict(DEFAULTS)
        for profile in reversed(profiles):
            values.update(profile.values)
        for name in VALUES:
            if name in values:
                add_text(root, name, values[name])
        return xml_answer(root)
