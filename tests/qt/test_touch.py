"""Hands on a screen: everything that can be pressed is 9 mm, a tap is a click, a held finger a right click, tiles and
gaps are dragged; and what a person set is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QApplication

from console.api import PanelSpec
from console.resolve import declared
from console.shell.access.page import Page
from console.shell.dialogs import Sheet
from console.shell.fitting import Fitting
from console.shell.measure import Glass
from console.shell.screens import ScreenStyle
from console.shell.tile_header import TileHeader
from console.stage.stage import Stage
from layouts.handles import Handle
from layouts.mosaic import Mosaic, TabRow
from layouts.store import PRESETS, read
from layouts.tree import Role
from layouts.wall import Place
from tests.fakes import FakeHost
from tests.incident_scene import told
from tests.qt.fingers import Finger, menus, patient, silent, small, standard
from tests.qt.steps import settle, ticks, until
from tests.shell_fakes import Room
from widgets.kit.fields import LineField
from widgets.kit.lists import PaintedList
from widgets.kit.sheet import Sheet as Sheet_
from widgets.kit.targets import Hold

ROOT = Path(__file__).parents[2]
HANDS = sorted(file.stem for file in PRESETS.glob("*.toml") if read(file).role != "wall")
FULL_HD = Glass(width_px=1920, height_px=1080, width_mm=527, height_mm=296)
UHD = Glass(width_px=3840, height_px=2160, width_mm=597, height_mm=336)
TABLET = Glass(width_px=1366, height_px=768, width_mm=256, height_mm=144)
WEB = ("map", "web")
"""Panels that are pages; what is pressed in them is measured where they are."""


def storm_in(room: Room) -> None:
    """The storm with an incident's record, as the node would tell it."""
    host = FakeHost()
    told(host)
    for entities in host.store.values():
        room.desk.put(*entities.values())
    for sensor, (t_ns, v, _q, rate) in host.samples.items():
        if not isinstance(v, tuple):
            room.desk.samples[sensor] = (t_ns, v, rate)
    room.session.select("incident:i3")


@pytest.fixture
def glass() -> Glass:
    return FULL_HD


@pytest.fixture
def fitting(tmp_path: Path, glass: Glass) -> Fitting:
    return Fitting(tmp_path, detected=lambda: True, look=lambda _screen: glass)


@pytest.fixture
def stage(room: Room, tmp_path: Path, fitting: Fitting) -> Iterator[Stage]:
    real: list[PanelSpec] = declared(ROOT / "widgets" / "plugin.toml", "panels")
    plain = "tests.qt.recorder:Recorder"
    specs = {s.id: msgspec.structs.replace(s, factory=plain) if s.id in WEB else s for s in real}
    made = Stage(room.session, room.pacer, room.acts, room.replay, room.access, specs, tmp_path)

    def fitted(style: ScreenStyle, place: Place, screen: QScreen) -> ScreenStyle:
        text_px = style.text_px * fitting.text_factor(screen)
        return msgspec.structs.replace(style, text_px=text_px, target_px=fitting.target_px(screen, style.role))

    made.fitted = fitted
    storm_in(room)
    yield made
    room.tasks.run_all()
    made.close()
    settle()


@pytest.mark.parametrize(
    ("layout", "glass"),
    [*((layout, FULL_HD) for layout in HANDS), ("vehicle", TABLET), ("duty", UHD)],
    ids=[*HANDS, "vehicle-tablet", "duty-4k"],
)
def test_everything_that_can_be_pressed_is_nine_millimetres(
    room: Room, stage: Stage, fitting: Fitting, layout: str, glass: Glass
) -> None:
    assert stage.open(layout)
    window = stage.windows[0]
    window.showNormal()
    window.resize(round(glass.width_px), round(glass.height_px))
    ticks(room, len(stage.tiles) + 3)
    room.tasks.run_all()
    settle()
    window.grab()
    assert not [tile.name for tile in stage.tiles if tile.failed]
    least = fitting.target_px(window.screen(), role_of(stage))
    assert least >= 9 * glass.width_px / glass.width_mm
    assert [str(one) for one in small(window, least)] == []
    assert silent(window) == ["Mosaic"]  # its gaps are moved by the handles on them, which are measured


def role_of(stage: Stage) -> Role:
    assert stage.layout is not None
    return stage.layout.role


def test_without_hands_it_is_dense_and_the_measure_sees_it(room: Room, stage: Stage, fitting: Fitting) -> None:
    fitting.turn_touch()
    assert stage.open("duty")
    ticks(room, len(stage.tiles) + 3)
    window = stage.windows[0]
    window.grab()
    assert stage.standing["main"].style.target_px == 0
    assert {one.widget for one in small(window, 36)} >= {"StatusLine", "TopBar"}


