"""The alarm strip: the first alarm as one filled block with its acts, four more as chips, the rest a number.

Always there and always live; it knows groups of alarms and no panel.
"""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from console.api import Alarm, AlarmState, Area, Freshness, Latest, Selector, Sensor
from console.shell.access.page import Page
from console.shell.alarm_acts import AlarmActs
from console.shell.bar_signs import paint_broken_glass, paint_simulated
from console.shell.ports import Drained
from console.shell.screens import ScreenStyle
from console.shell.session import Session
from console.shell.strip_paint import Button, HeadPainter, StripItem, chip_px, paint_chip
from widgets.kit.alarm_groups import AlarmGroup, waiting
from widgets.kit.blink import blink
from widgets.kit.names import place_of, subject_of, what_of
from widgets.kit.shapes import paint_plug
from widgets.kit.targets import Targets
from widgets.kit.text import age_text, clock_text, draw_elided, duration_text, font, text_width, value_text
from widgets.kit.tokens import look

_MIDDLE: Final = Qt.AlignmentFlag.AlignVCenter
_ONE_LINE: Final = Qt.AlignmentFlag.AlignVCenter.value | Qt.TextFlag.TextSingleLine.value
CHIPS: Final = 4


class AlarmStrip(QWidget):
    """48 px under the top bar (56 in a vehicle)."""

    def __init__(self, session: Session, acts: AlarmActs, style: ScreenStyle) -> None:
        super().__init__()
        self._session = session
        self._acts = acts
        self._style = style
        self._hits = Targets(style.target_px)
        self._head = HeadPainter(style, style.strip_px)
        self._wanted: tuple[str, ...] = ()
        self._latest: dict[str, tuple[float, int, float]] = {}
        self._rang: set[str] = set()
        self.setFixedHeight(style.strip_px)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        blink.changed.connect(self._blinked)
        session.mute_changed.connect(self.update)
        session.covered.connect(self._turned)

    # ------------------------------------------------------------------ what changed

    def refresh(self, drained: Drained, *, second: bool) -> None:
        """Follow the alarms; values of the shown ones are subscribed for."""
        alarms = bool(drained.entities & {"alarm", "sensor", "area"}) or drained.seeked
        if alarms or second:
            # once a second too: a strip made after the alarms were told has seen no change of them
            self._follow()
        if alarms:
            self._ring()
        # values move on with the clock: one repaint a second, beside the blinking, is what an eye can read
        if alarms or second or drained.link_changed:
            self._read()
            self.update()

    def _turned(self, _page: Page) -> None:
        self.update()

    def _blinked(self, _on: bool) -> None:
        if self._acts.first() is not None:
            self.update()

    def _follow(self) -> None:
        shown = tuple(group.head.sensor for group in self._shown())
        if shown != self._wanted:
            self._wanted = shown
            if shown:
                self._session.desk.watch(self, Selector(ids=shown))
            else:
                self._session.desk.release(self)
        blink.hold(self, any(group.unacknowledged for group in self._session.groups))

    def _read(self) -> None:
        got: Latest = self._session.desk.latest(self._wanted)
        values = got.v[:, 0] if got.v.ndim == 2 else got.v
        self._latest = {
            sensor: (float(values[i]), int(got.t_ns[i]), float(got.rate_per_s[i]))
            for i, sensor in enumerate(self._wanted)
        }

    def _ring(self) -> None:
        """A sound for each new alarm of the two highest priorities, unless silenced."""
        loud = {g.head.id for g in self._session.groups if g.unacknowledged and g.head.priority <= 2}
        if loud - self._rang and not self._session.muted_s:
            QApplication.beep()
        self._rang = loud

    def _shown(self) -> list[AlarmGroup]:
        head = self._acts.first()
        rest = [group for group in self._session.groups if group is not head]
        return ([head] if head is not None else []) + rest[:CHIPS]

    def close_strip(self) -> None:
        """End its subscription and its blinking."""
        self._session.desk.release(self)
        blink.hold(self, False)

    # ------------------------------------------------------------------ what it says

    def _what(self, alarm: Alarm, sensor: Sensor) -> str:
        language = self._session.language.code
        place = place_of(sensor, self._session.desk.entities(Area), language)
        return f"{place} {what_of(alarm, sensor, language)}".strip()

    def _item(self, group: AlarmGroup) -> StripItem:
        """The group's first alarm that waits, or else its head, in words."""
        alarm = next((a for a in group.all if waiting(a)), group.head)
        desk, language = self._session.desk, self._session.language.code
        sensor = desk.entities(Sensor).get(alarm.sensor) or Sensor(id=alarm.sensor)
        value, sign = self._value(alarm, sensor)
        act = sensor.first_act.of(language)
        if act:
            act = QCoreApplication.translate("AlarmStrip", "First act: {act}").format(act=act)
        age_s = (desk.now_ns - alarm.raised_ns) / 1e9
        return StripItem(
            sensor=sensor.id,
            priority=alarm.priority if 1 <= alarm.priority <= 4 else 4,
            what=self._what(alarm, sensor),
            place=subject_of(sensor, language),
            value=value,
            unit=sensor.unit if value and not sensor.states else "",
            sign=sign,
            age=duration_text(age_s, language) if alarm.raised_ns else "",
            act=act,
            fault=self._fault_age(sensor.id),
            waiting=group.unacknowledged,
            returned=alarm.state is AlarmState.RETURNED,
            mark=self._acts.mark_of(group),
        )

    def _value(self, alarm: Alarm, sensor: Sensor) -> tuple[str, int]:
        """The newest value in words and the sign of its rate."""
        if self._locked:
            return "", 0  # samples come to a locked screen no more, and what it was raised with is not what is now
        v, _t_ns, rate = self._latest.get(alarm.sensor, (math.nan, 0, math.nan))
        if not math.isfinite(v):
            v = alarm.value if alarm.value is not None else math.nan
        if sensor.states and math.isfinite(v) and 0 <= int(v) < len(sensor.states):
            return sensor.states[int(v)].of(self._session.language.code), 0
        # a change of less than half the last digit a minute is no trend
        steady = 0.5 * 10.0**-sensor.digits / 60
        sign = 0 if not math.isfinite(rate) or abs(rate) < steady else (1 if rate > 0 else -1)
        return value_text(v, sensor.digits), sign

    def _fault_age(self, sensor_id: str) -> str:
        state = self._session.desk.freshness(sensor_id)
        if self._locked and state is Freshness.STALE:
            return ""  # it was told to come no more
        if state not in (Freshness.STALE, Freshness.DISCONNECTED):
            return ""
        t_ns = self._latest.get(sensor_id, (math.nan, 0, math.nan))[1]
        return age_text((self._session.desk.now_ns - t_ns) / 1e9, self._session.language.code) if t_ns else "—"

    # ------------------------------------------------------------------ painting

    @property
    def _covered(self) -> bool:
        """Whether nobody may act here now: the strip goes on, without its buttons."""
        return self._session.page is not Page.NONE

    @property
    def _locked(self) -> bool:
        return self._session.page is Page.LOCKED

    def paintEvent(self, event: QPaintEvent) -> None:
        t, s = look.tokens, self._style.scale
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        p.fillRect(self.rect(), t.tile)
        self._hits.clear()
        right = self._paint_silence(p, self.width() - 14 * s)
        if not self._style.top_bar:
            if self._session.link.simulated:
                right = paint_simulated(p, right, self.height(), s)
            right = paint_broken_glass(p, self._session, right, self.height(), s)
        head = self._acts.first()
        rest = [group for group in self._session.groups if group is not head]
        up = self._session.link.up
        # with alarms on it each reading bears its own age; an empty strip must not look calm
        x = self._paint_cut(p, right) if not up and not self._session.groups else 0.0
        if head is not None:
            x = self._head.paint(p, x, right, self._item(head), self._buttons(), self._hits)
            self._acts.painted(() if self._covered else (alarm.id for alarm in head.all))
        else:
            self._acts.painted(())
            if up:
                x = self._paint_calm(p, right, bool(rest))
        self._paint_chips(p, x, right, rest)

    def _buttons(self) -> list[Button]:
        if self._covered:
            return []
        return [
            Button(key="A", word=QCoreApplication.translate("AlarmStrip", "Ack"), command="alarm.acknowledge"),
            Button(key="V", word=QCoreApplication.translate("AlarmStrip", "View"), command="alarm.cameras"),
            Button(key="N", word=QCoreApplication.translate("AlarmStrip", "Next"), command="alarm.next"),
        ]

    def _paint_cut(self, p: QPainter, right: float) -> float:
        t, s = look.tokens, self._style.scale
        newest = self._session.link.last_data_ns
        if newest:
            said = QCoreApplication.translate("AlarmStrip", "Link cut: alarms as of {time}")
            text = said.format(time=clock_text(newest))
        else:
            text = QCoreApplication.translate("AlarmStrip", "No alarm known yet: waiting for the node")
        px = 14 * s
        if self._session.starting:
            p.setFont(font(16 * s))
            p.setPen(t.text2)
            draw_elided(p, QRectF(14 * s, 0, right - 14 * s, self.height()), _MIDDLE, text)
            return right
        box = QRectF(0, 0, min(right, text_width(text, px, True) + 52 * s), self.height())
        p.fillRect(box, t.fault_fill)
        paint_plug(p, QRectF(14 * s, box.center().y() - 10 * s, 20 * s, 20 * s), t.fault_fill_text)
        p.setFont(font(px, bold=True))
        p.setPen(t.fault_fill_text)
        draw_elided(p, box.adjusted(42 * s, 0, -4 * s, 0), _MIDDLE, text)
        return box.right()

    def _paint_calm(self, p: QPainter, right: float, others: bool) -> float:
        t, s = look.tokens, self._style.scale
        access = self._session.desk.access
        if not access.person and not others:
            text = QCoreApplication.translate("AlarmStrip", "Nobody is logged in: no alarm is shown here")
        elif self._session.unseen and not others:
            text = QCoreApplication.translate("AlarmStrip", "Your role shows no alarm here")
        elif not others and not self._session.link.last_data_ns:
            text = QCoreApplication.translate("AlarmStrip", "No data yet, so no alarm can be known")
        elif others:
            text = QCoreApplication.translate("AlarmStrip", "All acknowledged")
        else:
            text = QCoreApplication.translate("AlarmStrip", "No alarm to handle")
        px = 16 * s
        p.setFont(font(px))
        p.setPen(t.text2)
        x = 14 * s
        p.drawText(QRectF(x, 0, right - x, self.height()), _ONE_LINE, text)
        x += text_width(text, px) + 24 * s
        last = self._last_closed()
        if last and not others:
            p.setFont(font(13 * s))
            p.setPen(t.muted)
            draw_elided(p, QRectF(x, 0, right - x, self.height()), _MIDDLE, last)
        return x

    def _last_closed(self) -> str:
        closed = self._acts.closed_alarms()
        if not closed:
            return ""
        alarm = closed[0]
        sensor = self._session.desk.entities(Sensor).get(alarm.sensor)
        said = QCoreApplication.translate("AlarmStrip", "Last {raised} {what}, closed {ended}")
        return said.format(
            raised=clock_text(alarm.raised_ns, seconds=False),
            what=self._what(alarm, sensor) if sensor else alarm.id,
            ended=clock_text(alarm.ended_ns, seconds=False),
        )

    def _paint_chips(self, p: QPainter, x: float, right: float, groups: list[AlarmGroup]) -> None:
        s = self._style.scale
        painted = 0
        for group in groups[:CHIPS]:
            item = self._item(group)
            width = chip_px(item, s)
            if x + width > right - 44 * s:
                break
            box = QRectF(x, 0, width, self.height())
            paint_chip(p, box, item, s)
            self._hits.add(box, f"select sensor:{item.sensor}")
            x += width
            painted += 1
        if len(groups) > painted:
            p.setFont(font(14 * s))
            p.setPen(look.tokens.text2)
            p.drawText(QRectF(x + 12 * s, 0, 60 * s, self.height()), _ONE_LINE, f"+{len(groups) - painted}")

    def _paint_silence(self, p: QPainter, right: float) -> float:
        s = self._style.scale
        left_s = self._session.muted_s
        if left_s:
            said = QCoreApplication.translate("AlarmStrip", "Muted {span}")
            text = said.format(span=duration_text(left_s, self._session.language.code))
        else:
            text = QCoreApplication.translate("AlarmStrip", "Sound on")
        if self._session.replaying:
            text = QCoreApplication.translate("AlarmStrip", "Live") + " · " + text
        width = text_width(text, 13 * s)
        p.setFont(font(13 * s))
        p.setPen(look.tokens.text2)
        p.drawText(QRectF(right - width, 0, width + 4, self.height()), _ONE_LINE, text)
        self._hits.add(QRectF(right - width - 8 * s, 0, width + 22 * s, self.height()), "run sound.mute")
        return right - width - 16 * s

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._covered:
            return
        verb, _, what = self.act_at(event.position().x(), event.position().y()).partition(" ")
        if verb == "run":
            self._session.commands.run(what)
        elif verb:
            self._session.select(what)

    def act_at(self, x: float, y: float) -> str:
        """What a press there does, "" nothing."""
        return self._hits.at(QPointF(x, y))
