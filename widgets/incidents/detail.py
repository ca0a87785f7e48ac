"""The panel of one incident: the selected one, or the gravest; its acts, their forms and how they stand."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRectF
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout

from console.api import NS, Area, Frame, Header, Host, Incident, IncidentRecord, Person, Text
from widgets.incidents.acting import Acting
from widgets.incidents.shown import chosen_incident, shown_of
from widgets.incidents.spec import CHOOSE, NEW, SHOW, IncidentSettings
from widgets.incidents.view import IncidentView, paint_nothing
from widgets.incidents.words import translate
from widgets.kit.body import PanelBody
from widgets.kit.tokens import look


class IncidentPanel(PanelBody[IncidentSettings]):
    """See the module."""

    title = Text("事件详情", "Incident")

    def __init__(self, host: Host, settings: IncidentSettings) -> None:
        super().__init__(host, settings)
        self.acting = Acting(self)
        self.view = IncidentView(host, self.px)
        self.view.pressed.connect(self.do)
        self.acting.changed.connect(self._fill)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self.setFocusProxy(self.view)
        self._shown = settings.incident
        self._second = -1

    def update_frame(self, frame: Frame) -> None:
        self.now_ns = frame.now_ns
        second = frame.now_ns // NS
        classes = {Incident.CLS, IncidentRecord.CLS, Person.CLS, Area.CLS}
        if frame.seeked or frame.selection_changed or second != self._second or classes & frame.entities:
            if frame.selection_changed:
                self.acting.say(Text(""))
            self._second = second
            self._fill()

    def _fill(self) -> None:
        host = self.host
        self.acting.follow()
        incident, waiting = chosen_incident(host, self.acting, self.settings.incident, self._shown)
        if incident is None:
            self._shown = ""
            self.view.hide()
            self.update()
            host.header(Header(data_ns=host.link.last_data_ns))
            return
        self._shown = incident.id
        shown_of(self.view, host, self.acting, incident, self.now_ns, waiting=waiting)
        self.view.show()
        scope = incident.number or incident.title.of(host.language)
        host.header(Header(scope=scope, data_ns=host.link.last_data_ns))

    # ------------------------------------------------------------------ commands

    def do(self, command_id: str) -> None:
        """Carry out a command: a new report, or an act on what is shown."""
        self.host.clear_notice(CHOOSE.key)
        if command_id == NEW:
            self.acting.new()
        elif command_id != SHOW and not self._shown:
            self.host.notice(CHOOSE)
        elif command_id != SHOW and self._shown:
            incident = self.host.entities(Incident).get(self._shown)
            if incident is not None:
                self.acting.act(incident, self.host.entities(IncidentRecord).get(self._shown), command_id)
            elif self._shown in self.acting.unsent:
                self.acting.again(self._shown)
        self._fill()

    def configure(self, settings: Any) -> None:
        super().configure(settings)
        self._fill()

    def view_state(self) -> dict[str, Any]:
        """What was typed and not sent."""
        return self.acting.kept()

    def restore(self, state: dict[str, Any]) -> None:
        """Take up one's own drafts."""
        self.acting.restore(state)

    def evidence(self) -> Any:
        """The incident and its last lines."""
        record = self.host.entities(IncidentRecord).get(self._shown)
        lines = record.timeline[-20:] if record is not None else ()
        return {"incident": self._shown, "timeline": [[line.kind, line.by, line.t_ns, line.text] for line in lines]}

    def close_panel(self) -> None:
        self.acting.close()
        self.view.close_view()
        super().close_panel()

    # ------------------------------------------------------------------ Qt

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.acting.show(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.acting.show(False)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.fillRect(self.rect(), look.tokens.tile)
        if not self.view.isVisible():
            head = translate("Incident", "No incident")
            tip = translate("Incident", "Pick one in a list or on the map; I takes a report.")
            paint_nothing(p, QRectF(self.rect()), self.px, head, tip)