def test_error_cards_have_buttons_for_fingers(room: Room, stage: Stage) -> None:
    stage.open("duty")
    ticks(room, len(stage.tiles) + 3)
    tile = next(tile for tile in stage.tiles if tile.seen)
    tile.fail(ValueError("a test"))
    settle()
    assert small(tile, 36) == []


# ---------------------------------------------------------------- what a finger does


@pytest.fixture
def finger(qapp: QApplication) -> Finger:
    return Finger()


def test_a_tap_is_a_click_and_beside_a_small_sign_still_means_it(room: Room, stage: Stage, finger: Finger) -> None:
    standard(room, stage)
    ran: list[object] = []
    room.commands.ran.connect(ran.append)
    stage.open("duty")
    ticks(room, 8)
    bar = stage.windows[0].top_bar
    assert bar is not None
    bar.grab()
    patient(stage.windows[0])
    sign = next(one.rect for one in bar._hits if one.act == "palette.open")
    finger.tap(bar, QPoint(round(sign.center().x()), round(sign.top()) - 5))
    assert ran == ["palette.open"]
    for sheet in stage.windows[0].findChildren(Sheet):
        sheet.reject()
    settle()


def test_a_finger_held_on_a_header_opens_its_menu(room: Room, stage: Stage, finger: Finger) -> None:
    stage.open("duty")
    ticks(room, 8)
    head = stage.windows[0].findChild(TileHeader)
    assert head is not None
    finger.press(head, QPoint(30, 10))
    until(lambda: bool(menus()))
    finger.release(head, QPoint(30, 10))
    (menu,) = menus()
    assert [action.text() for action in menu.actions()]
    assert all(menu.actionGeometry(action).height() >= 36 for action in menu.actions())
    menu.close()
    settle()


def test_a_finger_that_moves_asks_for_no_menu(room: Room, stage: Stage, finger: Finger) -> None:
    stage.open("duty")
    ticks(room, 8)
    head = stage.windows[0].findChild(TileHeader)
    assert head is not None
    patient(stage.windows[0])
    hold = head.findChild(Hold)
    assert hold is not None
    finger.press(head, QPoint(30, 10))
    waiting = [hold.waiting]
    finger.move(head, QPoint(120, 10))
    waiting.append(hold.waiting)
    finger.release(head, QPoint(120, 10))
    assert waiting == [True, False]


def test_a_gap_is_dragged_by_its_handle(room: Room, stage: Stage, finger: Finger) -> None:
    stage.open("duty")
    stage.windows[0].showNormal()
    stage.windows[0].resize(1920, 1080)
    ticks(room, 8)
    edited: list[object] = []
    stage.edited.connect(lambda _screen, tree: edited.append(tree))
    handle = handle_of(stage)
    before = handle.x()
    middle = handle.rect().center()
    finger.press(handle, middle)
    for by in (20, 60, 90):  # the handle goes with its gap, the finger is where it is on the screen
        finger.move(handle, handle.mapFromGlobal(stage.windows[0].mapToGlobal(at(stage, before, middle, by))))
    finger.release(handle, handle.mapFromGlobal(stage.windows[0].mapToGlobal(at(stage, before, middle, 90))))
    assert handle.x() == before + 90
    assert len(edited) == 1


def handle_of(stage: Stage) -> Handle:
    """The one of the gap between the left column and the rest."""
    handles = stage.windows[0].findChildren(Handle)
    return next(h for h in handles if h.isVisible() and h.gap is not None and (h.gap.path, h.gap.index) == ((), 0))


def at(stage: Stage, x: int, middle: QPoint, by: int) -> QPoint:
    """A place on the window, `by` px beside where a handle at `x` of its mosaic stood."""
    mosaic = stage.windows[0].mosaic
    assert mosaic is not None
    handle = handle_of(stage)
    return mosaic.mapTo(stage.windows[0], QPoint(x + middle.x() + by, handle.y() + middle.y()))


def test_a_tap_on_a_handle_is_meant_for_what_lies_beneath(room: Room, stage: Stage, finger: Finger) -> None:
    stage.open("vehicle")
    ticks(room, 8)
    mosaic = stage.windows[0].mosaic
    assert isinstance(mosaic, Mosaic)
    rows = mosaic.findChildren(TabRow)
    row = next(row for row in rows if row.isVisible())
    handle = Handle(mosaic, mosaic)
    gap = next(h.gap for h in mosaic.findChildren(Handle) if h.gap is not None)
    handle.gap = gap
    handle.setGeometry(row.geometry())
    handle.show()
    handle.raise_()
    picked: list[object] = []
    row.picked.connect(picked.append)
    finger.tap(handle, QPoint(handle.width() - 10, 10))
    assert picked == [len(row.titles) - 1]
    handle.hide()
    handle.deleteLater()


