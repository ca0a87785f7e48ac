"""Takes dialogs and menus off the screens while it is covered and puts them back; knows not what is in them."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QApplication, QDialog, QToolTip, QWidget

DEEPEST: Final = 8
"""Menus that may stand open within each other."""


class Aside:
    """What a person had open is theirs: hidden from others, there again for them, gone for the next one."""

    def __init__(self) -> None:
        self._dialogs: list[QDialog] = []

    def put(self) -> None:
        """Close menus and tips, hide dialogs."""
        QToolTip.hideText()
        for _ in range(DEEPEST):
            if (popup := QApplication.activePopupWidget()) is not None:
                popup.close()
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog) and widget.isVisible():
                self._dialogs.append(widget)
                widget.destroyed.connect(lambda _gone=None, known=widget: self._forget(known))
                widget.hide()

    def back(self) -> None:
        """Show the dialogs again."""
        dialogs, self._dialogs = self._dialogs, []
        for dialog in dialogs:
            dialog.show()

    def drop(self) -> None:
        """Another person sits here: close them unseen, as Esc would."""
        dialogs, self._dialogs = self._dialogs, []
        for dialog in dialogs:
            dialog.reject()

    def _forget(self, gone: QWidget) -> None:
        self._dialogs = [known for known in self._dialogs if known is not gone]
