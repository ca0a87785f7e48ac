"""Dialogs that never run a loop of their own: opened, and answered through a future; know no panel."""

from __future__ import annotations

import asyncio
from typing import Final

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from widgets.kit.targets import LEAST, least_of
from widgets.kit.text import font
from widgets.kit.tokens import look

TEXT_SCALE: Final = "text_scale"
"""The property of a window in which it says how much larger than on a desk its text is; unset: 1."""


def scale_of(widget: QWidget) -> float:
    """How much larger than on a desk text stands in a widget's window."""
    return float(widget.window().property(TEXT_SCALE) or 1.0)


class Sheet(QDialog):
    """A dialog with an edge; takes the keys when it opens and gives them back, without a window manager too.

    It is written as large as the window that it belongs to; buttons and fields are no lower than a finger needs.
    """

    def __init__(self, parent: QWidget, flags: Qt.WindowType = Qt.WindowType.Dialog) -> None:
        super().__init__(parent, flags)
        self._before = parent.window()
        self.scale, least = scale_of(parent), least_of(parent)
        self.setProperty(TEXT_SCALE, self.scale)
        self.setProperty(LEAST, least)
        self.setFont(font(13 * self.scale))
        if least:
            self.setStyleSheet(f"QPushButton, QLineEdit {{ min-height: {round(least) - 14}px; }}")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.finished.connect(self._give_back)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.raise_()
        self.activateWindow()

    def _give_back(self, _result: int) -> None:
        self._before.activateWindow()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.fillRect(self.rect(), look.tokens.tile)
        p.setPen(look.tokens.muted)
        p.drawRect(self.rect().adjusted(0, 0, -1, -1))


async def confirm(parent: QWidget, question: str, detail: str = "", act: str = "") -> bool:
    """Ask once, in words that name the object; the default is No. Closing the window is No.

    Args:
        question: e.g. "删除布局 值班 1？"
        act: the word on the button that does it; "Yes" when empty.
    """
    answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    dialog = _Question(parent, question, detail, act)

    def done(result: int) -> None:
        if not answer.done():
            answer.set_result(result == QDialog.DialogCode.Accepted.value)

    dialog.finished.connect(done)
    dialog.open()
    try:
        return await answer
    finally:
        dialog.close()
        dialog.deleteLater()


class _Question(Sheet):
    def __init__(self, parent: QWidget, question: str, detail: str, act: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(QCoreApplication.translate("Dialogs", "Please confirm"))
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        head = QLabel(question)
        head.setFont(font(14 * self.scale, bold=True))
        head.setWordWrap(True)
        column.addWidget(head)
        if detail:
            body = QLabel(detail)
            body.setWordWrap(True)
            column.addWidget(body)
        row = QHBoxLayout()
        row.addStretch(1)
        no = QPushButton(QCoreApplication.translate("Dialogs", "No"))
        no.setDefault(True)
        no.clicked.connect(self.reject)
        yes = QPushButton(act or QCoreApplication.translate("Dialogs", "Yes"))
        yes.setAutoDefault(False)
        yes.clicked.connect(self.accept)
        row.addWidget(yes)
        row.addWidget(no)
        column.addLayout(row)
        no.setFocus()
