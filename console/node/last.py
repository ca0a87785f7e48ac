"""The last sample of each handle, and when it came; knows neither ids nor readers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from console.api import ChannelKind, Columns, Quality
from console.node.rows import Chunk, take
from console.wire.rows import every

KINDS: Final = tuple(ChannelKind)
_SHOWN: Final = (ChannelKind.SCALAR, ChannelKind.STATE, ChannelKind.POSITION)
_EMPTY: Final = np.empty(0, np.int64)


class LastSamples:
    """Arrays by handle.

    Attributes:
        t_ns: 0 where nothing came yet.
        single: which travel as f4; None where none does.
        turn: the flush in which something last came, 0 for never.
    """

    def __init__(self) -> None:
        self.t_ns, self.turn = _EMPTY, _EMPTY
        self._kind = np.zeros(0, np.int8)
        self._single = np.zeros(0, bool)
        self.single: np.ndarray | None = None
        self._order = _EMPTY
        """Time that the next last sample must reach; a claimed time ahead of our clock counts as now."""
        self._v = np.empty(0)
        self._place = np.empty((0, 5))
        """Of positions, all five."""
        self._q = np.empty(0, np.uint8)

    def grow(self, handles: int) -> None:
        """Make room for more handles."""
        more = handles - len(self.t_ns)
        nothing = np.zeros(more, np.int64)
        self.t_ns = np.concatenate([self.t_ns, nothing])
        self.turn = np.concatenate([self.turn, nothing])
        self._order = np.concatenate([self._order, nothing])
        self._kind = np.concatenate([self._kind, np.zeros(more, np.int8)])
        self._single = np.concatenate([self._single, np.zeros(more, bool)])
        self._v = np.concatenate([self._v, np.full(more, np.nan)])
        self._place = np.concatenate([self._place, np.full((more, 5), np.nan)])
        self._q = np.concatenate([self._q, np.zeros(more, np.uint8)])

    def describe(self, handle: int, kind: ChannelKind, *, single: bool) -> None:
        """What a handle says; what it last said as another kind is forgotten."""
        if self._kind[handle] != KINDS.index(kind):
            self.t_ns[handle] = self._order[handle] = 0
            self._v[handle] = self._place[handle] = np.nan
        self._kind[handle], self._single[handle] = KINDS.index(kind), single

    def described(self) -> None:
        """All new handles are described."""
        self.single = self._single if self._single.any() else None

    def forget(self) -> None:
        """Forget every sample, not what handles say."""
        self.t_ns[:] = self._order[:] = self.turn[:] = 0
        self._v[:] = self._place[:] = np.nan
        self._q[:] = 0

    def keep(self, chunk: Chunk, now_ns: int) -> None:
        """Take samples; the same again changes nothing."""
        columns, rows = chunk.columns, chunk.rows
        flagged = np.count_nonzero(columns.q) and np.count_nonzero(columns.q & Quality.CLOCK)
        ahead = chunk.to_ns > now_ns or flagged
        reached = np.minimum(columns.t_ns, now_ns) if ahead else columns.t_ns
        if chunk.single and every(reached >= self._order[rows]):
            self._order[rows] = reached
            self._write(rows, columns)
            return
        ids = columns.ids
        np.maximum.at(self._order, ids, reached)
        # Where a sensor has several of one time, numpy's assignment keeps the last in arrival order.
        fresh = reached == self._order[ids]
        self._write(ids[fresh], take(columns, fresh))

    def _write(self, rows: np.ndarray | slice, columns: Columns) -> None:
        self.t_ns[rows] = columns.t_ns
        self._q[rows] = columns.q
        v = columns.v
        if v.ndim > 1:
            self._place[rows] = v
            v = v[:, 0]
        self._v[rows] = v

    def of(self, rows: np.ndarray) -> Iterable[tuple[ChannelKind, Columns]]:
        """The last samples of some handles, ascending, that have one, a channel kind at a time."""
        rows = rows[self.t_ns[rows] > 0]
        kinds = self._kind[rows]
        for kind in _SHOWN:
            mine = rows[kinds == KINDS.index(kind)]
            v = self._place[mine] if kind is ChannelKind.POSITION else self._v[mine]
            if len(mine):
                yield kind, Columns(t_ns=self.t_ns[mine], v=v, q=self._q[mine], ids=mine.astype(np.uint32))

    def one(self, handle: int) -> tuple[int, float, int]:
        """(t_ns, first value, quality) of a handle's last sample; t_ns 0 for never."""
        return int(self.t_ns[handle]), float(self._v[handle]), int(self._q[handle])
