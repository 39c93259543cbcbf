"""What a room is told: in which words, and when; and that nobody is disturbed by it."""

from collections.abc import Iterator
from typing import Any

import pytest
from support.failures import failure_of

from flaskr.notifications import watch as watch_module
from flaskr.notifications.notifications import Notifications
from flaskr.notifications.watch import SETTLED_SECONDS, Watch
from flaskr.notifications.words import apply_in_words, change_in_words
from flaskr.provisioning.rows import MASK
from flaskr.rest.v1.calls import NotedCall
from flaskr.rest.v1.rest import REST
from flaskr.result import Failure, Reason

ID = "6f1c2f0e-7d0e-4b43-9a53-2c1a7f4a8a90"


def line(call: str, outcome: str = "done", **more: Any) -> dict[str, Any]:
    """Return a line of the audit."""
    usual = {"key": "desk", "userid": "lee", "before": {}, "after": {}, "code": ""}
    return {**usual, "call": call, "outcome": outcome, **more}


# Words.


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            line(f"POST coSpaces/{ID}", after={"name": "Lee's Space", "uri": "lee"}),
            "- **desk** created the Space of **lee** – name: “Lee's Space”, uri: “lee”",
        ),
        (
            line(f"PUT coSpaces/{ID}", before={"name": "Old"}, after={"name": "New"}),
            "- **desk** changed the Space of **lee** – name: “Old” → “New”",
        ),
        (
            line(f"PUT coSpaces/{ID}", before={"callId": "47"}, after={"callId": ""}),
            "- **desk** changed the Space of **lee** – callId: “47” → “”",
        ),
        (
            line(f"DELETE coSpaces/{ID}", before={"name": "Lee's Space", "uri": "lee"}),
            "- **desk** deleted the Space of **lee** – “Lee's Space”",
        ),
        (
            line(f"POST coSpaces/{ID}/coSpaceUsers/{ID}", after={"userJid": "kim@pod6.example"}),
            "- **desk** added a member to the Space of **lee** – userJid: “kim@pod6.example”",
        ),
        (
            line(f"DELETE coSpaces/{ID}/coSpaceUsers/{ID}", before={"userJid": "kim@x.example"}),
            "- **desk** took a member out of the Space of **lee** – “kim@x.example”",
        ),
        (
            line(f"PUT coSpaces/{ID}/coSpaceUsers/{ID}", after={"canDestroy": "true"}),
            "- **desk** changed a member of the Space of **lee** – canDestroy: “” → “true”",
        ),
        (
            line(f"POST coSpaces/{ID}/accessMethods"),
            "- **desk** added an access method to the Space of **lee**",
        ),
        (
            line(f"PUT coSpaces/{ID}/accessMethods/{ID}", after={"uri": "lee"}),
            "- **desk** changed an access method of the Space of **lee** – uri: “” → “lee”",
        ),
        (
            line(f"DELETE coSpaces/{ID}/accessMethods/{ID}"),
            "- **desk** took an access method from the Space of **lee**",
        ),
        (line("DELETE coSpaces/1", key="-"), "- Somebody deleted the Space of **lee**"),
        (
            line("DELETE coSpaces/1", "seen"),
            "- **desk** deleted the Space of **lee**, as CMS shows since",
        ),
        (
            line("POST coSpaces", "unknown", after={"uri": "lee"}),
            "- **desk** may have created the Space of **lee**: CMS did not confirm it – uri: “lee”",
        ),
        (line("POST coSpaces", "begun"), None),
        (line("PUT coSpaces/1", "failed"), None),
        (line("POST messages"), None),
        (line("SEND mail"), None),
    ],
)
def test_a_change_is_one_line_with_who_whose_and_what(
    said: dict[str, Any], told: str | None
) -> None:
    assert change_in_words(said) == told


def test_what_people_made_has_no_effect_and_stays_short() -> None:
    said = line(
        f"POST coSpaces/{ID}", key="de_sk", userid="<@personEmail:a@b|x>",
        after={"name": "**x**\n# y", "streamUrl": "z" * 500},
    )
    told = change_in_words(said) or ""
    assert told.startswith("- **de\\_sk** created the Space of **\\<@personEmail:a@b|x\\>** – ")
    assert "“\\*\\*x\\*\\* \\# y”" in told
    assert len(told.splitlines()) == 1
    assert len(told) < 300


def test_what_the_audit_masks_stays_masked() -> None:
    said = line("PUT coSpaces/1", before={"passcode": ""}, after={"passcode": MASK})
    assert change_in_words(said) == (
        "- **desk** changed the Space of **lee** – passcode: “” → “\\*\\*\\*\\*\\*\\*”"
    )


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            ("chief", {"done": 97, "failed": 1}, 0, ""),
            "- **chief** applied a plan: 97 done, 1 failed.",
        ),
        (
            ("-", {"done": 2}, 40, "cms_unreachable"),
            "- Somebody applied a plan: 2 done; 40 not begun. It ended early: cms\\_unreachable.",
        ),
        (
            ("chief", {}, 3, "x"),
            "- **chief** applied a plan: no rows; 3 not begun. It ended early: x.",
        ),
    ],
)
def test_a_plan_that_was_applied_is_one_line_with_its_counts(told: Any, said: str) -> None:
    assert apply_in_words(*told) == said


# Servers that are away.


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(watch_module, "time", made)
    return made


@pytest.fixture
def watch() -> Watch:
    return Watch(REST("cms1.example.com,cms2.example.com:445"))


