"""Buckets of samples: partial minima, maxima, sums and counts, and what adds up from them; knows no file.

A bucket may be held in several parts (a flush in its middle, a late sample); every part counts different samples, so
parts of one bucket are combined by min, max and sum in any order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from console.api import F64, I64, U8, U32, Columns, Quality


class Buckets(msgspec.Struct, frozen=True, eq=False):
    """Parts of buckets, n rows in any order unless said.

    Attributes:
        id: u32 (n,), sensor numbers.
        t: i64 (n,), when the bucket begins.
        lo, hi, total: f64 (n,), of the good samples; NaN, NaN and 0 where there are none.
        count, bad: i64 (n,), good samples, and those that are bad or not finite.
        q: u8 (n,), all quality bits that occurred.
    """

    id: U32
    t: I64
    lo: F64
    hi: F64
    total: F64
    count: I64
    bad: I64
    q: U8

    def __len__(self) -> int:
        return len(self.t)

    def at(self, rows: np.ndarray | slice) -> Buckets:
        """Some of the rows."""
        return Buckets(*(getattr(self, name)[rows] for name in self.__struct_fields__))


NONE: Final = Buckets(
    np.empty(0, np.uint32),
    np.empty(0, np.int64),
    np.empty(0),
    np.empty(0),
    np.empty(0),
    np.empty(0, np.int64),
    np.empty(0, np.int64),
    np.empty(0, np.uint8),
)


def usable(v: F64, q: U8) -> npt.NDArray[np.bool_]:
    """Which samples count: finite and not marked bad."""
    good: npt.NDArray[np.bool_] = np.isfinite(v) & ((q & np.uint8(Quality.BAD)) == 0)
    return good


def of_samples(columns: Columns, step_ns: int) -> Buckets:
    """One row a sensor and bucket of scalar samples, ascending by (id, t)."""
    good = usable(columns.v, columns.q)
    return joined(
        Buckets(
            columns.ids,
            columns.t_ns - columns.t_ns % step_ns,
            np.where(good, columns.v, np.nan),
            np.where(good, columns.v, np.nan),
            np.where(good, columns.v, 0.0),
            good.astype(np.int64),
            (~good).astype(np.int64),
            columns.q,
        )
    )


def coarser(buckets: Buckets, step_ns: int) -> Buckets:
    """The same samples in longer buckets, ascending by (id, t)."""
    return joined(msgspec.structs.replace(buckets, t=buckets.t - buckets.t % step_ns))


def together(parts: Sequence[Buckets]) -> Buckets:
    """Parts one after another, not combined."""
    parts = [part for part in parts if len(part)]
    if len(parts) < 2:
        return parts[0] if parts else NONE
    return Buckets(*(np.concatenate([getattr(part, name) for part in parts]) for name in NONE.__struct_fields__))


def joined(buckets: Buckets) -> Buckets:
    """The parts of each bucket in one row, ascending by (id, t)."""
    if len(buckets) < 2:
        return buckets
    buckets = buckets.at(np.lexsort((buckets.t, buckets.id)))
    id_, t = buckets.id, buckets.t
    starts = np.flatnonzero(np.concatenate(([True], (id_[1:] != id_[:-1]) | (t[1:] != t[:-1]))))
    return Buckets(
        buckets.id[starts],
        buckets.t[starts],
        np.fmin.reduceat(buckets.lo, starts),
        np.fmax.reduceat(buckets.hi, starts),
        np.add.reduceat(buckets.total, starts),
        np.add.reduceat(buckets.count, starts),
        np.add.reduceat(buckets.bad, starts),
        np.bitwise_or.reduceat(buckets.q, starts),
    )
