"""Paints one row of the strips from its values; knows no host and keeps nothing."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QCoreApplication, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QRegion

from console.api import NS, AlarmState, Freshness, Limit, Value
from widgets.kit.afar import whole_words
from widgets.kit.blink import blink
from widgets.kit.minmax import Line, side_of
from widgets.kit.polyline import Frame
from widgets.kit.shapes import fault_chip_rect, paint_badge, paint_fault, paint_fault_chip, paint_hatch, paint_trend
from widgets.kit.text import age_text, clock_off_text, draw_elided, font, text_width, value_text
from widgets.kit.tokens import look
from widgets.strips.layout import Parts
from widgets.strips.rows import Strip, rate_digits

LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
WALL_VALUE: Final = 16
"""A wall's values in px of a desk, where its text is 13."""


class RowWords(Value, frozen=True):
    """What stands beside a row's curve in words."""

    name: str
    scope: str = ""


class RowView(Value, frozen=True, eq=False):
    """How a row is to be painted: `s` scale of the text, `now_ns` and `end_ns` the time of now and the right edge."""

    s: float
    wall: bool
    language: str
    now_ns: int
    end_ns: int
    span_ns: int
    selected: bool = False


def _standing_colour(strip: Strip) -> QColor:
    t = look.tokens
    if strip.reading.bad or strip.reading.freshness in (Freshness.STALE, Freshness.DISCONNECTED):
        return t.text2
    return t.priority[strip.reading.priority].line if strip.reading.priority else t.text


def paint_row(
    p: QPainter, cell: QRectF, parts: Parts, strip: Strip, words: RowWords, view: RowView, touched: QRegion
) -> None:
    """One row over its own ground, with the hairline beneath; only what is touched: a badge may blink by itself."""
    t = look.tokens
    p.fillRect(cell, t.tile)
    p.fillRect(QRectF(cell.left(), cell.bottom() - 1, cell.width(), 1), t.line)
    if touched.intersects(_across(cell, cell.left(), parts.name.right())):
        _paint_badge(p, parts, strip, view)
        p.setPen(t.text)
        px = (13 if view.wall else 14) * view.s
        p.setFont(font(px))
        name = whole_words(words.name, px, parts.name.width()) if view.wall else ""
        draw_elided(p, parts.name, LEFT, name or words.name)
        if not parts.scope.isEmpty():
            p.setPen(t.text2)
            p.setFont(font(12 * view.s))
            draw_elided(p, parts.scope, LEFT, words.scope)
    curve = touched.intersected(_across(cell, parts.curve.left() - 2, parts.curve.right() + 6 * view.s))
    if not curve.isEmpty():
        paint_curve(p, parts.curve, strip, view, QRectF(curve.boundingRect()))
    if touched.intersects(_across(cell, parts.value.left(), cell.right())):
        _paint_value(p, parts, strip, view)
    if view.selected:
        p.setPen(QPen(t.focus, 2))
        p.setBrush(Qt.BrushStyle.NoBrush)
        p.drawRect(cell.adjusted(1, 1, -1, -2))


def _across(cell: QRectF, left: float, right: float) -> QRect:
    """The part of a row between two edges, in whole px."""
    return QRectF(left, cell.top(), max(0.0, right - left), cell.height()).toAlignedRect()


def _paint_badge(p: QPainter, parts: Parts, strip: Strip, view: RowView) -> None:
    alarm = strip.reading.alarm
    if alarm is None:
        if strip.reading.freshness in (Freshness.STALE, Freshness.DISCONNECTED) or strip.reading.bad:
            paint_fault(p, parts.badge.adjusted(2, 2, -2, -2))
        return
    filled = alarm.state is AlarmState.UNACKNOWLEDGED and blink.on
    numbered = not view.wall  # a number in it would be smaller than the smallest text
    check = alarm.state is AlarmState.RETURNED
    paint_badge(p, parts.badge, alarm.priority, filled=filled, number=numbered, check=check)


