"""The namespace cms: a user's Space, looked up, created, modified and deleted by user ID."""

from functools import partial
from itertools import filterfalse
from typing import Any, cast
from unicodedata import category

from flask import current_app
from flask_restx import Namespace, Resource
from werkzeug.local import LocalProxy

from flaskr.api.v1 import models
from flaskr.api.v1.parsers import (
    SPACE_PARAMETERS,
    USERID_HELP,
    changed_space_fields,
    new_space_fields,
    refuse_userid,
    space_arguments,
)
from flaskr.cms.v1.cms import CMS, is_id
from flaskr.cms.v1.paging import Entry, Match
from flaskr.rest.v1.result import MAYBE_DONE, Reason, Result, failed, succeeded
from flaskr.rest.v1.xml import find
from flaskr.spelling import comparable, is_blank_character, longest_ascii_piece
from flaskr.uds.v1.uds import UDS

api = Namespace("cms", description="Cisco Meeting Server: the Space of a user")

# The clients of the app that is running; importing this module connects to nothing.
myCMS = cast(CMS, LocalProxy(lambda: current_app.extensions["cms"]))
myCUCMuds = cast(UDS, LocalProxy(lambda: current_app.extensions["uds"]))

for model in models.MODELS:
    api.add_model(model.name, model)

# Those that no category of Unicode's tells: the minus sign, the full stop, and other dots.
OTHER_HYPHENS_AND_DOTS = "\u2212.\u00b7\u2022\u2024\u2027\u2219\u30fb\uff0e"


def match_space_uri(space_list: list[Entry], uri: str) -> str | None:
    """Return the ID of the Space whose uri this is, else of the one whose secondaryUri, or None.

    They are compared as `comparable` says. Spaces may lack either.
    """
    return match_space(space_list, uri, "uri") or match_space(space_list, uri, "secondaryUri")


def match_space(space_list: list[Entry], uri: str, name: str) -> str | None:
    """Return the ID of the Space that has this uri under this name, or None."""
    wanted = comparable(uri)
    having = (space for space in space_list if comparable(str(space.get(name, ""))) == wanted)
    return next((str(space["@id"]) for space in having), None)


def get_coSpace_id(userid: str) -> Result:
    """Return the response dictionary with the ID of the user's Space (lab guide, step 2).

    CMS can only filter by text, so every page of what matches is searched for the one Space whose
    uri is the user ID, or else whose secondaryUri is. That there is none is a failure with the
    reason NOT_FOUND.
    """
    refusal = refuse_userid(userid)
    if refusal:
        return failed(Reason.BAD_REQUEST, refusal)
    found = search_space(userid)
    if not found["success"] and found["reason"] is Reason.NOT_FOUND:
        return failed(
            Reason.NOT_FOUND,
            f'There is no Space for the user ID "{userid}": no Space has it as its uri or '
            "secondaryUri. To create one, send POST.",
        )
    return found


def search_space(uri: str) -> Result:
    """Return the response dictionary with the ID of the Space that has this uri, as either one.

    Nobody documents how CMS keeps and filters letters outside ASCII. So where the whole uri finds
    none, the list of all that have its longest piece in ASCII is searched, which surely has it.
    """
    by_uri = partial(match_space, uri=uri, name="uri")
    whole, piece = comparable(uri), longest_ascii_piece(uri)
    if whole != piece:
        found = find_space(whole, by_uri)
        if found["success"] or found["reason"] is not Reason.NOT_FOUND:
            return found
    return find_space(piece, by_uri, partial(match_space_uri, uri=uri))


def find_space(text: str, *matches: Match) -> Result:
    """Return the response dictionary with the ID of the Space that matches, of those with a text.

    The text is in lower case, as CMS keeps URIs; nobody documents whether the filter minds.
    """
    parameters = {"filter": text} if text else {}
    found = myCMS.find_in_list("coSpaces", parameters, *matches)
    if found["success"] and not is_id(found["response"]):
        return failed(Reason.UNREADABLE, f"{found['message']} But that is no ID of a Space.")
    return found


def request_space(userid: str, http_method: str, payload: dict[str, str] | None = None) -> Result:
    """Send a request about the user's Space to CMS and return the response dictionary."""
    found = get_coSpace_id(userid)
    if not found["success"]:
        return found
    return myCMS._cms_request(
        f"coSpaces/{found['response']}", payload=payload, http_method=http_method
    )


def describe_space(user: dict[str, Any]) -> dict[str, str]:
    """Return what a user's Space is like, from the fields that UDS has for the user."""
    userid = user["userName"]
    full_name = " ".join(filter(None, (user.get("firstName"), user.get("lastName"))))
    phone = "".join(filterfalse(is_between_digits, user.get("phoneNumber") or ""))
    return {
        "name": f"{user.get('displayName') or full_name or userid}'s Space",
        "uri": userid,
        # All uris are one set of names in CMS, so a number that is the user ID too is left out.
        "secondaryUri": phone if comparable(phone) != comparable(userid) else "",
    }


def is_between_digits(character: str) -> bool:
    """Tell whether people write it in telephone numbers to read them: no uri in CMS has it.

    These are blanks, hyphens and dashes, dots, and brackets, the ones of other scripts too.
    """
    return (
        is_blank_character(character)
        or category(character) in ("Pd", "Ps", "Pe")
        or character in OTHER_HYPHENS_AND_DOTS
    )


