"""A layout's screen as an open window: on which monitor it stands, where there, and as what a layout keeps that.

Part of the composition root, owned by console.stage.stage.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from PySide6.QtCore import QRect
from PySide6.QtGui import QScreen

from console.shell.screens import ScreenStyle
from console.shell.window import MainWindow
from layouts.mosaic import Mosaic
from layouts.tree import Layout, Screen
from layouts.wall import Place, text_px


class Standing(NamedTuple):
    """A window as it is open: the layout's screen, its place and monitor, how it is written on, and what is in it."""

    place: Place
    monitor: str
    style: ScreenStyle
    window: MainWindow
    mosaic: Mosaic


def style_of(layout: Layout, place: Place, screen: QScreen) -> ScreenStyle:
    """How a window is written on at its place."""
    detached = place.screen.window is not None
    return ScreenStyle(
        role=layout.role,
        text_px=text_px(place.screen, layout, screen.devicePixelRatio()),
        top_bar=place.screen.top_bar and not detached,
        seconds=layout.role != "wall",
        detached=detached,
    )


def elsewhere(before: Standing, now: Standing) -> bool:
    """Whether a window has to be moved; of two monitors, each may have had the other's number."""

    def where(one: Standing) -> tuple[str, bool, tuple[int, int, int, int] | None]:
        return one.monitor, one.place.stand_in, one.place.screen.window

    return where(before) != where(now)


def bound(screen: Screen, one: Standing | None) -> Screen:
    """A screen with the connector and serial number of the monitor that it is on, unless another stands in for it."""
    if one is None or one.place.stand_in:
        return screen
    monitor, window = one.window.screen(), screen.window
    if window is not None:
        window = on_monitor(monitor, one.window.geometry())
    size = screen.size_px if one.style.role == "wall" else size_px(monitor)  # a wall's is measured
    return msgspec.structs.replace(
        screen, match=monitor.name(), serial=monitor.serialNumber(), window=window, size_px=size
    )


def size_px(monitor: QScreen) -> tuple[int, int]:
    """A monitor's size in device pixels."""
    ratio = monitor.devicePixelRatio()
    return round(monitor.size().width() * ratio), round(monitor.size().height() * ratio)


def on_monitor(monitor: QScreen, at: QRect) -> tuple[int, int, int, int]:
    """A rectangle of the desktop as a layout's `window` on that monitor; `show_window` is its reverse."""
    origin = monitor.availableGeometry()
    return at.x() - origin.x(), at.y() - origin.y(), at.width(), at.height()


def show_window(window: MainWindow, screen: QScreen, layout: Layout, place: Place) -> None:
    available = screen.availableGeometry()
    window.setScreen(screen)
    if place.screen.window is not None:
        x, y, width, height = place.screen.window
        at = QRect(available.x() + x, available.y() + y, width, height)
        window.setGeometry(_within(at, available))
        window.show()
    elif place.stand_in:
        window.showNormal()  # it may have filled the screen that is missing
        window.setGeometry(available.adjusted(64, 64, -64, -64))
        window.raise_()  # over the window that fills this screen: nothing of it is lost from sight
    elif layout.role == "wall":
        window.setGeometry(screen.geometry())
        window.showFullScreen()
    else:
        window.setGeometry(available)
        window.showMaximized()


def _within(at: QRect, available: QRect) -> QRect:
    """A rectangle moved, and where need be made smaller, so that all of it can be seen."""
    at = QRect(at.topLeft(), at.size().boundedTo(available.size()))
    x = min(max(at.x(), available.x()), available.x() + available.width() - at.width())
    y = min(max(at.y(), available.y()), available.y() + available.height() - at.height())
    at.moveTo(x, y)
    return at
