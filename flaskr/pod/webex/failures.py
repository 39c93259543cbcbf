"""How Webex says that a request can't be done."""

from __future__ import annotations

import json
import uuid


class WebexFailure(Exception):
    """A request that Webex refuses, with a status and a sentence."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status, self.description = status, description


def new_tracking_id() -> str:
    """Return what an answer is found by in the logs of Webex."""
    return f"ROUTER_{str(uuid.uuid4()).upper()}"


def failure_body(description: str, tracking_id: str) -> bytes:
    """Return the body that says why not."""
    errors = [{"description": description}]
    said = {"message": description, "errors": errors, "trackingId": tracking_id}
    return json.dumps(said).encode()
