"""Steps of a test over the fake desk: what is posted arrives, ticks, an alarm, seconds that pass; knows no window."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtTest import QTest

from console.api import NS, Alarm, AlarmState, Board, Sensor, Text
from tests.shell_fakes import NOW_NS, Room


def settle() -> None:
    """Deliver what is posted, deferred deletions too."""
    for _ in range(3):
        try:
            QCoreApplication.sendPostedEvents()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            QTest.qWait(1)
        except RuntimeError as error:
            # in the event loop of the application PySide hands it to the hook; here it comes out of these calls
            sys.excepthook(type(error), error, error.__traceback__)


def until(true: Callable[[], object], within_s: float = 30.0) -> None:
    """Let Qt work until it is true, for as long as a slow and busy machine may need; fails when it never is."""
    end_s = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end_s, "it never came"
        QTest.qWait(5)


def ticks(room: Room, count: int = 4) -> None:
    for _ in range(count):
        room.pacer.tick()
        settle()


def alarm(room: Room, sensor: str, priority: int, state: AlarmState, age_s: int = 60) -> None:
    room.desk.put(Sensor(id=sensor, area="fengdong", board=Board.LIFELINE, name=Text(sensor), unit="MPa"))
    raised = NOW_NS - age_s * NS
    room.desk.put(Alarm(id=f"alarm-{sensor}", sensor=sensor, priority=priority, state=state, raised_ns=raised))
    room.desk.sample(sensor, 0.08)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now_s = time.monotonic()

    def monotonic(self) -> float:
        return self.now_s