def test_a_tile_is_dragged_by_its_header(room: Room, stage: Stage, finger: Finger) -> None:
    stage.open("duty")
    ticks(room, 8)
    torn: list[object] = []
    stage.torn.connect(lambda tile, _grip: torn.append(tile))
    patient(stage.windows[0])
    tile = next(tile for tile in stage.tiles if tile.grip is not None and tile.seen)
    head = tile.findChild(TileHeader)
    assert head is not None
    finger.press(head, QPoint(40, 12))
    finger.move(head, QPoint(46, 12))
    assert not torn  # a finger trembles
    finger.move(head, QPoint(140, 60))
    assert len(torn) == 1
    finger.release(head, QPoint(140, 60))


def test_a_finger_scrolls_a_list_and_a_tap_chooses_on_it(room: Room, stage: Stage, finger: Finger) -> None:
    stage.open("duty")
    stage.windows[0].showNormal()
    stage.windows[0].resize(780, 700)
    ticks(room, len(stage.tiles) + 3)
    lists = [one for one in stage.windows[0].findChildren(PaintedList) if one.isVisible()]
    rows = max(lists, key=lambda one: one.verticalScrollBar().maximum())
    assert rows.verticalScrollBar().maximum() > 40
    chosen: list[object] = []
    rows.chosen.connect(chosen.append)
    view = rows.viewport()
    finger.press(view, QPoint(40, 60))
    finger.move(view, QPoint(40, 57))
    finger.move(view, QPoint(40, 20))
    finger.release(view, QPoint(40, 20))
    assert (rows.verticalScrollBar().value(), chosen) == (40, [])
    finger.tap(view, QPoint(40, 20))
    assert len(chosen) == 1


@pytest.mark.parametrize("page", [Page.LOGIN, Page.LOCKED, Page.CHANGE])
@pytest.mark.parametrize(("layout", "glass"), [("duty", FULL_HD), ("vehicle", TABLET)], ids=["desk", "vehicle"])
def test_the_pages_of_the_account_are_for_fingers_too(
    room: Room, stage: Stage, fitting: Fitting, layout: str, glass: Glass, page: Page
) -> None:
    stage.open(layout)
    window = stage.windows[0]
    window.showNormal()
    window.resize(round(glass.width_px), round(glass.height_px))
    ticks(room, 4)
    room.session.cover(page)
    settle()
    window.grab()
    assert [str(one) for one in small(window, fitting.target_px(window.screen(), role_of(stage)))] == []
    room.session.cover(Page.NONE)
    settle()


def test_a_finger_draws_a_form_along(qapp: QApplication, finger: Finger) -> None:
    form = Sheet_(lambda px: px, "head", "", "save", "back")
    for n in range(30):
        form.add(f"field {n}", LineField(lambda px: px))
    form.resize(400, 300)
    form.show()
    settle()
    inside, bar = form._inside, form._scroll.verticalScrollBar()
    finger.press(inside, QPoint(4, 120))
    finger.move(inside, QPoint(4, 90))
    assert bar.value() == 30
    finger.release(inside, QPoint(4, 90))
    form.close()
    form.deleteLater()


def test_locked_layouts_have_no_handles(room: Room, stage: Stage) -> None:
    stage.movable = lambda: False
    stage.open("duty")
    ticks(room, 4)
    assert not [h for h in stage.windows[0].findChildren(Handle) if h.isVisible()]


# ---------------------------------------------------------------- what a person sets


def test_what_is_set_outlives_the_console(tmp_path: Path, qapp: QApplication) -> None:
    screen = QApplication.primaryScreen()
    one = Fitting(tmp_path, detected=lambda: False)
    assert not one.touch
    changes: list[None] = []
    one.changed.connect(lambda: changes.append(None))
    one.turn_touch()
    one.step_text(screen, 1)
    assert len(changes) == 2
    again = Fitting(tmp_path, detected=lambda: False)
    assert again.touch and again.text_factor(screen) == 1.1
    again.step_text(screen, 0)
    again.turn_touch()
    assert not Fitting(tmp_path, detected=lambda: True).touch
    assert Fitting(tmp_path).text_factor(screen) == 1.0


def test_a_file_that_cannot_be_read_is_as_none(tmp_path: Path, qapp: QApplication) -> None:
    (tmp_path / "screens.json").write_bytes(b'{"touch": 7')
    fitting = Fitting(tmp_path, detected=lambda: True)
    assert fitting.touch
    assert fitting.text_factor(QApplication.primaryScreen()) == 1.0


def test_a_wall_is_touched_by_nobody(tmp_path: Path, qapp: QApplication) -> None:
    fitting = Fitting(tmp_path, detected=lambda: True)
    screen = QApplication.primaryScreen()
    assert fitting.target_px(screen, "wall", touched=True) == 0
    assert Fitting(tmp_path, detected=lambda: False).target_px(screen, "vehicle") == 44
    assert Fitting(tmp_path, detected=lambda: False).target_px(screen, "desk", touched=True) >= 35
