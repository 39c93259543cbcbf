"""What callers may send, for any resource: form, JSON and query become checked values."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl

from flask import current_app, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from flaskr.fields import Fields, SettableField
from flaskr.spelling import is_blank, is_unprintable

FORM = "application/x-www-form-urlencoded"


def arguments(fields: Fields) -> dict[str, str]:
    """Return the values of fields that the request really sent: as form, JSON or in the query.

    A value that was sent empty is returned empty. Raises BadRequest (400) with what is wrong with
    which of them, RequestEntityTooLarge (413) and UnsupportedMediaType (415).
    """
    found: dict[str, str] = {}
    for name, value in _sent():
        if name not in fields:
            known = ", ".join(fields)
            raise BadRequest(f'There is no parameter "{_shown(name)}". There are: {known}.')
        if name in found:
            raise BadRequest(f"{name} was sent more than once.")
        found[name] = _checked(fields[name], value)
    return found


def _sent() -> Iterator[tuple[str, Any]]:
    """Yield the names and values that the request brought, wherever they stand in it."""
    yield from _form_pairs(request.query_string)
    body = _body()
    if not body:
        return
    reader = _BODY_READERS.get(request.mimetype or "")
    if reader is None:
        raise UnsupportedMediaType(f"Send the arguments as one of: {', '.join(_BODY_READERS)}.")
    yield from reader(body)


def _body() -> bytes:
    """Return the whole body. Raises RequestEntityTooLarge (413), BadRequest for a wrong length.

    Werkzeug would pass a body that is sent in chunks on without what is above the limit.
    """
    if not (request.headers.get("Content-Length") or "0").isdecimal():
        raise BadRequest("The header Content-Length is not a number.")
    body = request.get_data(parse_form_data=False)
    if len(body) >= current_app.config["MAX_CONTENT_LENGTH"]:
        raise RequestEntityTooLarge
    return body


def _form_pairs(encoded: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            encoded.decode(), keep_blank_values=True, errors="strict", max_num_fields=100
        )
    except ValueError:
        raise BadRequest("The arguments are not a form in UTF-8, or far too many.") from None


def _multipart_pairs(_body: bytes) -> Iterable[tuple[str, str]]:
    if request.files:
        raise BadRequest(f'"{_shown(next(iter(request.files)))}" is a file; send text.')
    if not request.form:
        raise BadRequest("The body is not a multipart form.")
    return request.form.items(multi=True)


class _Object(list[tuple[str, Any]]):
    """A JSON object as its pairs, so that a name that stands in it twice is seen."""


def _json_pairs(body: bytes) -> _Object:
    try:
        document = json.loads(body, object_pairs_hook=_Object)
    except (ValueError, RecursionError):
        raise BadRequest("The body is not well-formed JSON.") from None
    if not isinstance(document, _Object):
        raise BadRequest('The body is JSON, but not an object such as {"name": "My Space"}.')
    return document


_BODY_READERS: dict[str, Callable[[bytes], Iterable[tuple[str, Any]]]] = {
    FORM: _form_pairs,
    "multipart/form-data": _multipart_pairs,
    "application/json": _json_pairs,
}


def _checked(field: SettableField, value: Any) -> str:
    text = _as_text(field, value)
    if text and is_blank(text):
        raise BadRequest(f'{field.name} has nothing but blanks. To unset it, send "".')
    text = field.clean(text)
    if is_unprintable(text):
        raise BadRequest(f"{field.name} has a control character, or is not UTF-8.")
    if text and field.choices and text not in field.choices:
        raise BadRequest(f"{field.name} takes one of: {', '.join(field.choices)}.")
    refusal = field.refuse(text) if text else None
    if refusal:
        raise BadRequest(f"{field.name} {refusal}.")
    return text


def _as_text(field: SettableField, value: Any) -> str:
    if type(value) in field.json_types:
        return json.dumps(value)
    if not isinstance(value, str):
        raise BadRequest(f'{field.name} takes text. To unset it, send "".')
    return value


def _shown(name: str) -> str:
    """Return a name that came from outside, short and printable."""
    return "".join(filter(str.isprintable, name))[:40]
