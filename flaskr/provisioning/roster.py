"""The users of a company, read whole from the directory, with what the template makes of each."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from flaskr.fields import Values
from flaskr.provisioning.directory import Directory, User, disabled_in_words, is_disabled
from flaskr.provisioning.template import Template
from flaskr.result import Failure, Reason
from flaskr.spelling import are_same, comparison_key

NO_ARGUMENTS: Values = {}
_NOBODY = "The directory has no users at all"


class Described(NamedTuple):
    """A user, and what the user's Space is to be like; `refusal` says why that can't be told.

    `uri` is what the Space is found by, `given` what of its values goes over the template.
    `has_left`: the account is disabled.
    """

    userid: str
    values: Values
    given: Values = NO_ARGUMENTS
    refusal: str = ""
    uri: str = ""
    has_left: bool = False


class Roster:
    """The users of a directory that has been read whole.

    `described` are those that are planned for, by their user ID's comparison key. Whose account is
    disabled counts as one who has left.
    """

    def __init__(self) -> None:
        self.described: dict[str, Described] = {}
        self._userid_by_uri: dict[str, str] = {}
        self._left_by_uri: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._userid_by_uri)

    @property
    def has_leavers(self) -> bool:
        """Whether the directory has one whose account is disabled."""
        return bool(self._left_by_uri)

    def owner_of(self, uri: str) -> str:
        """Return the user ID whose Space has this uri, `""` where there is no such user."""
        return self._userid_by_uri.get(comparison_key(uri), "")

    @property
    def has_planned_leavers(self) -> bool:
        """Whether one who has left is planned for."""
        return any(map(self.has_planned_leaver, self._left_by_uri))

    def has_planned_leaver(self, uri: str) -> bool:
        """Return whether this uri is that of one who has left and is planned for."""
        left = self._left_by_uri.get(comparison_key(uri))
        return left is not None and comparison_key(left) in self.described

    def add(self, userid: str, uri: str, has_left: bool = False) -> None:
        """Take note of a user; the first of those with one uri has it."""
        known = self._left_by_uri if has_left else self._userid_by_uri
        known.setdefault(comparison_key(uri), userid)

    def describe(self, user: Described) -> None:
        """Plan for a user. Of several with one ID, nobody can say who is meant."""
        key = comparison_key(user.userid)
        if key in self.described:
            user = Described(user.userid, NO_ARGUMENTS, user.given, _several(user.userid))
        self.described[key] = user

    @property
    def userids(self) -> Iterable[str]:
        return self._userid_by_uri.values()


def read_roster(
    directory: Directory,
    template: Template,
    arguments: Mapping[str, Values] | None,
    department: str = "",
) -> Roster:
    """Return the users of the directory. Raises Failure where it can't be read whole.

    `arguments` are those that are planned for, by their user ID's comparison key, with what goes
    over the template; None: everyone, or all of a department.
    """
    roster = Roster()
    for user in directory.users():
        userid = user["userName"]
        key = comparison_key(userid)
        roster.add(userid, _uri_or_id(template, userid), is_disabled(user))
        if is_planned_for(user, key, arguments, department):
            given = (arguments or {}).get(key, NO_ARGUMENTS)
            roster.describe(describe(template, user, given))
    if not len(roster):
        nobody = "All accounts of the directory are disabled" if roster.has_leavers else _NOBODY
        raise Failure(Reason.NO_SUCH_USER, f"{nobody}, so there is no plan.")
    return roster


def is_planned_for(
    user: User, key: str, arguments: Mapping[str, Values] | None, department: str
) -> bool:
    """Return whether a user belongs to the plan."""
    if arguments is not None:
        return key in arguments
    return not department or are_same(str(user.get("department", "")), department)


def describe(template: Template, user: User, given: Values) -> Described:
    """Return what a user's Space is to be like, with what is given over the template."""
    userid = user["userName"]
    try:
        uri = template.uri_of(userid)
        if is_disabled(user):
            words = disabled_in_words(userid)
            return Described(userid, NO_ARGUMENTS, given, words, uri, has_left=True)
        values = {**template.describe(user, given=given), **given}
        owner = template.owner_of(user)
    except Failure as failure:
        return Described(userid, NO_ARGUMENTS, given, failure.message)
    return Described(userid, {"ownerJid": owner, **values} if owner else values, given, uri=uri)


def _uri_or_id(template: Template, userid: str) -> str:
    try:
        return template.uri_of(userid)
    except Failure:  # an ID that makes no uri
        return userid


def _several(userid: str) -> str:
    return f'The directory has several users with the ID "{userid}": have them corrected.'
