"""A wall machine tells which scene its screens show, which are missing, and how they look while somebody looks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt, qInstallMessageHandler
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from console.api import PanelSpec, Text
from console.resolve import declared
from console.stage.stage import Stage
from console.walls import telling as telling_module
from console.walls.pictures import MOST_BYTES, WIDTH_PX, packed, taken, unpacked
from console.walls.telling import Telling
from console.wire.walls import WallScreen
from layouts.tree import Layout, Part, Screen
from tests.qt.steps import settle, ticks, until
from tests.shell_fakes import Room

ROOT = Path(__file__).parents[2]
LEFT = Screen(name="left", tree=Part(panel="posts"), text_px=30.0)
RIGHT = Screen(name="right", tree=Part(panel="alarms"), text_px=30.0, match="not-there", window=None)


class Way:
    """The way out, kept."""

    def __init__(self) -> None:
        self.wanted = False
        self.said: list[tuple[int, int, tuple[WallScreen, ...]]] = []
        self.pictures: list[tuple[str, bytes, int]] = []

    def seen(self, wall: str, machine: str, number: int, shown_ns: int, screens: Sequence[WallScreen]) -> None:
        assert (wall, machine) == ("hall", "a")
        self.said.append((number, shown_ns, tuple(screens)))

    def picture(self, screen: str, jpeg: bytes, t_ns: int) -> None:
        self.pictures.append((screen, jpeg, t_ns))


class Machine:
    """A wall machine with one monitor."""

    def __init__(self, room: Room, folder: Path, *screens: Screen) -> None:
        real: list[PanelSpec] = declared(ROOT / "widgets" / "plugin.toml", "panels")
        specs = {s.id: msgspec.structs.replace(s, factory="tests.qt.recorder:Recorder") for s in real}
        self.room, self.way = room, Way()
        self.stage = Stage(room.session, room.pacer, room.acts, room.replay, room.access, specs, folder)
        self.show(*screens)
        self.telling = Telling(self.stage, self.way, lambda: room.desk.now_ns, "hall", "a")
        self.telling.start()

    def show(self, *screens: Screen) -> None:
        self.stage.show(Layout(version=3, id="x", title=Text("x"), role="wall", screens=screens))
        ticks(self.room, 3)
        settle()

    def close(self) -> None:
        self.telling.close()
        self.stage.close()


@pytest.fixture
def machine(room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    monkeypatch.setattr(telling_module, "EVERY_MS", 40)
    made = Machine(room, tmp_path, LEFT)
    yield made
    made.close()
    settle()


def test_it_says_at_once_which_screens_there_are_and_then_each_scene(machine: Machine) -> None:
    ((number, shown_ns, screens),) = machine.way.said
    assert (number, shown_ns, [one.name for one in screens]) == (0, 0, ["left"])
    assert not screens[0].missing
    machine.telling.shown(7, 5)
    assert machine.way.said[-1][:2] == (7, 5)


def test_a_screen_whose_monitor_is_gone_is_said_and_has_no_picture(machine: Machine) -> None:
    machine.way.wanted = True
    machine.show(LEFT, RIGHT)
    until(lambda: len(machine.way.said[-1][2]) == 2)
    assert {one.name: one.missing for one in machine.way.said[-1][2]} == {"left": False, "right": True}
    until(lambda: len(machine.way.pictures) > 2)
    assert {screen for screen, _, _ in machine.way.pictures} == {"left"}


def test_pictures_are_taken_only_while_somebody_looks(machine: Machine) -> None:
    QTest.qWait(400)  # ten times as long as between two pictures
    assert not machine.way.pictures
    machine.way.wanted = True
    until(lambda: machine.way.pictures)
    screen, jpeg, t_ns = machine.way.pictures[0]
    assert (screen, t_ns) == ("left", machine.room.desk.now_ns)
    shown = unpacked(jpeg, WIDTH_PX, WIDTH_PX)
    assert shown is not None and shown.shape[1] <= WIDTH_PX
    machine.way.wanted = False
    until(lambda: not machine.telling._looking.isActive())


class Halves(QWidget):
    """Red on the left, blue on the right; counts how often it is painted."""

    painted = 0

    def paintEvent(self, event: QPaintEvent) -> None:
        self.painted += 1
        half = self.width() // 2
        painter = QPainter(self)
        painter.fillRect(0, 0, half, self.height(), QColor("red"))
        painter.fillRect(half, 0, half, self.height(), QColor("blue"))


def test_a_picture_shows_what_stands_on_the_screen_and_has_nothing_painted_for_it(qapp: object) -> None:
    widget = Halves()
    widget.resize(1200, 600)
    widget.show()
    until(lambda: widget.painted)
    before = widget.painted
    shown = unpacked(taken(widget), 320, 320)
    assert widget.painted == before
    assert shown is not None and shown.shape == (160, 320, 4)
    blue, _green, red = shown[80, 40, :3], shown[80, 160], shown[80, 280, :3]
    assert np.allclose(blue, (0, 0, 255), atol=24), "BGR: the left half is red"
    assert np.allclose(red, (255, 0, 0), atol=24)
    widget.close()


def test_a_picture_that_is_hard_to_pack_stays_within_its_bound(qapp: object) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (1440, 2560, 4), np.uint8)
    image = QImage(noise.data, 2560, 1440, QImage.Format.Format_RGB32)
    assert len(packed(image)) <= MOST_BYTES


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff no picture", b"\x89PNG"])
def test_what_is_no_picture_is_none(qapp: object, data: bytes) -> None:
    before = qInstallMessageHandler(lambda *_: None)  # the decoder says what it thinks of it
    try:
        assert unpacked(data, 320, 200) is None
    finally:
        qInstallMessageHandler(before)


def test_a_small_picture_is_not_made_larger(qapp: object) -> None:
    image = QImage(64, 32, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    shown = unpacked(packed(image), 640, 640)
    assert shown is not None and shown.shape == (32, 64, 4)
