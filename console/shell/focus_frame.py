"""An outline round the tile that the Tab key has come to; knows no panel and takes no input."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QApplication, QWidget

from widgets.kit.tokens import look

WIDE_PX = 2


class FocusFrame(QWidget):
    """Lies over its window, a frame and nothing within; goes when the focus leaves the tile by other means.

    Args:
        tile_of: the tile that a widget stands in, None for none.
    """

    def __init__(self, window: QWidget, tile_of: Callable[[QWidget | None], QWidget | None]) -> None:
        super().__init__(window)
        self._tile_of = tile_of
        self._tile: QWidget | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._moved)

    def show_at(self, tile: QWidget | None) -> None:
        """Frame this tile; none frames nothing."""
        self._tile = tile
        self.follow()

    def _moved(self, _old: object, _new: object) -> None:
        if self._tile is not None:
            self.follow()

    def follow(self) -> None:
        """Keep to the tile wherever it is laid; let go of one that is hidden or has lost the focus."""
        tile = self._tile
        if tile is not None and self._tile_of(QApplication.focusWidget()) is not tile:
            tile = self._tile = None
        if tile is None or not tile.isVisible():
            self.hide()
            return
        place = QRect(tile.mapTo(self.window(), QPoint(0, 0)), tile.size())
        if place != self.geometry() or self.isHidden():
            inside = QRect(QPoint(0, 0), place.size()).adjusted(WIDE_PX, WIDE_PX, -WIDE_PX, -WIDE_PX)
            self.setGeometry(place)
            self.setMask(QRegion(self.rect()) - QRegion(inside))
            self.show()
            self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), look.tokens.focus)
