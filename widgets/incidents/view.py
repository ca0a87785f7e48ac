"""One incident as rows with the acts on it beneath: one column, or facts beside the timeline; opens no form itself."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.api import ActStanding, Host, Incident, IncidentRecord, IntentState, PossibleAct
from widgets.incidents import rows as rows_of
from widgets.incidents.acting import FORWARD, REPORT
from widgets.incidents.paint import Painter
from widgets.incidents.rows import Row
from widgets.incidents.spec import KEYS, REVEAL, WORDS
from widgets.incidents.words import translate
from widgets.kit.buttons import ActButton, ActLine, ButtonRows, Px, control_px
from widgets.kit.lists import PaintedList
from widgets.kit.text import draw_elided, font
from widgets.kit.tokens import look

TWO_PX = 700
"""From this width on (desk px) the timeline stands beside the rest."""
ORDER = ("incident.send", "incident.tell", "incident.grade", "incident.colour", "incident.level")
"""How acts stand after the one that leads on; what takes something back comes last."""
_SCROLLS = {
    Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -8, Qt.Key.Key_PageDown: 8, Qt.Key.Key_Home: -10_000,
    Qt.Key.Key_End: 10_000,
}  # fmt: skip


class Sheet(PaintedList):
    """Rows to be read, not to be chosen; the keys scroll.

    Signals:
        asked: nothing; a row that is masked was pressed.
    """

    asked = Signal()

    def __init__(self, painter: Painter) -> None:
        super().__init__()
        self._painter = painter
        self.rows: list[Row] = []

    def show_rows(self, rows: list[Row]) -> None:
        """Replace what stands here."""
        self.rows = rows
        self.set_rows([row.key for row in rows], [row.height for row in rows])

    def paint_row(self, p: QPainter, rect: QRectF, index: int, selected: bool) -> None:
        self._painter.row(p, rect, self.rows[index])

    def pressed_at(self, where: QPointF) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if self.act_at(where.x(), where.y()):
            self.asked.emit()

    def act_at(self, x: float, y: float) -> str:
        """The key of the masked row there, "" none."""
        pressed = self._key_at(y)
        return pressed if any(row.key == pressed and row.kind == "masked" for row in self.rows) else ""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = _SCROLLS.get(Qt.Key(event.key()))
        if steps is None:
            event.ignore()
            return
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + steps * 40)


class IncidentView(QWidget):
    """See the module.

    Signals:
        pressed: the name of the act whose button was pressed.
    """

    pressed = Signal(object)

    def __init__(self, host: Host, px: Px) -> None:
        super().__init__()
        self._host, self._px = host, px
        self._painter = Painter(host, px)
        self.top, self.sheet, self.side = (Sheet(self._painter) for _ in range(3))
        self.top.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for sheet in self._sheets:
            sheet.whole_rows_only = host.role == "wall"
            sheet.asked.connect(lambda: self.pressed.emit(REVEAL))
        self.line = ActLine(px)
        self.bar = ButtonRows(px)
        self._gap = QWidget()
        self._gap.setFixedWidth(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.sheet, 46)
        row.addWidget(self._gap)
        row.addWidget(self.side, 54)
        column.addWidget(self.top)
        column.addLayout(row, 1)
        column.addWidget(self.line)
        column.addWidget(self.bar)
        self._incident = Incident(id="")
        self._record: IncidentRecord | None = None
        self._acts: list[tuple[str, bool]] = []
        self._laid: object = None
        self._personal: Mapping[str, tuple[str, bool]] = {}
        self._waiting = False
        self._restyle()
        look.changed.connect(self._restyle)
        self.setFocusProxy(self.sheet)

    @property
    def _sheets(self) -> tuple[Sheet, Sheet, Sheet]:
        return self.top, self.sheet, self.side

    def close_view(self) -> None:
        """Let go of what outlives a widget."""
        look.changed.disconnect(self._restyle)

    def _restyle(self, _tokens: object = None) -> None:
        palette = self._gap.palette()
        palette.setColor(self._gap.backgroundRole(), look.tokens.line)
        self._gap.setPalette(palette)
        self._gap.setAutoFillBackground(True)

    @property
    def incident(self) -> Incident:
        """What is shown."""
        return self._incident

    def show_incident(
        self,
        incident: Incident,
        record: IncidentRecord | None,
        now_ns: int,
        acts: list[PossibleAct],
        standing: ActStanding | None,
        *,
        waiting: bool = False,
        said: str = "",
        personal: Mapping[str, tuple[str, bool]] | None = None,
    ) -> None:
        """Show this one. `waiting`: the node has not taken it yet; `said`: why a command did nothing.

        `personal`: what stands in the place of personal data, see `Personal.texts`.
        """
        if incident.id != self._incident.id:
            self.sheet.verticalScrollBar().setValue(0)
            self.side.verticalScrollBar().setValue(0)
        self._incident, self._record, self._waiting = incident, record, waiting
        self._personal = personal or {}
        self._painter.of(incident, record, now_ns)
        self._lay()
        self._stand(standing, said)
        self._offer([] if waiting else acts)
        for sheet in self._sheets:
            sheet.viewport().update()

    def _stand(self, standing: ActStanding | None, said: str) -> None:
        if said:
            self.line.stand(IntentState.REFUSED, reason=said)
        elif standing is not None:
            word = WORDS.get(standing.name)
            language = self._host.language
            self.line.stand(standing.state, word.of(language) if word else "", standing.reason.of(language))
        else:
            self.line.stand(None)

    # ------------------------------------------------------------------ rows

    def _lay(self) -> None:
        wide = self.width() >= self._px(TWO_PX) and self._record is not None and self._host.role != "wall"
        personal = tuple(self._personal.items())
        key = (id(self._incident), id(self._record), self.width(), wide, self._host.language, self._waiting, personal)
        if key == self._laid:
            return
        self._laid = key
        bar = 8.0
        left = self.width() * 0.46 - bar if wide else self.width() - bar
        host, px, incident, record = self._host, self._px, self._incident, self._record
        head = rows_of.head_rows(px, incident, record)
        if self._waiting:
            head = [row for row in head if row.kind != "unkept"]
        facts = rows_of.fact_rows(host, px, incident, record, left, self._personal)
        reports = rows_of.report_rows(px, record)
        rows = [*reports, *facts] if record is not None and record.owed else [*facts, *reports]
        lines = rows_of.line_rows(host, px, record, self.width() * 0.54 - bar if wide else left)
        if host.role == "wall":
            # what is read from afar is what happened last, not the whole file
            rows = reports[1:2]
        for part in (self.top, self.side, self._gap):
            part.setVisible(wide)
        self.top.show_rows(head if wide else [])
        self.top.setFixedHeight(round(sum(row.height for row in head)))
        self.sheet.show_rows([*([] if wide else head), *rows, *([] if wide else lines)])
        self.side.show_rows(lines if wide else [])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._incident.id:
            self._lay()

    # ------------------------------------------------------------------ acts

    def _offer(self, acts: list[PossibleAct]) -> None:
        phase = self._incident.phase
        first = FORWARD.get(phase) if phase is not None else REPORT
        named = [(act.name, act.name == first) for act in acts]
        named.sort(key=lambda pair: (not pair[1], ORDER.index(pair[0]) if pair[0] in ORDER else len(ORDER)))
        key = [*named, (self._host.language, False)]
        if key == self._acts:
            return
        self._acts = key
        language = self._host.language
        height = control_px(self._px, least=self._host.target_px, desk=30)
        buttons = []
        for name, primary in named:
            word, keys = WORDS[name].of(language), KEYS.get(name, "")
            if name == REPORT:
                word, keys = translate("IncidentForm", "Take on"), KEYS["incident.verify"]
            button = ActButton(word, keys, self._px, height, primary=primary)
            button.setProperty("act", name)
            button.clicked.connect(lambda _checked=False, name=name: self.pressed.emit(name))
            buttons.append(button)
        self.bar.set_buttons(buttons)


def paint_nothing(p: QPainter, rect: QRectF, px: Px, head: str, tip: str) -> None:
    """What an empty place says: what would be here, and how to get there."""
    t = look.tokens
    p.setFont(font(px(20)))
    p.setPen(t.text)
    left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    draw_elided(p, QRectF(px(16), px(20), rect.width() - px(32), px(28)), left, head)
    p.setFont(font(px(12)))
    p.setPen(t.text2)
    draw_elided(p, QRectF(px(16), px(52), rect.width() - px(32), px(20)), left, tip)
