"""The mail that the mail server has taken."""

from __future__ import annotations

import email
import email.policy
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from email.message import EmailMessage
from typing import Any

from flaskr.pod.database import Database, Record
from flaskr.pod.service import ServerState
from flaskr.pod.wire.smtp import SmtpSession

KEPT_MAIL = 1000


class MailState(ServerState):
    """The mail that came last, whoever it is for."""

    def __init__(self) -> None:
        self._database = Database()
        self._mail = self._database.table("mail")

    def reset(self) -> None:
        """Throw all mail away."""
        self._database.clear()

    @contextmanager
    def attempt(self, *, keep: bool) -> Iterator[None]:
        """Keep all to this thread meanwhile; undo what was done unless `keep`."""
        with self._database.attempt(keep=keep):
            yield

    def add(self, session: SmtpSession, source: bytes) -> str:
        """Add what was sent in a session, and return its ID."""
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        record = Record(uuid.uuid4().hex, {
            "received": now.replace("+00:00", "Z"),
            "from": session.sender or "",
            "to": json.dumps(session.recipients),
            "user": session.user,
            "tls": json.dumps(session.secure),
            "source": source.decode("latin-1"),
        })
        self._mail.put(record)
        for oldest in self._mail.page(0, max(0, len(self._mail) - KEPT_MAIL)):
            self._mail.remove(oldest.id)
        return record.id

    def shown(self) -> list[dict[str, Any]]:
        """Return all mail ready for JSON, the newest first.

        `from` and `to` are those of the envelope; `user` is who logged in to send it.
        """
        with self.attempt(keep=True):
            return list(map(_shown, self._mail.page()[::-1]))


def _shown(record: Record) -> dict[str, Any]:
    values, source = record.values, record.values["source"].encode("latin-1")
    return {
        "id": record.id,
        **values,
        "to": json.loads(values["to"]),
        "tls": json.loads(values["tls"]),
        **_contents(source),
        "source": source.decode("utf-8", "replace"),
    }


def _contents(source: bytes) -> dict[str, Any]:
    """Return a message's subject, its text and its headers, as well as they can be read."""
    try:
        message = email.message_from_bytes(source, policy=email.policy.default)
        headers = {name: str(value) for name, value in message.items()}
        subject = str(message["Subject"] or "")
        return {"subject": subject, "text": _text(message), "headers": headers}
    except Exception:  # whatever the library does not expect of a message
        return {"subject": "", "text": source.decode("utf-8", "replace"), "headers": {}}


def _text(message: EmailMessage) -> str:
    part = message.get_body(("plain", "html"))
    return "" if part is None else str(part.get_content()).replace("\r\n", "\n")