def paint_curve(p: QPainter, rect: QRectF, strip: Strip, view: RowView, exposed: QRectF) -> None:
    """The curve with its limit: the part beyond it thick in its colour, the last point dotted, gaps left empty."""
    if rect.width() < 8 or rect.height() < 1:
        return
    t, priority = look.tokens, strip.reading.priority
    line, limit = strip.curve(), strip.limit()
    low, high = strip.scale()
    frame = Frame(rect=rect, start_ns=view.end_ns - view.span_ns, end_ns=view.end_ns, low=low, high=high)
    p.save()
    p.setClipRect(rect.adjusted(-1, -4 * view.s, 4 * view.s, 4 * view.s), Qt.ClipOperation.IntersectClip)
    if limit is not None:
        _paint_limit(p, rect, frame.y(limit.value), t.priority[limit.priority].line if priority else t.muted, view)
    for start_ns, end_ns in strip.holes():
        x0, x1 = max(frame.x(start_ns), rect.left()), frame.x(end_ns)
        if x1 - x0 >= 1 and x1 > exposed.left():
            paint_hatch(p, QRectF(x0, rect.top(), x1 - x0, rect.height()), t.line)
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    polygons = frame.polygons(line, exposed)
    calm = t.data if strip.reading.freshness is not Freshness.STALE else t.muted
    width = (1.5 if not view.wall else 1.7) * max(1.0, view.s * 0.75)
    dense = strip.dense(rect.height() / (high - low), rect.width())
    _stroke(p, polygons, QPen(calm, 1.0 if dense else width))
    if limit is not None and priority:
        pen = QPen(t.priority[priority].line, width * 1.75)
        # the rest of the curve would be clipped away, which costs as much as painting it
        near = side_of(line, limit.value, high=limit.high, margin=(2 * width * 1.75 + 4) * (high - low) / rect.height())
        _paint_beyond(p, rect, limit, frame.y(limit.value), frame.polygons(near, exposed), pen)
    _paint_end(p, frame, line, strip, view, t.priority[priority].line if priority else calm)
    p.restore()


def _paint_limit(p: QPainter, rect: QRectF, y: float, color: QColor, view: RowView) -> None:
    pen = QPen(color, max(1.0, view.s))
    pen.setDashPattern([4, 3])
    p.setPen(pen)
    p.drawLine(QPointF(rect.left(), round(y)), QPointF(rect.right(), round(y)))


def _stroke(p: QPainter, polygons: list[QPolygonF], pen: QPen) -> None:
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
    p.setPen(pen)
    for polygon in polygons:
        if polygon.size() == 1:
            p.drawPoint(polygon.at(0))
        else:
            p.drawPolyline(polygon)


def _paint_beyond(
    p: QPainter, rect: QRectF, limit: Limit, limit_y: float, polygons: list[QPolygonF], pen: QPen
) -> None:
    """The same curve once more, only on the limit's far side: the crossing falls exactly on the limit."""
    p.save()
    margin = 2 * pen.widthF() + 4
    top = rect.top() - margin if limit.high else limit_y
    bottom = limit_y if limit.high else rect.bottom() + margin
    p.setClipRect(QRectF(rect.left(), top, rect.width() + margin, bottom - top), Qt.ClipOperation.IntersectClip)
    _stroke(p, polygons, pen)
    p.restore()


def _paint_end(p: QPainter, frame: Frame, line: Line, strip: Strip, view: RowView, dot: QColor) -> None:
    if not len(line):
        return
    rect, last = frame.rect, QPointF(frame.x(int(line.t_ns[-1])), frame.y(float(line.v[-1])))
    fresh = strip.reading.freshness
    if fresh in (Freshness.STALE, Freshness.DISCONNECTED) and rect.right() - last.x() > 1:
        paint_hatch(p, QRectF(last.x(), rect.top(), rect.right() - last.x(), rect.height()), look.tokens.line)
    if fresh is Freshness.LIVE:
        p.setPen(Qt.PenStyle.NoPen)
        p.setBrush(dot)
        radius = 2.6 * max(1.0, view.s * 0.8)
        p.drawEllipse(QPointF(min(last.x(), rect.right()), last.y()), radius, radius)


