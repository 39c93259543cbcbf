"""What the simulated Webex remembers: rooms, and the last messages in them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone

from flaskr.pod.company import guid_for
from flaskr.pod.database import Database, Record
from flaskr.pod.service import ServerState
from flaskr.pod.webex.people import BOT, WebexPerson, webex_id
from flaskr.pod.webex.switches import WebexSwitches

KEPT_MESSAGES = 1000
CREATED = "2026-01-12T08:30:00.000Z"
# The group rooms of the start, two of them with one title, and whether the bot is in them.
_ROOMS = (
    ("Space changes", True), ("Help desk", True), ("Space changes", True), ("LTRCOL-2574", True),
    ("Board", False),
)


def _room(number: int, title: str, joined: bool) -> Record:
    return Record(webex_id("ROOM", guid_for(f"Webex room {number}")), {
        "title": title, "type": "group", "created": CREATED, "lastActivity": CREATED,
        "creatorId": webex_id("PEOPLE", guid_for(f"Webex maker of room {number}")),
        "joined": str(joined).lower(),
    })


ROOMS = tuple(_room(number, *each) for number, each in enumerate(_ROOMS))
# The room for a portal, and the ID of the incoming webhook into it.
ROOM_ID = ROOMS[0].id
WEBHOOK_ID = webex_id("WEBHOOK", guid_for("Webex webhook of room 0"))


class WebexState(ServerState):
    """Rooms and messages. A direct room's `person` is the ID of whom the bot talks to."""

    def __init__(self, switches: WebexSwitches) -> None:
        self._switches = switches
        self._database = Database()
        self._rooms = self._database.table("rooms")
        self._messages = self._database.table("messages")
        self.reset()

    def reset(self) -> None:
        """Go back to the rooms of the start, without a message."""
        with self._database.attempt():
            self._database.clear()
            self._rooms.fill(ROOMS)

    @contextmanager
    def attempt(self, *, keep: bool) -> Iterator[None]:
        """Keep all to this thread meanwhile; undo what was done unless `keep`."""
        with self._database.attempt(keep=keep):
            yield

    def rooms(self) -> list[Record]:
        """Return all rooms as they were made, whoever is in them."""
        return self._rooms.page()

    def room(self, room_id: str) -> Record | None:
        """Return the room with that ID."""
        return self._rooms.get(room_id)

    def is_bot_in(self, room: Record) -> bool:
        """Return whether the bot is in a room."""
        joined = room.values["joined"] == "true"
        return joined and (room.id != ROOM_ID or self._switches.webex_bot_in_room)

    def room_with(self, person: WebexPerson) -> Record:
        """Return the direct room of the bot and a person, which is opened where there is none."""
        for room in self._rooms.having("person", person.id):
            return room
        now = _now()
        room = Record(webex_id("ROOM", str(uuid.uuid4())), {
            "title": person.name or person.email, "type": "direct", "created": now,
            "lastActivity": now, "creatorId": BOT.id, "joined": "true", "person": person.id,
        })
        self._rooms.put(room)
        return room

    def message(self, message_id: str) -> Record | None:
        """Return the message with that ID, unless so many came after it that it is gone."""
        return self._messages.get(message_id)

    def messages_in(self, room: Record) -> list[Record]:
        """Return the messages in a room, the newest first."""
        return self._messages.having("roomId", room.id)[::-1]

    def post(self, room: Record, by: WebexPerson, values: Mapping[str, str]) -> Record:
        """Add a message to a room, and return it."""
        now = _now()
        message = Record(webex_id("MESSAGE", str(uuid.uuid4())), {
            "roomId": room.id, "roomType": room.values["type"], **values,
            "personId": by.id, "personEmail": by.email, "created": now,
        })
        self._messages.put(message)
        self._rooms.put(Record(room.id, {**room.values, "lastActivity": now}))
        for oldest in self._messages.page(0, max(0, len(self._messages) - KEPT_MESSAGES)):
            self._messages.remove(oldest.id)
        return message


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
