"""The rules of users, whom LDAP sync alone makes and removes."""

from __future__ import annotations

from flaskr.pod.cms.collection import Rules
from flaskr.pod.cms.rules.members import MEMBERS
from flaskr.pod.cms.rules.spaces import PERSONAL_OF
from flaskr.pod.database import Record


class UserRules(Rules):
    """A user who is gone is no member and no owner; the personal Space of LDAP sync is gone too."""

    def deleted(self, record: Record) -> None:
        """Remove the personal Space and the memberships, and unset the owner of other Spaces."""
        spaces = self.state.collection("coSpaces")
        table = self.state.table(spaces.node)
        for space in table.having(PERSONAL_OF, record.id):
            spaces.remove(space.id)
        members = self.state.table(self.state.node(MEMBERS))
        for member in members.having("userId", record.id):
            members.remove(member.id)
        for space in table.having("ownerId", record.id):
            table.put(Record(space.id, {
                name: text for name, text in space.values.items() if not name.startswith("owner")
            }))
