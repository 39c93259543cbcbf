"""What the room is told, and by whom it is heard of: outbox, watch and words put together."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flaskr.notifications.outbox import Outbox
from flaskr.notifications.watch import Watch
from flaskr.notifications.words import apply_in_words, change_in_words
from flaskr.rest.v1.calls import NotedCall
from flaskr.rest.v1.rest import REST
from flaskr.result import Failure

logger = logging.getLogger(__name__)

CLOSING_SECONDS = 2.0  # for what waits when the portal is stopped
GONE = "the caller went away"

Row = Mapping[str, Any]


class Notifications:
    """What a room is told. Where there is no room, and so no outbox, nothing comes of it.

    Nothing of it raises, or waits: whatever goes wrong is no matter of those who did something.
    """

    def __init__(self, outbox: Outbox | None) -> None:
        self._outbox = outbox

    @property
    def waiting(self) -> int:
        """How many lines wait to be told."""
        return self._outbox.waiting if self._outbox else 0

    def note_change(self, line: Mapping[str, Any]) -> None:
        """Tell of a change, as a line of the audit has it."""
        self._tell(lambda: change_in_words(line))

    def of_apply(self, who: str, rows: Iterator[Row], expected: int) -> Iterator[Row]:
        """Pass on what came of the rows of a plan, and tell in the end what all came to."""
        counts: Counter[str] = Counter()
        ended = GONE
        try:
            for row in rows:
                counts[str(row["outcome"])] += 1
                yield row
            ended = ""
        except Failure as failure:
            ended = failure.code
            raise
        finally:
            left = expected - sum(counts.values())
            if expected:
                self._tell(lambda: apply_in_words(who, counts, left, ended))

    def watch(self, client: REST) -> None:
        """Tell when a server is away, and when it is back."""
        watch = Watch(client)

        def note_call(call: NotedCall) -> None:
            self._tell(lambda: watch.said_of(call))

        client.on_call.append(note_call)

    def close(self) -> None:
        """Tell what waits, for a moment, and no more after that."""
        if self._outbox:
            self._outbox.close(CLOSING_SECONDS)

    def _tell(self, in_words: Callable[[], str | None]) -> None:
        if self._outbox is None:
            return
        try:
            said = in_words()
            if said:
                self._outbox.put(said)
        except Exception:
            logger.exception("a notification can't be written")
