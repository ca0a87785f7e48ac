"""The signs of the console, painted and never typed: badges, fault, trend, hatch, map symbols; knows no entity."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from widgets.kit.text import font
from widgets.kit.tokens import Tokens, look

SMALLEST_NUMBER_PX: Final = 9.0
NUMBER_SHARE: Final = 0.62
NO_PEN: Final = Qt.PenStyle.NoPen


def badge_path(rect: QRectF, priority: int) -> QPainterPath:
    """Outline of a priority's shape inside `rect`: 1 ■, 2 ◆, 3 ▲, 4 ● (anything else as 4)."""
    path = QPainterPath()
    side = min(rect.width(), rect.height())
    c = rect.center()
    r = side / 2
    if priority == 1:
        k = r * 0.9
        path.addRect(QRectF(c.x() - k, c.y() - k, 2 * k, 2 * k))
    elif priority == 2:
        k = r * 1.12
        points = [QPointF(c.x(), c.y() - k), QPointF(c.x() + k, c.y()), QPointF(c.x(), c.y() + k)]
        path.addPolygon(QPolygonF([*points, QPointF(c.x() - k, c.y())]))
        path.closeSubpath()
    elif priority == 3:
        w, top, foot = r * 1.12, c.y() - r * 1.02, c.y() + r * 0.88
        path.addPolygon(QPolygonF([QPointF(c.x(), top), QPointF(c.x() + w, foot), QPointF(c.x() - w, foot)]))
        path.closeSubpath()
    else:
        path.addEllipse(c, r, r)
    return path


def paint_badge(
    p: QPainter,
    rect: QRectF,
    priority: int,
    *,
    filled: bool,
    number: bool = True,
    check: bool = False,
    ground: QColor | None = None,
    tokens: Tokens | None = None,
) -> None:
    """A priority's shape in `rect`: filled with its rim, or an outline (on `ground` where one is given).

    The number is the priority, 0.62 of the size, left out where it would be smaller than the smallest text.
    `check` puts a check in the place of the number: returned, not acknowledged.
    """
    t = tokens or look.tokens
    colours = t.priority[priority if 1 <= priority <= 4 else 4]
    side = min(rect.width(), rect.height())
    rim = max(1.2, side / 15)
    inner = rect.adjusted(rim / 2, rim / 2, -rim / 2, -rim / 2)
    path = badge_path(inner, priority)
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(colours.rim if filled else colours.line, rim)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    p.setPen(pen)
    if filled:
        p.setBrush(colours.fill)
    else:
        p.setBrush(QBrush(ground) if ground is not None else Qt.BrushStyle.NoBrush)
    p.drawPath(path)
    ink = colours.fill_text if filled else colours.line
    if check:
        _paint_check(p, inner, priority, ink)
    elif number:
        _paint_number(p, inner, priority, ink)
    p.restore()


def _paint_number(p: QPainter, rect: QRectF, priority: int, ink: QColor) -> None:
    side = min(rect.width(), rect.height())
    px = side * (0.54 if priority == 3 else NUMBER_SHARE)
    if px < SMALLEST_NUMBER_PX:
        return
    face = font(px, bold=True)
    text = str(priority)
    metrics = QFontMetricsF(face)
    box = metrics.tightBoundingRect(text)
    centre = rect.center() + QPointF(0, side * 0.14 if priority == 3 else 0)
    p.setFont(face)
    p.setPen(ink)
    p.drawText(QPointF(centre.x() - metrics.horizontalAdvance(text) / 2, centre.y() - box.center().y()), text)


def _paint_check(p: QPainter, rect: QRectF, priority: int, ink: QColor) -> None:
    side = min(rect.width(), rect.height())
    c = rect.center() + QPointF(0, side * 0.12 if priority == 3 else 0)
    k = side * (0.2 if priority == 3 else 0.26)
    pen = QPen(ink, max(1.4, side / 10))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    p.setPen(pen)
    points = [
        QPointF(c.x() - k, c.y()),
        QPointF(c.x() - k * 0.25, c.y() + k * 0.75),
        QPointF(c.x() + k, c.y() - k * 0.7),
    ]
    p.drawPolyline(QPolygonF(points))


