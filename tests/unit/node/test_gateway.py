"""The gateway: what a slow reader costs itself and nobody else, what a rude one is refused."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgpack
import numpy as np
import psutil
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from console.api import Area, ChannelKind, Columns, Limit, Sensor
from console.node.outbox import Outbox
from console.wire.codec import decode_down, encode
from console.wire.frames import MAX_FRAME_BYTES, Credential, Entities, Hello
from console.wire.session.node import ASKED, SUBSCRIPTIONS
from tests.flow.nodes import SECRET, SmallNode, until


@pytest.fixture
async def node() -> AsyncIterator[SmallNode]:
    """A node with 1,000 sensors."""
    node = SmallNode()
    limits = (Limit(priority=1, value=1e9),)
    node.hub.put("s", [Sensor(id=f"s{i}", limits=limits if i < 10 else ()) for i in range(1000)])
    node.alarms.learn()
    await node.open()
    yield node
    await node.close()


async def hello(connection: ClientConnection) -> None:
    """Say hello and subscribe to everything."""
    await connection.send(encode(Hello(version=1, credential=Credential(kind="secret", value=SECRET))))
    await connection.send(msgpack.packb({"m": "subscribe", "sub": 1, "selector": {}}))


async def answer(connection: ClientConnection, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The next message that `wanted` takes."""
    async with asyncio.timeout(30):
        while True:
            message: dict[str, Any] = msgpack.unpackb(await connection.recv())
            if wanted(message):
                return message


async def test_a_hundred_slow_readers_cost_the_fast_one_nothing_and_the_node_little(node: SmallNode) -> None:
    slow = [await connect(node.url, compression=None, max_queue=1, ping_interval=None) for _ in range(100)]
    resident = psutil.Process().memory_info().rss
    got, lost = 0, 0
    async with connect(node.url, compression=None, max_queue=None) as fast:
        for connection in slow:
            connection.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            await hello(connection)
        await hello(fast)
        await until(lambda: bool(node.hub.feeds) and len(node.hub.feeds[0].readers) == 101)
        for connection in slow:
            connection.transport.pause_reading()
        columns = Columns(
            t_ns=np.full(10_000, time.time_ns()),
            v=np.arange(10_000.0),
            q=np.zeros(10_000, np.uint8),
            ids=np.tile(np.arange(1000, dtype=np.uint32), 10),
        )
        rounds = 100
        for _ in range(rounds):
            node.hub.samples(ChannelKind.SCALAR, columns)
            node.hub.flush()
            while got < rounds * len(columns):
                message = msgpack.unpackb(await asyncio.wait_for(fast.recv(), 30))
                lost += message["m"] == "gap"
                if message["m"] == "batch":
                    got += message["n"]
                    break
        left_out = [reader.conflated for reader in node.hub.readers if isinstance(reader, Outbox)]
        grown = psutil.Process().memory_info().rss - resident
    for connection in slow:
        connection.transport.abort()
    assert got == rounds * len(columns)
    assert lost == 0
    assert sorted(left_out)[0] == 0, "the fast reader"
    assert sum(n > 0 for n in left_out) == 100, "each slow reader gets the newest of what it was too slow for"
    # batches wait in the feed's log alone: a hundred readers that are behind hold little more than one
    assert grown < 120 << 20


async def test_too_many_subscriptions_and_questions_are_refused_and_the_link_stays(node: SmallNode) -> None:
    held = asyncio.Event()
    answers = 0

    async def query(_: object) -> Columns:
        await held.wait()
        return node.history

    node.gateway._questions._query = query
    async with connect(node.url, compression=None, max_queue=None) as connection:
        await hello(connection)
        for sub in range(2, SUBSCRIPTIONS + 2):
            await connection.send(msgpack.packb({"m": "subscribe", "sub": sub, "selector": {"ids": [f"s{sub}"]}}))
        refusal = await answer(connection, lambda m: m["m"] == "refusal")
        assert (refusal["code"], refusal["req"]) == ("too_big", SUBSCRIPTIONS + 1)
        for req in range(ASKED + 1):
            query_ = {"m": "query", "req": req, "sensor": "s1", "start_ns": 9, "end_ns": 1, "max_points": 10**12}
            await connection.send(msgpack.packb(query_))
        refusal = await answer(connection, lambda m: m["m"] == "refusal")
        assert (refusal["code"], refusal["req"]) == ("too_big", ASKED)
        held.set()
        while answers < ASKED:
            answers += (await answer(connection, lambda m: m["m"] == "history"))["n"] == 0
        await connection.send(msgpack.packb({"m": "query", "req": 5, "sensor": "s1", "start_ns": 0, "end_ns": 1}))
        assert (await answer(connection, lambda m: m["m"] == "history"))["req"] == 5


