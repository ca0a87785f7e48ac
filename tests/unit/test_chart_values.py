"""The chart's Qt-free half: ticks, joining history and live, limits, the moving span."""

from __future__ import annotations

import datetime as dt
import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.api import NS, Columns, Limit, Quality, Sensor
from widgets.chart.scale import MONTH_S, spread, steadied, time_ticks, value_scale
from widgets.chart.series import Series, bars, parts_beyond, reach, trend
from widgets.chart.view import TimeView
from widgets.kit.minmax import Line, decimated

HIGH = (Limit(priority=1, value=10.0), Limit(priority=2, value=5.0))


def samples(t_s: list[float], v: list[float], q: list[int] | None = None) -> Columns:
    return Columns(
        t_ns=(np.array(t_s) * NS).astype(np.int64), v=np.array(v, np.float64), q=np.array(q or [0] * len(v), np.uint8)
    )


@given(st.lists(st.floats(0.0, 250.0), min_size=1, max_size=4))
def test_names_beside_a_chart_keep_the_order_of_their_lines_and_stand_apart(lines: list[float]) -> None:
    at = spread([(y, 37.0) for y in lines], 0.0, 250.0)
    assert min(at) >= 0.0
    assert max(at) <= 250.0
    below = sorted(range(len(lines)), key=lambda i: lines[i])
    assert all(at[b] - at[a] >= 74.0 - 1e-6 for a, b in itertools.pairwise(below))


def test_a_name_with_room_stands_at_its_line() -> None:
    assert spread([(200.0, 10.0), (20.0, 10.0), (25.0, 10.0)], 0.0, 250.0) == [200.0, 20.0, 40.0]


def test_value_ticks_are_round_and_inside() -> None:
    scale = value_scale(387.9, 389.72, 5)
    assert scale.ticks == pytest.approx((388.0, 388.5, 389.0, 389.5))
    assert scale.digits == 1
    assert scale.low < 387.9
    assert scale.high > 389.72


@settings(max_examples=200, deadline=None)
@given(
    st.floats(allow_nan=True, allow_infinity=True, width=32),
    st.floats(allow_nan=True, allow_infinity=True, width=32),
    st.integers(1, 12),
)
def test_any_range_gives_a_scale(low: float, high: float, most: int) -> None:
    scale = value_scale(low, high, most)
    assert math.isfinite(scale.low)
    assert scale.low < scale.high
    assert len(scale.ticks) <= 3 * most + 3
    assert all(scale.low <= tick <= scale.high for tick in scale.ticks)


def test_a_scale_stays_while_it_fits() -> None:
    first = value_scale(0, 10, 5)
    assert steadied(first, 0.5, 9.8, 5) is first
    assert steadied(first, 0, 12, 5) is not first
    assert steadied(first, 0, 2, 5) is not first


def test_time_ticks_stand_on_round_beijing_hours() -> None:
    midnight_ns = 1_784_304_000 * NS  # 2026-07-18 00:00 Beijing time
    times, step = time_ticks(midnight_ns - 5 * 3600 * NS, midnight_ns + 3600 * NS, 6)
    assert step == 3600
    assert midnight_ns in times
    days, step = time_ticks(midnight_ns - 10 * 86_400 * NS, midnight_ns, 10)
    assert step == 86_400
    assert midnight_ns in days


