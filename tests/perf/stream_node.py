"""A node of its own process for stream benchmarks: the product's hub, alarms and gateway, and beside it the peer.

The peer is a bare server of the same websockets library that sends the same frames made beforehand. Told by JSON lines
on standard input what to send, it answers each with a JSON line of what that cost. Knows no reader.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import numpy as np
from websockets.asyncio.server import ServerConnection, broadcast, serve

from console.api import ChannelKind, Columns, Selector, Sensor, Span, Text
from console.node.alarms import Alarms
from console.node.feeds import Feed
from console.node.gateway import Gateway
from console.node.hub import FLUSH_S, Hub
from console.node.outbox import Outbox
from console.node.rows import FRAME_ROWS
from console.tasks import Tasks
from console.wire.codec import encode, pack_batch
from console.wire.frames import Intent, IntentAnswer

ROWS: Final = 1_000
"""Samples that a source brings at once; every such piece is a stretch of the sweep over all sensors."""
JOINED: Final = FRAME_ROWS
"""Samples of the product's longest frames: what comes in one turn of its loop goes out together."""
AHEAD_BYTES: Final = 1 << 20
"""How far a flood runs ahead of the socket; half of that before it goes on."""
BREATH_S: Final = 0.001


class StreamNode:
    """Hub, alarms, gateway and the bare peer, wired as the node is."""

    def __init__(self, secret: str, sensors: int) -> None:
        self.tasks = Tasks()
        self.hub = Hub(soon=asyncio.get_running_loop().call_soon)
        self.alarms = Alarms(self.hub)
        self.hub.on_samples = self.alarms.observe
        self.gateway = Gateway(
            self.hub,
            self.tasks,
            node="bench",
            name=Text("测速节点", "Bench node"),
            secret=secret,
            simulated=lambda: True,
            query=self._query,
            act=self._act,
            guard=None,
        )
        self.hub.put("bench", (Sensor(id=f"s{i:05}", kind="level", dtype="f8") for i in range(sensors)))
        self._parts = _sweep(sensors)
        self._frames = [
            encode(pack_batch(1, 10_000 + i, ChannelKind.SCALAR, part)) for i, part in enumerate(self._parts)
        ]
        joined = _sweep(sensors, JOINED)
        self._joined = [encode(pack_batch(1, 10_000 + i, ChannelKind.SCALAR, part)) for i, part in enumerate(joined)]
        self._bare: set[ServerConnection] = set()
        self._fed: list[Outbox] = []

    async def open(self) -> dict[str, str]:
        """Listen twice; the addresses."""
        port = await self.gateway.open()
        # no pings of the library's own and nothing compressed, as the gateway
        server = await serve(self._hold, "127.0.0.1", 0, compression=None, ping_interval=None, server_header=None)
        bare = server.sockets[0].getsockname()[1]
        self.tasks.start("flush", self._flush())
        return {"product": f"ws://127.0.0.1:{port}", "bare": f"ws://127.0.0.1:{bare}"}

    async def _hold(self, connection: ServerConnection) -> None:
        self._bare.add(connection)
        try:
            await connection.wait_closed()
        finally:
            self._bare.discard(connection)

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            self.hub.flush()

    @staticmethod
    async def _query(span: Span) -> Columns:
        return Columns(t_ns=np.empty(0, np.int64), v=np.empty(0), q=np.empty(0, np.uint8))

    @staticmethod
    async def _act(intent: Intent) -> IntentAnswer:
        return IntentAnswer(id=intent.id, state="refused")

    # ------------------------------------------------------------------ what is sent

    async def send(self, path: str, frames: int, hz: float) -> dict[str, float]:
        """Send `frames` at `hz` a second, or as fast as they go; returns CPU and wall seconds, and how many encodes."""
        ways = {"product": self._by_product, "bare": self._by_send, "broadcast": self._by_broadcast}
        way = {**ways, "joined": self._by_send_joined}[path]
        feeds, self._fed = self._feeds(), self._outboxes()
        encodes = sum(feed.encodes for feed in feeds)
        cpu_s, wall_s = time.process_time(), time.monotonic()
        if hz:
            await _paced(way, frames, hz)
        else:
            for number in range(frames):
                await way(number, time.time_ns(), True)
            self.hub.flush()
        while any(outbox.queued_bytes for outbox in self._outboxes()):
            await asyncio.sleep(BREATH_S)
        return {
            "cpu_s": time.process_time() - cpu_s,
            "wall_s": time.monotonic() - wall_s,
            "encodes": float(sum(feed.encodes for feed in self._feeds()) - encodes),
            "dropped": float(sum(outbox.dropped for outbox in self._outboxes())),
        }

    def _outboxes(self) -> list[Outbox]:
        return [reader for reader in self.hub.readers if isinstance(reader, Outbox)]

    def _feeds(self) -> list[Feed]:
        return list(self.hub.feeds)

    async def _by_product(self, number: int, due_ns: int, wait: bool) -> None:
        part = self._parts[number % len(self._parts)]
        stamps = np.full(ROWS, due_ns, np.int64)
        self.hub.samples(ChannelKind.SCALAR, Columns(t_ns=stamps, v=part.v, q=part.q, ids=part.ids))
        if wait and self._waits() > AHEAD_BYTES:
            while self._waits() > AHEAD_BYTES // 2:
                await asyncio.sleep(BREATH_S)

    def _waits(self) -> int:
        """Most bytes that wait for one reader."""
        most = 0
        for outbox in self._fed:
            most = max(most, outbox.queued_bytes)
        return most

    async def _by_send(self, number: int, due_ns: int, wait: bool) -> None:
        data = self._stamped(number, due_ns, wait)
        for connection in self._bare:
            await connection.send(data)

    async def _by_send_joined(self, number: int, due_ns: int, wait: bool) -> None:
        data = self._joined[number % len(self._joined)]
        for connection in self._bare:
            await connection.send(data)

    async def _by_broadcast(self, number: int, due_ns: int, wait: bool) -> None:
        broadcast(self._bare, self._stamped(number, due_ns, wait))

    def _stamped(self, number: int, due_ns: int, wait: bool) -> bytes:
        """The frame, in a flood as it is, else with the time it was due in front of its bytes, of the same length."""
        data = self._frames[number % len(self._frames)]
        return data if wait else due_ns.to_bytes(8, "little") + data[8:]


