"""The panel of walls: how each looks, and that nothing which is old, lost or wrong looks as if it were well."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.api import LIVE, NS, Access, Feed, Person, Picture, PictureState, Scene, SceneRule, Text, Wall, WallMachine
from tests.fakes import NOW_NS, FakeHost
from widgets.kit.buttons import ActButton
from widgets.kit.thumbnails import Thumbnails
from widgets.walls.panel import WallsPanel
from widgets.walls.spec import WallsSettings

LAYOUT = '[[screens]]\nname = "left"\nmachine = "a"\n[[screens]]\nname = "right"\nmachine = "b"\n'
SCENE = Scene(number=12, layout=LAYOUT, title=Text("暴雨", "Storm"), by="p.li", t_ns=NOW_NS - 600 * NS)
HALL = Wall(id="hall", name=Text("指挥大厅", "Hall"), scene=SCENE, controller="p.wang", before=Text("常态", "Normal"))


class Screen:
    """A wall's screen, of one colour."""

    def __init__(self, id_: str) -> None:
        self.id = id_
        self.state, self.last_t_ns, self.closed = PictureState.CONNECTING, 0, False
        self.colour = (0, 200, 0, 255)
        self.detail, self.fps = "", 1.0
        self._callback: Callable[[], None] = lambda: None

    def picture(self) -> Picture | None:
        if not self.last_t_ns:
            return None
        bgra = np.full((90, 160, 4), self.colour, np.uint8)
        return Picture(bgra=bgra, t_ns=self.last_t_ns, serial=1)

    def resize(self, width_px: int, height_px: int) -> None: ...

    def on_picture(self, callback: Callable[[], None]) -> None:
        self._callback = callback

    def show(self, state: PictureState, age_s: float) -> None:
        self.state, self.last_t_ns = state, NOW_NS - int(age_s * NS)
        self._callback()

    def close(self) -> None:
        self.closed = True


class WallHost(FakeHost):
    """A host whose feeds are screens of walls."""

    def __init__(self) -> None:
        super().__init__()
        self.screens: dict[str, Screen] = {}

    def feed(self, camera_id: str, stream: str = "main") -> Feed:
        self.screens[camera_id] = Screen(camera_id)
        return self.screens[camera_id]


@pytest.fixture
def host(qapp: QApplication) -> WallHost:
    made = WallHost()
    made.access = Access(person="p.li", name=Text("李卫国"))
    made.put(Person(id="p.li", name=Text("李卫国", "Li")), Person(id="p.wang", name=Text("王强", "Wang")))
    return made


@pytest.fixture
def panel(host: WallHost) -> Iterator[WallsPanel]:
    made = WallsPanel(host, WallsSettings())
    made.resize(900, 600)
    made.show()
    yield made
    made.close_panel()
    made.hide()
    made.deleteLater()
    QApplication.sendPostedEvents()


def said(panel: WallsPanel, host: WallHost, after_s: float = 1.0) -> list[str]:
    """What it says of the machines."""
    panel.update_frame(host.frame(after_s=after_s))
    panel.grab()
    return [one.words for row in panel._list.rows for one in row.machines]


def machine(name: str, number: int = 12, missing: tuple[str, ...] = ()) -> WallMachine:
    screens = {"a": ("left",), "b": ("right",)}.get(name, ())
    return WallMachine(id=f"hall/{name}", wall="hall", machine=name, number=number, screens=screens, missing=missing)


def test_it_says_scene_person_and_control(panel: WallsPanel, host: WallHost) -> None:
    host.put(HALL, machine("a"), machine("b"))
    assert said(panel, host) == ["machine a: shows scene 12", "machine b: shows scene 12"]
    (row,) = panel._list.rows
    assert (row.name, row.title, row.control) == ("指挥大厅", "暴雨", "controlled by 王强")
    assert row.line.startswith("by 李卫国") and "10 min" in row.line and row.rules == ""


def test_turns_replay_rules_and_who_asks_are_said(panel: WallsPanel, host: WallHost) -> None:
    scene = msgspec.structs.replace(SCENE, turns=(LAYOUT,), every_s=30, context="replay:K7QX", rule="r1")
    rule = SceneRule(id="r1", grade=2, layout=LAYOUT, title=Text("暴雨"), by="p.wang")
    host.put(msgspec.structs.replace(HALL, scene=scene, rules=(rule,), asked=("p.li", "p.x")), machine("a"))
    said(panel, host)
    (row,) = panel._list.rows
    assert all(word in row.line for word in ("by a rule", "2 scenes in turn", "replay K7QX"))
    assert row.rules == "By itself: grade II or graver → 暴雨 (王强)"
    assert row.control == "controlled by 王强 · 李卫国 asks for it +1"
    assert LIVE not in row.line


def test_a_machine_that_is_behind_gone_or_without_a_monitor_is_said(panel: WallsPanel, host: WallHost) -> None:
    host.put(HALL, machine("a", 11), machine("b", missing=("right",)))
    assert said(panel, host) == ["machine a: still on scene 11", "machine b: no monitor for right"]
    host.drop(WallMachine, "hall/a")
    assert said(panel, host)[0].startswith("machine a: not heard for")
    assert said(panel, host, after_s=40.0)[0] == "machine a: not heard for 40 s"
    assert host.headers[-1].marks == ("1 with trouble",)
    host.put(machine("a"))
    assert said(panel, host)[0] == "machine a: shows scene 12"


def test_the_screens_of_our_own_presets_are_called_in_the_language_of_the_screen(
    panel: WallsPanel, host: WallHost
) -> None:
    host.put(HALL, machine("a"), machine("b", missing=("upper-left", "lower-right", "right")))
    assert said(panel, host)[1].endswith("左上、右下、right")
    host.language = "en"
    assert said(panel, host)[1].endswith("upper-left, lower-right, right")