def paint_cross(p: QPainter, rect: QRectF, color: QColor, width: float = 0.0) -> None:
    """A plain ✕ filling the middle of `rect`; `width` of its strokes in px, 0 chooses one that suits the size."""
    side = min(rect.width(), rect.height())
    c, k = rect.center(), side * 0.28
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(color, width or max(1.3, side / 9))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    p.setPen(pen)
    p.drawLine(QPointF(c.x() - k, c.y() - k), QPointF(c.x() + k, c.y() + k))
    p.drawLine(QPointF(c.x() - k, c.y() + k), QPointF(c.x() + k, c.y() - k))
    p.restore()


def paint_fault(p: QPainter, rect: QRectF, *, filled: bool = False, tokens: Tokens | None = None) -> None:
    """✕ in a ring, in the fault colour: the system's own trouble. `filled`: on a disc of the fault fill."""
    t = tokens or look.tokens
    side = min(rect.width(), rect.height())
    w = max(1.2, side / 14)
    box = QRectF(0, 0, side - w, side - w)
    box.moveCenter(rect.center())
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setPen(QPen(t.fault, w))
    p.setBrush(t.fault_fill if filled else Qt.BrushStyle.NoBrush)
    p.drawEllipse(box)
    p.restore()
    paint_cross(p, box, t.fault_fill_text if filled else t.fault)


def paint_trend(p: QPainter, rect: QRectF, rate_sign: int, color: QColor) -> None:
    """An arrow filling `rect`: +1 up, −1 down, 0 to the right (steady)."""
    side = min(rect.width(), rect.height())
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.translate(rect.center())
    p.rotate({1: 0.0, -1: 180.0}.get(rate_sign, 90.0))
    k = side / 2
    head, stem = k * 0.72, k * 0.24
    path = QPainterPath(QPointF(0, -k * 0.92))
    for x, y in (
        (head, -k * 0.08),
        (stem, -k * 0.08),
        (stem, k * 0.92),
        (-stem, k * 0.92),
        (-stem, -k * 0.08),
        (-head, -k * 0.08),
    ):
        path.lineTo(x, y)
    path.closeSubpath()
    p.fillPath(path, color)
    p.restore()


def paint_hatch(p: QPainter, rect: QRectF, color: QColor) -> None:
    """Thin diagonal hatching over `rect`, every 10 px: stale."""
    p.save()
    p.setClipRect(rect)
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setPen(QPen(color, 1.0))
    x = rect.left() - rect.height()
    while x < rect.right():
        p.drawLine(QPointF(x, rect.bottom()), QPointF(x + rect.height(), rect.top()))
        x += 10.0
    p.restore()


def paint_flag(p: QPainter, rect: QRectF, color: QColor, heading_deg: float = 0) -> None:
    """A flag on its staff: a command post. A flag has no heading."""
    s, o = min(rect.width(), rect.height()), _origin(rect)
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    staff = QRectF(o.x() + s * 0.16, o.y() + s * 0.08, max(1.2, s * 0.09), s * 0.86)
    p.fillRect(staff, color)
    cloth = [(0.16, 0.1), (0.95, 0.1), (0.78, 0.36), (0.95, 0.62), (0.16, 0.62)]
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(o.x() + s * x, o.y() + s * y) for x, y in cloth]))
    path.closeSubpath()
    p.fillPath(path, color)
    p.restore()


def paint_vehicle(p: QPainter, rect: QRectF, color: QColor, heading_deg: float = 0) -> None:
    """An arrowhead pointing to `heading_deg` from north: a vehicle or a team on its way."""
    k = min(rect.width(), rect.height()) / 2
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.translate(rect.center())
    p.rotate(heading_deg if math.isfinite(heading_deg) else 0.0)
    path = QPainterPath()
    points = [QPointF(0, -k * 0.95), QPointF(k * 0.68, k * 0.82), QPointF(0, k * 0.45), QPointF(-k * 0.68, k * 0.82)]
    path.addPolygon(QPolygonF(points))
    path.closeSubpath()
    p.fillPath(path, color)
    p.restore()


