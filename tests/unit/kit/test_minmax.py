"""Min-max columns against the plain minimum and maximum, whatever order the samples come in."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from console.api import Columns, Quality
from widgets.kit.minmax import (
    EMPTY_LINE,
    Line,
    MinMaxColumns,
    beyond,
    broken,
    decimated,
    holes,
    not_ahead,
    pieces,
    side_of,
    typical_interval_ns,
)

VALUES = st.floats(-1e9, 1e9) | st.sampled_from([float("nan"), float("inf"), float("-inf"), 0.0])
SAMPLES = st.lists(st.tuples(st.integers(0, 5_000), VALUES), min_size=1, max_size=120)


def columns_of(samples: list[tuple[int, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([t for t, _ in samples], np.int64), np.array([v for _, v in samples], np.float64)


@settings(max_examples=120, deadline=None)
@given(SAMPLES, st.integers(1, 400), st.integers(1, 60), st.integers(1, 7))
def test_each_column_holds_low_and_high_of_its_samples(
    samples: list[tuple[int, float]], width: int, count: int, pieces: int
) -> None:
    t, v = columns_of(samples)
    box = MinMaxColumns(count, width)
    for part in np.array_split(np.arange(len(t)), pieces):
        box.append(t[part], v[part])
    line = box.line(0, 10_000, 0)
    good = np.isfinite(v)
    if not good.any():
        assert len(line) == 0
        return
    newest = int(t[good].max()) // width
    kept = good & (t // width > newest - count)
    assert np.all(np.diff(line.t_ns) >= 0)
    assert len(line) <= 4 * count
    for bucket in np.unique(t[kept] // width):
        of_line = line.v[line.t_ns // width == bucket]
        of_data = v[kept & (t // width == bucket)]
        assert of_line.min() == of_data.min()
        assert of_line.max() == of_data.max()
    assert set(line.t_ns // width) == set(t[kept] // width)


@settings(max_examples=120, deadline=None)
@given(SAMPLES, st.integers(1, 400), st.integers(1, 60), st.integers(1, 12), st.sampled_from([0, 40]))
def test_a_line_asked_for_again_and_again_is_the_one_asked_for_at_once(
    samples: list[tuple[int, float]], width: int, count: int, pieces: int, gap: int
) -> None:
    t, v = columns_of(samples)
    often, once = MinMaxColumns(count, width), MinMaxColumns(count, width)
    for part in np.array_split(np.arange(len(t)), pieces):
        often.append(t[part], v[part])
        once.append(t[part], v[part])
        often.line(0, 10_000, gap, 0.5)
        often.line(2_000, 10_000, gap)
    for flat in (0.0, 0.5):
        a, b = often.line(0, 10_000, gap, flat), once.line(0, 10_000, gap, flat)
        assert a.t_ns.tolist() == b.t_ns.tolist()
        assert a.v.tolist() == b.v.tolist()
        assert a.starts.tolist() == b.starts.tolist()


@settings(max_examples=60, deadline=None)
@given(SAMPLES, st.integers(1, 400))
def test_adding_twice_changes_no_extreme(samples: list[tuple[int, float]], width: int) -> None:
    t, v = columns_of(samples)
    once, twice = MinMaxColumns(50, width), MinMaxColumns(50, width)
    once.append(t, v)
    twice.append(t, v)
    twice.append(t, v)
    a, b = once.line(0, 10_000, 0), twice.line(0, 10_000, 0)
    assert a.t_ns.tolist() == b.t_ns.tolist()
    assert a.v.tolist() == b.v.tolist()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 2_000), min_size=1, max_size=60, unique=True), st.integers(1, 300))
def test_no_piece_bridges_a_gap(times: list[int], gap: int) -> None:
    t = np.array(sorted(times), np.int64)
    line = decimated(t, np.zeros(len(t)), 0, 2_001, 2_001, gap)
    inner = np.ones(len(line), bool)
    inner[line.starts] = False
    steps = np.diff(line.t_ns, prepend=line.t_ns[0])
    assert np.all(steps[inner] <= gap)
    assert len(line.starts) == 1 + int((np.diff(t) > gap).sum())


def test_time_jumping_back_leaves_the_newest_window() -> None:
    box = MinMaxColumns(10, 10)
    box.append(np.array([1_000], np.int64), np.array([1.0]))
    assert box.append(np.array([5, 995], np.int64), np.array([9.0, 2.0])) == 1
    assert box.line(0, 2_000, 0).v.tolist() == [2.0, 1.0]


def test_a_long_silence_empties_old_columns() -> None:
    box = MinMaxColumns(4, 10)
    box.append(np.arange(0, 40, 10), np.arange(4.0))
    box.append(np.array([10_000]), np.array([7.0]))
    assert box.line(0, 20_000, 0).v.tolist() == [7.0]


def test_decimating_nothing_is_empty() -> None:
    none = np.empty(0, np.int64)
    assert len(decimated(none, np.empty(0), 0, 10, 5, 0)) == 0
    assert len(decimated(np.array([1]), np.array([np.nan]), 0, 10, 5, 0)) == 0
    assert len(decimated(np.array([1]), np.array([1.0]), 10, 0, 5, 0)) == 0


def line_of(*values: float) -> Line:
    n = len(values)
    return Line(t_ns=np.arange(n, dtype=np.int64) * 100, v=np.array(values), starts=np.zeros(1, np.int64))


def test_the_part_beyond_starts_at_the_crossing() -> None:
    part, when, what = beyond(line_of(0, 2, 2, 0), 1.0, np.inf)
    assert part.t_ns.tolist() == [50, 100, 200, 250]
    assert part.v.tolist() == [1, 2, 2, 1]
    assert when.tolist() == [50]
    assert what.tolist() == [1.0]


def test_a_band_is_cut_on_both_sides() -> None:
    part, when, _ = beyond(line_of(0, 4), 1.0, 3.0)
    assert part.v.tolist() == [1.0, 3.0]
    assert when.tolist() == [25]


def test_beyond_keeps_pieces_apart() -> None:
    line = Line(t_ns=np.array([0, 100, 900, 1000]), v=np.array([5.0, 5, 5, 5]), starts=np.array([0, 2]))
    part, when, _ = beyond(line, 1.0, np.inf)
    assert part.starts.tolist() == [0, 2]
    assert when.tolist() == [0, 900]


def test_touching_a_limit_is_no_part() -> None:
    assert len(beyond(line_of(0, 1, 0), 1.0, np.inf)[0]) == 0
    assert len(beyond(EMPTY_LINE, 1.0, np.inf)[0]) == 0


def test_typical_interval() -> None:
    assert typical_interval_ns(np.array([0, 10, 20, 20, 500])) == 10
    assert typical_interval_ns(np.array([7])) == 0


def test_a_known_gap_between_two_points_breaks_the_line_and_only_there() -> None:
    line = Line(t_ns=np.array([0, 10, 20, 30], np.int64), v=np.arange(4.0), starts=np.array([0], np.int64))
    assert broken(line, []) is line
    assert broken(line, [(12, 15)]).starts.tolist() == [0, 2]
    assert broken(line, [(12, 25)]).starts.tolist() == [0], "points lie in it: it has been filled"
    assert broken(line, [(-9, -3), (31, 40)]).starts.tolist() == [0], "nothing to be set apart"
    assert broken(line, [(12, 15), (22, 28)]).starts.tolist() == [0, 2, 3]


def test_holes_are_long_or_known() -> None:
    line = Line(t_ns=np.array([0, 10, 50, 60, 75], np.int64), v=np.zeros(5), starts=np.array([0, 2, 4], np.int64))
    assert holes(line, 20) == [(10, 50)]
    assert holes(line, 20, [(62, 70)]) == [(10, 50), (60, 75)]
    assert holes(line, 100) == []


def test_only_what_a_wrong_clock_dates_ahead_is_left_out() -> None:
    t = np.array([1, 2, 3], np.int64)
    q = np.array([Quality.CLOCK, 0, Quality.CLOCK], np.uint8)
    samples = Columns(t_ns=t, v=np.zeros(3), q=q)
    assert not_ahead(samples, 0) is samples
    assert not_ahead(samples, 3) is samples
    assert not_ahead(samples, 1).t_ns.tolist() == [1, 2]


@settings(max_examples=120, deadline=None)
@given(st.lists(st.integers(-9, 9), min_size=1, max_size=40), st.integers(-9, 9), st.booleans(), st.integers(1, 5))
def test_a_side_of_a_line_has_every_segment_that_reaches_it_and_joins_no_others(
    values: list[int], border: int, high: bool, breaks: int
) -> None:
    v = np.array(values, np.float64)
    starts = np.arange(0, len(v), breaks * 3)
    line = Line(t_ns=np.arange(len(v)), v=v, starts=starts)
    part = side_of(line, border, high=high, margin=1.0)

    def reaches(i: int) -> bool:
        return bool(v[i] >= border - 1 if high else v[i] <= border + 1)

    def segments(of: Line) -> set[tuple[int, int]]:
        steps = ((a, b) for i, j in pieces(of) for a, b in zip(of.t_ns[i : j - 1], of.t_ns[i + 1 : j], strict=True))
        return {(int(a), int(b)) for a, b in steps}

    wanted = {(a, b) for a, b in segments(line) if reaches(a) or reaches(b)}
    assert wanted <= segments(part) <= segments(line)
    assert {i for i in range(len(v)) if reaches(i)} <= set(part.t_ns.tolist())
    assert part.v.tolist() == v[part.t_ns].tolist()
