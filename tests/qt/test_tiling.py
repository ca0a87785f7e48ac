"""Tiling by hand and by key: split, stack, drag, resize, detach, undo, save; what is shown is what the layout says."""

from __future__ import annotations

import tomllib
from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.api import Incident, Text
from layouts import change
from layouts.mosaic import TabRow
from layouts.store import LayoutStore
from tests.qt.bench import LAYOUT, Bench, header, middle, mouse
from tests.qt.recorder import Recorder
from tests.qt.steps import settle, ticks

CONTROL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def test_a_tile_moved_by_key_stays_what_it_was(bench: Bench) -> None:
    panel = bench.tile("alarms").panel
    left = bench.tile("alarms").x()
    bench.hold("alarms")
    bench.run("tile.move_right")
    assert bench.tile("alarms").x() > left
    assert bench.tile("map").x() == left
    assert bench.tile("alarms").panel is panel, "the panel was not made anew"
    bench.run("arrange.undo")
    assert bench.tile("alarms").x() == left
    bench.run("arrange.redo")
    assert bench.tile("alarms").x() > left


def test_at_the_edge_a_tile_goes_beside_everything(bench: Bench) -> None:
    bench.hold("chart")
    bench.run("tile.move_below")
    assert bench.tile("chart").width() == bench.stage.standing["main"].mosaic.width()
    assert bench.tile("chart").y() > bench.tile("map").geometry().bottom()