def paint_house(p: QPainter, rect: QRectF, color: QColor, heading_deg: float = 0) -> None:
    """The outline of a house: a shelter, a hospital, a depot. A house has no heading."""
    s, o = min(rect.width(), rect.height()), _origin(rect)
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(color, max(1.3, s / 12))
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    p.setPen(pen)
    p.setBrush(Qt.BrushStyle.NoBrush)
    outline = [(0.12, 0.5), (0.5, 0.14), (0.88, 0.5), (0.88, 0.88), (0.12, 0.88)]
    p.drawPolygon(QPolygonF([QPointF(o.x() + s * x, o.y() + s * y) for x, y in outline]))
    p.restore()


def paint_camera(p: QPainter, rect: QRectF, color: QColor, heading_deg: float = 0) -> None:
    """A dot with its cone of sight towards `heading_deg` from north: a camera."""
    k = min(rect.width(), rect.height()) / 2
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.translate(rect.center())
    p.rotate(heading_deg if math.isfinite(heading_deg) else 0.0)
    cone = QColor(color)
    cone.setAlphaF(0.45)
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(0, 0), QPointF(-k * 0.6, -k), QPointF(k * 0.6, -k)]))
    path.closeSubpath()
    p.fillPath(path, cone)
    p.setPen(NO_PEN)
    p.setBrush(color)
    p.drawEllipse(QPointF(0, 0), k * 0.3, k * 0.3)
    p.restore()


def _origin(rect: QRectF) -> QPointF:
    s = min(rect.width(), rect.height())
    return QPointF(rect.center().x() - s / 2, rect.center().y() - s / 2)


def paint_fault_chip(
    p: QPainter, rect_left_center: QPointF, text: str, font: QFont, *, tokens: Tokens | None = None
) -> QRectF:
    """A chip "✕ 6 min" on the fault fill, its left edge's middle at `rect_left_center`; returns its rectangle."""
    t = tokens or look.tokens
    rect = fault_chip_rect(rect_left_center, text, font)
    px = QFontMetricsF(font).height() / 1.45
    p.save()
    p.fillRect(rect, t.fault_fill)
    paint_cross(p, QRectF(rect.left() + px * 0.3, rect.center().y() - px / 2, px, px), t.fault_fill_text)
    p.setFont(font)
    p.setPen(t.fault_fill_text)
    where = rect.adjusted(px * 1.45, 0, 0, 0)
    p.drawText(where, Qt.AlignmentFlag.AlignVCenter.value | Qt.TextFlag.TextSingleLine.value, text)
    p.restore()
    return rect


def fault_chip_rect(left_center: QPointF, text: str, font: QFont) -> QRectF:
    """Where `paint_fault_chip` would paint, for layout."""
    metrics = QFontMetricsF(font)
    px = metrics.height() / 1.45
    height = px * 1.6
    width = px * 1.9 + metrics.horizontalAdvance(text)
    return QRectF(left_center.x(), left_center.y() - height / 2, width, height)


def paint_link_bars(p: QPainter, rect: QRectF, bars: int, lit: QColor, dim: QColor) -> None:
    """Four rising bars, the first `bars` of them lit: how good a link is."""
    gap = rect.width() / 16
    width = (rect.width() - 3 * gap) / 4
    for i in range(4):
        height = rect.height() * (0.34 + 0.22 * i)
        bar = QRectF(rect.left() + i * (width + gap), rect.bottom() - height, width, height)
        p.fillRect(bar, lit if i < bars else dim)


def paint_plug(p: QPainter, rect: QRectF, color: QColor) -> None:
    """Two plugs pulled apart: disconnected."""
    s, o = min(rect.width(), rect.height()), _origin(rect)
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(color, max(1.3, s / 11))
    p.setPen(pen)

    def line(x1: float, y1: float, x2: float, y2: float) -> None:
        p.drawLine(QPointF(o.x() + s * x1, o.y() + s * y1), QPointF(o.x() + s * x2, o.y() + s * y2))

    line(0.02, 0.5, 0.26, 0.5)
    line(0.26, 0.24, 0.26, 0.76)
    line(0.26, 0.36, 0.4, 0.36)
    line(0.26, 0.64, 0.4, 0.64)
    line(0.98, 0.5, 0.74, 0.5)
    line(0.74, 0.24, 0.74, 0.76)
    line(0.5, 0.2, 0.46, 0.32)
    line(0.54, 0.68, 0.5, 0.8)
    p.restore()
