"""The kinds of fault that are no server's own: tables that validation and all help come from."""

from __future__ import annotations

from flaskr.pod.checks import ValueCheck, choice, number, signed, text, whole
from flaskr.pod.faults import by_server, delivery, documents, replacements
from flaskr.pod.faults.fault_kind import Damage, FaultKind

CODE = whole(200, 599)
SHARE = number(0, 0.999)


def _instead(damage: Damage, meaning: str, check: ValueCheck, default: object) -> FaultKind:
    """Return a kind whose request is not carried out unless the fault says so."""
    return FaultKind(meaning, check, default, takes_effect=False, damage=damage)


# Those that every server has, whatever it speaks.
GENERIC_KINDS: dict[str, FaultKind] = {
    "busy": FaultKind(
        "there is too much to do: 503, or what the server says in its place; the value is what "
        "Retry-After says, without one there is none",
        text(100), takes_effect=False, damage_by_server=by_server.busy,
    ),
    "status": FaultKind(
        "this status and no body; in SMTP, where the commands are methods, this reply", CODE, 500,
        takes_effect=False, damage_by_server=by_server.status,
    ),
    "cut": FaultKind(
        "the connection is closed after this share of the answer: 0 none of it, 0.5 half",
        SHARE, 0.0, damage=delivery.cut,
    ),
    "reset": FaultKind("as cut, by a TCP reset", SHARE, 0.0, damage=delivery.reset),
    "hang_up": FaultKind(
        "the connection is closed after a whole answer, unannounced", damage=delivery.hang_up
    ),
    "late": FaultKind(
        "this many seconds pass before the first byte", number(0, 3600), 5.0, damage=delivery.late
    ),
    "slow": FaultKind("this many bytes a second", number(0.1, 1e9), 1.0, damage=delivery.slow),
}

# Those that every server has that speaks HTTP.
HTTP_KINDS: dict[str, FaultKind] = {
    "redirect": _instead(
        replacements.redirect, "302 to this URL", text(),
        "https://elsewhere.pod6.example/api/v1",
    ),
    "html": _instead(replacements.html, "a web page, with this status", CODE, 200),
    "json": _instead(replacements.json, "JSON, with this status", CODE, 200),
    "text": _instead(replacements.text, "plain text, with this status", CODE, 200),
    "other_root": _instead(
        replacements.other_root, "XML with another root element, with this status", CODE, 200
    ),
    "truncated": FaultKind(
        "the XML ends after this share of it", number(0, 1), 0.5, damage=documents.truncated
    ),
    "wrong_encoding": FaultKind(
        "the XML is in another encoding than it says", choice(*documents.ENCODINGS), "latin-1",
        damage=documents.wrong_encoding,
    ),
    "entity_bomb": FaultKind(
        "XML entities that expand to gigabytes", damage=documents.entity_bomb
    ),
    "external_entity": FaultKind(
        "an XML entity that is this file or URL", text(), "file:///etc/hostname",
        damage=documents.external_entity,
    ),
    "huge": FaultKind("this many megabytes of XML", whole(1, 200), 30, damage=documents.huge),
    "nested": FaultKind(
        "this many elements, each within the other", whole(1, 1_000_000), 100_000,
        damage=documents.nested,
    ),
    "no_total": FaultKind("a list says no total", damage_by_server=by_server.no_total),
    "total": FaultKind(
        "a list says this total", text(), "1000000", damage_by_server=by_server.total
    ),
    "same_page": FaultKind(
        "a list begins at its beginning, whatever the offset", prepare=by_server.same_page
    ),
    "length": FaultKind(
        "Content-Length is wrong by this many bytes, more or (negative) less", signed(), 10,
        damage=delivery.length,
    ),
    "chunk_size": FaultKind(
        "the body comes in a chunk that says this of its size", text(20), "-5",
        damage=delivery.chunk_size,
    ),
    "gzip": FaultKind("the body is compressed, asked for or not", damage=delivery.gzip),
    "cookies": FaultKind(
        "this many cookies of a kilobyte, with other names each time", whole(1, 90), 50,
        damage=delivery.cookies,
    ),
    "interim": FaultKind(
        "this many interim answers come first: 100, 102 and 103 in turn", whole(1, 1_000_000), 3,
        damage=delivery.interim,
    ),
    "twice": FaultKind(
        "the answer is sent once more, unasked, after so many seconds", number(0, 3600), 0.0,
        damage=delivery.twice,
    ),
}
