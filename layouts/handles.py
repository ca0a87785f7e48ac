"""Handles on the gaps between tiles, for fingers: a gap of a few px is no target, and the tiles beside it need theirs.

A handle stands over the middle of its gap. What is dragged there moves the gap; what only taps there, and holds, is
meant for what lies beneath. It knows no tile.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from layouts.arrange import GapPlace
from layouts.tree import Part
from widgets.kit.tokens import look

LONG: Final = 2.0
"""A handle is so many targets long."""
PILL: Final = (0.9, 5.0)
"""What is painted of it: its length in targets, its thickness in px."""


class Movable(Protocol):
    """A mosaic, as far as a handle knows one."""

    @property
    def tree(self) -> Part: ...
    def drag_gap(self, before: Part, gap: GapPlace, by_px: int) -> None: ...
    def gap_dragged(self, before: Part) -> None: ...


class Handle(QWidget):
    """One gap's."""

    def __init__(self, parent: QWidget, mosaic: Movable) -> None:
        super().__init__(parent)
        self._mosaic = mosaic
        self.gap: GapPlace | None = None
        self._held: tuple[GapPlace, QPoint, Part] | None = None
        self._dragging = False

    @property
    def held(self) -> bool:
        """Whether it is being dragged."""
        return self._held is not None

    def stand(self, gap: GapPlace, target_px: float) -> None:
        """Over this gap from now on."""
        self.gap = gap
        long = min(LONG * target_px, gap.box.height if gap.across else gap.box.width)
        wide, high = (target_px, long) if gap.across else (long, target_px)
        x, y = gap.box.x + gap.box.width / 2 - wide / 2, gap.box.y + gap.box.height / 2 - high / 2
        self.setGeometry(round(x), round(y), round(wide), round(high))
        self.setCursor(Qt.CursorShape.SplitHCursor if gap.across else Qt.CursorShape.SplitVCursor)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.gap is None:
            return
        across = self.gap.across
        long = PILL[0] * (self.width() if across else self.height())
        wide, high = (PILL[1], long) if across else (long, PILL[1])
        pill = QRectF((self.width() - wide) / 2, (self.height() - high) / 2, wide, high)
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.setPen(look.tokens.canvas)
        p.setBrush(look.tokens.muted)
        p.drawRoundedRect(pill, PILL[1] / 2, PILL[1] / 2)

    def act_at(self, _x: float, _y: float) -> str:
        """It moves its gap wherever it is taken."""
        return "gap"

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.gap is not None and event.button() is Qt.MouseButton.LeftButton:
            self._held = (self.gap, event.globalPosition().toPoint(), self._mosaic.tree)
            self._dragging = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is None:
            return
        gap, start, before = self._held
        moved = event.globalPosition().toPoint() - start
        way = moved.x() if gap.across else moved.y()
        if self._dragging or abs(way) >= QApplication.startDragDistance():
            self._dragging = True
            self._mosaic.drag_gap(before, gap, way)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        held, self._held = self._held, None
        if held is None:
            return
        if self._dragging:
            self._mosaic.gap_dragged(held[2])
        else:
            self._pass_on(event)

    def _pass_on(self, event: QMouseEvent) -> None:
        """A tap was meant for what lies beneath."""
        self.hide()
        under = QApplication.widgetAt(event.globalPosition().toPoint())
        self.show()
        if under is None:
            return
        here = QPointF(under.mapFromGlobal(event.globalPosition()))
        button, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        for kind, buttons in ((QMouseEvent.Type.MouseButtonPress, button), (QMouseEvent.Type.MouseButtonRelease, none)):
            made = QMouseEvent(kind, here, event.globalPosition(), button, buttons, event.modifiers())
            QApplication.sendEvent(under, made)


class Handles:
    """The handles of one mosaic; none where no finger touches the screen.

    Args:
        target_px: thickness of a handle, 0 for none.
    """

    def __init__(self, parent: QWidget, mosaic: Movable, target_px: float) -> None:
        self._parent, self._mosaic, self._target_px = parent, mosaic, target_px
        self.all: list[Handle] = []

    def follow(self, gaps: Iterable[GapPlace]) -> None:
        """Stand on these gaps from now on, over the tiles."""
        wanted = list(gaps) if self._target_px else []
        while len(self.all) < len(wanted):
            self.all.append(Handle(self._parent, self._mosaic))
        for handle, gap in zip(self.all, wanted, strict=False):
            handle.stand(gap, self._target_px)
            handle.show()
            handle.raise_()
        for handle in self.all[len(wanted) :]:
            handle.hide()
