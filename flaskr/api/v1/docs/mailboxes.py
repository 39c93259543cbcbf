"""The operations on mailboxes, documented for the Swagger page, and what they take."""

from collections.abc import Mapping
from dataclasses import replace

from flask_restx import Model, fields

from flaskr.access.roles import KeyRole
from flaskr.api.v1.docs.bulk import LIMIT, OFFSET
from flaskr.api.v1.docs.fields import DRY_RUN, FORCE
from flaskr.api.v1.docs.models import TOTAL, answer, creation, done
from flaskr.api.v1.docs.operations import operation
from flaskr.cuc.v1.users import (
    EXTENSION,
    LDAP_USER_FIELDS,
    MAILBOX_FIELDS,
    MAX_ALIAS_CHARACTERS,
    PIN_FIELDS,
)
from flaskr.fields import Field, SettableField

USERID_HELP = (
    f"The user ID, such as `pod6user1`: 1 to {MAX_ALIAS_CHARACTERS} characters, no bracket. The "
    "user's mailbox is the one that has it as its `Alias`; the comparison is case-insensitive."
)
CHANGE_OPTIONS = {
    FORCE.name: replace(
        FORCE,
        help="Whether to change a mailbox all the same that is no person's, such as `true`.",
    ),
    DRY_RUN.name: DRY_RUN,
}
IMPORT_OPTIONS = {DRY_RUN.name: DRY_RUN}
FILLED_IN = {
    EXTENSION.name: "the telephone number that LDAP has, or else the directory, without the + in "
    "front, and without blanks, hyphens, dots and brackets",
}
_FILTER = SettableField(
    "filter", "What to look for.", "lee",
    help="The beginning of a user ID, such as `lee`.", default_in_words="all",
)
LDAP_LIST_FIELDS = {field.name: field for field in (_FILTER, OFFSET, LIMIT)}


def _model(name: str, documented: Mapping[str, Field]) -> Model:
    return Model(
        name,
        {
            field.name: fields.String(description=field.meaning, example=field.example)
            for field in documented.values()
        },
    )


mailbox = _model("Mailbox", MAILBOX_FIELDS)
pin = _model("PinState", PIN_FIELDS)
mailbox_and_pin = Model(
    "MailboxAndPin",
    {
        "User": fields.Nested(mailbox, required=True),
        "PIN": fields.Nested(
            pin, required=True, description="What is told of the PIN, but not the PIN."
        ),
    },
)
mailbox_document = Model("MailboxDocument", {"User": fields.Nested(mailbox, required=True)})
ldap_user = _model("LdapUser", LDAP_USER_FIELDS)
ldap_users = Model(
    "LdapUserList",
    {
        "total": fields.Integer(required=True, example=1, description=TOTAL),
        "ldapUsers": fields.List(fields.Nested(ldap_user), required=True),
    },
)
retrieved = answer(
    "MailboxRetrieved", mailbox_and_pin, "Which mailbox it is.",
    "As Unity Connection answers it: all values are text, and what is not set is missing.",
)
created = creation("MailboxCreated", "the new mailbox in Unity Connection")
deleted = answer(
    "MailboxDeleted", mailbox_document, "Which mailbox was deleted.", "The mailbox as it was."
)
listed = answer("LdapUsersAnswer", ldap_users, "How many of them are here.")
MODELS = (
    mailbox, pin, mailbox_and_pin, mailbox_document, ldap_user, ldap_users, retrieved, created,
    deleted, listed,
)

_SERVER = "Unity Connection"
_WRITING = (400, 401, 403, 404, 409, 413, 415, 502, 503, 504)
_FOUND = "Finds the user's mailbox as *GET* does"
_NONE = {404: "Unity Connection has no mailbox of this user ID."}
_DRY_RUN = (
    "With `dry_run=true`, nothing is changed: the portal only asks Unity Connection, and answers "
    "what would come of the request, as far as that can be told."
)
_PERSONAL = (
    "It must be a person's, though: imported from LDAP, or the directory has the user. Otherwise "
    "nothing is done (409, `not_personal`), unless `force=true` is sent."
)

