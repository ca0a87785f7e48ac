"""Where the parts of a row stand, for a desk and for a wall; knows no data."""

from __future__ import annotations

from typing import Final, Literal

from PySide6.QtCore import QRectF

from console.api import Value
from widgets.kit.afar import CAPTION

DESK_ROW: Final = 46.0 / 13
"""Least height of a row in body text heights: 46 px at 13."""
WALL_ROW: Final = 1.8
TALLEST: Final = 2.0
"""A row grows to this many times its least height, then room stays free beneath."""


class Grid(Value, frozen=True, eq=False):
    """Cells of a panel: `rows` × `columns` of equal size below `top`, filled column by column."""

    rows: int
    columns: int
    cell_w: float
    cell_h: float
    top: float = 0.0

    @property
    def shown(self) -> int:
        """How many rows fit."""
        return self.rows * self.columns

    def cell(self, place: int) -> QRectF:
        """The rectangle of the place-th row."""
        column, row = divmod(place, self.rows)
        top, bottom = round(self.top + row * self.cell_h), round(self.top + (row + 1) * self.cell_h)
        left, right = round(column * self.cell_w), round((column + 1) * self.cell_w)
        return QRectF(left, top, right - left, bottom - top)


def caption_px(height: float, count: int, text_px: float) -> float:
    """Height of a wall's caption over `count` rows; 0 where a row would be lost for it."""
    room = (height - CAPTION * text_px) // (WALL_ROW * text_px)
    return CAPTION * text_px if room >= count else 0.0


def grid(
    width: float,
    height: float,
    count: int,
    text_px: float,
    role: Literal["desk", "wall", "vehicle"],
    top: float = 0.0,
) -> Grid:
    """As few columns as hold `count` rows, as many rows as fit at their least height, all below `top`."""
    wall = role == "wall"
    height = max(1.0, height - top)
    least_h = text_px * (WALL_ROW if wall else DESK_ROW)
    least_w = text_px * (16 if wall else 22)
    fit = max(1, int(height // least_h))
    columns = max(1, min(-(-count // fit), int(width // least_w)))
    rows = max(1, min(fit, -(-count // columns)))
    cell_h = min(height / rows, least_h * TALLEST) if height >= least_h else height
    return Grid(rows=rows, columns=columns, cell_w=width / columns, cell_h=cell_h, top=top)


class Parts(Value, frozen=True, eq=False):
    """Rectangles inside one row; `scope` and `rate` are empty on a wall."""

    badge: QRectF
    name: QRectF
    scope: QRectF
    curve: QRectF
    value: QRectF
    rate: QRectF
    arrow: QRectF


def desk_parts(cell: QRectF, s: float, name_w: float) -> Parts:
    """A desk row; `s` is text_px / 13, `name_w` the room for names."""
    h = cell.height()
    left, right = cell.left() + 10 * s, cell.right() - 10 * s
    badge = QRectF(left, cell.center().y() - 11 * s, 22 * s, 22 * s)
    name_x = left + 31 * s
    value_w = 112 * s
    upper, lower = cell.center().y() - 9 * s, cell.center().y() + 10.5 * s
    curve_x = name_x + name_w + 8 * s
    pad = max(6.0, (h - 36 * s) / 2)
    return Parts(
        badge=badge,
        name=QRectF(name_x, upper - 11 * s, name_w, 22 * s),
        scope=QRectF(name_x, lower - 9 * s, name_w, 18 * s),
        curve=QRectF(curve_x, cell.top() + pad, max(0.0, right - value_w - 8 * s - curve_x), h - 2 * pad),
        value=QRectF(right - value_w, upper - 13 * s, value_w, 25 * s),
        rate=QRectF(right - value_w, lower - 9 * s, value_w, 18 * s),
        arrow=QRectF(),
    )


def wall_parts(cell: QRectF, em: float, name_w: float, unit_w: float, value_w: float) -> Parts:
    """A wall row: name, curve, value with unit, arrow."""
    left, right = cell.left() + 0.35 * em, cell.right() - 0.35 * em
    y, h = cell.center().y(), cell.height()
    arrow = QRectF(right - 0.6 * em, y - 0.3 * em, 0.6 * em, 0.6 * em)
    value_right = arrow.left() - 0.35 * em - unit_w
    name_x = left + 1.25 * em
    curve_x = name_x + name_w + 0.6 * em
    return Parts(
        badge=QRectF(left, y - 0.46 * em, 0.92 * em, 0.92 * em),
        name=QRectF(name_x, y - h / 2, name_w, h),
        scope=QRectF(),
        curve=QRectF(curve_x, cell.top() + 0.3 * em, value_right - value_w - 0.6 * em - curve_x, h - 0.6 * em),
        value=QRectF(value_right - value_w, y - h / 2, value_w + unit_w, h),
        rate=QRectF(),
        arrow=arrow,
    )
