"""What a replay looks like: its mark on tiles and walls, its bar at every width, what was not recorded."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from console.api import NS, Area, Sensor
from console.shell import replay_bar, tile_header
from console.shell.mode_mark import ModeMark
from console.shell.screens import ScreenStyle
from console.shell.tile import Tile
from console.shell.tile_cards import Veil
from console.shell.tile_header import TileHeader
from console.shell.window import MainWindow
from tests.qt.past import PRESSURE, bar_of, desk_window, entered, press, ticks
from tests.qt.recorder import SPEC, Nothing, Recorder
from tests.qt.steps import settle
from tests.shell_fakes import NOW_NS, Room
from widgets.kit.tokens import look


@pytest.fixture
def window(room: Room) -> Iterator[MainWindow]:
    room.desk.put(PRESSURE)
    with desk_window(room) as made:
        yield made


def colours(widget: QWidget) -> int:
    """How many pixels of a widget's picture wear the text's colour or one near it."""
    image = widget.grab().toImage()
    light = (QColor(image.pixel(x, y)).lightness() for x in range(image.width()) for y in range(image.height()))
    return sum(one > 150 for one in light)


def test_a_tile_that_shows_the_system_says_that_it_is_live(
    room: Room, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks: list[str] = []
    monkeypatch.setattr(tile_header, "paint_words", lambda p, box, px, words: marks.append(words))

    def paint_chip(p: object, right: float, middle: float, px: float, word: str) -> float:
        marks.append(word)
        return right

    monkeypatch.setattr(tile_header, "paint_chip", paint_chip)
    tile = Tile(room.session, msgspec.structs.replace(SPEC, live=True), Nothing(), ScreenStyle(), "r/live")
    room.pacer.add_tile(tile)
    tile.resize(400, 200)
    tile.show()
    replay = entered(room)
    replay.view.put(Area(id="then"))
    tile.make()
    ticks(room)
    panel = tile.panel
    assert isinstance(panel, Recorder)
    frame = panel.frames[-1]
    assert (frame.context, frame.now_ns) == ("live", NOW_NS)
    assert panel.host.link.last_data_ns == NOW_NS - NS and "then" not in panel.host.entities(Area)
    marks.clear()
    tile.grab()
    assert marks == ["Live"]
    marks.clear()
    window.findChildren(TileHeader)[0].grab()
    assert marks == ["REPLAY"]
    tile.hide()


def test_each_tile_and_each_wall_bears_the_mark(room: Room, window: MainWindow) -> None:
    heads = window.findChildren(TileHeader)
    wall = MainWindow(
        room.session,
        room.pacer,
        room.acts,
        ScreenStyle(role="wall", text_px=40.0),
        replay=room.replay,
        access=room.access,
    )
    wall.resize(1200, 400)
    wall.show()
    window.activateWindow()
    room.desk.put(Sensor(id="s2"))
    ticks(room)
    mark = wall.findChild(ModeMark)
    assert mark is not None and wall.replay_bar is None
    simulated_px, plain = mark.width(), [colours(head) for head in heads]
    entered(room)
    for head, before in zip(heads, plain, strict=True):
        assert colours(head) > before + 60
    assert mark.width() > 1.5 * simulated_px, "replay and simulated both"
    at_four = mark.grab().toImage()
    assert room.desk.replay is not None
    room.desk.replay.view.now_ns += 60 * NS
    room.desk.replay.playback = msgspec.structs.replace(room.desk.replay.playback, at_ns=1)
    ticks(room)
    assert mark.grab().toImage() != at_four, "the wall's mark follows the minute"
    press(room, Qt.Key.Key_L)
    assert not room.session.replaying
    assert mark.width() == simulated_px
    wall.close_window()
    settle()


@pytest.mark.parametrize("width", [900, 1366, 1920, 3840])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_bar_fits_every_width(room: Room, window: MainWindow, width: int, language: str) -> None:
    if language == "en":
        room.language.set("en")
    entered(room)
    bar = bar_of(window)
    window.resize(width, 300)
    settle()
    bar.grab()
    boxes = sorted((one.rect for one in bar._hits), key=lambda box: box.left())
    assert all(a.right() < b.left() for a, b in pairwise(boxes))
    assert boxes[-1].right() <= bar.width()
    assert bar._track is not None and bar._track.rect.width() > 60
    assert bar._track.rect.right() < bar.field.x() < boxes[-1].left()
    assert {"replay.play", "replay.leave"} <= {one.act for one in bar._hits}


def test_a_time_that_was_not_recorded_is_not_taken_for_calm(room: Room, window: MainWindow) -> None:
    replay = entered(room)
    bar = bar_of(window)

    head = next(head for head in window.findChildren(TileHeader) if not head.isHidden())
    tile = head.parent()
    assert isinstance(tile, QWidget)

    def violet(part: QWidget = bar) -> int:
        image, fault = part.grab().toImage(), look.tokens.fault_fill
        pixels = (image.pixelColor(x, y) for x in range(0, image.width(), 2) for y in range(0, image.height(), 2))
        return sum(pixel == fault for pixel in pixels)

    runs = ((NOW_NS - 7200 * NS, NOW_NS - 3600 * NS), (NOW_NS - 900 * NS, NOW_NS))
    replay.playback = msgspec.structs.replace(replay.playback, runs=runs)
    assert violet() == 0 and violet(head) == 0
    veil = tile.findChild(Veil)
    assert veil is not None and veil.isHidden()
    room.replay.seek(NOW_NS - 1800 * NS)
    ticks(room)
    assert violet() > 100
    assert violet(head) > 50, "each tile says so, in place of an age"
    assert not veil.isHidden(), "what it says of calm is hatched"
    room.replay.seek(NOW_NS - 4000 * NS)
    ticks(room)
    assert violet() == 0 and violet(head) == 0 and veil.isHidden()


@pytest.mark.parametrize("width", [900, 1920])
def test_a_replay_that_stands_at_the_end_says_that_there_is_no_more(
    room: Room, window: MainWindow, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(replay_bar, "paint_words", lambda p, box, px, words: said.append(words))
    replay = entered(room)
    window.resize(width, 300)
    settle()
    bar = bar_of(window)
    room.replay.seek(NOW_NS)
    ticks(room)
    bar.grab()
    assert not said, "while it plays more may come"
    replay.playback = msgspec.structs.replace(replay.playback, playing=False)
    bar.grab()
    assert said[-1].startswith("End of the recording")
    assert width == 900 or "L for live" in said[-1]
    said.clear()
    room.replay.seek(NOW_NS - 60 * NS)
    ticks(room)
    bar.grab()
    assert not said
