"""All replays of a node: who may open, join, act and leave, and what is refused in which words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from console.api import NS, Columns, RefusedError, Sensor, Span
from console.node.hub import Hub
from console.node.outbox import Outbox
from console.node.replay.archive import Archive
from console.node.replay.replays import Replays
from console.tasks import Tasks
from console.wire.frames import Refusal, Replay, ReplayState
from tests.flow.nodes import until
from tests.unit.node.replay.archives import FakeArchive

T = 1_700_000_000 * NS
NONE = Columns(t_ns=np.empty(0, np.int64), v=np.empty(0), q=np.empty(0, np.uint8))


class Room:
    """A node's replays, and readers."""

    def __init__(self) -> None:
        self.tasks, self.archive = Tasks(), FakeArchive()
        self.store: Archive | None = self.archive
        self.archive.record(T, Sensor(id="x"))
        for second in range(100):
            self.archive.put("x", T + second * NS, 1.0)
        self.asked: list[Span] = []
        live = Hub(lambda: T + 10_000 * NS)
        self.replays = Replays(live, self.tasks, lambda: self.store, self._query, most=2, linger_s=0.05)

    async def _query(self, span: Span) -> Columns:
        self.asked.append(span)
        return NONE

    async def act(self, reader: Outbox, op: str, at_s: float = 0, name: str = "a") -> ReplayState | Refusal:
        """Ask as the gateway does."""
        at_ns = T + round(at_s * NS) if at_s else 0
        return await self.replays.replay(Replay(req=1, context=f"replay:{name}", op=op, at_ns=at_ns), reader)

    async def stand(self, reader: Outbox, op: str, at_s: float = 0, name: str = "a") -> ReplayState:
        """Ask, and be answered."""
        answer = await self.act(reader, op, at_s, name)
        assert isinstance(answer, ReplayState), answer
        return answer

    async def refused(self, reader: Outbox, op: str, at_s: float = 0, name: str = "a") -> Refusal:
        """Ask, and be refused."""
        answer = await self.act(reader, op, at_s, name)
        assert isinstance(answer, Refusal), answer
        return answer


def reader() -> Outbox:
    """One that takes everything."""
    return Outbox(lambda data: True)


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    """Replays of a hundred seconds, two at once."""
    room = Room()
    yield room
    room.replays.close()
    await room.tasks.close()


async def test_who_joins_moves_nobody_and_any_of_them_may_act(room: Room) -> None:
    mine, yours = reader(), reader()
    await room.stand(mine, "open", 10)
    await room.stand(mine, "pause")
    joined = await room.stand(yours, "open", 70)
    assert joined.readers == 2
    assert not joined.playing
    assert joined.at_ns < T + 60 * NS
    moved = await room.stand(yours, "seek", 70)
    assert moved.at_ns == T + 70 * NS
    hub = room.replays.hub("replay:a")
    assert hub is not None
    assert hub.clock() == moved.at_ns


async def test_opening_again_what_one_reads_goes_to_the_time_asked(room: Room) -> None:
    mine = reader()
    first = await room.stand(mine, "open", 10)
    again = await room.stand(mine, "open", 50)
    assert again.jump == first.jump + 1
    assert again.readers == 1
    assert again.playing


async def test_who_has_not_opened_cannot_act(room: Room) -> None:
    assert (await room.refused(reader(), "pause")).code == "unknown"
    await room.stand(reader(), "open", 10)
    for op in ("pause", "seek", "close"):
        assert (await room.refused(reader(), op)).code == "unknown"


async def test_so_many_and_no_more(room: Room) -> None:
    mine = reader()
    for name in ("a", "b"):
        await room.stand(mine, "open", 10, name)
    refusal = await room.refused(mine, "open", 10, "c")
    assert (refusal.code, refusal.expected) == ("too_big", "at most 2 at a time")
    await room.stand(mine, "close", name="a")
    await until(lambda: room.replays.count == 1)
    await room.stand(mine, "open", 10, "c")


@pytest.mark.parametrize("name", ["", " ", "a b", "a" * 65, "../x", "a\n"])
async def test_a_name_that_is_none_is_refused(room: Room, name: str) -> None:
    assert (await room.refused(reader(), "open", 10, name)).code == "malformed"
    assert room.replays.count == 0


async def test_without_a_store_or_with_an_empty_one_there_is_nothing_to_replay(room: Room) -> None:
    room.archive.rows.clear()
    assert (await room.refused(reader(), "open", 10)).code == "unavailable"
    room.store = None
    assert (await room.refused(reader(), "open", 10)).code == "unavailable"
    assert room.replays.count == 0
    await until(lambda: len(room.tasks) == 0)


async def test_who_goes_while_a_replay_opens_leaves_none_behind(room: Room) -> None:
    asked = asyncio.ensure_future(room.act(reader(), "open", 10))
    await asyncio.sleep(0)
    asked.cancel()
    await until(lambda: asked.done() and room.replays.count == 0)


async def test_who_was_cut_comes_back_to_the_time_asked_and_who_is_late_opens_anew(room: Room) -> None:
    mine = reader()
    await room.stand(mine, "open", 10)
    hub = room.replays.hub("replay:a")
    room.replays._linger_s = 1.0  # who is back sooner on a busy machine finds it
    tasks = len(room.tasks)
    room.replays.left(mine)
    back = reader()
    state = await room.stand(back, "open", 30)
    assert room.replays.hub("replay:a") is hub
    assert abs(state.at_ns - (T + 30 * NS)) < NS
    await until(lambda: len(room.tasks) == tasks)  # nobody waits for its end any more
    assert room.replays.hub("replay:a") is hub  # whoever is back keeps it
    room.replays._linger_s = 0.05
    room.replays.left(back)
    await until(lambda: room.replays.hub("replay:a") is None)
    await room.stand(reader(), "open", 30)
    assert room.replays.hub("replay:a") is not hub


async def test_history_is_asked_up_to_now_and_not_for_what_comes(room: Room) -> None:
    mine = reader()
    await room.stand(mine, "open", 10)
    now_ns = (await room.stand(mine, "pause")).at_ns
    await room.replays.query("replay:a", Span(sensor="x", start_ns=T, end_ns=T + 90 * NS))
    assert max(span.end_ns for span in room.asked) == now_ns + 1
    asked = len(room.asked)
    assert len(await room.replays.query("replay:a", Span(sensor="x", start_ns=T + 20 * NS, end_ns=T + 90 * NS))) == 0
    assert len(room.asked) == asked
    with pytest.raises(RefusedError):
        await room.replays.query("replay:z", Span(sensor="x", start_ns=T, end_ns=T + 90 * NS))


async def test_the_end_of_a_node_answers_those_who_wait(room: Room) -> None:
    asked = asyncio.ensure_future(room.act(reader(), "open", 10))
    await asyncio.sleep(0)
    room.replays.close()
    with pytest.raises(RefusedError, match="ended"):
        await asked
