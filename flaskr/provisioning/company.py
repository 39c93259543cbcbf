"""A plan for many users at once: the directory and CMS's list read, whole, and compared."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from enum import Enum
from functools import partial
from typing import NamedTuple

from flaskr.cms.v1.cms import CMS
from flaskr.fields import Values
from flaskr.provisioning.clashes import NOTHING
from flaskr.provisioning.directory import Directory
from flaskr.provisioning.lookup import read_space
from flaskr.provisioning.members import find_cms_user
from flaskr.provisioning.parallel import in_order
from flaskr.provisioning.parts import PARTS, missing_parts
from flaskr.provisioning.personal import has_uri_of, why_left
from flaskr.provisioning.plan import Planner, may_be_a_leavers, unmatched
from flaskr.provisioning.repair import LACKING, lacking
from flaskr.provisioning.roster import Described, Roster, read_roster
from flaskr.provisioning.rows import QUARANTINE, Action, PlanRow
from flaskr.provisioning.space_index import VISIBLE, ListedSpace, SpaceIndex
from flaskr.provisioning.template import Template
from flaskr.provisioning.userlist import BadRow, ListedUser, with_zeros
from flaskr.rest.v1.paging import Entry
from flaskr.result import Failure, Reason
from flaskr.spelling import comparison_key


class Leavers(str, Enum):
    """What is planned for the Spaces of users who have left the directory."""

    LEAVE = "leave"
    QUARANTINE = "quarantine"
    REMOVE = "remove"


class Order(NamedTuple):
    """What a plan is to be made for.

    `listed` are user IDs with arguments, `bad` what in the list was refused; not `everyone`, or
    all of a `department`. `deep`: what only the whole Space shows is looked at too.
    """

    listed: Sequence[ListedUser] = ()
    bad: Sequence[BadRow] = ()
    everyone: bool = False
    department: str = ""
    leavers: Leavers = Leavers.LEAVE
    deep: bool = False

    @property
    def arguments(self) -> dict[str, Values] | None:
        """What is given for each that is listed, by its comparison key; None for everyone."""
        if self.everyone:
            return None
        return {comparison_key(each.userid): each.arguments for each in self.listed}

    @property
    def asks(self) -> bool:
        """Whether Spaces have to be read for it, beside the lists."""
        return self.deep or not all(VISIBLE.issuperset(each.arguments) for each in self.listed)


class Plan(NamedTuple):
    """A plan: its rows, which can be read once, and the fields that they may have values of.

    `users` is how many rows there are, those of leavers aside. Reading the rows raises Failure
    where a Space can't be read.
    """

    rows: Iterator[PlanRow]
    fields: frozenset[str]
    users: int


def plan_company(cms: CMS, directory: Directory, template: Template, order: Order) -> Plan:
    """Return a plan. Both lists are read at once, whole, before there is a row.

    Raises Failure where one can't be, and for an order that names nobody, or contradicts itself.
    """
    _check(order)
    with ThreadPoolExecutor(1, "directory") as thread:
        reading = thread.submit(
            copy_context().run, read_roster, directory, template, order.arguments, order.department
        )
        spaces = SpaceIndex(cms.whole_list("coSpaces"))
        roster = reading.result()
    fields = frozenset(_fields(order, roster))
    users = len(order.bad) + (len(roster.described) if order.everyone else len(order.listed))
    return Plan(_rows(cms, directory, template, order, roster, spaces), fields, users)


def _check(order: Order) -> None:
    names_users = bool(order.listed or order.bad)
    if order.everyone and names_users:
        wrong = "Send users or everyone=true, not both."
    elif order.department and not order.everyone:
        wrong = "A department goes with everyone=true: all of those in it are planned for then."
    elif not (order.everyone or names_users or order.leavers is not Leavers.LEAVE):
        wrong = "Send users, everyone=true, or leavers: there is nobody to plan for."
    else:
        return
    raise Failure(Reason.BAD_PARAMETER, wrong)


def _fields(order: Order, roster: Roster) -> Iterator[str]:
    for user in roster.described.values():
        yield from user.values
    if order.deep:
        yield from (*LACKING, *PARTS)
    if order.leavers is not Leavers.LEAVE:
        yield from (*_SHOWN_OF_LEAVERS, *QUARANTINE)


def _rows(
    cms: CMS,
    directory: Directory,
    template: Template,
    order: Order,
    roster: Roster,
    spaces: SpaceIndex,
) -> Iterator[PlanRow]:
    for bad in order.bad:
        yield PlanRow(bad.userid, Action.REFUSE, message=bad.message)
    planner = Planner(roster, spaces)
    judge = partial(_leaver, cms, directory, template, order.leavers)
    look = _Look(cms, template, planner, order.deep, partial(_own_leaver, judge, roster))
    parallel = cms.parallel if order.asks or roster.has_planned_leavers else 1
    for seen in in_order(look, _users(order, roster), parallel):
        yield seen.row or planner.row(seen.user, seen.space, seen.missing)
    if order.leavers is not Leavers.LEAVE:
        yield from filter(None, in_order(judge, unmatched(spaces, roster), cms.parallel))


def _users(order: Order, roster: Roster) -> Iterator[Described]:
    """Yield those who are planned for, in their order; who is not in the directory, as refused."""
    if order.everyone:
        yield from roster.described.values()
        return
    by_number = with_zeros(roster.userids)
    for listed in order.listed:
        found = roster.described.get(comparison_key(listed.userid))
        yield found or _unknown(listed, by_number.get(listed.userid, ""))


def _unknown(listed: ListedUser, whole: str) -> Described:
    message = f'{listed.where}: the directory has no user with the ID "{listed.userid}".'
    if whole:
        message += f' It has "{whole}": a spreadsheet may have cut the zeros.'
    return Described(listed.userid, listed.arguments, refusal=message)


class _Seen(NamedTuple):
    """A user, the Space or None, what it lacks beyond its visible values, or the row of a leaver.
    """

    user: Described
    space: Entry | None
    missing: Values = NOTHING
    row: PlanRow | None = None


class _Look:
    """Looks at a user's Space, as far as the plan needs more than CMS's list shows."""

    def __init__(
        self,
        cms: CMS,
        template: Template,
        planner: Planner,
        deep: bool,
        judge: Callable[[Described, ListedSpace], PlanRow | None],
    ) -> None:
        self._cms = cms
        self._template = template
        self._planner = planner
        self._deep = deep
        self._judge = judge  # of one who has left

    def __call__(self, user: Described) -> _Seen:
        found = self._planner.find(user)
        if found is None:
            return _Seen(user, None)
        if user.has_left:
            return _Seen(user, dict(found.values), row=self._judge(user, found))
        if not self._deep and VISIBLE.issuperset(user.given):
            return _Seen(user, dict(found.values))
        space = _read_or_none(self._cms, found.space_id)
        if space is None or not self._deep:
            return _Seen(user, space)
        try:
            return _Seen(user, space, self._missing(user, space))
        except Failure as failure:
            if failure.reason not in (Reason.NO_CMS_USER, Reason.AMBIGUOUS_USER):
                raise
            return _Seen(user._replace(refusal=failure.message), space)

    def _missing(self, user: Described, space: Entry) -> Values:
        """Return what a repair would add."""
        owner = user.values.get("ownerJid", "") if self._template.owner_jid else ""
        if owner:
            owner = str(find_cms_user(self._cms, owner)["userJid"])
        parts = missing_parts(self._cms, space, self._template, owner)
        wanted = {**user.values, "ownerJid": owner}
        return {**lacking(space, wanted), **{part.kind: part.value for part in parts}}


def _own_leaver(
    judge: Callable[[ListedSpace], PlanRow | None],
    roster: Roster,
    user: Described,
    listed: ListedSpace,
) -> PlanRow | None:
    """Return what is to be done with the Space of a user whose account is disabled, or None."""
    row = judge(listed) if may_be_a_leavers(listed, roster) else None
    is_own = row and comparison_key(row.userid) == comparison_key(user.userid)
    return row if is_own else None


def _leaver(
    cms: CMS, directory: Directory, template: Template, leavers: Leavers, listed: ListedSpace
) -> PlanRow | None:
    """Return what is to be done with a Space that no user has; None where it is not a leaver's.

    It is one's where it is marked as that of a user whose URI it has, and whom the directory, asked
    once more, does not have, or has with a disabled account.
    """
    if leavers is Leavers.LEAVE:
        return None
    space = _read_or_none(cms, listed.space_id) or {}
    userid = str(space.get("cdrTag") or "").strip()
    has_uri = _has_uri_of_user(template, userid, space)
    message = why_left(directory, userid) if has_uri else ""
    if not message:
        return None
    before = {name: str(space[name]) for name in _SHOWN_OF_LEAVERS if space.get(name)}
    if leavers is Leavers.REMOVE:
        return PlanRow(userid, Action.REMOVE, listed.space_id, before, message=message)
    now = {name: str(space.get(name, "true")) for name in QUARANTINE}
    if now == QUARANTINE:
        message = f"{message} The Space is in quarantine."
        return PlanRow(userid, Action.KEEP, listed.space_id, message=message)
    marked = {"cdrTag": before["cdrTag"], **now}
    return PlanRow(userid, Action.MODIFY, listed.space_id, marked, QUARANTINE, message)


_SHOWN_OF_LEAVERS = ("name", "uri", "secondaryUri", "callId", "cdrTag", "ownerJid")


def _read_or_none(cms: CMS, space_id: str) -> Entry | None:
    """Return a Space with all its values; None where it has gone since it was listed."""
    try:
        return read_space(cms, space_id)
    except Failure as failure:
        if failure.reason is Reason.NO_SPACE:
            return None
        raise


def _has_uri_of_user(template: Template, userid: str, space: Entry) -> bool:
    try:
        return has_uri_of(space, template.uri_of(userid))
    except Failure:  # a tag that is no user ID
        return False
