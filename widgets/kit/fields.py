"""A line that offers names as one types; it knows no act and no rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLineEdit, QWidget

from widgets.kit.finding import Name
from widgets.kit.targets import least_of
from widgets.kit.text import draw_elided, font, text_width
from widgets.kit.tokens import look

LONGEST: Final = 400
ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
Find = Callable[[str], list[Name]]
MIDDLE: Final = Qt.AlignmentFlag.AlignVCenter
_MODIFIERS: Final = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier


class Offers(QWidget):
    """Names under a field, the one that Enter takes on the selection's ground."""

    taken = Signal(object)

    def __init__(self, parent: QWidget, px: Callable[[float], float]) -> None:
        super().__init__(parent)
        self._px = px
        self.names: list[Name] = []
        self.at = -1
        self.hide()

    def show_names(self, names: list[Name], at: int, field: QWidget) -> None:
        """Show them under `field`, `at` highlighted, -1 none; no names: hide."""
        self.names, self.at = names, at
        parent = self.parentWidget()
        if not names or parent is None:
            self.hide()
            return
        row = self._row_px()
        below = field.mapTo(parent, QPoint(0, field.height()))
        height = row * len(names) + 2
        if below.y() + height > parent.height():  # no room beneath: over it
            below.setY(max(0, field.mapTo(parent, QPoint(0, 0)).y() - height))
        self.setGeometry(below.x(), below.y(), field.width(), height)
        self.raise_()
        self.show()
        self.update()

    def _row_px(self) -> int:
        return round(max(self._px(28), least_of(self)))

    def paintEvent(self, event: QPaintEvent) -> None:
        p, t, row = QPainter(self), look.tokens, self._row_px()
        p.fillRect(self.rect(), t.raised)
        for i, name in enumerate(self.names):
            where = QRectF(1, 1 + i * row, self.width() - 2, row)
            chosen = i == self.at
            if chosen:
                p.fillRect(where, t.text2)
            inner = where.adjusted(self._px(8), 0, -self._px(8), 0)
            p.setFont(font(self._px(12)))
            p.setPen(t.tile if chosen else t.text2)
            beside = text_width(name.beside, self._px(12)) + self._px(8) if name.beside else 0.0
            draw_elided(p, inner, MIDDLE | Qt.AlignmentFlag.AlignRight, name.beside)
            p.setFont(font(self._px(13)))
            p.setPen(t.tile if chosen else t.text)
            draw_elided(p, inner.adjusted(0, 0, -beside, 0), MIDDLE, name.shown)
        p.setPen(t.muted)
        p.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        i = int(event.position().y() // self._row_px())
        if 0 <= i < len(self.names):
            self.taken.emit(self.names[i])


class LineField(QLineEdit):
    """One line. With `find` it offers names as one types; `only` takes nothing else than what is offered.

    Signals:
        done: nothing; Enter.
        edited: nothing; what it holds changed by hand.
    """

    done = Signal()
    edited = Signal()

    def __init__(self, px: Callable[[float], float], find: Find | None = None, *, only: bool = False) -> None:
        super().__init__()
        self._px, self._find, self._only = px, find, only
        self._id = ""
        self._offers: Offers | None = None
        self.setMaxLength(LONGEST)
        self.setFont(font(px(14)))
        self.textEdited.connect(self._typed)

    def value(self) -> str:
        """What the form keeps: the id of the name where only names are taken, else the text."""
        return self._id if self._only else self.text().strip()

    def set_value(self, value: str) -> None:
        """Show a value without saying that it was edited."""
        self._id = value
        shown = next((n.shown for n in self._find("") if n.id == value), value) if self._only and self._find else value
        if shown != self.text():
            self.setText(shown)
            self.setCursorPosition(0)

    def _typed(self, text: str) -> None:
        if self._only:
            self._id = ""
        self._offer(text)
        self.edited.emit()

    def _offer(self, typed: str) -> None:
        if self._find is None:
            return
        found = self._find(typed)
        self._shown_offers().show_names(found, 0 if typed.strip() else -1, self)

    def _shown_offers(self) -> Offers:
        if self._offers is None:
            # over the form, whose scrolled part would cut it
            form = self.parentWidget()
            while form is not None and not form.property("form"):
                form = form.parentWidget()
            self._offers = Offers(form or self, self._px)
            self._offers.taken.connect(self._take)
        return self._offers

    def _take(self, name: Name) -> None:
        self._id = name.id
        self.setText(name.shown)
        self.close_offers()
        self.edited.emit()

    def close_offers(self) -> None:
        """Take the offers away."""
        if self._offers is not None:
            self._offers.hide()

    def settle(self) -> None:
        """What stands in it counts: the offered name that is highlighted, or nothing where only names are taken."""
        offers = self._offers
        if offers is not None and offers.isVisible() and 0 <= offers.at < len(offers.names):
            self._take(offers.names[offers.at])
        elif self._only and not self._id and self._find is not None and self.text().strip():
            found = self._find(self.text())
            if found:
                self._take(found[0])
        self.close_offers()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, offers = Qt.Key(event.key()), self._offers
        if event.modifiers() & _MODIFIERS and (key in ENTER or Qt.Key.Key_0 <= key <= Qt.Key.Key_9):
            if key in ENTER:
                self.settle()
            event.ignore()  # the form's: save, or the grade
        elif key in ENTER:
            self.settle()
            self.done.emit()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self._find is not None:
            shown = offers is not None and offers.isVisible()
            if not shown:
                self._offer("")
                offers = self._shown_offers()
            if offers is not None and offers.names:
                step = 1 if key == Qt.Key.Key_Down else -1
                offers.show_names(offers.names, (offers.at + step) % len(offers.names), self)
        elif key == Qt.Key.Key_Escape and not event.modifiers() and offers is not None and offers.isVisible():
            self.close_offers()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            p = QPainter(self)
            p.setPen(QPen(look.tokens.focus, 2))
            p.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if self._only:
            self.settle()
        self.close_offers()
        super().focusOutEvent(event)
