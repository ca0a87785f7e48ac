"""Where a place of the earth lies in a map's tile, and the other way round (console.api.Pointable); knows no page.

The page says which degrees its edges show, of a map over several tiles the edges of its own part.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtWidgets import QWidget

from console.api import Pointed, Value
from widgets.map.mercator import MAX_LAT_DEG, world_point

LEAST_PX: Final = 2


class Window(Value, frozen=True):
    """The part of the map's plane (see `mercator.world`) that a tile of so many px shows."""

    west: float
    north: float
    east: float
    south: float
    width: float
    height: float

    def content_at(self, x: float, y: float) -> Pointed:
        """Degrees (lon, lat) of a place in px, beyond the edges too."""
        wx = self.west + x / self.width * (self.east - self.west)
        wy = self.north + y / self.height * (self.south - self.north)
        lat = math.degrees(math.atan(math.sinh((0.5 - wy) * 2 * math.pi))) if abs(wy - 0.5) < 1 else MAX_LAT_DEG
        return Pointed(wx * 360.0 - 180.0, lat)

    def point_of(self, lon: float, lat: float) -> tuple[float, float]:
        """Where degrees lie, in px."""
        wx, wy = world_point(lon, lat)
        x = (wx - self.west) / (self.east - self.west) * self.width
        y = (wy - self.north) / (self.south - self.north) * self.height
        return x, y


def window_of(view: Mapping[str, Any], width: float, height: float) -> Window | None:
    """What a tile shows whose page told this view; None where it has told none that makes sense."""
    edges = view.get("bounds")
    if not (isinstance(edges, list | tuple) and len(edges) == 4) or min(width, height) < LEAST_PX:
        return None
    if not all(isinstance(edge, int | float) and math.isfinite(edge) for edge in edges):
        return None
    (west, south), (east, north) = world_point(edges[0], edges[1]), world_point(edges[2], edges[3])
    if not (east > west and south > north):
        return None
    return Window(west=west, north=north, east=east, south=south, width=width, height=height)


def fitted_zoom(view: Mapping[str, Any], width: float, height: float) -> float:
    """The zoom that shows in a tile of this size what it showed in one of `px` (width, height), where the view tells.

    A following map on a wall is larger than the presenter's: at the same zoom it would show more streets.
    """
    zoom, there = float(view["zoom"]), view.get("px")
    if not (isinstance(there, list | tuple) and len(there) == 2):
        return zoom
    if not all(isinstance(side, int | float) and math.isfinite(side) and side >= 1 for side in there):
        return zoom
    return zoom + math.log2(max(1e-3, min(width / there[0], height / there[1])))


class Placed(QWidget):
    """A map's tile as a `Pointable`: `_view` is what its page told last."""

    _view: dict[str, Any]

    def content_at(self, x: float, y: float, of: str = "") -> Pointed | None:
        """See console.api.Pointable; (lon, lat), WGS 84."""
        window = window_of(self._view, self.width(), self.height())
        return window.content_at(x, y) if window is not None and not of else None

    def point_of(self, pointed: Pointed) -> tuple[float, float] | None:
        """See console.api.Pointable."""
        window = window_of(self._view, self.width(), self.height())
        return window.point_of(pointed.a, pointed.b) if window is not None and not pointed.of else None
