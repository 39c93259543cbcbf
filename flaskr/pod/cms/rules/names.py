"""The URIs and call IDs by which Spaces and their access methods are reached: who has which.

Two Spaces without a tenant, or of one tenant, can't have one URI; call IDs are one set for all
tenants of a tenant group. Within a Space a URI or call ID can be used again with another passcode
(API description, 'coSpace access methods', 'Tenants', 'Failure reasons').
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from flaskr.pod.cms.collection import CmsObjects
from flaskr.pod.cms.failures import CmsFailure, FailureElement
from flaskr.pod.database import Record, Table

URI_NAMES = ("uri", "secondaryUri")


class Reached(NamedTuple):
    """Something that is reached by URIs and a call ID: a Space or an access method."""

    space: str
    values: Mapping[str, str]


class ReachedNames:
    """Who has which URI and call ID."""

    def __init__(self, state: CmsObjects) -> None:
        self._state = state

    def refuse_clashes(self, record: Record, space: Record) -> None:
        """Refuse a Space, or an access method of `space`, that has a name of another one.

        Raises CmsFailure: `duplicateCoSpaceUri` or `duplicateCoSpaceId` where it is another
        Space's, `duplicateCoSpaceUriPasscode` or `duplicateCoSpaceIdPasscode` within the Space.
        """
        self._refuse(record, space, URI_NAMES, "Uri", self._tenant)
        self._refuse(record, space, ("callId",), "Id", self._tenant_group)

    def have_uri_in_several_tenants(self) -> bool:
        """Return whether Spaces of several tenants have one URI."""
        tenants: dict[str, str] = {}
        return any(
            tenants.setdefault(record.values[name], tenant) != tenant
            for table in self._tables()
            for record in table.page()
            if (tenant := self._tenant(self._space_of(record)))
            for name in URI_NAMES
            if name in record.values
        )

    def has_call_id_of_another(self, tenant: str) -> bool:
        """Return whether a Space of the tenant has the call ID of another one."""
        methods = self._state.collection("coSpaces/*/accessMethods")
        try:
            for space in self._state.table(self._state.node("coSpaces")).having("tenant", tenant):
                for record in (space, *methods.listed(space.id)):
                    self._refuse(record, space, ("callId",), "Id", self._tenant_group)
        except CmsFailure:
            return True
        return False

    def _refuse(
        self, record: Record, space: Record, names: Iterable[str], kind: str,
        domain_of: Callable[[Record], str],
    ) -> None:
        for value in {record.values[name] for name in names if name in record.values}:
            for other in self._holders(names, value):
                owner = self._space_of(other)
                if other.id == record.id:
                    continue
                if owner.id != space.id and domain_of(owner) == domain_of(space):
                    raise CmsFailure(FailureElement(f"duplicateCoSpace{kind}"))
                if owner.id == space.id and _passcode(other) == _passcode(record):
                    raise CmsFailure(FailureElement(f"duplicateCoSpace{kind}Passcode"))

    def _holders(self, names: Iterable[str], value: str) -> list[Record]:
        return [
            each for table in self._tables() for name in names for each in table.having(name, value)
        ]

    def _tables(self) -> list[Table]:
        paths = ("coSpaces", "coSpaces/*/accessMethods")
        return [self._state.table(self._state.node(path)) for path in paths]

    def _space_of(self, record: Record) -> Record:
        above = record.values.get("coSpace")
        return self._state.collection("coSpaces").get(above) if above else record

    def _tenant(self, space: Record) -> str:
        return space.values.get("tenant", "")

    def _tenant_group(self, space: Record) -> str:
        tenant = self._tenant(space)
        found = self._state.collection("tenants").get(tenant) if tenant else None
        return found.values.get("tenantGroup", "") if found else ""


def _passcode(record: Record) -> str:
    return record.values.get("passcode", "")
