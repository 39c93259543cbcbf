"""One user's Space: found, retrieved, modified, deleted. All of it raises Failure.

What is shown may be anyone's Space; what is changed must be the user's own, unless it is forced.
"""

from collections.abc import Mapping
from typing import Any

from flaskr.cms.v1.cms import CMS
from flaskr.cms.v1.spaces import SETTABLE_FIELDS, URI_FIELDS
from flaskr.fields import Values, has_same_value
from flaskr.provisioning.clashes import NOTHING, clashes_explained, space_in_words
from flaskr.provisioning.confirmed import confirmed, unconfirmed_since
from flaskr.provisioning.directory import Directory
from flaskr.provisioning.lookup import (
    FoundSpace,
    find_by_uri,
    forget,
    read_space,
    space_in,
    space_path,
)
from flaskr.provisioning.personal import check_keeps_uri, check_personal, has_uri_of
from flaskr.provisioning.profiles import wrong_ids_explained
from flaskr.provisioning.template import Template
from flaskr.rest.v1.paging import Entry
from flaskr.result import MAYBE_DONE, Failure, Outcome, Reason


def find_space(cms: CMS, template: Template, userid: str) -> Outcome:
    """Return the ID of the user's Space (lab guide, step 2).

    It is the one Space whose uri is the one that the template makes of the user ID, or else whose
    secondaryUri is.
    """
    space_id = _find(cms, template, userid).id
    return Outcome(f"{cms.title_and_address}: found {space_id}.", space_id)


def retrieve_space(cms: CMS, template: Template, userid: str) -> Outcome:
    """Return the user's Space, as CMS answers it."""
    return _find(cms, template, userid).read(cms)


def own_space(cms: CMS, template: Template, userid: str) -> dict[str, Any]:
    """Return the user's Space with all its fields, as it is now."""
    found = _find(cms, template, userid)
    space = space_in(found.read(cms), found.id)
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
        return cms.request(space_path(space["@id"]), payload=changes, http_method="PUT")


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
        deleted = cms.request(space_path(space["@id"]), http_method="DELETE")
    except Failure as failure:
        if failure.reason not in MAYBE_DONE:
            raise
        deleted = _look_for_deleted(cms, space["@id"], failure)
    for name in URI_FIELDS:
        forget(cms, str(space.get(name, "")), space["@id"])
    return Outcome(deleted.message, {"coSpace": space})


def modify_read(cms: CMS, space: Entry, changes: Values) -> None:
    """Modify a Space that has just been read, once more where CMS does not confirm it."""
    path = space_path(str(space["@id"]))
    confirmed(
        lambda: cms.request(path, payload=changes, http_method="PUT"),
        lambda: not _differences(read_space(cms, str(space["@id"])), changes),
    )


def _find(cms: CMS, template: Template, userid: str) -> FoundSpace:
    uri = template.uri_of(userid)
    found = find_by_uri(cms, uri, template.tenant)
    if found is None:
        has_it = "has it" if uri == userid else f'has "{uri}"'
        raise Failure(
            Reason.NO_SPACE,
            f'There is no Space for the user ID "{userid}": no Space {has_it} as its uri or '
            "secondaryUri. To create one, send POST.",
        )
    return found


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


def _look_for_deleted(cms: CMS, space_id: str, unconfirmed: Failure) -> Outcome:
    """Return what became of a deletion that was not confirmed, as far as can be told."""
    try:
        cms.request(space_path(space_id))
    except Failure as failure:
        if failure.reason is Reason.NO_SPACE:
            return Outcome(f"CMS did not confirm it, but the Space is gone: {space_id}.")
        raise unconfirmed_since(unconfirmed, f"without success. {failure.message}") from None
    raise unconfirmed_since(unconfirmed, f"the Space {space_id} is still there.")
