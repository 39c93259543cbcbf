"""Changes on record: each is noted before it is sent to CMS, and what came of it afterwards."""

import uuid
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, suppress
from typing import Any, NamedTuple

from flaskr.cms.v1.cms import CMS
from flaskr.cms.v1.spaces import SETTABLE_FIELDS
from flaskr.fields import has_same_value
from flaskr.provisioning.foreseen import MADE_UP, ChangeRequest
from flaskr.provisioning.rows import MASK, SECRETS
from flaskr.rest.v1.ids import is_id
from flaskr.rest.v1.paging import Entry
from flaskr.rest.v1.rest import Payload
from flaskr.result import MAYBE_DONE, Failure, Outcome, Reason

# What takes a line of the record. It raises Failure where that can't be kept: nothing is sent then.
Note = Callable[[Mapping[str, Any]], None]
BEGUN, DONE, FAILED, UNKNOWN, SEEN = "begun", "done", "failed", "unknown", "seen"
_NEVER = (*SECRETS, "streamUrl")  # the address of a stream has its key in it
_GONE = (Reason.NO_SPACE, Reason.NO_SUCH_OBJECT)


def note_nothing(line: Mapping[str, Any]) -> None:
    """Keep no record."""


class Recorded(NamedTuple):
    """A change that is on record: its lines have one `number` in common."""

    number: str
    userid: str
    change: ChangeRequest

    def line(self, outcome: str, code: str = "", object_id: str = "") -> dict[str, Any]:
        """Return a line of the record; passcodes and secrets are masked, but not that there are.

        `before` and `after` are the values that the change is about. `outcome` is `begun`, `done`,
        `failed` (nothing was changed), or `unknown` (the answer was lost); after that, `seen` where
        CMS shows what was asked for since. `object_id` is the ID of an object that was made.
        """
        path = f"{self.change.path}/{object_id}" if object_id else self.change.path
        return {
            "change": self.number,
            "userid": self.userid,
            "coSpace": f"{path}/".split("/")[1],
            "call": f"{self.change.http_method} {path}",
            "before": _masked(self._before()),
            "after": _masked(self._after()),
            "outcome": outcome,
            "code": code,
        }

    def _before(self) -> Entry:
        before = self.change.before
        if self.change.http_method != "PUT":
            return before
        return {name: before.get(name, "") for name in self._after()}

    def _after(self) -> dict[str, str]:
        sent = self.change.values
        made_up = {
            name: MADE_UP
            for name, option in (("callId", "requireCallId"), ("secret", "regenerateSecret"))
            if sent.get(option) == "true"
        }
        return {**made_up, **self.change.kept}

    def is_seen_in(self, path: str, found: Entry | None) -> bool:
        """Return whether an object, None where it is gone, shows that the change was made."""
        change = self.change
        if change.http_method == "DELETE":
            return path == change.path and found is None
        its_path = path.rpartition("/")[0] if change.http_method == "POST" else path
        if its_path != change.path or found is None:
            return False
        has_new_secret = found.get("secret") != change.before.get("secret")
        return (has_new_secret or "regenerateSecret" not in change.values) and all(
            _has(found, name, value) for name, value in change.kept.items()
        )


class AuditedCMS(CMS):
    """A client for one user's changes, each of which it has noted before it sends it.

    Where the answer to a change was lost, it is noted as seen once something that is read later
    shows it. It shares the connections of the client that it is made of.
    """

    def __init__(self, cms: CMS, userid: str, note: Note) -> None:
        vars(self).update(vars(cms))
        self._userid = userid
        self._write = note
        self._known: dict[str, Entry] = {}  # objects as they were read, by their paths
        self._unsure: list[Recorded] = []

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
        if api_method in self.queries:
            return super().request(api_method, parameters, payload, http_method)
        values = dict(payload) if isinstance(payload, Mapping) else {}
        before = self._known.get(api_method, {})
        change = ChangeRequest(http_method, api_method, values, before)
        recorded = Recorded(uuid.uuid4().hex[:12], self._userid, change)
        self._write(recorded.line(BEGUN))
        try:
            outcome = super().request(api_method, parameters, payload, http_method)
        except Failure as failure:
            self._note_failure(recorded, failure)
            raise
        self._note_done(recorded, str(outcome.response))
        return outcome

    def entries(
        self, api_method: str, parameters: Mapping[str, Any] | None = None
    ) -> Generator[Entry, None, None]:
        """Yield the entries of a list; what is missing there, read whole, was deleted."""
        ids = set()
        with closing(super().entries(api_method, parameters)) as entries:
            for entry in entries:
                ids.add(entry["@id"])
                yield entry
        for recorded in list(self._unsure):
            above, _, object_id = recorded.change.path.rpartition("/")
            if not parameters and above == api_method and object_id not in ids:
                self._note_seen(recorded.change.path, None)

    def _read_object_at(self, path: str, parameters: Mapping[str, Any] | None) -> Outcome:
        """Return an object, which is known from then on."""
        try:
            outcome = super().request(path, parameters)
        except Failure as failure:
            if failure.reason in _GONE:
                self._note_seen(path, None)
            raise
        found = next(iter(outcome.response.values()), None)
        if is_id(path.rpartition("/")[2]) and isinstance(found, dict):
            self._note_seen(path, found)
            self._known[path] = found
        return outcome

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
            path = f"{change.path}/{new_id}" if new_id else change.path
            self._known[path] = {**self._known.get(path, {}), **change.kept}
        self._write_after(recorded.line(outcome, object_id=new_id))

    def _note_failure(self, recorded: Recorded, failure: Failure) -> None:
        if failure.reason in MAYBE_DONE:
            self._unsure.append(recorded)
            self._write_after(recorded.line(UNKNOWN, failure.code))
            return
        self._write_after(recorded.line(FAILED, failure.code))
        if failure.reason in _GONE:
            self._note_seen(recorded.change.path, None)

    def _write_after(self, line: Mapping[str, Any]) -> None:
        """Note what came of a change. That it was begun is on record: nothing is undone for this.
        """
        with suppress(Failure):
            self._write(line)


def _has(found: Entry, name: str, value: str) -> bool:
    field = SETTABLE_FIELDS.get(name)
    if field is None:
        return str(found.get(name) or "") == value
    return has_same_value(field, found, value)


def _masked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values without what nobody may read."""
    return {
        name: MASK if value and name in _NEVER else value for name, value in values.items()
    }
