"""The focus chart's panel: asks for history, joins live samples, says what the header says; paints no curve itself."""

from __future__ import annotations

import math
import time
from typing import Any, Final

import msgspec
from PySide6.QtCore import QBuffer, QCoreApplication, QIODevice, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent

from console.api import (
    NS,
    EvidenceDraft,
    Frame,
    Freshness,
    Header,
    Host,
    LinkError,
    RefusedError,
    Selector,
    Sensor,
    Text,
)
from widgets.chart import compose, scale, series
from widgets.chart.choice import chosen, companion_of
from widgets.chart.items import Picture, limit_name
from widgets.chart.placing import Placed
from widgets.chart.plot import Plot
from widgets.chart.series import Series
from widgets.chart.spec import ChartSettings
from widgets.chart.view import TimeView
from widgets.kit.afar import whole_words
from widgets.kit.covers import right_of
from widgets.kit.shapes import paint_fault
from widgets.kit.subject import Asking
from widgets.kit.text import (
    clock_off_s,
    clock_off_text,
    clock_text,
    draw_elided,
    duration_text,
    font,
    text_width,
    value_text,
)
from widgets.kit.tokens import look

_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
DEBOUNCE_MS: Final = 120
RETRY_NS: Final = 3 * NS
FUTURE_NS: Final = 3600 * NS
TREND_NS: Final = 1800 * NS
LOADING_S: Final = 0.3
"""An answer that takes longer is said to be on its way."""


