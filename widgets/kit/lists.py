"""A painted list: rows by key, scrolling, keyboard, one selection and hit areas; knows not what its rows mean."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QWidget

from widgets.kit.targets import Targets, is_finger, least_of
from widgets.kit.text import draw_elided, font
from widgets.kit.tokens import look


class PaintedList(QAbstractScrollArea):
    """Subclass it and write `paint_row` (and `paint_empty`); give it rows with `set_rows`.

    Only rows in sight are painted. Selection is by key and outlives a reordering. Arrow keys, Home, End and the page
    keys move it, Enter and a double click open it.

    Signals:
        chosen: the key of the row that the user selected (click or key).
        opened: the key of the row that the user opened (double click or Enter).
        touched: (key, name) of a hit area that was clicked; the row is then not chosen.
    """

    chosen = Signal(object)
    opened = Signal(object)
    touched = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.whole_rows_only = False
        """True (walls): a row that does not fit as a whole is left out, and there is no scroll bar."""
        self._keys: tuple[str, ...] = ()
        self._edges: list[float] = [0.0]
        self._place: dict[str, int] = {}
        self._selected = ""
        self._hits = Targets()
        self._heights: list[float] = []
        self._finger: tuple[float, int] | None = None
        """Where a finger came down, and how far the rows were scrolled then."""
        self._dragged = False
        self._painting = ""

    # ------------------------------------------------------------------ for the owner

    @property
    def keys(self) -> tuple[str, ...]:
        """The rows' keys, top to bottom."""
        return self._keys

    @property
    def selected(self) -> str:
        """The selected key, "" for none; it may be of a row that is not here now."""
        return self._selected

    def set_rows(self, keys: Sequence[str], heights: float | Sequence[float]) -> None:
        """Replace the rows; `heights` in logical px, one for all or one each. Repaints."""
        self._keys = tuple(keys)
        each = [float(heights)] * len(keys) if isinstance(heights, int | float) else [float(h) for h in heights]
        if len(each) != len(self._keys):
            raise ValueError(f"{len(self._keys)} rows but {len(each)} heights")
        self._heights = each
        self._stand()
        self._place = {key: i for i, key in enumerate(self._keys)}
        self._measure()
        self.viewport().update()

    def _stand(self) -> None:
        self._edges = [0.0, *accumulate(max(height, self._hits.least) for height in self._heights)]

    def select(self, key: str, *, reveal: bool = False) -> None:
        """Select without a signal (the console's selection changed); `reveal` scrolls it into sight."""
        if key != self._selected:
            self._selected = key
            self.viewport().update()
        if reveal and key in self._place:
            self._reveal(self._place[key])

    def row_rect(self, index: int) -> QRectF:
        """A row's rectangle in the viewport, its hairline included."""
        offset = self.verticalScrollBar().value()
        top, bottom = self._edges[index], self._edges[index + 1]
        return QRectF(0, top - offset, self.viewport().width(), bottom - top)

    def hit(self, rect: QRectF, name: str) -> None:
        """From `paint_row`: make `rect` of this row a hit area called `name`."""
        row = self.row_rect(self._place[self._painting])  # what lies on the next row is that one's
        self._hits.add(rect, f"{self._painting}\n{name}", row)

    # ------------------------------------------------------------------ for the subclass

    def paint_row(self, p: QPainter, rect: QRectF, index: int, selected: bool) -> None:
        """Paint row `index` inside `rect`; ground, hairline and selection are painted by the list."""
        raise NotImplementedError

    def paint_empty(self, p: QPainter, rect: QRectF) -> None:
        """Paint what an empty list says."""

    # ------------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self.viewport())
        t = look.tokens
        p.fillRect(event.rect(), t.tile)
        p.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        touched, clickable = event.region(), bool(self._hits)
        self._hits.clear()
        if not self._keys:
            self.paint_empty(p, QRectF(self.viewport().rect()))
            return
        for index in self._in_sight():
            rect = self.row_rect(index)
            if touched.intersects(rect.toAlignedRect()):
                part = QRectF(touched.intersected(rect.toAlignedRect()).boundingRect())
                self._paint_one(p, rect, index, part)
            elif clickable:
                self._keep_hits(p, rect, index)

    def _keep_hits(self, p: QPainter, rect: QRectF, index: int) -> None:
        # a partial repaint must not forget the hit areas of the rows that it skips: paint them under an empty clip
        p.save()
        p.setClipRect(QRectF(0, 0, 0, 0))
        self._painting = self._keys[index]
        self.paint_row(p, rect, index, self._keys[index] == self._selected)
        p.restore()

    def _paint_one(self, p: QPainter, rect: QRectF, index: int, part: QRectF) -> None:
        """Row `index` in `rect`, with the part of it as clip that is to be painted: `paint_row` may ask for that."""
        t = look.tokens
        key = self._keys[index]
        self._painting = key
        p.save()
        p.setClipRect(rect.intersected(part))
        self.paint_row(p, rect, index, key == self._selected)
        p.restore()
        line = QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1)
        p.fillRect(line, t.line)
        if key == self._selected:
            pen = QPen(t.focus, 2)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            p.setPen(pen)
            p.setBrush(Qt.BrushStyle.NoBrush)
            p.drawRect(rect.adjusted(1, 1, -1, -2))

    def _in_sight(self) -> range:
        offset = self.verticalScrollBar().value()
        height = self.viewport().height()
        first = max(0, bisect_right(self._edges, offset) - 1)
        last = first
        while last < len(self._keys):
            limit = self._edges[last + 1] if self.whole_rows_only else self._edges[last] + 1
            if limit > offset + height + (1 if self.whole_rows_only else 0):
                break
            last += 1
        return range(first, last)

    # ------------------------------------------------------------------ measure and events

    def _measure(self) -> None:
        bar = self.verticalScrollBar()
        height = self.viewport().height()
        spare = 0 if self.whole_rows_only else max(0, round(self._edges[-1] - height))
        bar.setRange(0, spare)
        bar.setPageStep(max(1, height))
        bar.setSingleStep(max(8, round(self._edges[1] / 2) if self._keys else 8))

    def _reveal(self, index: int) -> None:
        bar = self.verticalScrollBar()
        top, bottom = self._edges[index], self._edges[index + 1]
        if top < bar.value():
            bar.setValue(round(top))
        elif bottom > bar.value() + self.viewport().height():
            bar.setValue(round(bottom - self.viewport().height()))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        least = least_of(self)
        if least != self._hits.least:  # rows were given before it stood in its window
            self._hits.least = least
            self._stand()
            self._measure()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._measure()
        super().resizeEvent(event)

    def _key_at(self, y: float) -> str:
        index = bisect_right(self._edges, y + self.verticalScrollBar().value()) - 1
        return self._keys[index] if 0 <= index < len(self._keys) else ""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        if is_finger(event) or self._hits.least:
            self._finger = (event.position().y(), self.verticalScrollBar().value())
        else:
            self.pressed_at(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A finger takes the rows along; a tap that trembles is still one."""
        if self._finger is None:
            super().mouseMoveEvent(event)
            return
        y, value = self._finger
        way = y - event.position().y()
        if self._dragged or abs(way) >= QApplication.startDragDistance():
            self._dragged = True
            self.verticalScrollBar().setValue(value + round(way))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        held, dragged = self._finger, self._dragged
        self._finger, self._dragged = None, False
        if held is not None and not dragged:
            self.pressed_at(event.position())
        elif held is None:
            super().mouseReleaseEvent(event)

    def pressed_at(self, where: QPointF) -> None:
        """A press there, or a finger's tap: choose its row, or touch its hit area."""
        key, within, name = self._hits.at(where).partition("\n")
        if within:
            self.touched.emit((key, name))
        else:
            self._choose(self._key_at(where.y()))

    def act_at(self, x: float, y: float) -> str:
        """What a press there does: a row's key, a hit area's with its name; "" nothing."""
        return self._hits.at(QPointF(x, y)) or self._key_at(y)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        key = self._key_at(event.position().y())
        if key and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(key)

    def _choose(self, key: str) -> None:
        if key:
            self.select(key, reveal=True)
            self.chosen.emit(key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        here = self._place.get(self._selected, -1)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and here >= 0:
            self.opened.emit(self._selected)
            return
        page = max(1, len(self._in_sight()) - 1)
        last = len(self._keys) - 1
        moves = {
            Qt.Key.Key_Down: here + 1,
            Qt.Key.Key_Up: max(here, 1) - 1,
            Qt.Key.Key_PageDown: here + page,
            Qt.Key.Key_PageUp: here - page,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        if key not in moves or last < 0:
            super().keyPressEvent(event)
            return
        self._choose(self._keys[min(max(moves[key], 0), last)])


def paint_nothing(p: QPainter, rect: QRectF, px: Callable[[float], float], head: str, tip: str) -> None:
    """What a place without rows says: what would be here, and under it, wrapped, how it comes to be."""
    width, t = rect.width() - px(32), look.tokens
    p.setFont(font(px(20)))
    p.setPen(t.text)
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    draw_elided(p, QRectF(px(16), px(16), width, px(28)), left, head)
    p.setFont(font(px(12)))
    p.setPen(t.text2)
    wrap = Qt.TextFlag.TextWordWrap.value | Qt.AlignmentFlag.AlignTop.value
    p.drawText(QRectF(px(16), px(48), width, px(120)), wrap, tip)
