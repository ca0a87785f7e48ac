"""A wall whose scenes take turns for days keeps nothing of the turns before: no widget, subscription, timer or task."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import SIGNAL, QObject
from PySide6.QtWidgets import QApplication

from console.api import NS, AlarmState, Incident, Scene, Text, Wall
from console.resolve import declared
from console.stage.stage import Stage
from console.walls.airing import Airing
from console.walls.directing import Directing
from console.walls.following import Following
from console.wire.walls import Present, Presenting
from layouts.store import parse_text
from tests.qt.steps import alarm, settle, ticks
from tests.qt.test_on_air import Node
from tests.shell_fakes import NOW_NS, FakeDrained, Room
from widgets.kit.tokens import look

ROOT = Path(__file__).parents[2]
TURNS = 50
EVERY_S = 10
OURS = ("console.", "layouts.", "widgets.")
SCENE = """
version = 3
id = "turning"
title = ["轮播", "Turning"]
role = "wall"
[[screens]]
name = "left"
text_px = 20.0
tree = { panel = "board_matrix" }
[[screens]]
name = "right"
text_px = 20.0
top_bar = false
tree = { split = "v", parts = [PARTS] }
"""
LISTS = SCENE.replace("PARTS", '{ panel = "alarms" }, { panel = "strips" }, { panel = "posts" }')
CURVE = '{ panel = "chart", settings = { about = "subject" } }'
HERE = SCENE.replace("PARTS", CURVE + ', { panel = "incidents" }')
"""Its windows are those of the lists: their tiles rest in them meanwhile."""
ABOUT = HERE.replace("right", "beside")
"""Its screen has another name: a window comes and goes with each turn too."""
FROZEN = "strips {}"


class Turning:
    """A wall machine with a desk's on-air window beside it: both show the same scene of two layouts, in turn."""

    def __init__(self, room: Room, folder: Path, other: str) -> None:
        self.room, self.node, self.turn = room, Node(), 0
        specs = {spec.id: spec for spec in declared(ROOT / "widgets" / "plugin.toml", "panels")}
        self.stage = Stage(room.session, room.pacer, room.acts, room.replay, room.access, specs, folder)
        self.following = Following(self.stage, room.session, "hall", "", folder)
        self.directing = Directing(self.stage, room.session, lambda *_: None)
        hands = (self.directing, lambda: "p.li", lambda _part: False)
        self.airing = Airing(self.stage, room.session, room.pacer, self.node, *hands)
        assert self.following.begin("wall-2x2")
        scene = Scene(
            number=1,
            layout=LISTS,
            turns=(other,),
            every_s=EVERY_S,
            title=Text("轮播"),
            subject="incident:i1",
            t_ns=NOW_NS,
        )
        room.desk.put(Wall(id="hall", name=Text("大厅"), scene=scene))
        self.airing.follow("hall")
        self.airing.open()
        for chrome in (self.following, self.airing):
            room.pacer.add_chrome(chrome)
        self.node.say(Presenting(wall="hall", by="p.li", since_ns=NOW_NS, scene=1))

    def show(self, turn: int) -> None:
        """The layout of that turn, on both, with every tile made."""
        self.turn, self.room.desk.now_ns = turn, NOW_NS + turn * EVERY_S * NS
        lasts = "incidents" if turn % 2 else "posts"
        window = self.airing.window
        assert window is not None
        until_s = time.monotonic() + 30.0
        for one in (self.following, self.airing):
            one.refresh(FakeDrained(), second=True)
        while time.monotonic() < until_s:
            ticks(self.room, 1)
            self.room.tasks.run_all()
            there = (*self.stage.tiles, *window.screens.tiles.values())
            if [tile.spec.id for tile in there].count(lasts) == 2 and all(tile.panel for tile in there):
                return
        raise AssertionError(f"turn {turn} is not shown")

    def open_and_close(self) -> None:
        """The windows that a desk has beside its own: a scene's preview, and what is on the air."""
        self.directing.show_scene(parse_text(ABOUT, "preview"))
        window = self.airing.open()
        assert self.directing.preview is not None and window is not None
        ticks(self.room, 8)
        self.directing.close_preview()
        window.reject()
        self.room.tasks.run_all()

    def close(self) -> None:
        self.directing.close()
        self.airing.close()
        self.following.close()
        self.stage.close()


@pytest.fixture
def turning(room: Room, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Turning]:
    for sensor in ("s1", "s2"):
        alarm(room, sensor, 1, AlarmState.UNACKNOWLEDGED)
    room.desk.put(Incident(id="i1", title=Text("内涝"), area="fengdong", grade=2, started_ns=NOW_NS, sensors=("s1",)))
    made = Turning(room, tmp_path, getattr(request, "param", ABOUT))
    yield made
    made.close()
    settle()


def held(turning: Turning) -> dict[str, int]:
    """How many there are now of all that a turn makes; timers are among what is of Qt."""
    settle()
    gc.collect()
    room = turning.room
    ours = Counter(
        f"{type(one).__module__}.{type(one).__name__}"
        for one in gc.get_objects()
        if str(type(one).__module__).startswith(OURS)
    )
    wrapped = Counter(f"Qt {type(one).__name__}" for one in shiboken6.getAllValidWrappers() if isinstance(one, QObject))
    return {
        **ours,
        **wrapped,
        "widgets": len(QApplication.allWidgets()),
        "subscriptions": len(room.desk.interests),
        "tasks": len(room.tasks.waiting),
        "fed tiles": len(room.pacer.tiles),
        "notices": len(room.notices.all()),
        "commands": len(room.commands.all()),
        "listeners to the look": look.receivers(SIGNAL("changed(PyObject)")),
        "listeners to the selection": room.session.receivers(SIGNAL("selected(PyObject)")),
        "listeners to covers": room.session.receivers(SIGNAL("covered(PyObject)")),
        "listeners to notices": room.notices.receivers(SIGNAL("changed()")),
    }


def grown(before: dict[str, int], after: dict[str, int]) -> dict[str, tuple[int, int]]:
    return {what: (before.get(what, 0), count) for what, count in after.items() if count > before.get(what, 0)}


@pytest.mark.parametrize("turning", [ABOUT, HERE], ids=["windows come and go", "windows stay"], indirect=True)
def test_nothing_of_fifty_turns_is_left(turning: Turning) -> None:
    for turn in range(4):
        turning.show(turn)
    before = held(turning)
    for turn in range(4, 4 + TURNS):
        turning.show(turn)
    assert grown(before, held(turning)) == {}


def test_nothing_is_left_of_turns_under_a_presenter_s_marks(turning: Turning) -> None:
    turning.show(0)
    said = Present(wall="hall", op="stroke", tile=FROZEN, stroke="a", points=((0.2, 0.2), (0.8, 0.8)), by="p.li")
    turning.node.say(said)
    turning.node.say(Present(wall="hall", op="freeze", tile=FROZEN, on=True, by="p.li"))
    for turn in range(1, 5):
        turning.show(turn)
    before = held(turning)
    for turn in range(5, 15):
        turning.show(turn)
    assert grown(before, held(turning)) == {}


def test_nothing_is_left_of_previews_and_on_air_windows_that_were_closed(turning: Turning) -> None:
    for _ in range(2):
        turning.open_and_close()
    before = held(turning)
    for _ in range(8):
        turning.open_and_close()
    assert grown(before, held(turning)) == {}
