"""Layouts on screens: every preset opens with a recording panel in each place, switches and closes without a trace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtWidgets import QApplication

from console.api import Access, PanelSpec, Text
from console.resolve import declared
from console.shell.dialogs import Sheet
from console.shell.standard import add_standard_commands
from console.stage.stage import Stage
from layouts.store import PRESETS
from layouts.tree import tiles
from tests.qt.recorder import Recorder
from tests.qt.steps import settle, ticks
from tests.shell_fakes import Room

ROOT = Path(__file__).parents[2]
LAYOUTS = sorted(file.stem for file in PRESETS.glob("*.toml"))


@pytest.fixture
def stage(room: Room, tmp_path: Path) -> Iterator[Stage]:
    real: list[PanelSpec] = declared(ROOT / "widgets" / "plugin.toml", "panels")
    specs = {s.id: msgspec.structs.replace(s, factory="tests.qt.recorder:Recorder") for s in real}
    made = Stage(room.session, room.pacer, room.acts, room.replay, room.access, specs, tmp_path)
    yield made
    made.close()
    settle()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_preset_opens(room: Room, stage: Stage, layout: str) -> None:
    assert stage.open(layout)
    ticks(room, len(stage.tiles) + 2)
    screens = stage.store.load(layout).screens
    assert len(stage.windows) == len(screens)
    assert len(stage.tiles) == sum(len(list(tiles(screen.tree))) for screen in screens)
    seen = [tile for tile in stage.tiles if tile.seen]
    assert seen
    assert all(tile.panel is not None for tile in seen)
    assert not [n for n in room.notices.all() if n.key != "screens"]


def test_switching_layouts_leaves_nothing_of_the_old_one(room: Room, stage: Stage) -> None:
    stage.open("duty")
    ticks(room, 12)
    before = set(room.desk.interests)
    stage.open("vehicle")
    ticks(room, 12)
    assert not before & set(room.desk.interests)
    assert set(room.pacer.tiles) == set(stage.tiles)
    assert len([w for w in QApplication.topLevelWidgets() if w.isVisible()]) == 1


def test_a_layout_that_cannot_be_opened_leaves_the_present_one(room: Room, stage: Stage) -> None:
    stage.open("duty")
    assert not stage.open("nowhere")
    assert stage.layout_id == "duty"
    assert [n.key for n in room.notices.all()] == ["layout"]
    assert stage.open("duty")
    assert not room.notices.all()


def test_screens_that_are_missing_are_said(room: Room, stage: Stage) -> None:
    stage.open("wall-2x2")
    (told,) = [n for n in room.notices.all() if n.key == "screens"]
    assert told.tip.zh
    assert not told.detail, "every word of it in the language of the screen"
    assert len(stage.windows) == 4
    stage.open("duty")
    assert not room.notices.all()


def test_a_tile_fills_its_window_and_goes_back(room: Room, stage: Stage) -> None:
    add_standard_commands(
        room.session,
        room.acts,
        room.replay,
        stage.active_window,
        stage.reveal,
        stage.toggle_full_screen,
        stage.leave_full_screen,
    )
    stage.open("duty")
    ticks(room, 12)
    small = next(tile for tile in stage.tiles if tile.spec.id == "map")
    width = small.width()
    stage.toggle_full_screen()
    settle()
    assert small.width() > 1.5 * width
    room.session.select("sensor:x")
    room.commands.run("back")
    settle()
    assert small.width() == width
    assert room.session.selection == "sensor:x"
    room.commands.run("back")
    assert room.session.selection == ""


def test_a_hidden_tab_comes_to_the_front(room: Room, stage: Stage) -> None:
    stage.open("vehicle")
    ticks(room, 8)
    video = next(tile for tile in stage.tiles if tile.spec.id == "video")
    assert video not in [tile for tile in stage.tiles if tile.seen]
    stage.reveal("video")
    ticks(room, 4)
    assert video.seen
    assert video.panel is not None


def test_a_view_is_kept_over_layouts_and_starts(room: Room, stage: Stage, tmp_path: Path) -> None:
    stage.open("duty")
    ticks(room, 12)
    stage.open("vehicle")
    stage.open("duty")
    ticks(room, 12)
    panel = stage.tiles[0].panel
    assert isinstance(panel, Recorder)
    assert panel.restored.get("frames", 0) > 0
    stage.keep_views()
    assert (tmp_path / "views.json").stat().st_size > 10


def test_a_panel_that_asks_for_the_focus_means_itself(room: Room, stage: Stage) -> None:
    stage.open("duty")
    ticks(room, 12)
    tile = stage.tiles[-1]
    width = tile.width()
    assert isinstance(tile.panel, Recorder)
    tile.panel.host.command("focus")
    settle()
    assert tile.width() > 2 * width
    assert stage.leave_full_screen()
    settle()
    assert tile.width() == width


def test_a_layout_that_opens_while_the_screen_is_locked_shows_no_tile(room: Room, stage: Stage) -> None:
    stage.open("duty")
    ticks(room, 4)
    room.desk.access = Access(person="liweiguo", name=Text("李卫国"), locks_s=600.0)
    room.access.follow()
    sheet = Sheet(stage.windows[0])
    sheet.open()
    room.access.lock()
    stage.open("vehicle")
    ticks(room, 4)
    assert not [tile for tile in stage.tiles if tile.isVisible()]
    assert all(window.cover is not None and window.cover.isVisible() for window in stage.windows)
    room.access.unlock(room.desk.secret)
    room.tasks.run_all()
    ticks(room, 4)
    assert [tile for tile in stage.tiles if tile.seen]


def test_another_person_gets_tiles_made_anew_where_they_were(room: Room, stage: Stage) -> None:
    stage.open("duty")
    ticks(room, 12)
    room.desk.access = Access(person="liweiguo", name=Text("李卫国"))
    room.access.follow()
    ticks(room, 12)
    before = [tile.panel for tile in stage.tiles]
    room.desk.logout()
    room.access.follow()
    room.desk.access = Access(person="wangfang", name=Text("王芳"))
    room.access.follow()
    ticks(room, 12)
    after = [tile.panel for tile in stage.tiles]
    assert all(panel is not None and panel not in before for panel in after)
    assert isinstance(after[0], Recorder) and after[0].restored.get("frames", 0) > 0
