"""The namespace cms: a user's Space, looked up, created, modified and deleted by user ID."""

from typing import Any, cast

from flask import current_app
from flask_restx import Namespace, Resource, fields
from werkzeug.local import LocalProxy

from flaskr.api.v1 import models
from flaskr.api.v1.parsers import USERID_HELP, refuse_userid, space_arguments, space_parser
from flaskr.cms.v1.cms import CMS, is_id
from flaskr.cms.v1.paging import Entry
from flaskr.rest.v1.result import Reason, Result, failed, succeeded
from flaskr.rest.v1.xml import find
from flaskr.uds.v1.uds import UDS

api = Namespace("cms", description="Cisco Meeting Server: the Space of a user")

# The clients of the app that is running; importing this module connects to nothing.
myCMS = cast(CMS, LocalProxy(lambda: current_app.extensions["cms"]))
myCUCMuds = cast(UDS, LocalProxy(lambda: current_app.extensions["uds"]))

for model in models.MODELS:
    api.add_model(model.name, model)

SERVER_ERRORS = models.errors(401, 409, 502, 503, 504)
SPACE_ERRORS = {**models.errors(400, 404), **SERVER_ERRORS}
BODY_ERRORS = {**SPACE_ERRORS, **models.errors(413, 415)}

ANSWER_MAY_BE_LOST = (Reason.TIMED_OUT, Reason.ANSWER_LOST, Reason.UNREADABLE)


def match_space_uri(space_list: list[Entry], uri: str) -> str | None:
    """Return the ID of the Space whose uri or secondaryUri this is, or None.

    Letters' case does not count: CMS keeps URIs in lower case. Spaces may lack either.
    """
    wanted = uri.lower()
    for space in space_list:
        if wanted in (str(space.get(key, "")).lower() for key in ("uri", "secondaryUri")):
            return str(space["@id"])
    return None


def get_coSpace_id(userid: str) -> Result:
    """Return the response dictionary with the ID of the user's Space (lab guide, step 2).

    CMS can only filter by text, so every page of what matches is searched for the one Space whose
    uri or secondaryUri is the user ID. That there is none is a failure with the reason NOT_FOUND.
    """
    refusal = refuse_userid(userid)
    if refusal:
        return failed(Reason.BAD_REQUEST, refusal)
    # In lower case, as CMS keeps URIs: nobody documents whether the filter minds letters' case.
    found = myCMS.find_in_list(
        "coSpaces",
        {"filter": userid.lower()},
        lambda space_list: match_space_uri(space_list, userid),
    )
    if found["success"] and not is_id(found["response"]):
        return failed(Reason.UNREADABLE, f"{found['message']} But that is no ID of a Space.")
    if not found["success"] and found["reason"] is Reason.NOT_FOUND:
        return failed(
            Reason.NOT_FOUND,
            f'There is no Space for the user ID "{userid}": no Space has it as its uri or '
            "secondaryUri. To create one, send POST.",
        )
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
    phone = user.get("phoneNumber") or ""
    return {
        "name": f"{user.get('displayName') or full_name or userid}'s Space",
        "uri": userid,
        # All uris are one set of names in CMS, so a number that is the user ID too is left out.
        "secondaryUri": phone if phone.lower() != userid.lower() else "",
    }


def create_space(payload: dict[str, str]) -> Result:
    """Create a Space and return the response dictionary with its ID.

    Where the answer is lost, it is not sent again: the Space is looked up instead.
    """
    result = myCMS._cms_request("coSpaces", payload=payload, http_method="POST")
    if result["success"] or result["reason"] not in ANSWER_MAY_BE_LOST:
        return result
    return find_created(payload) or result


def find_created(payload: dict[str, str]) -> Result | None:
    """Return the Space that a creation without an answer has made, or None where none is known."""
    found = get_coSpace_id(payload.get("uri", ""))
    if not found["success"]:
        return None
    space = myCMS._cms_request(f"coSpaces/{found['response']}")
    created = find(space["response"], "coSpace")
    if find(created, "name") != payload.get("name"):
        return None
    return succeeded(
        f"CMS's answer was lost, but the Space is there: {found['response']}.", found["response"]
    )


@api.route("/version")
class cms_version_api(Resource):
    @api.doc(responses={200: ("The version", fields.String(example="3.9.2")), **SERVER_ERRORS})
    def get(self) -> Any:
        """Retrieve the version of the CMS."""
        version = myCMS.get_version()
        return version["response"] if version["success"] else version


@api.route("/spaces/<userid>")
@api.param("userid", USERID_HELP, **{"x-example": "pod6user1"})
class cms_spaces_api(Resource):
    methods = ["GET", "POST", "PUT", "DELETE"]  # a list, for the order on the Swagger page

    @api.doc(responses={200: ("The Space", models.retrieved), **SPACE_ERRORS})
    def get(self, userid: str) -> Result:
        """Retrieve the Space of a user."""
        return request_space(userid, "GET")

    @api.expect(space_parser())
    @api.doc(responses={200: ("Created", models.created), **BODY_ERRORS})
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

    @api.expect(space_parser())
    @api.doc(responses={200: ("Modified", models.done), **BODY_ERRORS})
    def put(self, userid: str) -> Result:
        """Modify the Space of a user: what is sent is set, what is sent empty is unset."""
        arguments = space_arguments()
        if not arguments:
            return failed(Reason.BAD_REQUEST, "There is nothing to change: send an argument.")
        return request_space(userid, "PUT", arguments)

    @api.doc(responses={200: ("Deleted", models.done), **SPACE_ERRORS})
    def delete(self, userid: str) -> Result:
        """Delete the Space of a user."""
        return request_space(userid, "DELETE")
