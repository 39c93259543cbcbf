"""A plan carried out, row by row: so many at a time, and each as it comes.

A row whose Space is not as it was when the plan was made is left alone. All of it stands on the
functions that change one user's Space.
"""

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, NamedTuple

from flaskr.cms.v1.cms import CMS
from flaskr.cms.v1.spaces import SETTABLE_FIELDS
from flaskr.fields import Values, has_same_value
from flaskr.provisioning.audited import AuditedCMS
from flaskr.provisioning.clashes import clashes_explained, space_in_words
from flaskr.provisioning.creation import create_described
from flaskr.provisioning.directory import Directory
from flaskr.provisioning.dry_run import DryCMS
from flaskr.provisioning.lookup import find_by_uri, read_space, space_in
from flaskr.provisioning.members import find_cms_user
from flaskr.provisioning.parallel import as_they_come
from flaskr.provisioning.parts import MEMBER, PARTS, Part, missing_parts
from flaskr.provisioning.personal import (
    check_keeps_uri,
    check_personal,
    has_uri_of,
    is_marked,
    why_left,
)
from flaskr.provisioning.profiles import wrong_ids_explained
from flaskr.provisioning.record import Note, note_nothing
from flaskr.provisioning.rows import (
    REQUIRE_CALL_ID,
    SECRETS,
    Action,
    Result,
    PlanRow,
    RowOutcome,
    is_for_leaver,
)
from flaskr.provisioning.spaces import delete_read, modify_read
from flaskr.provisioning.template import Template
from flaskr.provisioning.withheld import what_would_be
from flaskr.rest.v1.paging import Entry
from flaskr.result import OF_SERVERS, Failure, Reason

FEWEST_REMOVALS = 5  # that a share allows
FIRST_PAUSE_SECONDS = 1.0  # for all rows, after a server was busy until a row's retries were over
LONGEST_PAUSE_SECONDS = 30.0
LOOK_SECONDS = 0.5  # in a pause, how often it is looked whether the portal is being stopped
MOST_PAUSES = 8  # in a row, without one row done between them: some two minutes
# After these, the next row would fail as well.
_DOWN = frozenset(
    {
        Reason.UNREACHABLE, Reason.UNTRUSTED, Reason.NO_CONNECTION_IN_TIME, Reason.BUSY,
        Reason.REFUSED_CREDENTIALS, Reason.AUDIT_UNAVAILABLE,
    }
)


class Stale(Exception):
    """The Space is not as it was planned for; says how it is."""


class Applied(NamedTuple):
    """What a row came to: whether something was changed, and a sentence about it."""

    is_changed: bool
    message: str
    space_id: str


