"""The sheet in which the glass is broken: a reason in words, what it gives, what is written down; knows no panel."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.shell.access.acts import AccessActs
from console.shell.access.fields import Field, Labelled, Press, Refusal, Words, word
from console.shell.dialogs import Sheet
from console.shell.session import Session

LEAST_LETTERS: Final = 4
"""What the node's rule asks of a reason, blanks not counted; it decides."""


class GlassSheet(Sheet):
    """Enter breaks it, where a reason stands; Esc closes. The default is not to."""

    def __init__(self, parent: QWidget, session: Session, acts: AccessActs) -> None:
        super().__init__(parent)
        self._session, self._acts = session, acts
        self._busy = False
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(word("Break the glass"))
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        self.head, self.lead = Words(20, bold=True), Words(13, shade="text2")
        self.reason = Labelled(Field(longest=200))
        self.refusal = Refusal()
        self.go, self.no = Press(), Press(primary=True)
        row = QHBoxLayout()
        row.addStretch(1)
        for part in (self.head, self.lead, self.reason, self.refusal):
            column.addWidget(part)
        for button, act in ((self.go, self._break), (self.no, self.reject)):
            row.addWidget(button)
            button.clicked.connect(act)
        column.addLayout(row)
        for sized in (self.head, self.lead, self.reason, self.refusal, self.go, self.no):
            sized.scaled(1.0)
        self.reason.field.entered.connect(self._break)
        self.reason.field.textEdited.connect(self._typed)
        self._say()
        self.setMinimumWidth(520)
        self.reason.field.setFocus()

    def _say(self) -> None:
        self.head.setText(word("Break the glass?"))
        self.lead.setText(
            word(
                "For half an hour you may do all field work in your own areas, whatever your role says. "
                "Every act is marked, the audit administrator reads the reason, all your screens show it."
            )
        )
        self.reason.name(word("Reason, in words"))
        self.go.setText(word("Break the glass"))
        self.no.setText(word("No"))
        for button in (self.go, self.no):
            button.setMinimumWidth(112)
        self._typed("")

    @property
    def ready(self) -> bool:
        """Whether a reason stands there."""
        return len("".join(self.reason.field.text().split())) >= LEAST_LETTERS

    def _typed(self, _text: str) -> None:
        self.go.setEnabled(self.ready and not self._busy)
        self.refusal.setText("")

    def _break(self) -> None:
        if self._busy:
            return
        if not self.ready:
            self.refusal.setText(word("Say why, in words"))
            return
        self._busy = True
        self.go.setEnabled(False)
        self._session.tasks.start("access.glass", self._breaking(self.reason.field.text()), owner=self)

    async def _breaking(self, reason: str) -> None:
        refusal = await self._acts.break_glass(reason)
        self._busy = False
        if refusal.zh:
            self.go.setEnabled(self.ready)
            self.refusal.setText(refusal.of(self._session.language.code))
        else:
            self.accept()

    def done(self, result: int) -> None:
        self._session.tasks.cancel(self)
        super().done(result)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Enter belongs to field and buttons: a dialog's default would press what nobody chose
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
