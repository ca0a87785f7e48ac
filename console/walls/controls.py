"""The foot of the on-air window: the four inks to pick, and a button for each key with what it does now.

Part of the composition root, owned by console.walls.on_air; does nothing by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QWidget

from console.walls.marks import DASHES
from widgets.kit.buttons import ActButton
from widgets.kit.text import font
from widgets.kit.tokens import contrast, inks, look, night

INK_PX: Final = 64
HIGH_PX: Final = 36.0
KEYS: Final = ("P", "F", "Z", "C", "H", "Enter", "Esc")
PRESENTING: Final = ("F", "Z", "C", "H")
"""Of these, what only who presents can do."""


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


class Controls(QWidget):
    """See the module.

    Args:
        acts: what each of `KEYS` does.
        least_px: the least side of what a finger is to hit, 0 where none does.

    Signals:
        picked: an ink: 0 to 3.
    """

    picked = Signal(object)

    def __init__(self, acts: Sequence[Callable[[], None]], least_px: float) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        high = max(HIGH_PX, least_px)
        self._inks = [InkButton(n, high) for n in range(len(inks()))]
        for ink in self._inks:
            ink.clicked.connect(partial(self.picked.emit, ink.number))
            row.addWidget(ink)
        row.addStretch(1)
        self._buttons = {key: ActButton("", key, float, high, primary=key == "P") for key in KEYS}
        for button, act in zip(self._buttons.values(), acts, strict=True):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(act)
            row.addWidget(button)

    def say(self, *, presents: bool, hand: bool, colour: int) -> None:
        """Name what each does now: while this desk presents, while the mouse is the tiles', with that ink chosen."""
        translate = QCoreApplication.translate
        words = (
            translate("OnAir", "End") if presents else translate("OnAir", "Present"),
            translate("OnAir", "Freeze"),
            translate("OnAir", "Undo"),
            translate("OnAir", "Clear"),
            translate("OnAir", "Draw") if hand else translate("OnAir", "Hand"),
            translate("OnAir", "To the desk"),
            translate("OnAir", "Close"),
        )
        for button, word in zip(self._buttons.values(), words, strict=True):
            button.show_word(word)
        for key in PRESENTING:
            self._buttons[key].setEnabled(presents)
        for ink in self._inks:
            ink.setVisible(presents)
            ink.chosen = ink.number == colour
            ink.update()
