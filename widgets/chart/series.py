"""One sensor's samples as the chart needs them: history and live joined without a seam; Qt-free."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from console.api import F64, I64, NS, U8, Columns, Limit, Quality, Sensor, Value
from widgets.kit.minmax import GAP_FACTOR, Line, MinMaxColumns, beyond, broken, holes, not_ahead, typical_interval_ns

KEEP: Final = 20_000
"""Live samples kept beyond the host's ring, so that a zoom has them until the node answers."""


class Crossing(Value, frozen=True):
    """Where the curve last came beyond a limit of `priority`."""

    t_ns: int
    v: float
    priority: int


class Beyond(Value, frozen=True, eq=False):
    """A part of the curve to be drawn thick in the colour of `priority`."""

    priority: int
    line: Line


class Series:
    """Samples of one sensor over a view of `columns` columns; samples may come in any order and more than once."""

    def __init__(self, sensor: Sensor) -> None:
        self.sensor = sensor
        self.seen_ns = 0
        self.first_ns = 0
        self._live = _columns()
        self._history = _columns()
        self._step_ns = 0
        self.start_ns, self.end_ns = 0, 1
        self.box = MinMaxColumns(1, 1)
        self.bad = _columns()
        self.gaps: tuple[tuple[int, int], ...] = ()
        """Known holes of what is live, as the host says them."""
        self.now_ns = 0
        """The time that is shown: what a wrong clock dates after it is left out."""

    def view(self, start_ns: int, end_ns: int, columns: int) -> None:
        """Show [start_ns, end_ns): rebuilds the columns from what is kept where their width or reach changes."""
        columns = max(1, columns)
        width = max(1, -(-(end_ns - start_ns) // columns))
        same = width == self.box.width_ns and columns + 2 == self.box.columns
        same = same and start_ns >= self.start_ns and self.end_ns >= self.seen_ns
        self.start_ns, self.end_ns = start_ns, end_ns
        if same:
            return
        self.box = MinMaxColumns(columns + 2, width)
        self.bad = _columns()
        for part in (self._history, self._live):
            self._draw_in(part)

    def append(self, samples: Columns) -> None:
        """Live samples, ascending; a time before the newest is taken in, never joined backwards."""
        if not len(samples):
            return
        samples = not_ahead(samples, self.now_ns)
        if not len(samples):
            return
        self.seen_ns = max(self.seen_ns, int(samples.t_ns[-1]))
        self._live = _tail(_joined(self._live, samples), KEEP)
        self._learn(samples.t_ns)
        self._draw_in(samples)

    def take_history(self, samples: Columns) -> None:
        """What the node answered for the view; it replaces what an earlier answer brought."""
        samples = not_ahead(samples, self.now_ns)
        self._history = samples
        if len(samples):
            self.seen_ns = max(self.seen_ns, int(samples.t_ns[-1]))
        self.box = MinMaxColumns(self.box.columns, self.box.width_ns)
        self.bad = _columns()
        self._draw_in(self._history)
        self._draw_in(self._live)

    def _draw_in(self, part: Columns) -> None:
        inside = (part.t_ns >= self.start_ns - self.box.width_ns) & (part.t_ns < self.end_ns)
        bad = (part.q & Quality.BAD) != 0
        good = inside & ~bad
        self.box.append(part.t_ns[good], part.v[good])
        marked = inside & (bad | ~np.isfinite(part.v))
        if marked.any():
            more = Columns(t_ns=part.t_ns[marked], v=part.v[marked], q=part.q[marked])
            self.bad = _tail(_joined(self.bad, more), 500)

    def _learn(self, t: I64) -> None:
        step = typical_interval_ns(_tail(self._live, 64).t_ns)
        if step:
            self._step_ns = step

    @property
    def gap_ns(self) -> int:
        """More than this without a sample is a gap: three typical intervals of live samples or of history's points."""
        history = typical_interval_ns(self._history.t_ns)
        step = max(self._step_ns, history)
        return int(max(GAP_FACTOR * step, 2 * self.box.width_ns, NS)) if step else 2 * self.box.width_ns

    def line(self, height_px: float = 0.0) -> Line:
        """The polyline of the view; where its height in px is told, ups and downs below half a pixel are left out."""
        low, high = self.box.bounds()
        flat = (high - low) * 0.5 / height_px if height_px > 0 and high > low else 0.0
        whole = self.box.line(self.start_ns - self.box.width_ns, self.end_ns + 1, self.gap_ns, flat)
        return broken(whole, self.gaps)

    def holes(self, line: Line) -> list[tuple[int, int]]:
        """Where nothing is known for longer than twice the stale limit, or a known gap lies; nothing bridges it."""
        stale_ns = self.sensor.stale_after_s * NS if math.isfinite(self.sensor.stale_after_s) else math.inf
        return holes(line, int(min(max(2 * stale_ns, self.gap_ns), 2**62)), self.gaps)

    @property
    def last(self) -> tuple[int, float]:
        """Time and value of the newest usable sample, (0, NaN) for none."""
        for part in (self._live, self._history):
            good = np.flatnonzero(((part.q & Quality.BAD) == 0) & np.isfinite(part.v))
            if len(good):
                newest = int(good[np.argmax(part.t_ns[good])])
                return int(part.t_ns[newest]), float(part.v[newest])
        return 0, math.nan

    def shown(self) -> Columns:
        """The samples behind the view, history then live, ascending: for evidence."""
        both = _joined(self._history, self._live)
        inside = (both.t_ns >= self.start_ns) & (both.t_ns < self.end_ns)
        order = np.argsort(both.t_ns[inside], kind="stable")
        t = both.t_ns[inside][order]
        once = np.r_[True, np.diff(t) > 0] if len(t) else np.empty(0, bool)
        return Columns(t_ns=t[once], v=both.v[inside][order][once], q=both.q[inside][order][once])


def _columns() -> Columns:
    return Columns(t_ns=np.empty(0, np.int64), v=np.empty(0), q=np.empty(0, np.uint8))


def _joined(a: Columns, b: Columns) -> Columns:
    if not len(a):
        return b
    t: I64 = np.concatenate([a.t_ns, b.t_ns])
    v: F64 = np.concatenate([a.v, b.v])
    q: U8 = np.concatenate([a.q, b.q])
    return Columns(t_ns=t, v=v, q=q)


def _tail(c: Columns, most: int) -> Columns:
    return c if len(c) <= most else Columns(t_ns=c.t_ns[-most:], v=c.v[-most:], q=c.q[-most:])


def parts_beyond(line: Line, limits: tuple[Limit, ...]) -> tuple[list[Beyond], list[Crossing]]:
    """The thick parts, each in the band of its own limit, and where the curve last came into each band."""
    thick: list[Beyond] = []
    crossings: list[Crossing] = []
    for limit in limits:
        low, high = _band(limit, limits)
        if not low < high:
            continue
        part, when, what = beyond(line, low, high)
        if not len(part):
            continue
        thick.append(Beyond(priority=limit.priority, line=part))
        outward = np.abs(what - limit.value) <= abs(limit.value) * 1e-12
        if outward.any():
            k = _entry(part, when, np.flatnonzero(outward), limit, line)
            crossings.append(Crossing(t_ns=int(when[k]), v=float(what[k]), priority=limit.priority))
    return thick, crossings


def _entry(part: Line, when: I64, entries: npt.NDArray[np.int64], limit: Limit, line: Line) -> int:
    """The entry that began the last stay beyond: noise that dips back by less than the hysteresis is no leaving."""
    spread = float(line.v.max() - line.v.min()) if len(line) else 0.0
    dip = max(limit.hysteresis, 0.03 * spread)
    kept = int(entries[-1])
    for earlier in entries[-2::-1].tolist():
        between = line.v[(line.t_ns > when[earlier]) & (line.t_ns < when[kept])]
        back = (limit.value - between if limit.high else between - limit.value).max() if len(between) else 0.0
        if back > dip:
            break
        kept = int(earlier)
    return kept


def _band(limit: Limit, limits: tuple[Limit, ...]) -> tuple[float, float]:
    """From this limit to the next one further out on the same side."""
    same = [other.value for other in limits if other.high is limit.high]
    if limit.high:
        return limit.value, min((v for v in same if v > limit.value), default=math.inf)
    return max((v for v in same if v < limit.value), default=-math.inf), limit.value


def reach(line: Line, limits: tuple[Limit, ...]) -> tuple[float, float]:
    """Lowest and highest value to be shown: the curve, and every limit within six times what the nearest one needs."""
    if not len(line):
        values = [limit.value for limit in limits]
        return (min(values), max(values)) if values else (math.nan, math.nan)
    low, high = float(line.v.min()), float(line.v.max())
    if not limits:
        return low, high
    nearest = min(limits, key=lambda limit: max(low - limit.value, limit.value - high, 0.0))
    low, high = min(low, nearest.value), max(high, nearest.value)
    room = 6 * max(high - low, 1e-12)
    for limit in limits:
        if max(high, limit.value) - min(low, limit.value) <= room:
            low, high = min(low, limit.value), max(high, limit.value)
    return low, high


def bars(samples: Columns, start_ns: int, end_ns: int, width_ns: int) -> tuple[I64, F64]:
    """Means of good samples in bins of `width_ns`: (start of each filled bin, mean)."""
    good = ((samples.q & Quality.BAD) == 0) & np.isfinite(samples.v)
    good &= (samples.t_ns >= start_ns) & (samples.t_ns < end_ns)
    if not good.any():
        return np.empty(0, np.int64), np.empty(0)
    bins, place = np.unique(samples.t_ns[good] // width_ns, return_inverse=True)
    sums = np.bincount(place, samples.v[good])
    return bins * width_ns, sums / np.bincount(place)


def trend(samples: Columns, now_ns: int, over_ns: int) -> tuple[float, float, float] | None:
    """(value now, change per second, scatter) of a straight line through the last `over_ns`; None with too little."""
    good = ((samples.q & Quality.BAD) == 0) & np.isfinite(samples.v) & (samples.t_ns >= now_ns - over_ns)
    good &= samples.t_ns <= now_ns
    if int(good.sum()) < 8:
        return None
    t = (samples.t_ns[good] - now_ns) / NS
    if float(t[-1] - t[0]) < over_ns / NS / 3:
        return None
    slope, at_now = np.polyfit(t, samples.v[good], 1)
    scatter = float(np.std(samples.v[good] - (slope * t + at_now)))
    return float(at_now), float(slope), scatter
