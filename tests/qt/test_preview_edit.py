"""A scene is changed in its preview by mouse and keys, with undo; in turn, of a replay, by rule, for another wall."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from console.api import LIVE, SceneRule, Text
from console.shell.tile import Tile
from console.walls.board import SceneBoard, _Handle
from layouts.store import parse
from layouts.tree import Layout, Part, tiles
from tests.qt.bench import mouse
from tests.qt.duty import Duty
from tests.qt.recorder import Recorder
from tests.qt.saying import labels
from tests.qt.steps import settle

ALT, CONTROL, SHIFT = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


@pytest.fixture
def duty(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Duty]:
    made = Duty(tmp_path, monkeypatch)
    made.hall()
    yield made
    made.close()


@pytest.fixture
def board(duty: Duty) -> SceneBoard:
    return duty.preview("scene-crowd").board


def low(board: SceneBoard) -> Part:
    """The tree of the lower right screen: incidents over strips."""
    return next(screen.tree for screen in board.scene.screens if screen.name == "lower-right")


def panels(tree: Part) -> list[str]:
    return [part.panel for _, part in tiles(tree)]


def handle(board: SceneBoard, panel: str) -> _Handle:
    """The handle over the tile of a panel on the lower right screen."""
    one = board.standing["lower-right"]
    id_ = next(part.id for _, part in tiles(low(board)) if part.panel == panel)
    return next(h for h in one.mosaic.findChildren(_Handle) if h.geometry() == one.mosaic.by_id[id_].geometry())


def pick(board: SceneBoard, panel: str) -> None:
    QTest.mouseClick(handle(board, panel), Qt.MouseButton.LeftButton)
    settle()


def drag(grip: QWidget, to: QPoint) -> None:
    begin = grip.mapToGlobal(grip.rect().center())
    mouse(grip, QEvent.Type.MouseButtonPress, begin)
    for part in (1, 2, 3, 4):
        mouse(grip, QEvent.Type.MouseMove, begin + (to - begin) * part / 4)
    mouse(grip, QEvent.Type.MouseButtonRelease, to)
    settle()


def taken(duty: Duty) -> Layout:
    """What went to the node last."""
    assert duty.room.desk.intents[-1][0] == "wall.take"
    return parse(tomllib.loads(duty.room.desk.arguments[-1]["layout"]), "scene")


def test_a_dragged_gap_goes_to_the_wall_and_undo_takes_it_back(duty: Duty, board: SceneBoard) -> None:
    desk = duty.stage.layout
    mosaic = board.standing["lower-right"].mosaic
    gap = mosaic.stands.gaps[0].box
    at = mosaic.mapToGlobal(QPoint(gap.x + gap.width // 2, gap.y + gap.height // 2))
    before = board.scene
    for kind, place in (
        (QEvent.Type.MouseButtonPress, at),
        (QEvent.Type.MouseMove, at + QPoint(0, 30)),
        (QEvent.Type.MouseButtonRelease, at + QPoint(0, 30)),
    ):
        mouse(mosaic, kind, place)
    settle()
    wider = board.scene
    assert low(board) != next(s.tree for s in before.screens if s.name == "lower-right")
    assert "*" in duty.preview().windowTitle()
    duty.key(Qt.Key.Key_Z, CONTROL)
    assert board.scene == before
    duty.key(Qt.Key.Key_Z, CONTROL, SHIFT)
    assert board.scene == wider
    duty.key(Qt.Key.Key_W)
    assert [s.tree for s in taken(duty).screens] == [s.tree for s in wider.screens]
    assert duty.stage.layout == desk, "the desk's own layout is another thing"


def test_a_tile_dragged_by_hand_is_stacked_moved_and_taken_to_another_screen(duty: Duty, board: SceneBoard) -> None:
    other = handle(board, "strips")
    drag(handle(board, "incidents"), other.mapToGlobal(other.rect().center()))
    assert [part.panel for part in low(board).tabs] == ["strips", "incidents"]
    duty.key(Qt.Key.Key_Z, CONTROL)
    assert panels(low(board)) == ["incidents", "strips"]
    mosaic = board.standing["lower-left"].mosaic
    drag(handle(board, "strips"), mosaic.mapToGlobal(QPoint(mosaic.width() - 30, mosaic.height() // 2)))
    assert panels(low(board)) == ["incidents"]
    assert panels(board.scene.screens[2].tree) == ["posts", "strips"]
    tiles_there = [t for one in board.standing.values() for t in one.mosaic.tiles]
    assert len(tiles_there) == 5 and all(tile.isVisible() for tile in tiles_there)


def test_keys_act_on_the_tile_that_was_picked(duty: Duty, board: SceneBoard) -> None:
    desk = duty.stage.layout
    pick(board, "incidents")
    duty.key(Qt.Key.Key_Down, ALT, SHIFT)
    assert panels(low(board)) == ["strips", "incidents"]
    duty.key(Qt.Key.Key_Up, CONTROL, ALT)
    assert [part.panel for part in low(board).tabs] == ["strips", "incidents"]
    duty.run("tile.unstack")
    duty.run("tile.add_chart")
    assert sorted(panels(low(board))) == ["chart", "incidents", "strips"]
    duty.key(Qt.Key.Key_W, CONTROL)
    assert sorted(panels(low(board))) == ["incidents", "strips"]
    for _ in range(5):
        duty.key(Qt.Key.Key_Z, CONTROL)
    assert panels(low(board)) == ["incidents", "strips"] and not board.touched
    assert duty.stage.layout == desk
    duty.run("tile.detach")
    assert "独立成窗" in duty.said("wall.edit")
    duty.key(Qt.Key.Key_Escape)
    duty.stage.windows[0].activateWindow()
    duty.run("tile.add_chart")
    assert duty.stage.layout != desk, "without a preview keys act on the desk again"


def test_the_last_tile_of_a_screen_stays(duty: Duty, board: SceneBoard) -> None:
    pick(board, "strips")
    duty.key(Qt.Key.Key_W, CONTROL)
    duty.key(Qt.Key.Key_W, CONTROL)
    assert panels(low(board)) == ["incidents"]
    assert "最后的窗格" in duty.said("wall.edit")


def test_a_changed_scene_is_saved_as_ones_own_and_the_shipped_one_stays(duty: Duty, board: SceneBoard) -> None:
    shipped = duty.stage.store.load("scene-crowd")
    pick(board, "strips")
    duty.key(Qt.Key.Key_W, CONTROL)
    duty.key(Qt.Key.Key_S, CONTROL)
    duty.asked[-1]("灯会")
    assert panels(duty.stage.store.load("灯会").screens[3].tree) == ["incidents"]
    assert duty.stage.store.load("scene-crowd") == shipped
    assert "wall.preview_灯会" in {c.spec.id for c in duty.room.commands.all()}
    duty.key(Qt.Key.Key_S, CONTROL, SHIFT)
    duty.asked[-1]("scene-crowd")
    assert "不可用" in duty.said("wall.edit")
    assert duty.stage.store.load("scene-crowd") == shipped


def test_another_layout_of_ones_own_is_not_written_over_by_a_scene_of_its_name(duty: Duty, board: SceneBoard) -> None:
    duty.tiling._save_under(msgspec.structs.replace(duty.stage.store.load("duty"), id="new"), "夜班")
    mine = duty.stage.store.load("夜班")
    pick(board, "strips")
    duty.key(Qt.Key.Key_W, CONTROL)
    duty.key(Qt.Key.Key_S, CONTROL, SHIFT)
    duty.asked[-1]("夜班")
    assert "不可用" in duty.said("wall.edit")
    assert duty.stage.store.load("夜班") == mine
    duty.asked[-1]("灯会")
    duty.asked[-1]("灯会")
    assert duty.stage.store.load("灯会").role == "wall"
    assert "wall.edit" not in {notice.key for notice in duty.room.notices.all()}, "its own name again is no other's"


def test_a_tile_that_fails_while_it_is_painted_is_a_card_and_the_preview_goes_on(duty: Duty, board: SceneBoard) -> None:
    tiles_there = [t for one in board.standing.values() for t in one.mosaic.tiles if isinstance(t, Tile)]
    bad = tiles_there[1]
    assert isinstance(bad.panel, Recorder)
    bad.panel._fail = "paint"
    bad.panel.update()
    duty.tick()
    assert [tile.failed for tile in tiles_there] == [False, True, False, False, False]
    bad.restart()
    duty.tick()
    assert not bad.failed


def test_changes_that_were_closed_without_a_take_can_be_had_again(duty: Duty, board: SceneBoard) -> None:
    pick(board, "strips")
    duty.key(Qt.Key.Key_W, CONTROL)
    changed = board.scene
    duty.run("wall.preview_scene-storm")
    duty.key(Qt.Key.Key_Escape)
    duty.run("wall.preview_left")
    assert duty.preview().layout_shown == changed
    duty.key(Qt.Key.Key_W)
    duty.run("wall.preview_left")
    assert duty.directing.preview is None, "it is on the wall"


def test_what_stands_on_the_wall_is_changed_in_preview(duty: Duty) -> None:
    duty.run("wall.preview_now")
    assert duty.preview().layout_shown.id == "scene-crowd"
    duty.key(Qt.Key.Key_W)
    assert taken(duty).id == "scene-crowd"


def test_the_test_pattern_is_previewed_on_the_wall_s_own_screens(duty: Duty) -> None:
    duty.run("wall.preview_now")
    screens = [screen.name for screen in duty.preview().layout_shown.screens]
    duty.run("wall.pattern")
    shown = duty.preview().layout_shown
    assert [screen.name for screen in shown.screens] == screens
    assert {screen.tree.panel for screen in shown.screens} == {"pattern"}


def test_a_scene_takes_turns_with_what_stands_there(duty: Duty) -> None:
    duty.preview("scene-storm")
    duty.key(Qt.Key.Key_T, SHIFT)
    duty.asked[-1]("3")
    assert "至少 5 秒" in duty.said("wall.act")
    duty.asked[-1]("20")
    assert not duty.room.desk.intents
    duty.key(Qt.Key.Key_W)
    arguments = duty.room.desk.arguments[-1]
    assert taken(duty).id == "scene-crowd"
    assert [tomllib.loads(text)["id"] for text in arguments["turns"]] == ["scene-storm"]
    assert (arguments["every_s"], arguments["title_zh"]) == (20, "场景：大型活动 ⇄ 场景：暴雨")


def test_another_wall_is_meant_by_a_key(duty: Duty) -> None:
    duty.preview("scene-storm")
    duty.hall("annex", name=Text("分会场", "Annex"))
    duty.key(Qt.Key.Key_G, SHIFT)
    before = duty.directing.wall
    duty.key(Qt.Key.Key_G, SHIFT)
    assert before is not None and duty.directing.wall is not None and before.id != duty.directing.wall.id
    duty.key(Qt.Key.Key_W)
    assert duty.room.desk.intents == [("wall.take", duty.directing.wall.id)]


def test_a_replay_goes_to_the_wall_and_back_to_live_by_one_command_each(duty: Duty) -> None:
    duty.run("wall.replay")
    assert not duty.room.desk.intents, "there is none"
    duty.room.replay.join("7K3P")
    duty.settle()
    assert "live on the wall" in labels(duty.preview("scene-storm"))
    duty.key(Qt.Key.Key_Escape)
    duty.run("wall.replay")
    assert duty.room.desk.arguments[-1]["context"] == "replay:7K3P"
    assert taken(duty).id == "scene-crowd"
    wall = duty.directing.wall
    assert wall is not None and wall.scene is not None
    duty.hall(scene=msgspec.structs.replace(wall.scene, context="replay:7K3P"))
    duty.run("wall.preview_scene-storm")
    assert "7K3P" in duty.preview().said
    duty.run("wall.live")
    assert duty.room.desk.arguments[-1]["context"] == LIVE
    assert duty.directing.preview is not None, "what is prepared was not taken, and stays"


def test_a_commander_sets_a_rule_from_the_preview_and_takes_it_off(duty: Duty) -> None:
    duty.room.desk.forbidden = frozenset({"wall.rule"})
    duty.preview("scene-storm")
    duty.run("wall.rule")
    assert not duty.asked, "who commands not, sets none"
    duty.room.desk.forbidden = frozenset()
    duty.run("wall.rule")
    duty.asked[-1]("7")
    assert "应为 1 至 4" in duty.said("wall.rule")
    duty.asked[-1]("2")
    duty.settle()
    assert duty.room.desk.intents == [("wall.rule", "hall")]
    arguments = duty.room.desk.arguments[-1]
    assert (arguments["rule"], arguments["grade"]) == ("scene-storm", 2)
    assert "内涝" in arguments["natures"]
    rule = SceneRule(id="scene-storm", grade=2, layout=arguments["layout"], title=Text("场景：暴雨"))
    duty.hall(rules=(rule,))
    duty.run("wall.rule_off_hall_scene-storm")
    assert duty.room.desk.intents[-1] == ("wall.rule_off", "hall")
    assert duty.room.desk.arguments[-1] == {"rule": "scene-storm"}
    duty.hall()
    duty.run("wall.rule_off_hall_scene-storm")
    assert len(duty.room.desk.intents) == 2, "it holds no more"


def test_who_gets_or_loses_a_wall_is_told(duty: Duty) -> None:
    duty.hall(controller="p.wang")
    assert "王 接管了大屏 指挥大厅" in duty.said("wall.control")
    duty.run("wall.seize")
    duty.asked[-1]("事件升级")
    duty.settle()
    duty.hall()
    assert not duty.said("wall.control"), "one's own act is no news"
    duty.hall(controller="p.wang")
    duty.run("wall.ask")
    duty.hall()
    assert "已移交给您" in duty.said("wall.control")
