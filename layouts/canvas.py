"""The wall as one canvas: which part of a picture over several tiles is whose, in mm, bezels behind it; no Qt, no file.

Everything follows from the layout's file, so that each machine of a wall finds the same, with its own screens alone. A
machine adds where its tiles really stand (`seen`): windows have edges and bars that no file knows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import msgspec

from console.api import SettingsError, Spanned, Text, Value
from layouts.arrange import Box, arrange
from layouts.edit import Path, at, opened, path_of
from layouts.tree import Layout, Part, Screen, tiles
from layouts.wall import TEXT_PX, text_px

Share = tuple[float, float, float, float]
"""x, y, width, height of a tile's panel as fractions of its screen."""
EDGE_PX: Final = 4
"""What a window leaves free around its tiles, logical px."""
LAP_MM: Final = 1.0
"""Screens that were measured may overlap by this much."""


class Area(Value, frozen=True):
    """A rectangle on the wall in mm, x to the right, y down; of screens without a pitch in their pixels."""

    x: float
    y: float
    width: float
    height: float

    def part(self, share: Share) -> Area:
        """A part of it, given in fractions."""
        x, y, width, height = share
        return Area(self.x + x * self.width, self.y + y * self.height, width * self.width, height * self.height)

    def of(self, whole: Area) -> Share:
        """Itself as fractions of another."""
        x, y = (self.x - whole.x) / whole.width, (self.y - whole.y) / whole.height
        return x, y, self.width / whole.width, self.height / whole.height


def spanned(layout: Layout, seen: Mapping[str, Share] | None = None) -> dict[str, Spanned]:
    """Each tile's part of the picture that it shows with others, by tile id; a tile that is alone in it has none.

    Args:
        seen: where tiles that are open here stand on their screens. The whole and all tiles' `parts` follow from it
            only where the layout names no machines: else every machine would find another whole.
    """
    found: dict[str, Spanned] = {}
    seen = seen or {}
    believed = {} if any(screen.machine for screen in layout.screens) else seen
    for word, screens in pictures(layout).items():
        places = screen_areas(screens)
        pieces = [(screen, part.id) for screen in screens for part in _of(screen, word)]
        if len(pieces) < 2:
            continue
        areas = [places[s.name].part(believed.get(id_) or share_of(layout, s, id_)) for s, id_ in pieces]
        whole = _around(areas)
        parts = tuple(area.of(whole) for area in areas)
        for i, (screen, id_) in enumerate(pieces):
            x, y, width, height = places[screen.name].part(seen[id_]).of(whole) if id_ in seen else parts[i]
            found[id_] = Spanned(
                x=x,
                y=y,
                width=width,
                height=height,
                part=i,
                parts=parts,
                size_mm=(whole.width, whole.height),
                pitch_mm=screens[0].pitch_mm or 1.0,
            )
    return found


def pictures(layout: Layout) -> dict[str, tuple[Screen, ...]]:
    """The screens of each picture over several tiles, by its word, in the order of the layout.

    Windows of detached tiles have no place on the wall: what was torn out shows a whole by itself.
    """
    found: dict[str, tuple[Screen, ...]] = {}
    for screen in layout.screens:
        words = {part.span for _, part in tiles(screen.tree) if part.span} if screen.window is None else set()
        for word in sorted(words):
            found[word] = (*found.get(word, ()), screen)
    return found


def screen_areas(screens: tuple[Screen, ...]) -> dict[str, Area]:
    """Where these screens are on the wall, by name: as measured, or side by side without bezels."""
    found: dict[str, Area] = {}
    along = 0.0
    for screen in screens:
        pitch = screen.pitch_mm or 1.0
        width, height = screen.size_px[0] * pitch, screen.size_px[1] * pitch
        x, y = screen.at_mm or (along, 0.0)
        found[screen.name] = Area(x, y, width, height)
        along += width
    return found


def share_of(layout: Layout, screen: Screen, tile: str) -> Share:
    """Where a tile stands on its screen by the layout alone, as if its tab were open."""
    path = path_of(screen.tree, tile)
    assert path is not None
    em = text_px(screen, layout)
    wide, high = (max(1, size - 2 * EDGE_PX) for size in screen.size_px)
    stands = arrange(
        _open(screen.tree, path),
        Box(EDGE_PX, EDGE_PX, wide, high),
        tab_px=48 if em > 13.5 else 32,
        scale=em / TEXT_PX[layout.role],
    ).of(tile)
    box = stands.box if stands is not None and stands.box is not None else Box(0, 0, *screen.size_px)
    width, height = screen.size_px
    return box.x / width, box.y / height, max(1, box.width) / width, max(1, box.height) / height


def _open(tree: Part, path: Path) -> Part:
    for depth in range(len(path)):
        if at(tree, path[:depth]).tabs:
            tree = opened(tree, path[:depth], path[depth])
    return tree


