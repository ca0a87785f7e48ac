"""Many tiles on one pacer: they take turns, none is left out, and what a person does reaches all at once."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QGridLayout, QWidget

from console.api import Sensor
from console.shell.pacer import FEWEST, TOGETHER
from console.shell.panel_host import LEAST_EVERY_S
from console.shell.screens import ScreenStyle
from console.shell.tile import Tile
from console.shell.vitals import Vitals
from tests.qt.recorder import SPEC, Nothing, Recorder
from tests.qt.steps import settle
from tests.shell_fakes import FakeDrained, Room
from widgets.kit.blink import blink

COUNT = 2 * TOGETHER + 2


@pytest.fixture
def panels(room: Room) -> Iterator[list[Recorder]]:
    """The panels of so many visible tiles, each with its first frame."""
    window = QWidget()
    grid = QGridLayout(window)
    tiles = [Tile(room.session, SPEC, Nothing(), ScreenStyle(), f"t/{n}") for n in range(COUNT)]
    for n, tile in enumerate(tiles):
        grid.addWidget(tile, n // 4, n % 4)
        room.pacer.add_tile(tile)
    window.resize(900, 700)
    window.show()
    for _ in range(COUNT + 1):  # one panel is made a tick
        room.pacer.tick()
    made = [tile.panel for tile in tiles if isinstance(tile.panel, Recorder)]
    assert len(made) == COUNT
    assert all(panel.frames for panel in made)
    yield made
    for tile in tiles:
        room.pacer.remove_tile(tile)
        tile.close_tile()
    window.close()
    window.deleteLater()
    settle()


def with_frames(panels: list[Recorder]) -> int:
    return sum(bool(panel.frames) for panel in panels)


def forget(panels: list[Recorder]) -> None:
    for panel in panels:
        panel.frames.clear()


def test_many_tiles_take_turns_and_each_is_told_once_what_changed(room: Room, panels: list[Recorder]) -> None:
    forget(panels)
    room.desk.put(Sensor(id="s9"))
    room.pacer.tick()
    assert with_frames(panels) == FEWEST
    for _ in range(COUNT // FEWEST):
        room.pacer.tick()
    assert with_frames(panels) == COUNT
    told = [sum("sensor" in frame.entities for frame in panel.frames) for panel in panels]
    assert told == [1] * COUNT


def test_who_waited_longest_is_first_even_where_something_changes_all_the_time(
    room: Room, panels: list[Recorder]
) -> None:
    forget(panels)
    for _ in range(COUNT // FEWEST + 1):
        room.desk.put(Sensor(id="s9"))
        room.pacer.tick()
    assert with_frames(panels) == COUNT


def test_samples_stand_back_for_one_tick_while_something_blinks(
    room: Room, panels: list[Recorder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blink, "near", lambda _within_ms: True)
    forget(panels)
    later_s = time.monotonic() + 2 * LEAST_EVERY_S
    monkeypatch.setattr("console.shell.pacer.time.monotonic", lambda: later_s)
    room.pacer.tick()
    assert with_frames(panels) == 0
    room.pacer.tick()
    assert with_frames(panels) > 0


def test_a_selection_reaches_all_at_once(room: Room, panels: list[Recorder]) -> None:
    forget(panels)
    room.session.select("sensor:s1")
    room.pacer.tick()
    assert [panel.frames[-1].selection_changed for panel in panels] == [True] * COUNT


def test_each_turn_that_painted_something_is_timed(room: Room, panels: list[Recorder]) -> None:
    told: list[dict[str, dict[str, list[float]]]] = []
    vitals = Vitals(room.session, room.pacer, lambda: 0, told.append, full=True)
    room.desk.put(Sensor(id="s9"))
    for _ in range(3):  # in the second and third nothing is new but the frames that still wait
        room.pacer.tick()
        settle()
    vitals.refresh(FakeDrained(), second=True)
    stats = told[-1]["stats"]
    assert len(stats["frame_ms"]) >= 3
    assert len(stats["frame_ms"]) == len(stats["turn_cpu_ms"]) == len(stats["paint_cpu_ms"])
    assert min(stats["turn_cpu_ms"]) >= 0
    assert max(stats["frame_ms"]) > 0
