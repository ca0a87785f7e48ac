"""How the screens of a wall stand small on a desk: side by side, all in the room there is, text in proportion.

Part of the composition root, used by the preview and the on-air window; makes no widget.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from console.shell.screens import ScreenStyle
from layouts.tree import Layout, Screen
from layouts.wall import text_px

WALL_PX: Final = (1920, 1080)
"""Proportions of the place that each screen gets."""
GAP_PX: Final = 6


class Small(NamedTuple):
    """How a small screen is written on, and its size in logical px."""

    style: ScreenStyle
    width: int
    height: int


def across_of(count: int) -> int:
    """How many of so many screens stand side by side."""
    return math.ceil(math.sqrt(count))


def width_of(room: tuple[int, int], count: int) -> int:
    """How wide a place of 16:9 can be, of so many in a room of this width and height, logical px."""
    across = across_of(count)
    high = room[1] / math.ceil(count / across) * WALL_PX[0] / WALL_PX[1]
    return round(min((room[0] - GAP_PX * (across - 1)) / across, high))


def small_of(layout: Layout, screen: Screen, wide: int) -> Small:
    """A screen so wide, or as high as one of 16:9 that is so wide."""
    scale = min(wide / screen.size_px[0], wide * WALL_PX[1] / WALL_PX[0] / screen.size_px[1])
    style = ScreenStyle(
        role="wall", text_px=text_px(screen, layout) * scale, top_bar=False, seconds=False, detached=True
    )
    return Small(style, round(screen.size_px[0] * scale), round(screen.size_px[1] * scale))
