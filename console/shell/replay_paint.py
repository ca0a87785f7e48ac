"""Paints the mark of a replay and the track of its bar: double frame, triangle, word, time; knows no session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from console.api import NS, Value
from widgets.kit.shapes import paint_hatch
from widgets.kit.text import beijing, clock_text, date_text, font, text_width, tick_text
from widgets.kit.tokens import look

MIDDLE: Final = Qt.AlignmentFlag.AlignVCenter.value | Qt.TextFlag.TextSingleLine.value
_STEPS_S: Final = (60, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400, 7 * 86_400, 30 * 86_400, 91 * 86_400)


class Tick(Value, frozen=True):
    """A moment on the track; `priority` of the alarm that was raised then."""

    t_ns: int
    priority: int


def mark_word(language: str) -> str:
    """The word that says it, in Chinese with the English one beside it: a guest must not take it for now."""
    word = QCoreApplication.translate("Replay", "REPLAY")
    return word if language == "en" else f"{word} REPLAY"


def paint_double_frame(p: QPainter, box: QRectF, ink: QColor, width: float) -> None:
    """Two lines, one in the other: the past, wherever it is shown."""
    pen = QPen(ink, width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    p.setPen(pen)
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.drawRect(box.adjusted(width / 2, width / 2, -width / 2, -width / 2))
    inset = 2.5 * width
    p.drawRect(box.adjusted(inset, inset, -inset, -inset))


def paint_triangle(p: QPainter, box: QRectF, ink: QColor) -> None:
    """▶ filling `box`: painted, as fonts disagree on its size."""
    p.setPen(Qt.PenStyle.NoPen)
    p.setBrush(ink)
    p.drawPolygon(QPolygonF([box.topLeft(), QPointF(box.right(), box.center().y()), box.bottomLeft()]))


def paint_bars(p: QPainter, box: QRectF, ink: QColor) -> None:
    """❚❚ filling `box`: pause."""
    width = box.width() * 0.34
    p.fillRect(QRectF(box.left(), box.top(), width, box.height()), ink)
    p.fillRect(QRectF(box.right() - width, box.top(), width, box.height()), ink)


def paint_chip(p: QPainter, right: float, middle: float, px: float, word: str) -> float:
    """The small mark of a tile's header, its right end at `right`; returns where it begins."""
    t = look.tokens
    height = px * 1.5
    width = text_width(word, px, bold=True) + px * 2.0
    box = QRectF(right - width, middle - height / 2, width, height)
    p.save()
    p.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_double_frame(p, box, t.text2, 1.0)
    side = px * 0.6
    paint_triangle(p, QRectF(box.left() + px * 0.55, middle - side / 2, side * 0.85, side), t.text)
    p.setFont(font(px, bold=True))
    p.setPen(t.text)
    p.drawText(QRectF(box.left() + px * 1.4, box.top(), width, height), MIDDLE, word)
    p.restore()
    return box.left()


def paint_words(p: QPainter, box: QRectF, px: float, words: str) -> None:
    """Words in a frame, of which nothing is wrong; centred in `box`."""
    t = look.tokens
    p.fillRect(box, t.raised)
    p.setPen(QPen(t.text2, 1))
    p.setBrush(Qt.BrushStyle.NoBrush)
    p.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
    p.setFont(font(px, bold=True))
    p.setPen(t.text)
    p.drawText(box, MIDDLE | Qt.AlignmentFlag.AlignHCenter.value, words)


class Mark(Value, frozen=True):
    """The large mark: word, date and time of what is shown."""

    word: str
    date: str
    time: str
    grown: float = 1.55
    """The time's size in sizes of the word."""

    def width(self, px: float) -> float:
        """How wide it stands with its word in text of `px`."""
        parts = text_width(self.word, px, bold=True) + text_width(self.time, self.grown * px, bold=True)
        return parts + (text_width(self.date, px) + 0.8 * px if self.date else 0.0) + 4.2 * px

    def paint(self, p: QPainter, box: QRectF, px: float) -> None:
        """Fill `box`, which is `width(px)` wide."""
        t = look.tokens
        p.save()
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.fillRect(box, t.tile)
        paint_double_frame(p, box, t.text, max(1.0, round(px / 20)))
        x, y = box.left() + 0.9 * px, box.center().y()
        paint_triangle(p, QRectF(x, y - 0.48 * px, 0.82 * px, 0.96 * px), t.text)
        x = self._text(p, x + 1.2 * px, box, self.word, px, bold=True) + 0.8 * px
        if self.date:
            x = self._text(p, x, box, self.date, px) + 0.8 * px
        self._text(p, x, box, self.time, self.grown * px, bold=True)
        p.restore()

    @staticmethod
    def _text(p: QPainter, x: float, box: QRectF, text: str, px: float, bold: bool = False) -> float:
        width = text_width(text, px, bold)
        p.setFont(font(px, bold=bold))
        p.setPen(look.tokens.text)
        p.drawText(QRectF(x, box.top(), width + 4, box.height()), MIDDLE, text)
        return x + width


