"""What a client remembers of its server, to save requests: hints, each to be checked."""

import threading


class Memory:
    """IDs by what they were found by, the `most` latest of them. Safe to use from many threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._ids: dict[str, str] = {}  # the latest last
        self._lock = threading.Lock()

    def get(self, key: str) -> str | None:
        """Return the ID that was remembered, or None."""
        return self._ids.get(key)

    def remember(self, key: str, object_id: str) -> None:
        """Remember an ID, in the place of another one; forget the oldest where it is too many."""
        with self._lock:
            self._ids.pop(key, None)
            self._ids[key] = object_id
            if len(self._ids) > self._most:
                del self._ids[next(iter(self._ids))]

    def forget(self, key: str, object_id: str) -> None:
        """Forget an ID, unless another one was remembered since."""
        with self._lock:
            if self._ids.get(key) == object_id:
                del self._ids[key]