def _paint_value(p: QPainter, parts: Parts, strip: Strip, view: RowView) -> None:
    t, reading = look.tokens, strip.reading
    unit_px = (13 if view.wall else 12) * view.s
    value_px = (WALL_VALUE if view.wall else 20) * view.s
    ink = _standing_colour(strip)
    bold = bool(reading.priority)
    figure = value_text(math.nan if reading.bad else reading.v, strip.sensor.digits)
    unit = strip.sensor.unit
    gap = 4 * view.s if unit else 0.0
    unit_w = text_width(unit, unit_px) if unit else 0.0
    right = parts.value.right()
    p.setFont(font(unit_px))
    p.setPen(t.text2)
    baseline = parts.value.center().y() + value_px * 0.36
    unit_x = right - unit_w
    if view.wall:
        unit_x = parts.arrow.left() - 0.35 * 13 * view.s - max(unit_w, 0.0)
    if unit:
        p.drawText(QPointF(unit_x, baseline), unit)
    p.setFont(font(value_px, bold=bold))
    p.setPen(ink)
    p.drawText(QPointF(unit_x - gap - text_width(figure, value_px, bold=bold), baseline), figure)
    if view.wall:
        _paint_wall_arrow(p, parts, strip)
    else:
        _paint_rate(p, parts, strip, view)


def _paint_wall_arrow(p: QPainter, parts: Parts, strip: Strip) -> None:
    if strip.reading.freshness is Freshness.NEVER:
        return
    if strip.reading.freshness is not Freshness.LIVE or strip.reading.bad:
        paint_fault(p, parts.arrow)
        return
    t, priority = look.tokens, strip.reading.priority
    paint_trend(p, parts.arrow, strip.reading.trend, t.priority[priority].line if priority else t.text2)


def _paint_rate(p: QPainter, parts: Parts, strip: Strip, view: RowView) -> None:
    t, reading = look.tokens, strip.reading
    px = 12 * view.s
    face = font(px)
    p.setFont(face)
    rect = parts.rate
    if reading.freshness is Freshness.NEVER:
        p.setPen(t.muted)
        p.drawText(rect, RIGHT.value, QCoreApplication.translate("Strips", "never received"))
        return
    if reading.freshness in (Freshness.STALE, Freshness.DISCONNECTED) or reading.bad or reading.clock_off_s:
        age = QCoreApplication.translate("Strips", "bad value")
        if reading.clock_off_s:
            age = clock_off_text(reading.clock_off_s, view.language)
        elif not reading.bad:
            age = age_text((view.now_ns - reading.t_ns) / NS, view.language)
        chip = fault_chip_rect(QPointF(0, 0), age, face)
        paint_fault_chip(p, QPointF(rect.right() - chip.width(), rect.center().y()), age, face)
        return
    if math.isnan(reading.rate_per_min):
        return
    text = QCoreApplication.translate("Strips", "steady")
    if reading.trend:
        text = f"{value_text(abs(reading.rate_per_min), rate_digits(strip.sensor, reading.rate_per_min))}/min"
    width = text_width(text, px)
    p.setPen(t.text2)
    p.drawText(rect, RIGHT.value, text)
    box = QRectF(0, 0, 10 * view.s, 10 * view.s)
    box.moveCenter(QPointF(rect.right() - width - 10 * view.s, rect.center().y()))
    paint_trend(p, box, reading.trend, t.text2)


def paint_empty(p: QPainter, whole: QRectF, s: float, *, wall: bool, area: str = "") -> None:
    """What would be here where there is no row, and how it gets here; `area`: nothing else is asked for."""
    t = look.tokens
    p.fillRect(whole, t.tile)
    p.setPen(t.text)
    p.setFont(font((13 if wall else 20) * s))
    head = QCoreApplication.translate("Strips", "No streams yet")
    if area:
        head = QCoreApplication.translate("Strips", "No streams in {area}").format(area=area)
    p.drawText(whole.adjusted(16 * s, 20 * s, -16 * s, 0), 0, head)
    if wall:
        return
    p.setPen(t.text2)
    p.setFont(font(13 * s))
    words = QCoreApplication.translate("Strips", "Streams with limits appear here, the worst first.")
    p.drawText(whole.adjusted(16 * s, 54 * s, -16 * s, 0), Qt.TextFlag.TextWordWrap.value, words)