def test_ticks_of_a_year_are_firsts_of_months() -> None:
    end_ns = 1_784_304_000 * NS  # 2026-07-18 00:00 Beijing time
    times, step = time_ticks(end_ns - 365 * 86_400 * NS, end_ns, 7)
    days = [dt.datetime.fromtimestamp(t // NS, dt.timezone(dt.timedelta(hours=8))) for t in times]
    assert step == 2 * MONTH_S
    assert [(d.year, d.month) for d in days] == [(2025, 9), (2025, 11), (2026, 1), (2026, 3), (2026, 5), (2026, 7)]
    assert all((d.day, d.hour, d.minute) == (1, 0, 0) for d in days)


def test_history_and_live_join_without_a_seam() -> None:
    kept = Series(Sensor(id="a"))
    kept.view(0, 100 * NS, 50)
    kept.append(samples([60, 61, 62, 63], [6, 6.1, 6.2, 6.3]))
    kept.take_history(samples([float(t) for t in range(63)], [t / 10 for t in range(63)]))
    line = kept.line()
    assert len(line.starts) == 1
    assert line.v.max() == 6.3
    assert kept.last == (63 * NS, 6.3)
    assert len(kept.shown()) == 64


def test_bad_and_infinite_samples_are_marked_and_not_drawn() -> None:
    kept = Series(Sensor(id="a"))
    kept.view(0, 10 * NS, 50)
    kept.append(samples([1, 2, 3, 4], [1, 99, math.inf, math.nan], [0, int(Quality.BAD), 0, 0]))
    assert kept.line().v.tolist() == [1.0]
    assert kept.bad.t_ns.tolist() == [2 * NS, 3 * NS, 4 * NS]
    assert kept.last == (NS, 1.0)


def test_a_view_back_in_time_is_not_pushed_out_by_the_present() -> None:
    kept = Series(Sensor(id="a"))
    kept.view(900 * NS, 1000 * NS, 50)
    kept.append(samples([float(t) for t in range(1000)], [float(t) for t in range(1000)]))
    kept.view(100 * NS, 200 * NS, 50)
    assert kept.line().v.min() <= 101
    kept.view(900 * NS, 1000 * NS, 50)
    assert kept.line().v.max() == 999


def test_time_jumping_back_joins_nothing_backwards() -> None:
    kept = Series(Sensor(id="a"))
    kept.view(0, 1000 * NS, 100)
    kept.append(samples([500, 501, 502], [1, 2, 3]))
    kept.append(samples([100, 101], [7, 8]))
    line = kept.line()
    assert np.all(np.diff(line.t_ns) >= 0)
    assert len(line.starts) == 2


def line_of(*values: float) -> Line:
    return Line(t_ns=np.arange(len(values), dtype=np.int64), v=np.array(values), starts=np.zeros(1, np.int64))


def test_each_limit_colours_its_own_band() -> None:
    thick, crossings = parts_beyond(line_of(0, 20), HIGH)
    assert {(x.priority, float(x.line.v.min()), float(x.line.v.max())) for x in thick} == {(1, 10, 20), (2, 5, 10)}
    assert {(c.priority, c.v) for c in crossings} == {(1, 10.0), (2, 5.0)}


def test_low_limits_mirror_high_ones() -> None:
    low = (Limit(priority=1, value=1.0, high=False), Limit(priority=3, value=2.0, high=False))
    thick, crossings = parts_beyond(line_of(4, 0), low)
    assert {(x.priority, float(x.line.v.min())) for x in thick} == {(1, 0), (3, 1)}
    assert {c.priority for c in crossings} == {1, 3}


def test_noise_at_a_limit_does_not_move_the_crossing() -> None:
    limit = (Limit(priority=2, value=5.0, hysteresis=0.5),)
    t = np.arange(6, dtype=np.int64) * 1000
    line = decimated(t, np.array([0.0, 5.2, 4.9, 5.3, 4.8, 9.0]), 0, 6000, 6000, 0)
    _, crossings = parts_beyond(line, limit)
    assert [c.t_ns < 1000 for c in crossings] == [True]


def test_reach_takes_far_limits_only_when_they_are_near_enough() -> None:
    assert reach(line_of(4, 6), HIGH) == (4, 10)
    assert reach(line_of(4, 4.2), (Limit(priority=1, value=1e6), Limit(priority=2, value=5.0))) == (4, 5)
    assert all(math.isnan(x) for x in reach(line_of(), ()))


def test_bars_are_means_of_good_samples() -> None:
    at, mean = bars(samples([0, 1, 2, 10], [1, 3, 50, 7], [0, 0, int(Quality.BAD), 0]), 0, 20 * NS, 10 * NS)
    assert at.tolist() == [0, 10 * NS]
    assert mean.tolist() == [2.0, 7.0]


def test_trend_needs_enough_samples() -> None:
    assert trend(samples([1, 2], [1, 2]), 3 * NS, 60 * NS) is None
    found = trend(samples([float(t) for t in range(60)], [t * 0.5 for t in range(60)]), 60 * NS, 60 * NS)
    assert found is not None
    assert found[1] == pytest.approx(0.5)


def test_the_view_follows_is_held_and_comes_home() -> None:
    view = TimeView(3600 * NS)
    view.follow(10_000 * NS, 100)
    assert view.end_ns > 10_000 * NS
    view.pan(-0.5, 10_000 * NS)
    assert not view.following
    held = view.start_ns
    view.follow(20_000 * NS, 100)
    assert view.start_ns == held
    view.shorter(20_000 * NS)
    assert view.span_ns == 600 * NS
    view.longer(20_000 * NS)
    view.longer(20_000 * NS)
    assert view.span_ns == 6 * 3600 * NS
    assert view.end_ns <= 20_000 * NS, "no more of what is to come"
    view.home()
    view.follow(20_000 * NS, 100)
    assert view.end_ns >= 20_000 * NS
    assert view.span_ns == 3600 * NS