@pytest.mark.parametrize(
    "message",
    [
        {"m": "subscribe", "sub": 5, "selector": {}, "context": "replay:1"},
        {"m": "subscribe", "sub": 5, "selector": {}, "strategy": "sometimes"},
        {"m": "query", "req": 5, "sensor": "s1", "start_ns": 0, "end_ns": 1, "context": "drill:x"},
        {"m": "file", "req": 5, "sha256": "?" * 1000},
        {"m": "ticket", "req": 5, "camera": "none", "stream": ""},
    ],
)
async def test_what_this_node_cannot_do_is_refused_by_number(node: SmallNode, message: dict[str, Any]) -> None:
    async with connect(node.url, compression=None) as connection:
        await hello(connection)
        await connection.send(msgpack.packb(message))
        assert (await answer(connection, lambda m: m["m"] == "refusal"))["req"] == 5


@pytest.mark.parametrize(
    ("start_ns", "end_ns", "points"),
    [(5, 1, 0), (-(2**63), 2**64 - 1, 2**64 - 1), (2**63, 0, -(2**63)), (0, 0, 1)],
)
async def test_a_source_is_only_asked_what_makes_sense(
    node: SmallNode, start_ns: int, end_ns: int, points: int
) -> None:
    asked: list[Any] = []

    async def query(span: object) -> Columns:
        asked.append(span)
        raise ValueError("a source's own fault")

    node.gateway._questions._query = query
    async with connect(node.url, compression=None) as connection:
        await hello(connection)
        span = {"start_ns": start_ns, "end_ns": end_ns, "max_points": points}
        await connection.send(msgpack.packb({"m": "query", "req": 5, "sensor": "s1", **span}))
        refusal = await answer(connection, lambda m: m["m"] == "refusal")
    assert (refusal["code"], refusal["req"]) == ("unavailable", 5)
    (span,) = asked
    assert -(2**62) <= span.start_ns <= span.end_ns <= 2**62
    assert 2 <= span.max_points <= 20_000


async def test_an_answer_too_long_for_a_message_is_refused_and_the_link_stays(node: SmallNode) -> None:
    n = 400_000
    node.history = Columns(t_ns=np.arange(n), v=np.zeros(n), q=np.zeros(n, np.uint8))
    async with connect(node.url, compression=None) as connection:
        await hello(connection)
        await connection.send(msgpack.packb({"m": "query", "req": 5, "sensor": "s1", "start_ns": 0, "end_ns": 1}))
        assert (await answer(connection, lambda m: m["m"] == "refusal"))["code"] == "too_big"


async def test_an_act_whose_rule_fails_is_refused_in_words(node: SmallNode) -> None:
    async def act(_: object) -> Any:
        raise ZeroDivisionError("rule")

    node.gateway._questions.answers._act = act
    async with connect(node.url, compression=None) as connection:
        await hello(connection)
        await connection.send(msgpack.packb({"m": "intent", "id": "i", "name": "n", "entity": "e"}))
        got = await answer(connection, lambda m: m["m"] == "answer")
    assert got["state"] == "refused"
    assert "ZeroDivisionError" in got["reason"][1]


async def test_a_subscription_number_used_again_replaces_the_first(node: SmallNode) -> None:
    async with connect(node.url, compression=None) as connection:
        await hello(connection)
        await connection.send(msgpack.packb({"m": "subscribe", "sub": 1, "selector": {"ids": ["s3"]}}))
        await until(lambda: [feed.selector.ids for feed in node.hub.feeds] == [("s3",)])


async def test_two_consoles_and_garbage_from_a_third(node: SmallNode) -> None:
    rng = np.random.default_rng(1)
    async with connect(node.url, compression=None) as one, connect(node.url, compression=None) as two:
        await hello(one)
        await hello(two)
        for _ in range(30):
            async with connect(node.url, compression=None) as third:
                if rng.integers(2):
                    await hello(third)
                try:
                    await third.send(rng.bytes(int(rng.integers(1, 2000))))
                    while True:
                        await asyncio.wait_for(third.recv(), 30)
                except ConnectionClosed:
                    pass
        node.feed({"s1": 4.0}, time.time_ns())
        for connection in (one, two):
            assert (await answer(connection, lambda m: m["m"] == "batch"))["n"] == 1
    await until(lambda: not node.hub.readers)
    assert not any(feed.readers for feed in node.hub.feeds)


async def test_a_first_picture_longer_than_a_message_comes_in_parts(node: SmallNode) -> None:
    ring = tuple((100.0 + i / 1000, 30.0) for i in range(20_000))
    areas = [Area(id=f"a{i}", boundary=(ring,)) for i in range(20)]
    node.hub.put("s", [*areas, Area(id="huge", boundary=(ring * 12,))])
    async with connect(node.url, compression=None, max_size=MAX_FRAME_BYTES) as connection:
        await hello(connection)
        known: set[str] = set()
        seqs: set[int] = set()
        more = True
        while more:
            data = await asyncio.wait_for(connection.recv(), 30)
            message = decode_down(data)
            if not isinstance(message, Entities) or message.cls != "area":
                continue
            assert message.full == (not known)
            known |= {entity["id"] for entity in msgpack.unpackb(data)["put"]}
            seqs.add(message.seq)
            more = message.more
    assert known == {area.id for area in areas}
    assert len(seqs) == 1
    assert "large:area:huge" in node.hub.notices
