"""What arrived at the simulated servers: for people who want to see what their client does."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

KEPT = 1000
MAX_TEXT = 500


@dataclass
class JournalEntry:
    """One request; status is None while there is no answer, and where it wasn't sent whole.

    log_in: whether it began a session, as it came without the cookie of one.
    """

    server: str
    method: str
    path: str
    query: str
    status: int | None = None
    milliseconds: int | None = None
    log_in: bool = False
    faults: list[str] = field(default_factory=list)


@dataclass
class ServerCounts:
    """The numbers of one server; `most_in_flight` is how many requests it had at a time.

    log_ins: how many of the requests began a session.
    """

    requests: int = 0
    in_flight: int = 0
    most_in_flight: int = 0
    handshakes: int = 0
    log_ins: int = 0


class Journal:
    """Counts for each server, and the last requests: KEPT of them, long texts cut."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[JournalEntry] = deque(maxlen=KEPT)
        self._counts: dict[str, ServerCounts] = {}
        self._in_flight: list[JournalEntry] = []

    def clear(self) -> None:
        """Forget the requests and count from 0; what is in flight stays so."""
        with self._lock:
            self._entries.clear()
            for name, counts in self._counts.items():
                busy = counts.in_flight
                self._counts[name] = ServerCounts(in_flight=busy, most_in_flight=busy)

    def handshake(self, server: str) -> None:
        """Count a TLS handshake that was completed."""
        with self._lock:
            self._of(server).handshakes += 1

    def log_in(self, entry: JournalEntry) -> None:
        """Note that a request began a session."""
        with self._lock:
            entry.log_in = True
            self._of(entry.server).log_ins += 1

    @contextmanager
    def request(self, server: str, method: str, path: str, query: str) -> Iterator[JournalEntry]:
        """Note a request and yield its entry; the end of the context is the latest landing."""
        entry = JournalEntry(server, method[:MAX_TEXT], path[:MAX_TEXT], query[:MAX_TEXT])
        with self._lock:
            self._entries.append(entry)
            self._in_flight.append(entry)
            counts = self._of(server)
            counts.requests += 1
            counts.in_flight += 1
            counts.most_in_flight = max(counts.most_in_flight, counts.in_flight)
        try:
            yield entry
        finally:
            self.landing(entry)

    def landing(self, entry: JournalEntry) -> None:
        """Count a request as in flight no more: before its client can know, and send the next."""
        with self._lock:
            if any(other is entry for other in self._in_flight):
                self._in_flight = [other for other in self._in_flight if other is not entry]
                self._of(entry.server).in_flight -= 1

    def report(self) -> dict[str, Any]:
        """Return the counts by server and the requests, the oldest first, ready for JSON."""
        with self._lock:
            return {
                "servers": {name: asdict(counts) for name, counts in self._counts.items()},
                "requests": [asdict(entry) for entry in self._entries],
            }

    def _of(self, server: str) -> ServerCounts:
        return self._counts.setdefault(server, ServerCounts())