def create_space(payload: dict[str, str]) -> Result:
    """Create a Space and return the response dictionary with its ID.

    Where nobody can say whether it was created, because the answer was lost or is none, it is not
    sent again: the portal looks whether the Space is there now, as it was asked for.
    """
    result = myCMS._cms_request("coSpaces", payload=payload, http_method="POST")
    if result["success"] or result["reason"] not in MAYBE_DONE or "uri" not in payload:
        return result
    return look_for_created(payload, result)


def look_for_created(payload: dict[str, str], unconfirmed: Result) -> Result:
    """Return what became of a creation that was not confirmed, as far as can be told."""
    found = search_space(payload["uri"])
    if not found["success"] and found["reason"] is Reason.NOT_FOUND:
        return saying(unconfirmed, "no Space has this uri now.")
    space_id = found["response"]
    space = myCMS._cms_request(f"coSpaces/{space_id}") if found["success"] else found
    if not space["success"]:
        return saying(unconfirmed, f"in vain. {space['message']}")
    if not is_as_asked(find(space["response"], "coSpace"), payload):
        return saying(unconfirmed, f"the Space {space_id} has this uri, but is not as asked for.")
    message = f"CMS did not confirm it, but the Space is there, as asked for: {space_id}."
    return succeeded(message, space_id)


def delete_space(userid: str) -> Result:
    """Delete the user's Space and return the response dictionary.

    Where nobody can say whether it was deleted, because the answer was lost or is none, it is not
    sent again: the portal looks whether the Space is still there.
    """
    found = get_coSpace_id(userid)
    if not found["success"]:
        return found
    space_id = found["response"]
    result = myCMS._cms_request(f"coSpaces/{space_id}", http_method="DELETE")
    if result["success"] or result["reason"] not in MAYBE_DONE:
        return result
    return look_for_deleted(space_id, result)


def look_for_deleted(space_id: str, unconfirmed: Result) -> Result:
    """Return what became of a deletion that was not confirmed, as far as can be told."""
    space = myCMS._cms_request(f"coSpaces/{space_id}")
    if space["success"]:
        return saying(unconfirmed, f"the Space {space_id} is still there.")
    if space["reason"] is Reason.NOT_FOUND or "coSpaceDoesNotExist" in space["codes"]:
        return succeeded(f"CMS did not confirm it, but the Space is gone: {space_id}.")
    return saying(unconfirmed, f"in vain. {space['message']}")


def saying(unconfirmed: Result, seen: str) -> Result:
    return failed(unconfirmed["reason"], f"{unconfirmed['message']} The portal has looked: {seen}")


def is_as_asked(space: Any, payload: dict[str, str]) -> bool:
    """Tell whether a Space has all that a payload asks for, and nothing else that can be set."""
    if not isinstance(space, dict):
        return False
    defaults = {**dict.fromkeys(SPACE_PARAMETERS, ""), "nonMemberAccess": "true"}
    return all(
        as_kept(name, space.get(name, default)) == as_kept(name, payload.get(name, default))
        for name, default in defaults.items()
    )


def as_kept(name: str, value: Any) -> str:
    """Return a value as CMS keeps and XML shows it: URIs in lower case, no blanks around it."""
    text = str(value).strip()
    return comparable(text) if name in ("uri", "secondaryUri") else text


@api.route("/version")
class cms_version_api(Resource):
    @api.doc(**models.VERSION)
    def get(self) -> Any:
        """Retrieve the version of the CMS."""
        version = myCMS.get_version()
        return version["response"] if version["success"] else version


@api.route("/spaces/<userid>")
@api.param("userid", USERID_HELP)
class cms_spaces_api(Resource):
    methods = ["GET", "POST", "PUT", "DELETE"]  # a list, for the order on the Swagger page

    @api.doc(**models.RETRIEVE)
    def get(self, userid: str) -> Result:
        """Retrieve the Space of a user."""
        return request_space(userid, "GET")

    @api.doc(params=new_space_fields(), **models.CREATE)
    def post(self, userid: str) -> Result:
        """Create the Space of a user, from what CUCM says about the user."""
        refusal = refuse_userid(userid)
        if refusal:
            return failed(Reason.BAD_REQUEST, refusal)
        arguments = space_arguments()
        user = myCUCMuds.get_user(userid)
        if not user["success"]:
            return user
        if user["num_found"] == 0:
            return failed(Reason.NOT_FOUND, user["message"])
        payload = {**describe_space(user["response"]), **arguments}
        return create_space({name: value for name, value in payload.items() if value})

    @api.doc(params=changed_space_fields(), **models.MODIFY)
    def put(self, userid: str) -> Result:
        """Modify the Space of a user: what is sent is set, what is sent empty is unset."""
        arguments = space_arguments()
        if not arguments:
            return failed(Reason.BAD_REQUEST, "There is nothing to change: send an argument.")
        return request_space(userid, "PUT", arguments)

    @api.doc(**models.DELETE)
    def delete(self, userid: str) -> Result:
        """Delete the Space of a user."""
        return delete_space(userid)