class Limit(NamedTuple):
    """How many Spaces may be removed at once: a number, or a share of all in percent."""

    number: int
    is_percent: bool

    @classmethod
    def parse(cls, text: str) -> "Limit":
        """Return the limit that a text says, such as `5%` or `20`."""
        return cls(int(text.rstrip("%")), text.endswith("%"))

    def of(self, spaces: int) -> int:
        """Return how many of so many Spaces that is; at least 5 where it is a share."""
        return max(spaces * self.number // 100, FEWEST_REMOVALS) if self.is_percent else self.number


def check_removals(cms: CMS, rows: Iterable[PlanRow], limit: Limit, meant: int | None) -> None:
    """Raise Failure where the rows take more Spaces away than they may, unless so many are `meant`.

    They take away what they remove, and what they put in quarantine.
    """
    removals = sum(row.action is Action.REMOVE or is_for_leaver(row) for row in rows)
    if meant is not None and meant != removals:
        message = f"The plan takes {removals} Spaces away, and not {meant}. Nothing was done."
        raise Failure(Reason.TOO_MANY_REMOVALS, message)
    if not removals or meant is not None:
        return
    most = limit.of(cms.page("coSpaces", {"limit": "1"}, 0).total)
    if removals > most:
        message = (
            f"The plan takes {removals} Spaces away (removed, or in quarantine), and {most} may be "
            "taken away at once (PORTAL_MAX_REMOVALS). Nothing was done. If so many are meant, "
            f"send removals={removals}."
        )
        raise Failure(Reason.TOO_MANY_REMOVALS, message)


def apply_rows(
    cms: CMS,
    directory: Directory,
    template: Template,
    rows: Iterable[PlanRow],
    is_stopping: Callable[[], bool] = lambda: False,
    dry: bool = False,
    note: Note = note_nothing,
) -> Iterator[RowOutcome]:
    """Carry rows out, and yield what came of each as it comes, in whatever order.

    Who asks for no more has those finished that were begun. `dry`: nothing is changed, and what is
    yielded is what would come of each row. `note` takes the lines of the record (AuditedCMS).
    Raises Failure where it makes no sense to go on, after what was begun: CMS is down, stays busy,
    there can be no record, or the portal `is_stopping`.
    """
    pace = _Pace(2 * cms.parallel, is_stopping)
    carry_out = _rehearse if dry else partial(_carry_out_on_record, note)
    work = partial(carry_out, cms, directory, template)
    outcomes = as_they_come(
        partial(_at_pace, pace, work), pace.until_over(rows), cms.parallel
    )
    try:
        for outcome in outcomes:
            yield outcome
    finally:
        pace.over.set()  # before it is waited for those that were begun
        outcomes.close()
    if pace.failure:
        raise pace.failure


_STOPPING = Failure(
    Reason.STOPPING, "It was told to stop, and began no further row. Plan again for what is left."
)


class _Pace:
    """How fast all rows go, and whether they go on at all."""

    def __init__(self, most_failures: int, is_stopping: Callable[[], bool]) -> None:
        self.over = threading.Event()
        self.failure: Failure | None = None
        self._most_failures = most_failures
        self._is_stopping = is_stopping
        self._lock = threading.Lock()
        self._until = 0.0
        self._pauses = 0
        self._failures = 0

    def until_over(self, rows: Iterable[PlanRow]) -> Iterator[PlanRow]:
        """Yield rows until it is over."""
        for row in rows:
            if self._is_over():
                return
            yield row

    def wait(self) -> None:
        """Wait for the end of a pause that a server needs."""
        while (left := self._until - time.monotonic()) > 0 and not self._is_over():
            self.over.wait(min(left, LOOK_SECONDS))

    def goes_on_after(self, busy: Failure) -> bool:
        """Have all rows pause, longer each time; return whether to go on then.

        It is over where a server stays busy.
        """
        with self._lock:
            if time.monotonic() >= self._until:
                seconds = min(FIRST_PAUSE_SECONDS * 2**self._pauses, LONGEST_PAUSE_SECONDS)
                self._until = time.monotonic() + seconds
                self._pauses += 1
        if self._pauses > MOST_PAUSES:
            self.end(busy)
        self.wait()
        return not self._is_over()

    def note(self, failure: Failure | None) -> None:
        """Take note of what came of a row; end it where no row can be done."""
        with self._lock:
            if failure is None:
                self._pauses = self._failures = 0
                return
            self._failures += failure.reason in OF_SERVERS - {Reason.REFUSED}
            too_many = self._failures >= self._most_failures
        if failure.reason in _DOWN or too_many:
            self.end(failure)

    def end(self, failure: Failure) -> None:
        """Begin no further row."""
        self.failure = self.failure or failure
        self.over.set()

    def _is_over(self) -> bool:
        if not self.over.is_set() and self._is_stopping():
            self.end(_STOPPING)
        return self.over.is_set()


Work = Callable[[PlanRow], RowOutcome]


def _at_pace(pace: _Pace, work: Work, row: PlanRow) -> RowOutcome:
    """Carry a row out, once more after each pause for as long as a server is busy."""
    pace.wait()
    outcome = work(row)
    while (
        outcome.failure
        and outcome.failure.reason is Reason.BUSY
        and pace.goes_on_after(outcome.failure)
    ):
        outcome = work(row)
    pace.note(outcome.failure)
    return outcome


def _carry_out(
    cms: CMS, directory: Directory, template: Template, row: PlanRow
) -> RowOutcome:
    return _Worker(cms, directory, template).outcome(row)


def _carry_out_on_record(
    note: Note, cms: CMS, directory: Directory, template: Template, row: PlanRow
) -> RowOutcome:
    return _carry_out(AuditedCMS(cms, row.userid, note), directory, template, row)


def _rehearse(cms: CMS, directory: Directory, template: Template, row: PlanRow) -> RowOutcome:
    """Return what would come of a row, with nothing changed."""
    dry = DryCMS(cms)
    outcome = _carry_out(dry, directory, template, row)
    message = what_would_be(dry, outcome.message)
    return outcome._replace(row=outcome.row._replace(space_id=row.space_id), message=message)


class _Worker:
    """Carries single rows out."""

    def __init__(self, cms: CMS, directory: Directory, template: Template) -> None:
        self._cms = cms
        self._directory = directory
        self._template = template

    def outcome(self, row: PlanRow) -> RowOutcome:
        """Return what came of a row."""
        try:
            applied = self._ACTIONS[row.action](self, row)
        except Stale as stale:
            return RowOutcome(row, Result.STALE, str(stale))
        except Failure as failure:
            return RowOutcome(row, Result.FAILED, failure.message, failure)
        result = Result.DONE if applied.is_changed else Result.UNCHANGED
        return RowOutcome(row._replace(space_id=applied.space_id), result, applied.message)

    def _leave(self, row: PlanRow) -> Applied:
        return Applied(False, row.message, row.space_id)

    def _create(self, row: PlanRow) -> Applied:
        """Create the Space. CMS itself sees to it that there is none with that uri."""
        check_keeps_uri(row.after, self._template.uri_of(row.userid))
        owner = row.after.get("ownerJid", "") if self._template.owner_jid else ""
        values = {name: row.after[name] for name in row.after if not owner or name != "ownerJid"}
        phone = row.after.get("secondaryUri", "")
        try:
            created = create_described(self._cms, self._template, values, owner, phone)
        except Failure as failure:
            if failure.reason not in (Reason.URI_TAKEN, Reason.PHONE_TAKEN, Reason.CALL_ID_TAKEN):
                raise
            return self._found(row, failure)
        return Applied(True, created.message, created.response)

    def _found(self, row: PlanRow, taken: Failure) -> Applied:
        """Return that the user's Space is there already, as planned. Raises Stale where it is not.
        """
        uri = self._template.uri_of(row.userid)
        found = find_by_uri(self._cms, uri, self._template.tenant)
        if found is None:
            raise taken
        space = space_in(found.read(self._cms), found.id)
        for name, value in row.after.items():
            if not _has(space, name, value):
                raise Stale(f"There is {space_in_words(space)} now. {_other(space, name)}")
        there = f"{space_in_words(space)} is there already"
        added = self._completed(row, space)
        if added:
            return Applied(True, f"{there}. Added: {', '.join(added)}.", found.id)
        return Applied(False, f"{there}.", found.id)

    def _completed(self, row: PlanRow, space: Entry) -> list[str]:
        """Add what the Space still lacks beside its values; return what it was.

        It may have been made a moment ago, when not all of it could be made.
        """
        owner = row.after.get("ownerJid", "") if self._template.owner_jid else ""
        if owner:
            owner = str(find_cms_user(self._cms, owner)["userJid"])
        parts = missing_parts(self._cms, space, self._template, owner)
        if parts:
            check_personal(self._directory, row.userid, space)
        return self._made(space, {}, parts)

    def _modify(self, row: PlanRow) -> Applied:
        space = self._read(row)
        if space is None:
            raise Stale(f"The Space {row.space_id} is gone.")
        changes = _left_to_change(row, space)
        parts = self._parts(row, space)
        if not changes and not parts:
            return Applied(False, f"{space_in_words(space)} is so already.", row.space_id)
        check_keeps_uri({**space, **changes}, self._template.uri_of(row.userid))
        check_personal(self._directory, row.userid, space)
        if is_for_leaver(row):
            self._check_left(row, space)
        done = self._made(space, changes, parts)
        return Applied(True, f"Changed: {', '.join(done)}.", row.space_id)

    def _made(self, space: Entry, changes: Values, parts: Sequence[Part]) -> list[str]:
        """Make all the changes to a Space; return what was changed."""
        done: list[str] = []
        try:
            with clashes_explained(self._cms, changes, space), wrong_ids_explained(self._cms):
                for title in self._steps(space, changes, parts):
                    done.append(title)
        except Failure as failure:
            raise _changed_before(failure, done) from None
        return done

    def _steps(self, space: Entry, changes: Values, parts: Iterable[Part]) -> Iterator[str]:
        """Make the changes one after the other, and yield what was changed."""
        if changes:
            modify_read(self._cms, space, changes)
            yield from changes
        for part in parts:
            part.add()
            yield part.title

    def _parts(self, row: PlanRow, space: Entry) -> list[Part]:
        """Return the planned parts that the Space still lacks."""
        if not row.after.keys() & set(PARTS):
            return []
        member = row.after.get(MEMBER, "")
        missing = missing_parts(self._cms, space, self._template, member)
        return [part for part in missing if part.kind in row.after]

    def _remove(self, row: PlanRow) -> Applied:
        """Delete the Space of a user who is not in the directory, and whose it is marked as."""
        space = self._read(row)
        if space is None:
            return Applied(False, f"The Space {row.space_id} is gone already.", row.space_id)
        _check_kept(row, space)
        self._check_left(row, space)
        deleted = delete_read(self._cms, space)
        return Applied(True, deleted.message, row.space_id)

    def _check_left(self, row: PlanRow, space: Entry) -> None:
        """Raise Stale where the Space is not that of a user who has left."""
        if not is_marked(space, row.userid):
            raise Stale(f'{space_in_words(space)} is not marked as that of "{row.userid}".')
        if not why_left(self._directory, row.userid):
            raise Stale(f'The directory has a user with the ID "{row.userid}" again.')

    def _read(self, row: PlanRow) -> Entry | None:
        """Return the row's Space, None where it is gone. Raises Stale where it is not the user's.
        """
        try:
            space = read_space(self._cms, row.space_id)
        except Failure as failure:
            if failure.reason is Reason.NO_SPACE:
                return None
            raise
        uri = self._template.uri_of(row.userid)
        if not has_uri_of(space, uri):
            raise Stale(f'{space_in_words(space)} does not have the URI "{uri}" any more.')
        return space

    _ACTIONS: ClassVar[Mapping[Action, Callable[["_Worker", PlanRow], Applied]]] = {
        Action.CREATE: _create,
        Action.MODIFY: _modify,
        Action.REMOVE: _remove,
        Action.KEEP: _leave,
        Action.REFUSE: _leave,
    }


def _left_to_change(row: PlanRow, space: Entry) -> dict[str, str]:
    """Return what is still as before. Raises Stale where a value is neither that nor as planned."""
    _check_kept(row, space)
    changes: dict[str, str] = {}
    for name, value in row.after.items():
        if name in PARTS or _has(space, name, value):
            continue
        is_told = name not in SECRETS or name in row.before  # no plan tells a secret
        if is_told and not _has(space, name, row.before.get(name, "")):
            raise Stale(_other(space, name))
        changes[name] = value
    return changes


def _check_kept(row: PlanRow, space: Entry) -> None:
    """Raise Stale where a value that the row does not change is another than before."""
    for name in row.before.keys() - row.after.keys():
        if not _has(space, name, row.before[name]):
            raise Stale(_other(space, name))


def _has(space: Mapping[str, Any], name: str, value: str) -> bool:
    """Return whether a Space has a value, which is empty where it is missing."""
    if name == REQUIRE_CALL_ID:
        return bool(space.get("callId"))
    field = SETTABLE_FIELDS.get(name)
    if field is None:
        return str(space.get(name, "")) == value
    return has_same_value(field, space, value or field.default)


def _changed_before(failure: Failure, done: Collection[str]) -> Failure:
    """Return the failure of a change of which a part was made already."""
    if not done:
        return failure
    message = f"{failure.message} Changed before that: {', '.join(done)}."
    return Failure(failure.reason, message, failure.failure_codes, failure.server)


def _other(space: Mapping[str, Any], name: str) -> str:
    if name in SECRETS:
        return f"{space_in_words(space)} has another {name} than planned for."
    now = str(space.get(name, ""))
    return f'{space_in_words(space)} has the {name} "{now}" now, which was not planned for.'
