"""What a presenter's hand has under it in the on-air window: a sheet over each screen.

Part of the composition root, owned by console.walls.on_air; sends nothing.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from layouts.mosaic import Mosaic


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
