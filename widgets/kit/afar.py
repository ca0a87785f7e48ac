"""Words for eyes eight metres away: what does not fit is left out by whole words, never shrunk; knows no panel."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from widgets.kit.covers import right_of
from widgets.kit.text import draw_elided, font, text_width
from widgets.kit.tokens import look

CAPTION: Final = 1.75
"""Height of a tile's caption in em: the mode's word beside it ends above its lower edge."""
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter

_ENDS: Final = re.compile(r"(?<=[、，。；：])|\s+|(?=[（(·])")
"""Where a text may end: at a space, after a mark of punctuation, before a bracket."""
_LOOSE: Final = " ,;:、，；：·（("


def whole_words(text: str, px: float, width: float, *, bold: bool = False) -> str:
    """The text, or as many of its first words as fit into `width` px; "" where not even one does."""
    if text_width(text, px, bold) <= width:
        return text
    for end in sorted({found.start() for found in _ENDS.finditer(text)}, reverse=True):
        part = text[:end].rstrip(_LOOSE)
        if part and text_width(part, px, bold) <= width:
            return part
    return ""


def lines_of(text: str, px: float, width: float, most: int, *, bold: bool = False) -> list[str]:
    """The text in at most `most` lines of whole words, Chinese broken between any two signs; what is over is left
    out with "…"."""
    lines: list[str] = []
    rest = " ".join(text.split())
    while rest and len(lines) < most:
        line = _line(rest, px, width, bold)
        rest = rest[len(line) :].lstrip()
        if rest and len(lines) == most - 1:
            line = _line(line, px, width - text_width("…", px, bold), bold).rstrip(_LOOSE) + "…"
        lines.append(line.rstrip())
    return lines


def _line(text: str, px: float, width: float, bold: bool) -> str:
    """As much of the beginning as fits; it does not end within an English word, a number or its unit."""
    if text_width(text, px, bold) <= width:
        return text
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if text_width(text[:middle], px, bold) <= width else (low, middle - 1)
    end = low
    while end > 1 and _inside(text, end):
        end -= 1
    return text[: end if end > 1 else low]


def _inside(text: str, at: int) -> bool:
    """Whether a break before sign `at` would part a word, or begin a line with punctuation."""
    before, after = text[at - 1], text[at] if at < len(text) else " "
    return (before.isascii() and after.isascii() and not before.isspace() and not after.isspace()) or after in _LOOSE[
        1:
    ]


def paint_caption(p: QPainter, line: QRectF, end: float, em: float, *parts: str) -> None:
    """What a wall's tile shows, in the place of the header that it has not; `end`: where something stands over it."""
    t = look.tokens
    p.fillRect(line, t.tile)
    p.fillRect(QRectF(line.left(), line.bottom() - 1, line.width(), 1), t.line)
    p.setFont(font(em))
    p.setPen(t.text2)
    room = QRectF(line.left() + 0.4 * em, line.top(), min(line.right(), end) - 0.8 * em - line.left(), line.height())
    said = [part for part in parts if part]
    while len(said) > 1 and text_width(" · ".join(said), em) > room.width():
        said.pop()
    draw_elided(p, room, _LEFT, whole_words(" · ".join(said), em, room.width()))


class Caption(QWidget):
    """A caption over a list, on walls alone and only where the list loses nothing by it.

    Args:
        em: the screen's text size, px.
    """

    def __init__(self, em: Callable[[], float]) -> None:
        super().__init__()
        self._em = em
        self._parts: tuple[str, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.hide()

    def say(self, room_px: float, *parts: str) -> float:
        """Say it if `room_px` px can be had for it; the height that it takes."""
        height = round(CAPTION * self._em())
        if (self.isHidden(), self.height()) != (room_px < height, height):
            self.setFixedHeight(height)
            self.setVisible(room_px >= height)
            above = self.parentWidget()
            if above is not None and (laid := above.layout()) is not None:
                laid.activate()  # the list has its true height at once: what it shows follows from that
        if parts != self._parts:
            self._parts = parts
            self.update()
        return float(height) if room_px >= height else 0.0

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        paint_caption(p, QRectF(self.rect()), right_of(self, self.rect()), self._em(), *self._parts)
