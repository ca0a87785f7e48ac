"""Notices that somebody is at the console, in any of its windows; knows not what they do."""

from __future__ import annotations

import time
from typing import Final

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QWindow

INPUT: Final = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.KeyRelease,
        QEvent.Type.ShortcutOverride,
        QEvent.Type.InputMethod,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
        QEvent.Type.TabletPress,
        QEvent.Type.TabletMove,
    }
)
EVERY_S: Final = 1.0
"""A hand that moves is told so often, not at each of its events."""


class Hands(QObject):
    """Watches native windows: all input of a window goes through it, whichever widget takes it then.

    A filter of the whole application would see every event of every object, and does not survive a web view.

    Signals:
        acted: nothing; a key, the pointer or a finger was used.
    """

    acted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._told_s = float("-inf")
        self._windows: list[QWindow] = []

    def watch(self, window: QWindow | None) -> None:
        """Watch this window from now on; again changes nothing."""
        if window is not None and window not in self._windows:
            self._windows.append(window)
            window.destroyed.connect(lambda: self._gone(window))
            window.installEventFilter(self)

    def _gone(self, window: QWindow) -> None:
        self._windows = [known for known in self._windows if known is not window]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in INPUT:
            self.tell()
        return False

    def tell(self) -> None:
        """Somebody did something."""
        now_s = time.monotonic()
        if now_s - self._told_s >= EVERY_S:
            self._told_s = now_s
            self.acted.emit()
