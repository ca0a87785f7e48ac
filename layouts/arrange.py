"""Where everything of a tree stands in a rectangle: tiles, the gaps between them, rows of tabs; knows no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from console.api import Value
from layouts.edit import Path
from layouts.tree import Part

GAP_PX: Final = 4
FIXED_MOST: Final = 0.8
"""Fixed sizes take at most this share of a screen that is too small for them."""
Way = Literal["left", "right", "above", "below"]


class Box(Value, frozen=True):
    """A rectangle in logical px, x to the right, y down."""

    x: int
    y: int
    width: int
    height: int

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in it."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height


class TilePlace(Value, frozen=True):
    """A tile. `box` None: it is on a tab that is not seen, or another fills the screen."""

    path: Path
    part: Part
    box: Box | None
    tabbed: bool


class GapPlace(Value, frozen=True):
    """The gap after part `index` of the split at `path`, which is `whole` px long; `across`: it is dragged sideways."""

    path: Path
    index: int
    box: Box
    across: bool
    whole: int


class TabsPlace(Value, frozen=True):
    """A row of tabs; `box` is the row's, not the pages'."""

    path: Path
    part: Part
    box: Box


class Arrangement(Value, frozen=True):
    """Everything in its place, in the order of the tree."""

    tiles: tuple[TilePlace, ...]
    gaps: tuple[GapPlace, ...] = ()
    tabs: tuple[TabsPlace, ...] = ()

    def of(self, tile: str) -> TilePlace | None:
        """The place of a tile."""
        return next((place for place in self.tiles if place.part.id == tile), None)

    def at(self, x: float, y: float) -> TilePlace | None:
        """The tile at a point."""
        return next((place for place in self.tiles if place.box is not None and place.box.holds(x, y)), None)

    def neighbour(self, tile: str, way: Way) -> TilePlace | None:
        """The seen tile next to one in a direction: the nearest, of those the one that shares most of its edge."""
        here = self.of(tile)
        if here is None or here.box is None:
            return None
        best: tuple[float, float] | None = None
        found = None
        for place in self.tiles:
            if place.box is None or place is here:
                continue
            away, shared = _beside(here.box, place.box, way)
            if away >= 0 and shared > 0 and (best is None or (away, -shared) < best):
                best, found = (away, -shared), place
        return found


def arrange(tree: Part, box: Box, *, tab_px: int = 32, scale: float = 1.0, full: str = "") -> Arrangement:
    """Everything of a tree in a box.

    Args:
        tab_px: height of a row of tabs.
        scale: by what fixed sizes are multiplied.
        full: id of the tile that fills the box now, "" none.
    """
    found: list[TilePlace] = []
    gaps: list[GapPlace] = []
    rows: list[TabsPlace] = []

    def place(part: Part, path: Path, at: Box | None, tabbed: bool) -> None:
        if part.panel:
            if full:
                at = box if part.id == full else None
            found.append(TilePlace(path=path, part=part, box=at, tabbed=tabbed and not full))
        elif part.tabs:
            page = None
            if at is not None:
                row = min(tab_px, at.height)
                rows.append(TabsPlace(path=path, part=part, box=Box(at.x, at.y, at.width, row)))
                page = Box(at.x, at.y + row, at.width, at.height - row)
            for i, kid in enumerate(part.tabs):
                place(kid, (*path, i), page if i == part.current else None, True)
        elif at is None:
            for i, kid in enumerate(part.parts):
                place(kid, (*path, i), None, False)
        else:
            boxes = _shared(part, at, scale)
            for i, kid in enumerate(part.parts):
                place(kid, (*path, i), boxes[i], False)
                if i:
                    gaps.append(_gap(part, path, i - 1, boxes[i - 1], at))

    place(tree, (), box, False)
    if full:
        return Arrangement(tiles=tuple(found))
    return Arrangement(tiles=tuple(found), gaps=tuple(gaps), tabs=tuple(rows))


def sizes_of(part: Part, whole: int, scale: float) -> list[int]:
    """Sizes of a split's parts along it, in px, which with the gaps between them make `whole`."""
    room = max(0, whole - GAP_PX * (len(part.parts) - 1))
    fixed = sum(kid.px for kid in part.parts) * scale
    free = sum(kid.weight for kid in part.parts if not kid.px)
    most = FIXED_MOST * room if free else float(room)
    shrink = most / fixed if fixed > most or (fixed and not free) else 1.0
    rest = max(0.0, room - fixed * shrink)
    exact = [kid.px * scale * shrink if kid.px else rest * kid.weight / free for kid in part.parts]
    ends = [round(sum(exact[: i + 1])) for i in range(len(exact))]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]


def _shared(part: Part, at: Box, scale: float) -> list[Box]:
    across = part.split == "h"
    boxes: list[Box] = []
    offset = 0
    for size in sizes_of(part, at.width if across else at.height, scale):
        if across:
            boxes.append(Box(at.x + offset, at.y, size, at.height))
        else:
            boxes.append(Box(at.x, at.y + offset, at.width, size))
        offset += size + GAP_PX
    return boxes


def _gap(part: Part, path: Path, index: int, before: Box, at: Box) -> GapPlace:
    if part.split == "h":
        box = Box(before.x + before.width, at.y, GAP_PX, at.height)
    else:
        box = Box(at.x, before.y + before.height, at.width, GAP_PX)
    across = part.split == "h"
    return GapPlace(path=path, index=index, box=box, across=across, whole=at.width if across else at.height)


def dragged(part: Part, whole: int, scale: float, index: int, by_px: int, least_px: int) -> Sequence[float]:
    """Sizes (unscaled) of a split's parts after its gap `index` was dragged; no part gets smaller than `least_px`."""
    sizes = sizes_of(part, whole, scale)
    low = min(0, least_px - sizes[index])
    high = max(0, sizes[index + 1] - least_px)
    by_px = max(low, min(high, by_px))
    sizes[index] += by_px
    sizes[index + 1] -= by_px
    return [size / scale for size in sizes]


def _beside(here: Box, there: Box, way: Way) -> tuple[float, float]:
    """How far away in that direction (negative: not there), and how long an edge they share."""
    if way in ("left", "right"):
        away = here.x - (there.x + there.width) if way == "left" else there.x - (here.x + here.width)
        shared = min(here.y + here.height, there.y + there.height) - max(here.y, there.y)
    else:
        away = here.y - (there.y + there.height) if way == "above" else there.y - (here.y + here.height)
        shared = min(here.x + here.width, there.x + there.width) - max(here.x, there.x)
    return away, shared
