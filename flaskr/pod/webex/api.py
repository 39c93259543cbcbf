"""The API of the simulated Webex, as of developer.webex.com: messages, rooms, one's self, webhooks.

What it leaves out: the HTML that Webex makes of markdown, and files that are sent along.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from flaskr.pod.bare_app import bare_app
from flaskr.pod.database import Record
from flaskr.pod.webex.failures import WebexFailure, failure_body, new_tracking_id
from flaskr.pod.webex.messages import content_of, post_of
from flaskr.pod.webex.people import BOT, WEBHOOK, WebexPeople
from flaskr.pod.webex.state import CREATED, ROOM_ID, WEBHOOK_ID, WebexState
from flaskr.pod.webex.switches import WebexSwitches

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

BASE = "/v1"
INCOMING = f"{BASE}/webhooks/incoming/"
USUAL_MAX, MOST = 100, 1000
TYPES = ("direct", "group")
# What a list can be sorted by: a room's value for each. The latest comes first, the least ID too.
SORTED_BY = {"id": "", "lastactivity": "lastActivity", "created": "created"}
CURSOR = re.compile(r"start=(\d{1,9})")
NO_ROOM = "Could not find a room with provided ID."
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class WebexApi:
    """The views of Webex, on its state. `token` is that of the bot."""

    def __init__(
        self, state: WebexState, switches: WebexSwitches, people: WebexPeople, token: str, url: str
    ) -> None:
        self._state, self._switches, self._people = state, switches, people
        self._token, self._url = token, url

    def app(self) -> WSGIApplication:
        """Return the WSGI app."""
        app = bare_app(__name__)
        app.before_request(self._refuse_strangers)
        app.register_error_handler(WebexFailure, _failed)
        app.register_error_handler(HTTPException, _refused)
        app.after_request(_with_tracking_id)
        app.add_url_rule(f"{BASE}/messages", "post", self._post, methods=["POST"])
        app.add_url_rule(f"{BASE}/rooms", "rooms", self._rooms, methods=["GET"])
        app.add_url_rule(f"{BASE}/people/me", "me", self._me, methods=["GET"])
        app.add_url_rule(f"{INCOMING}<webhook_id>", "incoming", self._incoming, methods=["POST"])
        return app

    def _refuse_strangers(self) -> None:
        g.tracking_id = new_tracking_id()
        given = request.authorization
        if request.path.startswith(INCOMING):
            return
        if not given or given.type != "bearer" or given.token != self._token:
            raise WebexFailure(
                401, "The request requires a valid access token set in the Authorization header."
            )

    def _me(self) -> Response:
        return jsonify(
            id=BOT.id, emails=[BOT.email], displayName=BOT.name, created=CREATED, type="bot"
        )

    def _post(self) -> Response:
        post = post_of(_json_body())
        room = self._room_for(post.recipient, post.address)
        parent = self._state.message(post.values.get("parentId", ""))
        if "parentId" in post.values and (parent is None or parent.values["roomId"] != room.id):
            raise WebexFailure(400, "parentId is of no message in this room.")
        return jsonify(shown_message(self._state.post(room, BOT, post.values)))

    def _room_for(self, recipient: str, address: str) -> Record:
        if recipient == "roomId":
            room = self._state.room(address)
            if room is None or not self._state.is_bot_in(room):
                raise WebexFailure(404, NO_ROOM)
            return room
        person = self._people.find(recipient, address)
        if person is None:
            status = int(self._switches.webex_unknown_person)
            raise WebexFailure(status, "Could not find a person with provided ID or email.")
        return self._state.room_with(person)

    def _incoming(self, webhook_id: str) -> Response:
        if webhook_id != WEBHOOK_ID:
            raise WebexFailure(404, "Could not find an incoming webhook with provided ID.")
        values = content_of(request.form if request.mimetype in FORMS else _json_body())
        room = self._state.room(ROOM_ID)
        assert room is not None
        self._state.post(room, WEBHOOK, values)
        return Response(status=204)

    def _rooms(self) -> Response:
        name = SORTED_BY[_word("sortBy", tuple(SORTED_BY), "created")]
        wanted = _word("type", TYPES, "")
        found = [room for room in self._state.rooms() if self._state.is_bot_in(room)]
        found = [room for room in found if not wanted or room.values["type"] == wanted]
        if "teamId" in request.args:
            found = []  # no room here is one of a team
        found.sort(key=lambda room: room.values.get(name, room.id), reverse=bool(name))
        return self._page(found)

    def _page(self, rooms: list[Record]) -> Response:
        """Return the page of a list that `max` and `cursor` ask for."""
        most, begin = _most(), _place(request.args.get("cursor", ""))
        end = begin + most
        answer = jsonify(items=list(map(shown_room, rooms[begin:end])))
        if end < len(rooms):
            answer.headers["Link"] = f'<{self._next(most, end)}>; rel="next"'
        return answer

    def _next(self, most: int, begin: int) -> str:
        cursor = base64.urlsafe_b64encode(f"start={begin}".encode()).decode()
        kept = {name: text for name, text in request.args.items() if name in ("type", "sortBy")}
        shown = "null" if self._switches.webex_null_max else str(most)
        return f"{self._url}/rooms?{urlencode({**kept, 'max': shown, 'cursor': cursor})}"


def shown_room(room: Record) -> dict[str, Any]:
    """Return a room as the API shows it."""
    shown = {name: room.values[name] for name in ("title", "type")}
    times = {name: room.values[name] for name in ("lastActivity", "creatorId", "created")}
    return {"id": room.id, **shown, "isLocked": False, **times}


def shown_message(message: Record) -> dict[str, Any]:
    """Return a message as the API shows it."""
    lists = {
        name: json.loads(message.values[name])
        for name in ("files", "attachments") if name in message.values
    }
    return {"id": message.id, **message.values, **lists}


def _json_body() -> Mapping[str, Any]:
    if request.mimetype != "application/json":
        raise WebexFailure(415, "The Content-Type has to be application/json.")
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise WebexFailure(400, "The body is no JSON object.")
    return given


def _word(name: str, known: tuple[str, ...], default: str) -> str:
    word = request.args.get(name, default)
    if word not in (*known, default):
        raise WebexFailure(400, f"{name} has to be one of {', '.join(known)}.")
    return word


def _most() -> int:
    """Return how many entries a page is to have; too many are cut without a word."""
    text = request.args.get("max", str(USUAL_MAX))
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text)):
        raise WebexFailure(400, "max has to be a whole number from 1 on.")
    return min(int(text), MOST)


def _place(cursor: str) -> int:
    """Return at which room a page begins."""
    if not cursor:
        return 0
    try:
        found = CURSOR.fullmatch(base64.urlsafe_b64decode(cursor).decode())
    except ValueError:
        found = None
    if found is None:
        raise WebexFailure(400, "cursor is none that a Link header has given.")
    return int(found[1])


def _failed(failure: Exception) -> Response:
    assert isinstance(failure, WebexFailure)
    body = failure_body(failure.description, g.tracking_id)
    return Response(body, failure.status, content_type="application/json;charset=UTF-8")


def _refused(error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _failed(WebexFailure(error.code or 500, error.description or error.name))


def _with_tracking_id(answer: Response) -> Response:
    answer.headers["trackingId"] = g.tracking_id
    return answer
