"""Texts as people write them: which user IDs and URIs are the same, and what of them is shown."""

import re
from typing import Literal
from unicodedata import category, normalize

_ADDRESS = re.compile(r"""[^\s@<>()\[\],;:\\"]{1,64}@[^\s@<>()\[\],;:\\"]{1,255}""")
# The characters that normalising would turn into ASCII: Greek question mark, varia, Kelvin sign.
_ASCII_WHEN_NORMALISED = re.compile("([\u037e\u1fef\u212a])")
_ASCII_PIECE = re.compile(r"[\x00-\x7f]+")


def comparison_key(text: str) -> str:
    """Return what a user ID or URI is compared by: where it is equal, both are the same.

    It is case-insensitive, as CMS keeps URIs in lower case (seen on real servers). Whether an
    accent is part of its letter or follows it (Unicode's forms NFC and NFD) is the same. No
    character outside ASCII counts as one in ASCII: a Kelvin sign is not a k.
    """
    if text.isascii():
        key = text.lower()
        return text if key == text else key  # one text, not two that are equal, where many are kept
    return _normalised("NFC", "".join(map(_without_case, _normalised("NFC", text))))


def are_same(text: str, other: str) -> bool:
    """Return whether two texts are the same, whatever the case and the blanks around them."""
    return comparison_key(text.strip()) == comparison_key(other.strip())


def forms(text: str) -> list[str]:
    """Return a text with its accents composed (NFC) and, where that differs, decomposed (NFD)."""
    return list(dict.fromkeys((_normalised("NFC", text), _normalised("NFD", text))))


def longest_ascii_piece(text: str) -> str:
    """Return the longest piece that stands in all texts that are the same, in lower case.

    It is in ASCII; `""` where there is no such piece.
    """
    return max(_ASCII_PIECE.findall(comparison_key(text)), key=len, default="")


def is_blank(text: str) -> bool:
    """Return whether a text shows nothing: it is empty, or has only Unicode's blanks."""
    if text.isascii():
        return not text or text.isspace()
    return all(map(is_blank_character, text))


def is_blank_character(character: str) -> bool:
    """Return whether a character shows nothing: a blank, or one that only steers (class Cf)."""
    return character.isspace() or category(character) == "Cf"


def is_unprintable(text: str) -> bool:
    """Return whether a text has what XML or UTF-8 can't carry, or what decoding put for it."""
    if text.isascii():
        return not text.isprintable()
    return any(
        category(character) in ("Cc", "Cs") or character in "\ufffd\ufffe\uffff"
        for character in text
    )


def is_address(text: str) -> bool:
    """Return whether a text is an e-mail address, one alone and nothing beside it."""
    return _ADDRESS.fullmatch(text) is not None and not is_unprintable(text)


def printable(text: str) -> str:
    """Return a text that came from outside as a message shows it: short, and printable."""
    return "".join(filter(str.isprintable, text))[:40]


def _normalised(form: Literal["NFC", "NFD"], text: str) -> str:
    """Return a text in a form of Unicode's, but for what would become ASCII."""
    return "".join(
        part if _ASCII_WHEN_NORMALISED.fullmatch(part) else normalize(form, part)
        for part in _ASCII_WHEN_NORMALISED.split(text)
    )


def _without_case(character: str) -> str:
    """Return a character without its case, in the first way that makes no ASCII of another."""
    if character.isascii():
        return character.lower()
    ways = (character.casefold(), character.lower(), character)
    return next(way for way in ways if not any(map(str.isascii, way)))
