"""A wall machine tells the node how its screens stand and, while somebody looks, how they look; asks for nothing.

Part of the composition root. One screen is looked at a turn, after all that waits to be painted, so that no frame is
late for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer

from console.shell.vitals import AFTER_PAINT
from console.stage.stage import Stage
from console.walls.pictures import taken
from console.wire.walls import WallScreen

EVERY_MS: Final = 1_000
"""Each screen is pictured so often."""
SAID_TURNS: Final = 10
"""Every so many seconds it is said how the screens stand, though nothing has changed."""


class Tells(Protocol):
    """The way out (console.client.walls)."""

    @property
    def wanted(self) -> bool: ...
    def seen(self, wall: str, machine: str, number: int, shown_ns: int, screens: Sequence[WallScreen]) -> None: ...
    def picture(self, screen: str, jpeg: bytes, t_ns: int) -> None: ...


class Telling(QObject):
    """See the module.

    Args:
        now_ns: node time.

    Attributes:
        taken: pictures that were taken.
    """

    def __init__(self, stage: Stage, tells: Tells, now_ns: Callable[[], int], wall: str, machine: str) -> None:
        super().__init__()
        self._stage, self._tells, self._now_ns = stage, tells, now_ns
        self._wall, self._machine = wall, machine
        self._number = self._shown_ns = 0
        self._said: tuple[WallScreen, ...] | None = None
        self._silent = 0
        self._turn = 0
        self.taken = 0
        self._seconds = QTimer(self)
        self._seconds.timeout.connect(self._second)
        self._looking = QTimer(self)
        self._looking.timeout.connect(self._ask)

    def start(self) -> None:
        """From now on."""
        self._seconds.start(1_000)
        self._second()

    def close(self) -> None:
        """No more; part of the written shutdown, before the stage."""
        self._seconds.stop()
        self._looking.stop()

    def shown(self, number: int, shown_ns: int) -> None:
        """The scene of that number stands on all screens of this machine since then, node time."""
        self._number, self._shown_ns = number, shown_ns
        self._say()

    def _second(self) -> None:
        self._silent += 1
        if self._silent >= SAID_TURNS or self._screens() != self._said:
            self._say()
        wanted = self._tells.wanted and bool(self._stage.windows)
        if wanted is not self._looking.isActive():
            self._looking.stop()
            if wanted:
                self._looking.start(EVERY_MS // len(self._stage.windows))

    def _say(self) -> None:
        self._silent, self._said = 0, self._screens()
        self._tells.seen(self._wall, self._machine, self._number, self._shown_ns, self._said)

    def _screens(self) -> tuple[WallScreen, ...]:
        standing = self._stage.standing.items()
        return tuple(WallScreen(name=name, missing=one.place.stand_in) for name, one in standing)

    # ------------------------------------------------------------------ pictures

    def _ask(self) -> None:
        """Take the next picture once what waits to be painted is."""
        QCoreApplication.postEvent(self, QEvent(QEvent.Type.User), AFTER_PAINT)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.User:
            self._take()
            return True
        return super().event(event)

    def _take(self) -> None:
        """One screen; one whose monitor is gone is not seen where it belongs, and has none."""
        standing = [(name, one) for name, one in self._stage.standing.items() if not one.place.stand_in]
        if not standing or not self._tells.wanted:
            return
        self._turn += 1
        if self._turn % len(standing) == 0:
            self._looking.setInterval(EVERY_MS // len(standing))
        name, one = standing[self._turn % len(standing)]
        at_ns = self._now_ns()
        if jpeg := taken(one.window):
            self.taken += 1
            self._tells.picture(name, jpeg, at_ns)
