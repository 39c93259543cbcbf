"""Clients that have each change on record before they send it, and what came of it afterwards."""

from collections.abc import Generator, Mapping
from contextlib import closing
from typing import Any

from flaskr.cms.v1.cms import CMS
from flaskr.cuc.v1.cupi import CUPI
from flaskr.provisioning.foreseen import SpaceChange
from flaskr.provisioning.mailbox_change import change_of
from flaskr.provisioning.record import ChangeRecord, Note
from flaskr.rest.v1.ids import is_id
from flaskr.rest.v1.paging import Entry
from flaskr.rest.v1.rest import Payload
from flaskr.result import Failure, Outcome


class AuditedCMS(CMS):
    """A client of CMS for one user's changes, on record.

    It shares the connections of the client that it is made of.
    """

    def __init__(self, cms: CMS, userid: str, note: Note) -> None:
        vars(self).update(vars(cms))
        self._record = ChangeRecord(userid, note)

    def request(
        self,
        api_method: str,
        parameters: Mapping[str, Any] | None = None,
        payload: Payload | None = None,
        http_method: str = "GET",
    ) -> Outcome:
        """Send a request; a change is noted before and after. Raises Failure."""
        if http_method == "GET":
            return self._read_object_at(api_method, parameters)
        send = super().request
        if api_method in self.queries:
            return send(api_method, parameters, payload, http_method)
        values = dict(payload) if isinstance(payload, Mapping) else {}
        change = SpaceChange(http_method, api_method, values, self._record.known(api_method))
        return self._record.send(
            change, lambda: send(api_method, parameters, payload, http_method)
        )

    def entries(
        self, api_method: str, parameters: Mapping[str, Any] | None = None
    ) -> Generator[Entry, None, None]:
        """Yield the entries of a list; what is missing there, read whole, was deleted."""
        ids = set()
        with closing(super().entries(api_method, parameters)) as entries:
            for entry in entries:
                ids.add(entry["@id"])
                yield entry
        if not parameters:
            self._record.listed(api_method, ids)

    def _read_object_at(self, path: str, parameters: Mapping[str, Any] | None) -> Outcome:
        """Return an object, which is known from then on."""
        try:
            outcome = super().request(path, parameters)
        except Failure as failure:
            self._record.missed(path, failure)
            raise
        found = next(iter(outcome.response.values()), None)
        if is_id(path.rpartition("/")[2]) and isinstance(found, dict):
            self._record.read(path, found)
        return outcome


class AuditedCUPI(CUPI):
    """A client of Unity Connection for one user's changes, on record.

    It shares the connections of the client that it is made of.
    """

    def __init__(self, cupi: CUPI, userid: str, note: Note) -> None:
        vars(self).update(vars(cupi))
        self._record = ChangeRecord(userid, note)

    def request(
        self,
        api_method: str,
        parameters: Mapping[str, Any] | None = None,
        payload: Payload | None = None,
        http_method: str = "GET",
    ) -> Outcome:
        """Send a request; a change is noted before and after. Raises Failure."""
        if http_method == "GET":
            return self._read_object_at(api_method, parameters)
        send = super().request
        before = self._record.known(api_method)
        change = change_of(http_method, api_method, parameters, payload, before)
        return self._record.send(
            change, lambda: send(api_method, parameters, payload, http_method)
        )

    def _read_object_at(self, path: str, parameters: Mapping[str, Any] | None) -> Outcome:
        """Return an object, which is known from then on."""
        try:
            outcome = super().request(path, parameters)
        except Failure as failure:
            self._record.missed(path, failure)
            raise
        if path.startswith("users/"):
            self._record.read(path, outcome.response)
        return outcome
