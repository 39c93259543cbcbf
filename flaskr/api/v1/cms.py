"""The namespace cms: a user's Space, looked up, created, modified and deleted by user ID."""

from collections.abc import Callable
from functools import partial
from typing import cast

from flask import current_app
from flask_restx import Namespace, Resource
from werkzeug.local import LocalProxy

from flaskr.api.v1.changes import answer_of_change
from flaskr.api.v1.docs import operations
from flaskr.api.v1.docs.fields import (
    FORCE,
    FORCE_CREATION,
    OPTIONS,
    changed_fields,
    new_fields,
    query_options,
)
from flaskr.api.v1.parsers import Arguments, arguments
from flaskr.cms.v1.cms import CMS
from flaskr.cms.v1.spaces import SETTABLE_FIELDS, SPACE_FIELDS, match_space
from flaskr.provisioning.audited import AuditedCMS
from flaskr.provisioning.creation import create_space
from flaskr.provisioning.directory import Directory
from flaskr.provisioning.dry_run import DryCMS
from flaskr.provisioning.spaces import (
    delete_space,
    find_space,
    modify_space,
    retrieve_space,
)
from flaskr.provisioning.template import FILLED_IN, Template, show_template
from flaskr.rest.v1.paging import Entry
from flaskr.result import Outcome, ResponseDictionary, as_dictionary, succeeded
from flaskr.uds.v1.uds import UDS

api = Namespace("cms", description="Cisco Meeting Server: the Space of a user")


# The clients of the app that is running; importing this module connects to nothing. The directory
# is where the portal looks users up.
myCMS = cast(CMS, LocalProxy(lambda: current_app.extensions["cms"]))
myCUCMuds = cast(UDS, LocalProxy(lambda: current_app.extensions["uds"]))
myDirectory = cast(Directory, LocalProxy(lambda: current_app.extensions["directory"]))
myTemplate = cast(Template, LocalProxy(lambda: current_app.extensions["template"]))


def get_coSpace_id(userid: str) -> ResponseDictionary:
    """Return the response dictionary with the ID of the user's Space (lab guide, step 2)."""
    return as_dictionary(find_space)(myCMS, myTemplate, userid)


def match_space_uri(space_list: list[Entry], uri: str) -> str | None:
    """Return the ID of the Space whose uri this is, else of the one whose secondaryUri, or None."""
    space = match_space(space_list, uri)
    return str(space["@id"]) if space else None


def space_arguments() -> Arguments:
    """Return what the request sent for a Space: its arguments, or a Space as GET answers it."""
    return arguments(SPACE_FIELDS, OPTIONS, root="coSpace")


def answer_of(change: Callable[[CMS], Outcome], sent: Arguments) -> ResponseDictionary:
    """Make a change at CMS, and answer what came of it, or would."""
    return answer_of_change(change, sent, lambda: DryCMS(myCMS), partial(AuditedCMS, myCMS))


@api.route("/version")
class cms_version_api(Resource):
    @api.doc(**operations.VERSION)
    def get(self) -> str:
        """Retrieve the version of the CMS."""
        return myCMS.get_version()


@api.route("/spaces/<userid>")
@api.param("userid", operations.USERID_HELP)
class cms_spaces_api(Resource):
    methods = ["GET", "POST", "PUT", "DELETE"]  # a list, for the order on the Swagger page

    @api.doc(**operations.RETRIEVE)
    def get(self, userid: str) -> ResponseDictionary:
        """Retrieve the Space of a user."""
        return succeeded(retrieve_space(myCMS, myTemplate, userid))

    @api.doc(
        params=new_fields({**SETTABLE_FIELDS, **OPTIONS, FORCE.name: FORCE_CREATION}, FILLED_IN),
        **operations.CREATE,
    )
    def post(self, userid: str) -> ResponseDictionary:
        """Create the Space of a user, from what the directory says about the user."""
        sent = space_arguments()
        whole, forced = sent.is_whole, sent.has(FORCE.name)
        return answer_of(
            lambda cms: create_space(
                cms, myDirectory, myTemplate, userid, sent.values, whole, forced
            ),
            sent,
        )

    @api.doc(params=changed_fields(SETTABLE_FIELDS, OPTIONS), **operations.MODIFY)
    def put(self, userid: str) -> ResponseDictionary:
        """Modify the Space of a user: what is sent is set, what is sent empty is unset."""
        sent = space_arguments()
        shown, forced = sent.shown, sent.has(FORCE.name)
        return answer_of(
            lambda cms: modify_space(
                cms, myDirectory, myTemplate, userid, sent.values, shown, forced
            ),
            sent,
        )

    @api.doc(params=query_options(OPTIONS), **operations.DELETE)
    def delete(self, userid: str) -> ResponseDictionary:
        """Delete the Space of a user, and answer what it was."""
        sent = arguments({}, OPTIONS)
        forced = sent.has(FORCE.name)
        return answer_of(
            lambda cms: delete_space(cms, myDirectory, myTemplate, userid, forced), sent
        )


@api.route("/template/<userid>")
@api.param("userid", operations.USERID_HELP)
class SpaceTemplate(Resource):
    @api.doc(**operations.TEMPLATE)
    def get(self, userid: str) -> ResponseDictionary:
        """Show what a new Space of a user would be like, without making it."""
        return succeeded(show_template(myTemplate, myDirectory, userid))
