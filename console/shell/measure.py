"""How large text and targets are on a screen of a physical size: pure arithmetic; knows no window and no Qt.

Text keeps the size that it has on a full-HD screen of a desk, 13 px at 96 dots an inch or 3.4 mm, as long as the screen
has at least the room of a full-HD one for it. Screens of up to 1920 × 1080 px are therefore written on as ever,
whatever they tell of their size: laptops are looked at from nearer.
"""

from __future__ import annotations

import math
from typing import Final, Literal

from console.api import Value

MM_PER_INCH: Final = 25.4
DESK_DPI: Final = 96.0
"""At this density 13 px are what they were drawn for."""
ROOM_PX: Final = (1920.0, 1080.0)
"""What must be left, in px of 13 px text, after text has grown."""
GROWS_FROM: Final = 1.15
"""Less is not worth another look: a 27-inch screen of 2560 × 1440 stays as it is."""
DPI_LEAST, DPI_MOST = 50.0, 400.0
SKEW_MOST: Final = 0.12
"""Pixels are square: a monitor whose two densities differ by more tells its aspect ratio, or nothing, as its size."""
TARGET_MM: Final = 9.0
TARGET_LEAST_PX: Final = 36.0
TARGET_UNKNOWN_PX: Final = 44.0
"""Nine mm where the density is not known: that of a vehicle's 124 dots an inch."""
CHOICES: Final = (0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)
"""By what a person may multiply the text of a screen."""


class Glass(Value, frozen=True):
    """A screen as its driver tells it: logical px, and mm (0 where it does not tell)."""

    width_px: float
    height_px: float
    width_mm: float = 0.0
    height_mm: float = 0.0


def density(glass: Glass) -> float:
    """Logical dots an inch, 0 where what the screen tells of its size cannot be believed."""
    if min(glass.width_px, glass.height_px, glass.width_mm, glass.height_mm) <= 0:
        return 0.0
    across = glass.width_px / glass.width_mm * MM_PER_INCH
    down = glass.height_px / glass.height_mm * MM_PER_INCH
    if not math.isclose(across, down, rel_tol=SKEW_MOST) or not DPI_LEAST <= across <= DPI_MOST:
        return 0.0
    return (across + down) / 2


def text_factor(glass: Glass) -> float:
    """By what text is larger than usual, 1 or more."""
    room = min(_long(glass) / ROOM_PX[0], _short(glass) / ROOM_PX[1])
    grown = min(density(glass) / DESK_DPI, room)
    return grown if grown >= GROWS_FROM else 1.0


def target_px(glass: Glass, role: Literal["desk", "wall", "vehicle"]) -> float:
    """Nine mm in logical px of a screen that fingers touch; in a vehicle never below what it was drawn for."""
    dpi = density(glass)
    least = TARGET_UNKNOWN_PX if role == "vehicle" else TARGET_LEAST_PX
    return max(least, math.ceil(dpi * TARGET_MM / MM_PER_INCH)) if dpi else TARGET_UNKNOWN_PX


def stepped(factor: float, step: int) -> float:
    """The next larger (+1) or smaller (−1) of `CHOICES`; 0: as usual."""
    if not step:
        return 1.0
    here = min(range(len(CHOICES)), key=lambda i: abs(CHOICES[i] - factor))
    return CHOICES[max(0, min(len(CHOICES) - 1, here + step))]


def _long(glass: Glass) -> float:
    return max(glass.width_px, glass.height_px)


def _short(glass: Glass) -> float:
    return min(glass.width_px, glass.height_px)
