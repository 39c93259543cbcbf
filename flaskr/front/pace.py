"""The pace at which bytes come or go, looked at every few seconds."""

LEAST_BYTES = 64 * 1024  # from one look to the next, unless fewer were owed


class Pace:
    """How far the other side was at the last look, in bytes, and how many more it owed then."""

    def __init__(self, done: int, owed: int) -> None:
        self._done = done
        self._owed = owed

    def is_kept(self, done: int, owed: int) -> bool:
        """Look again. Return whether enough has been done since the last look."""
        least = min(LEAST_BYTES, self._owed)
        enough = done - self._done >= least
        self._done, self._owed = done, owed
        return enough
