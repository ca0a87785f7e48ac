"""The screens of a wall follow the scene that the node has: every take is shown, tiles in both scenes stay."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from console.api import LIVE, NS, LinkStatus, PanelSpec, Post, Scene, Text, Wall
from console.resolve import declared
from console.shell.access.page import Page
from console.stage.stage import Stage
from console.stage.tiles import MOST_ALIKE
from console.walls.cut_mark import CutMark
from console.walls.following import Following
from tests.qt.recorder import Recorder
from tests.qt.steps import settle, ticks, until
from tests.shell_fakes import FakeDrained, Room

ROOT = Path(__file__).parents[2]
NORMAL = """
version = 2
id = "normal"
title = ["常态", "Normal watch"]
role = "wall"

[[screens]]
name = "left"
machine = "a"
text_px = 40.0
tree = { panel = "map" }

[[screens]]
name = "right"
machine = "b"
text_px = 40.0
tree = { panel = "posts" }
"""
STORM = NORMAL.replace("normal", "storm").replace(
    '{ panel = "posts" }',
    '{ split = "v", parts = [{ panel = "posts" }, { panel = "strips", settings = { count = 3 } }] }',
)


class Watched:
    """A wall machine of which the node says what its wall shows."""

    def __init__(self, room: Room, folder: Path, machine: str) -> None:
        self.room = room
        real: list[PanelSpec] = declared(ROOT / "widgets" / "plugin.toml", "panels")
        specs = {s.id: msgspec.structs.replace(s, factory="tests.qt.recorder:Recorder") for s in real}
        self.stage = Stage(room.session, room.pacer, room.acts, room.replay, room.access, specs, folder)
        self.told: list[dict[str, Any]] = []
        self.following = Following(self.stage, room.session, "hall", machine, folder, self.told.append)
        room.pacer.add_chrome(self.following)

    def take(self, number: int, layout: str, subject: str = "", *, fade: bool = False) -> None:
        scene = Scene(
            number=number, layout=layout, title=Text(f"场景{number}"), subject=subject, fade=fade, t_ns=number
        )
        self.room.desk.put(Wall(id="hall", name=Text("大厅"), scene=scene))
        ticks(self.room, 3)
        settle()

    def close(self) -> None:
        self.following.close()
        self.stage.close()

    def panels(self) -> list[str]:
        return [tile.spec.id for tile in self.stage.tiles]

    def shows(self, panels: list[str]) -> bool:
        return self.panels() == panels


@pytest.fixture
def wall(room: Room, tmp_path: Path) -> Iterator[Watched]:
    made = Watched(room, tmp_path, "")
    assert made.following.begin("wall-2x2")
    yield made
    made.close()
    settle()


def test_every_take_is_shown_and_the_tiles_of_both_scenes_stay(room: Room, wall: Watched) -> None:
    wall.take(1, NORMAL, "incident:a")
    assert wall.panels() == ["map", "posts"]
    assert room.session.selection == "incident:a"
    before = {tile.spec.id: tile for tile in wall.stage.tiles}
    wall.take(2, STORM, "incident:b")
    assert wall.panels() == ["map", "posts", "strips"]
    after = {tile.spec.id: tile for tile in wall.stage.tiles}
    assert after["map"] is before["map"]
    assert after["posts"] is before["posts"], "moved on its screen, not made anew"
    assert room.session.selection == "incident:b"
    wall.take(3, NORMAL)
    assert wall.panels() == ["map", "posts"]
    assert room.session.selection == ""


def test_a_tile_that_came_from_another_window_and_went_is_made_anew_when_it_is_wanted_again(wall: Watched) -> None:
    other = NORMAL.replace('"left"', '"one"').replace('"right"', '"two"')
    wall.take(1, NORMAL)
    posts = next(tile for tile in wall.stage.tiles if tile.spec.id == "posts")
    wall.take(2, other)
    assert posts in wall.stage.tiles, "another window, the same tile"
    wall.take(3, other.replace("posts", "alarms"))
    wall.take(4, other)
    assert wall.panels() == ["map", "posts"]
    assert posts not in wall.stage.tiles


def test_it_is_told_when_every_tile_of_a_scene_stands(room: Room, wall: Watched) -> None:
    before = time.time_ns()
    wall.take(1, NORMAL)

    _until(room, lambda: wall.told)
    assert [line["scene"]["number"] for line in wall.told] == [1]
    assert before < wall.told[0]["scene"]["shown_ns"] <= time.time_ns()
    assert all(tile.panel is not None for tile in wall.stage.tiles)
    room.session.cover(Page.LOST)
    wall.take(2, STORM)
    QTest.qWait(50)
    assert len(wall.told) == 1, "nobody can see it"
    room.session.cover(Page.NONE)
    _until(room, lambda: len(wall.told) > 1)
    assert [line["scene"]["number"] for line in wall.told] == [1, 2]


def _until(room: Room, true: Callable[[], object]) -> None:
    until_s = time.monotonic() + 30.0
    while not true() and time.monotonic() < until_s:
        ticks(room, 1)
        QTest.qWait(5)


def test_a_scene_that_cannot_be_shown_leaves_the_present_one_and_is_said(room: Room, wall: Watched) -> None:
    wall.take(1, NORMAL)
    wall.take(2, NORMAL.replace('panel = "posts"', "panel = 7"))
    assert wall.panels() == ["map", "posts"]
    assert "wall.scene" in [notice.key for notice in room.notices.all()]
    wall.take(3, STORM)
    assert "wall.scene" not in [notice.key for notice in room.notices.all()]


def test_a_faded_scene_fades_and_leaves_nothing_over_the_tiles(wall: Watched) -> None:
    wall.take(1, NORMAL)
    wall.take(2, STORM, fade=True)
    veils = [veil for window in wall.stage.windows for veil in window.findChildren(QLabel) if veil.pixmap().width()]
    assert len(veils) == 2

    def gone() -> bool:
        left = [v for w in wall.stage.windows for v in w.findChildren(QLabel) if v.pixmap().width()]
        return not left

    until(gone)


def test_a_tile_that_fails_while_the_scene_before_is_pictured_does_not_keep_the_next_one_back(wall: Watched) -> None:
    wall.take(1, NORMAL)
    failing = next(tile for tile in wall.stage.tiles if tile.spec.id == "map")
    assert isinstance(failing.panel, Recorder)
    failing.panel._fail = "paint"
    wall.take(2, STORM, fade=True)
    assert wall.panels() == ["map", "posts", "strips"]
    assert [tile.spec.id for tile in wall.stage.tiles if tile.failed] == ["map"]


def test_a_restart_shows_the_same_scene_before_the_node_is_reached(room: Room, tmp_path: Path) -> None:
    one = Watched(room, tmp_path, "")
    assert one.following.begin("wall-2x2")
    one.take(1, STORM, "incident:a")
    one.close()
    room.session.select("")
    again = Watched(room, tmp_path, "")
    assert again.following.begin("wall-2x2")
    assert again.panels() == ["map", "posts", "strips"]
    assert room.session.selection == "incident:a"
    again.close()


def test_a_restored_scene_is_told_once_and_the_next_one_fades_from_it(room: Room, tmp_path: Path) -> None:
    one = Watched(room, tmp_path, "")
    assert one.following.begin("wall-2x2")
    one.take(1, STORM)
    one.close()
    room.pacer.remove_chrome(one.following)
    again = Watched(room, tmp_path, "")
    assert again.following.begin("wall-2x2")
    _until(room, lambda: again.told)
    again.take(1, STORM)
    again.take(2, NORMAL, fade=True)
    veils = [veil for window in again.stage.windows for veil in window.findChildren(QLabel) if veil.pixmap().width()]
    assert len(veils) == 2
    _until(room, lambda: len(again.told) > 1)
    assert [line["scene"]["number"] for line in again.told] == [1, 2]
    again.close()
    settle()


def test_a_wall_keeps_no_views_however_many_scenes_it_shows(room: Room, wall: Watched, tmp_path: Path) -> None:
    wall.take(1, NORMAL)
    _until(room, lambda: wall.told)
    wall.take(2, STORM)
    wall.take(3, NORMAL)
    wall.stage.keep_views()
    assert (tmp_path / "views.json").read_bytes() == b"{}"


def test_a_machine_shows_its_own_screens_alone(room: Room, tmp_path: Path) -> None:
    one = Watched(room, tmp_path, "b")
    assert one.following.begin("wall-2x2")
    one.take(1, NORMAL)
    assert one.panels() == ["posts"]
    one.take(2, NORMAL.replace('machine = "b"', 'machine = "c"'))
    assert one.panels() == ["posts"], "a scene without a screen of ours changes nothing here"
    assert "wall.scene" in [notice.key for notice in room.notices.all()]
    one.close()
    settle()


def test_a_scene_of_several_layouts_turns_by_the_node_s_clock_and_back(room: Room, wall: Watched) -> None:
    began_ns = room.desk.now_ns
    scene = Scene(number=1, layout=NORMAL, title=Text("轮换"), turns=(STORM,), every_s=10, t_ns=began_ns)
    room.desk.put(Wall(id="hall", name=Text("大厅"), scene=scene))
    ticks(room, 3)
    assert wall.panels() == ["map", "posts"]
    for turn, panels in ((1, ["map", "posts", "strips"]), (2, ["map", "posts"]), (5, ["map", "posts", "strips"])):
        room.desk.now_ns = began_ns + turn * 10 * NS
        _until(room, partial(wall.shows, panels))
        assert wall.panels() == panels


def test_a_turn_that_cannot_be_shown_is_said_with_the_machine_and_the_rest_goes_on(room: Room, tmp_path: Path) -> None:
    one = Watched(room, tmp_path, "b")
    assert one.following.begin("wall-2x2")
    began_ns = room.desk.now_ns
    turns = (NORMAL.replace('panel = "posts"', "panel = 7"), STORM)
    scene = Scene(number=1, layout=NORMAL, title=Text("轮换"), turns=turns, every_s=10, t_ns=began_ns)
    room.desk.put(Wall(id="hall", name=Text("大厅"), scene=scene))
    ticks(room, 3)
    room.desk.now_ns = began_ns + 10 * NS
    _until(room, lambda: room.notices.all())
    (said,) = [notice for notice in room.notices.all() if notice.key == "wall.scene"]
    assert "主机 b" in said.summary.zh and one.panels() == ["posts"]
    room.desk.now_ns = began_ns + 20 * NS
    _until(room, lambda: one.panels() == ["posts", "strips"])
    assert one.panels() == ["posts", "strips"]
    assert "wall.scene" not in [notice.key for notice in room.notices.all()]
    one.close()
    settle()


def test_every_screen_says_when_the_node_is_not_heard_and_is_quiet_again(room: Room, wall: Watched) -> None:
    wall.take(1, NORMAL.replace('name = "right"', 'name = "right"\ntop_bar = false'))

    def marks() -> list[str]:
        wall.following._say_cut()
        return [mark.said for one in wall.stage.windows for mark in one.findChildren(CutMark) if mark.isVisible()]

    assert marks() == []
    up = room.desk.status
    room.desk.status = LinkStatus(up=False, since_ns=room.desk.now_ns - 1 * NS)
    ticks(room, 3)
    assert marks() == [], "a blink is none"
    room.desk.status = LinkStatus(up=False, since_ns=room.desk.now_ns - 42 * NS)
    room.session.look_at_link()
    assert marks() == ["link cut 42 s"], "the other screen's top bar says it"
    room.desk.status = up
    room.session.look_at_link()
    assert marks() == []


def _group(room: Room) -> str:
    return room.desk.replay.playback.group if room.desk.replay is not None else ""


def test_a_scene_of_the_past_joins_its_replay_and_the_next_is_live_again(room: Room, wall: Watched) -> None:
    def take(number: int, context: str) -> None:
        scene = Scene(number=number, layout=NORMAL, title=Text("x"), t_ns=number, context=context)
        room.desk.put(Wall(id="hall", name=Text("大厅"), scene=scene))
        ticks(room, 3)
        room.tasks.run_all()

    take(1, "replay:K7QX")
    assert _group(room) == "K7QX"
    take(2, "replay:M2AB")
    assert _group(room) == "M2AB"
    take(3, LIVE)
    assert _group(room) == ""


def test_a_replay_that_cannot_be_joined_is_said_shown_live_and_tried_again(room: Room, wall: Watched) -> None:
    room.desk.cut = True
    scene = Scene(number=1, layout=NORMAL, title=Text("x"), t_ns=1, context="replay:K7QX")
    room.desk.put(Wall(id="hall", name=Text("大厅"), scene=scene))
    ticks(room, 3)
    room.tasks.run_all()
    assert not _group(room) and "wall.replay" in [notice.key for notice in room.notices.all()]
    room.desk.cut = False
    _until(room, lambda: room.tasks.waiting)
    room.tasks.run_all()
    assert _group(room) == "K7QX" and "wall.replay" not in [notice.key for notice in room.notices.all()]


# ------------------------------------------------------------------ scenes in turn: tiles rest meanwhile

EVERY_S = 10
LISTS = STORM.replace("map", "alarms")
"""On the windows of `NORMAL`: one tile of its own on each."""
MANY = NORMAL.replace(
    '{ panel = "posts" }',
    '{ split = "v", parts = ['
    + ", ".join(f'{{ panel = "strips", settings = {{ count = {n} }} }}' for n in range(1, MOST_ALIKE + 3))
    + "] }",
)


def in_turn(wall: Watched, *layouts: str) -> None:
    first, *others = layouts
    turns: dict[str, Any] = {"turns": tuple(others), "every_s": EVERY_S}
    scene = Scene(number=1, layout=first, title=Text("轮播"), t_ns=wall.room.desk.now_ns, **turns)
    wall.room.desk.put(Wall(id="hall", name=Text("大厅"), scene=scene))
    shown(wall)


def shown(wall: Watched) -> None:
    wall.following.refresh(FakeDrained(), second=True)
    for _ in range(20):
        ticks(wall.room, 1)
        if not any(tile.waits_to_be_made for tile in wall.stage.tiles):
            return
    raise AssertionError("a tile is not made")


def next_turn(wall: Watched) -> None:
    wall.room.desk.now_ns += EVERY_S * NS
    shown(wall)


def recorders(wall: Watched) -> dict[str, Recorder]:
    return {tile.spec.id: tile.panel for tile in wall.stage.tiles if isinstance(tile.panel, Recorder)}


def test_fifty_turns_make_each_tile_once_and_feed_those_that_are_seen(room: Room, wall: Watched) -> None:
    in_turn(wall, NORMAL, LISTS)
    maps = recorders(wall)
    next_turn(wall)
    lists = recorders(wall)
    assert (set(maps), set(lists)) == ({"map", "posts"}, {"alarms", "posts", "strips"})
    resting = maps["map"]
    for turn in range(50):
        fed = len(resting.frames)
        room.desk.put(Post(id=f"p{turn}"))
        ticks(room, 2)
        assert not resting.isVisible() and len(resting.frames) == fed
        next_turn(wall)
        assert recorders(wall) == (maps, lists)[turn % 2]
        assert resting.isVisible()
        assert Post.CLS in resting.frames[fed].entities, "what came meanwhile comes with its turn"
        resting = (lists["strips"], maps["map"])[turn % 2]
    assert not any(panel.closed for panel in (*maps.values(), *lists.values()))
    assert len(room.pacer.tiles) == 4


def test_tiles_that_rest_end_with_their_scene(room: Room, wall: Watched) -> None:
    in_turn(wall, NORMAL, LISTS)
    map_ = recorders(wall)["map"]
    next_turn(wall)
    lists = recorders(wall)
    wall.take(2, LISTS)
    assert map_.closed
    assert recorders(wall) == lists, "what is in the new scene too stays"
    assert set(room.pacer.tiles) == set(wall.stage.tiles)


def test_tiles_that_rest_end_with_their_windows(room: Room, tmp_path: Path) -> None:
    wall = Watched(room, tmp_path, "")
    assert wall.following.begin("wall-2x2")
    in_turn(wall, NORMAL, LISTS)
    map_ = recorders(wall)["map"]
    next_turn(wall)
    assert "map" not in recorders(wall)
    wall.close()
    assert map_.closed and not room.pacer.tiles
    settle()


def test_a_tile_that_rests_goes_to_another_window_with_its_turn(wall: Watched) -> None:
    in_turn(wall, NORMAL, LISTS, LISTS.replace('{ panel = "posts" }', '{ panel = "map" }'))
    map_ = recorders(wall)["map"]
    window = map_.window()
    next_turn(wall)
    next_turn(wall)
    there = recorders(wall)["map"]
    assert there.window() is not window
    assert there is map_ or map_.closed
    next_turn(wall)
    assert sorted(recorders(wall)) == ["map", "posts"]


def test_a_tile_that_comes_under_the_top_bar_alike_in_size_keeps_clear_of_it(wall: Watched) -> None:
    two = '{ split = "v", parts = [{ panel = "alarms" }, { panel = "strips" }] }'
    turned = '{ split = "v", parts = [{ panel = "strips" }, { panel = "alarms" }] }'
    in_turn(wall, *(NORMAL.replace('{ panel = "map" }', tree) for tree in (two, turned)))
    bar = wall.stage.windows[0].top_bar
    assert bar is not None and bar.height() > 0
    next_turn(wall)
    strips = recorders(wall)["strips"]
    assert strips.mapTo(strips.window(), QPoint(0, 0)).y() >= bar.height()


def test_a_tile_that_failed_or_is_one_of_many_is_made_anew_with_its_turn(room: Room, wall: Watched) -> None:
    in_turn(wall, MANY, NORMAL.replace("map", "alarms"))
    strips = [tile for tile in wall.stage.tiles if tile.spec.id == "strips"]
    failed = next(tile for tile in wall.stage.tiles if tile.spec.id == "map")
    failed.fail(RuntimeError("on purpose"))
    next_turn(wall)
    assert len(room.pacer.tiles) == len(wall.stage.tiles) + MOST_ALIKE
    next_turn(wall)
    again = [tile for tile in wall.stage.tiles if tile.spec.id == "strips"]
    assert [one is two for one, two in zip(strips, again, strict=True)] == [True] * MOST_ALIKE + [False] * 2
    assert "map" in recorders(wall)


def test_while_somebody_presents_nothing_rests(room: Room, wall: Watched) -> None:
    wall.following.rests = lambda: False
    in_turn(wall, NORMAL, LISTS)
    map_ = recorders(wall)["map"]
    next_turn(wall)
    assert map_.closed
    next_turn(wall)
    assert recorders(wall)["map"] is not map_
    assert set(room.pacer.tiles) == set(wall.stage.tiles)
