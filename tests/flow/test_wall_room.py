"""A wall's machine, desks that watch it and the node between them, over a real socket: pictures, presence, rights."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from console.api import Feed, LinkError, PictureState, RefusedError, Text, Wall, WallMachine
from console.client.desk import Desk
from console.client.media import Media
from console.client.walls import LIVE_NS, LOST_NS
from console.tasks import Tasks
from console.wire.walls import Present, WallScreen
from tests.flow.guarded import GuardedNode
from tests.flow.nodes import SECRET, SmallNode, until
from tests.flow.raw import Raw, attacked, flushed, inside

JPEG = b"\xff\xd8\xff\xe0 a picture"
LEFT = WallScreen(name="left")


def state(feed: Feed) -> PictureState:
    """How it stands now."""
    return feed.state


def decode(jpeg: bytes, width: int, height: int) -> npt.NDArray[np.uint8]:
    """A stand-in for a decoder: as many rows as bytes."""
    return np.zeros((len(jpeg), width, 4), np.uint8)


@asynccontextmanager
async def desk_at(url: str, role: str = "desk") -> AsyncIterator[Desk]:
    """A console without windows, connected."""
    tasks = Tasks()
    desk = Desk(tasks, media=Media(tasks), role=role)
    desk.walls.decode = decode
    tasks.start("link", desk.link.run())
    desk.link.address(url, SECRET)
    try:
        await until(lambda: desk.link.status.up)
        yield desk
    finally:
        await desk.close()
        await tasks.close()


@pytest.fixture
async def node() -> AsyncIterator[SmallNode]:
    node = SmallNode()
    node.hub.put("s", [Wall(id="w", name=Text("大厅"))])
    await node.open()
    yield node
    await node.close()


def machines(node: SmallNode, desk: Desk) -> dict[str, int]:
    """Which scene each machine shows, as this desk knows it."""
    node.hub.flush()
    desk.drain()
    return {id_: machine.number for id_, machine in desk.entities(WallMachine).items()}


async def looks_live(wall: Desk, feed: Feed) -> None:
    """The wall goes on telling how it looks, as it does each second, until that is seen as live."""
    async with asyncio.timeout(30):
        while state(feed) is not PictureState.LIVE:
            wall.walls.picture("left", JPEG, wall.now_ns)
            await asyncio.sleep(0.5)


async def test_a_desk_sees_how_a_wall_s_screen_looks_and_knows_when_it_no_longer_does(node: SmallNode) -> None:
    async with desk_at(node.url) as desk, desk_at(node.url, "wall") as wall:
        wall.walls.seen("w", "a", 3, time.time_ns(), [LEFT])
        await until(lambda: machines(node, desk) == {"w/a": 3})
        feed = desk.feed("wall:w/left")
        assert state(feed) is PictureState.CONNECTING and feed.picture() is None
        await until(lambda: wall.walls.wanted)
        at_ns = wall.now_ns
        wall.walls.picture("left", JPEG, at_ns)
        await until(lambda: feed.picture() is not None)
        picture = feed.picture()
        assert picture is not None and (picture.t_ns, len(picture.bgra)) == (at_ns, len(JPEG))
        assert desk.walls.state_of(desk.now_ns) is PictureState.LIVE
        assert desk.walls.state_of(desk.now_ns - LIVE_NS - 1) is PictureState.STALE
        assert desk.walls.state_of(desk.now_ns - LOST_NS - 1) is PictureState.LOST
        feed.close()
        await until(lambda: not wall.walls.wanted)


async def test_a_picture_is_decoded_once_at_the_size_that_is_asked_for(node: SmallNode) -> None:
    async with desk_at(node.url) as desk, desk_at(node.url, "wall") as wall:
        wall.walls.seen("w", "a", 3, time.time_ns(), [LEFT])
        feed = desk.feed("wall:w/left")
        came: list[int] = []
        feed.on_picture(lambda: came.append(1))
        await until(lambda: wall.walls.wanted)
        wall.walls.picture("left", JPEG, wall.now_ns)
        await until(lambda: bool(came))
        first = feed.picture()
        assert first is not None and first is feed.picture()
        feed.resize(320, 180)
        second = feed.picture()
        assert second is not None and second.bgra.shape[1] == 320 and second.serial == first.serial + 1


async def test_after_the_node_was_away_all_is_as_before(node: SmallNode) -> None:
    async with desk_at(node.url) as desk, desk_at(node.url, "wall") as wall:
        wall.walls.seen("w", "a", 3, time.time_ns(), [LEFT])
        feed = desk.feed("wall:w/left")
        await until(lambda: wall.walls.wanted)
        await looks_live(wall, feed)
        port, hub = node.port, node.hub
        await node.close()
        await until(lambda: not desk.link.status.up and not wall.link.status.up, 30.0)
        assert state(feed) is PictureState.LOST, "a cut link never looks live"
        assert not wall.walls.wanted
        again = SmallNode()
        again.hub.put("s", list(hub.entities[Wall.CLS].values()))
        await again.open(port)
        try:
            await until(lambda: wall.walls.wanted and machines(again, desk) == {"w/a": 3}, 30.0)
            await looks_live(wall, feed)
        finally:
            await again.close()


async def test_a_machine_whose_link_is_gone_is_no_machine_any_more(node: SmallNode) -> None:
    async with desk_at(node.url) as desk:
        async with desk_at(node.url, "wall") as wall:
            wall.walls.seen("w", "a", 3, time.time_ns(), [LEFT])
            await until(lambda: machines(node, desk) == {"w/a": 3})
        await until(lambda: machines(node, desk) == {})


async def test_what_presenters_do_reaches_all_who_watch(node: SmallNode) -> None:
    heard: list[object] = []
    async with desk_at(node.url) as desk, desk_at(node.url, "wall") as wall:
        began: list[str] = []
        node.gateway.rooms.on_watch = lambda _visit, id_: began.append(id_)
        wall.walls.on_present = heard.append
        wall.walls.watch("w", "screens")
        await until(lambda: began == ["w"])
        node.gateway.rooms.tell("w", Present(wall="w", op="pointer", points=((0.5, 0.25),), by="zhou"))
        await until(lambda: bool(heard))
        assert isinstance(heard[0], Present) and (heard[0].by, heard[0].points) == ("zhou", ((0.5, 0.25),))
        assert desk.walls.on_present is None
    with pytest.raises(LinkError):
        wall.walls.present(Present(wall="w", op="begin"))


async def test_a_node_that_knows_no_walls_is_not_asked(node: SmallNode) -> None:
    node.gateway._lacks.add("walls")
    async with desk_at(node.url) as desk:
        feed = desk.feed("wall:w/left")
        with pytest.raises(RefusedError, match="walls"):
            desk.walls.present(Present(wall="w", op="begin"))
        assert state(feed) is PictureState.CONNECTING and feed.picture() is None
    assert not node.gateway.rooms.refused


# ---------------------------------------------------------------- rights


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[GuardedNode]:
    """A node with people, and a wall of the north."""
    async with attacked(tmp_path) as node:
        node.hub.put("s", [Wall(id="wall-1", name=Text("北区大屏"), area="north")])
        yield node


def seated(node: GuardedNode, person: str) -> AbstractAsyncContextManager[Raw]:
    """Who is logged in, at a program that knows walls."""
    return inside(node, person, capabilities=["walls"])


async def stand(machine: Raw, wall: str = "wall-1") -> None:
    """A machine says how its screens stand."""
    await machine.say(m="wall_seen", wall=wall, machine="a", screens=[{"name": "left"}])


async def test_a_picture_goes_to_who_may_see_the_wall_alone(guarded: GuardedNode) -> None:
    async with (
        seated(guarded, "north") as north,
        seated(guarded, "south") as south,
        seated(guarded, "wall-1") as machine,
    ):
        for desk in (north, south):
            await desk.say(m="wall_watch", wall="wall-1", pictures=True)
            await desk.settled()
        await stand(machine)
        assert (await machine.hear("wall_watched"))["pictures"] is True
        await machine.say(m="wall_picture", wall="wall-1", screen="left", t_ns=1, jpeg=JPEG)
        assert (await north.hear("wall_picture"))["jpeg"] == JPEG
        await machine.settled()
        await flushed(guarded)
        await north.settled()
        await south.settled()
        assert b"wall-1" not in south.said, "neither the wall, nor its machine, nor its picture"
        assert any(m["m"] == "entities" and m["cls"] == "wall_machine" and m.get("put") for m in north.all)


async def test_nobody_but_the_wall_speaks_for_it(guarded: GuardedNode) -> None:
    async with seated(guarded, "city") as city, seated(guarded, "wall-1") as machine:
        await city.say(m="wall_watch", wall="wall-1", pictures=True)
        await stand(city)  # whatever they may do besides, a person is no wall
        await city.say(m="wall_picture", wall="wall-1", screen="left", t_ns=1, jpeg=JPEG)
        await stand(machine, "wall-2")  # nor is a wall another one
        await city.settled()
        await machine.settled()
        assert guarded.hub.entities.get(WallMachine.CLS, {}) == {}
        assert not [message for message in city.all if message["m"] == "wall_picture"]
        assert guarded.gateway.rooms.refused == {
            "a machine of another wall": 2,
            "a picture of a screen that is not the sender's": 1,
        }


async def test_a_locked_screen_sees_no_wall(guarded: GuardedNode) -> None:
    async with seated(guarded, "north") as north, seated(guarded, "wall-1") as machine:
        await stand(machine)
        await north.say(m="wall_watch", wall="wall-1", pictures=True)
        await north.settled()
        while not (await machine.hear("wall_watched")).get("pictures"):
            pass
        await north.say(m="lock")
        await north.settled()
        guarded.gateway.tick()
        assert not (await machine.hear("wall_watched")).get("pictures")
        await machine.say(m="wall_picture", wall="wall-1", screen="left", t_ns=1, jpeg=JPEG)
        await machine.settled()
        await north.settled()
        assert not [message for message in north.all if message["m"] == "wall_picture"]
