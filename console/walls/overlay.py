"""A sheet over the tiles of one screen: the presenter's pointer with their name, strokes, tiles that stand still.

Part of the composition root. The mouse goes through it, and it repaints only what changed: what was drawn lies in a
picture of its own, so that live tiles beneath cost a copy and no drawing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication, QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QWidget

from console.api import Pointable, Pointed, Value
from console.shell.tile import Tile
from console.walls.marks import (
    CASING_EM,
    DASHES,
    STROKE_EM,
    Point,
    Rect,
    arrow,
    arrow_rect,
    plate_rect,
    stroke_rect,
)
from console.wire.presentation import Presentation
from console.wire.walls import Present
from layouts.mosaic import Mosaic
from widgets.kit.shapes import fault_chip_rect, paint_fault_chip, paint_hatch
from widgets.kit.text import clock_text, font, text_width
from widgets.kit.tokens import contrast, inks, night

log = logging.getLogger(__name__)
Signature = tuple[object, ...]
_NONE: Final[frozenset[str]] = frozenset()


class Still(Value, frozen=True, eq=False):
    """How a tile looked at a time, UTC ns."""

    picture: QPixmap
    t_ns: int


class _Stroke:
    """A stroke where it lies on this screen now."""

    def __init__(self, message: Present) -> None:
        self.tile, self.of, self.colour, self.taken = message.tile, message.of, message.colour, 0
        self.points: list[Point] = []
        self.path = QPainterPath()

    def add(self, points: Sequence[Point]) -> None:
        for x, y in points:
            if not self.points:
                self.path.moveTo(x, y)
                self.path.lineTo(x + 0.01, y)  # a dot is a stroke too
            else:
                self.path.lineTo(x, y)
            self.points.append((x, y))


class Overlay(QWidget):
    """See the module.

    Args:
        mosaic: what it lies over; `em`: body text of that screen in logical px.
        kin: ids of the tiles that show one picture together with a tile, itself too; none where it shows a whole.
    """

    def __init__(self, mosaic: Mosaic, em: float, kin: Callable[[str], frozenset[str]] = lambda _tile: _NONE) -> None:
        super().__init__(mosaic)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._mosaic, self._em, self._kin = mosaic, em, kin
        self._marks = Presentation("")
        self._name = ""
        self._strokes: dict[str, _Stroke] = {}
        self._boxes: dict[tuple[str, str], Rect] = {}
        """By tile and thing what its strokes cover, in that thing's own coordinates: two corners tell whether it moved.
        """
        self._signatures: dict[str, Signature] = {}
        self._layer = QPixmap()
        self._stills: dict[str, Still] = {}
        self._pointer: Point | None = None
        self._pointer_rect = QRect()
        self.repainted_px = 0
        """Px that were painted, all together: what a test counts."""
        self._fit()
        self.hide()

    # ------------------------------------------------------------------ what is shown

    def show_all(self, marks: Presentation, name: str) -> None:
        """Show this presentation from now on; `name` is its presenter's."""
        self._marks, self._name = marks, name
        for tile in set(self._stills) - set(marks.frozen):
            self._stills.pop(tile)
        self._fit()
        self._lay_all()
        self.pointer_moved()
        self.setVisible(bool(marks.by))
        self.update()

    @property
    def pointer(self) -> Point | None:
        """Where the pointer stands on this screen, None: elsewhere or nowhere."""
        return self._pointer

    def pointer_moved(self) -> None:
        """The pointer is elsewhere, or away."""
        message = self._marks.pointer
        place = self._place(message, message.points[-1]) if message is not None and message.points else None
        if message is not None and place is not None and not self._shows(message, place):
            place = None  # it points at another part of a picture that goes on here
        if place == self._pointer:
            return
        before, self._pointer = self._pointer_rect, place
        self._pointer_rect = self._rect_of_pointer()
        self.update(before)
        self.update(self._pointer_rect)

    def stroke_grew(self, name: str) -> None:
        """A stroke has more points."""
        message = self._marks.strokes[name]
        stroke = self._strokes.setdefault(name, _Stroke(message))
        had = max(0, len(stroke.points) - 1)
        new = message.points[stroke.taken :]
        stroke.taken = len(message.points)
        self._widen(message, new)
        stroke.add(self._places(message, new))
        self._repaint_layer(_outer(stroke_rect(stroke.points[had:], self._em)))

    def strokes_went(self) -> None:
        """Strokes were taken back."""
        for name in set(self._strokes) - set(self._marks.strokes):
            gone = self._strokes.pop(name)
            self._repaint_layer(_outer(stroke_rect(gone.points, self._em)))

    def stand_still(self, tile: str, still: Still | None) -> None:
        """Show a picture of a tile in its place; None: the tile itself again."""
        if still is None:
            self._stills.pop(tile, None)
        else:
            self._stills[tile] = still
        self.update(self._tile_rect(tile))

    def look(self) -> None:
        """Tiles may have moved, and what they show in them: what lies elsewhere now is painted anew. Cheap."""
        self._fit()
        moved = False
        for tile in {stroke.tile for stroke in self._strokes.values()}:
            signature = self._signature(tile)
            if signature != self._signatures.get(tile):
                self._signatures[tile] = signature
                self._lay(tile)
                moved = True
        if moved:
            self._repaint_layer(self.rect())
        self.pointer_moved()

    def _fit(self) -> None:
        """Over all of the mosaic, above all of its tiles."""
        if self.geometry() != self._mosaic.rect():
            self.setGeometry(self._mosaic.rect())
            self._layer = QPixmap()
            self._signatures.clear()
        if self._mosaic.children()[-1] is not self:
            self.raise_()

    # ------------------------------------------------------------------ where things lie

    def tile(self, id_: str) -> Tile | None:
        """A tile of this screen that can be seen."""
        found = self._mosaic.by_id.get(id_)
        return found if isinstance(found, Tile) and found.isVisibleTo(self._mosaic) else None

    def _here(self, id_: str) -> str:
        """The tile of this screen that shows what a tile does: itself, or its part of a picture over several."""
        if id_ in self._mosaic.by_id:
            return id_
        kin = self._kin(id_)
        return next((own for own in self._mosaic.by_id if own in kin), id_)

    def _shows(self, message: Present, place: Point) -> bool:
        """Whether a place is its tile's, not one beside it."""
        own = self._here(message.tile)
        return own == message.tile or self._tile_rect(own).contains(round(place[0]), round(place[1]))

    def _tile_rect(self, id_: str) -> QRect:
        tile = self.tile(id_)
        return tile.geometry() if tile is not None else QRect()

    def _place(self, message: Present, point: Point) -> Point | None:
        found = self._places(message, (point,))
        return found[0] if found else None

    def _places(self, message: Present, points: Sequence[Point]) -> list[Point]:
        """Where points of a message lie on this screen; none where its tile, or what it points at, is not here."""
        tile = self.tile(self._here(message.tile) if message.content else message.tile)
        panel = panel_of(tile)
        if panel is None:
            return []
        corner = panel.mapTo(self._mosaic, QPoint(0, 0))
        x0, y0 = corner.x(), corner.y()
        if not message.content:
            wide, high = panel.width(), panel.height()
            return [(x0 + a * wide, y0 + b * high) for a, b in points]
        pointable = pointable_of(panel)
        if pointable is None:
            return []
        found = (_point_of(pointable, Pointed(a, b, message.of)) for a, b in points)
        return [(x0 + at[0], y0 + at[1]) for at in found if at is not None]

    def _widen(self, message: Present, points: Sequence[Point]) -> None:
        key = (message.tile, message.of if message.content else "")
        box = self._boxes.get(key)
        for a, b in points:
            was = box or Rect(a, b, a, b)
            box = Rect(min(was.left, a), min(was.top, b), max(was.right, a), max(was.bottom, b))
        if box is not None:
            self._boxes[key] = box

    def _signature(self, id_: str) -> Signature:
        """What says whether the strokes of a tile lie where they did."""
        tile = self.tile(self._here(id_))
        panel = panel_of(tile)
        if panel is None:
            return ()
        corner = panel.mapTo(self._mosaic, QPoint(0, 0))
        said: list[object] = [corner.x(), corner.y(), panel.width(), panel.height(), id(panel)]
        pointable = pointable_of(panel)
        if pointable is not None:
            for (of_tile, of), box in self._boxes.items():
                if of_tile == id_:
                    for a, b in ((box.left, box.top), (box.right, box.bottom)):
                        at = _point_of(pointable, Pointed(a, b, of))
                        said.append(None if at is None else (round(at[0], 1), round(at[1], 1)))
        return tuple(said)

    def _lay(self, tile: str) -> None:
        """Put all strokes of a tile where they lie now."""
        for name, message in self._marks.strokes.items():
            if message.tile == tile:
                stroke = self._strokes[name] = _Stroke(message)
                stroke.taken = len(message.points)
                stroke.add(self._places(message, message.points))

    def _lay_all(self) -> None:
        self._strokes.clear()
        self._boxes.clear()
        for message in self._marks.strokes.values():
            self._widen(message, message.points)
        for tile in {message.tile for message in self._marks.strokes.values()}:
            self._lay(tile)
            self._signatures[tile] = self._signature(tile)
        self._layer = QPixmap()
        self._repaint_layer(self.rect())

    # ------------------------------------------------------------------ painting

    def _repaint_layer(self, rect: QRect) -> None:
        """Draw the strokes of a part anew; without any there is no picture of them."""
        if not self._strokes:
            self._layer = QPixmap()
            self.update(rect)
            return
        ratio = self.devicePixelRatioF()
        size = self.size() * ratio
        if self._layer.size() != size:
            self._layer = QPixmap(size)
            self._layer.setDevicePixelRatio(ratio)
            self._layer.fill(Qt.GlobalColor.transparent)
            rect = self.rect()
        p = QPainter(self._layer)
        p.setClipRect(rect)
        p.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
        p.fillRect(rect, Qt.GlobalColor.transparent)
        p.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        for stroke in self._strokes.values():
            where = self._tile_rect(self._here(stroke.tile))
            if where.intersects(rect) and _outer(stroke_rect(stroke.points, self._em)).intersects(rect):
                p.setClipRect(where.intersected(rect))
                self._paint_stroke(p, stroke)
        p.end()
        self.update(rect)

    def _paint_stroke(self, p: QPainter, stroke: _Stroke) -> None:
        ink = inks()[stroke.colour]
        width = max(2.0, STROKE_EM * self._em)
        pen = QPen(_casing(ink), width + 2 * max(1.0, CASING_EM * self._em))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        p.strokePath(stroke.path, pen)
        pen.setColor(ink)
        pen.setWidthF(width)
        if dashes := DASHES[stroke.colour]:
            pen.setDashPattern(list(dashes))
        p.strokePath(stroke.path, pen)

    def _rect_of_pointer(self) -> QRect:
        if self._pointer is None:
            return QRect()
        covered = arrow_rect(self._pointer, self._em)
        return _outer(covered).united(_outer(self._plate(self._pointer))) if self._name else _outer(covered)

    def _plate(self, at: Point) -> Rect:
        room = Rect(0, 0, self.width(), self.height())
        return plate_rect(at, text_width(self._name, self._em, bold=True), self._em, room)

    def paintEvent(self, event: QPaintEvent) -> None:
        exposed = event.rect()
        self.repainted_px += exposed.width() * exposed.height()
        p = QPainter(self)
        for id_, still in self._stills.items():
            rect = self._tile_rect(id_)
            if rect.intersects(exposed):
                self._paint_still(p, rect, still)
        if not self._layer.isNull():
            ratio = self._layer.devicePixelRatio()
            source = QRectF(exposed.x() * ratio, exposed.y() * ratio, exposed.width() * ratio, exposed.height() * ratio)
            p.drawPixmap(QRectF(exposed), self._layer, source)
        if self._pointer is not None and self._pointer_rect.intersects(exposed):
            self._paint_pointer(p, self._pointer)

    def _paint_still(self, p: QPainter, rect: QRect, still: Still) -> None:
        """The picture, hatched as what is stale, with since when it stands."""
        t, em = night(), self._em
        p.drawPixmap(rect, still.picture)
        hatch = QColor(t.fault)
        hatch.setAlphaF(0.35)
        paint_hatch(p, QRectF(rect), hatch)
        words = QCoreApplication.translate("OnAir", "Frozen {time}").format(time=clock_text(still.t_ns))
        face = font(em, bold=True)
        chip = fault_chip_rect(QPointF(0, 0), words, face)
        # the middle of the foot: badges of events and warnings stand in the corners
        left = rect.left() + max(0.0, rect.width() - chip.width()) / 2
        at = QPointF(left, rect.bottom() - 0.4 * em - chip.height() / 2)
        paint_fault_chip(p, at, words, face, tokens=t)

    def _paint_pointer(self, p: QPainter, at: Point) -> None:
        t, em = night(), self._em
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPolygonF([QPointF(x, y) for x, y in arrow(at, em)])
        pen = QPen(t.canvas, 2 * max(1.0, CASING_EM * em))
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        p.setPen(pen)
        p.setBrush(t.focus)
        p.drawPolygon(shape)
        p.setPen(Qt.PenStyle.NoPen)
        p.drawPolygon(shape)
        if not self._name:
            return
        plate = self._plate(at)
        box = QRectF(plate.left, plate.top, plate.right - plate.left, plate.bottom - plate.top)
        p.fillRect(box, t.tile)
        p.setFont(font(em, bold=True))
        p.setPen(t.text)
        p.drawText(box, Qt.AlignmentFlag.AlignCenter.value, self._name)


def _casing(ink: QColor) -> QColor:
    """What is dark or light against an ink."""
    t = night()
    return t.canvas if contrast(ink, t.canvas) > contrast(ink, t.focus) else t.focus


def _outer(rect: Rect | None) -> QRect:
    """The whole px that a rectangle touches."""
    if rect is None:
        return QRect()
    return QRectF(rect.left, rect.top, rect.right - rect.left, rect.bottom - rect.top).toAlignedRect()


def panel_of(tile: QWidget | None) -> QWidget | None:
    """A tile's panel, once it is made; every panel is a widget."""
    panel: object = tile.panel if isinstance(tile, Tile) else None
    return panel if isinstance(panel, QWidget) else None


def pointable_of(panel: object) -> Pointable | None:
    """A panel as one that tells what is at a place of it; None: it cannot."""
    return panel if isinstance(panel, Pointable) else None


def _point_of(panel: Pointable, pointed: Pointed) -> Point | None:
    try:
        return panel.point_of(pointed)
    except Exception:  # a mark that cannot be placed is no reason for a tile to fail
        log.exception("a panel cannot place a mark")
        return None
