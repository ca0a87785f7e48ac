"""Puts together what the chart shows at one moment, as values for its layers; paints nothing, keeps nothing."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from console.api import F64, I64, NS, Alarm, AlarmState, Host, Limit, Value
from widgets.chart import scale, series
from widgets.chart.items import Picture
from widgets.chart.series import Series
from widgets.chart.view import TimeView
from widgets.kit.alarm_groups import SHOWN
from widgets.kit.minmax import Line
from widgets.kit.text import beijing, text_width, tick_text


class Bars(Value, frozen=True, eq=False):
    """Means of bins of `width_ns`, each beginning at its time; empty where nothing is known."""

    t_ns: I64
    v: F64
    width_ns: int


def picture_of(host: Host, kept: Series, line: Line, axis: scale.ValueScale, view: TimeView, bars: Bars) -> Picture:
    """Curve, its parts beyond limits, how loud each limit is, and how the last sample stands."""
    sensor = kept.sensor
    thick, crossings = series.parts_beyond(line, sensor.limits)
    last_ns, last_v = kept.last
    crossed = [limit for limit in sensor.limits if _is_beyond(limit, last_v)]
    seen = [limit for limit in sensor.limits if any(_is_beyond(limit, float(v)) for v in _ends(line))]
    alarms = [a for a in host.entities(Alarm).values() if a.sensor == sensor.id and a.state in SHOWN]
    acknowledged = bool(alarms) and all(a.state is AlarmState.ACKNOWLEDGED for a in alarms)
    return Picture(
        start_ns=view.start_ns,
        end_ns=view.end_ns,
        low=axis.low,
        high=axis.high,
        values=axis.ticks,
        digits=sensor.digits,
        line=line,
        thick=tuple(thick),
        crossings=tuple(crossings),
        acknowledged=frozenset(x.priority for x in sensor.limits) if acknowledged else frozenset(),
        bad=kept.bad,
        holes=tuple(kept.holes(line)),
        limits=sensor.limits,
        loud=frozenset(limit.value for limit in seen),
        last_ns=last_ns,
        last_v=last_v,
        freshness=host.freshness(sensor.id),
        bars_ns=bars.t_ns,
        bars_v=bars.v,
        bar_ns=bars.width_ns,
        bar_top=max(5.0, float(bars.v.max()) if len(bars.v) else 0.0),
        loud_priority=min((limit.priority for limit in crossed), default=0),
    )


def _is_beyond(limit: Limit, v: float) -> bool:
    return v >= limit.value if limit.high else v <= limit.value


def _ends(line: Line) -> tuple[float, ...]:
    return (float(line.v.min()), float(line.v.max())) if len(line) else ()


def rain_bars(rain: Series | None, view: TimeView, now_ns: int, least_share: float) -> Bars:
    """Bins of round minutes, each at least `least_share` of the span wide."""
    if rain is None:
        return Bars(t_ns=np.empty(0, np.int64), v=np.empty(0), width_ns=1)
    wanted = view.span_ns * least_share
    minutes = next((m for m in (1, 2, 5, 10, 15, 30, 60, 120, 360, 1440) if m * 60 * NS >= wanted), 1440)
    at_ns, mean = series.bars(rain.shown(), view.start_ns, min(view.end_ns, now_ns + NS), minutes * 60 * NS)
    return Bars(t_ns=at_ns, v=np.maximum(mean, 0.0), width_ns=minutes * 60 * NS)


def time_labels(view: TimeView, now_ns: int, width: float, s: float) -> tuple[tuple[int, ...], list[tuple[int, str]]]:
    """Ticks of an axis of `width` px, and those with their words that the plate of now does not cut."""
    times, step = scale.time_ticks(view.start_ns, view.end_ns, max(2, int(width / (66 * s))))
    form = next(form for least, form in _FORMS if step >= least)
    px = width / max(1, view.span_ns)
    room = text_width(beijing(now_ns).strftime(form), 12 * s) / 2
    room += text_width("00:00", 12 * s, bold=True) / 2 + 12 * s
    named = [t for t in times if abs(t - now_ns) * px >= room and (view.end_ns - t) * px >= 2]
    return times, [(t, tick_text(t, form)) for t in named]


_FORMS: Final = ((scale.MONTH_S, "%Y-%m"), (86_400, "%m-%d"), (60, "%H:%M"), (1, "%H:%M:%S"))


def span_text(start_ns: int, end_ns: int, now_ns: int) -> str:
    """From when to when, with the days where it is not today alone, with the year where that is another."""
    start, end, now = beijing(start_ns), beijing(end_ns), beijing(now_ns)
    if start.date() == end.date() == now.date():
        form = "%H:%M"
    elif end_ns - start_ns >= 7 * 86_400 * NS:
        form = "%Y-%m-%d"
    else:
        form = "%m-%d %H:%M" if start.year == now.year else "%Y-%m-%d %H:%M"
    return f"{start.strftime(form)}–{end.strftime(form)}"


def looks_other(before: Picture, after: Picture) -> bool:
    """Whether more than the end of the curve differs."""
    return (
        _still(before) != _still(after)
        or before.bad is not after.bad
        or after.last_ns < before.last_ns
        or len(after.line) < len(before.line)
    )


def _still(p: Picture) -> tuple[Any, ...]:
    """What does not change while only the end of the curve grows."""
    bars = (0, 0.0) if p.bars_v is None or not len(p.bars_v) else (len(p.bars_v), round(float(p.bars_v.sum()), 3))
    return (p.holes, p.freshness, p.crossings, p.loud, p.acknowledged, p.limits, p.forecast, p.loud_priority, bars)
