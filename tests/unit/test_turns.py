"""Whose turn it is among the places of a server."""

import contextvars
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from flaskr.places import Place
from flaskr.rest.v1.turns import NEAR_SECONDS, REST_SECONDS, Turns, is_looking_elsewhere

A, B, C = Place("a", 1), Place("b", 2), Place("c", 3)


class Clock:
    """The time, which stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


@pytest.fixture
def turns(clock: Clock) -> Turns:
    return Turns((A, B, C))


def by_another(turns: Turns, place: Place) -> None:
    """Have another request of the same client send a change to a place."""
    contextvars.Context().run(turns.changed, place)


def test_at_first_the_order_is_that_of_the_setting(turns: Turns) -> None:
    assert turns.order() == [A, B, C]


def test_a_place_that_failed_goes_to_the_end_until_its_rest_is_over(
    turns: Turns, clock: Clock
) -> None:
    turns.failed(A)
    assert turns.order() == [B, C, A]
    clock.now += REST_SECONDS - 1
    assert turns.order() == [B, C, A]
    clock.now += 1
    assert turns.order() == [A, B, C]


def test_a_success_ends_a_rest(turns: Turns) -> None:
    turns.failed(A)
    turns.succeeded(A)
    turns.succeeded(B)
    assert turns.order() == [A, B, C]


def test_where_all_rest_the_one_whose_rest_ends_first_is_first(turns: Turns, clock: Clock) -> None:
    for place in (B, C, A):
        turns.failed(place)
        clock.now += 1
    assert turns.order() == [B, C, A]
    turns.failed(B)
    assert turns.order() == [C, A, B]


def test_for_a_while_the_client_keeps_to_where_it_sent_a_change(
    turns: Turns, clock: Clock
) -> None:
    by_another(turns, B)
    assert turns.order() == [B, A, C]
    clock.now += NEAR_SECONDS
    assert turns.order() == [A, B, C]


def test_a_place_with_anothers_change_rests_like_any_other(turns: Turns) -> None:
    by_another(turns, B)
    turns.failed(B)
    assert turns.order() == [A, C, B]


def test_a_change_of_ones_own_goes_before_those_of_others(turns: Turns, clock: Clock) -> None:
    turns.changed(B)
    by_another(turns, C)
    assert turns.order() == [B, A, C]
    clock.now += NEAR_SECONDS
    assert turns.order() == [A, B, C]


def test_a_change_of_ones_own_is_looked_up_though_others_found_that_the_place_fails(
    turns: Turns
) -> None:
    turns.changed(B)
    contextvars.Context().run(turns.failed, B)
    assert turns.order() == [B, A, C]
    assert contextvars.Context().run(turns.order) == [A, C, B]


def test_who_looks_elsewhere_than_where_the_change_was_sent_knows_it(turns: Turns) -> None:
    turns.changed(B)
    turns.failed(A)
    assert not is_looking_elsewhere()
    contextvars.Context().run(turns.failed, B)
    assert not is_looking_elsewhere()
    turns.failed(B)
    assert is_looking_elsewhere()
    turns.changed(A)
    assert not is_looking_elsewhere()


def test_where_that_fails_too_the_others_have_their_turn(turns: Turns) -> None:
    turns.changed(B)
    turns.failed(B)
    assert turns.order() == [A, C, B]


def test_threads_that_read_for_a_request_know_of_its_change(turns: Turns) -> None:
    turns.changed(C)
    by_another(turns, B)
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(contextvars.copy_context().run, turns.order).result() == [C, A, B]
        threads.submit(contextvars.copy_context().run, turns.failed, C).result()
    assert turns.order() == [B, A, C]


def test_a_change_at_another_server_says_nothing_of_this_one(turns: Turns) -> None:
    other = Turns((B, C))
    other.changed(C)
    other.failed(C)
    assert turns.order() == [A, B, C]


def test_a_list_is_read_on_where_it_was_begun(turns: Turns) -> None:
    turns.changed(B)
    assert turns.order(near=C) == [C, A, B]
    turns.failed(C)
    assert turns.order(near=C) == [B, A, C]
