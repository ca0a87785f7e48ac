"""Where a part of a camera's picture lies in a grid, and the other way round (console.api.Pointable); paints nothing.

Fractions are of the whole picture as the camera sends it: cells of another shape cut another part of it off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF

from console.api import Pointed, Value


class Shown(Value, frozen=True):
    """The `part` of a camera's picture (fractions of the whole) that stands at `place` (px of the tile)."""

    camera: str
    part: tuple[float, float, float, float]
    """Left, top, width, height."""
    place: tuple[float, float, float, float]

    def content_at(self, x: float, y: float) -> Pointed:
        """Fractions of the whole picture, beyond its edges too."""
        (left, top, wide, high), (px, py, width, height) = self.part, self.place
        return Pointed(left + (x - px) / width * wide, top + (y - py) / height * high, self.camera)

    def point_of(self, a: float, b: float) -> tuple[float, float]:
        """Where they lie, in px."""
        (left, top, wide, high), (px, py, width, height) = self.part, self.place
        return px + (a - left) / wide * width, py + (b - top) / high * height

    def holds(self, x: float, y: float) -> bool:
        """Whether a place is in its picture."""
        px, py, width, height = self.place
        return px <= x < px + width and py <= y < py + height


def shown_of(camera: str, picture: tuple[float, float], source: QRectF, target: QRectF) -> Shown:
    """A cell whose picture of width and height px is painted from `source` (px of it) into `target`."""
    wide, high = picture
    part = (source.left() / wide, source.top() / high, source.width() / wide, source.height() / high)
    return Shown(camera=camera, part=part, place=(target.left(), target.top(), target.width(), target.height()))


def whole_of(camera: str, target: QRectF) -> Shown:
    """A cell that has no picture yet: its place stands for the whole of it."""
    place = (target.left(), target.top(), max(1.0, target.width()), max(1.0, target.height()))
    return Shown(camera=camera, part=(0.0, 0.0, 1.0, 1.0), place=place)


class Placed:
    """A grid's tile as a `Pointable`; its panel says what its cells show."""

    _pictures: Callable[[], Sequence[Shown]]
    """What each cell shows now: the panel's method."""

    def content_at(self, x: float, y: float, of: str = "") -> Pointed | None:
        """See console.api.Pointable; fractions of the picture of the camera there, or of the camera `of`."""
        for one in self._pictures():
            if one.camera == of or (not of and one.holds(x, y)):
                return one.content_at(x, y)
        return None

    def point_of(self, pointed: Pointed) -> tuple[float, float] | None:
        """See console.api.Pointable; None where that camera is not shown."""
        found = next((one for one in self._pictures() if one.camera == pointed.of), None)
        return found.point_of(pointed.a, pointed.b) if found is not None else None
