"""What faults do to the way that an answer is sent: one function each, with the answer and a value.
"""

from __future__ import annotations

import gzip as compression
import secrets

from flaskr.pod.wire.exchange import OutgoingAnswer

COOKIE_BYTES = 1000


def cut(answer: OutgoingAnswer, share: float) -> None:
    """Close the connection after that share of the answer's bytes; 0 is none at all."""
    answer.share = share


def reset(answer: OutgoingAnswer, share: float) -> None:
    """Close it as `cut` does, by a TCP reset."""
    answer.share, answer.reset = share, True


def hang_up(answer: OutgoingAnswer, _: None) -> None:
    """Promise in a whole answer to keep the connection, and close it."""
    answer.hang_up = True


def length(answer: OutgoingAnswer, difference: int) -> None:
    """Announce more bytes than there are (and cut the connection), or fewer."""
    answer.length_error = difference


def chunk_size(answer: OutgoingAnswer, wording: str) -> None:
    """Send the body in one chunk, which says this of its size."""
    answer.headers["Transfer-Encoding"] = "chunked"
    size = wording.encode("latin-1", "replace")
    answer.body = size + b"\r\n" + answer.body + b"\r\n0\r\n\r\n"


def gzip(answer: OutgoingAnswer, _: None) -> None:
    """Compress the body, whether the client accepts that or not."""
    answer.headers["Content-Encoding"] = "gzip"
    answer.body = compression.compress(answer.body)


def cookies(answer: OutgoingAnswer, count: int) -> None:
    """Set large cookies, with other names each time."""
    answer.cookies += [f"pod6-{secrets.token_hex(8)}={'x' * COOKIE_BYTES}" for _ in range(count)]


def interim(answer: OutgoingAnswer, count: int) -> None:
    """Send interim answers first, which say that another one follows (RFC 9110, section 15.2)."""
    answer.interim = count


def twice(answer: OutgoingAnswer, seconds: float) -> None:
    """Send the answer once more, which nobody has asked for."""
    answer.again = seconds


def late(answer: OutgoingAnswer, seconds: float) -> None:
    """Wait before the first byte."""
    answer.delay += seconds


def slow(answer: OutgoingAnswer, bytes_a_second: float) -> None:
    """Send a few bytes a second."""
    answer.rate = bytes_a_second
