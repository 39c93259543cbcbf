"""What can be done to mailboxes: import, create, change, delete."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from flaskr.pod.company import directory_id
from flaskr.pod.cuc.columns import BY_NAME, EXTENSION, checked, require
from flaskr.pod.cuc.failures import IN_USE, INVALID, UNKNOWN, CucFailure, unknown_object
from flaskr.pod.cuc.pins import changed, first_pin
from flaskr.pod.cuc.start import HANDLERS, extension_of, importable_of, mailbox_of, new_mailbox
from flaskr.pod.cuc.state import CucState
from flaskr.pod.cuc.templates import TAKEN_OVER
from flaskr.pod.cuc.times import change_time, creation_time
from flaskr.pod.database import Record
from flaskr.pod.lower_case import in_lower_case

MOST_OF_AN_ALIAS = 64


class Mailboxes:
    """The mailboxes of a Unity Connection. What is refused is raised as CucFailure."""

    def __init__(self, state: CucState) -> None:
        self._state = state

    def get(self, mailbox_id: str) -> Record:
        """Return the mailbox with that ID."""
        found = self._state.mailboxes.get(mailbox_id.lower())
        if found is None:
            raise unknown_object(f"The user {mailbox_id}")
        return found

    def pin(self, mailbox_id: str) -> Record:
        """Return what is kept of the PIN of a mailbox."""
        found = self._state.pins.get(mailbox_id.lower())
        assert found is not None
        return found

    def create(self, given: Mapping[str, str], template: str) -> Record:
        """Make a mailbox of someone whom LDAP doesn't know of."""
        more = self._of_template(template)
        require(given, ("Alias", "DtmfAccessId"))
        values = {**more, **checked(given)}
        made = new_mailbox(_new_id(), values.pop("Alias"), values.pop("DtmfAccessId"), **values)
        return self._add(made)

    def import_user(self, given: Mapping[str, str], template: str) -> Record:
        """Make a mailbox of a user whom LDAP knows.

        Without dtmfAccessId, the user's telephone number is the extension, unless it is demanded.
        """
        more = self._of_template(template)
        person = self._state.importable.get(given.get("pkid", "").lower())
        if person is None:
            raise CucFailure(UNKNOWN, "There is no user to import with this pkid.")
        employee = self._state.people[in_lower_case(person.values["alias"])]
        extension = given.get("dtmfAccessId", "")
        if not (extension or self._state.switches.cuc_extension_demanded):
            extension = extension_of(employee)
        require({"dtmfAccessId": extension}, ("dtmfAccessId",))
        return self._add(mailbox_of(employee, _checked_extension(extension), _new_id(), **more))

    def change(self, mailbox_id: str, given: Mapping[str, str]) -> None:
        """Change what is given of a mailbox."""
        before = self.get(mailbox_id)
        values = {**before.values, **checked(given)}
        after = Record(before.id, {name: text for name, text in values.items() if text})
        _refuse_what_ldap_says(before, after)
        self._remove(before)
        self._refuse_what_is_taken(after)
        self._put(after)

    def change_pin(self, mailbox_id: str, given: Mapping[str, str]) -> None:
        """Change the PIN of a mailbox, or what is said of it."""
        mailbox = self.get(mailbox_id)
        pin = changed(self.pin(mailbox_id), mailbox, given, self._state.switches)
        self._state.pins.put(pin)

    def delete(self, mailbox_id: str) -> None:
        """Delete a mailbox; its user can be imported again, if LDAP knows one."""
        mailbox = self.get(mailbox_id)
        self._remove(mailbox)
        self._state.pins.remove(mailbox.id)

    def _of_template(self, alias: str) -> dict[str, str]:
        wanted = in_lower_case(alias)
        for template in self._state.templates.page():
            if template.values["Alias"] == wanted:
                values = {name: template.values[name] for name in TAKEN_OVER}
                return {**values, "CreationTime": creation_time()}
        status = int(self._state.switches.cuc_unknown_template_status)
        raise CucFailure(UNKNOWN, f"The template {alias} does not exist.", status)

    def _add(self, mailbox: Record) -> Record:
        self._refuse_what_is_taken(mailbox)
        self._put(mailbox)
        self._state.pins.put(first_pin(mailbox.id, change_time(), {}))
        return mailbox

    def _refuse_what_is_taken(self, mailbox: Record) -> None:
        alias, extension = mailbox.values["Alias"], mailbox.values["DtmfAccessId"]
        if len(alias) > MOST_OF_AN_ALIAS:
            raise CucFailure(INVALID, f"Alias is longer than {MOST_OF_AN_ALIAS} characters.")
        if self._has_alias(in_lower_case(alias)):
            raise CucFailure(IN_USE, f"The alias {alias} is in use.")
        if extension in HANDLERS or self._state.mailboxes.having("DtmfAccessId", extension):
            raise CucFailure(IN_USE, f"The extension {extension} is in use.")

    def _has_alias(self, alias: str) -> bool:
        mailboxes = self._state.mailboxes
        possible = map(mailboxes.get, mailboxes.containing(alias, ("Alias",), False))
        return any(in_lower_case(each.values["Alias"]) == alias for each in possible if each)

    def _put(self, mailbox: Record) -> None:
        """Have this mailbox; who has one can't be imported."""
        self._state.mailboxes.put(mailbox)
        employee = self._state.people.get(in_lower_case(mailbox.values["Alias"]))
        if employee and self._state.importable.get(directory_id(employee["userName"])):
            self._state.importable.remove(directory_id(employee["userName"]))

    def _remove(self, mailbox: Record) -> None:
        self._state.mailboxes.remove(mailbox.id)
        employee = self._state.people.get(in_lower_case(mailbox.values["Alias"]))
        if employee:
            self._state.importable.put(importable_of(employee))


def _refuse_what_ldap_says(before: Record, after: Record) -> None:
    """Raise CucFailure where something was changed that comes from LDAP."""
    if before.values["LdapType"] == "0":
        return
    for name, column in BY_NAME.items():
        if column.from_ldap and before.values.get(name) != after.values.get(name):
            raise CucFailure(INVALID, f"{name} comes from LDAP, and can't be changed here.")


def _checked_extension(text: str) -> str:
    try:
        return str(EXTENSION(text))
    except ValueError as error:
        raise CucFailure(INVALID, f"dtmfAccessId {error}.") from None


def _new_id() -> str:
    return str(uuid.uuid4())
