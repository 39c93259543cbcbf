"""Lower case, as the simulated servers keep and compare names."""

from __future__ import annotations


def in_lower_case(text: str) -> str:
    """Return the text in lower case, without making ASCII of letters such as the Kelvin sign.

    Nothing is known of how real servers take the composed and decomposed forms of a letter; here
    they are different, which is the harder case for a client.
    """
    return text.lower() if text.isascii() else "".join(map(_lower, text))


def _lower(letter: str) -> str:
    lower = letter.lower()
    changes_kind = not letter.isascii() and any(map(str.isascii, lower))
    return letter if changes_kind else lower
