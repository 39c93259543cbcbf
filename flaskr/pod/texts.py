"""The texts in which searches of a simulated server look, kept so that many are quick to search."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

# Stands between the values that a search looks through: no XML, so no filter, can hold it.
BETWEEN = "\0"
# How many texts are looked through at once.
BLOCK = 256


class SearchTexts:
    """Texts by ID, in blocks: only where a whole block has what is wanted, each one is looked at.

    A change costs no more than to join the texts of one block anew.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._numbers = count()
        self._block_of: dict[str, int] = {}
        self._blocks: dict[int, dict[str, str]] = {}
        self._joined: dict[int, str] = {}
        for text_id, text in texts.items():
            self.put(text_id, text)

    def put(self, text_id: str, text: str) -> None:
        """Have this text for the ID."""
        if text_id not in self._block_of:
            self._block_of[text_id] = next(self._numbers) // BLOCK
        block = self._block_of[text_id]
        self._blocks.setdefault(block, {})[text_id] = text
        self._joined.pop(block, None)

    def drop(self, text_id: str) -> None:
        """Have no text for the ID."""
        block = self._block_of.pop(text_id)
        del self._blocks[block][text_id]
        if not self._blocks[block]:
            del self._blocks[block]
        self._joined.pop(block, None)

    def containing(self, wanted: str) -> set[str]:
        """Return the IDs of the texts with that in them."""
        found: set[str] = set()
        for number, block in self._blocks.items():
            if number not in self._joined:
                self._joined[number] = BETWEEN.join(block.values())
            if wanted in self._joined[number]:
                found.update([text_id for text_id, text in block.items() if wanted in text])
        return found
