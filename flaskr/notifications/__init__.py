"""What a Webex room is told: changes of Spaces, plans that were applied, servers that are away."""

from collections.abc import Iterable

from flask import Flask

from flaskr.notifications.notifications import Notifications
from flaskr.notifications.outbox import Outbox
from flaskr.rest.v1.rest import REST
from flaskr.webex.v1.texts import MOST_BYTES
from flaskr.webex.v1.webex import Webex


def add_notifications(app: Flask, clients: Iterable[REST]) -> None:
    """Have the app tell its Webex room of changes and of the clients' servers.

    Where it has no room, nothing comes of it. Call it after audit and metrics were added.
    """
    webex: Webex | None = app.extensions.get("webex")
    app.extensions["notifications"] = Notifications(None)
    if webex is None or not webex.has_room:
        return
    metrics = app.extensions["metrics"]
    # The outbox alone sends again: it has the time for it.
    once = webex.probe(webex.places[0], webex.timeout)
    outbox = Outbox(once.post_to_room, MOST_BYTES, metrics.note_notifications)
    app.extensions["notifications"] = notifications = Notifications(outbox)
    metrics.show_waiting(lambda: notifications.waiting)
    app.extensions["audit"].on_line.append(notifications.note_change)
    for client in clients:
        if client is not webex:
            notifications.watch(client)
