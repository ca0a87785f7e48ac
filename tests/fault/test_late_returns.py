"""What arrived at the node during a long cut, with times of before it, is there after the return, or a known hole."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from console.api import NS, ChannelKind, Columns, RefusedError, Selector, Sensor
from console.client.holes import LATE_NS
from console.client.link import Link
from console.client.replica import Replica
from console.node.rows import Rows
from console.node.telemetry.store import Telemetry
from console.tasks import Tasks
from tests.flow.nodes import SECRET, SmallNode, until

HOUR = 3600 * NS


class Late:
    """A node with a real store that can be started anew, and a console that wants every sample."""

    def __init__(self, store: Telemetry, *, readable: bool) -> None:
        self._store, self._readable = store, readable
        self.tasks, self.replica, self.port = Tasks(), Replica(), 0
        self.link = Link(self.replica, self.tasks, lambda: None)

    async def start(self) -> None:
        """A new run of the node: what it was told before lies in its store alone."""
        self.node = SmallNode(backfill=self._past)
        self.node.hub.on_samples = self._keep
        self.node.hub.put("s", [Sensor(id="x", stale_after_s=600)])
        await self.node.open(self.port)
        self.port = self.node.port

    async def _past(
        self, ids: Sequence[str], kind: ChannelKind, start_ns: int, end_ns: int, since_ns: int = 0, /
    ) -> Rows:
        if not self._readable:
            raise RefusedError("the store is not open")
        return await self._store.read(ids, kind, start_ns, end_ns, since_ns=since_ns)

    def _keep(self, kind: ChannelKind, columns: Columns) -> None:
        self._store.append(kind, columns, self.node.hub.ids)

    async def fed(self) -> None:
        """The console is up, and fed."""
        await until(lambda: self.link.status.up and any(feed.readers for feed in self.node.hub.feeds), 30)

    def say(self, *times_ns: int) -> None:
        """A sample at each of these times."""
        for t_ns in times_ns:
            self.node.feed({"x": float(t_ns % HOUR // NS)}, t_ns)

    def has(self, *times_ns: int) -> bool:
        """Whether the console holds samples of these times, each once."""
        held = self.replica.window("x", 0, 1 << 62).t_ns.tolist()
        return len(held) == len(set(held)) and set(times_ns) <= set(held)


@contextlib.asynccontextmanager
async def late(folder: Path, *, readable: bool = True) -> AsyncIterator[Late]:
    """Running, the console fed, and told by the node that all is there until now."""
    store = Telemetry(folder, on_notice=print, on_clear=print)
    await store.open()
    one = Late(store, readable=readable)
    await one.start()
    one.link.address(one.node.url, SECRET)
    one.link.subscribe(Selector(), "every")
    one.tasks.start("link", one.link.run())
    await one.fed()
    try:
        yield one
    finally:
        await one.tasks.close()
        await one.node.close()
        await store.close()


async def out(one: Late) -> None:
    """The console hears that all came so far; then the node dies, and another run of it begins."""
    heard_ns = time.time_ns()
    await until(lambda: one.link._holes.heard_ns > heard_ns, 30)
    await one.node.close()
    await one.start()


async def test_late_samples_that_came_during_a_cut_are_fetched_whenever_they_were_made(tmp_path: Path) -> None:
    async with late(tmp_path) as one:
        before_ns = time.time_ns() - 60 * NS
        early = [before_ns + i * NS for i in range(10)]
        one.say(*early)
        await until(lambda: one.has(*early), 30)
        await out(one)
        now_ns = time.time_ns()
        came_late = [now_ns - 9 * HOUR, before_ns - 1800 * NS, before_ns + NS // 2, now_ns - 2 * LATE_NS, now_ns]
        one.say(*came_late)
        one.link.retry()
        await one.fed()
        await until(lambda: one.has(*early, *came_late) and not one.replica.gaps("x"), 30)


async def test_where_the_store_cannot_say_a_late_sample_lies_in_a_known_hole(tmp_path: Path) -> None:
    async with late(tmp_path, readable=False) as one:
        begin_ns = time.time_ns() - 300 * NS
        told = [begin_ns + i * NS for i in (*range(40), *range(60, 100))]
        one.say(*told)
        await until(lambda: one.has(*told), 30)
        assert one.replica.gaps("x") == []
        await out(one)
        missed_ns = begin_ns + 50 * NS
        one.say(missed_ns)
        one.say(time.time_ns())
        one.link.retry()
        await one.fed()
        await until(lambda: any(a <= missed_ns <= b for a, b in one.replica.gaps("x")), 30)
        assert not any(a <= t <= b for a, b in one.replica.gaps("x") for t in told), "what came is no hole"
