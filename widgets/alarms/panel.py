"""The alarm list: groups of one cause, most urgent first, with a foot of counts; acts go through commands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.api import NS, Alarm, AlarmState, Area, Frame, Header, Host, Incident, Selector, Sensor, Shift, Text
from widgets.alarms.rows import Row, row_of
from widgets.alarms.spec import AlarmsSettings
from widgets.alarms.wall import ONE, badge_end, paint_wall_empty, paint_wall_row, row_px
from widgets.kit.acts import act_mark_px, act_of, paint_act_mark
from widgets.kit.afar import Caption
from widgets.kit.alarm_groups import SHOWN, AlarmGroup, alarm_groups
from widgets.kit.areas import below
from widgets.kit.blink import blink
from widgets.kit.body import PanelBody
from widgets.kit.lists import PaintedList
from widgets.kit.names import place_of, what_of
from widgets.kit.shapes import fault_chip_rect, paint_badge, paint_fault_chip, paint_trend
from widgets.kit.subject import Asking
from widgets.kit.text import clock_text, draw_elided, duration_text, font, text_width
from widgets.kit.tokens import look

translate = QCoreApplication.translate
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
RATE_SPAN_S = 3600
RATE_BINS = 30
NEWEST_OF = 20
"""The header's age is that of the newest sample among so many of the first rows."""
FLOOD_PER_10_MIN = 10
"""More than this in ten minutes is a flood (ISA-18.2): the dashed line of the foot."""


class AlarmList(PaintedList):
    """The rows; `closed` stand where there are none."""

    def __init__(self, owner: AlarmsPanel) -> None:
        super().__init__()
        self._owner = owner

    def paint_row(self, p: QPainter, rect: QRectF, index: int, selected: bool) -> None:
        row, px, t = self._owner.row(index), self._owner.px, look.tokens
        if self._owner.host.role == "wall":
            paint_wall_row(p, rect, row, self._owner.host.text_px)
            return
        x, top = rect.left() + px(8), rect.top()
        badge = QRectF(x, top + px(12), px(28), px(28))
        unacknowledged = row.state is AlarmState.UNACKNOWLEDGED
        filled = unacknowledged and blink.on
        paint_badge(p, badge, row.priority, filled=filled, check=row.state is AlarmState.RETURNED, ground=t.tile)
        if p.clipBoundingRect().right() <= badge.right() + px(12):
            return  # its badge alone blinks
        ink = t.priority[row.priority].line
        right = rect.right() - px(10)
        wide = self._paint_value(p, row, QRectF(rect.left(), top + px(10), right - rect.left(), px(30)), ink)
        text_left = x + px(44)
        p.setFont(font(px(14), bold=True))
        p.setPen(t.text)
        title = QRectF(text_left, top + px(12), right - text_left - wide - px(10), px(22))
        draw_elided(p, title, LEFT, row.title)
        p.setFont(font(px(12)))
        p.setPen(t.text2)
        standing = text_width(row.standing, px(12)) + px(12)
        mark = self._paint_mark(p, row, QPointF(right - standing, top + px(49)))
        draw_elided(p, QRectF(text_left, top + px(36), right - text_left - standing - mark, px(18)), LEFT, row.limit)
        draw_elided(p, QRectF(right - standing, top + px(40), standing, px(18)), RIGHT, row.standing)
        if row.late:
            chip = fault_chip_rect(QPointF(0, 0), row.late, font(px(11)))
            at = QPointF(right - chip.width(), top + px(69))
            right -= paint_fault_chip(p, at, row.late, font(px(11))).width() + px(8)
        p.setPen(t.text)
        draw_elided(p, QRectF(text_left, top + px(57), right - text_left, px(18)), LEFT, row.act)

    def _paint_mark(self, p: QPainter, row: Row, right_middle: QPointF) -> float:
        """What became of the act done here, left of a point; returns how much room it took."""
        if row.mark is None:
            return 0.0
        words = font(self._owner.px(12), bold=True)
        width = act_mark_px(row.mark, words)
        paint_act_mark(p, right_middle - QPointF(width, 0), row.mark, words, look.tokens.text)
        return width + self._owner.px(10)

    def _paint_value(self, p: QPainter, row: Row, line: QRectF, ink: Any) -> float:
        """Value, unit and arrow at the right end of `line`; returns their width."""
        px, t = self._owner.px, look.tokens
        right = line.right()
        if row.trend:
            side = px(13)
            paint_trend(p, QRectF(right - side, line.center().y() - side / 2, side, side), row.trend, ink)
            right -= side + px(5)
        if row.unit:
            p.setFont(font(px(12)))
            p.setPen(t.text2)
            width = text_width(row.unit, px(12))
            p.drawText(QPointF(right - width, line.center().y() + px(7)), row.unit)
            right -= width + px(5)
        value = row.value or "—"
        p.setFont(font(px(20), bold=True))
        p.setPen(ink if row.value else t.muted)
        width = text_width(value, px(20), bold=True)
        p.drawText(QPointF(right - width, line.center().y() + px(7)), value)
        return line.right() - right + width

    def paint_empty(self, p: QPainter, rect: QRectF) -> None:
        px, t = self._owner.px, look.tokens
        x, width = rect.left() + px(12), rect.width() - px(24)
        if self._owner.host.role == "wall":
            paint_wall_empty(p, rect, self._owner.host.text_px, self._owner.nothing(), self._owner.closed())
            return
        p.setFont(font(px(20)))
        p.setPen(t.text)
        draw_elided(p, QRectF(x, px(22), width, px(28)), LEFT, self._owner.nothing())
        p.setFont(font(px(12)))
        p.setPen(t.text2)
        hint = translate("Alarms", "New alarms appear here and in the strip above. N jumps to the most urgent.")
        draw_elided(p, QRectF(x, px(54), width, px(20)), LEFT, hint)
        closed = self._owner.closed()
        if not closed:
            return
        p.fillRect(QRectF(rect.left(), px(86), rect.width(), 1), t.line)
        p.setPen(t.muted)
        head = translate("Alarms", "Closed last: {count}").format(count=len(closed))
        draw_elided(p, QRectF(x, px(88), width, px(26)), LEFT, head)
        for i, (when, what, lasted) in enumerate(closed):
            y = px(114 + 34 * i)
            p.fillRect(QRectF(rect.left(), y, rect.width(), 1), t.line)
            p.setPen(t.text2)
            p.setFont(font(px(12)))
            draw_elided(p, QRectF(x, y, px(44), px(34)), LEFT, when)
            draw_elided(p, QRectF(x, y, width, px(34)), RIGHT, lasted)
            p.setPen(t.text)
            room = width - px(48) - text_width(lasted, px(12)) - px(10)
            draw_elided(p, QRectF(x + px(48), y, room, px(34)), LEFT, what)


