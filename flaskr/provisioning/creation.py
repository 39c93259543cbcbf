"""A user's Space created: whole, or not at all. All of it raises Failure."""

from flaskr.cms.v1.cms import CMS
from flaskr.cms.v1.spaces import SETTABLE_FIELDS
from flaskr.fields import Values, have_same_values
from flaskr.provisioning.clashes import NOTHING, clashes_explained
from flaskr.provisioning.confirmed import unconfirmed_since
from flaskr.provisioning.directory import Directory, User
from flaskr.provisioning.lookup import (
    read_space,
    remember,
    search_by_uri,
    space_in,
    space_path,
)
from flaskr.provisioning.members import find_cms_user
from flaskr.provisioning.parts import Part, longer_passcodes, missing_parts
from flaskr.provisioning.personal import check_whole, find_user, has_uri_of
from flaskr.provisioning.profiles import wrong_ids_explained
from flaskr.provisioning.template import Template
from flaskr.provisioning.undo import Undoing
from flaskr.rest.v1.paging import Entry
from flaskr.result import MAYBE_DONE, Failure, Outcome, Reason


def create_space(
    cms: CMS,
    directory: Directory,
    template: Template,
    userid: str,
    arguments: Values,
    whole: bool = False,
    force: bool = False,
) -> Outcome:
    """Create the user's Space and return its ID: as the template says, with arguments over it.

    Its owner is looked for first, so that a user whom CMS doesn't know stops all of it. What
    belongs to the Space follows; where a step is refused, the Space is deleted again.

    `whole`: the arguments are all of a Space that there was, so the template has no say. `force`:
    also for a user ID that the directory does not have.
    """
    uri = template.uri_of(userid)
    if whole:
        check_whole(directory, userid, uri, arguments, force)
        created = _post(cms, {name: value for name, value in arguments.items() if value})
    else:
        user = find_user(directory, userid, force)
        created = _create_by_template(cms, template, user, arguments)
    if has_uri_of({"uri": uri, **arguments}, uri):
        remember(cms, uri, created.response)
    return created


def _create_by_template(cms: CMS, template: Template, user: User, arguments: Values) -> Outcome:
    described = template.describe(user, given=arguments)
    phone = "" if "secondaryUri" in arguments else described.get("secondaryUri", "")
    return create_described(
        cms, template, {**described, **arguments}, template.owner_of(user), phone
    )


def create_described(
    cms: CMS, template: Template, values: Values, owner: str, phone: str
) -> Outcome:
    """Create a Space that has been described, whole, and return its ID.

    `owner` is the JID of the owner, who becomes a member, `""` where it has none; an ownerJid among
    the values goes over it. `phone` is the secondaryUri where nobody asked for it but the template.
    """
    if owner:
        owner = str(find_cms_user(cms, owner)["userJid"])
        values = {**values, "ownerJid": values.get("ownerJid", owner)}
    created = _create(cms, template, values, phone)
    if not owner and not template.host_call_leg_profile:
        return created
    space = _read_new(cms, created.response)
    added = _add_parts(cms, space, _missing_parts(cms, space, template, owner))
    return Outcome(f"{created.message}{added}", created.response)


def _create(cms: CMS, template: Template, values: Values, phone: str) -> Outcome:
    """Create the Space itself, with a passcode of the template's where none is asked for."""
    asked = {name: value for name, value in values.items() if value}
    if not template.passcode_digits or "passcode" in values:
        return _post(cms, asked, phone)
    made: list[Outcome] = []
    longer_passcodes(
        template.passcode_digits,
        lambda passcode: made.append(_post(cms, {**asked, "passcode": passcode}, phone)),
    )
    return made[0]


def _post(cms: CMS, asked: Values, phone: str = "") -> Outcome:
    """Create the Space.

    Where nobody can say whether it was created, because the answer was lost or unreadable, it is
    not sent again: the portal looks whether the Space is there now, as it was asked for.
    """
    try:
        with clashes_explained(cms, asked, NOTHING, phone), wrong_ids_explained(cms):
            return cms.request("coSpaces", payload=asked, http_method="POST")
    except Failure as failure:
        if failure.reason not in MAYBE_DONE or "uri" not in asked:
            raise
        return _look_for_created(cms, asked, failure)


def _look_for_created(cms: CMS, asked: Values, unconfirmed: Failure) -> Outcome:
    """Return what became of a creation that was not confirmed, as far as can be told."""
    try:
        found = search_by_uri(cms, asked["uri"], asked.get("tenant", ""))
        kept = space_in(found.read(cms), found.id) if found else {}
    except Failure as failure:
        raise unconfirmed_since(unconfirmed, f"without success. {failure.message}") from None
    if found is None:
        raise unconfirmed_since(unconfirmed, "no Space has this uri now.")
    if not have_same_values(SETTABLE_FIELDS, kept, _comparable(asked, kept)):
        seen = f"the Space {found.id} has this uri, but is not as asked for."
        raise unconfirmed_since(unconfirmed, seen)
    message = f"CMS did not confirm it, but the Space is there, as asked for: {found.id}."
    return Outcome(message, found.id)


def _comparable(asked: Values, kept: Entry) -> Values:
    """Return what was asked for, with the call ID that CMS made up for it."""
    if asked.get("requireCallId") != "true":
        return asked
    left = {name: value for name, value in asked.items() if name != "requireCallId"}
    return {"callId": str(kept.get("callId", "")), **left}


def _read_new(cms: CMS, space_id: str) -> Entry:
    """Return the new Space; delete it again where it can't be read."""
    try:
        return read_space(cms, space_id)
    except Failure as failure:
        raise _undone(cms, space_id, failure, "reading it back") from None


def _missing_parts(cms: CMS, space: Entry, template: Template, owner: str) -> list[Part]:
    """Return what is to be added to the new Space; delete it again where that can't be told."""
    try:
        return missing_parts(cms, space, template, owner)
    except Failure as failure:
        step = "looking for its members and access methods"
        raise _undone(cms, str(space["@id"]), failure, step) from None


def _add_parts(cms: CMS, space: Entry, parts: list[Part]) -> str:
    """Add what belongs to the Space, or delete it again; return the end of a sentence."""
    for part in parts:
        try:
            with wrong_ids_explained(cms):
                part.add()
        except Failure as failure:
            raise _undone(cms, str(space["@id"]), failure, f"adding {part.title}") from None
    titles = ", ".join(part.title for part in parts)
    return f" With it: {titles}." if titles else ""


def _undone(cms: CMS, space_id: str, failure: Failure, step: str) -> Failure:
    """Delete a Space that is not whole; return the failure, with what stands there now."""
    undoing = Undoing(
        "Space",
        space_id,
        lambda: cms.request(space_path(space_id), http_method="DELETE"),
        Reason.NO_SPACE,
        "Send POST to its address with /repair to complete it, or DELETE.",
    )
    return undoing.after(failure, step)
