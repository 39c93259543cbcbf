"""The namespace directory: the users whom the Spaces belong to."""

from flask import Response
from flask_restx import Namespace, Resource

from flaskr.api.v1.cms import myDirectory
from flaskr.api.v1.docs import bulk, operations
from flaskr.api.v1.docs.fields import query_options
from flaskr.api.v1.parsers import JSON, arguments
from flaskr.api.v1.streams import accepted_form, failure_in_stream, streamed
from flaskr.provisioning.lists import USER_COLUMNS, page_of_users
from flaskr.provisioning.template import check_userid
from flaskr.provisioning.written import Report
from flaskr.result import Outcome, ResponseDictionary, succeeded

api = Namespace("directory", description="The directory: the users whom the Spaces belong to")


@api.route("/users")
class Users(Resource):
    @api.doc(params=query_options(bulk.USER_LIST_FIELDS), **bulk.LIST_USERS)
    def get(self) -> ResponseDictionary | Response:
        """List the users of the directory: a page, or all of them as NDJSON or CSV."""
        asked = arguments(bulk.USER_LIST_FIELDS).values
        text, department = asked.get("filter", ""), asked.get("department", "")
        form = accepted_form()
        if form == JSON:
            return succeeded(page_of_users(myDirectory, text, department, *bulk.place(asked)))
        users = myDirectory.users(text, department)
        report = Report("users", users, USER_COLUMNS, failure_in_stream)
        return streamed(report, form, lambda report: {})


@api.route("/users/<userid>")
@api.param("userid", operations.USERID_HELP)
class DirectoryUser(Resource):
    @api.doc(**bulk.RETRIEVE_USER)
    def get(self, userid: str) -> ResponseDictionary:
        """Retrieve what the directory says of a user."""
        check_userid(userid)
        user = myDirectory.find_user(userid)
        return succeeded(Outcome(f'The directory has a user with the ID "{userid}".', user))
