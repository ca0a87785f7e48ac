"""Times beside the live one: a replay has its own replica and hub; what cannot be had of it is refused in words."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence

import numpy as np
import pytest

from console.api import (
    LIVE,
    ChannelKind,
    Columns,
    IntentState,
    RefusedError,
    Selector,
    Sensor,
    Span,
    Value,
)
from console.client import asking
from console.client.link import Link
from console.client.replica import Replica
from console.node.hub import Hub
from console.node.outbox import Outbox
from console.tasks import Tasks
from console.wire.codec import encode, unpack_batch
from console.wire.frames import Gap, Refusal, Replay, ReplayState
from tests.flow.nodes import SECRET, SmallNode, until

SECOND = 10**9
THEN_NS = 1_700_000_000 * SECOND
REPLAY = "replay:R1"


class Rows(Value, frozen=True, kw_only=True, eq=False):
    """What a store answers."""

    ids: tuple[str, ...]
    columns: Columns
    next_ns: int = 0


class Store:
    """A store of one sample a second of each sensor, 100 rows a read."""

    def __init__(self) -> None:
        self.reads = 0
        self.let = asyncio.Event()
        self.let.set()

    async def read(self, ids: Sequence[str], kind: ChannelKind, start_ns: int, end_ns: int, since_ns: int = 0) -> Rows:
        """Ascending in time."""
        self.reads += 1
        await self.let.wait()
        first = -(-start_ns // SECOND)
        seconds = np.arange(first, min(-(-end_ns // SECOND), first + 100 // len(ids)))
        t_ns = np.repeat(seconds * SECOND, len(ids))
        rows = np.tile(np.arange(len(ids), dtype=np.uint32), len(seconds))
        columns = Columns(t_ns=t_ns, v=rows + seconds.repeat(len(ids)) % 7.0, q=np.zeros(len(rows), np.uint8), ids=rows)
        next_ns = int(seconds[-1] + 1) * SECOND if len(seconds) else 0
        return Rows(ids=tuple(ids), columns=columns, next_ns=next_ns if next_ns < end_ns else 0)


class Past:
    """One replay, which stands at THEN_NS; see `console.node.contexts.Contexts`."""

    def __init__(self) -> None:
        self.it = Hub(lambda: THEN_NS, context=REPLAY)
        self.it.put("past", [Sensor(id="then")])
        self.asked: list[Span] = []
        self.gone: list[Outbox] = []

    def hub(self, context: str) -> Hub | None:
        """The one hub."""
        return self.it if context == REPLAY else None

    async def replay(self, message: Replay, outbox: Outbox) -> ReplayState | Refusal:
        """Open and close; other things are against the rule."""
        if message.op not in ("open", "close"):
            raise RefusedError("this replay only stands")
        return ReplayState(at_ns=THEN_NS, node_ns=0, jump=1, closed=message.op == "close")

    async def query(self, context: str, span: Span) -> Columns:
        """One sample."""
        self.asked.append(span)
        return Columns(t_ns=np.array([span.start_ns]), v=np.array([1.0]), q=np.zeros(1, np.uint8))

    def left(self, outbox: Outbox) -> None:
        """Remember."""
        self.gone.append(outbox)


class Desk:
    """A node with a past, and a console at it."""

    def __init__(self) -> None:
        self.past, self.store = Past(), Store()
        self.node = SmallNode(backfill=self.store.read, contexts=self.past)
        self.node.hub.put("s", [Sensor(id="now"), Sensor(id="too")])
        self.tasks, self.live, self.replica = Tasks(), Replica(), Replica()
        self.states: list[ReplayState] = []
        self.link = Link(self.live, self.tasks, lambda: None)
        self.link.on_replay = self.states.append

    async def open(self) -> None:
        """Connect."""
        await self.node.open()
        self.link.address(self.node.url, SECRET)
        self.tasks.start("link", self.link.run())
        await until(lambda: self.link.status.up)
        self.link.open_context(REPLAY, self.replica)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """Connected, the replay not yet opened at the node."""
    desk = Desk()
    await desk.open()
    yield desk
    await desk.tasks.close()
    await desk.node.close()


async def test_a_replay_fills_its_own_replica_and_the_live_one_knows_nothing_of_it(desk: Desk) -> None:
    desk.link.subscribe(Selector(), "latest")
    sub = desk.link.subscribe(Selector(), "latest", REPLAY)
    state = await desk.link.replay(REPLAY, "open", THEN_NS)
    assert (state.context, state.at_ns, desk.states) == (REPLAY, THEN_NS, [state])
    await until(lambda: len(desk.past.it.feeds) == 1 and len(desk.node.hub.feeds) == 1)
    column = {"t_ns": np.array([THEN_NS]), "v": np.array([4.5]), "q": np.zeros(1, np.uint8)}
    desk.past.it.samples(ChannelKind.SCALAR, Columns(**column, ids=np.zeros(1, np.uint32)))
    desk.past.it.flush()
    desk.node.feed({"now": 9.0}, time.time_ns())
    await until(lambda: desk.replica.window("then", 0, 2**62).v.tolist() == [4.5])
    await until(lambda: desk.live.window("now", 0, 2**62).v.tolist() == [9.0])
    assert list(desk.replica.entities["sensor"]) == ["then"]
    assert sorted(desk.live.entities["sensor"]) == ["now", "too"]
    desk.link.unsubscribe(sub)
    await until(lambda: not any(feed.readers for feed in desk.past.it.feeds))


async def test_closing_leaves_the_past_and_a_connection_that_ends_is_told(desk: Desk) -> None:
    await desk.link.replay(REPLAY, "open", THEN_NS)
    desk.link.subscribe(Selector(), "latest", REPLAY)
    await until(lambda: bool(desk.past.it.readers))
    assert (await desk.link.replay(REPLAY, "close")).closed
    assert not desk.past.it.readers
    desk.link.close_context(REPLAY)
    assert list(desk.link.replicas) == [LIVE]
    await desk.tasks.close()
    await until(lambda: len(desk.past.gone) == 1)


async def test_history_of_a_replay_ends_at_its_now(desk: Desk) -> None:
    await desk.link.replay(REPLAY, "open", THEN_NS)
    await desk.link.query("then", THEN_NS - SECOND, THEN_NS + 99 * SECOND, 10, REPLAY)
    assert [(span.start_ns, span.end_ns) for span in desk.past.asked] == [(THEN_NS - SECOND, THEN_NS)]
    with pytest.raises(RefusedError, match="replay:R2"):
        await desk.link.query("then", 0, 1, 10, "replay:R2")


async def test_what_a_replay_cannot_do_is_refused_in_words(desk: Desk) -> None:
    await desk.link.replay(REPLAY, "open", THEN_NS)
    with pytest.raises(RefusedError, match="only stands"):
        await desk.link.replay(REPLAY, "seek", 5)
    with pytest.raises(RefusedError, match="replay:<id>"):
        await desk.link.replay("drill:1", "open", 5)
    answer = await desk.link.intent("alarm.acknowledge", "alarm:x", "李", {}, REPLAY)
    assert answer.state is IntentState.REFUSED
    assert "never in a replay" in answer.reason.en
    assert not desk.node.acts


async def test_back_fill_brings_every_sample_of_a_span_in_parts(desk: Desk) -> None:
    desk.node.hub.flush()
    await until(lambda: len(desk.live.entities["sensor"]) == 2)
    sub = desk.link.subscribe(Selector(), "every")
    await until(lambda: len(desk.node.hub.feeds) == 1)
    got: list[tuple[int, int]] = []
    async for past in desk.link.backfill(sub, THEN_NS, THEN_NS + 1000 * SECOND):
        columns = unpack_batch(past, 2)
        assert columns is not None
        got += zip(columns.ids.tolist(), columns.t_ns.tolist(), strict=True)
    assert sorted(got) == [(h, THEN_NS + i * SECOND) for h in range(2) for i in range(1000)]
    assert desk.store.reads == 20


async def test_back_fill_that_cannot_be_had_is_refused(desk: Desk) -> None:
    sub = desk.link.subscribe(Selector(), "every")
    await until(lambda: len(desk.node.hub.feeds) == 1)
    with pytest.raises(RefusedError, match="24 hours"):
        async for _ in desk.link.backfill(sub, 0, THEN_NS):
            pass

    async def broken(*_: object) -> Rows:
        raise OSError("disk")

    desk.node.gateway._questions.answers._backfill = broken
    with pytest.raises(RefusedError, match="disk"):
        async for _ in desk.link.backfill(sub, THEN_NS, THEN_NS + SECOND):
            pass
    await desk.link.query("now", 0, 1, 10)


async def test_a_hole_that_the_store_was_too_slow_for_is_filled_once_it_can(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ANSWER_S", 0.3)
    desk.link.subscribe(Selector(), "every")
    await until(lambda: len(desk.node.hub.feeds) == 1)
    desk.node.feed({"now": 1.0}, time.time_ns())
    await until(lambda: len(desk.live.window("now", 0, 2**62)) == 1)
    desk.store.let.clear()
    (feed,), (visit,) = desk.node.hub.feeds, desk.node.gateway._visits
    lost = Gap(feed=feed.number, from_seq=2, to_seq=3, samples=5, from_ns=THEN_NS, to_ns=THEN_NS + 4 * SECOND)
    visit.outbox.send(encode(lost))
    await until(lambda: desk.live.gaps("now") == [(lost.from_ns, lost.to_ns)])
    await until(lambda: not desk.link._filling._busy)
    desk.store.let.set()
    await until(lambda: desk.live.gaps("now") == [])
    assert len(desk.live.window("now", 0, 2**62)) == 6


async def test_a_wall_joins_what_a_desk_has_opened_and_opens_nothing(desk: Desk) -> None:
    tasks = Tasks()
    link = Link(Replica(), tasks, lambda: None, role="wall")
    tasks.start("link", link.run())
    link.address(desk.node.url, SECRET)
    await until(lambda: link.status.up)
    try:
        with pytest.raises(RefusedError, match="a desk has opened"):
            await link.replay("replay:nobody", "open")
        assert (await link.replay(REPLAY, "open")).context == REPLAY
    finally:
        await tasks.close()
