"""Words and signs that more than one bar bears: the simulated city, a broken glass, how good the link is."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from console.api import LinkStatus
from console.shell.access.corner import glass_px, glass_words, paint_glass
from console.shell.session import Session
from widgets.kit.shapes import paint_link_bars
from widgets.kit.text import font, text_width, value_text
from widgets.kit.tokens import look

ONE_LINE: Final = Qt.AlignmentFlag.AlignVCenter.value | Qt.TextFlag.TextSingleLine.value


def paint_text(
    p: QPainter | None, x: float, height: float, text: str, px: float, *, bold: bool = False, shade: str = "text"
) -> float:
    """Words from `x` in the middle of a bar, or only their room where `p` is None; returns where they end."""
    width = text_width(text, px, bold)
    if p is not None:
        p.setFont(font(px, bold=bold))
        p.setPen(getattr(look.tokens, shade))
        p.drawText(QRectF(x, 0, width + 4, height), ONE_LINE, text)
    return x + width


def paint_simulated(p: QPainter, right: float, height: float, scale: float) -> float:
    """That the city is a simulated one, in its dotted frame up to `right`; returns where room is left."""
    word = QCoreApplication.translate("TopBar", "SIMULATED")
    width = text_width(word, 12 * scale) + 16 * scale
    box = QRectF(right - width, height / 2 - 11 * scale, width, 22 * scale)
    p.setPen(QPen(look.tokens.text2, 1.5, Qt.PenStyle.DotLine))
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.drawRect(box)
    paint_text(p, box.left() + 8 * scale, height, word, 12 * scale)
    return box.left() - 16 * scale


def paint_broken_glass(p: QPainter, session: Session, right: float, height: float, scale: float) -> float:
    """A broken glass up to `right`, as long as it lasts; returns where room is left."""
    desk, px = session.desk, 13 * scale
    words = glass_words(desk.access, desk.now_ns, session.language.code)
    if not words:
        return right
    wide = glass_px(words, px)
    paint_glass(p, QRectF(right - wide, height / 2 - 12 * scale, wide, 24 * scale), words, px)
    return right - wide - 16 * scale


def rtt_text(link: LinkStatus) -> str:
    """The link's round trip, "" before the first."""
    return "" if link.rtt_ms != link.rtt_ms else f"{value_text(link.rtt_ms, 0 if link.rtt_ms >= 1 else 1)} ms"


def paint_bars(p: QPainter, rect: QRectF, link: LinkStatus) -> None:
    """How good a link that is up is, by its round trip."""
    bars = 4 if not link.rtt_ms > 60 else 3 if link.rtt_ms < 200 else 2 if link.rtt_ms < 800 else 1
    paint_link_bars(p, rect, bars, look.tokens.data, look.tokens.line)
