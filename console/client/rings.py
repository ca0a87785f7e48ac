"""Each sensor's last samples in memory, longer rings for faster sensors; knows neither ids nor the link."""

from __future__ import annotations

from typing import Final

import numpy as np

from console.api import NS, Columns
from console.wire.rows import every, one_each

RING: Final = 1024
"""Samples kept of each sensor: 17 minutes at 1 Hz; what lies behind comes by query."""
LONGER: Final = (4_096, 16_384, 65_536)
"""Samples kept of sensors of which `RING` would be no `SPAN_NS`."""
SPAN_NS: Final = 600 * NS
LONGER_BYTES: Final = 128 << 20
"""For all longer rings together: a hundred sensors at 100 Hz get their ten minutes of it."""
LOOK_EVERY: Final = 1 << 12
"""After so many samples, and some of each sensor, it is looked which rings are too short."""
LANES: Final = 16
_RATE_SPAN_NS: Final = 60 * NS


class Tier:
    """Rings of one length, a power of two.

    Rows lie in blocks of `LANES` sensors, and in a block slot by slot: a sweep over sensors writes to few places in
    memory, and a window of one sensor still reads from near together.
    """

    def __init__(self, width: int, length: int, lanes: int = LANES) -> None:
        self.width, self.length, self._lanes = width, length, lanes
        self._t = np.zeros(0, np.int64)
        self._v = np.zeros(0 if width == 1 else (0, width))
        self._q = np.zeros(0, np.uint8)
        self.count = np.zeros(0, np.int64)
        """Samples that ever came, by row."""
        self._first = np.zeros(0, np.int64)
        """Where each row's slot 0 lies."""

    def grow(self, rows: int) -> None:
        """Make room for `rows` sensors; untouched pages cost no memory."""
        have = len(self.count)
        if rows <= have:
            return
        room = -(-max(rows, 2 * have) // self._lanes) * self._lanes
        block = self.length * self._lanes
        used = np.flatnonzero(self.count.reshape(-1, self._lanes).any(axis=1))
        self._t = _moved(self._t, used, block, room * self.length)
        self._v = _moved(self._v, used, block, room * self.length)
        self._q = _moved(self._q, used, block, room * self.length)
        self.count = np.concatenate([self.count, np.zeros(room - have, np.int64)])
        row = np.arange(room)
        self._first = row // self._lanes * block + row % self._lanes

    def append(self, rows: np.ndarray, columns: Columns) -> None:
        """Append n samples; `rows` i64 (n,) is each sample's sensor, in any order, repeats kept in order."""
        if len(rows) == 0:
            return
        if (single := one_each(rows)) is not None:
            self.append_one_each(single, columns)
            return
        order = np.argsort(rows, kind="stable")
        sorted_rows = rows[order]
        starts = np.flatnonzero(np.r_[True, sorted_rows[1:] != sorted_rows[:-1]])
        counts = np.diff(np.r_[starts, len(sorted_rows)])
        if int(counts.max()) > self.length:
            # More of one sensor than its ring holds: two samples must not race for one slot.
            later = np.repeat(starts + counts, counts) - 1 - np.arange(len(sorted_rows))
            order = order[later < self.length]
            columns = Columns(t_ns=columns.t_ns[order], v=columns.v[order], q=columns.q[order])
            self.append(rows[order], columns)
            return
        within = np.arange(len(sorted_rows)) - np.repeat(starts, counts)
        at = self._first[sorted_rows] + (self.count[sorted_rows] + within) % self.length * self._lanes
        self._t[at] = columns.t_ns[order]
        self._v[at] = columns.v[order]
        self._q[at] = columns.q[order]
        self.count[sorted_rows[starts]] += counts

    def append_one_each(self, rows: np.ndarray | slice, columns: Columns) -> None:
        """Append one sample to each of `rows`, which are distinct: a slice of consecutive ones is fastest."""
        count = self.count[rows]
        slot = int(count[0])
        if isinstance(rows, slice) and every(count == slot):
            self._append_sweep(rows.start, rows.stop, slot & self.length - 1, columns)
        else:
            at = self._first[rows] + (count & self.length - 1) * self._lanes  # a remainder would take longer
            self._t[at] = columns.t_ns
            self._v[at] = columns.v
            self._q[at] = columns.q
        self.count[rows] = count + 1

    def _append_sweep(self, start: int, stop: int, slot: int, columns: Columns) -> None:
        """Rows that all stand at one slot: whole blocks are written as such, what is left at the edges by itself."""
        lanes = self._lanes
        inner, outer = -(-start // lanes) * lanes, stop // lanes * lanes
        if inner >= outer:
            edges = [(start, stop)]
        else:
            edges = [(start, inner), (outer, stop)]
            blocks, cut = slice(inner // lanes, outer // lanes), slice(inner - start, outer - start)
            for ring, column in ((self._t, columns.t_ns), (self._v, columns.v), (self._q, columns.q)):
                shape = ring.shape[1:]
                view = ring.reshape(-1, self.length, lanes, *shape)
                view[blocks, slot] = column[cut].reshape(-1, lanes, *shape)
        for a, b in edges:
            if a < b:
                at = self._first[a:b] + slot * lanes
                self._t[at] = columns.t_ns[a - start : b - start]
                self._v[at] = columns.v[a - start : b - start]
                self._q[at] = columns.q[a - start : b - start]

    def _slots(self, row: int) -> np.ndarray:
        """Where the samples of a row lie, in arrival order."""
        count = int(self.count[row]) if row < len(self.count) else 0
        kept = min(count, self.length)
        if not kept:
            return np.empty(0, np.int64)
        return np.asarray(self._first[row] + np.arange(count - kept, count) % self.length * self._lanes)

    def read(self, row: int, start_ns: int, end_ns: int) -> Columns:
        """The samples of [start_ns, end_ns), ascending in time."""
        slots = self._slots(row)
        t = self._t[slots]
        if len(t) > 1 and not every(t[1:] >= t[:-1]):
            slots = slots[np.argsort(t, kind="stable")]
            t = self._t[slots]
        a, b = np.searchsorted(t, [start_ns, end_ns])
        slots = slots[a:b]
        return Columns(t_ns=t[a:b], v=self._v[slots], q=self._q[slots])

    def all(self, row: int) -> Columns:
        """All samples in arrival order."""
        slots = self._slots(row)
        return Columns(t_ns=self._t[slots], v=self._v[slots], q=self._q[slots])

    def full_spans(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows whose ring is full, and the time from its first to its last slot's sample, ns."""
        rows = np.flatnonzero(self.count >= self.length)
        newest = self._first[rows] + (self.count[rows] - 1) % self.length * self._lanes
        oldest = self._first[rows] + self.count[rows] % self.length * self._lanes
        return rows, np.asarray(self._t[newest] - self._t[oldest])

    def replace(self, row: int, columns: Columns) -> None:
        """Hold these samples of a row instead of what it holds, of more than fit the last."""
        self.count[row] = 0
        keep = slice(-self.length, None)
        part = Columns(t_ns=columns.t_ns[keep], v=columns.v[keep], q=columns.q[keep])
        self.append(np.full(len(part), row, np.int64), part)


class Rings:
    """One ring a sensor of one channel kind; a sensor that is too fast for `RING` samples gets a longer one.

    How long: `SPAN_NS` of its samples, as far as `LONGER_BYTES` go.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self._base = Tier(width, RING)
        self._longer = tuple(Tier(width, length, 1) for length in LONGER)
        self._tier = np.zeros(0, np.int8)
        """0, or 1 + the place in `_longer`, by row."""
        self._place = np.zeros(0, np.int64)
        self._used = [0] * len(LONGER)
        self._any_longer = False
        self._bytes_left = LONGER_BYTES
        self._until_look = LOOK_EVERY
        self._rates: dict[int, tuple[tuple[int, int], float]] = {}
        """By row: (samples that ever came, second) and the rate then; several tiles ask some times a second each."""

    def grow(self, rows: int) -> None:
        """Make room for `rows` sensors."""
        self._base.grow(rows)
        more = len(self._base.count) - len(self._tier)
        if more > 0:
            self._tier = np.concatenate([self._tier, np.zeros(more, np.int8)])
            self._place = np.concatenate([self._place, np.zeros(more, np.int64)])

    def append(self, rows: np.ndarray, columns: Columns) -> None:
        """Append n samples; `rows` i64 (n,) is each sample's sensor, in any order, repeats kept in order."""
        if self._any_longer:
            rows, columns = self._apart(rows, columns)
        self._base.append(rows, columns)
        self._look(len(columns))

    def append_one_each(self, rows: np.ndarray | slice, columns: Columns) -> None:
        """Append one sample to each of `rows`, which are distinct and ascending."""
        if self._any_longer and self._tier[rows].any():
            every_row = np.arange(rows.start, rows.stop) if isinstance(rows, slice) else rows
            self.append(every_row, columns)
            return
        self._base.append_one_each(rows, columns)
        self._look(len(columns))

    def _apart(self, rows: np.ndarray, columns: Columns) -> tuple[np.ndarray, Columns]:
        """Append what belongs to longer rings; returns the rest."""
        tiers = self._tier[rows]
        if not tiers.any():
            return rows, columns
        for number, tier in enumerate(self._longer, 1):
            mine = tiers == number
            if mine.any():
                part = Columns(t_ns=columns.t_ns[mine], v=columns.v[mine], q=columns.q[mine])
                tier.append(self._place[rows[mine]], part)
        rest = tiers == 0
        return rows[rest], Columns(t_ns=columns.t_ns[rest], v=columns.v[rest], q=columns.q[rest])

    def _where(self, row: int) -> tuple[Tier, int]:
        number = int(self._tier[row]) if row < len(self._tier) else 0
        return (self._longer[number - 1], int(self._place[row])) if number else (self._base, row)

    # ------------------------------------------------------------------ longer rings

    def _look(self, samples: int) -> None:
        self._until_look -= samples
        if self._until_look <= 0:
            self._until_look = max(LOOK_EVERY, 32 * len(self._tier))
            self._lengthen()

    def _lengthen(self) -> None:
        rows, spans_ns = self._base.full_spans()
        size = 8 + 8 * self.width + 1
        short = (self._tier[rows] == 0) & (spans_ns < SPAN_NS // 2)
        rows, spans_ns = rows[short], spans_ns[short]
        if len(rows) * LONGER[0] * size > self._bytes_left:
            # Not for all: then for those that are much faster than most, if for any.
            fastest = spans_ns < np.median(spans_ns) / 4
            rows, spans_ns = rows[fastest], spans_ns[fastest]
        if len(rows) == 0 or len(rows) * LONGER[0] * size > self._bytes_left:
            return
        most = self._bytes_left // len(rows) // size
        for row, span_ns in zip(rows.tolist(), spans_ns.tolist(), strict=True):
            self._move(row, min(most, RING * SPAN_NS // max(span_ns, 1)))

    def _move(self, row: int, wanted: int) -> None:
        """Give a row the longest ring that it needs of those that may be had."""
        fitting = [number for number, length in enumerate(LONGER) if length <= max(wanted, 0)]
        nearest = next((number for number, length in enumerate(LONGER) if length >= wanted), None)
        if nearest is not None and LONGER[nearest] * 3 // 4 <= wanted:
            fitting.append(nearest)
        size = 8 + 8 * self.width + 1
        fitting = [number for number in fitting if LONGER[number] * size <= self._bytes_left]
        if not fitting:
            return
        number = max(fitting)
        tier, place = self._longer[number], self._used[number]
        self._used[number] += 1
        self._bytes_left -= LONGER[number] * size
        tier.grow(LONGER_BYTES // (LONGER[number] * size))  # at once: to grow would copy all of it, in one frame
        tier.replace(place, self._base.all(row))
        self._tier[row], self._place[row] = number + 1, place
        self._any_longer = True

    # ------------------------------------------------------------------ reading

    def read(self, row: int, start_ns: int, end_ns: int) -> Columns:
        """The samples of [start_ns, end_ns), ascending in time."""
        tier, place = self._where(row)
        return tier.read(place, start_ns, end_ns)

    def merge(self, row: int, columns: Columns) -> int:
        """Put samples in their places in time, each that is there already left out; returns how many were new.

        The same is what has the same time and, as single precision has it, the same values. Where all do not fit
        the oldest go.
        """
        tier, place = self._where(row)
        had = tier.all(place)
        t, v = np.concatenate([had.t_ns, columns.t_ns]), np.concatenate([had.v, columns.v])
        q = np.concatenate([had.q, columns.q])
        words = _words(v)
        by_key = np.lexsort((*words, t))
        same = (np.diff(t[by_key]) == 0) & (np.diff(words[:, by_key]) == 0).all(axis=0)
        doubled = by_key[1:][same]
        keep = np.ones(len(t), bool)
        keep[doubled[doubled >= len(had)]] = False
        added = int(np.count_nonzero(keep)) - len(had)
        if added:
            order = np.flatnonzero(keep)[np.argsort(t[keep], kind="stable")]
            tier.replace(place, Columns(t_ns=t[order], v=v[order], q=q[order]))
        return added

    def rate(self, row: int, now_ns: int) -> float:
        """Change per second over the last minute's good samples, as of this whole second; NaN with fewer than two."""
        tier, place = self._where(row)
        key = (int(tier.count[place]) if place < len(tier.count) else 0, now_ns // NS)
        kept = self._rates.get(row)
        if kept is None or kept[0] != key:
            kept = self._rates[row] = (key, self._rate(row, now_ns))
        return kept[1]

    def _rate(self, row: int, now_ns: int) -> float:
        recent = self.read(row, now_ns - _RATE_SPAN_NS, now_ns + NS)
        good = np.isfinite(recent.v) if self.width == 1 else np.zeros(0, bool)
        t, v = recent.t_ns[good], recent.v[good]
        if len(t) < 2 or t[-1] == t[0]:
            return float("nan")
        third = max(1, len(t) // 3)
        span_s = float((t[-third:] - t[:third]).sum()) / third / NS
        return float((v[-third:] - v[:third]).sum()) / third / span_s if span_s > 0 else float("nan")

    def clear(self) -> None:
        """Forget all samples; each sensor keeps its ring."""
        for tier in (self._base, *self._longer):
            tier.count[:] = 0
        self._rates.clear()

    def forget(self, row: int) -> None:
        """Forget one sensor's samples."""
        tier, place = self._where(row)
        if place < len(tier.count):
            tier.count[place] = 0
        self._rates.pop(row, None)


def _words(v: np.ndarray) -> np.ndarray:
    """The values of n samples as comparable numbers, i64 (width, n): NaN equals NaN."""
    with np.errstate(over="ignore", invalid="ignore"):
        single = np.ascontiguousarray(np.atleast_2d(v.T), np.float32)
    return single.view(np.int32).astype(np.int64)


def _moved(old: np.ndarray, used: np.ndarray, block: int, size: int) -> np.ndarray:
    """A longer array with the used blocks of `old`: copying the others would turn untouched pages into memory."""
    new = np.zeros((size, *old.shape[1:]), old.dtype)
    shape = (-1, block, *old.shape[1:])
    new.reshape(shape)[used] = old.reshape(shape)[used]
    return new
