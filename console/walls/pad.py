"""What a presenter's hand has under it in the on-air window: a sheet over each screen, and the four inks to pick.

Part of the composition root, owned by console.walls.on_air; sends nothing.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from console.walls.marks import DASHES
from layouts.mosaic import Mosaic
from widgets.kit.text import font
from widgets.kit.tokens import contrast, inks, look, night

INK_PX: Final = 64


class InkButton(QAbstractButton):
    """One of the four inks, as it is drawn, with its key."""

    def __init__(self, number: int, height: float) -> None:
        super().__init__()
        self.number, self.chosen = number, False
        self.setFixedSize(max(INK_PX, round(height)), round(height))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(str(number + 1))

    def paintEvent(self, event: QPaintEvent) -> None:
        p, t, ink = QPainter(self), look.tokens, inks()[self.number]
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.fillRect(self.rect(), t.raised)
        p.setPen(t.text)
        p.setFont(font(12))
        p.drawText(self.rect().adjusted(6, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter.value, str(self.number + 1))
        dark, light = night().canvas, night().focus
        middle = self.height() / 2
        pen = QPen(dark if contrast(ink, dark) > contrast(ink, light) else light, 9)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        line = (24, round(middle), self.width() - 9, round(middle))
        p.setPen(pen)
        p.drawLine(*line)
        pen.setColor(ink)
        pen.setWidthF(5)
        if DASHES[self.number]:
            pen.setDashPattern(list(DASHES[self.number]))
        p.setPen(pen)
        p.drawLine(*line)
        if self.chosen:
            p.setPen(QPen(t.focus, 2))
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.drawRect(self.rect().adjusted(1, 1, -1, -1))


class Pad(QWidget):
    """Over a screen while somebody presents here.

    Signals:
        pressed, moved: the hand is there: QPoint; moved also while it draws.
        released: it draws no more.
        left: it is elsewhere.
        turned: the wheel: True towards more.
    """

    pressed = Signal(object)
    moved = Signal(object)
    released = Signal()
    left = Signal()
    turned = Signal(object)

    def __init__(self, over: Mosaic) -> None:
        super().__init__(over)
        self._over = over
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def fit(self) -> None:
        """Over all of the screen, above its tiles and marks."""
        if self.geometry() != self._over.rect():
            self.setGeometry(self._over.rect())
        self.raise_()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.pressed.emit(event.position().toPoint())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.moved.emit(event.position().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.released.emit()

    def leaveEvent(self, event: QEvent) -> None:
        self.left.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.turned.emit(event.angleDelta().y() > 0)
        event.accept()
