"""Sheets that ask for a name or a file, answered through a call; they know no layout and no panel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from console.shell.dialogs import Sheet
from widgets.kit.text import font

NAME_MOST: Final = 40
WORDS_MOST: Final = 400
"""Of a reason, which is in the records for good."""


class NameSheet(Sheet):
    """Enter takes the name, Esc closes.

    Args:
        name: what it is called now; "" where no name is asked for but words, a reason, which may be longer.
    """

    def __init__(self, parent: QWidget, title: str, name: str, taken: Callable[[str], None]) -> None:
        super().__init__(parent)
        self._taken = taken
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        column.addWidget(QLabel(title))
        self.field = QLineEdit(name)
        self.field.setMaxLength(NAME_MOST if name else WORDS_MOST)
        self.field.setFont(font(16 * self.scale))
        self.field.selectAll()
        column.addWidget(self.field)
        row = QHBoxLayout()
        row.addStretch(1)
        done = QPushButton(QCoreApplication.translate("Dialogs", "OK"))
        done.setDefault(True)
        done.clicked.connect(self._done)
        close = QPushButton(QCoreApplication.translate("Dialogs", "Cancel"))
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        row.addWidget(done)
        row.addWidget(close)
        column.addLayout(row)
        self.setMinimumWidth(round((380 if name else 560) * self.scale))
        self.field.setFocus()

    def _done(self) -> None:
        name = self.field.text().strip()
        if name:
            self.accept()
            self._taken(name)


def ask_file(parent: QWidget, *, write: bool, name: str, suffix: str, taken: Callable[[Path], None]) -> None:
    """Have a person choose a file of a suffix ("toml"); nothing is called where they do not."""
    dialog = QFileDialog(parent, "", str(Path.home() / name), f"*.{suffix}")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave if write else QFileDialog.AcceptMode.AcceptOpen)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile if write else QFileDialog.FileMode.ExistingFile)
    dialog.setDefaultSuffix(suffix)
    dialog.fileSelected.connect(lambda chosen: taken(Path(chosen)))
    dialog.open()
