"""Each sensor's last samples in arrival order, in memory; knows neither ids nor the link."""

from __future__ import annotations

from typing import Final

import numpy as np

from console.api import NS, Columns
from console.wire.rows import one_each

RING: Final = 1024
"""Samples kept of each sensor: 17 minutes at 1 Hz; what lies behind comes by query."""
LANES: Final = 16
_RATE_SPAN_NS: Final = 60 * NS


class Rings:
    """One ring a sensor of one channel kind: its last `RING` samples in arrival order.

    Rows lie in blocks of `LANES` sensors, and in a block slot by slot: a sweep over sensors writes to few places in
    memory, and a window of one sensor still reads from near together.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self._t = np.zeros(0, np.int64)
        self._v = np.zeros(0 if width == 1 else (0, width))
        self._q = np.zeros(0, np.uint8)
        self._count = np.zeros(0, np.int64)
        self._first = np.zeros(0, np.int64)
        """Where each row's slot 0 lies."""

    def grow(self, rows: int) -> None:
        """Make room for `rows` sensors; untouched pages cost no memory."""
        have = len(self._count)
        if rows <= have:
            return
        room = -(-max(rows, 2 * have) // LANES) * LANES
        block = RING * LANES
        used = np.flatnonzero(self._count.reshape(-1, LANES).any(axis=1))
        self._t = _moved(self._t, used, block, room * RING)
        self._v = _moved(self._v, used, block, room * RING)
        self._q = _moved(self._q, used, block, room * RING)
        self._count = np.concatenate([self._count, np.zeros(room - have, np.int64)])
        row = np.arange(room)
        self._first = row // LANES * block + row % LANES

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
        if int(counts.max()) > RING:
            # More of one sensor than its ring holds: two samples must not race for one slot.
            later = np.repeat(starts + counts, counts) - 1 - np.arange(len(sorted_rows))
            order = order[later < RING]
            columns = Columns(t_ns=columns.t_ns[order], v=columns.v[order], q=columns.q[order])
            self.append(rows[order], columns)
            return
        within = np.arange(len(sorted_rows)) - np.repeat(starts, counts)
        at = self._first[sorted_rows] + (self._count[sorted_rows] + within) % RING * LANES
        self._t[at] = columns.t_ns[order]
        self._v[at] = columns.v[order]
        self._q[at] = columns.q[order]
        self._count[sorted_rows[starts]] += counts

    def append_one_each(self, rows: np.ndarray | slice, columns: Columns) -> None:
        """Append one sample to each of `rows`, which are distinct: a slice of consecutive ones is fastest."""
        count = self._count[rows]
        at = self._first[rows] + (count & RING - 1) * LANES  # RING is a power of two: a remainder would take longer
        self._t[at] = columns.t_ns
        self._v[at] = columns.v
        self._q[at] = columns.q
        self._count[rows] = count + 1

    def read(self, row: int, start_ns: int, end_ns: int) -> Columns:
        """The samples of [start_ns, end_ns), ascending in time."""
        count = int(self._count[row]) if row < len(self._count) else 0
        kept = min(count, RING)
        slots = np.arange(count - kept, count) % RING
        slots = self._first[row] + slots * LANES if kept else slots
        t = self._t[slots]
        if kept > 1 and bool((np.diff(t) < 0).any()):
            slots = slots[np.argsort(t, kind="stable")]
            t = self._t[slots]
        a, b = np.searchsorted(t, [start_ns, end_ns])
        slots = slots[a:b]
        if not kept:
            empty = np.empty(0) if self.width == 1 else np.empty((0, self.width))
            return Columns(t_ns=t, v=empty, q=np.empty(0, np.uint8))
        return Columns(t_ns=t[a:b], v=self._v[slots], q=self._q[slots])

    def rate(self, row: int, now_ns: int) -> float:
        """Change per second over the last minute's good samples; NaN with fewer than two."""
        recent = self.read(row, now_ns - _RATE_SPAN_NS, now_ns + NS)
        good = np.isfinite(recent.v) if self.width == 1 else np.zeros(0, bool)
        t, v = recent.t_ns[good], recent.v[good]
        if len(t) < 2 or t[-1] == t[0]:
            return float("nan")
        third = max(1, len(t) // 3)
        span_s = float(t[-third:].mean() - t[:third].mean()) / NS
        return float(v[-third:].mean() - v[:third].mean()) / span_s if span_s > 0 else float("nan")

    def forget(self, row: int) -> None:
        """Forget one sensor's samples."""
        if row < len(self._count):
            self._count[row] = 0


def _moved(old: np.ndarray, used: np.ndarray, block: int, size: int) -> np.ndarray:
    """A longer array with the used blocks of `old`: copying the others would turn untouched pages into memory."""
    new = np.zeros((size, *old.shape[1:]), old.dtype)
    shape = (-1, block, *old.shape[1:])
    new.reshape(shape)[used] = old.reshape(shape)[used]
    return new
