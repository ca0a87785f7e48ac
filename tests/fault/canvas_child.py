"""A picture over real windows of other sizes, DPR and rotation, and where its lines are in their pixels; run by
test_canvas. Arguments: "mixed" (Qt's offscreen screens) or "unplugged" (X screens of xrandr), a folder.

Prints one JSON line: how many points of lines were found where they have to be.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEventLoop
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from console.api import PanelSpec, Text
from console.resolve import declared
from console.stage.stage import Stage
from layouts.canvas import EDGE_PX
from layouts.tree import Layout, Part, Screen
from tests.shell_fakes import Room, small_city

ROOT: Final = Path(__file__).parents[2]
WAIT_S: Final = 30.0
BEZEL_MM: Final = 3.5
DISTANCE_M: Final = 4.0
BRIGHT: Final = 185
"""The diagonals of the pattern are brighter than all else near a screen's edge but its outermost pixel."""
Pixels = npt.NDArray[np.uint8]
PATTERN: Final = Part(panel="pattern", span="w")
POSTS: Final = Part(panel="posts")


def say(ok: bool, what: str) -> None:
    if not ok:
        raise SystemExit(what)


class Hall:
    """A console with one layout after the other on its screens."""

    def __init__(self, app: QApplication, folder: Path) -> None:
        self.app, self.folder = app, folder
        self.room = Room(folder)
        small_city(self.room.desk)
        self.room.desk.link(simulated=False)  # its word would stand on the lines
        specs: list[PanelSpec] = declared(ROOT / "widgets" / "plugin.toml", "panels")
        room = self.room
        self.stage = Stage(
            room.session, room.pacer, room.acts, room.replay, room.access, {s.id: s for s in specs}, folder
        )

    def until(self, true: Callable[[], bool], what: str) -> None:
        began = time.monotonic()
        while not true():
            self.app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            self.room.pacer.tick()
            say(time.monotonic() - began < WAIT_S, f"not within {WAIT_S:g} s: {what}")

    def made(self) -> bool:
        """Every tile has its panel, which fills it."""
        tiles = self.stage.tiles
        panels: list[object] = [tile.panel for tile in tiles]
        laid = all(isinstance(p, QWidget) and p.size() == t.inner.size() for p, t in zip(panels, tiles, strict=True))
        return bool(tiles) and laid

    def filled(self) -> bool:
        """Every window that has its own screen fills it."""
        ones = self.stage.standing.values()
        return all(o.place.stand_in or o.window.size() == o.window.screen().size() for o in ones)

    def pictures(self) -> dict[str, Pixels]:
        """What each window shows, in device pixels."""
        self.until(lambda: self.made() and self.filled(), "tiles and windows in their places")
        found = {}
        for name, one in self.stage.standing.items():
            image = one.window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
            array = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
            found[name] = array[:, : image.width(), 2::-1].copy()
        return found

    def close(self) -> None:
        self.stage.close()
        self.room.close()


@contextmanager
def hall(app: QApplication, folder: Path, layout: Layout, machine: str = "") -> Iterator[Hall]:
    one = Hall(app, folder)
    one.stage.machine = machine
    one.stage.begin(layout)
    yield one
    one.close()


# ---------------------------------------------------------------- lines


def area(screen: Screen, edge_px: float) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in mm of the tile that fills a screen but for its window's edge (device pixels)."""
    assert screen.at_mm is not None
    (x, y), (wide, high), pitch = screen.at_mm, screen.size_px, screen.pitch_mm
    edge = edge_px * pitch
    return x + edge, y + edge, x + wide * pitch - edge, y + high * pitch - edge


def diagonals(screens: tuple[Screen, ...], edges: dict[str, float]) -> list[tuple[float, float, float]]:
    """Both diagonals of the whole as (x0, y0, slope) in mm of the wall."""
    areas = [area(screen, edges[screen.name]) for screen in screens]
    left, top = min(a[0] for a in areas), min(a[1] for a in areas)
    right, bottom = max(a[2] for a in areas), max(a[3] for a in areas)
    slope = (bottom - top) / (right - left)
    return [(left, top, slope), (left, bottom, -slope)]


def checked(screen: Screen, pixels: Pixels, lines: list[tuple[float, float, float]]) -> int:
    """How many points of the lines stand where they have to, within 0.6 pixels; another place ends the program."""
    assert screen.at_mm is not None
    say(pixels.shape[:2] == screen.size_px[::-1], f"{screen.name}: {pixels.shape} for {screen.size_px}")
    (x, y), pitch = screen.at_mm, screen.pitch_mm
    height, width = pixels.shape[:2]
    count = 0
    for column in (*range(60, 120, 6), *range(width - 90, width - 24, 6)):
        bright = pixels[:, column].min(axis=1) > BRIGHT
        for x0, y0, slope in lines:
            row = (y0 + slope * (x + (column + 0.5) * pitch - x0) - y) / pitch
            reach = 14
            if not reach + 8 < row < height - reach - 8:
                continue
            rows = [(v + m * (x + (column + 0.5) * pitch - u) - y) / pitch for u, v, m in lines]
            if abs(rows[0] - rows[1]) < 2 * reach:
                continue  # they cross here
            near = np.flatnonzero(bright[int(row) - reach : int(row) + reach + 1])
            say(len(near) >= 2, f"{screen.name}: no line at column {column}, row {row:.1f}")
            found = int(row) - reach + float(near.mean()) + 0.5
            say(abs(found - row) < 0.6, f"{screen.name}: column {column}: at {found:.2f} px, and not at {row:.2f}")
            count += 1
    return count


