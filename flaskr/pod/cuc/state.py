"""What a Unity Connection remembers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property

from flaskr.pod.company import Company, Employee
from flaskr.pod.cuc.sessions import CucSessions
from flaskr.pod.cuc.start import CucStart, initial_records
from flaskr.pod.cuc.switches import CucSwitches
from flaskr.pod.cuc.templates import template_records
from flaskr.pod.cuc.waiting_line import WaitingLine
from flaskr.pod.database import Database, Table
from flaskr.pod.service import ServerState


class CucState(ServerState):
    """Mailboxes, PINs, users to import and sessions, with the switches that say how it behaves.

    The mailboxes of the start are only made when they are first asked for.
    """

    def __init__(self, switches: CucSwitches, company: Company) -> None:
        self.switches, self.company = switches, company
        self.line = WaitingLine()
        self._database = Database()
        self.reset()

    def reset(self) -> None:
        """Go back to the mailboxes of the start, with no sessions."""
        with self._database.attempt():
            self._database.clear()
            self._filled = False
            self.sessions = CucSessions()
        self.line.clear()

    @contextmanager
    def attempt(self, *, keep: bool) -> Iterator[None]:
        """Keep all of it to this thread meanwhile; undo what was done to it unless `keep`."""
        with self._database.attempt(keep=keep):
            sessions = None if keep else CucSessions(dict(self.sessions.used))
            yield
            self.sessions = sessions or self.sessions

    @property
    def mailboxes(self) -> Table:
        """Return the mailboxes, in the order of their aliases."""
        return self._table("mailboxes", "Alias")

    @property
    def pins(self) -> Table:
        """Return what is kept of the PINs, by the ID of the mailbox."""
        return self._table("pins")

    @property
    def importable(self) -> Table:
        """Return the users who can be imported, in the order of their aliases."""
        return self._table("importable", "alias")

    @property
    def templates(self) -> Table:
        """Return the templates."""
        return self._table("templates")

    @property
    def people(self) -> Mapping[str, Employee]:
        """Return all employees by their alias in lower case."""
        return self._at_start.people

    def _table(self, name: str, sorted_by: str = "") -> Table:
        if not self._filled:
            self._filled = True
            self.mailboxes.fill(self._at_start.mailboxes)
            self.pins.fill(self._at_start.pins)
            self.importable.fill(self._at_start.importable)
            self.templates.fill(template_records())
        return self._database.table(name, sorted_by)

    @cached_property
    def _at_start(self) -> CucStart:
        return initial_records(self.company)
