"""What lies beneath a user's Space: members, passcodes, the invitation, its repair."""

from collections.abc import Mapping
from typing import cast

from flask import current_app
from flask_restx import Resource
from werkzeug.local import LocalProxy

from flaskr.access.audit import note_of_request
from flaskr.access.roles import check_change
from flaskr.api.v1.cms import answer_of, api, myCMS, myDirectory, myTemplate
from flaskr.api.v1.docs import operations
from flaskr.api.v1.docs.fields import (
    DRY_RUN,
    FORCE,
    OPTIONS,
    changed_fields,
    query_fields,
    new_fields,
    query_options,
    required_fields,
)
from flaskr.api.v1.parsers import Arguments, arguments
from flaskr.cms.v1.cms import CMS
from flaskr.provisioning.invitation import INVITATION_FIELDS, invite
from flaskr.provisioning.members import (
    RIGHT_FIELDS,
    members_with_rights,
    put_member,
    remove_member,
)
from flaskr.provisioning.passcode import PASSCODE_FIELDS, Role, set_passcode
from flaskr.provisioning.repair import repair_space
from flaskr.provisioning.sending import SENDING_FIELDS, WAY, Send, Sender
from flaskr.provisioning.spaces import find_space, space_to_change
from flaskr.result import Outcome, ResponseDictionary, succeeded

mySenders = cast(
    Mapping[str, Send], LocalProxy(lambda: current_app.extensions["senders"])
)

DRY = {DRY_RUN.name: DRY_RUN}
JID_HELP = "The member's JID in CMS, such as `pod6user2@pod6.example`; compared case-insensitively."


@api.route("/spaces/<userid>/members")
@api.param("userid", operations.USERID_HELP)
class Members(Resource):
    @api.doc(**operations.LIST_MEMBERS)
    def get(self, userid: str) -> ResponseDictionary:
        """List the members of a user's Space, with what each may do."""
        members = members_with_rights(myCMS, find_space(myCMS, myTemplate, userid).response)
        return succeeded(Outcome(f"The Space's members: {len(members)}.", {"members": members}))


@api.route("/spaces/<userid>/members/<jid>")
@api.param("userid", operations.USERID_HELP)
@api.param("jid", JID_HELP)
class Member(Resource):
    methods = ["PUT", "DELETE"]

    @api.doc(params=changed_fields(RIGHT_FIELDS, OPTIONS), **operations.PUT_MEMBER)
    def put(self, userid: str, jid: str) -> ResponseDictionary:
        """Have someone as member of a user's Space, with these rights."""
        sent = arguments(RIGHT_FIELDS, OPTIONS)
        rights = {name: text == "true" for name, text in sent.values.items()}
        return answer_of(
            lambda cms: put_member(cms, _space_to_change(cms, userid, sent), jid, rights), sent
        )

    @api.doc(params=query_options(OPTIONS), **operations.REMOVE_MEMBER)
    def delete(self, userid: str, jid: str) -> ResponseDictionary:
        """Take a member out of a user's Space."""
        sent = arguments({}, OPTIONS)
        return answer_of(
            lambda cms: remove_member(cms, _space_to_change(cms, userid, sent), jid), sent
        )


@api.route("/spaces/<userid>/passcode")
@api.param("userid", operations.USERID_HELP)
class Passcode(Resource):
    @api.doc(params=changed_fields(PASSCODE_FIELDS, OPTIONS), **operations.SET_PASSCODE)
    def post(self, userid: str) -> ResponseDictionary:
        """Set the passcode of a user's Space, a new one unless it is given; old links end."""
        sent = arguments(PASSCODE_FIELDS, OPTIONS)
        role = Role(sent.values.get("role") or Role.GUEST)
        passcode, forced = sent.values.get("passcode", ""), sent.has(FORCE.name)
        return answer_of(
            lambda cms: set_passcode(
                cms, myDirectory, myTemplate, userid, role, passcode, forced
            ),
            sent,
        )


@api.route("/spaces/<userid>/invitation")
@api.param("userid", operations.USERID_HELP)
class Invitation(Resource):
    methods = ["GET", "POST"]

    @api.doc(params=query_fields(INVITATION_FIELDS), **operations.INVITE)
    def get(self, userid: str) -> ResponseDictionary:
        """Retrieve how to join a user's Space, with words to send."""
        given = arguments(INVITATION_FIELDS).values
        role = Role(given.get("role") or Role.GUEST)
        language = given.get("language") or "en_US"
        found = invite(myCMS, myTemplate, userid, role, language)
        return succeeded(Outcome(found.message, {**found.response, "sentBy": [*mySenders]}))

    @api.doc(
        params={
            **required_fields({WAY.name: WAY}), **new_fields({**INVITATION_FIELDS, **OPTIONS}, {})
        },
        **operations.SEND_INVITATION,
    )
    def post(self, userid: str) -> ResponseDictionary:
        """Send a user the invitation to the own Space."""
        sent = arguments(SENDING_FIELDS, OPTIONS)
        is_dry, forced = sent.has(DRY_RUN.name), sent.has(FORCE.name)
        check_change(is_dry, forced)
        note = None if is_dry else note_of_request()
        sender = Sender(myCMS, myDirectory, myTemplate, mySenders, note)
        return succeeded(sender.send(userid, sent.values, forced))


@api.route("/spaces/<userid>/repair")
@api.param("userid", operations.USERID_HELP)
class Repair(Resource):
    @api.doc(params=query_options(DRY), **operations.REPAIR)
    def post(self, userid: str) -> ResponseDictionary:
        """Bring a user's Space to the template where it lacks something."""
        sent = arguments({}, DRY)
        return answer_of(lambda cms: repair_space(cms, myDirectory, myTemplate, userid), sent)


def _space_to_change(cms: CMS, userid: str, sent: Arguments) -> str:
    """Return the ID of the user's Space, which must be the user's own unless it is forced."""
    forced = sent.has(FORCE.name)
    space = space_to_change(cms, myDirectory, myTemplate, userid, forced)
    return str(space["@id"])
