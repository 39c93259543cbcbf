"""The namespace cuc: a user's mailbox in Unity Connection, by user ID."""

from collections.abc import Callable
from functools import partial
from typing import cast

from flask import current_app
from flask_restx import Namespace, Resource
from werkzeug.local import LocalProxy

from flaskr.api.v1.changes import answer_of_change
from flaskr.api.v1.cms import myDirectory
from flaskr.api.v1.docs import bulk, mailboxes
from flaskr.api.v1.docs.fields import FORCE, changed_fields, new_fields, query_options
from flaskr.api.v1.parsers import Arguments, arguments
from flaskr.cuc.v1.cupi import CUPI
from flaskr.cuc.v1.users import CHANGED_FIELDS, NEW_FIELDS
from flaskr.provisioning.audited import AuditedCUPI
from flaskr.provisioning.dry_mailboxes import DryCUPI
from flaskr.provisioning.mailbox_creation import import_mailbox
from flaskr.provisioning.mailboxes import (
    delete_mailbox,
    modify_mailbox,
    page_of_ldap_users,
    retrieve_mailbox,
)
from flaskr.result import Outcome, ResponseDictionary, succeeded

api = Namespace("cuc", description="Cisco Unity Connection: the mailbox of a user")


# The client of the app that is running; importing this module connects to nothing.
myCUC = cast(CUPI, LocalProxy(lambda: current_app.extensions["cuc"]))

for model in mailboxes.MODELS:
    api.add_model(model.name, model)


def answer_of(change: Callable[[CUPI], Outcome], sent: Arguments) -> ResponseDictionary:
    """Make a change at Unity Connection, and answer what came of it, or would."""
    return answer_of_change(change, sent, lambda: DryCUPI(myCUC), partial(AuditedCUPI, myCUC))


@api.route("/version")
class MailboxVersion(Resource):
    @api.doc(**mailboxes.VERSION)
    def get(self) -> str:
        """Retrieve the version of Unity Connection."""
        return myCUC.get_version()


@api.route("/ldap_users")
class LdapUsers(Resource):
    @api.doc(params=query_options(mailboxes.LDAP_LIST_FIELDS), **mailboxes.LIST_LDAP_USERS)
    def get(self) -> ResponseDictionary:
        """List the users whom LDAP has and who have no mailbox yet."""
        asked = arguments(mailboxes.LDAP_LIST_FIELDS).values
        return succeeded(page_of_ldap_users(myCUC, asked.get("filter", ""), *bulk.place(asked)))


@api.route("/users/<userid>")
@api.param("userid", mailboxes.USERID_HELP)
class UserMailbox(Resource):
    methods = ["GET", "POST", "PUT", "DELETE"]

    @api.doc(**mailboxes.RETRIEVE)
    def get(self, userid: str) -> ResponseDictionary:
        """Retrieve the mailbox of a user."""
        return succeeded(retrieve_mailbox(myCUC, userid))

    @api.doc(
        params=new_fields({**NEW_FIELDS, **mailboxes.IMPORT_OPTIONS}, mailboxes.FILLED_IN),
        **mailboxes.IMPORT,
    )
    def post(self, userid: str) -> ResponseDictionary:
        """Import a user from LDAP, who gets a mailbox by that."""
        sent = arguments(NEW_FIELDS, mailboxes.IMPORT_OPTIONS)
        return answer_of(
            lambda cupi: import_mailbox(cupi, myDirectory, userid, sent.values), sent
        )

    @api.doc(params=changed_fields(CHANGED_FIELDS, mailboxes.CHANGE_OPTIONS), **mailboxes.MODIFY)
    def put(self, userid: str) -> ResponseDictionary:
        """Modify the mailbox of a user, set the PIN, or unlock it."""
        sent = arguments(CHANGED_FIELDS, mailboxes.CHANGE_OPTIONS)
        forced = sent.has(FORCE.name)
        return answer_of(
            lambda cupi: modify_mailbox(cupi, myDirectory, userid, sent.values, forced), sent
        )

    @api.doc(params=query_options(mailboxes.CHANGE_OPTIONS), **mailboxes.DELETE)
    def delete(self, userid: str) -> ResponseDictionary:
        """Delete the mailbox of a user, with all that is in it."""
        sent = arguments({}, mailboxes.CHANGE_OPTIONS)
        forced = sent.has(FORCE.name)
        return answer_of(lambda cupi: delete_mailbox(cupi, myDirectory, userid, forced), sent)