def call(outcome: str, place: int = 1, is_retry: bool = False) -> NotedCall:
    return NotedCall("rest", "GET", "x", place, outcome, 0.1, is_retry)


def told_of(watch: Watch, clock: Clock, *found: tuple[float, str]) -> list[str]:
    """Return what is told of calls that each come so many seconds after the one before."""
    told = []
    for seconds, outcome in found:
        clock.now += seconds
        told.append(watch.said_of(call(outcome)))
    return [each for each in told if each]


def test_a_server_that_is_away_and_back_is_told_once_each(watch: Watch, clock: Clock) -> None:
    found = [(0, "200"), (5, "unreachable"), (10, "unreachable"), (5, "timed_out"), (60, "500")]
    found += [(60, "200"), (10, "200"), (5, "404"), (60, "200")]
    assert told_of(watch, clock, *found) == [
        "- **The server at cms1.example.com:443** has not answered for 15 seconds: timed out.",
        "- **The server at cms1.example.com:443** answers again. It was away for 2 minutes.",
    ]


@pytest.mark.parametrize(
    "found",
    [
        [(0, "unreachable")] * 50,
        [(1, "unreachable"), (1, "200")] * 50,
        [(0, "unreachable"), (14, "unreachable"), (1, "200"), (14, "unreachable")],
        [(60, "503"), (60, "429"), (60, "busy"), (60, "401")] * 5,
        [(60, "unreachable"), (0, "200")] * 5,
    ],
)
def test_a_moment_or_a_busy_server_is_not_told(
    watch: Watch, clock: Clock, found: list[tuple[float, str]]
) -> None:
    assert told_of(watch, clock, *found) == []


def test_a_server_that_comes_back_for_a_moment_is_still_away(watch: Watch, clock: Clock) -> None:
    found = [(0, "500"), (SETTLED_SECONDS, "500"), (5, "200"), (5, "500"), (5, "200"), (5, "500")]
    assert told_of(watch, clock, *found) == [
        "- **The server at cms1.example.com:443** has not answered for 15 seconds: status 500."
    ]


def test_each_place_is_watched_on_its_own(watch: Watch, clock: Clock) -> None:
    for seconds in (0, SETTLED_SECONDS):
        clock.now += seconds
        assert watch.said_of(call("200", 1)) is None
        said = watch.said_of(call("unreachable", 2))
    assert said and "cms2.example.com:445" in said


def test_what_is_sent_again_is_not_over(watch: Watch, clock: Clock) -> None:
    for _ in range(3):
        clock.now += 60
        assert watch.said_of(call("", is_retry=True)) is None


# Nobody is disturbed.


class Outbox:
    """In the place of the real one: keeps what is put there."""

    waiting = 7

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.put = self.lines.append


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture
def notifications(outbox: Outbox) -> Notifications:
    return Notifications(outbox)  # type: ignore[arg-type]


def test_without_a_room_nothing_comes_of_it() -> None:
    nobody = Notifications(None)
    nobody.note_change(line("DELETE coSpaces/1"))
    assert list(nobody.of_apply("chief", iter([{"outcome": "done"}]), 1)) == [{"outcome": "done"}]
    assert nobody.waiting == 0
    nobody.close()


def test_a_line_that_can_not_be_told_disturbs_no_change(
    notifications: Notifications, outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    notifications.note_change({"call": "DELETE coSpaces/1", "outcome": "done"})
    assert outbox.lines == []
    assert "a notification can't be written" in caplog.text


def rows(*outcomes: str, end: Failure | None = None) -> Iterator[dict[str, Any]]:
    for outcome in outcomes:
        yield {"userid": "lee", "outcome": outcome}
    if end:
        raise end


def test_rows_pass_and_are_summed_up_in_the_end(
    notifications: Notifications, outbox: Outbox
) -> None:
    passed = notifications.of_apply("chief", rows("done", "failed", "done"), 3)
    assert next(passed)["outcome"] == "done"
    assert outbox.lines == []
    assert [row["outcome"] for row in passed] == ["failed", "done"]
    assert outbox.lines == ["- **chief** applied a plan: 2 done, 1 failed."]


def test_rows_that_end_early_are_summed_up_too(
    notifications: Notifications, outbox: Outbox
) -> None:
    down = Failure(Reason.UNREACHABLE, "CMS is away.", (), "cms")
    passed = notifications.of_apply("chief", rows("done", end=down), 3)
    assert failure_of(list, passed) is down
    assert outbox.lines == [
        "- **chief** applied a plan: 1 done; 2 not begun. It ended early: cms\\_unreachable."
    ]


def test_who_goes_away_is_told_of(notifications: Notifications, outbox: Outbox) -> None:
    passed = notifications.of_apply("chief", rows("done", "done"), 2)
    next(passed)
    del passed
    assert outbox.lines == [
        "- **chief** applied a plan: 1 done; 1 not begun. It ended early: the caller went away."
    ]


def test_a_plan_without_rows_is_not_told(notifications: Notifications, outbox: Outbox) -> None:
    assert list(notifications.of_apply("chief", rows(), 0)) == []
    assert outbox.lines == []


def test_a_watched_client_tells_of_its_server(
    notifications: Notifications, outbox: Outbox, clock: Clock
) -> None:
    client = REST("cms1.example.com")
    notifications.watch(client)
    for _ in range(2):
        for tell in client.on_call:
            tell(call("unreachable"))
        clock.now += SETTLED_SECONDS
    assert len(outbox.lines) == 1
