"""The sheet that says under which short name others join this replay, and takes another's; knows no panel."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from console.shell.dialogs import Sheet
from console.shell.replay_acts import ReplayActs
from widgets.kit.text import font, value_text

NAME_MOST: Final = 24


class ShareSheet(Sheet):
    """Enter joins, Esc closes."""

    def __init__(self, parent: QWidget, acts: ReplayActs) -> None:
        super().__init__(parent)
        self._acts = acts
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        translate = QCoreApplication.translate
        self.setWindowTitle(translate("Replay", "Share a replay"))
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        playback = acts.playback
        if playback is not None:
            column.addWidget(QLabel(translate("Replay", "Other desks join this replay by its name:")))
            name = QLabel(playback.group)
            name.setFont(font(28, bold=True))
            column.addWidget(name)
            said = translate("Replay", "{count} desks watch it now; whoever seeks or pauses does so for all.")
            column.addWidget(QLabel(said.format(count=value_text(playback.readers, 0))))
        column.addWidget(QLabel(translate("Replay", "Join another desk's replay by its name:")))
        self.field = QLineEdit()
        self.field.setMaxLength(NAME_MOST)
        self.field.setFont(font(16))
        column.addWidget(self.field)
        row = QHBoxLayout()
        row.addStretch(1)
        join = QPushButton(translate("Replay", "Join"))
        join.setDefault(True)
        join.clicked.connect(self._join)
        close = QPushButton(translate("Replay", "Close"))
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        row.addWidget(join)
        row.addWidget(close)
        column.addLayout(row)
        self.field.setFocus()

    def _join(self) -> None:
        name = self.field.text().strip().upper()
        if name:
            self.accept()
            self._acts.join(name)
