"""What the simulated CMS remembers, and what its nodes and its own faults share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flaskr.pod.cms.start import initial_spaces
from flaskr.pod.cms.store import SpaceStore, StoredSpace
from flaskr.pod.cms.switches import CmsSwitches
from flaskr.pod.lower_case import in_lower_case
from flaskr.pod.service import ServerState


class CmsState(ServerState):
    """The database of a CMS, with the switches that say how it is searched."""

    def __init__(self, switches: CmsSwitches) -> None:
        self.switches = switches
        self.spaces = SpaceStore(initial_spaces())

    def reset(self) -> None:
        """Go back to the Spaces of the start."""
        self.spaces.reset()

    @contextmanager
    def attempt(self, *, keep: bool) -> Iterator[None]:
        """Keep the database to this thread meanwhile; undo what was done to it unless `keep`."""
        with self.spaces.attempt(keep=keep):
            yield

    def matches_filter(self, space: StoredSpace, text: str) -> bool:
        """Return whether the text is in the name, the URIs or, by a switch, the callId."""
        looked_into = ["name", "uri", "secondaryUri"]
        if self.switches.filter_finds_call_id:
            looked_into.append("callId")
        values = [space.values.get(name, "") for name in looked_into]
        if self.switches.filter_case_sensitive:
            return any(text in value for value in values)
        wanted = in_lower_case(text)
        return any(wanted in in_lower_case(value) for value in values)
