"""On the air: a presenter's pointer, strokes and stills stand at the same thing on screens of other sizes."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from console.api import Access, PanelSpec, Person, Scene, Text, Wall
from console.resolve import declared
from console.shell.tile import Tile
from console.stage.stage import Stage
from console.stage.tiling import Tiling
from console.walls.airing import Airing
from console.walls.controls import InkButton
from console.walls.directing import Directing
from console.walls.on_air import OnAir
from console.walls.overlay import Overlay, panel_of
from console.walls.presenting import Said
from console.wire.walls import Present, Presenting, PresentRefused
from layouts.store import parse
from layouts.tree import by_content, numbered
from tests.qt.pointed import GROUND, PointedPanel
from tests.qt.saying import saying
from tests.qt.steps import settle, ticks
from tests.shell_fakes import NOW_NS, Room, small_city
from widgets.kit.buttons import ActButton

ROOT = Path(__file__).parents[2]
TOML = """
version = 2
id = "show"
title = ["演示", "Show"]
role = "wall"
[[screens]]
name = "A"
text_px = 40.0
top_bar = false
tree = { split = "h", parts = [{ panel = "map" }, { panel = "strips" }] }
"""
SCENE = Scene(number=1, layout=TOML, title=Text("演示", "Show"), by="p.li", t_ns=NOW_NS)
MAP = "map {}"
STRIPS = "strips {}"
WHITE = QColor("#FFFFFF")


class Node:
    """What a node does for one presenter, in place of one: begins at once, passes nothing on."""

    def __init__(self) -> None:
        self.on_present: Callable[[Said], None] | None = None
        self.sent: list[Present] = []
        self.refuses = False

    def watch(self, wall: str, owner: Hashable, *, pictures: bool = False) -> None:
        """Nobody presents yet."""

    def release(self, owner: Hashable) -> None:
        """No more."""

    def present(self, message: Present) -> None:
        self.sent.append(message)
        if self.refuses:
            self.say(PresentRefused(wall="hall", op=message.op, zh="由王控制", en="Wang has it"))
        elif message.op in ("begin", "end"):
            by = message.by if message.op == "begin" else ""
            self.say(Presenting(wall="hall", by=by, since_ns=NOW_NS, scene=1))

    def say(self, message: Said) -> None:
        assert self.on_present is not None
        self.on_present(message)

    def ops(self, op: str) -> list[Present]:
        return [message for message in self.sent if message.op == op]


class Hall:
    """A desk with the on-air window of a wall, and beside it the wall's own screen, larger."""

    def __init__(self, room: Room, folder: Path) -> None:
        self.room, self.node = room, Node()
        real: list[PanelSpec] = declared(ROOT / "widgets" / "plugin.toml", "panels")
        specs = {s.id: msgspec.structs.replace(s, factory="tests.qt.pointed:PointedPanel") for s in real}
        parts = (room.session, room.pacer, room.acts, room.replay, room.access)
        self.stage = Stage(*parts, specs, folder)
        self.tiling = Tiling(self.stage, room.session, folder, lambda *_: None, lambda *_: None)
        self.directing = Directing(self.stage, room.session, lambda *_: None)
        air = (self.directing, lambda: "p.li", self.tiling.take_in)
        self.airing = Airing(self.stage, room.session, room.pacer, self.node, *air)
        self.airing.add_commands()
        room.pacer.add_chrome(self.airing)
        self.machine = Stage(*parts, specs, folder / "machine")
        self.walls = Airing(self.machine, room.session, room.pacer, self.node, *air)
        # one process stands for two: what the presenter's desk sends is heard by the machine too
        self.node.on_present = self._both
        self.walls.follow("hall")
        room.desk.put(Wall(id="hall", name=Text("指挥大厅", "Hall"), scene=SCENE, controller="p.li"))
        self.stage.begin(numbered(parse(tomllib.loads(TOML.replace('"wall"', '"desk"')), "desk")))
        self.machine.begin(by_content(parse(tomllib.loads(TOML), "scene")))
        ticks(room, 6)

    def _both(self, message: Said) -> None:
        self.airing._audience.heard(message)
        self.walls._audience.heard(message)

    def pass_on(self) -> None:
        """What was sent arrives at the machine."""
        sent, self.node.sent = self.node.sent, []
        for message in sent:
            if message.op not in ("begin", "end"):
                self.walls._audience.heard(msgspec.structs.replace(message, by="p.li", t_ns=NOW_NS))
        settle()

    @property
    def window(self) -> OnAir:
        assert self.airing.window is not None
        return self.airing.window

    def present(self) -> OnAir:
        self.room.commands.run("wall.present")
        settle()
        ticks(self.room, 4)
        self.window.activateWindow()
        settle()
        self.node.sent.clear()
        return self.window

    def here(self, x: float, y: float) -> QPoint:
        """Where content (x, y) of the map lies in the on-air window's screen."""
        mosaic = self.window.screens.mosaics[0]
        return _place(self.window.screens.tiles[MAP], mosaic, x, y)

    def there(self, x: float, y: float) -> QPoint:
        """Where it lies on the wall."""
        return _place(self.tile(MAP), next(iter(self.machine.standing.values())).mosaic, x, y)

    def tile(self, id_: str) -> Tile:
        found = next(iter(self.machine.standing.values())).mosaic.by_id[id_]
        assert isinstance(found, Tile)
        return found

    @property
    def sheet(self) -> Overlay:
        presented = self.walls.presented
        assert presented is not None
        return presented.overlays[0]

    def colour(self, at: QPoint) -> QColor:
        """What the wall shows there."""
        mosaic = next(iter(self.machine.standing.values())).mosaic
        return mosaic.grab().toImage().pixelColor(at)

    def point(self, x: float, y: float) -> None:
        self.window.move_to(self.window.screens.mosaics[0], self.here(x, y))
        self.window.presenter.flush()
        self.pass_on()

    def draw(self, *points: tuple[float, float]) -> None:
        mosaic = self.window.screens.mosaics[0]
        self.window.press(mosaic, self.here(*points[0]))
        for point in points[1:]:
            self.window.move_to(mosaic, self.here(*point))
        self.window.presenter.release()
        self.pass_on()

    def close(self) -> None:
        for airing in (self.airing, self.walls):
            airing.close()
        self.directing.close()
        self.tiling.close()
        self.machine.close()
        self.stage.close()


