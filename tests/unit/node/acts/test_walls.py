"""Walls: scenes taken and gone back to, control asked for, handed over and taken over, over a restart."""

from __future__ import annotations

from pathlib import Path

from console.api import Text, Wall
from console.node.journal.folds.wall import MOST_ASKED
from tests.unit.node.acts.room import room

SCENE = 'version = 2\nid = "storm"\nrole = "wall"\n'
W = "hall"


def scene(name: str) -> dict[str, str]:
    return {"layout": SCENE.replace("storm", name), "title_zh": f"场景{name}", "title_en": name}


async def test_scenes_go_on_the_wall_and_back_over_a_restart(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        await one.saved("wall.take", W, "li", wall="指挥大厅", area="town", **scene("normal"))
        await one.saved("wall.take", W, "li", subject="incident:a", fade=True, **scene("storm"))
        wall = one.shown(Wall, W)
        assert wall.scene is not None
        assert (wall.name.zh, wall.area, wall.controller) == ("指挥大厅", "town", "li")
        assert (wall.scene.number, wall.scene.subject, wall.scene.fade, wall.scene.by) == (2, "incident:a", True, "li")
        assert wall.scene.layout == SCENE
        assert wall.before == Text("场景normal", "normal")
    async with room(tmp_path, one.clocks) as two:
        assert two.shown(Wall, W) == wall
        await two.saved("wall.back", W, "li")
        wall = two.shown(Wall, W)
        assert wall.scene is not None
        assert (wall.scene.number, wall.scene.title.zh, wall.before.zh) == (3, "场景normal", "")
        assert "此前没有场景" in await two.refused("wall.back", W, "li")


async def test_only_who_controls_a_wall_changes_it_and_control_is_handed_over(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        assert "无人控制" in await one.refused("wall.ask", W, "wang")
        await one.saved("wall.take", W, "li", **scene("normal"))
        assert "由 li 控制" in await one.refused("wall.take", W, "wang", **scene("storm"))
        assert "已在控制" in await one.refused("wall.ask", W, "li")
        await one.saved("wall.ask", W, "wang")
        assert one.shown(Wall, W).asked == ("wang",)
        assert "控制权在 li" in await one.refused("wall.give", W, "wang", to="wang")
        await one.saved("wall.give", W, "li", to="wang")
        wall = one.shown(Wall, W)
        assert (wall.controller, wall.asked) == ("wang", ())
        assert "由 wang 控制" in await one.refused("wall.back", W, "li")
        assert "理由" in await one.refused("wall.seize", W, "li")
        await one.saved("wall.seize", W, "li", reason="事件升级")
        await one.saved("wall.give", W, "li")
        assert one.shown(Wall, W).controller == ""
        await one.saved("wall.take", W, "wang", **scene("storm"))
        assert one.shown(Wall, W).controller == "wang"


async def test_who_asks_keeps_the_place_in_the_line_until_the_wall_is_theirs(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        await one.saved("wall.take", W, "li", **scene("normal"))
        for number in range(MOST_ASKED):
            await one.saved("wall.ask", W, f"p{number}")
        await one.saved("wall.ask", W, "p0")
        assert "10 人申请" in await one.refused("wall.ask", W, "late")
        assert one.shown(Wall, W).asked == tuple(f"p{number}" for number in range(MOST_ASKED))
        await one.saved("wall.give", W, "li")
        await one.saved("wall.take", W, "p3", **scene("storm"))
        wall = one.shown(Wall, W)
        assert wall.controller == "p3"
        assert "p3" not in wall.asked, "nobody asks for what is theirs"


async def test_a_wall_that_is_given_up_before_its_first_scene_is_shown_as_nobodys(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        await one.saved("wall.seize", W, "li", reason="调试")
        assert one.shown(Wall, W).controller == "li"
        await one.saved("wall.give", W, "li")
        assert one.shown(Wall, W).controller == ""


async def test_what_no_wall_could_show_is_refused(tmp_path: Path) -> None:
    async with room(tmp_path) as one:
        assert "不是布局" in await one.refused("wall.take", W, layout="= =", title_zh="坏")
        for broken in ("a = " + "[" * 8_000, "a = " + "9" * 8_000):
            assert "不是布局" in await one.refused("wall.take", W, layout=broken, title_zh="坏")
        desk = SCENE.replace("wall", "desk")
        assert "应为 wall" in await one.refused("wall.take", W, layout=desk, title_zh="坏")
        assert "字节" in await one.refused("wall.take", W, layout=SCENE + "# " + "x" * 20_000, title_zh="大")
        assert "没有区域" in await one.refused("wall.take", W, area="nowhere", **scene("storm"))
        assert not one.hub.entities.get("wall")
