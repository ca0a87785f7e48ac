"""Which rows the strips show and in what order, and what a row says."""

from __future__ import annotations

import math

import numpy as np

from console.api import NS, Columns, Freshness, Limit, Quality, Sensor
from widgets.strips.ranking import Nearness, worst
from widgets.strips.rows import Strip, reading, trend_of, value_range

LOW = Limit(priority=2, value=0.2, high=False)


def sensor(id_: str, normal: float | None, *limits: Limit) -> Sensor:
    return Sensor(id=id_, normal=normal, limits=limits, digits=2)


def test_nearness_is_the_share_of_the_way_to_the_limit() -> None:
    near = Nearness([sensor("a", 0.4, LOW), sensor("b", 0.0, Limit(priority=1, value=10)), sensor("c", None)])
    assert near.ids == ["a", "b"]
    near.take(slice(0, 2), np.array([0.3, 9.0]))
    assert near.shares(9) == {"a": 0.5000000000000001, "b": 0.9}
    near.take(slice(0, 1), np.array([math.nan]))
    assert set(near.shares(9)) == {"b"}


def test_of_thousands_only_the_nearest_and_the_named_are_told_and_ties_go_by_id() -> None:
    near = Nearness([sensor(f"s{i:04}", 0.0, Limit(priority=1, value=10)) for i in range(5000)])
    near.take(slice(0, 5000), np.r_[np.full(4998, 1.0), 9.0, 8.0])
    assert near.shares(4) == {"s4998": 0.9, "s4999": 0.8, "s0000": 0.1, "s0001": 0.1}
    assert set(near.shares(1, also=["s0777", "unknown"])) == {"s4998", "s0777"}


def test_one_of_each_cause_then_what_is_close_then_the_rest() -> None:
    shares = {"near": 0.9, "calm": 0.1}
    assert worst(["gas", "river"], ["gas2"], shares, [], 5) == ["gas", "river", "near", "gas2", "calm"]
    assert worst(["gas", "river"], ["gas2"], shares, [], 2) == ["gas", "river"]


def test_rows_do_not_change_places_for_little() -> None:
    assert worst([], [], {"a": 0.50, "b": 0.52}, ["a", "b"], 2) == ["a", "b"]
    assert worst([], [], {"a": 0.50, "b": 0.62}, ["a", "b"], 2) == ["b", "a"]
    assert worst([], [], {"a": 0.50, "b": 0.40, "c": 0.44}, ["a", "b"], 2) == ["a", "b"]
    assert worst([], [], {"a": 0.50, "b": 0.40, "c": 0.48}, ["a", "b"], 2) == ["a", "c"]


def test_small_changes_are_steady() -> None:
    s = sensor("a", 0.4, LOW)
    assert trend_of(s, 0.05 / 60)[1] == 1
    assert trend_of(s, -0.05 / 60)[1] == -1
    assert trend_of(s, 0.0001 / 60)[1] == 0
    assert trend_of(s, math.nan)[1] == 0


def test_a_bad_sample_is_said_and_not_drawn() -> None:
    strip = Strip(sensor("a", 0.4, LOW), 50, 100 * NS)
    strip.add(Columns(t_ns=np.array([1, 2]) * NS, v=np.array([0.3, 9.0]), q=np.array([0, 2], np.uint8)))
    assert strip.curve().v.tolist() == [0.3]
    said = reading(strip.sensor, 2 * NS, 9.0, int(Quality.BAD), 0.0, Freshness.LIVE, None, 3 * NS)
    assert said.bad


def test_a_range_is_never_empty() -> None:
    assert value_range(math.inf, -math.inf, None) == (0.0, 1.0)
    low, high = value_range(3.0, 3.0, None)
    assert low < 3 < high
    assert value_range(3.0, 4.0, LOW) == (0.2, 4.0)


def test_resizing_keeps_the_history() -> None:
    strip = Strip(sensor("a", 0.4, LOW), 50, 100 * NS)
    t = np.arange(100, dtype=np.int64) * NS
    strip.take_history(Columns(t_ns=t, v=np.linspace(0, 1, 100), q=np.zeros(100, np.uint8)))
    strip.resize(20, 100 * NS)
    assert strip.curve().v.max() == 1.0
