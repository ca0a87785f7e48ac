"""A stage with one layout that tests change, and the pointer that drags on it; knows no test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from console.api import PanelSpec, Text
from console.resolve import declared
from console.shell.tile import Tile
from console.stage.commands import add_tiling_commands
from console.stage.stage import Stage
from console.stage.tiling import Tiling
from layouts.tree import Layout, Part, Screen
from tests.qt.steps import settle, ticks
from tests.shell_fakes import Room

ROOT = Path(__file__).parents[2]
TREE = Part(
    split="h",
    parts=(
        Part(panel="alarms", px=300, id="alarms"),
        Part(split="v", parts=(Part(panel="map", id="map", weight=2), Part(panel="chart", id="chart"))),
        Part(tabs=(Part(panel="posts", id="posts"), Part(panel="incidents", id="incidents"))),
    ),
)
LAYOUT = Layout(version=2, id="mine", title=Text("我的", "Mine"), screens=(Screen(name="main", tree=TREE),))


class Bench:
    """A stage with one layout, its tiling, and what it asked."""

    def __init__(self, room: Room, folder: Path) -> None:
        self.room, self.folder = room, folder
        real: list[PanelSpec] = declared(ROOT / "widgets" / "plugin.toml", "panels")
        specs = {s.id: msgspec.structs.replace(s, factory="tests.qt.recorder:Recorder") for s in real}
        self.stage = Stage(room.session, room.pacer, room.acts, room.replay, room.access, specs, folder)
        self.names: list[Callable[[str], None]] = []
        self.files: list[Callable[[Path], None]] = []
        self.tiling = Tiling(
            self.stage,
            room.session,
            folder,
            lambda _title, _name, taken: self.names.append(taken),
            lambda _write, _name, taken: self.files.append(taken),
        )
        add_tiling_commands(self.tiling, room.commands, specs)
        self.stage.store.save(LAYOUT)
        assert self.tiling.open("mine")
        self.window.resize(1604, 900)
        ticks(room, 10)

    @property
    def window(self) -> QWidget:
        return self.stage.windows[0]

    def tile(self, id_: str) -> Tile:
        found = next(t for one in self.stage.standing.values() for k, t in one.mosaic.by_id.items() if k == id_)
        assert isinstance(found, Tile)
        return found

    def hold(self, id_: str) -> None:
        """Give a tile the keys."""
        self.tile(id_).setFocus(Qt.FocusReason.OtherFocusReason)
        settle()

    def run(self, command: str) -> None:
        self.room.commands.run(command)
        settle()

    def screen(self, id_: str) -> str:
        return next(name for name, one in self.stage.standing.items() if id_ in one.mosaic.by_id)

    def drag(self, grip: QWidget, start: QPoint, to: QPoint) -> None:
        """Press at `start` of a widget, drag to a place of the desktop, let go."""
        begin = grip.mapToGlobal(start)
        mouse(grip, QEvent.Type.MouseButtonPress, begin)
        for part in (1, 2, 3, 4):
            mouse(grip, QEvent.Type.MouseMove, begin + (to - begin) * part / 4)
        mouse(grip, QEvent.Type.MouseButtonRelease, to)
        settle()


def mouse(widget: QWidget, kind: QEvent.Type, place: QPoint) -> None:
    """What a widget that holds the pointer is told of it, wherever on the desktop it is."""
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button = none if kind is QEvent.Type.MouseMove else left
    held = none if kind is QEvent.Type.MouseButtonRelease else left
    here = QPointF(widget.mapFromGlobal(place))
    event = QMouseEvent(kind, here, QPointF(place), button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, event)


def middle(widget: QWidget) -> QPoint:
    return widget.mapToGlobal(widget.rect().center())


def header(tile: Tile) -> QWidget:
    assert tile.grip is not None
    parent = tile.grip.parent()
    assert isinstance(parent, QWidget)
    return parent