def test_a_header_dragged_onto_a_side_splits_that_tile(bench: Bench) -> None:
    target = bench.tile("map")
    to = target.mapToGlobal(QPoint(target.width() - 30, target.height() // 2))
    bench.drag(header(bench.tile("alarms")), QPoint(40, 10), to)
    alarms = bench.tile("alarms")
    assert alarms.x() > bench.tile("map").geometry().right()
    assert abs(alarms.width() - bench.tile("map").width()) <= 2
    assert bench.tile("map").x() == 0


def test_a_header_dragged_onto_the_middle_makes_a_tab(bench: Bench) -> None:
    bench.drag(header(bench.tile("alarms")), QPoint(40, 10), middle(bench.tile("chart")))
    assert bench.tile("alarms").seen
    assert not bench.tile("chart").isVisible()
    rows = [row for row in bench.stage.standing["main"].mosaic.findChildren(TabRow) if row.isVisible()]
    assert len(rows) == 2
    bench.run("tile.next_tab")
    assert bench.tile("chart").seen
    assert not bench.tile("alarms").isVisible()


def test_a_tab_dragged_out_stands_by_itself(bench: Bench) -> None:
    row = bench.stage.standing["main"].mosaic.findChild(TabRow)
    assert row is not None
    target = bench.tile("alarms")
    bench.drag(row, QPoint(row.width() - 20, 8), target.mapToGlobal(QPoint(target.width() // 2, target.height() - 20)))
    incidents = bench.tile("incidents")
    assert incidents.seen
    assert incidents.y() > bench.tile("alarms").geometry().bottom()
    assert not [row for row in bench.stage.standing["main"].mosaic.findChildren(TabRow) if row.isVisible()]


def test_a_drag_that_is_broken_off_changes_nothing(bench: Bench) -> None:
    before = bench.stage.layout
    grip = header(bench.tile("alarms"))
    mouse(grip, QEvent.Type.MouseButtonPress, grip.mapToGlobal(QPoint(40, 10)))
    mouse(grip, QEvent.Type.MouseMove, middle(bench.tile("chart")))
    assert bench.tiling.leave()
    mouse(grip, QEvent.Type.MouseButtonRelease, middle(bench.tile("chart")))
    settle()
    assert bench.stage.layout == before


def test_a_gap_is_dragged_and_stays_there_when_the_window_grows(bench: Bench) -> None:
    mosaic = bench.stage.standing["main"].mosaic
    gap = next(gap for gap in mosaic.stands.gaps if gap.path == ())
    start = QPoint(gap.box.x + 1, gap.box.y + 200)
    bench.drag(mosaic, start, mosaic.mapToGlobal(start + QPoint(100, 0)))
    assert bench.tile("alarms").width() == 400
    bench.window.resize(1804, 900)
    settle()
    assert bench.tile("alarms").width() == 400, "a fixed size stays"
    bench.run("arrange.undo")
    assert bench.tile("alarms").width() == 300


def test_keys_make_a_tile_wider_and_lower(bench: Bench) -> None:
    width, height = bench.tile("map").width(), bench.tile("map").height()
    bench.hold("map")
    bench.run("tile.wider")
    assert bench.tile("map").width() > width
    bench.run("tile.lower")
    assert bench.tile("map").height() < height


def test_a_detached_tile_keeps_its_panel_and_docks_again(bench: Bench) -> None:
    panel = bench.tile("chart").panel
    assert isinstance(panel, Recorder)
    bench.hold("chart")
    bench.run("tile.detach")
    assert len(bench.stage.windows) == 2
    assert bench.screen("chart") != "main"
    ticks(bench.room, 3)
    assert bench.tile("chart").seen
    bench.stage.standing[bench.screen("chart")].window.close()
    settle()
    assert bench.screen("chart") == "main"


def test_a_header_dropped_outside_gets_a_window_there(bench: Bench) -> None:
    bench.window.setGeometry(0, 0, 600, 500)
    settle()
    bench.drag(header(bench.tile("alarms")), QPoint(40, 10), QPoint(700, 300))
    one = bench.stage.standing[bench.screen("alarms")]
    assert one.place.screen.window is not None
    assert one.window.geometry().contains(QPoint(700, 300))


def test_a_new_tile_comes_beside_the_one_at_hand_and_can_be_closed(bench: Bench) -> None:
    bench.hold("map")
    count = len(bench.stage.tiles)
    bench.run("tile.add_video")
    assert len(bench.stage.tiles) == count + 1
    new = next(tile for tile in bench.stage.tiles if tile.spec.id == "video")
    ticks(bench.room, 3)
    assert new.panel is not None
    bench.hold("video~1")
    bench.run("tile.close")
    assert len(bench.stage.tiles) == count


def test_the_last_tile_of_a_screen_stays(bench: Bench) -> None:
    for id_ in ("alarms", "map", "chart", "posts", "incidents"):
        bench.tiling.do(partial(change.closed, tile=id_))
    assert len(bench.stage.tiles) == 1
    assert "layout.change" in [notice.key for notice in bench.room.notices.all()]


def test_a_locked_layout_is_moved_by_nobody(bench: Bench) -> None:
    bench.run("arrange.lock")
    x = bench.tile("alarms").x()
    bench.hold("alarms")
    bench.run("tile.move_right")
    bench.drag(header(bench.tile("alarms")), QPoint(40, 10), middle(bench.tile("chart")))
    assert bench.tile("alarms").x() == x
    bench.run("arrange.lock")
    bench.run("tile.move_right")
    assert bench.tile("alarms").x() > x


def test_changes_outlive_a_start_and_reset_forgets_them(bench: Bench) -> None:
    bench.hold("alarms")
    bench.run("tile.move_right")
    x = bench.tile("alarms").x()
    bench.tiling.keep()
    assert bench.tiling.open("mine")
    settle()
    bench.window.resize(1604, 900)
    settle()
    assert bench.tile("alarms").x() == x
    bench.run("arrange.reset")
    assert bench.tile("alarms").x() == 0


def test_saved_under_a_name_it_is_found_in_the_palette_and_readable(bench: Bench) -> None:
    bench.hold("alarms")
    bench.run("tile.move_right")
    bench.run("arrange.save_as")
    bench.names[0]("夜班 二")
    file = bench.folder / "layouts" / "夜班-二.toml"
    assert tomllib.loads(file.read_text("utf-8"))["title"][0] == "夜班 二"
    assert bench.stage.layout_id == "夜班-二"
    assert "layout.夜班-二" in [c.spec.id for c in bench.room.commands.find("bjyb")]
    assert bench.tiling.open("mine")
    assert bench.tile("alarms").x() == 0, "the one it came of is as it was saved"


def test_a_broken_working_copy_is_said_and_set_aside(bench: Bench) -> None:
    working = bench.folder / "layouts" / "working"
    working.mkdir(parents=True, exist_ok=True)
    (working / "mine.toml").write_text("version = 99", "utf-8")
    assert bench.tiling.open("mine")
    told = next(notice for notice in bench.room.notices.all() if notice.key == "layout.change")
    assert "99" in told.detail
    assert (working / "mine.toml.bad").exists()
    assert len(bench.stage.tiles) == 5


def test_a_layout_goes_out_as_a_file_and_comes_in_again(bench: Bench, tmp_path: Path) -> None:
    bench.run("arrange.export")
    file = tmp_path / "out.toml"
    bench.files[0](file)
    bench.run("arrange.import")
    bench.files[1](file)
    assert bench.stage.layout_id == "mine-2"
    bench.run("arrange.import")
    file.write_text("nonsense =", "utf-8")
    bench.files[2](file)
    assert bench.stage.layout_id == "mine-2"
    assert "layout.change" in [notice.key for notice in bench.room.notices.all()]


def test_own_layouts_are_bound_to_the_monitor_they_are_on(bench: Bench) -> None:
    bench.run("arrange.save")
    saved = LayoutStore(bench.folder / "layouts").load("mine")
    assert saved.screens[0].match == bench.window.screen().name()


def test_what_is_undone_after_saving_outlives_a_start(bench: Bench) -> None:
    bench.hold("alarms")
    bench.run("tile.move_right")
    bench.run("arrange.save")
    bench.run("arrange.undo")
    assert bench.room.session.layout_title().endswith("*")
    bench.tiling.keep()
    assert bench.tiling.open("mine")
    settle()
    assert bench.tile("alarms").x() == 0


def test_a_locked_layout_is_not_changed_by_undo(bench: Bench) -> None:
    bench.hold("alarms")
    bench.run("tile.move_right")
    x = bench.tile("alarms").x()
    bench.run("arrange.lock")
    bench.run("arrange.undo")
    assert bench.tiling.locked and bench.tile("alarms").x() == x
    bench.run("arrange.lock")
    bench.run("arrange.undo")
    assert bench.tile("alarms").x() == 0


def test_an_own_layout_is_not_lost_to_the_shipped_one_that_it_has_not(bench: Bench) -> None:
    bench.run("arrange.save")
    bench.run("arrange.as_shipped")
    assert "mine" in bench.stage.store.own()
    assert "layout.change" in [notice.key for notice in bench.room.notices.all()]
    assert bench.tiling.open("duty")
    bench.run("arrange.save")
    assert "duty" in bench.stage.store.own()
    bench.run("arrange.as_shipped")
    assert "duty" not in bench.stage.store.own()
    assert bench.stage.layout_id == "duty"


def test_no_other_layout_is_overwritten_by_one_of_its_name(bench: Bench) -> None:
    bench.stage.store.save(msgspec.structs.replace(LAYOUT, id="night", title=Text("night")))
    before = bench.stage.store.load("night")
    bench.hold("alarms")
    bench.run("tile.move_right")
    bench.run("arrange.save_as")
    bench.names[0]("night")
    assert bench.stage.layout_id == "mine"
    assert bench.stage.store.load("night") == before
    assert "layout.change" in [notice.key for notice in bench.room.notices.all()]


def test_what_is_undone_under_another_name_bears_that_name(bench: Bench) -> None:
    bench.hold("alarms")
    bench.run("tile.move_right")
    bench.run("arrange.save_as")
    bench.names[0]("night")
    bench.run("arrange.undo")
    assert bench.tile("alarms").x() == 0
    assert bench.stage.layout_id == "night"


def test_a_layout_as_it_was_saved_bears_no_star(bench: Bench) -> None:
    bench.hold("alarms")
    bench.run("tile.move_right")
    assert bench.room.session.layout_title().endswith("*")
    bench.run("arrange.reset")
    assert not bench.room.session.layout_title().endswith("*")


def test_another_layout_opened_in_the_middle_of_a_drag_leaves_tiles_that_can_be_dragged(bench: Bench) -> None:
    grip = header(bench.tile("alarms"))
    mouse(grip, QEvent.Type.MouseButtonPress, grip.mapToGlobal(QPoint(40, 10)))
    mouse(grip, QEvent.Type.MouseMove, middle(bench.tile("chart")))
    assert bench.tiling.open("duty")
    assert bench.tiling.open("mine")
    settle()
    ticks(bench.room, 6)
    bench.drag(header(bench.tile("alarms")), QPoint(40, 10), middle(bench.tile("chart")))
    assert not bench.tile("chart").isVisible(), "it went on a tab over it"


def test_a_tile_that_goes_while_it_is_dragged_leaves_others_that_can_be_dragged(bench: Bench) -> None:
    grip = header(bench.tile("alarms"))
    mouse(grip, QEvent.Type.MouseButtonPress, grip.mapToGlobal(QPoint(40, 10)))
    mouse(grip, QEvent.Type.MouseMove, middle(bench.tile("chart")))
    bench.tiling.do(partial(change.closed, tile="alarms"))
    settle()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not bench.tiling.leave()
    bench.drag(header(bench.tile("map")), QPoint(40, 10), middle(bench.tile("chart")))
    assert not bench.tile("chart").isVisible(), "it went on a tab over it"


def test_a_window_of_detached_tiles_stays_where_the_layout_is_locked(bench: Bench) -> None:
    bench.hold("chart")
    bench.run("tile.detach")
    bench.run("arrange.lock")
    bench.stage.standing[bench.screen("chart")].window.close()
    settle()
    assert bench.screen("chart") != "main"
    assert bench.tile("chart").seen


def test_the_keys_outlive_the_window_that_had_them(bench: Bench) -> None:
    screen = msgspec.structs.replace(LAYOUT.screens[0], name="another")
    bench.stage.show(msgspec.structs.replace(LAYOUT, screens=(screen,)))
    settle()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    bench.window.activateWindow()
    bench.hold("alarms")
    QTest.keyClick(bench.window.windowHandle(), Qt.Key.Key_L, CONTROL_SHIFT)
    assert bench.tiling.locked


def test_a_scene_of_a_wall_is_no_layout_of_the_desk_and_takes_no_number(bench: Bench) -> None:
    seen = tuple(msgspec.structs.replace(screen, pitch_mm=0.6, distance_m=8.0) for screen in LAYOUT.screens)
    hall = msgspec.structs.replace(LAYOUT, id="hall", title=Text("场景：大厅", "Hall"), role="wall", screens=seen)
    bench.stage.store.save(hall)
    bench.stage.store.save(msgspec.structs.replace(LAYOUT, id="night", title=Text("夜班", "Night")))
    bench.tiling.add_layouts()
    keys = {command.spec.id: command.spec.keys for command in bench.room.commands.all()}
    assert "layout.hall" not in keys and keys["layout.night"].startswith("Ctrl+")


def test_a_layout_for_grave_incidents_is_proposed_until_it_is_open(bench: Bench) -> None:
    bench.room.pacer.add_chrome(bench.tiling.proposing)
    bench.stage.store.save(msgspec.structs.replace(LAYOUT, id="grave", title=Text("重大", "Grave"), grade=2))
    bench.tiling.add_layouts()
    bench.room.desk.put(Incident(id="x", title=Text("火"), grade=1))
    ticks(bench.room, 3)
    proposed = [notice for notice in bench.room.notices.all() if notice.key == "layout.proposed"]
    assert "重大" in proposed[0].summary.zh
    assert bench.tiling.open("grave")
    assert "layout.proposed" not in [notice.key for notice in bench.room.notices.all()]
