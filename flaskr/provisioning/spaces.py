"""One user's Space: found, retrieved, modified, deleted. All of it raises Failure.

What is shown may be anyone's Space; what is changed must be the user's own, unless it is forced.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from flaskr.cms.v1.cms import CMS, is_id
from flaskr.cms.v1.spaces import SETTABLE_FIELDS, URI_FIELDS, has_uri
from flaskr.fields import Values, has_same_value
from flaskr.provisioning.clashes import NOTHING, clashes_explained, space_in_words
from flaskr.provisioning.confirmed import confirmed, unconfirmed_since
from flaskr.provisioning.directory import Directory
from flaskr.provisioning.personal import check_keeps_uri, check_personal, has_uri_of
from flaskr.provisioning.profiles import wrong_ids_explained
from flaskr.provisioning.template import Template
from flaskr.rest.v1.formats import find
from flaskr.rest.v1.paging import Entry, Wanted
from flaskr.result import MAYBE_DONE, Failure, Outcome, Reason
from flaskr.spelling import comparison_key, longest_ascii_piece


def find_space(cms: CMS, template: Template, userid: str) -> Outcome:
    """Return the ID of the user's Space (lab guide, step 2).

    CMS can only filter by text, so every page of what matches is searched for the one Space whose
    uri is the one that the template makes of the user ID, or else whose secondaryUri is.
    """
    uri = template.uri_of(userid)
    space_id = search_space(cms, uri)
    if space_id is None:
        has_it = "has it" if uri == userid else f'has "{uri}"'
        raise Failure(
            Reason.NO_SPACE,
            f'There is no Space for the user ID "{userid}": no Space {has_it} as its uri or '
            "secondaryUri. To create one, send POST.",
        )
    return Outcome(f"{cms.title_and_address}: found {space_id}.", space_id)


def retrieve_space(cms: CMS, template: Template, userid: str) -> Outcome:
    """Return the user's Space, as CMS answers it."""
    return cms.request(_path(find_space(cms, template, userid).response))


def search_space(cms: CMS, uri: str) -> str | None:
    """Return the ID of the Space that has this uri, or else this secondaryUri, or None.

    Nobody documents how CMS keeps and filters letters outside ASCII. So where the whole uri finds
    none, the list of all that have its longest piece in ASCII is searched, which always has it.
    """
    by_uri, *by_others = (partial(has_uri, uri=uri, name=name) for name in URI_FIELDS)
    whole, piece = comparison_key(uri), longest_ascii_piece(uri)
    found = _search_among(cms, whole, by_uri) if whole != piece else None
    return found or _search_among(cms, piece, by_uri, *by_others)


def read_space(cms: CMS, space_id: str) -> dict[str, Any]:
    """Return all that CMS says of a Space, its ID included."""
    path = _path(space_id)
    space = find(cms.request(path).response, "coSpace")
    return {"@id": space_id, **(space if isinstance(space, dict) else {})}


def own_space(cms: CMS, template: Template, userid: str) -> dict[str, Any]:
    """Return the user's Space with all its fields, as it is now."""
    space_id = str(find_space(cms, template, userid).response)
    space = read_space(cms, space_id)
    uri = template.uri_of(userid)
    if not has_uri_of(space, uri):
        changed = f'{space_in_words(space)} does not have the URI "{uri}" any more. Try again.'
        raise Failure(Reason.NO_SPACE, f"{cms.title_and_address}: {changed}")
    return space


def space_to_change(
    cms: CMS, directory: Directory, template: Template, userid: str, force: bool
) -> dict[str, Any]:
    """Return the user's Space, which must be the user's own unless it is forced."""
    space = own_space(cms, template, userid)
    if not force:
        check_personal(directory, userid, space)
    return space


