"""When a tile tries for what it shows: once it was painted, again after each failure, never after its end.

Knows neither what is tried nor how; its panel looks at `due` and `list_due` with each frame.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from widgets.kit.standing import Card


class Trying:
    """See the module. All times are monotonic, s.

    Args:
        card: stands when the panel is made; its first painting begins the first try.
        begin: tries; it calls `begins`, and `failed` where it comes to nothing.
    """

    def __init__(self, owner: QWidget, card: Card, begin: Callable[[], None]) -> None:
        self._card = card
        self._failures = 0
        self._due_s = 0.0
        self._listed_s = 0.0
        self._timer = QTimer(owner)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(begin)
        self.begun = False
        """Whether the tile was painted."""
        self.closed = False
        card.painted = self._painted

    def _painted(self) -> None:
        if not self.begun:
            self.begun = True
            self.soon()  # the tile stands: making a view may take its time now

    @property
    def queued(self) -> bool:
        """Whether a try begins with Qt's next turn."""
        return self._timer.isActive()

    @property
    def waits(self) -> bool:
        """Whether the first try, or the next, is still to begin: there is nothing to be said yet."""
        return not self.begun or self.queued

    def soon(self) -> None:
        """Try with Qt's next turn."""
        self._timer.start(0)

    def begins(self) -> None:
        """A try begins now; nothing else is due until it fails."""
        self._timer.stop()
        self._due_s = 0.0
        self._listed_s = time.monotonic()

    def forget(self) -> None:
        """What failed so far counts no more."""
        self._failures = 0

    def failed(self, delays: Sequence[float]) -> None:
        """Try again after the delay, s, that so many failures in a row have."""
        self.after(delays[min(self._failures, len(delays) - 1)])
        self._failures += 1

    def after(self, delay_s: float) -> None:
        """Try again after so long."""
        self._due_s = time.monotonic() + delay_s

    def rest(self) -> None:
        """Do not try again by itself."""
        self._due_s = 0.0

    def due(self, now_s: float) -> bool:
        """Whether it is time to try."""
        return bool(self._due_s) and now_s >= self._due_s

    def list_due(self, now_s: float, every_s: float) -> bool:
        """Whether it is time to read anew what is allowed; True once, then not before `every_s`."""
        if not self.begun or now_s - self._listed_s <= every_s:
            return False
        self._listed_s = now_s
        return True

    def close(self) -> None:
        """Try no more."""
        self.closed = True
        self._timer.stop()
        self._card.painted = None