async def _paced(way: Callable[[int, int, bool], Awaitable[None]], frames: int, hz: float) -> None:
    """Each frame bears the time at which it was due, so that a sender that falls behind pays for it."""
    began_ns = time.time_ns()
    step_ns = int(1e9 / hz)
    sent = 0
    while sent < frames:
        late_ns = time.time_ns() - began_ns
        due = min(frames, late_ns // step_ns + 1)
        while sent < due:
            await way(sent, began_ns + sent * step_ns, False)
            sent += 1
        await asyncio.sleep(max(0.0, (began_ns + sent * step_ns - time.time_ns()) / 1e9))


def _sweep(sensors: int, rows: int = ROWS) -> list[Columns]:
    """All sensors once, `rows` a part."""
    parts = []
    for first in range(0, sensors, rows):
        v = np.array([math.sin(i) for i in range(first, first + rows)])
        ids = np.arange(first, first + rows, dtype=np.uint32)
        parts.append(Columns(t_ns=np.zeros(rows, np.int64), v=v, q=np.zeros(rows, np.uint8), ids=ids))
    return parts


SELECTOR: Final = Selector(kinds=("level",))
"""What every reader subscribes to: all sensors."""


async def _main() -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    node = StreamNode(**json.loads(await lines.readline()))
    _tell(await node.open())
    while line := await lines.readline():
        _tell(await node.send(**json.loads(line)))
    # whoever asked is gone: there is nothing to save, and connections need no farewell
    os._exit(0)


def _tell(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(_main())
