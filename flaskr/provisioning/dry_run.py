"""A client of CMS for dry runs: what is read after a change is as it would be."""

from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from http import HTTPStatus
from typing import Any

from flaskr.cms.v1.cms import CMS
from flaskr.cms.v1.memory import Memory
from flaskr.provisioning.foreseen import SpaceChange, as_made, refusal
from flaskr.provisioning.withheld import DryClient
from flaskr.rest.v1.calls import Answer, Call
from flaskr.rest.v1.formats import find
from flaskr.rest.v1.paging import Entry, Hint, Wanted
from flaskr.rest.v1.rest import Payload
from flaskr.result import Failure, Outcome


class DryCMS(DryClient, CMS):
    """A client that keeps all changes to itself, in `withheld`, and reads the rest.

    What is read afterwards is as it would be. What CMS would refuse, as far as that can be told, is
    refused with its failure codes. It shares the connections of the client that it is made of.
    """

    def __init__(self, cms: CMS) -> None:
        vars(self).update(vars(cms))
        self.known_spaces = Memory(1)  # what would be made is not to be found by others
        self.withheld = []
        # By their paths: objects that would be made, what would be changed of others, those gone.
        self._made: dict[str, Entry] = {}
        self._changed: dict[str, Entry] = {}
        self._gone: set[str] = set()

    def request(
        self,
        api_method: str,
        parameters: Mapping[str, Any] | None = None,
        payload: Payload | None = None,
        http_method: str = "GET",
    ) -> Outcome:
        """Ask CMS, or return what would come of a change. Raises Failure."""
        call = Call(http_method, api_method, parameters)
        self._check_there(call)
        if http_method == "GET":
            return self._read_as_changed(call)
        if api_method in self.queries:
            return super().request(api_method, parameters, payload, http_method)
        values = dict(payload) if isinstance(payload, Mapping) else {}
        before = {} if http_method == "POST" else self._object(api_method)
        return self._take(SpaceChange(http_method, api_method, values, before))

    def entries(
        self, api_method: str, parameters: Mapping[str, Any] | None = None
    ) -> Generator[Entry, None, None]:
        """Yield the entries of a list, as they would be. Raises Failure."""
        self._check_there(Call("GET", api_method, parameters))
        if not self._is_beneath_made(api_method):
            with closing(super().entries(api_method, parameters)) as entries:
                for entry in entries:
                    path = f"{api_method}/{entry['@id']}"
                    if path not in self._gone:
                        yield {**entry, **self._changed.get(path, {})}
        yield from [
            entry
            for path, entry in self._made.items()
            if path.rpartition("/")[0] == api_method and path not in self._gone
        ]

    def search(
        self,
        api_method: str,
        parameters: Mapping[str, Any],
        *wanted: Wanted,
        hint: Hint | None = None,
    ) -> Entry | None:
        """Return the entry of a list that is wanted, as it would be. Raises Failure."""
        if not self.withheld:
            return super().search(api_method, parameters, *wanted, hint=hint)
        entries = list(self.entries(api_method, parameters))
        return next((each for is_wanted in wanted for each in entries if is_wanted(each)), None)

    def _read_as_changed(self, call: Call) -> Outcome:
        path = call.api_method
        if path in self._made:
            return Outcome(self._message(call, "as it would be."), {_root(path): self._made[path]})
        retrieved = super().request(path, call.parameters)
        if path not in self._changed:
            return retrieved
        found = {**retrieved.response[_root(path)], **self._changed[path]}
        kept = {name: value for name, value in found.items() if value != ""}
        return Outcome(retrieved.message, {_root(path): kept})

    def _object(self, path: str) -> Entry:
        """Return the object that is to be changed or deleted. Raises Failure where it is gone."""
        found = find(self.request(path).response, _root(path))
        return {"@id": path.rpartition("/")[2], **(found if isinstance(found, dict) else {})}

    def _take(self, change: SpaceChange) -> Outcome:
        codes = refusal(self, change)
        if codes:
            raise self._refused(Call(change.http_method, change.path), codes)
        new_id = self._withhold(change)
        self._EFFECTS[change.http_method](self, change, new_id)
        return self._not_sent(change, new_id)

    def _make(self, change: SpaceChange, new_id: str) -> None:
        self._made[change.place(new_id)] = {"@id": new_id, **as_made(change)}

    def _modify(self, change: SpaceChange, _: str) -> None:
        kept = self._made if change.path in self._made else self._changed
        kept[change.path] = {**kept.get(change.path, {}), **change.kept}

    def _delete(self, change: SpaceChange, _: str) -> None:
        self._gone.add(change.path)

    _EFFECTS: Mapping[str, Callable[["DryCMS", SpaceChange, str], None]] = {
        "POST": _make, "PUT": _modify, "DELETE": _delete
    }

    def _check_there(self, call: Call) -> None:
        """Raise Failure for what would be gone, with all that is beneath it."""
        for path in self._gone:
            if f"{call.api_method}/".startswith(f"{path}/"):
                raise self._refused(call, [f"{_root(path)}DoesNotExist"])

    def _refused(self, call: Call, codes: list[str]) -> Failure:
        """Return the Failure that CMS's answer with these failure codes would be."""
        answer = Answer(call, HTTPStatus.BAD_REQUEST, {}, b"")
        return self._explain_failure(answer, dict.fromkeys(codes, ""))

    def _is_beneath_made(self, path: str) -> bool:
        return any(path.startswith(f"{made}/") for made in self._made)


def _root(path: str) -> str:
    """Return the root element of an object: coSpace of one in coSpaces."""
    return path.split("/")[-2].removesuffix("s")
