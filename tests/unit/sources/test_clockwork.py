"""The replay's clock: shown times, loops, thinning, and what the player puts into a sink."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import NS, Columns, Quality, Sensor, Sink, Span
from console.node.sources.replay.clockwork import Clockwork, ReplaySettings, instant_ns, thin, zone
from console.node.sources.replay.reel import Player, Recording, Reel, Series
from tests.fakes_sink import RecordingSink

T0 = 1_600_000_000 * NS
NOW = 1_700_000_000 * NS
SHANGHAI = zone("Asia/Shanghai")


class Clock:
    """A node clock that the test moves."""

    def __init__(self) -> None:
        self.now_ns = NOW

    def __call__(self) -> int:
        return self.now_ns


def series(id_: str, seconds: list[float], values: list[float]) -> Series:
    """Samples at seconds after T0."""
    q = [int(Quality.BAD) if np.isnan(v) else 0 for v in values]
    t_ns = np.array([T0 + round(s * NS) for s in seconds], np.int64)
    return Series(sensor=Sensor(id=id_, stale_after_s=0), t_ns=t_ns, v=np.array(values, float), q=np.array(q, np.uint8))


def played(settings: ReplaySettings, *found: Series) -> tuple[RecordingSink, Clock, Player, Reel]:
    """A begun replay."""
    clock = Clock()
    sink = RecordingSink(clock)
    reel = Reel(Recording(series=found), settings, dt.UTC)
    typed: Sink = sink
    player = Player(typed, reel)
    player.begin()
    return sink, clock, player, reel


def seen(sink: RecordingSink, id_: str) -> list[tuple[float, float]]:
    """(shown seconds after the begin, value) of a sensor's samples."""
    found = sink.of(id_)
    return [((t - NOW) / NS, v) for t, v in zip(found.t_ns.tolist(), found.v.tolist(), strict=True)]


def test_original_speed_once() -> None:
    sink, clock, player, _ = played(ReplaySettings(id="s"), series("a", [0, 10, 30], [1, 2, 3]))
    assert seen(sink, "a") == [(0, 1)]
    assert player.nap_s() == 5
    clock.now_ns = NOW + 29 * NS
    player.step()
    assert seen(sink, "a") == [(0, 1), (10, 2)]
    assert player.nap_s() == 1
    clock.now_ns = NOW + 31 * NS
    player.step()
    assert seen(sink, "a") == [(0, 1), (10, 2), (30, 3)]
    assert player.nap_s() is None


def test_speed_and_start_in_the_middle() -> None:
    start = dt.datetime.fromtimestamp((T0 + 100 * NS) / NS, dt.UTC).isoformat()
    settings = ReplaySettings(id="s", speed=10, start_at=start)
    sink, clock, player, reel = played(settings, series("a", [0, 95, 150, 200], [1, 2, 3, 4]))
    assert seen(sink, "a") == [(-0.5, 2)]
    clock.now_ns = NOW + 6 * NS
    player.step()
    assert seen(sink, "a") == [(-0.5, 2), (5, 3)]
    past = reel.columns(Span(sensor="a", start_ns=NOW - 100 * NS, end_ns=NOW + 100 * NS), clock.now_ns)
    assert [(t - NOW) / NS for t in past.t_ns.tolist()] == [-10, -0.5, 5]
    assert past.v.tolist() == [1, 2, 3]


def test_a_loop_goes_on_in_time() -> None:
    sink, clock, player, reel = played(ReplaySettings(id="s", loop=True), series("a", [0, 10, 20], [1, 2, 3]))
    clock.now_ns = NOW + 65 * NS
    player.step()
    expected = [(0, 1), (10, 2), (20, 3), (30, 1), (40, 2), (50, 3), (60, 1)]
    assert seen(sink, "a") == expected
    assert player.nap_s() == 5
    past = reel.columns(Span(sensor="a", start_ns=NOW + 15 * NS, end_ns=NOW + 45 * NS), clock.now_ns)
    assert [(t - NOW) / NS for t in past.t_ns.tolist()] == [20, 30, 40]


