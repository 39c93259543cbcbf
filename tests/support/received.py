"""What people got of a portal, as the simulated pod shows it on its control port."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.request import ProxyHandler, build_opener

from flask import Flask
from flask.testing import FlaskClient

from flaskr.notifications.notifications import Notifications
from flaskr.pod import Pod

PATIENCE_SECONDS = 10.0


def rooms(pod: Pod) -> list[dict[str, Any]]:
    """Return all rooms with their messages, the newest first."""
    return list(_shown(pod, "/rooms"))


def messages(pod: Pod) -> list[dict[str, Any]]:
    """Return the messages of all rooms, those of each the oldest first."""
    return [message for room in rooms(pod) for message in reversed(room["messages"])]


def lines(pod: Pod) -> list[str]:
    """Return the lines that the portal's room was told, in their order."""
    room_id = Pod.settings.__get__(pod)["WEBEX_ROOM_ID"]
    told = [each["markdown"] for each in messages(pod) if each["roomId"] == room_id]
    return "\n".join(told).split("\n") if told else []


def mails(pod: Pod) -> list[dict[str, Any]]:
    """Return the mail that was taken, the oldest first."""
    return list(reversed(_shown(pod, "/mail")))


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


def wait_until_told(portal: FlaskClient | Flask) -> None:
    """Wait until nothing waits to be told."""
    app = portal if isinstance(portal, Flask) else portal.application
    notifications: Notifications = app.extensions["notifications"]
    wait_for(lambda: notifications.waiting == 0)


def _shown(pod: Pod, path: str) -> Any:
    with build_opener(ProxyHandler({})).open(pod.control_url + path) as answer:
        return json.load(answer)
