"""Buttons that show their key, laid in rows, and the line that says how the last act stands; they know no act."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from console.api import IntentState
from widgets.kit.acts import act_mark_px, act_word, paint_act_mark
from widgets.kit.text import draw_elided, font, text_width
from widgets.kit.tokens import look

Px = Callable[[float], float]
CENTRE: Final = Qt.AlignmentFlag.AlignCenter
CONTROL_PX: Final = 34.0


def control_px(px: Px, *, least: float = 0.0, desk: float = CONTROL_PX) -> float:
    """Height of one control: `desk` grown as the text is, no less than `least`, which is a finger's or 0."""
    return max(px(desk), least)


class ActButton(QAbstractButton):
    """A word with its key in a cap; `primary` is the one act of a tile that stands out."""

    def __init__(self, word: str, keys: str, px: Px, height: float, *, primary: bool = False) -> None:
        super().__init__()
        self._px, self._keys, self._primary = px, keys, primary
        self.show_word(word)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(round(height))

    def show_word(self, word: str) -> None:
        """From now on it bears this word."""
        if word != self.text() or not self.accessibleName():
            self.setText(word)
            self.setAccessibleName(f"{word} {self._keys}".strip())
            self.updateGeometry()

    @property
    def primary(self) -> bool:
        """Whether it stands out."""
        return self._primary

    def sizeHint(self) -> QSize:
        px = self._px
        cap = text_width(self._keys, px(11)) + px(18) if self._keys else 0.0
        return QSize(round(text_width(self.text(), px(13), bold=self._primary) + cap + px(22)), self.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if Qt.Key(event.key()) in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        p, t, px = QPainter(self), look.tokens, self._px
        p.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        whole = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        ground = t.text2 if self._primary else t.raised
        ink = t.tile if self._primary else t.text
        if not self.isEnabled():
            ground, ink = t.tile, t.muted
        p.fillRect(whole, t.line if self.isDown() else ground)
        p.setPen(QPen(t.line, 1))
        p.drawRect(whole)
        x = whole.left() + px(10)
        if self._keys:
            cap = QRectF(x, whole.center().y() - px(9), text_width(self._keys, px(11)) + px(10), px(18))
            p.setPen(QPen(ink, 1))
            p.drawRect(cap)
            p.setFont(font(px(11)))
            p.drawText(cap, CENTRE, self._keys)
            x = cap.right() + px(8)
        p.setPen(ink)
        p.setFont(font(px(13), bold=self._primary))
        room = QRectF(x, whole.top(), whole.right() - x - px(6), whole.height())
        draw_elided(p, room, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.hasFocus():
            p.setPen(QPen(t.focus, 2))
            p.drawRect(whole.adjusted(1, 1, -1, -1))


class ButtonRows(QWidget):
    """Buttons from left to right in as many rows as they need; its height follows."""

    def __init__(self, px: Px) -> None:
        super().__init__()
        self._px = px
        self.buttons: list[ActButton] = []

    def set_buttons(self, buttons: Sequence[ActButton]) -> None:
        """Replace them; the keyboard's focus stays on the one of the same word."""
        had = next((b.text() for b in self.buttons if b.hasFocus()), "")
        for old in self.buttons:
            old.hide()
            old.setParent(None)
            old.deleteLater()
        self.buttons = list(buttons)
        for button in self.buttons:
            button.setParent(self)
            button.show()
            if had and button.text() == had:
                button.setFocus()
        self._lay()

    def _lay(self) -> None:
        gap = round(self._px(6))
        margin = round(self._px(8))
        x, y, row = margin, gap, 0
        for button in self.buttons:
            wide = min(button.sizeHint().width(), max(1, self.width() - 2 * margin))
            if x > margin and x + wide > self.width() - margin:
                x, y = margin, y + row + gap
            button.setGeometry(x, y, wide, button.height())
            row = button.height()
            x += wide + gap
        self.setFixedHeight(y + row + gap if self.buttons else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._lay()

    def paintEvent(self, event: QPaintEvent) -> None:
        p, t = QPainter(self), look.tokens
        p.fillRect(self.rect(), t.tile)
        if self.buttons:
            p.fillRect(QRectF(0, 0, self.width(), 1), t.line)


class ActLine(QWidget):
    """How an act stands: its mark, what it was, and why; nothing to say takes no room."""

    def __init__(self, px: Px) -> None:
        super().__init__()
        self._px = px
        self._state: IntentState | None = None
        self._act = self._reason = ""
        self.setFixedHeight(0)

    @property
    def state(self) -> IntentState | None:
        """What it shows, None for nothing."""
        return self._state

    def stand(self, state: IntentState | None, act: str = "", reason: str = "") -> None:
        """Show this from now on."""
        if (state, act, reason) == (self._state, self._act, self._reason):
            return
        self._state, self._act, self._reason = state, act, reason
        words = [act_word(state), act, reason] if state is not None else []
        self.setAccessibleName(" ".join(word for word in words if word))
        self._measure()
        self.update()

    def _left(self) -> float:
        px = self._px
        if self._state is None:
            return px(10)
        mark = act_mark_px(self._state, font(px(12), bold=True))
        act = text_width(self._act, px(13), bold=True) + px(12) if self._act else 0.0
        return px(10) + mark + px(10) + act

    def _measure(self) -> None:
        if self._state is None:
            self.setFixedHeight(0)
            return
        room = QRectF(0, 0, max(40.0, self.width() - self._left() - self._px(10)), 10_000)
        metrics = QFontMetricsF(font(self._px(12)))
        text = (
            metrics.boundingRect(room, Qt.TextFlag.TextWordWrap.value, self._reason).height() if self._reason else 0.0
        )
        self.setFixedHeight(round(max(self._px(30), text + self._px(12))))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._measure()

    def paintEvent(self, event: QPaintEvent) -> None:
        state = self._state
        if state is None:
            return
        p, t, px = QPainter(self), look.tokens, self._px
        p.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        p.fillRect(self.rect(), t.tile)
        p.fillRect(QRectF(0, 0, self.width(), 1), t.line)
        ink = t.fault if state is IntentState.PENDING else t.text
        if state in (IntentState.SAVED, IntentState.APPLIED):
            ink = t.text2
        middle = px(15)
        face = font(px(12), bold=state not in (IntentState.SAVED, IntentState.APPLIED))
        mark = paint_act_mark(p, QPointF(px(10), middle), state, face, ink)
        p.setFont(font(px(13), bold=True))
        p.setPen(t.text)
        draw_elided(
            p,
            QRectF(mark.right() + px(10), 0, self.width() - mark.right() - px(14), middle * 2),
            Qt.AlignmentFlag.AlignVCenter,
            self._act,
        )
        p.setFont(font(px(12)))
        p.setPen(t.text2)
        left = self._left()
        where = QRectF(left, px(7), self.width() - left - px(10), self.height() - px(8))
        p.drawText(where, Qt.TextFlag.TextWordWrap.value, self._reason)