def _place(tile: Tile, on: QWidget, x: float, y: float) -> QPoint:
    panel = recorder(tile)
    at = QPoint(round((x + panel.shift) / 10 * panel.width()), round(y / 10 * panel.height()))
    return panel.mapTo(on, at)


def recorder(tile: Tile) -> PointedPanel:
    panel = panel_of(tile)
    assert isinstance(panel, PointedPanel)
    return panel


@pytest.fixture
def hall(qapp: QApplication, tmp_path: Path) -> Iterator[Hall]:
    room = Room(tmp_path)
    small_city(room.desk)
    room.desk.access = Access(person="p.li", name=Text("李卫国"), may={"view": ("",), "wall.take": ("",)})
    room.desk.put(Person(id="p.li", name=Text("李卫国", "Li Weiguo")))
    made = Hall(room, tmp_path)
    yield made
    made.close()
    settle()
    room.close()


def test_the_pointer_stands_at_the_same_thing_on_a_larger_screen_and_follows_it(hall: Hall) -> None:
    hall.present()
    hall.point(4, 5)
    at = hall.there(4, 5)
    inside = at + QPoint(8, 24)  # of the arrow, right below its tip
    assert hall.colour(inside) == WHITE
    assert hall.colour(hall.there(7, 8)) == GROUND
    recorder(hall.tile(MAP)).shift = 2.0
    hall.sheet.look()
    assert hall.colour(inside) == GROUND
    assert hall.colour(hall.there(4, 5) + QPoint(8, 24)) == WHITE
    hall.window.presenter.point(None)
    hall.pass_on()
    assert hall.colour(hall.there(4, 5) + QPoint(8, 24)) == GROUND


def test_what_moves_repaints_no_more_than_where_it_was_and_is(hall: Hall) -> None:
    hall.present()
    hall.point(4, 5)
    sheet = hall.sheet
    settle()
    before = sheet.repainted_px
    hall.point(4.1, 5.1)
    settle()
    spent = sheet.repainted_px - before
    assert 0 < spent < sheet.width() * sheet.height() / 8
    before = sheet.repainted_px
    sheet.look()
    settle()
    assert sheet.repainted_px == before, "nothing moved"


def test_the_mouse_goes_through_the_sheet_to_the_tile(hall: Hall) -> None:
    hall.present()
    hall.point(4, 5)
    mosaic = next(iter(hall.machine.standing.values())).mosaic
    assert mosaic.childAt(hall.there(4, 5)) is recorder(hall.tile(MAP))


def test_strokes_lie_on_what_they_were_drawn_on_in_their_inks_and_are_taken_back(hall: Hall) -> None:
    window = hall.present()
    hall.draw((2, 2), (8, 2))
    QTest.keyClick(window, Qt.Key.Key_4)
    hall.draw((2, 6), (8, 6))
    assert hall.colour(hall.there(5, 2)) == WHITE
    black = [hall.colour(hall.there(x / 10, 6)).lightness() for x in range(25, 75)]
    assert min(black) < 40, "ink four is dark"
    recorder(hall.tile(MAP)).shift = 1.0
    hall.sheet.look()
    assert hall.colour(hall.there(5, 2)) == WHITE
    QTest.keyClick(window, Qt.Key.Key_Z)
    hall.pass_on()
    assert hall.colour(hall.there(5, 6)) == GROUND
    assert hall.colour(hall.there(5, 2)) == WHITE
    QTest.keyClick(window, Qt.Key.Key_C)
    hall.pass_on()
    assert hall.colour(hall.there(5, 2)) == GROUND


