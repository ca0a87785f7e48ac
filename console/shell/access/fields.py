"""Fields, labels and buttons of the pages over the tiles, all growing with one scale; they know no page."""

from __future__ import annotations

from math import ceil
from typing import Final

from PySide6.QtCore import QCoreApplication, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from widgets.kit.shapes import paint_cross
from widgets.kit.targets import least_of
from widgets.kit.text import font
from widgets.kit.tokens import look

LONGEST: Final = 256
FIELD_PX: Final = 38
"""Height of a field on a desk; where a finger touches it, no less than that needs."""


def word(text: str) -> str:
    """A text of these pages in the present language."""
    return QCoreApplication.translate("Access", text)


class Words(QLabel):
    """Wrapped words in one shade and size."""

    def __init__(self, px: float, *, bold: bool = False, shade: str = "text") -> None:
        super().__init__()
        self._px, self._bold, self._shade = px, bold, shade
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setMinimumWidth(1)
        self.restyle()

    def scaled(self, scale: float) -> None:
        """Of this size from now on."""
        self.setFont(font(self._px * scale, bold=self._bold))

    def restyle(self) -> None:
        """Take the colours of now."""
        made = QPalette(self.palette())
        made.setColor(QPalette.ColorRole.WindowText, getattr(look.tokens, self._shade))
        self.setPalette(made)


class Refusal(Words):
    """What was refused and why, beside a painted cross; empty it keeps its place, so that nothing jumps."""

    def __init__(self) -> None:
        super().__init__(13, bold=True)
        self._scale = 1.0
        self.setAlignment(Qt.AlignmentFlag.AlignTop)

    def scaled(self, scale: float) -> None:
        super().scaled(scale)
        self._scale = scale
        self.setContentsMargins(round(22 * scale), 0, 0, 0)
        self.setMinimumHeight(round(40 * scale))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.text():
            s = self._scale
            paint_cross(QPainter(self), QRectF(0, 3 * s, 14 * s, 14 * s), look.tokens.text)


class Field(QLineEdit):
    """One line to type into.

    Signals:
        entered: nothing; Enter was pressed, and not for an input method.
    """

    entered = Signal()

    def __init__(self, *, secret: bool = False, longest: int = LONGEST) -> None:
        super().__init__()
        self.setMaxLength(longest)
        if secret:
            self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setInputMethodHints(self.inputMethodHints() | Qt.InputMethodHint.ImhNoAutoUppercase)
        # a menu would offer to copy, and a popup stands over what may have to be hidden
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)

    def scaled(self, scale: float) -> None:
        """Of this size from now on."""
        self.setFont(font(16 * scale))
        self.setFixedHeight(max(round(FIELD_PX * scale), ceil(least_of(self))))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            p = QPainter(self)
            p.setPen(QPen(look.tokens.focus, 2))
            p.drawRect(self.rect().toRectF().adjusted(1, 1, -1, -1))


class Secret(Field):
    """A field whose letters nobody sees, not in a picture of the window either.

    Signals:
        caps: whether Caps Lock is on, as far as the letters typed here tell; Qt does not say it otherwise.
    """

    caps = Signal(object)

    def __init__(self) -> None:
        super().__init__(secret=True)
        self._caps: bool | None = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._look_at_caps(event)
        super().keyPressEvent(event)

    def _look_at_caps(self, event: QKeyEvent) -> None:
        text, before = event.text(), self._caps
        if event.key() == Qt.Key.Key_CapsLock:
            self._caps = not before if before is not None else None
        elif len(text) == 1 and text.isascii() and text.isalpha():
            self._caps = text.isupper() is not bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if self._caps is not before:
            self.caps.emit(bool(self._caps))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.caps.emit(False)


class Code(Field):
    """The digits that an authenticator shows now: as short-lived as a secret, and seen while they are typed."""

    def __init__(self) -> None:
        super().__init__(longest=12)
        self.setInputMethodHints(self.inputMethodHints() | Qt.InputMethodHint.ImhDigitsOnly)


class Labelled(QWidget):
    """A field under its name."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field
        self.label = Words(12, shade="text2")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.label)
        self._column.addWidget(field)
        self.label.setBuddy(field)

    def name(self, text: str) -> None:
        """What is to be typed; a reader of screens says it too."""
        self.label.setText(text)
        self.field.setAccessibleName(text)

    def scaled(self, scale: float) -> None:
        """Of this size from now on."""
        self.label.scaled(scale)
        self.field.scaled(scale)
        self._column.setSpacing(round(4 * scale))


class Press(QPushButton):
    """A button: the primary one filled, the others with a hairline; Enter presses the one with the focus."""

    def __init__(self, *, primary: bool = False) -> None:
        super().__init__()
        self.setAutoDefault(False)
        self._primary = primary
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def scaled(self, scale: float) -> None:
        """Of this size from now on."""
        self.setFont(font((15 if self._primary else 13) * scale, bold=self._primary))
        self.setFixedHeight(max(round(FIELD_PX * scale), ceil(least_of(self))))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        t, p = look.tokens, QPainter(self)
        ink = t.tile if self._primary else t.text
        if not self.isEnabled():
            ink = t.muted
        fill = t.text2 if self._primary and self.isEnabled() else t.raised
        p.fillRect(self.rect(), fill)
        if not self._primary:
            p.setPen(QPen(t.line, 1))
            p.drawRect(self.rect().adjusted(0, 0, -1, -1))
        if self.hasFocus():
            p.setPen(QPen(t.focus, 2))
            p.drawRect(self.rect().toRectF().adjusted(1, 1, -1, -1))
        p.setFont(self.font())
        p.setPen(ink)
        p.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter.value, self.text())
