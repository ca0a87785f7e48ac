"""The hybrid clock rises, follows others, and is led by nobody whose clock is wrong."""

from hypothesis import given, settings
from hypothesis import strategies as st

from console.api import NS
from console.node.journal.clock import HybridClock
from console.node.journal.entry import Stamp

YEAR_NS = 365 * 86_400 * NS


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(-120, 60)), max_size=40), st.lists(st.integers(0, 3), min_size=41))
def test_stamps_rise_whatever_was_met(met: list[int | None], steps: list[int]) -> None:
    now = [1000 * NS]
    clock = HybridClock(lambda: now[0])
    last = Stamp(0, 0)
    for offset_s, step in zip(met, steps, strict=False):
        now[0] += step
        if offset_s is not None:
            other = Stamp(now[0] + offset_s * NS, 7)
            assert clock.meet(other)
            last = max(last, other)
        stamp = clock.tick()
        assert stamp > last
        last = stamp


def test_a_stamp_a_year_ahead_moves_nothing() -> None:
    clock = HybridClock(lambda: 1000 * NS)
    before = clock.tick()
    assert not clock.meet(Stamp(1000 * NS + YEAR_NS, 0))
    assert clock.tick() == Stamp(before.wall_ns, before.counter + 1)


def test_the_limit_is_the_setting() -> None:
    clock = HybridClock(lambda: 1000 * NS, ahead_ns=5 * NS)
    assert clock.meet(Stamp(1005 * NS, 0))
    assert not clock.meet(Stamp(1005 * NS + 1, 0))


def test_our_own_clock_put_right_after_a_year_ahead_is_right_again() -> None:
    now = [1000 * NS + YEAR_NS]
    clock = HybridClock(lambda: now[0])
    clock.tick()
    now[0] = 1000 * NS
    assert clock.tick().wall_ns == 1000 * NS


def test_a_clock_put_back_a_little_keeps_rising() -> None:
    now = [1000 * NS]
    clock = HybridClock(lambda: now[0])
    before = clock.tick()
    now[0] -= 30 * NS
    assert clock.tick() > before