def mark_of(t_ns: int, language: str, *, dated: bool = True) -> Mark:
    """The mark of a replay that shows `t_ns`."""
    return Mark(mark_word(language), date_text(t_ns, language) if dated else "", clock_text(t_ns))


def wall_mark(t_ns: int, now_ns: int, language: str) -> Mark:
    """The same for a wall, where all that it covers is lost: no seconds, and a date only where it is another day."""
    word = QCoreApplication.translate("Replay", "REPLAY")
    other_day = beijing(t_ns).date() != beijing(now_ns).date()
    return Mark(word, date_text(t_ns, language) if other_day else "", clock_text(t_ns, seconds=False), 1.1)


class Track(Value, frozen=True, eq=False):
    """What the store holds, as a line of `rect`'s width; its upper half bears the marks, the lower one the times."""

    rect: QRectF
    from_ns: int
    to_ns: int
    covered: QRectF = QRectF()
    """Where something stands over it: no time is written there."""

    def x(self, t_ns: int) -> float:
        """Pixel of a time, on the line in any case."""
        share = (t_ns - self.from_ns) / max(1, self.to_ns - self.from_ns)
        return self.rect.left() + min(max(share, 0.0), 1.0) * self.rect.width()

    def t_ns(self, x: float) -> int:
        """Time of a pixel."""
        share = min(max((x - self.rect.left()) / max(1.0, self.rect.width()), 0.0), 1.0)
        return self.from_ns + int(share * (self.to_ns - self.from_ns))

    def paint(
        self, p: QPainter, at_ns: int, ticks: list[Tick], px: float, holes: Sequence[tuple[int, int]] = ()
    ) -> None:
        """The line with its times, the alarms above it, where nothing was recorded, and where the replay stands."""
        t, s = look.tokens, px / 12
        y = round(self.rect.top() + self.rect.height() * 0.36)
        for tick in ticks:
            high = (7 - tick.priority) * 1.6 * s
            ink = t.priority[tick.priority].line
            p.fillRect(QRectF(round(self.x(tick.t_ns)), y - 2 * s - high, max(1.0, round(1.5 * s)), high), ink)
        p.fillRect(QRectF(self.rect.left(), y - 1, self.rect.width(), 2), t.line)
        p.fillRect(QRectF(self.rect.left(), y - 1, self.x(at_ns) - self.rect.left(), 2), t.data)
        for start_ns, end_ns in holes:
            left = self.x(start_ns)
            hole = QRectF(left, y - 4 * s, self.x(end_ns) - left, 8 * s)
            p.fillRect(hole, t.tile)
            paint_hatch(p, hole, t.muted)
        self._paint_times(p, y, px)
        knob = QRectF(self.x(at_ns) - 2 * s, y - 8 * s, 4 * s, 16 * s)
        p.fillRect(knob.adjusted(-1, 0, 1, 0), t.tile)
        p.fillRect(knob, t.text)

    def _paint_times(self, p: QPainter, y: float, px: float) -> None:
        t = look.tokens
        p.setFont(font(px))
        p.setPen(t.muted)
        row = self.rect.bottom() - 1.25 * px
        free = self.rect.left() - 2
        for at_ns, text in self._labels(px):
            width, x = text_width(text, px), self.x(at_ns)
            left = min(max(x - width / 2, self.rect.left()), self.rect.right() - width)
            p.fillRect(QRectF(round(x), y - 3, 1, 6), t.muted)
            clear = left + width < self.covered.left() or left > self.covered.right() or self.covered.isEmpty()
            if left > free and clear:
                p.drawText(QRectF(left, row, width + 2, 1.25 * px), MIDDLE, text)
                free = left + width + px

    def _labels(self, px: float) -> list[tuple[int, str]]:
        """Round times, so many as have room; in days where the store holds several."""
        span_s = (self.to_ns - self.from_ns) / NS
        if span_s <= 0:
            return []
        room = max(1, int(self.rect.width() / (5.5 * px)))
        step_s = next((step for step in _STEPS_S if span_s / step <= room), _STEPS_S[-1])
        shift_s = 8 * 3600  # days begin at midnight in Beijing
        first = -(-(self.from_ns // NS + shift_s) // step_s) * step_s - shift_s
        form = "%m-%d" if step_s >= 86_400 else "%H:%M"
        times = range(first, self.to_ns // NS + 1, step_s)
        return [(at_s * NS, tick_text(at_s * NS, form)) for at_s in times]
