"""A duty desk for tests: its layout, its hands on tiles, and its hand on the walls, over a fake node."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from console.api import NS, Access, Incident, PanelSpec, Person, Scene, Text, Wall
from console.resolve import declared
from console.stage.commands import add_tiling_commands
from console.stage.stage import Stage
from console.stage.tiling import Tiling
from console.walls.directing import Directing
from console.walls.preview import Preview
from layouts import store
from layouts.store import LayoutStore, written
from layouts.tree import VERSION, Layout, Part, Screen
from tests.qt.steps import settle, ticks
from tests.shell_fakes import NOW_NS, Room, small_city

ROOT = Path(__file__).parents[2]


def part(panel: str) -> Part:
    return Part(panel=panel)


def scene(id_: str, zh: str, *natures: str) -> Layout:
    """A scene over four screens; on the last one two tiles, one over the other."""
    trees = {
        "upper-left": part("map"),
        "upper-right": part("video"),
        "lower-left": part("posts"),
        "lower-right": Part(split="v", parts=(part("incidents"), part("strips"))),
    }
    screens = tuple(Screen(name=name, tree=tree, pitch_mm=0.63, distance_m=8.0) for name, tree in trees.items())
    grade = 3 if natures else 0
    return Layout(VERSION, id_, Text(zh, id_), role="wall", screens=screens, grade=grade, natures=natures)


SHIPPED: Final = (
    Layout(VERSION, "duty", Text("值班", "Duty"), screens=(Screen(name="main", tree=part("alarms")),)),
    scene("scene-crowd", "场景：大型活动", "踩踏"),
    scene("scene-hazmat", "场景：火灾危化", "燃气"),
    scene("scene-lifeline", "场景：生命线", "停水"),
    scene("scene-storm", "场景：暴雨", "暴雨", "内涝"),
)


class Duty:
    """The desk of Li Weiguo, with the layout "duty" open; what is shipped is `SHIPPED`, whatever real presets hold."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(store, "PRESETS", folder / "presets")
        for layout in SHIPPED:
            LayoutStore(folder / "presets").save(layout)
        self.room = room = Room(folder)
        small_city(room.desk)
        room.desk.access = Access(person="p.li", name=Text("李卫国"), may={"view": ("",)})
        room.desk.put(Person(id="p.li", name=Text("李卫国", "Li Weiguo")), Person(id="p.wang", name=Text("王", "Wang")))
        real: list[PanelSpec] = declared(ROOT / "widgets" / "plugin.toml", "panels")
        specs = {s.id: msgspec.structs.replace(s, factory="tests.qt.recorder:Recorder") for s in real}
        self.stage = Stage(room.session, room.pacer, room.acts, room.replay, room.access, specs, folder)
        self.asked: list[Callable[[str], None]] = []
        self.tiling = Tiling(self.stage, room.session, folder, self._ask, lambda _write, _name, _taken: None)
        self.directing = Directing(self.stage, room.session, self._ask, self.tiling.hand, self.tiling.proposing)
        add_tiling_commands(self.tiling, room.commands, specs)
        self.directing.add_commands()
        room.pacer.add_chrome(self.tiling.proposing)
        room.pacer.add_chrome(self.directing)
        self.tiling.open("duty")
        self.tick(12)

    def _ask(self, _title: Text, _text: str, told: Callable[[str], None]) -> None:
        self.asked.append(told)

    def tick(self, count: int = 4) -> None:
        ticks(self.room, count)

    def run(self, command: str) -> None:
        """A command, and all that it starts."""
        self.room.commands.run(command)
        self.settle()

    def settle(self) -> None:
        settle()
        self.room.tasks.run_all()
        self.tick()

    def hall(self, id_: str = "hall", shown: str = "scene-crowd", **changes: object) -> Wall:
        """A wall on which a shipped scene stands, as the node tells of it."""
        layout = self.stage.store.load(shown)
        scene = Scene(number=1, layout=written(layout), title=layout.title, by="p.li", t_ns=NOW_NS)
        wall = Wall(id=id_, name=Text("指挥大厅", "Hall"), scene=scene, controller="p.li")
        wall = msgspec.structs.replace(wall, **changes)
        self.room.desk.put(wall)
        self.tick()
        return wall

    def incident(self, id_: str, grade: int, title: str = "暴雨内涝", **changes: object) -> None:
        made = Incident(id=id_, title=Text(title), grade=grade, started_ns=NOW_NS - 60 * NS)
        self.room.desk.put(msgspec.structs.replace(made, **changes))
        self.tick()

    def preview(self, scene: str = "") -> Preview:
        """What is in preview, with the keys; `scene` is put there first."""
        if scene:
            self.run(f"wall.preview_{scene}")
        preview = self.directing.preview
        assert preview is not None
        preview.activateWindow()
        settle()
        return preview

    def key(self, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
        """A key in the preview, or without one in the desk's window."""
        preview = self.directing.preview
        window = preview.windowHandle() if preview is not None else self.stage.windows[0].windowHandle()
        held = Qt.KeyboardModifier.NoModifier
        for one in modifiers:
            held |= one
        QTest.keyClick(window, key, held)
        self.settle()

    def said(self, key: str) -> str:
        """What a notice says, "" where it is not up."""
        return next((notice.summary.zh for notice in self.room.notices.all() if notice.key == key), "")

    def close(self) -> None:
        assert "shell.unexpected" not in [notice.key for notice in self.room.notices.all()]
        self.directing.close()
        self.tiling.close()
        self.stage.close()
        settle()
        self.room.close()
