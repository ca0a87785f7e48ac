"""A minute that the store recorded, replayed through gateway and link: what the console gets is what was stored."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from console.api import (
    NS,
    Alarm,
    Area,
    ChannelKind,
    Columns,
    Entity,
    IntentState,
    Quality,
    RefusedError,
    Selector,
    Sensor,
    Span,
)
from console.client.link import Link
from console.client.replay import Replay
from console.client.replica import Replica
from console.node.replay.replays import Replays
from console.node.telemetry.store import Telemetry
from console.tasks import Tasks
from console.wire.codec import encode_value
from console.wire.frames import ReplayState
from tests.flow.nodes import SECRET, SmallNode, until

MINUTE = 60
SCALARS = ("a", "b", "c")
KINDS = {"a": ChannelKind.SCALAR, "b": ChannelKind.SCALAR, "c": ChannelKind.SCALAR}
KINDS |= {"mode": ChannelKind.STATE, "car": ChannelKind.POSITION}


class RecordedNode(SmallNode):
    """A node with a store that holds the minute before `now_ns` − 100 s, and with replays of it."""

    def __init__(self, folder: Path, *, most: int = 8, linger_s: float = 30.0) -> None:
        self.began_ns = time.time_ns() - 200 * NS
        self._then_ns = self.began_ns
        self.store = Telemetry(folder, clock=lambda: self._then_ns, on_notice=print, on_clear=print)
        self._most, self._linger_s = most, linger_s
        super().__init__()
        self.given: dict[str, list[tuple[int, tuple[float, ...], int]]] = {id_: [] for id_ in KINDS}

    def replaying(self) -> Replays:
        """The replays of this node."""
        self.replays = Replays(
            self.hub, self.tasks, lambda: self.store, self._past, most=self._most, linger_s=self._linger_s
        )
        return self.replays

    async def _past(self, span: Span) -> Columns:
        return await self.store.query(span)

    async def open(self, port: int = 0) -> None:
        """Record, then listen."""
        await self.store.open()
        self._record_entities()
        await self._record_samples()
        await self.store.saved()
        self.hub.put("s", [Sensor(id="a"), Area(id="new")])
        await super().open(port)

    async def close(self) -> None:
        """End everything."""
        self.replays.close()
        await super().close()
        await self.store.close()

    def _record_entities(self) -> None:
        sensors = [Sensor(id=id_, channel=kind, kind="then") for id_, kind in KINDS.items()]
        self.store.enrol(sensors)
        began = self.began_ns
        for t_ns, entity in [(began, Area(id="root")), *((began, sensor) for sensor in sensors)]:
            self.log(t_ns, entity)
        self.log(began + 20 * NS, Alarm(id="alarm", sensor="a", priority=1))
        self.store.record("alarm", "alarm", None, began + 40 * NS)

    def log(self, t_ns: int, entity: Entity) -> None:
        """An entity as put."""
        self.store.record(entity.CLS, entity.id, bytes(encode_value(entity)), t_ns)

    async def _record_samples(self) -> None:
        """Tenths of a second, each sensor with its own offset; some bad, some late, some twice."""
        for tenth in range(10 * MINUTE):
            self._then_ns = self.began_ns + tenth * NS // 10
            if tenth % 100 == 0:
                await self.store.saved()  # a clock that jumped would be a hole
            for number, id_ in enumerate(SCALARS):
                bad = (tenth + number) % 50 == 0
                q = Quality.BAD if bad else Quality.UNCERTAIN if tenth % 7 == 0 else Quality.GOOD
                self._give(id_, self._then_ns + number, float("nan") if bad else tenth + number / 10, int(q))
            if tenth % 10 == 0:
                self._give("mode", self._then_ns, float(tenth % 3), 0)
                self._give("car", self._then_ns, (108.9 + tenth / 1e4, 34.2, 400.0, 90.0, 12.5), 0)
        self._then_ns += NS

    def _give(self, id_: str, t_ns: int, v: float | tuple[float, ...], q: int) -> None:
        columns = Columns(
            t_ns=np.array([t_ns], np.int64),
            v=np.array([v], float),
            q=np.array([q], np.uint8),
            ids=np.zeros(1, np.uint32),
        )
        self.store.append(KINDS[id_], columns, [id_])
        self.given[id_].append((t_ns, v if isinstance(v, tuple) else (v,), q))

    def stored(self, id_: str, to_ns: int) -> list[tuple[int, tuple[float, ...], int]]:
        """What was recorded of a sensor up to a time."""
        return [row for row in self.given[id_] if row[0] <= to_ns]


class Desk:
    """A console with its live replica, and replays beside it."""

    def __init__(self, node: SmallNode) -> None:
        self.tasks, self.live = Tasks(), Replica()
        self.link = Link(self.live, self.tasks, lambda: None)
        self.states: list[ReplayState] = []
        self.opened: dict[str, Replay] = {}
        self.link.on_replay = self._told
        self.link.address(node.url, SECRET)
        self.tasks.start("link", self.link.run())

    def _told(self, state: ReplayState) -> None:
        self.states.append(state)
        if state.context in self.opened:
            self.opened[state.context].take(state)

    async def replay(self, group: str, at_ns: int) -> Replay:
        """Open a replay and watch all of it."""
        replay = Replay(self.link, group, time.time_ns)
        self.opened[replay.context] = replay
        await replay.open(at_ns)
        return replay

    def watch(self, replay: Replay, *ids: str) -> int:
        """Subscribe every sample of some sensors, all where none is named."""
        return self.link.subscribe(Selector(ids=ids), "every", replay.context)


def rows(replay: Replay, id_: str) -> list[tuple[int, tuple[float, ...], int]]:
    """What the console's replica holds of a sensor."""
    columns = replay.view.replica.window(id_, 0, 1 << 62)
    values = columns.v if columns.v.ndim > 1 else columns.v[:, None]
    return list(zip(columns.t_ns.tolist(), map(tuple, values.tolist()), columns.q.tolist(), strict=True))


