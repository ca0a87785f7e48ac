"""One row's samples as columns, and what is to be said of it; Qt-free, knows no pixels but their number."""

from __future__ import annotations

import math
from typing import Final

import msgspec
import numpy as np

from console.api import I64, NS, Alarm, AlarmState, Columns, Freshness, Limit, Quality, Sensor, Value
from widgets.kit.minmax import GAP_FACTOR, Line, MinMaxColumns, broken, holes, typical_interval_ns
from widgets.kit.polyline import travel
from widgets.kit.text import clock_off_s

SHOWN: Final = (AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED, AlarmState.RETURNED)
_FOR_EVER: Final = 2**62
FLAT_SHARE: Final = 0.02
"""Ups and downs below this share of the height, about half a pixel, are not drawn."""
STEADY_SHARE: Final = 0.0015
"""A change a minute below this share of the way from normal to limit is called steady."""


class Reading(Value, frozen=True):
    """What a row says beside its curve. `trend` −1, 0, +1; `rate_per_min` NaN unknown; `t_ns` 0: never."""

    t_ns: int = 0
    v: float = math.nan
    bad: bool = False
    rate_per_min: float = math.nan
    trend: int = 0
    freshness: Freshness = Freshness.NEVER
    clock_off_s: float = 0.0
    """How far off the sensor's own clock is; 0 where it is right."""
    alarm: Alarm | None = None

    @property
    def priority(self) -> int:
        """Of the alarm that is shown with it, 0 for none."""
        return self.alarm.priority if self.alarm is not None else 0


