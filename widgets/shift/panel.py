"""A seat: who has it, its log, one line to write into it, and the handover with two signatures.

Acts are those of who is logged in; the rules shown here are the node's, which decides. On a wall nothing is shown: a
log names persons and what they said.
"""

from __future__ import annotations

import uuid
from typing import Any, Final

import msgspec
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from console.api import (
    NS,
    Alarm,
    Answer,
    Area,
    Frame,
    HandoverPhase,
    Header,
    Host,
    Incident,
    IntentState,
    Person,
    Seat,
    Sensor,
    Shift,
    Text,
    YilanError,
)
from widgets.kit.acts import failure_words
from widgets.kit.body import PanelBody
from widgets.kit.buttons import ActButton, ActLine, ButtonRows
from widgets.kit.fields import ENTER, LONGEST
from widgets.kit.pages import SheetPages
from widgets.kit.sheet import Sheet
from widgets.kit.text import age_text, font
from widgets.kit.tokens import look
from widgets.shift.head import Head
from widgets.shift.rows import LogList, Row, Unsaved, rows_of
from widgets.shift.sheets import Filled, Sheets
from widgets.shift.spec import HAND, LOG, OTHER, START, ShiftSettings
from widgets.shift.words import Step, area_words, forbidden, person_name, phase_words, ref_words, steps, tr, when_words

SHOWN: Final = {Seat.CLS, Shift.CLS, Person.CLS, Incident.CLS, Alarm.CLS, Area.CLS, Sensor.CLS}
LOST: Final = (IntentState.REFUSED, IntentState.CONFLICT)
ASKED: Final = frozenset({"incident", "alarm", "sensor"})
"""Kinds of a selection that a line can be about."""


