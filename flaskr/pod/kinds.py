"""The kinds of fault: one table, from which validation, the command line and all help come."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flaskr.pod import damage
from flaskr.pod.checks import Check, choice, number, pattern, signed, text, whole
from flaskr.pod.cms import matches_filter
from flaskr.pod.exchange import Answer, Request
from flaskr.pod.failures import Failure
from flaskr.pod.state import Spaces
from flaskr.pod.switches import Switches

Damage = Callable[[Answer, Any], None]
#: Something that happens before a request is answered; returns the request that is answered.
Prepare = Callable[[Request, Any, Spaces, Switches], Request]

CODE = whole(200, 599)
SHARE = number(0, 0.999)


@dataclass(frozen=True)
class Kind:
    """A kind of fault.

    meaning: a phrase for people. check: what its value may be, None where it has none; default:
    the value where none is given. takes_effect: whether a request that meets it is carried out
    all the same, unless the fault says otherwise.
    """

    meaning: str
    check: Check | None = None
    default: object = None
    takes_effect: bool = True
    damage: Damage | None = None
    prepare: Prepare | None = None


def _vanish(request: Request, _: None, spaces: Spaces, switches: Switches) -> Request:
    with suppress(Failure):
        spaces.delete(request.path.rstrip("/").rpartition("/")[2].lower())
    return request


def _list_loses(request: Request, count: int, spaces: Spaces, switches: Switches) -> Request:
    wanted = _filter(request)
    for space in spaces.listed(lambda space: matches_filter(space, wanted, switches))[:count]:
        spaces.delete(space.id)
    return request


def _list_gains(request: Request, count: int, spaces: Spaces, switches: Switches) -> Request:
    for _ in range(count):
        spaces.create({"name": f"! {_filter(request)}"})
    return request


def _same_page(request: Request, _: None, spaces: Spaces, switches: Switches) -> Request:
    kept = [pair for pair in _pairs(request) if pair[0] not in ("offset", "start")]
    return replace(request, query=urlencode(kept))


def _pairs(request: Request) -> list[tuple[str, str]]:
    return parse_qsl(request.query, keep_blank_values=True)


def _filter(request: Request) -> str:
    return dict(_pairs(request)).get("filter", "")


def _instead(damage: Damage, meaning: str, check: Check, default: object) -> Kind:
    """A kind of which the request usually comes to nothing."""
    return Kind(meaning, check, default, takes_effect=False, damage=damage)


#: All kinds by name.
KINDS: dict[str, Kind] = {
    "busy": _instead(
        damage.busy, "503; the value is what Retry-After says, without one there is none",
        text(100), None,
    ),
    "status": _instead(damage.status, "this status and no body", CODE, 500),
    "failure": _instead(
        damage.failure, "failureDetails with this code, or several with commas between",
        pattern(re.compile(r"[A-Za-z]{1,60}(,[A-Za-z]{1,60}){0,9}"), "failure codes"),
        "databaseNotReady",
    ),
    "redirect": _instead(
        damage.redirect, "302 to this URL", text(), "https://elsewhere.pod6.example/api/v1"
    ),
    "html": _instead(damage.html, "a web page, with this status", CODE, 200),
    "json": _instead(damage.json, "JSON, with this status", CODE, 200),
    "text": _instead(damage.text, "plain text, with this status", CODE, 200),
    "other_root": _instead(
        damage.other_root, "XML with another root element, with this status", CODE, 200
    ),
    "truncated": Kind(
        "the XML ends after this share of it", number(0, 1), 0.5, damage=damage.truncated
    ),
    "wrong_encoding": Kind(
        "the XML is in another encoding than it says", choice(*damage.ENCODINGS), "latin-1",
        damage=damage.wrong_encoding,
    ),
    "entity_bomb": Kind("XML entities that expand to gigabytes", damage=damage.entity_bomb),
    "external_entity": Kind(
        "an XML entity that is this file or URL", text(), "file:///etc/hostname",
        damage=damage.external_entity,
    ),
    "huge": Kind("this many megabytes of XML", whole(1, 200), 30, damage=damage.huge),
    "nested": Kind(
        "this many elements, each within the other", whole(1, 1_000_000), 100_000,
        damage=damage.nested,
    ),
    "no_total": Kind("a list says no total", damage=damage.no_total),
    "total": Kind("a list says this total", text(), "1000000", damage=damage.total),
    "same_page": Kind("a list begins at its beginning, whatever the offset", prepare=_same_page),
    "bad_id": Kind(
        "this as the ID of a list's first Space, and of a new one", text(),
        "../../system/status", damage=damage.bad_id,
    ),
    "vanish": Kind("the Space that the request is for is removed just before", prepare=_vanish),
    "list_loses": Kind(
        "this many Spaces, the first that the request's filter finds, are removed just before",
        whole(1, 1000), 1, prepare=_list_loses,
    ),
    "list_gains": Kind(
        "this many Spaces that the request's filter finds are made just before, near the front",
        whole(1, 1000), 1, prepare=_list_gains,
    ),
    "cut": Kind(
        "the connection is closed after this share of the answer: 0 none of it, 0.5 half",
        SHARE, 0.0, damage=damage.cut,
    ),
    "reset": Kind("as cut, by a TCP reset", SHARE, 0.0, damage=damage.reset),
    "hang_up": Kind(
        "the connection is closed after a whole answer, unannounced", damage=damage.hang_up
    ),
    "length": Kind(
        "Content-Length is wrong by this many bytes, more or (negative) less", signed(), 10,
        damage=damage.length,
    ),
    "chunk_size": Kind(
        "the body comes in a chunk that says this of its size", text(20), "-5",
        damage=damage.chunk_size,
    ),
    "gzip": Kind("the body is compressed, asked for or not", damage=damage.gzip),
    "cookies": Kind(
        "this many cookies of a kilobyte, with other names each time", whole(1, 90), 50,
        damage=damage.cookies,
    ),
    "interim": Kind(
        "this many interim answers come first: 100, 102 and 103 in turn", whole(1, 1_000_000), 3,
        damage=damage.interim,
    ),
    "twice": Kind(
        "the answer is sent once more, unasked, after so many seconds", number(0, 3600), 0.0,
        damage=damage.twice,
    ),
    "late": Kind("this many seconds pass before the first byte", number(0, 3600), 5.0,
                 damage=damage.late),
    "slow": Kind("this many bytes a second", number(0.1, 1e9), 1.0, damage=damage.slow),
}
