"""A desk's window that goes into a replay for tests: two tiles, its keys and its bar; knows no test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from console.api import Board, Sensor, Text
from console.shell.replay_bar import ReplayBar
from console.shell.screens import ScreenStyle
from console.shell.standard import add_standard_commands
from console.shell.tile import Tile
from console.shell.window import MainWindow
from tests.qt.recorder import SPEC, Nothing, Recorder
from tests.qt.steps import settle
from tests.shell_fakes import FakeReplay, Room

PRESSURE = Sensor(id="s1", area="fengdong", board=Board.LIFELINE, name=Text("压力", "pressure"), unit="MPa")


@contextmanager
def desk_window(room: Room) -> Iterator[MainWindow]:
    """A desk's window with two tiles, all commands bound."""
    made = MainWindow(room.session, room.pacer, room.acts, ScreenStyle(), replay=room.replay, access=room.access)
    inside = QWidget()
    row = QHBoxLayout(inside)
    for n in range(2):
        tile = Tile(room.session, SPEC, Nothing(), ScreenStyle(), f"r/{n}")
        row.addWidget(tile)
        room.pacer.add_tile(tile)
    made.set_mosaic(inside)
    made.resize(1600, 500)
    made.show()
    made.activateWindow()
    add_standard_commands(room.session, room.acts, room.replay, lambda: made, lambda _panel: None, lambda: None)
    room.commands.bind(made)
    ticks(room)
    yield made
    for tile in room.pacer.tiles:
        room.pacer.remove_tile(tile)
        tile.close_tile()
    made.close_window()
    settle()


def ticks(room: Room, count: int = 3) -> None:
    for _ in range(count):
        room.tasks.run_all()
        room.pacer.tick()
        settle()


def press(room: Room, key: Qt.Key, chord: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """As from the keyboard, to whoever has the focus."""
    target = QApplication.focusWidget()
    assert target is not None
    QTest.keyClick(target, key, chord)
    ticks(room, 1)


def entered(room: Room) -> FakeReplay:
    """Into a replay by its key."""
    window = QApplication.activeWindow()
    assert window is not None
    QTest.keyClick(window, Qt.Key.Key_R)
    ticks(room)
    assert room.desk.replay is not None
    return room.desk.replay


def playing(replay: FakeReplay) -> bool:
    return replay.playback.playing


def bar_of(window: MainWindow) -> ReplayBar:
    assert window.replay_bar is not None
    return window.replay_bar


def panels(room: Room) -> list[Recorder]:
    return [tile.panel for tile in room.pacer.tiles if isinstance(tile.panel, Recorder)]
