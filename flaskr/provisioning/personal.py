"""Whose Space it is: only a user's own may be changed, and must stay found by the user ID."""

from collections.abc import Mapping
from typing import Any

from flaskr.cms.v1.spaces import URI_FIELDS, has_uri
from flaskr.fields import Values
from flaskr.provisioning.clashes import space_in_words
from flaskr.provisioning.directory import (
    Directory,
    User,
    check_enabled,
    disabled_in_words,
    is_disabled,
)
from flaskr.result import Failure, Reason
from flaskr.spelling import are_same


def has_uri_of(space: Mapping[str, Any], uri: str) -> bool:
    """Return whether the Space is found by the user ID: as its uri or secondaryUri."""
    return any(has_uri(space, uri, name) for name in URI_FIELDS)


def is_marked(space: Mapping[str, Any], userid: str) -> bool:
    """Return whether the Space says itself that it is this user's, in its cdrTag."""
    return are_same(str(space.get("cdrTag", "")), userid)


def check_personal(directory: Directory, userid: str, space: Mapping[str, Any]) -> None:
    """Raise Failure where the Space is another user's, or not marked and there is no such user.

    The directory is only asked where the mark is not this user's. A tag that is no user's ID is
    not a mark: people have tags of their own.
    """
    if is_marked(space, userid):
        return
    tag = str(space.get("cdrTag") or "").strip()
    try:
        is_someone_elses = bool(tag) and is_user(directory, tag)
        is_of_a_user = is_user(directory, userid)
    except Failure as failure:
        raise _not_to_be_told(failure, space) from None
    if is_someone_elses:
        raise _someone_elses(userid, tag, space)
    if not is_of_a_user:
        raise _not_personal(userid, space)


def is_user(directory: Directory, userid: str) -> bool:
    try:
        directory.find_user(userid)
    except Failure as failure:
        if failure.reason is not Reason.NO_SUCH_USER:
            raise
        return False
    return True


def why_left(directory: Directory, userid: str) -> str:
    """Return why someone counts as a user who has left, in a sentence; `""` for who does not.

    Of whom there are several, nobody can say it.
    """
    try:
        user = directory.find_user(userid)
    except Failure as failure:
        if failure.reason is Reason.AMBIGUOUS_USER:
            return ""
        if failure.reason is not Reason.NO_SUCH_USER:
            raise
        return f'The directory has no user with the ID "{userid}" any more.'
    return disabled_in_words(userid) if is_disabled(user) else ""


def check_keeps_uri(space: Mapping[str, Any], uri: str) -> None:
    """Raise Failure for a Space that would not be found by the user ID."""
    if not has_uri_of(space, uri):
        message = (
            f'Nothing was changed: "{uri}" would be neither the uri nor the secondaryUri of the '
            "Space, so that it would not be found by the user ID any more. "
            f'Send secondaryUri "{uri}" as well, or leave out the field that has it now.'
        )
        raise Failure(Reason.LOSES_SPACE, message)


def check_whole(
    directory: Directory, userid: str, uri: str, space: Values, force: bool
) -> None:
    """Raise Failure where a Space that is to be made again would not be the user's own."""
    check_keeps_uri(space, uri)
    if not force and not is_marked(space, userid):
        check_enabled(directory.find_user(userid))


def find_user(directory: Directory, userid: str, force: bool) -> User:
    """Return what the directory says of a user who is to have a Space. Raises Failure.

    Forced, it is the ID alone where there is no such user, and the account may be disabled.
    """
    try:
        user = directory.find_user(userid)
    except Failure as failure:
        if force and failure.reason is Reason.NO_SUCH_USER:
            return {"userName": userid}
        raise
    if not force:
        check_enabled(user)
    return user


def _not_personal(userid: str, space: Mapping[str, Any]) -> Failure:
    message = (
        f'Nothing was changed: the user ID "{userid}" leads to {space_in_words(space)}, which is '
        "no user's own. The directory has no user with this ID, and the Space's cdrTag is not this "
        "ID either. To change it all the same, send force=true."
    )
    return Failure(Reason.NOT_PERSONAL, message)


def _someone_elses(userid: str, tag: str, space: Mapping[str, Any]) -> Failure:
    message = (
        f'Nothing was changed: the user ID "{userid}" leads to {space_in_words(space)}, which is '
        f'marked as that of "{tag}" in its cdrTag. To change it all the same, send force=true.'
    )
    return Failure(Reason.NOT_PERSONAL, message)


def _not_to_be_told(failure: Failure, space: Mapping[str, Any]) -> Failure:
    """Return the failure of a directory that did not say whether there is the user."""
    message = (
        f"{failure.message} So nothing was changed: {space_in_words(space)} does not say in its "
        "cdrTag whose it is. With force=true, the directory is not asked."
    )
    return Failure(failure.reason, message, failure.failure_codes, failure.server)
