"""The mark of a person's act where it was done: to be sent, saved, refused; three shapes, three words, never alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from console.api import ActStanding, IntentState, Text, YilanError

_RANK: Final = (
    IntentState.REFUSED,
    IntentState.CONFLICT,
    IntentState.PENDING,
    IntentState.SAVED,
    IntentState.APPLIED,
)


def act_of(acts: Iterable[ActStanding | None]) -> IntentState | None:
    """Of several acts the state that a person must know of first; None where there is none."""
    states = {act.state for act in acts if act is not None}
    return next((state for state in _RANK if state in states), None)


def act_word(state: IntentState) -> str:
    """The word beside the shape."""
    if state is IntentState.PENDING:
        return QCoreApplication.translate("Acts", "To send")
    if state is IntentState.SAVED:
        return QCoreApplication.translate("Acts", "Saved")
    if state is IntentState.APPLIED:
        return QCoreApplication.translate("Acts", "Done")
    if state is IntentState.CONFLICT:
        return QCoreApplication.translate("Acts", "Conflict")
    return QCoreApplication.translate("Acts", "Refused")


def failure_words(error: YilanError) -> Text:
    """Why an act did not reach the rules that judge it, in both languages where the error has both."""
    return Text(getattr(error, "zh", "") or str(error), str(error))


def act_mark_px(state: IntentState, font: QFont) -> float:
    """Width of the mark."""
    metrics = QFontMetricsF(font)
    return metrics.height() / 1.45 * 1.9 + metrics.horizontalAdvance(act_word(state))


def paint_act_mark(p: QPainter, left_middle: QPointF, state: IntentState, font: QFont, ink: QColor) -> QRectF:
    """Shape and word in one ink, the left edge's middle given; returns the rectangle.

    To be sent: an arrow upwards in a dashed box. Saved: a check in a box. Refused: a cross in a box, struck heavily.
    Conflict: two arrows that meet in a box.
    """
    px = QFontMetricsF(font).height() / 1.45
    box = QRectF(left_middle.x(), left_middle.y() - px / 2, px, px)
    p.save()
    p.setBrush(Qt.BrushStyle.NoBrush)
    _paint_shape(p, box, state, ink)
    p.setFont(font)
    p.setPen(ink)
    width = act_mark_px(state, font)
    where = QRectF(box.right() + px * 0.4, left_middle.y() - px, width, px * 2)
    p.drawText(where, Qt.AlignmentFlag.AlignVCenter.value | Qt.TextFlag.TextSingleLine.value, act_word(state))
    p.restore()
    return QRectF(box.left(), box.top(), width, px)


def _paint_shape(p: QPainter, box: QRectF, state: IntentState, ink: QColor) -> None:
    pending = state is IntentState.PENDING
    p.setPen(QPen(ink, 1.2, Qt.PenStyle.DotLine if pending else Qt.PenStyle.SolidLine))
    p.drawRect(box)
    m, r = box.center(), box.width() * 0.28
    p.setPen(QPen(ink, 1.6))
    if pending:
        p.drawLine(QPointF(m.x(), m.y() + r), QPointF(m.x(), m.y() - r))
        p.drawPolyline(QPolygonF([QPointF(m.x() - r, m.y()), QPointF(m.x(), m.y() - r), QPointF(m.x() + r, m.y())]))
    elif state in (IntentState.SAVED, IntentState.APPLIED):
        p.drawPolyline(
            QPolygonF([QPointF(m.x() - r, m.y()), QPointF(m.x() - r / 3, m.y() + r), QPointF(m.x() + r, m.y() - r)])
        )
    elif state is IntentState.CONFLICT:
        # two that point at each other
        for way in (-1, 1):
            tip = QPointF(m.x() + way * r * 0.25, m.y())
            p.drawLine(QPointF(m.x() + way * r * 1.5, m.y()), tip)
            p.drawPolyline(
                QPolygonF([tip + QPointF(way * r * 0.6, -r * 0.8), tip, tip + QPointF(way * r * 0.6, r * 0.8)])
            )
    else:
        p.setPen(QPen(ink, 2.4))
        p.drawLine(QPointF(m.x() - r, m.y() - r), QPointF(m.x() + r, m.y() + r))
        p.drawLine(QPointF(m.x() - r, m.y() + r), QPointF(m.x() + r, m.y() - r))
