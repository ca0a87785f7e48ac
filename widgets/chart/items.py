"""What is painted inside the chart's frame and around it; items of a scene, they know no host and keep no samples.

All take values in chart units and paint in pixels, so that lines, dots and badges keep their size at any zoom.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QGraphicsObject, QStyleOptionGraphicsItem, QWidget

from console.api import F64, I64, Columns, Freshness, Limit, Value
from widgets.chart.scale import spread
from widgets.chart.series import Beyond, Crossing
from widgets.kit.minmax import EMPTY_LINE, Line
from widgets.kit.polyline import Frame, travel
from widgets.kit.shapes import paint_badge, paint_cross, paint_hatch
from widgets.kit.text import font, text_width, value_text
from widgets.kit.tokens import look, mixed

TAIL_PX: Final = 8.0
_MIDDLE: Final = Qt.AlignmentFlag.AlignVCenter.value | Qt.TextFlag.TextSingleLine.value


class Picture(Value, frozen=True, eq=False):
    """Everything that the chart shows at one moment; x is seconds since `base_ns`."""

    base_ns: int = 0
    start_ns: int = 0
    end_ns: int = 1
    low: float = 0.0
    high: float = 1.0
    values: tuple[float, ...] = ()
    times: tuple[int, ...] = ()
    digits: int = 2
    now_ns: int = 0
    line: Line = EMPTY_LINE
    thick: tuple[Beyond, ...] = ()
    crossings: tuple[Crossing, ...] = ()
    acknowledged: frozenset[int] = frozenset()
    bad: Columns | None = None
    holes: tuple[tuple[int, int], ...] = ()
    """[from_ns, to_ns] of which nothing is known: hatched, never bridged."""
    limits: tuple[Limit, ...] = ()
    loud: frozenset[float] = frozenset()
    """Values of the limits that the curve in view goes beyond: only their lines and names wear their colour."""
    last_ns: int = 0
    last_v: float = math.nan
    freshness: Freshness = Freshness.NEVER
    bars_ns: I64 | None = None
    bars_v: F64 | None = None
    bar_ns: int = 1
    bar_top: float = 1.0
    forecast: tuple[float, float, float] | None = None
    """Value now, change per second, scatter."""
    loud_priority: int = 0


def frame_of(picture: Picture, rect: QRectF) -> Frame:
    """The picture's span and scale over a rectangle."""
    return Frame(rect=rect, start_ns=picture.start_ns, end_ns=picture.end_ns, low=picture.low, high=picture.high)


class Layer(QGraphicsObject):
    """An item over a rectangle of the scene, in scene pixels; `s` is text_px / 13."""

    def __init__(self, z: float) -> None:
        super().__init__()
        self.picture = Picture()
        self.inner = QRectF(0, 0, 1, 1)
        self.outer = QRectF(0, 0, 1, 1)
        self.s = 1.0
        self.setZValue(z)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        # so that `option.exposedRect` names what is to be painted again, not the whole item
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def place(self, inner: QRectF, outer: QRectF, s: float) -> None:
        """The chart's frame, the whole canvas, and the scale of the text."""
        self.prepareGeometryChange()
        self.inner, self.outer, self.s = inner, outer, s

    def boundingRect(self) -> QRectF:
        return self.outer


