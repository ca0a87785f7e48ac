"""How one screen is written on: its role and sizes; knows no window and no Qt."""

from __future__ import annotations

import math
from typing import Literal

from console.api import Value

DESK_TEXT_PX = 13.0


class ScreenStyle(Value, frozen=True):
    """Sizes of one screen in logical px, all following from its body text.

    Attributes:
        role: desk, vehicle (touch, larger targets) or wall (no controls, nothing shrinks).
        text_px: body text: 13 desk, 15 vehicle, em of the viewing distance on a wall.
        top_bar: whether this screen bears the top bar (on a wall only the one that its file names).
        seconds: whether the clock shows seconds (never on a wall).
    """

    role: Literal["desk", "wall", "vehicle"] = "desk"
    text_px: float = DESK_TEXT_PX
    top_bar: bool = True
    seconds: bool = True
    target_px: float = 0.0
    """The least side of what a finger is to hit: 9 mm where hands touch this screen, else 0."""
    detached: bool = False
    """A window of tiles that were taken out of another: that one bears the bars."""

    @property
    def scale(self) -> float:
        """How much larger than on a desk text stands here."""
        return self.text_px / DESK_TEXT_PX

    @property
    def top_bar_px(self) -> int:
        """Height of the top bar."""
        return self._high(round({"desk": 40 / 13, "vehicle": 48 / 15, "wall": 1.9}[self.role] * self.text_px))

    @property
    def strip_px(self) -> int:
        """Height of the alarm strip; a wall has none, its map and lists say it."""
        return self._high(round({"desk": 48 / 13, "vehicle": 56 / 15, "wall": 0}[self.role] * self.text_px), bar=True)

    @property
    def replay_px(self) -> int:
        """Height of the bar of a replay; a wall has no controls, its mark says it."""
        return self._high(round({"desk": 44 / 13, "vehicle": 56 / 15, "wall": 0}[self.role] * self.text_px), bar=True)

    @property
    def status_px(self) -> int:
        """Height of the status line."""
        return self._high(round({"desk": 24 / 13, "vehicle": 0, "wall": 0}[self.role] * self.text_px), bar=True)

    @property
    def header_px(self) -> int:
        """Height of a tile's header; 0: tiles bear none."""
        return self._high(round({"desk": 28 / 13, "vehicle": 44 / 15, "wall": 0}[self.role] * self.text_px))

    def _high(self, usual: int, *, bar: bool = False) -> int:
        """As usual, but no less than a finger needs; `bar`: what a window of detached tiles does not bear."""
        if not usual or (bar and self.detached):
            return 0
        return max(usual, math.ceil(self.target_px))