def same(came: Sequence[object], stored: Sequence[object]) -> bool:
    """Rows are equal; not a number is equal to itself."""
    return repr(came) == repr(stored)


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RecordedNode]:
    """A node with a recorded minute."""
    node = RecordedNode(tmp_path / "telemetry")
    await node.open()
    yield node
    await node.close()


@pytest.fixture
async def desk(node: RecordedNode) -> AsyncIterator[Desk]:
    """A console at it."""
    desk = Desk(node)
    await until(lambda: desk.link.status.up)
    yield desk
    await desk.tasks.close()


@pytest.fixture
async def other(node: RecordedNode) -> AsyncIterator[Desk]:
    """Another console at it."""
    other = Desk(node)
    await until(lambda: other.link.status.up)
    yield other
    await other.tasks.close()


def at_end(replay: Replay) -> bool:
    """Whether the replay has reached the end of what is stored."""
    return not replay.playback.playing and replay.playback.at_ns >= replay.playback.to_ns > 0


async def test_at_a_hundred_times_every_sample_comes_once_in_order_as_it_was_stored(
    node: RecordedNode, desk: Desk
) -> None:
    replay = await desk.replay("R1", node.began_ns)
    await replay.control("pause")
    await replay.control("seek", node.began_ns)
    desk.watch(replay)
    await until(lambda: len(rows(replay, "a")) == 1)
    await replay.control("speed", speed=100.0)
    await replay.control("play")
    await until(lambda: at_end(replay) and len(rows(replay, "a")) == 10 * MINUTE)
    for id_ in KINDS:
        assert same(rows(replay, id_), node.stored(id_, 1 << 62)), id_
    assert desk.link.status.dropped == desk.link.status.conflated == 0


async def test_seeks_show_the_new_time_alone_forth_and_back(node: RecordedNode, desk: Desk) -> None:
    replay = await desk.replay("R1", node.began_ns + 50 * NS)
    desk.watch(replay)
    await until(lambda: len(rows(replay, "a")) > 1)
    await replay.control("pause")
    for second in (30, 10, 55, 25, 45):
        at_ns = node.began_ns + second * NS + 5
        await replay.control("seek", at_ns)
        await until(lambda: all(rows(replay, id_) for id_ in KINDS))
        assert replay.playback.at_ns == at_ns
        for id_ in KINDS:
            assert same(rows(replay, id_), node.stored(id_, at_ns)[-1:])
        alarms = replay.view.replica.all(Alarm)
        assert set(alarms) == ({"alarm"} if 20 <= second < 40 else set())


async def test_a_pause_holds_and_a_step_goes_to_the_next_sample(node: RecordedNode, desk: Desk) -> None:
    replay = await desk.replay("R1", node.began_ns + 30 * NS)
    await replay.control("pause")
    await replay.control("seek", node.began_ns + 30 * NS + 1)
    desk.watch(replay, "b")
    await until(lambda: bool(rows(replay, "b")))

    def came(count: int) -> bool:
        return len(rows(replay, "b")) == count

    for tenth in (1, 2, 3):
        await replay.control("step")
        assert replay.playback.at_ns == node.began_ns + 30 * NS + tenth * NS // 10 + 1
        await until(partial(came, 1 + tenth))
    assert same(rows(replay, "b"), node.stored("b", replay.playback.at_ns)[-4:])


async def test_two_consoles_that_share_a_replay_stay_in_step(node: RecordedNode, desk: Desk, other: Desk) -> None:
    mine = await desk.replay("G", node.began_ns + 10 * NS)
    await mine.control("speed", speed=10.0)
    yours = await other.replay("G", 0)
    assert mine.playback.readers == yours.playback.readers == 2
    for act in ("pause", "play", "seek"):
        await (yours if act == "play" else mine).control(act, node.began_ns + 20 * NS)
        jump = yours._jump
        await until(lambda: mine.playback == yours.playback)
        for later_ns in (0, NS, 7 * NS):
            now_ns = time.time_ns() + later_ns
            assert mine.playback.now_ns(now_ns) == yours.playback.now_ns(now_ns)
        assert mine._jump == jump or act == "seek"
    assert yours.playback.speed == 10.0