class GroundLayer(Layer):
    """Beneath the curve: rain from the top, forecast, hatch of a stale end, the limits, the line of now."""

    def boundingRect(self) -> QRectF:
        return self.inner

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        p, frame, picture = painter, frame_of(self.picture, self.inner), self.picture
        p.save()
        p.setClipRect(self.inner, Qt.ClipOperation.IntersectClip)
        exposed = QRectF(option.exposedRect)
        self._paint_grid(p, frame, exposed)
        self._paint_bars(p, frame, exposed)
        if picture.forecast is not None:
            p.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_forecast(p, frame)
            p.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if picture.freshness in (Freshness.STALE, Freshness.DISCONNECTED) and picture.last_ns:
            x, right = frame.x(picture.last_ns), min(self.inner.right(), frame.x(picture.now_ns))
            if right > x:
                paint_hatch(p, QRectF(x, self.inner.top(), right - x, self.inner.height()), look.tokens.line)
        self._paint_holes(p, frame)
        for limit in picture.limits:
            self._paint_limit(p, frame, limit)
        x = round(frame.x(picture.now_ns))
        p.fillRect(QRectF(x, self.inner.top(), max(1.0, self.s), self.inner.height()), look.tokens.muted)
        p.restore()

    def _paint_grid(self, p: QPainter, frame: Frame, exposed: QRectF) -> None:
        faint = mixed(look.tokens.line, look.tokens.tile, 0.5)
        for v in self.picture.values:
            p.fillRect(QRectF(exposed.left(), round(frame.y(v)), exposed.width(), 1), faint)
        for t_ns in self.picture.times:
            x = round(frame.x(t_ns))
            if exposed.left() - 1 <= x <= exposed.right():
                p.fillRect(QRectF(x, self.inner.top(), 1, self.inner.height()), faint)

    def _paint_holes(self, p: QPainter, frame: Frame) -> None:
        """A thin hatch where nothing is known, with the word where there is room for it."""
        t, px = look.tokens, 12 * self.s
        word = QCoreApplication.translate("Chart", "no data")
        for start_ns, end_ns in self.picture.holes:
            left = max(frame.x(start_ns), self.inner.left())
            box = QRectF(left, self.inner.top(), frame.x(end_ns) - left, self.inner.height())
            if box.width() < 1:
                continue
            paint_hatch(p, box, t.line)
            if box.width() > text_width(word, px) + 12 * self.s:
                p.setFont(font(px))
                p.setPen(t.muted)
                plate = QRectF(0, 0, text_width(word, px) + 8 * self.s, 1.5 * px)
                plate.moveCenter(QPointF(box.center().x(), box.bottom() - 1.2 * px))
                p.fillRect(plate, t.tile)
                p.drawText(plate, _MIDDLE | Qt.AlignmentFlag.AlignHCenter.value, word)

    def _paint_limit(self, p: QPainter, frame: Frame, limit: Limit) -> None:
        t = look.tokens
        loud = limit.value in self.picture.loud
        pen = QPen(t.priority[limit.priority].line if loud else t.muted, max(1.0, round(1.2 * self.s)))
        pen.setDashPattern([6, 4])
        p.setPen(pen)
        y = round(frame.y(limit.value))
        p.drawLine(QPointF(self.inner.left(), y), QPointF(self.inner.right(), y))

    def _paint_bars(self, p: QPainter, frame: Frame, exposed: QRectF) -> None:
        picture = self.picture
        if picture.bars_ns is None or picture.bars_v is None:
            return
        color = mixed(look.tokens.data, look.tokens.tile, 0.3)
        most = self.inner.height() * 0.42
        for t_ns, v in zip(picture.bars_ns.tolist(), picture.bars_v.tolist(), strict=True):
            x0, x1 = round(frame.x(t_ns)), round(frame.x(min(t_ns + picture.bar_ns, picture.now_ns)))
            height = round(most * v / picture.bar_top)
            if height >= 1 and x1 > exposed.left() - 2 and x0 < exposed.right():
                left = max(x0, self.inner.left())
                p.fillRect(QRectF(left, self.inner.top(), max(1.0, x1 - left - round(2 * self.s)), height), color)

    def _paint_forecast(self, p: QPainter, frame: Frame) -> None:
        picture, t = self.picture, look.tokens
        assert picture.forecast is not None
        at_now, slope, scatter = picture.forecast
        ahead_s = (picture.end_ns - picture.now_ns) / 1e9
        if ahead_s <= 0:
            return
        # the straight trend is trusted less the further it is drawn on
        share = np.linspace(0.0, 1.0, 17)
        middle = at_now + slope * ahead_s * share
        width = scatter + abs(slope) * ahead_s * 0.5 * share**2
        xs = [frame.x(picture.now_ns + float(f) * (picture.end_ns - picture.now_ns)) for f in share]
        upper = [QPointF(x, frame.y(float(v))) for x, v in zip(xs, middle + width, strict=True)]
        lower = [QPointF(x, frame.y(float(v))) for x, v in zip(xs, middle - width, strict=True)]
        band = QColor(t.data)
        band.setAlphaF(0.18)
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(band)
        p.drawPolygon(QPolygonF([*upper, *reversed(lower)]))
        pen = QPen(t.data, 1.6 * self.s)
        pen.setDashPattern([3, 3])
        p.setPen(pen)
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawPolyline(QPolygonF([QPointF(x, frame.y(float(v))) for x, v in zip(xs, middle, strict=True)]))


