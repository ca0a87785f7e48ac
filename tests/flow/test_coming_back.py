"""Cuts over a real socket: what a console holds afterwards is what the node sent, each sample once."""

from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np
import pytest

from console.api import ChannelKind, Columns, Selector, Sensor
from console.client.link import Link
from console.client.replica import Replica
from console.node.hub import Hub
from console.tasks import Tasks
from tests.flow.nodes import SECRET, SmallNode, until

SENSORS = 5


class Told:
    """A node and a console at it; `say` sends one sample of each sensor."""

    def __init__(self) -> None:
        self.node = SmallNode()
        self.tasks, self.replica = Tasks(), Replica()
        self.link = Link(self.replica, self.tasks, lambda: None)
        self.sent = 0

    @property
    def hub(self) -> Hub:
        """The node's hub."""
        return self.node.hub

    def say(self) -> None:
        """One sweep."""
        self.sent += 1
        ids = np.arange(SENSORS, dtype=np.uint32)
        t_ns = np.full(SENSORS, self.hub.clock(), np.int64)
        v = np.full(SENSORS, float(self.sent))
        self.hub.samples(ChannelKind.SCALAR, Columns(t_ns=t_ns, v=v, q=np.zeros(SENSORS, np.uint8), ids=ids))
        self.hub.flush()

    def values(self, sensor: int) -> list[float]:
        """What the console holds."""
        return [float(v) for v in self.replica.window(f"s{sensor}", 0, 1 << 62).v]

    def cut(self) -> None:
        """As if the cable were pulled."""
        for connection in tuple(self.node.gateway._server.connections if self.node.gateway._server else ()):
            connection.transport.abort()


@pytest.fixture
async def told() -> AsyncIterator[Told]:
    """Connected and fed by two selectors that overlap."""
    told = Told()
    told.hub.put("s", [Sensor(id=f"s{i}", kind="level" if i % 2 else "flow") for i in range(SENSORS)])
    await told.node.open()
    told.link.address(told.node.url, SECRET)
    told.link.subscribe(Selector(), "every")
    told.link.subscribe(Selector(kinds=("level",)), "latest")
    told.tasks.start("link", told.link.run())
    await until(lambda: sum(len(feed.readers) for feed in told.hub.feeds) == 2)
    yield told
    await told.tasks.close()
    await told.node.close()


async def test_after_cuts_in_the_middle_of_a_stream_each_sample_is_there_once(told: Told) -> None:
    for _ in range(5):
        for _ in range(3):
            told.say()
        told.cut()
        told.say()
        await until(lambda: not told.hub.readers)
        for _ in range(3):
            told.say()
        told.link.retry()
        await until(lambda: sum(len(feed.readers) for feed in told.hub.feeds) == 2)
        told.say()
    await until(lambda: told.values(0)[-1:] == [float(told.sent)])
    for sensor in range(SENSORS):
        assert told.values(sensor) == [float(i) for i in range(1, told.sent + 1)], sensor
    assert told.link.lost_samples == 0
    assert all(told.replica.gaps(f"s{i}") == [] for i in range(SENSORS))