class Foot(QWidget):
    """Counts, and how many alarms came in the last hour."""

    def __init__(self, owner: AlarmsPanel) -> None:
        super().__init__()
        self._owner = owner
        self.setFixedHeight(round(owner.px(36)))

    def paintEvent(self, event: QPaintEvent) -> None:
        p, px, t = QPainter(self), self._owner.px, look.tokens
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.fillRect(event.rect(), t.tile)
        p.fillRect(0, 0, self.width(), 1, t.line)
        rate = translate("Alarms", "{count} in 10 min").format(count=self._owner.recent)
        p.setFont(font(px(12)))
        p.setPen(t.text)
        wide = text_width(rate, px(12))
        box = QRectF(px(10), 0, self.width() - px(20), self.height())
        draw_elided(p, box, RIGHT, rate)
        spark = QRectF(box.right() - wide - px(90), px(8), px(80), self.height() - px(16))
        p.setPen(t.text2)
        counts = self._owner.counts
        roomy = box.left() + text_width(counts, px(12)) + px(12) < spark.left()
        if roomy:
            self._spark(p, spark)
        end = spark.left() if roomy else box.right() - wide
        draw_elided(p, QRectF(box.left(), 0, end - box.left() - px(8), box.height()), LEFT, counts)

    def _spark(self, p: QPainter, box: QRectF) -> None:
        t, bins = look.tokens, self._owner.rate_bins
        top = max(FLOOD_PER_10_MIN, *bins)
        pen = QPen(t.muted, 1, Qt.PenStyle.DashLine)
        p.setPen(pen)
        limit = box.bottom() - box.height() * FLOOD_PER_10_MIN / top
        p.drawLine(QPointF(box.left(), limit), QPointF(box.right(), limit))
        step = box.width() / max(1, len(bins) - 1)
        points = [QPointF(box.left() + i * step, box.bottom() - box.height() * n / top) for i, n in enumerate(bins)]
        p.setPen(QPen(t.data, 1.4))
        p.drawPolyline(QPolygonF(points))
        p.setBrush(t.data)
        p.drawEllipse(points[-1], 2, 2)


