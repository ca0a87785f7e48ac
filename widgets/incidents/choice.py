"""A choice by one digit, as a row of words; it knows no act and no rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from console.api import Text
from widgets.kit.fields import ENTER
from widgets.kit.text import draw_elided, font, text_width
from widgets.kit.tokens import look

MIDDLE: Final = Qt.AlignmentFlag.AlignVCenter
_MODIFIERS: Final = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier


class ChoiceField(QWidget):
    """A few words in a row, each with its digit: the digit chooses and goes on, arrows choose, Enter goes on.

    Signals as `LineField`.
    """

    done = Signal()
    edited = Signal()

    def __init__(
        self, px: Callable[[float], float], choices: Sequence[tuple[str, Text]], language: str, height: float
    ) -> None:
        super().__init__()
        self._px, self._choices, self._language = px, tuple(choices), language
        self._value = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(round(height))

    def sizeHint(self) -> QSize:
        return QSize(round(self._px(60 * len(self._choices))), self.minimumHeight())

    def value(self) -> str:
        """The chosen value, "" none."""
        return self._value

    def set_value(self, value: str) -> None:
        """Choose without saying that it was edited; what is no choice is none."""
        self._value = value if any(value == v for v, _ in self._choices) else ""
        self._say()
        self.update()

    def _say(self) -> None:
        word = next((w.of(self._language) for v, w in self._choices if v == self._value), "")
        self.setAccessibleDescription(word)

    def choose(self, value: str) -> bool:
        """Choose by hand; False where there is no such choice."""
        if not any(value == v for v, _ in self._choices):
            return False
        self.set_value(value)
        self.edited.emit()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        values = [v for v, _ in self._choices]
        if event.modifiers() & _MODIFIERS:
            event.ignore()
        elif key in ENTER:
            self.done.emit()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = 1 if key == Qt.Key.Key_Right else -1
            here = values.index(self._value) if self._value in values else (-1 if step > 0 else 0)
            self.choose(values[(here + step) % len(values)])
        elif event.text() and self.choose(event.text()):
            self.done.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if value := self.act_at(event.position().x(), event.position().y()):
            self.choose(value)

    def act_at(self, x: float, y: float) -> str:
        """The value there, "" none."""
        i = int(x / self._cell())
        return self._choices[i][0] if 0 <= i < len(self._choices) else ""

    def _cell(self) -> float:
        return self.width() / max(1, len(self._choices))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        p, t, px = QPainter(self), look.tokens, self._px
        p.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        cell = self._cell()
        for i, (value, word) in enumerate(self._choices):
            box = QRectF(i * cell, 0, cell, self.height()).adjusted(0.5, 0.5, -0.5 - px(4) * (i < 9), -0.5)
            chosen = value == self._value
            p.fillRect(box, t.text2 if chosen else t.raised)
            p.setPen(QPen(t.text2 if chosen else t.line, 1))
            p.drawRect(box)
            self._paint_words(p, box, value, word.of(self._language), chosen)
        if self.hasFocus():
            p.setPen(QPen(t.focus, 2))
            p.drawRect(self.rect().adjusted(1, 1, -1 - round(px(4)), -1))

    def _paint_words(self, p: QPainter, box: QRectF, value: str, word: str, chosen: bool) -> None:
        t, px = look.tokens, self._px
        small, wide = px(12), text_width(word, px(13), bold=chosen)
        room = box.width() - px(26)
        x = box.left() + max(px(20), (box.width() - wide) / 2 + px(8))
        p.setFont(font(small))
        p.setPen(t.tile if chosen else t.muted)
        draw_elided(p, QRectF(box.left() + px(6), box.top(), px(14), box.height()), MIDDLE, value)
        p.setFont(font(px(13), bold=chosen))
        p.setPen(t.tile if chosen else t.text)
        draw_elided(
            p,
            QRectF(min(x, box.right() - room - px(2)) if wide > room else x, box.top(), max(room, 0), box.height()),
            MIDDLE,
            word,
        )
