"""How large the bodies of requests may be, and how many large ones there are at once."""

from __future__ import annotations

from collections.abc import Callable

LARGE_BODY_BYTES = 64 * 1024  # a body of more is a large one
MAX_LARGE_BODIES = 3  # being read or worked on at once

# Whether who sends these headers may send a large body.
Admits = Callable[[list[tuple[str, str]]], bool]


def everyone(headers: list[tuple[str, str]]) -> bool:
    """Admit whoever comes."""
    return True


class Bodies:
    """The bodies of all connections. Its methods are the event loop's to call.

    `most` is how many bytes one may have, or a function that says so for a path as it was sent,
    percent-encoded and without a query. A large body of whom `admits` does not admit takes no
    place, and is not kept.
    """

    def __init__(self, most: int | Callable[[str], int], admits: Admits = everyone) -> None:
        self._most = most
        self.admits = admits
        self._large = 0

    def most(self, path: str) -> int:
        """Return how many bytes a body that is sent to a path may have."""
        return self._most if isinstance(self._most, int) else self._most(path)

    def begin_large(self) -> bool:
        """Return whether there may be one large body more; count it then."""
        if self._large >= MAX_LARGE_BODIES:
            return False
        self._large += 1
        return True

    def end_large(self) -> None:
        """Take note that one of the large bodies is no longer kept."""
        self._large -= 1