class ShiftPanel(PanelBody[ShiftSettings]):
    """See the module. Enter on a line selects what it is about, on a handover opens it."""

    title = Text("值班与交接", "Shift")

    def __init__(self, host: Host, settings: ShiftSettings) -> None:
        super().__init__(host, settings)
        self._chosen = ""
        self._about = ""
        self._unsaved: list[Unsaved] = []
        self._written = 0
        self._minute = -1
        self._steps: list[Step] = []
        self._seen: object = None
        self._sheets = Sheets(host, self.px)
        self.head = Head(self.px)
        self.buttons = ButtonRows(self.px)
        self.list = LogList(self)
        self.line = ActLine(self.px)
        self.input = QLineEdit()
        self.input.setMaxLength(LONGEST)
        self.input.setFont(font(self.px(14)))
        self.input.installEventFilter(self)
        self.about = ActButton("", "Ctrl+R", self.px, self.control_px)
        self.about.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.about.clicked.connect(self._turn_about)
        self._pages = SheetPages(self._log_page())
        self._pages.currentChanged.connect(lambda page: self.buttons.setVisible(page == 0))
        self._pages.left.connect(self.list.setFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.head, self.buttons):
            column.addWidget(widget)
        column.addWidget(self._pages, 1)
        self.list.opened.connect(self._opened)
        self.setFocusProxy(self.list)
        if host.role == "wall":
            for shown in (self.head, self.buttons, self._pages):
                shown.hide()

    @property
    def sheet(self) -> Sheet | None:
        """What lies over the log, None nothing."""
        return self._pages.sheet

    def _log_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        margin = round(self.px(8))
        row.setContentsMargins(margin, margin, margin, margin)
        self.input.setFixedHeight(round(self.control_px))
        row.addWidget(self.input, 1)
        row.addWidget(self.about)
        column.addWidget(self.list, 1)
        column.addWidget(self.line)
        column.addLayout(row)
        return page

    # ------------------------------------------------------------------ which seat

    def seat(self) -> Seat | None:
        """The seat that is shown; of a seat that only a source tells of what it tells; None where there is none."""
        seats = self._seats()
        wanted = self.settings.seat or self._chosen
        if wanted in seats:
            return seats[wanted]
        me = self.host.access.person
        mine = [s for s in seats.values() if me and s.officer == me]
        coming = [s for s in seats.values() if me and s.handover is not None and s.handover.coming == me]
        return next(iter(coming or mine or seats.values()), None)

    def _seats(self) -> dict[str, Seat]:
        seats = dict(sorted(self.host.entities(Seat).items()))
        for id_, shift in sorted(self.host.entities(Shift).items()):
            if id_ not in seats:
                seats[id_] = Seat(id=id_, name=shift.seat, area=shift.area, shift=shift.name,
                                  since_ns=shift.start_ns, end_ns=shift.end_ns, simulated=shift.simulated)  # fmt: skip
        return seats

    def _told_by(self, seat: Seat) -> str:
        """Who a source says is at a seat that the journal does not know."""
        shift = self.host.entities(Shift).get(seat.id)
        known = seat.id in self.host.entities(Seat)
        return shift.officer.of(self.host.language) if shift is not None and not known else ""

    # ------------------------------------------------------------------ frames

    def update_frame(self, frame: Frame) -> None:
        self.now_ns = frame.now_ns
        if self.host.role == "wall":
            self.host.header(Header())
            return
        access, seat = self.host.access, self.seat()
        act = self.host.act(seat.id) if seat is not None else None
        seen = (access, act, self.host.selection, self.host.link.up)
        changed = seen != self._seen
        self._seen = seen
        if frame.seeked or changed or frame.entities & SHOWN or frame.now_ns // (60 * NS) != self._minute:
            self._minute = frame.now_ns // (60 * NS)
            self.refresh()

    def refresh(self) -> None:
        """Show what is known now."""
        seat = self.seat()
        self._settle(seat)
        self._tell_head(seat)
        self._tell_steps(seat)
        rows = rows_of(self, seat, [u for u in self._unsaved if u.seat == seat.id]) if seat is not None else []
        if rows != self.list.rows or not rows:
            self.list.show_rows(rows)
        self._tell_input(seat)
        names = (seat.name.of(self.host.language), seat.shift.of(self.host.language)) if seat is not None else ()
        scope = " · ".join(name for name in names if name)
        count = tr("{count} lines").format(count=len(seat.log)) if seat is not None else ""
        self.host.header(Header(scope=scope, right=count, data_ns=self.host.link.last_data_ns))

    def _settle(self, seat: Seat | None) -> None:
        """Lines of here that stand in the log now are the log's; one that was refused meanwhile says so."""
        kept, local = [], self.host.access.local
        act = self.host.act(seat.id) if seat is not None else None
        for line in self._unsaved:
            known = self.host.entities(Seat).get(line.seat)
            if known is not None and any(
                one.text == line.text and (one.by == line.by or local) and one.t_ns > line.after_ns for one in known.log
            ):
                continue
            last = act is not None and act.entity == line.seat and act.name == LOG and line.number == self._written
            if last and act is not None and act.state in LOST and line.state is IntentState.PENDING:
                line = msgspec.structs.replace(line, state=act.state, reason=act.reason.of(self.host.language))
            kept.append(line)
        self._unsaved = kept

    def _tell_head(self, seat: Seat | None) -> None:
        if seat is None:
            self.head.tell(tr("No seat known"), "", [])
            return
        told = self._told_by(seat)
        officer = person_name(self.host, seat.officer) or told or tr("Nobody on duty")
        lines: list[tuple[str, str]] = []
        if told:
            lines.append((tr("Named by its data source; a shift here begins with Start shift."), "text2"))
        if seat.handover is not None:
            words = tr("Handover: {how}").format(how=phase_words(self.host, seat.handover))
            lines.append((words, "text"))
            if seat.handover.objections and seat.handover.phase is HandoverPhase.DRAFTED:
                lines.append((tr("Reason: {reason}").format(reason=seat.handover.objections[-1][1]), "text2"))
        elif seat.officer:
            open_ = tr("{count} open matters").format(count=len(seat.open)) if seat.open else tr("No open matters")
            lines.append((" · ".join(p for p in (area_words(self.host, seat.area), open_) if p), "text2"))
        rule = next((step.rule for step in self._next(seat) if step.rule), "")
        if rule:
            lines.append((rule, "text2"))
        self.head.tell(officer, self._span(seat), lines)

    def _span(self, seat: Seat) -> str:
        language = self.host.language
        if not seat.since_ns or not (seat.officer or self._told_by(seat)):
            return ""
        since = tr("since {clock}").format(clock=when_words(seat.since_ns, self.now_ns))
        if not seat.end_ns:
            return since
        left_s = (seat.end_ns - self.now_ns) / NS
        words = tr("until {clock}, {span} left") if left_s >= 0 else tr("until {clock}, {span} over")
        until = words.format(clock=when_words(seat.end_ns, self.now_ns), span=age_text(abs(left_s), language))
        return f"{since}{'，' if language == 'zh' else ', '}{until}"

    def _next(self, seat: Seat | None) -> list[Step]:
        return steps(self.host, seat)

    def _tell_steps(self, seat: Seat | None) -> None:
        found = self._next(seat)
        if [(s.name, s.word, s.rule) for s in found] == [(s.name, s.word, s.rule) for s in self._steps]:
            return
        self._steps = found
        buttons, primary = [], next((s for s in found if not s.rule and s.name != "shift.draft"), None)
        for step in found:
            first = step is next((s for s in found if not s.rule), None)
            button = ActButton(step.word, "H" if first else "", self.px, self.control_px, primary=step is primary)
            button.setEnabled(not step.rule)
            button.setToolTip(step.rule)
            button.clicked.connect(lambda _on=False, name=step.name: self.begin(name))
            buttons.append(button)
        self.buttons.set_buttons(buttons)

    def _tell_input(self, seat: Seat | None) -> None:
        rule = forbidden(self.host, seat)
        if seat is None or not (seat.officer or seat.id in self.host.entities(Seat)):
            rule = rule or tr("The log begins with a shift.")
        self.input.setEnabled(not rule)
        self.input.setPlaceholderText(rule or tr("Write a line (J), Enter saves"))
        self.input.setAccessibleName(tr("Line of the log"))
        kind, _, _ = self.host.selection.partition(":")
        if not self._about and kind not in ASKED:
            self.about.hide()
        else:
            words = tr("About {what}") if self._about else tr("about {what}?")
            self.about.setText(words.format(what=ref_words(self.host, self._about or self.host.selection)))
            self.about.setMaximumWidth(round(min(self.width() * 0.45, self.about.sizeHint().width())))
            self.about.setMinimumWidth(self.about.maximumWidth())
            self.about.setVisible(not rule)
            self.about.update()
        act = self.host.act(seat.id) if seat is not None else None
        if act is None or (act.name == LOG and any(u.seat == act.entity for u in self._unsaved)):
            self.line.stand(None)
        else:
            word = next((s.word for s in self._steps if s.name == act.name), tr(_DONE.get(act.name, "")))
            self.line.stand(act.state, word, act.reason.of(self.host.language))

    def empty_words(self) -> tuple[str, str]:
        """What an empty log says."""
        seat = self.seat()
        if seat is None:
            return tr("No seat known"), tr("One appears when somebody starts a shift, or a source tells of it.")
        return tr("Nothing written yet"), tr("Calls, visits, things to watch: J writes a line, signed with your name.")

    # ------------------------------------------------------------------ commands

    def do(self, command_id: str) -> None:
        """Carry out a command of the spec."""
        if self.host.role == "wall":
            return
        if command_id == LOG and self.sheet is None:
            (self.input if self.input.isEnabled() else self.list).setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif command_id == HAND:
            step = next((s for s in self._next(self.seat()) if not s.rule), None)
            if step is not None:
                self.begin(step.name)
        elif command_id == START and any(s.name == START and not s.rule for s in self._next(self.seat())):
            self.begin(START)
        elif command_id == OTHER:
            self._other()

    def _other(self) -> None:
        seats, now = list(self._seats()), self.seat()
        if now is not None and len(seats) > 1 and self.sheet is None:
            self._chosen = seats[(seats.index(now.id) + 1) % len(seats)]
            self.refresh()

    # ------------------------------------------------------------------ the log

    def _opened(self, key: object) -> None:
        row: Row | None = next((r for r in self.list.rows if r.key == key), None)
        seat = self.seat()
        if row is None or seat is None:
            return
        if row.past >= 0:
            self._pages.open(self._sheets.read(seat.past[row.past]))
        elif row.ref:
            self.host.select(row.ref)

    def _turn_about(self) -> None:
        self._about = "" if self._about else self.host.selection
        self._tell_input(self.seat())

    def write(self) -> None:
        """Save what stands in the line."""
        seat, text = self.seat(), self.input.text().strip()
        if seat is None or not text or not self.input.isEnabled():
            return
        self._written += 1
        line = Unsaved(
            number=self._written,
            seat=seat.id,
            text=text,
            ref=self._about,
            by=self.host.access.person,
            at_ns=self.host.now_ns,
            after_ns=max((one.t_ns for one in seat.log), default=0),
        )
        self._unsaved.append(line)
        self.input.clear()
        self._about = ""
        self.refresh()
        self.host.spawn("shift log", self._send_line(line))

    async def _send_line(self, line: Unsaved) -> None:
        told = {"text": line.text} | ({"ref": line.ref} if line.ref else {})
        state, reason = await self._act(LOG, line.seat, told)
        answered = msgspec.structs.replace(line, state=state, reason=reason)
        self._unsaved = [answered if u.number == line.number else u for u in self._unsaved]
        if state in LOST and not self.input.text():
            self.input.setText(line.text)
        self.refresh()

    async def _act(self, name: str, entity: str, arguments: dict[str, Any]) -> tuple[IntentState, str]:
        try:
            answer: Answer = await self.host.intent(name, entity, **arguments)
        except YilanError as error:
            return IntentState.REFUSED, failure_words(error).of(self.host.language)
        return answer.state, answer.reason.of(self.host.language)

    # ------------------------------------------------------------------ sheets

    def begin(self, name: str) -> None:
        """Open the sheet of an act, if it is this person's to do."""
        seat = self.seat()
        if not any(s.name == name and not s.rule for s in self._next(seat)):
            return
        record = seat.handover if seat is not None else None
        if name == START:
            self._ask(name, seat, *self._sheets.start(seat))
        elif seat is not None and name == "shift.draft":
            self._ask(name, seat, *self._sheets.draft(seat))
        elif seat is not None and record is not None:
            made = {"shift.sign_off": self._sheets.sign_off, "shift.take": self._sheets.take}.get(name)
            self._ask(name, seat, *(made(seat, record) if made is not None else self._sheets.object_(record)))

    def _ask(self, name: str, seat: Seat | None, sheet: Sheet, filled: Filled) -> None:
        entity = seat.id if seat is not None else uuid.uuid4().hex
        self._pages.ask(sheet, filled, lambda told: self.host.spawn(name, self._send(sheet, name, entity, told)))

    async def _send(self, sheet: Sheet, name: str, entity: str, told: dict[str, Any]) -> None:
        state, reason = await self._act(name, entity, told)
        if self.sheet is not sheet:
            return
        if state in LOST:
            sheet.stand(state, reason or tr("The seat has changed meanwhile; look at it again."))
            return
        self._chosen = self._chosen or entity if name == START else self._chosen
        self._pages.leave()  # saved, or on disk here and to be sent: the line beneath the log says which
        self.refresh()

    # ------------------------------------------------------------------ Qt and the host

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.input and isinstance(event, QKeyEvent):
            key = Qt.Key(event.key())
            about = key == Qt.Key.Key_R and bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if event.type() is QEvent.Type.ShortcutOverride and (about or key == Qt.Key.Key_Escape):
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress:
                if key in ENTER:
                    self.write()
                    return True
                if about and self.about.isVisible():
                    self._turn_about()
                    return True
                if key == Qt.Key.Key_Escape:
                    self.list.setFocus()
                    return True
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.list.remeasure()

    def paintEvent(self, event: QPaintEvent) -> None:
        p, t = QPainter(self), look.tokens
        p.fillRect(event.rect(), t.tile)
        if self.host.role == "wall":
            p.setFont(font(self.host.text_px))
            p.setPen(t.text2)
            words = tr("The shift's log names persons and is not shown on walls.")
            edge = round(self.host.text_px * 0.5)
            box = self.rect().adjusted(edge, edge, -edge, -edge)
            p.drawText(box, Qt.TextFlag.TextWordWrap.value | Qt.AlignmentFlag.AlignTop.value, words)

    def configure(self, settings: Any) -> None:
        """Take new settings; words are made anew."""
        super().configure(settings)
        self._steps = []
        self._pages.leave()
        self.list.rows = []
        if self.host.role != "wall":
            self.refresh()

    def _look_changed(self, tokens: object) -> None:
        if self.sheet is not None:
            self.sheet.restyle()
        super()._look_changed(tokens)

    def view_state(self) -> dict[str, Any]:
        """The seat that was chosen, and the line that was begun."""
        return {"seat": self._chosen, "line": self.input.text()}

    def restore(self, state: dict[str, Any]) -> None:
        """Take both up again."""
        seat, line = state.get("seat"), state.get("line")
        self._chosen = seat if isinstance(seat, str) else ""
        self.input.setText(line if isinstance(line, str) else "")

    def evidence(self) -> Any:
        """The seat as it stands, nothing of it on a wall."""
        seat = self.seat()
        return msgspec.to_builtins(seat) if seat is not None and self.host.role != "wall" else None


_DONE: Final = {
    "shift.start": "Start shift",
    "shift.log": "Line of the log",
    "shift.draft": "Handover",
    "shift.sign_off": "Sign off",
    "shift.take": "Take over",
    "shift.object": "Object",
}
