"""The open incidents, gravest first: grade, what and where, response, time running, next report, progress."""

from __future__ import annotations

from typing import Any, Final, cast

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QStackedLayout

from console.api import NS, ActStanding, Area, Frame, Header, Host, Incident, IncidentRecord, Text
from widgets.incidents.acting import Acting
from widgets.incidents.list import IncidentList
from widgets.incidents.shown import incident_of, shown_of
from widgets.incidents.spec import CHOOSE, NEW, SHOW, IncidentsSettings
from widgets.incidents.view import IncidentView
from widgets.incidents.wall import WallDetail
from widgets.kit.areas import below
from widgets.kit.body import PanelBody
from widgets.kit.subject import Asking
from widgets.kit.text import beijing

translate = QCoreApplication.translate
ROW_PX: Final = 85
WALL_ROW: Final = 4.7
WALL_MOST: Final = 5.4
"""Least and greatest height of a row on a wall, em: grade and title, where and how long, the count."""


class IncidentsPanel(PanelBody[IncidentsSettings]):
    """See the module. Selecting a row selects the incident for the whole console, Enter shows it in detail.

    Where the layout has a tile for the detail that is where it is shown; else here, until Esc.
    """

    title = Text("事件", "Incidents")

    def __init__(self, host: Host, settings: IncidentsSettings) -> None:
        super().__init__(host, settings)
        self.acting = Acting(self)
        self._list = IncidentList(host, self.px, self.standing)
        self._list.whole_rows_only = host.role == "wall"
        self._pages = QStackedLayout(self)
        self._pages.setContentsMargins(0, 0, 0, 0)
        self._pages.addWidget(self._list)
        self._view: IncidentView | None = None
        self._detail = ""
        self._asking = Asking(host, settings.about)
        self._wall = WallDetail(host)
        self._pages.addWidget(self._wall)
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
                self.host.clear_notice(CHOOSE.key)
            self._second = second
            self._asking.look()
            self._refresh()
        kind, _, chosen = self.host.selection.partition(":")
        self._list.select(chosen if kind == "incident" else "", reveal=frame.selection_changed)

    def _refresh(self) -> None:
        self.acting.follow()
        self._fill()
        if self._detail:
            self._fill_detail()

    def _fill(self) -> None:
        known = self._inside()
        shown = sorted((i for i in known if not i.closed_ns), key=lambda i: (i.grade, i.started_ns, i.id))
        if self.host.role != "wall":
            shown = [*(incident_of(one) for one in self.acting.unsent.values()), *shown]
        self._list.incidents, self._list.closed, self._list.now_ns = shown, self._closed(known), self.now_ns
        if self.host.role == "wall":
            self._fill_wall(shown)
        else:
            self._list.set_rows([incident.id for incident in shown], self.px(ROW_PX))
        today = beijing(self.now_ns).date()
        count = sum(beijing(i.started_ns).date() == today for i in known)
        scope = translate("Incidents", "{count} open").format(count=len(shown))
        right = translate("Incidents", "{count} today").format(count=count)
        draft = (translate("Incidents", "draft"),) if self.acting.drafts else ()
        scope = self._asking.words(scope) if self.host.role == "wall" else scope  # a desk's list lists all
        self.host.header(Header(scope=scope, data_ns=self.host.link.last_data_ns, right=right, marks=draft))

    def _fill_wall(self, shown: list[Incident]) -> None:
        """What the scene is about in full; else as many of the open ones as can be read, a single one in full."""
        subject, em = self._asking.subject, self.host.text_px
        alone = shown[0] if self.settings.about and len(shown) == 1 else None
        incident = subject.incident if subject is not None else alone
        if incident is not None:
            self._wall.show_incident(incident, self.host.entities(IncidentRecord).get(incident.id), self.now_ns)
        self._pages.setCurrentWidget(self._list if incident is None else self._wall)
        height = max(float(self.height()), em * 3.3)
        rows = max(1, min(len(shown), int(height / (WALL_ROW * em)))) if self.settings.about else 1
        self._list.set_rows([one.id for one in shown], min(height / rows, WALL_MOST * em) if rows > 1 else height)

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
        self.host.clear_notice(CHOOSE.key)
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
            else:
                self.host.notice(CHOOSE)
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
        self._asking = Asking(self.host, settings.about)
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

    def _inside(self) -> list[Incident]:
        """Those of the area of the settings; one of which nobody has said where it is is never left out."""
        known = self.host.entities(Incident).values()
        if not self.settings.area:
            return list(known)
        wanted = below(self.settings.area, self.host.entities(Area))
        return [i for i in known if not i.area or i.area in wanted]

    def _closed(self, known: list[Incident]) -> list[Incident]:
        """Those that were closed last, newest first."""
        done = [i for i in known if i.closed_ns]
        return sorted(done, key=lambda i: -i.closed_ns)[: self.settings.closed]

    def evidence(self) -> Any:
        """The open incidents."""
        return [{"incident": i.id, "number": i.number, "grade": i.grade, "step": i.step} for i in self._list.incidents]
