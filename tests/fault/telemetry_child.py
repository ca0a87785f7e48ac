"""A store that records until it is killed (`python -m tests.fault.telemetry_child`), telling what it acknowledged.

record FOLDER FIRST SEED   samples FIRST, FIRST + 1, … of each sensor; tells how many are on disk
full FOLDER                a disk that is full for a while: exit code 0 when nothing was lost
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import sys
from pathlib import Path
from unittest import mock

import numpy as np

from console.api import NS, ChannelKind, Columns, Notice, Sensor, Span
from console.node.telemetry import hotday, upkeep
from console.node.telemetry.retention import Keep, Retention
from console.node.telemetry.store import Telemetry

SENSORS = 5
IDS = tuple(f"s{i}" for i in range(SENSORS))
BASE = 20_000 * 86_400 * NS
KEEP = Retention(default=Keep(raw_days=10_000.0))
STEP = 20 * NS
"""A sample's number times this is its time: a day passes in a few seconds."""


def sweep(k: int, step: int = STEP) -> Columns:
    """Sample `k` of each sensor."""
    return Columns(
        t_ns=np.full(SENSORS, BASE + k * step, np.int64),
        v=np.full(SENSORS, float(k)) + np.arange(SENSORS) * 1e9,
        q=np.zeros(SENSORS, np.uint8),
        ids=np.arange(SENSORS, dtype=np.uint32),
    )


def tell(**line: object) -> None:
    """One line for the test."""
    print(json.dumps(line), flush=True)


async def record(folder: Path, first: int, seed: int) -> None:
    """Append, now and then close days; ends by being killed. Runs and segments are small, so that there are many."""
    mock.patch.multiple(hotday, SPILL_ROWS=20_000).start()
    mock.patch.multiple(upkeep, GATHER_RUNS=4, FLAT_RUNS=2).start()
    chance = random.Random(seed)
    k = first

    def clock() -> int:
        return BASE + k * STEP

    store = Telemetry(folder, KEEP, clock=clock, on_notice=lambda n: tell(notice=n.key), on_clear=lambda key: None)
    await store.open()
    store.enrol(Sensor(id=id_) for id_ in IDS)
    tell(open=True)
    told = 0
    while True:
        for _ in range(40):
            store.append(ChannelKind.SCALAR, sweep(k), IDS)
            k += 1
        if chance.random() < 0.1:
            await store.saved()
        if chance.random() < 0.02:
            await store.settle()
        if store.saved_rows != told:
            told = store.saved_rows
            tell(saved=first + told // SENSORS)
        await asyncio.sleep(0.002)


async def full(folder: Path) -> int:
    """Files may not grow for a while; what was appended meanwhile is there afterwards."""
    raised: set[str] = set()
    k = 0

    def notice(raise_: Notice) -> None:
        raised.add(raise_.key)
        assert str(folder) in raise_.tip.en

    store = Telemetry(folder, clock=lambda: BASE + k * STEP // 100, on_notice=notice, on_clear=raised.discard)
    await store.open()
    for _ in range(2_000):
        store.append(ChannelKind.SCALAR, sweep(k, STEP // 100), IDS)
        k += 1
    await store.saved()
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    while "store" not in raised:
        store.append(ChannelKind.SCALAR, sweep(k, STEP // 100), IDS)
        k += 1
        await asyncio.sleep(0)
    saved = store.saved_rows
    for _ in range(1_000):
        store.append(ChannelKind.SCALAR, sweep(k, STEP // 100), IDS)
        k += 1
    held = await store.query(Span(sensor="s0", start_ns=0, end_ns=BASE + k * STEP, max_points=10 * k))
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    await store.saved()
    while "store" in raised:
        await asyncio.sleep(0.01)
    found = await store.query(Span(sensor="s0", start_ns=0, end_ns=BASE + k * STEP, max_points=10 * k))
    await store.close()
    tell(appended=k, held=len(held), found=len(found), saved_before=saved, saved=store.saved_rows, left=sorted(raised))
    return 0 if np.array_equal(found.v, np.arange(k)) and len(held) == k else 1


if __name__ == "__main__":
    if sys.argv[1] == "full":
        sys.exit(asyncio.run(full(Path(sys.argv[2]))))
    asyncio.run(record(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])))
