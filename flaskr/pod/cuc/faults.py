"""The faults that only a Unity Connection has."""

from __future__ import annotations

import re
from contextlib import suppress

from flaskr.pod.checks import choice, pattern
from flaskr.pod.cuc.documents import JsonWriter, XmlWriter
from flaskr.pod.cuc.failures import BAD_PIN, CucFailure
from flaskr.pod.cuc.mailboxes import Mailboxes
from flaskr.pod.cuc.pages import HTML, exception_page
from flaskr.pod.faults.fault_kind import FaultKind, FaultyServer
from flaskr.pod.faults.replacements import replace
from flaskr.pod.wire.exchange import OutgoingAnswer, ReceivedRequest

_MAILBOX = re.compile(r"/users/([0-9a-f-]+)", re.IGNORECASE)


def details(answer: OutgoingAnswer, code: str) -> None:
    """Answer 400 with that code, in the format of the answer that it replaces."""
    json = answer.headers.get("Content-Type", "") == JsonWriter.content_type
    writer = JsonWriter() if json else XmlWriter()
    body = writer.details(code, f"{code}, as a fault of the simulated pod.")
    replace(answer, 400, writer.content_type, body.encode())


def exception(answer: OutgoingAnswer, status: str) -> None:
    """Answer with the page of an exception that nobody caught."""
    replace(answer, int(status), HTML, exception_page(int(status)).encode())


def mailbox_vanishes(
    request: ReceivedRequest, _: None, server: FaultyServer
) -> ReceivedRequest:
    """Remove the mailbox that the request is for, or for something of it."""
    found = _MAILBOX.search(request.path)
    if found:
        with suppress(CucFailure):
            Mailboxes(server.state).delete(found[1])
    return request


CUC_KINDS: dict[str, FaultKind] = {
    "details": FaultKind(
        "400 with this code in the error's details",
        pattern(re.compile(r"[A-Z_]{1,60}"), "a code in capital letters"), BAD_PIN,
        takes_effect=False, damage=details,
    ),
    "exception": FaultKind(
        "Tomcat's page of an exception, with this status", choice("500", "404", "401"), "500",
        takes_effect=False, damage=exception,
    ),
    "mailbox_vanishes": FaultKind(
        "the mailbox that the request is for is removed just before", prepare=mailbox_vanishes
    ),
}
