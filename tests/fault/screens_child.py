"""A console's windows on two monitors while one is unplugged and plugged in again, over and over; run by test_screens.

Arguments: a folder, how often. Prints one JSON line: seconds from each plugging to windows in their places.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from console.api import PanelSpec, Text
from console.resolve import declared
from console.stage.stage import Stage
from layouts.tree import Layout, Part, Screen
from tests.shell_fakes import Room, small_city

ROOT = Path(__file__).parents[2]
LEFT, RIGHT = "960/250x1080/280+0+0", "960/250x1080/280+960+0"
LAYOUT = Layout(
    version=2,
    id="two",
    title=Text("两屏", "Two screens"),
    screens=(
        Screen(name="l", match="L", tree=Part(split="h", parts=(Part(panel="alarms"), Part(panel="chart")))),
        Screen(name="r", match="R", tree=Part(split="v", parts=(Part(panel="posts"), Part(panel="incidents")))),
    ),
)
WAIT_S = 20.0


def xrandr(*arguments: str) -> None:
    subprocess.run(["xrandr", *arguments], check=True, capture_output=True)


def until(app: QApplication, true: Callable[[], bool], what: str) -> float:
    """Turn the loop until something holds; how long it took, s."""
    began = time.monotonic()
    while not true():
        app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
        if time.monotonic() - began > WAIT_S:
            raise SystemExit(f"not within {WAIT_S:g} s: {what}")
    return time.monotonic() - began


def main(folder: Path, times: int) -> None:
    """See the module."""
    xrandr("--setmonitor", "L", LEFT, "screen")
    xrandr("--setmonitor", "R", RIGHT, "none")
    app = QApplication([])
    until(app, lambda: len(app.screens()) == 2, "two screens at the start")
    room = Room(folder)
    small_city(room.desk)
    real: list[PanelSpec] = declared(ROOT / "widgets" / "plugin.toml", "panels")
    specs = {s.id: msgspec.structs.replace(s, factory="tests.qt.recorder:Recorder") for s in real}
    stage = Stage(room.session, room.pacer, room.acts, room.replay, room.access, specs, folder)
    stage.begin(LAYOUT)
    tiles = set(stage.tiles)

    def inside(name: str, left_px: int) -> bool:
        one = stage.standing[name]
        return one.window.isVisible() and abs(one.window.geometry().x() - left_px) < 200

    until(app, lambda: inside("l", 0) and inside("r", 960), "each window on its monitor")
    took: list[float] = []
    for turn in range(times):
        xrandr("--delmonitor", "R")
        took.append(until(app, lambda: inside("r", 0), f"turn {turn}: the tiles of the missing monitor on the other"))
        if "screens" not in [notice.key for notice in room.notices.all()]:
            raise SystemExit("nobody is told that a monitor is missing")
        xrandr("--setmonitor", "R", RIGHT, "none")
        took.append(until(app, lambda: inside("r", 960) and inside("l", 0), f"turn {turn}: home again"))
        if set(stage.tiles) != tiles or not all(tile.isVisible() for tile in tiles):
            raise SystemExit(f"turn {turn}: tiles were made anew or lost")
        if room.notices.all():
            raise SystemExit(f"turn {turn}: {room.notices.all()}")
    # the one that is left has the number that the other had
    stage.show(msgspec.structs.replace(LAYOUT, screens=(msgspec.structs.replace(LAYOUT.screens[0], match="0"),)))
    until(app, lambda: inside("l", 0), "one window, on the first monitor")
    xrandr("--delmonitor", "L")
    until(app, lambda: inside("l", 960), "it is on the monitor that is left, and fills it")
    stage.close()
    room.close()
    print(json.dumps({"times": times, "slowest_s": round(max(took), 2)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
