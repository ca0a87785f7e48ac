"""How a presenter's pointer and strokes look, as numbers: shapes, widths, dashes, what they cover; paints nothing.

All lengths are logical px; `em` is the screen's body text, on a wall a two-hundredth of the viewing distance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from console.api import Value

Point = tuple[float, float]
DASHES: Final[tuple[tuple[float, ...], ...]] = ((), (3.0, 2.0), (0.01, 2.2), (4.0, 2.0, 0.01, 2.0))
"""Of the four inks, in widths of the stroke: whole, dashed, dotted, dash and dot. Meaning never rests on colour."""
STROKE_EM: Final = 0.24
CASING_EM: Final = 0.07
"""On each side of a stroke and around the pointer: it is seen on white streets and on black water."""
POINTER_EM: Final = 2.4
"""Height of the pointer; a figure that can just be read at the viewing distance is 0.8 em high."""
ARROW: Final[tuple[Point, ...]] = (
    (0.0, 0.0), (0.0, 0.86), (0.21, 0.68), (0.36, 1.0), (0.52, 0.93), (0.37, 0.62), (0.66, 0.62),
)  # fmt: skip
"""Tip at the upper left, in heights."""


class Rect(Value, frozen=True):
    """A rectangle by its edges."""

    left: float
    top: float
    right: float
    bottom: float

    def wider(self, by: float) -> Rect:
        """The rectangle with so much more on each side."""
        return Rect(self.left - by, self.top - by, self.right + by, self.bottom + by)


def around(points: Iterable[Point]) -> Rect | None:
    """The least rectangle that holds all points; None of none."""
    found = list(points)
    if not found:
        return None
    xs, ys = [x for x, _ in found], [y for _, y in found]
    return Rect(min(xs), min(ys), max(xs), max(ys))


def arrow(at: Point, em: float) -> tuple[Point, ...]:
    """The pointer with its tip at a place."""
    high = POINTER_EM * em
    return tuple((at[0] + x * high, at[1] + y * high) for x, y in ARROW)


def arrow_rect(at: Point, em: float) -> Rect:
    """All that the pointer covers, its casing too."""
    found = around(arrow(at, em))
    assert found is not None
    return found.wider(2 * CASING_EM * em + 1)


def plate_rect(at: Point, words_px: float, em: float, room: Rect) -> Rect:
    """Where the presenter's name stands: right below the pointer's tip, or on the side where there is room."""
    high, wide = 1.5 * em, words_px + 0.9 * em
    left, top = at[0] + 0.75 * POINTER_EM * em, at[1] + 0.55 * POINTER_EM * em
    if left + wide > room.right:
        left = at[0] - 0.3 * em - wide
    if top + high > room.bottom:
        top = at[1] - 0.3 * em - high
    left = min(max(left, room.left), max(room.left, room.right - wide))
    top = min(max(top, room.top), max(room.top, room.bottom - high))
    return Rect(left, top, left + wide, top + high)


def stroke_rect(points: Sequence[Point], em: float) -> Rect | None:
    """All that a stroke covers, its casing too."""
    found = around(points)
    return found.wider((STROKE_EM / 2 + CASING_EM) * em + 2) if found is not None else None
