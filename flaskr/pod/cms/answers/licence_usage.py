"""How the licences are used (API description, 'Multiparty licensing', 'License usage snapshots').

A call uses the personal licence of the owner of its Space, else a shared one.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from xml.etree import ElementTree

from flask import Response

from flaskr.pod.cms.answers.answers import Answers
from flaskr.pod.cms.answers.status import host_id
from flaskr.pod.cms.parameters import Parameter, guid
from flaskr.pod.cms.rules.calls import CALLS, PARTICIPANTS, participants_of, space_of
from flaskr.pod.cms.values import require
from flaskr.pod.cms.views import PAGING, Route, xml_answer
from flaskr.pod.database import Record
from flaskr.pod.xml import add_text

PROFILE = "userProfile"
LIMITS = {"personalLicenseLimit": "100", "sharedLicenseLimit": "100", "capacityUnitLimit": "0"}
# Of one who is only heard, as in the example.
CAPACITY_UNITS = 0.025
# There are snapshots of the last day, of a CMS that was idle: nothing is counted over time.
BETWEEN_SNAPSHOTS, SNAPSHOTS = 300, 288
TIMES = "%Y-%m-%dT%H:%M:%SZ"


def moment(value: str) -> str:
    """Take a time with its offset (RFC 3339), in seconds since 1970."""
    parsed = datetime.fromisoformat(value)
    require(parsed.tzinfo is not None and "T" in value.upper())
    return str(parsed.timestamp())


class LicenceUsage(Answers):
    """Which licences the calls use, and used."""

    def routes(self) -> list[Route]:
        """Return what the nodes answer."""
        multiparty, usage = "/system/multipartylicensing", "/system/mplicenseusage"
        return [
            Route("GET", multiparty, self._show),
            Route("GET", f"{multiparty}/activepersonallicenses", self._active),
            Route("GET", usage, self._snapshots),
            Route("GET", f"{usage}/knownhosts", self._hosts),
        ]

    def _show(self) -> Response:
        calls = self._calls()
        shared = [call for call in calls if not self._licensed_owner(call)]
        values = {
            "timestamp": time.strftime(TIMES, time.gmtime()),
            **LIMITS,
            "users": str(len(self.state.table(self.state.node("users")))),
            "personalLicenses": str(self._assigned()),
            "participantsActive": str(len(self.state.table(self.state.node(PARTICIPANTS)))),
            "callsActive": str(len(calls)),
            "weightedCallsActive": self._weight(calls),
            "callsWithoutPersonalLicense": str(len(shared)),
            "weightedCallsWithoutPersonalLicense": self._weight(shared),
            "capacityUnitUsage": self._capacity(calls),
            "capacityUnitUsageWithoutPersonalLicense": self._capacity(shared),
        }
        root = ElementTree.Element("multipartyLicensing")
        for name, value in values.items():
            add_text(root, name, value)
        return xml_answer(root)

    def _active(self) -> Response:
        """Answer with the users whose licences are in use; what an entry is called is open."""
        by_owner: dict[str, list[Record]] = {}
        for call in self._calls():
            if owner := self._licensed_owner(call):
                by_owner.setdefault(owner, []).append(call)
        entries = []
        for owner, calls in by_owner.items():
            entry = ElementTree.Element("activePersonalLicense", id=owner)
            add_text(entry, "callsActive", str(len(calls)))
            add_text(entry, "weightedCallsActive", self._weight(calls))
            entries.append(entry)
        return self.paged("activePersonalLicenses", entries)

    def _snapshots(self) -> Response:
        filters = (Parameter("startTime", moment), Parameter("endTime", moment), guid("hostId"))
        given = self.query(*PAGING, *filters)
        newest = int(time.time()) // BETWEEN_SNAPSHOTS * BETWEEN_SNAPSHOTS
        begin, end = given.get("startTime") or "0", given.get("endTime") or "inf"
        host = given.get("hostId", "").lower()
        return self.paged("MPLicenseUsage", [
            ElementTree.Element("entry", time=time.strftime(TIMES, time.gmtime(second)))
            for second in range(newest, newest - SNAPSHOTS * BETWEEN_SNAPSHOTS, -BETWEEN_SNAPSHOTS)
            if float(begin) <= second <= float(end) and (not host or host in self._host_ids())
        ], *filters)

    def _hosts(self) -> Response:
        hosts = [ElementTree.Element("host", id=host) for host in self._host_ids()]
        return self.paged("knownHosts", hosts)

    def _host_ids(self) -> list[str]:
        return [host_id(bridge.name) for bridge in self.state.cluster.bridges]

    def _calls(self) -> list[Record]:
        return self.state.collection(CALLS).listed()

    def _licensed_owner(self, call: Record) -> str:
        """Return the ID of the user whose personal licence a call uses; empty for none."""
        owner_id = space_of(self.state, call.values).values.get("ownerId", "")
        owner = self.state.table(self.state.node("users")).get(owner_id)
        return owner.id if owner and self._profile_of(owner) in self._licensed_profiles() else ""

    def _assigned(self) -> int:
        licensed = self._licensed_profiles()
        users = self.state.collection("users").listed() if licensed else []
        return sum(self._profile_of(user) in licensed for user in users)

    def _licensed_profiles(self) -> set[str]:
        table = self.state.table(self.state.node(f"{PROFILE}s"))
        return {profile.id for profile in table.having("hasLicense", "true")}

    def _profile_of(self, user: Record) -> str:
        """Return the ID of the profile of the user, else of the tenant's or the system's."""
        tenant = self.state.table(self.state.node("tenants")).get(user.values.get("tenant", ""))
        system = self.state.collection("system/profiles").the_one()
        holders = [user, *([tenant] if tenant else []), system]
        return next((each.values[PROFILE] for each in holders if PROFILE in each.values), "")

    def _weight(self, calls: Sequence[Record]) -> str:
        """Return how many calls these are where each is shared among its Call Bridges."""
        node, bridges = self.state.node(CALLS), self.state.cluster.bridges
        shares = 0.0
        for call in calls:
            correlator = call.values["callCorrelator"]
            tables = [self.state.table_at(bridge.name, node) for bridge in bridges]
            shares += 1 / sum(bool(each.having("callCorrelator", correlator)) for each in tables)
        return f"{shares:.3f}"

    def _capacity(self, calls: Sequence[Record]) -> str:
        heard = sum(len(participants_of(self.state, call.id)) for call in calls)
        return f"{heard * CAPACITY_UNITS:.3f}"
