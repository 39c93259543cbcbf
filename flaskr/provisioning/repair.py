"""An existing Space brought to the template where it lacks something. All of it raises Failure."""

from flaskr.cms.v1.cms import CMS
from flaskr.provisioning.confirmed import confirmed
from flaskr.provisioning.directory import Directory, User
from flaskr.provisioning.members import find_cms_user
from flaskr.provisioning.parts import missing_parts
from flaskr.provisioning.spaces import own_space, read_space
from flaskr.provisioning.template import Template
from flaskr.rest.v1.paging import Entry
from flaskr.result import Failure, Outcome

# What a Space is given where it has none; what people chose, its name and numbers, stays.
_GIVEN = ("cdrTag", "callProfile", "callLegProfile")


def repair_space(
    cms: CMS, directory: Directory, template: Template, userid: str
) -> Outcome:
    """Bring the user's Space to the template where it lacks something; say what was changed."""
    template.uri_of(userid)
    user = directory.find_user(userid)
    space = own_space(cms, template, userid)
    owner = template.owner_of(user)
    if owner:
        owner = str(find_cms_user(cms, owner)["userJid"])
    changes = _lacking(space, template, user, owner)
    done: list[str] = []
    try:
        if changes:
            _modify(cms, space, changes)
            done += changes
        for part in missing_parts(cms, space, template, owner):
            part.add()
            done.append(part.title)
    except Failure as failure:
        so_far = f" Changed before that: {', '.join(done)}." if done else " Nothing was changed."
        message = f"{failure.message}{so_far} Send it again to complete it."
        raise Failure(failure.reason, message, failure.failure_codes, failure.server) from None
    if not done:
        return Outcome("The Space lacks nothing of the template.", {"changed": []})
    return Outcome(f"Repaired: {', '.join(done)}.", {"changed": done})


def _lacking(space: Entry, template: Template, user: User, owner: str) -> dict[str, str]:
    """Return the values that the Space lacks."""
    described = template.describe(user)
    wanted = {name: described.get(name, "") for name in _GIVEN}
    if owner:
        wanted["ownerJid"] = owner
    return {name: value for name, value in wanted.items() if value and not space.get(name)}


def _modify(cms: CMS, space: Entry, changes: dict[str, str]) -> None:
    path = f"coSpaces/{space['@id']}"
    confirmed(
        lambda: cms.request(path, payload=changes, http_method="PUT"),
        lambda: all(
            str(read_space(cms, str(space["@id"])).get(name)) == value
            for name, value in changes.items()
        ),
    )
