"""What callers may send: the arguments of a Space, and the user ID in the path."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from unicodedata import category
from urllib.parse import parse_qsl

from flask import current_app, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from flaskr.spelling import is_blank

FORM = "application/x-www-form-urlencoded"
MAX_USERID_CHARACTERS = 128  # CUCM's own limit for a user ID

# The values of defaultLayout (API description, "Creating and Modifying a coSpace").
LAYOUTS = (
    "allEqual", "speakerOnly", "telepresence", "stacked", "allEqualQuarters", "allEqualNinths",
    "allEqualSixteenths", "allEqualTwentyFifths", "onePlusFive", "onePlusSeven", "onePlusNine",
    "automatic", "onePlusN",
)
USERID_HELP = (
    f"The user ID in CUCM, such as `pod6user1`: 1 to {MAX_USERID_CHARACTERS} characters, no @. The "
    "user's Space is the one that has it as its uri, or else the one that has it as its "
    "secondaryUri, letters' case aside."
)


@dataclass(frozen=True)
class SpaceParameter:
    """A parameter of a Space that callers may send, for the docs and for the check of its value.

    `without` says what a new Space gets without it. `refuse` returns what is wrong with a value
    that is not empty, or None where it is fine; `json_types` are taken in JSON beside strings.
    """

    name: str
    help: str
    without: str
    refuse: Callable[[str], str | None] = lambda value: None
    choices: tuple[str, ...] = ()
    json_types: tuple[type, ...] = ()


def _refuse_uri(value: str) -> str | None:
    return "takes the part before the @ only: CMS adds its own domain" if "@" in value else None


def _refuse_call_id(value: str) -> str | None:
    return None if value.isascii() and value.isdecimal() else "takes digits only"


# The limits are those of CMS (API description, "Creating and Modifying a coSpace").
SPACE_PARAMETERS = {
    parameter.name: parameter
    for parameter in (
        SpaceParameter(
            "name",
            "The name that people see in their clients, such as `New Pod6 User1 Space`. Spaces may "
            "have the same name.",
            "the display name in CUCM and `'s Space`",
        ),
        SpaceParameter(
            "uri",
            "What a SIP system dials, such as `pod6user1`: the part before the @. CMS keeps it in "
            "lower case. It must not be the uri or secondaryUri of another Space.",
            "the user ID",
            _refuse_uri,
        ),
        SpaceParameter(
            "secondaryUri",
            "A second uri for the same Space, such as the telephone number `+14085550101`. What "
            "holds for the uri holds for it too.",
            "the telephone number in CUCM, if there is one, without blanks, hyphens, dots and "
            "brackets",
            _refuse_uri,
        ),
        SpaceParameter(
            "callId",
            "The number to enter at the IVR or in the web client, such as `620100099`: digits "
            "only, and not the callId of another Space. CMS makes up a `secret` for guests' links "
            "with it.",
            "none",
            _refuse_call_id, json_types=(int,),
        ),
        SpaceParameter(
            "passcode",
            "The security code to enter, such as `135790`. CMS's dial-in security profile may ask "
            "for a least length.",
            "none",
            json_types=(int,),
        ),
        SpaceParameter(
            "defaultLayout",
            "The layout that new participants get, such as `allEqual`. In CMS's Web Admin "
            "interface, `speakerOnly` is called full screen, `telepresence` overlay, and `stacked` "
            "stack.",
            "CMS's own",
            choices=LAYOUTS,
        ),
        SpaceParameter(
            "nonMemberAccess",
            "Whether people who are no members of the Space may join, such as `true`.",
            "CMS's own, which is `true`",
            choices=("true", "false"), json_types=(bool,),
        ),
    )
}


def new_space_fields() -> dict[str, dict[str, Any]]:
    """Return the documentation of a new Space's arguments, for `api.doc`.

    They are form fields: a passcode is no part of a URL. Their examples stand in the text: what is
    marked as an example would be filled in on the page, and sent.
    """
    return {
        name: _form_field(parameter, f"{parameter.help} Left blank: {parameter.without}.")
        for name, parameter in SPACE_PARAMETERS.items()
    }


def changed_space_fields() -> dict[str, dict[str, Any]]:
    """Return the same for the arguments that change a Space, which may be sent empty."""
    return {
        name: {**_form_field(parameter, parameter.help), "allowEmptyValue": True}
        for name, parameter in SPACE_PARAMETERS.items()
    }


def _form_field(parameter: SpaceParameter, text: str) -> dict[str, Any]:
    field: dict[str, Any] = {"in": "formData", "type": "string", "description": text}
    return {**field, "enum": list(parameter.choices)} if parameter.choices else field


def space_arguments() -> dict[str, str]:
    """Return the arguments of a Space that the request really sent: as form, JSON or in the query.

    An argument that was sent empty is returned empty. Raises BadRequest (400) with what is wrong
    with which argument, and UnsupportedMediaType (415).
    """
    arguments: dict[str, str] = {}
    for name, value in _sent():
        if name not in SPACE_PARAMETERS:
            known = ", ".join(SPACE_PARAMETERS)
            raise BadRequest(f'There is no parameter "{_shown(name)}". There are: {known}.')
        if name in arguments:
            raise BadRequest(f"{name} was sent more than once.")
        arguments[name] = _checked(SPACE_PARAMETERS[name], value)
    return arguments


def refuse_userid(userid: str) -> str | None:
    """Return why a user ID can't be the uri of a Space, or None where it can."""
    if is_blank(userid) or len(userid) > MAX_USERID_CHARACTERS:
        return f"A user ID has 1 to {MAX_USERID_CHARACTERS} characters."
    if _unprintable(userid):
        return "The user ID has a control character, or is not UTF-8."
    if "@" in userid:
        return (
            f'The user ID "{userid}" has an @, so no Space can have it as its uri: a uri in CMS is '
            "the part before the @ only."
        )
    return None


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
        raise BadRequest("The header Content-Length is no number.")
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
        raise BadRequest("The body is no multipart form.")
    return request.form.items(multi=True)


