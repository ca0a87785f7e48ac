"""A press that becomes a drag, of any widget: where it began, goes and ends; knows not what is dragged."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget


class Grip(QObject):
    """Watches a widget's left button; a press that does not move stays the widget's own.

    Signals:
        begun: where in the widget it was pressed (QPoint), once it has moved far enough.
        moved, ended: the pointer's place on the desktop (QPoint).
        given_up: the drag was broken off.
    """

    begun = Signal(object)
    moved = Signal(object)
    ended = Signal(object)
    given_up = Signal()

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._pressed: QPoint | None = None
        self._dragging = False
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent):
            return self._mouse(event)
        return False

    def _mouse(self, event: QMouseEvent) -> bool:
        kind = event.type()
        if kind is QEvent.Type.MouseButtonPress and event.button() is Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint()
        elif kind is QEvent.Type.MouseMove and self._pressed is not None:
            here = event.globalPosition().toPoint()
            way = (event.position().toPoint() - self._pressed).manhattanLength()
            if not self._dragging and way >= QApplication.startDragDistance():
                self._dragging = True
                self.begun.emit(self._pressed)
            if self._dragging:
                self.moved.emit(here)
        elif kind is QEvent.Type.MouseButtonRelease and self._pressed is not None:
            dragged, self._dragging, self._pressed = self._dragging, False, None
            if dragged:
                self.ended.emit(event.globalPosition().toPoint())
            return dragged
        return False

    def give_up(self) -> None:
        """Break the drag off; what the button does from now on until the next press is nobody's."""
        if self._dragging:
            self._dragging, self._pressed = False, None
            self.given_up.emit()
