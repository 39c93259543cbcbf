"""Faults that every server has, each in its own words: what a 401 says, what lists call a total."""

from __future__ import annotations

from dataclasses import replace as with_changes
from urllib.parse import urlencode

from flaskr.pod.faults.fault_kind import FaultyServer
from flaskr.pod.faults.replacements import replace
from flaskr.pod.wire.exchange import OutgoingAnswer, ReceivedRequest


def status(answer: OutgoingAnswer, code: int, server: FaultyServer) -> None:
    """Answer with a status and no body; a 401 as the server itself says it."""
    replace(answer, code)
    if code == 401:
        answer.headers = dict(server.challenge())


def busy(answer: OutgoingAnswer, retry_after: str | None, server: FaultyServer) -> None:
    """Answer that there is too much to do, with Retry-After where there is a value."""
    said = server.busy()
    replace(answer, said.status, body=said.body)
    answer.headers = dict(said.headers)
    if retry_after is not None:
        answer.headers["Retry-After"] = retry_after


def no_total(answer: OutgoingAnswer, _: None, server: FaultyServer) -> None:
    """Say in a list nothing of how many entries there are."""
    answer.body = server.with_total(answer.body, None)


def total(answer: OutgoingAnswer, wording: str, server: FaultyServer) -> None:
    """Say in a list something else of how many entries there are."""
    answer.body = server.with_total(answer.body, wording)


def same_page(request: ReceivedRequest, _: None, server: FaultyServer) -> ReceivedRequest:
    """Return the request without the place at which the page is to begin."""
    kept = [pair for pair in request.parameters() if pair[0] not in server.offset_parameters]
    return with_changes(request, query=urlencode(kept))
