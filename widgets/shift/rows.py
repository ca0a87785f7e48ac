"""The rows of a shift: lines of its log, newest first, then its handovers; made from a seat, painted; no act here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from console.api import HandoverRecord, Host, IntentState, Seat, Value
from widgets.kit.acts import act_mark_px, paint_act_mark
from widgets.kit.buttons import Px
from widgets.kit.lists import PaintedList, paint_nothing
from widgets.kit.text import draw_elided, font, text_width, when_text
from widgets.kit.tokens import look
from widgets.shift.unsaved import Unsaved
from widgets.shift.words import person_name, phase_words, ref_words, tr

LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
WRAP: Final = Qt.TextFlag.TextWordWrap.value | Qt.AlignmentFlag.AlignTop.value


class Row(Value, frozen=True, kw_only=True):
    """One painted row; `head` True: a heading. `past` ≥ 0: which of the seat's past handovers it is."""

    key: str
    when: str = ""
    text: str = ""
    second: str = ""
    ref: str = ""
    past: int = -1
    head: bool = False
    mark: IntentState | None = None


def rows_of(host: Host, now_ns: int, seat: Seat, unsaved: list[Unsaved]) -> list[Row]:
    """All rows of a seat, top to bottom."""
    made = [
        Row(
            key=f"unsaved {line.number}",
            when=when_text(line.at_ns, now_ns),
            text=line.text,
            second=_second(person_name(host, line.by), line.reason),
            ref=line.ref,
            mark=line.state,
        )
        for line in reversed(unsaved)
    ]
    for i, line in reversed(list(enumerate(seat.log))):
        made.append(
            Row(
                key=f"line {i} {line.t_ns}",
                when=when_text(line.t_ns, now_ns),
                text=line.text,
                second=_second(person_name(host, line.by), ref_words(host, line.ref) if line.ref else ""),
                ref=line.ref,
            )
        )
    if seat.past:
        made.append(Row(key="past", head=True, text=tr("Handovers before")))
    for i, record in reversed(list(enumerate(seat.past))):
        made.append(_past(host, now_ns, i, record))
    return made


def _past(host: Host, now_ns: int, i: int, record: HandoverRecord) -> Row:
    unsaid = tr("{count} not mentioned").format(count=len(record.unsaid)) if record.unsaid else ""
    return Row(
        key=f"handover {i} {record.taken_ns}",
        when=when_text(record.taken_ns or record.signed_ns, now_ns),
        text=phase_words(host, record),
        second=_second(record.text.replace("\n", " "), unsaid),
        past=i,
    )


def _second(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


class LogList(PaintedList):
    """See the module. A line's text is whole, however long it is."""

    def __init__(self, px: Px, empty: Callable[[], tuple[str, str]]) -> None:
        super().__init__()
        self._px, self._empty = px, empty
        self.rows: list[Row] = []

    def show_rows(self, rows: list[Row]) -> None:
        """Replace the rows."""
        self.rows = rows
        self.set_rows([row.key for row in rows], [self._height(row) for row in rows])

    def _when_px(self) -> float:
        px = self._px
        return max((text_width(row.when, px(12)) for row in self.rows), default=0.0) + px(16)

    def _room(self) -> float:
        return self.viewport().width() - self._px(22) - self._when_px()

    def _mark_px(self, row: Row) -> float:
        return act_mark_px(row.mark, font(self._px(12), bold=True)) + self._px(12) if row.mark else 0.0

    def _height(self, row: Row) -> float:
        px = self._px
        if row.head:
            return px(30)
        box = QRectF(0, 0, max(px(60), self._room() - self._mark_px(row)), 1e5)
        high = QFontMetricsF(font(px(13))).boundingRect(box, WRAP, row.text).height()
        return max(high, px(18)) + px(34)

    def remeasure(self) -> None:
        """The width changed: texts wrap otherwise."""
        self.show_rows(self.rows)

    def paint_row(self, p: QPainter, rect: QRectF, index: int, selected: bool) -> None:
        row, px, t = self.rows[index], self._px, look.tokens
        if row.head:
            p.setFont(font(px(12)))
            p.setPen(t.muted)
            draw_elided(p, rect.adjusted(px(12), 0, -px(10), 0), LEFT, row.text)
            return
        x, top = rect.left() + px(12), rect.top() + px(8)
        left = x + self._when_px()
        p.setFont(font(px(12)))
        p.setPen(t.text2)
        draw_elided(p, QRectF(x, top, left - x, px(18)), LEFT, row.when)
        mark = self._mark_px(row)
        pending = row.mark is IntentState.PENDING
        if row.mark is not None:
            ink = t.fault if pending else t.text
            at = QPointF(rect.right() - mark, top + px(9))
            paint_act_mark(p, at, row.mark, font(px(12), bold=True), ink)
        width = rect.right() - px(10) - left
        p.setFont(font(px(13)))
        p.setPen(t.text2 if pending else t.text)
        p.drawText(QRectF(left, top, width - mark, rect.height()), WRAP, row.text)
        p.setFont(font(px(12)))
        p.setPen(t.text2)
        draw_elided(p, QRectF(left, rect.bottom() - px(26), width, px(18)), LEFT, row.second)

    def paint_empty(self, p: QPainter, rect: QRectF) -> None:
        paint_nothing(p, rect, self._px, *self._empty())
