"""What the CMS is licensed for (API description, 'Licensing Methods', 'cluster licensing')."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from xml.etree import ElementTree

from flask import Response

from flaskr.pod.cms.answers.answers import Answers
from flaskr.pod.cms.views import Route, empty_answer, xml_answer
from flaskr.pod.xml import add_text

NO_LICENCE = "noLicense"
# How many days from now a licence of that status ends. A cluster tells 90 at most.
DAYS_LEFT = {"activated": 90, "grace": -10, "expired": -100}
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
# The features, each with what it has beside status and date. The description's table has `ldap`,
# its example `branding` with a level.
FEATURES = {
    "callBridge": {}, "callBridgeNoEncryption": {}, "webBridge": {}, "turn": {}, "ldap": {},
    "branding": {"level": "multipleBrands"}, "recording": {"limit": "20"},
    "streaming": {"limit": "20"}, "personal": {"limit": "100"}, "shared": {"limit": "100"},
    "capacityUnits": {"limit": "0"},
}
# What a healthy CMS has no licence for.
WITHOUT = ("callBridgeNoEncryption", "capacityUnits")
FEATURES_OF_CLUSTERS = ("callBridge", "callBridgeNoEncryption", "customizations", "recording")


class Licensing(Answers):
    """The licences of this Call Bridge and of its cluster, all of the status that is switched."""

    needs_database = False

    def routes(self) -> list[Route]:
        """Return what the nodes answer. What /raw contains is not described."""
        return [
            Route("GET", "/system/licensing", self._show),
            Route("GET", "/clusterlicensing", self._show_cluster),
            Route("GET", "/clusterlicensing/raw", lambda: empty_answer(200)),
        ]

    def _show(self) -> Response:
        root = ElementTree.Element("licensing")
        self._add(root, FEATURES, no_grace=("streaming",))
        return xml_answer(root)

    def _show_cluster(self) -> Response:
        root = ElementTree.Element("clusterLicensing")
        self._add(root, FEATURES_OF_CLUSTERS, no_grace=FEATURES_OF_CLUSTERS)
        return xml_answer(root)

    def _add(
        self, root: ElementTree.Element, names: Iterable[str], no_grace: tuple[str, ...]
    ) -> None:
        """Add the features; those that know no grace are expired instead."""
        features = ElementTree.SubElement(root, "features")
        for name in names:
            status = NO_LICENCE if name in WITHOUT else self.switches.licence
            if status == "grace" and name in no_grace:
                status = "expired"
            rest = FEATURES.get(name, {}) if root.tag == "licensing" else {}
            _add_feature(features, name, status, rest)


def _add_feature(
    features: ElementTree.Element, name: str, status: str, rest: dict[str, str]
) -> None:
    element = ElementTree.SubElement(features, name)
    add_text(element, "status", status)
    if status != NO_LICENCE:
        add_text(element, "expiry", _day(DAYS_LEFT[status]))
        for key, value in rest.items():
            add_text(element, key, value)


def _day(days: int) -> str:
    """Return the day that is so many days ahead, such as 2022-Aug-08 in every locale."""
    day = datetime.now(timezone.utc) + timedelta(days=days)
    return f"{day.year}-{MONTHS[day.month - 1]}-{day.day:02}"
