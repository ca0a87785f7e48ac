"""One 1 Hz phase for the whole console, so that all that blinks does so together; knows nobody who blinks."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from widgets.kit.tokens import look


class Blink(QObject):
    """`on` is the phase (True: filled); `changed` fires twice a second while somebody holds it by `hold`.

    The timer runs only while held: a quiet console has no timer for blinking.
    """

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._on = True
        self._holders: set[int] = set()
        self._timer: QTimer | None = None

    @property
    def on(self) -> bool:
        """The phase; always True while motion is switched off."""
        return self._on or not look.motion

    def near(self, within_ms: int) -> bool:
        """Whether it turned, or will turn, within so many ms of now: all that blinks is painted then."""
        timer = self._timer
        if timer is None or not look.motion:
            return False
        left = timer.remainingTime()
        return left <= within_ms or timer.interval() - left <= within_ms

    def hold(self, owner: QObject, wanted: bool = True) -> None:
        """Say that `owner` shows something that blinks (or no longer does); an owner destroyed lets go by itself."""
        key = id(owner)
        if wanted and key not in self._holders:
            self._holders.add(key)
            owner.destroyed.connect(lambda: self._let_go(key))
        elif not wanted:
            self._let_go(key)
        self._run()

    def stop(self) -> None:
        """Forget every holder; part of the written shutdown."""
        self._holders.clear()
        self._run()

    def _let_go(self, key: int) -> None:
        self._holders.discard(key)
        self._run()

    def _run(self) -> None:
        if self._holders and self._timer is None:
            self._timer = QTimer(self)
            self._timer.setInterval(500)
            self._timer.timeout.connect(self._turn)
            self._timer.start()
        elif not self._holders and self._timer is not None:
            self._timer.stop()
            self._timer.deleteLater()
            self._timer = None
            self._on = True

    def _turn(self) -> None:
        self._on = not self._on
        if look.motion:
            self.changed.emit(self._on)


blink: Final = Blink()
