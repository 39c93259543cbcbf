"""The namespace me: whose key a caller has, and what it may do."""

from flask_restx import Namespace, Resource

from flaskr.access.roles import caller
from flaskr.api.v1.docs import operations
from flaskr.result import Outcome, ResponseDictionary, succeeded

api = Namespace("me", description="The caller: whose API key it is, and its role", path="/me")


@api.route("")
class Me(Resource):
    @api.doc(**operations.WHO_AM_I)
    def get(self) -> ResponseDictionary:
        """Retrieve the name and the role of the key that is sent."""
        who = caller()
        response = {"name": who.name, "role": who.role.value}
        return succeeded(Outcome(f"The role is {who.role.value}.", response))
