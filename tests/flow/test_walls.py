"""A wall with two desks at one node: scenes by rule over kill -9; control asked for, given, left behind, taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from console.api import LIVE, IntentState, Wall
from tests.flow.nodes import until
from tests.flow.seats import Seat, child_node, kinds, seat, sources

W = "hall"
SCENE = 'version = 2\nid = "{0}"\nrole = "wall"\n'
CALL = {
    "title": "燃气泄漏",
    "place": "天元路",
    "nature": "燃气",
    "reported_by": "群众",
    "verified_by": "张三",
    "grade": 3,
}


def scene(name: str) -> dict[str, Any]:
    return {"layout": SCENE.format(name), "title_zh": f"场景{name}", "title_en": name}


def wall(desk: Seat) -> Wall:
    """The wall as a desk sees it."""
    desk.desk.drain()
    return desk.desk.entities(Wall).get(W, Wall(id=""))


def title(desk: Seat) -> str:
    shown = wall(desk).scene
    return shown.title.en if shown is not None else ""


async def saved(desk: Seat, act: str, **arguments: Any) -> None:
    answer = await desk.desk.intent(f"wall.{act}", W, **arguments)
    assert answer.state is IntentState.SAVED, answer.reason


async def refused(desk: Seat, act: str, **arguments: Any) -> str:
    answer = await desk.desk.intent(f"wall.{act}", W, **arguments)
    assert answer.state is IntentState.REFUSED, answer
    return answer.reason.zh


async def test_a_rules_scene_is_on_the_wall_with_the_grade_and_once_after_kill_9(tmp_path: Path) -> None:
    config = sources(tmp_path / "sources")
    async with child_node(tmp_path, config) as first, seat(tmp_path / "one", first.url, "李卫国") as one:
        await until(lambda: one.desk.link.status.up)
        await saved(one, "rule", rule="grave", grade=2, natures=["燃气"], **scene("hazmat"))
        await until(lambda: bool(wall(one).rules))
        assert (await one.desk.intent("incident.report", "i1", **CALL)).state is IntentState.SAVED
        assert (await one.desk.intent("incident.grade", "i1", value=2, reason="扩大")).state is IntentState.SAVED
        await first.kill()
        async with child_node(tmp_path, config) as second, seat(tmp_path / "two", second.url, "王芳") as two:
            await until(lambda: title(two) == "hazmat")
            shown = wall(two).scene
            assert shown is not None
            assert (shown.rule, shown.by, shown.subject, shown.number) == ("grave", "李卫国", "incident:i1", 1)
            assert wall(two).controller == ""
            await saved(two, "take", **scene("normal"))
            await saved(two, "back")
            await until(lambda: title(two) == "hazmat")
            await saved(two, "rule_off", rule="grave")
            await until(lambda: not wall(two).rules)
    assert [kind for kind in kinds(tmp_path) if kind.startswith("wall")] == [
        "wall.rule", "wall.take", "wall.take", "wall.back", "wall.rule_off",
    ]  # fmt: skip


async def test_control_is_asked_for_and_taken_from_who_has_left(tmp_path: Path) -> None:
    config = sources(tmp_path / "sources")
    async with (
        child_node(tmp_path, config) as child,
        seat(tmp_path / "two", child.url, "王芳") as two,
        seat(tmp_path / "screen", child.url, "大屏") as screen,
    ):
        async with seat(tmp_path / "one", child.url, "李卫国") as one:
            await until(lambda: one.desk.link.status.up and two.desk.link.status.up and screen.desk.link.status.up)
            await saved(one, "take", **scene("normal"))
            await until(lambda: title(two) == "normal" and title(screen) == "normal")
            assert "由 李卫国 控制" in await refused(two, "take", **scene("storm"))
            await saved(two, "ask")
            await until(lambda: wall(one).asked == ("王芳",))
            await saved(one, "give", to="王芳")
            await until(lambda: wall(two).controller == "王芳")
            await saved(two, "take", **scene("storm"), context="replay:7K3P")
            await until(lambda: title(screen) == "storm")
            await saved(two, "give", to="李卫国")
            await saved(one, "take", **scene("normal"), turns=[SCENE.format("storm")], every_s=10)
            await until(lambda: title(screen) == "normal")
            shown = wall(screen).scene
            assert shown is not None
            assert (len(shown.turns), shown.every_s, shown.context) == (1, 10, LIVE)
        # who had it is gone, and with them the console that could hand it over
        assert "由 李卫国 控制" in await refused(two, "back")
        assert "理由" in await refused(two, "seize")
        await saved(two, "seize", reason="李卫国离岗")
        await saved(two, "take", **scene("storm"))
        await until(lambda: title(screen) == "storm" and wall(screen).controller == "王芳")
