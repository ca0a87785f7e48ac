"""Turns a decimated curve into polygons of one rectangle, only the part that is to be painted; knows no widget."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QByteArray, QDataStream, QRectF
from PySide6.QtGui import QPolygonF

from console.api import F64, Value
from widgets.kit.minmax import Line, pieces

_FAR: Final = 1e5
"""Pixels beyond which a value far outside the scale is drawn no further: Qt's raster engine has limits."""
_MARGIN_PX: Final = 6.0


class Frame(Value, frozen=True, eq=False):
    """Which times and values a rectangle shows, so that both can be turned into its pixels."""

    rect: QRectF
    start_ns: int
    end_ns: int
    low: float
    high: float

    def x(self, t_ns: float) -> float:
        """Pixel of a time."""
        return self.rect.left() + (t_ns - self.start_ns) * self.rect.width() / max(1, self.end_ns - self.start_ns)

    def y(self, v: float) -> float:
        """Pixel of a value, never further than Qt can draw."""
        height = (v - self.low) * self.rect.height() / max(self.high - self.low, 1e-300)
        return self.rect.bottom() - min(max(height, -_FAR), _FAR)

    def polygons(self, line: Line, exposed: QRectF) -> list[QPolygonF]:
        """The pieces of a line as far as they touch `exposed` horizontally."""
        if not len(line):
            return []
        per_px = (self.end_ns - self.start_ns) / max(1.0, self.rect.width())
        from_ns = self.start_ns + int((exposed.left() - _MARGIN_PX - self.rect.left()) * per_px)
        to_ns = self.start_ns + int((exposed.right() + _MARGIN_PX - self.rect.left()) * per_px)
        a = max(0, int(np.searchsorted(line.t_ns, from_ns)) - 1)
        b = min(len(line), int(np.searchsorted(line.t_ns, to_ns, side="right")) + 1)
        if b <= a:
            return []
        ky = self.rect.height() / max(self.high - self.low, 1e-300)
        points = np.empty((b - a, 2), ">f8")
        points[:, 0] = self.rect.left() + (line.t_ns[a:b] - self.start_ns) / per_px
        points[:, 1] = self.rect.bottom() - np.clip((line.v[a:b] - self.low) * ky, -_FAR, _FAR)
        return [
            _polygon(points[max(i, a) - a : min(j, b) - a]) for i, j in pieces(line) if min(j, b) > max(i, a)
        ]  # fmt: skip


def _polygon(points: np.ndarray) -> QPolygonF:
    """A polygon from n × 2 big-endian doubles; eleven times faster than a list of points."""
    polygon = QPolygonF()
    stream = QDataStream(QByteArray(len(points).to_bytes(4, "big") + points.tobytes()))
    stream >> polygon
    return polygon


def travel(v: F64) -> float:
    """The length of all ups and downs of a curve, in units of its values."""
    return float(np.abs(np.diff(v)).sum()) if len(v) > 1 else 0.0
