"""What faults put in an answer's place: one function each, with the answer and a value."""

from __future__ import annotations

from flaskr.pod.wire.exchange import OutgoingAnswer

_HTML = b"<!DOCTYPE html><html><title>Sign in</title><body><p>Please sign in<br></body></html>"


def replace(
    answer: OutgoingAnswer, status: int, content_type: str = "", body: bytes = b""
) -> None:
    """Put another answer in this one's place."""
    answer.status, answer.body = status, body
    answer.cookies = []
    answer.headers = {"Content-Type": content_type} if content_type else {}


def redirect(answer: OutgoingAnswer, place: str) -> None:
    """Answer 302 to another place."""
    replace(answer, 302)
    answer.headers["Location"] = place


def html(answer: OutgoingAnswer, code: int) -> None:
    """Answer with a page for people, as proxies and sign-on portals send it."""
    replace(answer, code, "text/html; charset=utf-8", _HTML)


def json(answer: OutgoingAnswer, code: int) -> None:
    """Answer with JSON instead of XML."""
    replace(answer, code, "application/json", b'{"coSpaces": {"total": 0}}')


def text(answer: OutgoingAnswer, code: int) -> None:
    """Answer with plain text instead of XML."""
    replace(answer, code, "text/plain", b"Service is starting\n")


def other_root(answer: OutgoingAnswer, code: int) -> None:
    """Answer with sound XML of another kind than was asked for."""
    replace(answer, code, "text/xml", b'<?xml version="1.0"?><unexpected><a>1</a></unexpected>')
