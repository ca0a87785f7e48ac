"""The strips: one canvas for all curves, repainting only rows that changed; decides nothing about alarms."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from PySide6.QtCore import QBuffer, QCoreApplication, QIODevice, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QWidget

from console.api import (
    NS,
    Alarm,
    Area,
    EvidenceDraft,
    Frame,
    Freshness,
    Header,
    Host,
    LinkError,
    RefusedError,
    Sensor,
    Text,
)
from widgets.kit.afar import paint_caption
from widgets.kit.alarm_groups import urgency
from widgets.kit.blink import blink
from widgets.kit.covers import right_of
from widgets.kit.minmax import not_ahead
from widgets.kit.names import place_of
from widgets.kit.text import duration_text, text_width, value_text
from widgets.kit.tokens import look
from widgets.strips import layout
from widgets.strips.choice import Choice
from widgets.strips.paint import WALL_VALUE, RowView, RowWords, paint_empty, paint_row
from widgets.strips.rows import SHOWN, Strip, reading, same
from widgets.strips.spec import StripsSettings

RERANK_NS: Final = 5 * NS
RETRY_NS: Final = 3 * NS
TAIL_PX: Final = 8.0
FUTURE_NS: Final = 3600 * NS


class StripsPanel(QWidget):
    """Rows of curves; click or arrow keys select a sensor for the whole console."""

    def __init__(self, host: Host, settings: StripsSettings) -> None:
        super().__init__()
        self._host = host
        self._settings = settings
        self._strips: dict[str, Strip] = {}
        self._order: list[str] = []
        self._choice = Choice(host, settings)
        self._grid = layout.grid(1, 1, 1, host.text_px, host.role)
        self._end_ns = 0
        self._ranked_ns = 0
        self._alarms: dict[str, Alarm] | None = None
        """The most urgent shown alarm of each sensor; None: to be looked for anew."""
        self._ends: dict[tuple[int, int, int, int], int] = {}
        """Where a rectangle ends before what the window lays over it: looked at once a second."""
        self._ends_s = 0
        self._session = 0
        self._said: Header | None = None
        self.painted = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(80, 40)
        look.changed.connect(self._look_changed)
        blink.changed.connect(self._blinked)
        self.configure(settings)

    # ------------------------------------------------------------------ panel

    def configure(self, settings: StripsSettings) -> None:
        """Take other settings, or the same in another language."""
        self._settings = settings
        self._choice = Choice(self._host, settings)
        self._said = None
        self._begin()

    def update_frame(self, frame: Frame) -> None:
        """Append what is new, re-rank at most every five seconds, repaint rows that look different now."""
        self._look_over(frame.now_ns // NS)
        if frame.seeked or Alarm.CLS in frame.entities:
            self._alarms = None
        if frame.seeked or frame.now_ns < self._ranked_ns - FUTURE_NS:
            self._begin()
        other = frame.seeked or frame.selection_changed or frame.entities & {"incident", "area", "sensor"}
        if other and self._choice.asking.look():
            self._begin()
        if frame.entities & {"sensor", "area", "domain"}:
            self._watch()
        if frame.selection_changed:
            if self._settings.mode == "area" and not self._settings.area:
                self._begin()
            self.update()
        self._choice.sweep()
        self._rank(frame.now_ns)
        self._take_samples(frame)
        self._say_header()

    def view_state(self) -> dict[str, Any]:
        """Which rows are shown, in order."""
        return {"order": list(self._order)}

    def restore(self, state: dict[str, Any]) -> None:
        """Show the rows of a kept state until the next ranking."""
        order = [i for i in state.get("order", []) if isinstance(i, str)]
        if order:
            self._show(order)
            self._ranked_ns = self._host.now_ns

    def freeze(self) -> EvidenceDraft:
        """The rows shown with their readings and curves, and the picture."""
        rows = [self._frozen(self._strips[i]) for i in self._order if i in self._strips]
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self.grab().save(buffer, "PNG")
        return EvidenceDraft(
            title=Text("最需看的曲线", "Worst streams"),
            t_ns=self._host.now_ns,
            source=self._host.link.node_name,
            data={"minutes": self._settings.minutes, "rows": rows},
            png=bytes(buffer.data().data()),
        )

    def close_panel(self) -> None:
        """Let go of what outlives the panel."""
        self._session += 1
        look.changed.disconnect(self._look_changed)
        blink.changed.disconnect(self._blinked)
        blink.hold(self, False)
        self._strips.clear()
        self._order.clear()

    @staticmethod
    def _frozen(strip: Strip) -> dict[str, Any]:
        line = strip.curve()
        return {
            "sensor": strip.sensor.id,
            "name": [strip.sensor.name.zh, strip.sensor.name.en],
            "unit": strip.sensor.unit,
            "t_ns": strip.reading.t_ns,
            "value": value_text(strip.reading.v, strip.sensor.digits),
            "curve_t_ns": line.t_ns.tolist(),
            "curve_v": line.v.tolist(),
        }

    # ------------------------------------------------------------------ which rows

    def _begin(self) -> None:
        """Forget everything painted and ask anew."""
        self._session += 1
        self._strips.clear()
        self._order = []
        self._ranked_ns = 0
        self._watch()
        self._host.subscribe(*self._choice.selectors())
        self.update()

    def _watch(self) -> None:
        self._choice.watch()
        for strip in self._strips.values():
            strip.sensor = self._host.entities(Sensor).get(strip.sensor.id, strip.sensor)

    def _rank(self, now_ns: int) -> None:
        if not self._order or not self._ranked_ns <= now_ns < self._ranked_ns + RERANK_NS:
            self._show(self._choice.wanted(self._order))
            self._ranked_ns = now_ns if self._order else 0

    def _show(self, order: list[str]) -> None:
        sensors = self._host.entities(Sensor)
        order = [i for i in order if i in sensors]
        if order == self._order:
            return
        self._order = order
        self._strips = {i: self._strips.get(i) or self._strip(sensors[i]) for i in order}
        self._lay_out()
        self._take_samples(Frame(now_ns=self._host.now_ns, sensors=frozenset(order)))
        self.update()

    # ------------------------------------------------------------------ samples

    @property
    def _span_ns(self) -> int:
        return int(self._settings.minutes * 60 * NS)

    def _strip(self, sensor: Sensor) -> Strip:
        return Strip(sensor, self._columns(), self._span_ns)

    def _columns(self) -> int:
        width = self._parts(self._grid.cell(0)).curve.width()
        return max(16, int(width))

    async def _load(self, strip: Strip, session: int) -> None:
        end_ns = self._host.now_ns + NS
        try:
            found = await self._host.query(strip.sensor.id, end_ns - self._span_ns, end_ns, strip.box.columns)
        except (LinkError, RefusedError):  # cut; or a node just begun that has not heard of its sensors yet
            strip.asked, strip.again_ns = False, self._host.now_ns + RETRY_NS
            return
        if session == self._session and self._strips.get(strip.sensor.id) is strip:
            strip.take_history(not_ahead(found, end_ns))
            self._repaint(strip.sensor.id)

    def _take_samples(self, frame: Frame) -> None:
        """Append what the rings have beyond what each row has seen; note how each row stands."""
        shown = self._order[: self._grid.shown]
        if not shown:
            return
        now_ns = frame.now_ns
        latest = self._host.latest(shown)
        alarms = self._alarms = self._shown_alarms() if self._alarms is None else self._alarms
        for n, id_ in enumerate(shown):
            strip = self._strips[id_]
            if not strip.asked and now_ns >= strip.again_ns:
                strip.asked = True
                self._host.spawn("strips.history", self._load(strip, self._session))
            changed, before = False, (strip.scale(), strip.seen_ns)
            if id_ in frame.sensors or not strip.seen_ns:
                start_ns = strip.seen_ns + 1 if strip.seen_ns else now_ns - self._span_ns
                changed = strip.add(not_ahead(self._host.window(id_, start_ns, now_ns + FUTURE_NS), now_ns))
                if self._take_gaps(strip):
                    before = (strip.scale(), 0)
            stand = reading(
                strip.sensor,
                int(latest.t_ns[n]),
                float(latest.v[n]) if latest.v.ndim == 1 else float("nan"),
                int(latest.q[n]),
                float(latest.rate_per_s[n]),
                self._host.freshness(id_),
                alarms.get(id_),
                now_ns,
            )
            old, strip.reading = strip.reading, stand
            if stand.alarm != old.alarm or stand.freshness is not old.freshness or stand.bad is not old.bad:
                self._repaint(id_)
            elif changed or not same(old, stand, strip.sensor.digits):
                tail = before[1] and before[0] == strip.scale()
                self._repaint(id_, before[1] if tail else 0)
        self._move_time(now_ns)
        blink.hold(self, any(self._blinks(self._strips[i]) for i in shown))

    def _shown_alarms(self) -> dict[str, Alarm]:
        found = (alarm for alarm in self._host.entities(Alarm).values() if alarm.state in SHOWN)
        return {alarm.sensor: alarm for alarm in sorted(found, key=urgency, reverse=True)}

    def _take_gaps(self, strip: Strip) -> bool:
        """Follow the holes that the host knows, and what has come back of them; True where they are others now."""
        gaps = tuple(self._host.gaps(strip.sensor.id))
        if gaps == strip.gaps:
            return False
        for start_ns, end_ns in strip.gaps:
            strip.add(self._host.window(strip.sensor.id, start_ns, end_ns + 1))
        strip.gaps, strip.line = gaps, None
        return True

    def _move_time(self, now_ns: int) -> None:
        """The right edge moves by whole columns; between them only rows with new samples are painted."""
        width_ns = max(1, self._span_ns // self._columns())
        end_ns = (now_ns // width_ns + 1) * width_ns
        if end_ns != self._end_ns:
            self._end_ns = end_ns
            self.update()
        for n, id_ in enumerate(self._order[: self._grid.shown]):
            if self._strips[id_].reading.freshness in (Freshness.STALE, Freshness.DISCONNECTED):
                self.update(self._grid.cell(n).toAlignedRect())

    @staticmethod
    def _blinks(strip: Strip) -> bool:
        return strip.reading.alarm is not None and strip.reading.alarm.state == "B"

    def _say_header(self) -> None:
        times = [s.reading.t_ns for s in self._strips.values() if s.reading.freshness is Freshness.LIVE]
        known = [s.reading.t_ns for s in self._strips.values() if s.reading.t_ns]
        fresh = Freshness.LIVE if times or not self._strips else Freshness.STALE if known else Freshness.NEVER
        span = duration_text(self._settings.minutes * 60, self._host.language)
        header = Header(
            scope=self._choice.asking.words(QCoreApplication.translate("Strips", "last {span}").format(span=span)),
            data_ns=min(times) if times else max(known, default=0),
            freshness=fresh,
        )
        if header != self._said:
            self._said = header
            self._host.header(header)

    # ------------------------------------------------------------------ painting

    def _repaint(self, id_: str, since_ns: int = 0) -> None:
        """Paint a row again; with `since_ns` only its curve from then on and what stands right of it."""
        if id_ not in self._order[: self._grid.shown]:
            return
        cell = self._grid.cell(self._order.index(id_))
        if since_ns:
            curve, strip = self._parts(cell).curve, self._strips[id_]
            back = (self._end_ns - since_ns) / self._span_ns * curve.width() + TAIL_PX * self._scale
            back += 2 * curve.width() / strip.box.columns
            cell.setLeft(max(cell.left(), curve.right() - back))
        self.update(cell.toAlignedRect())

    def _look_changed(self, _tokens: object) -> None:
        self.update()

    def _blinked(self, _on: object) -> None:
        for n, id_ in enumerate(self._order[: self._grid.shown]):
            if self._blinks(self._strips[id_]):
                badge = self._parts(self._grid.cell(n)).badge
                self.update(badge.adjusted(-2, -2, 2, 2).toAlignedRect())

    def _words(self, sensor: Sensor) -> RowWords:
        language = self._host.language
        site, name = sensor.site.of(language), sensor.name.of(language) or sensor.id
        place = place_of(sensor, self._host.entities(Area), language)
        return RowWords(name=site or name, scope=f"{place} {name if site else ''}".strip())

    def _name_w(self) -> float:
        """Room for names: what the widest needs, within bounds, in steps so that it does not twitch."""
        s, cell_w = self._scale, self._grid.cell_w
        px = 13 * s if self._wall else 14 * s
        widest = max((text_width(self._words(x.sensor).name, px) for x in self._strips.values()), default=80 * s)
        most = cell_w * (0.34 if self._wall else 0.32)
        return min(most, max(84 * s, -(-widest // (16 * s)) * 16 * s))

    def _look_over(self, second: int) -> None:
        """Once a second: lay out anew where something else lies over this panel now."""
        if second == self._ends_s:
            return
        self._ends_s = second
        if any(right_of(self, QRect(*rect)) != end for rect, end in self._ends.items()):
            self._lay_out()
            self.update()

    def _end_of(self, row: QRectF) -> int:
        """Where a row ends before the mode's word, which stands on a corner of the screen."""
        rect = row.toAlignedRect()
        key = (rect.x(), rect.y(), rect.width(), rect.height())
        if key not in self._ends:
            self._ends[key] = right_of(self, rect)
        return self._ends[key]

    def _parts(self, cell: QRectF) -> layout.Parts:
        s = self._scale
        if not self._wall:
            return layout.desk_parts(cell, s, self._name_w_now)
        em = 13 * s
        # all rows end where the uppermost does: they share one time
        clear = self._end_of(QRectF(cell.left(), self._grid.top, cell.width(), cell.height()))
        if clear <= cell.right():
            cell = QRectF(cell.left(), cell.top(), clear - em * 0.3 - cell.left(), cell.height())
        return layout.wall_parts(cell, em, self._name_w_now, self._unit_w_now, self._value_w_now)

    @property
    def _wall(self) -> bool:
        return self._host.role == "wall"

    @property
    def _scale(self) -> float:
        return self._host.text_px / 13

    _name_w_now = 84.0
    _unit_w_now = 40.0
    _value_w_now = 80.0

    def _lay_out(self) -> None:
        self._ends.clear()
        count = max(1, min(self._settings.count, len(self._order) or self._settings.count))
        em = self._host.text_px
        top = layout.caption_px(self.height(), count, em) if self._wall else 0.0
        self._grid = layout.grid(self.width(), self.height(), count, em, self._host.role, top)
        s = self._scale
        self._name_w_now = self._name_w()
        units = [x.sensor.unit for x in self._strips.values()]
        self._unit_w_now = max((text_width(u, 13 * s) for u in units), default=0.0) + 4 * s
        self._value_w_now = 5 * WALL_VALUE * s * 0.58
        columns = self._columns()
        for strip in self._strips.values():
            if strip.box.columns != columns + 1:
                strip.resize(columns, self._span_ns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()
        self._take_samples(Frame(now_ns=self._host.now_ns, sensors=frozenset(self._order)))

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        touched = event.region()
        shown = self._order[: self._grid.shown]
        view = self._view()
        kind, _, selected = self._host.selection.partition(":")
        for n, id_ in enumerate(shown):
            cell = self._grid.cell(n)
            if not touched.intersects(cell.toAlignedRect()):
                continue
            strip = self._strips[id_]
            chosen = msgspec.structs.replace(view, selected=kind == "sensor" and selected == id_)
            paint_row(p, cell, self._parts(cell), strip, self._words(strip.sensor), chosen, touched)
        self.painted += 1
        self._paint_rest(p, len(shown), touched)

    def _view(self) -> RowView:
        return RowView(
            s=self._scale,
            wall=self._wall,
            language=self._host.language,
            now_ns=self._host.now_ns,
            end_ns=self._end_ns,
            span_ns=self._span_ns,
        )

    def _paint_rest(self, p: QPainter, shown: int, touched: QRegion) -> None:
        """The ground where no row stands, and what would be here where there is none."""
        t = look.tokens
        whole = QRectF(self.rect())
        words = self._choice.asking.place()
        if not shown:
            paint_empty(p, whole, self._scale, wall=self._wall, area=words)
            return
        line = QRectF(0, 0, whole.width(), self._grid.top)
        if self._grid.top and touched.intersects(line.toAlignedRect()):
            worst = QCoreApplication.translate("Strips", "Worst streams")
            last = QCoreApplication.translate("Strips", "last {span}")
            last = last.format(span=duration_text(self._settings.minutes * 60, self._host.language))
            paint_caption(p, line, self._end_of(line), self._host.text_px, words, worst, last)
        for place in range(shown, self._grid.shown):
            p.fillRect(self._grid.cell(place), t.tile)
        bottom = self._grid.cell(self._grid.rows - 1).bottom()
        p.fillRect(QRectF(0, bottom, whole.width(), max(0.0, whole.height() - bottom)), t.tile)
        right = self._grid.cell(self._grid.shown - 1).right()
        p.fillRect(QRectF(right, 0, max(0.0, whole.width() - right), whole.height()), t.tile)

    # ------------------------------------------------------------------ hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if id_ := self.act_at(event.position().x(), event.position().y()):
            self._select(id_)

    def act_at(self, x: float, y: float) -> str:
        """The stream there, "" none."""
        shown = enumerate(self._order[: self._grid.shown])
        return next((id_ for n, id_ in shown if self._grid.cell(n).contains(QPointF(x, y))), "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        shown = self._order[: self._grid.shown]
        if step is None or not shown:
            super().keyPressEvent(event)
            return
        id_ = self._host.selection.partition(":")[2]
        place = shown.index(id_) + step if id_ in shown else (0 if step > 0 else len(shown) - 1)
        self._select(shown[max(0, min(place, len(shown) - 1))])

    def _select(self, id_: str) -> None:
        self._host.select(f"sensor:{id_}")
        self.update()
