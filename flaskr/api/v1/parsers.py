"""What callers may send, for any resource: form, JSON and query become checked values."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from flask import current_app, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from flaskr.fields import BadValue, Field, Fields, SettableField, checked
from flaskr.spelling import printable

FORM = "application/x-www-form-urlencoded"
ID = "@id"  # an object that has it was answered by the server
_PLAIN_NAME = re.compile(r"@?\w{1,60}", re.ASCII)
NO_OPTIONS: Fields = {}


class Arguments(NamedTuple):
    """What a request sent.

    `values` are those of fields that can be set, `shown` those of fields that only the server
    sets, and `options` say how to do it.
    """

    values: dict[str, str]
    shown: dict[str, Any]
    options: dict[str, str]

    @property
    def is_whole(self) -> bool:
        """Whether it is a whole object, as the server answered it."""
        return ID in self.shown

    def has(self, option: str) -> bool:
        """Return whether an option is `true`."""
        return self.options.get(option) == "true"


def arguments(
    fields: Mapping[str, Field], options: Fields = NO_OPTIONS, root: str = ""
) -> Arguments:
    """Return what the request really sent: as form, JSON or in the query.

    A value that was sent empty is returned empty. In JSON, the fields may stand in an object `root`
    too, as the server answers them. Raises BadRequest (400) with what is wrong with which of them,
    RequestEntityTooLarge (413) and UnsupportedMediaType (415).
    """
    found = Arguments({}, {}, {})
    for name, value in _unwrapped(_sent(), root):
        if any(name in part for part in found):
            raise BadRequest(f"{printable(name)} was sent more than once.")
        field = options.get(name) or fields.get(name)
        if isinstance(field, SettableField):
            place = found.options if name in options else found.values
            place[name] = _checked(field, value)
        else:
            found.shown[name] = value
    _refuse_unknown(found, {**fields, **options})
    return found


def _refuse_unknown(found: Arguments, fields: Mapping[str, Field]) -> None:
    """Raise BadRequest for a name that is no field's.

    An object that a server answered may have fields that only a newer release has.
    """
    for name in found.shown:
        if name not in fields and not (ID in fields and found.is_whole and _is_plain(name)):
            known = ", ".join(key for key, field in fields.items() if _is_settable(field))
            raise BadRequest(f'There is no parameter "{printable(name)}". There are: {known}.')


def _is_plain(name: str) -> bool:
    return _PLAIN_NAME.fullmatch(name) is not None


def _is_settable(field: Field) -> bool:
    return isinstance(field, SettableField)


def _unwrapped(pairs: Iterable[tuple[str, Any]], root: str) -> Iterator[tuple[str, Any]]:
    """Yield the names and values, those inside of the root object as if it were not there."""
    for name, value in pairs:
        if name == root and isinstance(value, _Object):
            yield from value
        else:
            yield name, value


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
        raise BadRequest(f'"{printable(next(iter(request.files)))}" is a file; send text.')
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
    try:
        return checked(field, value)
    except BadValue as wrong:
        raise BadRequest(str(wrong)) from None