def test_a_machine_that_was_never_heard_is_said_by_the_scene(panel: WallsPanel, host: WallHost) -> None:
    host.put(HALL, machine("a"))
    assert said(panel, host) == ["machine a: shows scene 12", "machine b: never heard"]


def test_one_machine_may_have_the_screens_of_all(panel: WallsPanel, host: WallHost) -> None:
    host.put(HALL, WallMachine(id="hall/", wall="hall", number=12, screens=("left", "right")))
    assert said(panel, host) == ["the wall machine: shows scene 12"]
    assert not panel._list.rows[0].wrong


def test_a_machine_may_take_a_moment_to_change(panel: WallsPanel, host: WallHost) -> None:
    new = msgspec.structs.replace(SCENE, t_ns=NOW_NS)
    host.put(msgspec.structs.replace(HALL, scene=new), machine("a", 11), machine("b", 12))
    assert said(panel, host)[0] == "machine a: changing"
    assert said(panel, host, after_s=5.0)[0] == "machine a: still on scene 11"


def test_it_reads_pictures_only_while_it_is_seen(panel: WallsPanel, host: WallHost) -> None:
    host.put(HALL, machine("a"), machine("b"))
    said(panel, host)
    assert sorted(host.screens) == ["wall:hall/left", "wall:hall/right"]
    first = list(host.screens.values())
    panel.hide()
    assert all(screen.closed for screen in first)
    panel.show()
    said(panel, host)
    assert not any(screen.closed for screen in host.screens.values())


def test_a_scene_with_other_screens_is_read_anew(panel: WallsPanel, host: WallHost) -> None:
    host.put(HALL, machine("a"))
    said(panel, host)
    other = msgspec.structs.replace(SCENE, number=13, layout='[[screens]]\nname = "right"\n')
    host.put(msgspec.structs.replace(HALL, scene=other))
    said(panel, host)
    assert host.screens["wall:hall/left"].closed and not host.screens["wall:hall/right"].closed


def test_the_chosen_wall_is_the_one_that_is_directed(panel: WallsPanel, host: WallHost) -> None:
    host.put(HALL, msgspec.structs.replace(HALL, id="lobby", name=Text("中庭")))
    said(panel, host)
    QTest.keyClick(panel._list, Qt.Key.Key_End)
    assert host.commands == [f"wall.choose_{panel._list.selected}"]
    before = panel._list.selected
    QTest.keyClick(panel._list, Qt.Key.Key_Up)
    assert panel._list.selected != before
    assert host.commands[-1] == f"wall.choose_{panel._list.selected}"


def test_what_can_be_done_follows_who_controls_it(panel: WallsPanel, host: WallHost) -> None:
    def words() -> list[str]:
        said(panel, host)
        return [button.text() for button in panel.findChildren(ActButton) if button.isVisible()]

    host.put(HALL)
    assert words() == ["Preview and change", "Ask for it", "Take over"]
    host.put(msgspec.structs.replace(HALL, asked=("p.li",)))
    assert words() == ["Preview and change", "Take over"]
    host.put(msgspec.structs.replace(HALL, controller="p.li", asked=("p.wang",)))
    assert words() == ["Preview and change", "Scene before", "Hand over"]
    button = next(button for button in panel.findChildren(ActButton) if button.text() == "Hand over")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert host.commands[-2:] == ["wall.choose_hall", "wall.give"]
    host.forbidden = frozenset({"wall.take"})
    assert words() == []


def test_an_empty_list_says_how_a_wall_comes_to_be(panel: WallsPanel, host: WallHost) -> None:
    assert said(panel, host) == [] and panel._list.keys == ()
    host.put(machine("a", 0))
    said(panel, host)
    assert [(row.name, row.title) for row in panel._list.rows] == [("hall", "no scene yet")]
    assert said(panel, host) == ["machine a: waits for a scene"]


# ---------------------------------------------------------------- thumbnails


def painted(screens: Thumbnails, wrong: dict[str, str] | None = None) -> QImage:
    image = QImage(400, 225, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.black)
    p = QPainter(image)
    screens.paint(p, QRectF(0, 0, 400, 225), 11.0, NOW_NS, "zh", wrong=wrong)
    p.end()
    return image


def green(image: QImage) -> float:
    """The share of pixels that are as the picture is."""
    colours = [QColor(image.pixel(x, y)) for x in range(5, 395, 5) for y in range(5, 190, 5)]
    return sum(c.green() > 190 and c.red() < 20 for c in colours) / len(colours)


def test_only_a_live_picture_looks_live(qapp: QApplication) -> None:
    opened: list[Screen] = []

    def open_feed(id_: str) -> Feed:
        opened.append(Screen(id_))
        return opened[-1]

    told: list[int] = []
    screens = Thumbnails(open_feed, lambda: told.append(1))
    screens.show("hall", '[[screens]]\nname = "left"\n')
    (screen,) = opened
    assert green(painted(screens)) == 0
    screen.show(PictureState.LIVE, 1.0)
    assert told and green(painted(screens)) > 0.95
    for state, age_s in ((PictureState.STALE, 5.0), (PictureState.LOST, 40.0)):
        screen.show(state, age_s)
        assert green(painted(screens)) == 0, state
    screen.show(PictureState.LIVE, 1.0)
    assert green(painted(screens, {"left": "缺屏"})) == 0, "its monitor is gone: what comes of it is not how it looks"
    assert screens.newest_ns == screen.last_t_ns
    screens.close()
    assert screen.closed
