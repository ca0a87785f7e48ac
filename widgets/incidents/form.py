"""The quiet form over a window's tiles: fields in order, what lacks, both versions of a conflict; it sends nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from console.api import IntentState, PossibleAct, Text
from widgets.incidents.asks import Ask, Values, lacking, still_lacking, wrong
from widgets.incidents.choice import ChoiceField
from widgets.kit.buttons import ActButton, ActLine, control_px
from widgets.kit.fields import ENTER, Find, LineField
from widgets.kit.form import FormFrame, Shaded
from widgets.kit.tokens import look

translate = QCoreApplication.translate
WIDE_PX: Final = 560
FIELD_PX: Final = 36
Row = tuple[str, str, str]
"""Of two versions: what, as it was seen, as it is now."""


class Form(FormFrame):
    """See the module. Enter goes to the next field that is empty, Ctrl+Enter saves, Esc leaves and keeps a draft.

    Args:
        px: desk px to this screen's.
        fields: in order; `act` is what the rules let be done, None for a new report.
        finds: by field kind, what offers names for it.
        follow: told after each edit the field's name and all values; gives back values to be put in elsewhere.

    Signals:
        submitted: the values; asked only where nothing lacks.
        left: the values, to be kept as a draft.
        discarded: nothing; what was typed is not wanted.
    """

    submitted = Signal(object)
    left = Signal(object)
    discarded = Signal()

    def __init__(
        self,
        parent: QWidget,
        px: Callable[[float], float],
        language: str,
        head: str,
        about: str,
        fields: Sequence[Ask],
        *,
        act: PossibleAct | None = None,
        finds: Mapping[str, Find] | None = None,
        follow: Callable[[str, Values], Values] | None = None,
        least: float = 0.0,
    ) -> None:
        super().__init__(px, parent)
        self._language, self._act = language, act
        self._asks = tuple(fields)
        self._follow = follow
        self._least = least
        self._field_px = control_px(px, least=least, desk=FIELD_PX)
        self.fields: dict[str, LineField | ChoiceField] = {}
        self._sending = False
        self._column = QVBoxLayout(self)
        margin = round(px(18))
        self._column.setContentsMargins(margin, round(px(12)), margin, round(px(12)))
        self._column.setSpacing(round(px(8)))
        self._add_head(head, about)
        self._add_fields(finds or {})
        self._lacks = Shaded("", px(12), "text", bold=True)
        self._lacks.setVisible(False)
        self._column.addWidget(self._lacks)
        self._versions = QWidget()
        self._versions.setVisible(False)
        self._column.addWidget(self._versions)
        self.line = ActLine(px)
        self._column.addWidget(self.line)
        self._add_foot()
        self._changed()

    # ------------------------------------------------------------------ made once

    def _add_head(self, head: str, about: str) -> None:
        row = QHBoxLayout()
        title = Shaded(head, self._px(15), bold=True)
        title.setWordWrap(False)
        row.addWidget(title, 0)
        what = Shaded(about, self._px(12), "text2")
        row.addWidget(what, 1)
        self._column.addLayout(row)

    def _add_fields(self, finds: Mapping[str, Find]) -> None:
        grid = QGridLayout(self._inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(round(self._px(12)))
        grid.setVerticalSpacing(round(self._px(6)))
        grid.setColumnStretch(1, 1)
        for row, ask in enumerate(self._asks):
            grid.addWidget(self._label(ask.title.of(self._language), must=ask.must), row, 0)
            field = self._field(ask, finds.get(ask.kind))
            field.setAccessibleName(ask.title.of(self._language))
            self.fields[ask.name] = field
            grid.addWidget(field, row, 1)
        if self._asks:
            self._column.addWidget(self._scroll, 1)

    def _field(self, ask: Ask, find: Find | None) -> LineField | ChoiceField:
        field: LineField | ChoiceField
        if ask.kind == "choice":
            field = ChoiceField(self._px, ask.choices, self._language, self._field_px)
        else:
            field = LineField(self._px, find, only=ask.kind == "area")
            field.setFixedHeight(round(self._field_px))
            field.setPlaceholderText(ask.hint.of(self._language))
        field.done.connect(lambda: self._next(ask.name))
        field.edited.connect(lambda: self._edited(ask.name))
        return field

    def _add_foot(self) -> None:
        height = control_px(self._px, least=self._least, desk=30)
        save = ActButton(translate("IncidentForm", "Save"), "Ctrl+Enter", self._px, height, primary=True)
        leave = ActButton(translate("IncidentForm", "Later"), "Esc", self._px, height)
        discard = ActButton(translate("IncidentForm", "Discard"), "Shift+Esc", self._px, height)
        save.clicked.connect(self.submit)
        leave.clicked.connect(lambda: self.left.emit(self.values()))
        discard.clicked.connect(self.discarded)
        self.save = save
        row = self._row((save, leave, discard))
        if (chosen := self._first_choice()) is not None:
            last = max(value for value, _ in chosen.choices)
            hint = Shaded(f"Alt+1…{last} {chosen.title.of(self._language)}", self._px(12), "text2")
            hint.setWordWrap(False)
            row.addWidget(hint)
        self._column.addLayout(row)

    # ------------------------------------------------------------------ values

    def values(self) -> Values:
        """What stands in the fields, the empty ones left out."""
        return {name: value for name, field in self.fields.items() if (value := field.value())}

    def fill(self, values: Values) -> None:
        """Put values in, and the focus on the first field that is empty."""
        for name, value in values.items():
            if name in self.fields:
                self.fields[name].set_value(value)
        self._changed()
        self.begin()

    def begin(self) -> None:
        """The focus to the first empty field, else to Save."""
        self.focus(next((f for f in self.fields.values() if not f.value()), self.save))

    def _next(self, name: str) -> None:
        """After a field the next one that is empty; none: Save."""
        order = list(self.fields)
        after = order[order.index(name) + 1 :]
        self.focus(next((self.fields[n] for n in after if not self.fields[n].value()), self.save))

    def _edited(self, name: str) -> None:
        if self._follow is not None:
            for other, value in self._follow(name, self.values()).items():
                if other in self.fields:
                    self.fields[other].set_value(value)
        self._changed()

    def _changed(self) -> None:
        """Say what an act that may be done without would leave open."""
        if self._act is not None and self._act.lacks:
            open_ = still_lacking(self._act, self.values())
            self._tell_lack(open_, translate("IncidentForm", "Not there yet: {what}. Closing without needs a reason."))
        elif not self._lacks.isHidden():
            self._tell_lack((), "")

    def _tell_lack(self, lacks: Sequence[Text], words: str) -> None:
        names = "、".join(t.zh for t in lacks) if self._language == "zh" else ", ".join(t.of("en") for t in lacks)
        self._lacks.setText(words.format(what=names) if lacks else "")
        self._lacks.setVisible(bool(lacks))
        self.fit()

    # ------------------------------------------------------------------ saving and what becomes of it

    def submit(self) -> None:
        """Ask for it to be saved, unless something lacks: then say what, and go there."""
        if self._sending:
            return
        for field in self.fields.values():
            if isinstance(field, LineField):
                field.close_offers()
        values = self.values()
        odd = wrong(self._asks, values)
        if odd is not None:
            self.line.stand(IntentState.REFUSED, reason=odd.of(self._language))
            self.fit()
            return
        lacks = lacking(self._asks, self._act, values)
        if lacks:
            closing = self._act is not None and bool(self._act.lacks)
            words = translate("IncidentForm", "Still missing: {what}")
            if closing:
                words = translate("IncidentForm", "Not closed. Missing: {what}. Fill it in, or give a reason.")
            self._tell_lack(lacks, words)
            self.focus(self._first_missing(lacks))
            return
        self._sending = True
        self.submitted.emit(values)

    def _first_missing(self, lacks: Sequence[Text]) -> QWidget:
        wanted = {text.zh for text in lacks}
        asked = self._act.asks if self._act is not None else ()
        for ask in self._asks:
            if (ask.name in asked or ask.title.zh in wanted) and not self.fields[ask.name].value():
                return self.fields[ask.name]
        return self.fields.get("reason") or self.save

    @property
    def sending(self) -> bool:
        """Whether an answer is awaited."""
        return self._sending

    def stand(self, state: IntentState, reason: str = "", rows: Sequence[Row] = ()) -> None:
        """What became of it; what was refused or is in conflict can be saved again. `rows`: the two versions."""
        self._sending = False
        self.line.stand(state, reason=reason)
        self._show_versions(rows)
        if state is IntentState.CONFLICT:
            self.save.setText(translate("IncidentForm", "Save all the same"))
            self.save.setAccessibleName(self.save.text())
            self.save.setMinimumWidth(self.save.sizeHint().width())
        self.fit()
        self.begin()

    def _show_versions(self, rows: Sequence[Row]) -> None:
        self._versions.setVisible(bool(rows))
        if not rows:
            return
        grid = self._versions.layout() or QGridLayout(self._versions)
        assert isinstance(grid, QGridLayout)
        while (item := grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        grid.setContentsMargins(0, 0, 0, 0)
        heads = ("", translate("IncidentForm", "As you saw it"), translate("IncidentForm", "As it is now"))
        for r, row in enumerate((heads, *rows)):
            for c, text in enumerate(row):
                shade = "text2" if r == 0 or c == 0 else "text"
                words = Shaded(text, self._px(13 if r else 12), shade, bold=r > 0 and c == 2)
                words.setWordWrap(c > 0)
                grid.addWidget(words, r, c)
        grid.setHorizontalSpacing(round(self._px(16)))
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 1)

    # ------------------------------------------------------------------ place

    def place(self) -> None:
        """In the upper middle of its window, as high as it needs and the window lets it be."""
        self.fit()
        self.show()
        self.raise_()

    def fit(self) -> None:
        """As high as what stands in it now, where the window lets it be."""
        parent = self.parentWidget()
        if parent is None:
            return
        wide = min(round(self._px(WIDE_PX)), parent.width() - 16)
        inner = self._inside.sizeHint().height()
        self._scroll.setMinimumHeight(min(inner, max(round(self._px(60)), parent.height() - round(self._px(200)))))
        self._column.invalidate()
        self._column.activate()
        height = min(self._column.totalHeightForWidth(wide), parent.height() - 16)
        top = min(round(self._px(96)), max(8, parent.height() - height - 8))
        self.setGeometry((parent.width() - wide) // 2, top, wide, height)

    # ------------------------------------------------------------------ Qt

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes round in the form."""
        order = [*self.fields.values(), *self.findChildren(ActButton)]
        # a window that is not the active one has a place to go on from too
        now = self.window().focusWidget()
        here = next((i for i, widget in enumerate(order) if widget is now), -1 if forward else 0)
        self.focus(order[(here + (1 if forward else -1)) % len(order)])
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, modifiers = Qt.Key(event.key()), event.modifiers()
        control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        if control and key in ENTER:
            self.submit()
        elif key == Qt.Key.Key_Escape and modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.discarded.emit()
        elif key == Qt.Key.Key_Escape:
            self.left.emit(self.values())
        elif modifiers & Qt.KeyboardModifier.AltModifier and Qt.Key.Key_0 <= key <= Qt.Key.Key_9:
            self._choose(str(key - Qt.Key.Key_0))
        # nothing goes on to the window: a key typed here is never a command

    def _first_choice(self) -> Ask | None:
        """What a digit with Alt chooses from any field: no form asks for two."""
        return next((ask for ask in self._asks if ask.kind == "choice"), None)

    def _choose(self, value: str) -> None:
        asked = self._first_choice()
        field = self.fields[asked.name] if asked is not None else None
        if isinstance(field, ChoiceField):
            field.choose(value)

    def paintEvent(self, event: QPaintEvent) -> None:
        p, t = QPainter(self), look.tokens
        p.fillRect(self.rect(), t.tile)
        p.setPen(t.muted)
        p.drawRect(self.rect().adjusted(0, 0, -1, -1))
