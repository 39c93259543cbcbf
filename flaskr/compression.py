"""Answers compressed with gzip, for callers who take it.

There are no cookies, so no other site can have answers sent whose lengths would tell a secret.
"""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from flask import Flask, Response, request

GZIP = "gzip"
LEAST_BYTES = 1024  # below, it is hardly worth it
_LEVEL = 6
_KEPT_FILES = 64  # compressed once, and kept
_TEXTS = (
    "text/", "application/json", "application/javascript", "application/x-ndjson", "image/svg"
)
_GZIP_FORMAT = 16 + zlib.MAX_WBITS


def compress_answers(app: Flask) -> None:
    """Have the app compress texts; those that are streamed piece by piece."""
    app.after_request(_compress)


def _compress(answer: Response) -> Response:
    if not (answer.mimetype or "").startswith(_TEXTS):
        return answer
    answer.vary.add("Accept-Encoding")
    if not _is_wanted(answer):
        return answer
    if answer.is_streamed and not answer.direct_passthrough:
        answer.response = _pieces(answer.response)
    elif (answer.content_length or 0) >= LEAST_BYTES:
        _compress_whole(answer)
    else:
        return answer
    answer.headers["Content-Encoding"] = GZIP
    return answer


def _is_wanted(answer: Response) -> bool:
    return (
        request.method != "HEAD"
        and answer.status_code == 200
        and "Content-Encoding" not in answer.headers
        and request.accept_encodings.quality(GZIP) > 0
        and GZIP in {encoding.lower() for encoding, _ in request.accept_encodings}
    )


def _compress_whole(answer: Response) -> None:
    """Compress a body that is known. A file is what its ETag says, so it is compressed once."""
    is_file = answer.direct_passthrough
    answer.direct_passthrough = False
    body = answer.get_data()
    etag, _ = answer.get_etag()
    if is_file and etag:
        answer.set_data(_file(etag, body))
        answer.set_etag(etag, weak=True)
    else:
        answer.set_data(gzip.compress(body, _LEVEL))


@lru_cache(_KEPT_FILES)
def _file(_etag: str, body: bytes) -> bytes:
    return gzip.compress(body, 9)


def _pieces(pieces: Iterable[Any]) -> Iterator[bytes]:
    """Yield each piece compressed, whole: who reads it need not wait for the next."""
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_FORMAT)
    try:
        for piece in pieces:
            data = piece.encode() if isinstance(piece, str) else piece
            yield compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH)
        yield compressor.flush()
    finally:
        close = getattr(pieces, "close", None)
        if close:
            close()
