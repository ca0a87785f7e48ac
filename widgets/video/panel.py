"""The video panel: which cameras, where, and what is repainted when; pictures come from feeds, never from a socket."""

from __future__ import annotations

import time
from typing import Any, Final

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QShowEvent,
)

from console.api import (
    LIVE,
    NS,
    Alarm,
    AlarmState,
    Camera,
    Feed,
    Frame,
    Freshness,
    Header,
    Host,
    Incident,
    PictureState,
    Sensor,
    Text,
)
from widgets.kit.alarm_groups import AlarmGroup, alarm_groups
from widgets.kit.blink import blink
from widgets.kit.body import PanelBody
from widgets.kit.covers import bar_over, right_of
from widgets.kit.subject import Asking, distance_text
from widgets.kit.text import draw_elided, font
from widgets.kit.tokens import look
from widgets.video.cell import CENTRE, Cell, Event, reason_text
from widgets.video.choose import around, choose, events, grid, place, targets
from widgets.video.placing import Placed, Shown, whole_of
from widgets.video.released import Released
from widgets.video.spec import VideoSettings

translate = QCoreApplication.translate
GATHER_MS: Final = 8
"""Pictures of several cameras come nearly together: so long they are gathered into one repaint."""


class VideoPanel(Placed, PanelBody[VideoSettings]):
    """See the module. Arrow keys choose a cell, Enter or a double click enlarges it, Esc goes back."""

    title = Text("视频", "Video")

    def __init__(self, host: Host, settings: VideoSettings) -> None:
        super().__init__(host, settings)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._cells: list[Cell | None] = []
        self._shape = (0, 0)
        self._alone = ""
        self._turn = 0
        self._turned_s = time.monotonic()
        self._groups: list[AlarmGroup] = []
        self._dirty: set[Cell] = set()
        self._dirty_whole: set[Cell] = set()
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.setTimerType(Qt.TimerType.PreciseTimer)
        self._gather.setInterval(GATHER_MS)
        self._gather.timeout.connect(self._repaint_dirty)
        self._closed_pictures = 0
        self._context = host.context
        self._header = Header()
        self._asking = Asking(host, settings.about)
        blink.changed.connect(self._blinked)

    @property
    def painted(self) -> int:
        """How many different pictures this panel has painted, all cells together (console.api.Counting)."""
        return self._closed_pictures + sum(cell.pictures for cell in self._shown())

    # ------------------------------------------------------------------ what is shown

    def update_frame(self, frame: Frame) -> None:
        """Choose anew where something bears on it; refresh ages and badges."""
        self.now_ns = frame.now_ns
        if frame.context != self._context:
            # what was of now must not stand there as if it were of then, nor the other way round
            self._context = frame.context
            self._empty()
        turned = self._turn_on()
        if frame.seeked or frame.entities & {"alarm", "sensor", "incident"}:
            self._groups = alarm_groups(self.host.entities(Alarm).values(), self.host.entities(Sensor))
        bearing = frame.entities & {"alarm", "area", "camera", "incident", "sensor"}
        if frame.seeked or frame.selection_changed or bearing:
            self._asking.look()
        if frame.seeked or frame.selection_changed or turned or bearing:
            self._choose()
            self._mark()
            self.update()
        else:
            for cell in self._shown():
                self.update(cell.bar_rect(self.host.text_px))
        self._tell_header()

    def _turn_on(self) -> bool:
        if self.host.spanned is not None:
            # all parts of one picture turn by the node's clock: in the same moment, on whatever machine
            before, self._turn = self._turn, int(self.now_ns // (self.settings.rotate_s * NS))
            return self._turn != before and self.settings.mode != "selected"
        now_s = time.monotonic()
        if now_s - self._turned_s < self.settings.rotate_s:
            return False
        self._turned_s = now_s
        self._turn += 1
        return self.settings.mode != "selected"

    def _pool(self) -> list[Camera]:
        cameras = self.host.entities(Camera)
        if self.settings.cameras:
            return [cameras[id_] for id_ in self.settings.cameras if id_ in cameras]
        return [cameras[id_] for id_ in sorted(cameras)]

    def _choose(self) -> None:
        """Decide which camera stands in which cell, and open or close feeds accordingly."""
        s = self.settings
        px = self.host.text_px
        shape = grid(self.host.role, self.width(), self.height(), px, s.rows, s.columns)
        pool = self._pool()
        if self.host.spanned is not None or (self._alone and any(c.id == self._alone for c in pool)):
            shape = (1, 1)
        else:
            self._alone = ""
        count = shape[0] * shape[1]
        cls, _, id_ = self.host.selection.partition(":")
        pinned = self._alone or (id_ if cls == "camera" and s.mode != "selected" else "")
        wanted = []
        if s.mode == "alarm" and not self._alone:
            sensors, incidents = self.host.entities(Sensor), self.host.entities(Incident)
            wanted = targets(self.host.selection, self._groups, sensors, incidents)
        turn = 0 if s.mode == "selected" or self._alone else self._turn
        subject = self._asking.subject if not self._alone else None
        first = around(subject, pool, s.near_m) if subject is not None else []
        chosen = choose(pool, wanted, count, s.near_m, turn, pinned, first)
        shown = [cell.camera_id if cell is not None else "" for cell in self._cells]
        placed = chosen if s.mode == "selected" else place(shown if shape == self._shape else [], chosen, count)
        self._shape = shape
        self._seat(tuple(placed) + ("",) * (count - len(placed)))

    def _seat(self, ids: tuple[str, ...]) -> None:
        cameras = self.host.entities(Camera)
        before = {cell.camera_id: cell for cell in self._shown()}
        seated: list[Cell | None] = []
        for id_ in ids:
            if not id_ or not self.isVisible():
                seated.append(None)
            elif id_ in before:
                seated.append(before.pop(id_))
            else:
                feed = self._feed(cameras[id_])
                seated.append(Cell(id_, cameras[id_].name.of(self.host.language), feed, self._changed))
        for cell in before.values():
            self._drop(cell)
        self._cells = seated
        self._lay_out()

    def _feed(self, camera: Camera) -> Feed:
        return self.host.feed(camera.id, self._stream(camera)) if self._context == LIVE else Released()

    def _drop(self, cell: Cell) -> None:
        self._closed_pictures += cell.pictures
        self._dirty.discard(cell)
        self._dirty_whole.discard(cell)
        cell.close()

    def _stream(self, camera: Camera) -> str:
        small = self.width() / max(1, self._shape[1]) * self.devicePixelRatioF() <= 340
        if self.settings.stream != "main" and "sub" in camera.streams and (self.settings.stream == "sub" or small):
            return "sub"
        return "main" if "main" in camera.streams or not camera.streams else camera.streams[0]

    def _shown(self) -> list[Cell]:
        return [cell for cell in self._cells if cell is not None]

    def _pictures(self) -> list[Shown]:
        em = self.host.text_px
        return [c.shown or whole_of(c.camera_id, QRectF(c.picture_rect(em))) for c in self._shown()]

    def _mark(self) -> None:
        """Badges of the events, and the outline of what is selected."""
        language = self.host.language
        cameras, sensors = self.host.entities(Camera), self.host.entities(Sensor)
        seen = events([c.camera_id for c in self._shown()], cameras, self._groups, sensors, self.settings.near_m)
        cls, _, selected = self.host.selection.partition(":")
        causes = {a.sensor: g for g in self._groups for a in g.all}
        for cell in self._shown():
            camera = cameras.get(cell.camera_id)
            cell.name = camera.name.of(language) if camera is not None else cell.camera_id
            cell.away, cell.brief = self._away(camera), self.host.role == "wall"
            alarm = seen.get(cell.camera_id)
            cell.event = _event(alarm, sensors, language) if alarm is not None else None
            same = alarm is not None and cls == "sensor" and causes.get(selected) is causes.get(alarm.sensor)
            cell.outlined = (cls == "camera" and selected == cell.camera_id) or (
                same and alarm is not None and causes.get(selected) is not None
            )
        waiting = any(c.event is not None and not c.event.acknowledged and not c.event.returned for c in self._shown())
        blink.hold(self, waiting)

    def _away(self, camera: Camera | None) -> str:
        """How far from the incident, "" where nothing is asked about or nobody knows."""
        subject = self._asking.subject
        if subject is None or camera is None:
            return ""
        return distance_text(subject.distance_m(camera.lon, camera.lat))

    def _tell_header(self) -> None:
        cells = self._shown()
        cameras = self.host.entities(Camera)
        infrared = any(cameras[c.camera_id].infrared for c in cells if c.camera_id in cameras)
        word = {
            "alarm": translate("Video", "by alarm"),
            "selected": translate("Video", "fixed"),
            "rotate": translate("Video", "in turn"),
        }[self.settings.mode]
        if self._asking.subject is not None:
            word = translate("Video", "nearest first")
        states = [cell.feed.state for cell in cells]
        oldest = min((c.feed.last_t_ns for c in cells if c.feed.last_t_ns), default=0)
        bad = (
            self._context == LIVE
            and bool(states)
            and all(s in (PictureState.STALE, PictureState.LOST) for s in states)
            and oldest
        )
        header = Header(
            scope=self._asking.words(f"{word} · {len(cells)} / {len(cameras)}") if cameras else "",
            marks=(translate("Video", "infrared"),) if infrared and self._context == LIVE else (),
            data_ns=oldest if bad else 0,
            freshness=Freshness.STALE if bad else Freshness.LIVE,
            direct=bool(cells),
        )
        if header != self._header:
            self._header = header
            self.host.header(header)

    # ------------------------------------------------------------------ geometry

    def _lay_out(self) -> None:
        rows, columns = self._shape
        em, ratio = self.host.text_px, self.devicePixelRatioF()
        gap = max(1, round(em / 13))
        for i, cell in enumerate(self._cells):
            if cell is not None:
                cell.spanned = self.host.spanned
                cell.head = bar_over(self) if cell.spanned is not None else 0
                cell.place(self._cell_rect(i, rows, columns, gap), em, ratio)

    def _cell_rect(self, index: int, rows: int, columns: int, gap: int) -> QRect:
        row, column = divmod(index, max(1, columns))
        x0, x1 = (round(self.width() * c / columns) for c in (column, column + 1))
        y0, y1 = (round(self.height() * r / rows) for r in (row, row + 1))
        return QRect(x0, y0, x1 - x0 - (gap if column < columns - 1 else 0), y1 - y0 - (gap if row < rows - 1 else 0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other sizes, perhaps another number of cells."""
        self._choose()
        self._mark()
        super().resizeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Feeds run only while they are seen."""
        super().showEvent(event)
        self._groups = alarm_groups(self.host.entities(Alarm).values(), self.host.entities(Sensor))
        self._choose()
        self._mark()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let go of the feeds: a picture that nobody sees costs nothing."""
        super().hideEvent(event)
        self._empty()

    def _empty(self) -> None:
        for cell in self._shown():
            self._drop(cell)
        self._cells = [None] * len(self._cells)
        blink.hold(self, False)

    # ------------------------------------------------------------------ painting

    def _changed(self, cell: Cell, whole: bool) -> None:
        self._dirty.add(cell)
        if whole:
            self._dirty_whole.add(cell)
        if not self._gather.isActive():
            self._gather.start()

    def _repaint_dirty(self) -> None:
        em = self.host.text_px
        region = QRegion()
        for cell in self._dirty:
            region += cell.rect if cell in self._dirty_whole else cell.picture_rect(em)
        if self._dirty_whole:
            self._lay_out()  # a first picture tells its true aspect
        self._dirty.clear()
        self._dirty_whole.clear()
        self.update(region)

    def _blinked(self, _on: object) -> None:
        # while pictures flow they repaint the badge with every frame; a standing one needs this
        for cell in self._shown():
            if cell.event is not None and cell.feed.state is not PictureState.LIVE:
                self.update(cell.picture_rect(self.host.text_px))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        em, now_ns = self.host.text_px, self.host.now_ns
        exposed = event.region()
        whole = exposed.contains(self.rect())
        if whole or not self._shown():
            p.fillRect(event.rect(), look.tokens.canvas)
        if not self._cells or not self.host.entities(Camera):
            self._paint_empty(p)
            return
        for i, cell in enumerate(self._cells):
            if cell is None:
                if whole:
                    rect = self._cell_rect(i, *self._shape, max(1, round(em / 13)))
                    p.fillRect(rect, look.tokens.tile)
            elif exposed.intersects(cell.rect):
                bar = exposed.intersects(cell.bar_rect(em))
                if bar and self.host.role == "wall":
                    cell.bar_end = right_of(self, cell.bar_rect(em))
                cell.paint(p, em, now_ns, self.host.language, blink.on, bar)

    def _paint_empty(self, p: QPainter) -> None:
        t = look.tokens
        p.fillRect(self.rect(), t.tile)
        p.setPen(t.text)
        p.setFont(font(self.px(20)))
        middle = QRectF(self.rect()).adjusted(self.px(12), 0, -self.px(12), 0)
        top = middle.center().y() - self.px(26)
        row = QRectF(middle.left(), top, middle.width(), self.px(28))
        draw_elided(p, row, CENTRE, translate("Video", "No cameras"))
        p.setPen(t.text2)
        p.setFont(font(self.px(12)))
        row.translate(0, self.px(30))
        draw_elided(p, row, CENTRE, translate("Video", "Cameras that a source declares appear here."))

    # ------------------------------------------------------------------ hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the camera under the pointer."""
        self.setFocus()
        if camera := self.act_at(event.position().x(), event.position().y()):
            self.host.select(f"camera:{camera}")
        else:
            super().mousePressEvent(event)

    def act_at(self, x: float, y: float) -> str:
        """The camera there, "" none."""
        here = QPointF(x, y).toPoint()
        return next((cell.camera_id for cell in self._shown() if cell.rect.contains(here)), "")

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Enlarge, or go back."""
        for cell in self._shown():
            if cell.rect.contains(event.position().toPoint()):
                self._enlarge("" if self._alone else cell.camera_id)
                return

    def event(self, event: QEvent) -> bool:
        """While one picture is enlarged Esc means this panel, not the console's way back."""
        if event.type() is not QEvent.Type.ShortcutOverride or not self._alone or not isinstance(event, QKeyEvent):
            return super().event(event)
        event.setAccepted(event.key() == Qt.Key.Key_Escape)
        return event.isAccepted()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Enter, Esc."""
        key = Qt.Key(event.key())
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self._shape[1],
            Qt.Key.Key_Down: self._shape[1],
        }
        here = self._cursor()
        if key in steps and not self._alone:
            there = here + steps[key] if here >= 0 else 0
            if 0 <= there < len(self._cells) and (cell := self._cells[there]) is not None:
                self.host.select(f"camera:{cell.camera_id}")
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and (self._alone or here >= 0):
            cell = self._cells[max(0, here)]
            self._enlarge("" if self._alone or cell is None else cell.camera_id)
        elif key == Qt.Key.Key_Escape and self._alone:
            self._enlarge("")
        else:
            super().keyPressEvent(event)

    def _cursor(self) -> int:
        """The outlined cell, −1 where none is."""
        return next((i for i, c in enumerate(self._cells) if c is not None and c.outlined), -1)

    def _enlarge(self, camera_id: str) -> None:
        self._alone = camera_id
        self._choose()
        self._mark()
        self._tell_header()
        self.update()

    # ------------------------------------------------------------------ console.api.Panel

    def configure(self, settings: Any) -> None:
        """Take new settings, or the same after a change of language."""
        super().configure(settings)
        self._asking = Asking(self.host, settings.about)
        self._choose()
        self._mark()
        self._tell_header()

    def view_state(self) -> dict[str, Any]:
        """Which camera is enlarged."""
        return {"alone": self._alone}

    def restore(self, state: dict[str, Any]) -> None:
        """Enlarge it again, once it is known."""
        alone = state.get("alone", "")
        if isinstance(alone, str):
            self._alone = alone

    def evidence(self) -> Any:
        """Which cameras are shown, how each stands and when its picture was decoded (UTC ns)."""
        return [
            {
                "camera": c.camera_id,
                "state": c.feed.state.value,
                "t_ns": c.feed.last_t_ns,
                "why": reason_text(c.feed.detail),
            }
            for c in self._shown()
        ]

    def close_panel(self) -> None:
        """End feeds and timer."""
        self._gather.stop()
        self._empty()
        blink.changed.disconnect(self._blinked)
        super().close_panel()


def _event(alarm: Alarm, sensors: Any, language: str) -> Event:
    sensor: Sensor = sensors[alarm.sensor]
    words = sensor.alarm_text.of(language)
    if not words and 0 <= alarm.limit < len(sensor.limits):
        words = sensor.limits[alarm.limit].name.of(language)
    return Event(
        priority=alarm.priority if 1 <= alarm.priority <= 4 else 4,
        words=words or sensor.name.of(language),
        acknowledged=alarm.state is AlarmState.ACKNOWLEDGED,
        returned=alarm.state is AlarmState.RETURNED,
    )
