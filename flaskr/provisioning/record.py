"""The record of changes: a line before each is sent to its server, and what came of it."""

import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from flaskr.provisioning.change import ChangeRequest
from flaskr.provisioning.rows import MASK
from flaskr.rest.v1.paging import Entry
from flaskr.result import GONE, MAYBE_DONE, Failure, Outcome

# What takes a line of the record. It raises Failure where that can't be kept: nothing is sent then.
Note = Callable[[Mapping[str, Any]], None]
BEGUN, DONE, FAILED, UNKNOWN, SEEN = "begun", "done", "failed", "unknown", "seen"


def note_nothing(line: Mapping[str, Any]) -> None:
    """Keep no record."""


class Recorded(NamedTuple):
    """A change that is on record: its lines have one `number` in common."""

    number: str
    userid: str
    change: ChangeRequest

    def line(self, outcome: str, code: str = "", new_id: str = "") -> dict[str, Any]:
        """Return a line of the record; secrets are masked, but not that there are.

        `before` and `after` are the values that the change is about. `outcome` is `begun`, `done`,
        `failed` (nothing was changed), or `unknown` (the answer was lost); after that, `seen` where
        the server shows what was asked for since. `new_id` is the ID of an object that was made.
        """
        return {
            "change": self.number,
            "userid": self.userid,
            **self.change.named(new_id),
            "call": self.change.call(new_id),
            "before": self._masked(self._before()),
            "after": self._masked(self.change.recorded),
            "outcome": outcome,
            "code": code,
        }

    def _before(self) -> Entry:
        before = self.change.before
        if self.change.http_method != "PUT":
            return before
        return {name: before.get(name, "") for name in self.change.recorded}

    def _masked(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values without what nobody may read."""
        secrets = self.change.secrets
        return {
            name: MASK if value and name in secrets else value for name, value in values.items()
        }

    def is_seen_in(self, path: str, found: Entry | None) -> bool:
        """Return whether an object, None where it is gone, shows that the change was made."""
        change = self.change
        if change.http_method == "DELETE":
            return path == change.path and found is None
        is_its = change.may_have_made(path) if change.http_method == "POST" else path == change.path
        return is_its and found is not None and change.shows(found)


class ChangeRecord:
    """The record of one user's changes, each of which is noted before it is sent.

    Where the answer to a change was lost, it is noted as seen once something that is read later
    shows it.
    """

    def __init__(self, userid: str, note: Note) -> None:
        self._userid = userid
        self._write = note
        self._known: dict[str, Entry] = {}  # objects as they were read, by their paths
        self._unsure: list[Recorded] = []

    def known(self, path: str) -> Entry:
        """Return the object at a path as it was when it was read, or nothing."""
        return self._known.get(path, {})

    def send(self, change: ChangeRequest, send: Callable[[], Outcome]) -> Outcome:
        """Send a change, on record. Raises Failure; where no record can be kept, it is not sent."""
        recorded = Recorded(uuid.uuid4().hex[:12], self._userid, change)
        self._write(recorded.line(BEGUN))
        try:
            outcome = send()
        except Failure as failure:
            self._note_failure(recorded, failure)
            raise
        self._note_done(recorded, str(outcome.response))
        return outcome

    def read(self, path: str, found: Entry) -> None:
        """Note an object that was read, which is known from then on."""
        self._note_seen(path, found)
        self._known[path] = found

    def missed(self, path: str, failure: Failure) -> None:
        """Note that an object could not be read; it may be gone."""
        if failure.reason in GONE:
            self._note_seen(path, None)

    def listed(self, list_path: str, ids: set[str]) -> None:
        """Note a whole list: what is missing there was deleted."""
        for recorded in list(self._unsure):
            above, _, object_id = recorded.change.path.rpartition("/")
            if above == list_path and object_id not in ids:
                self._note_seen(recorded.change.path, None)

    def _note_seen(self, path: str, found: Entry | None) -> None:
        """Note which changes are seen in an object, None where it is gone.

        What was known before was not made by a change that is unsure.
        """
        for recorded in [each for each in self._unsure if each.is_seen_in(path, found)]:
            is_creation = recorded.change.http_method == "POST"
            if not (is_creation and path in self._known):
                self._unsure.remove(recorded)
                new_id = path.rpartition("/")[2] if is_creation else ""
                self._note_done(recorded, new_id, SEEN)

    def _note_done(self, recorded: Recorded, new_id: str, outcome: str = DONE) -> None:
        change = recorded.change
        if change.http_method == "DELETE":
            self._known.pop(change.path, None)
        else:
            path = change.place(new_id)
            self._known[path] = {**self.known(path), **change.kept}
        self._write_after(recorded.line(outcome, new_id=new_id))

    def _note_failure(self, recorded: Recorded, failure: Failure) -> None:
        if failure.reason in MAYBE_DONE:
            self._unsure.append(recorded)
            self._write_after(recorded.line(UNKNOWN, failure.code))
            return
        self._write_after(recorded.line(FAILED, failure.code))
        self.missed(recorded.change.path, failure)

    def _write_after(self, line: Mapping[str, Any]) -> None:
        """Note what came of a change. That it was begun is on record: nothing is undone for this.
        """
        with suppress(Failure):
            self._write(line)
