"""The import of one LDAP source: its entries become users, and each may get a personal Space."""

from __future__ import annotations

import re
import uuid
from typing import NamedTuple

from flaskr.pod.cms.collection import CmsObjects
from flaskr.pod.cms.failures import CmsFailure, FailureElement
from flaskr.pod.cms.ldap.entries import LdapEntry, LdapError, search
from flaskr.pod.cms.ldap.filters import parse_filter
from flaskr.pod.cms.ldap.mappings import compile_mapping
from flaskr.pod.cms.ldap.personal_spaces import PersonalSpaces
from flaskr.pod.cms.ldap.user_templates import UserTemplates
from flaskr.pod.cms.rules.members import MEMBERS
from flaskr.pod.database import Record
from flaskr.pod.lower_case import in_lower_case

# The source that a user came from last, as a value of the user's.
SOURCE = "ldapSource"
# A JID has one @; entries of which none can be made are passed over.
_JID = re.compile(r"[^@\s%]+@[^@\s%]+")
_FROM_MAPPING = {
    "userJid": "jidMapping",
    "name": "nameMapping",
    "cdrTag": "cdrTagMapping",
    "authenticationId": "authenticationIdMapping",
}


class ImportedPerson(NamedTuple):
    """An entry, and the values of the user that it becomes."""

    entry: LdapEntry
    values: dict[str, str]


class LdapImport:
    """Makes the users of a source what its entries say.

    An entry is known again by its GUID, also where another source brought it: it is the user of
    the source that is imported last.
    """

    def __init__(self, state: CmsObjects, source: Record) -> None:
        self._state, self._source = state, source
        self._mapping = state.collection("ldapMappings").get(source.values["mapping"])
        self._users = state.table(state.node("users"))

    def run(self) -> int:
        """Make, change and remove users; return how many the source has.

        Raises LdapError, or CmsFailure where a name is another's; then only a part is done.
        """
        people = self._people()
        wanted = {person.values["adGuid"] for person in people}
        for user in self._users.having(SOURCE, self._source.id):
            if user.values["adGuid"] not in wanted:
                self._state.collection("users").remove(user.id)
        spaces = PersonalSpaces(self._state, self._mapping, self._source)
        templates = UserTemplates(self._state, self._source)
        for person in people:
            user = self._save(person.values)
            spaces.save(user, person.entry)
            templates.save(user, person.entry)
        return len(people)

    def _people(self) -> list[ImportedPerson]:
        if self._state.switches.ldap_down:
            raise LdapError
        entries = search(self._state.company, self._source.values["baseDn"])
        if wanted := self._source.values.get("filter"):
            entries = list(filter(parse_filter(wanted), entries))
        people = list(map(ImportedPerson, entries, self._made(entries)))
        return [person for person in people if _JID.fullmatch(person.values.get("userJid", ""))]

    def _made(self, entries: list[LdapEntry]) -> list[dict[str, str]]:
        """Return the values of the users that entries become."""
        mappings = {
            name: compile_mapping(self._mapping.values.get(mapping, ""))
            for name, mapping in _FROM_MAPPING.items()
        }
        fixed = {
            SOURCE: self._source.id,
            **{name: self._source.values.get(name, "") for name in ("tenant", "userProfile")},
        }
        return [
            {
                **fixed,
                **{name: make(entry) for name, make in mappings.items()},
                "userJid": in_lower_case(mappings["userJid"](entry)),
                "email": entry.first("mail"),
                "adGuid": entry.first("objectGUID"),
            }
            for entry in entries
        ]

    def _save(self, values: dict[str, str]) -> Record:
        known = self._users.having("adGuid", values["adGuid"])
        user_id = known[0].id if known else str(uuid.uuid4())
        user = Record(user_id, {name: text for name, text in values.items() if text})
        same_jid = self._users.having("userJid", values["userJid"])
        if any(other.id != user.id for other in same_jid):
            raise CmsFailure(FailureElement("duplicateUser"))
        if not known or known[0] != user:
            self._users.put(user)
            self._rename(user)
        return user

    def _rename(self, user: Record) -> None:
        """Write the user's JID wherever the user is a member or owner."""
        jid = user.values["userJid"]
        for path, of_user in ((MEMBERS, "user"), ("coSpaces", "owner")):
            table = self._state.table(self._state.node(path))
            for record in table.having(f"{of_user}Id", user.id):
                table.put(Record(record.id, {**record.values, f"{of_user}Jid": jid}))
