"""What callers may send, for any resource: form, JSON and query become checked values."""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from flask import request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from flaskr.fields import BadValue, Field, Fields, SettableField, checked
from flaskr.spelling import printable

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
_OF_ANSWERS = ("success", "message", "response", "error")
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
    _refuse_in_query(fields)
    return _sorted_out(_unwrapped(_sent(), root), fields, options)


class Sent(NamedTuple):
    """A list that a request brought, and how to do it.

    `document` is what stood in JSON, or the bytes of a body of another kind, `kind`; None where
    there was none.
    """

    options: Arguments
    kind: str
    document: Any


def options_and_list(options: Fields, name: str, kinds: Collection[str]) -> Sent:
    """Return a list with its options, from query and body.

    The body is JSON, a list or an object with the list as its member `name`; or a form, where the
    list is a text; or of one of the other `kinds`, and then only the query has options.

    Raises what `arguments` does.
    """
    pairs, kind, body = _form_pairs(request.query_string), request.mimetype or "", _body()
    if kind in kinds and body:
        return Sent(_sorted_out(pairs, {}, options), kind, body)
    if kind == JSON and body:
        members = _members(_json(body, _once_each), name)
        pairs += [(key, value) for key, value in members.items() if key != name]
        return Sent(_sorted_out(pairs, {}, options), kind, members.get(name))
    pairs += _pairs_in(body, (*kinds, *_BODY_READERS))
    listed = [value for key, value in pairs if key == name]
    others = [pair for pair in pairs if pair[0] != name]
    return Sent(_sorted_out(others, {}, options), FORM, "\n".join(listed) or None)


def _members(document: Any, name: str) -> dict[str, Any]:
    """Return what stands in a JSON body: the list itself, or an object with it.

    It may be an answer of the portal, with the list in its `response`; where that says whether the
    list is complete, all of it is returned. What callers have written beside it counts too.
    """
    if not isinstance(document, dict):
        return {name: document}
    answered = document.get("response")
    if not isinstance(answered, dict) or name not in answered:
        return document
    beside = {key: value for key, value in document.items() if key not in _OF_ANSWERS}
    return {**beside, name: answered if "complete" in answered else answered[name]}


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object. Raises BadRequest for a name that stands in it twice."""
    members = dict(pairs)
    if len(members) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        raise BadRequest(f"{printable(counts.most_common(1)[0][0])} was sent more than once.")
    return members


def _refuse_in_query(fields: Mapping[str, Field]) -> None:
    """Raise BadRequest for what must not stand in an address."""
    for name, _ in _form_pairs(request.query_string):
        if getattr(fields.get(name), "body_only", False):
            raise BadRequest(f"{name} must not stand in the address: send it in the body.")


def _sorted_out(
    pairs: Iterable[tuple[str, Any]], fields: Mapping[str, Field], options: Fields
) -> Arguments:
    """Return names and values as arguments. Raises BadRequest."""
    found = Arguments({}, {}, {})
    for name, value in pairs:
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
    yield from _pairs_in(_body(), _BODY_READERS)


def _pairs_in(body: bytes, kinds: Iterable[str]) -> Iterable[tuple[str, Any]]:
    """Return the names and values of the request's body.

    `kinds` are those of bodies that are named where it is another.
    """
    if not body:
        return ()
    reader = _BODY_READERS.get(request.mimetype or "")
    if reader is None:
        raise UnsupportedMediaType(f"Send the arguments as one of: {', '.join(kinds)}.")
    return reader(body)


def _body() -> bytes:
    """Return the whole body, which can be read once.

    Raises RequestEntityTooLarge (413), BadRequest for a wrong length.
    Werkzeug would pass a body that is sent in chunks on without what is above the limit.
    """
    if not (request.headers.get("Content-Length") or "0").isdecimal():
        raise BadRequest("The header Content-Length is not a number.")
    is_multipart = request.mimetype == "multipart/form-data"  # which is read once more
    body = request.get_data(cache=is_multipart, parse_form_data=False)
    if request.max_content_length is not None and len(body) >= request.max_content_length:
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
    document = _json(body, _Object)
    if not isinstance(document, _Object):
        raise BadRequest('The body is JSON, but not an object such as {"name": "My Space"}.')
    return document


def _json(body: bytes, objects: Callable[[list[tuple[str, Any]]], Any]) -> Any:
    try:
        return json.loads(body, object_pairs_hook=objects)
    except (ValueError, RecursionError):
        raise BadRequest("The body is not well-formed JSON.") from None


_BODY_READERS: dict[str, Callable[[bytes], Iterable[tuple[str, Any]]]] = {
    FORM: _form_pairs,
    "multipart/form-data": _multipart_pairs,
    JSON: _json_pairs,
}


def _checked(field: SettableField, value: Any) -> str:
    try:
        return checked(field, value)
    except BadValue as wrong:
        raise BadRequest(str(wrong)) from None
