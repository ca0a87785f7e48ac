"""What the pages over the tiles have in common: head, fields, what was refused, buttons, Enter; knows no page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from console.shell.access.acts import AccessActs
from console.shell.access.fields import Code, Field, Labelled, Press, Refusal, Secret, Words, word
from widgets.kit.text import duration_text, text_width

NARROW_PX: Final = 420
WIDE_PX: Final = 640
BUTTON_PX: Final = 112.0


class Form(QWidget):
    """One page: head, what it is for, fields, what was refused, buttons. Subclasses fill it and say its words.

    Args:
        language: gives "zh" or "en".
    """

    WIDE = NARROW_PX

    def __init__(self, acts: AccessActs, language: Callable[[], str]) -> None:
        super().__init__()
        self.acts, self.language = acts, language
        self.head, self.lead = Words(28, bold=True), Words(13, shade="text2")
        self.refusal = Refusal()
        self.caps = Words(12, shade="text2")
        self.fields: list[Labelled] = []
        self._told: list[Words] = []
        self.buttons: list[Press] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.head)
        self._column.addWidget(self.lead)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._row = QHBoxLayout()
        self._rows = 0

    # ------------------------------------------------------------------ building

    def add(self, field: Field, *, column: int = -1) -> Labelled:
        """A field on a row of its own, or the left (0) or right (1) half of one."""
        made = Labelled(field)
        self.fields.append(made)
        self._grid.addWidget(made, self._rows, max(column, 0), 1, 2 if column < 0 else 1)
        self._rows += column != 0
        field.textEdited.connect(self._typed)
        field.entered.connect(lambda: self._entered(field))
        if isinstance(field, Secret):
            field.caps.connect(self._caps)
        return made

    def tell(self, words: Words) -> Words:
        """Words on a row of their own among the fields; they grow and change colours with the page."""
        self._told.append(words)
        self._grid.addWidget(words, self._rows, 0, 1, 2)
        self._rows += 1
        return words

    def finish(self, *buttons: tuple[Press, Callable[[], None]]) -> None:
        """Put fields, refusal and buttons below the head; the first button is the page's own act, Enter's too."""
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        self._column.addLayout(self._grid)
        self._column.addWidget(self.caps)
        self._column.addWidget(self.refusal)
        self._column.addLayout(self._row)
        for button, act in buttons:
            self.buttons.append(button)
            button.clicked.connect(act)
            self._row.addWidget(button)
        self._row.addStretch(1)
        if not self.fields:
            self.caps.hide()

    def scaled(self, scale: float) -> None:
        """Of this size from now on."""
        parts: list[Words | Labelled | Press] = [self.head, self.lead, self.refusal, self.caps]
        for part in (*parts, *self._told, *self.fields, *self.buttons):
            part.scaled(scale)
        self.caps.setFixedHeight(round(20 * scale))
        self._column.setSpacing(round(10 * scale))
        self._grid.setVerticalSpacing(round(10 * scale))
        self._grid.setHorizontalSpacing(round(16 * scale))
        self._row.setSpacing(round(8 * scale))
        for button in self.buttons:
            button.setMinimumWidth(
                round(max(BUTTON_PX * scale, text_width(button.text(), 15 * scale, True) + 32 * scale))
            )

    # ------------------------------------------------------------------ words

    def say(self) -> None:
        """All words anew, in the present language and as things stand; what was typed stays."""
        busy = self.acts.busy
        self.refusal.setText(self._said())
        for labelled in self.fields:
            labelled.field.setReadOnly(busy)
        for button in self.buttons:
            button.setEnabled(not busy)

    def _said(self) -> str:
        said, left_s = self.acts.said.of(self.language()), self.acts.wait_s
        if not said or not left_s:
            return said
        return said + "\n" + word("Next try in {span}").format(span=duration_text(left_s, self.language()))

    def _caps(self, on: object) -> None:
        self.caps.setText(word("Caps Lock is on") if on else "")

    def restyle(self) -> None:
        """Night became day or back."""
        for words in (self.head, self.lead, self.refusal, self.caps, *self._told, *(f.label for f in self.fields)):
            words.restyle()

    # ------------------------------------------------------------------ hands

    def _typed(self, _text: str) -> None:
        self.acts.typing()

    def _entered(self, field: Field) -> None:
        """Enter goes to the next empty field that has to be filled, and from the last one does the act."""
        empty = next((needed for needed in self.needed() if not needed.text()), None)
        if empty is not None and empty is not field:
            empty.setFocus(Qt.FocusReason.TabFocusReason)
        elif empty is None:
            self.buttons[0].click()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:  # of whichever field or button has the focus
            self.acts.leave_page()
        else:
            super().keyPressEvent(event)

    def needed(self) -> Sequence[Field]:
        """Fields that may not be empty."""
        return [labelled.field for labelled in self.fields]

    def begin(self) -> None:
        """The keys go to the first field that is empty."""
        fields = [labelled.field for labelled in self.fields]
        first = next((field for field in fields if not field.text()), None) or next(iter(fields), None)
        target: QWidget | None = first or next(iter(self.buttons), None)
        if target is not None:
            target.setFocus(Qt.FocusReason.OtherFocusReason)

    def forget(self, *, secrets_only: bool = False) -> None:
        """Nothing that was typed stays."""
        for labelled in self.fields:
            if not secrets_only or isinstance(labelled.field, (Secret, Code)):
                labelled.field.setText("")
        self.caps.setText("")

    def refused(self) -> None:
        """The node said no: the secrets are typed again."""
        self.forget(secrets_only=True)
        self.begin()
