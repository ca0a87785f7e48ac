"""The node's clock as seen from here: small errors are smoothed, a clock that was set is believed at once."""

from __future__ import annotations

import pytest

from console.client.offset import ClockOffset

T0 = 1_700_000_000 * 10**9
MS = 10**6
HOUR = 3600 * 10**9


def test_the_shortest_round_trip_is_believed() -> None:
    clock = ClockOffset()
    assert clock.take(T0, T0 + 500 * MS, T0 + 2 * MS) == (2.0, 499.0)
    assert clock.take(T0, T0 + 590 * MS, T0 + 100 * MS) == (100.0, 499.0)


@pytest.mark.parametrize("jump", [HOUR, -HOUR, 400 * MS])
def test_after_our_clock_was_set_the_next_answer_counts(jump: int) -> None:
    clock = ClockOffset()
    for i in range(10):
        clock.take(T0 + i, T0 + i, T0 + i + MS)
    got = clock.take(T0 + jump, T0 + 20 * MS, T0 + jump + 40 * MS)
    assert got == (40.0, -jump / MS)


@pytest.mark.parametrize(
    ("sent", "node", "now"),
    [(T0, T0, T0 - HOUR), (T0, T0, T0 + HOUR), (T0, 2**63, T0 + 1), (T0, -1, T0 + 1), (-(2**63), T0, T0)],
)
def test_an_answer_that_cannot_be_tells_nothing(sent: int, node: int, now: int) -> None:
    clock = ClockOffset()
    assert clock.take(sent, node, now) is None
    assert clock.take(T0, T0, T0 + MS) == (1.0, -0.5)
