"""A panel's own page and over it at most one sheet, which asks until nothing lacks; it knows no act and no rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from console.api import IntentState
from widgets.kit.sheet import Sheet

T = TypeVar("T")


class SheetPages(QStackedWidget):
    """See the module. `sheet` is what lies over `home`, None nothing.

    Signals:
        left: nothing; a sheet was taken away, `home` is seen again.
    """

    left = Signal()

    def __init__(self, home: QWidget) -> None:
        super().__init__()
        self.sheet: Sheet | None = None
        self.addWidget(home)

    def open(self, sheet: Sheet) -> None:
        """Lay it over the page, in the place of another."""
        self.leave()
        self.sheet = sheet
        self.addWidget(sheet)
        self.setCurrentWidget(sheet)
        sheet.left.connect(self.leave)
        sheet.begin()

    def ask(self, sheet: Sheet, filled: Callable[[], T | str], send: Callable[[T], None]) -> None:
        """`open` it; at Save `filled` gives what to `send`, or in words what lacks: these are said on the sheet."""

        def submit() -> None:
            told = filled()
            if isinstance(told, str):
                sheet.say(told)
                sheet.begin()
                return
            sheet.say("")
            sheet.stand(IntentState.PENDING)
            send(told)

        sheet.submitted.connect(submit)
        self.open(sheet)

    def leave(self) -> None:
        """Take the sheet away."""
        if self.sheet is None:
            return
        old, self.sheet = self.sheet, None
        self.setCurrentIndex(0)
        self.removeWidget(old)
        old.hide()
        old.deleteLater()
        self.left.emit()