class Strip:
    """A stream's curve over the last `span_ns` in `columns` columns; history and live go in by the same door."""

    def __init__(self, sensor: Sensor, columns: int, span_ns: int) -> None:
        self.sensor = sensor
        self.reading = Reading()
        self.history = Columns(t_ns=np.empty(0, np.int64), v=np.empty(0), q=np.empty(0, np.uint8))
        self.seen_ns = 0
        self.asked, self.again_ns = False, 0
        self.gaps: tuple[tuple[int, int], ...] = ()
        self._steps: list[int] = []
        self.resize(columns, span_ns)

    def resize(self, columns: int, span_ns: int) -> None:
        """Begin anew with other columns; what the history query brought is kept, live samples must be added again."""
        self.box = MinMaxColumns(columns + 1, max(1, span_ns // max(1, columns)))
        self._scale = (math.nan, math.nan)
        self._flat = 0.0
        self.seen_ns = 0
        self.line: Line | None = None
        self.add(self.history)

    def add(self, samples: Columns) -> bool:
        """Add samples ascending in time; bad ones are left out. Returns whether the curve changed."""
        if not len(samples):
            return False
        self.seen_ns = max(self.seen_ns, int(samples.t_ns[-1]))
        good = (samples.q & Quality.BAD) == 0
        t, v = samples.t_ns[good], samples.v[good]
        self._learn(t)
        self.box.append(t, v)
        self.line = None
        return bool(good.any())

    def take_history(self, samples: Columns) -> None:
        """Add what the node knew; the ring's overlap with it does no harm."""
        self.history = samples
        newest = self.seen_ns
        self.add(samples)
        self.seen_ns = max(newest, self.seen_ns)

    def _learn(self, t: I64) -> None:
        step = typical_interval_ns(t)
        if step:
            self._steps = [*self._steps[-4:], step]

    @property
    def gap_ns(self) -> int:
        """What counts as a gap: three typical intervals, never less than two columns or the stale limit."""
        step = max(self._steps) if self._steps else 0
        return int(max(GAP_FACTOR * step, 2 * self.box.width_ns, self.sensor.stale_after_s * NS))

    def curve(self) -> Line:
        """The polyline of all columns, cached until something is added."""
        if self.line is None:
            self.line = broken(self.box.line(0, _FOR_EVER, self.gap_ns, self._flat), self.gaps)
        return self.line

    def holes(self) -> list[tuple[int, int]]:
        """Where nothing is known for longer than twice the stale limit, or a known gap lies."""
        stale_s = min(self.sensor.stale_after_s, 1e9)
        return holes(self.curve(), int(max(2 * stale_s * NS, self.gap_ns)), self.gaps)

    def scale(self) -> tuple[float, float]:
        """Lowest and highest value to be drawn; kept while what is shown still fills it, so that tails suffice."""
        low, high = value_range(*self.box.bounds(), self.limit())
        kept_low, kept_high = self._scale
        if not (kept_low <= low and high <= kept_high and kept_high - kept_low <= 1.3 * (high - low)):
            self._scale = (low, high)
            self._flat = (high - low) * FLAT_SHARE
            self.line = None
        return self._scale

    def dense(self, per_unit: float, width: float) -> bool:
        """Whether the curve goes up and down so much that a thin line must do; a wide one costs thirty times as much.

        Args:
            per_unit: pixels of one unit of the value.
            width: of the whole curve, px.
        """
        return travel(self.curve().v) * per_unit > 1.2 * width

    def limit(self) -> Limit | None:
        """The limit to be drawn: that of the alarm, else the one nearest to the last value."""
        limits = self.sensor.limits
        alarm = self.reading.alarm
        if alarm is not None and 0 <= alarm.limit < len(limits):
            return limits[alarm.limit]
        v = self.reading.v
        if not limits:
            return None
        if not math.isfinite(v):
            return limits[0]
        return min(limits, key=lambda limit: abs(limit.value - v))


def trend_of(sensor: Sensor, rate_per_s: float) -> tuple[float, int]:
    """(change per minute, sign): sign 0 where it is unknown or too small to be called a change."""
    rate = rate_per_s * 60.0
    if not math.isfinite(rate):
        return math.nan, 0
    way = min((abs(limit.value - (sensor.normal or 0.0)) for limit in sensor.limits), default=0.0)
    smallest = max(STEADY_SHARE * way, 0.5 * 10.0 ** -(sensor.digits + 1))
    return rate, 0 if abs(rate) < smallest else (1 if rate > 0 else -1)


def rate_digits(sensor: Sensor, rate_per_min: float) -> int:
    """One digit more than the channel has, where the channel's own would say zero."""
    return sensor.digits if abs(rate_per_min) >= 10.0**-sensor.digits else sensor.digits + 1


def reading(
    sensor: Sensor, t_ns: int, v: float, q: int, rate: float, fresh: Freshness, alarm: Alarm | None, now_ns: int
) -> Reading:
    """Put together what a row says at `now_ns`."""
    per_min, sign = trend_of(sensor, rate)
    shown = alarm if alarm is not None and alarm.state in SHOWN else None
    return Reading(
        t_ns=t_ns,
        v=v,
        bad=bool(q & Quality.BAD) or (t_ns > 0 and not math.isfinite(v)),
        rate_per_min=per_min,
        trend=sign,
        freshness=fresh,
        clock_off_s=clock_off_s(t_ns, q, now_ns),
        alarm=shown,
    )


def value_range(low: float, high: float, limit: Limit | None) -> tuple[float, float]:
    """Lowest and highest value to be drawn, never equal: the curve's (low > high: none) and its limit."""
    if limit is not None:
        low, high = min(low, limit.value), max(high, limit.value)
    if not low <= high:
        return 0.0, 1.0
    if high - low <= max(abs(high), 1.0) * 1e-9:
        pad = max(abs(high) * 0.02, 0.5)
        return low - pad, high + pad
    return low, high


def same(a: Reading, b: Reading, digits: int) -> bool:
    """Whether a row would look alike with both: the same figures, state and alarm."""
    keep = msgspec.structs.replace
    return keep(a, t_ns=0, v=0.0, rate_per_min=0.0) == keep(b, t_ns=0, v=0.0, rate_per_min=0.0) and (
        f"{a.v:.{digits}f}" == f"{b.v:.{digits}f}"
        and f"{a.rate_per_min:.{digits + 1}f}" == f"{b.rate_per_min:.{digits + 1}f}"
    )
