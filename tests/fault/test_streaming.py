"""A stream cut, restarted, slept through, crowded and fed garbage: each sample is there once, each gap is known.

A slice runs with `make test`, the whole with `make soak`.
"""

from __future__ import annotations

import asyncio
import os
import resource
import socket
import time
from collections.abc import AsyncIterator, Sequence
from functools import partial

import msgpack
import numpy as np
import psutil
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.connection import broadcast
from websockets.exceptions import ConnectionClosed

from console.api import ChannelKind, Columns, Selector, Sensor, Value
from console.client.link import Link
from console.client.replica import Replica
from console.node.outbox import Outbox
from console.tasks import Tasks
from console.wire.codec import decode_down, encode
from console.wire.frames import Credential, Hello, Ping, Refusal
from tests.flow.nodes import SECRET, SmallNode, until

SENSORS = ("x", "y")
WHOLE = pytest.mark.soak
WITHIN_S = 30.0


class Rows(Value, frozen=True, kw_only=True, eq=False):
    """What a store answers."""

    ids: tuple[str, ...]
    columns: Columns
    next_ns: int = 0


class Store:
    """Every sample that any run of the node was fed, as its store would have it."""

    def __init__(self) -> None:
        self.samples: dict[str, list[tuple[int, float]]] = {id_: [] for id_ in SENSORS}
        self.reads = 0

    async def read(self, ids: Sequence[str], kind: ChannelKind, start_ns: int, end_ns: int, since_ns: int = 0) -> Rows:
        """All of a span, ascending in time."""
        self.reads += 1
        found = [(t, i, v) for i, id_ in enumerate(ids) for t, v in self.samples[id_] if start_ns <= t < end_ns]
        found.sort()
        t_ns, rows, v = (np.array([row[at] for row in found]) for at in (0, 1, 2))
        n = len(found)
        columns = Columns(
            t_ns=t_ns.astype(np.int64), v=v.astype(float), q=np.zeros(n, np.uint8), ids=rows.astype(np.uint32)
        )
        return Rows(ids=tuple(ids), columns=columns)


class City:
    """A node that can be restarted on the same port and store, and a console that wants every sample."""

    def __init__(self) -> None:
        self.store, self.tasks, self.replica = Store(), Tasks(), Replica()
        self.slept_s = 0.0
        self.link = Link(self.replica, self.tasks, lambda: None, awake_s=lambda: time.monotonic() + self.slept_s)
        self.port = 0
        self.fed = 0

    async def open(self) -> None:
        """Begin."""
        await self.start()
        self.link.address(self.node.url, SECRET)
        self.tasks.start("link", self.link.run())
        await until(lambda: self.link.status.up, WITHIN_S)
        self.sub = self.link.subscribe(Selector(), "every")
        await self.reading()

    async def start(self) -> None:
        """A new run of the node."""
        self.node = SmallNode(backfill=self.store.read)
        self.node.hub.put("s", [Sensor(id=id_, stale_after_s=600) for id_ in SENSORS])
        await self.node.open(self.port)
        self.port = self.node.port

    def shows(self, id_: str, v: float) -> bool:
        """Whether this is the sensor's last value at the console."""
        return float(self.replica.latest([id_], 0).v[0]) == v

    async def close(self) -> None:
        """End."""
        await self.tasks.close()
        await self.node.close()

    async def reading(self) -> None:
        """The console is up, and fed."""
        await until(lambda: self.link.status.up and any(feed.readers for feed in self.node.hub.feeds), WITHIN_S)

    def feed(self) -> None:
        """One sample of each sensor, kept by the store."""
        self.fed += 1
        t_ns = time.time_ns()
        self.node.feed(dict.fromkeys(SENSORS, float(self.fed)), t_ns)
        for id_ in SENSORS:
            self.store.samples[id_].append((t_ns, float(self.fed)))

    def cut(self) -> None:
        """The connection is gone, with what was under way."""
        connection = self.link._connection
        if connection is not None:
            connection.transport.abort()

    async def back(self) -> None:
        """The console sees the loss, comes back without waiting out its back-off, and is fed."""
        await until(lambda: not self.link.status.up, WITHIN_S)
        self.link.retry()
        await self.reading()

    def missing(self) -> int:
        """Samples of the store that the console has not, nor knows to be missing; fails where one is there twice."""
        count = 0
        for id_ in SENSORS:
            window = self.replica.window(id_, 0, 1 << 62)
            have = list(zip(window.t_ns.tolist(), window.v.tolist(), strict=True))
            assert len(have) == len(set(have)), "a sample is there twice"
            holes = self.replica.gaps(id_)
            wanted = set(self.store.samples[id_][-1000:]) - set(have)
            count += sum(not any(a <= t <= b for a, b in holes) for t, _ in wanted)
        return count

    def have(self) -> list[int]:
        """Samples that the console has, by sensor."""
        return [len(self.replica.window(id_, 0, 1 << 62)) for id_ in SENSORS]


@pytest.fixture
async def city() -> AsyncIterator[City]:
    """Running, the console fed."""
    city = City()
    await city.open()
    yield city
    await city.close()


@pytest.mark.parametrize("cuts", [15, pytest.param(500, marks=WHOLE)])
async def test_after_each_cut_the_stream_goes_on_where_it_was(city: City, cuts: int) -> None:
    for _ in range(cuts):
        city.feed()
        await asyncio.sleep(0)
        city.cut()
        city.feed()
        await city.back()
        await until(lambda: city.missing() == 0, WITHIN_S)
    assert city.have() == [min(2 * cuts, 1024)] * len(SENSORS), "by resume or by back-fill, all of it"
    assert all(not city.replica.gaps(id_) for id_ in SENSORS)
    assert city.link.lost_samples == 0
    assert city.store.reads == 0, "a cut shorter than the log of the feed costs no back-fill"


