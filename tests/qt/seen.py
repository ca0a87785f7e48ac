"""What the painted texts of a panel are, and which of them are cut; knows no panel."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from widgets.kit.text import draw_elided


class Seen:
    """Stands between the widgets imported by now and `draw_elided`, and writes down what goes through."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.texts: list[str] = []
        self.cut: list[str] = []
        for name, module in list(sys.modules.items()):
            if name.startswith("widgets.") and name != "widgets.kit.text" and hasattr(module, "draw_elided"):
                patch.setattr(module, "draw_elided", self._draw)

    def _draw(self, p: QPainter, rect: QRectF, flags: Qt.AlignmentFlag | int, text: str) -> None:
        if text:
            self.texts.append(text)
            if QFontMetricsF(p.font()).horizontalAdvance(text) > rect.width() + 0.5:
                self.cut.append(text)
        draw_elided(p, rect, flags, text)

    def of(self, widget: QWidget) -> str:
        """All such texts that `widget` paints now, a line each."""
        self.texts.clear()
        self.cut.clear()
        widget.grab()
        return "\n".join(self.texts)