class _Object(list[tuple[str, Any]]):
    """A JSON object as its pairs, so that a name that stands in it twice is seen."""


def _json_pairs(body: bytes) -> _Object:
    try:
        document = json.loads(body, object_pairs_hook=_Object)
    except (ValueError, RecursionError):
        raise BadRequest("The body is not well-formed JSON.") from None
    if not isinstance(document, _Object):
        raise BadRequest('The body is JSON, but no object such as {"name": "My Space"}.')
    return document


_BODY_READERS: dict[str, Callable[[bytes], Iterable[tuple[str, Any]]]] = {
    FORM: _form_pairs,
    "multipart/form-data": _multipart_pairs,
    "application/json": _json_pairs,
}


def _checked(parameter: SpaceParameter, value: Any) -> str:
    text = _as_text(parameter, value)
    if text and is_blank(text):
        raise BadRequest(f'{parameter.name} has nothing but blanks. To unset it, send "".')
    if parameter.refuse is _refuse_uri:
        text = text.strip()  # blanks around it are no part of a uri
    if _unprintable(text):
        raise BadRequest(f"{parameter.name} has a control character, or is not UTF-8.")
    if text and parameter.choices and text not in parameter.choices:
        raise BadRequest(f"{parameter.name} takes one of: {', '.join(parameter.choices)}.")
    refusal = parameter.refuse(text) if text else None
    if refusal:
        raise BadRequest(f"{parameter.name} {refusal}.")
    return text


def _as_text(parameter: SpaceParameter, value: Any) -> str:
    if type(value) in parameter.json_types:
        return json.dumps(value)
    if not isinstance(value, str):
        raise BadRequest(f'{parameter.name} takes text. To unset it, send "".')
    return value


def _unprintable(text: str) -> bool:
    """Tell whether a text has what XML or UTF-8 can't carry, or what decoding put in its place."""
    return any(
        category(character) in ("Cc", "Cs") or character in "\ufffd\ufffe\uffff"
        for character in text
    )


def _shown(name: str) -> str:
    """Return a name that came from outside, short and printable."""
    return "".join(filter(str.isprintable, name))[:40]
