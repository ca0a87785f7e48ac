"""On a wall's screen without a top bar: since when the node is not heard, in the corner under the mode's word.

Part of the composition root, owned by console.walls.following. What the window lays over its tiles they keep clear of.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication, QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from console.shell.window import MainWindow
from widgets.kit.shapes import fault_chip_rect, paint_fault_chip
from widgets.kit.text import age_text, font
from widgets.kit.tokens import look

MARK_EM: Final = 1.5
"""Height of the mode's word over it."""


class CutMark(QWidget):
    """Hidden until `say` is told of a cut."""

    def __init__(self, window: MainWindow, text_px: float) -> None:
        super().__init__(window)
        self._window = window
        self._face, self._em, self.said = font(text_px), text_px, ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def say(self, cut_s: float, language: str) -> None:
        """The node has not been heard for so long; negative: it is."""
        cut = QCoreApplication.translate("Following", "link cut {age}")
        words = cut.format(age=age_text(max(0.0, cut_s), language))
        self.said = words if cut_s >= 0 else ""
        self.setVisible(bool(self.said))
        if not self.said:
            return
        chip = fault_chip_rect(QPointF(0, 0), words, self._face)
        self.resize(round(chip.width()) + 1, round(chip.height()) + 1)
        self.move(self._window.width() - self.width(), round(MARK_EM * self._em))
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        p.fillRect(self.rect(), look.tokens.tile)
        paint_fault_chip(p, QPointF(0, self.height() / 2), self.said, self._face)
