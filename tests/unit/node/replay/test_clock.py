"""The replay's clock: exact, never backwards, never past what is known."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import RefusedError
from console.node.replay.clock import ReplayClock

FAR = 1 << 62
SPEEDS = st.integers(100, 100_000).map(lambda thousandths: thousandths / 1000)
WAITS = st.integers(0, 10**13)
ACTS = st.lists(st.tuples(WAITS, st.sampled_from(["play", "pause", "speed"]), SPEEDS), max_size=30)


def running(speed: float = 1.0, most_ns: int = FAR) -> ReplayClock:
    """A clock that has run from 1000 since 0."""
    return ReplayClock(base_ns=1_000, since_ns=0, most_ns=most_ns).paced(0, speed).played(0)


@given(ACTS)
def test_its_time_is_the_sum_of_what_it_ran_within_a_nanosecond_an_act(acts: list[tuple[int, str, float]]) -> None:
    clock, mono_ns, expected, speed, playing = running(), 0, Fraction(1_000), Fraction(1), True
    for wait_ns, act, asked in acts:
        mono_ns += wait_ns
        expected += wait_ns * speed if playing else 0
        if act == "play":
            clock, playing = clock.played(mono_ns), True
        elif act == "pause":
            clock, playing = clock.paused(mono_ns), False
        else:
            clock, speed = clock.paced(mono_ns, asked), Fraction(round(asked * 1000), 1000)
    assert 0 <= expected - clock.at(mono_ns) <= len(acts) + 1


@given(SPEEDS, st.lists(WAITS, min_size=2, max_size=20), st.integers(0, FAR))
def test_it_never_runs_backwards_nor_past_what_is_known(speed: float, waits: list[int], most_ns: int) -> None:
    clock, mono_ns, before = running(speed, most_ns), 0, 0
    for wait_ns in waits:
        mono_ns += wait_ns
        assert before <= clock.at(mono_ns) <= max(most_ns, 1_000)
        before = clock.at(mono_ns)


def test_one_that_was_held_goes_on_from_where_it_stood() -> None:
    clock = running(10.0, most_ns=5_000)
    assert clock.held(10_000)
    freed = clock.known_to(10_000, 50_000)
    assert freed.at(10_000) == 5_000
    assert freed.at(10_100) == 6_000


def test_one_that_was_not_held_runs_on_undisturbed() -> None:
    clock = running(10.0, most_ns=5_000).known_to(100, 50_000)
    assert clock.at(100) == 2_000
    assert clock.at(1_000) == 11_000


def test_a_clock_that_stands_keeps_its_time_whatever_is_known() -> None:
    clock = running().paused(500)
    assert clock.at(10**12) == 1_500
    assert clock.known_to(600, 10).at(700) == 1_500
    assert not clock.held(10**12)


def test_it_moves_to_another_time_and_goes_on_from_there() -> None:
    assert running(2.0).moved(100, 7, FAR).at(110) == 27
    assert running(2.0).paused(50).moved(100, 7, FAR).at(110) == 7


@pytest.mark.parametrize("speed", [0.0, 0.09, 100.1, -1.0, float("nan"), float("inf")])
def test_what_is_no_speed_is_refused(speed: float) -> None:
    with pytest.raises(RefusedError, match=r"0.1 to 100"):
        running().paced(0, speed)


def test_time_before_it_began_does_not_run_backwards() -> None:
    assert running().moved(1_000, 5, FAR).at(10) == 5