class ChartPanel(Placed):
    """One sensor's curve. The canvas is made at the first frame, so that a start does not wait for pyqtgraph."""

    def __init__(self, host: Host, settings: ChartSettings) -> None:
        super().__init__()
        self._host = host
        self._settings = settings
        self._plot: Plot | None = None
        self._series: Series | None = None
        self._rain: Series | None = None
        self._scale: scale.ValueScale | None = None
        self._view = TimeView(int(settings.hours * 3600 * NS))
        self._picture = Picture()
        self._margins: tuple[Any, ...] = ()
        self._asked = self._answered = 0
        self._asked_s = 0.0
        self._failed_ns = 0
        self._said: Header | None = None
        self._asking = Asking(host, settings.about)
        self._named: tuple[str, str, int, bool] = ("", "", 0, False)
        self.painted = 0
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(DEBOUNCE_MS)
        self._wait.timeout.connect(self._ask)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(120, 80)
        look.changed.connect(self._look_changed)
        self.configure(settings)

    # ------------------------------------------------------------------ panel

    def configure(self, settings: ChartSettings) -> None:
        """Take other settings, or the same in another language."""
        if settings.hours != self._settings.hours or settings.forecast != self._settings.forecast:
            self._view = TimeView(int(settings.hours * 3600 * NS))
        self._settings = settings
        self._view.ahead = 0.22 if settings.forecast else 0.04
        self._margins = ()
        self._said = None
        self._asking = Asking(self._host, settings.about)
        self._choose(force=True)

    def update_frame(self, frame: Frame) -> None:
        """Append what is new and paint that part of the canvas that it changes."""
        if self._plot is None:
            self._plot = Plot(self, self._moved)
            self._plot.on_click(self._clicked)
            self._plot.widget.setGeometry(self._canvas())
            self._plot.widget.show()
        if frame.seeked or frame.selection_changed or frame.entities & {"incident", "area", "sensor"}:
            self._asking.look()
        self._choose(force=frame.seeked)
        if self._series is None:
            self._show_state()
            return
        if frame.entities & {"sensor"}:
            self._series.sensor = self._host.entities(Sensor).get(self._series.sensor.id, self._series.sensor)
        self._retry(frame)
        for kept in (self._series, self._rain):
            if kept is not None:
                kept.now_ns = frame.now_ns
                if kept.sensor.id in frame.sensors or not kept.seen_ns:
                    self._append(kept, frame.now_ns)
        self._render(frame.now_ns)

    def view_state(self) -> dict[str, Any]:
        """What is shown and when."""
        view = self._view
        return {
            "sensor": self._series.sensor.id if self._series else "",
            "following": view.following,
            "start_ns": view.start_ns,
            "end_ns": view.end_ns,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Show a kept state again; a sensor that is gone is left out."""
        sensor = state.get("sensor", "")
        if sensor in self._host.entities(Sensor) and (self._series is None or self._series.sensor.id != sensor):
            self._take_sensor(sensor)
        if state.get("following") is False:
            self._moved(int(state["start_ns"]), int(state["end_ns"]))
        else:
            self._view.home()
            span_ns = int(state.get("end_ns", 0)) - int(state.get("start_ns", 0)) or self._view.span_ns
            self._moved(self._host.now_ns - span_ns, self._host.now_ns)  # as long as it was, and following

    def freeze(self) -> EvidenceDraft:
        """The samples behind the view, the limits, and the picture."""
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self.grab().save(buffer, "PNG")
        if self._series is None:
            return EvidenceDraft(title=Text("曲线", "Chart"), t_ns=self._host.now_ns, source="", png=_png(buffer))
        sensor, samples = self._series.sensor, self._series.shown()
        data = {
            "sensor": sensor.id,
            "unit": sensor.unit,
            "start_ns": self._view.start_ns,
            "end_ns": self._view.end_ns,
            "t_ns": samples.t_ns.tolist(),
            "v": [v if math.isfinite(v) else None for v in samples.v.tolist()],
            "q": samples.q.tolist(),
            "limits": [msgspec.to_builtins(limit) for limit in sensor.limits],
        }
        title = Text(_title(sensor, "zh"), _title(sensor, "en"))
        return EvidenceDraft(title=title, t_ns=self._host.now_ns, source=sensor.source, data=data, png=_png(buffer))

    def close_panel(self) -> None:
        """Let go of what outlives the panel; an answer on its way is not waited for."""
        self._asked += 1
        self._wait.stop()
        look.changed.disconnect(self._look_changed)
        if self._plot is not None:
            self._plot.close()
            self._plot = None
        self._series = self._rain = None

    # ------------------------------------------------------------------ which sensor

    def _choose(self, *, force: bool) -> None:
        shown = self._series.sensor.id if self._series else ""
        wanted = chosen(self._host, self._settings, shown, self._asking.subject)
        if wanted != shown or force:
            self._take_sensor(wanted)

    def _take_sensor(self, id_: str) -> None:
        sensor = self._host.entities(Sensor).get(id_)
        self._asked += 1
        self._scale = None
        self._margins = ()
        if sensor is None:
            self._series = self._rain = None
            self._host.subscribe()
            return
        self._series = Series(sensor)
        rain = self._host.entities(Sensor).get(companion_of(self._host, self._settings, sensor))
        self._rain = Series(rain) if rain is not None else None
        self._host.subscribe(Selector(ids=tuple(s.sensor.id for s in (self._series, self._rain) if s is not None)))
        self._follow(self._host.now_ns)
        self._ask()

    # ------------------------------------------------------------------ samples

    def _append(self, kept: Series, now_ns: int) -> None:
        start_ns = kept.seen_ns + 1 if kept.seen_ns else 0
        kept.append(self._host.window(kept.sensor.id, start_ns, now_ns + FUTURE_NS))
        gaps = tuple(self._host.gaps(kept.sensor.id))
        if gaps != kept.gaps:
            # what came back of a gap lies before what has been seen
            for from_ns, to_ns in kept.gaps:
                kept.append(self._host.window(kept.sensor.id, from_ns, to_ns + 1))
            kept.gaps = gaps

    def _columns(self) -> int:
        return max(16, int(self._plot.inner().width()) if self._plot else self.width() - 150)

    def _follow(self, now_ns: int) -> None:
        self._view.follow(now_ns, self._columns())
        for kept in (self._series, self._rain):
            if kept is not None:
                kept.view(self._view.start_ns, self._view.end_ns, self._columns())

    def _ask(self) -> None:
        """Ask the node for what the view shows; a later question makes an earlier answer void."""
        self._asked += 1
        self._asked_s = time.monotonic()
        for kept in (self._series, self._rain):
            if kept is not None:
                self._host.spawn("chart.history", self._load(kept, self._asked))

    async def _load(self, kept: Series, asked: int) -> None:
        if asked != self._asked:
            return
        try:
            found = await self._host.query(
                kept.sensor.id, self._view.start_ns, self._view.end_ns, max(200, self._columns())
            )
        except (LinkError, RefusedError):  # cut; or a node just begun that has not heard of its sensors yet
            self._failed_ns = self._host.now_ns
            self._answered = asked
            return
        if kept is self._series and asked == self._asked:
            self._answered = asked
        if asked == self._asked and kept in (self._series, self._rain):
            kept.take_history(found)
            self._render(self._host.now_ns)

    def _retry(self, frame: Frame) -> None:
        if self._failed_ns and frame.link is Freshness.LIVE and frame.now_ns > self._failed_ns + RETRY_NS:
            self._failed_ns = 0
            self._ask()

    # ------------------------------------------------------------------ picture

    @property
    def _wall(self) -> bool:
        return self._host.role == "wall"

    @property
    def _s(self) -> float:
        """By what desk sizes grow: a chart's smallest words are 12 at a desk, and none on a wall is below its em."""
        return self._host.text_px / (12 if self._wall else 13)

    def _canvas(self) -> QRect:
        """Where the canvas stands: on a wall, where tiles have no header, beneath the chart's own name."""
        top = round(1.9 * self._host.text_px) if self._wall else 0
        return self.rect().adjusted(0, top if self.height() > 3 * top else 0, 0, 0)

    def _render(self, now_ns: int) -> None:
        kept, plot = self._series, self._plot
        if kept is None or plot is None:
            return
        self._follow(now_ns)
        self._say_header(kept)
        if self._show_state():
            return
        line = kept.line(plot.inner().height())
        low, high = series.reach(line, kept.sensor.limits)
        s = self._s
        most = max(2, int(plot.inner().height() / (30 * s)))
        coming = series.trend(kept.shown(), now_ns, TREND_NS) if self._settings.forecast else None
        if coming is not None:
            peak = coming[0] + coming[1] * (self._view.end_ns - now_ns) / NS
            low, high = min(low, peak), max(high, peak)
        # room on top for the badge of the highest crossing
        above = 0.2 if any(limit.high for limit in kept.sensor.limits) else 0.06
        self._scale = scale.steadied(self._scale, low, high, most, above)
        self._restyle(plot, kept.sensor, s)
        times, labels = compose.time_labels(self._view, now_ns, plot.inner().width(), s)
        bars = compose.rain_bars(self._rain, self._view, now_ns, 9 * s / self._columns())
        base_ns = self._picture.base_ns or self._view.start_ns // NS * NS
        picture = compose.picture_of(self._host, kept, line, self._scale, self._view, bars)
        picture = msgspec.structs.replace(picture, base_ns=base_ns, now_ns=now_ns, times=times, forecast=coming)
        before, self._picture = self._picture, picture
        plot.edge.language = self._host.language
        clock = clock_text(now_ns, seconds=False)
        if self._wall and self._caption(kept) != self._named:
            self.update()
        moved = plot.aim(picture, self._scale, labels)
        whole = moved or clock != plot.edge.clock or compose.looks_other(before, picture)
        plot.edge.clock = clock
        plot.edge.peak = self._peak(picture, kept.sensor)
        if whole:
            plot.show(picture, 0)
        elif before.last_ns != picture.last_ns:
            plot.show(picture, min(before.last_ns, picture.last_ns) - 2 * kept.box.width_ns)
        else:
            return
        self.painted += 1

    def _peak(self, picture: Picture, sensor: Sensor) -> tuple[str, str]:
        if picture.forecast is None:
            return "", ""
        v = picture.forecast[0] + picture.forecast[1] * (picture.end_ns - picture.now_ns) / NS
        return QCoreApplication.translate("Chart", "trend {time}").format(
            time=clock_text(picture.end_ns, seconds=False)
        ), value_text(v, sensor.digits)

    def _restyle(self, plot: Plot, sensor: Sensor, s: float) -> None:
        assert self._scale is not None
        labels = [value_text(v, self._scale.digits) for v in self._scale.ticks] or ["0"]
        left = max(text_width(text, 12 * s) for text in labels) + 12 * s
        names = [limit_name(limit, sensor.digits, self._host.language) for limit in sensor.limits]
        if self._settings.forecast:
            names.append(QCoreApplication.translate("Chart", "trend {time}").format(time="00:00"))
        right = max((text_width(name, 12 * s) for name in names), default=0.0) + 16 * s
        margins = (s, round(left), round(right), look.tokens.mode)
        if margins != self._margins:
            self._margins = margins
            plot.restyle(s, round(left), round(right))
            self._follow(self._host.now_ns)

    # ------------------------------------------------------------------ words

    def _say_header(self, kept: Series) -> None:
        sensor, language, view = kept.sensor, self._host.language, self._view
        span = duration_text(view.span_ns / NS, language)
        since = QCoreApplication.translate("Chart", "last {span}").format(span=span)
        if not view.following:
            since = compose.span_text(view.start_ns, view.end_ns, self._host.now_ns)
        parts = [self._asking.words(), sensor.unit, since]
        if self._rain is not None:
            parts.append(QCoreApplication.translate("Chart", "rain from top"))
        fresh = self._host.freshness(sensor.id)
        off_s = self._clock_off_s(sensor.id)
        last_ns, _ = kept.last
        if fresh is Freshness.NEVER and last_ns:
            # nothing has come here yet, but history knows it
            late = self._host.now_ns - last_ns > sensor.stale_after_s * NS
            fresh = Freshness.STALE if late else Freshness.LIVE
        marks = [clock_off_text(off_s, language)] if off_s else []
        if self._answered != self._asked and time.monotonic() - self._asked_s > LOADING_S:
            marks.append(QCoreApplication.translate("Chart", "loading history"))
        header = Header(
            title=_title(sensor, language),
            scope=("  " if language == "zh" else " · ").join(p for p in parts if p),
            marks=tuple(marks),
            data_ns=last_ns,
            source=sensor.source,
            freshness=fresh,
        )
        if header != self._said:
            self._said = header
            self._host.header(header)

    def _clock_off_s(self, sensor_id: str) -> float:
        latest = self._host.latest([sensor_id])
        return clock_off_s(int(latest.t_ns[0]), int(latest.q[0]), self._host.now_ns)

    def _show_state(self) -> bool:
        """Whether words stand in the canvas's place: no sensor, or nothing ever received."""
        kept = self._series
        nothing = kept is None or (kept.last[0] == 0 and not len(kept.bad))
        if self._plot is not None and self._plot.widget.isVisibleTo(self) is nothing:
            self._plot.widget.setVisible(not nothing)
        if nothing:
            if kept is None and self._said is not None:
                self._said = None
                self._host.header(Header(freshness=Freshness.NEVER))
            self.update()
        return nothing

    def _caption(self, kept: Series) -> tuple[str, str, int, bool]:
        """On a wall: what is drawn, its last value with the unit, the priority of the limit that it is beyond, and
        whether that value is old."""
        sensor, (_, v) = kept.sensor, kept.last
        words = f"{value_text(v, sensor.digits)} {sensor.unit}".strip() if math.isfinite(v) else ""
        old = self._said is not None and self._said.freshness is not Freshness.LIVE
        return _title(sensor, self._host.language), words, self._picture.loud_priority, old

    def _paint_caption(self, p: QPainter, kept: Series) -> None:
        t, em = look.tokens, self._host.text_px
        self._named = name, value, priority, old = self._caption(kept)
        line = QRectF(0.4 * em, 0, self.width() - 0.8 * em, self._canvas().top())
        line.setRight(min(line.right(), right_of(self, line.toAlignedRect()) - 0.4 * em))
        wide = text_width(value, 1.3 * em, bold=True)
        p.setFont(font(1.3 * em, bold=True))
        p.setPen(t.text2 if old else t.priority[priority].line if priority else t.text)
        draw_elided(p, line, _RIGHT, value)
        if old:
            paint_fault(p, QRectF(line.right() - wide - em, line.center().y() - 0.3 * em, 0.6 * em, 0.6 * em))
            wide += em
        p.setFont(font(em))
        p.setPen(t.text)
        room = line.adjusted(0, 0, -wide - 0.6 * em, 0)
        draw_elided(p, room, _LEFT, whole_words(name, em, room.width()) or name)

    def paintEvent(self, event: QPaintEvent) -> None:
        p, t, s = QPainter(self), look.tokens, self._host.text_px / 13
        p.fillRect(self.rect(), t.tile)
        kept = self._series
        if kept is not None and kept.last[0]:
            if self._wall and self._canvas().top():
                self._paint_caption(p, kept)
            return
        head, detail = (
            QCoreApplication.translate("Chart", "No sensor yet"),
            QCoreApplication.translate("Chart", "Select one in a list, on the map or in the strips."),
        )
        if self._asking.place():
            head = QCoreApplication.translate("Chart", "No curve in {area}").format(area=self._asking.place())
            detail = ""
        elif self._wall:
            detail = ""
        if kept is not None:
            head = QCoreApplication.translate("Chart", "Never received")
            detail = QCoreApplication.translate("Chart", "Waiting for {name} from source {source}.").format(
                name=_title(kept.sensor, self._host.language), source=kept.sensor.source or "—"
            )
            detail += "\n" + QCoreApplication.translate("Chart", "See the notices for the state of the source.")
            if off_s := self._clock_off_s(kept.sensor.id):
                head = clock_off_text(off_s, self._host.language)
                detail = QCoreApplication.translate("Chart", "Its samples bear times to come and cannot be placed.")
        whole = QRectF(self.rect())
        p.setPen(t.text)
        p.setFont(font((20 if self._host.role != "wall" else 13) * s))
        p.drawText(whole.adjusted(16 * s, 20 * s, -16 * s, 0), 0, head)
        p.setPen(t.text2)
        p.setFont(font(13 * s))
        p.drawText(whole.adjusted(16 * s, 54 * s, -16 * s, 0), Qt.TextFlag.TextWordWrap.value, detail)

    # ------------------------------------------------------------------ hands

    def _moved(self, start_ns: int, end_ns: int) -> None:
        self._view.hold(start_ns, end_ns, self._host.now_ns)
        self._after_move()

    def _after_move(self) -> None:
        self._scale = None
        self._wait.start()
        self._render(self._host.now_ns)

    def _clicked(self) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if self._series is not None:
            self._host.select(f"sensor:{self._series.sensor.id}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        now_ns, view, key = self._host.now_ns, self._view, event.key()
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            view.shorter(now_ns)
        elif key == Qt.Key.Key_Minus:
            view.longer(now_ns)
        elif key == Qt.Key.Key_Left:
            view.pan(-0.2, now_ns)
        elif key == Qt.Key.Key_Right:
            view.pan(0.2, now_ns)
        elif key == Qt.Key.Key_Home:
            view.home()
        else:
            super().keyPressEvent(event)
            return
        self._after_move()

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._plot is not None:
            self._plot.widget.setGeometry(self._canvas())
            self._plot.place()
        self._wait.start()
        self._render(self._host.now_ns)

    def _look_changed(self, _tokens: object) -> None:
        self._margins = ()
        self.update()
        self._render(self._host.now_ns)


def _title(sensor: Sensor, language: str) -> str:
    site, name = sensor.site.of(language), sensor.name.of(language) or sensor.id
    return f"{site} {name}" if site else name


def _png(buffer: QBuffer) -> bytes:
    return bytes(buffer.data().data())
