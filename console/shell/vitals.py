"""Tells what a console reached and how fast it runs: milestones, notices, counts; paints nothing, knows no panel.

Lines (`main.py --events` prints them): {"painted": true, "modules": […]} once the first window was painted,
{"first_value": true} once a tile showed a sample newer than the start, {"shown": "map"} once a panel that counts had
painted for the first time, {"notices": […]} whenever they changed and {"stats": {…}} once a second: its `frame_ms` are
the durations of all frames since the stats before, from the pacer's turn until all that it changed was painted, and
`turn_cpu_ms` and `paint_cpu_ms` what this thread worked of each for the turn and from then on until it was painted;
`replay` is null, or the clock of the replay that is shown, UTC ns, its speed (0: it stands), and when it was looked at.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

from console.shell.pacer import Pacer
from console.shell.ports import Drained
from console.shell.session import Session

OURS: Final = ("console", "widgets", "layouts", "plugins", "resources", "__main__", "__mp_main__")
AFTER_PAINT: Final = -100
Tell = Callable[[dict[str, Any]], None]


class Turn(NamedTuple):
    """A turn of the pacer whose repaints are under way: when it began, this thread's CPU time then and at its end."""

    began_s: float
    cpu_s: float
    turned_cpu_s: float


class Vitals(QObject):
    """One per console; a chrome of the pacer, so that it costs nothing while nothing happens.

    Args:
        values: how many samples the console has taken in all.
        full: tell notices and counts too; otherwise only the milestones.
    """

    def __init__(self, session: Session, pacer: Pacer, values: Callable[[], int], tell: Tell, *, full: bool) -> None:
        super().__init__()
        self._session, self._pacer, self._values, self._tell, self._full = session, pacer, values, tell, full
        self.began_ns = session.desk.now_ns
        """A sample must be younger than this to count as the first value."""
        self._first_value = False
        self._shown: set[str] = set()
        self._frames: list[tuple[float, float, float]] = []
        """Of each frame its duration, CPU of the turn and CPU of the painting, s."""
        self._turns: list[Turn] = []
        self._window: QWidget | None = None
        if full:
            session.notices.changed.connect(self._tell_notices)
            pacer.on_turn = self._turned

    def watch(self, window: QWidget) -> None:
        """Tell when this window has been painted for the first time."""
        self._window = window
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self._window is not None:
            self._window.removeEventFilter(self)
            self._window = None
            QTimer.singleShot(0, self, self._tell_painted)
        return False

    def refresh(self, drained: Drained, *, second: bool) -> None:
        """Called by the pacer at each tick that changed something, and once a second."""
        if not self._first_value and any(tile.data_ns > self.began_ns for tile in self._pacer.tiles):
            self._first_value = True
            # one turn later: the tile was only asked to paint
            QTimer.singleShot(1, self, lambda: self._tell({"first_value": True}))
        painted = self._painted()
        for panel in painted.keys() - self._shown:
            if painted[panel]:
                self._shown.add(panel)
                self._tell({"shown": panel})
        if second and self._full:
            self._tell({"stats": self._stats(painted)})

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.User and self._turns:
            turn, cpu_s = self._turns.pop(0), time.thread_time()
            frame = (time.perf_counter() - turn.began_s, turn.turned_cpu_s - turn.cpu_s, cpu_s - turn.turned_cpu_s)
            self._frames.append(frame)
            return True
        return super().event(event)

    def _turned(self, began_s: float, cpu_s: float) -> None:
        # the repaints that this turn asked for are events of low priority, this one comes after them
        self._turns.append(Turn(began_s, cpu_s, time.thread_time()))
        QCoreApplication.postEvent(self, QEvent(QEvent.Type.User), AFTER_PAINT)

    def _painted(self) -> dict[str, int]:
        """Pictures that reached the screen, by panel id, over all tiles."""
        counts: dict[str, int] = {}
        for tile in self._pacer.tiles:
            # not by `isinstance`: a protocol asks each panel for each of its members, some times a second
            painted = getattr(tile.panel, "painted", None)
            if isinstance(painted, int):
                counts[tile.spec.id] = counts.get(tile.spec.id, 0) + painted
        return counts

    def _stats(self, painted: dict[str, int]) -> dict[str, Any]:
        link = self._session.link
        frames, self._frames = self._frames, []
        frame_ms, turn_cpu_ms, paint_cpu_ms = ([round(frame[i] * 1e3, 1) for frame in frames] for i in range(3))
        return {
            "at_s": round(time.monotonic(), 3),
            "values": self._values(),
            "ticks": self._pacer.ticks,
            "frames": self._pacer.frames,
            "painted": painted,
            "frame_ms": frame_ms,
            "turn_cpu_ms": turn_cpu_ms,
            "paint_cpu_ms": paint_cpu_ms,
            "replay": self._replay(),
            "link_up": link.up,
            "streams_live": link.streams_live,
            "streams_known": link.streams_known,
            "dropped": link.dropped,
            "conflated": link.conflated,
        }

    def _replay(self) -> dict[str, float] | None:
        replay = self._session.desk.replay
        if replay is None:
            return None
        speed = replay.playback.speed if replay.playback.playing else 0.0
        return {"at_ns": replay.view.now_ns, "speed": speed, "told_ns": time.time_ns()}

    def _tell_painted(self) -> None:
        told: dict[str, Any] = {"painted": True}
        if self._full:
            told["modules"] = foreign_modules()
        self._tell(told)

    def _tell_notices(self) -> None:
        up = [
            {"key": n.key, "severity": n.severity.value, "text": n.summary.of(self._session.language.code)}
            for n in self._session.notices.all()
        ]
        self._tell({"notices": up})


def foreign_modules() -> list[str]:
    """Names of all modules imported by now that are neither ours nor Python's own."""
    return sorted(
        name
        for name in sys.modules
        if (root := name.partition(".")[0]) not in sys.stdlib_module_names and root not in OURS and root[0] != "_"
    )
