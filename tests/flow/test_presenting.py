"""A presenter at one console, a wall and a desk that watch at others, the node between them: over a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest

from console.api import Pointed, Scene, Text, Wall
from console.client.desk import Desk
from console.client.media import Media
from console.tasks import Tasks
from console.walls.presenter import Presenter, Spot
from console.walls.presenting import Audience, Said
from console.wire.presentation import Presentation
from console.wire.walls import Present, PresentRefused
from tests.fault.wire import Wire
from tests.flow.nodes import SECRET, SmallNode, until

SCENE = Scene(number=1, layout="", title=Text("常态"))
HALL = Wall(id="hall", name=Text("大厅"), scene=SCENE, controller="p.li")


class Console:
    """A console without windows that watches the wall; `me` its person."""

    def __init__(self, tasks: Tasks, role: str, me: str) -> None:
        self.desk = Desk(tasks, media=Media(tasks), role=role)
        self.audience = Audience(self.desk.walls)
        self.failed: list[Exception] = []
        self.refused: list[str] = []
        self.presenter = Presenter("hall", self.audience, lambda: me, self.failed.append)

    @property
    def marks(self) -> Presentation:
        return self.audience.marks("hall")

    def heard(self, message: Said) -> None:
        self.presenter.heard(message)
        if isinstance(message, PresentRefused):
            self.refused.append(message.zh)

    def at(self, x: float, y: float) -> None:
        """The hand is over the map."""
        self.presenter.point(spot(x, y))
        self.presenter.flush()

    def draw(self, *points: tuple[float, float]) -> None:
        self.presenter.press(spot(*points[0]))
        for point in points[1:]:
            self.presenter.drag(spot(*point))
        self.presenter.release()


def spot(x: float, y: float) -> Spot:
    return Spot(tile="map {}", px=(x, y), pointed=Pointed(100 + x / 1000, 30 + y / 1000), share=(0, 0))


@asynccontextmanager
async def console(url: str, me: str = "", role: str = "desk") -> AsyncIterator[Console]:
    tasks = Tasks()
    made = Console(tasks, role, me)
    tasks.start("link", made.desk.link.run())
    made.desk.link.address(url, SECRET)
    try:
        await until(lambda: made.desk.link.status.up)
        made.audience.listen("hall", "test", made.heard)
        yield made
    finally:
        await made.desk.close()
        await tasks.close()


@pytest.fixture
async def node() -> AsyncIterator[SmallNode]:
    made = SmallNode()
    made.hub.put("j", [HALL])
    await made.open()
    yield made
    await made.close()


async def begun(one: Console) -> None:
    one.presenter.begin()
    await until(lambda: one.presenter.presents)


async def test_pointer_and_strokes_arrive_where_the_wall_is_watched_and_with_who_comes_late(node: SmallNode) -> None:
    async with console(node.url, "p.li") as one, console(node.url, role="wall") as wall:
        await begun(one)
        one.at(4, 2)
        one.presenter.pick(3)
        one.draw((0, 0), (10, 0), (20, 5))
        one.presenter.freeze("strips {}")
        await until(lambda: bool(wall.marks.strokes and wall.marks.frozen and wall.marks.pointer))
        pointer = wall.marks.pointer
        assert pointer is not None
        assert (pointer.points, pointer.content, pointer.tile, pointer.by) == (
            ((100.004, 30.002),),
            True,
            "map {}",
            "p.li",
        )
        async with console(node.url, "p.wang") as late:
            await until(lambda: late.marks.by == "p.li")
            assert late.marks.strokes == wall.marks.strokes
            assert [s.points for s in late.marks.strokes.values()] == [
                ((100.0, 30.0), (100.01, 30.0), (100.02, 30.005))
            ]
            assert [s.colour for s in late.marks.strokes.values()] == [3]
            assert set(late.marks.frozen) == {"strips {}"}
            one.presenter.undo()
            await until(lambda: not late.marks.strokes and not wall.marks.strokes)
        one.presenter.end()
        await until(lambda: not wall.marks.by)
        assert wall.marks.pointer is None


async def test_only_who_controls_the_wall_presents_and_another_takes_over_with_the_control(node: SmallNode) -> None:
    async with (
        console(node.url, "p.li") as one,
        console(node.url, "p.wang") as two,
        console(node.url, role="wall") as wall,
    ):
        two.presenter.begin()
        await until(lambda: bool(two.refused))
        assert "由 p.li 控制" in two.refused[0]
        assert not two.presenter.wants
        await begun(one)
        one.draw((0, 0), (10, 0))
        await until(lambda: bool(wall.marks.strokes))
        node.hub.put("j", [msgspec.structs.replace(HALL, controller="p.wang")])
        node.gateway.tick()
        await until(lambda: not one.presenter.presents and not wall.marks.by)
        assert not wall.marks.strokes
        two.presenter.begin()
        await until(lambda: wall.marks.by == "p.wang")
        two.at(1, 1)
        await until(lambda: wall.marks.pointer is not None)
        wall.desk.walls.present(Present(wall="hall", op="begin", by="p.wang"))
        await until(lambda: bool(wall.refused))


async def test_a_presenter_whose_link_is_cut_goes_on_with_all_that_was_drawn(node: SmallNode) -> None:
    async with Wire(node.port) as wire, console(node.url, role="wall") as wall:
        async with console(f"ws://127.0.0.1:{wire.port}", "p.li") as one:
            await begun(one)
            one.draw((0, 0), (10, 0))
            await until(lambda: bool(wall.marks.strokes))
            await wire.cut()
            await until(lambda: not one.desk.link.status.up)
            one.at(5, 5)
            assert one.failed
            assert wall.marks.by == "p.li"
            assert wall.marks.strokes, "half a minute the marks stay"
            await wire.mend()
            one.desk.link.retry()
            await until(lambda: one.desk.link.status.up)
            await begun(one)
            one.at(7, 7)
            await until(lambda: wall.marks.pointer is not None)
            assert len(wall.marks.strokes) == len(one.marks.strokes) == 1


async def test_a_new_scene_takes_what_was_drawn_on_the_old_one(node: SmallNode) -> None:
    async with console(node.url, "p.li") as one, console(node.url, role="wall") as wall:
        await begun(one)
        one.at(1, 1)
        one.draw((0, 0), (10, 0))
        await until(lambda: bool(wall.marks.strokes))
        node.hub.put("j", [msgspec.structs.replace(HALL, scene=msgspec.structs.replace(SCENE, number=2))])
        one.draw((50, 50), (60, 60))
        await until(lambda: wall.marks.scene == 2 and bool(wall.marks.strokes))
        assert [stroke.points[0] for stroke in wall.marks.strokes.values()] == [(100.05, 30.05)]
        assert wall.marks.pointer is not None


async def test_after_the_node_was_started_anew_nobody_presents_and_the_presenter_can_begin_again(
    node: SmallNode,
) -> None:
    async with console(node.url, "p.li") as one, console(node.url, role="wall") as wall:
        await begun(one)
        one.draw((0, 0), (10, 0))
        await until(lambda: bool(wall.marks.strokes))
        port = node.port
        await node.close()
        await until(lambda: not one.desk.link.status.up and not wall.desk.link.status.up)
        again = SmallNode()
        again.hub.put("j", [HALL])
        await again.open(port)
        try:
            await until(lambda: not one.presenter.wants and not wall.marks.by)
            assert not wall.marks.strokes
            await begun(one)
            one.at(2, 2)
            await until(lambda: wall.marks.pointer is not None)
        finally:
            await again.close()
