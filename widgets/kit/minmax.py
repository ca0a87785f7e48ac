"""Incremental min-max columns of one stream, and the polyline they make; Qt-free, knows no sensor and no widget.

A column is a bucket of `width_ns` at absolute multiples of it, so that columns stand still while time moves on.
Adding is order-free and idempotent in low and high: history and live may overlap, late samples find their column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from console.api import F64, I64, Columns, Quality, Value

GAP_FACTOR: Final = 3.0
"""More than this many typical intervals without a sample are a gap, and a gap is never bridged."""
LARGEST: Final = 1e300
"""Nothing measured is larger; leaving such values out keeps every difference finite."""


class Line(Value, frozen=True, eq=False):
    """A decimated curve: n points ascending in time, pieces set apart by `starts`.

    Attributes:
        t_ns: i64 (n,).
        v: f64 (n,), finite.
        starts: i64 (k,), index of the first point of each piece, ascending, starts[0] == 0; empty when n is 0.
    """

    t_ns: I64
    v: F64
    starts: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.t_ns)


EMPTY_LINE: Final = Line(t_ns=np.empty(0, np.int64), v=np.empty(0), starts=np.empty(0, np.int64))


def typical_interval_ns(t_ns: I64) -> int:
    """Median distance of ascending times, repeats not counted; 0 with fewer than two different times."""
    steps = np.diff(t_ns)
    steps = steps[steps > 0]
    return int(np.median(steps)) if len(steps) else 0


class Settled(Value, frozen=True, eq=False):
    """What columns that get no more samples make: the polyline of slots `key`, and when their last sample was."""

    key: tuple[int, int, int, float]
    line: Line
    last_ns: int


class MinMaxColumns:
    """The last `columns` buckets of a stream: low, high, first, last of each.

    Args:
        columns: how many buckets are kept, ≥ 1: usually the widget's width in px.
        width_ns: length of a bucket, ≥ 1.
    """

    def __init__(self, columns: int, width_ns: int) -> None:
        self.columns = max(1, columns)
        self.width_ns = max(1, width_ns)
        self.clear()

    def clear(self) -> None:
        """Forget all samples."""
        n = self.columns
        self._newest = np.iinfo(np.int64).min
        self._low, self._high = np.full(n, np.inf), np.full(n, -np.inf)
        self._first_ns = np.full(n, np.iinfo(np.int64).max)
        self._last_ns = np.full(n, np.iinfo(np.int64).min)
        self._first_v, self._last_v = np.full(n, np.nan), np.full(n, np.nan)
        self._settled: Settled | None = None

    @property
    def empty(self) -> bool:
        """No finite sample is held."""
        return self._newest == np.iinfo(np.int64).min

    def append(self, t_ns: I64, v: F64) -> int:
        """Add samples in any order; what is no number or above LARGEST is left out. Returns how many were too old.

        Args:
            t_ns: i64 (n,), UTC ns.
            v: f64 (n,).
        """
        good = np.abs(v) <= LARGEST
        t, v = t_ns[good], v[good]
        if not len(t):
            return 0
        bucket = t // self.width_ns
        self._advance(int(bucket.max()))
        inside = bucket > self._newest - self.columns
        dropped = len(t) - int(inside.sum())
        if dropped:
            t, v, bucket = t[inside], v[inside], bucket[inside]
        if len(t) > 1 and bool((np.diff(t) < 0).any()):
            order = np.argsort(t, kind="stable")
            t, v, bucket = t[order], v[order], bucket[order]
        if len(t):
            self._merge(t, v, bucket)
        return dropped

    def _advance(self, newest: int) -> None:
        if newest <= self._newest:
            return
        fresh = newest - self._newest if not self.empty else self.columns
        slots = np.arange(newest - min(fresh, self.columns) + 1, newest + 1) % self.columns
        self._low[slots], self._high[slots] = np.inf, -np.inf
        self._first_ns[slots], self._last_ns[slots] = np.iinfo(np.int64).max, np.iinfo(np.int64).min
        self._newest = newest

    def _merge(self, t: I64, v: F64, bucket: I64) -> None:
        if int(bucket[0]) < self._newest:
            self._settled = None
        begin = np.flatnonzero(np.r_[True, bucket[1:] != bucket[:-1]])
        end = np.r_[begin[1:], len(bucket)] - 1
        slot = bucket[begin] % self.columns
        self._low[slot] = np.minimum(self._low[slot], np.minimum.reduceat(v, begin))
        self._high[slot] = np.maximum(self._high[slot], np.maximum.reduceat(v, begin))
        earlier, later = t[begin] < self._first_ns[slot], t[end] >= self._last_ns[slot]
        self._first_ns[slot[earlier]], self._first_v[slot[earlier]] = t[begin[earlier]], v[begin[earlier]]
        self._last_ns[slot[later]], self._last_v[slot[later]] = t[end[later]], v[end[later]]

    def bounds(self) -> tuple[float, float]:
        """Lowest and highest value held, (inf, -inf) when there is none."""
        return float(self._low.min()), float(self._high.max())

    def line(self, start_ns: int, end_ns: int, gap_ns: int, flat: float = 0.0) -> Line:
        """The polyline of the columns that touch [start_ns, end_ns), at most four points a column.

        Two samples more than `gap_ns` apart (0: never) are not joined. A column's low and high stand at its middle;
        one whose high is at most `flat` above its low becomes one point, halfway: noise below a pixel costs much.
        """
        if self.empty:
            return EMPTY_LINE
        a = max(self._newest - self.columns + 1, start_ns // self.width_ns)
        b = min(self._newest, (end_ns - 1) // self.width_ns)
        if b < a:
            return EMPTY_LINE
        if b < self._newest:
            return self._polyline(self._filled(a, b), gap_ns, flat)
        # samples come into the newest column: what is left of it is drawn the same, once
        key = (a, b, gap_ns, flat)
        if self._settled is None or self._settled.key != key:
            slots = self._filled(a, b - 1)
            line = self._polyline(slots, gap_ns, flat, ended=True)
            self._settled = Settled(key=key, line=line, last_ns=int(self._last_ns[slots[-1]]) if len(slots) else 0)
        return self._joined(self._settled, self._polyline(self._filled(b, b), gap_ns, flat), gap_ns)

    def _joined(self, settled: Settled, newest: Line, gap_ns: int) -> Line:
        """The newest column after all others, joined to them where no gap lies between."""
        before = settled.line
        if not len(before):
            return newest
        starts = before.starts
        if 0 < gap_ns < int(self._first_ns[self._newest % self.columns]) - settled.last_ns:
            starts = np.append(starts, len(before))
        return Line(
            t_ns=np.concatenate([before.t_ns, newest.t_ns]), v=np.concatenate([before.v, newest.v]), starts=starts
        )

    def _filled(self, a: int, b: int) -> npt.NDArray[np.int64]:
        """Slots of the columns from a to b that hold samples, ascending in time."""
        slots = np.arange(a, b + 1) % self.columns
        return np.asarray(slots[self._high[slots] >= self._low[slots]])

    def _polyline(self, s: npt.NDArray[np.int64], gap_ns: int, flat: float, *, ended: bool = False) -> Line:
        """Of these slots; unless `ended`, samples may still come into the last, whose end is kept as it is."""
        if not len(s):
            return EMPTY_LINE
        first_ns, last_ns = self._first_ns[s], self._last_ns[s]
        first, last, low, high = self._first_v[s], self._last_v[s], self._low[s], self._high[s]
        middle = first_ns + (last_ns - first_ns) // 2
        rising = last >= first
        t = np.stack([first_ns, middle, middle, last_ns], axis=1)
        v = np.stack([first, np.where(rising, low, high), np.where(rising, high, low), last], axis=1)
        keep = np.ones(t.shape, bool)
        keep[:, 1] = np.where(rising, (low < first), (high > first))
        keep[:, 2] = np.where(rising, (high > last), (low < last))
        keep[:, 3] = (last_ns > first_ns) | (last != first)
        # where both extremes lie between the ends they say it all at a column's width; the last column keeps its end
        dense = np.asarray(keep.all(axis=1), bool)
        dense[-1] &= ended
        keep[dense, 0] = False
        keep[dense, 3] = False
        if flat > 0:
            level = high - low <= flat
            level[-1] &= ended
            t[level, 0], v[level, 0] = middle[level], (low[level] + high[level]) / 2
            keep[level, 0], keep[level, 1:] = True, False
        breaks = np.zeros(len(s), bool)
        if gap_ns > 0:
            breaks[1:] = first_ns[1:] - last_ns[:-1] > gap_ns
        breaks[0] = True
        per_column = keep.sum(axis=1)
        begin = np.cumsum(per_column) - per_column
        return Line(t_ns=t[keep], v=v[keep], starts=begin[breaks].astype(np.int64))


def decimated(t_ns: I64, v: F64, start_ns: int, end_ns: int, columns: int, gap_ns: int) -> Line:
    """The polyline of finite samples (any order) in [start_ns, end_ns) over `columns` columns, in one go."""
    if end_ns <= start_ns or columns < 1:
        return EMPTY_LINE
    width = max(1, -(-(end_ns - start_ns) // columns))
    box = MinMaxColumns(columns + 1, width)
    inside = (t_ns >= start_ns) & (t_ns < end_ns)
    box.append(t_ns[inside], v[inside])
    return box.line(start_ns, end_ns, gap_ns)


def pieces(line: Line) -> Iterator[tuple[int, int]]:
    """(first index, index past the last) of each piece of a line."""
    ends = [*line.starts[1:].tolist(), len(line)]
    for begin, end in zip(line.starts.tolist(), ends, strict=False):
        yield int(begin), int(end)


def not_ahead(samples: Columns, now_ns: int) -> Columns:
    """Without what a wrong clock dates after `now_ns` (0: unknown): nothing is plotted in the future."""
    if not now_ns:
        return samples
    ahead = ((samples.q & Quality.CLOCK) != 0) & (samples.t_ns > now_ns)
    if not ahead.any():
        return samples
    return Columns(t_ns=samples.t_ns[~ahead], v=samples.v[~ahead], q=samples.q[~ahead])


def broken(line: Line, gaps: Sequence[tuple[int, int]]) -> Line:
    """The same curve, broken too where a known gap [from_ns, to_ns] lies between two of its points."""
    if not gaps or len(line) < 2:
        return line
    ends = np.array([end for _, end in gaps], np.int64)
    # a gap within whose time there are points has been filled, or is narrower than a column
    after = np.searchsorted(line.t_ns, ends, side="right")
    before = np.searchsorted(line.t_ns, np.array([start for start, _ in gaps], np.int64), side="left") - 1
    cut = after[(after == before + 1) & (before >= 0) & (after < len(line))]
    return Line(t_ns=line.t_ns, v=line.v, starts=np.union1d(line.starts, cut).astype(np.int64))


def holes(line: Line, least_ns: int, gaps: Sequence[tuple[int, int]] = ()) -> list[tuple[int, int]]:
    """[from_ns, to_ns] where nothing is known between two pieces of a curve, if it is longer than `least_ns`.

    One in which a known gap lies counts however short it is.
    """
    found = []
    for i in line.starts[1:].tolist():
        start, end = int(line.t_ns[i - 1]), int(line.t_ns[i])
        if end - start > least_ns or any(start <= a and b <= end for a, b in gaps):
            found.append((start, end))
    return found


def side_of(line: Line, border: float, *, high: bool, margin: float) -> Line:
    """The pieces of a line that reach the high (low) side of a border, or come within `margin` of it.

    Each with its next point on either end, so that what is drawn of it beyond the border is as in the whole line.
    """
    near = line.v >= border - margin if high else line.v <= border + margin
    if near.all():
        return line
    fresh = np.zeros(len(line), bool)
    fresh[line.starts] = True
    keep = near.copy()
    keep[1:] |= near[:-1] & ~fresh[1:]
    keep[:-1] |= near[1:] & ~fresh[1:]
    fresh[1:] |= ~keep[:-1]
    starts = (np.cumsum(keep) - 1)[fresh & keep]
    return Line(t_ns=line.t_ns[keep], v=line.v[keep], starts=starts.astype(np.int64))


def beyond(line: Line, low: float, high: float) -> tuple[Line, I64, F64]:
    """The parts of a line with low ≤ v ≤ high, cut at the crossings, and where it came in (times, values).

    Entries count where the line crosses a border inside a piece, or where a piece begins inside the band.
    Infinite borders are no borders.
    """
    t_parts: list[I64] = []
    v_parts: list[F64] = []
    entries_t: list[int] = []
    entries_v: list[float] = []
    for begin, end in pieces(line):
        t, v = _with_crossings(line.t_ns[begin:end], line.v[begin:end], low, high)
        inside = (v >= low) & (v <= high)
        joint = inside[:-1] & inside[1:]
        _collect(t, v, inside, joint, (t_parts, v_parts), (entries_t, entries_v))
    lengths = [len(part) for part in t_parts]
    starts = np.r_[0, np.cumsum(lengths)[:-1]].astype(np.int64) if lengths else np.empty(0, np.int64)
    cut = Line(
        t_ns=np.concatenate(t_parts) if t_parts else np.empty(0, np.int64),
        v=np.concatenate(v_parts) if v_parts else np.empty(0),
        starts=starts,
    )
    return cut, np.array(entries_t, np.int64), np.array(entries_v, np.float64)


def _with_crossings(t: I64, v: F64, low: float, high: float) -> tuple[I64, F64]:
    """The same polyline with a point wherever it crosses a border."""
    at, when, what, shares = [], [], [], []
    for border in (low, high):
        if not np.isfinite(border):
            continue
        side = np.sign(v - border)
        crosses = np.flatnonzero(side[:-1] * side[1:] < 0)
        with np.errstate(over="ignore"):
            share = (border - v[crosses]) / (v[crosses + 1] - v[crosses])
        at.append(crosses + 1)
        when.append(t[crosses] + ((t[crosses + 1] - t[crosses]) * share).astype(np.int64))
        what.append(np.full(len(crosses), border))
        shares.append(share)
    if not at:
        return t, v
    t_new, v_new, where = np.concatenate(when), np.concatenate(what), np.concatenate(at)
    order = np.lexsort((np.concatenate(shares), where))
    return np.insert(t, where[order], t_new[order]), np.insert(v, where[order], v_new[order])


def _collect(
    t: I64,
    v: F64,
    inside: npt.NDArray[np.bool_],
    joint: npt.NDArray[np.bool_],
    parts: tuple[list[I64], list[F64]],
    entries: tuple[list[int], list[float]],
) -> None:
    """Runs of points inside whose neighbours are joined."""
    index = np.flatnonzero(inside)
    if not len(index):
        return
    for run in np.split(index, np.flatnonzero(~joint[index[:-1]]) + 1 if len(index) > 1 else []):
        if len(run) == 1 and len(t) > 1:
            continue  # only touches the border
        parts[0].append(t[run])
        parts[1].append(v[run])
        entries[0].append(int(t[run[0]]))
        entries[1].append(float(v[run[0]]))
