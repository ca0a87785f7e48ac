"""History: what the store has, and what the source knows of the times in which the node did not run, as one series."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import NS, ChannelKind, Columns, RefusedError, Sensor, SourceError, Span
from console.node.history import History, holes_of, merged
from console.node.hub import Hub
from tests.stores import MemoryStore, Row

NOW_NS = 1_700_000_000 * NS


def series(first: int, last: int, value: Callable[[int], float] = float) -> Columns:
    """A sample a second, seconds first … last - 1, good."""
    seconds = np.arange(first, last)
    return Columns(t_ns=seconds * NS, v=np.array([value(int(s)) for s in seconds]), q=np.zeros(len(seconds), np.uint8))


class Past:
    """A source that knows some past, or fails, or never answers."""

    def __init__(self, known: Columns, error: Exception | None = None) -> None:
        self.known, self.error = known, error
        self.asked: list[Span] = []

    async def run(self, sink: object) -> None:
        """Nothing to run."""

    async def query(self, span: Span) -> Columns:
        self.asked.append(span)
        if self.error is not None:
            raise self.error
        inside = (self.known.t_ns >= span.start_ns) & (self.known.t_ns < span.end_ns)
        return Columns(t_ns=self.known.t_ns[inside], v=self.known.v[inside], q=self.known.q[inside])


class Keeper:
    """Who runs the sources."""

    def __init__(self, **running: Past) -> None:
        self.running = running


def history(
    store: MemoryStore | None, past: Past | None, since_s: int = 1_000, channel: ChannelKind = ChannelKind.SCALAR
) -> History:
    hub = Hub(lambda: NOW_NS)
    hub.put("plant", [Sensor(id="gas", channel=channel)])
    keeper = Keeper(**({"plant": past} if past is not None else {}))
    return History(lambda: (store, since_s * NS) if store is not None else None, hub, keeper)


def stored(store: MemoryStore, first: int, last: int) -> None:
    """The store recorded `gas` in these seconds."""
    store.running.append((first * NS, last * NS))
    store.rows += [Row("gas", ChannelKind.SCALAR, s * NS, (float(s),), 0) for s in range(first, last)]


def seconds(columns: Columns) -> list[int]:
    return [t // NS for t in columns.t_ns.tolist()]


async def ask(past: History, first: int, last: int, points: int = 2000) -> Columns:
    return await past.query(Span(sensor="gas", start_ns=first * NS, end_ns=last * NS, max_points=points))


async def test_a_hole_between_runs_is_filled_from_the_source() -> None:
    store, past = MemoryStore(), Past(series(0, 100))
    stored(store, 10, 30)
    stored(store, 60, 80)
    found = await ask(history(store, past), 0, 100)
    assert seconds(found) == list(range(100))
    assert found.v.tolist() == [float(s) for s in range(100)]


async def test_where_the_source_knows_nothing_a_hole_stays() -> None:
    store, past = MemoryStore(), Past(series(0, 0))
    stored(store, 10, 30)
    stored(store, 60, 80)
    assert seconds(await ask(history(store, past), 0, 100)) == [*range(10, 30), *range(60, 80)]


async def test_the_source_is_not_asked_what_the_store_recorded() -> None:
    store, past = MemoryStore(), Past(series(0, 100))
    stored(store, 10, 80)
    await ask(history(store, past), 20, 70)
    assert past.asked == []


async def test_what_came_since_this_run_began_needs_no_source() -> None:
    store, past = MemoryStore(), Past(series(0, 100))
    store.rows += [Row("gas", ChannelKind.SCALAR, s * NS, (-1.0,), 0) for s in range(50, 60)]
    found = await ask(history(store, past, since_s=50), 40, 60)
    assert found.v.tolist() == [*map(float, range(40, 50)), *[-1.0] * 10]


async def test_a_seam_has_each_sample_once_and_the_store_is_believed() -> None:
    store, past = MemoryStore(), Past(series(0, 50, lambda s: -1.0))
    stored(store, 20, 40)
    store.running = [(25 * NS, 40 * NS)]  # its first rows came before it noted its run
    found = await ask(history(store, past), 0, 50)
    assert seconds(found) == list(range(50))
    assert found.v[20:40].tolist() == [float(s) for s in range(20, 40)]


async def test_a_source_added_later_tells_its_past_of_a_run_that_did_not_know_it() -> None:
    store, past = MemoryStore(), Past(series(0, 100))
    stored(store, 70, 90)
    store.running = [(0, 90 * NS)]
    assert seconds(await ask(history(store, past), 0, 90)) == list(range(90))


@pytest.mark.parametrize("error", [SourceError("cut"), RuntimeError("a slip"), TimeoutError()])
async def test_a_source_that_fails_does_not_lose_what_the_store_has(error: Exception) -> None:
    store = MemoryStore()
    stored(store, 10, 30)
    found = await ask(history(store, Past(series(0, 0), error)), 0, 100)
    assert seconds(found) == list(range(10, 30))


async def test_a_source_that_never_answers_does_not_keep_the_store_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(Past):
        async def query(self, span: Span) -> Columns:
            await asyncio.Event().wait()
            raise AssertionError

    monkeypatch.setattr("console.node.history.SOURCE_S", 0.01)
    store = MemoryStore()
    stored(store, 10, 30)
    assert seconds(await ask(history(store, Silent(series(0, 0))), 0, 100)) == list(range(10, 30))


async def test_without_a_store_the_source_alone_answers_and_its_failure_is_told() -> None:
    assert seconds(await ask(history(None, Past(series(0, 9))), 0, 100)) == list(range(9))
    with pytest.raises(SourceError):
        await ask(history(None, Past(series(0, 9), SourceError("cut"))), 0, 100)


async def test_a_sensor_that_is_gone_is_still_in_the_store_and_one_that_never_was_is_refused() -> None:
    store = MemoryStore()
    store.rows.append(Row("old", ChannelKind.SCALAR, NS, (1.0,), 0))
    past = history(store, None)
    assert len(await past.query(Span(sensor="old", start_ns=0, end_ns=9 * NS))) == 1
    with pytest.raises(RefusedError, match="never"):
        await past.query(Span(sensor="never", start_ns=0, end_ns=9 * NS))


async def test_lowest_and_highest_of_both_sides_outlive_the_thinning() -> None:
    def value(second: int) -> float:
        return {700: 1e6, 3100: -1e6}.get(second, float(second % 7))

    store, past = MemoryStore(), Past(series(0, 5000, value))
    store.running = [(2000 * NS, 5000 * NS)]
    store.rows = [Row("gas", ChannelKind.SCALAR, s * NS, (value(s),), 0) for s in range(2000, 5000)]
    found = await ask(history(store, past, 5000), 0, 5000, points=100)
    assert len(found) <= 200
    assert found.v.max() == 1e6
    assert found.v.min() == -1e6
    assert (np.diff(found.t_ns) > 0).all()


async def test_asked_for_all_that_will_ever_be_the_points_lie_where_the_samples_are() -> None:
    store, past = MemoryStore(), Past(series(0, 0))
    now_s = NOW_NS // NS
    stored(store, now_s - 900, now_s)
    span = Span(sensor="gas", start_ns=(now_s - 900) * NS, end_ns=1 << 62, max_points=100)
    found = await history(store, past).query(span)
    assert 100 <= len(found) <= 200


async def test_what_a_clock_claims_of_tomorrow_is_still_told() -> None:
    store = MemoryStore()
    tomorrow_ns = NOW_NS + 86_400 * NS
    store.rows.append(Row("gas", ChannelKind.SCALAR, tomorrow_ns, (1.0,), 8))
    span = Span(sensor="gas", start_ns=0, end_ns=1 << 62)
    assert (await history(store, None).query(span)).t_ns.tolist() == [tomorrow_ns]


async def test_positions_keep_their_five_columns() -> None:
    store = MemoryStore()
    store.rows.append(Row("gas", ChannelKind.POSITION, NS, (108.9, 34.2, 400.0, np.nan, 3.0), 0))
    store.running = [(0, 5 * NS)]
    past = Past(Columns(t_ns=np.array([7 * NS]), v=np.ones((1, 5)), q=np.zeros(1, np.uint8)))
    found = await ask(history(store, past, channel=ChannelKind.POSITION), 0, 9)
    assert found.v.shape == (2, 5)
    assert seconds(found) == [1, 7]


async def test_nothing_known_is_no_rows_in_the_shape_of_the_channel() -> None:
    store = MemoryStore()
    found = await ask(history(store, Past(series(0, 0)), channel=ChannelKind.POSITION), 0, 9)
    assert found.v.shape == (0, 5)


intervals = st.lists(st.tuples(st.integers(0, 100), st.integers(1, 30)), max_size=8).map(
    lambda lots: [(start, start + length) for start, length in lots]
)


async def test_what_was_on_its_way_when_a_node_ended_is_the_sources_to_tell() -> None:
    store, past = MemoryStore(), Past(series(0, 100))
    stored(store, 10, 30)
    store.running[-1] = (10 * NS, 33 * NS)  # the source ended before the store did, or what it measured came late
    stored(store, 60, 80)
    found = await ask(history(store, past, since_s=60), 10, 79)
    assert seconds(found) == list(range(10, 79))


async def test_a_span_within_a_run_asks_no_source() -> None:
    store, past = MemoryStore(), Past(series(0, 100))
    stored(store, 10, 30)
    assert seconds(await ask(history(store, past), 10, 25)) == list(range(10, 25))
    assert past.asked == []


@given(runs=intervals, kept=st.lists(st.integers(0, 130), unique=True).map(sorted))
def test_every_instant_is_in_a_run_after_its_first_row_or_in_a_hole(
    runs: list[tuple[int, int]], kept: list[int]
) -> None:
    span = Span(sensor="gas", start_ns=10, end_ns=120)
    inside = [t for t in kept if 10 <= t < 120]
    columns = Columns(t_ns=np.array(inside, np.int64), v=np.zeros(len(inside)), q=np.zeros(len(inside), np.uint8))
    holes = holes_of(span, runs, columns)
    assert holes == sorted(holes)
    for start_ns, end_ns in holes:
        assert 10 <= start_ns < end_ns <= 120
    for instant in range(10, 120):
        in_hole = any(start <= instant < end for start, end in holes)
        if not any(start <= instant < end for start, end in runs):
            assert in_hole
        elif instant in inside and not in_hole:
            assert any(start <= instant < end for start, end in runs)


@given(st.lists(st.lists(st.integers(0, 40), unique=True).map(sorted), min_size=1, max_size=4))
def test_merged_parts_have_every_time_once_and_earlier_parts_win(parts: list[list[int]]) -> None:
    columns = [
        Columns(t_ns=np.array(times, np.int64), v=np.full(len(times), float(i)), q=np.zeros(len(times), np.uint8))
        for i, times in enumerate(parts)
    ]
    found = merged(columns)
    assert found.t_ns.tolist() == sorted(set().union(*map(set, parts)))
    for t_ns, v in zip(found.t_ns.tolist(), found.v.tolist(), strict=True):
        assert v == next(i for i, times in enumerate(parts) if t_ns in times)
