"""Answers of many rows: in the form that the caller accepts, and sent as they come."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from flask import Response, current_app, request, stream_with_context

from flaskr.api.v1.errors import failure_details
from flaskr.provisioning.written import Document, Report, csv, ndjson, whole_json
from flaskr.result import Failure

logger = logging.getLogger(__name__)

JSON, NDJSON, CSV = "application/json", "application/x-ndjson", "text/csv"
FORMS = (JSON, NDJSON, CSV)
PIECE_CHARACTERS = 16 * 1024


def accepted_form() -> str:
    """Return which of the forms the caller accepts best: JSON unless it says otherwise."""
    return request.accept_mimetypes.best_match(FORMS, JSON) or JSON


def streamed(
    report: Report, form: str, summary: Callable[[Report], Document], at_once: bool = False
) -> Response:
    """Return an answer that is sent as its rows come, `at_once` each, else so many together.

    Raises Failure where it fails before the first of them is here.
    """
    lines = _lines(report, form, summary)
    pieces = lines if at_once else _together(lines)
    whole = pieces if at_once else chain([next(pieces)], pieces)
    if report.failure and not report.counts:
        raise report.failure
    answer = Response(stream_with_context(_logged(report, whole)), mimetype=form)
    answer.headers["X-Accel-Buffering"] = "no"  # nginx would keep rows back
    if form == CSV:
        answer.headers["Content-Disposition"] = f'attachment; filename="{report.name}.csv"'
    return answer


def failure_in_stream(failure: Failure) -> Document:
    """Return what a stream says of what failed in its middle."""
    return {**failure_details(failure), "message": failure.message}


def _lines(report: Report, form: str, summary: Callable[[Report], Document]) -> Iterator[str]:
    if form == JSON:
        return whole_json(report, summary)
    return ndjson(report) if form == NDJSON else csv(report)


def _together(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines in pieces that are worth sending."""
    kept: list[str] = []
    characters = 0
    for line in lines:
        kept.append(line)
        characters += len(line)
        if characters >= PIECE_CHARACTERS:
            yield "".join(kept)
            kept, characters = [], 0
    yield "".join(kept)


def _logged(report: Report, pieces: Iterable[str]) -> Iterator[str]:
    """Log what a stream came to, also where its caller has gone."""
    start = time.monotonic()
    try:
        yield from pieces
    finally:
        current_app.extensions["metrics"].note_rows(report.name, report.counts)
        logger.info(
            "stream name=%s counts=%s failure=%s ms=%.0f",
            report.name,
            ",".join(f"{kind}:{count}" for kind, count in report.counts.items()),
            report.failure.code if report.failure else "-",
            (time.monotonic() - start) * 1000,
        )
