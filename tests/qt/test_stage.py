"""Layouts on screens: every preset opens with a recording panel in each place, switches and closes without a trace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec
import pytest
from PySide6.QtWidgets import QApplication

from console.api import Access, PanelSpec, Spanned, Text
from console.resolve import declared
from console.shell.dialogs import Sheet
from console.shell.standard import add_standard_commands
from console.stage.stage import Stage
from layouts.store import PRESETS
from layouts.tree import VERSION, Layout, Part, Screen, tiles
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
    assert not [n for n in room.notices.all() if n.key not in ("screens", "screens.size")]


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


SPAN = Part(panel="map", span="m")


def two_screens(*trees: Part, role: Literal["desk", "wall"] = "wall", machines: tuple[str, ...] = ("", "")) -> Layout:
    names = ("l", "r")
    screens = tuple(
        Screen(name=names[i], tree=tree, text_px=20.0, pitch_mm=0.5, at_mm=(i * 965.0, 0.0), machine=machines[i])
        for i, tree in enumerate(trees)
    )
    return Layout(version=VERSION, id="two", title=Text("两屏"), role=role, screens=screens)


def parts_of_maps(stage: Stage) -> list[Spanned | None]:
    panels = [tile.panel for tile in stage.tiles if tile.spec.id == "map"]
    return [panel.host.spanned for panel in panels if isinstance(panel, Recorder)]


def test_tiles_of_one_picture_know_their_parts_and_hear_of_a_change(room: Room, stage: Stage) -> None:
    stage.begin(two_screens(SPAN, SPAN))
    ticks(room, 12)
    left, right = parts_of_maps(stage)
    assert left is not None and right is not None
    assert right.x > left.x + left.width, "the bezel is between them"
    stage.show(two_screens(SPAN, Part(split="v", parts=(SPAN, Part(panel="posts")))))
    ticks(room, 12)
    lower = next(one for one in parts_of_maps(stage)[1:] if one is not None)
    assert lower.height < right.height * 0.6
    panel = stage.tiles[0].panel
    assert isinstance(panel, Recorder)
    panel.frames.clear()
    stage.show(two_screens(SPAN, Part(panel="posts")))
    ticks(room, 12)
    assert [frame.seeked for frame in panel.frames][:1] == [True], "what it is has changed: all is painted anew"
    assert parts_of_maps(stage) == [None], "alone it shows a whole"


def test_a_hand_on_one_part_moves_the_others_of_its_picture_alone(room: Room, stage: Stage) -> None:
    with_another = Part(split="v", parts=(SPAN, Part(panel="map")))
    stage.begin(two_screens(with_another, SPAN))
    ticks(room, 12)
    first, other, second = [tile.panel for tile in stage.tiles]
    assert isinstance(first, Recorder) and isinstance(second, Recorder) and isinstance(other, Recorder)
    first.host.moved({"zoom": 12.0})
    assert second.restored == {"zoom": 12.0}
    assert first.restored == other.restored == {}


def test_a_machine_opens_its_own_screens_and_knows_the_whole_wall(room: Room, stage: Stage) -> None:
    parts: dict[str, Spanned | None] = {}
    for machine in ("a", "b"):
        stage.machine = machine
        stage.begin(two_screens(SPAN, SPAN, machines=("a", "b")))
        ticks(room, 12)
        assert len(stage.windows) == 1
        (parts[machine],) = parts_of_maps(stage)
    left, right = parts["a"], parts["b"]
    assert left is not None and right is not None
    assert (left.parts, left.size_mm) == (right.parts, right.size_mm)
    assert (left.part, right.part) == (0, 1)
    stage.machine = "c"
    stage.begin(two_screens(SPAN, SPAN, machines=("a", "b")))
    assert len(stage.windows) == 2, "a machine that the scene does not know shows it rather than nothing"


def test_a_measured_screen_of_another_size_is_said(room: Room, stage: Stage) -> None:
    stage.begin(two_screens(SPAN, SPAN))
    (told,) = [n for n in room.notices.all() if n.key == "screens.size"]
    assert "l: 800 × 800" in told.summary.zh and "1920 × 1080" in told.summary.zh
    bare = [msgspec.structs.replace(screen, at_mm=None) for screen in two_screens(SPAN, SPAN).screens]
    stage.begin(msgspec.structs.replace(two_screens(SPAN, SPAN), screens=tuple(bare)))
    assert not [n for n in room.notices.all() if n.key == "screens.size"], "nobody measured it"


def test_a_saved_desk_layout_knows_its_screens_sizes(room: Room, stage: Stage) -> None:
    stage.begin(two_screens(SPAN, role="desk"))
    kept = stage.bound()
    assert kept is not None and kept.screens[0].size_px == (800, 800)
    stage.begin(two_screens(SPAN))
    kept = stage.bound()
    assert kept is not None and kept.screens[0].size_px == (1920, 1080), "a wall's is measured, and stays as it is"


def test_a_panel_that_cannot_span_says_so(room: Room, stage: Stage) -> None:
    posts = Part(panel="posts", span="m")
    stage.begin(two_screens(posts, posts))
    told = [n for n in room.notices.all() if n.key.startswith("tile.")]
    assert len(told) == 2
    assert "key 'span'; found panel 'posts'" in told[0].detail
    assert "map" in told[0].detail and "video" in told[0].detail


def test_what_cannot_be_a_tile_is_said_as_long_as_it_stands(room: Room, stage: Stage) -> None:
    def said() -> int:
        return len([n for n in room.notices.all() if n.key.startswith("tile.")])

    wrong = two_screens(Part(panel="nothing"), Part(panel="posts"))
    stage.begin(wrong)
    assert said() == 1
    stage.begin(wrong)
    assert said() == 1, "opened again it is as wrong"
    stage.begin(two_screens(Part(panel="posts"), Part(panel="posts")))
    assert said() == 0
