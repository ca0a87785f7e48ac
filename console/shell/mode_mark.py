"""The word for the mode in a corner of a wall's screen: SIMULATED, REPLAY, DRILL; knows no panel."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from console.api import LIVE
from console.shell.screens import ScreenStyle
from widgets.kit.text import font, text_width
from widgets.kit.tokens import look


class ModeMark(QWidget):
    """A plate at the upper right; a screen with bars says it there and needs none."""

    def __init__(self, parent: QWidget, style: ScreenStyle) -> None:
        super().__init__(parent)
        self._px = style.text_px
        self._mode = (LIVE, False)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_mode(self, context: str, simulated: bool) -> None:
        """Say a mode; live and real says nothing."""
        self._mode = (context, simulated)
        word = self._word()
        self.setVisible(bool(word))
        self.resize(round(text_width(word, self._px) + self._px), round(self._px * 1.5))
        self.raise_()
        self.update()

    def _word(self) -> str:
        context, simulated = self._mode
        if context.startswith("drill"):
            return QCoreApplication.translate("ModeMark", "DRILL")
        if context and context != LIVE:
            return QCoreApplication.translate("ModeMark", "REPLAY")
        return QCoreApplication.translate("ModeMark", "SIMULATED") if simulated else ""

    def paintEvent(self, event: QPaintEvent) -> None:
        t = look.tokens
        p = QPainter(self)
        p.fillRect(self.rect(), t.tile)
        edge = max(2.0, self._px / 20)
        p.setPen(QPen(t.text2, edge, Qt.PenStyle.DotLine))
        p.drawRect(QRectF(self.rect()).adjusted(edge, edge, -edge, -edge))
        p.setPen(t.text2)
        p.setFont(font(self._px))
        p.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter.value, self._word())
