"""The replica: rings against a model of plain lists, freshness, and what a strange node cannot do to it."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.api import Alarm, ChannelKind, Columns, Freshness, Quality, Sensor, Severity, WireError
from console.client.backlog import ROWS_A_TICK
from console.client.replica import UNREADABLE
from console.client.rings import RING, Rings
from console.wire.codec import encode_value, pack_batch
from console.wire.frames import Entities, Handles, NoticeFrame
from tests.unit.client.told import NOW, SECOND, Row, Told, columns_of, past_of

BATCHES = st.lists(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(1, 40), st.floats(-1e6, 1e6), st.sampled_from([0, 1, 2, 4])),
        min_size=1,
        max_size=12,
    ),
    max_size=8,
)


@given(BATCHES)
def test_rings_and_last_values_are_what_lists_would_hold(batches: list[list[Row]]) -> None:
    told = Told("a", "b", "c", "d")
    model: dict[str, list[tuple[int, float]]] = {id_: [] for id_ in "abcd"}
    for rows in batches:
        told.batch(rows)
        for handle, t, v, _ in rows:
            model["abcd"[handle]].append((t, v))
    for id_, samples in model.items():
        window = told.replica.window(id_, 5, 30)
        expected = sorted((s for s in samples if 5 <= s[0] < 30), key=lambda s: s[0])
        assert list(zip(window.t_ns.tolist(), window.v.tolist(), strict=True)) == expected
        if samples:
            newest = max(t for t, _ in samples)
            assert told.last(id_) == [s for s in samples if s[0] == newest][-1]
    changed, _ = told.replica.drain()
    assert changed == {id_ for id_, samples in model.items() if samples}
    assert told.replica.drain()[0] == set()


@settings(max_examples=25)
@given(st.lists(st.integers(1, 900), min_size=1, max_size=4))
def test_a_ring_that_wraps_keeps_the_newest(sizes: list[int]) -> None:
    told = Told("a", "b")
    n = 0
    for size in sizes:
        told.batch([(0, NOW + n + i, float(n + i), 0) for i in range(size)] + [(1, NOW + n, float(n), 0)])
        n += size
    assert told.values("a") == [float(i) for i in range(max(0, n - RING), n)]
    assert len(told.values("b")) == len(sizes)


@pytest.mark.parametrize("more", [0, 1, RING, 2 * RING + 7])
def test_a_batch_longer_than_the_ring_leaves_its_end(more: int) -> None:
    told = Told("a", "b")
    n = RING + more
    rows = [(0, NOW + i, float(i), 0) for i in range(n)]
    told.batch([*rows, (1, NOW, -1.0, 0)])
    assert told.values("a") == [float(i) for i in range(n - RING, n)]
    assert told.values("b") == [-1.0]
    assert told.last("a") == (NOW + n - 1, float(n - 1))


def test_a_late_sample_is_in_the_window_but_not_the_last() -> None:
    told = Told("a")
    told.batch([(0, NOW, 1.0, 0), (0, NOW + 2, 3.0, 0)])
    told.batch([(0, NOW + 1, 2.0, Quality.LATE)])
    assert told.values("a") == [1.0, 2.0, 3.0]
    assert told.last("a") == (NOW + 2, 3.0)


def test_the_newest_is_last_even_when_a_batch_ends_with_an_older_one() -> None:
    told = Told("a")
    told.batch([(0, NOW + 5, 5.0, 0), (0, NOW + 1, 1.0, Quality.LATE)])
    assert told.last("a") == (NOW + 5, 5.0)


def test_a_snapshot_said_again_is_not_appended_twice() -> None:
    told = Told("a", "b")
    told.batch([(0, NOW, 1.0, 0)])
    told.batch([(0, NOW, 1.0, 0), (1, NOW, 7.0, 0)], snapshot=True)
    told.batch([(0, NOW, 1.0, 0), (1, NOW, 7.0, 0)], snapshot=True)
    assert told.values("a") == [1.0]
    assert told.values("b") == [7.0]


def test_after_a_reconnect_other_handles_mean_the_same_rings() -> None:
    told = Told("a", "b")
    told.batch([(0, NOW, 1.0, 0), (1, NOW, 10.0, 0)])
    told.connect("new", "b", "a")
    told.batch([(2, NOW + 1, 2.0, 0), (1, NOW + 1, 11.0, 0), (0, NOW, 5.0, 0)])
    assert told.values("a") == [1.0, 2.0]
    assert told.values("b") == [10.0, 11.0]
    assert told.values("new") == [5.0]


@pytest.mark.parametrize("first", [-1, 3])
def test_handles_that_leave_some_out_are_refused(first: int) -> None:
    told = Told("a", "b")
    with pytest.raises(WireError, match="first"):
        told.replica.take_handles(Handles(first=first, ids=("c",)))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_kept_as_nothing(value: float) -> None:
    told = Told("a")
    told.batch([(0, NOW, value, 0)])
    latest = told.replica.latest(["a"], NOW)
    assert math.isnan(latest.v[0])
    assert latest.q[0] == Quality.BAD
    assert latest.t_ns[0] == NOW


def test_rate_is_the_change_a_second_and_unknown_without_two_samples() -> None:
    told = Told("a", "b", "c")
    told.batch([(0, NOW - (60 - i) * SECOND, 0.5 * i, 0) for i in range(60)])
    told.batch([(1, NOW, 1.0, 0), (2, NOW - SECOND, math.nan, 0), (2, NOW, math.nan, 0)])
    rates = told.replica.latest(["a", "b", "c", "unknown"], NOW).rate_per_s
    assert rates[0] == pytest.approx(0.5)
    assert np.isnan(rates[1:]).all()


def test_each_freshness_is_told_apart() -> None:
    told = Told("a", "silent")
    told.put(Sensor(id="a", stale_after_s=3.0), Sensor(id="silent"))
    told.batch([(0, NOW, 1.0, 0)])
    at = told.replica.freshness
    assert at("a", NOW + 3 * SECOND, True) is Freshness.LIVE
    assert at("a", NOW + 3 * SECOND + 1, True) is Freshness.STALE
    assert at("a", NOW, False) is Freshness.DISCONNECTED
    assert at("silent", NOW, True) is Freshness.NEVER
    assert at("unknown", NOW, True) is Freshness.NEVER
    assert told.replica.counts(NOW) == (2, 1, NOW)


def test_a_time_in_the_year_2100_neither_freezes_a_sensor_nor_makes_it_fresh() -> None:
    told = Told("a")
    told.put(Sensor(id="a"))
    year_2100 = 4_102_444_800 * SECOND
    told.batch([(0, NOW, 1.0, 0)])
    told.batch([(0, year_2100, 2.0, Quality.CLOCK)])
    assert told.last("a") == (year_2100, 2.0)
    assert told.replica.freshness("a", NOW, True) is Freshness.STALE
    assert told.replica.counts(NOW) == (1, 0, 0)
    told.batch([(0, NOW + SECOND, 3.0, 0)])
    assert told.last("a") == (NOW + SECOND, 3.0)
    assert told.replica.freshness("a", NOW + SECOND, True) is Freshness.LIVE
    assert told.replica.window("a", 0, NOW + 2 * SECOND).v.tolist() == [1.0, 3.0], "not plotted in the future"


@pytest.mark.parametrize("t_ns", [0, -1, -(2**63)])
def test_a_time_before_1970_is_never_the_last(t_ns: int) -> None:
    told = Told("a")
    told.put(Sensor(id="a"))
    told.batch([(0, t_ns, 1.0, 0)])
    assert told.replica.freshness("a", NOW, True) is Freshness.NEVER
    assert told.replica.counts(NOW) == (1, 0, 0)


def test_one_bad_entity_is_skipped_and_said_and_the_others_are_taken() -> None:
    told = Told("a")
    good = encode_value(Alarm(id="alarm:a", sensor="a"))
    strange = [
        msgspec.msgpack.encode({"id": "alarm:b", "state": "Z"}),
        msgspec.msgpack.encode({"id": 7}),
        msgspec.msgpack.encode([1, 2]),
        msgspec.msgpack.encode(None),
        b"\xa2\xff\xfe",
    ]
    put = [*(msgspec.Raw(data) for data in strange), good]
    told.replica.take_entities(Entities(seq=1, cls="alarm", put=put, drop=["nobody"]))
    assert list(told.replica.entities["alarm"]) == ["alarm:a"]
    assert told.replica.skipped == len(strange)
    assert told.replica.notices[UNREADABLE].severity is Severity.WARNING
    told.replica.take_entities(Entities(seq=2, cls="dragon", put=[good]))
    assert told.replica.skipped == len(strange) + 1


@pytest.mark.parametrize("stale_s", [math.nan, math.inf, -1.0, 1e300])
def test_a_strange_stale_limit_harms_nothing(stale_s: float) -> None:
    told = Told("a")
    raw = msgspec.msgpack.encode({"id": "a", "stale_after_s": stale_s, "new_key": {"x": 1}})
    told.replica.take_entities(Entities(seq=1, cls="sensor", put=[msgspec.Raw(raw)]))
    told.batch([(0, NOW, 1.0, 0)])
    assert told.replica.freshness("a", NOW, True) is Freshness.LIVE


def test_a_sensor_put_again_with_another_channel_begins_anew() -> None:
    told = Told("a")
    told.put(Sensor(id="a"))
    told.batch([(0, NOW, 1.0, 0)])
    told.put(Sensor(id="a", channel=ChannelKind.POSITION), full=True)
    assert told.replica.freshness("a", NOW, True) is Freshness.NEVER
    v = np.array([[108.9, 34.2, 400.0, 90.0, 12.5]])
    position = Columns(t_ns=np.array([NOW - 5]), v=v, q=np.zeros(1, np.uint8), ids=np.zeros(1, np.uint32))
    told.replica.take_batch(pack_batch(1, 9, ChannelKind.POSITION, position))
    assert told.replica.latest(["a"], NOW).v.tolist() == v.tolist()
    told.put(Sensor(id="a"))
    assert told.values("a") == []
    assert math.isnan(told.last("a")[1])


def test_events_touch_but_fill_no_ring() -> None:
    told = Told("a", "b")
    told.batch([(0, NOW + 5, 1.0, 0)])
    rows = columns_of([(0, NOW, 0.0, 0), (1, NOW, 0.0, 0)])
    told.replica.take_batch(pack_batch(1, 9, ChannelKind.EVENT, rows))
    told.replica.take_batch(pack_batch(1, 9, ChannelKind.EVENT, rows, snapshot=True))
    assert told.replica.drain()[0] == {"a", "b"}
    assert told.values("b") == []


def test_a_notice_of_unknown_severity_is_a_warning() -> None:
    told = Told()
    told.replica.take_notice(NoticeFrame(key="k", severity="apocalypse"))
    assert told.replica.notices["k"].severity is Severity.WARNING
    told.replica.take_notice(NoticeFrame(key="k", cleared=True))
    told.replica.take_notice(NoticeFrame(key="never", cleared=True))
    assert not told.replica.notices


def test_full_forgets_and_dropped_sensors_are_not_counted() -> None:
    told = Told("a", "b")
    told.put(Sensor(id="a"), Sensor(id="b"))
    told.replica.take_entities(Entities(seq=1, cls="sensor", drop=["a", "zz"]))
    assert told.replica.counts(NOW)[0] == 1
    told.put(Sensor(id="a"), full=True)
    assert list(told.replica.all(Sensor)) == ["a"]
    assert told.replica.counts(NOW)[0] == 1


def test_ten_thousand_sensors_may_come_in_parts() -> None:
    told = Told()
    for first in range(0, 10_000, 500):
        ids = tuple(f"s{i}" for i in range(first, first + 500))
        told.replica.take_handles(Handles(first=first, ids=ids))
        told.batch([(first + i, NOW, float(first + i), 0) for i in range(500)])
    latest = told.replica.latest([f"s{i}" for i in range(10_000)], NOW)
    assert latest.v.tolist() == [float(i) for i in range(10_000)]
    assert told.values("s9999") == [9999.0]


def test_growing_copies_only_rings_in_use() -> None:
    rings = Rings(5)
    rings.grow(4096)
    v = np.ones((1, 5))
    rings.append(np.array([4000]), Columns(t_ns=np.array([NOW]), v=v, q=np.zeros(1, np.uint8)))
    resident = _resident_bytes()
    rings.grow(8192)
    assert _resident_bytes() - resident < 32 << 20, "untouched pages became memory"
    assert rings.read(4000, 0, NOW + 1).v.tolist() == v.tolist()


def _resident_bytes() -> int:
    return int(psutil.Process().memory_info().rss)


# ------------------------------------------------------------------------------------------- cuts, gaps, back-fill


def test_a_gap_is_known_for_the_sensors_of_its_feed_until_it_is_filled() -> None:
    told = Told("a", "b")
    told.connect("a", "b", feeds=(1, 2))
    told.batch([(0, NOW + i * SECOND, float(i), 0) for i in range(3)], feed=1)
    told.batch([(1, NOW, 0.0, 0)], feed=2)
    told.replica.lost(1, NOW + 3 * SECOND, NOW + 5 * SECOND)
    told.batch([(0, NOW + 6 * SECOND, 6.0, 0)], feed=1)
    assert told.replica.gaps("a") == [(NOW + 3 * SECOND, NOW + 5 * SECOND)]
    assert told.replica.gaps("b") == told.replica.gaps("unknown") == []
    told.replica.drain()
    told.replica.take_past(past_of([(0, NOW + 4 * SECOND, 4.0, 0)]))
    told.replica.filled(1, NOW + 4 * SECOND, NOW + 9 * SECOND)
    assert told.replica.gaps("a") == [(NOW + 3 * SECOND, NOW + 4 * SECOND - 1)], "the older part is not back yet"
    assert told.values("a") == [0.0, 1.0, 2.0, 4.0, 6.0]
    assert told.replica.drain()[0] == {"a"}, "panels that show it paint anew"
    told.replica.filled(1, NOW, NOW + 4 * SECOND)
    assert told.replica.gaps("a") == []


def test_a_gap_of_the_cut_is_known_for_the_sensors_that_the_subscription_brought_before() -> None:
    told = Told("a")
    told.batch([(0, NOW, 0.0, 0)])
    told.replica.begin()
    told.replica.lost(1, NOW + 1, NOW + 9)
    assert told.replica.gaps("a") == [(NOW + 1, NOW + 9)]


def test_what_was_left_out_for_newer_is_a_hole_only_for_sensors_that_lost_something() -> None:
    told = Told("slow", "fast")
    told.batch([(0, NOW + i * 10 * SECOND, float(i), 0) for i in range(5)])
    told.batch([(1, NOW + i * SECOND, float(i), 0) for i in range(20)])
    told.replica.lost(1, NOW + 20 * SECOND, NOW + 27 * SECOND, conflated=True)
    told.batch([(1, NOW + i * SECOND, float(i), 0) for i in range(27, 40)])
    assert told.replica.gaps("slow") == []
    assert told.replica.gaps("fast") == [(NOW + 20 * SECOND, NOW + 27 * SECOND - 1)]


Parts = list[tuple[bool, list[tuple[int, int]]]]
"""Whether fetched, handles and times."""
FILLS = st.lists(
    st.tuples(st.booleans(), st.lists(st.tuples(st.integers(0, 1), st.integers(1, 60)), min_size=1, max_size=20)),
    max_size=8,
)


@given(FILLS)
def test_live_and_fetched_samples_in_any_order_are_each_there_once(
    parts: list[tuple[bool, list[tuple[int, int]]]],
) -> None:
    told = Told("a", "b")
    model: dict[int, set[int]] = {0: set(), 1: set()}
    for fetched, samples in parts:
        rows = [(handle, t, 10.0 * t + handle, 0) for handle, t in dict.fromkeys(samples)]
        if fetched:
            told.replica.take_past(past_of(rows))
        else:
            rows = [row for row in rows if row[1] not in model[row[0]]]  # the node sends nothing live twice
            if rows:
                told.batch(rows)
        for handle, t, _, _ in rows:
            model[handle].add(t)
    for handle, id_ in enumerate("ab"):
        window = told.replica.window(id_, 0, NOW)
        assert window.t_ns.tolist() == sorted(model[handle])
        assert window.v.tolist() == [10.0 * t + handle for t in sorted(model[handle])]
        if model[handle]:
            assert told.last(id_)[0] == max(model[handle])


def test_fetched_samples_of_many_sensors_get_to_their_rings_also_when_nobody_looks() -> None:
    ids = tuple(f"s{i}" for i in range(3 * ROWS_A_TICK))
    told = Told(*ids)
    told.replica.take_past(past_of([(i, NOW, float(i), 0) for i in range(len(ids))]))
    for _ in range(3):
        told.replica.drain()
    assert not told.replica._backlog._parts
    assert [told.values(id_) for id_ in ids] == [[float(i)] for i in range(len(ids))]


def test_single_precision_on_the_wire_is_no_other_value_than_the_store_s() -> None:
    told = Told("a")
    frame = pack_batch(1, 1, ChannelKind.SCALAR, columns_of([(0, NOW, 0.1, 0)]), dtype="f4")
    told.replica.take_batch(frame)
    told.replica.take_past(past_of([(0, NOW, 0.1, 0)]))
    assert len(told.values("a")) == 1


def test_a_fetched_position_that_differs_in_latitude_alone_is_another_one() -> None:
    rings = Rings(5)
    rings.grow(1)
    here, there = [113.0, 22.0, 0.0, 0.0, np.nan], [113.0, 23.0, 0.0, 0.0, np.nan]
    at = Columns(t_ns=np.array([NOW]), v=np.array([here]), q=np.zeros(1, np.uint8))
    rings.append(np.zeros(1, np.int64), at)
    assert rings.merge(0, at) == 0
    assert rings.merge(0, msgspec.structs.replace(at, v=np.array([there]))) == 1
    assert rings.read(0, 0, NOW + 1).v[:, 1].tolist() == [22.0, 23.0]


def test_a_fast_sensor_gets_a_ring_that_holds_minutes_and_slow_ones_keep_theirs() -> None:
    told = Told("fast", "slow")
    step = SECOND // 100
    n = 30_000
    for first in range(0, n, 500):
        rows = [(0, NOW + i * step, float(i), 0) for i in range(first, first + 500)]
        told.batch([*rows, (1, NOW + first * step, float(first), 0)])
    assert told.values("fast")[-20_000:] == [float(i) for i in range(n - 20_000, n)]
    assert told.values("slow") == [float(i) for i in range(0, n, 500)][-RING:]
    told.replica.take_past(past_of([(0, NOW + n * step - 1, -1.0, 0)]))
    assert told.values("fast")[-2:] == [float(n - 1), -1.0]