def wall(*screens: Screen) -> Layout:
    return Layout(version=3, id="w", title=Text("墙", "Wall"), role="wall", screens=screens)


def elsewhere(layout: Layout) -> Layout:
    """Another scene on the same screens: the pattern on the first alone."""
    screens = [
        msgspec.structs.replace(one, tree=POSTS if i else Part(panel="pattern")) for i, one in enumerate(layout.screens)
    ]
    return msgspec.structs.replace(layout, id="other", screens=tuple(screens))


# ---------------------------------------------------------------- sizes, DPR, rotation, machines


def mixed(app: QApplication, folder: Path) -> int:
    """A plain screen, one of double density and as large, and an upright one; of one machine, then of two."""
    common: dict[str, Any] = {"tree": PATTERN, "distance_m": DISTANCE_M, "top_bar": False}
    plain = Screen(name="W1", pitch_mm=0.63, size_px=(1280, 720), at_mm=(0.0, 40.0), machine="", **common)
    wide = 1280 * 0.63 + BEZEL_MM
    dense = Screen(name="W2", pitch_mm=0.315, size_px=(2560, 1440), at_mm=(wide, 40.0), **common)
    upright = Screen(name="W3", pitch_mm=0.5, size_px=(720, 1280), at_mm=(2 * wide, 0.0), **common)
    layout = wall(plain, dense, upright)
    ratios = {s.name(): s.devicePixelRatio() for s in app.screens()}
    say(ratios == {"W1": 1.0, "W2": 2.0, "W3": 1.0}, f"screens: {ratios}")
    lines = diagonals(layout.screens, {name: EDGE_PX * ratio for name, ratio in ratios.items()})
    count = 0
    with hall(app, folder, layout) as one:
        first = one.pictures()
        count += sum(checked(screen, first[screen.name], lines) for screen in layout.screens)
        for screen in layout.screens:
            em_mm = one.stage.standing[screen.name].style.text_px * ratios[screen.name] * screen.pitch_mm
            say(em_mm >= DISTANCE_M * 1000 / 200 - 1e-6, f"{screen.name}: text of {em_mm} mm")
        one.stage.show(elsewhere(layout))
        other = one.pictures()
        say(not np.array_equal(other["W1"], first["W1"]), "alone a pattern is a whole")
        one.stage.show(layout)
        again = one.pictures()
        say(all(np.array_equal(again[n], first[n]) for n in first), "back in the scene it stands as before")
    with hall(app, folder, layout) as one:
        again = one.pictures()
        say(all(np.array_equal(again[n], first[n]) for n in first), "after a restart it stands as before")
    of = {"W1": "a", "W2": "b", "W3": "a"}
    parted = wall(*(msgspec.structs.replace(screen, machine=of[screen.name]) for screen in layout.screens))
    # what no machine has itself is known by the file alone: there an edge is so many device pixels
    lines = diagonals(layout.screens, dict.fromkeys(of, float(EDGE_PX)))
    for machine in ("a", "b"):
        with hall(app, folder, parted, machine) as one:
            found = one.pictures()
            say(set(found) == {name for name, m in of.items() if m == machine}, f"machine {machine}: {set(found)}")
            count += sum(checked(s, found[s.name], lines) for s in parted.screens if s.name in found)
    return count


# ---------------------------------------------------------------- a monitor that goes and comes


def xrandr(*arguments: str) -> None:
    subprocess.run(["xrandr", *arguments], check=True, capture_output=True)


def unplugged(app: QApplication, folder: Path) -> int:
    """A wall of 2 × 2: one monitor goes and comes back, and the picture on the others does not move."""
    side = (960, 540)
    screens = []
    for i, name in enumerate("ABCD"):
        column, row = i % 2, i // 2
        at = (column * (960 * 0.5 + BEZEL_MM), row * (540 * 0.5 + BEZEL_MM))
        screens.append(
            Screen(name=name, tree=PATTERN, pitch_mm=0.5, distance_m=2.0, top_bar=False, size_px=side, at_mm=at)
        )
        xrandr("--setmonitor", name, f"960/480x540/270+{column * 960}+{row * 540}", "none" if i else "screen")
    layout = wall(*screens)
    lines = diagonals(layout.screens, dict.fromkeys("ABCD", float(EDGE_PX)))
    count = 0
    with hall(app, folder, layout) as one:
        one.until(lambda: len(app.screens()) == 4, "four screens at the start")
        one.until(lambda: all(not o.place.stand_in for o in one.stage.standing.values()), "each on its own")
        first = one.pictures()
        count += sum(checked(screen, first[screen.name], lines) for screen in layout.screens)
        xrandr("--delmonitor", "B")
        one.until(lambda: one.stage.standing["B"].place.stand_in, "its window stands in on another")
        left = one.pictures()
        say(all(np.array_equal(left[n], first[n]) for n in "ACD"), "the picture on the others does not move")
        gone = one.stage.standing["B"].window
        one.until(lambda: app.topLevelAt(gone.geometry().center()) is gone, "it stands over the window there")
        say(gone.size() != gone.screen().size(), "and covers not all of it")
        xrandr("--setmonitor", "B", "960/480x540/270+960+0", "none")
        one.until(lambda: not one.stage.standing["B"].place.stand_in, "home again")
        again = one.pictures()
        say(all(np.array_equal(again[n], first[n]) for n in "ABCD"), "as it was before")
    return count


def main() -> None:
    """See the module."""
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    count = {"mixed": mixed, "unplugged": unplugged}[sys.argv[1]](app, Path(sys.argv[2]))
    print(json.dumps({"points": count}))


if __name__ == "__main__":
    main()
