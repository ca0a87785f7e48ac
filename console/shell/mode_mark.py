"""The word for the mode in a corner of a wall's screen: SIMULATED, REPLAY, DRILL; knows no panel."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from console.api import LIVE
from console.shell.access.corner import glass_px, paint_glass
from console.shell.replay_paint import Mark
from console.shell.screens import ScreenStyle
from widgets.kit.text import font, text_width
from widgets.kit.tokens import look


class ModeMark(QWidget):
    """A plate at the upper right; a screen with bars says it there and needs none.

    `modes` False: it says a broken glass only, beside windows whose bars say the rest.
    """

    def __init__(self, parent: QWidget, style: ScreenStyle, *, modes: bool = True) -> None:
        super().__init__(parent)
        self._px = style.text_px
        self._modes = modes
        self._glass = ""
        self._mode = (LIVE, False)
        self._replay: Mark | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_mode(self, context: str, simulated: bool, replay: Mark | None, glass: str = "") -> None:
        """Say a mode; live and real says nothing. `replay`: its mark, timed; `glass`: what a broken one says."""
        self._mode = (context, simulated) if self._modes else (LIVE, False)
        self._replay = replay if self._modes else None
        self._glass = glass
        word = self._word()
        self.setVisible(bool(word or self._replay or glass))
        wide = self._replay.width(self._px) if self._replay is not None else 0.0
        if glass:
            wide += glass_px(glass, self._px)
        if word:
            wide += text_width(word, self._px) + self._px
        self.resize(round(wide), round(self._px * 1.5))
        self.raise_()
        self.update()

    def _word(self) -> str:
        context, simulated = self._mode
        if context.startswith("drill"):
            return QCoreApplication.translate("ModeMark", "DRILL")
        return QCoreApplication.translate("ModeMark", "SIMULATED") if simulated else ""

    def paintEvent(self, event: QPaintEvent) -> None:
        t = look.tokens
        p = QPainter(self)
        p.fillRect(self.rect(), t.tile)
        box = QRectF(self.rect())
        if self._replay is not None:
            wide = self._replay.width(self._px)
            self._replay.paint(p, QRectF(box.left(), box.top(), wide, box.height()), self._px)
            box.setLeft(box.left() + wide)
        if self._glass:
            wide = glass_px(self._glass, self._px)
            paint_glass(p, QRectF(box.left(), box.top(), wide, box.height()), self._glass, self._px)
            box.setLeft(box.left() + wide)
        word = self._word()
        if not word:
            return
        edge = max(2.0, self._px / 20)
        p.setPen(QPen(t.text2, edge, Qt.PenStyle.DotLine))
        p.drawRect(box.adjusted(edge, edge, -edge, -edge))
        p.setPen(t.text2)
        p.setFont(font(self._px))
        p.drawText(box, Qt.AlignmentFlag.AlignCenter.value, word)
