"""Panels made for one test and closed after it; knows no shell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import QEvent, QObject, QRect
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget

from tests.fakes import FakeHost
from widgets.kit.body import PanelBody

Factory = Callable[[FakeHost], PanelBody[Any]]


class Make(Protocol):
    """The `make` fixture: a panel of a size, shown, with its first frame."""

    def __call__(self, host: FakeHost, factory: Factory, width: int, height: int) -> PanelBody[Any]: ...


class PaintedRegions(QObject):
    """What a widget was asked to paint, as bounding rectangles; give it to `installEventFilter`."""

    def __init__(self) -> None:
        super().__init__()
        self.rects: list[QRect] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent) and isinstance(watched, QWidget):
            self.rects.append(event.region().boundingRect())
        return False