def test_a_frozen_tile_stands_still_with_its_mark_and_goes_on_afresh(hall: Hall) -> None:
    hall.present()
    hall.window.presenter.freeze(STRIPS)
    hall.pass_on()
    tile = hall.tile(STRIPS)
    assert tile not in hall.room.pacer.tiles
    frames = len(recorder(tile).frames)
    at = tile.geometry().center() + QPoint(0, tile.height() // 2 - 45)
    assert hall.colour(at) != GROUND, "the mark stands there"
    hall.room.desk.sample("s1", 1.0)
    ticks(hall.room, 4)
    assert len(recorder(tile).frames) == frames
    hall.window.presenter.freeze(STRIPS)
    hall.pass_on()
    ticks(hall.room, 4)
    assert recorder(tile).frames[-1].seeked, "what it had may be old"
    assert hall.colour(at) == GROUND


def test_the_wall_follows_the_presenters_map_and_never_the_presenters_own_screen(hall: Hall) -> None:
    window = hall.present()
    here, there = recorder(window.screens.tiles[MAP]), recorder(hall.tile(MAP))
    window._flush()
    hall.pass_on()
    assert not there.restored
    here.state["lon"] = 108.9
    window._flush()
    hall.pass_on()
    assert there.restored["lon"] == 108.9
    assert there.restored["px"] == [here.width(), here.height()]
    assert not here.restored
    assert "home" not in there.restored
    QTest.keyClick(window, Qt.Key.Key_P)
    settle()
    assert (there.restored["lon"], there.restored["home"]) == (1.0, True), "nobody presents: it looks as before"
    assert not here.restored


SPANNED = """
version = 3
id = "wide"
title = ["跨屏", "Wide"]
role = "wall"
[[screens]]
name = "A"
text_px = 40.0
top_bar = false
tree = { panel = "map", span = "one" }
[[screens]]
name = "B"
text_px = 40.0
top_bar = false
tree = { split = "h", parts = [{ panel = "map", span = "one" }, { panel = "strips" }] }
"""


def test_a_stroke_goes_on_where_a_picture_over_two_screens_does_and_the_pointer_is_on_one(hall: Hall) -> None:
    scene = msgspec.structs.replace(SCENE, layout=SPANNED)
    hall.room.desk.put(Wall(id="hall", name=Text("指挥大厅", "Hall"), scene=scene, controller="p.li"))
    window = hall.present()
    left, right = window.screens.mosaics
    beside = recorder(window.screens.tiles["map {} ~2"])
    beside.shift = -10.0  # it shows 10 to 20 of what the other shows 0 to 10
    start, end = hall.here(8, 5), hall.here(14, 5)
    window.press(left, start)
    window.move_to(left, end)
    window.presenter.release()
    settle()
    there = beside.mapTo(right, QPoint(round(beside.width() * 0.2), round(beside.height() * 0.5)))
    shown = right.grab().toImage()
    assert shown.pixelColor(there) == WHITE
    assert shown.pixelColor(there + QPoint(0, 40)) == GROUND
    assert left.grab().toImage().pixelColor(hall.here(9, 5)) == WHITE
    window.move_to(left, hall.here(3, 3))
    window.presenter.flush()
    sheets = {sheet.parentWidget(): sheet for sheet in window.presented.overlays}
    assert sheets[left].pointer is not None
    assert sheets[right].pointer is None


def test_its_tiles_are_about_what_the_scene_is_about_whatever_is_selected_here(hall: Hall) -> None:
    scene = msgspec.structs.replace(SCENE, subject="incident:i1")
    hall.room.desk.put(Wall(id="hall", name=Text("指挥大厅", "Hall"), scene=scene, controller="p.li"))
    window = hall.present()
    hall.room.session.select("sensor:s1")
    assert recorder(window.screens.tiles[MAP]).host.selection == "incident:i1"
    own = next(tile for tile in hall.stage.tiles if tile.spec.id == "map")
    assert recorder(own).host.selection == "sensor:s1"


def test_keys_are_the_windows_own_and_arrows_the_tiles_under_the_hand(hall: Hall) -> None:
    window = hall.present()
    for key in (Qt.Key.Key_P, Qt.Key.Key_F, Qt.Key.Key_C, Qt.Key.Key_Z, Qt.Key.Key_1, Qt.Key.Key_Left):
        assert window._own(_key(key)) is not None
    QTest.keyClick(window, Qt.Key.Key_P)
    assert hall.node.ops("end")
    assert window._own(_key(Qt.Key.Key_C)) is None, "what is not presented has nothing to clear"


def test_an_ink_is_picked_and_presenting_ended_by_mouse_too(hall: Hall) -> None:
    window = hall.present()
    third = next(ink for ink in window.findChildren(InkButton) if ink.number == 2)
    QTest.mouseClick(third, Qt.MouseButton.LeftButton)
    assert window.presenter.colour == 2 and third.chosen
    end = next(button for button in window.findChildren(ActButton) if button.isEnabled())
    QTest.mouseClick(end, Qt.MouseButton.LeftButton)
    assert hall.node.ops("end") and not third.isVisible()


def _key(key: Qt.Key) -> Any:
    return QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)


