"""What a finger can hit of a window, measured by the largest square in which each thing is hit; knows no panel."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QWidget,
)

from console.shell.standard import add_standard_commands
from console.stage.stage import Stage
from tests.shell_fakes import Room
from widgets.kit.targets import Hold, Pressable

STEP_PX = 3
FIELDS = (QAbstractButton, QLineEdit, QComboBox, QPlainTextEdit)
OURS = ("console.", "widgets.", "layouts.", "plugins.")


class Small(NamedTuple):
    """Something that is hit too hardly: whose it is and what it does."""

    widget: str
    act: str

    def __str__(self) -> str:
        return f"{self.widget}: {self.act}"


def silent(window: QWidget) -> list[str]:
    """Classes of ours that take presses and do not say which."""
    return sorted({type(w).__name__ for w in _seen(window) if _takes_presses(w) and not isinstance(w, Pressable)})


def small(window: QWidget, least: float) -> list[Small]:
    """Everything of a window that cannot be hit within a square of `least` px."""
    found: list[Small] = []
    for widget in _seen(window):
        name = type(widget).__name__
        if isinstance(widget, FIELDS):
            if min(widget.width(), widget.height()) < least:
                found.append(Small(name, f"{widget.accessibleName()} {widget.width()} × {widget.height()}"))
        elif isinstance(widget, Pressable):
            found += [Small(name, act) for act in _too_small(widget, widget, least)]
    return found


def _seen(window: QWidget) -> Iterator[QWidget]:
    for widget in (window, *window.findChildren(QWidget)):
        if widget.isVisible() and not widget.visibleRegion().isEmpty():
            yield widget


def _takes_presses(widget: QWidget) -> bool:
    makers = (cls for cls in type(widget).__mro__ if cls.__module__.startswith(OURS))
    return any("mousePressEvent" in vars(cls) for cls in makers)


def _too_small(shown: QWidget, widget: Pressable, least: float) -> list[str]:
    scrolls = isinstance(shown, QAbstractScrollArea)
    area = shown.viewport().rect() if isinstance(shown, QAbstractScrollArea) else shown.rect()
    xs, ys = range(1, area.width(), STEP_PX), range(1, area.height(), STEP_PX)
    places: dict[str, np.ndarray] = defaultdict(lambda: np.zeros((len(ys), len(xs)), bool))
    for j, y in enumerate(ys):
        for i, x in enumerate(xs):
            if act := widget.act_at(x, y):
                places[act][j, i] = True
    # a row that is scrolled half out of sight is scrolled in before it is hit
    cut = [act for act, hit in places.items() if scrolls and (hit[0].any() or hit[-1].any())]
    side = math.floor(least / STEP_PX)
    return [act for act, hit in places.items() if act not in cut and not _holds(hit, side)]


def _holds(hit: np.ndarray, side: int) -> bool:
    """Whether a square of so many steps fits."""
    if min(hit.shape) < side:
        return False
    sums = np.zeros((hit.shape[0] + 1, hit.shape[1] + 1), np.int32)
    sums[1:, 1:] = hit.cumsum(0).cumsum(1)
    squares = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return bool((squares == side * side).any())


class Finger:
    """One finger on a screen; places are the widget's."""

    def __init__(self) -> None:
        self._device = QTest.createTouchDevice()

    def press(self, widget: QWidget, at: QPoint) -> None:
        """Down."""
        QTest.touchEvent(widget, self._device).press(0, at, widget).commit()

    def move(self, widget: QWidget, at: QPoint) -> None:
        """Along."""
        QTest.touchEvent(widget, self._device).move(0, at, widget).commit()

    def release(self, widget: QWidget, at: QPoint) -> None:
        """Up."""
        QTest.touchEvent(widget, self._device).release(0, at, widget).commit()

    def tap(self, widget: QWidget, at: QPoint) -> None:
        """Down and up."""
        self.press(widget, at)
        self.release(widget, at)


def standard(room: Room, stage: Stage) -> None:
    """The commands of every console, over a stage."""
    add_standard_commands(
        room.session, room.acts, room.replay, stage.active_window, stage.reveal, stage.toggle_full_screen
    )


def patient(window: QWidget) -> None:
    """From now on no finger counts as held there, however long the machine takes over a tap."""
    for hold in window.findChildren(Hold):
        hold.wait(3_600_000)


def menus() -> list[QMenu]:
    """The menus that are open."""
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, QMenu) and w.isVisible()]
