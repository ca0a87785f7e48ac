"""The open incidents, gravest first: grade, what and where, response, time running, next report, progress."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QVBoxLayout

from console.api import NS, Area, Frame, Header, Host, Incident, Text
from widgets.incidents.spec import IncidentsSettings
from widgets.kit.body import PanelBody
from widgets.kit.covers import right_of
from widgets.kit.lists import PaintedList
from widgets.kit.names import short_area
from widgets.kit.text import (
    age_text,
    beijing,
    clock_text,
    date_text,
    draw_elided,
    duration_text,
    font,
    text_width,
    value_text,
)
from widgets.kit.tokens import look

translate = QCoreApplication.translate
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter
GRADES: Final = {
    1: (Text("特大", "Extreme"), "I"),
    2: (Text("重大", "Major"), "II"),
    3: (Text("较大", "Large"), "III"),
    4: (Text("一般", "Minor"), "IV"),
}
ROW_PX: Final = 85
GRAVE: Final = 2
"""Grades up to this one bear a filled block, the others an outline."""


class IncidentList(PaintedList):
    """The rows, and what stands where there are none."""

    def __init__(self, owner: IncidentsPanel) -> None:
        super().__init__()
        self._owner = owner
        self.incidents: list[Incident] = []

    def paint_row(self, p: QPainter, rect: QRectF, index: int, selected: bool) -> None:
        incident = self.incidents[index]
        if self._owner.host.role == "wall":
            self._paint_wall(p, rect, incident)
            return
        px, t, owner = self._owner.px, look.tokens, self._owner
        top, right = rect.top(), rect.right() - px(12)
        paint_grade(p, QRectF(rect.left() + px(8), top + px(10), px(52), px(42)), incident.grade, owner)
        left = rect.left() + px(76)
        running = owner.running(incident)
        wide = text_width(running, px(17)) + px(10)
        p.setFont(font(px(17)))
        p.setPen(t.text)
        draw_elided(p, QRectF(right - wide, top + px(8), wide, px(24)), RIGHT, running)
        p.setFont(font(px(14), bold=True))
        head = f"{incident.number} {incident.title.of(owner.host.language)}"
        draw_elided(p, QRectF(left, top + px(8), right - left - wide, px(24)), LEFT, head)
        due, late = owner.due(incident)
        p.setFont(font(px(12)))
        p.setPen(t.text if late else t.text2)
        wide = text_width(due, px(12)) + px(10)
        draw_elided(p, QRectF(right - wide, top + px(31), wide, px(18)), RIGHT, due)
        p.setPen(t.text2)
        draw_elided(p, QRectF(left, top + px(31), right - left - wide, px(18)), LEFT, owner.where(incident))
        steps = QRectF(right - px(100), top + px(65), px(100), px(4))
        paint_steps(p, steps, incident)
        p.setPen(t.text)
        draw_elided(p, QRectF(left, top + px(56), steps.left() - left - px(10), px(18)), LEFT, owner.fact(incident))

    def _paint_wall(self, p: QPainter, rect: QRectF, incident: Incident) -> None:
        """One incident for the whole hall: grade, title, where, its count as a bar."""
        owner, t = self._owner, look.tokens
        em = owner.host.text_px
        top, left, right = rect.top() + em * 0.3, rect.left() + em * 0.5, rect.right() - em * 0.4
        block = QRectF(left, top, em * 2.6, em * 2.6)
        paint_grade(p, block, incident.grade, owner)
        x = block.right() + em * 0.5
        p.setFont(font(em * 1.3, bold=True))
        p.setPen(t.text)
        title = incident.title.of(owner.host.language)
        head = QRectF(x, top - em * 0.3, right - x, em * 1.9)
        head.setRight(min(right, right_of(self.viewport(), head.toAlignedRect()) - em * 0.3))
        draw_elided(p, head, LEFT, title)
        p.setFont(font(em))
        p.setPen(t.text2)
        due, _late = owner.due(incident)
        running = translate("Incidents", "{span} so far").format(span=owner.running(incident))
        line = "　".join(part for part in (owner.area_name(incident), running, due) if part)
        draw_elided(p, QRectF(x, top + em * 1.4, right - x, em * 1.3), LEFT, line)
        if rect.height() >= em * 4.6:
            self._paint_count(p, QRectF(left, top + em * 2.95, right - left, em * 1.5), incident)

    def _paint_count(self, p: QPainter, line: QRectF, incident: Incident) -> None:
        t, em = look.tokens, self._owner.host.text_px
        if incident.fact_done is None or not incident.fact_of:
            p.setFont(font(em))
            p.setPen(t.text)
            draw_elided(p, line, LEFT, self._owner.fact(incident))
            return
        done, of = value_text(incident.fact_done, 0), value_text(incident.fact_of, 0)
        x = line.left()
        words = self._owner.fact_words(incident)
        for text, px, bold, ink in (
            (words, em, False, t.text2),
            (done, em * 1.3, True, t.text),
            (f"/ {of}", em, False, t.text2),
        ):
            p.setFont(font(px, bold=bold))
            p.setPen(ink)
            wide = text_width(text, px, bold=bold)
            p.drawText(QRectF(x, line.top(), wide + 2, line.height()), LEFT, text)
            x += wide + em * 0.35
        bar = QRectF(x + em * 0.2, line.center().y() - em * 0.1, line.right() - x - em * 0.2, em * 0.24)
        if bar.width() > em:
            p.fillRect(bar, t.line)
            share = max(0.0, min(1.0, incident.fact_done / incident.fact_of))
            p.fillRect(QRectF(bar.left(), bar.top(), bar.width() * share, bar.height()), t.data)

    def paint_empty(self, p: QPainter, rect: QRectF) -> None:
        px, t, owner = self._owner.px, look.tokens, self._owner
        x, width = rect.left() + px(16), rect.width() - px(32)
        p.setFont(font(px(20)))
        p.setPen(t.text)
        draw_elided(p, QRectF(x, px(20), width, px(28)), LEFT, translate("Incidents", "No open incidents"))
        p.setFont(font(px(12)))
        p.setPen(t.text2)
        hint = translate("Incidents", "Alarms, calls and reports that were verified appear here.")
        draw_elided(p, QRectF(x, px(52), width, px(20)), LEFT, hint)
        for i, incident in enumerate(owner.closed()):
            y = px(92 + 34 * i)
            p.fillRect(QRectF(rect.left(), y, rect.width(), 1), t.line)
            p.setPen(t.text2)
            draw_elided(p, QRectF(x, y, px(60), px(34)), LEFT, owner.when(incident))
            draw_elided(p, QRectF(x, y, width, px(34)), RIGHT, translate("Incidents", "closed"))
            p.setPen(t.text)
            text = f"{incident.number} {incident.title.of(owner.host.language)}"
            draw_elided(p, QRectF(x + px(64), y, width - px(130), px(34)), LEFT, text)


def paint_grade(p: QPainter, rect: QRectF, grade: int, owner: IncidentsPanel) -> None:
    """The grade as a block: its word over "II 级"; graves ones filled."""
    colours = look.tokens.priority[grade if 1 <= grade <= 4 else 4]
    filled = grade <= GRAVE
    rim = max(1.5, rect.height() / 28)
    p.setPen(QPen(colours.rim if filled else colours.line, rim))
    p.setBrush(colours.fill if filled else Qt.BrushStyle.NoBrush)
    p.drawRect(rect.adjusted(rim / 2, rim / 2, -rim / 2, -rim / 2))
    p.setPen(colours.fill_text if filled else colours.line)
    word, numeral = GRADES.get(grade, (Text("未定", "Ungraded"), "–"))
    half = rect.height() / 2
    size = min(rect.height() * 0.36, rect.width() * (0.3 if not owner.english else 0.25))
    p.setFont(font(size, bold=True))
    p.drawText(QRectF(rect.left(), rect.top() + half * 0.1, rect.width(), half), CENTRE, word.of(owner.host.language))
    p.setFont(font(size * 0.8, bold=True))
    text = numeral if owner.english else f"{numeral} 级"
    p.drawText(QRectF(rect.left(), rect.top() + half * 0.95, rect.width(), half * 0.9), CENTRE, text)


def paint_steps(p: QPainter, rect: QRectF, incident: Incident) -> None:
    """Progress as equal bars, the done ones in `data`."""
    t, count = look.tokens, max(1, incident.steps)
    gap = rect.width() / (count * 6)
    width = (rect.width() - gap * (count - 1)) / count
    for i in range(count):
        bar = QRectF(rect.left() + i * (width + gap), rect.top(), width, rect.height())
        p.fillRect(bar, t.data if i < incident.step else t.line)


class IncidentsPanel(PanelBody[IncidentsSettings]):
    """See the module. Selecting a row selects the incident for the whole console."""

    title = Text("事件", "Incidents")

    def __init__(self, host: Host, settings: IncidentsSettings) -> None:
        super().__init__(host, settings)
        self._list = IncidentList(self)
        self._list.whole_rows_only = host.role == "wall"
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._list)
        self._list.chosen.connect(lambda key: host.select(f"incident:{key}"))
        self._list.opened.connect(lambda _key: host.command("map.show"))
        self.setFocusProxy(self._list)
        self._second = -1

    def update_frame(self, frame: Frame) -> None:
        self.now_ns = frame.now_ns
        second = frame.now_ns // NS
        if frame.seeked or Incident.CLS in frame.entities or second != self._second:
            self._second = second
            self._fill()
        kind, _, chosen = self.host.selection.partition(":")
        self._list.select(chosen if kind == "incident" else "", reveal=frame.selection_changed)

    def _fill(self) -> None:
        known = list(self.host.entities(Incident).values())
        shown = sorted((i for i in known if not i.closed_ns), key=lambda i: (i.grade, i.started_ns, i.id))
        self._list.incidents = shown
        height = self.px(ROW_PX) if self.host.role != "wall" else max(self.host.text_px * 3.3, float(self.height()))
        self._list.set_rows([incident.id for incident in shown], height)
        today = beijing(self.now_ns).date()
        count = sum(beijing(i.started_ns).date() == today for i in known)
        scope = translate("Incidents", "{count} open").format(count=len(shown))
        right = translate("Incidents", "{count} today").format(count=count)
        self.host.header(Header(scope=scope, data_ns=self.host.link.last_data_ns, right=right))

    # ------------------------------------------------------------------ words

    def running(self, incident: Incident) -> str:
        """How long it has been going on; whole minutes from the first one on: nobody counts its seconds."""
        seconds = (self.now_ns - incident.started_ns) / NS
        return duration_text(seconds - seconds % 60 if seconds >= 60 else seconds, self.host.language)

    def area_name(self, incident: Incident) -> str:
        """The short name of its area."""
        area = self.host.entities(Area).get(incident.area)
        return short_area(area, self.host.language) if area is not None else ""

    def where(self, incident: Incident) -> str:
        """Place and response."""
        language = self.host.language
        place = incident.place.of(language) or self.area_name(incident)
        return " · ".join(part for part in (place, incident.response.of(language)) if part)

    def fact_words(self, incident: Incident) -> str:
        """What is counted, without the numbers."""
        text = incident.fact.of(self.host.language)
        return text.rstrip("0123456789 /人").strip() or text

    def fact(self, incident: Incident) -> str:
        """The fact with its count: "转移 412 / 620 人"."""
        text = incident.fact.of(self.host.language)
        if incident.fact_done is None or not incident.fact_of or any(sign.isdigit() for sign in text):
            return text
        return f"{text} {value_text(incident.fact_done, 0)} / {value_text(incident.fact_of, 0)}"

    def due(self, incident: Incident) -> tuple[str, bool]:
        """(next report: "续报 余 22 min", whether it is overdue)."""
        if not incident.report_due_ns:
            last = incident.steps > 0 and incident.step >= incident.steps - 1
            return translate("Incidents", "to be closed") if last else "", False
        kind = incident.report_kind.of(self.host.language)
        left_s = (incident.report_due_ns - self.now_ns) / NS
        if left_s >= 0:
            text = translate("Incidents", "{report} in {span}")
            return text.format(report=kind, span=age_text(left_s, self.host.language)), False
        text = translate("Incidents", "{report} overdue {span}")
        return text.format(report=kind, span=age_text(-left_s, self.host.language)), True

    def when(self, incident: Incident) -> str:
        """When it began: "21:02" today, "昨 21:02" or "Fri 21:02" yesterday, before that the day alone."""
        days = (beijing(self.now_ns).date() - beijing(incident.started_ns).date()).days
        clock = clock_text(incident.started_ns, seconds=False)
        if days <= 0:
            return clock
        if days > 1:
            return f"{beijing(incident.started_ns):%m-%d}"
        return f"{date_text(incident.started_ns, 'en')[:3]} {clock}" if self.english else f"昨 {clock}"

    def closed(self) -> list[Incident]:
        """Those that were closed last, newest first."""
        done = [i for i in self.host.entities(Incident).values() if i.closed_ns]
        return sorted(done, key=lambda i: -i.closed_ns)[: self.settings.closed]

    def evidence(self) -> Any:
        """The open incidents."""
        return [{"incident": i.id, "number": i.number, "grade": i.grade, "step": i.step} for i in self._list.incidents]
