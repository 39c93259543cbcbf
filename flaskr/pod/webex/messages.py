"""What can be posted: the checks that a message has to pass."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from flaskr.pod.webex.failures import WebexFailure

RECIPIENTS = ("roomId", "toPersonId", "toPersonEmail")
TEXTS = ("text", "markdown")
MOST_BYTES = 7439
CARD = "application/vnd.microsoft.card.adaptive"
HIGHEST_CARD = (1, 3)
_VERSION = re.compile(r"(\d{1,3})\.(\d{1,3})")
_URL = re.compile(r"https?://\S+")

Values = dict[str, str]


class Post(NamedTuple):
    """A message that can be posted: for whom, by which of RECIPIENTS; and what it is made of."""

    recipient: str
    address: str
    values: Values


def post_of(given: Mapping[str, Any]) -> Post:
    """Return what a body asks for. Raises WebexFailure."""
    recipients = _texts(given, RECIPIENTS)
    if len(recipients) != 1:
        raise WebexFailure(400, f"Exactly one of {', '.join(RECIPIENTS)} is needed.")
    values = {**_texts(given, ("parentId",)), **_files(given), **_card(given)}
    [(recipient, address)] = recipients.items()
    return Post(recipient, address, {**values, **content_of(given, needed=not values)})


def content_of(given: Mapping[str, Any], needed: bool = True) -> Values:
    """Return text and markdown, of which at least one is `needed`. Raises WebexFailure."""
    found = _texts(given, TEXTS)
    if needed and not any(text.strip() for text in found.values()):
        raise WebexFailure(400, "There is neither text nor markdown.")
    for name, text in found.items():
        if len(text.encode()) > MOST_BYTES:
            raise WebexFailure(400, f"{name} is longer than {MOST_BYTES} bytes.")
    return found


def _texts(given: Mapping[str, Any], names: tuple[str, ...]) -> Values:
    found = {name: given[name] for name in names if given.get(name) not in (None, "")}
    for name, value in found.items():
        if not isinstance(value, str) or not _can_be_sent(value):
            raise WebexFailure(400, f"{name} is not text.")
    return found


def _can_be_sent(text: str) -> bool:
    """Return whether it has no half of a character, which JSON can have and UTF-8 can't."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _files(given: Mapping[str, Any]) -> Values:
    files = given.get("files") or []
    if not files:
        return {}
    if not isinstance(files, list) or len(files) != 1 or not _URL.fullmatch(str(files[0])):
        raise WebexFailure(400, "files is a list of one public URL.")
    return {"files": json.dumps(files)}


def _card(given: Mapping[str, Any]) -> Values:
    attachments = given.get("attachments") or []
    if not attachments:
        return {}
    if not isinstance(attachments, list) or len(attachments) != 1 or not _is_card(attachments[0]):
        raise WebexFailure(400, f"attachments is a list of one card of {CARD}, version 1.0 to 1.3.")
    return {"attachments": json.dumps(attachments)}


def _is_card(attachment: object) -> bool:
    if not isinstance(attachment, dict) or attachment.get("contentType") != CARD:
        return False
    content = attachment.get("content")
    if not isinstance(content, dict) or content.get("type") != "AdaptiveCard":
        return False
    version = _VERSION.fullmatch(str(content.get("version")))
    return version is not None and (int(version[1]), int(version[2])) <= HIGHEST_CARD
