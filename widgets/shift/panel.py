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
from widgets.kit.text import font
from widgets.kit.tokens import look
from widgets.shift.head import Head
from widgets.shift.rows import LogList, Row, rows_of
from widgets.shift.seats import head_words, seats_of, shown_seat
from widgets.shift.sheets import Filled, Sheets
from widgets.shift.spec import HAND, LOG, OTHER, START, ShiftSettings
from widgets.shift.unsaved import LOST, Unsaved, still_unsaved
from widgets.shift.words import Step, forbidden, ref_words, steps, tr

SHOWN: Final = {Seat.CLS, Shift.CLS, Person.CLS, Incident.CLS, Alarm.CLS, Area.CLS, Sensor.CLS}
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
        self.list = LogList(self.px, self.empty_words)
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

    def seat(self) -> Seat | None:
        """The seat that is shown; of a seat that only a source tells of what it tells; None where there is none."""
        return shown_seat(self.host, self.settings.seat or self._chosen)

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
        self._unsaved = still_unsaved(self.host, seat, self._unsaved, self._written)
        self._tell_head(seat)
        self._tell_steps(seat)
        rows: list[Row] = []
        if seat is not None:
            rows = rows_of(self.host, self.now_ns, seat, [u for u in self._unsaved if u.seat == seat.id])
        if rows != self.list.rows or not rows:
            self.list.show_rows(rows)
        self._tell_input(seat)
        names = (seat.name.of(self.host.language), seat.shift.of(self.host.language)) if seat is not None else ()
        scope = " · ".join(name for name in names if name)
        count = tr("{count} lines").format(count=len(seat.log)) if seat is not None else ""
        self.host.header(Header(scope=scope, right=count, data_ns=self.host.link.last_data_ns))

    def _tell_head(self, seat: Seat | None) -> None:
        if seat is None:
            self.head.tell(tr("No seat known"), "", [])
        else:
            self.head.tell(*head_words(self.host, seat, self.now_ns))

    def _tell_steps(self, seat: Seat | None) -> None:
        found = steps(self.host, seat)
        if found == self._steps:
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
            step = next((s for s in steps(self.host, self.seat()) if not s.rule), None)
            if step is not None:
                self.begin(step.name)
        elif command_id == START and any(s.name == START and not s.rule for s in steps(self.host, self.seat())):
            self.begin(START)
        elif command_id == OTHER:
            self._other()

    def _other(self) -> None:
        seats, now = list(seats_of(self.host)), self.seat()
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
        if not any(s.name == name and not s.rule for s in steps(self.host, seat)):
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
