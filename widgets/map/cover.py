"""What stands in the map's place while no map can be shown; a map tile is never blank. Knows no page."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from widgets.kit.text import draw_elided, font
from widgets.kit.tokens import look


class Cover(QWidget):
    """One sentence, and a smaller one under it, in the middle of the tile's colour; `painted` after each paint."""

    painted = Signal(object)

    def __init__(self, parent: QWidget, text_px: float) -> None:
        super().__init__(parent)
        self._text_px = text_px
        self._said = ("", "")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def say(self, first: str, second: str = "") -> None:
        """Show these words above everything."""
        self._said = (first, second)
        self.show()
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's hook."""
        p = QPainter(self)
        tokens, px = look.tokens, self._text_px
        p.fillRect(event.rect(), tokens.tile)
        middle = self.height() / 2
        for text, size, colour, top in (
            (self._said[0], px * 1.25, tokens.text2, middle - px * 1.8),
            (self._said[1], px, tokens.muted, middle + px * 0.3),
        ):
            p.setFont(font(size))
            p.setPen(colour)
            box = QRectF(12, top, self.width() - 24, size * 1.5)
            draw_elided(p, box, Qt.AlignmentFlag.AlignCenter, text)
        p.end()
        self.painted.emit(None)
