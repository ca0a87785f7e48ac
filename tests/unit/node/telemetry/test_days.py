"""Days closed, late samples, retention, imports: what was saved is there once, wherever it now lies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from console.api import NS, BadInput, Board, ChannelKind, Sensor, Text
from console.node.importing.command import KEEP_ALL
from console.node.telemetry.retention import Keep, Retention, remembered
from console.node.telemetry.store import Telemetry
from tests.unit.node.telemetry.stores import DAY, IDS, MINUTE, NOON, Clock, columns, names, opened, put, sensors, series


def minutes(day: int, count: int = 1440) -> np.ndarray:
    """One time a minute of a day, counted from the clock's."""
    return NOON - DAY // 2 + day * DAY + np.arange(count, dtype=np.int64) * MINUTE


def largest(folder: Path) -> int:
    """Bytes of the largest closed day."""
    return max((folder / name).stat().st_size for name in names(folder, "raw"))


async def a_week(store: Telemetry, clock: Clock, days: int = 3) -> None:
    """Days of two sensors, each saved on its day."""
    for day in range(days):
        clock.now_ns = NOON + day * DAY
        put(store, minutes(day), np.arange(1440.0) + day, 0)
        put(store, minutes(day), np.full(1440, float(day)), 1)
        await store.saved()


async def test_a_closed_day_is_the_same_series_as_before(tmp_path: Path) -> None:
    clock = Clock()
    async with opened(tmp_path, clock) as store:
        await a_week(store, clock)
        before = [await series(store, NOON - DAY, NOON + 3 * DAY, 0, most) for most in (100_000, 2000, 100, 3)]
        await store.settle()
        after = [await series(store, NOON - DAY, NOON + 3 * DAY, 0, most) for most in (100_000, 2000, 100, 3)]
        assert names(tmp_path, "raw") == ["raw-2024-10-04.duckdb", "raw-2024-10-05.duckdb"]
        assert len(names(tmp_path, "live")) == 1
        for one, other in zip(before, after, strict=True):
            assert np.array_equal(one.t_ns, other.t_ns)
            assert np.array_equal(one.v, other.v)
        assert len(after[0]) == 3 * 1440
    async with opened(tmp_path, clock) as store:
        again = await series(store, NOON - DAY, NOON + 3 * DAY, 0)
        assert np.array_equal(again.v, before[0].v)


async def test_a_day_left_open_by_a_dead_node_is_closed_at_the_next_start(tmp_path: Path) -> None:
    clock = Clock()
    async with opened(tmp_path, clock) as store:
        put(store, minutes(0), np.arange(1440.0))
    clock.now_ns += DAY
    async with opened(tmp_path, clock) as store:
        await store.settle()
        assert names(tmp_path, "raw") == ["raw-2024-10-04.duckdb"]
        assert len(await series(store, NOON - DAY, NOON + DAY)) == 1440


