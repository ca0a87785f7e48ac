"""The open incidents, gravest first: grade, what and where, response, time running, next report, progress."""

from __future__ import annotations

from typing import Any, Final, cast

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QPainter, QShowEvent
from PySide6.QtWidgets import QStackedLayout

from console.api import NS, ActStanding, Frame, Header, Host, Incident, IncidentRecord, IntentState, Text
from widgets.incidents.acting import Acting
from widgets.incidents.paint import grade_width, paint_grade
from widgets.incidents.shown import incident_of, shown_of
from widgets.incidents.spec import NEW, SHOW, IncidentsSettings
from widgets.incidents.view import IncidentView
from widgets.incidents.words import area_of
from widgets.kit.acts import act_mark_px, paint_act_mark
from widgets.kit.body import PanelBody
from widgets.kit.covers import right_of
from widgets.kit.lists import PaintedList
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
ROW_PX: Final = 85


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
        paint_grade(p, QRectF(rect.left() + px(8), top + px(10), px(52), px(42)), incident.grade, owner.host.language)
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
        standing = owner.standing(incident.id)
        if standing is not None:
            wide = self._paint_mark(p, QPointF(right, top + px(40)), standing)
        else:
            p.setFont(font(px(12)))
            p.setPen(t.text if late else t.text2)
            wide = text_width(due, px(12)) + px(10)
            draw_elided(p, QRectF(right - wide, top + px(31), wide, px(18)), RIGHT, due)
        p.setFont(font(px(12)))
        p.setPen(t.text2)
        draw_elided(p, QRectF(left, top + px(31), right - left - wide, px(18)), LEFT, owner.where(incident))
        steps = QRectF(right - px(100), top + px(65), px(100), px(4))
        paint_steps(p, steps, incident)
        p.setPen(t.text)
        draw_elided(p, QRectF(left, top + px(56), steps.left() - left - px(10), px(18)), LEFT, owner.fact(incident))

    def _paint_mark(self, p: QPainter, right_middle: QPointF, standing: ActStanding) -> float:
        """How the last act on it stands, in the place of the next report; returns its width."""
        px, t = self._owner.px, look.tokens
        waits = standing.state is IntentState.PENDING
        face = font(px(12), bold=standing.state in (IntentState.REFUSED, IntentState.CONFLICT))
        wide = act_mark_px(standing.state, face)
        left = QPointF(right_middle.x() - wide, right_middle.y())
        paint_act_mark(p, left, standing.state, face, t.fault if waits else t.text)
        return wide + px(10)

    def _paint_wall(self, p: QPainter, rect: QRectF, incident: Incident) -> None:
        """One incident for the whole hall: grade, title, where, its count as a bar."""
        owner, t = self._owner, look.tokens
        em = owner.host.text_px
        top, left, right = rect.top() + em * 0.3, rect.left() + em * 0.5, rect.right() - em * 0.4
        wide = max(em * 2.6, grade_width(incident.grade, owner.host.language, em))
        block = QRectF(left, top, wide, em * 2.6)
        paint_grade(p, block, incident.grade, owner.host.language, em)
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
        span = owner.running(incident)
        running = translate("Incidents", "{span} so far").format(span=span) if span else ""
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
        if owner.host.role == "wall":  # nobody is told keys there, and what does not fit is left out
            low = QRectF(x, 0, width, min(rect.height(), px(68)))
            draw_elided(p, low, LEFT, translate("Incidents", "No open incidents"))
            return
        draw_elided(p, QRectF(x, px(20), width, px(28)), LEFT, translate("Incidents", "No open incidents"))
        p.setFont(font(px(12)))
        p.setPen(t.text2)
        hint = translate("Incidents", "I takes a report; alarms and calls that were verified appear here.")
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


def paint_steps(p: QPainter, rect: QRectF, incident: Incident) -> None:
    """Progress as equal bars, the done ones in `data`."""
    t, count = look.tokens, max(1, incident.steps)
    gap = rect.width() / (count * 6)
    width = (rect.width() - gap * (count - 1)) / count
    for i in range(count):
        bar = QRectF(rect.left() + i * (width + gap), rect.top(), width, rect.height())
        p.fillRect(bar, t.data if i < incident.step else t.line)


