"""A replay beside what is live: the tiles move over and back, the clock is the replay's, a cut stops it."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import numpy as np
import pytest

from console.api import (
    LIVE,
    NS,
    Alarm,
    Columns,
    Freshness,
    LinkError,
    LinkStatus,
    Notice,
    RefusedError,
    Selector,
    Sensor,
)
from console.client import replay as client_replay
from console.client.desk import Desk
from console.client.media import Media
from console.client.replay import Playback
from console.client.replica import Replica
from console.tasks import Tasks
from console.wire.codec import encode_value
from console.wire.frames import Batch, Entities, Handles, ReplayState
from tests.flow.nodes import until

THEN_NS = 1_700_000_000 * NS


class FakeLink:
    """What desk, views and replays ask of console.client.link; the test is the node."""

    def __init__(self) -> None:
        self.status = LinkStatus(up=True, since_ns=0)
        self.replicas: dict[str, Replica] = {}
        self.subs: dict[int, tuple[Selector, str, str]] = {}
        self.asked: list[tuple[str, str, int, float]] = []
        self.queries: list[tuple[str, int, int, str]] = []
        self.states: dict[str, ReplayState] = {}
        self.on_replay: Any = None
        self.refuse: Exception | None = None
        self._numbers = itertools.count(1)

    def subscribe(self, selector: Selector, strategy: str, context: str = LIVE) -> int:
        sub = next(self._numbers)
        self.subs[sub] = (selector, strategy, context)
        return sub

    def unsubscribe(self, sub: int) -> None:
        self.subs.pop(sub)

    def open_context(self, context: str, replica: Replica) -> None:
        self.replicas[context] = replica

    def close_context(self, context: str) -> None:
        self.replicas.pop(context, None)
        self.subs = {sub: wanted for sub, wanted in self.subs.items() if wanted[2] != context}

    def ticked(self) -> None:
        """The loop that paints is alive."""

    async def query(self, sensor: str, start_ns: int, end_ns: int, most: int, context: str = LIVE) -> Columns:
        self.queries.append((sensor, start_ns, end_ns, context))
        return Columns(t_ns=np.empty(0, np.int64), v=np.empty(0), q=np.empty(0, np.uint8))

    async def replay(self, context: str, op: str, at_ns: int = 0, speed: float = 1.0) -> ReplayState:
        await asyncio.sleep(0)
        if self.refuse is not None:
            raise self.refuse
        self.asked.append((context, op, at_ns, speed))
        before = self.states.get(context)
        state = before or ReplayState(context=context, at_ns=at_ns, node_ns=0, from_ns=THEN_NS - 9 * 3600 * NS)
        changes: dict[str, Any] = {"node_ns": time.time_ns(), "to_ns": time.time_ns()}
        if op in ("open", "seek"):
            changes |= {"at_ns": at_ns or state.at_ns, "jump": state.jump + 1}
        if op in ("open", "play", "pause"):
            changes["playing"] = op != "pause"
        if op == "speed":
            changes["speed"] = speed
        changes["closed"] = op == "close"
        state = self.states[context] = msgspec.structs.replace(state, **changes)
        self.on_replay(state)
        return state

    def of(self, context: str) -> set[Selector]:
        return {selector for selector, _, where in self.subs.values() if where == context}


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """A desk whose node the test plays, with two tiles and an alarm strip."""
    tasks = Tasks()
    made = Desk(tasks, media=Media(tasks), link=FakeLink())
    made._was_up = True
    made.interest("map", Selector(area="city"))
    made.interest("chart", Selector(ids=("s1",)))
    made.watch("strip", Selector(ids=("s2",)))
    put(made.replica, Sensor(id="s1", area="city"), Sensor(id="s2"))
    made.drain()
    yield made
    await made.close()
    await tasks.close()


def link(desk: Desk) -> Any:
    return desk.link


def put(replica: Replica, *entities: Any) -> None:
    replica.take_entities(Entities(seq=1, cls=entities[0].CLS, put=[encode_value(e) for e in entities]))


def sample(replica: Replica, sensor: str, t_ns: int, v: float, feed: int = 1) -> None:
    replica.take_handles(Handles(first=0, ids=(sensor,)))
    replica.feed_begins(feed, feed)
    id_, t, value = np.array([0], "<u4").tobytes(), np.array([t_ns], "<i8").tobytes(), np.array([v]).tobytes()
    replica.take_batch(Batch(feed=feed, seq=1, kind="scalar", n=1, id=id_, t=t, v=value, q=b"\0"))


def put_state(desk: Desk, **changes: Any) -> None:
    """The node says how the replay stands, unasked."""
    known = link(desk).states[desk.view.context]
    link(desk).states[desk.view.context] = msgspec.structs.replace(known, **changes)
    link(desk).on_replay(link(desk).states[desk.view.context])


async def test_the_tiles_move_over_and_back_and_the_strip_stays_live(desk: Desk) -> None:
    await desk.open_replay(THEN_NS, "7K3P")
    assert link(desk).of("replay:7K3P") == {Selector(area="city"), Selector(ids=("s1",))}
    assert link(desk).of(LIVE) == {Selector(ids=("s2",))}
    live, seen = desk.drain()
    assert seen.seeked and not live.seeked
    desk.interest("late", Selector(kinds=("rain",)))
    assert Selector(kinds=("rain",)) in link(desk).of("replay:7K3P")
    desk.leave_replay()
    assert desk.view.context == LIVE and desk.replay is None
    assert link(desk).of(LIVE) == {Selector(area="city"), Selector(ids=("s2",)), Selector(kinds=("rain",))}
    assert not link(desk).of("replay:7K3P")
    assert desk.drain()[1].seeked, "every panel paints anew"


async def test_the_past_is_read_from_the_replay_and_alarms_from_live(desk: Desk) -> None:
    await desk.open_replay(THEN_NS, "7K3P")
    put(link(desk).replicas["replay:7K3P"], Alarm(id="old", sensor="s1", priority=1))
    put(desk.replica, Alarm(id="new", sensor="s2", priority=1))
    assert set(desk.entities(Alarm)) == {"new"}
    assert set(desk.view.entities(Alarm)) == {"old"}


async def test_ages_and_freshness_count_against_the_replays_clock(desk: Desk) -> None:
    await desk.open_replay(THEN_NS, "7K3P")
    replica = link(desk).replicas["replay:7K3P"]
    put(replica, Sensor(id="s1", stale_after_s=10.0))
    sample(replica, "s1", THEN_NS - 2 * NS, 1.0)
    put_state(desk, at_ns=THEN_NS, playing=False)
    assert desk.view.now_ns == THEN_NS
    assert desk.view.freshness("s1") is Freshness.LIVE
    put_state(desk, at_ns=THEN_NS + 20 * NS)
    assert desk.view.freshness("s1") is Freshness.STALE
    assert desk.view.status.last_data_ns == THEN_NS - 2 * NS


async def test_at_high_speed_the_clock_waits_for_samples_under_way(desk: Desk) -> None:
    await desk.open_replay(THEN_NS, "7K3P")
    put(link(desk).replicas["replay:7K3P"], Sensor(id="s1"))
    put_state(desk, at_ns=THEN_NS, node_ns=desk.now_ns - NS // 10, speed=100.0)
    assert desk.view.now_ns == THEN_NS, "nothing of the ten seconds since then has come yet"
    sample(link(desk).replicas["replay:7K3P"], "s1", THEN_NS + 4 * NS, 1.0)
    desk.drain()
    assert desk.view.now_ns == THEN_NS + 4 * NS
    put_state(desk, node_ns=desk.now_ns - 2 * NS)
    assert desk.view.now_ns >= THEN_NS + 150 * NS, "where nothing happens the clock goes on all the same"


async def test_a_seek_forgets_what_was_shown_and_says_seeked(desk: Desk) -> None:
    await desk.open_replay(THEN_NS, "7K3P")
    replica = link(desk).replicas["replay:7K3P"]
    put(replica, Sensor(id="s1"), Sensor(id="gone later"))
    sample(replica, "s1", THEN_NS, 5.0)
    desk.drain()
    assert desk.replay is not None
    await desk.replay.control("seek", at_ns=THEN_NS - 3600 * NS)
    assert desk.drain()[1].seeked
    assert desk.view.freshness("s1") is Freshness.NEVER and not desk.view.entities(Sensor)
    sample(replica, "s1", THEN_NS - 3600 * NS, 4.0)
    assert desk.view.latest(["s1"]).v[0] == 4.0, "an earlier time is shown after a later one"


async def test_a_pause_or_a_speed_forgets_nothing(desk: Desk) -> None:
    await desk.open_replay(THEN_NS, "7K3P")
    put(link(desk).replicas["replay:7K3P"], Sensor(id="s1"))
    desk.drain()
    assert desk.replay is not None
    for op in ("pause", "play", "speed"):
        await desk.replay.control(op, speed=10.0)
    assert not desk.drain()[1].seeked and desk.view.entities(Sensor)


async def test_history_never_tells_what_came_after(desk: Desk) -> None:
    await desk.open_replay(THEN_NS, "7K3P")
    put_state(desk, at_ns=THEN_NS, playing=False)
    await desk.view.query("s1", THEN_NS - 3600 * NS, THEN_NS + 3600 * NS)
    assert link(desk).queries == [("s1", THEN_NS - 3600 * NS, THEN_NS + 1, "replay:7K3P")]


async def test_a_replay_that_cannot_begin_leaves_the_tiles_as_they_were(desk: Desk) -> None:
    before = dict(link(desk).subs)
    link(desk).refuse = RefusedError("nothing is stored")
    with pytest.raises(RefusedError):
        await desk.open_replay(THEN_NS)
    assert desk.view.context == LIVE and desk.replay is None
    assert link(desk).subs == before and not link(desk).replicas


async def test_another_group_takes_the_place_of_the_first(desk: Desk) -> None:
    await desk.open_replay(THEN_NS, "A")
    await desk.open_replay(0, "B")
    assert desk.view.context == "replay:B"
    assert not link(desk).of("replay:A") and link(desk).of("replay:B")
    await until(lambda: ("replay:A", "close", 0, 1.0) in link(desk).asked)


async def test_a_replay_that_the_node_ends_goes_back_to_live_and_says_so(desk: Desk) -> None:
    told: list[Notice] = []
    desk.on_notice = told.append
    await desk.open_replay(THEN_NS, "7K3P")
    put_state(desk, closed=True)
    assert desk.view.context == LIVE
    assert [notice.key for notice in told] == ["replay.ended"]


async def test_a_cut_stops_the_clock_and_a_new_link_goes_on_where_it_stood(desk: Desk) -> None:
    await desk.open_replay(THEN_NS, "7K3P")
    assert desk.replay is not None
    await desk.replay.control("speed", speed=100.0)
    await desk.replay.control("pause")
    put(link(desk).replicas["replay:7K3P"], Sensor(id="s1"))
    put_state(desk, at_ns=THEN_NS + 60 * NS)
    link(desk).status = LinkStatus(up=False, since_ns=0)
    desk._link_changed()
    assert desk.view.now_ns == THEN_NS + 60 * NS
    assert desk.view.entities(Sensor), "the last picture stays"
    asked = len(link(desk).asked)
    link(desk).states.clear()  # the node has forgotten it, and counts jumps anew
    link(desk).status = LinkStatus(up=True, since_ns=0)
    desk._link_changed()
    await until(lambda: len(link(desk).asked) >= asked + 3)
    again = [(op, at_ns, speed) for _, op, at_ns, speed in link(desk).asked[asked:]]
    assert again == [("open", THEN_NS + 60 * NS, 1.0), ("speed", 0, 100.0), ("pause", 0, 1.0)]
    assert desk.drain()[1].seeked and not desk.view.entities(Sensor)
    assert link(desk).of("replay:7K3P")


async def test_a_replay_that_plays_stands_still_while_the_link_is_cut(desk: Desk) -> None:
    await desk.open_replay(THEN_NS, "7K3P")
    put_state(desk, speed=100.0, node_ns=time.time_ns())
    link(desk).status = LinkStatus(up=False, since_ns=0)
    desk._link_changed()
    at_ns = desk.view.now_ns
    await asyncio.sleep(0.02)
    assert desk.view.now_ns == at_ns


async def test_a_link_that_stays_cut_keeps_the_replay_for_later(desk: Desk) -> None:
    await desk.open_replay(THEN_NS, "7K3P")
    link(desk).status = LinkStatus(up=False, since_ns=0)
    desk._link_changed()
    link(desk).refuse = LinkError("cut again")
    link(desk).status = LinkStatus(up=True, since_ns=0)
    desk._link_changed()
    await until(lambda: not desk._tasks._tasks)
    assert desk.view.context == "replay:7K3P"
    link(desk).refuse = RefusedError("the day has been deleted")
    desk._was_up = False
    desk._link_changed()
    await until(lambda: desk.view.context == LIVE)


async def test_a_node_whose_store_is_not_open_yet_is_asked_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_replay, "RETRY_S", 0.001)
    await desk.open_replay(THEN_NS, "7K3P")
    asked = len(link(desk).asked)
    link(desk).refuse = RefusedError("replay; found no store", code="unavailable")
    desk._was_up = False
    desk._link_changed()
    await asyncio.sleep(0.02)
    assert desk.view.context == "replay:7K3P", "it waits for the store"
    link(desk).refuse = None
    await until(lambda: len(link(desk).asked) > asked)
    assert link(desk).asked[asked][:2] == ("replay:7K3P", "open")
    assert desk.view.context == "replay:7K3P"


async def test_a_store_that_does_not_open_ends_the_replay_and_says_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_replay, "RETRY_S", 0.001)
    monkeypatch.setattr(client_replay, "STORE_OPENS_S", 0.01)
    told: list[Notice] = []
    desk.on_notice = told.append
    await desk.open_replay(THEN_NS, "7K3P")
    link(desk).refuse = RefusedError("replay; found no store", code="unavailable")
    desk._was_up = False
    desk._link_changed()
    await until(lambda: desk.view.context == LIVE)
    assert [notice.detail for notice in told] == ["replay; found no store"]


async def test_who_leaves_a_replay_that_waits_for_the_store_is_told_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_replay, "RETRY_S", 0.001)
    told: list[Notice] = []
    desk.on_notice = told.append
    await desk.open_replay(THEN_NS, "7K3P")
    link(desk).refuse = RefusedError("replay; found no store", code="unavailable")
    desk._was_up = False
    desk._link_changed()
    await asyncio.sleep(0.005)
    desk.leave_replay()
    await asyncio.sleep(0.02)
    assert desk.view.context == LIVE and not told


def test_what_was_not_recorded_is_known() -> None:
    runs = ((1000 * NS, 2000 * NS), (5000 * NS, 6000 * NS))
    at = Playback(group="a", at_ns=0, from_ns=500 * NS, to_ns=6100 * NS, runs=runs)
    assert at.holes() == [(500 * NS, 1000 * NS), (2000 * NS, 5000 * NS)]
    assert [at.recorded(s * NS) for s in (600, 1500, 3000, 5500, 6050)] == [False, True, False, True, True]
    unsaid = msgspec.structs.replace(at, runs=())
    assert unsaid.recorded(600 * NS) and unsaid.holes() == []


def test_the_clock_runs_at_its_speed_and_ends_with_the_store() -> None:
    at = Playback(group="a", at_ns=1000 * NS, node_ns=5000 * NS, speed=10.0, playing=True, to_ns=1200 * NS)
    assert at.now_ns(5003 * NS) == 1030 * NS
    assert at.now_ns(4000 * NS) == 1000 * NS, "never backwards"
    assert at.now_ns(9000 * NS) == 1200 * NS
    written = msgspec.structs.replace(at, to_ns=4999 * NS)
    assert written.end_ns(6000 * NS) == 6000 * NS, "a store that is being written goes on"
    assert msgspec.structs.replace(at, playing=False).now_ns(9000 * NS) == 1000 * NS


@pytest.mark.parametrize(
    "broken",
    [
        {"speed": float("nan")},
        {"speed": float("inf")},
        {"speed": 1e300},
        {"speed": -5.0},
        {"at_ns": (1 << 64) - 1},
        {"at_ns": -(1 << 63)},
        {"node_ns": -(1 << 63), "to_ns": (1 << 64) - 1},
        {"from_ns": (1 << 64) - 1, "runs": ((1 << 63, -(1 << 63)),)},
    ],
    ids=str,
)
async def test_a_broken_node_s_words_on_a_replay_stop_no_loop_that_paints(desk: Desk, broken: dict[str, Any]) -> None:
    await desk.open_replay(THEN_NS, "7K3P")
    state = msgspec.structs.replace(link(desk).states["replay:7K3P"], playing=True, **broken)
    desk._replayed(state)
    desk.drain()
    assert desk.view.now_ns >= 0
    assert desk.view.latest(["a"]).t_ns.tolist() == [0]
    assert desk.view.freshness("a") is Freshness.NEVER
    assert len(desk.view.window("a", desk.view.now_ns - NS, desk.view.now_ns)) == 0
