"""Recorder: everything the hub hears reaches the store, from before it was open until it is closed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
import numpy as np
import pytest

from console.api import NS, ChannelKind, Columns, Resource, ResourceError, Sensor
from console.node import recorder as module
from console.node.hub import Hub
from console.node.recorder import Recorder
from console.tasks import Tasks
from tests.stores import MemoryStore

NOW_NS = 1_700_000_000 * NS


class Bench:
    """A hub that is recorded into a store that opens when `let` is set; `nap` ends the recorder's sleeps."""

    def __init__(self) -> None:
        self.hub = Hub(lambda: NOW_NS)
        self.store = MemoryStore()
        self.let, self.nap = asyncio.Event(), asyncio.Event()
        self.slept: list[float] = []
        self.recorder = Recorder(self.hub, self._make, sleep=self._sleep)
        self.hub.on_samples, self.hub.on_entity = self.recorder.samples, self.recorder.entity
        self.tasks = Tasks()

    async def _make(self) -> MemoryStore:
        await self.let.wait()
        return self.store

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self.nap.wait()
        self.nap.clear()

    def begin(self) -> None:
        self.tasks.start("record", self.recorder.run())

    def sample(self, sensor: str, *values: float) -> None:
        handles = np.full(len(values), self.hub.handles[sensor], np.uint32)
        times = NOW_NS + np.arange(len(values), dtype=np.int64)
        q = np.zeros(len(values), np.uint8)
        self.hub.samples(ChannelKind.SCALAR, Columns(t_ns=times, v=np.array(values), q=q, ids=handles))

    def values(self) -> list[float]:
        return [row.v[0] for row in self.store.rows]


@pytest.fixture
async def bench() -> Bench:
    return Bench()


async def soon(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0)


async def test_what_came_before_the_store_was_open_is_in_it(bench: Bench) -> None:
    bench.begin()
    bench.hub.put("plant", [Sensor(id="a")])
    bench.sample("a", 1.0, 2.0)
    bench.let.set()
    await soon(lambda: bench.recorder.store is not None)
    bench.hub.put("plant", [Sensor(id="b")])
    bench.sample("b", 3.0)
    assert bench.values() == [1.0, 2.0, 3.0]
    assert bench.recorder.stored() == (bench.store, NOW_NS)
    await bench.recorder.close()
    assert bench.store.closed
    await bench.tasks.close()


async def test_entities_are_recorded_as_they_change(bench: Bench) -> None:
    bench.let.set()
    bench.begin()
    bench.hub.put("plant", [Resource(id="team", busy=False)])
    await soon(lambda: bench.recorder.store is not None)
    bench.hub.put("plant", [Resource(id="team", busy=True)])
    bench.hub.put("plant", [Resource(id="team", busy=True)])
    bench.hub.drop(Resource, ["team"])
    told = [
        None if raw is None else msgspec.msgpack.decode(raw, type=Resource).busy
        for _, cls, id_, raw in bench.store.changes
        if (cls, id_) == ("resource", "team")
    ]
    assert told == [False, True, None]
    await bench.tasks.close()


async def test_a_store_that_cannot_be_opened_is_told_and_tried_again(bench: Bench) -> None:
    bench.store.refusals = [ResourceError("no room on the disk")]
    bench.hub.put("plant", [Sensor(id="a")])
    bench.sample("a", 1.0)
    bench.let.set()
    bench.begin()
    await soon(lambda: bool(bench.slept))
    notice = bench.hub.notices[module.CLOSED]
    assert "no room on the disk" in notice.detail
    assert bench.recorder.stored() is None
    bench.sample("a", 2.0)
    assert bench.recorder.dropped == 2
    bench.nap.set()
    await soon(lambda: bench.recorder.store is not None)
    assert module.CLOSED not in bench.hub.notices
    bench.sample("a", 3.0)
    assert bench.values() == [3.0]
    await bench.tasks.close()


async def test_what_waits_is_bounded_and_what_is_dropped_is_counted_and_told(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "GATHER_BYTES", 100)
    bench.hub.put("plant", [Sensor(id="a")])
    bench.begin()
    for value in range(10):
        bench.sample("a", float(value))
    assert bench.recorder.dropped == 6
    assert module.UNKEPT in bench.hub.notices
    bench.let.set()
    await soon(lambda: bench.recorder.store is not None)
    assert bench.values() == [0.0, 1.0, 2.0, 3.0]
    assert module.UNKEPT not in bench.hub.notices
    await bench.tasks.close()


async def test_an_end_right_after_the_start_still_keeps_what_came(bench: Bench) -> None:
    bench.hub.put("plant", [Sensor(id="a")])
    bench.sample("a", 1.0)
    bench.begin()
    closing = bench.tasks.start("close", bench.recorder.close())
    await asyncio.sleep(0)
    bench.let.set()
    await closing
    assert bench.values() == [1.0]
    assert bench.store.closed
    await bench.tasks.close()