class CurveLayer(Layer):
    """The curve with its thick parts, bad samples, last dot and badges."""

    def boundingRect(self) -> QRectF:
        return self.inner.adjusted(-2, -2, 2, 2)

    def tail(self, since_ns: int) -> QRectF:
        """What has to be painted again where only samples since `since_ns` are new."""
        x = frame_of(self.picture, self.inner).x(since_ns) - TAIL_PX * self.s
        return QRectF(x, self.inner.top() - 2, self.inner.right() + 4 - x, self.inner.height() + 4)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        p, frame, picture, t = painter, frame_of(self.picture, self.inner), self.picture, look.tokens
        p.save()
        p.setClipRect(self.boundingRect(), Qt.ClipOperation.IntersectClip)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        exposed = QRectF(option.exposedRect)
        self._stroke(p, frame.polygons(picture.line, exposed), QPen(t.data, self._width(picture.line, 1.6)))
        for part in picture.thick:
            pen = QPen(t.priority[part.priority].line, self._width(part.line, 3.0))
            self._stroke(p, frame.polygons(part.line, exposed), pen)
        self._paint_bad(p, frame)
        self._paint_end(p, frame)
        taken: list[QRectF] = []
        for crossing in sorted(picture.crossings, key=lambda c: c.priority):
            self._paint_crossing(p, frame, crossing, taken)
        p.restore()

    def _width(self, line: Line, wanted: float) -> float:
        """A curve of much up and down is drawn thin: it fills its band anyway, and a wide one costs thirty times."""
        up_and_down = travel(line.v) * self.inner.height() / max(self.picture.high - self.picture.low, 1e-300)
        return wanted * self.s if up_and_down < 2.5 * self.inner.width() else 1.0

    def _stroke(self, p: QPainter, polygons: list[QPolygonF], pen: QPen) -> None:
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
        for polygon in polygons:
            if polygon.size() == 1:
                dot = QPen(pen)
                dot.setWidthF(max(3.0 * self.s, pen.widthF()))
                p.setPen(dot)
                p.drawPoint(polygon.at(0))
            else:
                p.setPen(pen)
                p.drawPolyline(polygon)

    def _paint_bad(self, p: QPainter, frame: Frame) -> None:
        bad = self.picture.bad
        if bad is None or not len(bad):
            return
        seen: set[int] = set()
        for t_ns, v in zip(bad.t_ns.tolist(), bad.v.tolist(), strict=True):
            x = frame.x(t_ns)
            if round(x / 6) in seen or not self.inner.left() <= x <= self.inner.right():
                continue
            seen.add(round(x / 6))
            # a bad sample without a value stands on the floor: it must not look like a measurement
            y = frame.y(v) if math.isfinite(v) else self.inner.bottom() - 8 * self.s
            y = min(max(y, self.inner.top() + 6), self.inner.bottom() - 6)
            paint_cross(p, QRectF(x - 7 * self.s, y - 7 * self.s, 14 * self.s, 14 * self.s), look.tokens.fault)

    def _paint_end(self, p: QPainter, frame: Frame) -> None:
        picture, t = self.picture, look.tokens
        stale = picture.freshness in (Freshness.STALE, Freshness.DISCONNECTED)
        if not picture.last_ns or not math.isfinite(picture.last_v):
            return
        centre = QPointF(frame.x(picture.last_ns), frame.y(picture.last_v))
        p.setPen(QPen(t.tile, 1.5 * self.s))
        p.setBrush(t.muted if stale else t.priority[picture.loud_priority].line if picture.loud_priority else t.data)
        p.drawEllipse(centre, 4.6 * self.s, 4.6 * self.s)

    def _paint_crossing(self, p: QPainter, frame: Frame, crossing: Crossing, taken: list[QRectF]) -> None:
        x, y = frame.x(crossing.t_ns), frame.y(crossing.v)
        if not self.inner.left() <= x <= self.inner.right():
            return
        side, t = 22 * self.s, look.tokens
        up = y - 13 * self.s - side >= self.inner.top()
        top = y - 13 * self.s - side if up else y + 13 * self.s
        top = max(self.inner.top(), min(top, self.inner.bottom() - side))  # whole, where neither side has room
        box = QRectF(x - side / 2, top, side, side)
        if any(box.intersects(other) for other in taken):
            return  # a steep fall through several limits bears the worst one's badge
        taken.append(box)
        p.setPen(QPen(t.priority[crossing.priority].line, 1.2 * self.s))
        p.drawLine(QPointF(x, y), QPointF(x, top + side if up else top))
        if crossing.priority in self.picture.acknowledged:
            paint_badge(p, box, crossing.priority, filled=False, ground=t.tile)
        else:
            paint_badge(p, box, crossing.priority, filled=True)


