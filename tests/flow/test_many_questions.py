"""A console that asks a thousand things at once gets its answers, and nobody else waits for them."""

from __future__ import annotations

import asyncio

import numpy as np
from websockets.asyncio.client import connect

from console.api import Columns, Sensor, Span
from console.node.visit import QUERIES
from console.wire.codec import decode_down, encode
from console.wire.frames import CAPABILITIES, Credential, Hello, History, Query
from tests.flow.nodes import SECRET, SmallNode, until
from tests.flow.test_link import Console

MANY = 300


class SlowStore:
    """Answers the hog only when it is let; says how much it was asked at a time."""

    def __init__(self) -> None:
        self.asked = self.at_once = 0
        self.let = asyncio.Event()

    async def query(self, span: Span) -> Columns:
        """A long answer; of sensor y at once."""
        if span.sensor == "x":
            self.asked += 1
            self.at_once = max(self.at_once, self.asked)
            await self.let.wait()
            self.asked -= 1
        n = 20_000 if span.sensor == "x" else 1
        return Columns(t_ns=np.arange(n, dtype=np.int64), v=np.zeros(n), q=np.zeros(n, np.uint8))


async def test_who_asks_much_at_once_is_answered_and_keeps_nobody_waiting() -> None:
    node, store = SmallNode(), SlowStore()
    node.gateway._questions._query = store.query
    node.hub.put("s", [Sensor(id="x"), Sensor(id="y")])
    await node.open()
    hello = Hello(version=1, credential=Credential(kind="secret", value=SECRET), capabilities=CAPABILITIES)
    async with connect(node.url, compression=None, max_size=None, max_queue=1) as hog:
        await hog.send(encode(hello))
        for req in range(1, MANY + 1):
            await hog.send(encode(Query(req=req, sensor="x", start_ns=0, end_ns=100_000, max_points=20_000)))
        await until(lambda: store.asked > 0)
        other = Console(node)
        await until(lambda: other.link.status.up)
        assert len(await other.link.query("y", 0, 10, 10)) == 1
        assert store.at_once <= QUERIES, "the store is free for others"
        store.let.set()
        answers = 0
        async with asyncio.timeout(60):
            while answers < MANY:  # 100 MB in all: more than may wait for one reader
                answers += isinstance(decode_down(await hog.recv()), History)
        await other.close()
    await node.close()
