"""The Spaces of the simulated CMS, in memory, behind one lock."""

from __future__ import annotations

import secrets
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from flaskr.pod.cms.failures import CmsFailure, FailureElement
from flaskr.pod.lower_case import in_lower_case

# The properties whose values are one set of names over all Spaces (API description, 'Secondary
# coSpace URIs').
URI_PROPERTIES = ("uri", "secondaryUri")
# The parameters that ask for something to be done and aren't kept.
REQUESTS = ("requireCallId", "regenerateSecret")
CALL_ID_DIGITS = 9


@dataclass(frozen=True)
class StoredSpace:
    """A coSpace: its GUID, the properties that are set, and whether LDAP sync made it."""

    id: str
    values: Mapping[str, str]
    auto_generated: bool = False

    def uris(self) -> set[str]:
        """Return the URIs by which the Space is reached."""
        return {self.values[name] for name in URI_PROPERTIES if name in self.values}


class SpaceStore:
    """All Spaces.

    They are listed by name, case-insensitive, then by ID; nothing is known of the order on
    real servers, but there too a Space that is made, renamed or removed shifts the ones behind it.
    """

    def __init__(self, initial: Iterable[StoredSpace]) -> None:
        self._initial = {space.id: space for space in initial}
        self._spaces = dict(self._initial)
        self._lock = threading.RLock()

    def reset(self) -> None:
        """Go back to the Spaces of the start."""
        with self._lock:
            self._spaces = dict(self._initial)

    @contextmanager
    def attempt(self, *, keep: bool) -> Iterator[None]:
        """Keep the Spaces to this thread meanwhile; undo what was done to them unless `keep`."""
        with self._lock:
            before = dict(self._spaces)
            yield
            if not keep:
                self._spaces = before

    def listed(
        self, matches: Callable[[StoredSpace], bool] = lambda space: True
    ) -> list[StoredSpace]:
        """Return the Spaces that match, in their order."""
        with self._lock:
            found = [space for space in self._spaces.values() if matches(space)]
        return sorted(found, key=lambda space: (space.values.get("name", "").casefold(), space.id))

    def get(self, space_id: str) -> StoredSpace:
        """Return the Space with that ID. Raises CmsFailure: `coSpaceDoesNotExist`."""
        with self._lock:
            if space_id not in self._spaces:
                raise CmsFailure(FailureElement("coSpaceDoesNotExist"))
            return self._spaces[space_id]

    def create(self, values: Mapping[str, str]) -> StoredSpace:
        """Create a Space of these parameters by the rules of `modify`, and return it."""
        with self._lock:
            return self._put(StoredSpace(str(uuid.uuid4()), {}), values)

    def modify(self, space_id: str, changes: Mapping[str, str]) -> StoredSpace:
        """Change what is given, leave the rest, unset what is given empty; return the Space.

        URIs are kept in lower case; one that another Space has is `duplicateCoSpaceUri`, such a
        callId `duplicateCoSpaceId`. `requireCallId` gives a Space without a callId a free one;
        a Space with a callId gets a secret, and `regenerateSecret` gives it a new one (API
        description, 'Creating and Modifying a coSpace'). The cdrTag of a Space that LDAP sync
        made can't be changed: `invalidOperation`.
        """
        with self._lock:
            space = self.get(space_id)
            if space.auto_generated and "cdrTag" in changes:
                raise CmsFailure(FailureElement("invalidOperation"))
            return self._put(space, changes)

    def delete(self, space_id: str) -> None:
        """Remove the Space. Raises CmsFailure as `get` does."""
        with self._lock:
            del self._spaces[self.get(space_id).id]

    def _put(self, space: StoredSpace, changes: Mapping[str, str]) -> StoredSpace:
        values = self._completed({**space.values, **changes})
        changed = StoredSpace(space.id, values, space.auto_generated)
        self._refuse_clashes(changed)
        self._spaces[space.id] = changed
        return changed

    def _completed(self, values: Mapping[str, str]) -> dict[str, str]:
        asked = {name for name in REQUESTS if values.get(name) == "true"}
        kept = {name: text for name, text in values.items() if text and name not in REQUESTS}
        kept.update({name: in_lower_case(kept[name]) for name in URI_PROPERTIES if name in kept})
        if "requireCallId" in asked and "callId" not in kept:
            kept["callId"] = self._free_call_id()
        if "regenerateSecret" in asked or ("callId" in kept and "secret" not in kept):
            kept["secret"] = secrets.token_urlsafe(16)
        return kept

    def _free_call_id(self) -> str:
        taken = {space.values.get("callId") for space in self._spaces.values()}
        call_id = _random_digits(CALL_ID_DIGITS)
        while call_id in taken:
            call_id = _random_digits(CALL_ID_DIGITS)
        return call_id

    def _refuse_clashes(self, space: StoredSpace) -> None:
        others = [other for other in self._spaces.values() if other.id != space.id]
        if any(space.uris() & other.uris() for other in others):
            raise CmsFailure(FailureElement("duplicateCoSpaceUri"))
        call_id = space.values.get("callId")
        if call_id and any(other.values.get("callId") == call_id for other in others):
            raise CmsFailure(FailureElement("duplicateCoSpaceId"))


def _random_digits(count: int) -> str:
    """Return that many random digits, the first of them not 0."""
    return str(10 ** (count - 1) + secrets.randbelow(9 * 10 ** (count - 1)))
