"""Rows of the alarm list as a hall reads them: what is wrong where, and its value; in two lines where all have room."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QPainter

from console.api import AlarmState
from widgets.alarms.rows import Row
from widgets.kit.afar import whole_words
from widgets.kit.blink import blink
from widgets.kit.shapes import paint_badge, paint_fault_chip, paint_trend
from widgets.kit.text import draw_elided, font, text_width
from widgets.kit.tokens import look

translate = QCoreApplication.translate
LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ONE: Final = 1.8
TWO: Final = 3.2
"""Height of a row of one line and of two, em."""


def row_px(room: float, rows: int, em: float) -> float:
    """Height of a row: two lines where all rows have room for them, else one."""
    return TWO * em if rows * TWO * em <= room else ONE * em


def badge_end(em: float) -> float:
    """How far from a row's left edge its badge reaches."""
    return 1.5 * em


def paint_wall_row(p: QPainter, rect: QRectF, row: Row, em: float) -> None:
    """One group of alarms; its second line only in a row of two."""
    t = look.tokens
    two = rect.height() > (ONE + TWO) / 2 * em
    top = QRectF(rect.left(), rect.top() + (0.1 * em if two else 0), rect.width(), 1.6 * em if two else rect.height())
    badge = QRectF(rect.left() + 0.4 * em, top.center().y() - em / 2, em, em)
    filled = row.state is AlarmState.UNACKNOWLEDGED and blink.on
    check = row.state is AlarmState.RETURNED
    paint_badge(p, badge, row.priority, filled=filled, number=False, check=check, ground=t.tile)
    if p.clipBoundingRect().right() <= rect.left() + badge_end(em) + 1:
        return  # its badge alone blinks
    left, right = badge.right() + 0.5 * em, rect.right() - 0.4 * em
    wide = _paint_value(p, QRectF(left, top.top(), right - left, top.height()), row, em)
    room = QRectF(left, top.top(), right - left - wide - 0.6 * em, top.height())
    p.setFont(font(em, bold=two))
    p.setPen(t.text)
    draw_elided(p, room, LEFT, _title(row.title, em, room.width(), bold=two))
    if two:
        _paint_second(p, QRectF(left, top.bottom() - 0.1 * em, right - left, 1.5 * em), row, em)


def _title(title: str, em: float, room: float, *, bold: bool) -> str:
    """Place and what is wrong; without the place, then by whole words, where there is no room for both."""
    for said in (title, title.partition(" · ")[2]):
        if said and text_width(said, em, bold) <= room:
            return said
    last = title.partition(" · ")[2] or title
    return whole_words(last, em, room, bold=bold) or last


def _paint_value(p: QPainter, line: QRectF, row: Row, em: float) -> float:
    """Arrow, unit and value from the right; their width."""
    t = look.tokens
    ink = t.priority[row.priority].line if row.value else t.muted
    right = line.right()
    if row.trend:
        paint_trend(p, QRectF(right - 0.6 * em, line.center().y() - 0.3 * em, 0.6 * em, 0.6 * em), row.trend, ink)
    right -= 0.9 * em
    for text, px, bold, pen in ((row.unit, em, False, t.text2), (row.value or "—", 1.2 * em, True, ink)):
        if not text:
            continue
        wide = text_width(text, px, bold)
        p.setFont(font(px, bold=bold))
        p.setPen(pen)
        p.drawText(QRectF(right - wide - 2, line.top(), wide + 4, line.height()), RIGHT, text)
        right -= wide + 0.25 * em
    return line.right() - right


def _paint_second(p: QPainter, line: QRectF, row: Row, em: float) -> None:
    """Since when and whether it is acknowledged; the limit and what was merged, as far as it fits."""
    t = look.tokens
    p.setFont(font(em))
    wide = text_width(row.standing, em)
    if row.late:
        chip = paint_fault_chip(p, line.topLeft() + (line.bottomLeft() - line.topLeft()) / 2, row.late, font(em))
        line = line.adjusted(chip.width() + 0.5 * em, 0, 0, 0)
        p.setFont(font(em))
    p.setPen(t.text2)
    draw_elided(p, line, RIGHT, row.standing)
    room = line.adjusted(0, 0, -wide - 0.8 * em, 0)
    limit = row.limit.removesuffix(translate("Alarms", "single")).rstrip()  # nobody needs to read that from afar
    draw_elided(p, room, LEFT, whole_words(limit, em, room.width()))


def paint_wall_empty(p: QPainter, rect: QRectF, em: float, head: str, closed: list[tuple[str, str, str]]) -> None:
    """What is asked for and is not there, and the last that ended beneath, as many as fit."""
    t = look.tokens
    p.setFont(font(1.3 * em))
    p.setPen(t.text)
    line = QRectF(rect.left() + 0.5 * em, rect.top() + 0.3 * em, rect.width() - em, 2.0 * em)
    draw_elided(p, line, LEFT, whole_words(head, 1.3 * em, line.width()) or head)
    y = line.bottom() + 0.4 * em
    p.setFont(font(em))
    for when, what, lasted in closed:
        if y + ONE * em > rect.bottom():
            return
        p.fillRect(QRectF(rect.left(), y, rect.width(), 1), t.line)
        row = QRectF(line.left(), y, line.width(), ONE * em)
        p.setPen(t.text2)
        draw_elided(p, row, LEFT, when)
        before, after = text_width(when, em) + 0.7 * em, text_width(lasted, em) + 0.7 * em
        room = row.adjusted(before, 0, -after, 0)
        if text_width(what, em) > room.width():  # how long it lasted is the least of it
            room = row.adjusted(before, 0, 0, 0)
        else:
            draw_elided(p, row, RIGHT, lasted)
        p.setPen(t.text)
        draw_elided(p, room, LEFT, whole_words(what, em, room.width()) or what)
        y += ONE * em
