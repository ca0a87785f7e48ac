"""What can be pressed in a painted widget, and what a finger means that falls beside it; knows no act."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple, Protocol, runtime_checkable

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QPointingDevice
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QWidget

HOLD_MS: Final = 600
"""A finger that stays so long asks for the menu, as a right click does."""


class Target(NamedTuple):
    """Where it is painted in the widget, in px, the act that it stands for, and how far a finger means it."""

    rect: QRectF
    act: str
    reach: QRectF


@runtime_checkable
class Pressable(Protocol):
    """A painted widget that says what can be pressed in it, so that a test can measure it."""

    def act_at(self, x: float, y: float) -> str:
        """What a press there does, "" nothing."""
        ...


LEAST: Final = "target_px"
"""The property of a window in which it says how large what a finger is to hit must be, in logical px; unset: 0."""


def least_of(widget: QWidget) -> float:
    """The least side of what a finger is to hit in a widget's window, 0 where none touches it."""
    return float(widget.window().property(LEAST) or 0.0)


def grown(rect: QRectF, least: float) -> QRectF:
    """A rectangle about the same middle, no side shorter than `least`."""
    wide, high = max(rect.width(), least), max(rect.height(), least)
    return QRectF(rect.center().x() - wide / 2, rect.center().y() - high / 2, wide, high)


class Targets:
    """The targets of one painted widget, made anew with each picture. `least`: the least side of a hit area, in px."""

    def __init__(self, least: float = 0.0) -> None:
        self.least = least
        self._all: list[Target] = []

    def clear(self) -> None:
        """Nothing can be pressed."""
        self._all.clear()

    def add(self, rect: QRectF, act: str, within: QRectF | None = None) -> None:
        """What is added later lies over what was added before; its reach does not leave `within`."""
        reach = grown(rect, self.least)
        if within is not None:
            reach = _moved_into(reach, within)
        self._all.append(Target(QRectF(rect), act, reach))

    def __iter__(self) -> Iterator[Target]:
        return iter(self._all)

    def at(self, point: QPointF) -> str:
        """The act that a press means: what it lies in, or, nearest first, what is too small and lies beside it."""
        within = next((one for one in reversed(self._all) if one.rect.contains(point)), None)
        near = [one for one in self._all if one is not within and one.reach.contains(point)]
        beside = min(near, key=lambda one: _away(one.rect, point), default=None)
        if within is None:
            return beside.act if beside is not None else ""
        if beside is not None and within.rect.contains(beside.rect.center()) and _smaller(beside.rect, within.rect):
            return beside.act  # it lies on the other, which has room enough around it
        return within.act


def _moved_into(rect: QRectF, room: QRectF) -> QRectF:
    x = max(room.left(), min(rect.left(), room.right() - rect.width()))
    y = max(room.top(), min(rect.top(), room.bottom() - rect.height()))
    return QRectF(x, y, rect.width(), rect.height()).intersected(room)


def _away(rect: QRectF, point: QPointF) -> float:
    across = max(rect.left() - point.x(), 0.0, point.x() - rect.right())
    down = max(rect.top() - point.y(), 0.0, point.y() - rect.bottom())
    return across * across + down * down


def _smaller(one: QRectF, other: QRectF) -> bool:
    return one.width() * one.height() < other.width() * other.height()


class Draw(QObject):
    """A finger draws along what scrolls, by whatever of it takes no press itself.

    Args:
        inside: what is scrolled, in its area.
    """

    def __init__(self, area: QAbstractScrollArea, inside: QWidget) -> None:
        super().__init__(inside)
        self._area = area
        self._held: tuple[float, int] | None = None
        inside.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QMouseEvent):
            return False
        bar, y = self._area.verticalScrollBar(), event.globalPosition().y()
        if event.type() is QEvent.Type.MouseButtonPress and (is_finger(event) or least_of(self._area)):
            self._held = (y, bar.value())
            return True
        if event.type() is QEvent.Type.MouseMove and self._held is not None:
            bar.setValue(self._held[1] + round(self._held[0] - y))
        elif event.type() is QEvent.Type.MouseButtonRelease:
            self._held = None
        return False


class Hold(QObject):
    """A finger held on a widget asks for its menu, as a right click does; the tap that it would be is then none.

    Args:
        fingers: whether a pointer that tells nothing of itself is taken for a finger too (an X server's, often).
    """

    def __init__(self, widget: QWidget, fingers: Callable[[], bool] = lambda: False) -> None:
        super().__init__(widget)
        self._widget, self._fingers = widget, fingers
        self._pressed: tuple[Any, Any] | None = None
        self._asked = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(HOLD_MS)
        self._timer.timeout.connect(self._held)
        widget.installEventFilter(self)

    def wait(self, ms: int) -> None:
        """So long it has to stay from now on."""
        self._timer.setInterval(ms)

    @property
    def waiting(self) -> bool:
        """Whether a finger is down that may yet be held."""
        return self._pressed is not None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QMouseEvent):
            return False
        kind = event.type()
        if kind is QEvent.Type.MouseButtonPress:
            self._asked = False
            if event.button() is Qt.MouseButton.LeftButton and (is_finger(event) or self._fingers()):
                self._pressed = (event.position().toPoint(), event.globalPosition().toPoint())
                self._timer.start()
        elif kind is QEvent.Type.MouseMove and self._pressed is not None:
            moved = (event.globalPosition().toPoint() - self._pressed[1]).manhattanLength()
            if moved >= QApplication.startDragDistance():
                self._let_go()
        elif kind is QEvent.Type.MouseButtonRelease:
            self._let_go()
            return self._asked
        return False

    def _let_go(self) -> None:
        self._timer.stop()
        self._pressed = None

    def _held(self) -> None:
        if self._pressed is None:
            return
        here, there = self._pressed
        self._pressed, self._asked = None, True
        QApplication.sendEvent(self._widget, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, here, there))


def is_finger(event: QMouseEvent) -> bool:
    """Whether a finger made it."""
    return event.pointerType() is QPointingDevice.PointerType.Finger