def _of(screen: Screen, word: str) -> list[Part]:
    return [part for _, part in tiles(screen.tree) if part.span == word]


def _around(areas: list[Area]) -> Area:
    left, top = min(a.x for a in areas), min(a.y for a in areas)
    right, bottom = max(a.x + a.width for a in areas), max(a.y + a.height for a in areas)
    return Area(left, top, right - left, bottom - top)


# ------------------------------------------------------------------ checks


def check_canvas(layout: Layout, where: str) -> Layout:
    """The layout itself when its screens make a canvas. Raises SettingsError naming file and key."""
    for screen in layout.screens:
        _check_screen(screen, f"{where}: screen '{screen.name}'")
    measured = tuple(screen for screen in layout.screens if screen.at_mm is not None)
    _check_apart(screen_areas(measured), where)
    for word, screens in pictures(layout).items():
        _check_alike(screens, f"{where}: span '{word}'", word)
    return layout


def _check_screen(screen: Screen, where: str) -> None:
    if min(screen.size_px) <= 0:
        found = str(list(screen.size_px))
        raise SettingsError(f"{where}, key 'size_px'", found=found, expected="width and height in device pixels")
    if screen.at_mm is not None and not all(map(math.isfinite, screen.at_mm)):
        raise SettingsError(f"{where}, key 'at_mm'", found=str(list(screen.at_mm)), expected="two finite numbers, mm")


def _check_apart(areas: Mapping[str, Area], where: str) -> None:
    names = list(areas)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            a, b = areas[one], areas[other]
            wide = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
            high = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
            if min(wide, high) > LAP_MM:
                raise SettingsError(
                    f"{where}: screens '{one}' and '{other}', keys 'at_mm', 'size_px' and 'pitch_mm'",
                    found=f"they overlap by {wide:.0f} × {high:.0f} mm",
                    expected="at_mm is the upper left corner of each picture, its size is size_px × pitch_mm",
                )


def _check_alike(screens: tuple[Screen, ...], where: str, word: str) -> None:
    """One panel, and one way to say where its screens are."""
    panels = sorted({part.panel for screen in screens for part in _of(screen, word)})
    if len(panels) > 1:
        raise SettingsError(where, found=f"panels {', '.join(panels)}", expected="tiles of one panel")
    if len({screen.at_mm is None for screen in screens}) > 1:
        bare = next(screen.name for screen in screens if screen.at_mm is None)
        raise SettingsError(f"{where}: screen '{bare}', key 'at_mm'", found="none", expected="one as the others have")
    if len({screen.pitch_mm == 0 for screen in screens}) > 1:
        bare = next(screen.name for screen in screens if not screen.pitch_mm)
        raise SettingsError(f"{where}: screen '{bare}', key 'pitch_mm'", found="0", expected="one as the others have")


# ------------------------------------------------------------------ for whoever shows a whole wall


def board(layout: Layout) -> dict[str, Area]:
    """All screens where they are on the wall, by name, to be drawn small; windows of detached tiles are left out.

    Where not all have places they stand as near to a square as they go.
    """
    screens = tuple(screen for screen in layout.screens if screen.window is None)
    if all(screen.at_mm is not None for screen in screens):
        return screen_areas(screens)
    across = math.ceil(math.sqrt(len(screens)))
    sizes = [(s.size_px[0] * (s.pitch_mm or 1.0), s.size_px[1] * (s.pitch_mm or 1.0)) for s in screens]
    wide, high = max(w for w, _ in sizes), max(h for _, h in sizes)
    return {screen.name: Area(i % across * wide, i // across * high, *sizes[i]) for i, screen in enumerate(screens)}


def patterned(layout: Layout) -> Layout:
    """The test pattern over the screens of a wall, to align them by: over those that were measured, else over all."""
    screens = [screen for screen in layout.screens if screen.window is None]
    measured = {s.name for s in screens if s.at_mm is not None and s.pitch_mm}
    alike = {s.name for s in screens if bool(s.pitch_mm) is bool(screens[0].pitch_mm)}
    found = []
    for screen in screens:
        word = "wall" if screen.name in (measured or alike) else ""
        tile = Part(panel="pattern", span=word, settings={"name": screen.name})
        at_mm = screen.at_mm if word else None
        found.append(msgspec.structs.replace(screen, tree=tile, at_mm=at_mm, top_bar=False))
    title = Text("校准图", "Test pattern")
    return msgspec.structs.replace(layout, id="pattern", title=title, screens=tuple(found), roles=(), grade=0)


def on_machine(layout: Layout, machine: str) -> Layout:
    """The layout with the screens of one machine only, "" all."""
    if not machine:
        return layout
    screens = tuple(screen for screen in layout.screens if screen.machine in ("", machine))
    return msgspec.structs.replace(layout, screens=screens)