async def test_live_goes_on_beside_a_replay_and_neither_gets_the_others(node: RecordedNode, desk: Desk) -> None:
    live = desk.link.subscribe(Selector(), "every")
    replay = await desk.replay("R1", node.began_ns)
    await replay.control("speed", speed=100.0)
    desk.watch(replay)
    sent: list[int] = []
    while not at_end(replay):
        sent.append(time.time_ns())
        node.feed({"a": -5.0}, sent[-1])
        await asyncio.sleep(0.02)
    await until(lambda: desk.live.window("a", 0, 1 << 62).t_ns.tolist() == sent)
    assert set(desk.live.window("a", 0, 1 << 62).v.tolist()) == {-5.0}
    assert not [row for row in rows(replay, "a") if row[1] == (-5.0,)]
    assert set(desk.live.all(Area)) == {"new"}
    assert set(replay.view.replica.all(Area)) == {"root"}
    desk.link.unsubscribe(live)


async def test_history_in_a_replay_ends_at_its_now(node: RecordedNode, desk: Desk) -> None:
    replay = await desk.replay("R1", node.began_ns + 30 * NS)
    await replay.control("pause")
    await replay.control("seek", node.began_ns + 30 * NS + NS // 20)
    for points in (2000, 5):
        columns = await desk.link.query("a", 0, 1 << 62, points, replay.context)
        assert columns.t_ns[-1] <= node.began_ns + 30 * NS + NS // 20
        assert np.nanmax(columns.v) == 299.0  # the three hundredth has no value
    assert len(await desk.link.query("a", node.began_ns + 31 * NS, 1 << 62, 2000, replay.context)) == 0


async def test_acts_and_pictures_are_refused_in_a_replay_in_words(node: RecordedNode, desk: Desk) -> None:
    replay = await desk.replay("R1", node.began_ns + 30 * NS)
    answer = await desk.link.intent("alarm.acknowledge", "alarm", "me", {}, replay.context)
    assert answer.state is IntentState.REFUSED
    assert node.acts == []
    for op, speed in (("rewind", 1.0), ("speed", 1000.0)):
        with pytest.raises(RefusedError):
            await replay.control(op, speed=speed)


async def test_a_node_plays_so_many_replays_and_refuses_one_more(node: RecordedNode, desk: Desk) -> None:
    for number in range(8):
        await desk.replay(f"R{number}", node.began_ns)
    with pytest.raises(RefusedError, match="at most 8"):
        await desk.replay("R8", node.began_ns)
    await desk.opened["replay:R3"].say_closed()
    assert node.replays.count == 8  # it waits a while for who may come back


async def test_a_replay_that_nobody_reads_ends(tmp_path: Path) -> None:
    node = RecordedNode(tmp_path / "telemetry", linger_s=0.1)
    await node.open()
    desk = Desk(node)
    await until(lambda: desk.link.status.up)
    await desk.replay("gone", node.began_ns)
    left = await desk.replay("left", node.began_ns)
    await left.say_closed()
    await until(lambda: node.replays.count == 1)
    await desk.tasks.close()
    await until(lambda: node.replays.count == 0)
    await until(lambda: not [task for task in node.tasks._tasks if task.get_name().startswith("replay")])
    await node.close()


async def test_a_replay_whose_node_ends_says_so_and_live_comes_back(tmp_path: Path) -> None:
    node = RecordedNode(tmp_path / "telemetry")
    await node.open()
    port = node.port
    desk = Desk(node)
    await until(lambda: desk.link.status.up)
    replay = await desk.replay("R1", node.began_ns + 20 * NS)
    desk.watch(replay)
    await until(lambda: bool(rows(replay, "a")))
    await node.close()
    await until(lambda: not desk.link.status.up)
    assert desk.states[-1].closed
    bare = SmallNode()
    bare.hub.put("s", [Sensor(id="a")])
    await bare.open(port)
    await until(lambda: desk.link.status.up)
    with pytest.raises(RefusedError, match="replay"):
        await replay.resume()
    desk.link.subscribe(Selector(), "latest")
    await until(lambda: bool(bare.hub.feeds))
    bare.feed({"a": 3.0}, time.time_ns())
    await until(lambda: desk.live.window("a", 0, 1 << 62).v.tolist()[-1:] == [3.0])
    await desk.tasks.close()
    await bare.close()


async def test_a_console_that_was_cut_comes_back_to_where_its_replay_stood(node: RecordedNode, desk: Desk) -> None:
    replay = await desk.replay("R1", node.began_ns + 20 * NS)
    desk.watch(replay)
    await until(lambda: len(rows(replay, "a")) > 3)
    connection = desk.link._connection
    assert connection is not None
    connection.transport.abort()
    await until(lambda: not desk.link.status.up)
    replay.cut()
    stood_ns = replay.playback.at_ns
    await until(lambda: desk.link.status.up)
    await replay.resume()
    assert abs(replay.playback.at_ns - stood_ns) < NS
    await until(lambda: len(rows(replay, "a")) > 3)
    came = rows(replay, "a")
    stored = node.stored("a", came[-1][0])
    assert same(came, stored[len(stored) - len(came) :])
