"""What waits to be told: bounded, in order, put off as the server wants, given up after a while."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from flaskr.notifications import outbox as outbox_module
from flaskr.notifications.outbox import Outbox
from flaskr.result import Failure, Reason

PATIENCE_SECONDS = 5.0
MOST_BYTES = 100
Reply = Failure | Exception | None


def failure(reason: Reason, retry_after: float = 0.0) -> Failure:
    made = Failure(reason, f"It failed: {reason.words}.", (), "webex")
    made.retry_after = retry_after
    return made


class Room:
    """What a room was told; `replies` are what comes of the next messages, then all goes well.

    While it is `closed`, whoever sends has to wait.
    """

    def __init__(self) -> None:
        self.told: list[str] = []
        self.replies: list[Reply] = []
        self.open = threading.Event()
        self.open.set()
        self.counts: Counter[str] = Counter()

    def send(self, text: str) -> None:
        self.told.append(text)
        assert self.open.wait(PATIENCE_SECONDS)
        reply = self.replies.pop(0) if self.replies else None
        if reply:
            raise reply

    def count(self, outcome: str, number: int) -> None:
        self.counts[outcome] += number

    def wait_for(self, condition: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < end, (self.told, self.counts)
            time.sleep(0.001)

    def is_empty_after(self, lines: int) -> None:
        """Wait until so many lines were told, failed or dropped."""
        self.wait_for(lambda: sum(self.counts.values()) == lines)


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note the pauses instead of waiting."""
    waited: list[float] = []
    monkeypatch.setattr(Outbox, "_rest", lambda outbox, seconds: waited.append(seconds))
    return waited


@pytest.fixture
def outbox(room: Room, pauses: list[float]) -> Iterator[Outbox]:
    made = Outbox(room.send, MOST_BYTES, room.count)
    yield made
    room.open.set()
    made.close(PATIENCE_SECONDS)


def test_a_line_is_told(outbox: Outbox, room: Room) -> None:
    outbox.put("one")
    room.is_empty_after(1)
    assert (room.told, room.counts, outbox.waiting) == (["one"], {"sent": 1}, 0)


def test_before_the_first_line_there_is_no_thread(outbox: Outbox) -> None:
    assert outbox._thread is None


def test_the_thread_ends_where_there_is_nothing_to_do_and_another_begins(
    outbox: Outbox, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "IDLE_SECONDS", 0.01)
    for number in range(1, 3):
        outbox.put("one")
        room.is_empty_after(number)
        room.wait_for(lambda: outbox._thread is None)


def test_who_puts_a_line_waits_for_nothing(outbox: Outbox, room: Room) -> None:
    room.open.clear()
    start = time.monotonic()
    for number in range(100):
        outbox.put(str(number))
    assert time.monotonic() - start < 0.5
    assert outbox.waiting == 100


def test_lines_that_wait_together_are_one_message_in_their_order(
    outbox: Outbox, room: Room
) -> None:
    room.open.clear()
    outbox.put("first")
    room.wait_for(lambda: room.told)
    lines = [f"line {number:02} {'é' * 10}" for number in range(10)]
    for line in lines:
        outbox.put(line)
    room.open.set()
    room.is_empty_after(11)
    first, *others = room.told
    assert first == "first"
    assert "\n".join(others).split("\n") == lines
    assert {len(each.split("\n")) for each in others} == {1, 3}
    assert all(len(each.encode()) <= MOST_BYTES for each in others)


def test_a_line_that_is_longer_than_a_message_goes_alone(outbox: Outbox, room: Room) -> None:
    room.open.clear()
    outbox.put("first")
    room.wait_for(lambda: room.told)
    for line in ("x" * 300, "short"):
        outbox.put(line)
    room.open.set()
    room.is_empty_after(3)
    assert room.told == ["first", "x" * 300, "short"]


