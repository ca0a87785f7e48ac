"""A console against a node that speaks a later or a broken wire: what can be read is shown, the link stays."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import msgpack
import numpy as np
import pytest
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from console.api import BadInput, ChannelKind, Columns, IntentState, LinkError, Selector, Severity
from console.client.link import Link
from console.client.replica import UNREADABLE, Replica
from console.tasks import Tasks
from console.wire.codec import encode, pack_batch
from tests.flow.nodes import until


class StrangeNode:
    """Welcomes everybody, answers pings, and says whatever the test wants."""

    def __init__(self) -> None:
        self.connections: list[ServerConnection] = []
        self.heard: list[dict[str, Any]] = []
        self.answers: dict[str, list[dict[str, Any]]] = {}
        """What to say to a message of that name; `req` and `id` are filled in."""

    async def open(self) -> int:
        """Listen; returns the port."""
        self.server: Server = await serve(self._serve, "127.0.0.1", 0, compression=None)
        return int(self.server.sockets[0].getsockname()[1])

    async def _serve(self, connection: ServerConnection) -> None:
        try:
            await connection.recv()
            self.connections.append(connection)
            await self.say(m="welcome", version=1, node="strange", t_ns=time.time_ns(), new=[1])
            await self.say(m="handles", first=0, ids=["a", "b"])
            async for data in connection:
                message = msgpack.unpackb(data)
                self.heard.append(message)
                if message["m"] == "ping":
                    await self.say(m="pong", t_ns=message["t_ns"], node_ns=time.time_ns())
                for answer in self.answers.get(message["m"], ()):
                    await self.say(**{k: message[k] for k in ("req", "id", "sub") if k in message}, **answer)
        except ConnectionClosed:
            pass

    async def say(self, **message: Any) -> None:
        """One message to the newest connection."""
        await self.connections[-1].send(msgpack.packb(message))

    async def say_raw(self, data: bytes | str) -> None:
        """Any bytes."""
        await self.connections[-1].send(data)


class Watch:
    """The console's side."""

    def __init__(self, node: StrangeNode, tasks: Tasks, link: Link, replica: Replica) -> None:
        self.node, self.tasks, self.link, self.replica = node, tasks, link, replica

    async def still_works(self) -> None:
        """The same connection brings a value."""
        self.link.subscribe(Selector(), "latest")
        self.node.answers["subscribe"] = [{"m": "subscribed", "feed": 1}]
        await until(lambda: bool(self.replica.feeds))
        now = time.time_ns()
        columns = Columns(t_ns=np.array([now]), v=np.array([4.5]), q=np.zeros(1, np.uint8), ids=np.zeros(1, np.uint32))
        await self.node.say_raw(encode(pack_batch(1, 1, ChannelKind.SCALAR, columns)))
        await until(lambda: float(self.replica.latest(["a"], now).v[0]) == 4.5)
        assert len(self.node.connections) == 1


@pytest.fixture
async def watch() -> AsyncIterator[Watch]:
    """A strange node and a console connected to it."""
    node, tasks, replica = StrangeNode(), Tasks(), Replica()
    node.answers["subscribe"] = [{"m": "subscribed", "feed": 1}]
    link = Link(replica, tasks, lambda: None)
    link.address(f"ws://127.0.0.1:{await node.open()}", "secret")
    tasks.start("link", link.run())
    await until(lambda: link.status.up and len(replica._row_of_handle) == 2)
    yield Watch(node, tasks, link, replica)
    await tasks.close()
    node.server.close()
    await node.server.wait_closed()


BATCH = {"m": "batch", "feed": 1, "seq": 1, "kind": "scalar", "n": 1, "id": bytes(4), "t": bytes(8), "v": bytes(8)}
STRANGE: list[dict[str, Any]] = [
    {"m": "weather", "x": 1},
    {"m": "entities", "seq": 1, "cls": "sensor", "put": [{"id": "a", "channel": "smell"}]},
    {"m": "entities", "seq": 1, "cls": "alarm", "put": [{"id": "x", "state": "Ω"}]},
    {"m": "entities", "seq": 1, "cls": "dragon", "put": [{"id": "x"}]},
    {"m": "entities", "seq": "one", "cls": "sensor"},
    {"m": "notice", "key": 5},
    {"m": "notice", "key": "k", "severity": "loud", "summary": "not a pair"},
    {**BATCH, "q": b""},
    {**BATCH, "q": bytes(1), "n": -1},
    {**BATCH, "q": bytes(1), "kind": "hologram"},
    {**BATCH, "q": bytes(1), "dtype": "f2"},
    {**BATCH, "q": bytes(1), "id": b"\xff\xff\xff\xff"},
    {"m": "gap", "feed": 1, "from_seq": 3, "to_seq": -9, "samples": "many"},
    {"m": "pong", "t_ns": "now", "node_ns": 1},
    {"m": "media", "req": 1, "url": 7, "expires_ns": 0},
]


@pytest.mark.parametrize("message", STRANGE, ids=lambda m: f"{m['m']}-{len(repr(m))}")
async def test_one_thing_that_cannot_be_read_is_left_out_and_said(watch: Watch, message: dict[str, Any]) -> None:
    await watch.node.say(**message)
    await until(lambda: watch.replica.skipped == 1)
    assert UNREADABLE in watch.replica.notices
    await watch.still_works()


