"""What every form is, in a panel or over a window: the keys are its own while it has them; it knows no field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QWidget

from widgets.kit.buttons import ActButton, Px
from widgets.kit.fields import ENTER
from widgets.kit.targets import Draw
from widgets.kit.text import font
from widgets.kit.tokens import look

TAKEN: Final = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier
"""With these a key is a command's also where one types."""
_PASSED: Final = (Qt.Key.Key_F1, Qt.Key.Key_F11)


class Shaded(QLabel):
    """Plain words in one shade of the look, wrapped."""

    def __init__(self, text: str, px: float, shade: str = "text", *, bold: bool = False) -> None:
        super().__init__(text)
        self._shade = shade
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(font(px, bold=bold))
        self.setWordWrap(True)
        self.setMinimumWidth(1)
        self.restyle()

    def restyle(self) -> None:
        """Take the colours of now."""
        made = QPalette(self.palette())
        made.setColor(QPalette.ColorRole.WindowText, getattr(look.tokens, self._shade))
        self.setPalette(made)


class FormFrame(QFrame):
    """Fields that scroll over a foot of buttons. No key that is typed here is a command's."""

    def __init__(self, px: Px, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("form", True)  # fields find it by this, to offer names over it
        self._px = px
        self._inside = QWidget()
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._inside)
        Draw(self._scroll, self._inside)

    def _label(self, words: str, *, must: bool) -> Shaded:
        """A field's name; bold where it has to be filled in."""
        label = Shaded(words, self._px(13), "text" if must else "text2", bold=must)
        label.setWordWrap(False)
        return label

    def _row(self, buttons: Iterable[ActButton]) -> QHBoxLayout:
        """Buttons from left to right, none narrower than its words."""
        row = QHBoxLayout()
        row.setSpacing(round(self._px(8)))
        for button in buttons:
            button.setMinimumWidth(button.sizeHint().width())
            row.addWidget(button)
        row.addStretch(1)
        return row

    def focus(self, widget: QWidget) -> None:
        """Put the keyboard there, in sight."""
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        if self._inside.isAncestorOf(widget):
            self._scroll.ensureWidgetVisible(widget, 0, round(self._px(8)))

    def restyle(self) -> None:
        """Take the colours of now."""
        for words in self.findChildren(Shaded):
            words.restyle()
        self.update()

    def event(self, event: QEvent) -> bool:
        # while a form has the keys, none of them is a command's but those that a hand means so
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            key = Qt.Key(event.key())
            if (not event.modifiers() & TAKEN and key not in _PASSED) or key in ENTER:
                event.accept()
                return True
        return super().event(event)
