"""A form in a panel: words, fields, ticks, and what became of it; by keyboard alone; it knows no act and no rule."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from console.api import IntentState
from widgets.kit.buttons import ActButton, ActLine, Px, control_px
from widgets.kit.fields import ENTER, LineField
from widgets.kit.form import TAKEN, FormFrame, Shaded
from widgets.kit.text import draw_elided, font, text_width
from widgets.kit.tokens import look


class Tick(QAbstractButton):
    """A box with words: Space turns it, Enter and the arrows go on; `beside` says more at its right end.

    Signals:
        done: by how many fields to go on, +1 or −1.
    """

    done = Signal(object)

    def __init__(self, words: str, px: Px, height: float, beside: str = "") -> None:
        super().__init__()
        self._px, self._beside = px, beside
        self.setText(words)
        self.setAccessibleName(f"{words} {beside}".strip())
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(round(height))

    def sizeHint(self) -> QSize:
        return QSize(round(self._px(240)), self.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in ENTER and not event.modifiers() & TAKEN:
            self.done.emit(1)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.done.emit(1 if key == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        p, t, px = QPainter(self), look.tokens, self._px
        p.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        ink = t.text if self.isEnabled() else t.muted
        side = px(14)
        box = QRectF(px(4), (self.height() - side) / 2, side, side)
        p.setPen(QPen(t.text2, 1.2))
        p.drawRect(box)
        if self.isChecked():
            m = box.center()
            p.setPen(QPen(ink, 2))
            at = [(-0.28, 0.0), (-0.06, 0.24), (0.3, -0.26)]
            p.drawPolyline(QPolygonF([QPointF(m.x() + side * x, m.y() + side * y) for x, y in at]))
        line = QRectF(box.right() + px(10), 0, self.width() - box.right() - px(16), self.height())
        p.setFont(font(px(12)))
        p.setPen(t.text2)
        draw_elided(p, line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._beside)
        beside = text_width(self._beside, px(12)) + px(10) if self._beside else 0.0
        p.setFont(font(px(13)))
        p.setPen(ink)
        draw_elided(p, line.adjusted(0, 0, -beside, 0), Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.hasFocus():
            p.setPen(QPen(t.focus, 2))
            p.drawRect(self.rect().adjusted(1, 1, -1, -1))


class Paper(QPlainTextEdit):
    """Several lines of text; Tab leaves it."""

    def __init__(self, px: Px, rows: int = 5) -> None:
        super().__init__()
        self.setFont(font(px(14)))
        self.setTabChangesFocus(True)
        self.setFixedHeight(round(px(21 * rows)))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.restyle()

    def restyle(self) -> None:
        """Take the colours of now."""
        t = look.tokens
        self.setStyleSheet(f"QPlainTextEdit {{ background: {t.raised.name()}; border: 1px solid {t.line.name()}; }}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.modifiers() & TAKEN and Qt.Key(event.key()) in ENTER:
            event.ignore()  # the sheet's: save
        elif Qt.Key(event.key()) == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)


class Sheet(FormFrame):
    """Words, fields and ticks in a column, a line for what became of the act, Save and Back.

    Enter goes to the next field, Ctrl+Enter saves, Esc goes back.

    Signals:
        submitted: nothing; Save, by key or hand.
        left: nothing; back to where one came from.
    """

    submitted = Signal()
    left = Signal()

    def __init__(self, px: Px, head: str, about: str, save: str, back: str, *, least: float = 0.0) -> None:
        super().__init__(px)
        self._least = least
        self._order: list[QWidget] = []
        column = QVBoxLayout(self)
        margin = round(px(16))
        column.setContentsMargins(margin, round(px(12)), margin, round(px(10)))
        column.setSpacing(round(px(8)))
        self.head = Shaded(head, px(16), bold=True)
        column.addWidget(self.head)
        self.about = Shaded(about, px(12), "text2")
        self.about.setVisible(bool(about))
        column.addWidget(self.about)
        self._grid = QGridLayout(self._inside)
        self._grid.setContentsMargins(0, round(px(4)), round(px(6)), 0)
        self._grid.setHorizontalSpacing(round(px(14)))
        self._grid.setVerticalSpacing(round(px(7)))
        self._grid.setColumnStretch(1, 1)
        column.addWidget(self._scroll, 1)
        self.note = Shaded("", px(13), "text", bold=True)
        self.note.hide()
        column.addWidget(self.note)
        self.line = ActLine(px)
        column.addWidget(self.line)
        column.addLayout(self._foot(save, back))
        self._rows = 0
        self.sending = False
        self._tell_ground()

    def _tell_ground(self) -> None:
        made = QPalette(self.palette())
        made.setColor(QPalette.ColorRole.Window, look.tokens.tile)
        made.setColor(QPalette.ColorRole.Base, look.tokens.raised)
        self.setPalette(made)

    def _foot(self, save: str, back: str) -> QHBoxLayout:
        self.save = ActButton(save, "Ctrl+Enter", self._px, self.high, primary=True)
        self.save.setVisible(bool(save))
        self.save.clicked.connect(self._submit)
        self.back = ActButton(back, "Esc", self._px, self.high)
        self.back.clicked.connect(self.left)
        return self._row((self.save, self.back))

    @property
    def high(self) -> float:
        """Height of one control, logical px."""
        return control_px(self._px, least=self._least)

    # ------------------------------------------------------------------ filling

    def add(self, label: str, field: QWidget, *, must: bool = False) -> None:
        """A field with its label."""
        top = isinstance(field, Paper)
        where = Qt.AlignmentFlag.AlignTop if top else Qt.AlignmentFlag.AlignVCenter
        self._grid.addWidget(self._label(label, must=must), self._rows, 0, where)
        self._grid.addWidget(field, self._rows, 1)
        field.setAccessibleName(label)
        if isinstance(field, LineField):
            field.setFixedHeight(round(self.high))
            field.done.connect(lambda: self.go_on(field))
        self._order.append(field)
        self._rows += 1

    def add_wide(self, *widgets: QWidget) -> None:
        """Widgets over both columns: words, ticks."""
        for widget in widgets:
            self._grid.addWidget(widget, self._rows, 0, 1, 2)
            if not isinstance(widget, Shaded):
                self._order.append(widget)
            self._rows += 1

    def finish(self) -> None:
        """No more comes: what is there stands at the top."""
        self._grid.setRowStretch(self._rows, 1)
        self._rows += 1

    def begin(self) -> None:
        """The focus to the first field that is empty, else to Save; Tab goes the same way."""
        self.order()
        fields = [w for w in self._order if isinstance(w, LineField | Paper)]
        empty = [w for w in fields if not (w.value() if isinstance(w, LineField) else w.toPlainText().strip())]
        self.focus(next(iter(empty or self._chain()), self.save if self.save.isVisibleTo(self) else self.back))

    def order(self) -> None:
        """Tab goes from top to bottom; call it after ticks were added inside of what was added here."""
        chain = self._chain()
        for one, other in pairwise([*chain, self.save, self.back]):
            QWidget.setTabOrder(one, other)
        for tick in chain:
            if isinstance(tick, Tick) and not tick.property("led"):
                tick.setProperty("led", True)
                tick.done.connect(partial(self.go_on, tick))

    def _chain(self) -> list[QWidget]:
        """What takes the keyboard, top to bottom; of a widget with ticks inside, those."""
        own = (LineField, Paper, Tick)
        return [w for o in self._order for w in ([o] if isinstance(o, own) else o.findChildren(Tick))]

    def go_on(self, field: QWidget, by: int = 1) -> None:
        """To what follows a field, `by` −1 to what is before it."""
        chain = [*self._chain(), self.save]
        here = chain.index(field) if field in chain else len(chain)
        self.focus(chain[min(max(here + by, 0), len(chain) - 1)])

    # ------------------------------------------------------------------ what becomes of it

    def say(self, words: str) -> None:
        """What is wrong or to be known before saving, "" nothing."""
        self.note.setText(words)
        self.note.setVisible(bool(words))

    def stand(self, state: IntentState | None, reason: str = "") -> None:
        """What became of the act; one that is under way cannot be sent twice."""
        self.sending = state is IntentState.PENDING and not reason
        self.line.stand(state, reason=reason)

    def _submit(self) -> None:
        for field in self._order:
            if isinstance(field, LineField):
                field.settle()
        if not self.sending:
            self.submitted.emit()

    # ------------------------------------------------------------------ Qt

    def restyle(self) -> None:
        """Take the colours of now."""
        self._tell_ground()
        for paper in self.findChildren(Paper):
            paper.restyle()
        super().restyle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and key in ENTER:
            self._submit()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        # nothing goes on to the window: a key typed here is never a command

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), look.tokens.tile)