class IncidentsPanel(PanelBody[IncidentsSettings]):
    """See the module. Selecting a row selects the incident for the whole console, Enter shows it in detail.

    Where the layout has a tile for the detail that is where it is shown; else here, until Esc.
    """

    title = Text("事件", "Incidents")

    def __init__(self, host: Host, settings: IncidentsSettings) -> None:
        super().__init__(host, settings)
        self.acting = Acting(self)
        self._list = IncidentList(self)
        self._list.whole_rows_only = host.role == "wall"
        self._pages = QStackedLayout(self)
        self._pages.setContentsMargins(0, 0, 0, 0)
        self._pages.addWidget(self._list)
        self._view: IncidentView | None = None
        self._detail = ""
        self._list.chosen.connect(lambda key: host.select(f"incident:{key}"))
        self._list.opened.connect(self._open)
        self.acting.changed.connect(self._refresh)
        self.setFocusProxy(self._list)
        self._second = -1

    def update_frame(self, frame: Frame) -> None:
        self.now_ns = frame.now_ns
        second = frame.now_ns // NS
        news = {Incident.CLS, IncidentRecord.CLS} & frame.entities
        if frame.seeked or frame.selection_changed or news or second != self._second:
            if frame.selection_changed:
                self.acting.say(Text(""))
            self._second = second
            self._refresh()
        kind, _, chosen = self.host.selection.partition(":")
        self._list.select(chosen if kind == "incident" else "", reveal=frame.selection_changed)

    def _refresh(self) -> None:
        self.acting.follow()
        self._fill()
        if self._detail:
            self._fill_detail()

    def _fill(self) -> None:
        known = list(self.host.entities(Incident).values())
        shown = sorted((i for i in known if not i.closed_ns), key=lambda i: (i.grade, i.started_ns, i.id))
        if self.host.role != "wall":
            shown = [*(incident_of(one) for one in self.acting.unsent.values()), *shown]
        self._list.incidents = shown
        height = self.px(ROW_PX) if self.host.role != "wall" else max(self.host.text_px * 3.3, float(self.height()))
        self._list.set_rows([incident.id for incident in shown], height)
        today = beijing(self.now_ns).date()
        count = sum(beijing(i.started_ns).date() == today for i in known)
        scope = translate("Incidents", "{count} open").format(count=len(shown))
        right = translate("Incidents", "{count} today").format(count=count)
        draft = (translate("Incidents", "draft"),) if self.acting.drafts else ()
        self.host.header(Header(scope=scope, data_ns=self.host.link.last_data_ns, right=right, marks=draft))

    # ------------------------------------------------------------------ the detail in the list's place

    def _open(self, key: str) -> None:
        self.host.select(f"incident:{key}")
        self.host.command(SHOW)

    def _show_detail(self) -> None:
        kind, _, chosen = self.host.selection.partition(":")
        self._detail = chosen if kind == "incident" else (self._list.keys[0] if self._list.keys else "")
        if not self._detail:
            return
        if self._view is None:
            self._view = IncidentView(self.host, self.px)
            self._view.pressed.connect(self.do)
            self._pages.addWidget(self._view)
        self._pages.setCurrentWidget(self._view)
        self._fill_detail()
        self._view.setFocus()

    def _fill_detail(self) -> None:
        known, unsent = self.host.entities(Incident), self.acting.unsent
        kind, _, chosen = self.host.selection.partition(":")
        if kind == "incident" and (chosen in known or chosen in unsent):
            self._detail = chosen
        if self._view is None:
            return
        if self._detail in known:
            shown_of(self._view, self.host, self.acting, known[self._detail], self.now_ns, waiting=False)
        elif self._detail in unsent:
            waits = incident_of(unsent[self._detail])
            shown_of(self._view, self.host, self.acting, waits, self.now_ns, waiting=True)
        else:
            self._back()

    def _back(self) -> None:
        self._detail = ""
        self._pages.setCurrentWidget(self._list)
        self._list.setFocus()

    @property
    def detail(self) -> str:
        """The incident that is shown in the list's place, "" none."""
        return self._detail

    def do(self, command_id: str) -> None:
        """Carry out a command: a new report, the detail of the selected incident, or an act on it."""
        if command_id == NEW:
            self.acting.new()
        elif self.host.role != "wall":
            self._do_to_chosen(command_id)
        self._refresh()

    def _do_to_chosen(self, command_id: str) -> None:
        kind, _, chosen = self.host.selection.partition(":")
        if kind != "incident" or chosen in self.acting.unsent:
            if kind == "incident":
                self.acting.again(chosen)
            elif command_id == SHOW:
                self._show_detail()
            return
        incident = self.host.entities(Incident).get(chosen)
        if incident is None:
            return
        record = self.host.entities(IncidentRecord).get(chosen)
        if command_id == SHOW or not self.acting.act(incident, record, command_id):
            self._show_detail()

    def standing(self, id_: str) -> ActStanding | None:
        """How the last act on an incident stands."""
        waits = self.acting.unsent.get(id_)
        standing = self.host.act(id_)
        if standing is None and waits is not None:
            standing = ActStanding(name="incident.report", entity=id_, state=waits.state, since_ns=self.now_ns)
        return standing

    def configure(self, settings: Any) -> None:
        super().configure(settings)
        self._refresh()

    def view_state(self) -> dict[str, Any]:
        """What was typed and not sent."""
        return self.acting.kept()

    def restore(self, state: dict[str, Any]) -> None:
        """Take up one's own drafts."""
        self.acting.restore(state)

    def close_panel(self) -> None:
        self.acting.close()
        if self._view is not None:
            self._view.close_view()
        super().close_panel()

    # ------------------------------------------------------------------ Qt

    def event(self, event: QEvent) -> bool:
        # Esc is a command of the whole console, and here the way back to the list
        asked = event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if asked and self._detail and cast("QKeyEvent", event).key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._detail and Qt.Key(event.key()) == Qt.Key.Key_Escape:
            self._back()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.acting.show(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.acting.show(False)

    # ------------------------------------------------------------------ words

    def running(self, incident: Incident) -> str:
        """How long it has been going on; whole minutes from the first one on: nobody counts its seconds.

        "" while nobody has saved when it began.
        """
        if not incident.started_ns:
            return ""
        seconds = (self.now_ns - incident.started_ns) / NS
        return duration_text(seconds - seconds % 60 if seconds >= 60 else seconds, self.host.language)

    def area_name(self, incident: Incident) -> str:
        """The short name of its area."""
        return area_of(self.host, incident.area)

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
