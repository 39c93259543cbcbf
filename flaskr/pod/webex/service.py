"""The simulated Webex, as the pod runs it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flaskr.pod.company import Company
from flaskr.pod.database import Record
from flaskr.pod.received import Inbox, Received
from flaskr.pod.service import Credential, WebService
from flaskr.pod.webex.api import BASE, INCOMING, WebexApi, shown_message, shown_room
from flaskr.pod.webex.failures import failure_body, new_tracking_id
from flaskr.pod.webex.people import WebexPeople
from flaskr.pod.webex.state import ROOM_ID, WEBHOOK_ID, WebexState
from flaskr.pod.webex.switches import WebexSwitches
from flaskr.pod.wire.exchange import OutgoingAnswer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

EXAMPLE_EMAIL = "pod6user1@pod6.example"


class WebexService(WebService):
    """A Webex with rooms in which a portal's bot is, and the employees to write to."""

    name = "webex"
    title = "Webex"
    base = BASE
    usual_port = 8449
    credential_options = (Credential("webex_token", "Pod6-lab-webex", "token of the Webex bot"),)
    switch_group = WebexSwitches
    offset_parameters = ("cursor",)

    def __init__(self, company: Company, credentials: Sequence[str]) -> None:
        super().__init__(company, credentials)
        [self.token] = credentials
        self.switches: WebexSwitches = WebexSwitches()
        self.state: WebexState = WebexState(self.switches)
        self.people = WebexPeople(company)

    def app(self, url: str) -> WSGIApplication:
        """Return the WSGI app; `url` stands in the addresses of next pages."""
        return WebexApi(self.state, self.switches, self.people, self.token, url).app()

    def busy(self) -> OutgoingAnswer:
        """Return what Webex says where there are too many requests."""
        tracking_id = new_tracking_id()
        headers = {"Content-Type": "application/json;charset=UTF-8", "trackingId": tracking_id}
        body = failure_body("Too many requests. Retry later.", tracking_id)
        return OutgoingAnswer(HTTPStatus.TOO_MANY_REQUESTS, headers, body)

    def settings(self, host: str, ports: Sequence[int], ca_file: str) -> dict[str, str]:
        """Return the settings WEBEX_..., for the messages of a bot."""
        own = f"[{host}]" if ":" in host else host
        return {
            "WEBEX_URL": f"https://{own}:{ports[0]}{BASE}",
            "WEBEX_TOKEN": self.token,
            "WEBEX_ROOM_ID": ROOM_ID,
            "WEBEX_TLS_VERIFY": ca_file,
        }

    def webhook(self, url: str) -> str:
        """Return the address of the incoming webhook, which posts into the same room."""
        return url.removesuffix(BASE) + INCOMING + WEBHOOK_ID

    def introduction(self, url: str, curl: str) -> str:
        """Return a paragraph for people."""
        login = f"-H {shlex.quote(f'Authorization: Bearer {self.token}')}"
        content, body = "-H 'Content-Type: application/json'", {"toPersonEmail": EXAMPLE_EMAIL}
        example = shlex.quote(json.dumps({**body, "markdown": "**Hello**"}))
        return f"""\
Webex is {url} (token {self.token}). In the place of WEBEX_TOKEN and WEBEX_ROOM_ID there can be
WEBEX_WEBHOOK={self.webhook(url)}

  {curl} {login} {url}/rooms
  {curl} {login} {content} -d {example} {url}/messages
  {curl} -d 'text=Hello' {self.webhook(url)}"""

    def inboxes(self) -> list[Inbox]:
        """Return the portal's room and the others with messages, the newest messages first."""
        with self.state.attempt(keep=True):
            by_activity = sorted(
                self.state.rooms(), key=lambda room: room.values["lastActivity"], reverse=True
            )
            found = [(room, self.state.messages_in(room)) for room in by_activity]
            return [_inbox(*each) for each in found if each[1] or each[0].id == ROOM_ID]

    def tables(self) -> Mapping[str, Callable[[], list[dict[str, Any]]]]:
        """Return what the control port shows: the rooms with their messages, the newest first."""
        return {"rooms": self._rooms}

    def _rooms(self) -> list[dict[str, Any]]:
        with self.state.attempt(keep=True):
            return [
                {
                    **shown_room(room),
                    "botInRoom": self.state.is_bot_in(room),
                    "messages": list(map(shown_message, self.state.messages_in(room))),
                }
                for room in self.state.rooms()
            ]


def _inbox(room: Record, messages: Sequence[Record]) -> Inbox:
    title = f"Webex, {room.values['type']} room: {room.values['title']}"
    return Inbox(title, list(map(_received, messages)))


def _received(message: Record) -> Received:
    values = message.values
    said = values.get("markdown") or values.get("text", "")
    beside = [values[name] for name in ("files", "attachments") if name in values]
    text = "\n".join(filter(None, [said, *beside]))
    return Received(values["created"], f"from {values['personEmail']}", "", text)
