"""A console's desk over a real node with a store: the tiles go into the past and back, what is live stays live."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from console.api import LIVE, NS, Alarm, Area, Freshness, Selector, Sensor
from console.client.desk import Desk
from console.client.media import Media
from console.tasks import Tasks
from tests.flow.nodes import SECRET, until
from tests.flow.test_replay import RecordedNode


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[RecordedNode]:
    """A node whose store holds a minute."""
    made = RecordedNode(tmp_path / "telemetry")
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def desk(node: RecordedNode) -> AsyncIterator[Desk]:
    """A desk with a strip that is live and tiles that want much the same."""
    tasks = Tasks()
    made = Desk(tasks, media=Media(tasks))
    made.watch("strip", Selector(ids=("a",)))
    for number in range(6):
        made.interest(f"chart {number}", Selector(ids=("a", "b", "c")[: number % 3 + 1]))
    made.interest("map", Selector())
    made.link.address(node.url, SECRET)
    tasks.start("link", made.link.run())
    await until(lambda: "a" in made.entities(Sensor))
    yield made
    await made.close()
    await tasks.close()


async def test_into_the_past_and_back(node: RecordedNode, desk: Desk) -> None:
    await desk.open_replay(node.began_ns + 30 * NS)
    assert desk.replay is not None
    await desk.replay.control("pause")
    view = desk.view
    await until(lambda: bool(view.entities(Alarm)) and view.freshness("b") is Freshness.LIVE)
    assert set(view.entities(Area)) == {"root"}, "as it was"
    assert set(desk.entities(Area)) == {"new"} and not desk.entities(Alarm), "as it is"
    assert node.began_ns + 30 * NS <= view.now_ns < node.began_ns + 40 * NS
    latest = view.latest(["b"])
    given = [v[0] for t_ns, v, _ in node.given["b"] if t_ns == latest.t_ns[0]]
    assert np.array_equal(latest.v, given[:1], equal_nan=True) and latest.t_ns[0] <= view.now_ns
    assert desk.replay.playback.recorded(view.now_ns)
    await desk.replay.control("seek", at_ns=node.began_ns + 50 * NS)
    await until(lambda: bool(view.entities(Sensor)) and view.freshness("b") is Freshness.LIVE)
    assert not view.entities(Alarm), "it had ended by then"
    history = await view.query("b", node.began_ns, node.began_ns + 300 * NS, 100_000)
    assert len(history) and history.t_ns[-1] <= view.now_ns, "nothing of what came after"
    desk.leave_replay()
    assert desk.view.context == LIVE and set(desk.view.entities(Area)) == {"new"}
    node.feed({"a": 7.0}, desk.now_ns)
    await until(lambda: desk.view.latest(["a"]).v[0] == 7.0)


async def test_many_panels_are_one_feed_in_each_context(node: RecordedNode, desk: Desk) -> None:
    assert [wanted.selector for wanted in desk.link.session.wanted.values()] == [Selector()]
    await desk.open_replay(node.began_ns + 30 * NS)
    wanted = {(w.selector, w.context) for w in desk.link.session.wanted.values()}
    assert wanted == {(Selector(ids=("a",)), LIVE), (Selector(), desk.view.context)}


async def test_two_desks_share_one_replay(node: RecordedNode, desk: Desk) -> None:
    tasks = Tasks()
    other = Desk(tasks, media=Media(tasks))
    other.link.address(node.url, SECRET)
    tasks.start("link", other.link.run())
    await until(lambda: other.link.status.up)
    await desk.open_replay(node.began_ns + 30 * NS)
    first = desk.replay
    assert first is not None
    await first.control("pause")
    before_ns = desk.view.now_ns
    await other.open_replay(0, first.group)
    assert other.replay is not None
    await until(lambda: first.playback.readers == 2)
    assert other.view.now_ns == before_ns and not other.replay.playback.playing, "who joins changes nothing"
    await other.replay.control("seek", at_ns=node.began_ns + 10 * NS)
    await until(lambda: desk.view.now_ns < node.began_ns + 20 * NS)
    other.leave_replay()
    await until(lambda: first.playback.readers == 1)
    assert desk.view.context != LIVE, "who leaves takes nobody along"
    await other.close()
    await tasks.close()


async def test_a_link_that_comes_back_goes_on_where_the_replay_stood(node: RecordedNode, desk: Desk) -> None:
    await desk.open_replay(node.began_ns + 30 * NS)
    assert desk.replay is not None
    await desk.replay.control("pause")
    await until(lambda: bool(desk.view.entities(Sensor)) and desk.view.freshness("b") is Freshness.LIVE)
    at_ns, port = desk.view.now_ns, node.port
    await node.gateway.close()
    await until(lambda: not desk.link.status.up)
    assert desk.view.now_ns == at_ns and desk.view.entities(Sensor), "the last picture stays"
    assert desk.view.freshness("b") is Freshness.DISCONNECTED
    await node.gateway.open(port)
    await until(lambda: desk.link.status.up)
    await until(lambda: bool(desk.view.entities(Sensor)) and desk.view.freshness("b") is Freshness.LIVE)
    await asyncio.sleep(0)
    assert abs(desk.view.now_ns - at_ns) < 2 * NS and desk.view.context != LIVE
