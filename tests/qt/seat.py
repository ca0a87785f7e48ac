"""A person at a faked console for tests: who they are, what they type, what stands on screen below the strip."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QInputMethodEvent, QPainter, QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from console.api import NS, Access, Text
from console.shell.access.commands import add_access_commands
from console.shell.access.form import Form
from console.shell.access.page import Page
from console.shell.alarm_strip import AlarmStrip
from console.shell.standard import add_standard_commands
from console.shell.window import MainWindow
from tests.qt.steps import settle, ticks
from tests.shell_fakes import NOW_NS, Room

HOUR_NS = 3600 * NS
NOBODY = Access()
OFFICER = Access(
    person="liweiguo",
    name=Text("李卫国", "Li Weiguo"),
    roles=(Text("值班员", "Duty officer"),),
    locks_s=600.0,
    policy_version=12,
    policy_issued_ns=NOW_NS - 2 * HOUR_NS,
    policy_expires_ns=NOW_NS + 70 * HOUR_NS,
    ends_ns=NOW_NS + 8 * HOUR_NS,
    may={"view": ("",)},
)
WALL = Access(person="wall-1", wall=True)
GOOD = "correct horse battery"
F = TypeVar("F", bound=Form)


class Painted(QWidget):
    """Tiles that paint a text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).drawText(self.rect(), Qt.AlignmentFlag.AlignCenter.value, self.text)


Open = Callable[..., MainWindow]


def standard(room: Room, window: MainWindow) -> None:
    add_standard_commands(room.session, room.acts, room.replay, lambda: window, lambda _panel: None, lambda: None)
    add_access_commands(room.session, room.access, lambda: window, window.open_account)


def strip_of(window: MainWindow) -> AlarmStrip:
    assert window.strip is not None
    return window.strip


def sit(room: Room, access: Access) -> None:
    """The node says who is here."""
    room.desk.access = access
    room.access.follow()
    ticks(room, 2)


def form_of(window: MainWindow, kind: type[F]) -> F:
    assert window.cover is not None
    assert isinstance(window.cover.form, kind)
    return window.cover.form


def typed(text: str) -> None:
    """What a person types goes to whatever has the keys."""
    focus = QApplication.focusWidget()
    assert isinstance(focus, QLineEdit), focus
    if text.isascii():
        QTest.keyClicks(focus, text)
    else:
        committed = QInputMethodEvent()
        committed.setCommitString(text)
        QApplication.sendEvent(focus, committed)


def page(room: Room) -> Page:
    return room.session.page


def enter(room: Room) -> None:
    key(Qt.Key.Key_Return)
    room.tasks.run_all()
    settle()


def key(which: Qt.Key) -> None:
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, which)


def below_the_strip(window: MainWindow) -> QImage:
    """All that is not bar or strip, as a screen shows it."""
    assert window.strip is not None
    top = window.strip.geometry().bottom() + 1
    return window.grab().toImage().copy(0, top, window.width(), window.height() - top)


def a_second(room: Room) -> None:
    room.access.refresh(room.desk.drained(), second=True)
