"""What has no value is kept as having none, wherever it lies: missing is never zero."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from console.api import ChannelKind, Quality, Sensor
from console.node.telemetry.store import Telemetry
from tests.unit.node.telemetry.stores import DAY, IDS, NOON, Clock, columns, opened, series

TIMES = [NOON, NOON + 1, NOON + 2]
VALUES = [1.0, float("nan"), 3.0]
PLACES = [[108.9, 34.2, 400.0, 90.0, 1.0], [108.9, 34.2, *[float("nan")] * 3], [float("nan")] * 5]


async def check(store: Telemetry) -> None:
    """Both series are as they were given."""
    assert np.array_equal((await series(store, NOON, NOON + 10)).v, VALUES, equal_nan=True)
    past = await store.read([IDS[0]], ChannelKind.SCALAR, NOON, NOON + 10)
    assert np.array_equal(past.columns.v, VALUES, equal_nan=True)
    past = await store.read(["car"], ChannelKind.POSITION, NOON, NOON + 10)
    assert np.array_equal(past.columns.v, PLACES, equal_nan=True)


async def test_samples_without_a_value_come_back_without_one(tmp_path: Path) -> None:
    clock = Clock()
    q = np.array([0, Quality.BAD, 0])
    async with opened(tmp_path, clock) as store:
        store.enrol([Sensor(id="car", channel=ChannelKind.POSITION)])
        store.append(ChannelKind.SCALAR, columns(TIMES, VALUES, 0, q), IDS)
        store.append(ChannelKind.POSITION, columns(TIMES, np.array(PLACES), 0, q), ["car"])
        await check(store)
        await store.saved()
        await check(store)
        clock.now_ns += 2 * DAY
        await store.settle()
        await check(store)
    async with opened(tmp_path, clock) as store:
        await check(store)


async def test_buckets_of_samples_without_a_value_have_none(tmp_path: Path) -> None:
    clock = Clock()
    times = NOON + np.arange(600, dtype=np.int64) * 10**9
    async with opened(tmp_path, clock) as store:
        store.append(ChannelKind.SCALAR, columns(times, np.full(600, np.nan), 0, int(Quality.BAD)), IDS)
        await store.saved()
        clock.now_ns += 2 * DAY
        await store.settle()
        drawn = await series(store, NOON, NOON + DAY, 0, most=4)
        assert len(drawn)
        assert np.isnan(drawn.v).all()
        assert (drawn.q & Quality.BAD).all()