GARBAGE = [b"", b"\xc1", b"\x91" * 100_000, bytes(range(256)), "text", b"\x81\xa1m\xa5batch"]
BOMBS = [
    b"\xdf\xff\xff\xff\xff",
    b"\x81\xa1m\xdd\xff\xff\xff\xff",
    b"\x81\xa1m\xc6\xff\xff\xff\xff",
    b"\x81\xa1m" * 100_000,
]


@pytest.mark.parametrize("data", [*GARBAGE, *BOMBS], ids=range(10))
async def test_garbage_is_left_out_and_said(watch: Watch, data: bytes | str) -> None:
    await watch.node.say_raw(data)
    await until(lambda: watch.replica.skipped == 1)
    assert watch.replica.notices[UNREADABLE].severity is Severity.WARNING
    await watch.still_works()


@pytest.mark.parametrize("t_ns", [0, -1, 4_102_444_800 * 10**9, 2**63 - 1, -(2**63)])
@pytest.mark.parametrize("v", [float("nan"), float("inf"), -1e308])
async def test_impossible_times_and_values_stand_in_nobody_s_way(watch: Watch, t_ns: int, v: float) -> None:
    watch.link.subscribe(Selector(), "every")
    await until(lambda: bool(watch.replica.feeds))
    columns = Columns(t_ns=np.array([t_ns]), v=np.array([v]), q=np.zeros(1, np.uint8), ids=np.ones(1, np.uint32))
    await watch.node.say_raw(encode(pack_batch(1, 1, ChannelKind.SCALAR, columns)))
    await watch.node.say(m="gap", feed=1, from_seq=2, to_seq=3, samples=2, from_ns=t_ns, to_ns=2**63 - 1)
    now = time.time_ns()
    fresh = Columns(t_ns=np.array([now]), v=np.array([7.5]), q=np.zeros(1, np.uint8), ids=np.ones(1, np.uint32))
    await watch.node.say_raw(encode(pack_batch(1, 4, ChannelKind.SCALAR, fresh)))
    await until(lambda: 7.5 in watch.replica.window("b", now, now + 1).v.tolist())
    assert len(watch.node.connections) == 1


async def test_pongs_from_broken_clocks_move_nothing(watch: Watch) -> None:
    for node_ns, t_ns in ((2**63, time.time_ns()), (time.time_ns(), -1), (-(2**63), 0), (time.time_ns(), 2**64 - 1)):
        await watch.node.say(m="pong", t_ns=t_ns, node_ns=node_ns)
    await asyncio.sleep(0.1)
    assert abs(watch.link.status.offset_ms) < 1000
    await watch.still_works()


async def test_handles_that_cannot_be_right_start_the_link_anew_but_not_in_a_storm(watch: Watch) -> None:
    took_s = 0.0
    for first in (7, -1, 7, -1, 7):
        started = time.monotonic()
        seen = len(watch.node.connections)
        await watch.node.say(m="handles", first=first, ids=["c"])
        async with asyncio.timeout(30):
            while len(watch.node.connections) == seen:
                await asyncio.sleep(0.01)
        took_s = time.monotonic() - started
    assert took_s > 0.5, "a link that breaks at once again and again is tried at longer waits"


async def test_an_answer_with_a_word_not_known_is_not_a_refusal(watch: Watch) -> None:
    watch.node.answers["intent"] = [{"m": "answer", "state": "at_authority", "new": {"deep": [1]}}]
    answer = await watch.link.intent("alarm.acknowledge", "alarm:x", "李", {})
    assert answer.state is IntentState.PENDING


async def test_what_is_too_long_for_the_node_is_refused_here(watch: Watch) -> None:
    with pytest.raises(BadInput, match="subscribe to the node"):
        watch.link.subscribe(Selector(ids=tuple(f"sensor-with-a-long-name-{i}" for i in range(50_000))), "latest")
    with pytest.raises(BadInput, match="intent"):
        await watch.link.intent("note", "x", "李", {"text": "长" * 400_000})
    await watch.still_works()


async def test_a_file_cut_in_its_middle_fails_and_leaves_nothing(watch: Watch) -> None:
    watch.node.answers["file"] = [{"m": "file_part", "offset": 0, "size": 1000, "data": bytes(10)}]
    fetched = watch.tasks.start("fetch", watch.link.fetch("0" * 64))
    await until(lambda: any(len(content) == 10 for content in watch.link._asking._files.values()))
    watch.node.connections[-1].transport.abort()
    with pytest.raises(LinkError, match="lost"):
        await fetched
    assert not watch.link._asking._files
    assert not watch.link._asking._waiting


async def test_more_bytes_than_the_file_has_are_found_by_its_hash(watch: Watch) -> None:
    watch.node.answers["file"] = [
        {"m": "file_part", "offset": 0, "size": -5, "data": b"other"},
        {"m": "file_part", "offset": 10**15, "size": 2**63, "data": b"more"},
    ]
    with pytest.raises(BadInput, match="sha256"):
        await watch.link.fetch("0" * 64)
    await watch.still_works()