def modify_space(
    cms: CMS,
    directory: Directory,
    template: Template,
    userid: str,
    arguments: Values,
    shown: Mapping[str, Any] = NOTHING,
    force: bool = False,
) -> Outcome:
    """Modify the user's Space: what is sent is set, what is sent empty is unset.

    `shown` is what was sent of fields that can't be set: passed over where the Space has it so,
    else refused. Where its ID is among that, what was sent is a Space as it was retrieved: only
    what differs now is set.
    """
    if not arguments:
        message = "There is nothing to change: send an argument."
        raise Failure(Reason.NOTHING_TO_CHANGE, message)
    space = own_space(cms, template, userid)
    _check_shown(space, shown)
    changes = _differences(space, arguments) if "@id" in shown else arguments
    if not changes:
        return Outcome(f"{cms.title_and_address}: {space_in_words(space)} is so already.")
    check_keeps_uri({**space, **changes}, template.uri_of(userid))
    if not force:
        check_personal(directory, userid, space)
    with clashes_explained(cms, changes, space), wrong_ids_explained(cms):
        return cms.request(_path(space["@id"]), payload=changes, http_method="PUT")


def delete_space(
    cms: CMS, directory: Directory, template: Template, userid: str, force: bool = False
) -> Outcome:
    """Delete the user's Space and return it as it was.

    Where nobody can say whether it was deleted, because the answer was lost or unreadable, it is
    not sent again: the portal looks whether the Space is still there.
    """
    return delete_read(cms, space_to_change(cms, directory, template, userid, force))


def delete_read(cms: CMS, space: Entry) -> Outcome:
    """Delete a Space that has just been read, and return it as it was."""
    try:
        deleted = cms.request(_path(space["@id"]), http_method="DELETE")
    except Failure as failure:
        if failure.reason not in MAYBE_DONE:
            raise
        deleted = _look_for_deleted(cms, space["@id"], failure)
    return Outcome(deleted.message, {"coSpace": space})


def modify_read(cms: CMS, space: Entry, changes: Values) -> None:
    """Modify a Space that has just been read, once more where CMS does not confirm it."""
    path = _path(str(space["@id"]))
    confirmed(
        lambda: cms.request(path, payload=changes, http_method="PUT"),
        lambda: not _differences(read_space(cms, str(space["@id"])), changes),
    )


def _check_shown(space: Mapping[str, Any], shown: Mapping[str, Any]) -> None:
    """Raise Failure for a field that can't be set and was sent with another value than it has."""
    other = next((name for name in shown if shown[name] != space.get(name)), None)
    if other is not None:
        message = (
            f"{other} can't be set, and {space_in_words(space)} does not have it as it was sent. "
            "Leave it out, or retrieve the Space again."
        )
        raise Failure(Reason.BAD_PARAMETER, message)


def _differences(space: Mapping[str, Any], arguments: Values) -> dict[str, str]:
    """Return the arguments that the Space does not have already."""
    return {
        name: value
        for name, value in arguments.items()
        if not has_same_value(SETTABLE_FIELDS[name], space, value)
    }


def _path(space_id: str) -> str:
    return f"coSpaces/{space_id}"


def _search_among(cms: CMS, text: str, *wanted: Wanted) -> str | None:
    """Return the ID of the Space that is wanted, of those with a text, or None.

    The text is in lower case, as CMS keeps URIs; nobody documents whether the filter minds.
    """
    space = cms.search("coSpaces", {"filter": text} if text else {}, *wanted)
    return None if space is None else _id(cms, space)


def _id(cms: CMS, space: Entry) -> str:
    space_id = str(space["@id"])
    if is_id(space_id):
        return space_id
    found = f"{cms.title_and_address}: found {space_id[:100]}. But that is not the ID of a Space."
    raise Failure(Reason.UNREADABLE, found, server=cms.server)


def _look_for_deleted(cms: CMS, space_id: str, unconfirmed: Failure) -> Outcome:
    """Return what became of a deletion that was not confirmed, as far as can be told."""
    try:
        cms.request(_path(space_id))
    except Failure as failure:
        if failure.reason is Reason.NO_SPACE:
            return Outcome(f"CMS did not confirm it, but the Space is gone: {space_id}.")
        raise unconfirmed_since(unconfirmed, f"without success. {failure.message}") from None
    raise unconfirmed_since(unconfirmed, f"the Space {space_id} is still there.")