def test_what_is_too_much_is_dropped_and_counted(
    outbox: Outbox, room: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(outbox_module, "MOST_WAITING", 3)
    room.open.clear()
    for number in range(5):
        outbox.put(str(number))
    assert (room.counts, outbox.waiting) == ({"dropped": 2}, 3)
    assert "notifications outcome=dropped lines=1 waiting=3" in caplog.text
    room.open.set()
    room.is_empty_after(5)
    assert "\n".join(room.told) == "0\n1\n2"
    assert room.counts == {"sent": 3, "dropped": 2}


@pytest.mark.parametrize(
    "reason",
    [Reason.BUSY, Reason.UNREACHABLE, Reason.UNTRUSTED, Reason.NO_CONNECTION_IN_TIME],
)
def test_what_was_not_told_is_told_again_after_longer_and_longer_pauses(
    outbox: Outbox, room: Room, pauses: list[float], reason: Reason
) -> None:
    room.replies = [failure(reason)] * 8
    outbox.put("one")
    room.is_empty_after(1)
    assert (room.told, room.counts) == (["one"] * 9, {"sent": 1})
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


def test_the_pause_is_what_the_server_wants_up_to_a_minute(
    outbox: Outbox, room: Room, pauses: list[float]
) -> None:
    room.replies = [failure(Reason.BUSY, wanted) for wanted in (7.0, 0.5, 3600.0, float("inf"))]
    outbox.put("one")
    room.is_empty_after(1)
    assert pauses == [7.0, 2.0, 60.0, 60.0]


@pytest.mark.parametrize("reason", [each for each in Reason if each not in outbox_module._AGAIN])
def test_what_may_have_been_told_or_is_refused_is_not_sent_again(
    outbox: Outbox, room: Room, caplog: pytest.LogCaptureFixture, reason: Reason
) -> None:
    room.replies = [failure(reason)]
    outbox.put("one")
    room.is_empty_after(1)
    outbox.put("two")
    room.is_empty_after(2)
    assert (room.told, room.counts) == (["one", "two"], {"failed": 1, "sent": 1})
    assert f"notification code=webex_{reason.value} message=It failed" in caplog.text
    assert "notifications outcome=failed lines=1" in caplog.text


def test_what_can_not_be_told_is_given_up_after_a_while(
    outbox: Outbox, room: Room, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "GIVE_UP_SECONDS", 5.0)
    room.replies = [failure(Reason.UNREACHABLE)] * 4
    outbox.put("one")
    room.is_empty_after(1)
    assert (pauses, room.counts) == ([1, 2, 4], {"failed": 1})


def test_a_mistake_of_the_portals_own_ends_nothing_and_tells_no_secret(
    outbox: Outbox, room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    room.replies = [KeyError("https://webexapis.com/v1/webhooks/incoming/s3cret")]
    for line in ("one", "two"):
        outbox.put(line)
    room.is_empty_after(2)
    assert room.counts["failed"] >= 1
    assert "notification error=KeyError" in caplog.text
    assert "s3cret" not in caplog.text


def test_at_the_end_what_waits_is_told_once(outbox: Outbox, room: Room) -> None:
    room.open.clear()
    for line in ("one", "two", "three"):
        outbox.put(line)
    room.open.set()
    outbox.close(PATIENCE_SECONDS)
    assert "\n".join(room.told) == "one\ntwo\nthree"
    outbox.put("four")
    assert room.counts == {"sent": 3, "dropped": 1}


def test_the_end_does_not_wait_for_a_server_that_is_away(room: Room) -> None:
    outbox = Outbox(room.send, MOST_BYTES, room.count)  # with pauses that are waited for
    room.replies = [failure(Reason.BUSY, 60.0)] * 9
    outbox.put("one")
    room.wait_for(lambda: room.told)
    start = time.monotonic()
    outbox.close(PATIENCE_SECONDS)
    assert time.monotonic() - start < 2
    assert room.counts == {"failed": 1}
    assert len(room.told) <= 2


def test_the_end_waits_no_longer_than_it_may(room: Room) -> None:
    outbox = Outbox(room.send, MOST_BYTES, room.count)
    room.open.clear()
    outbox.put("one")
    room.wait_for(lambda: room.told)
    outbox.close(0.05)
    assert room.counts == {"dropped": 1}
    room.open.set()


def test_many_threads_lose_no_line(outbox: Outbox, room: Room) -> None:
    def put_many(name: str) -> None:
        for number in range(50):
            outbox.put(f"{name}{number}")

    threads = [threading.Thread(target=put_many, args=(name,)) for name in "abcdefgh"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    room.is_empty_after(400)
    told = "\n".join(room.told).split("\n")
    assert sorted(told) == sorted(f"{name}{number}" for name in "abcdefgh" for number in range(50))