def test_kept_times_are_the_recorded_ones() -> None:
    settings = ReplaySettings(id="s", times="keep")
    clock = Clock()
    clock.now_ns = T0 + 15 * NS
    sink = RecordingSink(clock)
    player = Player(sink, Reel(Recording(series=(series("a", [0, 10, 20], [1, 2, 3]),)), settings, dt.UTC))
    player.begin()
    clock.now_ns = T0 + 20 * NS
    player.step()
    assert sink.of("a").t_ns.tolist() == [T0 + 10 * NS, T0 + 20 * NS]


def test_several_sensors_in_one_batch_and_stale_times() -> None:
    sink, clock, player, reel = played(
        ReplaySettings(id="s", speed=2), series("a", [0, 60, 120], [1, 2, 3]), series("b", [1, 61, 3661], [4, 5, 6])
    )
    clock.now_ns = NOW + 31 * NS
    player.step()
    assert seen(sink, "a") == [(0, 1), (30, 2)]
    assert seen(sink, "b") == [(0.5, 4), (30.5, 5)]
    assert len(sink.batches) == 2
    assert [s.stale_after_s for s in reel.sensors] == [75, 2.5 * 1830 / 2]


def test_times_with_and_without_zone() -> None:
    assert instant_ns("2020-06-01T08:00:00", SHANGHAI) == instant_ns("2020-06-01T00:00:00Z", SHANGHAI)
    assert instant_ns("2020-06-01 08:00:00.123456", zone("+08:00")) % NS == 123_456_000
    assert instant_ns("1950-01-01", dt.UTC) < 0
    with pytest.raises(ValueError, match="Mars"):
        zone("Mars/Base")


@given(
    steps=st.lists(st.integers(0, 10**12), min_size=1, max_size=30),
    speed=st.sampled_from([0.5, 1.0, 3.7, 1000.0]),
    loop=st.booleans(),
    cuts=st.lists(st.integers(0, 10**13), max_size=8),
)
def test_no_row_is_lost_or_told_twice(steps: list[int], speed: float, loop: bool, cuts: list[int]) -> None:
    """However a span is cut into ticks, the rows are those of the whole, in order."""
    recorded = np.cumsum(np.array([T0, *steps], np.int64))
    settings = ReplaySettings(speed=speed, loop=loop)
    # a loop's period may be tiny against the span; keep the cycles few
    step = max(NS, 10**13 // 50) if loop else NS
    clock = Clockwork(settings, int(recorded[0]), int(recorded[-1]), step * max(1, round(speed)), dt.UTC)
    clock.begin(NOW)
    offsets = clock.offsets(recorded)
    edges = [NOW, *(NOW + cut for cut in sorted(cuts)), NOW + 10**13]
    parts = [clock.rows(offsets, a, b) for a, b in itertools.pairwise(edges)]
    rows, times = clock.rows(offsets, edges[0], edges[-1])
    assert np.concatenate([p[0] for p in parts]).tolist() == rows.tolist()
    assert np.concatenate([p[1] for p in parts]).tolist() == times.tolist()
    assert (np.diff(times) >= 0).all()
    following = clock.next_ns(offsets, NOW)
    assert following == NOW


def test_thinning_keeps_extremes_and_gaps() -> None:
    n = 10_000
    rng = np.random.default_rng(1)
    v = rng.normal(size=n)
    v[1234], v[8765], v[5000:5003] = 50, -50, np.nan
    q = np.where(np.isnan(v), Quality.BAD, 0).astype(np.uint8)
    t_ns = np.arange(n, dtype=np.int64) * NS
    thinned = thin(Columns(t_ns=t_ns, v=v, q=q), 0, n * NS, 200)
    assert len(thinned) <= 2 * 200
    assert np.nanmax(thinned.v) == 50
    assert np.nanmin(thinned.v) == -50
    assert np.isnan(thinned.v).any()
    assert (np.diff(thinned.t_ns) > 0).all()
    few = Columns(t_ns=t_ns[:300], v=v[:300], q=q[:300])
    assert thin(few, 0, 300 * NS, 200) is few


def test_thinning_of_positions_keeps_the_ends() -> None:
    v = np.random.default_rng(2).normal(size=(5000, 5))
    t_ns = np.arange(5000, dtype=np.int64)
    thinned = thin(Columns(t_ns=t_ns, v=v, q=np.zeros(5000, np.uint8)), 0, 5000, 100)
    assert len(thinned) == 200
    assert thinned.t_ns[0] == 0
    assert thinned.t_ns[-1] == 4999
