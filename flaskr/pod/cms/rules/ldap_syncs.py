"""The rules of LDAP syncs (API description, 'LDAP Sync Methods')."""

from __future__ import annotations

from collections.abc import Mapping

from flaskr.pod.cms.failures import CmsFailure, FailureElement
from flaskr.pod.cms.ldap.entries import LdapError
from flaskr.pod.cms.ldap.imports import SOURCE, LdapImport
from flaskr.pod.cms.rules.over_time import OverTimeRules
from flaskr.pod.database import Record

# The most syncs that wait or run. The document only says that there is a limit.
MOST_SYNCS = 10
# What isn't there when a sync runs; every other failure is a name that is taken.
MISSING = ("tenantDoesNotExist", "ldapSourceDoesNotExist")


class LdapSyncRules(OverTimeRules):
    """A sync imports the sources of a tenant, one source, or all. One that fails changes nothing.

    It is forgotten when it has finished, unless `removeWhenFinished` is false.
    """

    status, running = "state", "inProgress"

    def refuse(self, record: Record, before: Record | None) -> None:
        """Refuse a sync where many wait already."""
        if len(self.unfinished()) >= MOST_SYNCS:
            raise CmsFailure(FailureElement("tooManyLdapSyncs"))

    def refuse_deletion(self, record: Record) -> None:
        """Refuse to cancel a sync that runs; one that waits, or has finished, is removed."""
        if record.values[self.status] == self.running:
            raise CmsFailure(FailureElement("ldapSyncCannotBeCancelled"))

    def computed(self, record: Record) -> Mapping[str, str]:
        """Return that nobody is imported yet while the sync runs: that is done at its end."""
        running = record.values[self.status] == self.running
        return {"numUsersImported": "0"} if running else {}

    def finish(self, record: Record) -> None:
        """Import, and keep how it went where that is wanted."""
        super().finish(record)
        if record.values.get("removeWhenFinished") != "false":
            self.state.table(self.node).remove(record.id)

    def outcome(self, record: Record) -> Mapping[str, str]:
        """Import the sources; return how it went."""
        try:
            with self.state.attempt(keep=True):
                return {self.status: "complete", **self._import(record)}
        except LdapError:
            reason = "ldapError"
        except CmsFailure as failure:
            code = failure.reasons[0].code
            reason = code if code in MISSING else "clashOccurred"
        return {self.status: "failed", "failureReason": reason}

    def _import(self, record: Record) -> Mapping[str, str]:
        sources = self._sources(record)
        if not ({"tenant", SOURCE} & set(record.values)):
            self._remove_users_without_source()
        imported = sum(LdapImport(self.state, source).run() for source in sources)
        counts = {"numUsersImported": str(imported)}
        if sources:
            counts["numLdapSourcesComplete"] = str(len(sources))
        return counts

    def _sources(self, record: Record) -> list[Record]:
        """Return the sources that the sync is of. Raises CmsFailure for what isn't there."""
        sources = self.state.collection("ldapSources")
        tenant, source = record.values.get("tenant"), record.values.get(SOURCE)
        if tenant:
            self.state.collection("tenants").get(tenant)
        found = [sources.get(source)] if source else sources.listed()
        return [each for each in found if not tenant or each.values.get("tenant") == tenant]

    def _remove_users_without_source(self) -> None:
        users = self.state.collection("users")
        sources = {source.id for source in self.state.collection("ldapSources").listed()}
        for user in users.listed():
            if user.values.get(SOURCE) not in sources:
                users.remove(user.id)
