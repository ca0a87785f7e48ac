"""Paints a tile's header: title, scope, marks and how old the data is; knows no panel."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QToolTip, QWidget

from console.api import Freshness, Header, LinkStatus, Text
from console.shell.menus import fitted
from console.shell.replay_paint import paint_chip, paint_words
from console.shell.screens import ScreenStyle
from widgets.kit.grip import Grip
from widgets.kit.shapes import fault_chip_rect, paint_fault_chip, paint_plug
from widgets.kit.targets import Hold
from widgets.kit.text import age_text, clock_text, draw_elided, font, text_width
from widgets.kit.tokens import look

_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


def standing(header: Header, link: LinkStatus) -> Freshness:
    """How a tile stands as a whole: the link cut outweighs what the panel says of itself, unless it needs no link."""
    if not link.up and not header.direct:
        return Freshness.DISCONNECTED if link.last_data_ns else Freshness.NEVER
    return header.freshness


class TileHeader(QWidget):
    """28 px on the tile's ground over a hairline; painted from values that the tile sets.

    Signals:
        enlarge, restart: gestures of the operator (double click; the menu).
    """

    enlarge = Signal()
    restart = Signal()

    def __init__(self, title: Text, style: ScreenStyle, *, live: bool = False) -> None:
        super().__init__()
        self._live = live
        self._title = title
        self._style = style
        self.language = "zh"
        self.header = Header()
        self.replaying = self.unrecorded = False
        self.link = LinkStatus(up=False, since_ns=0)
        self.now_ns = 0
        self.grip = Grip(self)
        Hold(self, lambda: bool(style.target_px))
        self.setFixedHeight(style.header_px)

    def paintEvent(self, event: QPaintEvent) -> None:
        t = look.tokens
        p = QPainter(self)
        rect = QRectF(self.rect())
        p.fillRect(rect, t.tile)
        p.fillRect(QRectF(0, rect.bottom() - 1, rect.width(), 1), t.line)
        s = self._style.scale
        inner = rect.adjusted(10 * s, 0, -10 * s, -1)
        right = self._paint_right(p, inner)
        title_px, small_px = 13 * s, 12 * s
        title = self.header.title or self._title.of(self.language)
        width = text_width(title, title_px, bold=True)
        p.setFont(font(title_px, bold=True))
        p.setPen(t.text)
        room = max(0.0, right - inner.left() - 8 * s)
        draw_elided(p, QRectF(inner.left(), inner.top(), min(width + 2, room), inner.height()), _MIDDLE, title)
        p.setFont(font(small_px))
        p.setPen(t.text2)
        x = inner.left() + width + 10 * s
        draw_elided(p, QRectF(x, inner.top(), right - x - 8 * s, inner.height()), _MIDDLE, self.header.scope)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.origin(), self)
            return True
        return super().event(event)

    def origin(self) -> str:
        """Where the tile's data come from and when it was made, in words."""
        source = self.header.source or self.link.node_title.of(self.language) or self.link.node_name or "—"
        lines = [QCoreApplication.translate("Tile", "Source: {source}").format(source=source)]
        if self.header.data_ns:
            said = QCoreApplication.translate("Tile", "Data of {time} (UTC+8)")
            lines.append(said.format(time=clock_text(self.header.data_ns)))
        if self.link.simulated:
            lines.append(QCoreApplication.translate("TopBar", "SIMULATED"))
        return "\n".join(lines)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.enlarge.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(QCoreApplication.translate("Tile", "Enlarge or restore")).triggered.connect(self.enlarge)
        menu.addAction(QCoreApplication.translate("Tile", "Restart")).triggered.connect(self.restart)
        fitted(menu, self).popup(event.globalPos())

    def _paint_right(self, p: QPainter, inner: QRectF) -> float:
        """Paint age and marks from the right edge leftwards; returns where the free room ends."""
        t, s = look.tokens, self._style.scale
        small_px = 12 * s
        face = font(small_px)
        state = standing(self.header, self.link)
        x = inner.right()
        unrecorded = self.unrecorded and state is not Freshness.DISCONNECTED
        if unrecorded or state in (Freshness.STALE, Freshness.DISCONNECTED):
            missing = QCoreApplication.translate("Replay", "Not recorded")
            text = missing if unrecorded else self._fault_text(state)
            chip = fault_chip_rect(QPointF(0, 0), text, face)
            x -= chip.width()
            paint_fault_chip(p, QPointF(x, inner.center().y()), text, face)
        else:
            text = self._age()
            x -= text_width(text, small_px)
            p.setFont(face)
            p.setPen(t.text2)
            p.drawText(QRectF(x, inner.top(), inner.right() - x, inner.height()), _RIGHT, text)
        if state is Freshness.DISCONNECTED:
            x -= 22 * s
            paint_plug(p, QRectF(x, inner.center().y() - 8 * s, 16 * s, 16 * s), t.fault)
        if self.replaying:
            x -= 8 * s if x < inner.right() else 0
            x = self._paint_context(p, x, inner.center().y(), 11 * s)
        p.setFont(face)
        p.setPen(t.text2)
        right = (self.header.right,) if self.header.right else ()
        for mark in reversed((*self.header.marks, *right)):
            width = text_width(mark, small_px)
            x -= width + 10 * s
            p.drawText(QRectF(x, inner.top(), width + 2, inner.height()), _MIDDLE, mark)
        return x

    def _paint_context(self, p: QPainter, right: float, middle: float, px: float) -> float:
        """While tiles show the past: whether this one does. Returns where the mark begins."""
        if not self._live:
            return paint_chip(p, right, middle, px, QCoreApplication.translate("Replay", "REPLAY"))
        word = QCoreApplication.translate("Replay", "Live")
        width, height = text_width(word, px, bold=True) + px * 1.2, px * 1.5
        paint_words(p, QRectF(right - width, middle - height / 2, width, height), px, word)
        return right - width

    def _age(self) -> str:
        if not self.header.data_ns:
            return ""
        return age_text((self.now_ns - self.header.data_ns) / 1e9, self.language)

    def _fault_text(self, state: Freshness) -> str:
        newest = self.header.data_ns or self.link.last_data_ns
        if state is Freshness.STALE:
            return age_text((self.now_ns - newest) / 1e9, self.language) if newest else "—"
        said = QCoreApplication.translate("Tile", "cut, data of {time}")
        return said.format(time=clock_text(newest))
