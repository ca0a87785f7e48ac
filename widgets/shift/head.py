"""The head of a shift: seat, officer, since when until when, how its handover stands; painted from words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from widgets.kit.buttons import Px
from widgets.kit.text import draw_elided, font, text_width
from widgets.kit.tokens import look

LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Head(QWidget):
    """`officer` large, `span` at its right; beneath `lines`, each in one shade of the look."""

    def __init__(self, px: Px) -> None:
        super().__init__()
        self._px = px
        self.officer = self.span = ""
        self.lines: tuple[tuple[str, str], ...] = ()

    def tell(self, officer: str, span: str, lines: Sequence[tuple[str, str]]) -> None:
        """Show this; (words, shade) each line."""
        told = (officer, span, tuple(lines))
        if told == (self.officer, self.span, self.lines):
            return
        self.officer, self.span, self.lines = told
        self.setAccessibleName(" ".join((officer, span, *(words for words, _ in self.lines))))
        self.setFixedHeight(round(self._px(46 + 20 * len(self.lines))))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        p, px, t = QPainter(self), self._px, look.tokens
        p.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        p.fillRect(event.rect(), t.tile)
        x, width = px(12), self.width() - px(24)
        beside = text_width(self.span, px(12)) + px(12)
        p.setFont(font(px(20), bold=True))
        p.setPen(t.text)
        draw_elided(p, QRectF(x, px(8), width - beside, px(30)), LEFT, self.officer)
        p.setFont(font(px(12)))
        p.setPen(t.text2)
        draw_elided(p, QRectF(x, px(8), width, px(30)), RIGHT, self.span)
        for i, (words, shade) in enumerate(self.lines):
            p.setPen(getattr(t, shade))
            draw_elided(p, QRectF(x, px(38 + 20 * i), width, px(20)), LEFT, words)
