"""History over a real socket: store, ring and the source's own past as one series, across restarts of the node."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from console.api import NS, ChannelKind, Columns, RefusedError, Selector, Sensor
from console.client.link import Link
from console.client.replica import Replica
from console.node.history import History
from console.node.keeper import SourceKeeper
from console.node.recorder import Recorder
from console.node.telemetry.store import Telemetry
from console.tasks import Tasks
from tests.flow.nodes import SECRET, SmallNode, until
from tests.flow.real_node import real_node

STEP_NS = NS // 10


class RecordedNode(SmallNode):
    """A small node with a real store in `folder`, fed by the test."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.store = Telemetry(folder, on_notice=self.hub.notice, on_clear=self.hub.clear_notice)
        self.recorder = Recorder(self.hub, self._make)
        self.hub.on_entity = self.recorder.entity
        self.hub.on_samples = self._heard
        self.gateway._questions._query = History(
            self.recorder.stored, self.hub, SourceKeeper(self.hub, self.tasks)
        ).query

    async def _make(self) -> Telemetry:
        return self.store

    def _heard(self, kind: ChannelKind, columns: Columns) -> None:
        self.alarms.observe(kind, columns)
        self.recorder.samples(kind, columns)

    async def open(self, port: int = 0) -> None:
        await super().open(port)
        self.tasks.start("store", self.recorder.run())

    async def close(self) -> None:
        await self.gateway.close()
        await self.recorder.close()
        await self.tasks.close()


@asynccontextmanager
async def recorded(folder: Path) -> AsyncIterator[tuple[RecordedNode, Link, Replica]]:
    """A recorded node and a console that reads everything of it."""
    node, tasks, replica = RecordedNode(folder), Tasks(), Replica()
    link = Link(replica, tasks, lambda: None)
    await node.open()
    node.hub.put("plant", [Sensor(id="gas")])
    try:
        link.address(node.url, SECRET)
        tasks.start("link", link.run())
        await until(lambda: link.status.up)
        link.subscribe(Selector(), "every")
        await until(lambda: bool(node.hub.feeds) and node.recorder.store is not None)
        yield node, link, replica
    finally:
        await tasks.close()
        await node.close()


def fed(node: RecordedNode, first: int, last: int, base_ns: int) -> None:
    """Samples number first … last - 1, each with its number as value."""
    for number in range(first, last):
        node.feed({"gas": float(number)}, base_ns + number * STEP_NS)


async def test_what_was_recorded_before_a_restart_and_what_is_live_are_one_series(tmp_path: Path) -> None:
    base_ns = time.time_ns() - 100 * STEP_NS
    async with recorded(tmp_path) as (node, link, _):
        fed(node, 0, 40, base_ns)
        before = await link.query("gas", base_ns, base_ns + 200 * STEP_NS, 2000)
        assert before.v.tolist() == [float(n) for n in range(40)], "also what is not committed yet"
    async with recorded(tmp_path) as (node, link, replica):
        fed(node, 40, 60, base_ns)
        await until(lambda: len(replica.window("gas", 0, base_ns + 200 * STEP_NS)) >= 20)
        whole = await link.query("gas", base_ns, base_ns + 200 * STEP_NS, 2000)
        assert whole.v.tolist() == [float(n) for n in range(60)]
        ring = replica.window("gas", 0, base_ns + 200 * STEP_NS)
        assert set(ring.t_ns.tolist()) <= set(whole.t_ns.tolist())
        assert np.unique(whole.t_ns).tolist() == whole.t_ns.tolist()


async def test_a_node_that_was_off_leaves_a_hole_where_its_source_has_no_past(tmp_path: Path) -> None:
    base_ns = time.time_ns()
    async with recorded(tmp_path) as (node, _, _):
        fed(node, 0, 5, base_ns)
    off_ns = time.time_ns()
    async with recorded(tmp_path) as (node, link, _):
        on_ns = time.time_ns()
        fed(node, 50, 55, base_ns)
        whole = await link.query("gas", base_ns, base_ns + 200 * STEP_NS, 2000)
        assert whole.v.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 50.0, 51.0, 52.0, 53.0, 54.0]
        runs = await node.store.runs(base_ns - NS, time.time_ns())
        assert not any(start < (off_ns + on_ns) // 2 < end for start, end in runs), "the hole is known"


SOURCES = """
[[source]]
id = "plant"
kind = "csv"
file = "plant.csv"
time_format = "ns"
times = "keep"
[[source.value]]
column = "v"
id = "gas"
"""


async def test_a_hole_is_filled_from_the_sources_own_past(tmp_path: Path) -> None:
    base_ns = time.time_ns() // NS * NS - 20 * NS
    rows = [f"{base_ns + n * STEP_NS},{n}" for n in range(1200)]
    (tmp_path / "plant.csv").write_text("time,v\n" + "\n".join(rows) + "\n", "utf-8")
    sources = tmp_path / "sources.toml"
    sources.write_text(SOURCES, "utf-8")

    async def so_far(link: Link) -> list[float]:
        """Values up to a moment that has passed, so that none of them is still on its way."""
        found = await link.query("plant.gas", base_ns, time.time_ns() - NS // 2, 20_000)
        return [float(v) for v in found.v]

    async with real_node(tmp_path, sources) as node:
        assert not node.failed
        await until(lambda: len(node.replica.window("plant.gas", 0, 1 << 62)) >= 12)
    off = time.time_ns()
    async with real_node(tmp_path, sources) as node:
        await until(lambda: time.time_ns() - off > 2 * NS, 30)
        await until(lambda: len(node.replica.window("plant.gas", 0, 1 << 62)) >= 12)
        values = await so_far(node.link)
    assert len(values) > 200
    assert values == [float(n) for n in range(len(values))]
    assert (tmp_path / "telemetry").is_dir()
    assert not (tmp_path / "telemetry-demo").exists()


async def test_a_sensor_nobody_knows_is_refused(tmp_path: Path) -> None:
    async with recorded(tmp_path) as (_, link, _):
        with pytest.raises(RefusedError, match="nobody"):
            await asyncio.wait_for(link.query("nobody", 0, NS, 2000), 30)


async def test_a_second_node_on_the_same_folder_says_who_has_it(tmp_path: Path) -> None:
    sources = tmp_path / "sources.toml"
    (tmp_path / "plant.csv").write_text(f"time,v\n{time.time_ns()},1\n", "utf-8")
    sources.write_text(SOURCES, "utf-8")
    async with real_node(tmp_path, sources) as first:
        assert first.ready
        async with real_node(tmp_path, sources) as second:
            assert "a node, or an import, works in" in second.failed
