"""The rows of the incident list, at a desk and on a wall; paints them, and knows no panel."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from console.api import ActStanding, Host, Incident, IntentState
from widgets.incidents import brief
from widgets.incidents.paint import grade_width, paint_grade
from widgets.incidents.wall import paint_count
from widgets.incidents.words import area_of
from widgets.kit.acts import act_mark_px, paint_act_mark
from widgets.kit.afar import whole_words
from widgets.kit.buttons import Px
from widgets.kit.covers import right_of
from widgets.kit.lists import PaintedList
from widgets.kit.text import draw_elided, font, text_width
from widgets.kit.tokens import look

translate = QCoreApplication.translate
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class IncidentList(PaintedList):
    """The rows of `incidents`, and what stands where there are none: the last of the `closed`; as of `now_ns`."""

    def __init__(self, host: Host, px: Px, standing: Callable[[str], ActStanding | None]) -> None:
        super().__init__()
        self._host, self._px, self._standing = host, px, standing
        self.incidents: list[Incident] = []
        self.closed: list[Incident] = []
        self.now_ns = host.now_ns

    def paint_row(self, p: QPainter, rect: QRectF, index: int, selected: bool) -> None:
        incident = self.incidents[index]
        if self._host.role == "wall":
            self._paint_wall(p, rect, incident)
            return
        px, t, language = self._px, look.tokens, self._host.language
        top, right = rect.top(), rect.right() - px(12)
        paint_grade(p, QRectF(rect.left() + px(8), top + px(10), px(52), px(42)), incident.grade, language)
        left = rect.left() + px(76)
        running = brief.running(incident, self.now_ns, language)
        wide = text_width(running, px(17)) + px(10)
        p.setFont(font(px(17)))
        p.setPen(t.text)
        draw_elided(p, QRectF(right - wide, top + px(8), wide, px(24)), RIGHT, running)
        p.setFont(font(px(14), bold=True))
        head = f"{incident.number} {incident.title.of(language)}"
        draw_elided(p, QRectF(left, top + px(8), right - left - wide, px(24)), LEFT, head)
        due, late = brief.due(incident, self.now_ns, language)
        standing = self._standing(incident.id)
        if standing is not None:
            wide = self._paint_mark(p, QPointF(right, top + px(40)), standing)
        else:
            p.setFont(font(px(12)))
            p.setPen(t.text if late else t.text2)
            wide = text_width(due, px(12)) + px(10)
            draw_elided(p, QRectF(right - wide, top + px(31), wide, px(18)), RIGHT, due)
        p.setFont(font(px(12)))
        p.setPen(t.text2)
        draw_elided(p, QRectF(left, top + px(31), right - left - wide, px(18)), LEFT, brief.where(self._host, incident))
        steps = QRectF(right - px(100), top + px(65), px(100), px(4))
        paint_steps(p, steps, incident)
        p.setPen(t.text)
        draw_elided(
            p, QRectF(left, top + px(56), steps.left() - left - px(10), px(18)), LEFT, brief.fact(incident, language)
        )

    def _paint_mark(self, p: QPainter, right_middle: QPointF, standing: ActStanding) -> float:
        """How the last act on it stands, in the place of the next report; returns its width."""
        px, t = self._px, look.tokens
        waits = standing.state is IntentState.PENDING
        face = font(px(12), bold=standing.state in (IntentState.REFUSED, IntentState.CONFLICT))
        wide = act_mark_px(standing.state, face)
        left = QPointF(right_middle.x() - wide, right_middle.y())
        paint_act_mark(p, left, standing.state, face, t.fault if waits else t.text)
        return wide + px(10)

    def _paint_wall(self, p: QPainter, rect: QRectF, incident: Incident) -> None:
        """One incident for the whole hall: grade, title, where, its count as a bar."""
        language, t = self._host.language, look.tokens
        em = self._host.text_px
        top, left, right = rect.top() + em * 0.3, rect.left() + em * 0.5, rect.right() - em * 0.4
        wide = max(em * 2.6, grade_width(incident.grade, language, em))
        block = QRectF(left, top, wide, em * 2.6)
        paint_grade(p, block, incident.grade, language, em)
        x = block.right() + em * 0.5
        p.setFont(font(em * 1.3, bold=True))
        p.setPen(t.text)
        title = incident.title.of(language)
        head = QRectF(x, top - em * 0.3, right - x, em * 1.9)
        head.setRight(min(right, right_of(self.viewport(), head.toAlignedRect()) - em * 0.3))
        draw_elided(p, head, LEFT, whole_words(title, em * 1.3, head.width(), bold=True) or title)
        p.setFont(font(em))
        p.setPen(t.text2)
        due, _late = brief.due(incident, self.now_ns, language)
        span = brief.running(incident, self.now_ns, language)
        running = translate("Incidents", "{span} so far").format(span=span) if span else ""
        line = "　".join(part for part in (area_of(self._host, incident.area), running, due) if part)
        draw_elided(p, QRectF(x, top + em * 1.4, right - x, em * 1.3), LEFT, whole_words(line, em, right - x))
        if rect.height() >= em * 4.6:
            paint_count(p, QRectF(left, top + em * 2.95, right - left, em * 1.5), incident, em, language)

    def paint_empty(self, p: QPainter, rect: QRectF) -> None:
        px, t, language = self._px, look.tokens, self._host.language
        x, width = rect.left() + px(16), rect.width() - px(32)
        p.setFont(font(px(20)))
        p.setPen(t.text)
        if self._host.role == "wall":  # nobody is told keys there, and what does not fit is left out
            low = QRectF(x, 0, width, min(rect.height(), self._host.text_px * (5 if not self.closed else 2.4)))
            draw_elided(p, low, LEFT, translate("Incidents", "No open incidents"))
            self._paint_last(p, rect.adjusted(0, low.height(), 0, 0))
            return
        draw_elided(p, QRectF(x, px(20), width, px(28)), LEFT, translate("Incidents", "No open incidents"))
        p.setFont(font(px(12)))
        p.setPen(t.text2)
        hint = translate("Incidents", "I takes a report; alarms and calls that were verified appear here.")
        draw_elided(p, QRectF(x, px(52), width, px(20)), LEFT, hint)
        for i, incident in enumerate(self.closed):
            y = px(92 + 34 * i)
            p.fillRect(QRectF(rect.left(), y, rect.width(), 1), t.line)
            p.setPen(t.text2)
            draw_elided(p, QRectF(x, y, px(60), px(34)), LEFT, brief.when(incident, self.now_ns, language))
            draw_elided(p, QRectF(x, y, width, px(34)), RIGHT, translate("Incidents", "closed"))
            p.setPen(t.text)
            text = f"{incident.number} {incident.title.of(language)}"
            draw_elided(p, QRectF(x + px(64), y, width - px(130), px(34)), LEFT, text)

    def _paint_last(self, p: QPainter, rect: QRectF) -> None:
        """On a wall: the last that were closed, as many as fit."""
        em, t, language = self._host.text_px, look.tokens, self._host.language
        for i, incident in enumerate(self.closed):
            line = QRectF(em, rect.top() + 1.8 * em * i, rect.width() - 2 * em, 1.8 * em)
            if line.bottom() > rect.bottom():
                return
            p.fillRect(QRectF(rect.left(), line.top(), rect.width(), 1), t.line)
            when = brief.when(incident, self.now_ns, language)
            closed = translate("Incidents", "closed")
            p.setFont(font(em))
            p.setPen(t.text2)
            draw_elided(p, line, LEFT, when)
            draw_elided(p, line, RIGHT, closed)
            p.setPen(t.text)
            left, right = text_width(when, em) + 0.8 * em, text_width(closed, em) + 0.8 * em
            room, title = line.adjusted(left, 0, -right, 0), incident.title.of(language)
            draw_elided(p, room, LEFT, whole_words(title, em, room.width()) or title)


def paint_steps(p: QPainter, rect: QRectF, incident: Incident) -> None:
    """Progress as equal bars, the done ones in `data`."""
    t, count = look.tokens, max(1, incident.steps)
    gap = rect.width() / (count * 6)
    width = (rect.width() - gap * (count - 1)) / count
    for i in range(count):
        bar = QRectF(rect.left() + i * (width + gap), rect.top(), width, rect.height())
        p.fillRect(bar, t.data if i < incident.step else t.line)