async def test_late_samples_fall_into_their_day_and_its_buckets(tmp_path: Path) -> None:
    clock = Clock()
    async with opened(tmp_path, clock) as store:
        await a_week(store, clock)
        await store.settle()
        put(store, minutes(0, 2) + 1, [5_000.0, -5_000.0])
        await store.saved()
        for _ in range(2):
            raw = await series(store, NOON - DAY // 2, NOON + DAY // 2)
            assert len(raw) == 1442
            assert list(raw.v[:4]) == [0.0, 5_000.0, 1.0, -5_000.0]
            thin = await series(store, NOON - DAY // 2, NOON + DAY // 2, most=48)
            assert (thin.v.max(), thin.v.min()) == (5_000.0, -5_000.0)
            clock.now_ns += DAY
            put(store, [clock.now_ns], [1.0], 3)
            await store.saved()
            await store.settle()
        assert names(tmp_path, "late") == ["late-2024-10-04.duckdb"]


async def test_old_days_go_and_their_minutes_stay(tmp_path: Path) -> None:
    clock = Clock()
    keep = Retention(default=Keep(raw_days=1.5))
    async with opened(tmp_path, clock, keep) as store:
        await a_week(store, clock, 5)
        await store.settle()
        assert names(tmp_path, "raw") == ["raw-2024-10-06.duckdb", "raw-2024-10-07.duckdb"]
        found = await series(store, NOON - DAY, NOON + 5 * DAY)
        assert len(found) == 5 * 1440
        assert np.array_equal(found.v, np.concatenate([np.arange(1440.0) + day for day in range(5)]))


async def test_a_board_of_which_less_is_kept(tmp_path: Path) -> None:
    clock = Clock()
    keep = Retention(boards={Board.LIFELINE: Keep(raw_days=1.0, minute_days=1.0, hour_days=1.0)})
    async with opened(tmp_path, clock, keep) as store:
        await a_week(store, clock)
        put(store, minutes(0), np.full(1440, 7.0), 7)
        await store.saved()
        clock.now_ns += DAY
        await store.settle()
        old = NOON - DAY // 2
        assert len(await series(store, old, old + DAY, 7)) == 1440
        raw = await series(store, old, old + DAY, 0)
        assert not np.isin(raw.t_ns, minutes(0)[1:] + 1).any()
        assert len(await series(store, old + DAY, old + 3 * DAY, 0)) >= 1440


async def test_an_import_lands_in_the_files_of_its_days_once(tmp_path: Path) -> None:
    clock = Clock()
    keep = Retention(default=Keep(raw_days=30.0))
    async with opened(tmp_path, clock, keep) as store:
        t = np.concatenate([minutes(-day) for day in range(20, 0, -1)])
        await store.import_columns(sensors(), ChannelKind.SCALAR, columns(t, np.arange(len(t)) * 1.0, 2), IDS)
        await store.settle()
        found = await series(store, int(t[0]), NOON, 2)
        assert np.array_equal(found.t_ns, t)
        assert np.array_equal(found.v, np.arange(len(t)))
        assert len(names(tmp_path, "raw")) == 20
        thin = await series(store, int(t[0]), NOON, 2, 500)
        assert 500 <= len(thin) <= 1002
        await store.import_columns([], ChannelKind.SCALAR, columns(t[:3], [1.0, 2.0, 3.0], 2), IDS)
    async with opened(tmp_path, clock, keep) as store:
        await store.settle()
        assert len(await series(store, int(t[0]), NOON, 2)) == len(t) + 3
        with pytest.raises(BadInput, match="future"):
            await store.import_columns([], ChannelKind.SCALAR, columns([NOON * 2], [1.0]), IDS)


async def test_what_was_recorded_is_runs_and_imported_days_and_no_claim_of_a_source(tmp_path: Path) -> None:
    clock = Clock()
    keep = Retention(default=Keep(raw_days=30.0))
    async with opened(tmp_path, clock, keep) as store:
        put(store, [NOON - 700 * DAY, NOON - 5 * DAY, NOON, NOON + DAY // 2], [1.0, 2.0, 3.0, 4.0])
        await store.saved()
        assert await store.recorded(0, NOON + DAY) == [(NOON, NOON)]
        put(store, [NOON + 4], [5.0])
        clock.now_ns += 10
        assert (await store.recorded(0, NOON + DAY))[0][0] == NOON
        for day in (3, 2):
            t = minutes(-day)
            await store.import_columns(sensors(), ChannelKind.SCALAR, columns(t, t * 1.0, 2), IDS)
        await store.settle()
    clock.now_ns += DAY
    async with opened(tmp_path, clock, keep) as store:
        await store.saved()
        for _ in range(2):
            spans = await store.recorded(0, clock.now_ns + 1)
            assert spans[:2] == [(int(minutes(-d)[0]), int(minutes(-d)[-1])) for d in (3, 2)]
            assert spans[2][0] == NOON
            assert spans[-1] == (clock.now_ns, clock.now_ns)
            await store.settle()


async def test_every_sensor_is_listed_whoever_brought_it(tmp_path: Path) -> None:
    clock = Clock()
    brought = Sensor(id="old", board=Board.NATURAL, name=Text("旧", "Old"), unit="m")
    async with opened(tmp_path, clock) as store:
        await store.import_columns([brought], ChannelKind.SCALAR, columns(minutes(-1), minutes(-1) * 1.0), ["old"])
        store.append(ChannelKind.SCALAR, columns([NOON], [1.0]), ["nobody put this one"])
    async with opened(tmp_path, clock) as store:
        found = {sensor.id: sensor for sensor in store.sensors()}
        assert set(found) == {*IDS, "old"}
        assert found["old"] == brought


async def test_runs_tell_when_the_store_was_off(tmp_path: Path) -> None:
    clock = Clock()
    async with opened(tmp_path, clock) as store:
        await store.saved()
        clock.now_ns += 10 * MINUTE
        put(store, [clock.now_ns], [1.0])
        await store.saved()
    down = clock.now_ns
    clock.now_ns += DAY
    async with opened(tmp_path, clock) as store:
        await store.saved()
        for _ in range(2):
            runs = await store.runs(NOON, clock.now_ns + 1)
            assert runs[-1][0] == clock.now_ns
            assert runs[0][0] == NOON
            assert all(end <= down for _, end in runs[:-1])
            await store.settle()


async def test_a_board_of_which_less_is_kept_still_shows_its_minutes(tmp_path: Path) -> None:
    clock = Clock()
    boards = {sensors()[0].board: Keep(raw_days=1.0)}
    async with opened(tmp_path, clock, Retention(boards=boards)) as store:
        await a_week(store, clock, 4)
        put(store, minutes(3)[:1], np.zeros(1), 2)
        await store.settle()
        day = await series(store, NOON - DAY // 2, NOON + DAY // 2, 0)
        assert day.v.min() == 0.0
        assert day.v.max() == 1439.0


async def test_a_day_of_which_all_came_late_is_told_as_it_came(tmp_path: Path) -> None:
    clock = Clock()
    late = NOON - 3 * DAY + np.array([0, 20 * NS, 90 * NS])
    async with opened(tmp_path, clock) as store:
        put(store, late, np.arange(3.0))
        for _ in range(2):
            found = await series(store, NOON - 4 * DAY, NOON - 2 * DAY)
            assert found.t_ns.tolist() == late.tolist()
            assert found.v.tolist() == [0.0, 1.0, 2.0]
            await store.saved()
            clock.now_ns += DAY
            await store.settle()


async def test_years_of_sparse_days_take_little_disk_and_stay_what_they_were(tmp_path: Path) -> None:
    clock = Clock()
    keep = Retention(default=Keep(raw_days=400.0), boards={Board.LIFELINE: Keep(raw_days=1.0)})
    t = NOON - np.arange(12, 0, -1, dtype=np.int64) * DAY + 7
    busy = NOON - 3 * DAY + np.arange(60_000, dtype=np.int64) * NS // 2
    async with opened(tmp_path, clock, Retention(default=Keep(raw_days=400.0))) as store:
        for sensor in (0, 2):
            await store.import_columns([], ChannelKind.SCALAR, columns(t, np.arange(12.0), sensor), IDS)
        await store.settle()
        assert len(names(tmp_path, "raw")) == 12
        assert largest(tmp_path) < 150_000
        await store.import_columns([], ChannelKind.SCALAR, columns(busy, busy * 1.0, 3), IDS)
        await store.settle()
    async with opened(tmp_path, clock, keep) as store:  # made anew without a board
        await store.settle()
        found = await series(store, int(t[0]) - DAY, NOON, 2)
        assert found.t_ns.tolist() == t.tolist()
        assert found.v.tolist() == list(range(12))
        past = await store.read(IDS, ChannelKind.SCALAR, int(t[0]), NOON, 200_000)
        assert len(past.columns) == 12 + len(busy) + 1  # of the pruned board its last day
        assert largest(tmp_path) < 150_000


async def test_what_arrived_since_a_moment_is_read_without_what_came_before(tmp_path: Path) -> None:
    clock = Clock()

    async def since(since_ns: int) -> set[float]:
        past = await store.read(IDS, ChannelKind.SCALAR, NOON - DAY, NOON + 2 * DAY, since_ns=since_ns)
        return set(past.columns.v.tolist())

    async with opened(tmp_path, clock) as store:
        for minute in range(4):
            clock.now_ns = NOON + minute * MINUTE
            put(store, [clock.now_ns, NOON - 60 * MINUTE + minute], [minute, -minute - 1.0])
            if minute < 3:
                await store.saved()
        assert await since(NOON + 2 * MINUTE) == {2, 3, -3, -4}
        assert await since(NOON + DAY) <= {3, -4}  # what waits to be written is given in any case
        clock.now_ns = NOON + DAY
        put(store, [clock.now_ns, NOON - 60 * MINUTE + 9], [5.0, -6.0])
        await store.saved()
        assert await since(NOON + 2 * MINUTE) == {2, 3, -3, -4, 5, -6}
        await store.settle()
        assert {5, -6} <= await since(NOON + DAY) <= {3, -4, 5, -6}
        assert await since(NOON + 2 * MINUTE) >= {2, 3, -3, -4, 5, -6}  # a closed day does not know when they came


@pytest.mark.parametrize("kept", [False, True])
async def test_old_days_that_are_imported_are_kept_as_the_node_would_or_as_they_came(
    tmp_path: Path, kept: bool
) -> None:
    clock = Clock()
    keep = Retention(default=Keep(raw_days=2.0, minute_days=40.0), boards={Board.PUBLIC: Keep(raw_days=4.0)})
    async with opened(tmp_path, clock, keep, remember=True) as store:
        put(store, [NOON], [0.0])
    assert remembered(tmp_path) == keep
    days = np.array([400, 30, 5, 1])
    t = NOON - days * DAY
    async with opened(tmp_path, clock, KEEP_ALL if kept else remembered(tmp_path), keep_imported=kept) as store:
        await store.import_columns([], ChannelKind.SCALAR, columns(t, days.astype(float)), IDS)
        await store.settle()
        assert store.unsettled([int(at) // DAY for at in t], 0.0) == 0
        assert len(names(tmp_path, "minute")) == (3 if kept else 2), "minutes that nobody keeps are not made"
    async with opened(tmp_path, clock, keep) as store:  # the node
        await store.settle()
        assert len(names(tmp_path, "raw")) == (4 if kept else 1)
        past = await store.read(IDS, ChannelKind.SCALAR, 0, NOON)
        assert past.columns.v.tolist() == ([400, 30, 5, 1] if kept else [1])
        assert (await series(store, 0, NOON)).v.tolist() == [400, 30, 5, 1], "charts have all of it"