class AlarmsPanel(PanelBody[AlarmsSettings]):
    """See the module. Selecting a row selects its sensor; Enter opens the graph; A acknowledges by command."""

    title = Text("报警", "Alarms")

    def __init__(self, host: Host, settings: AlarmsSettings) -> None:
        super().__init__(host, settings)
        self._alarms: list[Alarm] = []
        self._groups: list[AlarmGroup] = []
        self._rows: dict[int, Row] = {}
        self.counts = ""
        self.recent = 0
        self.rate_bins = [0] * RATE_BINS
        self._list = AlarmList(self)
        self._list.whole_rows_only = host.role == "wall"
        self._foot = Foot(self)
        self._caption = Caption(lambda: host.text_px)
        self._asking = Asking(host, settings.about)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._caption)
        column.addWidget(self._list, 1)
        column.addWidget(self._foot)
        self._foot.setVisible(host.role != "wall")  # counts of an hour are nothing to be read from afar
        self._list.chosen.connect(self._chosen)
        self._list.opened.connect(lambda _key: host.command("chart.show"))
        blink.changed.connect(self._blinked)
        self._subscribed: tuple[str, ...] = ()
        self._second = -1
        self._high = 0.0
        self.setFocusProxy(self._list)

    # ------------------------------------------------------------------ frames

    def update_frame(self, frame: Frame) -> None:
        self.now_ns = frame.now_ns
        changed = frame.seeked or bool(frame.entities & {Alarm.CLS, Sensor.CLS, Area.CLS, Incident.CLS})
        if changed or frame.selection_changed:
            changed = self._asking.look() or changed
        if changed:
            self._regroup()
        second = frame.now_ns // NS
        # an alarm shows at once, its value once a second: in a flood of alarms there are hundreds of rows to word
        if changed or second != self._second:
            self._second = second
            self._fill()
        if frame.selection_changed or frame.seeked:
            self._select()

    def _regroup(self) -> None:
        sensors = self.host.entities(Sensor)
        alarms = self.host.entities(Alarm)
        subject = self._asking.subject
        if subject is not None:
            inside = [alarm for alarm in alarms.values() if subject.has(alarm, sensors.get(alarm.sensor))]
        else:
            inside = self._inside(alarms.values(), sensors)
        self._alarms = inside
        self._groups = alarm_groups(inside, sensors)
        ids = tuple(dict.fromkeys(group.head.sensor for group in self._groups))
        if ids != self._subscribed:
            self._subscribed = ids
            self.host.subscribe(Selector(ids=ids)) if ids else self.host.subscribe()
        blink.hold(self, any(a.state is AlarmState.UNACKNOWLEDGED for g in self._groups for a in (g.head,)))

    def _inside(self, alarms: Iterable[Alarm], sensors: Mapping[str, Sensor]) -> list[Alarm]:
        """Those of sensors in the area of the settings; a sensor that is not known here always stands in it."""
        if not self.settings.area:
            return list(alarms)
        wanted = below(self.settings.area, self.host.entities(Area))
        return [a for a in alarms if a.sensor not in sensors or sensors[a.sensor].area in wanted]

    def _fill(self) -> None:
        self._rows.clear()
        keys = [group.head.id for group in self._groups]
        high = self.px(88) if self.host.role != "wall" else self._wall_px(len(keys))
        if list(self._list.keys) != keys or not keys or high != self._high:
            self._high = high
            self._list.set_rows(keys, high)
        else:
            self._list.viewport().update()
        self._count()
        shown = sum(len(group.all) for group in self._groups)
        open_groups = sum(group.unacknowledged for group in self._groups)
        scope = translate("Alarms", "{groups} groups of {alarms}, {open} not acked")
        if not keys:
            scope = translate("Alarms", "none open")
        scope = self._asking.words(scope.format(groups=len(keys), alarms=shown, open=open_groups))
        newest = self.host.latest([group.head.sensor for group in self._groups[:NEWEST_OF]]).t_ns
        self.host.header(
            Header(
                scope=scope,
                data_ns=int(newest.max(initial=0)) or self.host.link.last_data_ns,
            )
        )

    def _wall_px(self, groups: int) -> float:
        """Height of a wall's rows, under a caption where there is room for it."""
        em = self.host.text_px
        if not groups and self._asking.subject is None:
            self._caption.say(0.0)
            return ONE * em
        count = translate("Alarms", "{count} groups").format(count=groups)
        spare = self.height() - min(groups, 3) * ONE * em
        taken = self._caption.say(spare, self._asking.place(), self.title.of(self.host.language), count)
        return row_px(self.height() - taken, groups, em)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.host.role == "wall":
            self._fill()

    def nothing(self) -> str:
        """What an empty list says."""
        place = self._asking.place()
        return translate("Alarms", "No open alarms in {area}").format(area=place) if place else _none()

    def row(self, index: int) -> Row:
        """What row `index` says; worded when it is first painted: in a flood most rows are out of sight."""
        made = self._rows.get(index)
        if made is None:
            group = self._groups[index]
            made = row_of(
                group,
                self.host.entities(Sensor),
                self.host.entities(Area),
                self.host.entities(Incident),
                self.host.latest([group.head.sensor]),
                self.host.freshness(group.head.sensor),
                self.now_ns,
                self.host.language,
                {shift.officer.zh: shift.officer for shift in self.host.entities(Shift).values()},
            )
            mark = act_of(self.host.act(alarm.id) for alarm in group.all)
            made = self._rows[index] = msgspec.structs.replace(made, mark=mark)
        return made

    def _count(self) -> None:
        alarms = self._alarms
        lower = sum(group.head.priority >= 3 for group in self._groups)
        out = sum(a.state in (AlarmState.SHELVED, AlarmState.SUPPRESSED, AlarmState.OUT_OF_SERVICE) for a in alarms)
        same = sum(len(group.members) for group in self._groups)
        text = translate("Alarms", "III and lower {lower}   shelved {out}   merged {same}")
        self.counts = text.format(lower=lower, out=out, same=same)
        ages = [(self.now_ns - a.raised_ns) / NS for a in alarms if a.raised_ns]
        self.recent = sum(0 <= age <= 600 for age in ages)
        bins = [0] * RATE_BINS
        for age in ages:
            if 0 <= age < RATE_SPAN_S:
                bins[-1 - int(age * RATE_BINS / RATE_SPAN_S)] += 1
        self.rate_bins = bins
        self._foot.update()

    def closed(self) -> list[tuple[str, str, str]]:
        """(when, what, how long) of the alarms that ended last, newest first."""
        sensors, areas, language = self.host.entities(Sensor), self.host.entities(Area), self.host.language
        ended = [a for a in self._alarms if a.state not in SHOWN and a.ended_ns]
        made = []
        for alarm in sorted(ended, key=lambda a: -a.ended_ns)[: self.settings.closed]:
            sensor = sensors.get(alarm.sensor)
            what = alarm.sensor
            if sensor is not None:
                what = f"{place_of(sensor, areas, language)} {what_of(alarm, sensor, language)}".strip()
            lasted = translate("Alarms", "lasted {span}")
            span = duration_text((alarm.ended_ns - alarm.raised_ns) / NS, language)
            made.append((clock_text(alarm.raised_ns, seconds=False), what, lasted.format(span=span)))
        return made

    # ------------------------------------------------------------------ acts

    def _chosen(self, key: object) -> None:
        alarm = self.host.entities(Alarm).get(str(key))
        if alarm is not None:
            self.host.select(f"sensor:{alarm.sensor}")

    def _select(self) -> None:
        kind, _, chosen = self.host.selection.partition(":")
        wanted = ""
        for group in self._groups:
            if kind == "sensor" and any(alarm.sensor == chosen for alarm in group.all):
                wanted = group.head.id
        self._list.select(wanted, reveal=bool(wanted))

    def _blinked(self, _on: object) -> None:
        for i, group in enumerate(self._groups):
            if group.head.state is AlarmState.UNACKNOWLEDGED:
                rect = self._list.row_rect(i)
                wide = badge_end(self.host.text_px) if self.host.role == "wall" else self.px(48)
                badge = QRectF(rect.left(), rect.top(), wide, rect.height())
                self._list.viewport().update(badge.toAlignedRect())

    def configure(self, settings: Any) -> None:
        """Take new settings, or the same in another language."""
        super().configure(settings)
        self._asking = Asking(self.host, settings.about)
        self._regroup()
        self._fill()

    def evidence(self) -> Any:
        """The rows as they stand."""
        rows = [self.row(i) for i in range(len(self._groups))]
        return [{"alarm": row.key, "title": row.title, "value": row.value, "unit": row.unit} for row in rows]

    def close_panel(self) -> None:
        """Stop blinking."""
        blink.changed.disconnect(self._blinked)
        blink.hold(self, False)
        super().close_panel()


def _none() -> str:
    return translate("Alarms", "No open alarms")
