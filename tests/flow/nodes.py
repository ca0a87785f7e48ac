"""A real gateway over a real socket for flow tests, fed by the test in place of a source."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np

from console.api import ChannelKind, Columns, Span, Text
from console.node.alarms import Alarms
from console.node.answers import ReadsPast, no_past
from console.node.contexts import Contexts
from console.node.gateway import Gateway
from console.node.hub import Hub
from console.tasks import Tasks
from console.wire.frames import Intent, IntentAnswer
from tests.acknowledging import acknowledge

SECRET = "test-secret"


class SmallNode:
    """Hub, alarms and gateway; `await open()`, feed it, `await close()`."""

    def __init__(self, *, backfill: ReadsPast = no_past, contexts: Contexts | None = None) -> None:
        self.tasks = Tasks()
        self.hub = Hub()
        self.alarms = Alarms(self.hub)
        self.hub.on_samples = self.alarms.observe
        self.history = Columns(t_ns=np.empty(0, np.int64), v=np.empty(0), q=np.empty(0, np.uint8))
        self.acts: list[Intent] = []
        self.gateway = Gateway(
            self.hub,
            self.tasks,
            node="test",
            name=Text("测试节点", "Test node"),
            secret=SECRET,
            simulated=lambda: True,
            query=self._query,
            act=self._act,
            guard=None,
            backfill=backfill,
            contexts=contexts or self.replaying(),
        )
        self.port = 0

    def replaying(self) -> Contexts | None:
        """Contexts that stand on this node's own hub and tasks: none."""
        return None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"ws://127.0.0.1:{self.port}"

    async def open(self, port: int = 0) -> None:
        """Listen, on a free port unless told."""
        self.port = await self.gateway.open(port)

    async def close(self) -> None:
        """End everything."""
        await self.gateway.close()
        await self.tasks.close()

    async def _query(self, span: Span) -> Columns:
        return self.history

    async def _act(self, intent: Intent) -> IntentAnswer:
        self.acts.append(intent)
        if intent.name == "alarm.acknowledge":
            acknowledge(self.alarms, intent.entity, intent.actor)
        return IntentAnswer(id=intent.id, state="applied")

    def feed(self, values: dict[str, float], t_ns: int) -> None:
        """One scalar sample of each sensor, flushed."""
        ids = np.array([self.hub.handles[i] for i in values], np.uint32)
        n = len(values)
        v = np.array(list(values.values()))
        columns = Columns(t_ns=np.full(n, t_ns), v=v, q=np.zeros(n, np.uint8), ids=ids)
        self.hub.samples(ChannelKind.SCALAR, columns)
        self.hub.flush()


async def until(condition: Callable[[], bool], within_s: float = 30.0) -> None:
    """Wait for a condition; TimeoutError when it does not come, on a machine however busy."""
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.01)