@pytest.mark.parametrize("restarts", [15, pytest.param(500, marks=WHOLE)])
async def test_after_each_restart_of_the_node_the_rest_is_fetched(city: City, restarts: int) -> None:
    for _ in range(restarts):
        city.feed()
        await asyncio.sleep(0)
        await city.node.close()
        await city.start()
        city.feed()
        city.link.retry()
        await city.reading()
        await until(lambda: city.missing() == 0, WITHIN_S)
        await until(lambda: city.have() == [min(city.fed, 1024)] * len(SENSORS), WITHIN_S)
    assert city.store.reads > 0


async def test_a_laptop_that_slept_comes_back_at_once_and_loses_nothing(city: City) -> None:
    city.feed()
    await until(lambda: city.have() == [1, 1], WITHIN_S)
    before = city.link._connection
    city.slept_s = 3600.0
    city.feed()
    await until(lambda: city.link._connection not in (None, before), WITHIN_S)
    await city.reading()
    city.feed()
    await until(lambda: city.have() == [3, 3], WITHIN_S)
    assert city.missing() == 0


@pytest.mark.parametrize("readers", [50, pytest.param(1000, marks=WHOLE)])
async def test_slow_readers_cost_nobody_else(city: City, readers: int) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    slow: list[ClientConnection] = []
    city.tasks.start("pings", pinging(slow))
    while len(slow) < readers:
        slow.append(await slow_reader(city.node))
    await until(lambda: len(city.node.hub.readers) == readers + 1, WITHIN_S)
    await until(lambda: sum(len(feed.readers) for feed in city.node.hub.feeds) == readers + 1, WITHIN_S)
    for connection in slow:
        connection.transport.pause_reading()
    resident = psutil.Process().memory_info().rss
    n = 1000
    rows = np.tile(np.arange(2, dtype=np.uint32), n // 2)
    for turn in range(110):
        for part in range(10):
            t_ns = time.time_ns() + part * n + np.arange(n) // 2
            columns = Columns(t_ns=t_ns, v=np.full(n, float(turn)), q=np.zeros(n, np.uint8), ids=rows)
            city.node.hub.samples(ChannelKind.SCALAR, columns)
        city.node.hub.flush()
        await until(partial(city.shows, "x", turn), WITHIN_S)
    grown = psutil.Process().memory_info().rss - resident
    boxes = [reader for reader in city.node.hub.readers if isinstance(reader, Outbox)]
    for connection in slow:
        connection.transport.abort()
    assert city.link.lost_samples == 0
    assert sum(box.dropped > 0 for box in boxes) >= readers // 2, "who reads nothing is told what it lost"
    assert grown < 200 << 20, f"{grown >> 20} MiB for {readers} readers that share what waits"


async def pinging(readers: list[ClientConnection]) -> None:
    """Who reads nothing still says that it is there, however long the test takes."""
    while True:
        broadcast(readers, encode(Ping(t_ns=0)))
        await asyncio.sleep(2.0)


async def slow_reader(node: SmallNode) -> ClientConnection:
    """One that subscribes to everything."""
    connection = await connect(node.url, compression=None, max_queue=1, ping_interval=None)
    connection.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    await connection.send(encode(Hello(version=1, credential=Credential(kind="secret", value=SECRET))))
    await connection.send(msgpack.packb({"m": "subscribe", "sub": 1, "selector": {}, "strategy": "every"}))
    return connection


HELLO = encode(Hello(version=1, credential=Credential(kind="secret", value=SECRET)))
BOMBS = {
    "empty": b"",
    "text": "hello",
    "random": os.urandom(3000),
    "truncated": HELLO[:-3],
    "deep": b"\x91" * 500_000,
    "deep map": b"\x81\xa1m" * 200_000,
    "map of 4 G": b"\xdf\xff\xff\xff\xff",
    "array of 4 G": b"\x81\xa1m\xdd\xff\xff\xff\xff",
    "bytes of 4 G": b"\x81\xa1m\xc6\xff\xff\xff\xff",
    "wrong types": msgpack.packb({"m": "subscribe", "sub": "one", "selector": [1]}),
    "no map": msgpack.packb([1, 2, 3]),
    "huge number": msgpack.packb({"m": "ping", "t_ns": 2**64 - 1}) + b"\xff",
    "too long": bytes(2 << 20),
}


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize("welcomed", [False, True])
async def test_garbage_ends_its_own_connection_in_words_and_nothing_else(
    city: City, name: str, *, welcomed: bool
) -> None:
    async with connect(city.node.url, compression=None, max_size=None) as rude:
        if welcomed:
            await rude.send(HELLO)
        said = []
        try:
            await rude.send(BOMBS[name])
            async with asyncio.timeout(WITHIN_S):
                while True:
                    said.append(decode_down(await rude.recv()))
        except ConnectionClosed:
            pass
    refusals = [message for message in said if isinstance(message, Refusal)]
    assert name == "too long" or [refusal.code for refusal in refusals] == ["malformed"]
    assert rude.close_code in (1008, 1009)
    city.feed()
    await until(lambda: city.have() == [1, 1], WITHIN_S)
