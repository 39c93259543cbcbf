"""Who is known to Webex: the employees that have an e-mail address, and the portal's bot."""

from __future__ import annotations

import base64
from functools import cached_property
from typing import NamedTuple

from flaskr.pod.company import Company, Employee, directory_id, guid_for


def webex_id(kind: str, guid: str) -> str:
    """Return an ID as Webex writes it; kind: such as ROOM, MESSAGE, PEOPLE."""
    place = f"ciscospark://us/{kind}/{guid}"
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


class WebexPerson(NamedTuple):
    """A person, a bot, or what else writes messages."""

    id: str
    email: str
    name: str


BOT = WebexPerson(
    webex_id("PEOPLE", guid_for("Webex bot")), "spaces@bot.pod6.example", "Spaces of pod6"
)
# Whose the messages are that came by an incoming webhook.
WEBHOOK = WebexPerson(
    webex_id("PEOPLE", guid_for("Webex webhook")), "incoming@webhook.pod6.example", "Webhook"
)


class WebexPeople:
    """The employees of a company, wherever their home cluster is."""

    def __init__(self, company: Company) -> None:
        self._company = company

    def find(self, name: str, value: str) -> WebexPerson | None:
        """Return who has this as toPersonEmail, case-insensitive, or as toPersonId."""
        if name == "toPersonId":
            return self._by_id.get(value)
        return self._by_email.get(value.lower())

    @cached_property
    def _by_email(self) -> dict[str, WebexPerson]:
        employees = (*self._company.employees, *self._company.elsewhere)
        return {each["email"].lower(): _person(each) for each in employees if each.get("email")}

    @cached_property
    def _by_id(self) -> dict[str, WebexPerson]:
        return {person.id: person for person in self._by_email.values()}


def _person(user: Employee) -> WebexPerson:
    whole = f"{user['firstName']} {user['lastName']}".strip()
    person_id = webex_id("PEOPLE", directory_id(user["userName"]))
    return WebexPerson(person_id, user["email"], user["displayName"] or whole)
