"""What a window lays over its panels (a wall's top bar, the mode's word), so that panels keep clear; knows neither."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QWidget


def covers_of(widget: QWidget) -> list[QRect]:
    """The parts of `widget`, in its own px, that other children of its window stand on."""
    window = widget.window()
    corner = widget.mapTo(window, QPoint(0, 0))
    mine = QRect(corner, widget.size())
    over = [
        w.geometry()
        for w in window.children()
        if isinstance(w, QWidget) and w.isVisible() and not w.isAncestorOf(widget) and w is not widget
    ]
    return [g.intersected(mine).translated(-corner) for g in over if g.intersects(mine)]


def right_of(widget: QWidget, row: QRect) -> int:
    """Where a row of `widget` (its own px) ends before what the window lays over it, else its right edge."""
    return min((c.left() for c in covers_of(widget) if c.intersects(row)), default=row.right() + 1)


def bar_over(widget: QWidget) -> int:
    """Height of a bar that the window lays along the upper edge of `widget`, px; 0 where there is none."""
    bars = [c for c in covers_of(widget) if c.top() <= 0 and c.width() >= 0.9 * widget.width()]
    return max((bar.bottom() + 1 for bar in bars), default=0)
