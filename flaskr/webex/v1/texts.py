"""Texts as Webex takes them: how much, and what people made in its Markdown."""

import re

MOST_BYTES = 7439  # of a message's text, and of its Markdown, in UTF-8 (POST /messages)
CUT = "… (cut here: the message was longer than Webex takes)"
_SPECIAL = re.compile(r"([\\*_\[\]()#<>~`])")


def escaped(text: str) -> str:
    """Return a text that people made as it stands in Markdown, on one line, with no effect there.

    A mention, which begins with `<@`, is none then.
    """
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def cut(text: str) -> str:
    """Return as much of a text as a message can have; where that is not all, it says so."""
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= MOST_BYTES:
        return encoded.decode()
    kept = encoded[: MOST_BYTES - len(CUT.encode())]
    return kept.decode("utf-8", "ignore") + CUT