class EdgeLayer(Layer):
    """What stands in the margins: limit names at the right end, the time of now on its plate."""

    def __init__(self, z: float) -> None:
        super().__init__(z)
        self.language = "zh"
        self.clock = ""
        self.peak: tuple[str, str] = ("", "")

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        p, frame = painter, frame_of(self.picture, self.inner)
        p.save()
        if option.exposedRect.right() > self.inner.right() + 6 * self.s:
            self._paint_names(p, frame)
        self._paint_now(p, QRectF(option.exposedRect))
        p.restore()

    def _paint_names(self, p: QPainter, frame: Frame) -> None:
        px, t = 12 * self.s, look.tokens
        left, top, bottom = self.inner.right() + 8 * self.s, self.inner.top(), self.inner.bottom() - 0.3 * px
        inside = [x for x in self.picture.limits if top - 1 <= frame.y(x.value) <= self.inner.bottom() + 1]
        peak = [(self._peak_y(frame, px) - 0.4 * px, 1.4 * px)] if self.peak[1] else []
        room = bottom - top - sum(half + 0.625 * px for _, half in peak)
        kept = sorted(inside, key=lambda x: x.priority)[: max(0, int(room / (1.25 * px))) + 1]
        wanted = [(frame.y(x.value), 0.625 * px) for x in kept] + peak
        at = spread(wanted, top, bottom)
        p.setFont(font(px))
        for limit, y in zip(kept, at, strict=False):
            loud = limit.value in self.picture.loud
            p.setPen(t.priority[limit.priority].line if loud else t.text2)
            text = limit_name(limit, self.picture.digits, self.language)
            p.drawText(QRectF(left, y - px, self.outer.right() - left, 2 * px), _MIDDLE, text)
        if peak:
            self._paint_peak(p, at[-1] + 0.4 * px, left, px)

    def _peak_y(self, frame: Frame, px: float) -> float:
        assert self.picture.forecast is not None
        v = self.picture.forecast[0] + self.picture.forecast[1] * (self.picture.end_ns - self.picture.now_ns) / 1e9
        return min(max(frame.y(v), self.inner.top() + px), self.inner.bottom() - px)

    def _paint_peak(self, p: QPainter, y: float, left: float, px: float) -> None:
        p.setFont(font(px))
        p.setPen(look.tokens.text2)
        p.drawText(QRectF(left, y - 1.8 * px, self.outer.right() - left, 1.4 * px), _MIDDLE, self.peak[0])
        p.setPen(look.tokens.text)
        p.setFont(font(px, bold=True))
        p.drawText(QRectF(left, y - 0.4 * px, self.outer.right() - left, 1.4 * px), _MIDDLE, self.peak[1])

    def plate(self) -> QRectF:
        """Where the time of now stands, at the foot of its line; empty where now is not in view."""
        x, s = round(frame_of(self.picture, self.inner).x(self.picture.now_ns)), self.s
        if not self.inner.left() <= x <= self.inner.right():
            return QRectF()
        width = text_width(self.clock, 12 * s, bold=True) + 14 * s
        left = min(max(x - width / 2, 2.0), self.outer.right() - width - 2)
        return QRectF(left, self.inner.bottom() + 4 * s, width, 20 * s)

    def _paint_now(self, p: QPainter, exposed: QRectF) -> None:
        plate, t = self.plate(), look.tokens
        if plate.isEmpty() or exposed.bottom() <= plate.top():
            return
        p.fillRect(plate, t.text2)
        p.setPen(t.tile)
        p.setFont(font(12 * self.s, bold=True))
        p.drawText(plate, _MIDDLE | Qt.AlignmentFlag.AlignHCenter.value, self.clock)


def limit_name(limit: Limit, digits: int, language: str) -> str:
    """ "保证 389.50"; the bare value where the limit has no name."""
    return f"{limit.name.of(language)} {value_text(limit.value, digits)}".strip()