VERSION = operation(
    "retrieveMailboxVersion",
    "Asks Unity Connection for its version (`GET version/product/`) and answers it alone, as a "
    "JSON string.",
    ("The version.", fields.String(example="14.0.1.11900-128")),
    (401, 403, 502, 503, 504),
    servers=_SERVER,
    role=KeyRole.READER,
)
LIST_LDAP_USERS = operation(
    "listLdapUsers",
    "Lists the users whom LDAP has and who have no mailbox yet (`GET import/users/ldap`): those "
    "that *POST* can import.",
    ("The users.", listed),
    (400, 401, 403, 409, 502, 503, 504),
    {
        400: "The filter, the offset or the limit is not as it must be.",
        409: "Unity Connection has no LDAP directory, or won't do it.",
    },
    servers=_SERVER,
    role=KeyRole.READER,
)
RETRIEVE = operation(
    "retrieveMailbox",
    "Looks the mailbox up by its alias (`GET users?query=(alias is …)`), then asks for all that "
    "Unity Connection knows of it (`GET users/ID`), and what it tells of the PIN, such as whether "
    "it is locked (`GET users/ID/credential/pin`).",
    ("The mailbox.", retrieved),
    (400, 401, 403, 404, 409, 502, 503, 504),
    {400: "The user ID is not as it must be.", **_NONE,
     409: "Unity Connection won't do it; the message says what it said."},
    servers=_SERVER,
    role=KeyRole.READER,
)
IMPORT = operation(
    "importMailbox",
    "Looks for the user among those that LDAP has and that have no mailbox yet (`GET "
    "import/users/ldap`), and imports the user (`POST import/users/ldap`): nearly all values come "
    "from LDAP, the others from the template. Then it sets what is filled in below (`PUT "
    "users/ID`), and the PIN (`PUT users/ID/credential/pin`). Where a step is refused, the mailbox "
    "is deleted again.\n\n"
    "Where the answer to the import is lost, or says that Unity Connection is busy, the portal "
    "looks for the mailbox before it sends it again or tells of a failure.\n\n"
    f"{_DRY_RUN}",
    ("Imported. The new mailbox's ID is in `response`, and in `message` too.", created),
    _WRITING,
    {
        400: "The user ID, an argument or the body is not as it must be, or the PIN is against the "
        "rules of Unity Connection.",
        404: "LDAP has no such user, as far as Unity Connection knows.",
        409: "The user has a mailbox already, the extension is taken, there is no such template, "
        "or Unity Connection won't do it.",
    },
    servers="Unity Connection or CUCM",
    role=KeyRole.HELPDESK,
)
MODIFY = operation(
    "modifyMailbox",
    f"{_FOUND}, then sets what is sent (`PUT users/ID`); a PIN, and the end of a lock, beside it "
    f"(`PUT users/ID/credential/pin`). {_PERSONAL}\n\n"
    "What is not sent stays as it is. A PIN is text: zeros in front stay. It is in no answer, no "
    "message and no log.\n\n"
    f"{_DRY_RUN}",
    ("Modified.", done),
    _WRITING,
    {
        400: "The user ID, an argument or the body is not as it must be, there is nothing to "
        "change, or the PIN is against the rules of Unity Connection.",
        **_NONE,
        409: "The mailbox is no person's, the extension is taken, or Unity Connection won't do it.",
    },
    servers="Unity Connection or CUCM",
    role=KeyRole.HELPDESK,
)
DELETE = operation(
    "deleteMailbox",
    f"{_FOUND}, deletes it with all that is in it (`DELETE users/ID`), and answers what it was. "
    f"{_PERSONAL}\n\n"
    "The user can be imported again then, with an empty mailbox.\n\n"
    f"{_DRY_RUN}",
    ("Deleted. The mailbox as it was is in `response`.", deleted),
    _WRITING,
    {
        400: "The user ID or an argument is not as it must be.",
        **_NONE,
        409: "The mailbox is no person's, or Unity Connection won't do it.",
    },
    servers="Unity Connection or CUCM",
)
