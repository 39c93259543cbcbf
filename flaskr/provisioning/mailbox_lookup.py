"""Whose mailbox it is: looked up by user ID, which is its alias. All of it raises Failure."""

from flaskr.cuc.v1.cupi import CUPI
from flaskr.cuc.v1.lists import matching
from flaskr.cuc.v1.users import FROM_LDAP, MAX_ALIAS_CHARACTERS
from flaskr.provisioning.directory import Directory
from flaskr.provisioning.personal import is_user
from flaskr.provisioning.template import check_userid
from flaskr.rest.v1.paging import Entry
from flaskr.result import Failure, Reason
from flaskr.spelling import comparison_key, forms

IMPORT = "import/users/ldap"


def mailbox_in_words(mailbox: Entry) -> str:
    """Return which mailbox it is, for a person: its alias and ID."""
    return f'the mailbox "{mailbox.get("Alias", "")}" ({mailbox["ObjectId"]})'


def mailbox_path(mailbox_id: str) -> str:
    """Return where a mailbox is in the API."""
    return f"users/{mailbox_id}"


def read_mailbox(cupi: CUPI, mailbox_id: str) -> Entry:
    """Return all that Unity Connection says of a mailbox."""
    found: Entry = cupi.request(mailbox_path(mailbox_id)).response
    return found


def find_mailbox(cupi: CUPI, userid: str) -> Entry | None:
    """Return the mailbox of a user as the list has it, or None."""
    return _find_row(cupi, "users", "Alias", userid)


def find_ldap_user(cupi: CUPI, userid: str) -> Entry | None:
    """Return the user whom LDAP has and who has no mailbox yet, or None."""
    return _find_row(cupi, IMPORT, "alias", userid)


def own_mailbox(cupi: CUPI, userid: str) -> Entry:
    """Return the mailbox of a user, as it is now."""
    found = find_mailbox(cupi, userid)
    if found is None:
        raise Failure(
            Reason.NO_MAILBOX,
            f'Unity Connection has no mailbox of the user ID "{userid}". To import the user from '
            "LDAP, send POST.",
        )
    return read_mailbox(cupi, found["ObjectId"])


def mailbox_to_change(cupi: CUPI, directory: Directory, userid: str, force: bool) -> Entry:
    """Return the mailbox of a user, which must be a person's unless it is forced.

    Unity Connection has others too, such as its administrator's and its operator's.
    """
    mailbox = own_mailbox(cupi, userid)
    if not force and mailbox.get("LdapType") != FROM_LDAP:
        _check_user(directory, userid, mailbox)
    return mailbox


def _check_user(directory: Directory, userid: str, mailbox: Entry) -> None:
    not_imported = f"{mailbox_in_words(mailbox)} was not imported from LDAP"
    try:
        is_personal = is_user(directory, userid)
    except Failure as failure:
        message = (
            f"{failure.message} So nothing was changed: {not_imported}. With force=true, the "
            "directory is not asked."
        )
        raise Failure(failure.reason, message, failure.failure_codes, failure.server) from None
    if not is_personal:
        raise Failure(
            Reason.NOT_PERSONAL,
            f"Nothing was changed: {not_imported}, and the directory has no user with this ID. To "
            "change it all the same, send force=true.",
        )


def _find_row(cupi: CUPI, api_method: str, column: str, userid: str) -> Entry | None:
    """Return the row of a user, or None. IDs are compared as `comparison_key` says.

    Nobody documents whether a search minds the case, or the two forms of an accented letter.
    """
    _check_alias(userid)
    wanted = comparison_key(userid)
    for form in forms(userid):
        for row in cupi.rows(api_method, matching("alias", form)):
            if comparison_key(str(row.get(column))) == wanted:
                return row
    return None


def _check_alias(userid: str) -> None:
    """Raise Failure for what is no user ID of Unity Connection."""
    check_userid(userid)
    if len(userid) > MAX_ALIAS_CHARACTERS:
        wrong = f"A user ID in Unity Connection has up to {MAX_ALIAS_CHARACTERS} characters."
        raise Failure(Reason.BAD_PARAMETER, wrong)
