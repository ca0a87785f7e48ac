"""Paints one cell of the board matrix: its bar, its alarms with their count, what fell silent; knows no other cell."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from widgets.board_matrix.cells import Cell
from widgets.kit.blink import blink
from widgets.kit.shapes import badge_path, paint_fault
from widgets.kit.text import draw_elided, font, text_width
from widgets.kit.tokens import Priority, look, mixed

translate = QCoreApplication.translate
LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
CENTRE: Final = Qt.AlignmentFlag.AlignCenter
FILL_PX: Final = 24
"""On a wall no more of a cell's height is filled."""
TALL_PX: Final = 37
"""From this height on a wall's cell of a whole board also names the trade that its worst alarm is of."""
NEAR: Final = 0.7
"""Past this share of the way to its limit a bar is brighter."""


class CellPainter:
    """`px` turns a desk's size into this screen's."""

    def __init__(self, px: Callable[[float], float], *, wall: bool) -> None:
        self.px, self._wall = px, wall

    @property
    def small(self) -> float:
        """The smaller text in px; a wall has none below its em."""
        return self.px(13 if self._wall else 12)

    def paint(self, p: QPainter, rect: QRectF, cell: Cell, calm: QColor, trade: str = "") -> None:
        """`calm`: the ground of a cell without an alarm; `trade` of its worst alarm is named where it fits."""
        t = look.tokens
        if cell.priority:
            self._paint_alarm(p, rect, cell, self._fitted(trade, rect))
            return
        p.fillRect(rect, calm)
        if cell.stopped >= 2:
            self._paint_stopped(p, rect, cell.stopped)
            return
        inner = rect.adjusted(self.px(4), 0, -self.px(4), 0)
        y = inner.center().y()
        if math.isfinite(cell.near):
            tick = QPen(t.muted, 1)
            p.setPen(tick)
            p.drawLine(QPointF(inner.right(), y - self.px(3)), QPointF(inner.right(), y + self.px(3)))
            length = max(self.px(2), inner.width() * 0.94 * cell.near)
            bar = QRectF(inner.left(), y - self.px(1), length, self.px(2))
            p.fillRect(bar, t.text if cell.near > NEAR else mixed(t.data, t.tile, 0.6))
        if cell.stopped:
            side = self.px(9)
            paint_fault(p, QRectF(inner.right() - side - self.px(4), rect.top() + self.px(1), side, side))

    def _paint_alarm(self, p: QPainter, rect: QRectF, cell: Cell, trade: str) -> None:
        t, px = look.tokens, self.px
        colours = t.priority[cell.priority]
        filled = cell.open and blink.on
        count = self._counted(rect, high=not trade)
        self._paint_ground(p, rect if trade else count, count, colours, filled=filled)
        if trade:
            p.setFont(font(self.small))
            p.setPen(colours.line)
            draw_elided(p, rect.adjusted(0, count.height(), 0, 0), CENTRE, trade)
        rect = count
        ink = colours.fill_text if filled else colours.line
        words = translate("BoardMatrix", "{count}").format(count=cell.alarms)
        side, gap = min(px(13), rect.height() - 4), px(5)
        if side + gap + text_width(words, max(px(12.5), self.small), bold=True) > rect.width() - px(4):
            words, gap = str(cell.alarms), px(3)
        width = side + gap + text_width(words, max(px(12.5), self.small), bold=True)
        shape = QRectF(rect.center().x() - width / 2, rect.center().y() - side / 2, side, side)
        p.save()
        _paint_plain_shape(p, shape, cell.priority, ink)
        p.restore()
        p.setFont(font(max(px(12.5), self.small), bold=True))
        p.setPen(ink)
        p.drawText(QRectF(shape.right() + gap, rect.top(), width, rect.height()), LEFT, words)

    def _fitted(self, trade: str, rect: QRectF) -> str:
        """On a wall the trade, "" where it does not fit under the count."""
        fits = rect.height() >= self.px(TALL_PX) and text_width(trade, self.small) <= rect.width() - self.px(6)
        return trade if self._wall and fits else ""

    def _counted(self, rect: QRectF, *, high: bool) -> QRectF:
        """The part of a cell that its count stands on: on a wall no more than a line, so that it stays calm."""
        if not self._wall or rect.height() <= self.px(FILL_PX):
            return rect
        spare = rect.height() - self.px(FILL_PX)
        return rect.adjusted(0, spare / 2, 0, -spare / 2) if high else rect.adjusted(0, 0, 0, -spare)

    def _paint_ground(self, p: QPainter, rect: QRectF, count: QRectF, colours: Priority, *, filled: bool) -> None:
        """The cell's frame, and the fill of one that waits for an acknowledgement."""
        p.setPen(QPen(colours.rim if filled else colours.line, 1.5))
        p.setBrush(look.tokens.tile)
        p.drawRect(rect.adjusted(0.75, 0.75, -0.75, -0.75))
        if filled:
            p.setBrush(colours.fill)
            p.drawRect(count.adjusted(0.75, 0.75, -0.75, -0.75))

    def _paint_stopped(self, p: QPainter, rect: QRectF, count: int) -> None:
        px = self.px
        words = translate("BoardMatrix", "{count} lost").format(count=count)
        side, gap = px(13), px(4)
        if side + gap + text_width(words, self.small) > rect.width():
            words = str(count)
        width = side + gap + text_width(words, self.small)
        mark = QRectF(rect.center().x() - width / 2, rect.center().y() - side / 2, side, side)
        paint_fault(p, mark, filled=True)
        p.setFont(font(self.small))
        p.setPen(look.tokens.fault)
        p.drawText(QRectF(mark.right() + gap, rect.top(), width, rect.height()), LEFT, words)


def _paint_plain_shape(p: QPainter, rect: QRectF, priority: int, ink: QColor) -> None:
    """A priority's shape in one colour: in a cell the count stands beside it, and the cell itself bears the fill."""
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(ink)
    p.drawPath(badge_path(rect, priority))
