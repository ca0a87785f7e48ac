"""The pyramids' youngest part, in memory until it is flushed into the live file; knows no file.

Immutable: the writer replaces it, readers keep the one they saw.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Sized
from typing import Final, TypeVar

import msgspec
import numpy as np

from console.api import Columns
from console.node.telemetry.layout import MINUTE_NS
from console.node.telemetry.pyramid import Buckets, joined, of_samples, together, usable

PARTS_MOST: Final = 24
ROWS_MOST: Final = 2_000_000
"""About 110 MB; a fuller tail is flushed before its hour is over."""
NO_TRACK: Final = Columns(t_ns=np.empty(0, np.int64), v=np.empty((0, 5)), q=np.empty(0, np.uint8))


class Tail(msgspec.Struct, frozen=True, eq=False):
    """1 min buckets of scalar samples (each part ascending by id, t), and the first position of each minute."""

    buckets: tuple[Buckets, ...] = ()
    track: tuple[Columns, ...] = ()

    @property
    def rows(self) -> int:
        """How many it holds."""
        return sum(map(len, self.buckets)) + sum(map(len, self.track))

    def with_samples(self, scalar: Columns | None, position: Columns | None) -> Tail:
        """The tail with more samples in it."""
        buckets, track = self.buckets, self.track
        if scalar is not None and len(scalar):
            buckets = compact((*buckets, of_samples(scalar, MINUTE_NS)), _joined)
        if position is not None and len(position):
            track = compact((*track, firsts(position, MINUTE_NS)), _first_of)
        return Tail(buckets, track)

    def of(self, number: int, start_ns: int, end_ns: int) -> Buckets:
        """One sensor's parts of buckets that begin in [start_ns, end_ns), unordered."""
        found = []
        ids = np.array([number, number + 1], np.uint32)  # as ints they would have all ids copied
        for part in self.buckets:
            first, last = part.id.searchsorted(ids).tolist()
            a, b = part.t[first:last].searchsorted((start_ns, end_ns)).tolist()
            if a < b:
                found.append(part.at(slice(first + a, first + b)))
        return together(found)

    def track_of(self, number: int, start_ns: int, end_ns: int) -> Columns:
        """One sensor's first positions of the minutes of [start_ns, end_ns), unordered."""
        return chained([_of(part, number, start_ns, end_ns) for part in self.track])

    def all_buckets(self) -> Buckets:
        """All buckets, one row each, ascending by (id, t)."""
        return _joined(self.buckets)

    def all_track(self) -> Columns:
        """All first positions, ascending by (id, t)."""
        return _first_of(self.track)


P = TypeVar("P", bound=Sized)


def compact(parts: tuple[P, ...], join: Callable[[Sequence[P]], P]) -> tuple[P, ...]:
    """Fewer parts: the young ones become one, and join the old one once they are half as many."""
    if len(parts) <= PARTS_MOST:
        return parts
    young = join(parts[1:])
    if len(young) * 2 < len(parts[0]):
        return (parts[0], young)
    return (join((parts[0], young)),)


def chained(parts: Sequence[Columns]) -> Columns:
    """Columns one after another."""
    parts = [part for part in parts if len(part)]
    if len(parts) < 2:
        return parts[0] if parts else NO_TRACK
    return Columns(
        t_ns=np.concatenate([part.t_ns for part in parts]),
        v=np.concatenate([part.v for part in parts]),
        q=np.concatenate([part.q for part in parts]),
        ids=np.concatenate([part.ids for part in parts]),
    )


def some(columns: Columns, rows: np.ndarray | slice) -> Columns:
    """Some of the rows."""
    ids = columns.ids[rows] if len(columns.ids) else columns.ids
    return Columns(t_ns=columns.t_ns[rows], v=columns.v[rows], q=columns.q[rows], ids=ids)


def _of(columns: Columns, number: int, start_ns: int, end_ns: int) -> Columns:
    return some(columns, (columns.ids == number) & (columns.t_ns >= start_ns) & (columns.t_ns < end_ns))


def firsts(columns: Columns, step_ns: int) -> Columns:
    """Of each sensor and bucket the first position that is known, else the first; ascending by (id, t)."""
    if len(columns) < 2:
        return columns
    unknown = ~usable(columns.v[:, 0], columns.q)
    slot = columns.t_ns // step_ns
    order = np.lexsort((columns.t_ns, unknown, slot, columns.ids))
    ids, slot = columns.ids[order], slot[order]
    starts = np.concatenate(([True], (ids[1:] != ids[:-1]) | (slot[1:] != slot[:-1])))
    return some(columns, order[starts])


def _joined(parts: Sequence[Buckets]) -> Buckets:
    return joined(together(parts))


def _first_of(parts: Sequence[Columns]) -> Columns:
    return firsts(chained(parts), MINUTE_NS)
