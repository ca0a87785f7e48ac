"""Real messages with some bytes changed, cut or added: both ends read on or refuse, and nothing else is raised."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import msgpack
import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.api import Alarm, Area, ChannelKind, Columns, Notice, Selector, Sensor, Severity, Text
from console.client.link import Link
from console.client.replica import Replica
from console.node.feeds import Feed, Parcel
from console.node.outbox import Outbox
from console.tasks import Tasks
from console.wire.codec import decode_down, encode, pack_history
from console.wire.frames import (
    Credential,
    FilePart,
    Gap,
    Hello,
    IntentAnswer,
    Pong,
    Refusal,
    ReplayState,
    Subscribed,
    Ticket,
    Welcome,
)
from console.wire.past import pack_past
from console.wire.session.console import State
from tests.flow.nodes import SECRET, SmallNode

NOW = time.time_ns()
UP: list[dict[str, Any]] = [
    {"m": "subscribe", "sub": 1, "selector": {"boards": ["natural"], "ids": ["a"], "channels": ["scalar"]}},
    {"m": "unsubscribe", "sub": 1},
    {"m": "query", "req": 2, "sensor": "a", "start_ns": 0, "end_ns": NOW, "max_points": 10},
    {"m": "file", "req": 3, "sha256": "0" * 64},
    {"m": "ticket", "req": 4, "camera": "c", "stream": "main"},
    {"m": "intent", "id": "i", "name": "alarm.acknowledge", "entity": "alarm:a", "arguments": {"x": [1, {"y": None}]}},
    {"m": "backfill", "req": 5, "sub": 1, "start_ns": NOW - 10**9, "end_ns": NOW},
    {"m": "replay", "req": 6, "op": "open", "at_ns": NOW, "speed": 1.5, "context": "replay:1"},
    {"m": "ping", "t_ns": NOW},
]


class Heard:
    """A reader that keeps the bytes."""

    def __init__(self) -> None:
        self.data: list[bytes] = []

    def send(self, data: bytes) -> None:
        """Keep."""
        self.data.append(data)

    def deliver(self, parcel: Parcel) -> None:
        """Keep."""
        self.data.append(parcel.data)

    def forget(self, feed: Feed) -> None:
        """What was taken stays."""


def down() -> list[bytes]:
    """One of each message that a node sends."""
    node, heard = SmallNode(), Heard()
    node.hub.put("s", [Area(id="x"), Sensor(id="a", area="x"), Sensor(id="p", channel=ChannelKind.POSITION)])
    node.hub.put("s", [Alarm(id="alarm:a", sensor="a")])
    node.hub.notice(Notice(key="k", severity=Severity.INFO, summary=Text("话")))
    node.hub.join(heard)
    feed, _ = node.hub.subscribe(heard, Selector(), "latest")
    node.feed({"a": 1.0}, NOW)
    for batch in node.hub.snapshot(feed):
        heard.send(encode(batch))
    history = Columns(t_ns=np.arange(3), v=np.zeros(3), q=np.zeros(3, np.uint8))
    others = (
        Subscribed(sub=1, feed=1, key="k"),
        Gap(feed=1, from_seq=1, to_seq=2, samples=3),
        pack_history(9, history),
        pack_past(9, ChannelKind.SCALAR, msgspec.structs.replace(history, ids=np.zeros(3, np.uint32)), more=True),
        ReplayState(at_ns=NOW, node_ns=NOW, jump=1),
        FilePart(req=9, offset=0, size=3, data=b"abc"),
        Ticket(req=9, url="rtsp://x", expires_ns=NOW),
        IntentAnswer(id="i", state="applied"),
        Pong(t_ns=NOW, node_ns=NOW),
        Refusal(code="unknown", what="x", req=9),
    )
    return [*heard.data, *(encode(message) for message in others)]


DOWN = down()
CHANGES = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=4)


def changed(data: bytes, changes: list[tuple[int, int]], cut: int) -> bytes:
    """`data` with some bytes set, and cut or lengthened at its end."""
    out = bytearray(data)
    for at, byte in changes:
        out[at % len(out)] = byte
    return bytes(out[:cut]) if cut < len(out) else bytes(out) + bytes(cut - len(out))


@pytest.fixture
async def link() -> AsyncIterator[Link]:
    """A link whose messages the test brings."""
    tasks = Tasks()
    yield Link(Replica(), tasks, lambda: None)
    await tasks.close()


def welcome(link: Link) -> None:
    """As if a node had just let it in, and fed it."""
    link.session.cut("test")
    link.session.connected(Credential(kind="secret", value="x"), 0.0, 0.0)
    link._read(encode(Welcome(version=1, node="n")))
    link._read(DOWN[0])
    if not link.session.wanted:
        link.subscribe(Selector(), "every")
    link._read(encode(Subscribed(sub=min(link.session.wanted), feed=1, key="k")))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(DOWN), CHANGES, st.integers(0, 500) | st.just(10**6))
async def test_a_console_reads_on_whatever_a_node_s_message_became(
    link: Link, data: bytes, changes: list[tuple[int, int]], cut: int
) -> None:
    if link.session.state is not State.UP:
        welcome(link)
    link._read(changed(data, changes, min(cut, len(data))))
    now = time.time_ns()
    link._replica.latest(["a", "p"], now)
    link._replica.counts(now)
    link._replica.drain()
    link._replica.window("a", 0, now)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(UP), CHANGES, st.integers(0, 500))
async def test_a_node_reads_on_or_refuses_whatever_a_console_s_message_became(
    message: dict[str, Any], changes: list[tuple[int, int]], cut: int
) -> None:
    node = SmallNode()
    node.hub.put("s", [Sensor(id="a")])
    said: list[bytes] = []

    def write(data: bytes) -> bool:
        said.append(data)
        return True

    visit = node.gateway.visit(Outbox(write))
    node.gateway.take(encode(Hello(version=1, credential=Credential(kind="secret", value=SECRET))), visit)
    data = msgpack.packb(message)
    node.gateway.take(changed(data, changes, min(cut + 10, len(data))), visit)
    if visit.closing is not None:
        refusal = decode_down(said[-1])
        assert isinstance(refusal, Refusal)
        assert refusal.code == "malformed"
        assert refusal.expected
    node.feed({"a": 1.0}, NOW)
    await node.tasks.close()
