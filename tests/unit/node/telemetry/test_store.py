"""The store as the node sees it: what went in comes out, once, in order, whatever it was."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from console.api import NS, ChannelKind, Columns, Quality, ResourceError, Sensor, Span
from console.node.telemetry.store import Telemetry
from tests.unit.node.telemetry.stores import DAY, IDS, MINUTE, NOON, Clock, Told, columns, contents, opened, put, series

HOUR = 60 * MINUTE
NOW = NOON + 5 * HOUR + HOUR // 2 + 30 * NS + 7


async def test_what_waits_and_what_is_saved_is_one_series(tmp_path: Path) -> None:
    clock = Clock()
    async with opened(tmp_path, clock) as store:
        put(store, [NOON, NOON + 2], [0.0, 2.0])
        await store.saved()
        assert store.saved_rows == 2
        put(store, [NOON + 3, NOON + 1], [3.0, 1.0])
        found = await series(store, NOON, NOON + 10)
        assert list(found.v) == [0.0, 1.0, 2.0, 3.0]
        assert list(found.t_ns) == [NOON, NOON + 1, NOON + 2, NOON + 3]
        assert list((await series(store, NOON + 1, NOON + 3)).v) == [1.0, 2.0]
        assert len(await series(store, NOON, NOON + 10, sensor=1)) == 0
        assert await store.covered() == (NOON, NOON + 3)


@pytest.mark.parametrize("points", [2, 100, 2000])
@pytest.mark.parametrize("since_ns", [NOON, NOW - HOUR, NOW - 40 * NS, NOON - 300 * DAY])
@pytest.mark.parametrize("closed", [False, True])
async def test_a_window_that_ends_inside_a_bucket_tells_nothing_of_after_its_end(
    tmp_path: Path, points: int, since_ns: int, closed: bool
) -> None:
    clock = Clock()
    t_ns = NOON + np.arange(6 * 3600 * 4, dtype=np.int64) * (NS // 4)
    v = np.where(t_ns > NOW, 99.0, np.arange(len(t_ns)) % 7)
    async with opened(tmp_path, clock) as store:
        put(store, t_ns, v)
        await store.saved()
        if closed:
            clock.now_ns += 2 * DAY
            await store.settle()
        found = await series(store, since_ns, NOW + 1, most=points)
    assert found.v.max() <= 6.0
    assert (np.diff(found.t_ns) >= 0).all()
    assert since_ns <= found.t_ns[0]
    bucket_ns = (NOW - since_ns) // points + (HOUR if NOW - since_ns > HOUR else NS)
    assert NOW - found.t_ns[-1] < bucket_ns
    assert len(found) <= 2 * points + 4


async def test_duplicates_and_quality_are_kept_as_they_came(tmp_path: Path) -> None:
    clock = Clock()
    async with opened(tmp_path, clock) as store:
        q = np.array([0, Quality.UNCERTAIN, Quality.BAD, Quality.SIMULATED | Quality.LATE])
        store.append(ChannelKind.SCALAR, columns([NOON] * 4, [1.0, 1.0, np.inf, -np.inf], 0, q), IDS)
        await store.saved()
        for settled in (False, True):
            if settled:
                clock.now_ns += DAY
                put(store, [clock.now_ns], [0.0], 1)
                await store.saved()
                await store.settle()
            found = await series(store, NOON, NOON + 1)
            assert list(found.v) == [1.0, 1.0, np.inf, -np.inf]
            assert list(found.q) == list(q)


async def test_bad_samples_do_not_move_a_bucket(tmp_path: Path) -> None:
    clock = Clock()
    async with opened(tmp_path, clock) as store:
        t = NOON + np.arange(600, dtype=np.int64) * NS
        v = np.where(np.arange(600) % 2, 1e9, 5.0)
        q = np.where(np.arange(600) % 2, int(Quality.BAD), 0)
        store.append(ChannelKind.SCALAR, columns(t, v, 0, q), IDS)
        await store.saved()
        found = await series(store, NOON, NOON + DAY, most=100)
        assert set(found.v) == {5.0}
        assert not (found.q & Quality.BAD).any()


async def test_times_that_cannot_be_are_kept_at_their_arrival_and_marked(tmp_path: Path) -> None:
    clock = Clock()
    async with opened(tmp_path, clock) as store:
        put(store, [0, 4_102_444_800 * NS, -5, NOON - DAY, NOON + DAY // 2], [1.0, 2.0, 3.0, 4.0, 5.0])
        await store.saved()
        clock.now_ns += 2 * DAY
        put(store, [clock.now_ns], [6.0])
        await store.saved()
        await store.settle()
        found = await series(store, 0, 1 << 62)
        assert list(found.v) == [4.0, 1.0, 2.0, 3.0, 5.0, 6.0]
        assert list(found.t_ns[1:4]) == [NOON] * 3
        assert list(found.q & Quality.CLOCK) == [0, *[Quality.CLOCK] * 3, 0, 0]
        assert len(contents(tmp_path)) < 12


async def test_many_sensors_are_read_in_order_of_time_and_in_parts(tmp_path: Path) -> None:
    clock = Clock()
    async with opened(tmp_path, clock) as store:
        t = NOON + np.repeat(np.arange(1000, dtype=np.int64), 8) * NS
        store.append(ChannelKind.SCALAR, columns(t, np.arange(8000.0), np.tile(np.arange(8), 1000)), IDS)
        await store.saved()
        for _ in range(2):
            at, got = NOON, []
            while at:
                past = await store.read(IDS[::-1], ChannelKind.SCALAR, at, NOON + 500 * NS, 300)
                assert len(past.columns) <= 300
                assert past.ids == IDS[::-1]
                got += [(int(c), past.ids[i]) for c, i in zip(past.columns.v, past.columns.ids, strict=True)]
                at = past.next_ns
            assert [value for value, _ in got] == list(range(4000))
            assert all(id_ == IDS[int(value) % 8] for value, id_ in got)
            clock.now_ns += DAY
            put(store, [clock.now_ns], [0.0])
            await store.saved()
            await store.settle()
        one_instant = await store.read(IDS, ChannelKind.SCALAR, NOON, NOON + 2 * NS, 3)
        assert len(one_instant.columns) == 8
        assert one_instant.next_ns == NOON + 1
        nobody = await store.read(["who"], ChannelKind.SCALAR, NOON, NOON + DAY)
        assert (len(nobody.columns), nobody.next_ns) == (0, 0)


async def test_positions_have_five_values_and_are_thinned_by_leaving_out(tmp_path: Path) -> None:
    clock = Clock()
    async with opened(tmp_path, clock) as store:
        store.enrol([Sensor(id="car", channel=ChannelKind.POSITION)])
        n = 7200
        v = np.stack([np.arange(n) * scale for scale in (1e-4, 2e-4, 1.0, 0.1, 3.0)], axis=1)
        t = NOON - n * NS + np.arange(n, dtype=np.int64) * NS
        c = Columns(t_ns=t, v=v, q=np.zeros(n, np.uint8), ids=np.zeros(n, np.uint32))
        store.append(ChannelKind.POSITION, c, ["car"])
        await store.saved()
        for _ in range(2):
            span = Span(sensor="car", start_ns=NOON - n * NS, end_ns=NOON, max_points=n)
            found = await store.query(span)
            assert np.array_equal(found.v, v)
            thin = await store.query(Span(sensor="car", start_ns=NOON - n * NS, end_ns=NOON, max_points=60))
            assert 30 <= len(thin) <= 121
            assert np.isin(thin.v[:, 0], v[:, 0]).all()
            clock.now_ns += DAY
            put(store, [clock.now_ns], [0.0])
            await store.saved()
            await store.settle()


async def test_entities_as_they_stood_at_a_moment(tmp_path: Path) -> None:
    clock = Clock()
    async with opened(tmp_path, clock) as store:
        store.record("area", "a", b"1", NOON + 1)
        store.record("area", "a", b"1", NOON + 2)
        store.record("area", "a", b"2", NOON + 3)
        store.record("post", "p", b"3", NOON + 4)
        store.record("area", "a", None, NOON + 5)
        await store.saved()
        clock.now_ns += DAY
        await store.saved()
        store.record("area", "b", b"4", clock.now_ns + 1)
        await store.saved()
        for _ in range(2):
            changes = [change for change in await store.entity_changes(NOON, NOON + DAY) if change[1]]
            assert [t - NOON for t, *_ in changes] == [1, 3, 4, 5]
            assert await store.entities_at(NOON + 2) == {"area": {"a": b"1"}}
            assert await store.entities_at(NOON + 4) == {"area": {"a": b"2"}, "post": {"p": b"3"}}
            assert await store.entities_at(clock.now_ns + 2) == {"area": {"b": b"4"}, "post": {"p": b"3"}}
            assert await store.entities_at(NOON - DAY) == {}
            await store.settle()


async def test_a_new_run_begins_without_entities(tmp_path: Path) -> None:
    clock = Clock()
    async with opened(tmp_path, clock) as store:
        store.record("area", "a", b"1", NOON)
        await store.saved()
    clock.now_ns += MINUTE
    async with opened(tmp_path, clock) as store:
        store.record("area", "b", b"2", clock.now_ns + 1)
        await store.saved()
        assert await store.entities_at(clock.now_ns - 1) == {"area": {"a": b"1"}}
        assert await store.entities_at(clock.now_ns + 1) == {"area": {"b": b"2"}}


async def test_numbers_last_and_follow_the_channel_kind(tmp_path: Path) -> None:
    clock = Clock()
    async with opened(tmp_path, clock) as store:
        put(store, [NOON], [1.0], 5)
        store.append(ChannelKind.STATE, columns([NOON + 1], [3.0], 5), IDS)
    async with opened(tmp_path, clock) as store:
        store.append(ChannelKind.SCALAR, columns([NOON + 2], [2.0], 0), ["s5"])
        past = await store.read(["s5"], ChannelKind.SCALAR, NOON, NOON + 10)
        assert list(past.columns.v) == [1.0, 2.0]
        past = await store.read(["s5"], ChannelKind.STATE, NOON, NOON + 10)
        assert list(past.columns.v) == [3.0]


async def test_a_sensor_nobody_enrolled_is_kept_all_the_same(tmp_path: Path) -> None:
    async with opened(tmp_path, Clock()) as store:
        store.append(ChannelKind.SCALAR, columns([NOON], [1.0]), ["stranger"])
        found = await store.query(Span(sensor="stranger", start_ns=NOON, end_ns=NOON + 1))
        assert list(found.v) == [1.0]


async def test_the_clock_put_back_and_forth_loses_nothing(tmp_path: Path) -> None:
    clock = Clock()
    async with opened(tmp_path, clock, patience_s=1e6) as store:
        days = (0, 3, 1, 3, 400, 0, 4)
        for i, day in enumerate(days):
            clock.now_ns = NOON + day * DAY
            put(store, [clock.now_ns + i], [float(i)])
            await store.saved()
            await store.settle()
        found = await series(store, NOON - DAY, NOON + 500 * DAY)
        assert sorted(found.v) == list(range(len(days)))


async def test_a_second_node_is_refused(tmp_path: Path) -> None:
    async with opened(tmp_path, Clock()) as store:
        put(store, [NOON], [1.0])
        told = Told()
        second = Telemetry(tmp_path, on_notice=told.notice, on_clear=told.clear)
        with pytest.raises(ResourceError, match="another node"):
            await second.open()
        await second.close()
        await store.saved()
        assert len(await series(store, NOON, NOON + 1)) == 1


async def test_a_folder_of_a_newer_version_is_left_as_it_is(tmp_path: Path) -> None:
    async with opened(tmp_path, Clock()):
        pass
    (tmp_path / "store.json").write_text(json.dumps({"format": 2}))
    before = contents(tmp_path)
    told = Told()
    store = Telemetry(tmp_path, on_notice=told.notice, on_clear=told.clear)
    with pytest.raises(ResourceError, match="found format 2, expected 1"):
        await store.open()
    await store.close()
    assert contents(tmp_path) == before


async def test_what_cannot_be_kept_in_memory_is_dropped_oldest_first_and_told(tmp_path: Path) -> None:
    clock, told = Clock(), Told()
    store = Telemetry(tmp_path, clock=clock, on_notice=told.notice, on_clear=told.clear, buffer_bytes=10_000)
    await store.open()
    await store.saved()
    with store._inbox._changed:  # the writer's thread cannot come between: what it has taken takes up room as well
        for i in range(100):
            store.append(ChannelKind.SCALAR, columns(NOON + i * 100 + np.arange(100), np.arange(100.0) + i * 100), IDS)
    assert store.dropped_rows >= 9_000
    await store.saved()
    found = await series(store, NOON, NOON + DAY)
    assert found.v[-1] == 9_999.0
    assert len(found) + store.dropped_rows == 10_000
    put(store, [NOON + 20_000], [0.0])
    await store.saved()
    await store.close()
    assert any(notice.key == "store.dropped" for notice in told.ever)
