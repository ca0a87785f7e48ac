"""Buckets as a chart needs them: when, between what and what, of how many samples; knows no file and no sensor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import numpy as np

from console.api import F64, I64, U8, Columns, Quality
from console.node.telemetry.pyramid import Buckets, usable


class Extremes(msgspec.Struct, frozen=True, eq=False):
    """Buckets of one sensor, or parts of them.

    Attributes:
        t: i64 (n,), when the bucket begins.
        lo, hi: f64 (n,), of the good samples; NaN where there are none.
        n: i64 (n,), samples, good or not.
        q: u8 (n,), all quality bits that occurred.
    """

    t: I64
    lo: F64
    hi: F64
    n: I64
    q: U8

    def __len__(self) -> int:
        return len(self.t)

    def at(self, rows: np.ndarray | slice) -> Extremes:
        """Some of the rows."""
        return Extremes(self.t[rows], self.lo[rows], self.hi[rows], self.n[rows], self.q[rows])


NONE: Final = Extremes(np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0, np.int64), np.empty(0, np.uint8))


def of_buckets(buckets: Buckets) -> Extremes:
    """One sensor's buckets of the pyramid."""
    return Extremes(buckets.t, buckets.lo, buckets.hi, buckets.count + buckets.bad, buckets.q)


def of_columns(columns: Columns) -> Extremes:
    """Samples of one sensor, each a bucket of its own."""
    v = np.where(usable(columns.v, columns.q), columns.v, np.nan)
    return Extremes(columns.t_ns, v, v, np.ones(len(v), np.int64), columns.q)


def of_rows(rows: Mapping[str, np.ndarray]) -> Extremes:
    """Rows with these columns."""
    return Extremes(rows["t"], rows["lo"], rows["hi"], rows["n"], rows["q"]) if rows else NONE


def slotted(parts: Sequence[Extremes], start_ns: int, step_ns: int) -> Extremes:
    """One row for each `step_ns` from `start_ns` on of which there is something, ascending, its t where it begins."""
    parts = [part for part in parts if len(part)]
    if not parts:
        return NONE
    whole = parts[0] if len(parts) == 1 else Extremes(*map(np.concatenate, zip(*map(_fields, parts), strict=True)))
    slot = (whole.t - start_ns) // step_ns
    if len(slot) > 1 and not bool((slot[1:] >= slot[:-1]).all()):
        order = np.argsort(slot, kind="stable")
        whole, slot = whole.at(order), slot[order]
    starts = np.flatnonzero(np.concatenate(([True], slot[1:] != slot[:-1])))
    t = start_ns + slot[starts] * step_ns
    if len(starts) == len(slot):
        return msgspec.structs.replace(whole, t=t)
    return Extremes(
        t,
        np.fmin.reduceat(whole.lo, starts),
        np.fmax.reduceat(whole.hi, starts),
        np.add.reduceat(whole.n, starts),
        np.bitwise_or.reduceat(whole.q, starts),
    )


def _fields(part: Extremes) -> tuple[np.ndarray, ...]:
    return part.t, part.lo, part.hi, part.n, part.q


def drawn(extremes: Extremes, step_ns: int) -> Columns:
    """Minimum and maximum of each bucket as two samples half a bucket apart, ascending; one where they are the same.

    Where no sample is good it is one NaN, marked bad. `extremes` ascending in t, each `step_ns` long.
    """
    good = ~np.isnan(extremes.lo)
    twice = extremes.hi > extremes.lo  # False for NaN
    rows = np.repeat(np.arange(len(extremes)), 1 + twice)
    second = np.zeros(len(rows), bool)
    second[1:] = rows[1:] == rows[:-1]
    t = extremes.t[rows] + np.where(second, step_ns // 2, 0)
    v = np.where(second, extremes.hi[rows], extremes.lo[rows])
    q = extremes.q & np.uint8(0xFF ^ Quality.BAD)
    q = np.where(good, q, q | np.uint8(Quality.BAD)).astype(np.uint8)
    return Columns(t_ns=t, v=v, q=q[rows])
