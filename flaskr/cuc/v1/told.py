"""What an error answer of Unity Connection tells: in JSON, in XML, or in nothing but its status."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from flaskr.rest.v1.calls import Answer, Call
from flaskr.rest.v1.formats import JSON, XML, Document, Unreadable

SECRET = "Credentials"  # the PIN, in what is sent
MOST_CHARACTERS = 300  # of a message


class ToldError(NamedTuple):
    """The code and the message of an error, `""` where it has none."""

    code: str
    message: str


def told_by(answer: Answer) -> ToldError:
    """Return the first code and the first message in an error answer, whatever stands around them.

    The root's name differs, and `errors` is an object or a list. What is not printable is left out,
    and so is the PIN that was sent, should it be repeated.
    """
    document = _document(answer)
    code, message = (next(_texts(document, name), "") for name in ("code", "message"))
    secret = _secret_in(answer.call)
    return ToldError(_shown(code, secret), _shown(message, secret))


def _document(answer: Answer) -> Document:
    """Return what stands in the body; nothing where it is a page for people, such as Tomcat's."""
    if "html" in answer.headers.get("Content-Type", ""):
        return {}
    for each in (JSON(), XML(list_count="total")):
        with suppress(Unreadable):
            document = each.read(answer.body)
            return {} if "html" in document else document
    return {}


def _texts(value: Any, name: str) -> Iterator[str]:
    """Yield the texts that have a name, however deep they stand."""
    if isinstance(value, list):
        for inner in value:
            yield from _texts(inner, name)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == name and isinstance(inner, str) and inner:
                yield inner
            yield from _texts(inner, name)


def _secret_in(call: Call) -> str:
    """Return the PIN that was sent."""
    with suppress(Unreadable):
        body = call.body if isinstance(call.body, bytes) else b""
        return str(JSON().read(body).get(SECRET) or "")
    return ""


def _shown(text: str, secret: str) -> str:
    hidden = text.replace(secret, "…") if secret else text
    printable = "".join(filter(str.isprintable, " ".join(hidden.split())))
    return printable if len(printable) <= MOST_CHARACTERS else f"{printable[:MOST_CHARACTERS]}…"