def test_a_refusal_is_said_and_nothing_is_presented(hall: Hall) -> None:
    hall.node.refuses = True
    window = hall.present()
    assert not window.presenter.presents
    told = next(notice for notice in hall.room.notices.all() if notice.key == "wall.present")
    assert told.summary.zh == "由王控制"


def test_a_new_scene_takes_the_marks_at_once_and_tiles_that_stay_are_the_same(hall: Hall) -> None:
    window = hall.present()
    hall.draw((2, 2), (8, 2))
    tile = window.screens.tiles[MAP]
    other = TOML.replace('{ panel = "strips" }', '{ panel = "posts" }')
    scene = msgspec.structs.replace(SCENE, number=2, layout=other)
    hall.room.desk.put(Wall(id="hall", name=Text("指挥大厅", "Hall"), scene=scene, controller="p.li"))
    ticks(hall.room, 10)
    assert window.screens.tiles[MAP] is tile
    assert "posts {}" in window.screens.tiles
    presented = hall.walls.presented
    assert presented is not None
    presented._look()
    assert hall.colour(hall.there(5, 2)) == GROUND


def test_a_scene_of_screens_of_another_shape_is_shown_in_that_shape(hall: Hall) -> None:
    window = hall.present()
    wide = window.screens.mosaics[0]
    assert wide.width() > wide.height()
    other = TOML.replace('name = "A"', 'name = "A"\nsize_px = [1080, 1920]').replace("version = 2", "version = 3")
    scene = msgspec.structs.replace(SCENE, number=2, layout=other)
    hall.room.desk.put(Wall(id="hall", name=Text("指挥大厅", "Hall"), scene=scene, controller="p.li"))
    ticks(hall.room, 10)
    (high,) = window.screens.mosaics
    assert high.height() > high.width()
    assert [tile.spec.id for tile in window.screens.tiles.values() if tile.panel is not None] == ["map", "strips"]


def test_closing_the_window_ends_presenting_and_its_tiles(hall: Hall) -> None:
    tiles = len(hall.room.pacer.tiles)
    window = hall.present()
    assert len(hall.room.pacer.tiles) == tiles + 2
    QTest.keyClick(window, Qt.Key.Key_Escape)
    settle()
    assert hall.node.ops("end")
    assert len(hall.room.pacer.tiles) == tiles
    assert hall.airing.window is None


def test_a_tile_is_pulled_to_the_desk_and_undone(hall: Hall) -> None:
    window = hall.present()
    layout = hall.stage.layout
    part = next(place.part for place in window.screens.mosaics[0].stands.tiles if place.part.panel == "strips")
    window.pulled.emit(part)
    settle()
    assert [tile.spec.id for tile in hall.stage.tiles].count("strips") == 2
    hall.tiling.undo()
    settle()
    assert hall.stage.layout == layout


def test_a_desks_tile_is_sent_into_the_preview_in_place_of_one_and_of_the_next(hall: Hall) -> None:
    tile = next(t for t in hall.stage.tiles if t.spec.id == "strips")
    hall.stage.windows[0].activateWindow()
    tile.setFocus()
    settle()
    hall.room.commands.run("wall.send_tile")
    settle()
    preview = hall.directing.preview
    assert preview is not None
    panels = [part.panel for screen in preview.layout_shown.screens for part in screen.tree.parts]
    assert panels == ["map", "strips"], "its own kind first"
    hall.room.commands.run("wall.send_tile")
    settle()
    preview = hall.directing.preview
    assert preview is not None
    panels = [part.panel for screen in preview.layout_shown.screens for part in screen.tree.parts]
    assert panels == ["strips", "strips"]
    assert not hall.room.desk.intents, "nothing reaches the wall"


def test_it_says_who_presents_in_both_languages(hall: Hall) -> None:
    with saying("zh", "on_air_zh"):
        window = hall.present()
        assert "指挥大厅 实况 · 李卫国 自 " in window.said
    hall.room.language.toggle()
    window.say()
    assert "Li Weiguo presents since" in window.said
