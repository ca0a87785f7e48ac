"""What stands over or in place of a tile's body: veil, waiting card, error card; knows no panel."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from console.api import Freshness
from console.shell.screens import ScreenStyle
from widgets.kit.covers import bar_over
from widgets.kit.shapes import paint_fault, paint_hatch, paint_plug
from widgets.kit.text import draw_elided, font
from widgets.kit.tokens import look


class Veil(QWidget):
    """Over a body: a thin hatch where it is stale, dimmed where the link is cut, a card where nothing ever came."""

    def __init__(self, parent: QWidget, style: ScreenStyle) -> None:
        super().__init__(parent)
        self._style = style
        self._state = Freshness.LIVE
        self._source = ""
        self._unseen = False
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.hide()

    def show_state(self, state: Freshness, source: str, *, unseen: bool = False) -> None:
        """Show a state; LIVE takes the veil away. `unseen`: who is logged in may not look; empty is not calm."""
        if (state, source, unseen) != (self._state, self._source, self._unseen):
            self._state, self._source, self._unseen = state, source, unseen
            self.setVisible(unseen or state is not Freshness.LIVE)
            self.raise_()
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        t = look.tokens
        p = QPainter(self)
        rect = QRectF(self.rect())
        clear = rect.translated(0, bar_over(self) if self._style.role == "wall" else 0)  # of a wall's top bar
        if self._unseen:
            p.fillRect(rect, t.tile)
            self._paint_unseen(p, clear)
        elif self._state is Freshness.STALE:
            faint = QColor(t.fault)
            faint.setAlphaF(0.16)
            paint_hatch(p, rect, faint)
        elif self._state is Freshness.DISCONNECTED:
            dim = QColor(t.tile)
            dim.setAlphaF(0.25)
            p.fillRect(rect, dim)
        elif self._state is Freshness.NEVER:
            p.fillRect(rect, t.tile)
            self._paint_waiting(p, clear)

    def _paint_unseen(self, p: QPainter, rect: QRectF) -> None:
        t, s = look.tokens, self._style.scale
        line = QRectF(12 * s, rect.top() + 16 * s, rect.width() - 24 * s, 30 * s)
        p.setFont(font(20 * s))
        p.setPen(t.text)
        middle = Qt.AlignmentFlag.AlignVCenter
        draw_elided(p, line, middle, QCoreApplication.translate("Tile", "Not for your role"))
        p.setFont(font(13 * s))
        p.setPen(t.text2)
        said = QCoreApplication.translate("Tile", "You may not look at this here; it is not empty")
        draw_elided(p, line.translated(0, 30 * s), middle, said)

    def _paint_waiting(self, p: QPainter, rect: QRectF) -> None:
        t, s = look.tokens, self._style.scale
        paint_plug(p, QRectF(16 * s, rect.top() + 20 * s, 24 * s, 24 * s), t.muted)
        p.setFont(font(20 * s))
        p.setPen(t.text)
        line = QRectF(52 * s, rect.top() + 16 * s, rect.width() - 64 * s, 30 * s)
        draw_elided(p, line, Qt.AlignmentFlag.AlignVCenter, QCoreApplication.translate("Tile", "Nothing received yet"))
        p.setFont(font(13 * s))
        p.setPen(t.text2)
        source = self._source or QCoreApplication.translate("Tile", "the node")
        said = QCoreApplication.translate("Tile", "Waiting for {source}").format(source=source)
        draw_elided(p, line.translated(0, 30 * s), Qt.AlignmentFlag.AlignVCenter, said)


class ErrorCard(QWidget):
    """In place of a panel that raised: what happened, Restart, Copy details.

    Signals:
        restart: the operator wants the panel made anew.
    """

    restart = Signal()

    def __init__(self, summary: str, details: str, style: ScreenStyle, *, low: bool = False) -> None:
        super().__init__()
        s = style.scale
        self.details = details
        self._scale, self._least = s, style.target_px
        across = QHBoxLayout(self) if low else None
        column = QVBoxLayout() if low else QVBoxLayout(self)
        edge = 6 if low else 16
        (across or column).setContentsMargins(round(48 * s), round(edge * s), round(16 * s), round(edge * s))
        column.setSpacing(round(4 * s if low else 8 * s))
        head = QLabel(QCoreApplication.translate("Tile", "This tile has failed; the others go on"))
        head.setFont(font(15 * s if low else 16 * s))
        what = QLabel(summary)
        what.setFont(font(13 * s))
        what.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        what.setTextFormat(Qt.TextFormat.PlainText)
        what.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for label in (head, what):
            label.setWordWrap(not low)
            label.setMinimumWidth(1)
            column.addWidget(label)
        if across is not None:
            across.addLayout(column, 1)
        if style.role != "wall":
            (across or column).addLayout(self._buttons())
        if across is None:
            column.addStretch(1)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.again = QPushButton(QCoreApplication.translate("Tile", "Restart"))
        self.again.clicked.connect(self.restart)
        self.copy = QPushButton(QCoreApplication.translate("Tile", "Copy details"))
        self.copy.clicked.connect(self._copy)
        for button in (self.again, self.copy):
            button.setFont(font(13 * self._scale))
            button.setMinimumHeight(math.ceil(self._least))
        row.addWidget(self.again)
        row.addWidget(self.copy)
        row.addStretch(1)
        return row

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.details)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        s = self._scale
        p.fillRect(self.rect(), look.tokens.tile)
        paint_fault(p, QRectF(14 * s, 16 * s, 22 * s, 22 * s))
